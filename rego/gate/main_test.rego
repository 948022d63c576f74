package gate_test

import data.gate
import data.gate.lib.envelope_test as envelope

_finding := {
	"rule": "house-rule", "title": "House rule", "severity": "high", "confidence": "proven", "identity": "r",
	"address": "aws_iam_role.app", "message": "It is wrong.", "remediation": "Mend it.", "location": null, "evidence": [],
	"path": [], "frameworks": [], "facts": {"a", "b"},
}

_print := substring(crypto.sha256(json.marshal(["house-rule", "r", "aws_iam_role.app", ["a", "b"]])), 0, 16)

_house(findings) := {"house": {"findings": findings}}

_model(config) := envelope.configured({}, config)

_waiver(expires) := {"fingerprint": _print, "owner": "o", "reason": "r", "approver": "a", "expires": expires}

test_no_finding_is_an_allow_and_every_rule_ran if {
	decision := gate.decision with input as _model({})
	decision.verdict == "allow"
	decision.findings == []
	decision.summary == {"deny": 0, "warn": 0, "waived": 0, "preexisting": 0, "identities": 0, "resources": 1}
	"gate.rules.access.effective_admin" in decision.ran
}

test_finding_of_the_organisation_denies if {
	decision := gate.decision with input as _model({}) with data.organisation as _house({_finding})
	decision.verdict == "deny"
	decision.findings == [object.union(object.remove(_finding, ["facts"]), {
		"effect": "deny", "change": "introduced", "status": "active", "waiver": null, "fingerprint": _print,
	})]
	"organisation.house" in decision.ran
}

_attach_instead(arn) := sprintf(
	"Attach, instead of %s, a policy of your own that allows only what the identity needs.",
	[arn],
)

test_what_is_to_be_changed_about_a_policy_from_outside_is_its_attachment if {
	arn := "arn:aws:iam::aws:policy/AdministratorAccess"
	identity := envelope.identity({"attached": {arn: envelope.from("aws_iam_role_policy_attachment.a")}})
	decision := gate.decision with input as envelope.of({"identities": {"r": identity}})
		with data.organisation as _house({object.union(_finding, {"address": arn})})
	some finding in decision.findings
	finding.rule == "house-rule"
	[finding.address, finding.location, finding.remediation] == [
		"aws_iam_role_policy_attachment.a", {"file": "main.tf", "line": 3, "end_line": 9},
		_attach_instead("arn:aws:iam::aws:policy/AdministratorAccess"),
	]
}

test_each_attachment_of_a_policy_that_several_hold_is_told if {
	arn := "arn:aws:iam::aws:policy/ReadOnlyAccess"
	held := {name: envelope.identity({"attached": {arn: envelope.from(sprintf("attachment.%s", [name]))}}) |
		some name in {"r", "s"}
	}
	decision := gate.decision with input as envelope.of({"identities": held})
		with data.organisation as _house({object.union(_finding, {"address": arn, "identity": null, "holders": {"r", "s"}})})
	some finding in decision.findings
	finding.rule == "house-rule"
	[
		finding.address,
		finding.remediation,
		[e.address | some e in finding.evidence; startswith(e.address, "attachment")],
	] == [
		"attachment.r",
		_attach_instead("arn:aws:iam::aws:policy/ReadOnlyAccess"),
		["attachment.s"],
	]
	not "holders" in object.keys(finding)
}

test_severity_below_the_threshold_warns if {
	decision := gate.decision with input as _model({"deny_from": "critical"}) with data.organisation as _house({_finding})
	[decision.verdict, decision.findings[0].effect, decision.summary.warn] == ["allow", "warn", 1]
}

test_threshold_itself_denies if {
	decision := gate.decision with input as _model({"deny_from": "low"})
		with data.organisation as _house({object.union(_finding, {"severity": "low"})})
	[decision.verdict, decision.findings[0].effect] == ["deny", "deny"]
}

test_effect_of_the_configuration_goes_before_the_severity if {
	rules := {"house-rule": {"enabled": true, "effect": "warn", "reason": "trial"}}
	decision := gate.decision with input as _model({"rules": rules}) with data.organisation as _house({_finding})
	[decision.verdict, decision.findings[0].effect] == ["allow", "warn"]
}

test_rule_without_an_effect_of_its_own_goes_by_severity if {
	rules := {"house-rule": {"enabled": true, "effect": null, "reason": null}}
	decision := gate.decision with input as _model({"rules": rules}) with data.organisation as _house({_finding})
	decision.verdict == "deny"
}

test_rule_switched_off_finds_nothing if {
	rules := {"house-rule": {"enabled": false, "effect": null, "reason": "not ours"}}
	decision := gate.decision with input as _model({"rules": rules}) with data.organisation as _house({_finding})
	[decision.verdict, decision.findings] == ["allow", []]
}

test_valid_waiver_waives if {
	waiver := _waiver("2026-06-01")
	decision := gate.decision with input as _model({"waivers": [_waiver("2026-01-01"), waiver]})
		with data.organisation as _house({_finding})
	[decision.verdict, decision.summary.waived] == ["allow", 1]
	found := decision.findings[0]
	[found.status, found.waiver, found.effect, found.message] == ["waived", waiver, "deny", "It is wrong."]
}

test_expired_waiver_denies_and_says_so if {
	decision := gate.decision with input as _model({"waivers": [_waiver("2026-01-01"), _waiver("2026-05-31")]})
		with data.organisation as _house({_finding})
	decision.verdict == "deny"
	found := decision.findings[0]
	[found.status, found.waiver, found.message] == ["active", null, "It is wrong. (Its waiver expired on 2026-05-31.)"]
}

