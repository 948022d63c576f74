"""``make rule NAME=stale-token CATEGORY=credentials``: a rule that works, its test, and both fixtures.

What is written fires on a service account whose purpose is still the placeholder, so that everything passes at once and
each part can be replaced by the real one. Nothing is written over.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from gate.engine.catalog import rules
from tools.generate import rule_pages

ROOT = Path(__file__).parents[1]

_RULE = """# METADATA
# title: TITLE
# description: |
#   REPLACE: what the identity can do, and why that is dangerous. One or two sentences.
# custom:
#   id: RULE
#   severity: low
#   confidence: proven
#   frameworks: []
#   remediation: "REPLACE: the one change that mends it."
# schemas:
#   - input: schema.envelope
package gate.rules.CATEGORY.PACKAGE

import data.gate.lib

findings contains finding if {
	some id, identity in input.access.identities
	identity.change in {"create", "update"}
	identity.source != null
	identity.lifecycle.purpose == "RULE"
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": identity.source.address,
		"message": sprintf("%s still has the purpose of the template, RULE.", [id]),
		"location": identity.source.location,
		"evidence": [{"address": identity.source.address, "statement": null, "location": identity.source.location}],
		"facts": {"the purpose of the template"},
	})
}
"""

_TEST = """package gate.rules.CATEGORY.PACKAGE_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.CATEGORY.PACKAGE as rule

_with_purpose(purpose) := envelope.of({"identities": {"r": envelope.identity({"lifecycle": {
	"owner": "team-a", "purpose": purpose, "expires": null,
}})}})

# The one place that compares the whole sentence.
test_golden if {
	found := rule.findings with input as _with_purpose("RULE")
	{[f.identity, f.severity, f.confidence, f.message] | some f in found} == {[
		"r", "low", "proven",
		"r still has the purpose of the template, RULE.",
	]}
}

test_another_purpose_is_silent if {
	rule.findings == set() with input as _with_purpose("signs invoices")
}
"""

_MANIFEST = """# COMMENT
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: shop
  annotations:
    owner: team-a
    purpose: PURPOSE
automountServiceAccountToken: false
"""


class Refused(Exception):
    """Why nothing was written."""


def files(name: str, category: str) -> dict[Path, str]:
    """Path below the root of the project → text."""
    package = name.replace("-", "_")
    words = {"CATEGORY": category, "PACKAGE": package, "RULE": name, "TITLE": name.replace("-", " ").capitalize()}

    def filled(template: str) -> str:
        return re.sub("|".join(words), lambda word: words[word[0]], template)

    rule = Path("rego/gate/rules") / category / package
    fixtures = Path("fixtures/rules") / name
    denied = _MANIFEST.replace("COMMENT", f"{name} fires: REPLACE by a real change.").replace("PURPOSE", name)
    allowed = _MANIFEST.replace("COMMENT", "Its nearest harmless twin: one line differs.")
    return {
        rule / f"{package}.rego": filled(_RULE),
        rule / f"{package}_test.rego": filled(_TEST),
        fixtures / "denied" / "manifests.yaml": denied,
        fixtures / "allowed" / "manifests.yaml": allowed.replace("PURPOSE", "signs invoices"),
    }


def write(root: Path, name: str, category: str) -> list[Path]:
    """Write the files below ``root``; their paths. Raises ``Refused`` when a name does not fit or is taken."""
    if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", name):
        raise Refused(f"NAME={name}: a rule's id is two or more lower-case words with hyphens, such as stale-token")
    categories = sorted(path.name for path in (root / "rego/gate/rules").iterdir() if path.is_dir())
    if category not in categories:
        raise Refused(f"CATEGORY={category}: the categories are {', '.join(categories)}")
    if name in {rule.id for rule in rules()}:
        raise Refused(f"NAME={name}: there is a rule of this name already")
    made = files(name, category)
    if there := [path for path in made if (root / path).exists()]:
        raise Refused(f"{there[0]} exists already")
    for path, text in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return list(made)


def main() -> None:
    """Write the rule and its page, and say what comes next."""
    if len(sys.argv) != 3 or not all(sys.argv[1:]):
        sys.exit("usage: make rule NAME=stale-token CATEGORY=credentials")
    try:
        made = write(ROOT, *sys.argv[1:])
    except Refused as e:
        sys.exit(str(e))
    rule_pages.PAGE.write_text(rule_pages.page(), encoding="utf-8")
    print("\n".join(f"wrote {path}" for path in [*made, rule_pages.PAGE.relative_to(ROOT)]))
    print(
        f"""
It works as it is. Try it, then replace what says REPLACE, the condition, and both fixtures:
  make rego-test
  .venv/bin/pytest tests/test_rules_fire.py -k {sys.argv[1]}
  make docs"""
    )


if __name__ == "__main__":
    main()
