"""What ``opa check`` finds in an organisation's rule before it judges, and what it lets pass."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gate.engine.bundle import rego_root
from gate.engine.engine import Engine
from gate.engine.organisation_policies import organisation_packages, run_opa
from gate.engine.policy_mistakes import policy_mistakes
from gate.errors import PolicyError

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
    "is_null(identity.source)",
    "identity.source.location.line > 3",
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
    "identity.source.location.lines > 3": "undefined ref",
    "identity.source.adress": "undefined ref",
    "grant.source.location.lines > 3": "undefined ref",
    "input.before.identitys": "undefined ref",
    "identity.kind == 3": "match error",
    "identity.source == null": "match error",
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
    ownerless = ownerless.replace('lib.missing(identity, "boundary")', 'lib.missing(identity.lifecycle, "owner")')
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


def _idle(opa, policy, body):
    """What is said of a rule with this body, and its rows, the first of which is 1."""
    file = policy(_HEAD + "findings contains id if {\n" + body + "\n}\n") / "acme.rego"
    parsed = run_opa(opa, "parse", "--format=json", "--json-include=locations", str(file))
    first = len(_HEAD.splitlines()) + 1
    return [(row - first, said.partition(";")[0]) for row, said in policy_mistakes(json.loads(parsed.stdout))]


_NEVER = "never holds: what is not known is null, which is a value"
_ALWAYS = _NEVER.replace("never", "always")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "some id, one in input.access.identities\nnot one.lifecycle.owner",
            (2, f"`not one.lifecycle.owner` {_NEVER}"),
        ),
        ("some id, one in input.access.identities\nnot one.source", (2, f"`not one.source` {_NEVER}")),
        ("not one.boundary\nsome id, one in input.access.identities", (1, f"`not one.boundary` {_NEVER}")),
        ("one := input.access.identities[id]\nnot one.namespace", (2, f"`not one.namespace` {_NEVER}")),
        (
            "some id in [i |\nsome i, w in input.access.workloads\nnot w.namespace\n]",
            (3, f"`not w.namespace` {_NEVER}"),
        ),
        (
            "some id, edges in input.access.trust\nevery edge in edges {\nnot edge.principal.identity\n}",
            (3, f"`not edge.principal.identity` {_NEVER}"),
        ),
        (
            "some grant in input.access.grants\nsource := grant.source\nnot source.location",
            (3, f"`not source.location` {_NEVER}"),
        ),
        ("some id, one in input.access.identities\nb := one.boundary\nnot b", (3, f"`not b` {_NEVER}")),
        ("some id, one in input.access.identities\none.boundary", (2, f"`one.boundary` {_ALWAYS}")),
        ("some id, one in input.access.identities\none.source", (2, f"`one.source` {_ALWAYS}")),
        (
            "some id, edges in input.access.trust\nsome edge in edges\nedge.principal.own_account",
            (3, "`edge.principal.own_account` also holds for null, which means that nothing is known"),
        ),
        ('some id, one in input.access.identities\none.kind == "rolle"', (2, 'one.kind is never "rolle"')),
        ('some id, one in input.access.identities\n"aws" == one.kind', (2, 'one.kind is never "aws"')),
        (
            'some id, one in input.access.workloads\none.exposure in {"internet", "web"}',
            (2, 'one.exposure is never "web"'),
        ),
        ('input.access.unknown[id].what != "policy"', (1, 'input.access.unknown[_].what is never "policy"')),
    ],
)
def test_a_condition_that_holds_never_or_always_is_found(opa, policy, body, said):
    assert _idle(opa, policy, body) == [said]


@pytest.mark.parametrize(
    "body",
    [
        'some id, one in input.access.identities\none.kind == "role"\nnot one.external\none.boundary == null',
        "some id, edges in input.access.trust\nsome edge in edges\nnot edge.principal.own_account",
        'some id, one in input.access.workloads\none.kind == "anything"',
        "some id in input.access.own_accounts\nnot input.access.identities[id].source",
        "some id, one in input.access.identities\nnot one.source.statement",
        "some id, one in input.access.identities\nsource := one.source\nnot source.statement",
        'some id, one in data.acme.teams\nnot one.owner\none.kind == "squad"',
        "some id\nnot json.unmarshal(id).owner\nx := json.unmarshal(id).kind",
        'some id, one in input.access.identities\nnot startswith(one.namespace, "kube-")',
        'some id in ["a"]\ninput.access.identities[id].kind == "rolle" with input as data.acme.other',
    ],
)
def test_a_condition_that_may_hold_is_left_alone(opa, policy, body):
    assert _idle(opa, policy, body) == []


_HELPED = """findings contains id if {{
	some id, one in input.access.identities
	_weak({passed})
}}

_weak(identity) if _unbounded(identity, "all")

_weak(identity) if identity.kind == "rolle"

_unbounded(identity, _) if not identity.boundary
{other}"""


@pytest.mark.parametrize(
    ("passed", "other", "said"),
    [
        ("one", "", [(8, 'identity.kind is never "rolle"'), (10, f"`not identity.boundary` {_NEVER}")]),
        ("data.acme.teams[id]", "", []),
        (
            "one",
            "\nothers if some team in data.acme.teams; _unbounded(team, 1)",
            [(8, 'identity.kind is never "rolle"')],
        ),
    ],
)
def test_what_a_function_is_called_with_is_looked_at(opa, policy, passed, other, said):
    other = other.replace("if some", "if {\n\tsome").replace("; ", "\n\t") + ("\n}" if other else "")
    file = policy(_HEAD + _HELPED.format(passed=passed, other=other)) / "acme.rego"
    parsed = run_opa(opa, "parse", "--format=json", "--json-include=locations", str(file))
    first = len(_HEAD.splitlines())
    found = [(row - first, text.partition(";")[0]) for row, text in policy_mistakes(json.loads(parsed.stdout))]
    assert found == said


def test_calls_in_another_file_of_the_package_count(opa, policy):
    asked = _HEAD + "findings contains id if {\n\tsome id, one in input.access.identities\n\t_ownerless(one)\n}\n\n"
    folder = policy(asked + "_ownerless(part) if not part.boundary\n")
    with pytest.raises(PolicyError, match=r"acme\.rego:11: `not part.boundary` never holds"):
        organisation_packages(opa, [folder])
    policy(
        "package organisation.own\n\nteams contains team if {\n\tsome team in data.acme.teams\n\t_ownerless(team)\n}\n",
        "teams.rego",
    )
    assert organisation_packages(opa, [folder]).keys() == {"organisation.own"}


def test_a_rule_that_never_finds_anything_does_not_load(opa, policy):
    (text,) = re.findall(r"```rego\n(.*?)```", PAGE.read_text(), re.DOTALL)
    rule = text.replace('lib.missing(identity, "boundary")', "not identity.boundary")
    with pytest.raises(PolicyError, match=r"acme\.rego:\d+: .*boundary` never holds"):
        organisation_packages(opa, [policy(rule)])


def test_no_shipped_rule_asks_what_holds_never_or_always(opa):
    found = {}
    for file in (rego_root() / "gate").rglob("*.rego"):
        parsed = run_opa(opa, "parse", "--format=json", "--json-include=locations", str(file))
        found[file.name] = list(policy_mistakes(json.loads(parsed.stdout)))
    assert {name: said for name, said in found.items() if said} == {}
    assert len(found) > 60
