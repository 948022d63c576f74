package gate.rules.trust.loose_trust_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.loose_trust as rule

_account := {"kind": "account", "value": "arn:aws:iam::111122223333:root"}

_role := {"kind": "role", "value": "arn:aws:iam::111122223333:role/broker", "identity": "broker"}

_github := {"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}

_pool := {"kind": "oidc", "value": "cognito-identity.amazonaws.com"}

_saml := {"kind": "saml", "value": "arn:aws:iam::111122223333:saml-provider/corp"}

_sub := "token.actions.githubusercontent.com:sub"

# severities and first words of what is said about one edge
_said(principal, parts, model) := {[f.severity, f.message] |
	some f in rule.findings with input as envelope.of(object.union(
		{"identities": {"r": envelope.identity({})}, "trust": {"r": [envelope.edge(principal, parts)]}},
		model,
	))
}

_one(severity, part, said) if {
	count(said) == 1
	some [level, message] in said
	level == severity
	contains(message, part)
}

_mfa(operator, value) := {"conditions": [envelope.when(operator, "aws:MultiFactorAuthPresent", [value])]}

test_mfa_that_is_asked_only_of_some_warns if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [{
			"action": "sts:AssumeRole",
			"address": "aws_iam_role.app",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "arn:aws:iam::111122223333:root",
			"statement": "0",
		}],
		"facts": {
			concat(" ", [
				"arn:aws:iam::111122223333:root: MFA is required only of callers who report it, and a call",
				"with an access key does not",
			]),
		},
		"frameworks": ["OWASP-NHI:NHI4", "NIST-800-53:AC-3", "NIST-800-53:IA-8"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"arn:aws:iam::111122223333:root can assume r: MFA is required only of callers who report it,",
			"and a call with an access key does not (statement 0 of its trust policy).",
		]),
		"path": [],
		"remediation": concat(" ", [
			"Use Bool instead of BoolIfExists for aws:MultiFactorAuthPresent in an Allow, BoolIfExists instead of",
			"Bool in a Deny.",
		]),
		"rule": "loose-trust",
		"severity": "medium",
		"title": "Weak trust condition",
	}} with input as envelope.of({"trust": {"r": [envelope.edge(_account, _mfa("BoolIfExists", "true"))]}})
}

test_mfa_that_is_asked_of_all_and_of_roles_is_silent if {
	_said(_account, _mfa("Bool", "true"), {}) == set()
	_said(_account, _mfa("BoolIfExists", "false"), {}) == set()
	_said(_role, _mfa("BoolIfExists", "true"), {}) == set()
	_said(_account, object.union(_mfa("BoolIfExists", "true"), {"negated": true}), {}) == set()
}

_decided_by_tags := {"identities": {"r": envelope.identity({"by_tags": true})}}

test_tags_of_the_caller_warn_where_tags_decide if {
	_one("medium", "the caller chooses its session tags", _said(_role, {"tags": "any"}, _decided_by_tags))
	_said(_role, {"tags": "limited"}, _decided_by_tags) == set()
	_said({"kind": "service", "value": "pods.eks.amazonaws.com"}, {"tags": "any"}, _decided_by_tags) == set()
	_said(_role, {"tags": "any"}, {}) == set()
}

test_a_source_identity_of_the_caller_warns if {
	_one("low", "source identity", _said(_role, {"source_identity": "any"}, {}))
	_said(_role, {"source_identity": "limited"}, {}) == set()
	_said(_saml, {"source_identity": "any"}, {}) == set()
}

test_more_actions_than_needed_warn_once if {
	every action in ["*", "sts:*", "sts:T*"] {
		_one("low", "allows more than assuming", _said(
			_role,
			{"actions": [action], "tagging": [action], "source_identity": "any"},
			{},
		))
	}
	_said(_role, {"actions": ["sts:AssumeRole*", "sts:TagSession"]}, {}) == set()
}

test_a_role_that_trusts_itself_warns if {
	_one(
		"low",
		"renewed indefinitely",
		_said({"kind": "role", "value": "arn:aws:iam::111122223333:role/app", "identity": "r"}, {}, {}),
	)
	_said(_role, {}, {}) == set()
}

_subject(operator, value) := {"conditions": [envelope.when(operator, _sub, [value])]}

