"""``make docs``: docs/rules.md from the rules' own metadata and fixtures. A test compares it with what is committed."""

from __future__ import annotations

from pathlib import Path

from gate.engine.catalog import Rule, rules

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rules.md"


def page() -> str:
    """The whole page."""
    found = sorted(rules(()), key=lambda rule: (rule.package, rule.id))
    lines = [
        "# Rules",
        "",
        "Generated from the annotations of `rego/gate/rules` by `make docs`. With the default `deny_from: high`, rules",
        "of severity high and critical deny, the others warn; a finding can carry another severity than its rule where",
        "the case is worse or milder.",
        "",
        "| rule | severity | what |",
        "|---|---|---|",
        *(f"| [`{rule.id}`](#{rule.id}) | {rule.severity} | {rule.title} |" for rule in found),
    ]
    for rule in found:
        lines += ["", *_section(rule)]
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> list[str]:
    folder = f"fixtures/rules/{rule.id}"
    frameworks = ", ".join(rule.frameworks) or "no framework"
    return [
        f"## {rule.id}",
        "",
        f"**{rule.title}** · severity {rule.severity} · confidence {rule.confidence} · {frameworks}",
        "",
        " ".join(rule.description.split()),
        "",
        f"*What to change:* {' '.join(rule.remediation.split())}",
        "",
        f"Denied: [`{folder}/denied`](../{folder}/denied) · its nearest harmless twin: "
        f"[`{folder}/allowed`](../{folder}/allowed) · Rego: `{rule.package}`",
    ]


if __name__ == "__main__":
    PAGE.write_text(page())
