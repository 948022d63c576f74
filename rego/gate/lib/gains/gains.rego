# METADATA
# description: |
#   How much weighs what an identity gains by its own techniques. Who gains what stands in the model
#   (`access.graph.gains`); here are the severities.
# schemas:
#   - input: schema.envelope
package gate.lib.gains

_paths := data.gate.knowledge.aws.escalation.paths

# anything: the target's name when nobody can list what the technique covers.
anything := "any"

# outcomes: holder → what all its techniques come to: {best, names, targets, facts}; `best` is what matters most.
# Holders are identities, and states that these can be brought to: a chain may end at either.
outcomes := {holder: {
	"best": _gain(min({set.order | some set in sets})),
	"names": union({set.names | some set in sets}),
	"targets": union({set.targets | some set in sets}),
	"facts": union({set.facts | some set in sets}),
} |
	some holder, keys in input.access.graph.gains
	sets := [set | some key in keys; set := _sets[key]]
	count(sets) > 0
}

# Many identities share what they gain on everything.
_sets := {key: {
	"order": min({gain.order | some gain in weighed}),
	"names": {gain.name | some gain in weighed},
	"targets": {gain.order[4] | some gain in weighed},
	"facts": {sprintf("%s -> %s (%s)", [gain.name, gain.order[4], _severities[gain.order[0]]]) | some gain in weighed},
} |
	some key, gains in input.access.graph.gain_sets
	weighed := {{"order": order, "name": gain.technique} |
		some gain in gains
		order := _order(gain)
	}
	count(weighed) > 0
}

# The worst first, then the surest, then the fewest steps; the rest is what the gain is.
_order(gain) := array.concat(_weight(gain), [gain.steps, gain.technique, _target(gain), gain.gains])

_weight(gain) := [_worst[_capped(gain.technique, _severity(gain))], _sure[gain.confidence]] if gain.gains != "ceiling"

_weight(gain) := _of_state(gain.state) if gain.gains == "ceiling"

_target(gain) := gain.target if gain.target != null

_target(gain) := anything if gain.target == null

_gain(order) := {
	"weight": [order[0], order[1]],
	"severity": _severities[order[0]],
	"confidence": _confidences[order[1]],
	"name": order[3],
	"target": order[4],
	"gains": order[5],
}

_severities := ["critical", "high", "medium", "low"]

_confidences := ["proven", "possible", "unverified"]

_worst := {name: rank | some rank, name in _severities}

_sure := {name: rank | some rank, name in _confidences}

_severity(gain) := _by_gain[gain.gains]

_severity(gain) := object.get(path, "severity", _unlisted[path.target]) if {
	gain.gains == "everything"
	path := _paths[gain.technique]
}

_severity(gain) := _paths[gain.technique].severity if gain.gains == "conventional"

_by_gain := {
	"administrator": "critical", "anything": "critical", "conditional": "high",
	"secrets": "medium", "data": "medium", "rights": "medium",
	"pattern": "high", "visible_pattern": "medium", "named": "medium",
}

# What a technique on everything weighs where nobody in view is an administrator. The others (a role that lets
# its account in, a stored secret, a name that is strong by convention) say nothing then.
_unlisted := {
	"passed": "critical", "user": "critical", "role": "critical", "joined": "critical", "new": "critical",
	"edited": "critical", "self": "critical", "group": "critical", "policy": "critical", "workload": "high",
	"other": "medium",
}

# Who writes its own rights, inside a ceiling, gains what the ceiling allows: as bad as the worst escalation that this
# opens.
_of_state(state) := min(_opened_in(state)) if count(_opened_in(state)) > 0

_of_state(state) := [_worst.low, _sure.proven] if count(_opened_in(state)) == 0

_opened_in(state) := {weight |
	some key in input.access.graph.gains[state]
	some gain in input.access.graph.gain_sets[key]
	severity := _capped(gain.technique, _severity(gain))
	severity in {"critical", "high"}
	weight := [_worst[severity], _sure[gain.confidence]]
}

# A technique that needs luck (a consumer that trusts what it reads) is worth a warning at most; one of a service that
# has ended is left in a policy by mistake, and leads nowhere today.
_capped(name, severity) := "medium" if {
	_paths[name].weak
	severity in {"critical", "high"}
} else := "low" if {
	_paths[name].ended
} else := severity