test_ignoring_the_case_of_a_subject_warns if {
	_one(
		"low",
		"ignores the case",
		_said(_github, _subject("StringEqualsIgnoreCase", "repo:acme@1/app@2:environment:prod"), {}),
	)
	_said(_github, _subject("StringEquals", "repo:acme@1/app@2:environment:prod"), {}) == set()
	twice := [envelope.when(operator, _sub, ["repo:acme@1/app@2:environment:prod"]) |
		some operator in ["StringEqualsIgnoreCase", "ForAnyValue:StringEqualsIgnoreCase"]
	]
	count(_said(_github, {"conditions": twice}, {})) == 1
}

test_a_pattern_that_guests_fit_asks_nobody_to_sign_in if {
	amr := {pattern: _said(
		{"kind": "oidc", "value": "cognito-identity.amazonaws.com"},
		{"conditions": [
			envelope.when("StringEquals", "cognito-identity.amazonaws.com:aud", ["eu-west-1:1"]),
			envelope.when("ForAnyValue:StringLike", "cognito-identity.amazonaws.com:amr", [pattern]),
		]},
		_reads_secrets,
	) |
		some pattern in ["authenticated", "auth*", "*authenticated", "un*"]
	}
	{pattern | some pattern, said in amr; count(said) > 0} == {"*authenticated", "un*"}
}

test_names_without_ids_warn if {
	_one(
		"low",
		"names owner and repository without ids",
		_said(_github, _subject("StringEquals", "repo:acme/app:environment:prod"), {}),
	)
	_one(
		"low",
		"names owner and repository without ids",
		_said(_github, _subject("StringLike", "repo:acme/app:environment:prod"), {}),
	)
	_said(_github, _subject("StringLike", "repo:acme/app:*"), {}) == set() # oidc-trust-too-wide says more
	_said(_github, _subject("StringEquals", "repo:acme/app:pull_request"), {}) == set()
	_said(_github, _subject("StringLike", "repo:acme/*"), {}) == set()
	by_id := array.concat(
		_subject("StringEquals", "repo:acme/app:environment:prod").conditions,
		[envelope.when("StringEquals", "token.actions.githubusercontent.com:repository_id", ["2"])],
	)
	_said(_github, {"conditions": by_id}, {}) == set()
}

test_names_without_ids_are_one_finding_for_a_provider if {
	edges := {id: [envelope.edge(
		_github,
		object.union(_subject("StringEquals", sprintf("repo:acme/%s:environment:prod", [id])), {"identity": id}),
	)] |
		some id in ["a", "b"]
	}
	found := rule.findings with input as envelope.of({"trust": edges})
	{[f.identity, f.address, count(f.evidence), count(f.facts)] | some f in found} == {[null, "aws_iam_role.app", 1, 2]}
	some f in found
	contains(
		f.message,
		concat(" ", [
			"can assume a and b: repo:acme/a:environment:prod and repo:acme/b:environment:prod name owners and",
			"repositories without ids",
		]),
	)
}

test_a_subject_that_gate_yaml_accepts_is_silent if {
	rule.findings == set() with input as envelope.configured(
		{"trust": {"r": [envelope.edge(_github, _subject("StringEquals", "repo:acme/app:environment:prod"))]}},
		{"oidc_subjects": ["repo:acme/app:environment:prod"]},
	)
}

test_an_audience_that_is_not_checked_warns_where_there_are_several if {
	issuer := {"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/id.example.com"}
	several := {"providers": [
		envelope.provider({"audiences": ["sts.amazonaws.com", "wiki"]}), envelope.provider({"value": null}),
	]}
	checked := {"conditions": [envelope.when("StringEquals", "id.example.com:aud", ["sts.amazonaws.com"])]}
	_one("medium", "accepts tokens for sts.amazonaws.com and wiki", _said(issuer, {}, several))
	_said(issuer, checked, several) == set()
	_one(
		"medium",
		"accepts tokens for app, sts.amazonaws.com and wiki",
		_said(issuer, {}, {"providers": array.concat(several.providers, [envelope.provider({
			"address": "again", "audiences": ["app", "wiki"],
		})])}),
	)
	_said(issuer, {}, {"providers": [envelope.provider({})]}) == set()
}

_amr(values) := {"conditions": array.concat(
	[envelope.when("StringEquals", "cognito-identity.amazonaws.com:aud", ["eu-west-1:6f0e"])],
	[envelope.when("ForAnyValue:StringLike", "cognito-identity.amazonaws.com:amr", values) | count(values) > 0],
)}

test_guests_of_a_pool_warn_and_deny_where_the_role_is_strong if {
	strong := {"identities": {"r": envelope.identity({"all_access": "unconditional"})}}
	_one("medium", "have signed in", _said(_pool, _amr([]), {}))
	_one("high", "have signed in", _said(_pool, _amr([]), strong))
	_one("high", "have signed in", _said(_pool, _amr(["unauthenticated"]), strong))
	_said(_pool, _amr(["unauthenticated"]), {}) == set()
	_said(_pool, _amr(["authenticated"]), strong) == set()
}

