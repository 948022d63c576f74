# METADATA
# title: Identity open to unauthenticated or self-registered users
# description: |
#   Anyone on the internet, without signing in or after signing up, can act as an identity or trigger code that does:
#   guests of a Cognito identity pool, users of a pool with open sign-up, or a route of an API or a function URL
#   without authorization. The severity depends on the identity: an administrator; one with access to everything under
#   a common prefix of secrets, keys, roles or machines; or another one, which counts for guests if it reaches more
#   than analytics, for users who sign up if it reaches more than their own data, and behind an API not at all.
# custom:
#   id: open-entrance
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "OWASP-NHI:NHI6", "NIST-800-53:AC-14"]
#   remediation: >-
#     Require authorization (an authorizer, AWS_IAM, users that an administrator creates), or give the identity only
#     permissions that everyone may have.
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
	"guests": "Anyone, without signing in,",
	"self-sign-up": "Anyone who signs up",
	"open-route": "Anyone, without authorization,",
}

_acts("open-route", id, address) := sprintf("can trigger %s, which acts as %s,", [address, id])

_acts(entrance, id, _) := sprintf("can act as %s", [id]) if entrance in {"guests", "self-sign-up"}

_can(id) := "is an administrator" if {
	strength.of(id) == "administrator"
} else := sprintf("has %s on everything under a common prefix", [lib.listed(strength.wide(id))]) if {
	strength.of(id) == "strong"
} else := sprintf("calls %s", [lib.listed(_beyond_analytics(id))])
