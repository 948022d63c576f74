# METADATA
# title: Sensitive actions on all resources
# description: |
#   The identity can read secrets or data, decrypt, delete, run commands or change identities on every resource in the
#   account, and no condition limits it. A pattern that covers all resources of a type counts like a wildcard. Actions
#   that AWS cannot restrict to resources are not counted.
# custom:
#   id: sensitive-actions-all-resources
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"]
#   remediation: "Name the resources in the statement, or limit it with a condition such as aws:ResourceTag."
# schemas:
#   - input: schema.envelope
package gate.rules.access.sensitive_actions_all_resources

import data.gate.lib
import data.gate.lib.conditions

_known := data.gate.knowledge.aws.sensitive

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "aws"
	identity.all_access == "none"
	lib.acts(identity)
	held := {action: key |
		some action in (object.keys(_known.actions) & object.keys(identity.grants))
		key := min([key | some key in identity.grants[action]; _everywhere(action, key); not _usual(action, key)])
	}
	count(held) > 0
	groups := {_known.actions[action] | some action, _ in held}
	severity := lib.worst({_known.groups[group].severity | some group in groups})
	evidence := [lib.evidence(input.access.grants[key], action) | some action, key in held]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": evidence[0].address,
		"severity": lib.lowered(id, severity),
		"message": sprintf("%s can %s, because %s %s allowed on all resources.", [
			id,
			lib.listed({_known.groups[group].does | some group in groups}),
			lib.listed(object.keys(held)),
			_are(count(held)),
		]),
		"location": evidence[0].location,
		"evidence": evidence,
		"facts": object.keys(held),
	})
}

_everywhere(_, key) if _free[key]

# Every resource of the types that the action acts on is everything to it.
_everywhere(action, key) if action in _whole[key]

_free := {key |
	some key, grant in input.access.grants
	grant.everything
	conditions.unlimited(grant.conditions)
}

_whole := {key: grant.whole_for |
	some key, grant in input.access.grants
	count(grant.whole_for) > 0
	conditions.unlimited(grant.conditions)
}

# what AWS gives with a policy of its own to all of a kind
_usual(action, key) if {
	input.access.grants[key].managed in _known.groups[_known.actions[action]].usual
}

_are(1) := "is"

_are(n) := "are" if n > 1
