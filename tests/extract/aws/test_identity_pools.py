import json

import pytest

ARN = "arn:aws:iam::111122223333:role/"
USERS, CLIENT = "aws_cognito_user_pool.u", "aws_cognito_user_pool_client.c"
POOL, ATTACHMENT = "aws_cognito_identity_pool.p", "aws_cognito_identity_pool_roles_attachment.a"
ROLES = {"authenticated": f"{ARN}user", "unauthenticated": f"{ARN}guest"}
PROVIDER = {"provider_name": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_u", "client_id": "c1"}


def _pool(pool=(), attachment=(), more=()):
    return {
        POOL: {"id": "p1", "allow_unauthenticated_identities": False, **dict(pool)},
        ATTACHMENT: {"identity_pool_id": "p1", "roles": ROLES, **dict(attachment)},
        **dict(more),
    }


def _settings(model):
    return [(s.name, s.where, s.value, s.source.address) for s in model.workloads[POOL].settings]


def test_a_pool_runs_as_the_roles_it_gives_and_guests_have_theirs_only_where_they_are_let_in(written):
    closed = written(_pool()).workloads[POOL]
    assert (closed.runs_as, closed.exposure, closed.settings) == ((f"{ARN}user",), "unknown", ())
    model = written(_pool({"allow_unauthenticated_identities": True}))
    opened = model.workloads[POOL]
    assert (opened.runs_as, opened.exposure) == ((f"{ARN}guest", f"{ARN}user"), "internet")
    assert _settings(model) == [("guests", "allow_unauthenticated_identities", f"{ARN}guest", POOL)]


def test_a_pool_that_gives_no_role_is_no_workload(written):
    assert written({POOL: {"id": "p1", "allow_unauthenticated_identities": True}}).workloads == {}


def test_roles_that_are_not_known_yet_are_told_apart_by_whom_they_trust(written):
    def trust(amr):
        condition = {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr}}
        principal = {"Federated": "cognito-identity.amazonaws.com"}
        action = "sts:AssumeRoleWithWebIdentity"
        statement = {"Effect": "Allow", "Action": action, "Principal": principal, "Condition": condition}
        return json.dumps({"Statement": [statement]})

    model = written(
        {
            POOL: {"id": "p1", "allow_unauthenticated_identities": True},
            ATTACHMENT: {"identity_pool_id": "p1"},
            "aws_iam_role.guest": {"name": "guest", "assume_role_policy": trust("unauthenticated")},
            "aws_iam_role.user": {"name": "user", "assume_role_policy": trust("authenticated")},
        },
        unknown={ATTACHMENT: {"roles": {"authenticated": True, "unauthenticated": True}}},
        expressions={ATTACHMENT: {"roles": ["aws_iam_role.user.arn", "aws_iam_role.guest.arn"]}},
    )
    assert _settings(model) == [("guests", "allow_unauthenticated_identities", "aws_iam_role.guest", POOL)]
    assert model.workloads[POOL].runs_as == ("aws_iam_role.guest", "aws_iam_role.user")


@pytest.mark.parametrize(("guests", "whom"), [(False, "users"), (True, "guests and users")])
def test_the_classic_flow_says_whom_it_serves(written, guests, whom):
    model = written(_pool({"allow_classic_flow": True, "allow_unauthenticated_identities": guests}))
    assert ("classic-flow", "allow_classic_flow", whom, POOL) in _settings(model)


@pytest.mark.parametrize(
    ("users", "open_"),
    [
        ({}, True),
        ({"admin_create_user_config": [{"allow_admin_create_user_only": False}]}, True),
        ({"admin_create_user_config": [{"allow_admin_create_user_only": True}]}, False),
    ],
)
def test_users_sign_up_by_themselves_unless_an_administrator_creates_them(written, users, open_):
    more = {USERS: {"id": "eu-west-1_u", **users}}
    model = written(_pool({"cognito_identity_providers": [PROVIDER]}, more=more))
    setting = ("self-sign-up", "cognito_identity_providers[0]", f"{ARN}user", USERS)
    assert (_settings(model), model.workloads[POOL].exposure) == (([setting], "internet") if open_ else ([], "unknown"))


def test_a_user_pool_of_the_same_change_is_found_by_reference(written):
    model = written(
        _pool({"cognito_identity_providers": [{}]}, more={USERS: {"name": "u"}}),
        unknown={POOL: {"cognito_identity_providers": [{"provider_name": True, "client_id": True}]}},
        expressions={POOL: {"cognito_identity_providers": [{"provider_name": {"references": [f"{USERS}.endpoint"]}}]}},
    )
    assert [setting[0] for setting in _settings(model)] == ["self-sign-up"]


