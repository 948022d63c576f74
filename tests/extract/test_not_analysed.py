from typing import Any

import pytest

from gate.extract.bearing import not_looked_into
from gate.extract.not_analysed import extract
from gate.inputs.documents import SourceFile
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel, NotAnalysed, Source


def stated(side, *resources):
    """What is stated of resources, each ``(address, before, after)``."""
    changes = []
    for address, before, after in resources:
        kind, name = address.split(".")
        actions = ["create"] if before is None else ["delete"] if after is None else ["update"]
        actions = ["no-op"] if before == after else actions
        change = {"actions": actions, "before": before, "after": after}
        changes.append({"address": address, "mode": "managed", "type": kind, "name": name, "change": change})
    plan, _ = parse_plan({"format_version": "1.2", "resource_changes": changes}, SourceFile("p", "terraform-plan", ""))
    model = AccessModel()
    extract([plan], side, model)
    return model.not_analysed


def test_an_identity_of_a_platform_without_an_adapter_is_stated():
    assert stated("after", ("google_service_account.ci", None, {}), ("okta_user.u", None, {})) == [
        NotAnalysed("google_service_account", "google", "identity", Source("google_service_account.ci"), "create"),
        NotAnalysed("okta_user", "okta", "identity", Source("okta_user.u"), "create"),
    ]


def test_resources_that_bear_no_identity_and_types_the_adapter_reads_are_not_stated():
    quiet = ("google_compute_network.n", "azurerm_resource_group.g", "aws_iam_role.r", "random_id.x", "acme_thing.t")
    assert stated("after", *((address, None, {}) for address in quiet)) == []


def test_an_azure_resource_counts_when_it_has_an_identity_block():
    assert [
        n.source.address
        for n in stated(
            "after",
            ("azurerm_linux_web_app.with", None, {"identity": [{"type": "SystemAssigned"}]}),
            ("azurerm_linux_web_app.without", None, {"identity": []}),
        )
    ] == ["azurerm_linux_web_app.with"]


def test_an_update_stands_only_after_so_that_it_never_looks_old():
    resources = (("okta_group.same", {"a": 1}, {"a": 1}), ("okta_group.new", {"a": 1}, {"a": 2}))
    assert [(n.source.address, n.change) for n in stated("before", *resources)] == [("okta_group.same", "none")]
    assert [n.change for n in stated("after", *resources)] == ["none", "update"]


def test_a_deleted_resource_is_only_before():
    gone = ("vault_policy.p", {}, None)
    assert stated("after", gone) == []
    assert [n.change for n in stated("before", gone)] == ["delete"]


