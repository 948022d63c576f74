# METADATA
# description: |
#   Whom each identity can become, directly and over others, by reachability in one graph. Its edges: who is named in a trust
#   policy; `sts:AssumeRole` on roles that let in their own account; roles that can be passed to a service that may run as
#   them; credentials, trust policies and code of others (`becoming` in knowledge/aws/data.yaml); service accounts that
#   enter a cloud. An administrator is terminal: it reaches its whole account, so nobody walks on from there.
#
#   What a grant leads to stands once for all who hold the grant, and identities with the same next steps share one walk: a
#   thousand roles that can assume each other are one walk (lib/closure).
# schemas:
#   - input: schema.envelope
package gate.lib.becoming

import data.gate.lib.ceilings
import data.gate.lib.closure
import data.gate.lib.conditions
import data.gate.lib.paths
import data.gate.lib.reach
import data.gate.lib.rights
import data.gate.lib.takeover
import data.gate.lib.targets

_known := data.gate.knowledge.aws

# administrators: every action on everything, or without narrowing conditions an action that makes administrators, or one that
# writes what the identity itself, its group or its policy may do.
administrators := (({id | some id, identity in input.access.identities; identity.all_access == "unconditional"} | rights.administrators) | {id |
	some id, identity in input.access.identities
	identity.platform == "aws"
	some action in _known.escalation.powerful
	some key in identity.grants[action]
	key in _free
}) | (_writers - confined)

# confined: those who can write as much for themselves as their ceiling allows, and no more.
confined := _writers & object.keys(ceilings.within)

# those who write what they, their group or their policy may do, without narrowing conditions
_writers := {id |
	some id, outcome in reach.outcomes
	some name in (outcome.names & paths.personal)
	some fact in outcome.facts
	startswith(fact, sprintf("%s -> ", [name]))
	not startswith(fact, sprintf("%s -> %s (", [name, reach.anything]))
	every action in _known.escalation.paths[name].all_of {
		some key in input.access.identities[id].grants[action]
		count(conditions.limiting(input.access.grants[key].conditions)) == 0
	}
}

# grants on everything whose conditions leave the reach as it is (MFA, an address, a region)
_free contains key if {
	some key, grant in input.access.grants
	grant.everything
	count(conditions.limiting(grant.conditions)) == 0
}

# reach: the identity and all it can become. Those who can become each other share one.
reach(id) := members if {
	members := walk(id)
	id in members
} else := walk(id) | {id}

# walk: all that the identity can become, over any number of steps; itself only when a way leads back.
walk(id) := closure.behind[id].ids if steps[id]

walk(id) := set() if not steps[id]

# held: what all these hold, by the first identity that holds just that.
held(id) := closure.behind[id].held if steps[id]

held(id) := set() if not steps[id]

# next: the other identities that it can become in one step.
next(id) := met(steps[id]) - {id}

next(id) := set() if not steps[id]

# met: the identities that some steps lead to: themselves, or what stands behind them.
met(nodes) := (nodes & _ids) | union({_leads[node] | some node in (nodes - _ids)})

_ids := object.keys(input.access.identities)

# steps: identity → what its next steps lead to, for those who have any: identities, and ways of grants.
steps := {id: ((object.get(targets.named_in, id, set()) | object.get(_ways, id, set())) | object.get(takeover.steps, id, set())) |
	some id in ((((object.keys(targets.named_in) | object.keys(_ways)) | object.keys(takeover.steps)) & _ids) - administrators)
}

_ways := {id: ways |
	some id, identity in input.access.identities
	identity.platform == "aws"
	ways := union({_ways_of(id, grants) | some grants in _has(id, identity)})
	count(ways) > 0
}

_ways_of(id, grants) := {[way, key] |
	some action in (object.keys(grants) & _becoming)
	way := _way(id, action)
	some key in grants[action]
}

_has(id, identity) := [identity.grants] if not id in confined

_has(id, identity) := [identity.grants, identity.ceiling.grants] if id in confined

_way(_, action) := _known.becoming[action] if action != "iam:PassRole"

# A role is passed for nothing where its holder can start no code of its own.
_way(id, "iam:PassRole") := {"passed": services} if {
	services := _starts(id)
	count(services) > 0
}

# services at which an identity can start code as a role that it passes
_starts(id) := _started[_passing[id]] if _passing[id]

_starts(id) := object.keys(targets.runs_for) if not _passing[id]

_passing := {id: (((paths.opened[actions] | paths.limited[id]) | _confined_to(id)) & paths.passing) | some id, actions in paths.free}

_confined_to(id) := ceilings.names[id] if id in confined

_confined_to(id) := set() if not id in confined

_started := {names: {service | some name in names; some service in _known.escalation.paths[name].services} |
	some names in {names | some names in _passing}
}

_becoming := object.keys(_known.becoming)

_leads := object.union(
	{[way, key]: _led(way, key) | some [way, key] in union({ways | some ways in _ways})},
	{place: takeover.led(place) | some place in union({nodes | some nodes in takeover.steps}); is_array(place)},
)

_led(way, key) := _allowed("passed", key, _passable(way.passed, key)) if is_object(way)

_led(way, key) := _allowed(way, key, _candidates[way]) if is_string(way)

_allowed(way, key, candidates) := candidates if {
	input.access.grants[key].everything
} else := candidates & _targets(way, key)

_targets(way, key) := object.get(_run_by, [input.access.grants[key].targets], set()) if startswith(way, "aws_")

_targets(way, key) := object.get(_named_by, [input.access.grants[key].targets], set()) if not startswith(way, "aws_")

# Many grants share a set of targets.
_named_by := {set: {id | some id in ids} | some set, ids in input.access.targets}

_run_by := {set: {id | some target in ids; some id in input.access.workloads[target].runs_as} | some set, ids in input.access.targets}

_candidates := object.union(
	{
		"assumed": {id |
			some id, edges in input.access.trust
			some edge in edges
			edge.principal.kind == "account"
			edge.principal.own_account == true
		},
		"passed": (object.keys(targets.trusting) | _unseen),
		"role": _of_kind.role,
		"user": _of_kind.user,
		"group": _of_kind.group,
	},
	_running,
)

_of_kind := {kind: {id | some id, identity in input.access.identities; identity.platform == "aws"; identity.kind == kind} |
	some kind in ["role", "user", "group"]
}

# kind of workload → the identities that its code acts as
_running := {kind: {id | some workload in input.access.workloads; workload.kind == kind; some id in workload.runs_as} |
	some kind in _known.becoming
	startswith(kind, "aws_")
}

# roles from outside the change: nobody has shown their trust policies
_unseen := {id |
	some id in _of_kind.role
	input.access.identities[id].external
	not id in targets.shown
}

_passable(services, key) := _unseen | union({targets.runs_for[service] | some service in (services & object.get(_passed_to, key, services))})

# grants that pass roles to some services only
_passed_to := {key: services |
	some key, grant in input.access.grants
	some condition in grant.conditions
	lower(condition.key) == "iam:passedtoservice"
	conditions.counts(condition)
	services := {service | some service in condition.values}
	count([service | some service in services; contains(service, "*")]) == 0
}
