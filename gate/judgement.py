"""From documents that were read already to a decision: the facts of both sides are put to the engine."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from gate.engine.engine import Engine
from gate.errors import ConfigError
from gate.extract.bearing import not_looked_into
from gate.extract.change import access_models
from gate.extract.secrets.sensitive_values import sensitive_texts, veiled
from gate.extract.written_names import as_written
from gate.graph.build import add_graph
from gate.inputs.config import Config
from gate.inputs.text.reading import without_collections
from gate.model.decision import Decision, Finding, IdentitySummary, InputFile, Policy
from gate.model.grouping import with_causes

if TYPE_CHECKING:
    from gate.engine.serving import ServingEngine
    from gate.extract.change import AccessModels
    from gate.inputs.documents import Documents

_MANY = 200


def judge(
    documents: Documents,
    settings: Config,
    engine: Engine,
    *,
    scope: Literal["changed", "all"] | None = None,
    models: AccessModels | None = None,
) -> Decision:
    """The decision on documents that were read already. ``scope`` goes before the one of ``settings``.

    ``models``: the facts of these documents, where they were extracted already.
    """
    refuse_unknown_rules(settings, engine.rules)
    answer = engine.decide(envelope(documents, settings, scope, models))
    return _decision(answer, documents, Policy(engine.revision, engine.opa_version, engine.opa_sha256))


async def admit(documents: Documents, settings: Config, engine: ServingEngine, *, timeout: float) -> Decision:
    """``judge`` for a service; ``timeout``: seconds for each question to the engine.

    The side before tells which findings are new. Most changes have none, so it is stated only when there are some; of a
    namespace it tells whether it lets more in now.
    """
    lets_in = any(manifest.kind == "Namespace" for manifest in documents.replaced or ())
    first = documents if lets_in else replace(documents, replaced=None)
    answer = await engine.decide(await _stated(first, settings), timeout=timeout)
    if answer["findings"]:
        answer = await engine.decide(await _stated(documents, settings), timeout=timeout)
    return _decision(answer, documents, Policy(engine.revision, engine.opa_version, engine.opa_sha256))


async def _stated(documents: Documents, settings: Config) -> dict[str, Any]:
    """The envelope; that of a role which hundreds hold beside the loop, so that others are answered meanwhile."""
    if len(documents.context) < _MANY:
        return envelope(documents, settings, None)
    import asyncio  # of a service alone

    return await asyncio.to_thread(envelope, documents, settings, None)


def envelope(
    documents: Documents, settings: Config, scope: str | None, models: AccessModels | None = None
) -> dict[str, Any]:
    """What the engine reads: the facts of both sides, the settings, today's date (``rego/schema/envelope.json``)."""
    now = datetime.now(UTC)
    models = models or access_models(documents, now)
    with without_collections():
        add_graph(models.after, limits=bool(settings.limits))
        if models.before is not None and models.before.openings is models.after.openings:
            models.before.graph = models.after.graph  # one model says what both sides are
        elif models.before is not None:
            add_graph(models.before, limits=bool(settings.limits))
    return {
        "access": as_written(models.after.to_json(), documents),
        "before": as_written(models.before.to_json(), documents) if models.before else None,
        "config": settings.to_json() | ({"scope": scope} if scope else {}),
        "now": now.date().isoformat(),
    }


def refuse_unknown_rules(settings: Config, packages: Sequence[str]) -> None:
    """A rule id in gate.yaml that no rule has would silently switch nothing off: ``ConfigError``."""
    from difflib import get_close_matches

    known = sorted(package.rsplit(".", 1)[1].replace("_", "-") for package in packages)
    for rule in settings.rules:
        if rule not in known:
            near = get_close_matches(rule, known, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            raise ConfigError(
                f"gate.yaml: rules.{rule}: no rule has this id", hint=f"{hint}`gate rules` lists the rules that exist."
            )


def _decision(answer: dict[str, Any], documents: Documents, policy: Policy) -> Decision:
    answer = veiled(answer, sensitive_texts(documents))
    return Decision(
        decision_id=str(uuid.uuid4()),
        verdict=answer["verdict"],
        summary=answer["summary"],
        inputs=tuple(InputFile(f.path, f.kind, f.sha256, f.notes) for f in documents.files),
        policy=policy,
        findings=with_causes(_finding(f) for f in answer["findings"]),
        identities=tuple(IdentitySummary(**i) for i in answer["identities"]),
        not_looked_into=not_looked_into(documents.plans),
    )


def _finding(found: dict[str, Any]) -> Finding:
    lists = {key: tuple(found[key]) for key in ("evidence", "path", "frameworks")}
    return Finding(**(found | lists))
