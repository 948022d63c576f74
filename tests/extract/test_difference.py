"""What counts as gained and lost: effective access, however its statements are written."""

from __future__ import annotations

from dataclasses import replace

from gate.extract.access_difference import differences, with_reach
from gate.model.access import AccessModel, Condition, Grant, Identity, Principal, Source, Trust
from gate.model.difference import Admission, IdentityDifference, Permission, Side

MFA = Condition("Bool", "aws:MultiFactorAuthPresent", ("true",))
GRANT = Grant(
    platform="aws",
    actions=("s3:GetObject",),
    form="Action",
    wildcards=(),
    resources=("arn:aws:s3:::b/*",),
    except_=(),
    everything=False,
    targets=(),
    conditions=(),
    holders=("r",),
    source=Source("aws_iam_policy.p", "0", None),
)
EVERY = replace(GRANT, resources=("*",), everything=True)


def model(grants: dict[str, list[Grant]], trust: tuple[Trust, ...] = (), **identity: object) -> AccessModel:
    """One role ``r`` that holds ``grants`` by action."""
    table = {f"g{n}": grant for n, grant in enumerate(g for held in grants.values() for g in held)}
    keys = iter(table)
    held = {action: tuple(next(keys) for _ in some) for action, some in grants.items()}
    role = Identity("r", "role", "aws", "r", held, **identity)  # type: ignore[arg-type]
    return AccessModel(identities={"r": role}, grants=table, trust=list(trust))


def compared(before: AccessModel | None, after: AccessModel) -> tuple[Side, Side]:
    (one,) = differences(before, after)
    return one.gained, one.lost


def test_statement_that_moves_is_no_difference() -> None:
    moved = replace(GRANT, source=Source("aws_iam_policy.q", "7", None))
    assert compared(model({"s3:GetObject": [GRANT]}), model({"s3:GetObject": [moved]})) == (Side(), Side())


def test_what_a_wider_statement_covers_is_no_difference() -> None:
    one, two = GRANT, replace(GRANT, resources=("arn:aws:s3:::b/a/*",), conditions=(MFA,))
    assert compared(model({"s3:GetObject": [one]}), model({"s3:GetObject": [one, two]})) == (Side(), Side())
    gained, lost = compared(model({"s3:GetObject": [two]}), model({"s3:GetObject": [one]}))
    assert gained == Side((Permission(("s3:GetObject",), "arn:aws:s3:::b/*", (), (), ("aws_iam_policy.p",)),))
    assert lost == Side()


def test_every_action_covers_each() -> None:
    gained, lost = compared(model({"s3:GetObject": [GRANT]}), model({"*": [EVERY]}))
    assert gained == Side((Permission(("*",), "*", (), (), ("aws_iam_policy.p",)),))
    assert lost == Side()


def test_condition_that_goes_is_a_gain_and_one_that_comes_a_loss() -> None:
    free, bound = model({"s3:GetObject": [GRANT]}), model({"s3:GetObject": [replace(GRANT, conditions=(MFA,))]})
    whole = Side((Permission(("s3:GetObject",), "arn:aws:s3:::b/*", (), (), ("aws_iam_policy.p",)),))
    assert compared(bound, free) == (whole, Side())
    assert compared(free, bound) == (Side(), whole)


def test_pattern_that_is_left_out_counts() -> None:
    less = replace(GRANT, except_=("arn:aws:s3:::b/secret",))
    gained, lost = compared(model({"s3:GetObject": [GRANT]}), model({"s3:GetObject": [less]}))
    assert (gained, lost.access[0].resource) == (Side(), "arn:aws:s3:::b/*")


def test_actions_on_one_resource_stand_together() -> None:
    gained, _ = compared(None, model({"s3:GetObject": [GRANT], "s3:PutObject": [GRANT]}))
    assert [p.actions for p in gained.access] == [("s3:GetObject", "s3:PutObject")]


def test_secrets_of_a_namespace_cover_one() -> None:
    wide = replace(GRANT, platform="kubernetes", resources=("shop/*",))
    one = replace(wide, resources=("shop/db",))
    assert compared(model({"get secrets": [wide]}), model({"get secrets": [wide, one]})) == (Side(), Side())
    gained, _ = compared(model({"get secrets": [one]}), model({"get secrets": [wide]}))
    assert [p.resource for p in gained.access] == ["shop/*"]


def edge(actions: tuple[str, ...], *conditions: Condition) -> Trust:
    principal = Principal("service", "lambda.amazonaws.com")
    return Trust("r", principal, actions, conditions, Source("aws_iam_role.r", "0", None))


def test_trust_is_compared_by_action_and_condition() -> None:
    one, two = edge(("sts:AssumeRole",)), edge(("sts:AssumeRole", "sts:TagSession"))
    admitted = Admission("lambda.amazonaws.com", "service", False, ("sts:TagSession",), (), ("aws_iam_role.r",))
    assert compared(model({}, (one,)), model({}, (two,))) == (Side(trust=(admitted,)), Side())
    bound = edge(("sts:AssumeRole",), MFA)
    gained, lost = compared(model({}, (bound,)), model({}, (one,)))
    assert ([a.conditions for a in gained.trust], lost) == ([()], Side())


def test_identity_that_is_only_named_is_left_out() -> None:
    assert list(differences(None, model({}, external=True))) == []
    assert len(list(differences(None, model({"s3:GetObject": [GRANT]}, external=True)))) == 1


def test_reach_of_both_sides() -> None:
    (found,) = differences(model({}), model({}))
    before = {"score": 3, "identities": 1, "becomes": ["a"], "tiers": []}
    after = {"score": 3, "identities": 2, "becomes": ["b", "c"], "tiers": ["prod"]}
    reach = {"identities": {"before": 1, "after": 2}}
    assert with_reach(found, before, after) == IdentityDifference(
        "r", "role", "aws", "changed", Side(becomes=("b", "c")), Side(becomes=("a",)), reach
    )
    uncounted = with_reach(found, before, {**after, "identities": 900, "becomes": []})
    assert (uncounted.gained, uncounted.lost, uncounted.differs) == (Side(), Side(), True)
    assert not with_reach(found, before, before).differs
    assert with_reach(found, None, after).reach["score"] == {"before": None, "after": 3}
