import json

import pytest

from gate.model.access import Condition, Principal, Source, Trust, Unknown

OWN, OTHER = "123456789012", "999999999999"


def _edge(role, principal, statement, action="sts:AssumeRole", conditions=(), negated=False, **told):
    elsewhere = not negated and (principal.kind == "account" or principal.own_account is False)
    return Trust(role, principal, (action,), conditions, Source(role, statement), negated, elsewhere, **told)


def test_every_principal_of_a_real_plan_is_an_edge(model_of):
    kinds = "aws_iam_role.kinds"
    root = f"arn:aws:iam::{OTHER}:root"
    provider = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
    subject = Condition("StringLike", "token.actions.githubusercontent.com:sub", ("repo:acme/*",))
    github = f"arn:aws:iam::{OWN}:role/github"
    foreign, alice = f"arn:aws:iam::{OTHER}:role/deploy/x", f"arn:aws:iam::{OWN}:user/alice"
    session = f"arn:aws:sts::{OWN}:assumed-role/github/session"
    saml = f"arn:aws:iam::{OWN}:saml-provider/idp"
    gone = "AROAEXAMPLEEXAMPLE123 is the id of a principal that was deleted"
    assert model_of("trust").trust == [
        _edge(
            "aws_iam_role.chain",
            Principal("role", github, "aws_iam_role.github", OWN, True),
            "0",
            usable=True,
            ordinary=True,
        ),
        _edge(
            "aws_iam_role.github",
            Principal("oidc", provider, None, OWN, True),
            "0",
            "sts:AssumeRoleWithWebIdentity",
            (subject,),
        ),
        _edge(kinds, Principal("anyone", "*"), "Aws"),
        _edge(kinds, Principal("account", OWN, None, OWN, True), "Aws"),
        _edge(kinds, Principal("account", root, None, OTHER, False), "Aws"),
        _edge(kinds, Principal("role", foreign, foreign, OTHER, False), "Aws"),
        _edge(kinds, Principal("user", alice, alice, OWN, True), "Aws"),
        _edge(kinds, Principal("session", session, "aws_iam_role.github", OWN, True), "Aws", usable=True),
        _edge(kinds, Principal("dangling", "AROAEXAMPLEEXAMPLE123"), "Aws", never=(gone,)),
        _edge(kinds, Principal("canonical", "79a59df900b949e55d96a1e698fbaced"), "Others", "sts:AssumeRoleWithSAML"),
        _edge(kinds, Principal("saml", saml, None, OWN, True), "Others", "sts:AssumeRoleWithSAML"),
        _edge(kinds, Principal("oidc", "accounts.google.com"), "Others", "sts:AssumeRoleWithSAML"),
        _edge(kinds, Principal("account", root, None, OTHER, False), "Not", negated=True),
    ]


def test_named_roles_and_users_outside_of_the_plan_stand_as_external(model_of):
    found = model_of("trust").identities
    assert {i: (x.kind, x.name, x.account) for i, x in found.items() if x.external} == {
        f"arn:aws:iam::{OTHER}:role/deploy/x": ("role", "x", OTHER),
        f"arn:aws:iam::{OWN}:user/alice": ("user", "alice", OWN),
    }


def test_a_trust_policy_that_is_not_known_before_apply_is_told(model_of):
    role = "aws_iam_role.inline"
    assert model_of("trust").unknown == [
        Unknown(
            "trust policy",
            f"The trust policy of {role} is not known before apply because it mentions aws_iam_role.github.arn.",
            Source(role),
            role,
            "aws_iam_role.github.arn",
            "Give the gate the source, so that Terraform can evaluate it: gate check plan.json --source DIR",
            "create",
        )
    ]


def test_a_statement_of_the_wrong_shape_is_unknown_and_the_others_count(written):
    policy = json.dumps(
        {
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": 3},
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"},
            ]
        }
    )
    model = written({"aws_iam_role.r": {"name": "r", "assume_role_policy": policy}})
    assert model.trust == [_edge("aws_iam_role.r", Principal("anyone", "*"), "1")]
    assert [(u.what, u.identity) for u in model.unknown] == [("trust policy", "aws_iam_role.r")]


