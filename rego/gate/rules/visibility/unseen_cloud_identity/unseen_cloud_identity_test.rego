package gate.rules.visibility.unseen_cloud_identity_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.visibility.unseen_cloud_identity as rule

# What the rule says: its wording is compared here and nowhere else.
_not_shown := "because it is not in any plan of this change."

_account := "k8s:ServiceAccount/shop/web"

_world(identity) := {
	"identities": {"there": envelope.identity(identity)},
	"trust": {"there": [envelope.edge(
		{"kind": "service_account", "value": "system:serviceaccount:shop:web", "identity": _account},
		{"meant": true, "actions": ["token exchange"], "source": envelope.from(_account)},
	)]},
}

_found(parts) := found if {
	found := rule.findings with input as envelope.of(parts)
}

test_says_who_acts_as_whom_and_what_is_not_analysed if {
	at := {"file": "main.tf", "line": 3, "end_line": 9}
	_found(_world({"external": true, "platform": "gcp"})) == {{
		"address": _account,
		"confidence": "unverified",
		"evidence": [
			{"address": _account, "statement": "0", "location": at, "action": "token exchange", "resource": "there"},
		],
		"facts": {"acts as there by k8s:ServiceAccount/shop/web"},
		"frameworks": ["OWASP-NHI:NHI8", "NIST-800-53:CM-4"],
		"identity": _account,
		"location": at,
		"message": concat(" ", [
			"k8s:ServiceAccount/shop/web acts as there, and what that identity may do is not analysed, because",
			"the gate does not read access in Google Cloud yet.",
		]),
		"path": [{"from": _account, "via": _account, "actions": ["token exchange"], "to": "there"}],
		"remediation": concat(" ", [
			"Add the plan that creates the cloud identity to the same check, or review its permissions by hand and",
			"waive the finding.",
		]),
		"rule": "unseen-cloud-identity",
		"severity": "medium",
		"title": "Cloud identity of a workload is not part of the input",
	}}
}

test_each_cloud_has_its_reason if {
	{regex.replace(f.message, `^.*, because`, "because") |
		some cloud in ["aws", "azure"]
		some f in _found(_world({"external": true, "platform": cloud}))
	} == {
		_not_shown,
		"because the gate does not read access in Azure yet.",
	}
}

test_identity_in_view_is_silent if {
	_found(_world({"platform": "aws"})) == set()
}

_projecting(audience, trust, workload) := found if {
	parts := {
		"identities": {_account: envelope.identity({"kind": "service_account", "platform": "kubernetes"})},
		"trust": trust,
		"workloads": {"k8s:Pod/shop/web": envelope.workload(object.union(
			{
				"platform": "kubernetes", "runs_as": [_account],
				"settings": [{
					"name": "pod-projected-token-audience",
					"where": "spec",
					"value": sprintf("audience %s, expires after 600 s", [audience]),
					"audience": audience,
					"source": envelope.from("k8s:Pod/shop/web"),
				}],
			},
			workload,
		))},
	}
	found := rule.findings with input as envelope.of(parts)
}

test_token_for_a_cloud_by_which_nobody_is_entered_in_view if {
	{f.message | some f in _projecting("sts.amazonaws.com", {}, {})} == {
		concat(" ", [
			"k8s:Pod/shop/web holds a token of k8s:ServiceAccount/shop/web for AWS, and the identity that it gets",
			"there is not part of the input.",
		]),
	}
	{f.message |
		some f in _projecting("api://AzureADTokenExchange", {}, {"exposure": "internet", "doors": ["k8s:Service/shop/web"]})
	} == {
		concat(" ", [
			"k8s:Pod/shop/web holds a token of k8s:ServiceAccount/shop/web for Azure, and the identity",
			"that it gets there is not part of the input, and the internet reaches it through",
			"k8s:Service/shop/web.",
		]),
	}
	_projecting("vault", {}, {}) == set()
	_projecting(
		"sts.amazonaws.com",
		{"role": [envelope.edge({"kind": "service_account", "identity": _account}, {"meant": true})]},
		{},
	) == set()
}

_runs_as(id, identity, change) := {[f.identity, f.severity, f.message] |
	some f in rule.findings with input as envelope.of({
		"identities": {id: envelope.identity(identity)},
		"workloads": {"aws_lambda_function.f": envelope.workload({"platform": "aws", "runs_as": [id], "change": change})},
	})
}

_far := "arn:aws:iam::111122223333:role/org-admin"

test_new_code_as_a_role_that_nobody_showed_warns if {
	said := {[
		_far,
		"medium",
		sprintf("aws_lambda_function.f runs as %s, and what that role may do is not analysed, %s", [_far, _not_shown]),
	]}
	_runs_as(_far, {"external": true}, "create") == said
	_runs_as(_far, {"external": true}, "update") == said
}

test_code_that_stays_roles_in_view_and_those_of_aws_are_silent if {
	_runs_as(_far, {"external": true}, "none") == set()
	_runs_as("aws_iam_role.r", {"external": false}, "create") == set()
	_runs_as(_far, {"external": true, "grants": {"s3:GetObject": ["g"]}}, "create") == set()
	linked := "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/R"
	_runs_as(linked, {"external": true, "family": "aws-service-role"}, "create") == set()
}

_rests_on(findings) := {[f.identity, f.address, f.location, f.facts, f.evidence] | some f in findings}

test_what_a_token_for_a_cloud_and_code_as_an_unseen_role_rest_on if {
	place := {"file": "main.tf", "line": 3, "end_line": 9}
	_rests_on(_projecting("sts.amazonaws.com", {}, {})) == {[
		_account, "k8s:Pod/shop/web", place, {"k8s:Pod/shop/web holds a token for sts.amazonaws.com"},
		[{
			"address": "k8s:Pod/shop/web", "statement": "spec", "location": place,
			"action": "token exchange", "resource": "sts.amazonaws.com",
		}],
	]}
	found := rule.findings with input as envelope.of({
		"identities": {_far: envelope.identity({"external": true})},
		"workloads": {"aws_lambda_function.f": envelope.workload({"runs_as": [_far]})},
	})
	_rests_on(found) == {[
		_far, "aws_lambda_function.f", place, {sprintf("aws_lambda_function.f runs as %s", [_far])},
		[{
			"address": "aws_lambda_function.f", "statement": null, "location": place,
			"action": "runs as", "resource": _far,
		}],
	]}
}

test_others_that_enter_an_unseen_identity_are_other_rules if {
	every kind in ["role", "oidc", "service"] {
		trusted := {"there": [envelope.edge({"kind": kind, "value": "x", "identity": _account}, {})]}
		_found({"identities": _world({"external": true}).identities, "trust": trusted}) == set()
	}
}
