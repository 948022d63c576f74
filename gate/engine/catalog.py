"""The rules and their metadata, read from the annotations of the shipped Rego and of the organisation's policies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gate.engine.binary import Opa, find_opa
from gate.engine.bundle import policy_files, rego_root
from gate.engine.policies import run_opa
from gate.errors import PolicyError


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as its author describes it. ``id``: stable name findings carry; ``package``: where it stands in Rego;
    ``file``: relative to ``rego/`` for a shipped rule, as given for a policy; ``description``: Markdown.
    """

    id: str
    title: str
    description: str
    severity: str
    confidence: str
    frameworks: tuple[str, ...]
    remediation: str
    package: str
    file: str


def rules(policies: Sequence[Path] = ()) -> tuple[Rule, ...]:
    """Every rule, shipped ones first, each group by id. Takes one run of ``opa inspect`` (about 30 ms).

    Raises ``EngineNotFound`` without OPA, ``PolicyError`` for Rego that does not parse, for a rule whose annotations
    miss a field, and for an id used twice.
    """
    opa = find_opa()
    root = rego_root()
    found = [_rule(entry, root) for entry in _annotations(opa, root / "gate" / "rules") if _is_rule(entry)]
    for given in policies:
        for path in policy_files(given):
            found += [_rule(entry, root) for entry in _annotations(opa, path) if _is_rule(entry)]
    seen: dict[str, Rule] = {}
    for rule in found:
        if rule.id in seen:
            raise PolicyError(f"{rule.file}: the rule id {rule.id} is taken by {seen[rule.id].file}")
        seen[rule.id] = rule
    return tuple(sorted(found, key=lambda rule: (not rule.package.startswith("gate."), rule.id)))


def _annotations(opa: Opa, path: Path) -> list[dict[str, Any]]:
    inspected = run_opa(opa, "inspect", "--annotations", "--format=json", str(path))
    if inspected.returncode != 0:
        message = " ".join((inspected.stderr or inspected.stdout).split()).removeprefix("error: ")
        raise PolicyError(f"Open Policy Agent does not accept {path}: {message}")
    annotations: list[dict[str, Any]] = json.loads(inspected.stdout).get("annotations") or []
    return annotations


def _is_rule(entry: dict[str, Any]) -> bool:
    package = _package(entry)
    shipped = package.startswith("gate.rules.") and package.count(".") == 3
    own = package.startswith("organisation.") and package.count(".") == 1
    return entry["annotations"].get("scope") == "package" and (shipped or own) and not package.endswith("_test")


def _package(entry: dict[str, Any]) -> str:
    return ".".join(str(term["value"]) for term in entry["path"][1:])


def _rule(entry: dict[str, Any], root: Path) -> Rule:
    annotations = entry["annotations"]
    custom = annotations.get("custom", {})
    path = Path(entry["location"]["file"])
    file = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    try:
        return Rule(
            id=str(custom["id"]),
            title=str(annotations["title"]),
            description=str(annotations["description"]).strip(),
            severity=str(custom["severity"]),
            confidence=str(custom["confidence"]),
            frameworks=tuple(map(str, custom.get("frameworks", ()))),
            remediation=str(custom["remediation"]).strip(),
            package=_package(entry),
            file=file,
        )
    except KeyError as error:
        raise PolicyError(f"{file}: the annotations of package {_package(entry)} say no {error.args[0]}") from error
