"""Two evaluations with different stand-ins: what differs depends on a stand-in, and so nobody knows it.

A configuration could look at a stand-in and say one thing to the gate and another to the apply. The texts of the first
evaluation are translated: each stand-in becomes the one that the second evaluation has for the same attribute. What is
not the same then is unknown.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from gate.inputs.documents import TerraformPlan, TerraformResource
from gate.inputs.terraform.evaluation.symbols import TOKEN, Symbols
from gate.inputs.terraform.evaluation.workspace import Copy

_KEYS = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]')
_DEPENDS = "the account, the time, the folder or the name of something new: it differs between two evaluations"


@dataclass(frozen=True, slots=True)
class Compared:
    """The first plan with what differs made unknown.

    ``only``: addresses that one evaluation has and the other lacks. ``differing``: what differs, in words.
    """

    plan: TerraformPlan
    only: tuple[str, ...]
    differing: tuple[str, ...]


def compared(first: TerraformPlan, second: TerraformPlan, symbols: Symbols, copies: tuple[Copy, ...]) -> Compared:
    """``first`` with each argument that ``second`` has otherwise made unknown."""
    translation = _Translation.between(second, symbols, copies)
    there: dict[str, TerraformResource] = {}
    for address, resource in second.resources.items():
        plain = translation.plain(address)
        there[address if plain in there else plain] = resource
    resources, differing, alone = {}, [], []
    common: set[str] = set()
    for address, resource in first.resources.items():
        at = translation.address(address)
        other = there.pop(at, None)
        resources[address] = resource
        if other is None:
            alone.append(address)
            continue
        common.add(_block(at))
        if resource.after is None or other.after is None:
            continue
        names = [
            name
            for name in resource.expressions
            if name in resource.after and not translation.same(resource.after.get(name), other.after.get(name))
        ]
        differing += [f"{address}.{name} depends on {_DEPENDS}" for name in names]
        resources[address] = _unknown(resource, names) if names else resource
    # One of a longer list of the cloud's (zones, subnets) is judged like its brothers, which both evaluations have.
    alone = [address for address in alone if _block(translation.address(address)) not in common]
    only = sorted([*alone, *(resource.address for resource in there.values())])
    return Compared(replace(first, resources=resources), tuple(only), tuple(differing))


def _block(address: str) -> str:
    return _KEYS.sub("", address)


def _unknown(resource: TerraformResource, names: list[str]) -> TerraformResource:
    after, unknown = dict(resource.after or {}), dict(resource.unknown) if isinstance(resource.unknown, dict) else {}
    for name in names:
        after[name], unknown[name] = None, True
    return replace(resource, after=after, unknown=unknown)


@dataclass(frozen=True, slots=True)
class _Translation:
    """From texts of the first evaluation to those of the second.

    ``whole``: token → its stand-in in both; ``parts``: token → what stands for it inside. ``fixed``: texts that are the
    same thing in both evaluations: account, region, time, folder; ``workspaces``: names of the workspace.
    """

    whole: dict[str, tuple[str, str]]
    parts: dict[str, str]
    fixed: re.Pattern[str]
    workspaces: tuple[str, str]

    @classmethod
    def between(cls, second: TerraformPlan, symbols: Symbols, copies: tuple[Copy, ...]) -> _Translation:
        a, b = copies[0].stand_ins, copies[1].stand_ins
        fixed = [a.account, b.account, a.region, b.region, a.now, b.now, *(str(one.folder) for one in copies)]
        pattern = re.compile("|".join(re.escape(text) for text in sorted(set(fixed), key=len, reverse=True)))
        whole, parts = {}, {}
        for token, reference in symbols.references.items():
            holder = second.resources.get(reference.address)
            there = _at(holder.after if holder else None, reference.attribute)
            if not isinstance(there, str):
                continue
            here = symbols.values[token]
            whole[token] = (here, there)
            before, _, behind = pattern.sub("\0", here).partition(token)
            plain = pattern.sub("\0", there)
            if plain.startswith(before) and plain.endswith(behind) and len(plain) >= len(before) + len(behind):
                parts[token] = plain[len(before) : len(plain) - len(behind)]
        return cls(whole, parts, pattern, (a.workspace, b.workspace))

    def address(self, text: str) -> str:
        """An address as ``plain`` has the second evaluation's: instance keys may be stand-ins."""
        for token in set(TOKEN.findall(text)):
            if token in self.whole:
                text = text.replace(*self.whole[token]).replace(token, self.parts.get(token, token))
        return self.plain(text)

    def plain(self, text: str) -> str:
        """A text without what is the same thing in both evaluations."""
        return self.fixed.sub("\0", text)

    def same(self, first: Any, second: Any) -> bool:
        if isinstance(first, str) and isinstance(second, str):
            return self._same_text(first, second)
        return _covers(_canonical(self._translated(first)), _canonical(self._translated(second)))

    def _same_text(self, first: str, second: str) -> bool:
        if first == second:
            return True
        translated, there = self._text(first), self.fixed.sub("\0", second)
        if translated == there or translated.replace(self.workspaces[0], self.workspaces[1]) == there:
            return True
        try:
            one, other = json.loads(translated.replace("\0", "~")), json.loads(there.replace("\0", "~"))
        except (ValueError, RecursionError):
            return False
        return isinstance(one, dict | list) and bool(_canonical(one) == _canonical(other))

    def _text(self, text: str) -> str:
        for token in set(TOKEN.findall(text)):
            if token in self.whole:
                text = text.replace(*self.whole[token])
            if token in self.parts:
                text = text.replace(token, self.parts[token])
        return self.fixed.sub("\0", text)

    def _translated(self, tree: Any) -> Any:
        if isinstance(tree, str):
            text = self._text(tree).replace(*self.workspaces)
            try:  # a document stays a text, of which all has to be the same
                return json.dumps(_canonical(json.loads(text.replace("\0", "~")))) if text[:1] in "{[" else text
            except (ValueError, RecursionError):
                return text
        if isinstance(tree, list):
            return [self._translated(item) for item in tree]
        if isinstance(tree, dict):
            return {str(self._translated(name)): self._translated(item) for name, item in tree.items()}
        return tree


def _at(values: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(values, list) and step.isdigit() and int(step) < len(values):
            values = values[int(step)]
        elif isinstance(values, dict):
            values = values.get(step)
        else:
            return None
    return values


def _covers(longer: Any, shorter: Any) -> bool:
    """Whether the trees are the same, but for lists, not in texts, of which the first has more: that is judged."""
    if isinstance(longer, dict) and isinstance(shorter, dict):
        return shorter.keys() <= longer.keys() and all(_covers(longer[name], shorter[name]) for name in shorter)
    if isinstance(longer, list) and isinstance(shorter, list) and len(longer) > len(shorter) > 0:
        left = [*longer]
        for item in shorter:
            if item not in left:
                return False
            left.remove(item)
        return True
    if isinstance(longer, list) and isinstance(shorter, list) and len(longer) == len(shorter):
        return all(map(_covers, longer, shorter))
    return bool(longer == shorter)


def _canonical(tree: Any) -> Any:
    """A tree in which the order of lists says nothing: sets come in the order of their elements' texts."""
    if isinstance(tree, list):
        return sorted((_canonical(item) for item in tree), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(tree, dict):
        return {name: _canonical(tree[name]) for name in sorted(tree)}
    return tree
