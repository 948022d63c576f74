package gate.blast_test

import data.gate.blast
import data.gate.lib.envelope_test as envelope

_radius(parts) := {summary.id: summary.blast_radius | some summary in found} if {
	found := blast.identities with input as envelope.of(parts)
}

_bare := {
	"admin": false, "score": 0, "services": 0, "sensitive_actions": 0, "readable": 0, "writable": 0, "destructible": 0,
	"secrets": 0, "unlimited": [], "identities": 0, "becomes": [], "accounts": 1, "environments": [], "exposure": "none",
	"lifetime": "session", "tiers": [],
}

# An identity `r` that reaches this much; `things`: what can be done → width and count of each service.
_reaching(reach, things) := {
	"identities": {"r": envelope.identity({})},
	"graph": {"reach": {"r": envelope.reach(object.union(reach, {"things": "t"}))}, "things": {"t": things}},
}

_score(reach, things) := _radius(_reaching(reach, things)).r.score

test_identity_without_reach_has_its_own_account if {
	found := blast.identities with input as envelope.of(_reaching({}, {}))
	found == [{"id": "r", "kind": "role", "platform": "aws", "blast_radius": _bare}]
}

test_external_identities_are_not_listed if {
	world := object.union(_reaching({}, {}), {"identities": {"far": envelope.identity({"external": true})}})
	object.keys(_radius(world)) == {"r"}
}

test_radius_says_what_the_model_reaches if {
	reach := {
		"becomes": ["far"], "identities": 1, "services": 2, "actions": 7, "accounts": 2, "environments": ["dev", "prod"],
	}
	things := {
		"read": [envelope.stores("named", 3), envelope.stores("named", 1)],
		"write": [envelope.stores("named", 1)],
		"destroy": [envelope.stores("named", 2)],
		"secret": [envelope.stores("named", 4)],
	}
	_radius(_reaching(reach, things)).r == object.union(_bare, {
		"score": 25, "services": 2, "sensitive_actions": 7, "readable": 4, "writable": 1, "destructible": 2, "secrets": 4,
		"identities": 1, "becomes": ["far"], "accounts": 2, "environments": ["dev", "prod"],
	})
}

test_administrator_scores_the_whole_and_is_unlimited if {
	_radius(_reaching({"administrator": true, "services": 400}, {})).r == object.union(_bare, {
		"admin": true, "score": 100, "services": 400, "unlimited": ["destructible", "readable", "secrets", "writable"],
	})
}

test_who_becomes_an_administrator_is_none_by_its_tier if {
	world := object.union(
		_reaching({"administrator": true, "becomes": ["root"], "identities": 1}, {}),
		{"graph": {"administrators": ["root"]}},
	)
	[_radius(world).r.admin, _radius(world).r.tiers] == [true, []]
}

test_score_of_all_there_is_stays_below_that_of_an_administrator if {
	many := {name: 100000 | some name in ["services", "actions", "identities", "accounts"]}
	reach := object.union(many, {"environments": [sprintf("e%d", [n]) | some n in numbers.range(1, 1000)]})
	everything := [envelope.stores("every", 1) | some _ in numbers.range(1, 1000)]
	exposed := object.union(_reaching(reach, {does: everything | some does in ["read", "write", "destroy", "secret"]}), {
		"workloads": {"f": envelope.workload({"exposure": "internet"})},
		"credentials": [_key],
	})
	_radius(exposed).r.score == 99
}

test_what_nobody_can_list_counts_more_and_is_unlimited if {
	secrets := {width: radius |
		some width in ["named", "pattern", "every"]
		radius := _radius(_reaching({}, {"secret": [envelope.stores(width, 1)]})).r
	}
	{width: [radius.secrets, radius.unlimited, radius.score] | some width, radius in secrets} == {
		"named": [1, [], 2], "pattern": [1, ["secrets"], 8], "every": [1, ["secrets"], 9],
	}
}

test_many_named_things_never_count_as_a_pattern if {
	_score({}, {"read": [envelope.stores("named", 500)]}) == _score({}, {"read": [envelope.stores("named", 19)]})
	_score({}, {"read": [envelope.stores("named", 500)]}) < _score({}, {"read": [envelope.stores("every", 1)]})
}

# One more of anything never scores less.
test_score_grows_with_each_number if {
	counts := [0, 1, 3, 10, 60]
	every name in ["services", "actions", "identities"] {
		scores := [_score({name: n}, {}) | some n in counts]
		scores == sort(scores)
		scores[0] < scores[4]
	}
	_score({"accounts": 1}, {}) < _score({"accounts": 3}, {})
	_score({"environments": ["dev"]}, {}) < _score({"environments": ["dev", "prod"]}, {})
	_score({"environments": []}, {}) == _score({"environments": ["dev"]}, {})
}

_exposed(exposures) := [radius.exposure, radius.score] if {
	workloads := {exposure: envelope.workload({"exposure": exposure}) | some exposure in exposures}
	radius := _radius(object.union(_reaching({"services": 90}, {}), {"workloads": workloads})).r
}

test_widest_exposure_counts_and_unknown_stands_between if {
	_exposed(["none"]) == ["none", 11]
	_exposed(["none", "unknown"]) == ["unknown", 13]
	_exposed(["unknown", "internet"]) == ["internet", 14]
}

test_exposure_of_other_workloads_does_not_count if {
	other := {"workloads": {"f": envelope.workload({"exposure": "internet", "runs_as": ["another"]})}}
	_radius(object.union(_reaching({}, {}), other)).r.exposure == "none"
}

_key := {
	"kind": "access key", "source": envelope.from("aws_iam_access_key.k"), "identity": "r", "change": "create",
	"stored": [],
}

test_static_credential_lives_without_limit_and_scores_more if {
	reach := _reaching({"services": 90}, {})
	static := _radius(object.union(reach, {"credentials": [_key]})).r
	[static.lifetime, static.score, _radius(reach).r.score] == ["unlimited", 13, 11]
}

_tiers(identity, parts) := _radius(object.union(
	object.union(_reaching({}, {}), {"identities": {"r": envelope.identity(identity)}}),
	parts,
)).r.tiers

test_tiers_are_judged_by_environment_exposure_and_rights if {
	_tiers({"environment": "dev", "grants": {"s3:GetObject": ["g"]}}, {}) == []
	{_tiers({"environment": name}, {})[0] | some name in ["prod", "Production", "LIVE"]} == {"prod"}
	_tiers({"grants": {"iam:PutRolePolicy": ["g"]}}, {}) == ["privileged"]
	_tiers({}, {"graph": {"administrators": ["r"]}}) == ["privileged"]
	_tiers({}, {"workloads": {"f": envelope.workload({"exposure": "internet"})}}) == ["internet-facing"]
	_tiers({}, {"workloads": {"f": envelope.workload({"exposure": "unknown"})}}) == []
}
