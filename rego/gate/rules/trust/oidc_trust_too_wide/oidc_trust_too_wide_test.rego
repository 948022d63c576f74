package gate.rules.trust.oidc_trust_too_wide_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.oidc_trust_too_wide as rule

_github := "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"

_github_sub := "token.actions.githubusercontent.com:sub"

_github_aud := "token.actions.githubusercontent.com:aud"

_cluster := "https://oidc.eks.eu-west-1.amazonaws.com/id/AB12"

_pods := "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/X"

_idp := "arn:aws:iam::111122223333:saml-provider/idp"

_trusting(kind, provider, conditions) := envelope.of({
	"identities": {},
	"trust": {"r": [envelope.edge({"kind": kind, "value": provider}, {"conditions": conditions})]},
})

_found(kind, provider, conditions) := {[f.severity, f.confidence, f.message] |
	some f in rule.findings with input as _trusting(kind, provider, conditions)
}

_finding(severity, who, why) := [
	severity, "proven",
	sprintf("%s can assume r, because %s in statement 0 of its trust policy.", [who, why]),
]

_subject(value) := sprintf("%s may be %s", [_github_sub, value])

test_github_without_subject_denies if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [{
			"action": "sts:AssumeRole",
			"address": "aws_iam_role.app",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": _github,
			"statement": "0",
		}],
		"facts": {
			concat(" ", [
				"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com sub or repository or",
				"repository_id or job_workflow_ref is not checked when token.actions.githubusercontent.com:aud",
				"StringEquals sts.amazonaws.com",
			]),
		},
		"frameworks": ["OWASP-NHI:NHI4", "OWASP-NHI:NHI6", "NIST-800-53:IA-8"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"Everyone with a token of GitHub Actions can assume r, because sub or repository or repository_id or",
			"job_workflow_ref is not checked in statement 0 of its trust policy.",
		]),
		"path": [],
		"remediation": concat(" ", [
			"Require the exact subject with StringEquals (for GitHub, repo:OWNER/REPO:ref:refs/heads/BRANCH or an",
			"environment; for a cluster, system:serviceaccount:NAMESPACE:NAME), and the audience.",
		]),
		"rule": "oidc-trust-too-wide",
		"severity": "high",
		"title": "OIDC or SAML trust is too broad",
	}} with input as _trusting("oidc", _github, [envelope.when("StringEquals", _github_aud, ["sts.amazonaws.com"])])
}

test_github_any_owner_denies if {
	_found("oidc", _github, [envelope.when("StringLike", _github_sub, ["repo:*"])]) == {
		_finding("high", "A token for a repository of any owner", _subject("repo:*")),
	}
}

test_github_owner_prefix_denies if {
	_found("oidc", _github, [envelope.when("StringLike", _github_sub, ["repo:acme*"])]) == {
		_finding("high", "A token for a repository of any owner", _subject("repo:acme*")),
	}
}

test_github_any_repository_of_the_owner_denies if {
	_found("oidc", _github, [envelope.when("StringLike", _github_sub, ["repo:acme/*"])]) == {
		_finding("high", "A token for any repository of the owner whose name matches", _subject("repo:acme/*")),
	}
}

test_github_repository_prefix_denies if {
	_found("oidc", _github, [envelope.when("StringLike", _github_sub, [
		"repo:acme/app*:ref:refs/heads/main",
	])]) == {_finding(
		"high",
		"A token for any repository of the owner whose name matches",
		_subject("repo:acme/app*:ref:refs/heads/main"),
	)}
}

test_github_any_ref_warns if {
	_found("oidc", _github, [envelope.when("StringLike", _github_sub, ["repo:acme/app:*"])]) == {_finding(
		"medium",
		"A token for any branch, tag, environment or pull request of the repository",
		_subject("repo:acme/app:*"),
	)}
}

