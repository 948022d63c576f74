# METADATA
# title: Cluster administrator
# description: |
#   The identity has every verb on every resource in every namespace. Whoever takes it over, through a leaked token or
#   a pod that runs as it, controls the cluster, its secrets and the cloud identities of its nodes.
# custom:
#   id: cluster-admin
#   severity: critical
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.1"]
#   remediation: >-
#     Bind a role with the verbs and resources that it needs, in the namespaces where it works. For read access, the
#     cluster role view excludes secrets.
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.cluster_admin

import data.gate.lib
import data.gate.lib.kubernetes

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "kubernetes"
	identity.all_access == "unconditional"
	keys := kubernetes.own(identity, identity.grants["*"])
	count(keys) > 0
	grants := [grant | some key in keys; grant := input.access.grants[key]]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": grants[0].source.address,
		"severity": kubernetes.severity(identity, "critical"),
		"confidence": kubernetes.confidence(identity),
		"message": sprintf("%s is an administrator of the cluster: it can use every verb on every resource, through %s.", [
			kubernetes.who(id, identity), kubernetes.through(grants),
		]),
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grant, "*") | some grant in grants],
		"facts": {sprintf("every right through %s", [grant.source.address]) | some grant in grants},
	})
}
