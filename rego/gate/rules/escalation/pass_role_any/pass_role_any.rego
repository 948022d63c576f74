# METADATA
# title: iam:PassRole on all roles
# description: |
#   The identity can pass any role in the account to a service, so code that it starts can run with the strongest role
#   there is. With iam:PassedToService only roles that trust the named services can be passed: a warning.
# custom:
#   id: pass-role-any
#   severity: high
#   confidence: possible
#   frameworks: ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"]
#   remediation: >-
#     Name the roles that this identity passes in Resource, and require iam:PassedToService with StringEquals
#     (IfExists limits nothing).
# schemas:
#   - input: schema.envelope
package gate.rules.escalation.pass_role_any

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.prescribed

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "aws"
	identity.all_access == "none"
	lib.acts(identity)
	keys := [key | some key in identity.grants["iam:PassRole"]; _open[key]]
	count(keys) > 0
	free := [key | some key in keys; not _open[key].limited]
	chosen := _first(free, keys)
	grant := input.access.grants[chosen]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": grant.source.address,
		"severity": _severity(id, free),
		"message": sprintf("%s can pass every role in the account to %s, through statement %v of %s.", [
			id, _services(free, keys), grant.source.statement, grant.source.address,
		]),
		"location": grant.source.location,
		"evidence": [lib.evidence(input.access.grants[key], "iam:PassRole") | some key in keys],
		"facts": {sprintf("iam:PassRole on everything %s", [lib.conditions_text(input.access.grants[key])]) |
			some key in keys
		},
	})
}

_open[key] := {"limited": count(services) > 0, "services": services} if {
	some key, grant in input.access.grants
	grant.platform == "aws"
	grant.width == "everything"
	services := {service |
		some condition in conditions.restricting(grant.conditions, ["iam:passedtoservice"])
		some service in condition.values
	}
}

_first([], keys) := keys[0]

_first(free, _) := free[0] if count(free) > 0

_severity(_, []) := "medium"

_severity(id, free) := "medium" if prescribed.entirely(id, {key | some key in free})

_severity(id, free) := "high" if {
	count(free) > 0
	not prescribed.entirely(id, {key | some key in free})
}

_services([], keys) := lib.listed({service | some key in keys; some service in _open[key].services})

_services(free, _) := "any service" if count(free) > 0
