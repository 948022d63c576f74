package gate.lib.chains_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.escalation.privilege_escalation as rule

# r1 … rn, each named in the trust policy of the next, the last one in that of an administrator.
_line(n) := envelope.of({
	"identities": object.union(
		{sprintf("r%d", [i]): envelope.identity({}) | some i in numbers.range(1, n)},
		{"admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"})},
	),
	"grants": {"a": envelope.grant({})},
	"trust": object.union(
		{sprintf("r%d", [i]): [_named(sprintf("r%d", [i - 1]))] | some i in numbers.range(2, n)},
		{"admin": [_named(sprintf("r%d", [n]))]},
	),
})

_named(id) := envelope.edge({"kind": "role", "value": id, "identity": id, "own_account": true}, {})

test_the_shortest_chain_is_shown if {
	found := rule.findings with input as _line(3)
	{f.identity: [step.to | some step in f.path] | some f in found} == {
		"r1": ["r2", "r3", "admin"],
		"r2": ["r3", "admin"],
		"r3": ["admin"],
	}
	{[f.severity, f.confidence, f.message] | some f in found; f.identity == "r1"} == {[
		"critical", "proven",
		"r1 could obtain administrator access through admin in 3 steps: become r2 by sts-assume-role, then become r3 by sts-assume-role, then become admin by sts-assume-role.",
	]}
}

test_a_chain_of_six_is_found if {
	found := rule.findings with input as _line(6)
	{count(f.path) | some f in found} == {1, 2, 3, 4, 5, 6}
}

test_assume_then_pass if {
	found := rule.findings with input as envelope.of({
		"identities": {
			"ci": envelope.identity({"grants": {"sts:AssumeRole": ["s"]}}),
			"deploy": envelope.identity({"grants": {"iam:PassRole": ["p"], "lambda:CreateFunction": ["l"], "lambda:InvokeFunction": ["l"]}}),
			"admin": envelope.identity({"grants": {"*": ["a"]}, "all_access": "unconditional"}),
		},
		"grants": {
			"s": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/deploy", ["deploy"])),
			"p": envelope.grant(envelope.named("arn:aws:iam::111122223333:role/admin", ["admin"])),
			"l": envelope.grant({}), "a": envelope.grant({}),
		},
		"trust": {
			"deploy": [envelope.edge({"kind": "account", "value": "111122223333", "own_account": true}, {})],
			"admin": [envelope.edge({"kind": "service", "value": "lambda.amazonaws.com"}, {})],
		},
	})
	{f.identity: [[step.via, step.to] | some step in f.path] | some f in found} == {
		"ci": [["sts-assume-role", "deploy"], ["lambda-create-invoke", "admin"]],
		"deploy": [["lambda-create-invoke", "admin"]],
	}
}

test_credentials_in_a_secret_lead_on if {
	access := {
		"identities": {
			"ci": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["s"]}}),
			"boss": envelope.identity({"kind": "user", "grants": {"*": ["a"]}, "all_access": "unconditional"}),
		},
		"grants": {
			"s": envelope.grant(envelope.named("arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-*", ["secret"])),
			"a": envelope.grant({}),
		},
		"credentials": [{"kind": "access key", "identity": "boss", "stored": ["secret"], "change": "create", "source": envelope.from("k")}],
	}
	found := rule.findings with input as envelope.of(access)
	{[f.identity, f.severity, f.path[0].via, f.path[0].to] | some f in found} == {["ci", "critical", "secretsmanager-get", "boss"]}
	elsewhere := json.patch(access, [{"op": "replace", "path": "/credentials/0/stored", "value": ["other"]}])
	rule.findings == set() with input as envelope.of(elsewhere)
}

test_a_thousand_roles_that_assume_each_other_and_one_that_escalates if {
	ids := {sprintf("r%d", [i]) | some i in numbers.range(1, 1000)}
	access := envelope.of({
		"identities": object.union(
			{id: envelope.identity({"grants": {"sts:AssumeRole": ["s"]}}) | some id in ids},
			{"r7": envelope.identity({"grants": {"sts:AssumeRole": ["s"], "iam:AddUserToGroup": ["k"]}})},
		),
		"grants": {"s": envelope.grant({}), "k": envelope.grant({})},
		"trust": {id: [envelope.edge({"kind": "account", "value": "111122223333", "own_account": true}, {})] | some id in ids},
	})
	found := rule.findings with input as access
	count(found) == 1000
	{count(f.path) | some f in found} == {1, 2}
}