def test_a_client_of_a_user_pool_counts_when_it_has_a_secret():
    client = "aws_cognito_user_pool_client"
    with_secret = (f"{client}.service", None, {"generate_secret": True})
    found = stated("after", with_secret, (f"{client}.app", None, {"generate_secret": False}))
    assert [n.source.address for n in found] == [f"{client}.service"]


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("oci_identity_policy", "grant, by its name"),
        ("alicloud_ram_policy", "grant, by its name"),
        ("snowflake_grant_account_role", "grant, by its name"),
        ("gitlab_project_access_token", "credential, by its name"),
        ("gitlab_group_membership", "membership, by its name"),
        ("tfe_team_access", "grant, by its name"),
        ("databricks_permissions", "grant, by its name"),
        ("mongodbatlas_database_user", "identity, by its name"),
        ("auth0_client", "identity, by its name"),
        ("awscc_iam_role", "grant, by its name"),
        ("hcp_iam_workload_identity_provider", "identity, by its name"),
        ("consul_acl_token", "credential, by its name"),
        ("postgresql_role", "grant, by its name"),
        ("azapi_resource", "deploys resources that this change does not show"),
        ("restapi_object", "deploys resources that this change does not show"),
        ("helm_release", "deploys objects that are not in this change"),
        ("google_newservice_thing_iam_member", "grant, by its name"),
        ("azurerm_newservice_role_assignment", "grant, by its name"),
        ("azurerm_resource_group_template_deployment", "deploys resources that this change does not show"),
        ("azurerm_subscription_template_deployment", "deploys resources that this change does not show"),
        ("google_deployment_manager_deployment", "deploys resources that this change does not show"),
        ("aws_servicecatalog_provisioned_product", "runs-as (opaque inner resources)"),
        ("vault_generic_endpoint", "identity, grant or trust"),
        ("ansible_playbook", "deploys resources that this change does not show"),
        ("ssh_resource", "deploys resources that this change does not show"),
        ("tfe_workspace_run", "deploys resources that this change does not show"),
        ("oci_objectstorage_preauthrequest", "credential, by its name"),
        # These words say something else.
        ("azurerm_resource_group", None),
        ("google_project_service", None),
        ("aws_servicecatalog_portfolio", None),
        ("vault_raft_autopilot", None),
        ("ansible_host", None),
        ("tfe_workspace", None),
        ("oci_objectstorage_bucket", None),
        ("pagerduty_escalation_policy", None),
        ("mongodbatlas_project_ip_access_list", None),
        ("snowflake_masking_policy", None),
        ("newrelic_alert_policy", None),
        ("datadog_monitor", None),
        ("cloudflare_record", None),
        ("oci_kms_key", None),
        ("tls_private_key", None),
        ("random_password", None),
        ("awscc_sqs_queue", None),
        ("aws_newservice_policy", None),
    ],
)
def test_a_type_that_no_table_knows_is_told_by_its_words(kind: str, role: str | None) -> None:
    assert [n.role for n in stated("after", (f"{kind}.x", None, {}))] == ([role] if role else [])


POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'
)


@pytest.mark.parametrize(
    ("kind", "values", "role"),
    [
        ("aws_newservice_thing", {"policy": POLICY}, "grant, by the policy that it carries"),
        ("aws_newservice_thing", {"settings": [{"access_policy": POLICY}]}, "grant, by the policy that it carries"),
        ("acme_bucket", {"policy": POLICY}, "grant, by the policy that it carries"),
        ("google_newservice_thing", {"policy": POLICY}, "grant, by the policy that it carries"),
        ("acme_bucket", {"roles": ["admin"]}, "grant, by its arguments"),
        ("acme_bucket", {"members": ["everybody"]}, "membership, by its arguments"),
        ("awscc_lambda_function", {"role": "arn:aws:iam::111122223333:role/x"}, "grant, by its arguments"),
        ("databricks_group_instance_profile", {"instance_profile_id": "arn:…"}, "grant, by its arguments"),
        ("databricks_job_runner", {"instance_profile_arn": "arn:…"}, "grant, by its arguments"),
        ("databricks_cluster", {"instance_pool_id": "p"}, None),
        ("acme_bucket", {"roles": [], "policy": None, "name": "b"}, None),
        (
            "aws_newservice_runtime",
            {"role_arn": "arn:aws:iam::111122223333:role/x"},
            "runs as a role, by its arguments",
        ),
        (
            "aws_newservice_runtime",
            {"run": [{"execution_role_arn": "arn:aws:iam::111122223333:role/x"}]},
            "runs as a role, by its arguments",
        ),
        ("aws_newservice_runtime", {"role": "reader"}, None),
        ("aws_lambda_function", {"role": "arn:aws:iam::111122223333:role/x"}, None),  # read as what it runs
        ("aws_iam_instance_profile", {"role": "arn:aws:iam::111122223333:role/x"}, None),
        ("aws_sqs_queue", {"policy": POLICY}, None),  # read as the resource policy it is
        ("aws_ssm_parameter", {"value": POLICY}, None),  # a text about policies
        ("aws_sns_topic_data_protection_policy", {"policy": '{"Statement": [{"DataDirection": "Inbound"}]}'}, None),
    ],
)
def test_a_type_that_no_table_knows_is_told_by_its_arguments(
    kind: str, values: dict[str, Any], role: str | None
) -> None:
    assert [n.role for n in stated("after", (f"{kind}.x", None, values))] == ([role] if role else [])


