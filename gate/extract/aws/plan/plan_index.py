"""One side (before or after) of one or more Terraform plans, indexed once: by type, by address, by reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from gate.extract.aws.plan.provider_accounts import account_of, accounts_by_provider, own_accounts, provider_of
from gate.inputs.documents import Reference, TerraformPlan, TerraformResource
from gate.inputs.terraform.expression_references import references
from gate.model.access import Change, Source

__all__ = ["Item", "PlanIndex", "SideName", "Step", "account_of", "build"]

SideName = Literal["before", "after"]
Step = str | int

_KEY = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]')
_SYMBOL = re.compile(r"(?:arn:aws:gate:::|https://)?(gateref\d+z)(?:\.invalid)?")
_NOTHING: dict[str, Any] = {}


@dataclass(slots=True, eq=False)
class Item:
    """A resource instance as it stands on one side.

    ``id``: its address, unique over all plans of the change. ``values``: attribute values; ``unknown``: the same tree
    with ``True`` at values nobody knows before apply (always empty on the side before).
    """

    id: str
    plan: TerraformPlan
    resource: TerraformResource
    values: dict[str, Any]
    unknown: dict[str, Any]

    @property
    def type(self) -> str:
        """The Terraform type."""
        return self.resource.type

    @property
    def change(self) -> Change:
        """What the change does to it."""
        return self.resource.change

    def source(self, statement: str | None = None) -> Source:
        """Where it stands."""
        return Source(self.id, statement, self.resource.location)

    def text(self, name: str) -> str | None:
        """The attribute when it is a known, non-empty text."""
        value = self.values.get(name)
        return value if isinstance(value, str) and value else None

    def is_unknown(self, name: str) -> bool:
        """Whether the attribute is set by the configuration to something not known before apply.

        Terraform also marks attributes unknown that the provider computes because nobody set them; those are not an
        unknown input. Without the plan's configuration nothing tells them apart, and unknown is what stays.
        """
        if self.unknown.get(name) is not True or self.values.get(name) is not None:
            return False
        return not self.plan.configuration or name in self.resource.expressions

    def has_unknown(self, name: str) -> bool:
        """Whether the attribute, or any part of a list or block in it, is set but not known before apply."""
        if self.is_unknown(name):
            return True
        return any(_leaves(self.unknown.get(name))) if isinstance(self.unknown.get(name), list) else False

    def texts(self, name: str) -> list[str]:
        """The known texts of a list attribute."""
        value = self.values.get(name)
        return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []

    def blocks(self, name: str) -> list[dict[str, Any]]:
        """The nested blocks of that name; a single object counts as one block."""
        value = self.values.get(name)
        found = value if isinstance(value, list) else [value]
        return [block for block in found if isinstance(block, dict)]


@dataclass(slots=True)
class PlanIndex:
    """All resource instances that exist on one side."""

    side: SideName
    now: datetime | None = None
    """The time of the check, against which dates in policies are decided."""
    by_type: dict[str, list[Item]] = field(default_factory=dict)
    own_accounts: set[str] = field(default_factory=set)
    count: int = 0
    _references: dict[tuple[str, tuple[Step, ...]], tuple[Reference, ...]] = field(default_factory=dict)
    _by_address: dict[tuple[int, str], Item] = field(default_factory=dict)
    _accounts: dict[tuple[int, str], frozenset[str]] = field(default_factory=dict)
    _by_block: dict[tuple[int, str], list[Item]] = field(default_factory=dict)

    def accounts_of(self, item: Item) -> frozenset[str]:
        """The accounts that a resource may stand in, as far as its provider tells."""
        found = self._accounts.get((id(item.plan), provider_of(item.plan, item.resource)))
        return found if found is not None else frozenset()

    def account_of(self, item: Item) -> str | None:
        """The account a resource stands in, when its provider tells exactly one."""
        found = self.accounts_of(item)
        return next(iter(found)) if len(found) == 1 else None

    def of(self, *types: str) -> Iterator[Item]:
        """The managed instances of these types, in plan order."""
        for type_ in types:
            yield from self.by_type.get(type_, ())

    def data(self, type_: str) -> Iterator[Item]:
        """The data sources of a type."""
        yield from self.by_type.get(f"data.{type_}", ())

    def references(self, item: Item, *path: Step) -> tuple[Reference, ...]:
        """The resource attributes that the expression at ``path`` of ``item`` mentions, in the order written.

        Followed through variables and module outputs; local values are not in a plan.
        """
        key = (item.id, path)
        found = self._references.get(key)
        if found is None:
            found = self._references[key] = references(item.plan, item.resource.address, path)
        return found

    def symbol(self, item: Item, value: str) -> Reference | None:
        """What a symbol of an evaluated plan stands for: the token itself, or the ARN or URL made of nothing else."""
        if not item.plan.symbols:
            return None
        match = _SYMBOL.fullmatch(value)
        return item.plan.symbols.get(match.group(1)) if match else None

    def targets(self, item: Item, *path: Step) -> list[tuple[Item, str]]:
        """The instances that the expression at ``path`` may mean, each with the attribute it names."""
        return [
            (target, reference.attribute)
            for reference in self.references(item, *path)
            for target in self.resolve(reference.address, item)
        ]

    def resolve(self, address: str, referrer: Item) -> list[Item]:
        """The instances ``address`` may mean, seen from ``referrer``.

        An address without an instance key is the single instance; or the instance with the referrer's own key, when
        both have the same set of keys; else every instance, never fewer.
        """
        plan = id(referrer.plan)
        exact = self._by_address.get((plan, address))
        if exact is not None:
            return [exact]
        if not self._by_block:
            for (owner, known), item in self._by_address.items():
                self._by_block.setdefault((owner, _KEY.sub("", known)), []).append(item)
        instances = self._by_block.get((plan, _KEY.sub("", address)), [])
        if len(instances) > 1 and "[" in address:
            named = _steps(address)
            instances = [i for i in instances if _agrees(_steps(i.resource.address), named)]
        if len(instances) > 1 and "[" in referrer.resource.address:
            instances = self._same_key(instances, referrer)
        return instances

    def _same_key(self, instances: list[Item], referrer: Item) -> list[Item]:
        module = referrer.resource.module
        if module:
            inside = [i for i in instances if _within(module, i.resource.module)]
            instances = inside or instances
        key = referrer.resource.index
        if key is None or len(instances) < 2:
            return instances
        siblings = self._by_block.get((id(referrer.plan), _KEY.sub("", referrer.resource.address)), [])
        keys = {s.resource.index for s in siblings if s.resource.module == module}
        if keys != {i.resource.index for i in instances}:
            return instances
        return [i for i in instances if i.resource.index == key]


def _within(referrer: str, target: str) -> bool:
    """Whether a module instance is the referrer's own, or lies inside or outside of it with no other key."""
    if referrer == target:
        return True
    a, b = _steps(referrer), _steps(target)
    return all(x == y for x, y in zip(a, b, strict=False) if x[0] == y[0])


