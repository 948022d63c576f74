package gate.rules.trust.oidc_trust_too_wide_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.oidc_trust_too_wide as rule

test_github_without_subject_denies if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [{"action": "sts:AssumeRole", "address": "aws_iam_role.app", "location": {"end_line": 9, "file": "main.tf", "line": 3}, "resource": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", "statement": "0"}],
		"facts": {"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com sub or repository or repository_id or job_workflow_ref is not checked when token.actions.githubusercontent.com:aud StringEquals sts.amazonaws.com"},
		"frameworks": ["OWASP-NHI:NHI4", "OWASP-NHI:NHI6", "NIST-800-53:IA-8"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": "Everyone with a token of GitHub Actions can become r, because sub or repository or repository_id or job_workflow_ref is not checked in statement 0 of its trust policy.",
		"path": [],
		"remediation": "Require with StringEquals the exact subject (for GitHub, repo:OWNER/REPO:ref:refs/heads/BRANCH or an environment; for a cluster, system:serviceaccount:NAMESPACE:NAME) and the audience.",
		"rule": "oidc-trust-too-wide",
		"severity": "high",
		"title": "OIDC or SAML trust too wide",
	}} with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringEquals", "token.actions.githubusercontent.com:aud", ["sts.amazonaws.com"])]})]}})
}

test_github_any_owner_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for a repository of any owner can become r, because token.actions.githubusercontent.com:sub may be repo:* in statement 0 of its trust policy."]}
}

test_github_owner_prefix_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for a repository of any owner can become r, because token.actions.githubusercontent.com:sub may be repo:acme* in statement 0 of its trust policy."]}
}

