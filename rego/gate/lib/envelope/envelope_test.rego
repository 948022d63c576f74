# METADATA
# description: |
#   Envelopes for tests, complete as the schema wants them, of which a test names only what matters to it. Each part is
#   an example laid over the empty one that is made from the model's fields.
package gate.lib.envelope_test

import data.gate.lib.defaults_test as defaults
import data.gate.lib.derived_test as derived

# of an access model that has these parts, under the default configuration.
of(parts) := configured(parts, {})

configured(parts, config) := {
	"access": access(parts),
	"before": null,
	"config": object.union_n([
		defaults.of.settings,
		{"deny_from": "high", "lifecycle": {"required": ["owner", "purpose"]}},
		config,
	]),
	"now": "2026-06-01",
}

# Tests write the targets of a grant beside it; here they go where the schema wants them.
access(parts) := object.union_n([
	defaults.of.access_model,
	{"reads": 1},
	parts,
	{
		"grants": {key: object.union(grant, {"targets": _key(key, grant.targets)}) | some key, grant in parts.grants},
		"targets": {key: grant.targets | some key, grant in parts.grants; count(grant.targets) > 0},
		"graph": graph_of(object.get(parts, "graph", {})),
	},
])

_key(_, []) := null

_key(key, targets) := key if count(targets) > 0

identity(parts) := _example(
	"identity",
	{
		"kind": "role", "platform": "aws", "name": "app", "change": "create",
		"actions": 1, "services": 1, "service_names": ["s3"],
		"lifecycle": {"owner": "team", "purpose": "test"}, "source": from("aws_iam_role.app"),
	},
	parts,
)

# What a test says of a grant stands; of the rest, the model's derivations are told.
grant(parts) := object.union_n([
	found,
	{"width": _width(found)},
	derived.grant(found),
	object.remove(parts, ["wildcards"]),
]) if {
	found := _example(
		"grant",
		{
			"platform": "aws", "actions": ["*"], "form": "Action", "resources": ["*"], "everything": true, "targets": [],
			"holders": ["r"], "source": from("aws_iam_policy.p"),
		},
		parts,
	)
}

_width(grant) := "everything" if {
	true in [grant.everything, grant.whole_type]
} else := "named"

# of Kubernetes, in a rule of a role
rbac(parts) := object.union(found, {"rule": object.union(derived.rule(found), object.get(parts, "rule", {}))}) if {
	found := grant(object.union(
		{
			"platform": "kubernetes", "actions": ["get things"], "everything": false,
			"source": {"address": "k8s:Role/shop/app", "statement": "rules[0]", "location": null},
		},
		object.remove(parts, ["rule"]),
	))
}

# on one named resource that reaches these targets
named(resource, targets) := {"everything": false, "resources": [resource], "targets": targets}

edge(principal, parts) := _example(
	"trust",
	{
		"identity": "r", "principal": who(principal), "actions": ["sts:AssumeRole"], "tags": "none",
		"source_identity": "none",
		"source": from("aws_iam_role.app"),
	},
	parts,
)

provider(parts) := _example(
	"identity_provider",
	{
		"address": "aws_iam_openid_connect_provider.p", "kind": "oidc",
		"value": "arn:aws:iam::111122223333:oidc-provider/id.example.com",
		"issuer": "id.example.com", "audiences": ["sts.amazonaws.com"], "change": "create",
		"source": from("aws_iam_openid_connect_provider.p"),
	},
	parts,
)

resource_grant(principal, parts) := object.union_n([found, {"services": derived.services(found)}, parts]) if {
	found := _example(
		"resource_grant",
		{
			"resource": "aws_s3_bucket.b", "resource_type": "aws_s3_bucket", "principal": who(principal),
			"actions": ["s3:GetObject"], "change": "create", "source": from("aws_s3_bucket_policy.b"),
		},
		parts,
	)
}

workload(parts) := _example(
	"workload",
	{
		"kind": "aws_lambda_function", "platform": "aws", "runs_as": ["r"], "exposure": "none", "change": "create",
		"source": from("aws_lambda_function.f"),
	},
	parts,
)

who(principal) := _example(
	"principal",
	object.union({"kind": "anyone", "value": "*"}, derived.principal(principal)),
	principal,
)

from(address) := {"address": address, "statement": "0", "location": {"file": "main.tf", "line": 3, "end_line": 9}}

when(operator, key, values) := condition(object.union(
	{"operator": operator, "key": key, "values": values},
	derived.condition(operator, key, values),
))

condition(parts) := _example("condition", derived.counting(parts), parts)

# What the model says of whom each identity can become; `things` has one entry for those who reach none.
graph_of(parts) := object.union_n([defaults.of.graph, {"things": {"none": {}}}, parts])

# the parts of a graph that say who gains what: holder → gains
gaining(by_holder) := {
	"gains": {holder: [holder] | some holder, _ in by_holder},
	"gain_sets": by_holder,
}

gain(parts) := _example(
	"gain",
	{
		"technique": "lambda-create-invoke", "target": "admin", "confidence": "proven", "gains": "administrator",
		"steps": 3,
	},
	parts,
)

step(source, technique, target) := {"from": source, "technique": technique, "to": target, "kind": "becomes"}

chain(steps, end) := {"steps": steps, "end": end, "length": count(steps)}

# The limits of a way stand for those that are given, not beside them.
way(parts) := object.union(object.remove(_way, object.keys(parts)), parts)

_way := _example(
	"way",
	{"path": "create-pods", "scope": "shop", "keys": ["g"], "limits": {"g": "free"}, "actions": ["create pods"]},
	{},
)

reach(parts) := _example("reach", {"accounts": 1, "things": "none"}, parts)

# of one service
stores(width, number) := {"width": width, "count": number}

contribution(parts) := _example("contribution", {}, parts)

contributor(holder, size) := {"holder": holder, "size": size, "grant": null, "action": null}

namespace(parts) := _example("namespace", {"written": true}, parts)

_example(fact, example, parts) := object.union_n([defaults.of[fact], example, parts])
