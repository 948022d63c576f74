"""What resource policies give to identities of the plan, and take from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gate.model.access import AccessModel

OWN = "111122223333"
ROLE, USER = f"arn:aws:iam::{OWN}:role/app", f"arn:aws:iam::{OWN}:user/bob"
ROOT = f"arn:aws:iam::{OWN}:root"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/k"
Written = Callable[..., AccessModel]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def plan(*own: dict[str, Any], bucket: str | None = None, key: str | None = None, **role: Any) -> dict[str, Any]:
    """A role (with an inline policy of ``own`` statements), a user, a bucket and a key of one account."""
    found: dict[str, Any] = {
        "aws_iam_role.app": {"name": "app", "arn": ROLE, **role},
        "aws_iam_user.bob": {"name": "bob", "arn": USER},
        "aws_s3_bucket.b": {"bucket": "b", "arn": "arn:aws:s3:::b"},
        "aws_kms_key.k": {"arn": KEY, "policy": key},
    }
    if own:
        found["aws_iam_role_policy.app"] = {"role": "app", "name": "p", "policy": policy(*own)}
        found["aws_iam_user_policy.bob"] = {"user": "bob", "name": "p", "policy": policy(*own)}
    if bucket:
        found["aws_s3_bucket_policy.b"] = {"bucket": "b", "policy": bucket}
    return found


def model(written: Written, resources: dict[str, Any]) -> AccessModel:
    return written(resources, before={a: resources[a] for a in ("aws_iam_role.app", "aws_iam_user.bob")})


def held(found: AccessModel, action: str, identity: str = "aws_iam_role.app") -> list[tuple[str, tuple[str, ...]]]:
    """(where it comes from, on what) of each grant of the action."""
    identity_ = found.identities[identity]
    keys = identity_.grants.get(action, ()) or identity_.grants.get("*", ())
    return [(found.grants[key].source.address, found.grants[key].resources) for key in keys]


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
def test_a_bucket_policy_that_names_a_role_gives_it_the_action(written: Written) -> None:
    bucket = policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Sid="Read", Principal={"AWS": ROLE}))
    found = model(written, plan(bucket=bucket))
    grant = found.grants[found.identities["aws_iam_role.app"].grants["s3:GetObject"][0]]
    assert (grant.source.address, grant.source.statement) == ("aws_s3_bucket_policy.b", "Read")
    assert (grant.resources, grant.targets) == (("arn:aws:s3:::b/*",), ("aws_s3_bucket.b",))
    assert held(found, "s3:GetObject", "aws_iam_user.bob") == []


def test_everybody_under_a_condition_on_the_arn_is_the_named_role(written: Written) -> None:
    only = {"ArnEquals": {"aws:PrincipalArn": ROLE}}
    bucket = policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal="*", Condition=only))
    found = model(written, plan(bucket=bucket))
    assert held(found, "s3:GetObject") == [("aws_s3_bucket_policy.b", ("arn:aws:s3:::b/*",))]
    assert held(found, "s3:GetObject", "aws_iam_user.bob") == []


def test_the_account_as_principal_gives_nobody_anything(written: Written) -> None:
    found = model(written, plan(bucket=policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": ROOT}))))
    assert held(found, "s3:GetObject") == []


def test_an_endpoint_policy_gives_nobody_anything(written: Written) -> None:
    endpoint = {"aws_vpc_endpoint.e": {"policy": policy(allow("s3:*", Principal={"AWS": ROLE}))}}
    assert held(model(written, plan() | endpoint), "s3:GetObject") == []


# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
def test_a_boundary_limits_what_a_resource_gives_a_role_but_not_a_user(written: Written) -> None:
    bucket = policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": [ROLE, USER]}))
    resources = plan(bucket=bucket, permissions_boundary=f"arn:aws:iam::{OWN}:policy/edge")
    resources["aws_iam_user.bob"] |= {"permissions_boundary": f"arn:aws:iam::{OWN}:policy/edge"}
    edge = {"name": "edge", "arn": f"arn:aws:iam::{OWN}:policy/edge", "policy": policy(allow("ec2:*"))}
    found = model(written, resources | {"aws_iam_policy.edge": edge})
    assert held(found, "s3:GetObject") == []
    assert held(found, "s3:GetObject", "aws_iam_user.bob") != []


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
def test_an_identity_deny_wins_over_a_resource_that_gives(written: Written) -> None:
    bucket = policy(allow("s3:*", "arn:aws:s3:::b/*", Principal={"AWS": ROLE}))
    found = model(written, plan(deny("s3:GetObject"), bucket=bucket))
    assert held(found, "s3:GetObject") == []
    assert held(found, "s3:PutObject") != []


@pytest.mark.parametrize(
    "statement",
    [
        deny("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], Principal="*"),
        deny("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], Principal={"AWS": ROLE}),
        deny("s3:*", "*", Principal={"AWS": ROOT}),
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "NotPrincipal": {"AWS": USER}},
        deny("s3:*", Principal="*", Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:user/*"}}),
    ],
)
def test_a_deny_at_the_resource_removes(written: Written, statement: dict[str, Any]) -> None:
    both = ["arn:aws:s3:::b/*", "arn:aws:s3:::other/*"]
    found = model(written, plan(allow("s3:GetObject", both), bucket=policy(statement)))
    assert held(found, "s3:GetObject") == [("aws_iam_role_policy.app", ("arn:aws:s3:::other/*",))]


@pytest.mark.parametrize(
    "statement",
    [
        deny("s3:*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        deny("s3:*", Principal="*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        deny("s3:*", Principal={"AWS": USER}),
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "NotPrincipal": {"AWS": ROLE}},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "NotPrincipal": {"AWS": ROOT}},
        deny("s3:*", Principal="*", Condition={"ArnNotEquals": {"aws:PrincipalArn": ROLE}}),
        deny("s3:*", Principal="*", Condition={"StringNotLike": {"aws:PrincipalTag/team": "a"}}),
        deny("s3:PutObject", Principal="*"),
    ],
)
def test_a_deny_that_may_not_hold_removes_nothing(written: Written, statement: dict[str, Any]) -> None:
    found = model(written, plan(allow("s3:GetObject", "arn:aws:s3:::b/*"), bucket=policy(statement)))
    assert held(found, "s3:GetObject") == [("aws_iam_role_policy.app", ("arn:aws:s3:::b/*",))]


def test_who_reaches_every_resource_still_does(written: Written) -> None:
    found = model(written, plan(allow("*"), bucket=policy(deny("s3:*", Principal="*"))))
    assert found.identities["aws_iam_role.app"].all_access == "unconditional"


# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
@pytest.mark.parametrize(
    ("key", "own_counts"),
    [
        (policy(allow("kms:*", Principal={"AWS": ROOT})), True),
        (policy(allow("kms:*", Principal={"AWS": OWN})), True),
        (policy(allow("kms:*", Principal="*", Condition={"StringEquals": {"kms:CallerAccount": OWN}})), True),
        (policy(allow("kms:Decrypt", Principal={"AWS": ROOT})), True),
        (policy(allow("kms:Describe*", Principal={"AWS": ROOT})), False),
        (policy(allow("kms:*", Principal={"AWS": USER})), False),
        (policy(allow("kms:*", Principal={"AWS": "arn:aws:iam::999999999999:root"})), False),
        (None, True),
    ],
)
def test_a_key_that_does_not_delegate_ignores_identity_policies(
    written: Written, key: str | None, own_counts: bool
) -> None:
    found = model(written, plan(allow("kms:Decrypt", KEY), key=key))
    assert held(found, "kms:Decrypt") == ([("aws_iam_role_policy.app", (KEY,))] if own_counts else [])


def test_a_key_policy_gives_by_itself(written: Written) -> None:
    found = model(written, plan(key=policy(allow("kms:Decrypt", Principal={"AWS": ROLE}))))
    assert held(found, "kms:Decrypt") == [("aws_kms_key.k", (KEY,))]


# A star of which the identity's own denies, its boundary or its key policies leave less than everything.
@pytest.mark.parametrize("account", [ROOT, OWN])
@pytest.mark.parametrize(
    "own",
    [
        [allow("s3:*"), deny("s3:*", "arn:aws:s3:::api-*/*")],
        [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::api-*/*"}],
        [allow("s3:*", ["arn:aws:s3:::b*", "arn:aws:s3:::api-*"])],
    ],
)
def test_a_deny_for_the_account_takes_the_resource_from_its_identities(
    written: Written, own: list[dict[str, Any]], account: str
) -> None:
    closed = policy(deny("s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": account}))
    for bucket, expected in ((None, True), (closed, False)):
        found = model(written, plan(*own, bucket=bucket))
        keys = found.identities["aws_iam_user.bob"].grants["s3:GetObject"]
        assert any("aws_s3_bucket.b" in found.grants[key].targets for key in keys) is expected


def test_a_deny_for_another_account_takes_nothing(written: Written) -> None:
    own = [allow("s3:*"), deny("s3:*", "arn:aws:s3:::api-*")]
    bucket = policy(deny("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], Principal={"AWS": "999988887777"}))
    found = model(written, plan(*own, bucket=bucket))
    keys = found.identities["aws_iam_user.bob"].grants["s3:GetObject"]
    assert any(found.grants[key].everything or "aws_s3_bucket.b" in found.grants[key].targets for key in keys)


def test_a_key_whose_policy_does_not_delegate_is_not_reached_by_a_star_with_an_exception(written: Written) -> None:
    own = [allow("kms:*"), deny("kms:*", "arn:aws:kms:eu-west-1:111122223333:key/other")]
    key = policy(allow("kms:*", Principal={"AWS": ROLE}))
    found = model(written, plan(*own, key=key))
    reach = {id_ for k in found.identities["aws_iam_user.bob"].grants["kms:Decrypt"] for id_ in found.grants[k].targets}
    assert "aws_kms_key.k" not in reach
