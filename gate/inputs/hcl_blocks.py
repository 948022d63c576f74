"""Where the top-level blocks of a Terraform file stand.

A scanner, not a parser: it knows strings, templates, heredocs, comments and braces, which is enough to find blocks,
their labels and their extent. python-hcl2 reads the same in seconds where this takes milliseconds (see ``make bench``);
what needs a block's contents parses that one block with python-hcl2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)
    | (?P<heredoc><<-?\s*(?P<tag>[A-Za-z_][\w-]*)[^\n]*\n)
    | (?P<string>")
    | (?P<open>\{)
    | (?P<close>\})
    """,
    re.VERBOSE | re.DOTALL,
)
_HEADER = re.compile(r'([A-Za-z_][\w-]*)((?:[ \t]+(?:"[^"\n]*"|[A-Za-z_][\w-]*))*)[ \t]*$')
_LABEL = re.compile(r'"([^"\n]*)"|([A-Za-z_][\w-]*)')
_STRING_PART = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block: ``resource "aws_iam_role" "app" {…}`` is kind ``resource`` with two labels.

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
    """Each top-level block of an HCL file, in order. Unbalanced text ends the scan: Terraform will say why."""
    depth, position = 0, 0
    header: tuple[int, int, str, tuple[str, ...]] | None = None
    while found := _TOKEN.search(text, position):
        position = found.end()
        if found["string"]:
            position = _after_string(text, position)
        elif found["heredoc"]:
            end = re.compile(rf"^[ \t]*{re.escape(found['tag'])}[ \t]*$", re.MULTILINE).search(text, position)
            position = end.end() if end else len(text)
        elif found["open"]:
            if depth == 0:
                header = _header(text, found.start(), position)
            depth += 1
        elif found["close"]:
            depth -= 1
            if depth == 0 and header:
                start, body, kind, labels = header
                line = text.count("\n", 0, start) + 1
                yield Block(kind, labels, start, body, position, line, line + text.count("\n", start, position))
                header = None


def _header(text: str, brace: int, body: int) -> tuple[int, int, str, tuple[str, ...]] | None:
    line_start = text.rfind("\n", 0, brace) + 1
    found = _HEADER.search(text[line_start:brace])
    if not found:
        return None
    labels = tuple(quoted or plain for quoted, plain in _LABEL.findall(found[2]))
    return line_start + found.start(), body, found[1], labels


def _after_string(text: str, position: int) -> int:
    """The offset behind the closing quote of a string that begins before ``position``, templates inside it included."""
    while found := _STRING_PART.search(text, position):
        position = found.end()
        if found[0] == '"':
            return position
        if found[0] in ("${", "%{"):
            position = _after_template(text, position)
    return len(text)


def _after_template(text: str, position: int) -> int:
    depth = 1
    for_braces = re.compile(r'[{}"]')
    while found := for_braces.search(text, position):
        position = found.end()
        if found[0] == '"':
            position = _after_string(text, position)
        else:
            depth += 1 if found[0] == "{" else -1
            if depth == 0:
                return position
    return len(text)
