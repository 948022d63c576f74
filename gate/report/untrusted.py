"""Text that comes from the change being judged, made harmless for a terminal, a CI log and a web page.

Names, messages and addresses are written by whoever wrote the change. A report must show them, and must not let them
move a cursor, reverse a line (https://trojansource.codes), forge a line of its own or speak to the CI runner.
"""

from __future__ import annotations

import json
import re
from typing import Any

_COMMAND_AT_START = re.compile(r"(?m)^((?:\s|\x1b\[[0-9;]*m)*)::")


def plain(text: str) -> str:
    r"""One line of ``text`` in which each character that does not print stands as ``\x1b``, ``\u202e`` or ``\n``.

    Control, format (bidirectional marks, zero width), surrogate and separator characters do not print; a space does.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    if character == "\N{NO-BREAK SPACE}":
        return " "
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def json_text(document: dict[str, Any] | list[Any]) -> str:
    """Indented JSON in pure ASCII: a name with control or bidirectional characters reaches no terminal unescaped."""
    text = json.dumps(document, indent=2, ensure_ascii=True)
    return text.replace("##[", "\\u0023#[") + "\n"  # a GitHub runner obeys ##[command] anywhere in its log


def log_safe(text: str) -> str:
    """``text`` (lines, colours of our own allowed) with nothing a GitHub runner would take for a command.

    The runner obeys a line that starts with ``::`` after white space, and ``##[`` anywhere in a line
    (actions/runner, ``ActionCommand.TryParseV2`` and ``TryParse``).
    """
    return _COMMAND_AT_START.sub(r"\1.::", text).replace("##[", "## [")
