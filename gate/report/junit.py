"""The decision as JUnit XML, which Jenkins, GitLab, Azure Pipelines, CircleCI and Buildkite show as test results.

A rule that found nothing is a test that passed, each cause that denies a failure. A warning fails nothing: it is what a
passed test printed. The attributes are those that Jenkins' xUnit plugin and GitLab read
(https://docs.gitlab.com/ci/testing/unit_test_reports/).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gate.model.decision import Decision
from gate.report.cause_blocks import Block, by_cause
from gate.report.shared_sentences import active, evidence_lines, headline, place, short_chain
from gate.report.untrusted import log_safe, plain

if TYPE_CHECKING:
    from gate.engine.catalog import Rule


def render(decision: Decision, catalogue: Sequence[Rule] = ()) -> str:
    """One suite; ``catalogue``: the rules that judged, so that those which found nothing are told too."""
    denied = by_cause(active(decision, "deny"))
    warned = by_cause(active(decision, "warn"))
    failing = {finding.rule for block in denied for finding in block.findings}
    warning = {finding.rule for block in warned for finding in block.findings} - failing
    passed = sorted({rule.id for rule in catalogue} - failing - warning)
    count = len(denied) + len(warned) + len(passed)
    suite = Element("testsuite", name="gate", tests=str(count), failures=str(len(denied)), errors="0", skipped="0")
    for block in denied:
        case = _case(suite, block)
        failure = SubElement(case, "failure", message=_sentences(block), type=block.findings[0].severity)
        failure.text = _details(block)
    for block in warned:
        SubElement(_case(suite, block), "system-out").text = _details(block)
    for rule in passed:
        SubElement(suite, "testcase", classname=f"gate.{plain(rule)}", name="found nothing")
    SubElement(suite, "system-out").text = headline(decision)
    suites = Element("testsuites", name="gate", tests=str(count), failures=str(len(denied)))
    suites.append(suite)
    indent(suites)
    return log_safe(tostring(suites, encoding="unicode")) + "\n"


def _case(suite: Element, block: Block) -> Element:
    first = block.findings[0]
    name = f"{plain(first.identity or first.address)} [{plain(first.fingerprint)}]"
    case = SubElement(suite, "testcase", classname=f"gate.{plain(first.rule)}", name=name)
    if first.location is not None:
        case.set("file", plain(str(first.location["file"])))
        case.set("line", str(first.location["line"]))
    return case


def _sentences(block: Block) -> str:
    return " ".join(plain(told.finding.message) for told in block.told)


def _details(block: Block) -> str:
    lines: list[str] = []
    for told in block.told:
        finding = told.finding
        lines.append(f"{finding.severity} {plain(finding.rule)}: {plain(finding.message)}")
        lines += [f"  chain: {line}" for line in short_chain(finding)]
        lines += [f"  because: {line}" for line in evidence_lines(finding)]
        lines += [f"  at: {place(finding.location)}"] if finding.location else []
    return "\n".join([*lines, *(f"fix: {fix}" for fix in block.fixes)])