def test_without_an_own_account_nothing_is_said_about_ownership(written):
    policy = json.dumps(
        {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}}
    )
    model = written({"aws_iam_role.r": {"name": "r", "assume_role_policy": policy}})
    assert model.trust == [
        _edge("aws_iam_role.r", Principal("account", "111122223333", None, "111122223333", None), "0")
    ]


def test_each_role_trusts_the_instance_with_its_own_key(written):
    statement = {
        "actions": ["sts:AssumeRole"],
        "principals": [{"type": "AWS", "identifiers": [None]}],
    }
    marks = {"statement": [{"principals": [{"identifiers": [True]}]}], "json": True}
    expression = {"statement": [{"principals": [{"identifiers": {"references": ["aws_iam_role.a", "each.key"]}}]}]}
    keys = ('["x"]', '["y"]')
    after = {}
    unknown = {}
    for key in keys:
        after[f"aws_iam_role.a{key}"] = {"name": f"a{key[2]}"}
        after[f"data.aws_iam_policy_document.d{key}"] = {"statement": [statement]}
        after[f"aws_iam_role.b{key}"] = {"name": f"b{key[2]}"}
        unknown[f"data.aws_iam_policy_document.d{key}"] = marks
        unknown[f"aws_iam_role.b{key}"] = {"assume_role_policy": True}
    model = written(
        after,
        unknown=unknown,
        expressions={
            "data.aws_iam_policy_document.d": expression,
            "aws_iam_role.b": {"assume_role_policy": ["data.aws_iam_policy_document.d", "each.key"]},
        },
    )
    assert model.unknown == []
    assert {(edge.identity, edge.principal.identity) for edge in model.trust} == {
        ('aws_iam_role.b["x"]', 'aws_iam_role.a["x"]'),
        ('aws_iam_role.b["y"]', 'aws_iam_role.a["y"]'),
    }


def _let_in(actions, condition=None):
    statement = {"Effect": "Allow", "Action": actions, "Principal": {"AWS": "111122223333"}}
    return statement | ({"Condition": condition} if condition else {})


@pytest.mark.parametrize(
    ("statements", "source_identity"),
    [
        ([_let_in("sts:AssumeRole")], "none"),
        ([_let_in(["sts:AssumeRole", "sts:SetSourceIdentity"])], "any"),
        ([_let_in("sts:AssumeRole"), _let_in("sts:SetSourceIdentity")], "any"),
        ([_let_in("sts:*")], "any"),
        (
            [_let_in("sts:AssumeRole"), _let_in("sts:SetSourceIdentity", {"StringLike": {"sts:SourceIdentity": "a"}})],
            "limited",
        ),
    ],
)
def test_whether_the_caller_names_itself_for_the_log_is_told(written, statements, source_identity):
    policy = json.dumps({"Statement": statements})
    model = written({"aws_iam_role.r": {"name": "r", "assume_role_policy": policy}})
    assert [edge.source_identity for edge in model.trust] == [source_identity]


@pytest.mark.parametrize(("operator", "asked"), [("Bool", "BoolIfExists"), ("BoolIfExists", "Bool")])
def test_a_deny_without_mfa_asks_of_the_caller_what_it_leaves_open(written, operator, asked):
    deny = {
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "Principal": "*",
        "Condition": {operator: {"aws:MultiFactorAuthPresent": "false"}},
    }
    policy = json.dumps({"Statement": [_let_in("sts:AssumeRole"), deny]})
    model = written({"aws_iam_role.r": {"name": "r", "assume_role_policy": policy}})
    condition = Condition(asked, "aws:MultiFactorAuthPresent", ("true",))
    assert [edge.conditions for edge in model.trust] == [(condition,)]
