package rbac_escalation_test

import data.gate.rules.kubernetes.rbac_escalation

_account := "k8s:ServiceAccount/tenants/controller"

_location(line) := {"file": "rbac.yaml", "line": line, "end_line": line}

_grant(key, resources) := {
	"platform": "kubernetes",
	"resources": resources,
	"targets": null,
	"holders": [_account],
	"source": {
		"address": sprintf("k8s:ClusterRole//%s", [key]),
		"statement": sprintf("rules[0], bound by k8s:ClusterRoleBinding//%s", [key]),
		"location": _location(count(key)),
	},
}

# An account with actions, each with the keys of its grants; `reach`: key → resources.
_access(actions, reach) := {
	"identities": {_account: {
		"kind": "service_account",
		"platform": "kubernetes",
		"all_access": "none",
		"grants": actions,
	}},
	"grants": {key: _grant(key, resources) | some key, resources in reach},
}

_ways(access) := {[f.severity, step.via, step.to] |
	some f in findings
	some step in f.path
} if {
	findings := rbac_escalation.findings with input.access as access
}

_bind := "bind rbac.authorization.k8s.io/clusterroles"

_write_bindings := "create rbac.authorization.k8s.io/rolebindings"

_escalate := "escalate rbac.authorization.k8s.io/roles"

_write_roles := "update rbac.authorization.k8s.io/roles"

test_reading_every_secret_is_reported_with_what_it_rests_on if {
	access := _access({"get secrets": ["s"], "list secrets": ["s"]}, {"s": ["*"]})
	rbac_escalation.findings == {{
		"rule": "rbac-escalation",
		"title": "RBAC that escalates",
		"severity": "critical",
		"confidence": "proven",
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.8"],
		"remediation": "read-secrets: name the secrets it needs in resourceNames with the verb get, in a Role of their namespace",
		"identity": _account,
		"address": "k8s:ClusterRole//s",
		"message": concat("", [
			"k8s:ServiceAccount/tenants/controller can (in the whole cluster) read every secret, service account tokens included, ",
			"through k8s:ClusterRole//s (rules[0], bound by k8s:ClusterRoleBinding//s).",
		]),
		"location": _location(1),
		"evidence": [{
			"address": "k8s:ClusterRole//s",
			"statement": "rules[0], bound by k8s:ClusterRoleBinding//s",
			"action": "list secrets",
			"resource": "*",
			"location": _location(1),
		}],
		"path": [{
			"from": _account,
			"via": "read-secrets",
			"actions": ["list secrets"],
			"to": "the whole cluster",
		}],
		"facts": {"read-secrets in the whole cluster through k8s:ClusterRole//s"},
	}} with input.access as access
}

test_bind_needs_a_write_on_bindings_in_the_same_scope if {
	_ways(_access({_bind: ["b"]}, {"b": ["*"]})) == set()
	_ways(_access({_bind: ["b"], _write_bindings: ["w"]}, {"b": ["one/*"], "w": ["two/*"]})) == set()
	_ways(_access({_bind: ["b"], _write_bindings: ["w"]}, {"b": ["*"], "w": ["two/*"]})) == {["high", "bind-in-namespace", "the namespace two"]}
	_ways(_access({_bind: ["b"], _write_bindings: ["w"]}, {"b": ["*"], "w": ["*"]})) == {["critical", "bind-in-namespace", "the whole cluster"]}
}

test_escalate_needs_a_write_on_roles if {
	_ways(_access({_escalate: ["e"]}, {"e": ["*"]})) == set()
	_ways(_access({_escalate: ["e"], _write_roles: ["e"]}, {"e": ["*"]})) == {["critical", "escalate-roles", "the whole cluster"]}
	_ways(_access({_escalate: ["e"], _write_roles: ["e"]}, {"e": ["one/*"]})) == {["high", "escalate-roles", "the namespace one"]}
}

test_resource_names_take_a_path_away_unless_they_name_something_powerful if {
	_ways(_access({"get secrets": ["s"]}, {"s": ["tenants/pull"]})) == set()
	_ways(_access({_bind: ["b"], _write_bindings: ["w"]}, {"b": ["*/view"], "w": ["*"]})) == set()
	admin := _ways(_access({_bind: ["b"], _write_bindings: ["w"]}, {"b": ["*/view", "*/cluster-admin"], "w": ["*"]}))
	admin == {["critical", "bind-in-namespace", "the whole cluster"]}
	_ways(_access({"impersonate users": ["i"]}, {"i": ["*/jane"]})) == set()
	webhook := "patch admissionregistration.k8s.io/mutatingwebhookconfigurations"
	_ways(_access({webhook: ["w"]}, {"w": ["*/own"]})) == {["medium", "write-mutating-webhooks", "the whole cluster"]}
	aws_auth := _ways(_access({"update configmaps": ["c"]}, {"c": ["kube-system/aws-auth"]}))
	aws_auth == {["critical", "map-cloud-identities", "the namespace kube-system"]}
	_ways(_access({"update configmaps": ["c"]}, {"c": ["shop/aws-auth"]})) == set()
}

