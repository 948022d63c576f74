"""Where blocks and arguments of a Terraform file stand.

A scanner of our own instead of python-hcl2: hcl2 needs 1.3 s to build its grammar in each process, the scanner 15 ms
for 2,500 lines. It understands strings, templates, heredocs and comments, and finds where blocks and arguments begin
and end; what an expression *means* is for Terraform.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = re.compile(
    r'#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|<<-?[ \t]*([A-Za-z_][\w-]*)[ \t]*\r?\n|"|[{}()\[\]]|\n', re.DOTALL
)
_TEXT = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n', re.DOTALL)
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
    start = body = 0
    header: tuple[str, tuple[str, ...]] | None = None
    line, counted = 1, 0
    for mark, at, depth in _marks(text, 0):
        if mark == "{" and depth == 0:
            start = text.rfind("\n", 0, at) + 1
            header = _header(text[start:at].strip())
            body = at + 1
        elif mark == "}" and depth == 1 and header:
            line += text.count("\n", counted, start)
            end_line = line + text.count("\n", start, at)
            indented = start + len(text[start:body]) - len(text[start:body].lstrip())
            yield Block(*header, indented, body, at + 1, line, end_line)
            line, counted, header = end_line, at, None


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
    return next((at for mark, at, depth in _marks(body, position) if mark in "#\n" and depth == 0), len(body))


def _marks(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Brackets, comments (``#``) and line breaks outside texts, each with its offset and how many brackets are open."""
    stack: list[str] = []  # what is open: brackets, '"' a string, "$" a template inside a string
    while True:
        in_text = bool(stack) and stack[-1] == '"'
        token = (_TEXT if in_text else _CODE).search(text, at)
        if token is None:
            return
        mark, at = token[0], token.end()
        if in_text:
            if mark in ('"', "\n"):  # a quoted string ends with its line at the latest
                stack.pop()
                if mark == "\n":
                    yield mark, token.start(), len(stack)
            elif mark in ("${", "%{"):
                stack.append("$")
        elif mark == '"':
            stack.append('"')
        elif mark == "\n":
            yield mark, token.start(), len(stack)
        elif mark in "{([":
            yield mark, token.start(), len(stack)
            stack.append(mark)
        elif mark in "})]":
            if stack and stack[-1] == "$":
                stack.pop()
            elif stack:
                yield mark, token.start(), len(stack)
                stack.pop()
        elif mark[0] in "#/":
            yield "#", token.start(), len(stack)
        elif token[1]:
            end = re.compile(rf"^[ \t]*{re.escape(token[1])}[ \t]*\r?$", re.MULTILINE).search(text, at)
            at = end.end() if end else len(text)


def _header(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = _HEADER.match(text)
    if not found:
        return None
    return found[1], tuple(quoted or plain for quoted, plain in _LABEL.findall(found[2]))
