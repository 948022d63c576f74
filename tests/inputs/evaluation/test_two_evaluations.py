"""A document that depends on what the gate made up is unknown; one that only mentions it is known."""

from __future__ import annotations

import tempfile

import pytest

from gate.engine.engine import Engine
from gate.inputs.terraform.source_directory import evaluate
from gate.pipeline import check
from tests.inputs.evaluation.roots import ROLE, denied, statements, written

pytestmark = pytest.mark.usefixtures("terraform_offline")

QUEUE = 'resource "aws_sqs_queue" "q" {\n  name = "jobs"\n}\ndata "aws_caller_identity" "me" {}\n'


def _policy(action: str, resource: str) -> str:
    return f"""
resource "aws_iam_role_policy" "p" {{
  role = aws_iam_role.app.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = {action}, Resource = {resource} }}]
  }})
}}
"""


@pytest.mark.parametrize(
    "looks",
    [
        'endswith(aws_sqs_queue.q.arn, ":jobs")',
        'length(regexall("gateref", aws_sqs_queue.q.arn)) == 0',
        'can(regex("^https://sqs[.].*/jobs$", aws_sqs_queue.q.url))',
        "length(aws_sqs_queue.q.arn) < 48",
        'strcontains(sha256(aws_sqs_queue.q.arn), "f") && !endswith(aws_sqs_queue.q.id, "z")',
        'data.aws_caller_identity.me.account_id != "000000000000"',
        'terraform.workspace != "default"',
        'timecmp(plantimestamp(), timeadd("2026-01-01T00:00:00Z", "17000h")) > 0 || terraform.workspace != "default"',
        'timecmp(plantimestamp(), "2027-12-01T00:00:00Z") > 0',
    ],
)
def test_a_document_that_looks_at_a_stand_in_is_unknown(tmp_path, looks):
    main = ROLE + QUEUE + _policy(f'{looks} ? "*" : "sqs:SendMessage"', '"*"')
    root = written(tmp_path, main=main)
    plan = evaluate(root)
    assert plan.resources["aws_iam_role_policy.p"].unknown["policy"] is True
    assert "aws_iam_role_policy.p.policy depends on the account, the time" in plan.not_evaluated


@pytest.mark.parametrize(
    ("block", "looks"),
    [
        ('data "aws_ami" "x" {}', "data.aws_ami.x.ena_support"),
        ('data "aws_db_instance" "x" {}', "data.aws_db_instance.x.port != 1"),
        ('resource "aws_db_instance" "x" {}', "aws_db_instance.x.port > 1"),
        ('resource "aws_iam_role" "x" {}', "aws_iam_role.x.max_session_duration != null"),
        ('resource "aws_sqs_queue" "x" {}', "try(aws_sqs_queue.x.fifo_queue, null) == null"),
        ('resource "google_service_account" "x" {}', 'aws_iam_role.app.path == "/"'),
        ('data "aws_iam_policy_document" "x" {}', 'length(fileset(path.root, ".terraform/providers/**")) > 0'),
        ("", 'fileexists("${path.module}/.terraform.lock.hcl")'),
        ("", 'fileexists(".terraform/providers/registry.terraform.io/hashicorp/decoy")'),
        ("", 'fileexists("terraform.tfstate")'),
        ("", 'length(fileset(path.root, "*.tf")) == 1'),
        ('data "aws_iam_policy_document" "x" {\n  version = aws_sqs_queue.q.name\n}', 'length(fileset(".", "*")) == 1'),
    ],
)
def test_what_the_gate_makes_up_besides_texts_gives_nothing_away(tmp_path, block, looks):
    main = ROLE + QUEUE + block + _policy(f'{looks} ? "*" : "sqs:SendMessage"', '"*"')
    plan = evaluate(written(tmp_path, main=main))
    assert plan.resources["aws_iam_role_policy.p"].unknown["policy"] is True


_ZONES = 'data "aws_availability_zones" "z" {}\n'
_SUBNETS = 'data "aws_subnets" "s" {}\n'


@pytest.mark.parametrize(
    ("block", "looks"),
    [
        (_ZONES, "length(data.aws_availability_zones.z.names) == 3"),
        (_ZONES, "length(data.aws_availability_zones.z.names) > 5"),
        (_ZONES, 'contains([for n in data.aws_availability_zones.z.names : substr(n, -1, 1)], "d")'),
        (_SUBNETS, "length(data.aws_subnets.s.ids) == 3"),
        (_SUBNETS, 'length(join(",", data.aws_subnets.s.ids)) % 2 == 0 || length(data.aws_subnets.s.ids) < 4'),
        ("", f'startswith(path.cwd, "{tempfile.gettempdir()}/")'),
        ("", f'startswith(abspath(path.root), "{tempfile.gettempdir()}/")'),
        ("", 'strcontains(abspath("."), "/gate-")'),
    ],
)
def test_the_number_of_what_a_cloud_lists_and_the_folder_give_nothing_away(tmp_path, block, looks):
    plan = evaluate(written(tmp_path, main=ROLE + QUEUE + block + _policy(f'{looks} ? "*" : "sqs:SendMessage"', '"*"')))
    assert plan.resources["aws_iam_role_policy.p"].unknown["policy"] is True


