import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.secrets.plaintext import plaintext_secrets
from gate.extract.secrets.redaction import attribute_path, fingerprint
from gate.extract.secrets.unread_places import unread_places
from gate.inputs.documents import Documents, Manifest, SourceFile, TerraformPlan, TerraformResource
from gate.model.access import Location, Secret, Source

FILE = SourceFile("x", "x", "0" * 64)
STRONG = "q7Vn-2xTz_Lw9KdRb4Yc"
AWS_KEY = "AKIA" + "Q3EGRIZ7V5WXT2OP"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n-----END RSA " + "PRIVATE KEY-----\n"
NAMED = "a literal value whose name suggests a secret"


def _resource(kind, values, expressions, *, before=None, module="", change="create"):
    address = f"{module}.{kind}.x" if module else f"{kind}.x"
    return TerraformResource(
        address=address,
        mode="managed",
        type=kind,
        name="x",
        module=module,
        index=None,
        provider="aws",
        change=change,
        before=before,
        after=values,
        unknown={},
        sensitive={},
        before_sensitive={},
        expressions=expressions,
        location=Location("main.tf", 1, 9),
    )


def _found(*resources, side="after", configuration=None):
    plan = TerraformPlan(FILE, "1.2", "1.11.4", {r.address: r for r in resources}, configuration or {})
    return list(plaintext_secrets(Documents(plans=[plan]), side))


def _kinds(*resources, **more):
    return {s.attribute: s.kind for s in _found(*resources, **more)}


def _constant(kind, **values):
    return _resource(kind, values, {k: {"constant_value": v} for k, v in values.items()})


def test_a_literal_password_is_found_with_its_place_and_without_its_value():
    assert _found(_constant("aws_db_instance", password=STRONG, identifier="main")) == [
        Secret(
            fingerprint=fingerprint(STRONG, "aws_db_instance.x", "password"),
            kind=NAMED,
            attribute="password",
            source=Source("aws_db_instance.x", None, Location("main.tf", 1, 9)),
            change="create",
        )
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (AWS_KEY, "AWS Access Key"),
        (GITHUB, "GitHub Token"),
        (PEM, "Private Key"),
        ("xoxb-" + "123456789012-1234567890123-abcdefghijkl", "Slack Token"),
        ("sk_live_" + "a1b2c3d4e5f6g7h8i9j0k1l2", "Stripe Access Key"),
        ("glpat-" + "a1B2c3D4e5F6g7H8i9J0", "GitLab Token"),
        ("postgres://app:" + STRONG + "@db.internal:5432/app", "Basic Auth Credentials"),
        (
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0."
            "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "JSON Web Token",
        ),
    ],
)
def test_known_tokens_are_found_anywhere(text, kind):
    assert _kinds(_constant("aws_instance", description=text)) == {"description": kind}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "changeme",
        "CHANGE_ME_PLEASE",
        "example-password",
        "<password>",
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "{{ .Values.password }}",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments/database-Xk3v9Q",
        "/payments/database/password",
        "payments-db-password",
        "true",
        "none",
        "REDACTED",
        "********",
        "xxxxxxxx",
        "{{resolve:secretsmanager:x}}",
        "vault:secret/data/db#password",
        "https://vault.internal/v1/secret",
        "hours",
        "3600",
    ],
)
def test_what_is_no_secret_beside_such_a_name_is_left_alone(value):
    assert _found(_constant("aws_db_instance", password=value)) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("DB_PASSWORD", True),
        ("dbPassword", True),
        ("API_KEY", True),
        ("apiToken", True),
        ("JWT_SECRET", True),
        ("DB_PASSWORD_NAME", False),
        ("SECRET_ARN", False),
        ("TOKEN_URL", False),
        ("PASSWORD_POLICY", False),
        ("COMPASS", False),
        ("MONKEY", False),
    ],
)
def test_the_name_must_say_secret(name, found):
    values = {"environment": [{"variables": {name: STRONG}}]}
    expressions = {"environment": [{"variables": {"constant_value": {name: STRONG}}}]}

    assert _kinds(_resource("aws_lambda_function", values, expressions)) == (
        {f"environment[0].variables.{name}": NAMED} if found else {}
    )


