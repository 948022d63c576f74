"""The typed documents that ``inputs/`` produces and ``extract/`` reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gate.model.access import Change, Location, UnknownWhat

UNKNOWN = "\x00unknown:"
"""Stands for a leaf of a document that is not known before apply; the reference it waits for may follow it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read: ``path`` as the user gave it (relative), ``sha256`` of its bytes.

    ``notes``: what the gate assumed to read it, a sentence each.
    """

    path: str
    kind: str
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of a Terraform expression to one resource.

    ``address``: module path and, when the expression names one, instance key. ``attribute``: the path behind it
    (``arn``, ``id``, ``""`` for the whole object).

    ``address`` without an instance key means *any instance* of a resource with ``count`` or ``for_each``.
    """

    address: str
    attribute: str


@dataclass(slots=True)
class TerraformResource:
    """One resource instance of a plan, both sides.

    ``address``: full address with module path and instance key. ``mode``: ``managed`` or ``data``.
    ``change``: what happens to it; a replacement is ``update``; a data source that is read during apply is ``create``.
    ``before``/``after``: attribute values; ``None`` when the resource does not exist on that side.
    ``unknown``: Terraform's ``after_unknown``: the same tree with ``True`` at each value not known before apply.
    ``sensitive``: Terraform's ``after_sensitive`` in the same shape: such values must never be echoed.
    ``expressions``: of the plan's ``configuration`` for this resource; ``{}`` when it has none.
    ``location``: where the block stands in the source, when the source is at hand; ``body``: its text as written there.
    """

    address: str
    mode: str
    type: str
    name: str
    module: str
    index: str | int | None
    provider: str
    change: Change
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    unknown: Any
    sensitive: Any
    before_sensitive: Any
    expressions: dict[str, Any]
    location: Location | None = None
    body: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class TerraformPlan:
    """A plan. ``resources``: by address, managed and data, no-ops and data sources of the prior state included.

    ``providers``: the plan's ``configuration.provider_config``. ``account_hints``: account ids the plan names as its
    own (``aws_caller_identity`` of the prior state, ``allowed_account_ids``). ``symbols``: tokens inside values that
    stand for attributes of resources that do not exist yet, token → reference; see ``terraform_source``.
    ``has_before``: something existed before this change.
    ``modules``: the configuration by module path without instance keys (``""`` is the root): ``resources`` by (mode,
    type, name), ``calls``, ``outputs`` and ``variables`` by name as the plan has them, ``instances``: its paths with
    instance keys; of a source that is at hand, ``locals``: the text of its ``locals`` blocks, ``places``: where its
    other blocks stand, by kind and label.
    ``not_evaluated``: why Terraform could not evaluate the source, or a part of it, when it was asked to.
    ``not_analysed``: what of the configuration was not at hand, such as modules.
    ``variables``: the root's input values; they may be secrets, so only Terraform itself gets them.
    """

    file: SourceFile
    format_version: str
    terraform_version: str
    resources: dict[str, TerraformResource]
    configuration: dict[str, Any] = field(default_factory=dict)
    providers: dict[str, Any] = field(default_factory=dict)
    account_hints: tuple[str, ...] = ()
    symbols: dict[str, Reference] = field(default_factory=dict)
    has_before: bool = False
    modules: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict, repr=False)
    not_evaluated: str | None = None
    not_analysed: tuple[UnreadDocument, ...] = ()


@dataclass(slots=True)
class Manifest:
    """One Kubernetes object. ``body``: the parsed object; ``lines``: path inside it (tuple of keys and indexes) → line,
    counted from 1; the empty tuple is the object itself. Documents of kind ``List`` arrive as their items.
    ``location``: ``None`` when it was not read from a file.
    ``readings``: what was made of the object already, by reader; an object of a cluster is read for many judgements.
    """

    file: SourceFile
    api_version: str
    kind: str
    namespace: str | None
    name: str
    body: dict[str, Any]
    location: Location | None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    readings: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UnreadDocument:
    """One document among many that could not be read: it becomes an ``unknown`` of the model, a reason to deny.

    ``address``: names what stands in no file.
    """

    location: Location | None
    what: UnknownWhat
    reason: str
    remedy: str
    address: str = ""


@dataclass(slots=True)
class Documents:
    """Everything given to one check: several inputs are one change.

    ``replaced``: the manifests that the change replaces or takes away, where that is known (at admission); ``None``
    where manifests tell only the side after. ``context``: objects of the cluster that the change leaves alone.
    ``whole``: the manifests are all that the cluster holds.
    """

    files: list[SourceFile] = field(default_factory=list)
    plans: list[TerraformPlan] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    unread: list[UnreadDocument] = field(default_factory=list)
    replaced: list[Manifest] | None = None
    context: list[Manifest] = field(default_factory=list)
    whole: bool = False
