"""Where blocks and arguments of a Terraform file stand.

What an expression *means* is for Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gate.inputs.text.hcl.tokens import Tokens

_HEADER = re.compile(r'([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"\n]*"|[A-Za-z_][\w-]*))*)\Z')
_LABEL = re.compile(r'"([^"\n]*)"|([A-Za-z_][\w-]*)')
_ARGUMENT = re.compile(r"^[ \t]*([A-Za-z_][\w-]*)[ \t]*=(?![=>])", re.MULTILINE)
_REFERENCE = re.compile(
    r"(?<![\w.\-])(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*(?:\[[^\]\n]*\]|\.[A-Za-z_*0-9][\w-]*)*"
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block: ``resource "aws_iam_role" "app" {…}`` is kind ``resource`` with two labels.

    ``start``/``end``: offsets of the header's first character and behind the closing brace; ``body``: offset behind the
    opening brace. Lines count from 1.
    """

    kind: str
    labels: tuple[str, ...]
    start: int
    body: int
    end: int
    line: int
    end_line: int


def top_level_blocks(text: str) -> Iterator[Block]:
    """Each top-level block of a file (or of a body), in order. Unbalanced text ends the scan."""
    tokens = Tokens(text)
    line, counted = 1, 0
    while mark := tokens.mark():
        opened = tokens.start
        closed = _passed(tokens, mark)
        start = text.rfind("\n", 0, opened) + 1
        if mark == "{" and closed == "}" and (header := _header(text[start:opened].strip())):
            line += text.count("\n", counted, start)
            end_line = line + text.count("\n", start, tokens.start)
            indented = start + len(text[start:opened]) - len(text[start:opened].lstrip())
            yield Block(*header, indented, opened + 1, tokens.at, line, end_line)
            line, counted = end_line, tokens.start


def expressions(body: str) -> dict[str, object]:
    """The arguments of a block's body as a plan's ``configuration`` tells them: constants, references, nested blocks.

    A constant is ``{"constant_value": None}``: its value stands in the plan.
    """
    found: dict[str, object] = {}
    taken = [(b.start, b.end, b) for b in top_level_blocks(body)]
    for _, _, block in taken:
        name = block.labels[0] if block.kind == "dynamic" and block.labels else block.kind
        inner = body[block.body : block.end - 1]
        nested = {"references": _references(inner)} if block.kind == "dynamic" else expressions(inner)
        listed = found.setdefault(name, [])
        if isinstance(listed, list):
            listed.append(nested)
    position = 0
    while argument := _ARGUMENT.search(body, position):
        position = argument.end()
        within = next((end for start, end, _ in taken if start <= argument.start() < end), None)
        if within is not None:
            position = within
            continue
        end = _end_of_expression(body, position)
        references = _references(body[position:end])
        found[argument[1]] = {"references": references} if references else {"constant_value": None}
        position = end
    return found


def argument(body: str, name: str) -> str | None:
    """The expression of one of a body's own arguments, as written."""
    nested = [(b.start, b.end) for b in top_level_blocks(body)]
    for found in _ARGUMENT.finditer(body):
        if found[1] == name and not any(start <= found.start() < end for start, end in nested):
            return body[found.end() : _end_of_expression(body, found.end())]
    return None


def _references(text: str) -> list[str]:
    return list(dict.fromkeys(_REFERENCE.findall(text)))


def _end_of_expression(body: str, position: int) -> int:
    """The offset of the line break or comment that ends an argument's expression."""
    tokens = Tokens(body, position)
    while mark := tokens.mark():
        if mark in "#\n" or _passed(tokens, mark) == "\n":  # a quoted text ends with its line at the latest
            break
    return tokens.start


def _passed(tokens: Tokens, mark: str) -> str:
    """Passes over what ``mark`` begins, and gives what ends it; ``""`` when nothing does."""
    if mark in ("{", "(", "[", '"'):
        return tokens.close(mark)
    if mark.startswith("<<"):
        tokens.heredoc()
    return mark


def _header(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = _HEADER.match(text)
    if not found:
        return None
    return found[1], tuple(quoted or plain for quoted, plain in _LABEL.findall(found[2]))