test_a_named_account_that_is_an_administrator_is_powerful if {
	admin := "k8s:ServiceAccount/tools/admin"
	targets := {
		"identities": {admin: {"kind": "service_account", "platform": "kubernetes", "all_access": "unconditional", "grants": {"*": []}}},
		"grants": {"t": {"targets": "t"}},
		"targets": {"t": [admin]},
	}
	limited := _access({"create serviceaccounts/token": ["t"]}, {"t": ["tools/admin"]})
	_ways(limited) == set()
	_ways(object.union(limited, targets)) == {["medium", "request-token", "the namespace tools"]}
}

test_one_namespace_is_a_warning_and_kube_system_is_not if {
	_ways(_access({"get secrets": ["s"]}, {"s": ["shop/*"]})) == {["medium", "get-secrets", "the namespace shop"]}
	_ways(_access({"get secrets": ["s"]}, {"s": ["kube-system/*"]})) == {["high", "get-secrets", "the namespace kube-system"]}
	_ways(_access({"create pods": ["p"]}, {"p": ["kube-system/*"]})) == {["high", "create-pods", "the namespace kube-system"]}
	_ways(_access({"create configmaps": ["c"]}, {"c": ["*"]})) == {["low", "map-cloud-identities-anew", "the whole cluster"]}
}

test_several_ways_are_one_finding_and_the_cluster_stands_for_its_namespaces if {
	actions := {
		"list secrets": ["s", "n"],
		"create pods": ["n"],
		"create pods/exec": ["n"],
		"create serviceaccounts/token": ["n"],
		"patch pods": ["n"],
	}
	access := _access(actions, {"s": ["*"], "n": ["shop/*"]})
	found := rbac_escalation.findings with input.access as access
	{[f.severity, f.message] | some f in found} == {[
		"critical",
		concat("", [
			"k8s:ServiceAccount/tenants/controller can (in the whole cluster) read every secret, service account tokens included; ",
			"(in the namespace shop) run pods as any service account, with any secret mounted; ",
			"(in the namespace shop) run commands inside any pod and act as its service account; and 2 more ways, ",
			"through k8s:ClusterRole//s (rules[0], bound by k8s:ClusterRoleBinding//s) ",
			"and k8s:ClusterRole//n (rules[0], bound by k8s:ClusterRoleBinding//n).",
		]),
	]}
}

test_a_group_answers_for_its_members_and_a_member_for_what_it_adds if {
	group := "k8s:Group//system:serviceaccounts"
	access := _access({_bind: ["b"]}, {"b": ["*"]})
	shared := {
		"identities": {group: {"kind": "group", "platform": "kubernetes", "all_access": "none", "grants": {"list secrets": ["g"]}}},
		"grants": {"g": object.union(_grant("g", ["*"]), {"holders": [group, _account]})},
	}
	both := object.union(object.union(access, shared), {
		"identities": {_account: {
			"grants": {"list secrets": ["g"], "create secrets": ["own"]},
			"inherited": ["g"],
		}},
		"grants": {"own": _grant("own", ["*"])},
	})
	found := rbac_escalation.findings with input.access as both
	{[f.identity, step.via] | some f in found; some step in f.path} == {
		[group, "read-secrets"],
		[_account, "bootstrap-token"],
		[_account, "mint-token-secret"],
	}
}

test_an_unbound_role_is_a_warning if {
	access := object.union(
		_access({"get secrets": ["s"]}, {"s": ["*"]}),
		{"identities": {_account: {"kind": "role"}}},
	)
	found := rbac_escalation.findings with input.access as access
	{[f.severity, f.confidence] | some f in found} == {["medium", "possible"]}
}

test_other_platforms_and_harmless_rights_are_silent if {
	_ways(_access({"get pods/log": ["l"], "delete secrets": ["l"]}, {"l": ["*"]})) == set()
	cloud := object.union(_access({"get secrets": ["s"]}, {"s": ["*"]}), {"identities": {_account: {"platform": "aws"}}})
	_ways(cloud) == set()
}

