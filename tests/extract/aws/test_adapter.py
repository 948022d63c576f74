"""The adapter as a whole: symbols of evaluated plans, several plans, and any content without a crash."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.adapter import extract
from gate.inputs.documents import Reference, SourceFile, TerraformPlan
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel


def plan(resources, *, name="plan.json") -> TerraformPlan:
    changes = []
    for address, after in resources.items():
        kind, label = address.split(".")
        change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}}
        changes.append({"address": address, "mode": "managed", "type": kind, "name": label, "change": change})
    value = {"format_version": "1.2", "resource_changes": changes}
    return parse_plan(value, SourceFile(name, "terraform-plan", ""))[0]


def model(*plans, side="after") -> AccessModel:
    built = AccessModel()
    extract(plans, side, built)
    return built


def test_a_symbol_of_an_evaluated_plan_is_the_resource_it_stands_for():
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:gate:::gateref1z"},
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::gateref2z/*"},
        ]
    }
    trust = {
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:gate:::gateref1z"}}
    }
    evaluated = replace(
        plan(
            {
                "aws_s3_bucket.b": {"bucket": "data", "id": "gateref2z"},
                "aws_iam_role.a": {"name": "a", "arn": "arn:aws:gate:::gateref1z", "id": "gateref3z"},
                "aws_iam_role.b": {"name": "b", "assume_role_policy": json.dumps(trust)},
                "aws_iam_role_policy.p": {"role": "gateref3z", "policy": json.dumps(document)},
                "aws_lambda_function.f": {"function_name": "f", "role": "arn:aws:gate:::gateref1z"},
            }
        ),
        symbols={
            "gateref1z": Reference("aws_iam_role.a", "arn"),
            "gateref2z": Reference("aws_s3_bucket.b", "id"),
            "gateref3z": Reference("aws_iam_role.a", "id"),
        },
    )
    found = model(evaluated)
    assert [(g.resources, g.targets, g.holders) for g in found.grants.values()] == [
        (("arn:aws:iam::{account?}:role/a",), ("aws_iam_role.a",), ("aws_iam_role.a",)),
        (("arn:aws:s3:::data/*",), ("aws_s3_bucket.b",), ("aws_iam_role.a",)),
    ]
    assert [(e.identity, e.principal.kind, e.principal.identity) for e in found.trust] == [
        ("aws_iam_role.b", "role", "aws_iam_role.a")
    ]
    assert found.workloads["aws_lambda_function.f"].runs_as == ("aws_iam_role.a",)
    assert found.unknown == []
    assert "gateref" not in json.dumps(found.to_json())


def test_two_plans_with_one_address_keep_both_identities():
    found = model(
        plan({"aws_iam_role.r": {"name": "one"}}), plan({"aws_iam_role.r": {"name": "two"}}, name="other.json")
    )
    assert {i: x.name for i, x in found.identities.items()} == {
        "aws_iam_role.r": "one",
        "other.json:aws_iam_role.r": "two",
    }


def test_reading_twice_gives_the_same_model(model_of):
    assert json.dumps(model_of("attachments").to_json()) == json.dumps(model_of("attachments").to_json())


def test_a_secret_of_a_resource_gets_into_no_part_of_the_model():
    values = {
        "user": "u",
        "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "policy": '{"Statement": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}',
    }
    resources = {"aws_iam_access_key.k": values, "aws_iam_user_policy.p": values, "aws_sqs_queue.q": values}
    assert "wJalr" not in json.dumps(model(plan(resources)).to_json())


TYPES = [
    "aws_iam_role",
    "aws_iam_user",
    "aws_iam_group",
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_role_policies_exclusive",
    "aws_iam_user_group_membership",
    "aws_iam_access_key",
    "aws_iam_instance_profile",
    "aws_instance",
    "aws_lambda_function",
    "aws_lambda_permission",
    "aws_s3_bucket",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_policy",
    "aws_kms_grant",
    "aws_launch_template",
    "aws_security_group",
    "aws_ecs_service",
    "aws_lb_listener",
    "aws_ssoadmin_managed_policy_attachment",
    "aws_batch_job_definition",
    "aws_s3control_multi_region_access_point_policy",
]
NAMES = [
    "name",
    "path",
    "role",
    "user",
    "users",
    "groups",
    "policy",
    "policy_arn",
    "inline_policy",
    "managed_policy_arns",
    "assume_role_policy",
    "tags",
    "permissions_boundary",
    "bucket",
    "acl",
    "ingress",
    "principal",
    "iam_instance_profile",
    "launch_template",
    "default_action",
    "details",
    "container_properties",
    "network_configuration",
    "load_balancer",
    "permission_set_arn",
    "managed_policy_arn",
    "url",
    "arn",
]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.sampled_from(
        ["r", "{}", '{"Statement": [{"Effect": "Allow"}]}', "arn:aws:iam::111122223333:role/r", "arn:", "*"]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*NAMES, "cidr_blocks", "grant", "grantee", "types"]), inner, max_size=3),
    ),
    max_leaves=6,
)


def test_attributes_of_another_shape_than_the_schema_says_are_no_crash():
    odd = {
        "aws_security_group.g": {"ingress": [{"cidr_blocks": 3, "ipv6_cidr_blocks": [4]}]},
        "aws_vpc_security_group_ingress_rule.g": {"cidr_ipv4": {}, "cidr_ipv6": []},
        "aws_lambda_function.f": {"function_name": "f", "role": "arn:aws:iam::111122223333:role/r"},
        "aws_lambda_permission.f": {"function_name": "f", "principal": []},
        "aws_api_gateway_rest_api.a": {"id": "a", "endpoint_configuration": [{"types": 5}]},
        "aws_api_gateway_integration.i": {"rest_api_id": "a", "uri": "f"},
        "aws_s3_bucket_acl.a": {"access_control_policy": [{"grant": [{"grantee": [{"uri": []}, 3]}, 4]}, {"grant": 5}]},
        "aws_iam_role.r": {"name": 3, "tags": [1], "inline_policy": [{"policy": 3}, 4], "path": {}},
    }
    assert list(model(plan(odd)).workloads) == ["aws_lambda_function.f"]


@settings(max_examples=150, deadline=None)
@given(
    resources=st.dictionaries(
        st.sampled_from([f"{kind}.r" for kind in TYPES]),
        st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
        max_size=6,
    ),
    unknown=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3),
)
def test_any_content_becomes_a_model_and_never_a_crash(resources, unknown):
    odd = plan(resources)
    for resource in odd.resources.values():
        resource.unknown = unknown
    model(odd).to_json()
