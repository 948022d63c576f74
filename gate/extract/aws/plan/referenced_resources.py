"""Which resource of the plan an attribute means: by reference when it is not known yet, else by ARN, id or name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gate.extract.aws.plan.plan_index import Item, PlanIndex, Step
from gate.extract.aws.plan.resource_arns import ResourceArns

_CALLED = ("id", "arn", "name", "bucket", "function_name", "url", "qualified_arn", "invoke_arn", "family", "key_id")


@dataclass(slots=True)
class ReferencedResources:
    """Looks resources up by whatever other resources call them; each type is indexed when first asked for."""

    side: PlanIndex
    names: ResourceArns
    _called: dict[str, dict[str, Item]] = field(default_factory=dict)

    def linked(self, item: Item, path: tuple[Step, ...], *types: str) -> list[Item]:
        """The resources of ``types`` that the value at ``path`` of ``item`` means; a list means each of its entries."""
        value = _at(item.values, path)
        found: dict[str, Item] = {}
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                found.update((target.id, target) for target in self.called(text, item, types))
        if not found or isinstance(value, list):
            mark = _at(item.unknown, path)
            if mark is True or (isinstance(mark, list) and any(m is True for m in mark)):
                for target, _ in self.side.targets(item, *path):
                    if target.type in types and target.resource.mode == "managed":
                        found[target.id] = target
        return list(found.values())

    def called(self, text: str, item: Item, types: Sequence[str]) -> list[Item]:
        """The resources of ``types`` that are called ``text``: their ARN, id, name, or a placeholder."""
        target = self.names.item(text, item)
        if target is not None and target.type in types:
            return [target]
        symbol = self.side.symbol(item, text)
        if symbol is not None:
            return [t for t in self.side.resolve(symbol.address, item) if t.type in types]
        return [t for t in (self._of(type_).get(text) for type_ in types) if t is not None]

    def _of(self, type_: str) -> dict[str, Item]:
        index = self._called.get(type_)
        if index is None:
            index = self._called[type_] = {}
            for item in self.side.of(type_):
                for name in _CALLED:
                    text = item.text(name)
                    if text:
                        index.setdefault(text, item)
        return index


def _at(node: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        if isinstance(node, dict) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return node if node is True else None
    return node
