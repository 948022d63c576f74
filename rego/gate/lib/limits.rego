# METADATA
# description: |
#   How resourceNames limit an RBAC right: not at all, to names that are worth everything, or to others; and what the right
#   weighs then.
# schemas:
#   - input: schema.envelope
package gate.lib.limits

import data.gate.lib
import data.gate.lib.kubernetes

# named: the keys of the grants that resourceNames limit. Whole, since each grant is looked at for many paths.
named := {key | some key, grant in input.access.grants; grant.platform == "kubernetes"; kubernetes.named(grant)}

# of a grant, for a path: free, privileged or named.
of(id, path, key) := "free" if {
	not key in named
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

# A role that others may bind is worth what it allows.
_privileged(_, path, grant) if {
	startswith(path.id, "bind-")
	some target in input.access.targets[grant.targets]
	some action in input.access.roles[target]
	_powerful[action]
}

# One's own role that one may write past the escalation check.
_privileged(id, path, grant) if {
	startswith(path.id, "escalate-")
	some target in input.access.targets[grant.targets]
	some held in input.access.grants
	id in held.holders
	held.source.address == target
}

_powerful["*"] := true

_powerful[action] := true if some action, _ in data.gate.knowledge.indexed.powerful

# weight of a path in a scope under a limit: none where least privilege asks for just that.
weight(path, _, "named") := path.severity.named

weight(path, _, "privileged") := path.severity.privileged

weight(path, scope, "privileged") := _scope_weight(path, scope) if not path.severity.privileged

weight(path, scope, "free") := _scope_weight(path, scope)

_scope_weight(path, "*") := path.severity.cluster

_scope_weight(path, scope) := path.severity.system if {
	scope in data.gate.knowledge.kubernetes.system_namespaces
} else := path.severity.cluster if {
	scope in data.gate.knowledge.kubernetes.system_namespaces
} else := path.severity.namespace if scope != "*"
