"""A difference as GitHub Markdown, for a pull request's comment: names out of the change stand in code spans."""

from __future__ import annotations

from gate.model.difference import Difference, IdentityDifference
from gate.report.difference_sentences import Words, headline, lines, notes, title
from gate.report.markdown import COMMENT_LIMIT, code
from gate.report.shared_sentences import counted

MARKER = "<!-- gate.diff/v1 -->"  # finds the comment to update
_SIGNS = {"+": "**gains**", "-": "**loses**", "~": "reach"}


def render(difference: Difference, *, limit: int = COMMENT_LIMIT) -> str:
    """Headline, notes, one section an identity: at most ``limit`` bytes of UTF-8, cut between identities."""
    quoted = "\n>\n".join(f"> {_spans(note)}" for note in notes(difference)[:20])
    text = f"{MARKER}\n## What each identity gains and loses\n\n{headline(difference)}\n"
    text += f"\n{quoted}\n" if quoted else ""
    room = limit - len(text.encode()) - 200
    for n, one in enumerate(difference.identities):
        section = _section(one)
        room -= len(section.encode())
        if room < 0:
            left = counted(len(difference.identities) - n, "more identity")
            return f"{text}\n**{left} cut here**: `gate diff --format json` has them all.\n"
        text += section
    return text


def _section(one: IdentityDifference) -> str:
    body = [f"- {_SIGNS[sign]} {_spans(words)}" for sign, words in lines(one)]
    return "\n".join(["", f"### {code(one.id)} ({title(one)})", "", *body, ""])


def _spans(words: Words) -> str:
    return "".join(word if isinstance(word, str) else code(word.text) for word in words)