test_any_pool_is_another_rules if {
	_said(_pool, {}, {}) == set()
}

_reads_secrets := {
	"identities": {"r": envelope.identity({"grants": {"secretsmanager:GetSecretValue": ["g"]}})},
	"grants": {"g": envelope.grant(envelope.named("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/*", []))},
}

_pods := {"kind": "service", "value": "pods.eks.amazonaws.com"}

test_a_strong_role_for_pods_of_any_cluster_warns if {
	_one(
		"medium",
		"can be associated with it, and it has access to everything under a common prefix",
		_said(_pods, {}, _reads_secrets),
	)
	_one(
		"medium",
		"can be associated with it, and it has access to everything under a common prefix",
		_said(_pods, {"conditions": [envelope.when("StringEquals", "aws:SourceAccount", ["111122223333"])]}, _reads_secrets),
	)
	_said(
		_pods,
		{"conditions": [envelope.when("StringEquals", "aws:RequestTag/kubernetes-namespace", ["shop"])]},
		_reads_secrets,
	) == set()
	_said(_pods, {}, {}) == set()
}

_services(names, model) := {[f.severity, f.message] |
	some f in rule.findings with input as envelope.of(object.union(
		{
			"identities": {"r": envelope.identity({})},
			"trust": {"r": [envelope.edge({"kind": "service", "value": sprintf("%s.amazonaws.com", [name])}, {}) |
				some name in names
			]},
		},
		model,
	))
}

test_a_strong_role_for_several_compute_services_warns_once if {
	admin := {"identities": {"r": envelope.identity({"all_access": "unconditional"})}}
	_one(
		"medium",
		concat(" ", [
			"so can glue.amazonaws.com and lambda.amazonaws.com; whoever can pass it to one of them runs",
			"code as it, and it is an administrator",
		]),
		_services(["lambda", "glue", "ec2"], admin),
	)
	_services(["lambda", "edgelambda"], admin) == set()
	_services(["lambda", "glue"], {}) == set()
}

test_a_strong_role_for_every_user_of_a_provider_is_a_low_warning if {
	aud := {"conditions": [envelope.when("StringEquals", "SAML:aud", ["a"])]}
	_one("low", "no condition selects users of the provider", _said(_saml, aud, _reads_secrets))
	_said(_saml, aud, {}) == set()
}

test_a_user_or_a_group_of_users_is_silent if {
	every key in ["SAML:sub", "saml:edupersonaffiliation", "aws:RequestTag/team"] {
		_said(_saml, {"conditions": [envelope.when("StringEquals", key, ["a"])]}, _reads_secrets) == set()
	}
}

_anyone := {"kind": "anyone", "value": "*"}

_admin := {"identities": {"r": object.union(envelope.identity({}), {"all_access": "unconditional"})}}

_kept(key, values) := {"conditions": [envelope.when("ArnLike", key, values)]}

test_a_strong_role_for_everybody_of_the_account_denies if {
	part := "every user and role in the account can assume it without a permission of its own, and it is an administrator"
	_one(
		"high",
		part,
		_said(_anyone, {"conditions": [envelope.when("StringEquals", "aws:PrincipalAccount", ["111122223333"])]}, _admin),
	)
	_one("high", part, _said(_anyone, _kept("aws:PrincipalArn", ["arn:aws:iam::111122223333:*"]), _admin))
	_one("high", part, _said(_anyone, _kept("aws:PrincipalArn", ["arn:aws:iam::111122223333:user/*"]), _admin))
}

test_who_is_named_or_ordinary_is_not_everybody if {
	_said(_anyone, _kept("aws:PrincipalArn", ["arn:aws:iam::111122223333:role/deploy"]), _admin) == set()
	_said(_anyone, _kept("aws:PrincipalArn", ["arn:aws:iam::111122223333:role/deploy-*"]), _admin) == set()
	_said(_anyone, _kept("aws:PrincipalAccount", ["111122223333"]), {}) == set()
	_said(_anyone, {"conditions": []}, _admin) == set()
}

# The remedy names what to write: each of these words is in it.
_remedied(words, principal, parts, model) if {
	found := rule.findings with input as envelope.of(object.union(
		{"identities": {"r": envelope.identity({})}, "trust": {"r": [envelope.edge(principal, parts)]}},
		model,
	))
	{f.identity | some f in found} == {"r"}
	every f in found {
		every word in words { contains(f.remediation, word) }
	}
}

