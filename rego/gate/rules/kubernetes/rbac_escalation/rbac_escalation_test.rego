package gate.rules.kubernetes.rbac_escalation_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.rbac_escalation as rule

# What the rule says: its wording is compared here and nowhere else.
_over_pods(whom) := sprintf(
	concat("", [
		"k8s:ServiceAccount/tenants/controller can (in the namespace ci) run pods as any service account, ",
		"with any secret mounted, and so become %s, ",
		"through k8s:ClusterRole//n (rules[0], bound by k8s:ClusterRoleBinding//n); ",
		"its own namespace is tenants, and whoever can run pods there can do the same.",
	]),
	[whom],
)

_account := "k8s:ServiceAccount/tenants/controller"

_location(line) := {"file": "rbac.yaml", "line": line, "end_line": line}

_grant(key, resource) := envelope.rbac({"resources": [resource], "holders": [_account], "source": {
	"address": sprintf("k8s:ClusterRole//%s", [key]),
	"statement": sprintf("rules[0], bound by k8s:ClusterRoleBinding//%s", [key]),
	"location": _location(1),
}})

# An account with these ways, by grants `n` in a namespace and `s` in the whole cluster.
_model(ways, parts) := object.union(
	envelope.of({
		"identities": {_account: envelope.identity({
			"kind": "service_account", "platform": "kubernetes", "name": "controller", "namespace": "tenants",
			"grants": {action: [key] | some way in ways; some action in way.actions; some key in way.keys},
		})},
		"grants": {"n": _grant("n", "shop/*"), "s": _grant("s", "*")},
		"graph": {"ways": {_account: ways}},
	}),
	{"access": parts},
)

_found(model) := found if {
	found := rule.findings with input as model
}

_judged(model) := {[f.identity, f.severity, f.confidence] | some f in _found(model)}

_read_all := envelope.way({
	"path": "read-secrets", "scope": "*", "keys": ["s"], "limits": {"s": "free"}, "actions": ["list secrets"],
})

_in_shop(path, action) := envelope.way({"path": path, "keys": ["n"], "limits": {"n": "free"}, "actions": [action]})

_pods := _in_shop("create-pods", "create pods")

_logs := envelope.way({
	"path": "read-node-logs", "scope": "*", "keys": ["s"], "limits": {"s": "free"}, "actions": ["get nodes/log"],
})