def test_what_comes_from_a_variable_or_a_resource_is_not_in_the_source():
    by = {"references": ["var.password"]}
    generated = {"references": ["random_password.p.result", "random_password.p"]}

    assert _found(_resource("aws_db_instance", {"password": STRONG}, {"password": by})) == []
    assert _found(_resource("aws_db_instance", {"password": STRONG}, {"password": generated})) == []
    assert _found(_resource("aws_db_instance", {"password": GITHUB}, {"password": by})) == []
    assert (
        _found(_resource("aws_iam_access_key", {"secret": STRONG, "id": AWS_KEY}, {"user": {"constant_value": "u"}}))
        == []
    )


def test_a_literal_among_references_is_found_and_what_the_reference_gave_is_not():
    queue = _resource("aws_sqs_queue", {"url": "https://u:Zz9-given-By-aws-7@q"}, {"name": {"constant_value": "q"}})
    values = {"environment": [{"variables": {"DB_PASSWORD": STRONG, "QUEUE": "https://u:Zz9-given-By-aws-7@q"}}]}
    expressions = {"environment": [{"variables": {"references": ["aws_sqs_queue.x.url", "aws_sqs_queue.x"]}}]}

    assert _kinds(queue, _resource("aws_lambda_function", values, expressions)) == {
        "environment[0].variables.DB_PASSWORD": NAMED
    }


def test_a_literal_handed_to_a_module_is_found():
    configuration = {
        "root_module": {
            "module_calls": {"db": {"expressions": {"pw": {"constant_value": STRONG}}, "module": {}}},
        }
    }
    resource = _resource(
        "aws_db_instance", {"password": STRONG}, {"password": {"references": ["var.pw"]}}, module='module.db["a"]'
    )

    assert _kinds(resource, configuration=configuration) == {"password": NAMED}
    assert _kinds(resource) == {}


def test_environment_lists_in_json_are_read():
    containers = json.dumps(
        [
            {
                "name": "app",
                "environment": [{"name": "DB_PASSWORD", "value": STRONG}, {"name": "MODE", "value": "production"}],
            }
        ]
    )

    assert _kinds(
        _resource("aws_ecs_task_definition", {"container_definitions": containers}, {"container_definitions": {}})
    ) == {"container_definitions[0].environment[0].value": NAMED}


@pytest.mark.parametrize("attribute", ["user_data", "user_data_base64"])
def test_user_data_is_read_plain_and_as_base64(attribute):
    script = f"#!/bin/sh\nexport DB_PASSWORD='{STRONG}'\nmysql --user app --password {STRONG}\n"
    if attribute == "user_data_base64":
        script = base64.b64encode(script.encode()).decode()

    assert _kinds(_constant("aws_instance", **{attribute: script})) == {
        attribute: "a literal that a text assigns to a secret's name"
    }


def test_a_script_that_fetches_its_secret_is_left_alone():
    script = "export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id payments/db --query SecretString)\n"

    assert _found(_constant("aws_instance", user_data=script)) == []


def test_parameters_count_when_they_are_secure_or_named_like_a_secret():
    assert _kinds(_constant("aws_ssm_parameter", name="/a/b", type="SecureString", value=STRONG)) == {"value": NAMED}
    assert _kinds(_constant("aws_ssm_parameter", name="/a/db-password", type="String", value=STRONG)) == {
        "value": NAMED
    }
    assert _kinds(_constant("aws_ssm_parameter", name="/a/b", type="String", value=STRONG)) == {}


def test_a_secret_string_counts_as_text_and_as_json():
    document = json.dumps({"username": "app", "password": STRONG})

    assert _kinds(_constant("aws_secretsmanager_secret_version", secret_string=STRONG)) == {"secret_string": NAMED}
    assert set(_kinds(_constant("aws_secretsmanager_secret_version", secret_string=document)).values()) == {NAMED}


