package wildcard_rbac_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.wildcard_rbac

_location := {"file": "rbac.yaml", "line": 8, "end_line": 10}

_account := "k8s:ServiceAccount/ops/operator"

_access(grant, covered) := {
	"identities": {_account: {
		"kind": "service_account", "platform": "kubernetes", "all_access": "none", "grants": covered,
	}},
	"grants": {"k8s1": envelope.rbac(object.union(
		{
			"platform": "kubernetes",
			"actions": ["* *"],
			"wildcards": ["* *"],
			"resources": ["*"],
			"holders": [_account],
			"source": {
				"address": "k8s:ClusterRole//operator",
				"statement": "rules[0], bound by k8s:ClusterRoleBinding//operator",
				"location": _location,
			},
		},
		grant,
	))},
}

_everything := {"get secrets": ["k8s1"]}

_severities(access) := {f.severity | some f in findings} if {
	findings := wildcard_rbac.findings with input.access as access
}

test_wildcard_in_the_whole_cluster_is_reported if {
	wildcard_rbac.findings == {{
		"rule": "wildcard-rbac",
		"title": "Wildcard in an RBAC rule",
		"severity": "high",
		"confidence": "proven",
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.3"],
		"remediation": concat(" ", [
			"Replace the wildcard with the verbs and resources that are used; kubectl auth can-i --list shows the",
			"current permissions of an account.",
		]),
		"identity": _account,
		"address": "k8s:ClusterRole//operator",
		"message": concat("", [
			"k8s:ServiceAccount/ops/operator holds \"* *\" in the whole cluster, ",
			"through k8s:ClusterRole//operator (rules[0], bound by k8s:ClusterRoleBinding//operator).",
		]),
		"location": _location,
		"evidence": [{
			"address": "k8s:ClusterRole//operator",
			"statement": "rules[0], bound by k8s:ClusterRoleBinding//operator",
			"action": "* *",
			"resource": "*",
			"location": _location,
		}],
		"path": [],
		"facts": {"\"* *\" in the whole cluster through k8s:ClusterRole//operator"},
	}} with input.access as _access({}, _everything)
}

test_one_namespace_is_a_warning_and_kube_system_is_not_one_namespace if {
	_severities(_access({"resources": ["team/*"]}, _everything)) == {"medium"}
	_severities(_access({"resources": ["kube-system/*"]}, _everything)) == {"high"}
}

test_own_custom_resources_weigh_little if {
	_severities(_access({"wildcards": ["* queues.example.com/queues"]}, {})) == {"low"}
	_severities(_access({"wildcards": ["* queues.example.com/queues"], "resources": ["team/*"]}, {})) == set()
}

test_reading_all_kinds_of_one_group_is_silent if {
	_severities(_access({"wildcards": ["get,list,watch kyverno.io/*"]}, {})) == set()
	_severities(_access({"wildcards": ["get,list,delete kyverno.io/*"]}, {})) == {"low"}
	_severities(_access({"wildcards": ["get,list */*"]}, {})) == {"low"}
	covers := _with_way(_access({"wildcards": ["get kyverno.io/*"]}, _everything), "get-secrets")
	_severities(covers) == {"high"}
}

# The account's right is a way by itself, as the model says.
_with_way(access, path) := object.union(access, {"graph": {"ways": {_account: [{
	"path": path, "scope": "*", "keys": ["k8s1"], "limits": {"k8s1": "free"}, "actions": [], "limited": false,
	"leads": null, "by_name": false,
}]}}})

test_named_objects_administrators_and_plain_rules_are_silent if {
	_severities(_access({"resources": ["*/settings"]}, _everything)) == set()
	_severities(_access({"wildcards": []}, _everything)) == set()
	admin := {
		"op": "replace",
		"path": sprintf("identities/%s/all_access", [replace(_account, "/", "~1")]),
		"value": "unconditional",
	}
	_severities(json.patch(_access({}, _everything), [admin])) == set()
}

test_a_group_answers_for_its_members if {
	group := "k8s:Group//system:authenticated"
	members := object.union(_access({"holders": [group, _account]}, _everything), {"identities": {
		group: {"kind": "group", "platform": "kubernetes", "all_access": "none", "grants": _everything},
		_account: {"inherited": ["k8s1"]},
	}})
	found := wildcard_rbac.findings with input.access as members
	{f.identity | some f in found} == {group}
}

test_an_unbound_role_is_a_warning if {
	access := _access({}, _everything)
	unbound := object.union(access, {"identities": {_account: {"kind": "role"}}})
	found := wildcard_rbac.findings with input.access as unbound
	{[f.severity, f.confidence] | some f in found} == {["medium", "possible"]}
	own := object.union(_access({}, {}), {"identities": {_account: {"kind": "role"}}})
	_severities(own) == {"low"}
}

test_a_star_of_one_group_of_custom_resources_weighs_what_its_ways_weigh if {
	workflows := {"create argoproj.io/workflows": ["k8s1"]}
	some_way := _with_way(_access({"wildcards": ["create argoproj.io/*"]}, workflows), "write-custom-workloads")
	_severities(some_way) == {"medium"}
	_severities(_access({"wildcards": ["create argoproj.io/*", "create */*"]}, workflows)) == {"high"}
	_severities(_access({"wildcards": ["create rbac.authorization.k8s.io/*"]}, workflows)) == {"high"}
	_severities(_access({"wildcards": ["create */*"]}, workflows)) == {"high"}
}

test_every_verb_on_named_kinds_weighs_what_its_ways_weigh if {
	rewrites := {"patch configmaps": ["k8s1"]}
	little := _with_way(_access({"wildcards": ["* configmaps"]}, rewrites), "map-cloud-identities")
	_severities(little) == {"medium"}
	_severities(_access({"wildcards": ["* configmaps"]}, rewrites)) == {"medium"}
	much := _with_way(_access({"wildcards": ["* secrets"]}, _everything), "read-secrets")
	_severities(much) == {"high"}
	_severities(_access({"wildcards": ["* configmaps,pods/*"]}, rewrites)) == {"high"}
	_severities(_access({"wildcards": ["* */configmaps"]}, rewrites)) == {"high"}
}
