# METADATA
# title: RBAC that escalates
# description: |
#   With these rights an identity obtains access it was not given: it writes roles or bindings past the API server's
#   escalation check, impersonates, reads secrets or requests tokens, runs pods as another account, or controls nodes or
#   admission webhooks. The paths are data (knowledge/kubernetes): each needs all of its rights in one scope, and
#   resourceNames that limit a right to harmless objects take the path away. In one namespace most paths are a warning.
# custom:
#   id: rbac-escalation
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.8"]
#   remediation: Remove the right, limit it with resourceNames, or give it in one namespace with a Role.
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.rbac_escalation

import data.gate.lib
import data.gate.lib.kubernetes

_knowledge := data.gate.knowledge.kubernetes

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "kubernetes"
	ways := _ways(id, identity)
	count(ways) > 0
	shown := array.slice(ways, 0, 3)
	keys := _keys(ways)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": input.access.grants[keys[0]].source.address,
		"severity": kubernetes.severity(identity, ways[0].severity),
		"confidence": kubernetes.confidence(identity),
		"message": sprintf("%s can %s%s, through %s.", [
			kubernetes.who(id, identity), _gains(shown), _more(count(ways) - count(shown)),
			kubernetes.through([input.access.grants[key] | some key in keys]),
		]),
		"remediation": concat("; ", _distinct([sprintf("%s: %s", [way.path.id, way.path.fix]) | some way in shown])),
		"location": input.access.grants[keys[0]].source.location,
		"evidence": [lib.evidence(input.access.grants[key], _used(identity, ways, key)) | some key in keys],
		"path": [step |
			some way in ways
			step := {"from": id, "via": way.path.id, "actions": sort(way.actions), "to": _place(way.scope)}
		],
		"facts": {fact |
			some way in ways
			some key in way.keys
			fact := sprintf("%s in %s through %s", [way.path.id, _place(way.scope), input.access.grants[key].source.address])
		},
	})
}

# First actions of paths, to look at no path whose first right the identity lacks.
_starts[action] contains path.id if {
	some path in _knowledge.escalation
	some action in path.needs[0]
}

_paths[path.id] := path if some path in _knowledge.escalation

# The paths an identity can take, worst first: one entry a path and scope, no namespace of a path that is open everywhere.
_ways(id, identity) := [item[3] |
	some item in sort([[0 - _rank(way.severity), way.path.id, way.scope, way] |
		some name in {name | some action, _ in identity.grants; some name in _starts[action]}
		some way in _taken(id, identity, _paths[name])
	])
]

_rank(severity) := rank if {
	some rank, name in lib.severities
	name == severity
}

_taken(id, identity, path) := everywhere if {
	everywhere := _in_scope(id, identity, path, "*")
	count(everywhere) > 0
} else := {way |
	some scope in _scopes(identity, path)
	some way in _in_scope(id, identity, path, scope)
}

_scopes(identity, path) := {scope |
	some need in path.needs
	some action in need
	some key in identity.grants[action]
	scope := kubernetes.reach(input.access.grants[key])
	scope != "*"
}

# A set of one way, or of none.
_in_scope(id, identity, path, scope) := {way |
	_place_allowed(path, scope)
	held := [_covering(identity, need, scope) | some need in path.needs]
	every keys in held { count(keys) > 0 }
	weights := {key: weight | some key in held[0]; weight := _weight(path, scope, _limit(id, path, key))}
	count(weights) > 0
	used := object.keys(weights) | union({keys | some keys in array.slice(held, 1, count(held))})
	count(kubernetes.own(identity, sort(used))) > 0
	way := {
		"path": path,
		"scope": scope,
		"severity": lib.worst({weight | some weight in weights}),
		"keys": used,
		"actions": {action | some need in path.needs; some action in need; some key in identity.grants[action]; key in used},
	}
}

_place_allowed(_, "*")

_place_allowed(path, scope) if {
	scope != "*"
	not path.only_namespaces
}

_place_allowed(path, scope) if scope in path.only_namespaces

# Keys of the grants of one of these actions that reach the scope.
_covering(identity, need, scope) := {key |
	some action in need
	some key in identity.grants[action]
	kubernetes.reach(input.access.grants[key]) in {"*", scope}
}

# How resourceNames limit a grant: not at all, to names that are worth everything, or to others.
_limit(id, path, key) := "free" if {
	not kubernetes.named(input.access.grants[key])
} else := "privileged" if {
	_privileged(id, path, input.access.grants[key])
} else := "named"

_privileged(_, path, grant) if {
	some resource in grant.resources
	some name in path.privileged_names
	endswith(resource, sprintf("/%s", [name]))
}

_privileged(id, _, grant) if {
	some target in input.access.targets[grant.targets]
	target != id
	lib.administrator(target)
}

_weight(path, _, "named") := path.severity.named

_weight(path, _, "privileged") := path.severity.privileged

_weight(path, scope, "privileged") := _scope_weight(path, scope) if not path.severity.privileged

_weight(path, scope, "free") := _scope_weight(path, scope)

_scope_weight(path, "*") := path.severity.cluster

_scope_weight(path, scope) := path.severity.system if {
	scope in _knowledge.system_namespaces
} else := path.severity.cluster if {
	scope in _knowledge.system_namespaces
} else := path.severity.namespace if scope != "*"

# The keys of the grants used, those of the worst way first.
_keys(ways) := _distinct([key | some way in ways; some key in sort(way.keys)])

_distinct(items) := [item | some i, item in items; not item in array.slice(items, 0, i)]

_used(identity, ways, key) := concat(", ", sort({action |
	some way in ways
	some action in way.actions
	key in identity.grants[action]
}))

_place("*") := "the whole cluster"

_place(namespace) := sprintf("the namespace %s", [namespace]) if namespace != "*"

# One scope is said once, several with each way.
_gains(ways) := text if {
	count({way.scope | some way in ways}) == 1
	text := sprintf("(in %s) %s", [_place(ways[0].scope), concat("; ", [way.path.gains | some way in ways])])
} else := concat("; ", [sprintf("(in %s) %s", [_place(way.scope), way.path.gains]) | some way in ways])

_more(0) := ""

_more(n) := sprintf("; and %s", [lib.plural(n, "more way")]) if n > 0
