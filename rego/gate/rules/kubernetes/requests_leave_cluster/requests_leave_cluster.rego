# METADATA
# title: API requests leave the cluster
# description: |
#   An admission or conversion webhook, or an aggregated API, runs outside the cluster, behind a URL or a Service of
#   type ExternalName. Whoever controls that host, or takes over its name, can read the objects it is called for, can
#   change them if it is a mutating webhook, and receives the callers' requests if it is an aggregated API. An
#   aggregated API whose certificate is not verified is a warning.
# custom:
#   id: requests-leave-cluster
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI3", "NIST-800-53:SC-7", "NIST-800-53:AC-4"]
#   remediation: "Run it as a Service in the cluster, and name that in clientConfig.service with its caBundle."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.requests_leave_cluster

import data.gate.lib

findings contains finding if {
	some interceptor in input.access.interceptors
	interceptor.change != "delete"
	flaw := _flaw(interceptor)
	source := interceptor.source
	finding := lib.finding(rego.metadata.chain(), object.union(
		{
			"identity": null,
			"address": source.address,
			"severity": flaw.severity,
			"message": sprintf("%s %s.", [source.address, flaw.text]),
			"location": source.location,
			"evidence": [{
				"address": source.address, "statement": interceptor.kind, "action": "is asked about",
				"resource": concat(", ", interceptor.seen), "location": source.location,
			}],
			"facts": {sprintf("%s: %s", [interceptor.kind, flaw.text])},
		},
		{"remediation": fix | fix := flaw.fix},
	))
}

_flaw(interceptor) := {"severity": _severity(interceptor), "text": text} if {
	interceptor.outside
	text := sprintf("sends API requests out of the cluster, to %s, which %s", [interceptor.host, _does(interceptor)])
} else := {
	"severity": "low",
	"text": concat(" ", [
		"answers API requests from a host whose certificate is not verified: anyone on the network path can answer in",
		"its place",
	]),
	"fix": "Set caBundle in place of insecureSkipTLSVerify.",
} if {
	interceptor.unverified
}

_severity(interceptor) := "high" if interceptor.kind in {"mutating webhook", "aggregated API"}

_severity(interceptor) := "high" if {
	interceptor.kind == "validating webhook"
	_sees_secrets(interceptor)
}

_severity(interceptor) := "medium" if {
	interceptor.kind == "validating webhook"
	not _sees_secrets(interceptor)
}

_severity(interceptor) := "medium" if interceptor.kind == "conversion webhook"

_does(interceptor) := "reads and changes the objects it is asked about" if interceptor.kind == "mutating webhook"

_does(interceptor) := "reads every Secret that is written" if {
	interceptor.kind == "validating webhook"
	_sees_secrets(interceptor)
}

_does(interceptor) := "reads the objects it is asked about" if {
	interceptor.kind == "validating webhook"
	not _sees_secrets(interceptor)
}

_does(interceptor) := "reads and changes the objects of the kind" if interceptor.kind == "conversion webhook"

_does(interceptor) := "receives the requests for its API, with the identity of each caller" if {
	interceptor.kind == "aggregated API"
}

_sees_secrets(interceptor) if {
	some seen in interceptor.seen
	seen in {"secrets", "*", "*/*", "*/secrets"}
}
