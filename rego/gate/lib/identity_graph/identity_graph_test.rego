package gate.lib.identity_graph_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.identity_graph

_model := envelope.of({"graph": {
	"administrators": ["root"],
	"becomes": {"a": ["root", "boss"]},
	"entries": {"a": ["role"]},
	"steps": {"a": ["accounts shop", "k8s:User//jane"]},
	"leads": {"o1": ["b", "c"]},
}})

test_lists_of_the_model_are_sets if {
	identity_graph.administrators == {"root"} with input as _model
	identity_graph.becomes("a") == {"root", "boss"} with input as _model
	identity_graph.entered("a") == {"role"} with input as _model
	identity_graph.led(envelope.way({"leads": "o1"})) == {"b", "c"} with input as _model
}

test_who_lets_an_identity_in_is_a_step_beside_the_ways if {
	identity_graph.steps("a") == {"accounts shop", "k8s:User//jane", "role"} with input as _model
}

test_who_is_not_in_the_graph_has_nothing if {
	identity_graph.becomes("b") == set() with input as _model
	identity_graph.steps("b") == set() with input as _model
	identity_graph.led(envelope.way({"leads": null})) == set() with input as _model
}
