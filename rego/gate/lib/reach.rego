# METADATA
# description: |
#   What an escalation path reaches for one identity: a set of {severity, confidence, target}. One rule for each way a path
#   finds its target (`target` in knowledge/aws/data.yaml). A target that holds no more than an ordinary identity is nothing:
#   a deployer that may change one named function is doing its work.
# schemas:
#   - input: schema.envelope
package gate.lib.reach

import data.gate.lib.paths
import data.gate.lib.targets

_paths := data.gate.knowledge.aws.escalation.paths

# anything: the target's name when nobody can list what the pattern covers.
anything := "any"

# outcomes of one path for one identity.
outcomes(id, identity, name) := {outcome |
	key := paths.aimed(name, identity.grants)[_]
	outcome := _outcome(_paths[name].target, targets.width[key], key, {"id": id, "identity": identity, "name": name})[_]
}

default _outcome(_, _, _, _) := set()

# A role that a service runs with the caller's code.
_outcome("passed", "everything", _, call) := _known_or(_runnable_beyond(call), "critical")

_outcome("passed", width, key, call) := _runnable(call, _worthwhile(key, call.id)) | _unseen(width, key) if {
	width != "everything"
}

# A user whose credentials the caller makes, a role whose trust it changes, a group it joins.
_outcome(way, "everything", _, call) := _known_or(_of_kind(_kinds[way], targets.beyond(call.id)), "critical")

_outcome(way, width, key, call) := _of_kind(_kinds[way], _worthwhile(key, call.id)) | _unseen(width, key) if {
	width != "everything"
	_kinds[way]
}

_kinds := {"user": "user", "role": "role", "joined": "group"}

# A role that lets the caller in: only those in view count, `sts:AssumeRole` on everything is a finding of its own.
_outcome("trusting", "everything", _, call) := _open_to(call, targets.beyond(call.id))

_outcome("trusting", width, key, call) := _open_to(call, _worthwhile(key, call.id)) if width != "everything"

# The caller itself, when the resources cover it; with all of them, anybody's rights can be written.
_outcome("self", "everything", _, call) := {_proven("critical", call.id)} if _fits(call.name, call.identity.kind)

_outcome("self", "everything", _, call) := {_possible("critical")} if not _fits(call.name, call.identity.kind)

_outcome("self", width, key, call) := {_proven("critical", call.id)} if {
	width != "everything"
	call.id in targets.of(key)
	_fits(call.name, call.identity.kind)
}

_outcome("group", "everything", _, call) := {_possible("critical")} if count(_groups(call.id)) == 0

_outcome("group", "everything", _, call) := {_proven("critical", group) | some group in _groups(call.id)} if {
	count(_groups(call.id)) > 0
}

_outcome("group", width, key, call) := {_proven("critical", group) |
	some group in _groups(call.id)
	group in targets.of(key)
} if {
	width != "everything"
}

# A policy from which the caller itself has rights.
_outcome("policy", "everything", _, call) := {_possible("critical")} if count(_own_policies(call)) == 0

_outcome("policy", "everything", _, call) := {_proven("critical", policy) | some policy in _own_policies(call)} if {
	count(_own_policies(call)) > 0
}

_outcome("policy", width, key, call) := {_proven("critical", policy) |
	some policy in _own_policies(call)
	policy in targets.of(key)
} if {
	width != "everything"
}

# Identities that the caller makes, or rewrites and then becomes.
_outcome("new", "everything", _, _) := {_possible("critical")}

_outcome("new", "pattern", _, _) := {_possible("high")}

_outcome("edited", "everything", _, _) := {_possible("critical")}

_outcome("edited", width, key, call) := {_proven("high", target) |
	some target in targets.of(key)
	target != call.id
	input.access.identities[target]
	every action in {action | some action in _paths[call.name].all_of} {
		some other in paths.usable(call.name, call.identity.grants, action)
		_covers(other, target)
	}
} if {
	width != "everything"
}

# Compute that already runs as somebody.
_outcome("workload", "everything", _, call) := _known_or(_runnable(call, object.filter(targets.beyond(call.id), targets.working)), "high")

_outcome("workload", width, key, call) := {_proven(severity, runner) |
	some runner, severity in targets.more(targets.running(key), call.id)
} if {
	width != "everything"
}

# What is neither an identity nor runs as one: worth a word only when it is everything.
_outcome("other", "everything", _, _) := {_possible("medium")}

_proven(severity, target) := {"severity": severity, "confidence": "proven", "target": target}

_possible(severity) := {"severity": severity, "confidence": "possible", "target": anything}

_known_or(found, _) := found if count(found) > 0

_known_or(found, severity) := {_possible(severity)} if count(found) == 0

_worthwhile(key, caller) := targets.more(targets.worthwhile(key), caller)

# Most callers are not worth escalating to themselves: what they reach on everything is worked out once a path.
_runnable_beyond(call) := _runnable_by_all[call.name] if not targets.worth[call.id]

_runnable_beyond(call) := _runnable(call, targets.beyond(call.id)) if targets.worth[call.id]

_runnable_by_all := {name: _runnable({"name": name}, targets.worth) |
	some name, path in _paths
	path.target == "passed"
}

_runnable(call, candidates) := {_proven(severity, target) |
	some target, severity in candidates
	_may_run(_paths[call.name].services, target)
}

_may_run(services, target) if {
	some service in services
	service in targets.trusting[target]
}

# nobody has shown its trust policy
_may_run(_, target) if {
	input.access.identities[target].external
	not input.access.trust[target]
}

_of_kind(kind, candidates) := {_proven(severity, target) |
	some target, severity in candidates
	input.access.identities[target].kind == kind
}

_open_to(call, candidates) := {_proven(severity, target) |
	some target, severity in candidates
	some edge in input.access.trust[target]
	_admits(edge.principal, call.id)
}

_admits(principal, caller) if principal.identity == caller

_admits(principal, _) if {
	principal.kind == "account"
	principal.own_account == true
}

_admits(principal, _) if principal.kind == "anyone"

# Targets that nobody can see: names that fit a pattern of which nothing is in view, or one name from outside.
_unseen("pattern", key) := {_possible("high")} if count(targets.of(key)) == 0

else := {_possible("medium")}

_unseen("named", key) := {{"severity": "medium", "confidence": "unverified", "target": resource} |
	grant := input.access.grants[key]
	count([target | some target in targets.of(key); targets.in_view(target)]) == 0
	some resource in grant.resources
	not contains(resource, "${")
}

_fits(name, kind) if contains(name, sprintf("-%s-", [kind]))

_fits("iam-create-policy-and-attach", _)

_groups(id) := object.get(_memberships, id, set())

_memberships[member] contains group if {
	some group, identity in input.access.identities
	identity.kind == "group"
	some member in identity.members
}

_own_policies(call) := {address |
	some keys in call.identity.grants
	some key in keys
	address := input.access.grants[key].source.address
	contains(address, "aws_iam_policy.")
}

_covers(key, _) if targets.width[key] == "everything"

_covers(key, target) if target in targets.of(key)
