"""One change, both sides: every adapter's facts in one model before and one after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from gate.inputs.documents import Documents, Manifest, TerraformPlan
from gate.inputs.text.reading import without_collections
from gate.model.access import AccessModel, Source, Unknown

if TYPE_CHECKING:
    from gate.extract.terraform_objects import Objects


@dataclass(slots=True)
class AccessModels:
    """The model after the change, and before it where that is known: of plans, and at admission."""

    after: AccessModel
    before: AccessModel | None


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a change.

    ``now``: the time of the check, for conditions on dates. ``manifests``: every object there is on this side, those
    that the change leaves alone included, those that stand in plans, and those that others of them have a controller
    make. ``planned``: how many the latter two are;
    ``read``: addresses of the resources that they stand in. ``made``: the identities of a cloud that objects create,
    as plans. ``earlier``: of the side after, the objects of the side before, where that is known.
    """

    name: Literal["after", "before"]
    documents: Documents
    now: datetime | None
    manifests: Sequence[Manifest]
    made: Sequence[TerraformPlan]
    planned: int = 0
    read: frozenset[str] = frozenset()
    earlier: Sequence[Manifest] = ()


def access_models(documents: Documents, now: datetime | None = None) -> AccessModels:
    """State what ``documents`` say, on both sides. What could not be read stands as unknowns in ``after``.

    ``now``: the time of the check, for conditions on dates.

    Nothing built here is garbage before it returns, so the collector, which would walk the documents again and again,
    rests meanwhile (a third of the time for a plan of 10,000 resources).
    """
    with without_collections():
        after = model_of(_after(documents, now))
        before = None
        if documents.replaced is not None or any(plan.has_before for plan in documents.plans):
            same = _nothing_changes(documents)
            before = replace(after, unknown=list(after.unknown)) if same else model_of(_before(documents, now))
        after.unknown.extend(_unread(documents))
        return AccessModels(after, before)


def model_of(side: Side) -> AccessModel:
    """What every adapter says of one side. Each builds on what those before it have said."""
    model = AccessModel()
    for adapter in _ADAPTERS:
        adapter(side, model)
    return model


# An adapter is imported when there is something for it to read: half of a small check is imports.


def _aws(side: Side, model: AccessModel) -> None:
    if side.documents.plans or side.made:
        from gate.extract.aws import adapter

        adapter.extract([*side.documents.plans, *side.made], side.name, model, side.now)


def _clouds_without_adapter(side: Side, model: AccessModel) -> None:
    if side.documents.plans:
        from gate.extract import managed_clusters, not_analysed, terraform_programs

        if side.name == "after":
            terraform_programs.extract(side.documents.plans, model)
        not_analysed.extract(side.documents.plans, side.name, model, side.read)
        managed_clusters.extract(side.documents.plans, side.name, model)


def _kubernetes(side: Side, model: AccessModel) -> None:
    if side.manifests or side.earlier:
        from gate.extract.kubernetes import adapter

        adapter.extract(side.manifests, model, whole=side.documents.whole, earlier=side.earlier)
        model.reads -= side.planned  # each is a resource that was counted already
    if side.made:
        from gate.extract.crossplane import without_read

        model.not_analysed = without_read(model.not_analysed, side.manifests)


def _across_platforms(side: Side, model: AccessModel) -> None:
    if side.documents.plans or side.manifests:
        from gate.extract.bridge.service_accounts import connect

        connect(side.documents.plans, side.manifests, side.name, model)


def _secrets(side: Side, model: AccessModel) -> None:
    if side.documents.plans or side.documents.manifests or side.documents.replaced:
        from gate.extract.secrets.plaintext import plaintext_secrets

        model.secrets.extend(plaintext_secrets(side.documents, side.name))


def _openings(_side: Side, model: AccessModel) -> None:
    if model.identities:
        from gate.extract.bridge.platform_openings import add_openings

        add_openings(model)


_ADAPTERS: tuple[Callable[[Side, AccessModel], None], ...] = (
    _aws,
    _clouds_without_adapter,
    _kubernetes,
    _across_platforms,
    _secrets,
    _openings,
)
"""In this order. A platform is one entry, before those that join what the platforms say."""


def _after(documents: Documents, now: datetime | None) -> Side:
    planned = _objects(documents.plans, "after")
    manifests = [*documents.context, *documents.manifests, *(m for one in planned for m in one.manifests)]
    generated = _generated(manifests)
    manifests += generated
    earlier = [*(documents.replaced or ()), *(m for one in _objects(documents.plans, "before") for m in one.manifests)]
    side = _side("after", documents, now, manifests, _made_by(manifests), planned, len(generated))
    return replace(side, earlier=earlier)


def _before(documents: Documents, now: datetime | None) -> Side:
    """Manifests tell what was there before only at admission."""
    planned = _objects(documents.plans, "before")
    manifests = [m for one in planned for m in one.manifests]
    if documents.replaced is not None:
        manifests = [*documents.context, *documents.replaced, *manifests]
    generated = _generated(manifests)
    manifests += generated
    made = _made_by(manifests)
    for plan in made:
        for resource in plan.resources.values():
            resource.before, resource.after = resource.after, None
    return _side("before", documents, now, manifests, made, planned, len(generated))


def _side(
    name: Literal["after", "before"],
    documents: Documents,
    now: datetime | None,
    manifests: Sequence[Manifest],
    made: Sequence[TerraformPlan],
    planned: Sequence[Objects],
    generated: int,
) -> Side:
    count = sum(len(one.manifests) for one in planned) + generated
    return Side(name, documents, now, manifests, made, count, frozenset(one.resource.address for one in planned))


def _generated(manifests: Sequence[Manifest]) -> list[Manifest]:
    if not any("kyverno.io/" in manifest.api_version for manifest in manifests):
        return []
    from gate.extract.kubernetes.rewriting.generating import made_by

    return list(made_by(manifests))


def _made_by(manifests: Sequence[Manifest]) -> Sequence[TerraformPlan]:
    if not any(".upbound.io/" in manifest.api_version for manifest in manifests):
        return ()
    from gate.extract.crossplane import as_plan

    plan = as_plan(manifests)
    return (plan,) if plan else ()


def _objects(plans: Sequence[TerraformPlan], side: Literal["before", "after"]) -> Sequence[Objects]:
    """Objects of a cluster that stand in plans."""
    if not plans:
        return ()
    from gate.extract.terraform_objects import objects_of

    return tuple(objects_of(plans, side))


def _nothing_changes(documents: Documents) -> bool:
    """Whether both sides are the same documents, so that one model says what both are."""
    if documents.manifests or documents.context or documents.replaced:
        return False
    resources = [resource for plan in documents.plans for resource in plan.resources.values()]
    return all(r.change == "none" and r.before == r.after and r.before_sensitive == r.sensitive for r in resources)


def _unread(documents: Documents) -> Iterator[Unknown]:
    """What of the documents themselves nobody could read; of no side, and a reason to deny."""
    if documents.plans:
        from gate.extract.secrets.unread_places import unread_places

        yield from unread_places(documents)
    for unread in documents.unread:
        source = Source(unread.address or (unread.location.file if unread.location else ""), None, unread.location)
        yield Unknown(unread.what, unread.reason, source, remedy=unread.remedy, change="create")
