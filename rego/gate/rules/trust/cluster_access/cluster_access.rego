# METADATA
# title: IAM identity with administrator access to a cluster
# description: |
#   An access entry of an EKS cluster, or an entry in its aws-auth ConfigMap, makes an IAM identity an administrator
#   of the whole cluster, or adds it to a group that is. As long as the cluster also accepts access from aws-auth,
#   whoever can write that object inside the cluster can give access to anyone: a low warning.
# custom:
#   id: cluster-access
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-EKS:4.1.1"]
#   remediation: >-
#     Associate a policy that the identity needs (AmazonEKSViewPolicy, AmazonEKSEditPolicy) with the namespaces where
#     it works.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.cluster_access

import data.gate.lib

_policies := data.gate.knowledge.aws.cluster_policies

findings contains finding if {
	some grant in input.access.resource_grants
	"eks:AccessKubernetesApi" in grant.actions
	given := _given(grant)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": grant.principal.identity,
		"address": grant.source.address,
		"severity": given.severity,
		"message": sprintf("%s is an administrator of the cluster %s, through %s.", [
			_who(grant.principal), grant.resource, given.through,
		]),
		"location": grant.source.location,
		"evidence": [{
			"address": grant.source.address, "statement": null, "location": grant.source.location,
			"action": "eks:AccessKubernetesApi", "resource": grant.resource,
		}],
		"facts": {sprintf("%s in %s by %s", [grant.principal.value, grant.resource, given.through])},
	})
}

findings contains finding if {
	some address, cluster in input.access.workloads
	some setting in cluster.settings
	setting.name == "config-map-access"
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": address,
		"severity": "low",
		"message": sprintf("Whoever can write the config map aws-auth in %s decides which IAM identities get access (%s).", [
			address, setting.value,
		]),
		"remediation": "Set authentication_mode to API, and give access through access entries.",
		"location": setting.source.location,
		"evidence": [{
			"address": address, "statement": null, "location": setting.source.location,
			"action": setting.where, "resource": setting.value,
		}],
		"facts": {sprintf("authentication mode %s", [setting.value])},
	})
}

# Other ways in of a managed cluster.
findings contains finding if {
	some address, cluster in input.access.workloads
	some setting in cluster.settings
	said := data.gate.knowledge.kubernetes.clusters.access[setting.name]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": address,
		"severity": said.severity,
		"message": sprintf("%s %s (%s is %s).", [address, said.says, setting.where, setting.value]),
		"remediation": said.fix,
		"location": setting.source.location,
		"evidence": [{
			"address": address, "statement": setting.where, "location": setting.source.location,
			"action": setting.name, "resource": setting.value,
		}],
		"facts": {sprintf("%s: %s", [setting.name, setting.value])},
	})
}

_given(grant) := {"severity": _policies[name], "through": name} if {
	_says(grant, "eks:accessScope") == {"cluster"}
	some name, _ in _policies
	_attached(grant, name)
}

# Whoever may run pods among the controllers of the cluster has their rights.
_given(grant) := {"severity": "medium", "through": sprintf("%s in %s", [name, namespace])} if {
	not "cluster" in _says(grant, "eks:accessScope")
	some name, _ in _policies
	_attached(grant, name)
	namespace := min({pattern |
		some pattern in _says(grant, "eks:namespaces")
		glob.match(pattern, null, "kube-system")
	})
}

_given(grant) := {"severity": "high", "through": sprintf("group %s", [lib.listed(strong)])} if {
	strong := {group |
		some group in _says(grant, "eks:kubernetesGroups")
		_administers(group)
	}
	count(strong) > 0
}

_administers("system:masters")

_administers(group) if input.access.identities[sprintf("k8s:Group//%s", [group])].all_access == "unconditional"

_attached(grant, name) if {
	some partition in ["aws", "aws-cn", "aws-us-gov"]
	sprintf("arn:%s:eks::aws:cluster-access-policy/%s", [partition, name]) in _says(grant, "eks:policyArn")
}

# An access entry is no condition on a call, but it is narrowed by the same keys that a call which makes one carries.
_says(grant, key) := {value | some condition in grant.conditions; condition.key == key; some value in condition.values}

_who(principal) := principal.identity if principal.identity != null

_who(principal) := principal.value if principal.identity == null
