package gate.lib.prescribed_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.prescribed

_glue := "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"

_role(principals) := envelope.of({
	"identities": {"r": envelope.identity({})},
	"grants": {"aws": envelope.grant({"source": envelope.from(_glue)}), "own": envelope.grant({})},
	"trust": {"r": [envelope.edge(principal, {}) | some principal in principals]},
})

_service(name) := {"kind": "service", "value": name}

test_policy_of_the_service_that_assumes_the_role if {
	prescribed.entirely("r", {"aws"}) with input as _role([_service("glue.amazonaws.com")])
}

test_policy_on_the_role_of_another_service if {
	not prescribed.entirely("r", {
		"aws",
	}) with input as _role([_service("glue.amazonaws.com"), _service("lambda.amazonaws.com")])
}

test_role_that_somebody_else_assumes_too if {
	not prescribed.entirely("r", {
		"aws",
	}) with input as _role([_service("glue.amazonaws.com"), {"kind": "account", "value": "111122223333"}])
}

test_grant_of_its_own_beside if {
	not prescribed.entirely("r", {"aws", "own"}) with input as _role([_service("glue.amazonaws.com")])
	not prescribed.entirely("r", set()) with input as _role([_service("glue.amazonaws.com")])
}

test_service_account_that_a_service_lets_in if {
	csi := object.union(
		_role([
			_service("pods.eks.amazonaws.com"),
			{"kind": "service_account", "value": "k8s:ServiceAccount/kube-system/ebs"},
		]),
		{"access": {"grants": {"aws": {"managed": "service-role/AmazonEBSCSIDriverPolicy"}}}},
	)
	prescribed.entirely("r", {"aws"}) with input as csi
	not prescribed.entirely("r", {
		"aws",
	}) with input as _role([{"kind": "service_account", "value": "k8s:ServiceAccount/kube-system/ebs"}])
}
