import json

from gate.model.access import Principal

OTHER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
ORIGIN = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL"


def _policy(principal):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": principal}
    return {"bucket": "b", "policy": json.dumps({"Statement": [statement]})}


def _principals(model):
    return [grant.principal for grant in model.resource_grants]


def test_an_account_stands_by_its_canonical_id_and_the_own_one_is_known(written):
    model = written(
        {
            "data.aws_canonical_user_id.own": {"id": "0wn"},
            "aws_s3_bucket_policy.p": _policy({"CanonicalUser": [OTHER, "0wn"]}),
        }
    )
    assert _principals(model) == [Principal("canonical", OTHER), Principal("canonical", "0wn", own_account=True)]


def test_an_origin_access_identity_stands_by_its_name_whichever_way_it_is_written(written):
    model = written(
        {
            "aws_cloudfront_origin_access_identity.o": {"s3_canonical_user_id": OTHER, "iam_arn": ORIGIN},
            "aws_s3_bucket_policy.p": _policy({"CanonicalUser": OTHER}),
            "aws_s3_bucket_policy.q": _policy({"AWS": ORIGIN}),
        }
    )
    assert _principals(model) == [Principal("origin_access", ORIGIN)] * 2
    assert ORIGIN not in model.identities


def test_an_access_control_list_grants_to_others_than_its_owner(written):
    def grants(id_):
        return {"permission": "READ", "grantee": [{"type": "CanonicalUser", "id": id_}]}

    policy = {"owner": [{"id": "0wn"}], "grant": [grants("0wn"), grants(OTHER)]}
    model = written({"aws_s3_bucket_acl.a": {"bucket": "b", "access_control_policy": [policy]}})
    assert [(g.principal, g.actions) for g in model.resource_grants] == [(Principal("canonical", OTHER), ("s3:READ",))]