test_github_any_repository_of_the_owner_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme/*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for any repository of the owner whose name fits can become r, because token.actions.githubusercontent.com:sub may be repo:acme/* in statement 0 of its trust policy."]}
}

test_github_repository_prefix_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme/app*:ref:refs/heads/main"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for any repository of the owner whose name fits can become r, because token.actions.githubusercontent.com:sub may be repo:acme/app*:ref:refs/heads/main in statement 0 of its trust policy."]}
}

test_github_any_ref_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme/app:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "A token for any branch, tag, environment or pull request of the repository can become r, because token.actions.githubusercontent.com:sub may be repo:acme/app:* in statement 0 of its trust policy."]}
}

test_github_pull_request_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringEquals", "token.actions.githubusercontent.com:sub", ["repo:acme/app:pull_request"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "A token for anyone who can open a pull request from the repository can become r, because token.actions.githubusercontent.com:sub may be repo:acme/app:pull_request in statement 0 of its trust policy."]}
}

test_the_weakest_value_decides if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme/app:ref:refs/heads/main", "repo:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for a repository of any owner can become r, because token.actions.githubusercontent.com:sub may be repo:* in statement 0 of its trust policy."]}
}

test_optional_subject_is_unchecked if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLikeIfExists", "token.actions.githubusercontent.com:sub", ["repo:acme/app:ref:refs/heads/main"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "Everyone with a token of GitHub Actions can become r, because sub or repository or repository_id or job_workflow_ref is checked only by StringLikeIfExists, which also holds without the claim or for others in statement 0 of its trust policy."]}
}

test_for_all_values_is_unchecked if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("ForAllValues:StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme/app:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "Everyone with a token of GitHub Actions can become r, because sub or repository or repository_id or job_workflow_ref is checked only by ForAllValues:StringLike, which also holds without the claim or for others in statement 0 of its trust policy."]}
}

test_github_exact_branch_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringEquals", "token.actions.githubusercontent.com:aud", ["sts.amazonaws.com"]), envelope.when("StringEquals", "token.actions.githubusercontent.com:sub", ["repo:acme/app:ref:refs/heads/main"])]})]}})
}

test_github_immutable_subject_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringEquals", "token.actions.githubusercontent.com:sub", ["repo:acme@12/app@34:environment:prod"])]})]}})
}

test_a_second_narrow_claim_is_enough if {
	rule.findings == set() with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme/*"]), envelope.when("StringEquals", "token.actions.githubusercontent.com:repository_id", ["34"])]})]}})
}

test_a_wildcard_in_string_equals_matches_nobody if {
	rule.findings == set() with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringEquals", "token.actions.githubusercontent.com:sub", ["repo:*"])]})]}})
}

test_listed_subject_is_silent if {
	rule.findings == set() with input as envelope.configured({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringLike", "token.actions.githubusercontent.com:sub", ["repo:acme/*"])]})]}}, {"oidc_subjects": ["repo:acme/*"]})
}

test_not_principal_is_public_trust if {
	rule.findings == set() with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {"conditions": [envelope.when("StringEquals", "token.actions.githubusercontent.com:aud", ["sts.amazonaws.com"])], "negated": true})]}})
}

test_eks_any_namespace_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789"}, {"conditions": [envelope.when("StringLike", "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789:sub", ["system:serviceaccount:*:app"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for service accounts of any namespace can become r, because oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789:sub may be system:serviceaccount:*:app in statement 0 of its trust policy."]}
}

test_eks_any_account_of_a_namespace_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789"}, {"conditions": [envelope.when("StringLike", "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789:sub", ["system:serviceaccount:shop:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "A token for any service account of the namespace whose name fits can become r, because oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789:sub may be system:serviceaccount:shop:* in statement 0 of its trust policy."]}
}

test_eks_audience_only_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789"}, {"conditions": [envelope.when("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789:aud", ["sts.amazonaws.com"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "Everyone with a token of Amazon EKS can become r, because sub is not checked in statement 0 of its trust policy."]}
}

test_eks_exact_account_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789"}, {"conditions": [envelope.when("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789:sub", ["system:serviceaccount:shop:app"])]})]}})
}

test_gitlab_group_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://gitlab.com"}, {"conditions": [envelope.when("StringLike", "gitlab.com:sub", ["project_path:acme/*:ref_type:branch:ref:main"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for any project of the group whose name fits can become r, because gitlab.com:sub may be project_path:acme/*:ref_type:branch:ref:main in statement 0 of its trust policy."]}
}

test_gitlab_any_ref_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://gitlab.com"}, {"conditions": [envelope.when("StringLike", "gitlab.com:sub", ["project_path:acme/app:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "A token for any branch or tag of the project can become r, because gitlab.com:sub may be project_path:acme/app:* in statement 0 of its trust policy."]}
}

test_terraform_cloud_organisation_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://app.terraform.io"}, {"conditions": [envelope.when("StringLike", "app.terraform.io:sub", ["organization:acme:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for any workspace of the organisation can become r, because app.terraform.io:sub may be organization:acme:* in statement 0 of its trust policy."]}
}

test_terraform_cloud_any_phase_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://app.terraform.io"}, {"conditions": [envelope.when("StringLike", "app.terraform.io:sub", ["organization:acme:project:p:workspace:w:run_phase:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "A token for any run of the workspace, plans of unreviewed changes included can become r, because app.terraform.io:sub may be organization:acme:project:p:workspace:w:run_phase:* in statement 0 of its trust policy."]}
}

test_buildkite_organisation_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://agent.buildkite.com"}, {"conditions": [envelope.when("StringLike", "agent.buildkite.com:sub", ["organization:acme:pipeline:*"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "A token for any pipeline of the organisation can become r, because agent.buildkite.com:sub may be organization:acme:pipeline:* in statement 0 of its trust policy."]}
}

test_circleci_without_subject_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://oidc.circleci.com/org/1"}, {"conditions": []})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "Everyone with a token of CircleCI can become r, because sub is not checked in statement 0 of its trust policy."]}
}

test_bitbucket_without_subject_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc"}, {"conditions": []})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "Everyone with a token of Bitbucket can become r, because sub is not checked in statement 0 of its trust policy."]}
}

test_google_without_audience_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://accounts.google.com"}, {"conditions": []})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "Everyone with a token of Google can become r, because sub or aud or oaud is not checked in statement 0 of its trust policy."]}
}

test_entra_without_subject_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://sts.windows.net/1/"}, {"conditions": []})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "Everyone with a token of Microsoft Entra can become r, because sub is not checked in statement 0 of its trust policy."]}
}

test_cognito_without_pool_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://cognito-identity.amazonaws.com"}, {"conditions": []})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "Everyone with a token of Amazon Cognito can become r, because aud is not checked in statement 0 of its trust policy."]}
}

test_shared_issuer_without_subject_denies if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://scalr.io"}, {"conditions": [envelope.when("StringEquals", "scalr.io:aud", ["a"])]})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["high", "proven", "Everyone with a token of a shared issuer can become r, because sub is not checked in statement 0 of its trust policy."]}
}

test_private_issuer_without_subject_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "oidc", "value": "https://id.example.com"}, {"conditions": []})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "Everyone with a token of the issuer can become r, because sub or email or groups is not checked in statement 0 of its trust policy."]}
}

test_saml_without_audience_warns if {
	found := rule.findings with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "saml", "value": "arn:aws:iam::111122223333:saml-provider/idp"}, {"conditions": []})]}})
	{[f.severity, f.confidence, f.message] | some f in found} == {["medium", "proven", "A user with an assertion meant for another recipient can become r, because SAML:aud is not checked in statement 0 of its trust policy."]}
}

test_saml_with_audience_is_silent if {
	rule.findings == set() with input as envelope.of({"identities": {}, "trust": {"r": [envelope.edge({"kind": "saml", "value": "arn:aws:iam::111122223333:saml-provider/idp"}, {"conditions": [envelope.when("StringEquals", "SAML:aud", ["https://signin.aws.amazon.com/saml"])]})]}})
}

_irsa(accounts) := envelope.of({"identities": {}, "trust": {"r": array.concat(
	[envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/X"}, {"conditions": [envelope.when("StringLike", "oidc.eks.eu-central-1.amazonaws.com/id/X:sub", ["system:serviceaccount:shop:*"])]})],
	[envelope.edge({"kind": "service_account", "identity": account}, {"meant": meant}) | some account, meant in accounts],
)}})

test_accounts_that_the_wildcard_lets_in_too_are_named if {
	found := rule.findings with input as _irsa({"k8s:ServiceAccount/shop/web": true, "k8s:ServiceAccount/shop/batch": false})
	{[f.severity, f.message] | some f in found} == {["high", "A token for any service account of the namespace whose name fits can become r, because oidc.eks.eu-central-1.amazonaws.com/id/X:sub may be system:serviceaccount:shop:* in statement 0 of its trust policy; of this change it lets in k8s:ServiceAccount/shop/batch, which nothing says is meant."]}
	{fact | some f in found; some fact in f.facts; startswith(fact, "lets in")} == {"lets in k8s:ServiceAccount/shop/batch"}
}

test_wildcard_over_accounts_that_are_all_meant_is_a_warning if {
	found := rule.findings with input as _irsa({"k8s:ServiceAccount/shop/web": true})
	{f.severity | some f in found} == {"medium"}
}

test_statement_that_could_not_be_read_is_another_rules if {
	unknown := {
		"what": "trust policy", "reason": "Condition of statement 0 is not known before apply.", "source": envelope.from("aws_iam_role.app"),
		"identity": "r", "reference": null, "remedy": null, "change": "create",
	}
	edges := [
		envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, {}),
		envelope.edge({"kind": "saml", "value": "arn:aws:iam::111122223333:saml-provider/idp"}, {}),
	]
	every edge in edges {
		count(rule.findings) == 1 with input as envelope.of({"trust": {"r": [edge]}})
		rule.findings == set() with input as envelope.of({"trust": {"r": [edge]}, "unknown": [unknown]})
	}
}
