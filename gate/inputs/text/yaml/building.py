"""One YAML document from libyaml's events, without recursion: bounded depth, counted aliases, a line for each value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from gate.inputs.text.yaml.scalars import KnownTag, key_text, plain, tagged

DEEPEST = 100
"""Levels of nesting that are read, aliases expanded."""
MOST_EXPANDED = 1_000_000
"""Values that aliases of one document may stand for together."""

_DEEP = f"nested more than {DEEPEST} levels deep"
_TAG = "a tag that Kubernetes does not support"

Path = tuple[str | int, ...]


@dataclass(slots=True)
class YamlDocument:
    """One document of a stream. ``lines``: path → line of the value's key or list item, counted from 1.

    ``problem``: why it must not be judged (with ``problem_line``): ``broken`` when there is no value at all,
    else something that two readers could take differently (a repeated key, a tag).
    """

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)
    line: int = 1
    end_line: int = 1
    problem: str | None = None
    problem_line: int = 1
    broken: bool = False


class Broken(Exception):
    """A document that has no value: ``reason`` without any of its content, and the line."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(slots=True)
class _Frame:
    container: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    key: str | None = None
    size: int = 1
    height: int = 1
    merged: list[Any] = field(default_factory=list)
    merging: bool = False


@dataclass(slots=True)
class Builder:
    """One document, built from events; ``offset`` is the line the chunk starts at, counted from 0."""

    offset: int
    document: YamlDocument
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int, int]] = field(default_factory=dict)
    expanded: int = 0
    last: int = 0

    def build(self, loader: Any) -> YamlDocument:
        """Reads events up to the end of the document."""
        while True:
            event = loader.get_event()
            kind = type(event)
            if kind is yaml.DocumentEndEvent:
                self.document.line = self.document.lines.get((), self.offset + 1)
                self.document.end_line = max(self.last, self.document.line)
                return self.document
            line = event.start_mark.line + self.offset + 1
            if kind is yaml.ScalarEvent:
                self._scalar(event, line)
            elif kind is yaml.AliasEvent:
                self._alias(event, line)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._start(event, line)
            else:
                self._end(event, line)

    def _expects_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].key is None and type(self.stack[-1].container) is dict

    def _note(self, problem: str, line: int) -> None:
        if self.document.problem is None:
            self.document.problem, self.document.problem_line = problem, line

    def _scalar(self, event: Any, line: int) -> None:
        text, tag = event.value, event.tag
        bare = event.implicit[0] and tag is None
        self.last = event.end_mark.line + self.offset + 1
        if event.style and event.style in "|>":
            self.last -= 1  # a block scalar ends where the next line starts
        if self._expects_key():
            key = key_text(plain(text)) if bare else text
            if key is None:
                raise Broken("a key is null", line)
            if event.anchor:
                self.anchors[event.anchor] = (key, 1, 1)
            self._key(key, line, merge=bare and text == "<<")
            return
        if bare:
            value: Any = plain(text)
        elif tag is None or event.implicit[1]:
            value = text
        else:
            value, known = tagged(tag, text)
            if known is not KnownTag.YES:
                self._note(_TAG, line)
        size = 1 + len(text) // 1000
        if event.anchor:
            self.anchors[event.anchor] = (value, size, 1)
        self._add(value, size, 1, line)

    def _key(self, key: str, line: int, *, merge: bool = False) -> None:
        frame = self.stack[-1]
        frame.key = key
        frame.merging = merge
        if not merge:
            if key in frame.container:
                self._note("an object has the same key twice", line)
            frame.container[key] = None  # type: ignore[call-overload]
            self.document.lines[(*frame.path, key)] = line

    def _alias(self, event: Any, line: int) -> None:
        if event.anchor not in self.anchors:
            raise Broken("an alias without an anchor, or inside its own anchor", line)
        value, size, height = self.anchors[event.anchor]
        self.last = line
        self.expanded += size
        if self.expanded > MOST_EXPANDED:
            raise Broken(f"its aliases expand to more than {MOST_EXPANDED:,} values", line)
        if len(self.stack) + height > DEEPEST:
            raise Broken(_DEEP, line)
        if not self._expects_key():
            self._add(value, size, height, line)
        elif isinstance(value, str):
            self._key(value, line)
        else:
            raise Broken("a key that is not a string", line)

    def _start(self, event: Any, line: int) -> None:
        mapping = type(event) is yaml.MappingStartEvent
        if event.tag not in (None, "!", f"tag:yaml.org,2002:{'map' if mapping else 'seq'}"):
            self._note(_TAG, line)
        if len(self.stack) >= DEEPEST:
            raise Broken(_DEEP, line)
        if self._expects_key():
            raise Broken("a key that is a list or an object (an unrendered template?)", line)
        path: Path = ()
        if self.stack:
            parent = self.stack[-1]
            path = (*parent.path, parent.key if parent.key is not None else len(parent.container))
        if not self.stack or type(self.stack[-1].container) is list:
            self.document.lines[path] = line
        self.stack.append(_Frame({} if mapping else [], path, event.anchor))

    def _end(self, event: Any, line: int) -> None:
        frame = self.stack.pop()
        if event.start_mark.index != event.end_mark.index:  # a bracket; the end of a block has no width
            self.last = event.end_mark.line + self.offset + 1
        for other in frame.merged:
            self._merge(frame, other, line)
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.container, frame.size, frame.height)
        self._add(frame.container, frame.size, frame.height, line)

    def _merge(self, frame: _Frame, other: Any, line: int) -> None:
        """``<<``: keys of other objects; the object's own keys win, then the first one named."""
        if isinstance(other, dict) and isinstance(frame.container, dict):
            for key, value in other.items():
                frame.container.setdefault(key, value)
        else:
            self._note("<< with something that is not an object", line)

    def _add(self, value: Any, size: int, height: int, line: int) -> None:
        if not self.stack:
            self.document.value = value
            self.document.lines.setdefault((), line)
            return
        parent = self.stack[-1]
        parent.size += size
        parent.height = max(parent.height, height + 1)
        if isinstance(parent.container, list):
            self.document.lines.setdefault((*parent.path, len(parent.container)), line)
            parent.container.append(value)
        elif parent.key is not None:
            if parent.merging:
                parent.merged += value if isinstance(value, list) else [value]
            else:
                parent.container[parent.key] = value
            parent.key = None
