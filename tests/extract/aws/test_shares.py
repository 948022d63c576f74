"""Arguments that share a resource with accounts or everybody: each of the table, and what is not shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gate.extract.aws.resources.sharing_arguments import shares
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
