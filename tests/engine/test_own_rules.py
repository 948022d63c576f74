"""What ``opa check`` finds in an organisation's rule before it judges, and what it lets pass."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gate.engine.bundle import rego_root
from gate.engine.engine import Engine
from gate.engine.policies import run_opa

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
_HEAD = """\
# METADATA
# schemas:
#   - input: schema.envelope
package organisation.own

"""
_ACCEPTED = [
    "identity.boundary == null",
    "identity.lifecycle.owner == null",
    "identity.namespace != null",
    'startswith(identity.namespace, "kube-")',
    "is_null(identity.ceiling)",
    "identity.ceiling.services > 3",
    "is_null(identity.source)",
    "is_null(grant.source.location)",
    "grant.source.location.line > 3",
    "grant.source.statement == null",
    'count(identity.grants["iam:PassRole"]) > 0',
    'identity.grants["*"]',
]
_REFUSED = {
    "identity.boundry == null": "undefined ref",
    "identity.lifecycle.ower == null": "undefined ref",
    "identity.ceiling.service > 3": "undefined ref",
    "identity.source.adress": "undefined ref",
    "grant.source.location.lines > 3": "undefined ref",
    "input.before.identitys": "undefined ref",
    "identity.kind == 3": "match error",
    "identity.ceiling == null": "match error",
}


def _checked(opa, policy, asked):
    """Condition → what ``opa check`` says about it; each stands in a rule of its own, four lines."""
    rules = "\n".join(
        f"r{n} if {{\n\tsome identity in input.access.identities\n\tsome grant in input.access.grants\n\t{text}\n}}"
        for n, text in enumerate(asked)
    )
    folder = policy(_HEAD + rules)
    done = run_opa(opa, "check", "--strict", "--format=json", f"--schema={rego_root() / 'schema'}", str(folder))
    errors = json.loads(done.stderr or "{}").get("errors", ())
    lines = (_HEAD + rules).splitlines()
    return {lines[e["location"]["row"] - 1].strip(): e["message"].partition(":")[0] for e in errors}


def test_null_can_be_asked_of_what_can_be_null(opa, policy):
    assert _checked(opa, policy, _ACCEPTED) == {}


def test_a_wrong_name_or_type_is_an_error_with_its_line(opa, policy):
    assert _checked(opa, policy, _REFUSED) == _REFUSED


def test_the_rule_of_the_documentation_finds_what_it_says(admin, policy):
    (text,) = re.findall(r"```rego\n(.*?)```", PAGE.read_text(), re.DOTALL)
    ownerless = text.replace("prod-boundary", "ownerless").replace("prod_boundary", "ownerless")
    ownerless = ownerless.replace("identity.boundary == null", "identity.lifecycle.owner == null")
    policy(text)
    admin["access"]["identities"]["aws_iam_role.r"]["environment"] = "prod"
    with Engine(policies=[policy(ownerless, "ownerless.rego")]) as engine:
        bare = engine.decide(admin)
        admin["access"]["identities"]["aws_iam_role.r"] |= {
            "boundary": "aws_iam_policy.b",
            "lifecycle": {"owner": "shop", "purpose": None, "expires": None},
        }
        held = engine.decide(admin)
    assert {"prod-boundary", "ownerless"} <= {f["rule"] for f in bare["findings"]}
    assert {"prod-boundary", "ownerless"} & {f["rule"] for f in held["findings"]} == set()
