package gate.rules.trust.identity_provider_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.identity_provider as rule

_saml(parts) := envelope.provider(object.union(
	{
		"address": "aws_iam_saml_provider.p",
		"kind": "saml",
		"value": "arn:aws:iam::111122223333:saml-provider/p",
		"issuer": null,
		"keys": "b",
		"keys_before": "a",
		"change": "update",
	},
	parts,
))

_said(provider) := {f.message | some f in rule.findings with input as envelope.of({"providers": [provider]})}

test_other_keys_warn if {
	rule.findings == {{
		"address": "aws_iam_saml_provider.p",
		"confidence": "possible",
		"evidence": [{
			"action": "sts:AssumeRoleWithSAML",
			"address": "aws_iam_saml_provider.p",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "arn:aws:iam::111122223333:saml-provider/p",
			"statement": null,
		}],
		"facts": {"signed by b"},
		"frameworks": ["OWASP-NHI:NHI4", "NIST-800-53:IA-8", "MITRE-ATTACK:T1484.002"],
		"identity": null,
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": concat(" ", [
			"aws_iam_saml_provider.p gets different signing keys or a different entity: whoever holds the",
			"keys decides who signs in to r.",
		]),
		"path": [],
		"remediation": concat(" ", [
			"Have the owner of the identity provider confirm the keys or the host, and waive the finding with",
			"that owner's name.",
		]),
		"rule": "identity-provider",
		"severity": "medium",
		"title": "Identity provider that others may control",
	}} with input as envelope.of({
		"providers": [_saml({})],
		"trust": {"r": [envelope.edge({"kind": "saml", "value": "arn:aws:iam::111122223333:saml-provider/p"}, {})]},
	})
}

test_keys_that_nobody_knows_warn if {
	count(_said(_saml({"keys": null}))) == 1
}

test_the_same_keys_and_a_new_provider_are_silent if {
	_said(_saml({"keys": "a"})) == set()
	_said(_saml({"change": "create", "keys_before": null})) == set()
	_said(_saml({"change": "none"})) == set()
}

test_a_host_where_anybody_publishes_warns if {
	every issuer in [
		"acme.github.io",
		"acme.github.io/oidc",
		"issuer.s3.eu-west-1.amazonaws.com",
		"s3.amazonaws.com/issuer",
		"s3-eu-west-1.amazonaws.com/issuer",
		"storage.googleapis.com/issuer",
		"acme.pages.dev",
		"d1234.cloudfront.net",
	] {
		_said(envelope.provider({"issuer": issuer})) == {sprintf(
			concat(" ", [
				"aws_iam_openid_connect_provider.p trusts an issuer on a host where anyone can publish, %s:",
				"whoever holds that name decides whose tokens are accepted.",
			]),
			[issuer],
		)}
	}
}

test_hosts_of_their_owners_are_silent if {
	every issuer in [
		"token.actions.githubusercontent.com",
		"gitlab.com",
		"oidc.eks.eu-west-1.amazonaws.com/id/ABC",
		"id.example.com",
		"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a",
		"rh-oidc.s3.us-east-1.amazonaws.com/1",
		"s3.example.com",
	] {
		_said(envelope.provider({"issuer": issuer})) == set()
	}
}

test_a_bucket_of_the_change_is_the_owners if {
	_said(envelope.provider({"issuer": "issuer.s3.amazonaws.com", "kept_by": "aws_s3_bucket.issuer"})) == set()
	_said(envelope.provider({"issuer": "acme.github.io", "retired": true})) == set()
	_said(envelope.provider({"issuer": null})) == set()
}
