# METADATA
# title: Wildcard actions
# description: |
#   A statement allows actions by wildcard, so the identity has more permissions than it uses, and gets every action
#   that AWS adds later. Patterns that only read (Get*, List*, Describe*) are not reported here: other rules judge
#   what they read. On all resources of a service that grants access (iam, sts, kms, …), a wildcard comes close to
#   administrator access.
# custom:
#   id: wildcard-actions
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"]
#   remediation: "Replace the wildcard with the actions that the identity uses."
# schemas:
#   - input: schema.envelope
package gate.rules.access.wildcard_actions

import data.gate.lib

_known := data.gate.knowledge.aws.wildcards

# One finding for each statement as it stands in the source, however many identities hold it.
findings contains finding if {
	some origin, keys in _statements
	grants := [grant | some key in sort(keys); grant := input.access.grants[key]]
	wildcards := {wildcard | some grant in grants; some wildcard in grant.wildcards; not _reads(wildcard)}
	patterns := {wildcard.pattern | some wildcard in wildcards}
	holders := {holder | some grant in grants; some holder in _holders(grant)}
	finding := lib.finding(rego.metadata.chain(), {
		"identity": _only(holders),
		"holders": holders,
		"address": origin[0],
		"severity": lib.worst({_severity(grant, wildcard) | some grant in grants; some wildcard in wildcards}),
		"message": sprintf("%s can perform every action that matches %s, through statement %v of %s.", [
			lib.listed(holders), lib.listed(patterns), origin[1], origin[0],
		]),
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grants[0], pattern) | some pattern in sort(patterns)],
		"facts": {sprintf("%s: %s on %s", [holder, pattern, concat(", ", grant.resources)]) |
			some grant in grants
			some holder in _holders(grant)
			some pattern in patterns
		},
	})
}

_statements[origin] contains key if {
	some key, grant in input.access.grants
	grant.platform == "aws"
	count(grant.wildcards) > 0
	grant.form == "Action"
	count([wildcard | some wildcard in grant.wildcards; not _reads(wildcard)]) > 0
	count(_holders(grant)) > 0
	origin := [grant.source.address, grant.source.statement]
}

_holders(grant) := {holder |
	some holder in grant.holders
	lib.acts(input.access.identities[holder])
	not lib.administrator(holder)
}

# What only reads, by the first word of its actions.
_reads(wildcard) if wildcard.verb in _known.read_prefixes

_only(holders) := holder if {
	count(holders) == 1
	some holder in holders
} else := null

default _severity(_, _) := "low"

_severity(grant, wildcard) := "medium" if {
	wildcard.whole
	not _gives_access(grant, wildcard)
}

_severity(grant, wildcard) := "high" if {
	wildcard.whole
	_gives_access(grant, wildcard)
}

_gives_access(grant, wildcard) if {
	grant.everything
	wildcard.service in _known.critical_services
}
