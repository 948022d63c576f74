"""Effective access: examples of the IAM user guide, laws, and a slow evaluator that follows the flow chart."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.aws.access.effective_access import Access, effective_access
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.documents.aws_managed_policies import managed_policy
from gate.extract.aws.language.patterns import contains, matches
from gate.extract.aws.language.statements import parse_document
from gate.inputs.documents import UNKNOWN
from gate.model.access import Condition, Grant, Location, Source
from tests.effort import calls

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def attached(*statements: dict[str, Any], address: str = "aws_iam_policy.p") -> AttachedPolicy:
    return AttachedPolicy(Source(address), parse_document({"Version": "2012-10-17", "Statement": list(statements)}))


def access(
    *policies: AttachedPolicy, boundary: AttachedPolicy | None = None, targets: TargetIndex | None = None
) -> tuple[Access, dict[str, Grant]]:
    table = GrantTable(targets or TargetIndex({}, None))
    return effective_access("aws_iam_user.u", list(policies), boundary, table), table.grants()


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def can(found: tuple[Access, dict[str, Grant]], action: str, resource: str = "*") -> bool:
    return any(
        any(matches(pattern, resource) for pattern in grants[key].resources)
        and not any(contains(pattern, resource) for pattern in grants[key].except_)
        for reached, grants in [found]
        for key in (reached.grants.get(action) or reached.grants.get("*") or ())
    )


def patterns_of(grant: Grant) -> tuple[str, ...]:
    return tuple(wildcard.pattern for wildcard in grant.wildcards)


def test_a_grant_says_all_there_is_to_say() -> None:
    location = Location("iam.tf", 3, 9)
    policy = AttachedPolicy(
        Source("aws_iam_role_policy.p", None, location),
        parse_document(
            {"Statement": allow(["iam:passrole", "s3:Get*"], "arn:aws:iam::1:role/a*", Sid="Pass", Condition=MFA)}
        ),
    )
    table = GrantTable(TargetIndex({"arn:aws:iam::1:role/app": "aws_iam_role.app"}, "1"))
    for identity in ("aws_iam_user.a", "aws_iam_user.b"):
        found = effective_access(identity, [policy], None, table)
        assert found == Access({"iam:PassRole": ("aws1",)}, "none", 1, 1, ("iam",))
    assert table.grants() == {
        "aws1": Grant(
            platform="aws",
            actions=("iam:passrole", "s3:Get*"),
            form="Action",
            wildcards=(),
            resources=("arn:aws:iam::1:role/a*",),
            except_=(),
            everything=False,
            targets=("aws_iam_role.app",),
            conditions=(Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)),),
            holders=("aws_iam_user.a", "aws_iam_user.b"),
            source=Source("aws_iam_role_policy.p", "Pass", location),
            width="pattern",
        )
    }


def test_every_action_on_every_resource_is_listed_once_under_a_star() -> None:
    found, grants = access(attached(ALL, allow("s3:*", "arn:aws:s3:::b/*")))
    assert (found.grants, found.all_access) == ({"*": ("aws1",)}, "unconditional")
    assert (grants["aws1"].everything, patterns_of(grants["aws1"])) == (True, ("*",))
    assert patterns_of(grants["aws2"]) == ("s3:*",)


@pytest.mark.parametrize("everything", ["*", "**", "arn:*", "arn:aws:*", "arn:aws:*:*:*:*", "arn:*:*:*:*:*"])
def test_patterns_that_cover_every_arn_are_everything(everything: str) -> None:
    assert access(attached(allow("*", everything)))[0].all_access == "unconditional"


def test_administration_split_over_policies_is_found() -> None:
    one, other = (
        attached(allow("iam:*")),
        attached({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, address="q"),
    )
    found, grants = access(one, other)
    assert (found.all_access, found.grants) == ("unconditional", {"*": ("aws1", "aws2")})
    assert grants["aws2"].form == "NotAction"


def test_administration_under_a_condition_is_conditional_and_lists_its_actions() -> None:
    found, _ = access(attached({**ALL, "Condition": MFA}))
    assert found.all_access == "conditional"
    assert "*" not in found.grants
    assert found.grants["iam:PassRole"] == ("aws1",)


def test_a_condition_that_always_holds_is_none() -> None:
    vacuous = {"StringLike": {"aws:PrincipalArn": "*"}, "StringLikeIfExists": {"aws:SourceVpc": ["x", "*"]}}
    found, grants = access(attached({**ALL, "Condition": vacuous}))
    assert (found.all_access, grants["aws1"].conditions) == ("unconditional", ())
    assert access(attached(ALL, deny("iam:*", Condition=vacuous)))[0].all_access == "none"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
def test_an_explicit_deny_wins_over_any_allow() -> None:
    found = access(attached(ALL), attached(deny("iam:PassRole"), address="q"))
    assert not can(found, "iam:PassRole")
    assert can(found, "iam:CreateUser")
    assert found[0].all_access == "none"


def test_a_deny_of_some_resources_leaves_the_others() -> None:
    found, grants = access(attached(allow("s3:GetObject"), deny("s3:*", "arn:aws:s3:::secret/*")))
    assert (grants["aws1"].resources, grants["aws1"].except_) == (("*",), ("arn:aws:s3:::secret/*",))
    assert not grants["aws1"].everything
    assert can((found, grants), "s3:GetObject", "arn:aws:s3:::open/a")
    assert not can((found, grants), "s3:GetObject", "arn:aws:s3:::secret/a")


def test_a_deny_on_one_service_leaves_the_others_whole() -> None:
    found, grants = access(attached(ALL, deny("*", "arn:aws:s3:::audit*")))
    assert [grants[key].everything for key in found.grants["iam:PassRole"]] == [True]
    assert [grants[key].except_ for key in found.grants["s3:GetObject"]] == [("arn:aws:s3:::audit*",)]


def test_a_deny_that_needs_something_else_to_hold_removes_nothing() -> None:
    unless_mfa = deny("*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    assert access(attached(ALL, unless_mfa))[0].all_access == "unconditional"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
def test_not_action_with_allow_allows_all_others() -> None:
    found = access(attached({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))
    assert not can(found, "iam:PassRole")
    assert can(found, "s3:GetObject")
    assert can(
        access(attached({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"})),
        "s3:PutObject",
        "arn:aws:s3:::b/k",
    )


def test_not_action_with_deny_leaves_only_the_named_ones() -> None:
    found = access(attached(ALL, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}))
    assert not can(found, "iam:PassRole")
    assert can(found, "s3:GetObject", "arn:aws:s3:::b/k")
    assert found[0].services == 1


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
def test_not_resource_with_deny_leaves_only_the_named_ones() -> None:
    payroll = ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"]
    found, grants = access(attached(ALL, {"Effect": "Deny", "Action": "s3:*", "NotResource": payroll}))
    assert [grants[key].resources for key in found.grants["s3:GetObject"]] == [tuple(payroll)]
    assert can((found, grants), "iam:PassRole")
    only = access(attached(ALL, {"Effect": "Deny", "Action": "*", "NotResource": payroll}))
    assert not can(only, "iam:PassRole", "arn:aws:iam::1:role/x")
    assert can(only, "s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/a")


def test_not_resource_with_allow_reaches_all_others() -> None:
    found = access(attached({"Effect": "Allow", "Action": ["s3:*", "iam:*"], "NotResource": "arn:aws:s3:::HRBucket/*"}))
    assert not can(found, "s3:GetObject", "arn:aws:s3:::HRBucket/a")
    assert can(found, "s3:GetObject", "arn:aws:s3:::other/a")
    assert [found[1][key].everything for key in found[0].grants["iam:PassRole"]] == [True]


def test_an_action_that_cannot_act_on_the_resource_is_not_allowed() -> None:
    found, grants = access(attached(allow(["s3:*", "iam:*"], "arn:aws:s3:::b/*")))
    assert "iam:PassRole" not in found.grants
    assert patterns_of(grants["aws1"]) == ("s3:*",)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
def test_a_boundary_alone_allows_nothing() -> None:
    assert access(boundary=attached(ALL))[0] == Access({}, "none", 0, 0)


def test_an_administrator_under_a_boundary_has_what_both_allow() -> None:
    found, grants = access(attached(ALL), boundary=attached(allow(["s3:*", "cloudwatch:*", "ec2:*"])))
    assert (found.all_access, found.services) == ("none", 3)
    assert "iam:CreateUser" not in found.grants
    assert grants["aws1"].wildcards == ()
    reads, _ = access(attached(ALL), boundary=attached(allow("s3:Get*")))
    assert {name.split(":")[0] for name in reads.grants} == {"s3"}
    assert all(name.startswith("s3:Get") for name in reads.grants)


def test_a_boundary_keeps_the_narrower_resources_and_both_conditions() -> None:
    inside = attached(allow("s3:*", "arn:aws:s3:::team-*", Condition=MFA))
    found, grants = access(attached(allow("s3:GetObject", ["*", "arn:aws:s3:::*/public/*"])), boundary=inside)
    assert grants["aws1"].resources == ("arn:aws:s3:::team-*", "arn:aws:s3:::team-*/public/*")
    assert grants["aws1"].conditions == (Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)),)
    assert set(found.grants) == {"s3:GetObject"}


def test_a_deny_in_the_boundary_removes() -> None:
    found = access(attached(ALL), boundary=attached(ALL, deny("iam:*")))
    assert not can(found, "iam:PassRole")
    assert can(found, "s3:GetObject")


def test_a_policy_variable_reaches_but_is_not_everything() -> None:
    own = "arn:aws:iam::1:user/${aws:username}"
    targets = TargetIndex(
        {"arn:aws:iam::1:user/bob": "aws_iam_user.bob", "arn:aws:iam::1:role/r": "aws_iam_role.r"}, "1"
    )
    found, grants = access(attached(allow("iam:CreateAccessKey", own)), targets=targets)
    assert (grants["aws1"].everything, grants["aws1"].own, grants["aws1"].targets) == (False, True, ())
    tagged = attached(allow("iam:CreateAccessKey", "arn:aws:iam::1:user/${aws:PrincipalTag/team}*"))
    team = access(tagged, targets=targets)[1]
    assert (team["aws1"].own, team["aws1"].targets) == (False, ("aws_iam_user.bob",))
    assert not access(attached(allow("*", "${aws:PrincipalTag/scope}")))[1]["aws1"].everything
    kept = access(attached(allow("iam:CreateAccessKey", "arn:aws:iam::1:user/bob"), deny("iam:*", own)))
    assert can(kept, "iam:CreateAccessKey", "arn:aws:iam::1:user/bob")
    assert access(attached(allow("iam:CreateAccessKey", own), deny("iam:*", "arn:aws:iam::*:user/*")))[0].grants == {}


def test_what_is_not_known_is_judged_on_what_is() -> None:
    found, grants = access(
        attached(allow(["iam:PassRole", UNKNOWN], [UNKNOWN + "aws_iam_role.r.arn", "arn:aws:iam::1:role/x"]))
    )
    assert set(found.grants) == {"iam:PassRole"}
    assert (grants["aws1"].resources, grants["aws1"].everything) == (("arn:aws:iam::1:role/x",), False)
    assert access(attached({"Effect": "Allow", "NotAction": UNKNOWN, "Resource": "*"}))[0].all_access == "unconditional"


@pytest.mark.parametrize(
    "statement",
    [
        deny(UNKNOWN),
        deny("*", UNKNOWN),
        deny("*", Condition={"Bool": {"aws:SecureTransport": UNKNOWN}}),
        {"Effect": "Deny", "NotAction": ["s3:*", UNKNOWN], "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::x", UNKNOWN]},
    ],
)
def test_what_is_not_known_in_a_deny_removes_nothing(statement: dict[str, Any]) -> None:
    assert access(attached(ALL, statement))[0].all_access == "unconditional"


def test_the_known_part_of_a_deny_counts() -> None:
    found = access(attached(ALL, deny(["iam:PassRole", UNKNOWN], ["*", UNKNOWN])))
    assert not can(found, "iam:PassRole")
    assert can(found, "iam:CreateUser")


def test_a_symbol_may_be_any_resource() -> None:
    symbol = 'arn:aws:gate:::module.m["a/b"].aws_s3_bucket.b[0]'
    targets = TargetIndex({symbol: "bucket"}, None)
    only_x = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::x/*"}
    found, grants = access(attached(allow("s3:GetObject", symbol + "/*"), only_x), targets=targets)
    assert grants["aws1"].targets == ("bucket",)
    assert found.grants == {"s3:GetObject": ("aws1",)}
    assert access(attached(allow("s3:GetObject", symbol), deny("s3:*", symbol)))[0].grants == {}


def test_actions_newer_than_the_list_keep_their_wildcards() -> None:
    found, grants = access(attached(allow(["newservice:*", "newservice:Do"])))
    assert (found.actions, [patterns_of(g) for g in grants.values()]) == (0, [("newservice:*",)])
    assert access(attached(allow("newservice:*"), deny("*")))[1] == {}


def test_a_grant_no_rule_looks_at_is_counted_only() -> None:
    found, grants = access(attached(allow(["s3:ListAllMyBuckets"])))
    assert (found, grants) == (Access({}, "none", 1, 1, ("s3",)), {})


def test_managed_administrator() -> None:
    document = managed_policy("arn:aws:iam::aws:policy/AdministratorAccess")
    assert document is not None
    assert access(AttachedPolicy(Source("arn"), document))[0].all_access == "unconditional"


# --- laws, over generated policies -----------------------------------------------------------------------------------

UNIVERSE = {
    "iam:PassRole": ["arn:aws:iam::1:role/app", "arn:aws:iam::1:role/admin", "arn:aws:iam::2:role/admin"],
    "iam:CreateUser": ["arn:aws:iam::1:user/bob", "arn:aws:iam::1:user/admin"],
    "iam:CreateAccessKey": ["arn:aws:iam::1:user/bob", "arn:aws:iam::1:user/admin"],
    "s3:GetObject": ["arn:aws:s3:::b/k", "arn:aws:s3:::b/public/k", "arn:aws:s3:::bb/k"],
    "s3:PutObject": ["arn:aws:s3:::b/k", "arn:aws:s3:::b/public/k", "arn:aws:s3:::bb/k"],
    "secretsmanager:GetSecretValue": [
        "arn:aws:secretsmanager:eu-west-1:1:secret:s-a",
        "arn:aws:secretsmanager:eu-west-1:1:secret:t",
    ],
}
ACTIONS = [
    "*",
    "iam:*",
    "iam:Create*",
    "IAM:passrole",
    "iam:*User",
    "s3:*",
    "s3:?etObject",
    "s3:PutObject",
    "secretsmanager:Get*",
    "*:*Object",
    "iam:CreateAccessKey",
]
RESOURCES = [
    "*",
    "arn:aws:iam::1:*",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::1:role/app",
    "arn:aws:iam::*:*/admin",
    "arn:aws:iam::1:user/b?b",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::*/k",
    "arn:aws:s3:::b?/*",
    "arn:aws:s3:::*/public/*",
    "arn:aws:*:*:1:*",
    "arn:aws:secretsmanager:*:*:secret:s-?",
    "arn:*:s*",
]
lists = lambda values: st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)  # noqa: E731


@st.composite
def statement(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    made[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(lists(ACTIONS))
    made[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(lists(RESOURCES))
    if draw(st.integers(0, 3)) == 0:
        made["Condition"] = MFA
    return made


policies = st.lists(st.lists(statement(), min_size=1, max_size=3), min_size=1, max_size=3)
boundaries = st.none() | st.lists(statement(), min_size=1, max_size=3)


def evaluate(
    policies: list[list[dict[str, Any]]], boundary: list[dict[str, Any]] | None, *, mfa: bool
) -> set[tuple[str, str]]:
    """Request by request as the flow chart has it: a deny? then no; else an allow in policies, and in the boundary."""

    def applies(s: dict[str, Any], action: str, resource: str) -> bool:
        def any_of(patterns: list[str], text: str) -> bool:
            return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)

        lower = lambda names: [name.lower() for name in names]  # noqa: E731
        right_action = (
            any_of(lower(s["Action"]), action.lower())
            if "Action" in s
            else not any_of(lower(s["NotAction"]), action.lower())
        )
        right_resource = any_of(s["Resource"], resource) if "Resource" in s else not any_of(s["NotResource"], resource)
        return right_action and right_resource

    def holds(s: dict[str, Any], effect: str, action: str, resource: str) -> bool:
        # What needs MFA may hold for an allow, and may not hold for a deny.
        conditioned = "Condition" in s and (effect == "Deny" or not mfa)
        return s["Effect"] == effect and not conditioned and applies(s, action, resource)

    everything = [s for policy in policies for s in policy]
    possible = set()
    for action, resources in UNIVERSE.items():
        for resource in resources:
            denied = any(holds(s, "Deny", action, resource) for s in [*everything, *(boundary or [])])
            allowed = any(holds(s, "Allow", action, resource) for s in everything)
            inside = boundary is None or any(holds(s, "Allow", action, resource) for s in boundary)
            if allowed and inside and not denied:
                possible.add((action, resource))
    return possible


def reached(found: tuple[Access, dict[str, Grant]], *, mfa: bool) -> set[tuple[str, str]]:
    """What the grants say of the universe."""
    access, grants = found
    kept = {key: grant for key, grant in grants.items() if mfa or not grant.conditions}
    narrowed = Access({a: tuple(k for k in keys if k in kept) for a, keys in access.grants.items()}, "none", 0, 0)
    return {(a, r) for a, resources in UNIVERSE.items() for r in resources if can((narrowed, kept), a, r)}


def judge(
    policies: list[list[dict[str, Any]]], boundary: list[dict[str, Any]] | None = None
) -> tuple[Access, dict[str, Grant]]:
    return access(
        *(attached(*policy, address=f"p{at}") for at, policy in enumerate(policies)),
        boundary=attached(*boundary, address="b") if boundary is not None else None,
    )


@settings(max_examples=400, deadline=None)
@given(policies, boundaries)
def test_access_is_what_the_flow_chart_gives(
    policies: list[list[dict[str, Any]]], boundary: list[dict[str, Any]] | None
) -> None:
    found = judge(policies, boundary)
    for mfa in (True, False):
        assert reached(found, mfa=mfa) == evaluate(policies, boundary, mfa=mfa)
    if found[0].all_access == "unconditional":
        assert reached(found, mfa=False) == {(a, r) for a, resources in UNIVERSE.items() for r in resources}


@settings(max_examples=100, deadline=None)
@given(policies, boundaries, statement(effect="Deny"))
def test_a_deny_never_adds_access(policies: Any, boundary: Any, more: dict[str, Any]) -> None:
    before, after = judge(policies, boundary), judge([*policies, [more]], boundary)
    assert reached(after, mfa=True) <= reached(before, mfa=True)
    assert after[0].actions <= before[0].actions


@settings(max_examples=100, deadline=None)
@given(policies, boundaries, statement(effect="Allow"))
def test_an_allow_never_removes_access(policies: Any, boundary: Any, more: dict[str, Any]) -> None:
    before, after = judge(policies, boundary), judge([*policies, [more]], boundary)
    assert reached(before, mfa=True) <= reached(after, mfa=True)
    assert before[0].actions <= after[0].actions


@settings(max_examples=100, deadline=None)
@given(policies, lists(ACTIONS), lists(RESOURCES), st.sampled_from(["Allow", "Deny"]))
def test_a_split_statement_is_the_whole(policies: Any, actions: list[str], resources: list[str], effect: str) -> None:
    whole = {"Effect": effect, "Action": actions, "Resource": resources}
    pieces = [{**whole, "Action": [a], "Resource": [r]} for a in actions for r in resources]
    one, many = judge([*policies, [whole]]), judge([*policies, pieces])
    assert reached(one, mfa=True) == reached(many, mfa=True)
    assert (one[0].actions, one[0].services, one[0].all_access) == (
        many[0].actions,
        many[0].services,
        many[0].all_access,
    )


def test_a_document_nobody_can_read_gives_nothing() -> None:
    found, _ = access(AttachedPolicy(Source("p"), parse_document(json.dumps({"Statement": "hunter2"}))))
    assert found == Access({}, "none", 0, 0)


def _many(kind: str, count: int) -> None:
    policies = [
        attached(
            allow(["logs:CreateLogGroup", "logs:PutLogEvents"]),
            allow(["s3:GetObject", "s3:Put*"], [f"arn:aws:s3:::{kind}{at}", f"arn:aws:s3:::{kind}{at}/*"]),
            allow("iam:PassRole", f"arn:aws:iam::1:role/{kind}{at % 50}"),
            allow("dynamodb:*", f"arn:aws:dynamodb:us-east-1:1:table/{kind}{at}"),
            deny(["s3:DeleteBucket", "s3:PutBucketPolicy"]),
            address=f"p{at}",
        )
        for at in range(count)
    ]
    roles = {f"arn:aws:iam::unknown:role/{kind}{at}": f"aws_iam_role.r[{at}]" for at in range(count)}
    table = GrantTable(TargetIndex(roles, None))
    for at, policy in enumerate(policies):
        effective_access(f"u{at}", [policy], None, table)
    assert len(table.grants()) == 4 * count  # what acts on a bucket and what acts on its objects are two


def test_twice_the_identities_are_twice_the_work() -> None:
    _many("first", 50)  # fills the caches of the knowledge
    once = calls(lambda: _many("once", 400))
    assert calls(lambda: _many("twice", 800)) < 2.3 * once


def test_many_denies_that_overlap_come_to_an_end() -> None:
    kinds = ["s3:*", "s3:Get*", "dynamodb:*", "*:*Item", "*:Put*", "ec2:*", "iam:*", "*:Create*", "*:*Tag*", "*:D*"]
    some = [
        {
            "Effect": "Deny",
            "Action": [kinds[at % 10], kinds[at * 7 % 10 - 1]],
            "Resource" if at % 2 else "NotResource": [f"arn:aws:*:*:*:b{at}*", f"*{at}*"],
        }
        for at in range(40)
    ]
    found = access(attached(ALL, *some))  # without a bound it does not end
    assert can(found, "sts:AssumeRole", "arn:aws:iam::1:role/x")
