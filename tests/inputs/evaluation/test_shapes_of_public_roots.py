"""Roots as they are written in public: data sources, variables without values, modules, other providers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gate.engine.engine import Engine
from gate.inputs.terraform.source_directory import TerraformInputs, evaluate
from tests.inputs.evaluation.roots import ROLE, TAGS, decided, denied, statements, written

pytestmark = pytest.mark.usefixtures("terraform_offline")

INLINE = """
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.app.name
  policy = data.aws_iam_policy.p.policy
}
"""
ADMIN = """
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""
INNER = """
variable "make" {
  type = bool
}
resource "aws_iam_user" "c" {
  count = var.make ? 1 : 0
  name  = "c"
}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


@pytest.mark.parametrize("repeat", ['for_each = toset(["build", "ship"])', "count = 2", ""])
def test_a_module_that_asks_who_calls_is_evaluated_however_often_it_is_called(tmp_path, engine, repeat):
    role = f"""
data "aws_caller_identity" "current" {{
  count = 1
}}
data "aws_iam_policy_document" "trust" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "AWS"
      identifiers = ["arn:aws:iam::${{data.aws_caller_identity.current[0].account_id}}:role/ci"]
    }}
  }}
}}
resource "aws_iam_role" "this" {{
  {TAGS}
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
"""
    root = written(tmp_path, main=f'module "roles" {{\n  source = "./role"\n  {repeat}\n}}\n', role__main=role)
    decision = decided(root, engine)
    assert (decision.verdict, decision.summary["identities"]) == ("allow", 3 if repeat else 2)  # role/ci counts


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ('data "external" "x" {\n  program = ["./pack"]\n}\n', "data.external.x.result.filename"),
        ('data "external" "x" {\n  program = ["./pack"]\n}\n', 'data.external.x.result["file name"]'),
        (
            'data "terraform_remote_state" "x" {\n  backend = "s3"\n  config = { bucket = "b" }\n}\n',
            "data.terraform_remote_state.x.outputs.bucket.name",
        ),
        ('data "vault_generic_secret" "x" {\n  path = "p"\n}\n', 'data.vault_generic_secret.x.data["file"]'),
    ],
)
def test_keys_that_the_text_asks_for_are_there(tmp_path, engine, source, read):
    function = f"""
resource "aws_lambda_function" "f" {{
  function_name = "f"
  role          = aws_iam_role.app.arn
  filename      = {read}
}}
"""
    root = written(tmp_path, main=ROLE + source + function)
    assert "gateref" in evaluate(root).resources["aws_lambda_function.f"].after["filename"]
    assert denied(decided(root, engine)) == []


@pytest.mark.parametrize(
    "asked",
    [
        'arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"',
        'name = "AWSLambdaVPCAccessExecutionRole"',
    ],
)
def test_the_content_of_an_aws_managed_policy_is_known_by_arn_and_by_name(tmp_path, engine, asked):
    root = written(tmp_path, main=ROLE + f'data "aws_iam_policy" "p" {{\n  {asked}\n}}\n' + INLINE)
    actions = [action for s in statements(evaluate(root), "aws_iam_role_policy.p") for action in s["Action"]]
    assert "ec2:CreateNetworkInterface" in actions
    assert denied(decided(root, engine)) == []


def test_a_policy_that_only_the_account_holds_is_one_unreviewable_document_and_the_rest_is_judged(tmp_path, engine):
    root = written(tmp_path, main=ROLE + 'data "aws_iam_policy" "p" {\n  name = "ours"\n}\n' + INLINE + ADMIN)
    decision = decided(root, engine)
    assert {rule for rule, _ in denied(decision)} >= {"unreviewable-access", "effective-admin"}
    assert not any("gateref" in f.message + f.remediation for f in decision.findings)


def test_an_attachment_of_a_managed_policy_by_name_is_known(tmp_path, engine):
    main = (
        ROLE
        + """
data "aws_iam_policy" "insights" {
  name = "CloudWatchLambdaInsightsExecutionRolePolicy"
}
resource "aws_iam_role_policy_attachment" "insights" {
  role       = aws_iam_role.app.name
  policy_arn = data.aws_iam_policy.insights.arn
}
"""
    )
    assert denied(decided(written(tmp_path, main=main), engine)) == []


@pytest.mark.parametrize(
    ("kind", "used", "name"),
    [
        ("object({\n    id   = string\n    port = number\n  })", "var.app.id", "robot-var-id"),
        ("object({ id = string, port = optional(number, 3) })", "${var.app.port}", "robot-1"),
        ("list(object({ id = string }))", "var.app[0].id", "robot-var-id"),
        ("map(object({ id = string }))", "values(var.app)[0].id", "robot-var-id"),
        ("tuple([string, bool])", "var.app[0]", "robot-var-app"),
        ("any", "var.app", "robot-var-app"),
    ],
)
def test_a_required_variable_of_any_type_gets_a_value_of_that_type(tmp_path, engine, kind, used, name):
    expression = used.removeprefix("${").removesuffix("}")
    main = f'variable "app" {{\n  type = {kind}\n}}\n'
    main += f'resource "aws_iam_user" "u" {{\n  name = "robot-${{{expression}}}"\n}}\n'
    plan = evaluate(written(tmp_path, main=main))
    assert plan.resources["aws_iam_user.u"].after["name"].startswith(name.rsplit("-1", 1)[0])
    assert [note.split(";")[0] for note in plan.file.notes] == ["var.app has no value"]


def test_a_root_that_only_calls_modules_needs_no_provider_block(tmp_path, engine):
    root = written(
        tmp_path,
        main='module "b" {\n  source = "./bucket"\n}\n',
        bucket__main='resource "aws_s3_bucket" "b" {\n  bucket = "logs"\n}\n',
    )
    decision = decided(root, engine)
    assert (decision.verdict, decision.summary["resources"]) == ("allow", 1)


def test_a_variable_that_is_called_arn_gets_the_form_of_an_arn(tmp_path, engine):
    main = (
        ROLE
        + """
variable "audit_policy_arn" {
  type = string
}
resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.app.name
  policy_arn = var.audit_policy_arn
}
"""
    )
    root = written(tmp_path, main=main)
    decision = decided(root, engine)
    assert denied(decision) == [("unreviewable-access", "aws_iam_role_policy_attachment.audit")]
    assert decision.inputs[0].notes == (
        'var.audit_policy_arn has no value; the gate assumed "arn:aws:iam::000000000000:policy/var-audit_policy_arn"',
    )
    known = TerraformInputs({"audit_policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
    assert decided(root, engine, terraform=known).inputs[0].notes == ()


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        ("aws_sns_topic", "policy"),
        ("aws_sqs_queue", "policy"),
        ("aws_secretsmanager_secret", "policy"),
        ("aws_kms_key", "policy"),
        ("aws_opensearch_domain", "access_policies"),
    ],
)
def test_an_argument_that_is_null_leaves_the_default_of_the_service(tmp_path, engine, kind, attribute):
    main = f"""
variable "policy" {{
  type    = string
  default = null
}}
resource "{kind}" "x" {{
  {attribute} = var.policy
}}
resource "aws_iam_user" "u" {{
  name = "u"
  {TAGS}
  path = "/${{md5(coalesce({kind}.x.{attribute}, "none"))}}/"
}}
"""
    assert denied(decided(written(tmp_path, main=main), engine)) == []


def test_resources_behind_a_variable_without_a_value_are_judged(tmp_path, engine):
    main = (
        """
variable "enabled" {
  type = bool
}
variable "disabled" {
  type = bool
}
variable "stage" {
  type = string
  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "dev or prod"
  }
}
variable "members" {
  type = map(string)
}
locals {
  create = var.enabled && !var.disabled
}
resource "aws_iam_user" "a" {
  count = local.create ? 1 : 0
  name  = "a"
}
resource "aws_iam_user" "b" {
  for_each = var.members
  name     = each.key
}
module "inner" {
  source = "./inner"
  make   = var.stage == "prod"
}
"""
        + ROLE
    )
    plan = evaluate(written(tmp_path, main=main, inner__main=INNER))
    assert sorted(plan.resources) == [
        "aws_iam_role.app",
        "aws_iam_user.a[0]",
        'aws_iam_user.b["var-members"]',
        "module.inner.aws_iam_user.c[0]",
    ]
    assert plan.file.notes == (
        "var.disabled has no value; the gate assumed false",
        "var.enabled has no value; the gate assumed true",
        'var.members has no value; the gate assumed {"var-members": "var-member"}',
        'var.stage has no value; the gate assumed "prod"',
    )


def test_an_issuer_of_a_cluster_of_the_same_change_is_one_of_eks(tmp_path, engine):
    def root(name: str, subject: str):
        main = f"""
