# METADATA
# description: |
#   Escalation over other identities: who can become somebody that has an escalation path of its own, and by which shortest
#   chain. What a path takes over on one set of targets is one node for all who hold it, and each identity is placed once, at
#   its distance from the goal: a thousand roles that can assume each other are two thousand edges.
# schemas:
#   - input: schema.envelope
package gate.lib.chains

import data.gate.lib.paths
import data.gate.lib.reach
import data.gate.lib.targets

_known := data.gate.knowledge.aws.escalation

# best: identity → the hit of its own that matters most, for those whose hits give more than a warning.
best := {id: outcome.best |
	some id, outcome in reach.outcomes
	outcome.best.severity in {"critical", "high"}
}

# chain: identity → its steps, the last one by a path that leads to more than an ordinary identity.
chain := object.union_n([_chain2, _chain3, _chain4, _chain5, _chain6]) if count(best) > 0

else := {}

_chain1 := {id: [{"from": id, "name": hit.name, "target": hit.target}] | some id, hit in best}

_chain2 := _longer(_step2, _chain1)

_chain3 := _longer(_step3, _chain2)

_chain4 := _longer(_step4, _chain3)

_chain5 := _longer(_step5, _chain4)

_chain6 := _longer(_step6, _chain5)

_longer(steps, chains) := {id: array.concat([{"from": id, "name": step.name, "target": step.target}], chains[step.target]) |
	some id, step in steps
}

_at1 := object.keys(best)

_step2 := _towards(_at1, object.keys(targets.worth) | _at1)

_placed2 := (object.keys(targets.worth) | _at1) | object.keys(_step2)

_step3 := _towards(object.keys(_step2), _placed2)

_placed3 := _placed2 | object.keys(_step3)

_step4 := _towards(object.keys(_step3), _placed3)

_placed4 := _placed3 | object.keys(_step4)

_step5 := _towards(object.keys(_step4), _placed4)

_placed5 := _placed4 | object.keys(_step5)

_step6 := _towards(object.keys(_step5), _placed5)

# the identities, not placed yet, that one step takes to the front
default _towards(_, _) := {}

_towards(front, placed) := {id: _first(open, front) |
	doors := {node | some node, ids in _leads; count(ids & front) > 0} | front
	some id, nodes in _nodes
	not id in placed
	open := nodes & doors
	count(open) > 0
} if {
	count(front) > 0
}

_first(open, front) := {"name": "sts-assume-role", "target": named} if {
	named := min(open)
	is_string(named)
} else := {"name": node[0], "target": min(_leads[node] & front)} if {
	node := min(open)
}

# identity → identities whose trust policies name it, and nodes that stand for what its paths take over
_nodes := {id: (object.get(targets.named_in, id, set()) | _doors(input.access.identities[id].grants, actions, paths.limited[id])) |
	some id, actions in paths.free
}

# on everything, `sts:AssumeRole` is no path to a goal by itself
_doors(grants, actions, limited) := {[name, _set(key)] |
	some name in (limited | ({"sts-assume-role"} & paths.opened[actions]))
	not _known.paths[name].ended
	some key in paths.aimed(name, grants)
	_leads[[name, _set(key)]]
}

_set(key) := "everything" if targets.width[key] == "everything"

_set(key) := input.access.grants[key].targets if targets.width[key] != "everything"

_leads := object.union(reach.taken, {["sts-assume-role", "everything"]: targets.open_to_account})