test_reading_every_secret_is_reported_with_what_it_rests_on if {
	_found(_model([_read_all], {})) == {{
		"rule": "rbac-escalation",
		"title": "Privilege escalation through RBAC",
		"severity": "critical",
		"confidence": "proven",
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.8"],
		"remediation": concat(" ", [
			"read-secrets: name the secrets it needs in resourceNames with the verb get, in a Role of their",
			"namespace",
		]),
		"identity": _account,
		"address": "k8s:ClusterRole//s",
		"message": concat("", [
			concat(" ", [
				"k8s:ServiceAccount/tenants/controller can (in the whole cluster) read every secret,",
				"including service account tokens, ",
			]),
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
		"path": [{"from": _account, "via": "read-secrets", "actions": ["list secrets"], "to": "the whole cluster"}],
		"facts": {"read-secrets in the whole cluster through k8s:ClusterRole//s"},
	}}
}

test_who_has_no_way_and_other_platforms_are_silent if {
	_found(_model([], {})) == set()
	_found(_model([_read_all], {"identities": {_account: {"platform": "aws"}}})) == set()
}

test_several_ways_are_one_finding_worst_first if {
	ways := [
		_pods,
		_in_shop("exec-pods", "create pods/exec"),
		_in_shop("request-token", "create serviceaccounts/token"),
		_read_all,
	]
	{[f.severity, f.message, f.remediation] | some f in _found(_model(ways, {}))} == {[
		"critical",
		concat("", [
			concat(" ", [
				"k8s:ServiceAccount/tenants/controller can (in the whole cluster) read every secret,",
				"including service account tokens; ",
			]),
			"(in the namespace shop) run pods as any service account, with any secret mounted; ",
			"(in the namespace shop) run commands inside any pod and act as its service account; and 1 more way, ",
			"through k8s:ClusterRole//s (rules[0], bound by k8s:ClusterRoleBinding//s) ",
			"and k8s:ClusterRole//n (rules[0], bound by k8s:ClusterRoleBinding//n).",
		]),
		concat("; ", [_fix("read-secrets"), _fix("create-pods"), _fix("exec-pods")]),
	]}
}

_fix(id) := sprintf("%s: %s", [id, path.fix]) if {
	some path in data.gate.knowledge.kubernetes.escalation
	path.id == id
}

test_small_ways_are_said_alone_and_of_nobody_in_particular_not_at_all if {
	_judged(_model([_logs], {})) == {[_account, "low", "proven"]}
	_found(_model([_logs], {"identities": {_account: {"kind": "role"}}})) == set()
	{step.via | some f in _found(_model([_logs, _read_all], {})); some step in f.path} == {"read-secrets"}
}

test_unbound_role_is_a_warning if {
	_judged(_model([_read_all], {"identities": {_account: {"kind": "role"}}})) == {[_account, "medium", "possible"]}
}

test_role_that_clusters_bind_on_their_own_is_more_than_a_warning if {
	held := {"kind": "role", "namespace": null, "name": data.gate.knowledge.kubernetes.held_roles[0]}
	_judged(_model([_read_all], {"identities": {_account: held}})) == {[_account, "critical", "possible"]}
}

test_who_is_in_a_namespace_outside_of_the_change_is_not_known if {
	_judged(_model([_pods], {})) == {[_account, "medium", "possible"]}
}

# What is proven must weigh as much as what decides.
test_small_way_that_is_proven_proves_nothing_of_the_worst if {
	hooks := envelope.way({
		"path": "write-mutating-webhooks", "scope": "*", "keys": ["s"], "limits": {"s": "named"}, "actions": ["patch hooks"],
		"limited": true,
	})
	system := object.union(_pods, {"scope": "kube-system"})
	_judged(_model([system, hooks], {})) == {[_account, "high", "possible"]}
}

_named(name, namespace, parts) := envelope.identity(object.union(
	{"kind": "service_account", "platform": "kubernetes", "name": name, "namespace": namespace},
	parts,
))

_again := "k8s:ServiceAccount/ci/again"

_step := "k8s:ServiceAccount/ci/step"

_root := "k8s:ServiceAccount/far/root"

# Two accounts of the namespace ci that can become an administrator elsewhere.
_beside := {
	"identities": {
		_again: _named("again", "ci", {}),
		_step: _named("step", "ci", {}),
		_root: _named("root", "far", {"all_access": "unconditional"}),
	},
	"graph": {
		"administrators": [_root],
		"leads": {"pods": [_again, _step]},
		"steps": {id: ["accounts far"] | some id in [_again, _step]},
		"becomes": {id: [_root] | some id in [_again, _step]},
	},
}

_pods_in_ci := object.union(_pods, {"scope": "ci", "leads": "pods"})

test_whom_it_becomes_is_named_with_the_steps_and_the_namespace_it_comes_from if {
	{[f.severity, f.confidence, f.message, f.path, f.facts] | some f in _found(_model([_pods_in_ci], _beside))} == {[
		"critical", "proven",
		_over_pods(concat("", [
			"k8s:ServiceAccount/ci/again, ",
			"which can become k8s:ServiceAccount/far/root, an administrator, or 1 other account",
		])),
		[
			{"from": _account, "via": "create-pods", "actions": ["create pods"], "to": _again},
			{"from": _account, "via": "create-pods", "actions": ["create pods"], "to": _step},
			{"from": _again, "via": "what it can become", "actions": [], "to": _root},
			{"from": _step, "via": "what it can become", "actions": [], "to": _root},
		],
		{sprintf("create-pods in the namespace ci as %s through k8s:ClusterRole//n", [id]) | some id in [_again, _step]},
	]}
}

test_one_account_that_it_becomes_is_named_alone if {
	administrator := {
		"identities": {_root: _named("root", "ci", {"all_access": "unconditional"})},
		"graph": {"administrators": [_root], "leads": {"pods": [_root]}},
	}
	found := {f.message | some f in _found(_model([_pods_in_ci], administrator))}
	found == {_over_pods("k8s:ServiceAccount/far/root, which is an administrator of the cluster")}
}

test_own_namespace_and_other_kinds_are_not_told_apart if {
	home := {"identities": {_account: {"namespace": "shop"}}}
	user := {"identities": {_account: {"kind": "user", "namespace": null}}}
	every parts in [home, user] {
		{contains(f.message, "is another one") | some f in _found(_model([_pods], parts))} == {false}
	}
}

test_limits_by_names_are_said if {
	nodes := "k8s:Group//system:nodes"
	api := envelope.way({
		"path": "write-api-services", "scope": "*", "keys": ["s"], "limits": {"s": "named"}, "limited": true,
		"actions": ["patch apiregistration.k8s.io/apiservices"],
	})
	model := _model([], {
		"identities": {nodes: envelope.identity({
			"kind": "group", "platform": "kubernetes", "name": "system:nodes", "family": nodes,
		})},
		"graph": {"ways": {nodes: [api]}},
	})
	{f.message | some f in _found(model)} == {concat("", [
		"k8s:Group//system:nodes (every node of the cluster, past the node authorizer, which lets each reach only its ",
		concat(" ", [
			"own pods) can (in the whole cluster) serve an API group itself and receive the callers' credentials,",
			"as far as resourceNames ",
		]),
		"allow, through k8s:ClusterRole//s (rules[0], bound by k8s:ClusterRoleBinding//s).",
	])}
}

test_what_the_system_makes_of_a_name_is_said_of_names_below_it_too if {
	joining := "k8s:Group//system:bootstrappers:kubeadm"
	model := _model([], {
		"identities": {joining: envelope.identity({
			"kind": "group", "platform": "kubernetes", "name": "b", "family": "k8s:Group//system:bootstrappers",
		})},
		"graph": {"ways": {joining: [_read_all]}},
	})
	{contains(f.message, "(whoever has a token to join as a node)") | some f in _found(model)} == {true}
}