test_github_pull_request_warns if {
	_found("oidc", _github, [envelope.when("StringEquals", _github_sub, ["repo:acme/app:pull_request"])]) == {_finding(
		"medium",
		"A token for anyone who can open a pull request from the repository",
		_subject("repo:acme/app:pull_request"),
	)}
}

test_the_weakest_value_decides if {
	_found("oidc", _github, [envelope.when("StringLike", _github_sub, [
		"repo:acme/app:ref:refs/heads/main", "repo:*",
	])]) == {
		_finding("high", "A token for a repository of any owner", _subject("repo:*")),
	}
}

test_optional_subject_is_unchecked if {
	_found("oidc", _github, [envelope.when("StringLikeIfExists", _github_sub, [
		"repo:acme/app:ref:refs/heads/main",
	])]) == {_finding(
		"high",
		"Everyone with a token of GitHub Actions",
		concat(" ", [
			"sub or repository or repository_id or job_workflow_ref is checked only by",
			"StringLikeIfExists, which is also met without the claim or for others",
		]),
	)}
}

test_for_all_values_is_unchecked if {
	_found("oidc", _github, [envelope.when("ForAllValues:StringLike", _github_sub, ["repo:acme/app:*"])]) == {_finding(
		"high",
		"Everyone with a token of GitHub Actions",
		concat(" ", [
			"sub or repository or repository_id or job_workflow_ref is checked only by",
			"ForAllValues:StringLike, which is also met without the claim or for others",
		]),
	)}
}

test_github_exact_branch_is_silent if {
	_found("oidc", _github, [
		envelope.when("StringEquals", _github_aud, ["sts.amazonaws.com"]),
		envelope.when("StringEquals", _github_sub, ["repo:acme/app:ref:refs/heads/main"]),
	]) == set()
}

test_github_immutable_subject_is_silent if {
	_found("oidc", _github, [envelope.when("StringEquals", _github_sub, [
		"repo:acme@12/app@34:environment:prod",
	])]) == set()
}

test_a_second_narrow_claim_is_enough if {
	_found("oidc", _github, [
		envelope.when("StringLike", _github_sub, ["repo:acme/*"]),
		envelope.when("StringEquals", "token.actions.githubusercontent.com:repository_id", ["34"]),
	]) == set()
}

test_a_wildcard_in_string_equals_matches_nobody if {
	_found("oidc", _github, [envelope.when("StringEquals", _github_sub, ["repo:*"])]) == set()
}

test_a_subject_that_the_token_fills_is_anybodys if {
	written := envelope.when("StringEquals", _github_sub, ["${token.actions.githubusercontent.com:sub}"])
	_found("oidc", _github, [object.union(written, {"filled": ["*"]})]) == {
		_finding("high", "A token for a repository of any owner", _subject("*")),
	}
}

test_listed_subject_is_silent if {
	rule.findings == set() with input as envelope.configured(
		{
			"identities": {},
			"trust": {"r": [envelope.edge({"kind": "oidc", "value": _github}, {"conditions": [envelope.when(
				"StringLike",
				_github_sub,
				["repo:acme/*"],
			)]})]},
		},
		{"oidc_subjects": ["repo:acme/*"]},
	)
}

test_not_principal_is_public_trust if {
	rule.findings == set() with input as envelope.of({
		"identities": {},
		"trust": {"r": [envelope.edge({"kind": "oidc", "value": _github}, {
			"conditions": [envelope.when("StringEquals", _github_aud, ["sts.amazonaws.com"])], "negated": true,
		})]},
	})
}

test_eks_any_namespace_denies if {
	_found("oidc", _cluster, [envelope.when("StringLike", "oidc.eks.eu-west-1.amazonaws.com/id/AB12:sub", [
		"system:serviceaccount:*:app",
	])]) == {_finding(
		"high",
		"A token for service accounts of any namespace",
		"oidc.eks.eu-west-1.amazonaws.com/id/AB12:sub may be system:serviceaccount:*:app",
	)}
}

