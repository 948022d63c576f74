# METADATA
# description: Envelopes for tests, complete as the schema wants them, of which a test names only what matters to it.
package gate.lib.envelope_test

# of an access model that has these parts, under the default configuration.
of(parts) := configured(parts, {})

configured(parts, config) := {
	"access": access(parts),
	"before": null,
	"config": object.union(
		{
			"deny_from": "high", "scope": "changed", "accounts": [], "organizations": [], "oidc_subjects": [],
			"lifecycle": {"required": ["owner", "purpose"]}, "rules": {}, "waivers": [], "limits": {},
		},
		config,
	),
	"now": "2026-06-01",
}

# Tests write the targets of a grant beside it; here they go where the schema wants them.
access(parts) := object.union(
	{
		"schema": "gate.access/v1", "identities": {}, "grants": {}, "trust": {}, "providers": [], "resource_grants": [], "workloads": {},
		"secrets": [], "credentials": [], "not_analysed": [], "unknown": [], "own_accounts": [], "namespaces": {}, "roles": {}, "interceptors": [], "effects": [], "reads": 1,
	},
	object.union(parts, {
		"grants": {key: object.union(grant, {"targets": _key(key, grant.targets)}) | some key, grant in parts.grants},
		"targets": {key: grant.targets | some key, grant in parts.grants; count(grant.targets) > 0},
	}),
)

_key(_, []) := null

_key(key, targets) := key if count(targets) > 0

identity(parts) := object.union(
	{
		"kind": "role", "platform": "aws", "name": "app", "grants": {}, "external": false, "namespace": null,
		"environment": null, "account": null, "change": "create", "all_access": "none", "actions": 1, "services": 1, "service_names": ["s3"],
		"lifecycle": {"owner": "team", "purpose": "test", "expires": null}, "boundary": null, "ceiling": null, "members": [],
		"source": from("aws_iam_role.app"),
	},
	parts,
)

grant(parts) := object.union(
	{
		"platform": "aws", "actions": ["*"], "form": "Action", "wildcards": [], "resources": ["*"], "except": [],
		"everything": true, "whole_type": false, "own": false, "whole_for": [], "targets": [], "conditions": [], "holders": ["r"], "source": from("aws_iam_policy.p"),
	},
	parts,
)

# on one named resource that reaches these targets
named(resource, targets) := {"everything": false, "resources": [resource], "targets": targets}

edge(principal, parts) := object.union(
	{
		"identity": "r", "principal": who(principal), "actions": ["sts:AssumeRole"], "conditions": [], "negated": false,
		"delegates": false, "usable": null, "tags": "none", "source_identity": "none", "meant": false, "source": from("aws_iam_role.app"),
	},
	parts,
)

provider(parts) := object.union(
	{
		"address": "aws_iam_openid_connect_provider.p", "kind": "oidc", "value": "arn:aws:iam::111122223333:oidc-provider/id.example.com",
		"issuer": "id.example.com", "audiences": ["sts.amazonaws.com"], "keys": null, "keys_before": null, "kept_by": null, "retired": false,
		"change": "create", "source": from("aws_iam_openid_connect_provider.p"),
	},
	parts,
)

resource_grant(principal, parts) := object.union(
	{
		"resource": "aws_s3_bucket.b", "resource_type": "aws_s3_bucket", "principal": who(principal),
		"actions": ["s3:GetObject"], "conditions": [], "negated": false, "public_block": false, "change": "create",
		"source": from("aws_s3_bucket_policy.b"),
	},
	parts,
)

workload(parts) := object.union(
	{
		"kind": "aws_lambda_function", "platform": "aws", "runs_as": ["r"], "service_roles": [], "namespace": null,
		"exposure": "none", "token": null, "settings": [], "secrets": [], "doors": [], "isolation": [], "change": "create",
		"source": from("aws_lambda_function.f"),
	},
	parts,
)

who(principal) := object.union({"kind": "anyone", "value": "*", "identity": null, "account": null, "own_account": null}, principal)

from(address) := {"address": address, "statement": "0", "location": {"file": "main.tf", "line": 3, "end_line": 9}}

when(operator, key, values) := {"operator": operator, "key": key, "values": values}
