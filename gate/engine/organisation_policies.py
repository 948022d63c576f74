"""An organisation's policies: checked before they judge, so that a mistake is an error with a place, not silence."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gate.engine.binary import Opa
from gate.engine.bundle import policy_files, rego_root
from gate.engine.policy_mistakes import line_of_findings, policy_mistakes
from gate.errors import EngineError, PolicyError

# What reaches out of OPA: the network (a schema may refer to a URL), and the environment, which holds this run's token.
_OUT_OF_REACH = frozenset(("http.send", "net.lookup_ip_addr", "opa.runtime", "json.match_schema", "json.verify_schema"))
_CONTRACT = "see docs/policies.md: package organisation.<name>, with a set `findings` made by data.gate.lib.finding"

_PAGES = "docs/policies.md says what a rule consists of, docs/input.md what each field can hold"


def organisation_packages(opa: Opa, policies: Sequence[Path]) -> dict[str, str]:
    """The packages ``organisation.<name>`` that must answer, each with the ``file:line`` of its findings.

    Every check that can be made without an input was made.

    Each file must stand in a package under ``organisation``, each ``organisation.<name>`` must define ``findings``, and
    all must pass ``opa check --strict`` beside the shipped Rego with the schema of the access model, call no built-in
    that reaches out of OPA (the model is for this process alone), and ask nothing that holds never, or always.
    Raises ``PolicyError`` with OPA's message and place.
    """
    if not policies:
        return {}
    files = [path for given in policies for path in policy_files(given)]
    defines: dict[str, set[str]] = {}
    places: dict[str, str] = {}
    modules: dict[str, dict[Path, dict[str, Any]]] = {}
    for path in files:
        module = _parse(opa, path)
        package = [str(term["value"]) for term in module["package"]["path"][1:]]
        modules.setdefault(".".join(package), {})[path] = module
        rules = {str(rule["head"]["ref"][0]["value"]) for rule in module.get("rules", [])}
        if package[0] != "organisation" or len(package) < 2:
            raise PolicyError(
                f"{path}: package {'.'.join(package)} is not the organisation's own; expected organisation.<name>",
                hint=_CONTRACT,
            )
        if len(package) == 2:
            name = ".".join(package)
            defines.setdefault(name, set()).update(rules)
            place = f"{path}:{line_of_findings(module)}"
            places[name] = place if "findings" in rules else places.get(name, place)
    for name, rules in defines.items():
        if "findings" not in rules:
            raise PolicyError(
                f"{places[name].rpartition(':')[0]}: package {name} defines no `findings`", hint=_CONTRACT
            )
    if not defines:
        raise PolicyError(f"{files[0]}: no package organisation.<name> among the policies given", hint=_CONTRACT)
    _check(opa, files)
    for together in modules.values():
        for path, module in together.items():
            for row, wrong in policy_mistakes(module, together.values()):
                raise PolicyError(f"{path}:{row}: {wrong}", hint=_PAGES)
    return {name: places[name] for name in defines}


def run_opa(opa: Opa, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One short run of the executable, output captured, no environment of ours. Raises ``EngineError``."""
    try:
        return subprocess.run(
            [opa.path, *arguments], capture_output=True, text=True, timeout=60, check=False, env={}, encoding="utf-8"
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise EngineError(f"`opa {arguments[0]}` did not finish: {type(error).__name__}") from error


def _parse(opa: Opa, path: Path) -> dict[str, Any]:
    """The module, with the place of each part."""
    parsed = run_opa(opa, "parse", "--format=json", "--json-include=locations", str(path))
    if parsed.returncode != 0:
        raise PolicyError(f"Open Policy Agent does not accept {path}: {_first_message(parsed)}", hint=_CONTRACT)
    module: dict[str, Any] = json.loads(parsed.stdout)
    return module


def _check(opa: Opa, files: list[Path]) -> None:
    root = rego_root()
    shipped = [str(p) for p in (root / "gate").rglob("*.rego") if not p.name.endswith("_test.rego")]
    with tempfile.NamedTemporaryFile("w", prefix="gate-", suffix=".json", encoding="utf-8") as capabilities:
        capabilities.write(_capabilities(opa))
        capabilities.flush()
        limits = (f"--schema={root / 'schema'}", f"--capabilities={capabilities.name}")
        checked = run_opa(opa, "check", "--strict", "--format=json", *limits, *shipped, *map(str, files))
    if checked.returncode != 0:
        message = _first_message(checked)
        called = next((name for name in sorted(_OUT_OF_REACH) if f"undefined function {name}" in message), None)
        hint = f"{called} is not available: a policy must not reach outside of OPA" if called else _CONTRACT
        raise PolicyError(f"Open Policy Agent does not accept the policies: {message}", hint=hint)


def _capabilities(opa: Opa) -> str:
    """What this OPA can do, as JSON, without what reaches out of it."""
    told = run_opa(opa, "capabilities", "--current")
    try:
        found: dict[str, Any] = json.loads(told.stdout)
        built_ins = [b for b in found["builtins"] if b["name"] not in _OUT_OF_REACH]
    except (ValueError, LookupError, TypeError) as error:
        raise EngineError("`opa capabilities` did not answer as expected") from error
    return json.dumps(found | {"builtins": built_ins, "allow_net": []})


def _types(details: object) -> str:
    """What OPA's type checker compared: ``, left: string, right: null``."""
    sides = [(side, details.get(side)) for side in ("left", "right")] if isinstance(details, dict) else []
    told = [f"{side}: {kind['type']}" for side, kind in sides if isinstance(kind, dict) and "type" in kind]
    return f", {', '.join(told)}" if told else ""


def _first_message(run: subprocess.CompletedProcess[str]) -> str:
    """``file:row: message (code)`` of the first error of OPA's JSON, and how many more there are."""
    try:
        errors = json.loads(run.stdout.strip() or run.stderr)["errors"]
        first = errors[0]
        place = first.get("location") or {}
        where = f"{place['file']}:{place['row']}: " if "file" in place else ""
        more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
        return f"{where}{first['message']}{_types(first.get('details'))} ({first.get('code', 'error')}){more}"
    except (ValueError, LookupError, TypeError):
        return " ".join((run.stderr or run.stdout).split())[:400] or "no message"