def test_policy_documents_are_not_mistaken_for_secrets():
    policy = json.dumps({"Statement": [{"Sid": "Token", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]})

    assert _found(_constant("aws_iam_policy", policy=policy)) == []


def test_the_example_keys_of_aws_are_left_out():
    assert _found(_constant("aws_instance", description="AKIAIOSFODNN7" + "EXAMPLE")) == []


def test_each_side_is_read_for_itself():
    resource = _resource(
        "aws_db_instance",
        {"password": STRONG},
        {"password": {"constant_value": STRONG}},
        before={"password": "other-" + STRONG},
        change="update",
    )
    (after,) = _found(resource)
    (before,) = _found(resource, side="before")

    assert (after.change, before.change) == ("update", "none")
    assert after.fingerprint != before.fingerprint


def _manifest(kind, body, api="v1"):
    body = {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "n"}, **body}
    return Manifest(FILE, api, kind, "n", "x", body, Location("x.yaml", 1, 20), {("data", "DB_PASSWORD"): 7})


def _in_manifests(*manifests, side="after"):
    return list(plaintext_secrets(Documents(manifests=list(manifests)), side))


def test_a_config_map_is_read_with_the_line():
    (secret,) = _in_manifests(
        _manifest("ConfigMap", {"data": {"DB_PASSWORD": STRONG, "app.conf": "mode: production\n"}})
    )

    assert secret.source == Source("k8s:ConfigMap/n/x", None, Location("x.yaml", 7, 7))
    assert (secret.kind, secret.attribute) == (NAMED, "data.DB_PASSWORD")


def test_text_in_the_binary_data_of_a_config_map_is_read_and_anything_else_is_not() -> None:
    held = {"password": STRONG, "colour": "blue", "picture": "\x00\x01"}
    data = {name: base64.b64encode(text.encode()).decode() for name, text in held.items()}
    data["image"] = base64.b64encode(b"\xff\xd8\xff\xe0" * 40).decode()
    (secret,) = _in_manifests(_manifest("ConfigMap", {"binaryData": data}))
    assert secret.attribute == "binaryData.password"


