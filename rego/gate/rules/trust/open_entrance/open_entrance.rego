# METADATA
# title: Open entrance to an identity
# description: |
#   Anybody on the internet, unknown or signed up a minute ago, acts as an identity or drives code that does: guests of
#   a Cognito identity pool, users of a pool that lets everybody sign up, a route of an API or a function URL without
#   authorization. How bad it is depends on the identity: an administrator; one that holds a whole branch of secrets,
#   keys, roles or machines; or an ordinary one, which for guests counts beyond analytics only, for users who sign up
#   beyond what is their own too, and behind an API not at all.
# custom:
#   id: open-entrance
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "OWASP-NHI:NHI6", "NIST-800-53:AC-14"]
#   remediation: >-
#     Ask for authorization at the entrance (an authorizer, AWS_IAM, users that an administrator creates), or let the
#     identity do only what everybody may.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.open_entrance

import data.gate.lib
import data.gate.lib.strength

findings contains finding if {
	some address, workload in input.access.workloads
	some setting in workload.settings
	some id in _behind(setting, workload)
	severity := _severity(setting.name, id)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": setting.source.address,
		"severity": severity,
		"message": sprintf("%s %s through %s, and it %s.", [
			_who[setting.name], _acts(setting.name, id, address), setting.source.address, _can(id),
		]),
		"location": setting.source.location,
		"evidence": [{
			"address": setting.source.address, "statement": null, "location": setting.source.location,
			"action": setting.where, "resource": id,
		}],
		"facts": {sprintf("%s of %s at %s (%s)", [setting.name, address, setting.where, severity])},
	})
}

# The pool says which role is whose; whatever runs behind a route acts as all of its roles.
_behind(setting, _) := {setting.value} if setting.name in {"guests", "self-sign-up"}

_behind(setting, workload) := {id | some id in array.concat(workload.runs_as, workload.service_roles)} if {
	setting.name == "open-route"
}

_signed_up := {"administrator": "critical", "strong": "high", "ordinary": "low"}

_severity("guests", id) := {"administrator": "critical", "strong": "high", "ordinary": "medium"}[strength.of(id)] if {
	count(_beyond_analytics(id)) > 0
}

_severity("self-sign-up", id) := _signed_up[strength.of(id)] if {
	count(_beyond_analytics(id) - {own | some own in input.access.identities[id].own_services}) > 0
}

_severity("open-route", id) := {"administrator": "high", "strong": "medium"}[strength.of(id)]

_beyond_analytics(id) := {"every service"} if {
	input.access.identities[id].all_access == "unconditional"
} else := {"what this change does not show"} if {
	input.access.identities[id].external
} else := {name |
	some name in input.access.identities[id].service_names
	not name in data.gate.knowledge.aws.analytics
}

_who := {
	"guests": "Anybody, without signing in,",
	"self-sign-up": "Anybody who signs up",
	"open-route": "Anybody, without authorization,",
}

_acts("open-route", id, address) := sprintf("drives %s, which acts as %s,", [address, id])

_acts(entrance, id, _) := sprintf("acts as %s", [id]) if entrance in {"guests", "self-sign-up"}

_can(id) := "is an administrator" if {
	strength.of(id) == "administrator"
} else := sprintf("holds %s on all names of a branch", [lib.listed(strength.wide(id))]) if {
	strength.of(id) == "strong"
} else := sprintf("calls %s", [lib.listed(_beyond_analytics(id))])