test_eks_any_account_of_a_namespace_warns if {
	_found("oidc", _cluster, [envelope.when("StringLike", "oidc.eks.eu-west-1.amazonaws.com/id/AB12:sub", [
		"system:serviceaccount:shop:*",
	])]) == {_finding(
		"medium",
		"A token for any service account of the namespace whose name matches",
		"oidc.eks.eu-west-1.amazonaws.com/id/AB12:sub may be system:serviceaccount:shop:*",
	)}
}

test_eks_audience_only_denies if {
	_found("oidc", _cluster, [envelope.when("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/AB12:aud", [
		"sts.amazonaws.com",
	])]) == {
		_finding("high", "Everyone with a token of Amazon EKS", "sub is not checked"),
	}
}

test_eks_exact_account_is_silent if {
	_found("oidc", _cluster, [envelope.when("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/AB12:sub", [
		"system:serviceaccount:shop:app",
	])]) == set()
}

test_gitlab_group_denies if {
	_found("oidc", "https://gitlab.com", [envelope.when("StringLike", "gitlab.com:sub", [
		"project_path:acme/*:ref_type:branch:ref:main",
	])]) == {_finding(
		"high",
		"A token for any project of the group whose name matches",
		"gitlab.com:sub may be project_path:acme/*:ref_type:branch:ref:main",
	)}
}

test_gitlab_any_ref_warns if {
	_found("oidc", "https://gitlab.com", [envelope.when("StringLike", "gitlab.com:sub", ["project_path:acme/app:*"])]) == {
		_finding("medium", "A token for any branch or tag of the project", "gitlab.com:sub may be project_path:acme/app:*"),
	}
}

test_terraform_cloud_organisation_denies if {
	_found("oidc", "https://app.terraform.io", [envelope.when("StringLike", "app.terraform.io:sub", [
		"organization:acme:*",
	])]) == {
		_finding("high", "A token for any workspace of the organisation", "app.terraform.io:sub may be organization:acme:*"),
	}
}

test_terraform_cloud_any_phase_warns if {
	_found("oidc", "https://app.terraform.io", [envelope.when("StringLike", "app.terraform.io:sub", [
		"organization:acme:project:p:workspace:w:run_phase:*",
	])]) == {_finding(
		"medium",
		"A token for any run of the workspace, including plans of unreviewed changes",
		"app.terraform.io:sub may be organization:acme:project:p:workspace:w:run_phase:*",
	)}
}

test_buildkite_organisation_denies if {
	_found("oidc", "https://agent.buildkite.com", [envelope.when("StringLike", "agent.buildkite.com:sub", [
		"organization:acme:pipeline:*",
	])]) == {_finding(
		"high",
		"A token for any pipeline of the organisation",
		"agent.buildkite.com:sub may be organization:acme:pipeline:*",
	)}
}

test_circleci_without_subject_warns if {
	_found("oidc", "https://oidc.circleci.com/org/1", []) == {
		_finding("medium", "Everyone with a token of CircleCI", "sub is not checked"),
	}
}

test_bitbucket_without_subject_warns if {
	_found("oidc", "https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc", []) == {
		_finding("medium", "Everyone with a token of Bitbucket", "sub is not checked"),
	}
}

test_google_without_audience_denies if {
	_found("oidc", "https://accounts.google.com", []) == {
		_finding("high", "Everyone with a token of Google", "sub or aud or oaud is not checked"),
	}
}

test_entra_without_subject_warns if {
	_found("oidc", "https://sts.windows.net/1/", []) == {
		_finding("medium", "Everyone with a token of Microsoft Entra", "sub is not checked"),
	}
}

test_cognito_without_pool_denies if {
	_found("oidc", "https://cognito-identity.amazonaws.com", []) == {
		_finding("high", "Everyone with a token of Amazon Cognito", "aud is not checked"),
	}
}

test_shared_issuer_without_subject_denies if {
	_found("oidc", "https://scalr.io", [envelope.when("StringEquals", "scalr.io:aud", ["a"])]) == {
		_finding("high", "Everyone with a token of a shared issuer", "sub is not checked"),
	}
}

