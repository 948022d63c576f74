import json

import pytest

from gate.extract.aws.resources.resource_policies import policy_types
from gate.model.access import Condition, Principal, ResourceGrant, Source

ANYONE = Principal("anyone", "*")
SOURCE_ACCOUNT = Condition("StringEquals", "aws:SourceAccount", ("123456789012",))


def _grant(resource, principal, actions, source, statement=None, conditions=(), public_block=False):
    return ResourceGrant(
        resource,
        resource.split(".")[0],
        principal,
        actions,
        conditions,
        Source(source, statement),
        public_block=public_block,
        change="create",
    )


def test_every_grant_of_a_real_plan_names_the_resource_it_is_for(model_of):
    open_, shut = 'aws_s3_bucket.b["open"]', 'aws_s3_bucket.b["shut"]'
    pull, share = "aws_ecr_repository_policy.r", "aws_ami_launch_permission.all"
    topic = Condition("ArnLike", "aws:SourceArn", ("arn:aws:sns:us-east-1:{account?}:t",))
    events = "aws_lambda_permission.events"
    read = ("s3:GetObject",)
    assert model_of("resources").resource_grants == [
        _grant(
            "aws_ecr_repository.r",
            Principal("account", "999999999999", None, "999999999999", None),
            ("ecr:BatchGetImage",),
            pull,
            "Pull",
        ),
        _grant(open_, ANYONE, read, 'aws_s3_bucket_policy.b["open"]', "Public"),
        _grant(shut, ANYONE, read, 'aws_s3_bucket_policy.b["shut"]', "Public", public_block=True),
        _grant(
            "aws_sqs_queue.q",
            Principal("service", "sns.amazonaws.com"),
            ("sqs:SendMessage",),
            "aws_sqs_queue.q",
            "0",
            (SOURCE_ACCOUNT,),
        ),
        _grant(
            events, Principal("service", "sns.amazonaws.com"), ("lambda:InvokeFunction",), events, conditions=(topic,)
        ),
        _grant(open_, ANYONE, ("s3:GetObject", "s3:ListBucket"), "aws_s3_bucket_acl.open"),
        _grant(share, ANYONE, ("ec2:RunInstances",), share),
    ]


def test_unreadable_and_unknown_policies_are_told(model_of):
    assert [(u.what, u.source.address, u.reference) for u in model_of("resources").unknown] == [
        ("resource policy", "aws_kms_key.k", None),
        ("resource policy", "aws_sns_topic_policy.t", "aws_sns_topic.t.arn"),
    ]


@pytest.mark.parametrize("type_", sorted(policy_types()))
def test_every_listed_type_is_read(written, type_):
    policy = json.dumps({"Statement": [{"Sid": "S", "Effect": "Allow", "Action": "a:B", "Principal": "*"}]})
    values = policy
    for name in reversed(policy_types()[type_]["policy"].split(".")):
        values = {name: values} if name == policy_types()[type_]["policy"].split(".")[-1] else {name: [values]}
    model = written({f"{type_}.x": values})
    assert [(g.principal, g.actions, g.source) for g in model.resource_grants] == [
        (ANYONE, ("a:B",), Source(f"{type_}.x", "S"))
    ]


def test_an_account_wide_block_switches_public_policies_off_everywhere(written):
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"}]})
    model = written(
        {
            "aws_s3_bucket.b": {"bucket": "b"},
            "aws_s3_bucket_policy.p": {"bucket": "b", "policy": policy},
            "aws_s3_account_public_access_block.a": {"block_public_policy": True},
        }
    )
    assert [(g.resource, g.public_block) for g in model.resource_grants] == [("aws_s3_bucket.b", True)]


def test_a_kms_grant_names_the_role_behind_its_reference(written):
    model = written(
        {
            "aws_kms_key.k": {},
            "aws_iam_role.r": {"name": "r"},
            "aws_kms_grant.g": {"operations": ["Decrypt"]},
        },
        unknown={"aws_kms_grant.g": {"key_id": True, "grantee_principal": True}, "aws_kms_key.k": {"key_id": True}},
        expressions={
            "aws_kms_grant.g": {
                "key_id": ["aws_kms_key.k.key_id", "aws_kms_key.k"],
                "grantee_principal": ["aws_iam_role.r.arn", "aws_iam_role.r"],
            }
        },
    )
    arn = "arn:aws:iam::{account?}:role/r"
    principal = Principal("role", arn, "aws_iam_role.r", own_account=True)
    assert model.resource_grants == [_grant("aws_kms_key.k", principal, ("kms:Decrypt",), "aws_kms_grant.g")]


def test_a_policy_read_back_into_the_bucket_is_told_by_the_policy_resource(written):
    public = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"}]})
    bucket = {"aws_s3_bucket.b": {"bucket": "b", "id": "b", "policy": public}}
    removed = {"aws_s3_bucket_policy.p": {"bucket": "b", "policy": public}}
    assert written(bucket, before=bucket | removed).resource_grants == []
    assert [g.source.address for g in written(bucket, before=bucket).resource_grants] == ["aws_s3_bucket.b"]


@pytest.mark.parametrize(("options", "blocked"), [([{"subnet_ids": ["subnet-1"]}], True), ([], False)])
def test_a_search_domain_inside_a_vpc_is_not_public(written, options, blocked):
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "es:*", "Principal": "*"}]})
    model = written({"aws_opensearch_domain.d": {"access_policies": policy, "vpc_options": options}})
    assert [(g.resource, g.public_block) for g in model.resource_grants] == [("aws_opensearch_domain.d", blocked)]


def test_what_is_not_known_in_a_deny_or_about_the_resource_is_no_unknown(written):
    allow = {"effect": "Allow", "actions": ["s3:PutObject"], "resources": [None],
             "principals": [{"type": "Service", "identifiers": ["cloudtrail.amazonaws.com"]}]}  # fmt: skip
    deny = {"effect": "Deny", "actions": ["s3:*"], "resources": [None],
            "principals": [{"type": "*", "identifiers": ["*"]}]}  # fmt: skip
    model = written(
        {
            "aws_s3_bucket.b": {"bucket": "b"},
            "aws_s3_bucket_policy.p": {"bucket": "b"},
            "data.aws_iam_policy_document.d": {"statement": [allow, deny]},
        },
        unknown={
            "data.aws_iam_policy_document.d": {
                "json": True,
                "statement": [{"resources": [True]}, {"resources": [True]}],
            },
            "aws_s3_bucket_policy.p": {"policy": True},
        },
        expressions={
            "data.aws_iam_policy_document.d": {"statement": [{"resources": {"references": ["var.x"]}}] * 2},
            "aws_s3_bucket_policy.p": {
                "policy": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]
            },
        },
    )
    assert [(g.principal.value, g.actions) for g in model.resource_grants] == [
        ("cloudtrail.amazonaws.com", ("s3:PutObject",))
    ]
    assert model.unknown == []
