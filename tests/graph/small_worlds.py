"""Small AWS accounts for tests: a few identities with rights over each other, as a plan, and as themselves.

The same account is read by the gate (through a Terraform plan and the whole extraction) and by the oracle of
``test_against_every_sequence_of_steps.py``, which never looks at the gate's code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from gate.extract.aws.access.escalation.open_techniques import Opened
from gate.extract.aws.access.escalation.states import hold_openings
from gate.extract.aws.access.escalation.takeover_targets import View
from gate.extract.aws.access.escalation.technique_openings import Finder
from gate.extract.bridge.platform_openings import add_openings
from gate.extract.change import access_models
from gate.graph.build import add_graph
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel

ACCOUNT = "111122223333"
ROLES = ("r0", "r1", "r2", "r3")
USERS = ("u0", "u1")
EVERYBODY = (*ROLES, *USERS)
ANY = ("*", "*")

# What one identity may do to another, in IAM's words, by the kind of the other.
TO_ROLE = (
    "sts:AssumeRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
)  # fmt: skip
TO_USER = ("iam:CreateAccessKey", "iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary", "iam:DeleteUserPolicy")
Right = tuple[str, str]


@dataclass(frozen=True)
class Account:
    """``rights``, ``denied``: identity → (action, other identity). ``boundary``: what each is held to at most.

    ``named``: role → whom its trust policy names. ``open``: roles that let in their account.
    """

    rights: dict[str, frozenset[Right]]
    denied: dict[str, frozenset[Right]]
    boundary: dict[str, frozenset[Right]]
    named: dict[str, frozenset[str]]
    open: frozenset[str]


def kind_of(name: str) -> str:
    return "role" if name in ROLES else "user"


def address(name: str) -> str:
    return f"aws_iam_{kind_of(name)}.{name}"


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind_of(name)}/{name}"


def _statement(right: Right, effect: str) -> dict[str, Any]:
    action, other = right
    return {"Effect": effect, "Action": action, "Resource": "*" if other == "*" else arn(other)}


def _policy(allowed: Iterable[Right], denied: Iterable[Right] = ()) -> str:
    statements = [_statement(right, "Allow") for right in sorted(allowed)]
    statements += [_statement(right, "Deny") for right in sorted(denied)]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _trust(account: Account, role: str) -> str:
    principals = [arn(name) for name in sorted(account.named.get(role, ()))]
    if role in account.open:
        principals.append(f"arn:aws:iam::{ACCOUNT}:root")
    who: dict[str, Any] = {"AWS": principals} if principals else {"Service": "ec2.amazonaws.com"}
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": who}]})


def resources(account: Account) -> dict[str, dict[str, Any]]:
    """Terraform address → values, of everything in the account."""
    found: dict[str, dict[str, Any]] = {}
    for name in EVERYBODY:
        values = {"name": name, "arn": arn(name)}
        if name in ROLES:
            values["assume_role_policy"] = _trust(account, name)
        if name in account.boundary:
            values["permissions_boundary"] = f"arn:aws:iam::{ACCOUNT}:policy/boundary-{name}"
            found[f"aws_iam_policy.boundary-{name}"] = {
                "name": f"boundary-{name}", "arn": values["permissions_boundary"],
                "policy": _policy(account.boundary[name]),
            }  # fmt: skip
        found[address(name)] = values
        rights, denied = account.rights.get(name, frozenset()), account.denied.get(name, frozenset())
        if rights or denied:
            found[f"aws_iam_{kind_of(name)}_policy.{name}"] = {
                kind_of(name): name, "name": "inline", "policy": _policy(rights, denied),
            }  # fmt: skip
    return found


def plan(after: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A plan that changes nothing about these resources: all of them exist."""
    changes = []
    for at, values in after.items():
        type_, name = at.split(".", 1)
        change = {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}}
        changes.append({"address": at, "mode": "managed", "type": type_, "name": name, "change": change})
    return {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes}


def model_of(account: Account, order: Iterable[str] | None = None) -> AccessModel:
    """The gate's model of an account, with its graph; ``order``: of the resources in the plan."""
    found = resources(account)
    ordered = {at: found[at] for at in order} if order is not None else found
    parsed, unread = parse_plan(plan(ordered), SourceFile("plan.json", "terraform-plan", ""))
    assert not unread
    model = access_models(Documents(plans=[parsed])).after
    add_graph(model)
    return model


def with_graph(model: AccessModel) -> AccessModel:
    """A model of AWS that a test wrote itself, with its openings and its graph."""
    hold_openings(model, Finder(model, model.openings, Opened(model.grants), View(model)))
    add_openings(model)
    add_graph(model)
    return model


def rights() -> st.SearchStrategy[Right]:
    """One right over one identity."""
    to_role = st.tuples(st.sampled_from(TO_ROLE), st.sampled_from(ROLES))
    to_user = st.tuples(st.sampled_from(TO_USER), st.sampled_from(USERS))
    return st.one_of(to_role, to_user)


_SOME = st.frozensets(rights(), min_size=1, max_size=3)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Accounts in which something happens now and then."""
    held = draw(st.dictionaries(st.sampled_from(EVERYBODY), _SOME, max_size=5))
    for name in draw(st.sets(st.sampled_from(EVERYBODY), max_size=1)):
        held[name] = frozenset([ANY])
    denied = draw(st.dictionaries(st.sampled_from(EVERYBODY), _SOME, max_size=1))
    boundary = draw(st.dictionaries(st.sampled_from(EVERYBODY), _SOME | st.just(frozenset([ANY])), max_size=2))
    named = draw(
        st.dictionaries(
            st.sampled_from(ROLES), st.frozensets(st.sampled_from(EVERYBODY), min_size=1, max_size=2), max_size=2
        )
    )
    open_ = draw(st.frozensets(st.sampled_from(ROLES), max_size=2))
    named = {role: who - {role} for role, who in named.items() if who - {role}}
    return Account(held, denied, boundary, named, open_)


def with_right(account: Account, name: str, right: Right) -> Account:
    """The account in which one identity may do one thing more."""
    held = {**account.rights, name: account.rights.get(name, frozenset()) | {right}}
    return replace(account, rights=held)


def with_deny(account: Account, name: str, right: Right) -> Account:
    """The account in which one identity is denied one thing more."""
    return replace(account, denied={**account.denied, name: account.denied.get(name, frozenset()) | {right}})


def with_boundary(account: Account, name: str, allowed: frozenset[Right]) -> Account:
    """The account in which one identity without a boundary has one."""
    return account if name in account.boundary else replace(account, boundary={**account.boundary, name: allowed})
