# METADATA
# title: Trust that nobody can use
# description: |
#   A statement of a trust policy lets nobody in as it is written: it names a principal that has been deleted, or one by
#   a pattern, which AWS refuses; StringEquals compares with a star; the subject mixes names with and without ids; or
#   the cluster that it trusts is deleted. Such a statement is no danger, but whoever mends it in a hurry makes it too
#   wide.
# custom:
#   id: unusable-trust
#   severity: low
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI1", "NIST-800-53:CM-6"]
#   remediation: "Write who is meant, exactly, or remove the statement."
# schemas:
#   - input: schema.envelope
package gate.rules.trust.unusable_trust

import data.gate.lib
import data.gate.lib.trusts

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	not edge.negated
	some why in _because(edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"message": sprintf("Nobody can become %s through statement %v of its trust policy: %s.", [
			id, edge.source.statement, why,
		]),
		"location": edge.source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": edge.principal.value,
		}],
		"facts": {sprintf("%s: %s", [edge.principal.value, why])},
	})
}

# The provider of a cluster that is gone, kept.
findings contains finding if {
	some provider in input.access.providers
	provider.retired
	provider.value != null
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": provider.address,
		"message": sprintf("%s speaks for a cluster that this change deletes: %s.", [provider.address, provider.issuer]),
		"remediation": "Delete the provider and the statements that trust it together with the cluster.",
		"location": provider.source.location,
		"evidence": [{
			"address": provider.address, "statement": null, "location": provider.source.location,
			"action": "sts:AssumeRoleWithWebIdentity", "resource": provider.issuer,
		}],
		"facts": {sprintf("%s is retired", [provider.issuer])},
	})
}

_because(edge) := {why | some why in edge.never} | _retiring(edge)

_retiring(edge) := {sprintf("this change deletes %s, which speaks for %s", [address, edge.principal.name]) |
	address := _retired[edge.principal.name]
}

# issuer → address of what the change deletes. (Whole: a look-up in a partial rule would go through all of it.)
_retired := {issuer: min(addresses) | some issuer, addresses in _deleted}

_deleted[provider.issuer] contains provider.address if {
	some provider in input.access.providers
	provider.retired
}
