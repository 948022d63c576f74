package gate.rules.kubernetes.privileged_cloud_identity_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.privileged_cloud_identity as rule

_account := "k8s:ServiceAccount/shop/web"

_at := {"file": "main.tf", "line": 3, "end_line": 9}

_world(role, workload) := {
	"identities": {
		_account: envelope.identity({"kind": "service_account", "platform": "kubernetes", "namespace": "shop", "name": "web", "source": envelope.from(_account)}),
		"role": envelope.identity(role),
		"admin": envelope.identity({"all_access": "unconditional", "grants": {"*": ["g"]}}),
	},
	"grants": {"g": envelope.grant({})},
	"trust": {
		"role": [envelope.edge({"kind": "service_account", "value": "system:serviceaccount:shop:web", "identity": _account}, {"meant": true, "actions": ["sts:AssumeRoleWithWebIdentity"]})],
		"admin": [envelope.edge({"kind": "role", "value": "role", "identity": "far"}, {})],
	},
	"workloads": {"k8s:Deployment/shop/web": envelope.workload(object.union({"runs_as": [_account, "role"]}, workload))},
}

_admin := {"all_access": "unconditional", "grants": {"*": ["g"]}}

_open := {"exposure": "internet", "doors": ["k8s:Ingress/shop/web"]}

_found(parts) := found if {
	found := rule.findings with input as envelope.of(parts)
}

test_account_of_an_administrator_that_the_internet_reaches if {
	_found(_world(_admin, _open)) == {{
		"address": _account,
		"confidence": "proven",
		"evidence": [{"address": "aws_iam_role.app", "statement": "0", "location": _at, "action": "sts:AssumeRoleWithWebIdentity", "resource": "role"}],
		"facts": {"enters the cloud as role, by which it is role"},
		"frameworks": ["OWASP-NHI:NHI5", "OWASP-NHI:NHI8", "NIST-800-53:AC-6"],
		"identity": _account,
		"location": _at,
		"message": "Whoever gets into a pod of k8s:ServiceAccount/shop/web is role, which is an administrator of its cloud account, and the internet reaches it through k8s:Ingress/shop/web and k8s:Deployment/shop/web.",
		"path": [
			{"from": "k8s:Ingress/shop/web", "via": "traffic from the internet", "actions": [], "to": "k8s:Deployment/shop/web"},
			{"from": "k8s:Deployment/shop/web", "via": "runs as", "actions": [], "to": _account},
			{"from": _account, "via": "aws_iam_role.app", "actions": ["sts:AssumeRoleWithWebIdentity"], "to": "role"},
		],
		"remediation": "Give the service account a role of its own that allows what its workload needs.",
		"rule": "privileged-cloud-identity",
		"severity": "critical",
		"title": "Service account of a cloud administrator",
	}}
}

test_chain_to_an_administrator_is_shown if {
	parts := _world({"grants": {"sts:AssumeRole": ["g"]}}, {})
	opened := json.patch(parts, [{"op": "add", "path": "/trust/admin/-", "value": envelope.edge({"kind": "account", "value": "111122223333", "own_account": true}, {})}])
	{[f.severity, f.message, f.path] | some f in _found(opened)} == {[
		"high",
		"Whoever gets into a pod of k8s:ServiceAccount/shop/web is role, which can become admin, an administrator of its cloud account.",
		[
			{"from": _account, "via": "aws_iam_role.app", "actions": ["sts:AssumeRoleWithWebIdentity"], "to": "role"},
			{"from": "role", "via": "its permissions", "actions": [], "to": "admin"},
		],
	]}
}

test_ordinary_role_is_silent if {
	_found(_world({"grants": {"s3:GetObject": ["g"]}}, _open)) == set()
}

test_account_outside_of_the_change_is_told_at_its_association if {
	outside := json.patch(_world(_admin, {}), [{"op": "replace", "path": "/identities/k8s:ServiceAccount~1shop~1web/source", "value": null}])
	{f.address | some f in _found(outside)} == {"aws_iam_role.app"}
	unseen := json.patch(_world(_admin, {}), [{"op": "remove", "path": "/identities/k8s:ServiceAccount~1shop~1web"}])
	{f.address | some f in _found(unseen)} == {"aws_iam_role.app"}
}
