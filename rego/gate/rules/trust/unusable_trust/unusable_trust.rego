# METADATA
# title: Trust statement that cannot be used
# description: |
#   A statement of a trust policy admits no one as it is written: it names a principal that was deleted, or one by a
#   pattern, which AWS rejects; StringEquals compares with a wildcard; the subject mixes names with and without ids;
#   or the change deletes the cluster that it trusts. The statement is not dangerous, but it is often repaired in a
#   hurry and then made too broad.
# custom:
#   id: unusable-trust
#   severity: low
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI1", "NIST-800-53:CM-6"]
#   remediation: "Name the intended principal exactly, or remove the statement."
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
		"message": sprintf("No principal can assume %s through statement %v of its trust policy: %s.", [
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
		"message": sprintf("%s is the provider of a cluster that this change deletes: %s.", [
			provider.address, provider.issuer,
		]),
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

_retiring(edge) := {sprintf("this change deletes %s, the provider of %s", [address, edge.principal.name]) |
	address := _retired[edge.principal.name]
}

# issuer → address of what the change deletes. (Whole: a look-up in a partial rule would go through all of it.)
_retired := {issuer: min(addresses) | some issuer, addresses in _deleted}

_deleted[provider.issuer] contains provider.address if {
	some provider in input.access.providers
	provider.retired
}
