"""Compute that runs as a role: which identities its code acts as, and which only the platform uses for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any

from gate.extract.aws.compute import node_metadata
from gate.extract.aws.compute.ecs_exec import without_commands
from gate.extract.aws.compute.internet_exposure import Exposures
from gate.extract.aws.compute.unauthenticated_routes import OpenRoutes
from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.plan.plan_index import Item, PlanIndex, Step
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.extract.aws.resources import eks_access_entries
from gate.model.access import Setting, Workload

_PROFILE = "aws_iam_instance_profile"
_TEMPLATES = ("aws_launch_template", "aws_launch_configuration")
_BY_TEMPLATE = ("aws_instance", "aws_autoscaling_group", "aws_spot_instance_request")


@dataclass
class Workloads:
    """Reads the attributes of ``data/runs_as.json``, wherever they stand in a resource's blocks."""

    side: PlanIndex
    registry: IdentityIndex
    links: ReferencedResources
    sources: PolicySources
    exposures: Exposures
    routes: OpenRoutes
    _profiles: dict[str, list[Draft]] = field(default_factory=dict)
    _started: set[str] = field(default_factory=set)
    """Launch templates that something of the plan starts: that is the workload, not the template."""

    def build(self) -> Iterator[Workload]:
        """A workload for each resource that names at least one role."""
        found = list(self._all())
        yield from (workload for workload in found if workload.id not in self._started)

    def _all(self) -> Iterator[Workload]:
        table = runs_as()
        for type_ in self.side.by_type:
            row = table.get(type_)
            if row is None and type_ not in _BY_TEMPLATE:
                continue
            for item in self.side.of(type_):
                workload = self._workload(item, row or {})
                if workload is not None:
                    yield workload

    def _workload(self, item: Item, row: dict[str, Any]) -> Workload | None:
        acts = self._roles(item, row.get("runs_as", []))
        service = self._roles(item, row.get("service_roles", []))
        places = _template_places(item)
        templates = [template for path in places for template in self.links.linked(item, path, *_TEMPLATES)]
        self._started.update(template.id for template in templates)
        if not acts:
            for template in templates:
                acts.update(self._roles(template, ["iam_instance_profile"]))
        if not acts and not service:
            return None
        return Workload(
            id=item.id,
            kind=item.type,
            platform="aws",
            runs_as=tuple(acts),
            source=item.source(),
            service_roles=tuple(role for role in service if role not in acts),
            exposure=self.exposures.of(item),
            settings=self._settings(item, templates),
            change=item.change,
            refused=("ecs:ExecuteCommand",) if item.id in self._commandless else (),
            declared=item.id.removesuffix("]").rpartition("[")[0] if item.id.endswith("]") else None,
        )

    @cached_property
    def _commandless(self) -> frozenset[str]:
        return without_commands(self.side, self.links)

    def _settings(self, item: Item, templates: list[Item]) -> tuple[Setting, ...]:
        if item.type == "aws_eks_cluster":
            return eks_access_entries.mode(item)
        if item.type == "aws_eks_node_group":
            return node_metadata.reachable_by_pods(templates)
        return self.routes.of(item)

    def _roles(self, item: Item, attributes: list[str]) -> dict[str, None]:
        found: dict[str, None] = {}
        wanted = set(attributes)
        for path, value, unknown in _places(item.values, item.unknown, wanted, ()):
            if value is None and not unknown:
                continue
            profile = "profile" in str(path[-1]) or "profile" in str(path[0])
            drafts = self._known(item, path, value, profile) if value is not None else []
            if unknown:
                drafts = [*drafts, *self._referenced(item, path)]
                if not drafts and _configured(item, path):
                    self.sources.report(item, path, "workload role", None)
            found.update((draft.id, None) for draft in drafts)
        return found

    def _known(self, item: Item, path: tuple[Step, ...], value: Any, profile: bool) -> list[Draft]:
        texts = value if isinstance(value, list) else [value]
        drafts: list[Draft] = []
        for text in texts:
            if not isinstance(text, str) or not text:
                continue
            if profile:
                targets = self.links.called(text, item, (_PROFILE,))
                for target in targets:
                    drafts.extend(self._of_profile(target))
                if not targets and self.side.symbol(item, text) is None:
                    drafts.append(self._unseen_profile(text))
            elif text.startswith("arn:"):
                draft = self.registry.by_arn(text, item)
                drafts.extend([draft] if draft and draft.kind == "role" else [])
            else:
                drafts.extend(self.registry.by_name("role", text, item, *path))
        return drafts

    def _unseen_profile(self, text: str) -> Draft:
        """The role of a profile outside of the plan: as a data source says, else the profile stands for it."""
        for looked_up in self.side.data(_PROFILE):
            role = looked_up.text("role_arn")
            if (
                role
                and text in (looked_up.text("name"), looked_up.text("arn"))
                and (draft := self.registry.by_arn(role))
            ):
                return draft
        return self.registry.unseen_profile(text)

    def _referenced(self, item: Item, path: tuple[Step, ...]) -> list[Draft]:
        drafts = self.registry.referenced("role", item, *path)
        for target, _ in self.side.targets(item, *path):
            if target.type == _PROFILE:
                drafts.extend(self._of_profile(target))
        return drafts

    def _of_profile(self, profile: Item) -> list[Draft]:
        found = self._profiles.get(profile.id)
        if found is None:
            name = profile.text("role") or profile.text("role_name")
            if name:
                found = self.registry.by_name("role", name, profile, "role")
            else:
                found = self.registry.referenced("role", profile, "role")
            self._profiles[profile.id] = found
        return found


