"""Policy documents wherever Terraform leaves them: written, rendered from data sources, merged, or unknown."""

import json

from gate.model.access import AccessModel

BUCKET = {"aws_s3_bucket.b": {"bucket": "b"}}
POLICY = "data.aws_iam_policy_document.d"
ROLE = {"aws_iam_role.r": {"name": "r"}}
HELD_BY_ROLE = {"aws_iam_role_policy.p": {"role": "r"}}


def _statement(**parts):
    return {"effect": None, "sid": None, "actions": ["s3:GetObject"]} | parts


def _rendered(written, statements, marks, expressions, **more) -> AccessModel:
    return written(
        BUCKET | ROLE | HELD_BY_ROLE | {POLICY: {"statement": statements}} | more.pop("after", {}),
        unknown={POLICY: {"statement": marks, "json": True}, "aws_iam_role_policy.p": {"policy": True}}
        | more.pop("unknown", {}),
        expressions={
            POLICY: {"statement": expressions},
            "aws_iam_role_policy.p": {"policy": [f"{POLICY}.json", POLICY]},
        }
        | more.pop("expressions", {}),
    )


def _resources(model):
    return [(g.source.statement, g.resources, g.targets) for g in model.grants.values()]


def test_a_reference_to_a_bucket_is_the_bucket_and_what_is_in_it(written):
    model = _rendered(
        written,
        [_statement(sid="Read", resources=["arn:aws:s3:::known/*", None])],
        [{"resources": [False, True]}],
        [{"resources": {"references": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b"]}}],
    )
    reached = ("arn:aws:s3:::known/*", "arn:aws:s3:::b/*")  # of the bucket and its objects, what GetObject acts on
    assert _resources(model) == [("Read", reached, ("aws_s3_bucket.b",))]
    assert model.unknown == []


def test_an_effect_that_is_no_text_may_allow_anything(written):
    for effect in (["Allow"], {"a": 1}, 7):
        statements = [_statement(effect=effect, resources=["arn:aws:s3:::b/*"])]
        model = _rendered(written, statements, [{}], [{}])
        assert {(u.what, u.identity) for u in model.unknown} == {("policy document", "aws_iam_role.r")}


def test_a_reference_that_is_no_arn_is_unknown_with_its_name(written):
    model = _rendered(
        written,
        [_statement(resources=[None])],
        [{"resources": [True]}],
        [{"resources": {"references": ["aws_s3_bucket.b.region", "aws_s3_bucket.b"]}}],
    )
    assert [(u.what, u.identity, u.reference, u.source.statement) for u in model.unknown] == [
        ("policy document", "aws_iam_role.r", "aws_s3_bucket.b.region", "0")
    ]


def test_a_local_value_beside_a_reference_hides_what_is_unknown(written):
    model = _rendered(
        written,
        [_statement(resources=[None, None])],
        [{"resources": [True, True]}],
        [{"resources": {"references": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b", "local.other"]}}],
    )
    assert [u.reference for u in model.unknown] == ["aws_s3_bucket.b.arn"]


def test_statements_that_are_unknown_as_a_whole_are_told(written):
    model = _rendered(written, [], True, [])
    assert {u.what for u in model.unknown} == {"policy document"}
    assert {u.identity for u in model.unknown} == {"aws_iam_role.r"}


def test_source_documents_come_first_and_a_sid_overrides(written):
    source = json.dumps(
        {
            "Statement": [
                {"Sid": "A", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"},
                {"Sid": "B", "Effect": "Allow", "Action": "sns:Publish", "Resource": "*"},
            ]
        }
    )
    override = json.dumps({"Statement": {"Sid": "B", "Effect": "Allow", "Action": "s3:DeleteBucket", "Resource": "*"}})
    own = _statement(sid="A", actions=["s3:GetObject"], resources=["*"])
    model = written(
        ROLE
        | HELD_BY_ROLE
        | {
            POLICY: {
                "statement": [own],
                "source_policy_documents": [source],
                "override_policy_documents": [override],
            }
        },
        unknown={POLICY: {"json": True}, "aws_iam_role_policy.p": {"policy": True}},
        expressions={"aws_iam_role_policy.p": {"policy": [f"{POLICY}.json", POLICY]}},
    )
    assert sorted((g.source.statement, g.actions) for g in model.grants.values()) == [
        ("A", ("s3:GetObject",)),
        ("B", ("s3:DeleteBucket",)),
    ]


def test_a_source_document_that_cannot_be_resolved_may_say_anything(written):
    model = written(
        ROLE
        | HELD_BY_ROLE
        | {POLICY: {"statement": [_statement(sid="Own", resources=["*"])], "source_policy_documents": [None]}},
        unknown={
            POLICY: {"source_policy_documents": [True], "json": True},
            "aws_iam_role_policy.p": {"policy": True},
        },
        expressions={
            POLICY: {"source_policy_documents": ["local.more"]},
            "aws_iam_role_policy.p": {"policy": [f"{POLICY}.json", POLICY]},
        },
    )
    assert [u.what for u in model.unknown] == ["policy document", "policy document"]


def test_a_policy_copied_from_another_resource_is_that_policy(written):
    send = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]})
    model = written(
        ROLE | HELD_BY_ROLE | {"aws_iam_policy.p": {"name": "p", "policy": send}},
        unknown={"aws_iam_role_policy.p": {"policy": True}},
        expressions={"aws_iam_role_policy.p": {"policy": ["aws_iam_policy.p.policy", "aws_iam_policy.p"]}},
    )
    assert [(g.actions, g.source.address) for g in model.grants.values()] == [
        (("sqs:SendMessage",), "aws_iam_role_policy.p")
    ]


def test_a_document_made_of_two_sources_is_unknown(written):
    model = written(
        ROLE | HELD_BY_ROLE | BUCKET | {POLICY: {"statement": [_statement(resources=["*"])]}},
        unknown={"aws_iam_role_policy.p": {"policy": True}, POLICY: {"json": True}},
        expressions={"aws_iam_role_policy.p": {"policy": [f"{POLICY}.json", POLICY, "aws_s3_bucket.b.arn"]}},
    )
    assert model.grants == {}
    assert [u.reference for u in model.unknown] == [f"{POLICY}.json, aws_s3_bucket.b.arn"]


def _conditioned(written, test: str) -> AccessModel:
    """Two conditions in the order Terraform sorts them, which is not the order they are written in."""
    pool, role = "aws_cognito_identity_pool.c", "aws_s3_bucket.b"
    return _rendered(
        written,
        [
            _statement(
                resources=["*"],
                condition=[
                    {"test": "ArnEquals", "variable": "aws:SourceArn", "values": [None]},
                    {"test": test, "variable": "aws:PrincipalTag/pool", "values": [None]},
                ],
            )
        ],
        [{"condition": [{"values": [True]}, {"values": [True]}]}],
        [
            {
                "condition": [
                    {
                        "test": {"constant_value": test},
                        "variable": {"constant_value": "aws:PrincipalTag/pool"},
                        "values": {"references": [f"{pool}.id", pool]},
                    },
                    {
                        "test": {"constant_value": "ArnEquals"},
                        "variable": {"constant_value": "aws:SourceArn"},
                        "values": {"references": [f"{role}.arn", role]},
                    },
                ]
            }
        ],
        after={pool: {}},
        unknown={pool: {"id": True}},
    )


def test_conditions_are_found_by_operator_and_key_and_an_exact_value_may_be_anything_exact(written):
    model = _conditioned(written, "StringEquals")
    (grant,) = model.grants.values()
    assert [(c.key, c.values) for c in grant.conditions] == [
        ("aws:SourceArn", ("arn:aws:s3:::b",)),
        ("aws:PrincipalTag/pool", ("${aws_cognito_identity_pool.c.id}",)),
    ]
    assert model.unknown == []


def test_a_value_that_may_be_a_pattern_is_unknown(written):
    model = _conditioned(written, "StringLike")
    assert [u.reference for u in model.unknown] == ["aws_cognito_identity_pool.c.id"]
