package gate.rules.trust.unusable_trust_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.trust.unusable_trust as rule

# What the rule says: its wording is compared here and nowhere else.
_sentence(why) := sprintf("No principal can assume r through statement 0 of its trust policy: %s.", [why])

_github := {"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}

_deleted := "AROAIIAL55NLUUFAKE000 is the id of a principal that was deleted"

_dangling(parts) := envelope.of({"trust": {"r": [envelope.edge(
	{"kind": "dangling", "value": "AROAIIAL55NLUUFAKE000"},
	object.union({"never": [_deleted]}, parts),
)]}})

test_the_id_of_a_deleted_principal_warns if {
	rule.findings == {{
		"address": "aws_iam_role.app",
		"confidence": "proven",
		"evidence": [{
			"action": "sts:AssumeRole",
			"address": "aws_iam_role.app",
			"location": {"end_line": 9, "file": "main.tf", "line": 3},
			"resource": "AROAIIAL55NLUUFAKE000",
			"statement": "0",
		}],
		"facts": {"AROAIIAL55NLUUFAKE000: AROAIIAL55NLUUFAKE000 is the id of a principal that was deleted"},
		"frameworks": ["OWASP-NHI:NHI1", "NIST-800-53:CM-6"],
		"identity": "r",
		"location": {"end_line": 9, "file": "main.tf", "line": 3},
		"message": _sentence("AROAIIAL55NLUUFAKE000 is the id of a principal that was deleted"),
		"path": [],
		"remediation": "Name the intended principal exactly, or remove the statement.",
		"rule": "unusable-trust",
		"severity": "low",
		"title": "Trust statement that cannot be used",
	}} with input as _dangling({})
}

test_each_reason_is_told_and_an_edge_without_one_is_not if {
	found := rule.findings with input as envelope.of({"trust": {"r": [
		envelope.edge(_github, {"never": ["a star is none", "half an id"]}),
		envelope.edge(_github, {}),
	]}})
	{f.message | some f in found} == {
		_sentence("a star is none"),
		_sentence("half an id"),
	}
}

test_a_cluster_that_is_deleted_warns_of_its_provider_and_of_who_trusts_it if {
	issuer := "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
	arn := sprintf("arn:aws:iam::111122223333:oidc-provider/%s", [issuer])
	found := rule.findings with input as envelope.of({
		"trust": {"r": [envelope.edge({"kind": "oidc", "value": arn}, {})], "s": [envelope.edge(_github, {})]},
		"providers": [
			envelope.provider({
				"address": "aws_iam_openid_connect_provider.eks",
				"value": arn,
				"issuer": issuer,
				"retired": true,
			}),
			envelope.provider({}),
		],
	})
	{[f.identity, f.message] | some f in found} == {
		[null, sprintf(
			"aws_iam_openid_connect_provider.eks is the provider of a cluster that this change deletes: %s.",
			[issuer],
		)],
		[
			"r",
			sprintf(
				concat(" ", [
					"No principal can assume r through statement 0 of its trust policy: this change deletes",
					"aws_iam_openid_connect_provider.eks, the provider of %s.",
				]),
				[issuer],
			),
		],
	}
}

test_not_principal_is_another_rules if {
	rule.findings == set() with input as _dangling({"negated": true})
}

test_two_providers_of_one_deleted_issuer_are_one_reason if {
	gone := envelope.provider({"value": null, "retired": true})
	twice := {
		"trust": {
			"r": [envelope.edge({"kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/id.example.com"}, {})],
		},
		"providers": [gone, object.union(gone, {"address": "again"})],
	}
	found := rule.findings with input as envelope.of(twice)
	count(found) == 1
}

test_what_a_retired_provider_rests_on if {
	place := {"file": "main.tf", "line": 3, "end_line": 9}
	found := rule.findings with input as envelope.of({"providers": [envelope.provider({"retired": true})]})
	{[f.identity, f.address, f.location, f.facts, f.evidence] | some f in found} == {[
		null, "aws_iam_openid_connect_provider.p", place, {"id.example.com is retired"},
		[{
			"address": "aws_iam_openid_connect_provider.p", "statement": null, "location": place,
			"action": "sts:AssumeRoleWithWebIdentity", "resource": "id.example.com",
		}],
	]}
	every f in found {
		f.remediation == "Delete the provider and the statements that trust it together with the cluster."
	}
}
