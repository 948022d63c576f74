package gate.rules.kubernetes.privileged_cloud_identity_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.privileged_cloud_identity as rule

_account := "k8s:ServiceAccount/shop/web"

_at := {"file": "main.tf", "line": 3, "end_line": 9}

_web_identity := ["sts:AssumeRoleWithWebIdentity"]

# A service account that enters the cloud as `role`, beside an administrator there.
_model(graph_parts, parts) := object.union(
	envelope.of({
		"identities": {
			_account: envelope.identity({
				"kind": "service_account", "platform": "kubernetes", "namespace": "shop", "name": "web",
				"source": envelope.from(_account),
			}),
			"role": envelope.identity({}),
			"admin": envelope.identity({"all_access": "unconditional"}),
		},
		"trust": {"role": [envelope.edge(
			{"kind": "service_account", "value": "system:serviceaccount:shop:web", "identity": _account},
			{"meant": true, "actions": _web_identity},
		)]},
		"workloads": {"k8s:Deployment/shop/web": envelope.workload({"runs_as": [_account, "role"]})},
		"graph": graph_parts,
	}),
	{"access": parts},
)

_administrator := {"administrators": ["role", "admin"]}

_open := {"workloads": {"k8s:Deployment/shop/web": {"exposure": "internet", "doors": ["k8s:Ingress/shop/web"]}}}

_found(model) := found if {
	found := rule.findings with input as model
}

_enters := {"from": _account, "via": "aws_iam_role.app", "actions": _web_identity, "to": "role"}

test_account_of_an_administrator_that_the_internet_reaches if {
	_found(_model(_administrator, _open)) == {{
		"address": _account,
		"confidence": "proven",
		"evidence": [{
			"address": "aws_iam_role.app", "statement": "0", "location": _at, "action": _web_identity[0], "resource": "role",
		}],
		"facts": {"enters the cloud as role, by which it is role"},
		"frameworks": ["OWASP-NHI:NHI5", "OWASP-NHI:NHI8", "NIST-800-53:AC-6"],
		"identity": _account,
		"location": _at,
		"message": concat("", [
			"Whoever gets into a pod of k8s:ServiceAccount/shop/web is role, which is an administrator of its cloud account, ",
			"and the internet reaches it through k8s:Ingress/shop/web and k8s:Deployment/shop/web.",
		]),
		"path": [
			{"from": "k8s:Ingress/shop/web", "via": "traffic from the internet", "actions": [], "to": "k8s:Deployment/shop/web"},
			{"from": "k8s:Deployment/shop/web", "via": "runs as", "actions": [], "to": _account},
			_enters,
		],
		"remediation": "Give the service account a role of its own with the permissions that its workload needs.",
		"rule": "privileged-cloud-identity",
		"severity": "critical",
		"title": "Service account with cloud administrator access",
	}}
}

_chain := envelope.chain(
	[envelope.step("role", "lambda-create-invoke", "far"), envelope.step("far", "sts-assume-role", "admin")],
	"admin",
)

test_chain_to_an_administrator_is_shown_step_by_step if {
	entering := {"trust": {"admin": [
		envelope.edge({"kind": "role", "value": "far", "identity": "far"}, {"source": envelope.from("aws_iam_role.admin")}),
		envelope.edge({"kind": "role", "value": "role", "identity": "role"}, {"negated": true}),
	]}}
	model := _model({"administrators": ["admin"], "to_administrator": {"role": _chain}}, entering)
	{[f.severity, f.message, f.path, f.facts] | some f in _found(model)} == {[
		"high",
		concat("", [
			"Whoever gets into a pod of k8s:ServiceAccount/shop/web is role, which can become admin, ",
			"an administrator of its cloud account.",
		]),
		[
			_enters,
			{"from": "role", "via": "lambda-create-invoke", "actions": [], "to": "far"},
			{"from": "far", "via": "aws_iam_role.admin", "actions": ["sts:AssumeRole"], "to": "admin"},
		],
		{"enters the cloud as role, by which it is admin"},
	]}
}

# A statement for everybody but one names that one and lets it in nowhere.
test_step_that_a_trust_policy_names_only_to_keep_out_is_by_its_technique if {
	keeping_out := {"trust": {"admin": [envelope.edge({"kind": "role", "identity": "role"}, {"negated": true})]}}
	direct := envelope.chain([envelope.step("role", "iam-update-assume-role-policy", "admin")], "admin")
	model := _model({"administrators": ["admin"], "to_administrator": {"role": direct}}, keeping_out)
	{f.path[1].via | some f in _found(model)} == {"iam-update-assume-role-policy"}
}

test_ordinary_role_is_silent if {
	_found(_model({"administrators": ["admin"]}, _open)) == set()
}

test_role_that_no_service_account_enters_is_silent if {
	by_a_role := {"trust": {"role": [envelope.edge({"kind": "role", "identity": "admin"}, {})]}}
	_found(_model(_administrator, by_a_role)) == set()
}

test_account_outside_of_the_change_is_told_at_its_association if {
	outside := _model(_administrator, {"identities": {_account: {"source": null}}})
	{f.address | some f in _found(outside)} == {"aws_iam_role.app"}
	unseen := json.patch(_model(_administrator, {}), [{
		"op": "remove", "path": "/access/identities/k8s:ServiceAccount~1shop~1web",
	}])
	{f.address | some f in _found(unseen)} == {"aws_iam_role.app"}
}
