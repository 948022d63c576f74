# METADATA
# description: |
#   What an escalation path reaches for one identity: hits of {name, severity, confidence, target}. One rule for each way a
#   path finds its target (`target` in knowledge/aws/data.yaml). A target that holds no more than an ordinary identity is
#   nothing: a deployer that may change one named function is doing its work.
# schemas:
#   - input: schema.envelope
package gate.lib.reach

import data.gate.lib.ceilings
import data.gate.lib.paths
import data.gate.lib.targets

_paths := data.gate.knowledge.aws.escalation.paths

# anything: the target's name when nobody can list what the pattern covers.
anything := "any"

# outcomes: identity → what all its paths come to: {best, names, facts}; `best` is the hit that matters most.
outcomes := {id: object.union(all, {"best": _hit(all.order)}) |
	some id, actions in paths.free
	grants := input.access.identities[id].grants
	all := _both(_shared[[_class(id), actions]], _summed(_limited_hits(id, grants) | _trust_hits(id)))
	count(all.names) > 0
}

_nothing := {"order": null, "names": set(), "facts": set()}

_summed(hits) := _nothing if count(hits) == 0

_summed(hits) := {
	"order": min({[_worst[hit.severity], _sure[hit.confidence], _paths[hit.name].steps, hit.name, hit.target] | some hit in hits}),
	"names": {hit.name | some hit in hits},
	"facts": {sprintf("%s -> %s (%s)", [hit.name, hit.target, hit.severity]) | some hit in hits},
} if {
	count(hits) > 0
}

_both(first, others) := first if others.order == null

_both(first, others) := others if {
	others.order != null
	first.order == null
}

_both(first, others) := {
	"order": min({first.order, others.order}),
	"names": (first.names | others.names),
	"facts": (first.facts | others.facts),
} if {
	others.order != null
	first.order != null
}

_severities := ["critical", "high", "medium", "low"]

_confidences := ["proven", "possible", "unverified"]

_worst := {name: rank | some rank, name in _severities}

_sure := {name: rank | some rank, name in _confidences}

# The worst first, then the surest, then the fewest steps.
_hit(order) := {
	"severity": _severities[order[0]],
	"confidence": _confidences[order[1]],
	"name": order[3],
	"target": order[4],
}

_limited_hits(id, grants) := {_held_back(id, hit) | some hit in hits(id, grants, paths.limited[id])}

# hits of some paths that these grants of the identity open.
hits(id, grants, names) := {object.union(outcome, {"name": name}) |
	some name in names
	some key in paths.aimed(name, grants)
	outcome := _capped(name, _outcome(_paths[name].target, targets.width[key], key, {"id": id, "name": name, "grants": grants})[_])
}

# Whoever writes its own policies, or joins a group, stays within its boundary.
_held_back(id, hit) := object.union(hit, ceilings.within[id]) if {
	hit.target != anything
	_paths[hit.name].target in {"self", "group", "policy", "joined"}
} else := hit

# Named in a role's trust policy, an identity of the same account needs no permission of its own.
_trust_hits(id) := {object.union(_proven(severity, target), {"name": "sts-assume-role"}) |
	some target, severity in targets.more(object.filter(targets.worth, object.get(targets.named_in, id, set())), id)
}

# What is reached on everything is the same for all callers who hold the same and are worth the same.
_shared := {at: _summed(union({_anywhere(at[0], name) | some name in paths.opened[at[1]]})) |
	some at in {[_class(id), actions] | some id, actions in paths.free}
}

_class(id) := "powerful" if targets.worth[id]

_class(id) := "ordinary" if not targets.worth[id]

# A set of one hit, or of none.
_anywhere(class, name) := {object.union(_capped(name, outcome), {"name": name}) |
	path := _paths[name]
	outcome := _surest(_on_all(path.target, name, _worth[class]), object.get(_unlisted, path.target, "none"), path)
}

_worth := {"ordinary": targets.worth, "powerful": {id: "critical" | some id, "critical" in targets.worth}}

# A path that needs luck (a consumer that trusts what it reads) is worth a warning at most; one of a service that has ended
# is left in a policy by mistake, and leads nowhere today.
_capped(name, outcome) := object.union(outcome, {"severity": "medium"}) if {
	_paths[name].weak
	outcome.severity in {"critical", "high"}
} else := object.union(outcome, {"severity": "low"}) if {
	_paths[name].ended
} else := outcome

_surest(found, _, _) := _proven("critical", min(critical)) if {
	critical := {id | some id, "critical" in found}
	count(critical) > 0
} else := _proven("high", min(object.keys(found))) if {
	count(found) > 0
}

_surest(found, severity, path) := _possible(object.get(path, "severity", severity)) if {
	count(found) == 0
	severity != "none"
}

# Of the ways without an entry, one on everything says nothing about a target.
_unlisted := {
	"passed": "critical", "user": "critical", "role": "critical", "joined": "critical", "new": "critical", "edited": "critical",
	"workload": "high", "other": "medium",
}

# the worthwhile identities in view that a path reaches on everything
default _on_all(_, _, _) := {}

_on_all("passed", name, candidates) := object.filter(candidates, _runnable(name, object.keys(candidates)))

_on_all("workload", name, candidates) := object.filter(candidates, _runnable(name, object.keys(candidates) & targets.working))

_on_all(way, _, candidates) := object.filter(candidates, _of_kind(_kinds[way], object.keys(candidates)))

_on_all("trusting", _, candidates) := object.filter(candidates, targets.open_to_account)

_on_all("secret", _, candidates) := object.filter(candidates, {id | some ids in targets.stored; some id in ids})

_kinds := {"user": "user", "role": "role", "joined": "group"}

