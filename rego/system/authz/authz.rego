# METADATA
# description: |
#   What the gate's private OPA answers: the decision, to whoever holds the token of this run, and its health.
#   Everything else (policies, data, ad-hoc queries, configuration, metrics) is refused, so no local process can change
#   the judge. The token reaches OPA in its environment, which other users cannot read, and not on its command line,
#   which they can.
package system.authz

default allow := false

allow if {
	input.method == "POST"
	input.path == ["v1", "data", "gate", "decision"]
	_token_matches
}

allow if {
	input.method == "GET"
	input.path == ["health"]
}

# An empty token never matches: an OPA started without one answers nothing.
_token_matches if {
	token := opa.runtime().env.GATE_ENGINE_TOKEN
	token != ""
	input.identity == token
}