test_each_remedy_names_the_condition_to_write if {
	_remedied(["sts:TagSession", "aws:RequestTag/KEY", "aws:TagKeys"], _role, {"tags": "any"}, _decided_by_tags)
	_remedied(["sts:SetSourceIdentity", "sts:SourceIdentity"], _role, {"source_identity": "any"}, {})
	_remedied(
		["sts:AssumeRole, sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"],
		_role, {"actions": ["sts:*"], "tagging": ["sts:*"]}, {},
	)
	_remedied(["trust policy"], {"kind": "role", "value": "arn:aws:iam::111122223333:role/app", "identity": "r"}, {}, {})
	_remedied(["Principal", "sts:AssumeRole"], _anyone, _kept("aws:PrincipalArn", ["arn:aws:iam::111122223333:*"]), _admin)
	_remedied(
		["StringEquals"],
		_github, _subject("StringEqualsIgnoreCase", "repo:acme@1/app@2:environment:prod"), {},
	)
	_remedied(
		["StringEquals", "sts.amazonaws.com"],
		{"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/id.example.com"}, {},
		{"providers": [envelope.provider({"audiences": ["sts.amazonaws.com", "wiki"]})]},
	)
	_remedied(
		["ForAnyValue:StringLike cognito-identity.amazonaws.com:amr authenticated", "guests"],
		_pool, _amr([]), {},
	)
	_remedied(["SAML:sub", "SAML:eduPersonAffiliation"], _saml, {"conditions": []}, _reads_secrets)
	_remedied(["aws:RequestTag/eks-cluster-arn", "kubernetes-service-account"], _pods, {}, _reads_secrets)
	_remedied(["repo:OWNER@ID/REPOSITORY@ID", "repository_id"], _github, _subject("StringEquals", "repo:acme/a:ref:x"), {})
}

test_the_subjects_without_ids_are_the_facts if {
	actions := ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
	named := object.union(_subject("StringEquals", "repo:acme/app:environment:prod"), {"actions": actions})
	found := rule.findings with input as envelope.of({"trust": {"r": [envelope.edge(_github, named)]}})
	{[f.identity, f.location.line, f.facts, f.evidence[0].resource, f.evidence[0].action] | some f in found} == {[
		"r", 3, {sprintf("%s: repo:acme/app:environment:prod without ids", [_github.value])}, _github.value,
		"sts:AssumeRoleWithWebIdentity, sts:TagSession",
	]}
	not_these := object.union(named, {"negated": true})
	rule.findings == set() with input as envelope.of({"trust": {"r": [envelope.edge(_github, not_these)]}})
}

test_ids_that_a_token_may_lack_leave_the_names if {
	named := _subject("StringEquals", "repo:acme/app:environment:prod").conditions
	every operator in ["StringEqualsIfExists", "ForAllValues:StringEquals"] {
		optional := envelope.when(operator, "token.actions.githubusercontent.com:repository_id", ["2"])
		_one("low", "without ids", _said(_github, {"conditions": array.concat(named, [optional])}, {}))
	}
}

# Everybody who calls for itself is asked the same; a federated session and a service say what their provider says.
test_who_is_asked_about_its_session if {
	callers := {"anyone", "account", "user", "role", "session"}
	every kind in callers | {"saml", "oidc", "service"} {
		named := [f | some f in rule.findings with input as _who_calls(kind, {"source_identity": "any"})]
		tagged := [f | some f in rule.findings with input as _who_calls(kind, {"tags": "any"})]
		{count(named) > 0, count(tagged) > 0} == {kind in callers}
	}
	every kind in callers | {"saml", "oidc", "service"} {
		found := rule.findings with input as _who_calls(kind, {"actions": ["sts:*"]})
		count([f | some f in found; contains(f.remediation, "sts:AssumeRoleWithWebIdentity")]) == 1
	}
	every kind in {"anyone", "account", "user"} {
		found := rule.findings with input as _who_calls(kind, _mfa("BoolIfExists", "true"))
		count(found) == 1
	}
}

_who_calls(kind, parts) := envelope.of(object.union(
	_decided_by_tags,
	{"trust": {"r": [envelope.edge({"kind": kind, "value": kind}, object.union({"tagging": ["sts:*"]}, parts))]}},
))

test_all_actions_of_the_statement_are_told if {
	said := _said(_role, {"actions": ["sts:AssumeRole", "sts:T*"], "tagging": ["sts:T*"]}, {})
	count(said) == 1
	every found in said { contains(found[1], "sts:AssumeRole, sts:T*") }
}
