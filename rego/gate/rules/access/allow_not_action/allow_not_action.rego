# METADATA
# title: Allow statement with NotAction
# description: |
#   An Allow statement with NotAction allows every action except those it names, including actions that AWS adds
#   later. A reviewer cannot tell from the statement what was granted. It is a warning if the statement is limited to
#   named resources or by narrowing conditions.
# custom:
#   id: allow-not-action
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"]
#   remediation: >-
#     Replace NotAction with Action and list the actions that the identity needs. To forbid some of them, add a Deny
#     statement.
# schemas:
#   - input: schema.envelope
package gate.rules.access.allow_not_action

import data.gate.lib
import data.gate.lib.conditions

findings contains finding if {
	some origin, keys in _statements
	grants := [grant | some key in sort(keys); grant := input.access.grants[key]]
	holders := {holder | some grant in grants; some holder in _holders(grant)}
	finding := lib.finding(rego.metadata.chain(), {
		"identity": _only(holders),
		"holders": holders,
		"address": origin[0],
		"severity": lib.worst({_severity(grant) | some grant in grants}),
		"message": sprintf("%s can perform every action except %s, through statement %v of %s, which uses NotAction.", [
			lib.listed(holders), lib.listed({action | some action in grants[0].actions}), origin[1], origin[0],
		]),
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grants[0], sprintf("NotAction %s", [concat(", ", grants[0].actions)]))],
		"facts": {fact |
			some grant in grants
			some holder in _holders(grant)
			fact := sprintf("%s: all but %s on %s", [
				holder, concat(", ", sort(grant.actions)), concat(", ", sort(grant.resources)),
			])
		},
	})
}

_statements[origin] contains key if {
	some key, grant in input.access.grants
	grant.platform == "aws"
	grant.form == "NotAction"
	count(_holders(grant)) > 0
	origin := [grant.source.address, grant.source.statement]
}

_holders(grant) := {holder |
	some holder in grant.holders
	lib.acts(input.access.identities[holder])
	not lib.administrator(holder)
	not _bounded(input.access.identities[holder])
}

# A permissions boundary that leaves only so many actions takes away what NotAction gives.
_bounded(identity) if {
	identity.boundary != null
	identity.actions < data.gate.knowledge.aws.not_action.many
}

_only(holders) := holder if {
	count(holders) == 1
	some holder in holders
} else := null

default _severity(_) := "medium"

_severity(grant) := "high" if {
	grant.everything
	conditions.unlimited(grant.conditions)
}
