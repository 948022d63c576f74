package anonymous_rbac_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.anonymous_rbac

_location := {"file": "rbac.yaml", "line": 6, "end_line": 8}

_anyone := "k8s:Group//system:unauthenticated"

_access(holder, action, resources) := {"grants": {"k8s1": envelope.rbac({
	"platform": "kubernetes",
	"actions": [action],
	"resources": resources,
	"holders": [holder],
	"rule": {"reads": startswith(action, "get ")},
	"source": {
		"address": "k8s:ClusterRole//pods",
		"statement": "rules[0], bound by k8s:ClusterRoleBinding//pods",
		"location": _location,
	},
})}}

test_a_right_of_anonymous_requests_is_reported if {
	anonymous_rbac.findings == {{
		"rule": "anonymous-rbac",
		"title": "RBAC permissions for anonymous requests",
		"severity": "critical",
		"confidence": "proven",
		"frameworks": ["OWASP-NHI:NHI4", "NIST-800-53:AC-14"],
		"remediation": concat(" ", [
			"Remove the subject from the binding, and bind the service accounts or groups",
			"that need the permission.",
		]),
		"identity": _anyone,
		"address": "k8s:ClusterRole//pods",
		"message": concat("", [
			"Anyone who can reach the API server can, without credentials, get pods, ",
			"through k8s:ClusterRole//pods (rules[0], bound by k8s:ClusterRoleBinding//pods).",
		]),
		"location": _location,
		"evidence": [{
			"address": "k8s:ClusterRole//pods",
			"statement": "rules[0], bound by k8s:ClusterRoleBinding//pods",
			"action": "get pods",
			"resource": "*",
			"location": _location,
		}],
		"path": [],
		"facts": {"get pods in the whole cluster through k8s:ClusterRole//pods"},
	}} with input.access as _access(_anyone, "get pods", ["*"])
}

test_public_addresses_kube_public_and_known_identities_are_silent if {
	anonymous_rbac.findings == set() with input.access as _access(_anyone, "get url:/healthz", ["*"])
	anonymous_rbac.findings == set() with input.access as _access(_anyone, "get configmaps", ["kube-public/cluster-info"])
	anonymous_rbac.findings == set() with input.access as _access("k8s:Group//system:authenticated", "get pods", ["*"])
}

test_writing_in_kube_public_is_reported if {
	count(anonymous_rbac.findings) == 1 with input.access as _access(_anyone, "create pods", ["kube-public/*"])
	updated := _access(_anyone, "patch configmaps", ["kube-public/cluster-info"])
	count(anonymous_rbac.findings) == 1 with input.access as updated
	anonymous_rbac.findings == set() with input.access as _access(_anyone, "get secrets", ["kube-public/*"])
}
