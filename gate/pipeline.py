"""One check, from bytes to decision. Read this first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from gate.engine.engine import Engine
from gate.errors import ConfigError, InputError
from gate.extract.bearing import not_looked_into
from gate.extract.change import access_models
from gate.extract.veil import sensitive_texts, veiled, veiled_difference
from gate.extract.written_names import as_written
from gate.graph.build import add_graph
from gate.inputs.config import Config, load_config
from gate.inputs.reading import without_collections
from gate.inputs.recognise import read_documents
from gate.inputs.terraform_source import TerraformInputs, completed, leaves_open, root_beside
from gate.model.causes import with_causes
from gate.model.decision import Decision, Finding, IdentitySummary, InputFile, Policy
from gate.model.difference import Difference

if TYPE_CHECKING:
    from gate.engine.serving import ServingEngine
    from gate.extract.change import AccessModels
    from gate.inputs.documents import Documents
    from gate.model.access import AccessModel

_MANY = 200
_NOT_KNOWN = "not known before apply"


def check(
    paths: Sequence[str],
    *,
    source: Path | None = None,
    namespace: str | None = None,
    config: Path | None = None,
    policies: Sequence[Path] = (),
    opa_url: str | None = None,
    scope: Literal["changed", "all"] | None = None,
    timeout: float = 60.0,
    terraform: TerraformInputs | None = None,
    stdin: BinaryIO | None = None,
    engine: Engine | None = None,
) -> Decision:
    """Judge ``paths`` (plans, manifests, folders, ``-`` for ``stdin``) together as one change.

    ``source``: the Terraform directory the plan was made from; Terraform evaluates it, and folders without a plan, with
    the variables of ``terraform``. ``namespace``: of objects that name none (default: ``default``). ``config``:
    gate.yaml (default: beside the inputs). ``policies``: folders with the organisation's Rego. ``timeout``: seconds
    for the engine. ``engine``: one that runs already and is kept running; ``policies``, ``opa_url`` and ``timeout``
    are then its own affair.

    Raises ``GateError`` when no decision could be made; never returns an allow instead.
    """
    settings = load_config(config, near=[Path(p) for p in paths if p != "-"])
    own = [*settings.policies, *policies]
    starting = (
        nullcontext(engine)
        if engine
        else Engine(own, settings.data, opa_url, timeout, pinned=settings.engine == "pinned")
    )
    with starting as running:  # OPA starts while we read and extract
        inputs = terraform or TerraformInputs()
        documents = read_documents(paths, source=source, terraform=inputs, stdin=stdin, namespace=namespace)
        documents, models = _with_sources(documents, source, inputs)
        return judge(documents, settings, running, scope=scope, models=models)


def _with_sources(
    documents: Documents, source: Path | None, inputs: TerraformInputs
) -> tuple[Documents, AccessModels | None]:
    """The documents with each plan that leaves access open evaluated with the configuration beside it.

    Nothing is started where every document is known, and where ``source`` was given the plans are evaluated already.
    The facts, where they had to be looked at and stay as they are: they need not be extracted again.
    """
    open_plans = [] if source else [plan for plan in documents.plans if leaves_open(plan)]
    roots = {plan.file.path: root for plan in open_plans if (root := root_beside(plan))}
    if not roots:
        return documents, None
    models = access_models(documents, datetime.now(UTC))
    if not any(_NOT_KNOWN in unknown.reason for unknown in models.after.unknown):
        return documents, models
    plans = [
        completed(plan, roots[plan.file.path], inputs, unasked=True) if plan.file.path in roots else plan
        for plan in documents.plans
    ]
    files = {plan.file.path: plan.file for plan in plans}
    return replace(documents, plans=plans, files=[files.get(file.path, file) for file in documents.files]), None


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


def facts(
    paths: Sequence[str],
    side: Literal["after", "before"],
    *,
    source: Path | None = None,
    terraform: TerraformInputs | None = None,
    stdin: BinaryIO | None = None,
) -> dict[str, Any]:
    """The access model of one side of ``paths``, as a rule reads it (``access`` of the envelope); as of ``check``.

    No engine is asked, and no text that may be a secret is shown. Raises ``InputError`` for a side before that nobody
    knows.
    """
    from gate.extract.not_shown import without_secrets

    settings = load_config(None, near=[Path(p) for p in paths if p != "-"])
    inputs = terraform or TerraformInputs()
    documents = read_documents(paths, source=source, terraform=inputs, stdin=stdin)
    models = access_models(documents, datetime.now(UTC))
    model = models.after if side == "after" else models.before
    if model is None:
        raise InputError(
            "what was there before this change is not known",
            hint="A plan over existing resources tells it; manifests do not, and a first plan has nothing before.",
        )
    add_graph(model, limits=bool(settings.limits))
    shown: dict[str, Any] = without_secrets(as_written(model.to_json(), documents), documents)
    return shown


def diff(
    paths: Sequence[str],
    *,
    source: Path | None = None,
    namespace: str | None = None,
    opa_url: str | None = None,
    timeout: float = 60.0,
    terraform: TerraformInputs | None = None,
    stdin: BinaryIO | None = None,
    engine: Engine | None = None,
) -> Difference:
    """What the change of ``paths`` gives to each identity and takes from it; arguments and errors as of ``check``.

    No gate.yaml is read: a pull request's own says nothing here. Access and trust are compared as facts; reach is what
    the engine says of each side.
    """
    from gate.extract.difference import differences, with_reach

    starting = nullcontext(engine) if engine else Engine((), (), opa_url, timeout)
    with starting as running:
        inputs = terraform or TerraformInputs()
        documents = read_documents(paths, source=source, terraform=inputs, stdin=stdin, namespace=namespace)
        documents, known = _with_sources(documents, source, inputs)
        now = datetime.now(UTC)
        models = known or access_models(documents, now)
        before = _radii(models.before, running, now) if models.before else {}
        after = _radii(models.after, running, now)
    found = [with_reach(one, before.get(one.id), after.get(one.id)) for one in differences(models.before, models.after)]
    difference = Difference(
        inputs=tuple(file.path for file in documents.files),
        has_before=models.before is not None,
        identities=tuple(one for one in found if one.differs),
        unknown=tuple(dict.fromkeys(unknown.reason for unknown in models.after.unknown)),
    )
    return veiled_difference(difference, sensitive_texts(documents))


def _radii(model: AccessModel, engine: Engine, now: datetime) -> dict[str, dict[str, Any]]:
    """Identity → blast radius, of one side."""
    add_graph(model)
    envelope = {"access": model.to_json(), "before": None, "config": Config().to_json(), "now": now.date().isoformat()}
    answer = engine.decide(envelope)
    return {one["id"]: one["blast_radius"] for one in answer["identities"]}


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
