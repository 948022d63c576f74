package gate.rules.trust.cluster_access_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.cluster_access as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(who, by) := sprintf("%s is an administrator of the cluster aws_eks_cluster.c, through %s.", [who, by])

_operator := {"kind": "role", "value": "arn:aws:iam::111122223333:role/operator", "identity": "operator"}

_entry(principal, says) := envelope.resource_grant(principal, {
	"resource": "aws_eks_cluster.c", "resource_type": "aws_eks_cluster", "actions": ["eks:AccessKubernetesApi"],
	"conditions": [envelope.when("StringEquals", key, values) |
		some key, values in says
	],
	"source": envelope.from("aws_eks_access_policy_association.a"),
})

_policy(name, scope) := {
	"eks:policyArn": [sprintf("arn:aws:eks::aws:cluster-access-policy/%s", [name])], "eks:accessScope": [scope],
}

_said(grant, identities) := {[f.severity, f.message] |
	some f in rule.findings with input as envelope.of({"resource_grants": [grant], "identities": identities})
}

test_an_administrator_of_the_cluster_denies if {
	rule.findings == {{
		"address": "aws_eks_access_policy_association.a",
		"confidence": "proven",
		"evidence": [{
			"action": "eks:AccessKubernetesApi",
			"address": "aws_eks_access_policy_association.a",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "aws_eks_cluster.c",
			"statement": null,
		}],
		"facts": {"arn:aws:iam::111122223333:role/operator in aws_eks_cluster.c by AmazonEKSClusterAdminPolicy"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-EKS:4.1.1"],
		"identity": "operator",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _sentence("operator", "AmazonEKSClusterAdminPolicy"),
		"path": [],
		"remediation": concat(" ", [
			"Associate a policy that the identity needs (AmazonEKSViewPolicy, AmazonEKSEditPolicy) with the",
			"namespaces where it works.",
		]),
		"rule": "cluster-access",
		"severity": "high",
		"title": "IAM identity with administrator access to a cluster",
	}} with input as envelope.of({"resource_grants": [_entry(
		_operator,
		_policy("AmazonEKSClusterAdminPolicy", "cluster"),
	)]})
}

test_admin_of_all_namespaces_warns if {
	_said(_entry(object.union(_operator, {"identity": null}), _policy("AmazonEKSAdminPolicy", "cluster")), {}) == {[
		"medium",
		_sentence("arn:aws:iam::111122223333:role/operator", "AmazonEKSAdminPolicy"),
	]}
}

test_admin_among_the_controllers_of_the_cluster_warns if {
	every namespace in ["kube-system", "kube-*", "*"] {
		{severity | some [severity, _] in _said(_entry(_operator, _in(namespace)), {})} == {"medium"}
	}
	_said(_entry(_operator, _in("kube-public")), {}) == set()
}

_in(namespace) := object.union(_policy("AmazonEKSAdminPolicy", "namespace"), {"eks:namespaces": ["shop", namespace]})

test_a_namespace_and_a_policy_that_reads_are_silent if {
	_said(_entry(_operator, _policy("AmazonEKSClusterAdminPolicy", "namespace")), {}) == set()
	_said(_entry(_operator, _policy("AmazonEKSViewPolicy", "cluster")), {}) == set()
	_said(envelope.resource_grant(_operator, {}), {}) == set()
}

test_a_group_that_is_administrator_denies if {
	entry := _entry(_operator, {"eks:kubernetesGroups": ["ops", "devs"]})
	_said(entry, {"k8s:Group//ops": envelope.identity({
		"platform": "kubernetes", "kind": "group", "all_access": "unconditional",
	})}) == {[
		"high", _sentence("operator", "group ops"),
	]}
	_said(entry, {}) == set()
}

test_the_config_map_warns if {
	setting := {
		"name": "config-map-access",
		"where": "access_config[0].authentication_mode",
		"value": "CONFIG_MAP",
		"source": envelope.from("aws_eks_cluster.c"),
	}
	found := rule.findings with input as envelope.of({"workloads": {"aws_eks_cluster.c": envelope.workload({
		"kind": "aws_eks_cluster", "settings": [setting],
	})}})
	{[f.severity, f.address, f.message] | some f in found} == {[
		"low",
		"aws_eks_cluster.c",
		concat(" ", [
			"Whoever can write the config map aws-auth in aws_eks_cluster.c decides which IAM identities",
			"get access (CONFIG_MAP).",
		]),
	]}
}

test_the_group_of_masters_is_administrator_without_a_binding if {
	_said(_entry(_operator, {"eks:kubernetesGroups": ["system:masters"]}), {}) == {[
		"high", _sentence("operator", "group system:masters"),
	]}
}

test_other_ways_in_of_managed_clusters if {
	setting := {
		"name": "aks-no-rbac",
		"where": "role_based_access_control_enabled",
		"value": "false",
		"source": envelope.from("azurerm_kubernetes_cluster.c"),
	}
	found := rule.findings with input as envelope.of({"workloads": {"azurerm_kubernetes_cluster.c": envelope.workload({
		"platform": "azure", "settings": [setting],
	})}})
	{[f.severity, f.message] | some f in found} == {[
		"critical",
		concat(" ", [
			"azurerm_kubernetes_cluster.c has no RBAC, so everyone with access is an administrator",
			"(role_based_access_control_enabled is false).",
		]),
	]}
}

test_what_a_setting_of_a_cluster_rests_on if {
	place := {"file": "main.tf", "line": 3, "end_line": 9}
	settings := [
		{"name": "config-map-access", "where": "access_config[0].authentication_mode", "value": "CONFIG_MAP"},
		{"name": "aks-no-rbac", "where": "role_based_access_control_enabled", "value": "false"},
	]
	found := rule.findings with input as envelope.of({"workloads": {"cluster": envelope.workload({"settings": [told |
		some setting in settings
		told := object.union(setting, {"source": envelope.from("cluster")})
	]})}})
	{[f.identity, f.address, f.location, f.evidence, f.facts] | some f in found} == {
		[
			null, "cluster", place, [{
				"address": "cluster", "statement": null, "location": place,
				"action": "access_config[0].authentication_mode", "resource": "CONFIG_MAP",
			}],
			{"authentication mode CONFIG_MAP"},
		],
		[
			null, "cluster", place, [{
				"address": "cluster", "statement": "role_based_access_control_enabled", "location": place,
				"action": "aks-no-rbac", "resource": "false",
			}],
			{"aks-no-rbac: false"},
		],
	}
}

test_the_policy_and_the_namespace_are_told if {
	found := rule.findings with input as envelope.of({"resource_grants": [_entry(_operator, _in("kube-system"))]})
	{f.facts | some f in found} == {{concat(" ", [
		"arn:aws:iam::111122223333:role/operator in aws_eks_cluster.c by",
		"AmazonEKSAdminPolicy in kube-system",
	])}}
}
