"""``gate.yaml``: found, validated, with its defaults."""

from __future__ import annotations

import datetime
import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from gate.errors import ConfigError, InputError
from gate.inputs.text.reading import decode, display, read_file
from gate.inputs.text.yaml.building import YamlDocument
from gate.inputs.text.yaml.loading import load_documents
from gate.model.decision import Severity
from gate.model.envelope import LifecycleSettings, RuleSettings, Scope, Settings, Waiver

NAME = "gate.yaml"


Mode = Literal["enforce", "warn", "dry-run"]


@dataclass(frozen=True, slots=True)
class Tier:
    """What counts at admission in the namespaces that ``names`` (patterns) fit; ``None``: what counts in general."""

    names: tuple[str, ...]
    mode: Mode | None = None
    deny_from: Severity | None = None
    limits: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one check.

    ``rules``: rule id → ``{"enabled": bool, "effect": "deny" | "warn" | None, "reason": str | None}``. ``waivers``:
    each with ``fingerprint``, ``owner``, ``reason``, ``approver``, ``expires`` (YYYY-MM-DD). ``policies``, ``data``:
    paths; those a file names are taken from where it lies. ``limits``: tier → limit → number or bool, as written.
    ``mode``, ``tiers``: what admission does with a deny, in general and by namespace.
    ``engine``: whether any OPA that is found may judge, or only the one that the gate installed.
    ``path``: the file, ``None`` when the defaults stand.
    """

    deny_from: Severity = "high"
    scope: Scope = "changed"
    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    oidc_subjects: tuple[str, ...] = ()
    lifecycle_required: tuple[str, ...] = ("owner", "purpose")
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    waivers: tuple[dict[str, str], ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    policies: tuple[Path, ...] = ()
    data: tuple[Path, ...] = ()
    mode: Mode = "enforce"
    tiers: tuple[Tier, ...] = ()
    engine: Literal["any", "pinned"] = "any"
    path: Path | None = None

    def in_namespace(self, namespace: str) -> Config:
        """The settings that count at admission in a namespace; the empty text stands for objects without one."""
        for tier in self.tiers:
            if namespace and any(fnmatchcase(namespace, name) for name in tier.names):
                return replace(
                    self,
                    mode=tier.mode or self.mode,
                    deny_from=tier.deny_from or self.deny_from,
                    limits=self.limits if tier.limits is None else tier.limits,
                )
        return self

    def to_json(self) -> dict[str, Any]:
        """``config`` of the envelope that OPA reads."""
        return Settings(
            self.deny_from,
            self.scope,
            self.accounts,
            self.organizations,
            self.oidc_subjects,
            LifecycleSettings(self.lifecycle_required),
            {rule: RuleSettings(**said) for rule, said in self.rules.items()},
            tuple(Waiver(**waiver) for waiver in self.waivers),
            self.limits,
        ).to_json()


def load_config(path: Path | None, near: Sequence[Path] = ()) -> Config:
    """The configuration at ``path``, else ``gate.yaml`` beside an input of ``near`` or in the current directory.

    Nothing further up is looked at. Without a file the defaults stand. ``ConfigError`` names the key that is wrong,
    its line, and for an unknown key the nearest one there is.
    """
    found = path or _find(near)
    if found is None:
        return Config()
    name = display(found)
    try:
        text = decode(read_file(found), name)
    except InputError as error:
        raise ConfigError(error.message, hint=error.hint) from error
    documents = list(load_documents(text))
    problem = next((d for d in documents if d.problem), None)
    if problem is not None:
        raise ConfigError(f"{name}, line {problem.problem_line}: {problem.problem}.", hint="Correct the YAML.")
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise ConfigError(f"{name}: expected one object with the key version.", hint="Start with: gate init")
    _validate(documents[0], name)
    return _config(documents[0].value, found)


def template() -> str:
    """The text ``gate init`` writes: every key with its default and what it means."""
    return resources.files("gate.inputs.schemas").joinpath(NAME).read_text(encoding="utf-8")


def _find(near: Sequence[Path]) -> Path | None:
    for at in near:
        folder = at if at.is_dir() else at.parent
        if (folder / NAME).is_file():
            return folder / NAME
    return Path(NAME) if Path(NAME).is_file() else None


def _config(value: dict[str, Any], path: Path) -> Config:
    lifecycle = value.get("lifecycle", {})
    given = value.get("rules", {})
    admission = value.get("admission", {})
    return Config(
        deny_from=value.get("deny_from", "high"),
        scope=value.get("scope", "changed"),
        accounts=tuple(value.get("accounts", ())),
        organizations=tuple(value.get("organizations", ())),
        oidc_subjects=tuple(value.get("oidc_subjects", ())),
        lifecycle_required=tuple(lifecycle.get("required", ("owner", "purpose"))),
        rules={
            rule: {"enabled": s.get("enabled", True), "effect": s.get("effect"), "reason": s.get("reason")}
            for rule, s in given.items()
        },
        waivers=tuple(value.get("waivers", ())),
        limits=value.get("limits", {}),
        policies=tuple(path.parent / p for p in value.get("policies", ())),
        data=tuple(path.parent / p for p in value.get("data", ())),
        mode=admission.get("mode", "enforce"),
        tiers=tuple(Tier(**(t | {"names": tuple(t["names"])})) for t in admission.get("namespaces", ())),
        engine=value.get("engine", "any"),
        path=path,
    )


def _validate(document: YamlDocument, name: str) -> None:
    import jsonschema  # slow to import, and most checks have no gate.yaml

    schema = json.loads(resources.files("gate.inputs.schemas").joinpath("gate.yaml.schema.json").read_text("utf-8"))
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(document.value))
    if error is not None:
        path = tuple(error.absolute_path)
        unknown = _unknown_key(error)
        line = document.lines.get((*path, unknown) if unknown else path, document.line)
        where = _dotted(path)
        message = _sentence(error, where, unknown)
        raise ConfigError(f"{name}, line {line}: {message}.", hint=_hint(error, unknown))
    for index, waiver in enumerate(document.value.get("waivers", ())):
        try:
            datetime.date.fromisoformat(waiver["expires"])
        except ValueError:
            line = document.lines.get(("waivers", index, "expires"), document.line)
            hint = "Write it as YYYY-MM-DD."
            raise ConfigError(f"{name}, line {line}: waivers[{index}].expires is not a date.", hint=hint) from None


def _unknown_key(error: Any) -> str | None:
    if error.validator != "additionalProperties":
        return None
    return next((key for key in error.instance if key not in error.schema.get("properties", {})), None)


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).removeprefix(".")


def _sentence(error: Any, where: str, unknown: str | None) -> str:
    """What is wrong, without the value that is wrong."""
    if unknown is not None:
        return f"unknown key {unknown}" + (f" in {where}" if where else "")
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"{where or 'the file'} is missing {', '.join(missing)}"
    return (
        f"{where or 'the file'} {_EXPECTED.get(error.validator, lambda _: 'has a wrong value')(error.validator_value)}"
    )


_KINDS = {
    "string": "text (put numbers and dates into quotes)",
    "array": "a list",
    "object": "an object",
    "boolean": "true or false",
    "integer": "a whole number",
}
_EXPECTED: dict[str, Any] = {
    "enum": lambda values: f"must be one of {', '.join(map(str, values))}",
    "const": lambda value: f"is not {value}",
    "type": lambda kind: f"is not {_KINDS[kind]}",
    "pattern": lambda pattern: "is empty" if pattern == r"\S" else f"does not have the form {pattern}",
    "minLength": lambda _: "is empty",
    "minimum": lambda least: f"is less than {least}",
}


def _hint(error: Any, unknown: str | None) -> str:
    if unknown is not None:
        known = list(error.schema.get("properties", {}))
        close = difflib.get_close_matches(unknown, known, 1, 0.5)
        return f"Did you mean {close[0]}?" if close else f"Known keys: {', '.join(known)}."
    if error.validator == "required" and re.search(r"rules", _dotted(tuple(error.absolute_path))):
        return "A rule that is disabled or only warns needs a reason."
    return "gate init writes a commented gate.yaml with every key."
