# METADATA
# title: Binding to a service account that does not exist
# description: |
#   A binding names a service account that does not exist in its namespace, although the namespace is part of the
#   input. Whoever can create the account, or a workload that names it, gets the permissions. Often the name is a
#   typo, and the intended account lacks them.
# custom:
#   id: dangling-subject
#   severity: low
#   confidence: possible
#   frameworks: ["OWASP-NHI:NHI1", "NIST-800-53:AC-2"]
#   remediation: "Create the service account together with the binding, or remove the subject."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.dangling_subject

import data.gate.lib
import data.gate.lib.kubernetes

findings contains finding if {
	some id, identity in input.access.identities
	identity.kind == "service_account"
	identity.external
	identity.name != "default"
	input.access.namespaces[identity.namespace].written
	not _unread[id]
	keys := kubernetes.own(identity, sort([key | some key, grant in input.access.grants; id in grant.holders]))
	count(keys) > 0
	grants := [grant | some key in keys; grant := input.access.grants[key]]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": grants[0].source.address,
		"message": sprintf(
			"%s does not exist in the namespace %s; whoever creates it can %s, through %s.",
			[id, identity.namespace, kubernetes.rights(grants), kubernetes.through(grants)],
		),
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grant, concat("; ", grant.actions)) | some grant in grants],
		"facts": {sprintf("missing, named by %s", [grant.source.address]) | some grant in grants},
	})
}

# It stands there, though nobody could read it.
_unread[unknown.source.address] := true if some unknown in input.access.unknown
