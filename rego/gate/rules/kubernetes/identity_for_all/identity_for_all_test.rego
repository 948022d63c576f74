package gate.rules.kubernetes.identity_for_all_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.identity_for_all as rule

_project := "k8s:AppProject/argocd/shop"

_found(name, value) := found if {
	setting := {"name": name, "where": "spec", "value": value, "source": envelope.from(_project)}
	found := rule.findings with input as envelope.of({"workloads": {
		_project: envelope.workload({"platform": "kubernetes", "runs_as": [], "settings": [setting]}),
	}})
}

test_project_that_deploys_everything_everywhere if {
	at := {"file": "main.tf", "line": 3, "end_line": 9}
	_found("project-deploys-everywhere", "everything from any repository") == {{
		"address": _project,
		"confidence": "proven",
		"evidence": [{
			"address": _project,
			"statement": "spec",
			"location": at,
			"action": "project-deploys-everywhere",
			"resource": "everything from any repository",
		}],
		"facts": {"project-deploys-everywhere: everything from any repository"},
		"frameworks": ["OWASP-NHI:NHI5", "OWASP-NHI:NHI9", "NIST-800-53:AC-6"],
		"identity": null,
		"location": at,
		"message": concat(" ", [
			"k8s:AppProject/argocd/shop lets its applications deploy to every namespace (spec: everything from",
			"any repository).",
		]),
		"path": [],
		"remediation": "Name destinations, sourceRepos and the cluster-wide kinds that the project's applications need.",
		"rule": "identity-for-all",
		"severity": "high",
		"title": "Identity or secrets available to too many callers",
	}}
}

test_setting_without_values_weighs_the_same_always if {
	{f.severity | some f in _found("store-for-all", "no conditions")} == {"medium"}
}

test_other_settings_are_silent if {
	_found("pod-privileged", "true") == set()
}