default _outcome(_, _, _, _) := set()

# A role that a service runs with the caller's code; a user whose credentials the caller makes, a role whose trust it
# changes, a group it joins; a role that lets the caller in; what already runs as somebody; whose credentials are stored.
_outcome(way, width, key, call) := {_proven(severity, target) |
	some target, severity in targets.more(_worthwhile[[call.name, input.access.grants[key].targets]], call.id)
} | _unseen(way, width, key) if {
	width != "everything"
	way in takers
}

_outcome(way, "everything", _, call) := _anywhere(_class(call.id), call.name) if {
	not way in {"self", "group", "policy"}
}

# takers: the ways that make another identity the caller's.
takers := {"passed", "user", "role", "joined", "trusting", "workload", "secret"}

# taken: [path, set of targets] → the identities, worth it or not, that the path makes the caller's on those targets.
taken := {[name, set]: ids |
	some [name, set] in _looked_at
	ids := _taken(_paths[name].target, name, {id | some id in input.access.targets[set]})
	count(ids) > 0
}

_worthwhile := {at: object.filter(targets.worth, ids) | some at, ids in taken}

_looked_at contains [name, set] if {
	some [grants, names] in _searched
	some name in names
	_paths[name].target in takers
	some key in paths.aimed(name, grants)
	set := input.access.grants[key].targets
	is_string(set)
}

_searched := {[input.access.identities[id].grants, names] | some id, names in paths.limited} | {[input.access.identities[id].ceiling.grants, names] |
	some id, names in ceilings.names
}

_taken("passed", name, ids) := _runnable(name, ids)

_taken("workload", _, addresses) := {id | some address in addresses; some id in targets.runs_as(address)}

_taken("trusting", _, ids) := ids & targets.open_to_account

_taken("secret", _, addresses) := {id | some address in addresses; some id in targets.stored[address]}

_taken(way, _, ids) := _of_kind(_kinds[way], ids)

# The caller itself, when the resources cover it; with all of them, anybody's rights can be written.
_outcome("self", "everything", _, call) := {_proven("critical", call.id)} if _fits(call)

_outcome("self", "everything", _, call) := {_possible("critical")} if not _fits(call)

_outcome("self", width, key, call) := {_proven("critical", call.id)} if {
	width != "everything"
	_reaches_itself(key, call.id)
	_fits(call)
}

_outcome("group", width, key, call) := _mine(width, key, object.get(_memberships, call.id, set()))

# A policy from which the caller itself has rights.
_outcome("policy", width, key, call) := _mine(width, key, _own_policies(call.id))

_mine("everything", _, own) := {_possible("critical")} if count(own) == 0

_mine("everything", _, own) := {_proven("critical", target) | some target in own} if count(own) > 0

_mine(width, key, own) := {_proven("critical", target) | some target in targets.of(key); target in own} if width != "everything"

# Identities that the caller makes, or rewrites and then becomes.
_outcome("new", "pattern", _, _) := {_possible("high")}

_outcome("edited", width, key, call) := {_proven("high", target) |
	some target in targets.of(key)
	target != call.id
	input.access.identities[target]
	every action in _paths[call.name].all_of {
		some other in paths.usable(call.name, call.grants, action)
		_covers(other, target)
	}
} if {
	width != "everything"
}

# Roles known to be strong by their names, wherever they stand.
_outcome("conventional", width, key, call) := {{"severity": _paths[call.name].severity, "confidence": "unverified", "target": resource} |
	some resource in input.access.grants[key].resources
	some name in _paths[call.name].names
	glob.match(name, null, resource)
} if {
	width != "everything"
}

_proven(severity, target) := {"severity": severity, "confidence": "proven", "target": target}

_possible(severity) := {"severity": severity, "confidence": "possible", "target": anything}

_runnable(name, candidates) := candidates & _run_by(name)

_run_by(name) := targets.unshown | union({targets.runs_for[service] | some service in _paths[name].services})

_of_kind(kind, candidates) := {target | some target in candidates; input.access.identities[target].kind == kind}

# Targets that nobody can see: names that fit a pattern of which nothing is in view, or one name from outside.
default _unseen(_, _, _) := set()

_unseen(way, "pattern", key) := {_possible(_of_pattern[count(targets.of(key)) > 0])} if _blind[way]

_of_pattern := {true: "medium", false: "high"}

_unseen(way, "named", key) := {{"severity": "medium", "confidence": "unverified", "target": resource} |
	count([target | some target in targets.of(key); targets.in_view(target)]) == 0
	some resource in input.access.grants[key].resources
	not contains(resource, "${")
} if {
	_blind[way]
}

# For `sts:AssumeRole` only roles in view count, and compute is nobody's before its role is seen.
_blind := {"passed": true, "user": true, "role": true, "joined": true}

_fits(call) if contains(call.name, sprintf("-%s-", [input.access.identities[call.id].kind]))

_fits(call) if call.name == "iam-create-policy-and-attach"

_reaches_itself(key, id) if id in targets.of(key)

_reaches_itself(key, id) if {
	input.access.grants[key].own
	input.access.identities[id].kind == "user"
}

_memberships := {member: groups |
	some [member, _] in _members
	groups := {pair[1] | some pair in _members; pair[0] == member}
}

_members := {[member, group] |
	some group, identity in input.access.identities
	identity.kind == "group"
	some member in identity.members
}

_own_policies(id) := {address |
	some keys in input.access.identities[id].grants
	some key in keys
	address := input.access.grants[key].source.address
	contains(address, "aws_iam_policy.")
}

_covers(key, _) if targets.width[key] == "everything"

_covers(key, target) if target in targets.of(key)