resource "aws_eks_cluster" "shop" {{
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/cluster"
}}
resource "aws_iam_openid_connect_provider" "shop" {{
  url            = aws_eks_cluster.shop.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}}
data "aws_iam_policy_document" "trust" {{
  statement {{
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {{
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.shop.arn]
    }}
    condition {{
      test     = "StringLike"
      variable = "${{replace(aws_eks_cluster.shop.identity[0].oidc[0].issuer, "https://", "")}}:sub"
      values   = ["{subject}"]
    }}
    condition {{
      test     = "StringEquals"
      variable = "${{replace(aws_eks_cluster.shop.identity[0].oidc[0].issuer, "https://", "")}}:aud"
      values   = ["sts.amazonaws.com"]
    }}
  }}
}}
resource "aws_iam_role" "catalog" {{
  {TAGS}
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
"""
        return written(tmp_path / name, main=main)

    for name, subject in (("any", "system:serviceaccount:*:*"), ("all", "*")):
        decision = decided(root(name, subject), engine)
        assert ("oidc-trust-too-wide", "aws_iam_role.catalog") in denied(decision)
        assert not any("gateref" in f.message for f in decision.findings)
    assert denied(decided(root("one", "system:serviceaccount:shop:catalog"), engine)) == []


def test_modules_that_are_not_at_hand_are_named_and_the_rest_is_judged(tmp_path, engine):
    main = """
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
  name    = "main"
}
module "acl" {
  source   = "git::https://example.com/acl.git"
  for_each = toset(["a"])
}
resource "aws_iam_user_policy" "p" {
  user   = "u"
  policy = module.acl["a"].policy
}
resource "aws_iam_user" "u" {
  name = module.vpc.name
}
"""
    decision = decided(written(tmp_path, main=main), engine)
    reasons = {f.address: f.message for f in decision.findings if f.rule == "unreviewable-access"}
    assert "terraform-aws-modules/vpc/aws) is not available locally, so it was not analysed" in reasons["module.vpc"]
    assert "git::https://example.com/acl.git) is not available locally, so it was not analysed" in reasons["module.acl"]
    assert "aws_iam_user_policy.p" in reasons


def test_a_provider_and_a_version_nobody_has_a_schema_of_are_read_as_written(tmp_path):
    main = """
terraform {
  required_version = ">= 99"
  required_providers {
    acme = { source = "registry.example.com/acme/acme", version = "99.0.0" }
  }
  backend "s3" {}
}
resource "acme_gadget" "g" {}
resource "acme_widget" "w" {
  size = 3
  inner {
    name = acme_gadget.g.parts[0].label
  }
  dynamic "rule" {
    for_each = ["a", "b"]
    content {
      value = rule.value
    }
  }
}
resource "aws_iam_user" "u" {
  name             = "u"
  argument_of_2031 = { a = [1] }
}
"""
    plan = evaluate(written(tmp_path, main=main))
    widget = plan.resources["acme_widget.w"].after
    assert (widget["size"], widget["rule"]) == (3, [{"value": "a"}, {"value": "b"}])
    assert plan.symbols[widget["inner"][0]["name"]].attribute == "parts.0.label"
    assert plan.resources["aws_iam_user.u"].after["argument_of_2031"] == {"a": [1]}


def test_what_google_and_azure_compute_has_its_documented_form(tmp_path):
    main = """
provider "google" {
  project = "shop"
}
resource "google_service_account" "robot" {
  account_id = "robot"
}
data "google_iam_policy" "p" {
  binding {
    role    = "roles/viewer"
    members = [google_service_account.robot.member, "user:a@example.com"]
  }
}
resource "google_project_iam_policy" "p" {
  project     = "shop"
  policy_data = data.google_iam_policy.p.policy_data
}
resource "azurerm_user_assigned_identity" "i" {
  name = "i"
}
resource "azurerm_role_assignment" "a" {
  scope                = "/subscriptions/x"
  role_definition_name = "Owner"
  principal_id         = azurerm_user_assigned_identity.i.principal_id
}
"""
    plan = evaluate(written(tmp_path, main=main))
    assert plan.resources["google_project_iam_policy.p"].after["policy_data"] == (
        '{"bindings":[{"members":["serviceAccount:robot@shop.iam.gserviceaccount.com","user:a@example.com"],"role":"roles/viewer"}]}'
    )
    principal = plan.resources["azurerm_role_assignment.a"].after["principal_id"]
    assert plan.symbols[principal].address == "azurerm_user_assigned_identity.i"


@pytest.mark.parametrize(
    ("block", "attribute", "path"),
    [
        (
            'resource "kubernetes_manifest" "x" {\n  manifest = { kind = "ServiceAccount", metadata = { annotations = '
            "{ role = aws_iam_role.app.arn } } }\n}\n",
            "manifest",
            ("metadata", "annotations", "role"),
        ),
        (
            'resource "azapi_resource" "x" {\n  body = { properties = { id = aws_iam_role.app.arn } }\n}\n',
            "body",
            ("properties", "id"),
        ),
        (
            'resource "nobody_knows" "x" {\n  tree = [{ a = 1 }, { b = aws_iam_role.app.arn }]\n}\n',
            "tree",
            (1, "b"),
        ),
    ],
)
def test_an_attribute_of_any_type_is_read_as_it_is_written(tmp_path, block, attribute, path):
    plan = evaluate(written(tmp_path, main=ROLE + block))
    (resource,) = (r for r in plan.resources.values() if r.type != "aws_iam_role")
    found = resource.after[attribute]
    for step in path:
        found = found[step]
    assert "gateref" in found
    assert plan.not_evaluated is None


LOGS = """
data "aws_cloudfront_log_delivery_canonical_user_id" "cdn" {{
  {asked}
}}
resource "aws_s3_bucket" "logs" {{ bucket = "logs-x" }}
resource "aws_s3_bucket_acl" "logs" {{
  bucket = aws_s3_bucket.logs.id
  access_control_policy {{
    owner {{ id = "self" }}
    grant {{
      grantee {{
        id   = {id}
        type = "CanonicalUser"
      }}
      permission = "FULL_CONTROL"
    }}
  }}
}}
"""
DELIVERY = "data.aws_cloudfront_log_delivery_canonical_user_id.cdn.id"


@pytest.mark.parametrize("asked", ["", 'region = "eu-west-1"', 'region = "cn-north-1"'])
def test_the_delivery_of_cloudfronts_logs_is_no_stranger(tmp_path, engine, asked):
    decision = decided(written(tmp_path, main=LOGS.format(asked=asked, id=DELIVERY)), engine)
    assert [f for f in decision.findings if f.rule == "resource-policy-foreign"] == []


def test_another_canonical_id_is_one(tmp_path, engine):
    decision = decided(written(tmp_path, main=LOGS.format(asked="", id=f'"{"a1" * 32}"')), engine)
    assert [f.address for f in decision.findings if f.rule == "resource-policy-foreign"] == ["aws_s3_bucket_acl.logs"]