def _rule(claim):
    return {"claim": claim, "match_type": "Equals", "value": "x", "role_arn": f"{ARN}staff"}


def _mapped(claim, client):
    closed = {"id": "eu-west-1_u", "admin_create_user_config": [{"allow_admin_create_user_only": True}]}
    mapping = {"type": "Rules", "ambiguous_role_resolution": "Deny", "mapping_rule": [_rule(claim)]}
    more = {USERS: closed, CLIENT: {"id": "c1", **client}}
    return _pool({"cognito_identity_providers": [PROVIDER]}, {"role_mapping": [mapping]}, more)


@pytest.mark.parametrize(
    ("claim", "client", "written_by_users"),
    [
        ("custom:role", {"write_attributes": ["email", "custom:role"]}, True),
        ("custom:role", {"write_attributes": ["email"]}, False),
        ("custom:role", {}, True),
        ("website", {}, True),
        ("cognito:groups", {}, False),
    ],
)
def test_a_claim_that_chooses_a_role_is_written_by_users_where_the_client_lets_them(
    written, claim, client, written_by_users
):
    model = written(_mapped(claim, client))
    assert _settings(model) == ([("user-written-claim", "role_mapping", claim, CLIENT)] if written_by_users else [])
    assert model.workloads[POOL].runs_as == (f"{ARN}user", f"{ARN}staff")


def test_a_claim_that_becomes_a_tag_of_the_session_counts_too(written):
    tags = {"identity_pool_id": "p1", "principal_tags": {"team": "custom:team"}}
    closed = {"id": "eu-west-1_u", "admin_create_user_config": [{"allow_admin_create_user_only": True}]}
    more = {USERS: closed, CLIENT: {"id": "c1"}, "aws_cognito_identity_pool_provider_principal_tag.t": tags}
    model = written(_pool({"cognito_identity_providers": [PROVIDER]}, more=more))
    assert _settings(model) == [("user-written-claim", "principal_tags", "custom:team", CLIENT)]


@pytest.mark.parametrize(("unclear", "found"), [("AuthenticatedRole", ["role-by-token"]), ("Deny", [])])
def test_a_role_by_token_is_open_where_an_unclear_answer_gives_a_role(written, unclear, found):
    mapping = {"type": "Token", "ambiguous_role_resolution": unclear}
    assert [s[0] for s in _settings(written(_pool(attachment={"role_mapping": [mapping]})))] == found


def test_whoever_has_an_account_of_a_social_login_has_signed_up(written):
    model = written(_pool({"supported_login_providers": {"accounts.google.com": "1234", "id.example.com": "5"}}))
    assert _settings(model) == [("self-sign-up", "supported_login_providers", f"{ARN}user", POOL)]
    assert _settings(written(_pool({"supported_login_providers": {"id.example.com": "5"}}))) == []


def test_an_attachment_to_a_pool_that_is_not_in_view_may_let_guests_in(written):
    model = written({ATTACHMENT: {"identity_pool_id": "elsewhere", "roles": ROLES}})
    assert [(w.id, w.runs_as, w.exposure) for w in model.workloads.values()] == [
        (ATTACHMENT, (f"{ARN}guest", f"{ARN}user"), "internet")
    ]


def test_roles_that_nobody_knows_are_told(written):
    model = written(
        {POOL: {"id": "p1"}, ATTACHMENT: {"identity_pool_id": "p1"}},
        unknown={ATTACHMENT: {"roles": {"authenticated": True}}},
        expressions={ATTACHMENT: {"roles": ["local.role"]}},
    )
    assert [(u.what, u.source.address) for u in model.unknown] == [("role of an identity pool", ATTACHMENT)]


def test_whether_users_sign_up_by_themselves_counts_as_open_while_it_is_not_known(written):
    pool = {"id": "p", "cognito_identity_providers": [{"provider_name": "users"}]}
    model = written(
        {
            "aws_cognito_identity_pool.p": pool,
            "aws_cognito_user_pool.u": {"id": "users", "admin_create_user_config": [{}]},
            "aws_cognito_identity_pool_roles_attachment.a": {
                "identity_pool_id": "p",
                "roles": {"authenticated": "arn:aws:iam::111122223333:role/r"},
            },
        },
        unknown={"aws_cognito_user_pool.u": {"admin_create_user_config": [{"allow_admin_create_user_only": True}]}},
    )
    assert [s.name for s in model.workloads["aws_cognito_identity_pool.p"].settings] == ["self-sign-up"]
