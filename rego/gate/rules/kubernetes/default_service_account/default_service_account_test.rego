package default_service_account_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.default_service_account

# What the rule says: its wording is compared here and nowhere else.
_sentence(who_runs) := sprintf(
	"%s as the default service account of namespace shop, with its token mounted.",
	[who_runs],
)

_location := {"file": "web.yaml", "line": 20, "end_line": 24}

_default := "k8s:ServiceAccount/shop/default"

_account(name) := {"kind": "service_account", "platform": "kubernetes", "name": name, "namespace": "shop"}

_grant(holders) := envelope.rbac(_rule_for(holders))

_rule_for(holders) := {
	"platform": "kubernetes",
	"actions": ["get configmaps"],
	"resources": ["shop/*"],
	"holders": holders,
	"source": {
		"address": "k8s:Role/shop/web",
		"statement": "rules[0], bound by k8s:RoleBinding/shop/web",
		"location": _location,
	},
}

_workload(account, token) := {
	"platform": "kubernetes",
	"runs_as": [account],
	"namespace": "shop",
	"token": token,
	"source": {"address": "k8s:Deployment/shop/web", "statement": null, "location": _location},
}

_findings(access) := found if {
	found := default_service_account.findings with input.access as access
}

test_a_right_bound_to_the_default_account_is_reported if {
	access := {"identities": {_default: _account("default")}, "grants": {"k8s1": _grant([_default])}, "workloads": {}}
	_findings(access) == {{
		"rule": "default-service-account",
		"title": "Default service account used",
		"severity": "high",
		"confidence": "proven",
		"frameworks": ["OWASP-NHI:NHI9", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.5"],
		"remediation": "Create a service account for the workload, bind the role to it, and name it in serviceAccountName.",
		"identity": _default,
		"address": "k8s:Role/shop/web",
		"message": concat("", [
			"Every pod in namespace shop that does not name a service account can get configmaps, ",
			"through k8s:Role/shop/web (rules[0], bound by k8s:RoleBinding/shop/web).",
		]),
		"location": _location,
		"evidence": [{
			"address": "k8s:Role/shop/web",
			"statement": "rules[0], bound by k8s:RoleBinding/shop/web",
			"action": "get configmaps",
			"resource": "shop/*",
			"location": _location,
		}],
		"path": [],
		"facts": {"get configmaps in the namespace shop through k8s:Role/shop/web"},
	}}
}

test_workloads_that_run_as_it_are_one_warning if {
	workloads := {
		"k8s:Deployment/shop/web": _workload(_default, true), "k8s:Deployment/shop/api": _workload(_default, true),
	}
	access := {"identities": {_default: _account("default")}, "grants": {}, "workloads": workloads}
	{[f.severity, f.identity, f.address, f.message, f.facts] | some f in _findings(access)} == {[
		"low",
		_default,
		"k8s:Deployment/shop/api",
		_sentence("k8s:Deployment/shop/api and k8s:Deployment/shop/web run"),
		{"k8s:Deployment/shop/api runs as it", "k8s:Deployment/shop/web runs as it"},
	]}
}

test_one_workload_runs_as_it if {
	access := {
		"identities": {_default: _account("default")}, "grants": {},
		"workloads": {"k8s:Deployment/shop/web": _workload(_default, true)},
	}
	_findings(access) == {{
		"rule": "default-service-account",
		"title": "Default service account used",
		"severity": "low",
		"confidence": "proven",
		"frameworks": ["OWASP-NHI:NHI9", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.5"],
		"remediation": "Name a service account of its own in serviceAccountName, or set automountServiceAccountToken: false.",
		"identity": _default,
		"address": "k8s:Deployment/shop/web",
		"message": _sentence("k8s:Deployment/shop/web runs"),
		"location": _location,
		"evidence": [{
			"address": "k8s:Deployment/shop/web",
			"statement": "serviceAccountName is default or not set",
			"action": "runs as",
			"resource": _default,
			"location": _location,
		}],
		"path": [],
		"facts": {"k8s:Deployment/shop/web runs as it"},
	}}
}

test_own_accounts_unmounted_tokens_and_rights_of_chosen_groups_are_silent if {
	own := "k8s:ServiceAccount/shop/web"
	group := "k8s:Group//shop-team"
	access := {
		"identities": {
			own: _account("web"),
			_default: object.union(_account("default"), {"inherited": ["k8s2"]}),
			group: {"kind": "group", "platform": "kubernetes", "name": "g"},
		},
		"grants": {"k8s1": _grant([own]), "k8s2": _grant([group, own, _default])},
		"workloads": {"k8s:Deployment/shop/web": _workload(own, true), "k8s:Job/shop/job": _workload(_default, false)},
	}
	_findings(access) == set()
}

_said(group, identity, grant) := {[finding.severity, finding.message] |
	some finding in _findings({
		"identities": {group: object.union({"kind": "group", "platform": "kubernetes"}, identity)},
		"grants": {"k8s1": envelope.rbac(object.union(_rule_for([group]), grant))},
		"workloads": {},
	})
}

_through := ", through k8s:Role/shop/web (rules[0], bound by k8s:RoleBinding/shop/web)."

test_right_of_every_account_is_a_right_of_every_pod if {
	family := "k8s:Group//system:serviceaccounts"
	_said(family, {}, {}) == {[
		"medium", concat("", ["Every pod of the cluster can get configmaps", _through]),
	]}
	_said("k8s:Group//system:serviceaccounts:shop", {"namespace": "shop", "family": family}, {}) == {[
		"medium", concat("", ["Every pod in namespace shop can get configmaps", _through]),
	]}
}

test_sensitive_right_of_whoever_logs_in_is_high if {
	held := {"grants": {"get secrets": ["k8s1"]}}
	message := concat("", ["Anyone who can log in to the cluster, including each of its pods, can get secrets", _through])
	_said("k8s:Group//system:authenticated", held, {"actions": ["get secrets"]}) == {["high", message]}
}

test_named_objects_and_addresses_of_everybody if {
	group := "k8s:Group//system:authenticated"
	named := _said(group, {"grants": {"get secrets": ["k8s1"]}}, {"actions": ["get secrets"], "resources": ["shop/ca"]})
	{severity | some [severity, _] in named} == {"medium"}
	_said(group, {}, {"actions": ["get url:/version"]}) == set()
	_said(group, {"all_access": "unconditional"}, {}) == set()
}

test_reading_one_object_by_its_name_weighs_little if {
	group := "k8s:Group//system:authenticated"
	one := {"actions": ["get configmaps"], "resources": ["shop/version"], "rule": {"named": true, "reads": true}}
	said := concat("", [
		"Anyone who can log in to the cluster, including each of its pods, can get configmaps, ",
		"as far as resourceNames allow", _through,
	])
	_said(group, {"grants": {}}, one) == {["low", said]}
	_said(group, {"grants": {"get secrets": ["k8s2"]}}, one) == {["low", said]}
	_said(group, {"grants": {"get configmaps": ["k8s1"]}}, one) == {["medium", said]}
	_said(group, {"grants": {}}, object.union(one, {"rule": {"reads": false}})) == {["medium", said]}
}

test_long_lists_of_resources_are_cut if {
	message := concat("", ["Every pod of the cluster can get a,b,c,d,e,f, …", _through])
	_said("k8s:Group//system:serviceaccounts", {}, {"actions": ["get a,b,c,d,e,f,g"]}) == {["medium", message]}
}

test_a_right_of_everybody_is_told_with_its_grant if {
	group := "k8s:Group//system:authenticated"
	found := _findings({
		"identities": {group: {"kind": "group", "platform": "kubernetes"}},
		"grants": {"k8s1": envelope.rbac(object.union(_rule_for([group]), {"actions": ["get pods", "list pods"]}))},
		"workloads": {},
	})
	{[f.identity, f.address, f.location, f.evidence] | some f in found} == {[group, "k8s:Role/shop/web", _location, [{
		"address": "k8s:Role/shop/web", "statement": "rules[0], bound by k8s:RoleBinding/shop/web",
		"action": "get pods; list pods", "resource": "shop/*", "location": _location,
	}]]}
	every f in found {
		contains(f.remediation, "group")
		f.facts == {sprintf("%s pods in the namespace shop through k8s:Role/shop/web", [verb]) | some verb in ["get", "list"]}
	}
}