def test_a_pod_is_read_for_environment_and_command_line_and_not_for_its_field_names():
    container = {
        "name": "app",
        "env": [
            {"name": "API_TOKEN", "value": STRONG},
            {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
        ],
        "args": ["--password", STRONG, f"--api-key={STRONG}", "--token-file", "/var/run/token"],
        "volumeMounts": [{"name": "secret", "mountPath": "/secret"}],
    }
    pod = {
        "spec": {"template": {"spec": {"containers": [container], "imagePullSecrets": [{"name": "registry-token-x1"}]}}}
    }

    assert [s.attribute for s in _in_manifests(_manifest("Deployment", pod, "apps/v1"))] == [
        "spec.template.spec.containers[0].env[0].value",
        "spec.template.spec.containers[0].args[1]",
        "spec.template.spec.containers[0].args[2]",
    ]


def test_an_object_without_a_namespace_has_the_id_that_every_finding_gives_it():
    manifest = Manifest(FILE, "v1", "ConfigMap", None, "x", {"data": {"DB_PASSWORD": STRONG}}, Location("x.yaml", 1, 3))
    assert [s.source.address for s in _in_manifests(manifest)] == ["k8s:ConfigMap/default/x"]


def test_an_annotation_that_refers_to_a_secret_is_none():
    annotations = {
        "nginx.ingress.kubernetes.io/auth-secret": "shop/basic-auth",
        "haproxy.org/tls-secret": STRONG,
        "example.com/password": "hunter2-hunter",
    }
    ingress = _manifest("Ingress", {"metadata": {"annotations": annotations}}, "networking.k8s.io/v1")
    assert [s.kind for s in _in_manifests(ingress)] == [NAMED, NAMED]


@pytest.mark.parametrize(
    ("kind", "spec", "attribute"),
    [
        ("HelmRelease", {"values": {"db": {"adminPassword": STRONG}}}, "spec.values.db.adminPassword"),
        ("HelmChart", {"valuesContent": f"db:\n  password: {STRONG}\n"}, "spec.valuesContent"),
        (
            "Application",
            {"source": {"helm": {"parameters": [{"name": "db.password", "value": STRONG}]}}},
            "spec.source.helm.parameters[0].value",
        ),
    ],
)
def test_values_of_a_chart_are_the_authors_own_names(kind, spec, attribute):
    assert [s.attribute for s in _in_manifests(_manifest(kind, {"spec": spec}, "example.com/v1"))] == [attribute]


def test_a_secret_in_a_manifest_is_found_and_a_sealed_or_empty_one_is_not():
    plain = _manifest(
        "Secret", {"stringData": {"a": STRONG}, "data": {"b": base64.b64encode(STRONG.encode()).decode()}}
    )
    empty = _manifest("Secret", {"data": {"a": ""}, "stringData": {"b": "<set by the operator>"}})
    sealed = _manifest(
        "SealedSecret", {"spec": {"encryptedData": {"password": "AgBy3i4OJSWK"}}}, "bitnami.com/v1alpha1"
    )

    assert {s.attribute: s.kind for s in _in_manifests(plain, empty, sealed)} == {
        "data.b": "Kubernetes Secret in a manifest",
        "stringData.a": "Kubernetes Secret in a manifest",
    }


def test_a_manifest_says_nothing_about_the_side_before():
    assert _in_manifests(_manifest("ConfigMap", {"data": {"DB_PASSWORD": STRONG}}), side="before") == []


def test_equal_secrets_at_two_places_have_two_fingerprints():
    one, two = _found(_constant("aws_db_instance", password=STRONG, master_password=STRONG))

    assert one.fingerprint != two.fingerprint


def test_a_key_that_holds_the_value_is_not_told():
    assert attribute_path(("data", f"x{STRONG}", 0, "line\nbreak", GITHUB), STRONG) == "data.*[0].*.*"


_secrets = st.one_of(
    st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=16, max_size=40),
    st.from_regex(r"(AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|sk_live_[0-9a-zA-Z]{24})", fullmatch=True),
)
_names = st.sampled_from(["password", "DB_PASSWORD", "value", "name", "args", "env", "user_data", "token", "x"])


def _trees(secret):
    leaves = st.one_of(
        st.just(secret),
        st.just(f"https://u:{secret}@h/"),
        st.just(f"export TOKEN={secret}\n"),
        st.just(json.dumps({"password": secret, secret: secret})),
        st.just(base64.b64encode(f"PASSWORD={secret}".encode()).decode()),
        st.none(),
        st.integers(),
    )
    keys = st.one_of(_names, st.just(secret), st.just(f"a {secret}"))
    return st.recursive(
        leaves, lambda t: st.one_of(st.lists(t, max_size=3), st.dictionaries(keys, t, max_size=3)), max_leaves=8
    )


@settings(max_examples=150, deadline=None)
@given(st.data(), _secrets)
def test_no_value_ever_leaves(data, secret):
    tree = data.draw(_trees(secret))
    expression = data.draw(
        st.sampled_from(
            [{}, {"constant_value": 1}, {"references": ["local.a"]}, {"references": ["aws_x.y.z"]}, [{}], {"x": {}}]
        )
    )
    name = data.draw(_names)
    plan = TerraformPlan(FILE, "1.2", "1", {"aws_x.x": _resource("aws_x", {name: tree}, {name: expression})})
    manifests = [
        _manifest(kind, {"data": tree, "stringData": tree, "spec": {"containers": [{"env": tree, "args": tree}]}})
        for kind in ("ConfigMap", "Secret", "Pod")
    ]
    try:
        found = list(plaintext_secrets(Documents(plans=[plan], manifests=manifests), "after"))
    except Exception as error:
        raise AssertionError(type(error).__name__) from None

    assert [s for s in found if secret in json.dumps(s.to_json()) or secret in repr(s)] == []


_SECRET_IN_SOURCE = f'''
  environment {{
    variables = {{
      TABLE       = aws_dynamodb_table.t.arn
      DB_PASSWORD = "{STRONG}"
    }}
  }}
'''


