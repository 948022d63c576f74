package system.authz_test

import data.system.authz

_runtime := {"env": {"GATE_ENGINE_TOKEN": "t0k3n"}}

_decision := {"method": "POST", "path": ["v1", "data", "gate", "decision"], "identity": "t0k3n"}

test_the_decision_is_answered_to_the_holder_of_the_token if {
	authz.allow with input as _decision with opa.runtime as _runtime
}

test_health_is_answered_to_everybody if {
	authz.allow with input as {"method": "GET", "path": ["health"]} with opa.runtime as _runtime
}

test_a_wrong_or_missing_token_is_refused if {
	not authz.allow with input as object.union(_decision, {"identity": "guess"}) with opa.runtime as _runtime
	not authz.allow with input as object.remove(_decision, ["identity"]) with opa.runtime as _runtime
}

test_an_opa_without_a_token_answers_nothing if {
	not authz.allow with input as object.union(_decision, {"identity": ""})
		with opa.runtime as {"env": {"GATE_ENGINE_TOKEN": ""}}
	not authz.allow with input as _decision with opa.runtime as {"env": {}}
}

test_nothing_else_is_answered_even_with_the_token if {
	every request in [
		{"method": "PUT", "path": ["v1", "policies", "x"]},
		{"method": "GET", "path": ["v1", "policies"]},
		{"method": "PUT", "path": ["v1", "data", "gate", "decision"]},
		{"method": "GET", "path": ["v1", "data", "gate", "decision"]},
		{"method": "PATCH", "path": ["v1", "data"]},
		{"method": "POST", "path": ["v1", "query"]},
		{"method": "POST", "path": ["v1", "data", "system", "authz"]},
		{"method": "GET", "path": ["v1", "config"]},
		{"method": "GET", "path": ["metrics"]},
		{"method": "POST", "path": []},
	] {
		not authz.allow with input as object.union(request, {"identity": "t0k3n"}) with opa.runtime as _runtime
	}
}