def _template_places(item: Item) -> Iterator[tuple[Step, ...]]:
    for index, _ in enumerate(item.blocks("launch_template")):
        yield ("launch_template", index, "id")
        yield ("launch_template", index, "name")
    if "launch_configuration" in item.values or "launch_configuration" in item.unknown:
        yield ("launch_configuration",)


def _places(
    values: Any, unknown: Any, wanted: set[str], path: tuple[Step, ...]
) -> Iterator[tuple[tuple[Step, ...], Any, bool]]:
    """Every place with a wanted name: its path, its value, and whether (part of) it is unknown."""
    if isinstance(values, dict):
        marks = unknown if isinstance(unknown, dict) else {}
        for name in dict.fromkeys([*values, *marks]):
            value, mark = values.get(name), marks.get(name)
            if name in wanted and not (isinstance(value, list) and value and isinstance(value[0], dict)):
                yield (*path, name), value, mark is True or (isinstance(mark, list) and any(m is True for m in mark))
            elif name in wanted or isinstance(value, dict | list):
                inner = wanted | {"arn", "name"} if name in wanted else wanted
                yield from _places(value, mark, inner, (*path, name))
            elif name == "container_properties" and isinstance(value, str):
                yield from _places(_json(value), None, wanted, (*path, name))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            if isinstance(value, dict):
                mark = unknown[index] if isinstance(unknown, list) and index < len(unknown) else None
                yield from _places(value, mark, wanted, (*path, index))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _configured(item: Item, path: tuple[Step, ...]) -> bool:
    """Whether the configuration sets the attribute (Terraform marks unset computed ones unknown as well)."""
    node: Any = item.resource.expressions
    for step in path:
        if isinstance(node, dict):
            node = node.get(step) if isinstance(step, str) else node
        elif isinstance(node, list) and isinstance(step, int):
            node = node[step] if step < len(node) else None
    return isinstance(node, dict) and bool(node)


@cache
def runs_as() -> dict[str, dict[str, Any]]:
    """Terraform type → ``{"runs_as": [attribute], "service_roles": [attribute], "service": principal}``."""
    table: dict[str, dict[str, Any]] = json.loads(
        resources.files("gate.extract.aws.compute").joinpath("data/runs_as.json").read_text("utf-8")
    )
    return table
