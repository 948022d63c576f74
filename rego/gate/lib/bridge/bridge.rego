# METADATA
# description: |
#   From the internet to what an identity reaches, step by step, as a finding's path shows it: the door (an ingress, a
#   route, a service), the workload behind it, its service account, and the identities that this one becomes on the way.
# schemas:
#   - input: schema.envelope
package gate.lib.bridge

# entrance: the steps by which the internet gets to an identity, through a door where one is in view; none if it does
# not.
entrance(id) := _steps(first, id) if {
	first := min(_entrances[id])
} else := []

_steps([door, workload], id) := [
	{"from": door, "via": "traffic from the internet", "actions": [], "to": workload},
	{"from": workload, "via": "runs as", "actions": [], "to": id},
] if {
	door != workload
} else := [{"from": workload, "via": "runs as", "actions": [], "to": id}]

# All at once: looked up one by one, each key would go through every workload or edge again.
_entrances := {id: doors | some id, doors in _open}

_open[id] contains [door, name] if {
	some name, workload in input.access.workloads
	workload.exposure == "internet"
	some door in _doors(workload, name)
	some id in workload.runs_as
}

_doors(workload, _) := workload.doors if count(workload.doors) > 0

_doors(workload, name) := [name] if count(workload.doors) == 0

# way: the steps of the model from one identity to another, as a path shows them.
way(steps) := [_shown(one) | some one in steps]

# By which trust policy or association, where one names it; else by which technique.
_shown(one) := {"from": one.from, "via": entered[0], "actions": entered[1], "to": one.to} if {
	entered := min(_entered[one.to][one.from])
} else := {"from": one.from, "via": one.technique, "actions": [], "to": one.to}

_entered := {target: entered |
	some target, edges in input.access.trust
	entered := {id: _letting_in(id, edges) | some id in ({edge.principal.identity | some edge in edges} - {null})}
}

_letting_in(id, edges) := {[edge.source.address, edge.actions] |
	some edge in edges
	edge.principal.identity == id
	not edge.negated
}

# accounts: cloud identity → the service accounts of the change that are meant to be it.
accounts := {id: found | some id, found in _meant}

_meant[id] contains edge.principal.identity if {
	some id, edges in input.access.trust
	some edge in edges
	edge.meant
	not input.access.identities[edge.principal.identity].external
}

# reached: how the internet gets there, as a message says it.
reached([]) := ""

reached(steps) := sprintf(", and the internet reaches it through %s", [doors]) if {
	count(steps) > 0
	doors := concat(" and ", [step.from | some step in steps])
}

# through: which doors lead to a workload, as a message says it.
through(doors) := sprintf(", and the internet reaches it through %s", [text]) if {
	text := concat(" and ", sort(doors))
	text != ""
} else := ", and the internet reaches it"
