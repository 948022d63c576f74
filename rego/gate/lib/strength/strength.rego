# METADATA
# description: |
#   Whether an AWS identity is more than one that works on named things: what makes an entrance to it worth a word.
#   Beside administrators these are holders of actions on secrets, keys, roles, identities, policies or machines whose
#   resources are everything, or a whole branch of names.
# schemas:
#   - input: schema.envelope
package gate.lib.strength

import data.gate.lib.conditions

_known := data.gate.knowledge.aws.sensitive

# of: administrator, strong or ordinary.
of(id) := "administrator" if {
	input.access.identities[id].all_access != "none"
} else := "strong" if {
	count(wide(id)) > 0
} else := "ordinary"

# wide: the strong actions that the identity holds on everything or on a branch of names.
wide(id) := {action |
	some action, keys in input.access.identities[id].grants
	_known.actions[action] in _strong
	some key in keys
	_branch(input.access.grants[key])
}

_strong := {"secrets", "keys", "roles", "identities", "control", "policies"}

_branch(grant) if {
	grant.branch
	conditions.unlimited(grant.conditions)
}
