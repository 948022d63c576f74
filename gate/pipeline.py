"""One check, from bytes to decision. Read this first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from gate.engine.engine import Engine
from gate.errors import InputError
from gate.extract.change import access_models
from gate.extract.secrets.sensitive_values import sensitive_texts, veiled_difference
from gate.extract.written_names import as_written
from gate.graph.build import add_graph
from gate.inputs.config import Config, load_config
from gate.inputs.recognise import read_documents
from gate.inputs.terraform.source_directory import TerraformInputs, completed, leaves_open, root_beside
from gate.judgement import judge
from gate.model.decision import Decision
from gate.model.difference import Difference

if TYPE_CHECKING:
    from gate.extract.change import AccessModels
    from gate.inputs.documents import Documents
    from gate.model.access import AccessModel

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
    from gate.extract.secrets.redacted_model import without_secrets

    settings = load_config(None, near=[Path(p) for p in paths if p != "-"])
    inputs = terraform or TerraformInputs()
    documents = read_documents(paths, source=source, terraform=inputs, stdin=stdin)
    models = access_models(documents, datetime.now(UTC))
    model = models.after if side == "after" else models.before
    if model is None:
        raise InputError(
            "what was there before this change is not known",
            hint="A plan over existing resources shows it; manifests do not, and a first plan has nothing before.",
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
    from gate.extract.access_difference import differences, with_reach

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
