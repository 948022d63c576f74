"""The rules and their metadata, read from the annotations of the shipped Rego and of the organisation's policies."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gate.engine.binary import Opa, find_opa
from gate.engine.bundle import Bundle, build_bundle
from gate.engine.organisation_policies import run_opa
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
    """Every rule, shipped ones first, each group by id. Takes one run of ``opa inspect`` (30–100 ms).

    Raises ``EngineNotFound`` without OPA, ``PolicyError`` for Rego that does not parse, for a rule whose annotations
    miss a field, and for an id used twice.
    """
    found = [_rule(entry, policies) for entry in _annotations(find_opa(), build_bundle(policies)) if _is_rule(entry)]
    seen: dict[str, Rule] = {}
    for rule in found:
        if rule.id in seen:
            raise PolicyError(f"{rule.file}: the rule id {rule.id} is already used in {seen[rule.id].file}")
        seen[rule.id] = rule
    return tuple(sorted(found, key=lambda rule: (not rule.package.startswith("gate."), rule.id)))


def _annotations(opa: Opa, bundle: Bundle) -> list[dict[str, Any]]:
    # The bundle, not the directories: OPA type-checks what it inspects, and a rule alone lacks the library it imports.
    with tempfile.TemporaryDirectory(prefix="gate-") as directory:
        archive = Path(directory) / "bundle.tar.gz"
        archive.write_bytes(bundle.archive)
        inspected = run_opa(opa, "inspect", "--annotations", "--format=json", str(archive))
    if inspected.returncode != 0:
        message = " ".join((inspected.stderr or inspected.stdout).split()).removeprefix("error: ")
        raise PolicyError(f"Open Policy Agent does not accept the policies: {message}")
    annotations: list[dict[str, Any]] = json.loads(inspected.stdout).get("annotations") or []
    return annotations


def _is_rule(entry: dict[str, Any]) -> bool:
    package = _package(entry)
    shipped = package.startswith("gate.rules.") and package.count(".") == 3
    own = package.startswith("organisation.") and package.count(".") == 1
    return entry["annotations"].get("scope") == "package" and (shipped or own) and not package.endswith("_test")


def _package(entry: dict[str, Any]) -> str:
    return ".".join(str(term["value"]) for term in entry["path"][1:])


def _rule(entry: dict[str, Any], policies: Sequence[Path]) -> Rule:
    annotations = entry["annotations"]
    custom = annotations.get("custom", {})
    file = _file(entry["location"]["file"].lstrip("/"), policies)
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
        raise PolicyError(f"{file}: the annotations of package {_package(entry)} have no {error.args[0]}") from error


def _file(name: str, policies: Sequence[Path]) -> str:
    """A name inside the bundle as the user knows it."""
    if not name.startswith("policies/"):
        return name
    _, number, rest = name.split("/", 2)
    given = policies[int(number)]
    return str(given / rest if given.is_dir() else given)