@pytest.mark.parametrize(
    ("template", "is_stated"),
    [
        ('{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}', False),
        ("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n  T:\n    Type: AWS::SNS::Topic\n", False),
        ('{"Resources": {"R": {"Type": "AWS::IAM::Role"}}}', True),
        ('{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}, "F": {"Type": "AWS::Lambda::Function"}}}', True),
        (
            '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"Replication": {"Role": "x"}}}}}',
            True,
        ),
        ('{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}', True),
        ('{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Fn::Transform": {"Name": "Macro"}}}}}', True),
        ("not a template", True),
    ],
)
def test_a_stack_is_opaque_unless_its_template_makes_only_what_bears_no_identity(
    template: str, is_stated: bool
) -> None:
    values = {"name": "s", "template_body": template}
    assert bool(stated("after", ("aws_cloudformation_stack.s", None, values))) == is_stated
    assert stated("after", ("aws_cloudformation_stack.s", None, values | {"template_url": "https://x"})) != []


def test_providers_that_nobody_reads_are_counted() -> None:
    kinds = (
        "datadog_monitor",
        "datadog_dashboard",
        "cloudflare_record",
        "random_id",
        "aws_sqs_queue",
        "kubectl_manifest",
    )
    changes = [
        {"address": f"{kind}.x", "mode": "managed", "type": kind, "name": "x",
         "change": {"actions": ["create"], "before": None, "after": {}}}
        for kind in kinds
    ]  # fmt: skip
    gone = {"address": "oci_x.x", "mode": "managed", "type": "oci_x", "name": "x",
            "change": {"actions": ["delete"], "before": {}, "after": None}}  # fmt: skip
    value = {"format_version": "1.2", "resource_changes": [*changes, gone]}
    plan, _ = parse_plan(value, SourceFile("p", "terraform-plan", ""))
    assert not_looked_into([plan]) == {"cloudflare": 1, "datadog": 2}


def _patch(type_: str, **values: Any) -> tuple[str, None, dict[str, Any]]:
    return (f"{type_}.x", None, {"metadata": [{"name": "default"}], **values})


def _entries(namespace: str | None, name: str, key: str = "a") -> tuple[str, None, dict[str, Any]]:
    values = {"metadata": [{"name": name, "namespace": namespace}], "data": {key: "b"}}
    return ("kubernetes_config_map_v1_data.x", None, values)


@pytest.mark.parametrize(
    ("resource", "role"),
    [
        (
            _patch(
                "kubernetes_annotations", kind="ServiceAccount", annotations={"eks.amazonaws.com/role-arn": "arn:x"}
            ),
            "changes part of an identity, or of a workload that runs as one",
        ),
        (
            _patch(
                "kubernetes_annotations", kind="Deployment", template_annotations={"iam.amazonaws.com/role": "admin"}
            ),
            "changes part of an identity, or of a workload that runs as one",
        ),
        (
            _patch("kubernetes_env", kind="Deployment", env=[{"name": "A", "value": "b"}]),
            "changes part of an identity, or of a workload that runs as one",
        ),
        (
            _patch("kubernetes_labels", kind="Ingress", labels={"unknown.example.com/x": "y"}),
            "changes part of an object that is defined elsewhere",
        ),
        (_entries("kube-system", "aws-auth"), "changes part of an identity, or of a workload that runs as one"),
        (
            _entries("gate-system", "gate-config", "gate.yaml"),
            "changes part of an identity, or of a workload that runs as one",
        ),
        (_entries(None, "app"), "changes part of an object that is defined elsewhere"),
        (_entries("shop", "app"), None),
        (_entries("kube-system", "coredns"), None),
        (_patch("kubernetes_future_thing"), "of a type that is not known"),
        (_patch("kubernetes_labels", kind="ServiceAccount", labels={"team": "a", "app.kubernetes.io/name": "x"}), None),
        (_patch("kubernetes_horizontal_pod_autoscaler_v2beta2"), None),
        (_patch("kubernetes_network_policy_v1"), None),
    ],
)
def test_what_changes_a_part_of_an_object_is_stated_unless_its_keys_are_for_people(resource, role):
    assert [n.role for n in stated("after", resource)] == ([] if role is None else [role])
