"""gate.yaml: where it is found, its defaults, and what OPA gets of it."""

import dataclasses
import json
from pathlib import Path

import jsonschema

from gate.inputs.config import Config, load_config, template

ENVELOPE = json.loads((Path(__file__).parents[2] / "rego" / "schema" / "envelope.json").read_text())

FULL = """version: 1
deny_from: medium
scope: all
accounts: ["111122223333"]
organizations: [o-exampleorgid]
oidc_subjects: ["repo:acme/*"]
lifecycle: {required: [owner, expires]}
rules:
  a-rule: {effect: warn, reason: because}
  b-rule: {enabled: false, reason: because}
  c-rule: {effect: deny}
waivers:
- {fingerprint: 0123456789abcdef, owner: o, reason: r, approver: a, expires: 2027-01-31}
limits: {default: {admin: false, max_services: 5}, internet-facing: {destroy: true}}
policies: [policies]
data: [more/data.json]
"""


def test_the_template_is_the_defaults(tmp_path):
    path = tmp_path / "gate.yaml"
    path.write_text(template())
    assert load_config(path) == dataclasses.replace(Config(), path=path)


def test_every_key(tmp_path):
    path = tmp_path / "gate.yaml"
    path.write_text(FULL)
    assert load_config(path) == Config(
        deny_from="medium",
        scope="all",
        accounts=("111122223333",),
        organizations=("o-exampleorgid",),
        oidc_subjects=("repo:acme/*",),
        lifecycle_required=("owner", "expires"),
        rules={
            "a-rule": {"enabled": True, "effect": "warn", "reason": "because"},
            "b-rule": {"enabled": False, "effect": None, "reason": "because"},
            "c-rule": {"enabled": True, "effect": "deny", "reason": None},
        },
        waivers=(
            {"fingerprint": "0123456789abcdef", "owner": "o", "reason": "r", "approver": "a", "expires": "2027-01-31"},
        ),
        limits={"default": {"admin": False, "max_services": 5}, "internet-facing": {"destroy": True}},
        policies=(tmp_path / "policies",),
        data=(tmp_path / "more" / "data.json",),
        path=path,
    )


def test_opa_gets_what_its_schema_says(tmp_path):
    path = tmp_path / "gate.yaml"
    path.write_text(FULL)
    schema = {"$ref": "#/definitions/settings", "definitions": ENVELOPE["definitions"]}
    for config in (Config(), load_config(path)):
        jsonschema.Draft7Validator(schema).validate(config.to_json())


def test_found_beside_the_input_then_in_the_current_directory_and_no_further(tmp_path, monkeypatch):
    inner, here = tmp_path / "up" / "in", tmp_path / "here"
    inner.mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    (tmp_path / "up" / "gate.yaml").write_text("version: 1\nscope: all\n")
    assert load_config(None, [inner / "plan.json"]) == Config()
    (here / "gate.yaml").write_text("version: 1\ndeny_from: low\n")
    assert load_config(None, [inner / "plan.json"]).deny_from == "low"
    (inner / "gate.yaml").write_text("version: 1\ndeny_from: critical\n")
    assert load_config(None, [inner / "plan.json"]).deny_from == "critical"
    assert load_config(None, [inner]).deny_from == "critical"
    assert load_config(tmp_path / "up" / "gate.yaml", [inner]).scope == "all"
