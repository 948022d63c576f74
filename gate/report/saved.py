"""A decision that was printed earlier with ``--format json``, read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from gate.errors import InputError, UsageError
from gate.model.decision import Decision, Finding, IdentitySummary, InputFile, Policy
from gate.report import published_schemas


def load(path: Path) -> Decision:
    """The decision in ``path``. Raises ``InputError`` when it is not a ``gate.decision/v1``."""
    from jsonschema import Draft202012Validator

    hint = "Write one with `gate check PATH… --format json=decision.json`."
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise InputError(f"{path}: cannot be read: {e.strerror}", hint=hint) from e
    except (ValueError, RecursionError) as e:
        raise InputError(f"{path}: not a decision: not JSON", hint=hint) from e
    wrong = next(Draft202012Validator(json.loads(published_schemas.text("decision"))).iter_errors(document), None)
    if wrong is not None:
        raise InputError(f"{path}: not a decision: {wrong.json_path} is not as its schema says", hint=hint)
    return Decision(
        decision_id=document["decision_id"],
        verdict=document["verdict"],
        summary=document["summary"],
        inputs=tuple(InputFile(**(i | {"notes": tuple(i.get("notes", ()))})) for i in document["inputs"]),
        policy=Policy(**document["policy"]),
        findings=tuple(
            Finding(**(f | {key: tuple(f[key]) for key in ("evidence", "path", "frameworks")}))
            for f in document["findings"]
        ),
        identities=tuple(IdentitySummary(**i) for i in document["identities"]),
        not_looked_into=document["not_looked_into"],
    )


def select(decision: Decision, wanted: Sequence[str]) -> tuple[Finding, ...]:
    """The findings with these fingerprints (or their beginning, six digits at least), rules or identities.

    Raises ``UsageError`` when one of ``wanted`` is none of them.
    """
    chosen: list[Finding] = []
    for name in wanted:
        found = [f for f in decision.findings if name in (f.rule, f.identity, f.address) or _begins(f, name)]
        if not found:
            names = sorted({n for f in decision.findings for n in (f.rule, f.fingerprint)})
            near = get_close_matches(name, names, n=1, cutoff=0.4)
            raise UsageError(
                f"the decision has no finding {name!r}", hint=f"Did you mean {near[0]!r}?" if near else None
            )
        chosen += [f for f in found if f not in chosen]
    return tuple(chosen)


def refuse_names(wanted: Sequence[str]) -> None:
    """Raises ``UsageError`` for what can only be a finding's name: no decision was given that it could be in."""
    for name in wanted:
        if name != "-" and not Path(name).exists() and not set(name) & set("/.\\"):
            raise UsageError(
                f"{name!r} is not a path, and no decision was given that could contain a finding of this name",
                hint=f"Write one with gate check PATH… --format json=decision.json, then: "
                f"gate explain {name} --decision decision.json",
            )


def _begins(finding: Finding, name: str) -> bool:
    return len(name) >= 6 and finding.fingerprint.startswith(name)
