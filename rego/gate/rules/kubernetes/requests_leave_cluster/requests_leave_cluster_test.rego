package requests_leave_cluster_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.requests_leave_cluster

_found(parts) := {[f.severity, f.address, f.message] | some f in findings} if {
	interceptor := object.union(
		{
			"kind": "validating webhook", "host": "policy.example.com", "outside": true, "unverified": false,
			"seen": ["pods"], "change": "create", "source": envelope.from("k8s:X//policy"),
		},
		parts,
	)
	findings := requests_leave_cluster.findings with input.access as envelope.access({"interceptors": [interceptor]})
}

_told(severity, text) := {[severity, "k8s:X//policy", sprintf("k8s:X//policy %s.", [text])]}

_out := "sends API requests out of the cluster, to policy.example.com, which "

test_what_a_host_outside_gets if {
	_found({}) == _told("medium", sprintf("%sreads the objects it is asked about", [_out]))
	_found({"seen": ["*/*"]}) == _told("high", sprintf("%sreads every Secret that is written", [_out]))
	_found({"kind": "mutating webhook"}) == _told(
		"high",
		sprintf("%sreads and changes the objects it is asked about", [_out]),
	)
	_found({"kind": "conversion webhook"}) == _told(
		"medium",
		sprintf("%sreads and changes the objects of the kind", [_out]),
	)
	_found({"kind": "aggregated API"}) == _told(
		"high",
		sprintf("%sreceives the requests for its API, with the identity of each caller", [_out]),
	)
}

test_services_of_the_cluster_and_the_api_servers_own_host_are_silent if {
	_found({"host": "policy.gate.svc", "outside": false}) == set()
	_found({"host": null, "outside": false}) == set()
	_found({"change": "delete"}) == set()
}

test_an_unverified_certificate_is_a_warning if {
	some [severity, _, message] in _found({"kind": "aggregated API", "host": null, "outside": false, "unverified": true})
	severity == "low"
	contains(message, "whose certificate is not verified")
}

test_what_the_judgement_rests_on if {
	place := {"file": "main.tf", "line": 3, "end_line": 9}
	interceptor := {
		"kind": "validating webhook", "host": "policy.example.com", "outside": true, "unverified": false,
		"seen": ["pods", "secrets"], "change": "create", "source": envelope.from("k8s:X//policy"),
	}
	found := requests_leave_cluster.findings with input.access as envelope.access({"interceptors": [interceptor]})
	{[f.identity, f.location, f.evidence] | some f in found} == {[null, place, [{
		"address": "k8s:X//policy", "statement": "validating webhook", "action": "is asked about",
		"resource": "pods, secrets", "location": place,
	}]]}
}

test_every_way_to_name_secrets_is_high if {
	every seen in ["secrets", "*", "*/*", "*/secrets"] {
		{severity | some [severity, _, _] in _found({"seen": ["pods", seen]})} == {"high"}
	}
}
