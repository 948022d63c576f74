package gate.rules.kubernetes.objects_rewritten_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.objects_rewritten as rule

_interceptor(parts) := object.union(
	{
		"kind": "mutating policy", "host": null, "unverified": false, "seen": ["pods"], "change": "create",
		"writes": [], "opaque": [], "source": envelope.from("k8s:P//p"),
	},
	parts,
)

_said(parts) := {[f.severity, f.message] |
	some f in rule.findings with input as envelope.of({"interceptors": [_interceptor(parts)]})
}

_weight(parts) := {severity | some [severity, _] in _said(parts)}

test_a_policy_that_gives_pods_another_account_is_refused if {
	rule.findings == {{
		"address": "k8s:P//p",
		"confidence": "proven",
		"evidence": [{
			"action": "changes", "address": "k8s:P//p", "resource": "pods", "statement": "mutating policy",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
		}],
		"facts": {"mutating policy of k8s:P//p: changes pods when they are stored: spec.serviceAccountName"},
		"frameworks": ["OWASP-NHI:NHI5", "NIST-800-53:CM-5", "NIST-800-53:AC-6"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "k8s:P//p changes pods when they are stored: spec.serviceAccountName.",
		"path": [],
		"remediation": concat(" ", [
			"Write the changed values out in the policy, for the kinds and namespaces that need it, or have each",
			"workload declare them.",
		]),
		"rule": "objects-rewritten",
		"severity": "high",
		"title": "Objects modified at admission",
	}} with input as envelope.of({"interceptors": [_interceptor({
		"writes": ["metadata.labels.team", "spec.serviceAccountName"],
	})]})
}

test_the_longest_place_that_fits_weighs if {
	_weight({"writes": ["metadata.labels.gate.nhi/exempt"]}) == {"high"}
	_weight({"writes": ["metadata.labels.rbac.authorization.k8s.io/aggregate-to-admin"]}) == {"high"}
	_weight({"writes": ["metadata.labels.pod-security.kubernetes.io/enforce"]}) == {"high"}
	_weight({"writes": ["metadata.annotations.iam.amazonaws.com/role"]}) == {"high"}
	_weight({"writes": ["metadata.labels.pod-security"]}) == set()
	_weight({"writes": ["metadata.labels.team", "spec.containers.resources.limits.cpu"]}) == set()
	_weight({"writes": ["spec.containers.image"]}) == {"medium"}
	_weight({"writes": ["spec.hostAliases.ip"]}) == {"medium"}
	_weight({"writes": ["spec.hostPID"]}) == set() # known: node-takeover's
}

test_what_nobody_knows_is_refused_where_it_decides if {
	_weight({"writes": ["spec.hostPID"], "opaque": ["spec.hostPID"]}) == {"high"}
	_weight({"writes": ["spec.containers"], "opaque": ["spec.containers"]}) == {"high"}
	_weight({"writes": ["spec.containers.env.value"], "opaque": ["spec.containers.env.value"]}) == {"medium"}
	_weight({"writes": ["metadata.labels.team"], "opaque": ["metadata.labels.team"]}) == set()
	_weight({"writes": ["metadata.labels"], "opaque": ["metadata.labels"]}) == {"high"} # which labels, nobody knows
	_weight({"writes": ["spec.hostAliases"], "opaque": ["spec.hostAliases"]}) == {"high"}
	_said({"seen": [], "writes": ["the whole object"], "opaque": ["the whole object"]}) == {[
		"high", "k8s:P//p changes objects when they are stored: the whole object, whose new value cannot be determined.",
	]}
}

test_objects_that_bear_no_identity_are_worth_a_word if {
	_weight({"seen": ["configmaps"], "writes": ["data.a"], "opaque": ["data.a"]}) == {"low"}
	_weight({"seen": ["cert-manager.io/*"], "writes": ["spec"], "opaque": ["spec"]}) == {"low"}
	_weight({"seen": ["rbac.authorization.k8s.io/rolebindings"], "writes": ["subjects.name"]}) == {"high"}
}

test_webhooks_of_the_cluster if {
	_said({"kind": "mutating webhook", "seen": ["*/*/*"]}) == {["medium", concat("", [
		concat(" ", [
			"k8s:P//p sees and changes */*/* before they are stored:",
			"whoever runs the service behind it decides their content.",
		]),
	])]}
	_weight({"kind": "mutating webhook", "seen": ["cert-manager.io/certificaterequests"]}) == set()
	_weight({"kind": "mutating webhook", "seen": ["pods"], "host": "x.example.com"}) == set()
	_weight({"kind": "validating webhook", "seen": ["*/*"]}) == {"low"}
	_weight({"kind": "validating webhook", "seen": ["pods", "apps/*"]}) == set()
	_weight({"kind": "mutating webhook", "seen": ["pods"], "change": "delete"}) == set()
}
