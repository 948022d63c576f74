"""The tokens of HCL: where comments, quoted texts, templates, heredocs and brackets begin and end.

A tokenizer of our own instead of python-hcl2, which needs 1.3 s to build its grammar in each process. It takes 15 ms
for the blocks of 2,500 lines, and goes on behind whatever is no HCL.
"""

from __future__ import annotations

import re

_STRUCTURE = r'#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|<<-?[ \t]*(?P<heredoc>[A-Za-z_][\w-]*)[ \t]*\r?\n|"|[{}()\[\]]|\n'
_MARK = re.compile(_STRUCTURE, re.DOTALL)
_TOKEN = re.compile(rf"{_STRUCTURE}|[,:]|=(?![=>])|[!=<>]=|=>|[A-Za-z_][\w\-]*|\S", re.DOTALL)
_IN_TEXT = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n', re.DOTALL)
_COMMENTS = ("#", "//", "/*")


class Tokens:
    """Reads a text token by token. ``start`` and ``at``: the offsets of the last token and behind it."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.start = self.at = at
        self._heredoc: str | None = None

    def next(self) -> str:
        """The next token: a name, a sign, a line break, a quote, the beginning of a heredoc; ``""`` is the end."""
        while (token := self._search(_TOKEN)).startswith(_COMMENTS):
            pass
        return token

    def mark(self) -> str:
        """The next comment (``#``), bracket, quote, heredoc or line break, with nothing of what stands between."""
        token = self._search(_MARK)
        return "#" if token.startswith(_COMMENTS) else token

    def piece(self) -> str:
        """Inside of a quoted text the next escape, the beginning of a template, its quote, or the line break that ends
        it at the latest; ``""`` is the end.
        """
        return self._search(_IN_TEXT)

    def heredoc(self) -> str:
        """Behind the beginning of a heredoc: its text, as written."""
        end = re.compile(rf"^[ \t]*{re.escape(self._heredoc or '')}[ \t]*\r?$", re.MULTILINE).search(self.text, self.at)
        begins, ends = self.at, end.start() if end else len(self.text)
        self.at = end.end() if end else len(self.text)
        return self.text[begins:ends]

    def close(self, opened: str) -> str:
        """Passes over all up to what closes ``opened`` (a bracket, the quote of a text), which it gives.

        Whatever is open inside is closed first, by any bracket; ``""`` when the text ends before.
        """
        stack = [opened]
        token = opened
        while stack and token:
            if stack[-1] == '"':
                token = self.piece()
                if token in ('"', "\n"):
                    stack.pop()
                elif token in ("${", "%{"):
                    stack.append(token)
                continue
            token = self._search(_MARK)
            if token in ('"', "{", "(", "["):
                stack.append(token)
            elif token in ("}", ")", "]"):
                stack.pop()
            elif token.startswith("<<"):
                self.heredoc()
        return token

    def _search(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self.text, self.at)
        if found is None:
            self.start = self.at = len(self.text)
            return ""
        self.start, self.at = found.start(), found.end()
        if found[0].startswith("<<"):
            self._heredoc = found["heredoc"]
        return found[0]
