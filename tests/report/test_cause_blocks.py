"""One cause is one block: what one change settles, what one identity holds by one statement, what is said of many."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gate.model.decision import Finding
from gate.report import admission_response, explain, markdown, sarif, text
from gate.report.cause_blocks import by_cause
from gate.report.shared_sentences import headline
from tests.report.report_samples import ADMIN, OWNER, decision

STATEMENT = {"address": "k8s:ClusterRoleBinding//b", "statement": "rules[0]", "action": "*", "resource": "*"}
ACCOUNT = replace(
    ADMIN,
    rule="cluster-admin",
    identity="k8s:ServiceAccount/a/bot",
    address="k8s:ClusterRoleBinding//b",
    message="k8s:ServiceAccount/a/bot is an administrator of the cluster.",
    remediation="Bind a smaller role.",
    evidence=(STATEMENT,),
)
POD = replace(
    ACCOUNT,
    rule="powerful-pod",
    severity="high",
    address="k8s:Pod/a/p",
    message="k8s:Pod/a/p holds the token of k8s:ServiceAccount/a/bot.",
    remediation="Name another account.",
    evidence=({"address": "k8s:Pod/a/p", "statement": "serviceAccountName"}, STATEMENT),
    fingerprint="1111111111111111",
)
OTHER = replace(ACCOUNT, identity="k8s:User//ann", message="k8s:User//ann is one too.", fingerprint="2222222222222222")


def _owner(number: int, **changes: Any) -> Finding:  # noqa: ANN401
    name = f"aws_iam_role.r{number}"
    return replace(
        OWNER,
        identity=name,
        address=name,
        message=f"{name} has no owner.",
        evidence=({"address": name, "statement": None},),
        fingerprint=f"{number:016x}",
        **changes,
    )


def _blocks(*findings: Finding) -> list[list[str]]:
    return [[f.fingerprint for f in block.findings] for block in by_cause(findings)]


def test_an_account_and_its_pod_rest_on_one_binding() -> None:
    assert _blocks(ACCOUNT, POD) == [[ACCOUNT.fingerprint, POD.fingerprint]]
    shown = text.render(decision(ACCOUNT, POD))
    assert shown.count("CRITICAL") == 1 and "HIGH" not in shown
    assert shown.count("k8s:ClusterRoleBinding//b, statement") == 1
    for told in (ACCOUNT.message, POD.message, ACCOUNT.remediation, POD.remediation, POD.fingerprint, "powerful-pod"):
        assert told in " ".join(shown.split())


def test_two_accounts_of_one_binding_are_settled_by_one_fix_and_other_bindings_are_not() -> None:
    elsewhere = replace(OTHER, address="k8s:ClusterRoleBinding//c", evidence=(), fingerprint="3333333333333333")
    assert _blocks(ACCOUNT, OTHER, elsewhere) == [[ACCOUNT.fingerprint, OTHER.fingerprint], [elsewhere.fingerprint]]


def test_what_links_two_blocks_makes_them_one() -> None:
    assert len(by_cause([ACCOUNT, replace(POD, identity="k8s:User//ann"), OTHER])) == 1


def test_small_warnings_that_say_the_same_of_many_are_one_line() -> None:
    many = [_owner(n) for n in range(91)]
    shown = " ".join(text.render(decision(*many)).split())
    assert len(by_cause(many)) == 1
    assert "aws_iam_role.r0 has no owner." in shown and "aws_iam_role.r1 has no owner." not in shown
    assert "The same of 90 others: aws_iam_role.r1, aws_iam_role.r2, aws_iam_role.r3 and 87 more." in shown
    assert "and 83 more (--format json)" in shown
    assert "- The same of 90 others: `aws_iam_role.r1`, `aws_iam_role.r2`" in markdown.render(decision(*many))


def test_weighty_ones_of_many_stand_alone() -> None:
    assert len(by_cause([_owner(1, severity="medium"), _owner(2, severity="medium")])) == 2


def test_the_same_sentence_of_several_is_told_once_with_whom_it_holds_of_too() -> None:
    second = replace(POD, address="k8s:Pod/a/q", message=POD.message.replace("/p ", "/q "), fingerprint="4" * 16)
    other = replace(second, address="k8s:Pod/a/r", message="k8s:Pod/a/r acts for k8s:Pod/a/p.", fingerprint="5" * 16)
    shown = " ".join(text.render(decision(ACCOUNT, POD, second, other)).split())
    assert POD.message in shown and second.message not in shown and other.message in shown
    assert "The same of 1 other: k8s:Pod/a/q." in shown
    assert "- The same of 1 other: `k8s:Pod/a/q`." in markdown.render(decision(ACCOUNT, POD, second, other))


def test_a_longer_name_in_a_sentence_is_another_sentence() -> None:
    first = replace(ACCOUNT, message="k8s:ServiceAccount/a/bot becomes k8s:ServiceAccount/a/bot2.")
    second = replace(
        ACCOUNT,
        identity="k8s:ServiceAccount/a/job",
        message="k8s:ServiceAccount/a/job becomes k8s:ServiceAccount/a/job2.",
        fingerprint="6" * 16,
    )
    shown = " ".join(text.render(decision(first, second)).split())
    assert first.message in shown and second.message in shown


def test_a_warning_of_the_same_cause_stands_beside_the_reason_to_deny() -> None:
    star = replace(ACCOUNT, rule="wildcard-rbac", effect="warn", severity="medium", message="It holds a star.")
    star = replace(star, remediation="Write the verbs.", fingerprint="7" * 16)
    shown = text.render(decision(ACCOUNT, star))
    assert "  warning  It holds a star." in shown and "warning (medium)" not in shown
    assert "- warning: `k8s:ServiceAccount/a/bot`: It holds a star." in markdown.render(decision(ACCOUNT, star))
    alone = text.render(decision(ACCOUNT, replace(star, evidence=(), address="k8s:ClusterRole//r")))
    assert "warning (medium)" in alone


def test_of_many_ways_the_first_are_told_and_of_a_chain_every_step() -> None:
    ways = tuple({"from": "a", "via": f"way-{n}", "actions": ["create x"] * 9, "to": "the cluster"} for n in range(9))
    shown = " ".join(text.render(decision(replace(ADMIN, path=ways))).split())
    assert "via way-3 (create x, create x, create x, create x, 5 more)" in shown and "way-4" not in shown
    assert "and 5 more: gate explain 0123456789abcdef" in shown
    steps = tuple({"from": f"r{n}", "via": "assume", "actions": [], "to": f"r{n + 1}"} for n in range(9))
    assert "r8 -> r9 via assume" in " ".join(text.render(decision(replace(ADMIN, path=steps))).split())
    told = " ".join(explain.render([replace(ADMIN, path=ways)]).split())
    assert "way-8" in told and told.count("create x") == 81


def test_sarif_says_which_results_one_cause_has() -> None:
    results = json.loads(sarif.render(decision(ACCOUNT, POD, replace(OTHER, address="x", evidence=()))))["runs"][0]
    causes = [result["properties"]["cause"] for result in results["results"]]
    assert causes == [ACCOUNT.fingerprint, ACCOUNT.fingerprint, OTHER.fingerprint]


def test_each_finding_says_its_cause_and_the_verdict_counts_causes() -> None:
    small = replace(ACCOUNT, rule="wildcard-rbac", effect="warn", severity="medium", fingerprint="7" * 16)
    apart = replace(OTHER, address="x", evidence=())
    waived = replace(POD, status="waived", fingerprint="8" * 16)
    found = decision(small, ACCOUNT, POD, apart, waived)
    causes = {finding.fingerprint: finding.cause for finding in found.findings}
    first = ACCOUNT.fingerprint  # what denies, before what warns
    assert causes == {
        small.fingerprint: first, first: first, POD.fingerprint: first,
        apart.fingerprint: apart.fingerprint, waived.fingerprint: waived.fingerprint,
    }  # fmt: skip
    assert [finding["cause"] for finding in found.to_json()["findings"]] == list(causes.values())
    assert headline(found) == "DENY: 2 reasons to deny"
    assert headline(decision(ACCOUNT, POD)) == "DENY: 1 reason to deny"
    assert headline(decision(small, replace(POD, effect="warn"))) == "ALLOW: no reason to deny, 1 warning"


def test_a_refusal_says_the_fingerprint_that_a_waiver_names() -> None:
    assert f"[cluster-admin {ACCOUNT.fingerprint}]" in admission_response.refusal(decision(ACCOUNT))
