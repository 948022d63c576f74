"""Arguments that share a resource with accounts or everybody: each of the table, and what is not shared."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gate.extract.aws.resources.sharing_arguments import shares
from gate.inputs.terraform.evaluation.provider_schemas import FOLDER
from gate.model.access import AccessModel

Written = Callable[..., AccessModel]
ROWS = [(type_, row) for type_, rows in shares().items() for row in rows]
NAMES = [f"{type_}.{row['at']}" for type_, row in ROWS]


def within(path: str, value: Any) -> dict[str, Any]:
    """``a.b.c`` as nested blocks, the value in the innermost."""
    first, _, rest = path.partition(".")
    return {first: [within(rest, value)] if rest else value}


def let_in(written: Written, type_: str, values: dict[str, Any]) -> set[tuple[str, str]]:
    model = written({f"{type_}.x": values})
    return {(grant.principal.kind, grant.principal.value) for grant in model.resource_grants}


@pytest.mark.parametrize(("type_", "row"), ROWS, ids=NAMES)
def test_everybody_is_let_in(written: Written, type_: str, row: dict[str, Any]) -> None:
    everybody = row["public"][0] if "public" in row else "all"
    assert let_in(written, type_, within(row["at"], everybody)) == {("anyone", "*")}


@pytest.mark.parametrize(("type_", "row"), ROWS, ids=NAMES)
def test_one_account_or_nobody_is_let_in(written: Written, type_: str, row: dict[str, Any]) -> None:
    expected = set() if "public" in row else {("account", "999988887777")}
    assert let_in(written, type_, within(row["at"], ["999988887777"])) == expected
    assert let_in(written, type_, {}) == set()


def test_accounts_in_one_text_are_several(written: Written) -> None:
    permissions = {"type": "Share", "account_ids": "111122223333, 444455556666"}
    found = let_in(written, "aws_ssm_document", {"permissions": permissions})
    assert found == {("account", "111122223333"), ("account", "444455556666")}


def test_a_bucket_that_ignores_public_acls_keeps_the_object(written: Written) -> None:
    resources = {
        "aws_s3_bucket.b": {"bucket": "b"},
        "aws_s3_bucket_public_access_block.b": {"bucket": "b", "ignore_public_acls": True},
        "aws_s3_object.o": {"bucket": "b", "key": "k", "acl": "public-read"},
    }
    assert [grant.public_block for grant in written(resources).resource_grants] == [True]


def test_whom_it_is_shared_with_is_not_known_yet(written: Written) -> None:
    model = written(
        {"aws_db_snapshot_copy.c": {"target_db_snapshot_identifier": "y"}},
        unknown={"aws_db_snapshot_copy.c": {"shared_accounts": True}},
        expressions={"aws_db_snapshot_copy.c": {"shared_accounts": ["var.accounts"]}},
    )
    assert [unknown.reason for unknown in model.unknown] == [
        "The principals that aws_db_snapshot_copy.c shares with are not known before apply."
    ]


def test_lake_formation_names_the_own_account_in_a_way_of_its_own(written: Written) -> None:
    type_ = "aws_lakeformation_permissions"
    assert let_in(written, type_, {"principal": "IAM_ALLOWED_PRINCIPALS"}) == set()
    assert let_in(written, type_, {"principal": "999988887777:IAMPrincipals"}) == {("account", "999988887777")}


# What names accounts, principals or an ACL and shares nothing of the resource; each with what it does instead.
_NO_SHARES = """
aws_accessanalyzer_analyzer  looks at them
aws_acmpca_permission  lets acm.amazonaws.com alone
aws_appsync_graphql_api  from which network it is reached
aws_backup_report_plan  reports about them
aws_cloudformation_stack_instances aws_cloudformation_stack_set_instance  creates there
aws_servicecatalog_provisioned_product  creates there
aws_config_configuration_aggregator aws_config_organization_custom_policy_rule  looks at them
aws_config_organization_conformance_pack aws_config_organization_custom_rule  looks at them
aws_config_organization_managed_rule aws_inspector2_enabler  looks at them
aws_datasync_location_hdfs aws_sns_platform_application  names the own login elsewhere
aws_elasticache_user_group aws_grafana_role_association  users of the service itself
aws_imagebuilder_lifecycle_policy aws_invoicing_invoice_unit aws_storagegateway_gateway  counts them in
aws_iot_thing_principal_attachment  a certificate of the own account
aws_organizations_aws_service_access aws_organizations_delegated_administrator  services of AWS
aws_organizations_organization  services of AWS
aws_ram_resource_share  a switch; principals are associated
aws_sagemaker_domain  images that may be run
aws_securitylake_custom_log_source  writes logs there
aws_servicecatalog_portfolio_share  a switch beside principal_id
aws_ssmincidents_response_plan  acts there
"""
# Told by another adapter, or by permissions to users of the service inside of the own account (QuickSight).
_ELSEWHERE = re.compile(
    r"aws_(?:cloudwatch_event|lambda|lambda_layer_version)_permission|aws_kms_grant|aws_ram_principal_association"
    r"|aws_s3_bucket_acl|aws_quicksight_\w+"
)
_NAMES = re.compile(
    r"(?:^|_)(?:(?:shared?|allowed|target|permitted|consumer|authorized|destination|linked|member|source)_(?:aws_)?"
    r"account(?:s|_ids?)?|account_ids|accounts|user_ids|user_groups|organization_arns|organizational_unit_arns"
    r"|principals?|grantee|canned_acl|acl|visibility)$"
)


def _arguments(block: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, attribute in (block.get("attributes") or {}).items():
        if attribute.get("optional") or attribute.get("required") or not attribute.get("computed"):
            yield above + name
    for name, nested in (block.get("block_types") or {}).items():
        yield from _arguments(nested["block"], f"{above}{name}.")


def test_an_argument_of_the_provider_that_may_share_is_in_the_table_or_looked_at() -> None:
    known = {f"{type_}.{row['at']}" for type_, row in ROWS}
    looked_at = set(re.findall(r"aws_\w+", _NO_SHARES))
    missing = []
    with gzip.open(FOLDER / "aws.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            section, _, rest = line.partition(" ")
            type_, _, block = rest.partition(" ")
            if section == "resource" and type_ not in looked_at and not _ELSEWHERE.fullmatch(type_):
                found = (path for path in _arguments(json.loads(block)) if _NAMES.search(path.rpartition(".")[2]))
                missing += [f"{type_}.{path}" for path in found if f"{type_}.{path}" not in known]
    assert missing == []