_NETWORK = (
    _ZONES
    + _SUBNETS
    + """
resource "aws_subnet" "one" {
  count             = length(data.aws_availability_zones.z.names)
  vpc_id            = "vpc-1"
  availability_zone = data.aws_availability_zones.z.names[count.index]
}
resource "aws_subnet" "each" {
  for_each          = toset(slice(data.aws_availability_zones.z.names, 0, 3))
  vpc_id            = "vpc-1"
  availability_zone = each.key
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.app.arn
  vpc_config {
    subnet_ids         = concat(aws_subnet.one[*].id, data.aws_subnets.s.ids)
    security_group_ids = ["sg-1"]
  }
}
"""
)


def test_networks_over_what_a_cloud_lists_are_known(tmp_path):
    main = ROLE + QUEUE + _NETWORK + _policy('"sqs:SendMessage"', "aws_sqs_queue.q.arn")
    with Engine() as engine:
        decision = check([str(written(tmp_path, main=main))], engine=engine)
        plan = evaluate(tmp_path)
    assert (plan.not_evaluated, denied(decision)) == (None, [])
    assert {address for address in plan.resources if address.startswith("aws_subnet.one")} == {
        f"aws_subnet.one[{n}]" for n in range(6)
    }
    assert plan.resources["aws_lambda_function.f"].unknown.get("vpc_config") is not True


@pytest.mark.parametrize(
    ("users", "address"),
    [
        ("length(data.aws_availability_zones.z.names) > 3 ? 1 : 0", "aws_iam_user.u[0]"),
        ("length(data.aws_availability_zones.z.names) > 3 ? 1 : 2", "aws_iam_user.u[1]"),
    ],
)
def test_what_a_shorter_list_makes_is_a_reason_to_deny(tmp_path, users, address):
    main = ROLE + _ZONES + f'resource "aws_iam_user" "u" {{\n  count = {users}\n  name = "u${{count.index}}"\n}}\n'
    with Engine() as engine:
        decision = check([str(written(tmp_path, main=main))], engine=engine)
    assert ("unreviewable-access", address) in denied(decision)


def test_the_copy_has_no_file_of_the_gates_own_by_which_it_could_be_told(tmp_path):
    looks = 'anytrue([for f in fileset(".", "**") : strcontains(f, "gate")]) ? "sqs:SendMessage" : "*"'
    reading = 'data "aws_iam_policy_document" "x" {\n  version = aws_sqs_queue.q.name\n}\n'
    plan = evaluate(written(tmp_path, main=ROLE + QUEUE + reading + _policy(looks, '"*"')))
    assert statements(plan, "aws_iam_role_policy.p")[0]["Action"] == "*"


def test_what_depends_on_a_stand_in_is_denied(tmp_path):
    main = ROLE + QUEUE + _policy('endswith(aws_sqs_queue.q.arn, ":jobs") ? "*" : "sqs:SendMessage"', '"*"')
    with Engine() as engine:
        decision = check([str(written(tmp_path, main=main))], engine=engine)
    assert ("unreviewable-access", "aws_iam_role_policy.p") in denied(decision)


@pytest.mark.parametrize(
    ("resource", "shown"),
    [
        ('"${aws_sqs_queue.q.arn}/*"', "arn:aws:gate:::TOKEN/*"),
        ('replace(aws_sqs_queue.q.arn, ":sqs:", ":sns:")', "arn:aws:sns:us-east-1:000000000000:TOKEN"),
        ('"arn:aws:sqs:eu-west-1:1:${element(split(":", aws_sqs_queue.q.arn), 5)}"', "arn:aws:sqs:eu-west-1:1:TOKEN"),
        (
            'format("arn:aws:iam::%s:role/x", data.aws_caller_identity.me.account_id)',
            "arn:aws:iam::000000000000:role/x",
        ),
        ('"arn:aws:s3:::${terraform.workspace}-logs"', "arn:aws:s3:::default-logs"),
        ('"arn:aws:s3:::us-east-1-logs"', "arn:aws:s3:::us-east-1-logs"),
        ('upper("arn:aws:s3:::x")', "ARN:AWS:S3:::X"),
    ],
)
def test_a_document_that_mentions_a_stand_in_is_known(tmp_path, resource, shown):
    plan = evaluate(written(tmp_path, main=ROLE + QUEUE + _policy('"sqs:SendMessage"', resource)))
    (token,) = [t for t, r in plan.symbols.items() if (r.address, r.attribute) == ("aws_sqs_queue.q", "arn")]
    assert statements(plan, "aws_iam_role_policy.p")[0]["Resource"] == shown.replace("TOKEN", token)
    assert plan.not_evaluated is None


def test_the_order_of_a_set_says_nothing(tmp_path):
    main = (
        ROLE
        + """
resource "aws_sqs_queue" "q" {
  for_each = toset(["a", "b", "c", "d"])
  name     = each.key
}
"""
        + _policy('"sqs:SendMessage"', "sort([for q in aws_sqs_queue.q : q.arn])")
    )
    plan = evaluate(written(tmp_path, main=main))
    assert len(statements(plan, "aws_iam_role_policy.p")[0]["Resource"]) == 4
    assert plan.not_evaluated is None


def test_a_resource_that_only_one_of_both_evaluations_makes_is_a_reason_to_deny(tmp_path):
    main = (
        ROLE
        + QUEUE
        + """
resource "aws_iam_user" "hidden" {
  count = endswith(aws_sqs_queue.q.arn, ":jobs") ? 1 : 0
  name  = "hidden"
}
"""
    )
    with Engine() as engine:
        decision = check([str(written(tmp_path, main=main))], engine=engine)
    assert ("unreviewable-access", "aws_iam_user.hidden[0]") in denied(decision)
