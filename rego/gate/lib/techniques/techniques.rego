# METADATA
# description: |
#   The escalation techniques of AWS (knowledge/aws/data.yaml) in the grants of one identity: which actions and
#   statements it uses. Which techniques are open, and whom they reach, stands in the model (`access.graph`).
# schemas:
#   - input: schema.envelope
package gate.lib.techniques

_known := data.gate.knowledge.aws.escalation.paths

# actions of the technique that the grants hold: all that are required, and of alternatives those that are there.
actions(name, grants) := [action | some action in _all_actions(name); grants[action]]

# Looked at by name: most techniques of the knowledge are nobody's.
_all_actions(name) := array.concat(technique.all_of, [a | some group in technique.any_of; some a in group]) if {
	technique := _known[name]
}

# aimed: keys of the grants whose resources say what the technique reaches.
aimed(name, grants) := {key |
	some action in _known[name].aimed
	some key in usable(name, grants, action)
}

# usable: keys of the grants that hold the action and that no condition closes for the technique; all of them where
# conditions on tags close each, and the identity can change the tags.
usable(name, grants, action) := open if {
	open := {key | some key in grants[action]; not _closed(name, key)}
	count(open) > 0
} else := {key | some key in grants[action]}

# By itself: `not … in` of a key that is not there would be undefined, not true.
_closed(name, key) if name in input.access.graph.closed[key]
