# METADATA
# description: What tests of this rule share, of one identity `r` beside an administrator.
package gate.rules.escalation.privilege_escalation_fixture_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.privilege_escalation as rule

at := {"file": "main.tf", "line": 3, "end_line": 9}

evidence(action) := {
	"address": "aws_iam_policy.p", "statement": "0", "action": action, "resource": "*", "location": at,
}

new_code := ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]

holding(actions) := {"grants": {action: ["g"] | some action in actions}}

# An identity `r` that holds actions by one grant `g` on everything, beside others; what they gain, by holder.
model(actions, by_holder, parts) := envelope.of(object.union(
	{
		"identities": {"r": envelope.identity(holding(actions)), "admin": envelope.identity({"all_access": "unconditional"})},
		"grants": {"g": envelope.grant({})},
		"graph": envelope.gaining(by_holder),
	},
	parts,
))

found(model) := found if {
	found := rule.findings with input as model
}

judged(model) := {[f.identity, f.severity, f.confidence] | some f in found(model)}

messages(model) := {f.message | some f in found(model)}

finding := {
	"address": "aws_iam_policy.p",
	"confidence": "proven",
	"evidence": [evidence(action) | some action in new_code],
	"facts": {"lambda-create-invoke -> admin (critical)"},
	"frameworks": ["OWASP-NHI:NHI5", "MITRE-ATTACK:T1098", "NIST-800-53:AC-6"],
	"identity": "r",
	"location": at,
	"message": concat("", [
		"r could obtain administrator access through admin with iam:PassRole, lambda:CreateFunction and ",
		"lambda:InvokeFunction (path lambda-create-invoke).",
	]),
	"path": [{"from": "r", "via": "lambda-create-invoke", "actions": new_code, "to": "admin"}],
	"remediation": "Limit iam:PassRole to the named resources that this identity works on, or take it away.",
	"rule": "privilege-escalation",
	"severity": "critical",
	"title": "Privilege escalation",
}

beyond(technique, gained) := envelope.gain({
	"technique": technique, "target": null, "confidence": "possible", "gains": gained,
})

entering := {
	"trust": {"admin": [
		envelope.edge({"kind": "role", "identity": "other"}, {"source": envelope.from("aws_iam_role.other")}),
		envelope.edge({"kind": "role", "identity": "r"}, {"source": envelope.from("aws_iam_role.admin")}),
	]},
	"graph": {"entries": {"r": ["admin"]}},
}
