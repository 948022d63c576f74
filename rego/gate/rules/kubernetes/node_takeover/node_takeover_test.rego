package node_takeover_test

import data.gate.rules.kubernetes.node_takeover

_location := {"file": "pod.yaml", "line": 9, "end_line": 9}

_setting(name, value) := {
	"name": name,
	"where": sprintf("spec.%s", [name]),
	"value": value,
	"source": {"address": "k8s:Pod/ci/build", "statement": null, "location": _location},
	"limited": _limited(value),
}

_limited(value) := limit if {
	some limit in ["read only", "not as root"]
	contains(value, limit)
} else := "not"

_access(settings, exposure) := {"workloads": {"k8s:Pod/ci/build": {
	"platform": "kubernetes",
	"kind": "Pod",
	"exposure": exposure,
	"settings": [_setting(name, value) | some [name, value] in settings],
}}}

_severities(settings) := {f.severity | some f in findings} if {
	findings := node_takeover.findings with input.access as _access(settings, "unknown")
}

test_settings_of_a_pod_are_one_finding_the_worst_first if {
	found := node_takeover.findings with input.access as _access(
		[["pod-host-pid", "true"], ["pod-privileged", "true"]],
		"internet",
	)
	found == {{
		"rule": "node-takeover",
		"title": "Pod that can take over its node",
		"severity": "critical",
		"confidence": "proven",
		"frameworks": ["OWASP-NHI:NHI6", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.2.2"],
		"remediation": "remove privileged and add the one capability it needs; remove hostPID",
		"identity": null,
		"address": "k8s:Pod/ci/build",
		"message": concat("", [
			"k8s:Pod/ci/build runs privileged, which is root on its node and sees and accesses the processes on its node, ",
			"and the internet reaches it.",
		]),
		"location": _location,
		"evidence": [
			{
				"address": "k8s:Pod/ci/build",
				"statement": "spec.pod-privileged",
				"action": "pod-privileged",
				"resource": "true",
				"location": _location,
			},
			{
				"address": "k8s:Pod/ci/build",
				"statement": "spec.pod-host-pid",
				"action": "pod-host-pid",
				"resource": "true",
				"location": _location,
			},
		],
		"path": [],
		"facts": {"pod-privileged: true", "pod-host-pid: true"},
	}}
}

test_one_fix_is_said_once if {
	found := node_takeover.findings with input.access as _access(
		[["pod-host-pid", "true"], ["pod-host-pid", "false"]],
		"none",
	)
	{f.remediation | some f in found} == {"remove hostPID"}
}

test_a_read_only_mount_weighs_less_except_of_a_socket if {
	_severities([["pod-hostpath-root", "/"]]) == {"critical"}
	_severities([["pod-hostpath-root", "/ (read only)"]]) == {"high"}
	_severities([["pod-hostpath-runtime-socket", "/run/containerd/containerd.sock (read only)"]]) == {"critical"}
}

test_capabilities_weigh_by_name_and_together_with_host_namespaces if {
	_severities([["pod-cap-other", "DAC_READ_SEARCH"]]) == {"high"}
	_severities([["pod-cap-sys-ptrace", "SYS_PTRACE"], ["pod-host-pid", "true"]]) == {"high"}
	_severities([["pod-cap-other", "NET_ADMIN"], ["pod-host-network", "true"]]) == {"medium"}
	traced := node_takeover.findings with input.access as _access(
		[["pod-cap-sys-ptrace", "SYS_PTRACE"], ["pod-host-pid", "true"]],
		"unknown",
	)
	{f.facts | some f in traced} == {{"pod-cap-sys-ptrace: SYS_PTRACE", "pod-host-pid: true"}}
}

test_what_gives_nothing_of_the_node_is_silent if {
	_severities([["pod-cap-other", "NET_BIND_SERVICE"]]) == set()
	_severities([["pod-cap-other", "NET_ADMIN"]]) == set()
	_severities([["pod-cap-sys-ptrace", "SYS_PTRACE"]]) == set()
	_severities([["pod-projected-token-audience", "audience vault, expires after 3600 s"]]) == set()
	_severities([["pod-hostpath-var-log", "/var/log (not as root)"]]) == set()
	_severities([["pod-host-port", "8080"]]) == set()
	_severities([]) == set()
}

_beside(value, logs, token) := {[f.severity, f.message] | some f in findings} if {
	access := json.patch(
		object.union(_access([["pod-hostpath-var-log", value]], "none"), {"grants": {"g": {
			"holders": ["k8s:ServiceAccount/ci/bot"],
			"rule": {"logs": logs},
		}}}),
		[
			{"op": "add", "path": "/workloads/k8s:Pod~1ci~1build/token", "value": token},
			{"op": "add", "path": "/workloads/k8s:Pod~1ci~1build/runs_as", "value": ["k8s:ServiceAccount/ci/bot"]},
		],
	)
	findings := node_takeover.findings with input.access as access
}

_follows := "k8s:Pod/ci/build follows links out of its node's log folder"

test_a_writable_log_folder_and_a_right_to_read_logs_are_the_whole_node if {
	reads := {[
		"high", concat("", [_follows, ", and its account may read logs, so that it reads every file of the node."]),
	]}
	_beside("/var/log", true, true) == reads
}

test_half_of_it_is_a_warning if {
	warned := {["medium", concat("", [_follows, "."])]}
	_beside("/var/log", false, true) == warned
	_beside("/var/log", true, false) == warned
	_beside("/var/log (read only)", true, true) == {["low", concat("", [_follows, "."])]}
}

test_a_policy_sets_it_in_the_pods_of_others if {
	access := json.patch(_access([["pod-host-pid", "true"]], "none"), [{
		"op": "replace",
		"path": ["workloads", "k8s:Pod/ci/build", "kind"],
		"value": "MutatingAdmissionPolicy",
	}])
	found := node_takeover.findings with input.access as access
	{f.message | some f in found} == {
		"Each pod that k8s:Pod/ci/build changes sees and accesses the processes on its node.",
	}
}
