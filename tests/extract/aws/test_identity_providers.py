from gate.model.access import IdentityProvider, Source

ACCOUNT = "arn:aws:iam::111122223333"
OIDC, SAML = "aws_iam_openid_connect_provider", "aws_iam_saml_provider"


def _oidc(url, *audiences):
    host = url.removeprefix("https://")
    return {"url": url, "arn": f"{ACCOUNT}:oidc-provider/{host}", "client_id_list": list(audiences)}


def _cluster(issuer):
    return {"name": "c", "identity": [{"oidc": [{"issuer": issuer}]}]}


def _metadata(entity, *certificates, extra=""):
    keys = "".join(f"<ds:X509Certificate>{c}</ds:X509Certificate>" for c in certificates)
    return f"<md:EntityDescriptor{extra} entityID='{entity}'>{keys}</md:EntityDescriptor>"


def _saml(document):
    return {"name": "corp", "arn": f"{ACCOUNT}:saml-provider/corp", "saml_metadata_document": document}


def test_an_issuer_stands_with_its_audiences_and_the_bucket_that_holds_it(written):
    model = written(
        {
            f"{OIDC}.own": _oidc("https://id.example.com/tenant/", "sts.amazonaws.com", "wiki"),
            f"{OIDC}.kept": _oidc("https://issuer.s3.eu-west-1.amazonaws.com"),
            f"{OIDC}.path": _oidc("https://s3.amazonaws.com/issuer/keys"),
            f"{OIDC}.foreign": _oidc("https://other.s3.amazonaws.com"),
            f"{OIDC}.cached": _oidc("https://d1234.cloudfront.net"),
            "aws_s3_bucket.issuer": {"bucket": "issuer"},
            "aws_cloudfront_distribution.d": {"domain_name": "d1234.cloudfront.net"},
        }
    )
    assert [(p.address, p.issuer, p.audiences, p.kept_by) for p in model.providers] == [
        (f"{OIDC}.own", "id.example.com/tenant", ("sts.amazonaws.com", "wiki"), None),
        (f"{OIDC}.kept", "issuer.s3.eu-west-1.amazonaws.com", (), "aws_s3_bucket.issuer"),
        (f"{OIDC}.path", "s3.amazonaws.com/issuer/keys", (), "aws_s3_bucket.issuer"),
        (f"{OIDC}.foreign", "other.s3.amazonaws.com", (), None),
        (f"{OIDC}.cached", "d1234.cloudfront.net", (), "aws_cloudfront_distribution.d"),
    ]


def test_an_issuer_that_is_not_known_before_apply_is_told_as_such(written):
    model = written({f"{OIDC}.new": {}}, unknown={f"{OIDC}.new": {"url": True, "arn": True}})
    assert [(p.address, p.issuer, p.retired) for p in model.providers] == [(f"{OIDC}.new", None, False)]


def test_the_provider_of_a_deleted_cluster_is_retired(written):
    gone, stays = "https://oidc.eks.eu-west-1.amazonaws.com/id/A", "https://oidc.eks.eu-west-1.amazonaws.com/id/B"
    both = {f"{OIDC}.gone": _oidc(gone), f"{OIDC}.stays": _oidc(stays), "aws_eks_cluster.stays": _cluster(stays)}
    before = both | {"aws_eks_cluster.gone": _cluster(gone)}
    found = written(both, before=before).providers
    assert [(p.address, p.retired) for p in found] == [(f"{OIDC}.gone", True), (f"{OIDC}.stays", False)]
    assert [p.retired for p in written(both, before=before, side="before").providers] == [False, False]


def test_what_is_deleted_itself_is_told_while_roles_may_still_name_it(written):
    role = {"aws_iam_role.r": {"name": "r"}}
    issuer, cluster = "https://id.example.com", "https://oidc.eks.eu-west-1.amazonaws.com/id/A"
    before = role | {f"{OIDC}.p": _oidc(issuer), "aws_eks_cluster.c": _cluster(cluster), "aws_eks_cluster.new": {}}
    assert written(role, before=before).providers == [
        IdentityProvider(
            f"{OIDC}.p", "oidc", None, Source(f"{OIDC}.p"), "id.example.com", retired=True, change="delete"
        ),
        IdentityProvider(
            "aws_eks_cluster.c",
            "oidc",
            None,
            Source("aws_eks_cluster.c"),
            "oidc.eks.eu-west-1.amazonaws.com/id/A",
            retired=True,
            change="delete",
        ),
    ]


def test_a_provider_that_only_moves_to_another_address_is_not_retired(written):
    url = "https://id.example.com"
    found = written({f"{OIDC}.new": _oidc(url)}, before={f"{OIDC}.old": _oidc(url)}).providers
    assert [(p.address, p.retired) for p in found] == [(f"{OIDC}.new", False)]


def test_keys_of_saml_are_the_same_when_only_the_wording_differs(written):
    old = _metadata("https://id.example.com", "AAAA", "BBBB")
    texts = {
        "same": _metadata("https://id.example.com", "BB\n  BB", "AAAA", extra=" validUntil='2036-01-01'"),
        "key": _metadata("https://id.example.com", "AAAA", "CCCC"),
        "entity": _metadata("https://evil.example.com", "AAAA", "BBBB"),
    }
    for change, text in texts.items():
        [after] = written({f"{SAML}.p": _saml(text)}, before={f"{SAML}.p": _saml(old)}).providers
        assert (change, after.keys == after.keys_before) == (change, change == "same")
        assert (after.value, after.change) == (f"{ACCOUNT}:saml-provider/corp", "update")
    [before] = written({f"{SAML}.p": _saml("x")}, before={f"{SAML}.p": _saml(old)}, side="before").providers
    assert before.keys == before.keys_before != None  # noqa: E711


def test_metadata_without_certificates_count_as_they_stand(written):
    [one] = written({f"{SAML}.p": _saml("<x/>")}, before={f"{SAML}.p": _saml("<y/>")}).providers
    assert None not in (one.keys, one.keys_before) and one.keys != one.keys_before
    [new] = written({f"{SAML}.p": {"name": "corp"}}, unknown={f"{SAML}.p": {"saml_metadata_document": True}}).providers
    assert (new.keys, new.keys_before) == (None, None)
