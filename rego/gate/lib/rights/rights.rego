# METADATA
# description: |
#   The ways that RBAC rights add up to (`access.graph.ways`), weighed by their scope and by how resourceNames limit
#   them. Whom a way leads to is judged in lib/accounts.
# schemas:
#   - input: schema.envelope
package gate.lib.rights

import data.gate.lib

_paths := {path.id: path | some path in data.gate.knowledge.kubernetes.escalation}

# ways that resourceNames do not limit, or to names that are worth as much, worst first.
#   path: of the knowledge; keys: of the grants used; actions: used of them; limited: by resourceNames; leads: whom it
#   leads to
ways(id) := [item[3] |
	some item in sort([[0 - rank(way.severity), way.path.id, way.scope, way] | some way in _weighed(id)])
]

_weighed(id) := [object.union(_read(way), {"severity": lib.worst(weights)}) |
	some way in input.access.graph.ways[id]
	not way.by_name
	weights := {weight | some limit in way.limits; weight := _weight(_paths[way.path], way.scope, limit)}
]

# limited: ways to become another that resourceNames limit to some, who may be harmless: without severity.
limited(id) := [_read(way) |
	some way in input.access.graph.ways[id]
	way.by_name
]

_read(way) := object.union(way, {
	"path": _paths[way.path],
	"keys": {key | some key in way.keys},
	"actions": {action | some action in way.actions},
})

rank(severity) := place if {
	some place, name in lib.severities
	name == severity
}

# The weight of a path in a scope under a limit: none where least privilege asks for just that.
_weight(path, _, "named") := path.severity.named

_weight(path, _, "privileged") := path.severity.privileged

_weight(path, scope, "privileged") := _scope_weight(path, scope) if not path.severity.privileged

_weight(path, scope, "free") := _scope_weight(path, scope)

_scope_weight(path, "*") := path.severity.cluster

_scope_weight(path, scope) := path.severity.system if {
	scope in data.gate.knowledge.kubernetes.system_namespaces
} else := path.severity.cluster if {
	scope in data.gate.knowledge.kubernetes.system_namespaces
} else := path.severity.namespace if scope != "*"
