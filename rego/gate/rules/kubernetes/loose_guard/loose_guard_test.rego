package gate.rules.kubernetes.loose_guard_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.loose_guard as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(guard, what) := sprintf("k8s:X//gate weakens a guard of the cluster (%s): it %s.", [guard, what])

_loose(parts) := object.union(
	{
		"guard": "gate", "flaw": "asks nobody", "what": "no webhooks", "change": "create",
		"source": envelope.from("k8s:X//gate"),
	},
	parts,
)

_said(parts) := {[f.severity, f.message] |
	some f in rule.findings with input as envelope.of({"loose_guards": [_loose(parts)]})
}

test_an_emptied_webhook_of_the_gate_is_refused if {
	rule.findings == {{
		"address": "k8s:X//gate",
		"confidence": "proven",
		"evidence": [{
			"action": "asks nobody", "address": "k8s:X//gate", "resource": "no webhooks", "statement": "0",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
		}],
		"facts": {"gate asks nobody: no webhooks"},
		"frameworks": ["OWASP-NHI:NHI6", "NIST-800-53:CM-5", "NIST-800-53:AC-3"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "k8s:X//gate weakens this gate: it makes it apply to nothing (no webhooks).",
		"path": [],
		"remediation": "Leave the guard as its product ships it.",
		"rule": "loose-guard",
		"severity": "high",
		"title": "Admission guard weakened",
	}} with input as envelope.of({"loose_guards": [_loose({})]})
}

test_of_another_guard_it_is_a_warning if {
	_said({"guard": "pod security", "flaw": "lowered", "what": "from a to b", "change": "update"}) == {[
		"medium",
		_sentence("pod security", "admits more than before (from a to b)"),
	]}
	_said({"guard": "webhook", "flaw": "ignores failures", "what": "x"}) == {[
		"low",
		_sentence("webhook", "admits everything when it does not answer (x)"),
	]}
}

test_every_flaw_of_the_gate_has_a_weight if {
	every flaw, said in data.gate.knowledge.kubernetes.guards {
		count(_said({"flaw": flaw})) == 1
		said.severity.gate in {"medium", "high"}
	}
}

test_what_does_not_change_is_silent if {
	_said({"change": "none"}) == set()
}
