"""The sentences that every readable report shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gate.model.decision import Decision, Finding
from gate.model.grouping import grouped
from gate.report.untrusted import plain

_WAYS_SHOWN = 4
_ACTIONS_SHOWN = 4


def counted(n: int, noun: str) -> str:
    """``1 reason``, ``2 reasons``, ``2 identities``."""
    if n == 1:
        return f"1 {noun}"
    return f"{n} {noun[:-1]}ies" if noun.endswith("y") else f"{n} {noun}s"


def headline(decision: Decision) -> str:
    """The verdict and its weight in one line: ``DENY: 2 reasons to deny, 1 warning``. Each cause counts once."""
    causes = grouped([*active(decision, "deny"), *active(decision, "warn")])
    reasons = sum(cause[0].effect == "deny" for cause in causes)
    warnings = f", {counted(len(causes) - reasons, 'warning')}" if len(causes) > reasons else ""
    if decision.verdict == "deny":
        return f"DENY: {counted(reasons, 'reason')} to deny{warnings}"
    if nothing_to_judge(decision):
        return f"ALLOW: nothing to judge: {_nothing(decision)}"
    return f"ALLOW: no reason to deny{warnings}"


def nothing_to_judge(decision: Decision) -> bool:
    """No identity and no finding: there was no access to decide on."""
    return not decision.findings and not decision.summary["identities"]


def _nothing(decision: Decision) -> str:
    resources = decision.summary["resources"]
    if not resources:
        return "the inputs hold no resources"
    return f"no identities found in {counted(resources, 'resource')}"


def judged(decision: Decision) -> str:
    """What was judged by what: ``plan.json: 12 identities in 40 resources. OPA 1.22.2, policy 3f2a9c``."""
    files = [plain(i.path) for i in decision.inputs]
    shown = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    summary = decision.summary
    scale = f"{counted(summary['identities'], 'identity')} in {counted(summary['resources'], 'resource')}"
    policy = f"OPA {plain(decision.policy.opa)}, policy {plain(decision.policy.revision)[:12]}"
    return f"{shown + ': ' if shown else ''}{scale}. {policy}"


def not_shown(decision: Decision) -> list[str]:
    """One sentence each for what counts but is not shown: what was assumed, who was not looked into, waived and
    preexisting findings.
    """
    lines = [f"{plain(note)}." for file in decision.inputs for note in file.notes]
    if unread := decision.not_looked_into:
        names = [plain(name) for name in unread]
        shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        lines.append(
            f"Not looked into: {counted(sum(unread.values()), 'resource')} of {shown}, which the gate does not read."
        )
    if waived := decision.summary["waived"]:
        lines.append(f"{counted(waived, 'finding')} waived in gate.yaml (--format json lists them).")
    if preexisting := decision.summary["preexisting"]:
        lines.append(
            f"{counted(preexisting, 'finding')} already there before this change "
            "(--format json lists them, --scope all judges them)."
        )
    return lines


def active(decision: Decision, effect: str) -> list[Finding]:
    """The findings that count, worst first, of one effect (``deny`` or ``warn``)."""
    return [f for f in decision.findings if f.status == "active" and f.effect == effect]


def place(location: Mapping[str, Any] | None) -> str:
    """``iam.tf:12``, or the empty text when nobody knows where."""
    return f"{plain(str(location['file']))}:{location['line']}" if location else ""


def evidence_lines(finding: Finding) -> list[str]:
    """Each evidence of a finding once, with its first few actions; a place is told where it is another than the
    finding's own.
    """
    lines = (evidence_line(_shortened(e), told=finding.location) for e in finding.evidence)
    return list(dict.fromkeys(line for line in lines if line))


def _shortened(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**item, "action": ", ".join(_few(str(item["action"]).split(", ")))} if item.get("action") else item


def _few(actions: list[str]) -> list[str]:
    more = len(actions) - _ACTIONS_SHOWN
    return [*actions[:_ACTIONS_SHOWN], f"{more} more"] if more > 0 else actions


def evidence_line(item: Mapping[str, Any], *, told: Mapping[str, Any] | None = None) -> str:
    """``aws_iam_policy.p, statement "Pass": iam:PassRole on * (iam.tf:12)``, as far as the evidence says."""
    where = plain(str(item.get("address") or ""))
    if item.get("statement") not in (None, ""):
        where += f", statement {_sid(plain(str(item['statement'])))}"
    what = " on ".join(plain(str(item[k])) for k in ("action", "resource") if item.get(k) not in (None, ""))
    at = place(item.get("location")) if item.get("location") != told else ""
    return f"{where}{': ' if where and what else ''}{what}{f' ({at})' if at else ''}"


def _sid(statement: str) -> str:
    return statement if statement.isdigit() else f'"{statement}"'


def chain_lines(finding: Finding) -> list[str]:
    """The path by which access is obtained, one step a line: ``a -> b via lambda-create-function (iam:PassRole)``."""
    return [_step(step, _actions(step)) for step in finding.path]


def short_chain(finding: Finding) -> list[str]:
    """The same for a reader who has much to read: of many ways from one start the first few, of many actions too.

    Steps that lead on from each other are all told: a chain with a hole explains nothing.
    """
    lines: list[str] = []
    starts = 0
    reached: object = None
    for n, step in enumerate(finding.path):
        starts += step.get("from") != reached
        reached = step.get("to")
        if starts > _WAYS_SHOWN:
            return [*lines, f"and {len(finding.path) - n} more: gate explain {plain(finding.fingerprint)}"]
        lines.append(_step(step, _few(_actions(step))))
    return lines


def _actions(step: Mapping[str, Any]) -> list[str]:
    return [plain(str(action)) for action in step.get("actions") or ()]


def _step(step: Mapping[str, Any], actions: list[str]) -> str:
    way = f"{_text(step, 'from')} -> {_text(step, 'to')} via {_text(step, 'via')}"
    return f"{way} ({', '.join(actions)})" if actions else way


def _text(step: Mapping[str, Any], key: str) -> str:
    return plain(str(step.get(key) or "?"))
