"""What an input costs grows with its size and no faster, or it is refused.

Calls are counted, not seconds: the same on every machine.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gate.errors import InputError
from gate.extract.change import access_models
from gate.inputs.recognise import read_documents

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def plan(*resources: tuple[str, dict[str, Any]]) -> str:
    changes = [
        {
            "address": f"{kind}.r{number}", "mode": "managed", "type": kind, "name": f"r{number}",
            "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": {}},
        }
        for number, (kind, after) in enumerate(resources)
    ]  # fmt: skip
    return json.dumps({"format_version": "1.2", "resource_changes": changes})


def role(*trusted: Any) -> tuple[str, dict[str, Any]]:
    return "aws_iam_role", {"name": "r", "assume_role_policy": json.dumps({"Statement": trusted})}


def policy(*statements: Any) -> str:
    held = {"name": "p", "role": "r", "policy": json.dumps({"Statement": statements})}
    return plan(role({**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}), ("aws_iam_role_policy", held))


def manifest(kind: str, api: str = "v1", **body: Any) -> str:
    """In YAML's own style, a line for each item, so that lines are counted."""
    lines = [f"apiVersion: {api}", f"kind: {kind}", "metadata: {name: a}"]
    for key, items in body.items():
        lines += [f"{key}:", *(f"- {json.dumps(item)}" for item in items)]
    return "\n".join(lines) + "\n"


ALIASES = "".join(f"x{i}: &x{i} [*x{i - 1}, *x{i - 1}]\n" for i in range(1, 60))
RBAC = "rbac.authorization.k8s.io/v1"
BUCKETS, EVERY = "arn:aws:s3:::NN", {"Resource": "*"}
# NN stands for a text of its own in each run: what was worked out for one name is remembered.
CASES: dict[str, tuple[int, Callable[[int], str]]] = {
    "patterns of a statement": (150, lambda n: policy(STATEMENT | {"Resource": [f"{BUCKETS}{i}/*" for i in range(n)]})),
    "actions of a statement": (150, lambda n: policy(STATEMENT | EVERY | {"Action": [f"s3:NN{i}" for i in range(n)]})),
    "values of a condition": (150, lambda n: policy(
        STATEMENT | EVERY | {"Condition": {"StringEquals": {"aws:SourceVpc": [f"NN{i}" for i in range(n)]}}}
    )),
    "stars in a pattern": (150, lambda n: policy(STATEMENT | {"Resource": BUCKETS + "*a" * n})),
    "principals of a trust": (200, lambda n: plan(
        role({**TRUST, "Principal": {"AWS": [f"arn:aws:iam::111122223333:role/NN{i}" for i in range(n)]}})
    )),
    "statements of a bucket's policy": (100, lambda n: plan(("aws_s3_bucket_policy", {
        "bucket": "b", "policy": json.dumps(
            {"Statement": [STATEMENT | {"Principal": "*", "Resource": f"{BUCKETS}/{i}*"} for i in range(n)]}
        )
    }))),
    "denies beside allows": (100, lambda n: policy(
        *(STATEMENT | {"Resource": f"{BUCKETS}{i}/*"} for i in range(n)),
        *({**STATEMENT, "Effect": "Deny", "Resource": f"{BUCKETS}-x{i}/*"} for i in range(n)),
    )),
    "denies of a part of what all allows reach": (60, lambda n: policy(
        *(STATEMENT | EVERY | {"Condition": {"StringEquals": {"aws:SourceVpc": f"NN{i}"}}} for i in range(n)),
        *({**STATEMENT, "Effect": "Deny", "Resource": f"{BUCKETS}{i}/*"} for i in range(n)),
    )),
    "denies to callers": (60, lambda n: policy(
        *(STATEMENT | {"Resource": f"{BUCKETS}{i}/*"} for i in range(n)),
        *({**STATEMENT, "Effect": "Deny", "Resource": f"{BUCKETS}-x{i}/*", "Condition": {
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/NN{i}*"}
        }} for i in range(n)),
    )),
    "tags": (1000, lambda n: plan(("aws_instance", {"tags": {f"NN{i}": "v" for i in range(n)}}))),
    "a long text": (10_000, lambda n: plan(("aws_instance", {"user_data": "NN-b_c/" * n}))),
    "resources": (200, lambda n: plan(*(("aws_sqs_queue", {"name": f"NN{i}"}) for i in range(n)))),
    "rules of a role": (150, lambda n: manifest(
        "ClusterRole", RBAC, rules=[{"apiGroups": [f"NN{i}"], "resources": ["pods"], "verbs": ["*"]} for i in range(n)]
    )),
    "subjects of a binding": (150, lambda n: manifest("ClusterRoleBinding", RBAC, subjects=[
        {"kind": "User", "name": f"NN{i}"} for i in range(n)
    ]) + "roleRef: {kind: ClusterRole, name: view}\n"),
    "documents": (200, lambda n: "---\n".join(manifest("Service") for _ in range(n))),
    "empty documents": (2000, lambda n: manifest("Service") + "---\n" * n),
    "a long scalar": (100_000, lambda n: manifest("ConfigMap") + "data: {a: '" + "x" * n + "'}\n"),
}  # fmt: skip
_names = (f"n{number:03}" for number in range(1000))


def calls(text: str) -> int:
    """Calls, and values that generators gave, from bytes to facts."""
    count = 0

    def event(_frame: object, what: str, _: object) -> None:
        nonlocal count
        count += what in ("call", "c_call")

    documents = io.BytesIO(text.replace("NN", next(_names)).encode())
    sys.setprofile(event)
    try:
        access_models(read_documents(["-"], stdin=documents), datetime(2026, 1, 1, tzinfo=UTC))
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", CASES)
def test_four_times_the_input_costs_no_more_than_a_little_over_four_times(name: str):
    size, make = CASES[name]
    calls(make(2))  # what is loaded once, is
    once = calls(make(size))
    assert calls(make(4 * size)) / once < 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (manifest("ConfigMap") + "x: " + "[" * 100_000, "nested more than 100 levels"),
        ('{"format_version": "1.2", "x": ' + "[" * 100_000, "nested more than 100 levels"),
        (manifest("ConfigMap") + "x0: &x0 [a]\n" + ALIASES, "aliases expand to more"),
    ],
    ids=["deep YAML", "deep JSON", "aliases of aliases"],
)  # fmt: skip
def test_what_has_no_end_is_refused_at_once(text: str, reason: str):
    with pytest.raises(InputError, match=reason):
        read_documents(["-"], stdin=io.BytesIO(text.encode()))


def test_more_statements_than_aws_takes_are_not_worked_out():
    many = policy(*(STATEMENT | {"Resource": f"arn:aws:s3:::b{i}/*"} for i in range(20_000)))
    models = access_models(read_documents(["-"], stdin=io.BytesIO(many.encode())), datetime(2026, 1, 1, tzinfo=UTC))
    assert [unknown.what for unknown in models.after.unknown] == ["policy document"]
