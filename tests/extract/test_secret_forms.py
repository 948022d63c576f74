"""What counts as a secret by form, by name and by place, value by value; each with what looks alike and is none."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gate.extract.secrets.announcing_names import strength
from gate.extract.secrets.plaintext import plaintext_secrets
from gate.extract.secrets.unread_places import unread_places
from gate.inputs.documents import Documents, Manifest, SourceFile, TerraformPlan
from gate.inputs.terraform.plan_json import parse_plan

FILE = SourceFile("plan.json", "terraform-plan", "0" * 64)
RANDOM = "Kq7vXm2zRw9LtB4d"
HEX = "3f9a1c7e" * 8
MIXED = "Zk8sQw2LmX9vTrBn4dYc7Hs1Jf6Ga3Eo0UiT"
NAMED = "a literal value whose name suggests a secret"
HEADER = "Credentials of an HTTP header"
TEAMS = f"webhookb2/{HEX[:8]}-1111-4111-8111-{HEX[:12]}@{HEX[:8]}-2222-4222-8222-{HEX[:12]}/IncomingWebhook/{HEX[:32]}"
TEAMS += f"/{HEX[:8]}-3333-4333-8333-{HEX[:12]}"


def encoded(kind: str) -> str:
    """A PEM block as base64, as variables of CI systems hold it."""
    return base64.b64encode(f"-----BEGIN {kind}-----\n{MIXED}\n-----END {kind}-----\n".encode()).decode()


def _plan(after: dict[str, Any], expressions: dict[str, Any], *, kind: str = "aws_x", **more: Any) -> TerraformPlan:  # noqa: ANN401
    """A plan with one resource ``x``; ``more``: further parts of the plan, ``root`` of its root module."""
    address, mode = f"{kind}.x", "managed"
    entry = {"address": address, "mode": mode, "type": kind, "name": "x"}
    resource = {**entry, "expressions": expressions}
    plan = {
        "format_version": "1.2",
        "resource_changes": [{**entry, "change": {"actions": ["create"], "before": None, "after": after}}],
        "configuration": {"root_module": {"resources": [resource], **more.pop("root", {})}},
        **more,
    }
    return parse_plan(plan, FILE)[0]


def _found(plan: TerraformPlan) -> dict[str, str]:
    return {f"{s.source.address} {s.attribute}": s.kind for s in plaintext_secrets(Documents(plans=[plan]), "after")}


def _kind(value: object, name: str = "CFG") -> str | None:
    found = _found(_plan({"variables": {name: value}}, {"variables": {"constant_value": {name: value}}}))
    return next(iter(found.values()), None)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("sk-ant-" + f"api03-{MIXED}{MIXED}AA", "Anthropic API key"),
        ("AIza" + "SyB7xKq2mVr9TdLw4nYc8HsJf1Ga5Eo0UiQ", "Google API key"),
        ("hf_" + "ZkQwLmXvTrBndYcHsJfGaEoUiTKqPzRwAb", "Hugging Face token"),
        ("npm_" + MIXED, "npm token"),
        ("dop_v1_" + HEX, "DigitalOcean token"),
        ("hvs." + f"CAESI{MIXED}{MIXED}", "Vault token"),
        ("Endpoint=sb://n.servicebus.windows.net/;SharedAccessKey=" + f"{MIXED}KqPzRwA=", "Azure shared access key"),
        ("https://s.blob.core.windows.net/c?sv=2022&sig=" + f"{MIXED}KqPz%3D", "Azure shared access signature"),
        ("xapp-" + f"1-A0B1C2D3E4F-1234567890123-{HEX}", "Slack app token"),
        ("dapi" + HEX[:32], "Databricks token"),
        ("glsa_" + f"{MIXED[:32]}_3f9a1c7e", "Grafana token"),
        (f"{MIXED[:14]}.atlasv1.{MIXED}{MIXED[:28]}", "HCP Terraform token"),
        ("pul-" + HEX[:40], "Pulumi token"),
        ("dckr_pat_" + MIXED[:27], "Docker token"),
        ("gsk_" + f"{MIXED}{MIXED[:16]}", "Groq API key"),
        ("ntn_" + f"{MIXED}{MIXED[:7]}", "Notion token"),
        ("https://discord.com/api/webhooks/" + f"123456789012345678/{MIXED}{MIXED[:32]}", "Discord webhook"),
        ("https://acme.webhook.office.com/" + TEAMS, "Microsoft Teams webhook"),
        ("redis://:" + f"{RANDOM}@cache:6379/0", "Basic Auth Credentials"),
        ("amqp://:" + f"{RANDOM}@broker", "Basic Auth Credentials"),
        (encoded("RSA PRIVATE KEY"), "Private Key"),
        (encoded("EC PRIVATE KEY").rstrip("="), "Private Key"),
        ("Basic " + base64.b64encode(f"svc:{RANDOM}".encode()).decode(), HEADER),
        # Each of these is only like one: a part of a word, too short, a placeholder.
        ("x" + "dapi" + HEX[:32], None),
        ("gsk_short", None),
        ("https://discord.com/api/webhooks/123456789012345678/", None),
        ("redis://:$(REDIS_PASSWORD)@cache:6379/0", None),
        ("redis://cache:6379/0?next=a:b@c", None),
        (encoded("CERTIFICATE"), None),
        ("hvs.readme", None),
        ("AIzaShort", None),
        ("Basic dXNlcg==", None),
        ("Basic " + base64.b64encode(b"user:changeme").decode(), None),
        ("ZQ3X" + "ABIA" + "2LKJ7HGFDSAPOIUYTREWQ9MNBVCX", None),
        ("9E99A48A9960B14926BB7F3B02E22DA2B0ACCA0C" + "7280", None),
    ],
)
def test_tokens_are_told_by_their_form(value: str, kind: str | None) -> None:
    assert _kind(value) == kind


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (f"machine git.example.com login ci password {RANDOM}", True),
        (f"machine git.example.com\n  login ci\n  password {RANDOM}\n", True),
        (f"#!/bin/sh\ncurl -fsS -u ci:{RANDOM} https://example.com/x", True),
        (f"curl --user 'ci:{RANDOM}' https://example.com/x", True),
        ("machine git.example.com login ci password ${GIT_PASSWORD}", False),
        ("curl -u ci:$PASSWORD https://example.com/x", False),
        ('curl -u "$LOGIN:$PASSWORD" https://example.com/x', False),
        ("curl -u ci https://example.com/x:8080", False),
        ("The virtual machine has a login, its password comes from the vault", False),
    ],
)
def test_a_login_that_no_name_announces_is_found(text: str, is_one: bool) -> None:
    assert (_kind(text) is not None) == is_one


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("PGPASSWORD DBPASSWORD SSHPASS userpassword MYSQL_PWD clientsecret RAILS_MASTER_KEY PRIVATE_KEY_PEM", "is"),
        ("DB_PASSWORD_PROD API_KEY_STRIPE TOKEN_GITHUB SECRET_KEY_BASE", "may"),
        ("REDIS_AUTH API_CREDENTIALS GH_PAT STORAGE_ACCOUNT_KEY label.password", "may"),
        ("PASSWORD_FILE PASSWORD_POLICY TOKEN_TTL TOKEN_URL API_KEY_HEADER SECRET_NAME PASSWORD_HASH", ""),
        ("COMPASS BYPASS MONKEY AUTHOR existingSecret imagePullSecret secrets htpasswd tokens_per_second", ""),
    ],
)
def test_a_name_is_read_word_by_word(names: str, said: str) -> None:
    assert {name: strength(name) for name in names.split()} == dict.fromkeys(names.split(), said)


@pytest.mark.parametrize("name", ["DB_PASSWORD_PROD", "GH_PAT", "REDIS_AUTH"])
def test_where_the_name_only_may_mean_one_the_value_has_to_look_random(name: str) -> None:
    assert _kind(RANDOM, name) == NAMED
    for value in ("production", "prod-eu-west-1-db-01", "the-default-for-everybody", "true", "iam"):
        assert _kind(value, name) is None


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("$Kq7vXm2zRw9LtB", True),
        ("{Kq7vXm2zRw9LtB}", True),
        ("<Kq7vXm2zRw9LtB4d>", True),
        ("Kq7vXm2zRw9Lt${SUFFIX}", True),
        ("dummy-Kq7vXm2zRw9LtB4d", True),
        ("correct horse battery staple", True),
        ("$DB_PASSWORD", False),
        ("$dbPassword", False),
        ("${db_password}", False),
        ("$(cat /run/secrets/db)", False),
        ("{{ .Values.password }}", False),
        ("prefix-{{ .Values.password }}", False),
        ("{password}", False),
        ("<your password>", False),
        ("%PASSWORD%", False),
        ("__PASSWORD__", False),
        ("Passwort eingeben", False),
        ("Your password is too short.", False),
        ("At least 8 characters", False),
        ("nobody:x:65534:65534:nobody:/:/sbin/nologin", False),
        ("data.aws_ssm_parameter.db.value", False),
        ("env:DB_PASSWORD", False),
        ("testing", False),
    ],
)
def test_a_reference_is_a_whole_form_and_no_prefix(value: str, is_one: bool) -> None:
    assert (_kind(value, "DB_PASSWORD") is not None) == is_one


@pytest.mark.parametrize(
    "value",
    [
        "AQICAHg" + MIXED * 5,
        "$ANSIBLE_VAULT;1.1;AES256 6162636465",
        "ENC[AES256_GCM,data:Zk8sQw2L,iv:mX9v,tag:TrBn,type:str]",
        "ENC[PKCS7,MIIBygYJKoZIhvcNAQcDoIIBuz]",
        "vault:v1:Zk8sQw2LmX9vTrBn4dYc7Hs1",
        "-----BEGIN PUBLIC KEY-----\nMIIBZk8sQw2L\n-----END PUBLIC KEY-----",
    ],
)
def test_ciphertexts_and_public_keys_are_no_secrets_in_clear(value: str) -> None:
    assert _kind(value, "DB_PASSWORD") is None
    assert _kind(RANDOM + value[:6], "DB_PASSWORD") == NAMED


_USERS = ("admin-user", "username", "db_user", "dbUsername", "POSTGRES_USER", "login", "redis-user2", "adminuser")
_PLACES = ("DB_HOST", "region", "dbname", "port")


@pytest.mark.parametrize(
    ("names", "value", "found"),
    [
        (_USERS, "admin", False),
        (_USERS, "grafana_admin", False),
        (_USERS, "svc.orders@example.com", False),
        (_PLACES, "eu-west-1", False),
        (_PLACES, "db.internal:5432", False),
        (_USERS, "ghp_" + MIXED, True),
        (_USERS, RANDOM, True),
        (_USERS, "admin:hunter2-hunter2", True),
        (_PLACES, "postgres://app:hunter2hunter2@db/orders", True),
        (("admin-password", "user-key", "license", "superuser-pass"), "hunter2", True),
    ],
)
@pytest.mark.parametrize("kind", ["Secret", "kubernetes_secret_v1"])
def test_whom_a_secret_is_of_is_none(names: tuple[str, ...], value: str, found: bool, kind: str) -> None:
    for name in names:
        if kind == "Secret":
            body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {name: value}}
            given = Documents(manifests=[Manifest(FILE, "v1", "Secret", "n", "s", body, None)])
        else:
            data = {"data": {name: value}}
            given = Documents(plans=[_plan(data, {"data": {"constant_value": data["data"]}}, kind=kind)])
        assert bool(list(plaintext_secrets(given, "after"))) is found, name


def test_a_digest_is_none_under_a_name_that_says_so() -> None:
    assert _kind(HEX, "checksum/secret") is None
    assert _kind(HEX, "token-sha256") is None
    assert _kind(HEX, "API_TOKEN") == NAMED
    assert _kind(RANDOM, "checksum/secret") == NAMED


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        ({"name": "DB_PASSWORD", "value": RANDOM, "type": "PLAINTEXT"}, True),
        ({"namespace": "environment", "name": "DB_PASSWORD", "value": RANDOM}, True),
        ({"key": "DB_PASSWORD", "value": RANDOM}, True),
        ({"name": "adminPassword", "value": RANDOM}, True),
        ({"name": "DB_PASSWORD", "value": RANDOM, "type": "SECRETS_MANAGER"}, False),
        ({"name": "DB_PASSWORD", "value": RANDOM, "type": "PARAMETER_STORE"}, False),
        ({"name": "admin.existingSecret", "value": "grafana-admin-A1b2C3d4"}, False),
        ({"name": "MODE", "value": RANDOM}, False),
    ],
)
def test_a_pair_of_name_and_value_in_a_block(pair: dict[str, str], found: bool) -> None:
    expressions = {name: {"constant_value": value} for name, value in pair.items()}
    block = _plan({"outer": [{"inner": [pair]}]}, {"outer": [{"inner": [expressions]}]})
    top = _plan(dict(pair), expressions, kind="tfe_variable")
    assert _found(block) == ({"aws_x.x outer[0].inner[0].value": NAMED} if found else {})
    assert _found(top) == ({"tfe_variable.x value": NAMED} if found else {})


@pytest.mark.parametrize(
    ("given", "is_one"),
    [
        ({}, True),
        ({"variables": {"pw": {"value": RANDOM}}}, True),
        ({"variables": {"pw": {"value": "x" + RANDOM}}}, False),
    ],
)
def test_the_default_of_a_variable_stands_in_the_source_unless_another_value_was_given(
    given: dict[str, Any], is_one: bool
) -> None:
    value = given.get("variables", {}).get("pw", {}).get("value", RANDOM)
    root = {"variables": {"pw": {"default": RANDOM, "sensitive": True}}}
    by = {"password": {"references": ["var.pw"]}}
    assert _found(_plan({"password": value}, by, root=root, **given)) == ({"aws_x.x password": NAMED} if is_one else {})


def test_a_default_that_no_resource_shows_is_told_of_the_variable() -> None:
    root = {"variables": {"db_password": {"default": RANDOM}, "region": {"default": "eu-west-1"}}}
    assert _found(_plan({}, {"a": {"constant_value": "b"}}, root=root)) == {"var.db_password default": NAMED}


def test_what_a_plan_keeps_out_of_its_values_is_read_from_the_configuration() -> None:
    plan = _plan({"password_wo": None}, {"password_wo": {"constant_value": RANDOM}})
    assert _found(plan) == {"aws_x.x password_wo": NAMED}
    nested = _plan({"auth": [{"token_wo": None}]}, {"auth": [{"token_wo": {"constant_value": RANDOM}}]})
    assert _found(nested) == {"aws_x.x auth[0].token_wo": NAMED}


def test_blocks_that_are_no_resources() -> None:
    calls = {"db": {"expressions": {"admin_password": {"constant_value": RANDOM}}, "module": {}}}
    outputs = {
        "db_password": {"expression": {"constant_value": "O" + RANDOM}},
        "url": {"expression": {"references": ["x.y"]}},
    }
    root = {"module_calls": calls, "outputs": outputs}
    plan = _plan({}, {"a": {"constant_value": "b"}}, root=root)
    plan.providers["postgresql"] = {"name": "postgresql", "expressions": {"password": {"constant_value": "P" + RANDOM}}}
    plan.modules[""]["resources"]["managed", "aws_x", "x"]["provisioners"] = [
        {"type": "remote-exec", "expressions": {"inline": {"constant_value": [f"export DB_PASSWORD=I{RANDOM}"]}}}
    ]
    assert _found(plan) == {
        "provider.postgresql password": NAMED,
        "module.db admin_password": NAMED,
        "aws_x.x provisioner[0].inline[0]": "a literal that a text assigns to a secret's name",
        "output.db_password value": NAMED,
    }


def test_the_header_of_a_data_source() -> None:
    entry = {"address": "data.http.x", "mode": "data", "type": "http", "name": "x"}
    expressions = {"request_headers": {"constant_value": {"Authorization": f"Bearer {RANDOM}", "Accept": "text/plain"}}}
    after = {"request_headers": {"Authorization": f"Bearer {RANDOM}", "Accept": "text/plain"}}
    change = {"actions": ["read"], "before": None, "after": after}
    value = {
        "format_version": "1.2",
        "resource_changes": [{**entry, "change": change}],
        "configuration": {"root_module": {"resources": [{**entry, "expressions": expressions}]}},
    }
    assert _found(parse_plan(value, FILE)[0]) == {"data.http.x request_headers.Authorization": HEADER}


@pytest.mark.parametrize(
    ("template", "place"),
    [
        (f"Parameters:\n  DbPassword:\n    Type: String\n    Default: {RANDOM}\n", "Parameters.DbPassword.Default"),
        (f'{{"Parameters": {{"Login": {{"NoEcho": true, "Default": "{RANDOM}"}}}}}}', "Parameters.Login.Default"),
        (f'{{"parameters": {{"adminPassword": {{"type": "securestring", "defaultValue": "{RANDOM}"}}}}}}',
         "parameters.adminPassword.defaultValue"),
        ("Parameters:\n  DbPassword:\n    Type: String\n    NoEcho: true\n", None),
        ("Parameters:\n  Mode:\n    Type: String\n    Default: production\n", None),
    ],
)  # fmt: skip
def test_the_name_of_a_parameter_is_carried_to_its_default(template: str, place: str | None) -> None:
    found = _found(_plan({"template_body": template}, {"template_body": {"constant_value": template}}))
    assert found == ({f"aws_x.x template_body.{place}": NAMED} if place else {})


def test_each_document_of_a_text_is_read_whatever_stands_beside_it() -> None:
    text = f"db:\n  password: hunter2-hunter\n---\nDbPassword:\n  Default: {RANDOM}\n"
    assert _found(_plan({"values": text}, {"values": {"constant_value": text}})) == {
        "aws_x.x values": "a literal that a text assigns to a secret's name",
        "aws_x.x values[1].DbPassword.Default": NAMED,
    }


@pytest.mark.parametrize("configuration", [None, {}])
def test_a_plan_without_its_configuration_cannot_be_searched_and_says_so(configuration: dict[str, Any] | None) -> None:
    entry = {"address": "aws_x.x", "mode": "managed", "type": "aws_x", "name": "x"}
    change = {"actions": ["create"], "before": None, "after": {"variables": {"DB_PASSWORD": RANDOM}}}
    value = {"format_version": "1.2", "resource_changes": [{**entry, "change": change}]}
    plan, _ = parse_plan(value if configuration is None else {**value, "configuration": configuration}, FILE)
    (told,) = unread_places(Documents(plans=[plan]))
    assert (told.what, told.source.address) == ("secrets", "aws_x.x")
    assert "variables.DB_PASSWORD" in told.reason and RANDOM not in told.reason
    change["after"] = {"variables": {"MODE": "production"}}
    assert list(unread_places(Documents(plans=[parse_plan(value, FILE)[0]]))) == []
