package gate.rules.kubernetes.powerful_pod_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.powerful_pod as rule

_pod := "k8s:Deployment/shop/web"

_account := "k8s:ServiceAccount/shop/web"

_open := {"exposure": "internet", "doors": ["k8s:Ingress/shop/web"]}

_found(identity, workload) := found if {
	parts := {
		"identities": {_account: envelope.identity(object.union({"kind": "service_account", "platform": "kubernetes", "namespace": "shop", "name": "web"}, identity))},
		"grants": {
			"g": envelope.grant({"platform": "kubernetes", "actions": ["escalate,update roles"], "resources": ["shop/*"], "everything": false, "holders": [_account]}),
			"h": envelope.grant({"platform": "kubernetes", "actions": ["get configmaps"], "resources": ["shop/*"], "everything": false, "holders": ["another"]}),
		},
		"workloads": {_pod: envelope.workload(object.union(
			{
				"kind": "Deployment", "platform": "kubernetes", "runs_as": [_account, "aws_iam_role.web"],
				"token": true, "exposure": "none", "source": envelope.from(_pod),
			},
			workload,
		))},
	}
	found := rule.findings with input as envelope.of(parts)
}

_escalating := {"grants": {
	"escalate rbac.authorization.k8s.io/roles": ["g"],
	"update rbac.authorization.k8s.io/roles": ["g"],
}}

test_token_of_an_account_that_can_take_over_a_namespace if {
	at := {"file": "main.tf", "line": 3, "end_line": 9}
	_found(_escalating, _open) == {{
		"address": _pod,
		"confidence": "proven",
		"evidence": [
			{"address": _pod, "statement": "serviceAccountName", "location": at, "action": "runs as", "resource": _account},
			{"address": "aws_iam_policy.p", "statement": "0", "location": at, "action": "escalate,update roles", "resource": "shop/*"},
		],
		"facts": {"k8s:Deployment/shop/web holds the token of one that can write any right into a role, its own included"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.6"],
		"identity": _account,
		"location": at,
		"message": "k8s:Deployment/shop/web holds the token of k8s:ServiceAccount/shop/web, which can write any right into a role, its own included, and the internet reaches it through k8s:Ingress/shop/web.",
		"path": [
			{"from": "k8s:Ingress/shop/web", "via": "traffic from the internet", "actions": [], "to": _pod},
			{"from": _pod, "via": "its mounted token", "actions": [], "to": _account},
		],
		"remediation": "Name a service account in serviceAccountName that may do only what this workload needs, or set automountServiceAccountToken: false.",
		"rule": "powerful-pod",
		"severity": "high",
		"title": "Pod with powerful rights",
	}}
}

test_administrator_is_said_in_a_word if {
	{[f.severity, f.message] | some f in _found({"all_access": "unconditional", "grants": {"*": ["g"]}}, {})} == {["high", "k8s:Deployment/shop/web holds the token of k8s:ServiceAccount/shop/web, which is an administrator of the cluster."]}
}

test_sensitive_rights_are_a_warning_where_the_internet_reaches_the_pod if {
	sensitive := {"grants": {"delete secrets": ["g"]}}
	{f.severity | some f in _found(sensitive, _open)} == {"medium"}
	_found(sensitive, {}) == set()
	_found({}, _open) == set()
}

test_pod_without_a_token_acts_as_nobody if {
	_found(_escalating, {"token": false}) == set()
}