def _steps(address: str) -> list[tuple[str, str | None]]:
    """``module.m["a.b"].aws_x.y[0]`` → ``[("module", None), ("m", '"a.b"'), ("aws_x", None), ("y", "0")]``."""
    steps: list[tuple[str, str | None]] = []
    position = 0
    for match in re.finditer(r'([^.\[\]]+)(\["(?:[^"\\]|\\.)*"\]|\[\d+\])?', address):
        if match.start() < position:
            continue
        position = match.end()
        key = match.group(2)
        steps.append((match.group(1), key[1:-1] if key else None))
    return steps


def _agrees(steps: list[tuple[str, str | None]], named: list[tuple[str, str | None]]) -> bool:
    return len(steps) == len(named) and all(n[1] is None or n == s for s, n in zip(steps, named, strict=True))


def _leaves(tree: Any) -> Iterator[bool]:
    if tree is True:
        yield True
    elif isinstance(tree, dict):
        for part in tree.values():
            yield from _leaves(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _leaves(part)


def build(plans: Sequence[TerraformPlan], side: SideName, now: datetime | None = None) -> PlanIndex:
    """Index one side of ``plans``; two plans may use one address, then the later id carries its file."""
    built = PlanIndex(side, now)
    taken: set[str] = set()
    for plan in plans:
        told = accounts_by_provider(plan)
        built._accounts.update(((id(plan), provider), accounts) for provider, accounts in told.items())
        built.own_accounts.update(*own_accounts(plan, told))
        for address, resource in plan.resources.items():
            values = resource.before if side == "before" else resource.after
            if values is None:
                continue
            unknown = resource.unknown if side == "after" and isinstance(resource.unknown, dict) else _NOTHING
            id_ = address if address not in taken else f"{plan.file.path}:{address}"
            taken.add(id_)
            item = Item(id_, plan, resource, values, unknown)
            key = resource.type if resource.mode == "managed" else f"data.{resource.type}"
            built.by_type.setdefault(key, []).append(item)
            built._by_address[(id(plan), address)] = item
            if resource.mode == "managed":
                built.count += 1
    return built
