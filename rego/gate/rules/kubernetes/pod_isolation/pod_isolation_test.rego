package gate.rules.kubernetes.pod_isolation_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.pod_isolation as rule

_pod := "k8s:Pod/shop/web"

_setting(name, value) := {"name": name, "where": "spec", "value": value, "source": envelope.from(_pod)}

_token(seconds) := object.union(
	_setting("pod-projected-token-audience", sprintf("audience vault, expires after %v s", [seconds])),
	{"audience": "vault", "lasts": seconds},
)

_found(workload) := found if {
	parts := {"workloads": {_pod: envelope.workload(object.union({"platform": "kubernetes", "runs_as": []}, workload))}}
	found := rule.findings with input as envelope.of(parts)
}

test_what_a_pod_says_itself_is_one_low_warning if {
	at := {"file": "main.tf", "line": 3, "end_line": 9}
	_found({"isolation": [_setting("pod-seccomp-unconfined", "Unconfined"), _setting("pod-run-as-root", "not set")]}) == {{
		"address": _pod,
		"confidence": "proven",
		"evidence": [
			{"address": _pod, "statement": "spec", "action": "pod-seccomp-unconfined", "resource": "Unconfined", "location": at},
		],
		"facts": {"pod-seccomp-unconfined: Unconfined"},
		"frameworks": ["OWASP-NHI:NHI6", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.2.1"],
		"identity": null,
		"location": at,
		"message": "k8s:Pod/shop/web can make any system call.",
		"path": [],
		"remediation": "set seccompProfile.type: RuntimeDefault.",
		"rule": "pod-isolation",
		"severity": "low",
		"title": "Pod with weak isolation",
	}}
}

test_what_is_left_unset_counts_where_the_internet_reaches_the_pod if {
	isolation := [_setting("pod-run-as-root", "not set"), _setting("pod-cap-no-drop", "ALL is not dropped")]
	_found({"isolation": isolation}) == set()
	{[f.severity, f.message] |
		some f in _found({"isolation": isolation, "exposure": "internet", "doors": ["k8s:Ingress/shop/web"]})
	} == {[
		"low",
		concat(" ", [
			"k8s:Pod/shop/web keeps the capabilities that the container runtime gives by default and may run as",
			"root, and the internet reaches it through k8s:Ingress/shop/web.",
		]),
	]}
	{f.message | some f in _found({"isolation": [isolation[0]], "exposure": "internet"})} == {
		"k8s:Pod/shop/web may run as root, and the internet reaches it.",
	}
}

test_the_worst_setting_weighs if {
	{f.severity |
		some f in _found({"isolation": [
			_setting("pod-host-port", "80"), _setting("pod-node-name-or-tolerations", "control plane"),
		]})
	} == {
		"medium",
	}
	{f.severity | some f in _found({"settings": [_setting("pod-host-port", "80")]})} == {"low"}
}

test_token_that_lives_for_days_is_a_warning if {
	{f.message |
		some f in _found({"settings": [_token(604800)]})
	} == {
		"k8s:Pod/shop/web holds a token that is valid for more than a day.",
	}
	_found({"settings": [_token(3600)]}) == set()
	_found({"settings": [_token(null)]}) == set()
}

test_settings_that_hand_over_the_node_are_another_rule if {
	_found({"settings": [_setting("pod-privileged", "true")]}) == set()
}
