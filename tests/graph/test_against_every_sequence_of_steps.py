"""The graph against an independent judge: every sequence of steps that an attacker could take in a small account.

The oracle knows IAM's rules for eleven actions and nothing of the gate. A state of the world is what the attacker
controls, whose rights it has rewritten, and whose boundaries or denies it has taken away; it tries every step from
every state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import HealthCheck, example, given, settings

from tests.graph.small_worlds import ANY, EVERYBODY, ROLES, Account, Right, accounts, address, kind_of, model_of


@dataclass(frozen=True)
class Situation:
    """What the attacker has come to so far."""

    controlled: frozenset[str]
    rewritten: frozenset[str] = frozenset()
    unbounded: frozenset[str] = frozenset()
    undenied: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()


def _covers(rights: frozenset[Right], right: Right) -> bool:
    return ANY in rights or right in rights


def _may(account: Account, now: Situation, name: str, right: Right) -> bool:
    """Policy evaluation logic: the boundary and the identity's own policies allow it, and nothing denies it."""
    bounded = name in account.boundary and name not in now.unbounded
    if bounded and not _covers(account.boundary[name], right):
        return False
    if name in now.rewritten:
        return True
    if name not in now.undenied and _covers(account.denied.get(name, frozenset()), right):
        return False
    return _covers(account.rights.get(name, frozenset()), right)


def _let_in(account: Account, now: Situation, name: str, role: str) -> bool:
    """A trust policy that names the caller is enough, unless its denies, or a role's boundary, say otherwise."""
    if name not in account.named.get(role, ()):
        return False
    right = ("sts:AssumeRole", role)
    denied = name not in (now.rewritten | now.undenied) and _covers(account.denied.get(name, frozenset()), right)
    bounded = name in ROLES and name in account.boundary and name not in now.unbounded
    return not denied and not (bounded and not _covers(account.boundary[name], right))


def _administrator(account: Account, now: Situation) -> bool:
    return any(_may(account, now, name, ANY) for name in now.controlled)


def _steps(account: Account, now: Situation) -> Iterator[Situation]:
    for name in now.controlled:
        for other in EVERYBODY:
            kind = "Role" if kind_of(other) == "role" else "User"

            def may(action: str, name: str = name, other: str = other) -> bool:
                return _may(account, now, name, (action, other))

            become = False
            if kind == "Role":
                become = _let_in(account, now, name, other) or may("iam:UpdateAssumeRolePolicy")
                become |= other in account.open and may("sts:AssumeRole")
            else:
                become = may("iam:CreateAccessKey")
            if become:
                yield Situation(now.controlled | {other}, now.rewritten, now.unbounded, now.undenied)
            if may(f"iam:Put{kind}Policy"):
                yield Situation(now.controlled, now.rewritten | {other}, now.unbounded, now.undenied)
            if may(f"iam:Delete{kind}PermissionsBoundary"):
                yield Situation(now.controlled, now.rewritten, now.unbounded | {other}, now.undenied)
            if may(f"iam:Delete{kind}Policy"):
                yield Situation(now.controlled, now.rewritten, now.unbounded, now.undenied | {other})


def explored(account: Account, start: str) -> tuple[bool, frozenset[str]]:
    """Whether the attacker who begins as ``start`` becomes an administrator, and whom it controls if it never does."""
    seen: set[Situation] = set()
    front = [Situation(frozenset([start]))]
    controlled: frozenset[str] = frozenset([start])
    while front:
        now = front.pop()
        if _administrator(account, now):
            return True, frozenset()
        controlled |= now.controlled
        for following in _steps(account, now):
            if following not in seen:
                seen.add(following)
                front.append(following)
    return False, controlled


HELD_BY_A_DENY = Account(
    {"r0": frozenset([("iam:DeleteRolePolicy", "r0"), ("sts:AssumeRole", "r1")]), "r1": frozenset([ANY])},
    {"r0": frozenset([("sts:AssumeRole", "r1")])}, {}, {}, frozenset(["r1"]),
)  # fmt: skip
BOUNDED_WRITER = Account(
    {"u0": frozenset([("iam:PutUserPolicy", "u0")])}, {},
    {"u0": frozenset([("iam:PutUserPolicy", "u0"), ("iam:DeleteUserPermissionsBoundary", "u0")])}, {}, frozenset(),
)  # fmt: skip

# A boundary keeps the role from one that names it, until the role takes the boundary away.
KEPT_FROM_WHO_NAMES_IT = Account(
    {"r0": frozenset([("iam:DeleteRolePermissionsBoundary", "r0")]), "r1": frozenset([ANY])}, {},
    {"r0": frozenset([("iam:DeleteRolePermissionsBoundary", "r0")])}, {"r1": frozenset(["r0"])}, frozenset(),
)  # fmt: skip
DENIED_WHO_NAMES_IT = Account(
    {"u0": frozenset([("iam:DeleteUserPolicy", "u0")]), "r1": frozenset([ANY])},
    {"u0": frozenset([("sts:AssumeRole", "r1")])}, {}, {"r1": frozenset(["u0"])}, frozenset(),
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(accounts())
@example(HELD_BY_A_DENY)
@example(BOUNDED_WRITER)
@example(KEPT_FROM_WHO_NAMES_IT)
@example(DENIED_WHO_NAMES_IT)
def test_the_reach_of_each_identity_is_that_of_the_oracle(account: Account) -> None:
    graph = model_of(account).graph
    for name in EVERYBODY:
        administrator, controlled = explored(account, name)
        reach = graph.reach[address(name)]
        assert reach.administrator == administrator, name
        if not administrator:
            assert set(reach.becomes) == {address(other) for other in controlled - {name}}, name
