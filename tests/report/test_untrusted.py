"""Whatever stands in a change, no report lets it speak to a terminal, a runner or a web page."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from gate.report import explain, github, gitlab, junit, markdown, sarif, text
from gate.report import json as json_report
from gate.report.untrusted import log_safe, plain
from tests.report.report_samples import ADMIN, decision

ANY = st.text() | st.lists(
    st.sampled_from(["::", "##[", "`", "\n", "\r", "\x1b[2J", "\u202e", "@a", "<b>", "](", "%0A", ",", " ", "a"]),
    max_size=12,
).map("".join)


@given(ANY)
def test_plain_text_prints_on_one_line(any_text):
    assert plain(any_text).isprintable()
    assert plain(plain(any_text)) == plain(any_text)


def test_plain_text_shows_what_was_there():
    assert plain("a\nb\t\x1b[0m\u202e\xa0é漢🎉\ud800") == r"a\nb\t\x1b[0m\u202e é漢🎉\ud800"


@given(ANY)
def test_no_line_of_a_log_is_a_command(any_text):
    safe = log_safe(any_text)
    assert "##[" not in safe
    assert not re.search(r"(?m)^\s*::", safe)


@given(ANY)
def test_no_report_lets_it_through(any_text):
    hostile = decision(
        replace(
            ADMIN,
            identity=any_text,
            address=any_text,
            message=any_text or "x",
            evidence=({"address": any_text, "statement": any_text, "action": any_text, "resource": any_text},),
        )
    )
    for log in (
        text.render(hostile),
        explain.render(hostile.findings),
        json_report.render(hostile),
        gitlab.render(hostile),
        junit.render(hostile),
    ):
        assert all(c.isprintable() or c == "\n" for c in log)
        assert not re.search(r"(?m)^\s*::", log)
        assert "##[" not in log
    assert ElementTree.fromstring(junit.render(hostile)).tag == "testsuites"
    assert len(github.render(hostile).splitlines()) == 1
    assert all(c.isprintable() or c == "\n" for c in markdown.render(hostile))
    assert json.loads(sarif.render(hostile))["runs"][0]["results"][0]["message"]["text"]
