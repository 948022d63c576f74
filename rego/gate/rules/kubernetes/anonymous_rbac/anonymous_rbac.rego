# METADATA
# title: RBAC permissions for anonymous requests
# description: |
#   A binding names system:anonymous or system:unauthenticated, so anyone who can reach the API server has the
#   permission without credentials. Health and version endpoints, and reading objects in the namespace kube-public, are
#   public by design.
# custom:
#   id: anonymous-rbac
#   severity: critical
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI4", "NIST-800-53:AC-14"]
#   remediation: >-
#     Remove the subject from the binding, and bind the service accounts or groups that need the permission.
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.anonymous_rbac

import data.gate.lib
import data.gate.lib.kubernetes

findings contains finding if {
	some id in data.gate.knowledge.kubernetes.anonymous
	keys := sort(_held[id])
	grants := [grant | some key in keys; grant := input.access.grants[key]]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": grants[0].source.address,
		"message": sprintf("Anyone who can reach the API server can, without credentials, %s, through %s.", [
			kubernetes.rights(grants), kubernetes.through(grants),
		]),
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grant, concat("; ", grant.actions)) | some grant in grants],
		"facts": {sprintf("%s in %s through %s", [action, kubernetes.place(kubernetes.reach(grant)), grant.source.address]) |
			some grant in grants
			some action in grant.actions
		},
	})
}

_held[holder] contains key if {
	some key, grant in input.access.grants
	grant.platform == "kubernetes"
	some holder in grant.holders
	holder in data.gate.knowledge.kubernetes.anonymous
	grant.rule.objects
	not _public_by_design(grant)
}

# What kube-public holds is for everybody to read, and for nobody to write.
_public_by_design(grant) if {
	kubernetes.reach(grant) == "kube-public"
	grant.rule.reads
}
