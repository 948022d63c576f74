package gate.rules.kubernetes.node_credentials_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.node_credentials as rule

_setting(name, value) := {
	"name": name,
	"where": "aws_launch_template.open",
	"value": value,
	"source": envelope.from("aws_launch_template.open"),
}

_found(role, nodes) := found if {
	parts := {
		"identities": {"role": envelope.identity(role)},
		"grants": {"g": envelope.grant({})},
		"workloads": {"nodes": envelope.workload(object.union({"runs_as": ["role"]}, nodes))},
	}
	found := rule.findings with input as envelope.of(parts)
}

_open := {"settings": [_setting("eks-node-role-imds", "hop limit 2")]}

test_nodes_of_an_administrator_hand_it_to_every_pod if {
	at := {"file": "main.tf", "line": 3, "end_line": 9}
	_found({"all_access": "unconditional", "grants": {"*": ["g"]}}, _open) == {{
		"address": "aws_launch_template.open",
		"confidence": "proven",
		"evidence": [{
			"address": "aws_launch_template.open",
			"statement": "aws_launch_template.open",
			"location": at,
			"action": "eks-node-role-imds",
			"resource": "hop limit 2",
		}],
		"facts": {"eks-node-role-imds: hop limit 2 on nodes"},
		"frameworks": ["OWASP-NHI:NHI5", "OWASP-NHI:NHI8", "NIST-800-53:AC-6"],
		"identity": "role",
		"location": at,
		"message": concat(" ", [
			"Every pod on nodes can act as role, because the metadata service of its nodes answers pods (hop",
			"limit 2).",
		]),
		"path": [],
		"remediation": concat(" ", [
			"Set metadata_options http_tokens: required and http_put_response_hop_limit: 1 in the launch",
			"template, and give pods roles of their own.",
		]),
		"rule": "node-credentials",
		"severity": "critical",
		"title": "Pods can use the cloud identity of their nodes",
	}}
}

test_role_that_only_joins_the_cluster_is_a_low_warning if {
	{f.severity | some f in _found({}, _open)} == {"low"}
}

test_identities_of_other_clouds_are_named if {
	{[f.severity, f.identity, f.message] |
		some f in _found({}, {"runs_as": [], "settings": [_setting("aks-kubelet-identity-imds", "Contributor")]})
	} == {[
		"medium",
		null,
		concat(" ", [
			"Every pod on nodes can act as the identity of its kubelets, which holds Contributor, because the",
			"metadata service of its nodes answers pods.",
		]),
	]}
}

test_nodes_that_keep_their_identity_are_silent if {
	_found({}, {}) == set()
}

test_a_strong_role_that_is_no_administrator_is_high if {
	found := rule.findings with input as envelope.of({
		"identities": {"role": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"]}})},
		"grants": {"g": envelope.grant(envelope.named("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/*", []))},
		"workloads": {"nodes": envelope.workload(object.union({"runs_as": ["role"]}, _open))},
	})
	{f.severity | some f in found} == {"high"}
}
