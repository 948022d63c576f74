package gate.lib.gains_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.gains

_outcomes(by_holder) := found if {
	found := gains.outcomes with input as envelope.of({"graph": envelope.graph_of(envelope.gaining(by_holder))})
}

_best(several) := [best.severity, best.confidence, best.name, best.target] if {
	best := _outcomes({"r": several}).r.best
}

_severity(parts) := _outcomes({"r": [envelope.gain(parts)]}).r.best.severity

# technique → how much it weighs on everything, where nobody in view is an administrator
_on_everything := {
	"lambda-create-invoke": "critical",
	"iam-create-access-key": "critical",
	"iam-update-assume-role-policy": "critical",
	"iam-add-user-to-group": "critical",
	"iam-put-role-policy": "critical",
	"iam-put-group-policy": "critical",
	"iam-create-policy-version": "critical",
	"iam-put-role-policy-assume-role": "critical",
	"iam-create-role-and-grant": "critical",
	"lambda-update-code": "high",
	"iam-update-saml-provider": "high",
	"ssm-read-command-output": "low",
	"iam-add-oidc-client-id": "medium",
}

_beyond(technique, gained) := envelope.gain({
	"technique": technique, "target": null, "confidence": "possible", "gains": gained,
})

test_gain_weighs_by_what_it_is if {
	weights := {gained: _severity({"gains": gained}) |
		some gained in [
			"administrator", "anything", "conditional", "secrets", "data", "rights", "pattern", "visible_pattern", "named",
		]
	}
	weights == {
		"administrator": "critical", "anything": "critical", "conditional": "high", "secrets": "medium", "data": "medium",
		"rights": "medium", "pattern": "high", "visible_pattern": "medium", "named": "medium",
	}
}

test_technique_on_everything_weighs_by_how_it_finds_its_target if {
	every technique, severity in _on_everything {
		_best([_beyond(technique, "everything")]) == [severity, "possible", technique, "any"]
	}
}

test_letting_in_on_everything_says_nothing_where_nobody_is_an_administrator if {
	silent := ["sts-assume-role", "secretsmanager-get", "org-access-role"]
	_outcomes({"r": [_beyond(technique, "everything") | some technique in silent]}) == {}
}

test_name_that_is_strong_by_convention_weighs_what_the_knowledge_says if {
	role := "arn:aws:iam::444455556666:role/OrganizationAccountAccessRole"
	named := {"technique": "org-access-role", "target": role, "confidence": "unverified", "gains": "conventional"}
	_best([envelope.gain(named)]) == ["high", "unverified", "org-access-role", role]
}

test_technique_that_needs_luck_or_an_ended_service_is_capped if {
	_severity({"technique": "batch-submit-existing"}) == "medium"
	_severity({"technique": "batch-submit-existing", "gains": "conditional"}) == "medium"
	_severity({"technique": "codestar-create-project-passrole"}) == "low"
}

test_technique_that_needs_luck_and_gains_little_stays_as_it_is if {
	_severity({"technique": "cdk-bootstrap-roles", "gains": "conventional", "confidence": "unverified"}) == "medium"
}

_sure := envelope.gain({"technique": "b", "target": "one", "steps": 2})

_quick := envelope.gain({"technique": "c", "target": "two", "steps": 1})

_guessed := envelope.gain({"technique": "a", "target": "three", "confidence": "possible", "steps": 1})

_slight := envelope.gain({"technique": "a", "target": "four", "gains": "data", "steps": 1})

test_worst_then_surest_then_shortest_is_the_best if {
	_best([_slight, _guessed, _sure, _quick]) == ["critical", "proven", "c", "two"]
	_best([_slight, _guessed, _sure]) == ["critical", "proven", "b", "one"]
	_best([_slight, _guessed]) == ["critical", "possible", "a", "three"]
}

test_outcome_sums_all_sets_of_a_holder if {
	found := gains.outcomes with input as envelope.of({"graph": envelope.graph_of({
		"gains": {"r": ["shared", "own"], "state of r": ["shared"]},
		"gain_sets": {"shared": [_beyond("lambda-create-invoke", "pattern")], "own": [_quick, _slight]},
	})})
	found.r == {
		"best": {
			"weight": [0, 0], "severity": "critical", "confidence": "proven", "name": "c", "target": "two",
			"gains": "administrator",
		},
		"names": {"a", "c", "lambda-create-invoke"},
		"targets": {"any", "four", "two"},
		"facts": {"lambda-create-invoke -> any (high)", "c -> two (critical)", "a -> four (medium)"},
	}
	found["state of r"].best.severity == "high"
}

# Its own rights, inside a boundary within which these gains are open.
_within(opened) := [best.severity, best.confidence] if {
	own := envelope.gain({"technique": "iam-put-role-policy", "target": "r", "gains": "ceiling", "state": "r (rewritten)"})
	best := _outcomes({"r": [own], "r (rewritten)": opened}).r.best
}

test_own_rights_inside_a_ceiling_are_as_bad_as_what_it_opens if {
	_within([_sure, _guessed]) == ["critical", "proven"]
	_within([_guessed]) == ["critical", "possible"]
	_within([envelope.gain({"gains": "conditional"})]) == ["high", "proven"]
}

test_own_rights_inside_a_ceiling_that_opens_no_escalation_are_a_low_warning if {
	_within([]) == ["low", "proven"]
	_within([_slight]) == ["low", "proven"]
	_within([envelope.gain({"technique": "batch-submit-existing"})]) == ["low", "proven"]
}
