"""The documentation says what is."""

import re
from pathlib import Path

from tools.generate import cli_page, rule_pages

ROOT = Path(__file__).parents[1]


def test_the_rules_page_is_what_the_rules_say():
    assert rule_pages.PAGE.read_text() == rule_pages.page(), "run `make docs`"


def test_the_command_line_page_is_what_help_prints():
    assert cli_page.PAGE.read_text() == cli_page.page(), "run `make docs`"


def test_every_variable_of_the_environment_that_is_read_is_documented():
    read = {
        name
        for p in (ROOT / "gate").rglob("*.py")
        for name in re.findall(r"\bGATE_[A-Z]+(?:_[A-Z]+)*\b", p.read_text())
    }
    inner = {"GATE_ENGINE_TOKEN"}  # from the gate to its own child
    assert read - set(re.findall(r"GATE_[A-Z]+(?:_[A-Z]+)*", cli_page.PAGE.read_text())) == inner


def test_every_link_of_the_documentation_leads_somewhere():
    dead = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not re.match(r"https?:", target) and not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


def test_the_admission_page_names_every_metric_and_no_other():
    sources = "".join(p.read_text() for p in (ROOT / "gate" / "surfaces" / "admission").glob("*.py"))
    counted = set(re.findall(r'"(gate_[a-z_]+)"', sources))
    told = set(re.findall(r"`(gate_[a-z_]+)", (ROOT / "docs" / "admission.md").read_text()))
    assert {name.removesuffix("_total") for name in told} == counted


def test_the_walks_of_a_newcomer_lead_somewhere():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`((?:gate|rego|tests|tools|fixtures|docs)/[\w./-]+)`", text)) | set(
        re.findall(r"\]\((docs/[\w./-]+)\)", text)
    )
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