# The account beside two that can become an administrator elsewhere.
_beside := {
	"identities": {
		_account: {"namespace": "tenants", "name": "controller", "kind": "service_account"},
		"k8s:ServiceAccount/ci/again": _named("again", "ci", {"grants": {"create serviceaccounts/token": ["t"]}}),
		"k8s:ServiceAccount/ci/step": _named("step", "ci", {"grants": {"create serviceaccounts/token": ["t"]}}),
		"k8s:ServiceAccount/far/root": _named("root", "far", {"all_access": "unconditional", "grants": {"*": []}}),
	},
	"grants": {"t": object.union(_grant("t", ["far/*"]), {"holders": ["k8s:ServiceAccount/ci/again", "k8s:ServiceAccount/ci/step"]})},
}

_named(name, namespace, parts) := object.union(
	{"kind": "service_account", "platform": "kubernetes", "name": name, "namespace": namespace, "all_access": "none"},
	parts,
)

test_whom_it_becomes_is_named_with_the_steps_and_the_namespace_it_comes_from if {
	access := object.union(_access({"create pods": ["p"]}, {"p": ["ci/*"]}), _beside)
	found := {f | some f in rbac_escalation.findings; f.identity == _account} with input.access as access
	{[f.severity, f.confidence, f.message] | some f in found} == {[
		"critical", "proven",
		concat("", [
			"k8s:ServiceAccount/tenants/controller can (in the namespace ci) run pods as any service account, with any secret mounted, ",
			"and so become k8s:ServiceAccount/ci/again, which can become k8s:ServiceAccount/far/root, an administrator, ",
			"or 1 other account, ",
			"through k8s:ClusterRole//p (rules[0], bound by k8s:ClusterRoleBinding//p); ",
			"its namespace tenants is another one, and whoever runs pods there can do the same.",
		]),
	]}
	[[step.from, step.via, step.to] | some f in found; some step in f.path] == [
		[_account, "create-pods", "k8s:ServiceAccount/ci/again"],
		[_account, "create-pods", "k8s:ServiceAccount/ci/step"],
		["k8s:ServiceAccount/ci/again", "what it can become", "k8s:ServiceAccount/far/root"],
		["k8s:ServiceAccount/ci/step", "what it can become", "k8s:ServiceAccount/far/root"],
	]
	union({f.facts | some f in found}) == {
		"create-pods in the namespace ci as k8s:ServiceAccount/ci/again through k8s:ClusterRole//p",
		"create-pods in the namespace ci as k8s:ServiceAccount/ci/step through k8s:ClusterRole//p",
	}
}

test_who_is_in_a_namespace_outside_of_the_change_is_not_known if {
	found := rbac_escalation.findings with input.access as _access({"create pods": ["p"]}, {"p": ["ci/*"]})
	{[f.severity, f.confidence] | some f in found} == {["medium", "possible"]}
}

test_small_ways_are_said_alone_and_of_nobody_in_particular_not_at_all if {
	small := _access({"get nodes/log": ["l"]}, {"l": ["*"]})
	_ways(small) == {["low", "read-node-logs", "the whole cluster"]}
	_ways(object.union(small, {"identities": {_account: {"kind": "role"}}})) == set()
	_ways(_access({"get nodes/log": ["l"], "list secrets": ["s"]}, {"l": ["*"], "s": ["*"]})) == {[
		"critical", "read-secrets", "the whole cluster",
	]}
}

test_names_and_what_the_system_makes_of_a_group_are_said if {
	found := rbac_escalation.findings with input.access as {
		"identities": {"k8s:Group//system:nodes": {
			"kind": "group", "platform": "kubernetes", "all_access": "none", "name": "system:nodes",
			"grants": {"patch apiregistration.k8s.io/apiservices": ["a"]},
		}},
		"grants": {"a": object.union(_grant("a", ["*/v1.metrics"]), {"holders": ["k8s:Group//system:nodes"]})},
	}
	{f.message | some f in found} == {concat("", [
		"k8s:Group//system:nodes (every node of the cluster, past the node authorizer, which lets each reach only its own pods) can ",
		"(in the whole cluster) serve an API group itself and receive the callers' credentials, as far as resourceNames allow, ",
		"through k8s:ClusterRole//a (rules[0], bound by k8s:ClusterRoleBinding//a).",
	])}
	bootstrap := rbac_escalation.findings with input.access as {
		"identities": {"k8s:Group//system:bootstrappers:kubeadm": {
			"kind": "group", "platform": "kubernetes", "all_access": "none", "name": "b", "grants": {"get nodes/proxy": ["p"]},
		}},
		"grants": {"p": object.union(_grant("p", ["*"]), {"holders": ["k8s:Group//system:bootstrappers:kubeadm"]})},
	}
	{contains(f.message, "(whoever has a token to join as a node)") | some f in bootstrap} == {true}
}