test_private_issuer_without_subject_warns if {
	_found("oidc", "https://id.example.com", []) == {
		_finding("medium", "Everyone with a token of the issuer", "sub or email or groups is not checked"),
	}
}

test_saml_without_audience_warns if {
	_found("saml", _idp, []) == {
		_finding("medium", "A user with an assertion for another recipient", "SAML:aud is not checked"),
	}
}

test_saml_with_audience_is_silent if {
	_found("saml", _idp, [envelope.when("StringEquals", "SAML:aud", ["https://signin.aws.amazon.com/saml"])]) == set()
}

_irsa(accounts) := envelope.of({"identities": {}, "trust": {"r": array.concat(
	[envelope.edge({"kind": "oidc", "value": _pods}, {"conditions": [envelope.when(
		"StringLike",
		"oidc.eks.eu-central-1.amazonaws.com/id/X:sub",
		["system:serviceaccount:shop:*"],
	)]})],
	[envelope.edge({"kind": "service_account", "identity": account}, {"meant": meant}) | some account, meant in accounts],
)}})

test_accounts_that_the_wildcard_lets_in_too_are_named if {
	found := rule.findings with input as _irsa({
		"k8s:ServiceAccount/shop/web": true, "k8s:ServiceAccount/shop/batch": false,
	})
	{[f.severity, f.message] | some f in found} == {[
		"high",
		concat(" ", [
			"A token for any service account of the namespace whose name matches can assume r, because",
			"oidc.eks.eu-central-1.amazonaws.com/id/X:sub may be system:serviceaccount:shop:* in",
			"statement 0 of its trust policy; it also matches k8s:ServiceAccount/shop/batch in this",
			"change, which does not appear to be intended.",
		]),
	]}
	{fact | some f in found; some fact in f.facts; startswith(fact, "lets in")} == {
		"lets in k8s:ServiceAccount/shop/batch",
	}
}

test_wildcard_over_accounts_that_are_all_meant_is_a_warning if {
	found := rule.findings with input as _irsa({"k8s:ServiceAccount/shop/web": true})
	{f.severity | some f in found} == {"medium"}
}

test_statement_that_could_not_be_read_is_another_rules if {
	unknown := {
		"what": "trust policy", "reason": "Condition of statement 0 is not known before apply.",
		"source": envelope.from("aws_iam_role.app"),
		"identity": "r", "reference": null, "remedy": null, "change": "create",
	}
	edges := [
		envelope.edge({"kind": "oidc", "value": _github}, {}),
		envelope.edge({"kind": "saml", "value": _idp}, {}),
	]
	every edge in edges {
		count(rule.findings) == 1 with input as envelope.of({"trust": {"r": [edge]}})
		rule.findings == set() with input as envelope.of({"trust": {"r": [edge]}, "unknown": [unknown]})
	}
}

# A cluster or a trust domain whose issuer nobody knows is told by the form of its subjects.
test_subjects_of_an_unknown_issuer_are_told_by_their_form if {
	gke := "arn:aws:iam::111122223333:oidc-provider/container.googleapis.com/v1/projects/p/locations/l/clusters/c"
	own := "arn:aws:iam::111122223333:oidc-provider/oidc.example.com"
	{f[0] | some f in _found("oidc", gke, _like("system:serviceaccount:*:*"))} == {"high"}
	{f[0] | some f in _found("oidc", own, _like("system:serviceaccount:*"))} == {"high"}
	{f[0] | some f in _found("oidc", gke, _like("system:serviceaccount:shop:*"))} == {"medium"}
	{f[0] | some f in _found("oidc", own, _like("spiffe://example.com/*"))} == {"medium"}
	_found("oidc", gke, _like("system:serviceaccount:shop:api")) == set()
	_found("oidc", own, _like("spiffe://example.com/ns/shop/*")) == set()
}

_like(value) := [envelope.when("StringLike", "oidc.example.com:sub", [value])]