def _function(after, *, before=None, body=_SECRET_IN_SOURCE):
    expressions = {"environment": [{"variables": {"references": ["aws_dynamodb_table.t.arn", "var.stage"]}}]}
    resource = _resource("aws_lambda_function", after, expressions, before=before)
    resource.unknown = {"environment": [{"variables": True}]}
    resource.body = body
    return resource


def test_a_secret_beside_a_value_that_is_not_known_yet_is_read_from_the_source():
    assert _kinds(_function({"environment": [{}]})) == {"environment[0].variables.DB_PASSWORD": NAMED}


def test_a_secret_of_the_source_was_there_before_when_the_state_has_it():
    before = {"environment": [{"variables": {"DB_PASSWORD": STRONG}}]}
    resource = _function({"environment": [{}]}, before=before)
    after = _found(resource)
    assert [s.fingerprint for s in _found(resource, side="before")] == [s.fingerprint for s in after]
    resource.before = {"environment": [{"variables": {"DB_PASSWORD": "other-" + STRONG}}]}
    assert _found(resource, side="before") == []


@pytest.mark.parametrize("name", ["PAYMENT_API_TOKEN_SECRET", "dbSecret"])
def test_the_name_of_a_secret_is_no_secret(name):
    assert _kinds(_constant("aws_x", variables={name: "orders-payment-provider"})) == {}


@pytest.mark.parametrize("name", ["CLIENT_SECRET", "jwt_secret", "DB_PASSWORD"])
def test_words_beside_the_name_of_a_secret_itself_are_one(name):
    assert list(_kinds(_constant("aws_x", variables={name: "orders-payment-provider"}))) == [f"variables.{name}"]


def _unread(resource):
    plan = TerraformPlan(FILE, "1.2", "1.11.4", {resource.address: resource}, {"root_module": {}})
    return [(u.what, u.source.address) for u in unread_places(Documents(plans=[plan]))]


@pytest.mark.parametrize(
    ("body", "unread"),
    [
        (None, True),
        (_SECRET_IN_SOURCE, False),
        ("environment {\n  variables = local.all\n}", True),
        ("environment {\n  variables = merge(local.all, { A = aws_x.y.arn })\n}", True),
        ("environment {\n  variables = { A = aws_x.y.arn }\n}", False),
    ],
)
def test_an_environment_nobody_knows_is_told_unless_its_source_writes_it_out(body, unread):
    found = _unread(_function({"environment": [{}]}, body=body))
    assert found == ([("environment variables", "aws_lambda_function.x")] if unread else [])


def test_an_environment_that_is_known_is_no_unknown():
    resource = _function({"environment": [{"variables": {"A": "b"}}]}, body=None)
    resource.unknown = {}
    assert _unread(resource) == []


def test_a_key_inside_a_referenced_secret_is_no_secret():
    body = """container_definitions = jsonencode([{
      secrets = [
        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.db_secret.arn}:password::" },
        { name = "KEY", valueFrom = "arn:aws:secretsmanager:${local.region}:${local.account}:secret:orders/provider" },
      ]
    }])"""
    resource = _resource("aws_ecs_task_definition", {}, {"container_definitions": {"references": ["x.y.arn", "x.y"]}})
    resource.body = body
    assert _kinds(resource) == {}


def _probing(name, value):
    probe = {"httpGet": {"path": "/", "port": 80, "httpHeaders": [{"name": name, "value": value}]}}
    return _manifest("Pod", {"spec": {"containers": [{"name": "c", "image": "i", "livenessProbe": probe}]}})


def test_credentials_that_a_probe_sends_are_secrets():
    (secret,) = _in_manifests(_probing("Authorization", "Basic dXNlcjp2cThKeDJUejd3TG00Ums="))
    place = "spec.containers[0].livenessProbe.httpGet.httpHeaders[0].value"
    assert (secret.kind, secret.attribute) == ("Credentials of an HTTP header", place)
    assert _in_manifests(_probing("Authorization", "Basic ${PROBE_CREDENTIALS}")) == []
    assert _in_manifests(_probing("X-Forwarded-Proto", "https")) == []