test_waiver_of_nothing_is_ignored if {
	decision := gate.decision with input as _model({"waivers": [_waiver("2027-01-01")]})
	[decision.verdict, decision.findings, decision.summary.waived] == ["allow", [], 0]
}

test_waiver_does_not_cover_other_content if {
	decision := gate.decision with input as _model({"waivers": [_waiver("2027-01-01")]})
		with data.organisation as _house({object.union(_finding, {"facts": {"a", "b", "c"}})})
	decision.verdict == "deny"
}

_key(kind) := {
	"kind": kind,
	"source": envelope.from("aws_iam_access_key.k"),
	"identity": "aws_iam_user.ci",
	"change": "create",
}

_changed(before, after, scope) := object.union(
	envelope.configured({"credentials": after}, {"scope": scope}),
	{"before": envelope.access({"credentials": before})},
)

test_what_was_there_before_does_not_deny if {
	decision := gate.decision with input as _changed([_key("access key")], [_key("access key")], "changed")
	[decision.verdict, decision.summary.preexisting] == ["allow", 1]
	[[f.change, f.status, f.effect] | some f in decision.findings] == [["preexisting", "preexisting", "deny"]]
}

test_scope_all_denies_what_was_there_before if {
	decision := gate.decision with input as _changed([_key("access key")], [_key("access key")], "all")
	decision.verdict == "deny"
	[[f.change, f.status] | some f in decision.findings] == [["preexisting", "active"]]
}

test_more_than_was_there_before_denies if {
	decision := gate.decision with input as _changed([_key("access key")], [_key("login profile")], "changed")
	decision.verdict == "deny"
	[[f.change, f.status] | some f in decision.findings] == [["introduced", "active"]]
}

# A way of one identity that resourceNames limit, and the same one without them.
_webhooks(limit) := envelope.access({
	"identities": {"k8s:User//u": envelope.identity({
		"kind": "user", "platform": "kubernetes",
		"grants": {"update admissionregistration.k8s.io/validatingwebhookconfigurations": ["g"]},
	})},
	"grants": {"g": envelope.rbac({"holders": ["k8s:User//u"]})},
	"graph": {"ways": {"k8s:User//u": [envelope.way({
		"path": "write-validating-webhooks", "scope": "*", "limits": {"g": limit}, "limited": limit == "named",
		"actions": ["update admissionregistration.k8s.io/validatingwebhookconfigurations"],
	})]}},
})

_weighing(before, after) := [[f.change, f.severity] | some f in found] if {
	model := object.union(_model({}), {"before": _webhooks(before), "access": _webhooks(after)})
	decision := gate.decision with input as model
	found := [f | some f in decision.findings; f.rule == "rbac-escalation"]
}

test_what_weighs_more_than_before_is_introduced_and_what_weighs_less_is_not if {
	_weighing("named", "free") == [["introduced", "high"]]
	_weighing("free", "named") == [["preexisting", "medium"]]
}

test_findings_without_an_identity_are_compared_by_address if {
	anonymous := object.union(_key("access key"), {"identity": null})
	decision := gate.decision with input as _changed([anonymous], [anonymous], "changed")
	[f.change | some f in decision.findings] == ["preexisting"]
}

test_worst_comes_first_then_rule_and_address if {
	findings := {
		object.union(_finding, {"severity": "low", "rule": "a"}),
		object.union(_finding, {"severity": "critical", "rule": "z"}),
		object.union(_finding, {"severity": "critical", "rule": "y", "address": "b"}),
		object.union(_finding, {"severity": "critical", "rule": "y", "address": "a"}),
	}
	decision := gate.decision with input as _model({}) with data.organisation as _house(findings)
	[[f.rule, f.address] | some f in decision.findings] == [
		["y", "a"], ["y", "b"], ["z", "aws_iam_role.app"], ["a", "aws_iam_role.app"],
	]
}

_broken := {
	"unknown severity": object.union(_finding, {"severity": "urgent"}),
	"no severity": object.remove(_finding, ["severity"]),
	"no rule": object.remove(_finding, ["rule"]),
	"no identity": object.remove(_finding, ["identity"]),
	"an identity that is no text": object.union(_finding, {"identity": 7}),
	"no message": object.remove(_finding, ["message"]),
	"no facts": object.remove(_finding, ["facts"]),
	"empty facts": object.union(_finding, {"facts": set()}),
	"facts in a list": object.union(_finding, {"facts": ["a"]}),
	"facts that are no texts": object.union(_finding, {"facts": {1}}),
	"a text": "denied",
	"waives itself": object.remove(object.union(_finding, {"status": "waived", "effect": "warn"}), ["address"]),
}

# gate/engine refuses an answer whose findings lack effect, status or fingerprint: no decision.
test_malformed_finding_is_handed_on_as_it_came if {
	every broken in _broken {
		decision := gate.decision with input as _model({}) with data.organisation as _house({broken})
		decision.findings == [broken]
	}
}

test_finding_cannot_set_its_own_effect_or_status if {
	cunning := object.union(
		_finding,
		{"effect": "warn", "status": "waived", "waiver": {}, "change": "preexisting", "fingerprint": "x"},
	)
	decision := gate.decision with input as _model({}) with data.organisation as _house({cunning})
	decision.verdict == "deny"
	found := decision.findings[0]
	[found.effect, found.status, found.waiver, found.change, found.fingerprint] == [
		"deny", "active", null, "introduced", _print,
	]
}

test_findings_that_are_no_set_did_not_run if {
	decision := gate.decision with input as _model({}) with data.organisation as _house([_finding])
	not "organisation.house" in decision.ran
}
