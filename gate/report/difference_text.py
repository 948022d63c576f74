"""A difference for a person at a terminal or in a CI log: one line a gain (+), a loss (-) or a number (~)."""

from __future__ import annotations

from gate.model.difference import Difference
from gate.report.difference_sentences import Words, headline, lines, notes, title
from gate.report.untrusted import log_safe, plain


def render(difference: Difference) -> str:
    """The headline, then each identity with its lines; names out of the change are neutralised."""
    blocks = ["\n".join([headline(difference), *(_plain(note) for note in notes(difference))])]
    for one in difference.identities:
        head = f"{plain(one.id)} ({title(one)})"
        blocks.append("\n".join([head, *(f"  {sign} {_plain(words)}" for sign, words in lines(one))]))
    return log_safe("\n\n".join(blocks) + "\n")


def _plain(words: Words) -> str:
    return "".join(plain(word) if isinstance(word, str) else plain(word.text) for word in words)
