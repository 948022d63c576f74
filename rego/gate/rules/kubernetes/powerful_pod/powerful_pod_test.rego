package gate.rules.kubernetes.powerful_pod_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.powerful_pod as rule

_pod := "k8s:Deployment/shop/web"

_account := "k8s:ServiceAccount/shop/web"

_open := {"exposure": "internet", "doors": ["k8s:Ingress/shop/web"]}

# A pod that holds the token of an account with these ways.
_found(identity, ways, workload) := found if {
	account := object.union(
		{"kind": "service_account", "platform": "kubernetes", "namespace": "shop", "name": "web"},
		identity,
	)
	found := rule.findings with input as envelope.of({
		"identities": {_account: envelope.identity(account), "aws_iam_role.web": envelope.identity({})},
		"grants": {
			"g": envelope.rbac({"actions": ["escalate,update roles"], "resources": ["shop/*"]}),
			"h": envelope.rbac({"actions": ["get configmaps"], "resources": ["shop/*"]}),
		},
		"workloads": {_pod: envelope.workload(object.union(
			{
				"kind": "Deployment", "platform": "kubernetes", "runs_as": [_account, "aws_iam_role.web"], "token": true,
				"source": envelope.from(_pod),
			},
			workload,
		))},
		"graph": {"ways": {_account: ways}},
	})
}

_escalating := envelope.way({"path": "escalate-roles"})

_slight := envelope.way({"path": "get-secrets"})

_at := {"file": "main.tf", "line": 3, "end_line": 9}

test_token_of_an_account_that_can_take_over_a_namespace if {
	_found({}, [_slight, _escalating], _open) == {{
		"address": _pod,
		"confidence": "proven",
		"evidence": [
			{"address": _pod, "statement": "serviceAccountName", "location": _at, "action": "runs as", "resource": _account},
			{
				"address": "k8s:Role/shop/app", "statement": "rules[0]", "location": null, "action": "escalate,update roles",
				"resource": "shop/*",
			},
		],
		"facts": {"k8s:Deployment/shop/web holds the token of one that can add any permission to a role, including its own"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.6"],
		"identity": _account,
		"location": _at,
		"message": concat(" ", [
			"k8s:Deployment/shop/web holds the token of k8s:ServiceAccount/shop/web, which can add any",
			"permission to a role, including its own, and the internet reaches it through",
			"k8s:Ingress/shop/web.",
		]),
		"path": [
			{"from": "k8s:Ingress/shop/web", "via": "traffic from the internet", "actions": [], "to": _pod},
			{"from": _pod, "via": "its mounted token", "actions": [], "to": _account},
		],
		"remediation": concat(" ", [
			"Name a service account in serviceAccountName that has only the permissions that this workload needs,",
			"or set automountServiceAccountToken: false.",
		]),
		"rule": "powerful-pod",
		"severity": "high",
		"title": "Pod with powerful permissions",
	}}
}

test_administrator_is_said_in_a_word if {
	administrator := {"all_access": "unconditional", "grants": {"*": ["g"]}}
	{[f.severity, f.message, count(f.evidence)] | some f in _found(administrator, [_escalating], {})} == {[
		"high",
		concat("", [
			"k8s:Deployment/shop/web holds the token of k8s:ServiceAccount/shop/web, ",
			"which is an administrator of the cluster.",
		]),
		2,
	]}
}

test_sensitive_rights_are_a_warning_where_the_internet_reaches_the_pod if {
	sensitive := {"grants": {"delete secrets": ["g"]}}
	{[f.severity, f.facts] | some f in _found(sensitive, [_slight], _open)} == {[
		"medium",
		{"k8s:Deployment/shop/web holds the token of one that holds sensitive rights in the cluster (delete secrets)"},
	]}
	_found(sensitive, [_slight], {}) == set()
	_found({}, [], _open) == set()
}

test_pod_without_a_token_acts_as_nobody if {
	_found({}, [_escalating], {"token": false}) == set()
}
