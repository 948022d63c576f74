# METADATA
# description: |
#   Whom each identity becomes over any number of steps, for all identities at once. `graph.reachable` of OPA looks at a node
#   again for each way that leads to it, which in a graph whose ways part and meet again doubles with every step: ten layers
#   of ten roles never end.
#
#   Here identities that meet the same in one step are one node, and so are those in a thicket of ways back and forth. From each
#   node the distance looked at doubles with every round, so that twenty rounds are a million steps.
# schemas:
#   - input: schema.envelope
package gate.lib.closure

import data.gate.lib.becoming
import data.gate.lib.holdings

# behind: identity → `ids`: all that it can become, itself only when a way leads back; `held`: what one of these holds, each
# by the first who holds just that.
behind := {id: _told[_node[_head[id]]] | some id, _ in becoming.steps}

_told := {name: {"ids": gained & ids, "held": {first[0] | some first in (gained - ids)}} |
	ids := object.keys(input.access.identities)
	some name, gained in _reached
}

_met := {id: becoming.met(steps) | some id, steps in becoming.steps}

# Those who meet the same in one step share one node, named by the first of them.
_head := {id: head |
	some met in {met | some met in _met}
	ids := {id | some id, others in _met; others == met}
	head := min(ids)
	some id in ids
}

_links := {head: {_head[id] | some id in _met[head]} | some head in {head | some head in _head}}

# The node of each head: itself, or that of its thicket.
_node := object.union_n([{head: head | some head, _ in _links}, _thicket3, _thicket2, _thicket1])

_nodes := {name: heads |
	some name in {name | some name in _node}
	heads := {head | some head, other in _node; other == name}
}

# Three thickets at most, each around the busiest node that is in none yet.
_thicket1 := _thicket(object.keys(_links)) if _dense

else := {}

_thicket2 := _thicket(object.keys(_links) - object.keys(_thicket1)) if _dense

else := {}

_thicket3 := _thicket((object.keys(_links) - object.keys(_thicket1)) - object.keys(_thicket2)) if _dense

else := {}

_dense if sum([count(links) | some links in _links]) > 10 * count(_links)

# Whom the busiest node gets to within three steps, and who gets to it.
_thicket(heads) := {head: name | some head in thicket} if {
	most := max({count(_links[head]) | some head in heads})
	busiest := {min({head | some head in heads; count(_links[head]) == most})}
	thicket := _onward(_onward(_onward(busiest))) & _back(_back(_back(busiest)))
	name := min(thicket)
}

_onward(heads) := heads | union({_links[head] | some head in heads})

_back(heads) := heads | {head | some head, links in _links; count(links & heads) > 0}

# far: the nodes at exactly the distance looked at; seen: those nearer; gained: whom one becomes so far
_start := {
	"far": {name: far |
		some name, heads in _nodes
		far := {_node[other] | some head in heads; some other in _links[head]} - {name}
		count(far) > 0
	},
	"seen": {name: {name} | some name, _ in _nodes},
	"gained": {name: (ids | {[holdings.same[id]] | some id in ids}) |
		some name, heads in _nodes
		ids := union({_met[head] | some head in heads})
	},
}

_reached := _five(_five(_five(_five(_start)))).gained

_five(state) := _double(_double(_double(_double(_double(state)))))

_double(state) := state if count(state.far) == 0

_double(state) := {
	"far": {name: further |
		some name, others in state.far
		further := union({state.far[other] | some other in others}) - seen[name]
		count(further) > 0
	},
	"seen": object.union(state.seen, seen),
	"gained": object.union(state.gained, {name: union({state.gained[name]} | {state.gained[other] | some other in others}) |
		some name, others in state.far
	}),
} if {
	count(state.far) > 0
	seen := {name: union({state.seen[name]} | {state.seen[other] | some other in others}) | some name, others in state.far}
}
