# METADATA
# description: |
#   What RBAC rights add up to: the ways (`escalation` in knowledge/kubernetes) that an identity can take, each in one scope,
#   a namespace or "*". Whom a way leads to is judged in lib/accounts.
# schemas:
#   - input: schema.envelope
package gate.lib.rights

import data.gate.lib
import data.gate.lib.kubernetes
import data.gate.lib.limits
import data.gate.lib.targets

_knowledge := data.gate.knowledge.kubernetes

# ways that resourceNames do not limit, or to names that are worth as much, worst first.
#   path: of the knowledge; keys: of the grants used; actions: used of them; limited: by resourceNames
ways(id) := [item[3] |
	some item in sort([[0 - rank(way.severity), way.path.id, way.scope, way] | some way in _uncovered(_all(id))])
]

# limited: ways to become another that resourceNames limit to some, who may be harmless: without severity.
limited(id) := [way |
	some path in _paths(id)
	path.becomes
	some scope in (_scopes(id, path) | {"*"})
	held := _held(id, path, scope)
	keys := {key | some key in held[0]; limits.of(id, path, key) == "named"}
	way := object.union(_way(id, path, scope, keys, held), {"limited": true})
]

rank(severity) := place if {
	some place, name in lib.severities
	name == severity
}

# administrators: who can make itself one: it binds or writes any role, or becomes whomever it likes.
administrators contains id if {
	some id, identity in input.access.identities
	identity.platform == "kubernetes"
	some way in ways(id)
	way.path.administrator
	way.scope == "*"
	way.severity == "critical"
}

# Arrays, here and below: to put a way into a set costs more than to find it.
_all(id) := [way |
	some path in _paths(id)
	not _node_restricted(id, path)
	some way in _taken(id, path)
]

_node_restricted(id, path) if {
	path.node_restricted
	regex.match(`^k8s:(Group//system:nodes$|User//system:node:)`, id)
}

# A wider way of the same scope says it all. What hands on one's own rights matters where these matter.
_uncovered(found) := [way |
	told := {[way.path.id, way.scope] | some way in found}
	own := [way | some way in found; not way.path.hands_on]
	some way in found
	not _covered(way, told)
	not _idle(way, own)
]

_idle(way, []) if way.path.hands_on

_covered(way, told) if {
	some wider in way.path.covered_by
	some scope in ["*", way.scope]
	told[[wider, scope]]
}

# Those of which it has the first right.
_paths(id) := [_knowledge.escalation[place] |
	some place in {place |
		some action, _ in input.access.identities[id].grants
		some place in data.gate.knowledge.indexed.starts[action]
	}
]

# No namespace of a path that is open everywhere.
_taken(id, path) := everywhere if {
	everywhere := _in_scope(id, path, "*")
	count(everywhere) > 0
} else := [way |
	some scope in _scopes(id, path)
	some way in _in_scope(id, path, scope)
]

_scopes(id, path) := {scope |
	some need in path.needs
	some action in need
	some key in input.access.identities[id].grants[action]
	scope := _reach[key]
	scope != "*"
}

# One way, or none.
_in_scope(id, path, scope) := [way |
	_place_allowed(path, scope)
	_present(id, path, scope)
	held := _held(id, path, scope)
	weights := {key: weight | some key in held[0]; weight := limits.weight(path, scope, limits.of(id, path, key))}
	way := object.union(_way(id, path, scope, object.keys(weights), held), {
		"severity": lib.worst({weight | some weight in weights}),
		"limited": _all_named(object.keys(weights)),
	})
]

_all_named(keys) if {
	count(keys & limits.named) == count(keys)
} else := false

_way(id, path, scope, first, held) := {
	"path": path,
	"scope": scope,
	"keys": keys,
	"actions": {action |
		some need in path.needs
		some action in need
		some key in input.access.identities[id].grants[action]
		key in keys
	},
} if {
	count(first) > 0
	keys := first | union({keys | some keys in array.slice(held, 1, count(held))})
	count(kubernetes.own(input.access.identities[id], sort(keys))) > 0
}

_place_allowed(_, "*")

_place_allowed(path, scope) if {
	scope != "*"
	not path.only_namespaces
}

_place_allowed(path, scope) if scope in path.only_namespaces

# What a path wants in view beside the rights.
_present(_, path, scope) if {
	not path.where
	scope
}

_present(_, path, "*") if path.where

_present(_, path, scope) if {
	path.where == "cloud_trust"
	some edges in input.access.trust
	some edge in edges
	some condition in edge.conditions
	endswith(condition.key, ":sub")
	some subject in condition.values
	regex.match(`^system:serviceaccount:.*[*?]`, subject)
	glob.match(split(subject, ":")[2], [], scope)
}

_present(_, path, scope) if {
	path.where == "cloud_accounts"
	some account, _ in targets.named_in
	identity := input.access.identities[account]
	identity.kind == "service_account"
	identity.namespace == scope
}

_present(id, path, scope) if {
	path.where == "configured"
	some account in input.access.namespaces[scope].configured
	account != id
}

_present(_, path, scope) if {
	path.where == "admin_access"
	input.access.namespaces[scope].admin_access
}

# For each need the keys of the grants that meet it in the scope: none is empty.
_held(id, path, scope) := held if {
	held := [_covering(id, path, need, scope) | some need in path.needs]
	every keys in held { count(keys) > 0 }
}

_covering(id, path, need, scope) := {key |
	some key in _reaching(id, need, scope)
	not key in limits.named
} if {
	path.unlimited
} else := {key |
	some key in _reaching(id, need, scope)
	some action in need
	key in input.access.identities[id].grants[action]
	_written(action, input.access.grants[key])
} if {
	path.literal
} else := _reaching(id, need, scope)

_reaching(id, need, scope) := {key |
	some action in need
	some key in input.access.identities[id].grants[action]
	_reach[key] in {"*", scope}
}

# A literal right counts where the verb is written, not where a wildcard covers it.
_written(action, grant) if {
	some written in grant.actions
	split(action, " ")[0] in split(split(written, " ")[0], ",")
}

# A whole table, since each grant is looked at for many paths.
_reach := {key: kubernetes.reach(grant) | some key, grant in input.access.grants; grant.platform == "kubernetes"}
