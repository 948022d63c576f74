package cluster_admin_test

import data.gate.rules.kubernetes.cluster_admin

# What the rule says: its wording is compared here and nowhere else.
_sentence(who) := sprintf(
	"%s is an administrator of the cluster: it can use every verb on every resource, through %s.",
	[who, "k8s:ClusterRoleBinding//bot (roleRef to the built-in ClusterRole//cluster-admin, rules[0])"],
)

_location := {"file": "rbac.yaml", "line": 12, "end_line": 15}

_source := {
	"address": "k8s:ClusterRoleBinding//bot",
	"statement": "roleRef to the built-in ClusterRole//cluster-admin, rules[0]",
	"location": _location,
}

_access(id, identity, holders) := {
	"identities": {
		id: object.union({"platform": "kubernetes", "all_access": "unconditional", "grants": {"*": ["k8s1"]}}, identity),
	},
	"grants": {"k8s1": {"platform": "kubernetes", "resources": ["*"], "holders": holders, "source": _source}},
}

_finding := {
	"rule": "cluster-admin",
	"title": "Cluster administrator",
	"severity": "critical",
	"confidence": "proven",
	"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.1"],
	"remediation": concat(" ", [
		"Bind a role with the verbs and resources that it needs, in the namespaces where it works. For read",
		"access, the cluster role view excludes secrets.",
	]),
	"identity": "k8s:ServiceAccount/tools/bot",
	"address": "k8s:ClusterRoleBinding//bot",
	"message": _sentence("k8s:ServiceAccount/tools/bot"),
	"location": _location,
	"evidence": [{
		"address": "k8s:ClusterRoleBinding//bot",
		"statement": "roleRef to the built-in ClusterRole//cluster-admin, rules[0]",
		"action": "*",
		"resource": "*",
		"location": _location,
	}],
	"path": [],
	"facts": {"every right through k8s:ClusterRoleBinding//bot"},
}

test_account_bound_to_cluster_admin_is_reported if {
	id := "k8s:ServiceAccount/tools/bot"
	access := _access(id, {"kind": "service_account"}, [id])
	cluster_admin.findings == {_finding} with input.access as access
}

test_group_is_reported_in_place_of_its_members if {
	group := "k8s:Group//system:serviceaccounts"
	account := "k8s:ServiceAccount/tools/bot"
	admin := {"platform": "kubernetes", "all_access": "unconditional", "grants": {"*": ["k8s1"]}}
	access := {
		"identities": {
			group: object.union(admin, {"kind": "group", "members": [account]}),
			account: object.union(admin, {"kind": "service_account", "inherited": ["k8s1"]}),
		},
		"grants": {"k8s1": {"platform": "kubernetes", "resources": ["*"], "holders": [group, account], "source": _source}},
	}
	{f.identity | some f in cluster_admin.findings} == {group} with input.access as access
}

test_each_subject_of_a_binding_is_reported_by_itself if {
	subjects := [
		"k8s:Group//system:serviceaccounts",
		"k8s:Group//oidc:admins",
		"k8s:ServiceAccount/tools/bot",
		"k8s:User//mallory",
	]
	kinds := {"k8s:Group": "group", "k8s:ServiceAccount": "service_account", "k8s:User": "user"}
	access := {
		"identities": {id: {
			"platform": "kubernetes", "all_access": "unconditional", "grants": {"*": ["k8s1"]},
			"kind": kinds[split(id, "/")[0]], "inherited": [],
		} |
			some id in subjects
		},
		"grants": {"k8s1": {"platform": "kubernetes", "resources": ["*"], "holders": subjects, "source": _source}},
	}
	{f.identity | some f in cluster_admin.findings} == {id | some id in subjects} with input.access as access
}

test_role_that_nothing_binds_is_a_warning_about_whoever_is_bound if {
	id := "k8s:ClusterRole//root"
	access := _access(id, {"kind": "role"}, [id])
	found := cluster_admin.findings with input.access as access
	found == {object.union(_finding, {
		"identity": id,
		"severity": "medium",
		"confidence": "possible",
		"message": _sentence("Whoever is bound to k8s:ClusterRole//root outside this change"),
	})}
}

test_other_rights_and_other_platforms_are_silent if {
	id := "k8s:ServiceAccount/tools/bot"
	limited := _access(id, {"kind": "service_account", "all_access": "none", "grants": {"get secrets": ["k8s1"]}}, [id])
	cluster_admin.findings == set() with input.access as limited
	cloud := _access(id, {"kind": "role", "platform": "aws"}, [id])
	cluster_admin.findings == set() with input.access as cloud
}

test_built_in_role_that_gathers_more_is_held_by_somebody if {
	id := "k8s:ClusterRole//view"
	findings := cluster_admin.findings with input.access as _access(
		id,
		{"kind": "role", "namespace": null, "name": "view"},
		[id],
	)
	{[finding.severity, finding.confidence] | some finding in findings} == {["critical", "possible"]}
}
