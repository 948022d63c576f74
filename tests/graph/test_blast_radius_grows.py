"""The score of a blast radius is monotone: more permission, more exposure or a longer life never lowers anybody's."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gate.engine.binary import Opa
from gate.engine.bundle import rego_root
from gate.engine.shape import compile_schema
from gate.model.access import (
    AccessModel,
    Condition,
    Credential,
    Grant,
    Identity,
    Principal,
    SecretReference,
    Source,
    Trust,
    Workload,
)
from tests.graph.small_worlds import with_graph

QUERY = "[[radii | some side in pair; radii := data.gate.blast.identities with input as side] | some pair in input]"
HERE = Source("aws_iam_policy.p", "0", None)
IDS = (
    "aws_iam_role.a",
    "aws_iam_role.b",
    "aws_iam_user.c",
    "k8s:ServiceAccount/n/d",
    "arn:aws:iam::444455556666:role/e",
)
ACTIONS = (
    "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "secretsmanager:GetSecretValue", "sts:AssumeRole",
    "iam:PassRole", "iam:CreateAccessKey", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy",
    "lambda:UpdateFunctionCode", "lambda:CreateFunction", "lambda:InvokeFunction",
    "dynamodb:Query", "kms:ScheduleKeyDeletion", "get secrets",
)  # fmt: skip
RESOURCES = (
    "arn:aws:s3:::b/*", "arn:aws:s3:::logs-*", "arn:aws:s3:::c", "arn:aws:secretsmanager:eu-west-1:1:secret:x-??????",
    "arn:aws:secretsmanager:eu-west-1:1:secret:prod/*", "arn:aws:dynamodb:eu-west-1:1:table/t/index/i", "n/db", "n/*",
)  # fmt: skip
CONDITIONS = (
    Condition("StringEquals", "iam:PassedToService", ("lambda.amazonaws.com",)),
    Condition("StringEquals", "aws:ResourceTag/team", ("a",)),
    Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)),
)
PRINCIPALS = (
    Principal("account", "111122223333", None, "111122223333", True),
    Principal("service", "lambda.amazonaws.com"),
    *(Principal("role", identity, identity) for identity in IDS),
)
WORKLOADS = ("aws_lambda_function.f", "aws_lambda_function.g")

ids = st.sampled_from(IDS)
grants = st.tuples(
    ids,
    st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(RESOURCES), max_size=3, unique=True),
    st.lists(st.sampled_from([*IDS, *WORKLOADS]), max_size=3, unique=True),
    st.lists(st.sampled_from(CONDITIONS), max_size=1),
)
edges = st.tuples(ids, st.sampled_from(PRINCIPALS))
workloads = st.tuples(
    st.sampled_from(WORKLOADS), ids, st.sampled_from(["none", "unknown", "internet"]), st.lists(st.sampled_from("xy"))
)
additions = st.one_of(
    st.tuples(st.just("grant"), grants),
    st.tuples(st.just("edge"), edges),
    st.tuples(st.just("credential"), ids),
    st.tuples(st.just("workload"), workloads),
    st.tuples(st.just("expose"), st.sampled_from(WORKLOADS)),
    st.tuples(st.just("widen"), st.integers(0, 5)),
    st.tuples(st.just("administrator"), ids),
)


def _base(environments: list[str | None]) -> AccessModel:
    model = AccessModel()
    for identity, environment in zip(IDS, environments, strict=True):
        kubernetes = identity.startswith("k8s:")
        model.identities[identity] = Identity(
            id=identity,
            kind="service_account" if kubernetes else "user" if "user" in identity else "role",
            platform="kubernetes" if kubernetes else "aws",
            name=identity[-1],
            grants={},
            external=identity.startswith("arn:"),
            namespace="n" if kubernetes else None,
            environment=environment,
            account="444455556666" if identity.startswith("arn:") else None,
        )
    # A role from outside the change whose trust nobody has seen counts as one that can be passed. To show its trust is
    # to know more, not to permit more: it is shown on both sides.
    model.trust.append(Trust(IDS[-1], Principal("service", "ec2.amazonaws.com"), ("sts:AssumeRole",), (), HERE))
    return model


def _add(model: AccessModel, what: str, how: Any) -> None:
    if what == "grant":
        identity, actions, resources, targets, conditions = how
        if "*" in model.identities[identity].grants:
            return
        key = f"g{len(model.grants)}"
        model.grants[key] = _grant(identity, actions, resources, targets, conditions)
        held = dict(model.identities[identity].grants)
        for action in actions:
            held[action] = (*held.get(action, ()), key)
        names = tuple(sorted({action.partition(":")[0] for action in held}))
        model.identities[identity] = replace(
            model.identities[identity], grants=held, services=len(names), service_names=names
        )
    elif what == "edge":
        model.trust.append(Trust(how[0], how[1], ("sts:AssumeRole",), (), HERE))
    elif what == "credential":
        model.credentials.append(Credential("access key", HERE, how))
    elif what == "workload" and how[0] not in model.workloads:
        name, identity, exposure, secrets = how
        mounted = tuple(SecretReference(s, "env") for s in secrets)
        model.workloads[name] = Workload(
            name, "aws_lambda_function", "aws", (identity,), HERE, exposure=exposure, secrets=mounted
        )
    elif what == "expose" and how in model.workloads:
        wider = {"none": "unknown", "unknown": "internet", "internet": "internet"}
        found = model.workloads[how]
        model.workloads[how] = replace(found, exposure=wider[found.exposure])
    elif what == "widen" and f"g{how}" in model.grants:
        model.grants[f"g{how}"] = replace(
            model.grants[f"g{how}"], resources=("*",), everything=True, targets=(), width="everything"
        )
    elif what == "administrator":
        model.grants["all"] = _grant(how, ["*"], [], [], [])
        model.identities[how] = replace(
            model.identities[how], grants={"*": ("all",)}, all_access="unconditional", services=400, service_names=()
        )


def _grant(
    identity: str, actions: list[str], resources: list[str], targets: list[str], conditions: list[Condition]
) -> Grant:
    return Grant(
        platform="kubernetes" if identity.startswith("k8s:") else "aws",
        actions=tuple(actions),
        form="Action",
        wildcards=(),
        resources=tuple(resources) or ("*",),
        except_=(),
        everything=not resources,
        width="named"
        if resources and not any("*" in r for r in resources)
        else "pattern"
        if resources
        else "everything",
        targets=tuple(targets) if resources else (),
        conditions=tuple(conditions),
        holders=(identity,),
        source=HERE,
    )


def _envelope(model: AccessModel) -> dict[str, Any]:
    config = {
        "deny_from": "high", "scope": "changed", "accounts": [], "organizations": [], "oidc_subjects": [],
        "lifecycle": {"required": []}, "rules": {}, "waivers": [], "limits": {},
    }  # fmt: skip
    return {"access": with_graph(model).to_json(), "before": None, "config": config, "now": "2026-06-01"}


changes = st.tuples(
    st.lists(st.sampled_from([None, "prod", "dev"]), min_size=len(IDS), max_size=len(IDS)),
    st.lists(additions, max_size=8),
    additions,
)


def _sides(environments: list[str | None], steps: list[Any], added: Any) -> list[dict[str, Any]]:
    """A model, and the same with one thing more."""
    sides = []
    for more in (steps, [*steps, added]):
        model = _base(environments)
        for what, how in more:
            _add(model, what, how)
        sides.append(_envelope(model))
    return sides


def _radii(opa: Opa, pairs: list[list[dict[str, Any]]]) -> list[Any]:
    command = [str(opa.path), "eval", "--stdin-input", "--data", str(rego_root()), "--ignore", "*_test.rego"]
    done = subprocess.run(
        [*command, "--format", "raw", QUERY], input=json.dumps(pairs), capture_output=True, text=True, check=True
    )
    answers: list[Any] = json.loads(done.stdout)
    return answers


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(changes, min_size=20, max_size=20))
def test_nothing_added_lowers_a_score(opa: Opa, found: list[Any]) -> None:
    check = compile_schema(rego_root() / "schema" / "envelope.json")
    pairs = [_sides(*change) for change in found]
    assert [check(side) for pair in pairs for side in pair] == [None] * len(pairs) * 2
    answers = _radii(opa, pairs)
    assert len(answers) == len(pairs)
    for (before, after), change in zip(answers, found, strict=True):
        old = {one["id"]: one["blast_radius"] for one in before}
        new = {one["id"]: one["blast_radius"] for one in after}
        assert old.keys() == new.keys() == set(IDS[:-1])
        assert {i: (change, old[i], new[i]) for i in old if new[i]["score"] < old[i]["score"]} == {}
        assert all(0 <= one["score"] <= 100 for one in new.values())
