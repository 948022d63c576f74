import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from gate.report.markdown import COMMENT_LIMIT, MARKER, code, prose, render
from tests.report.report_samples import ADMIN, EVERYTHING, HOSTILE, decision, hostile


def test_a_comment_names_each_reason_once():
    text = render(EVERYTHING)
    assert text.startswith(f"{MARKER}\n## DENY: 2 reasons to deny, 1 warning\n")
    assert re.findall(r"(?m)^### .*$", text) == [
        "### Effective administrator (critical) at `iam.tf:12`",
        "### Privilege escalation (high) at `iam.tf:12`",
        "### Identity without owner (warning, low)",
    ]
    assert (
        "  - chain `aws_iam_user.ci -> aws_iam_role.admin via lambda-create-function "
        "(iam:PassRole, lambda:CreateFunction)`\n"
    ) in text


def test_it_fits_a_comment_and_says_what_was_cut():
    many = [replace(ADMIN, address=f"a{n}", identity=f"i{n}", fingerprint=f"{n:016x}") for n in range(1000)]
    text = render(decision(*many))
    assert 60_000 < len(text.encode()) <= COMMENT_LIMIT
    shown = text.count("**Fix:**")
    assert f"**{1000 - shown} more findings cut here**" in text
    assert "plan.json" in text.splitlines()[-1]


def outside_code(markdown):
    """The text that GitHub's filters (mentions, references, links, HTML) look at, and the tags."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    inline = [child for token in tokens for child in (token.children or [])]
    kinds = {child.type for child in inline} | {token.type for token in tokens}
    text = " ".join(child.content for child in inline if child.type == "text")
    blocks = [token.content for token in tokens if token.type == "html_block"]
    return text, kinds, blocks


@pytest.mark.parametrize(
    "text", [HOSTILE, "`", "``x`", "` `` ` @a", "\n", "", "<!-- -->", "www.example.com", "GH-1", "a@b.example"]
)
def test_text_of_the_change_is_code_or_plain_words(text):
    for made in (code(text), prose(text)):
        shown, kinds, blocks = outside_code(f"x {made} y")
        assert kinds <= {"text", "code_inline", "paragraph_open", "paragraph_close", "inline"}, made
        assert not re.search(r"[@#<>\[\]|]|www|://|GH-", shown), made
        assert not blocks


def test_a_hostile_change_adds_no_markup():
    text, kinds, blocks = outside_code(render(hostile()))
    assert blocks == [f"{MARKER}\n"]
    assert not kinds & {"html_inline", "link_open", "image", "table_open", "fence"}
    assert not re.search(r"[@#<>\[\]|]|www|://", text)
    assert all(c.isprintable() or c == "\n" for c in render(hostile()))
