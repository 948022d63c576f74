from gate.model.access import Condition, Principal, ResourceGrant, Source

ROLE = "arn:aws:iam::111122223333:role/operator"
POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
ENTRY, ASSOCIATION = "aws_eks_access_entry.e", "aws_eks_access_policy_association.a"


def _grant(cluster, source, *conditions, who=None):
    found = tuple(Condition("StringEquals", key, values) for key, values in conditions)
    who = who or Principal("role", ROLE, ROLE, "111122223333", None)
    return ResourceGrant(
        cluster, "aws_eks_cluster", who, ("eks:AccessKubernetesApi",), found, Source(source), change="create"
    )


def test_an_access_policy_is_a_grant_on_the_cluster_with_its_scope(written):
    model = written(
        {
            "aws_eks_cluster.c": {"name": "shop"},
            ASSOCIATION: {
                "cluster_name": "shop",
                "principal_arn": ROLE,
                "policy_arn": POLICY,
                "access_scope": [{"type": "namespace", "namespaces": ["a", "b"]}],
            },
            ENTRY: {"cluster_name": "another", "principal_arn": ROLE, "kubernetes_groups": ["ops"]},
            "aws_eks_access_entry.plain": {"cluster_name": "shop", "principal_arn": ROLE},
        }
    )
    assert model.resource_grants == [
        _grant(
            "aws_eks_cluster.c",
            ASSOCIATION,
            ("eks:policyArn", (POLICY,)),
            ("eks:accessScope", ("namespace",)),
            ("eks:namespaces", ("a", "b")),
        ),
        _grant("another", ENTRY, ("eks:kubernetesGroups", ("ops",))),
    ]


def test_a_new_role_is_found_by_reference(written):
    model = written(
        {
            "aws_iam_role.r": {"name": "r"},
            ENTRY: {"cluster_name": "shop", "kubernetes_groups": ["ops"]},
        },
        unknown={ENTRY: {"principal_arn": True}},
        expressions={ENTRY: {"principal_arn": ["aws_iam_role.r.arn"]}},
    )
    [grant] = model.resource_grants
    assert (grant.principal.kind, grant.principal.identity, grant.principal.own_account) == (
        "role",
        "aws_iam_role.r",
        True,
    )


def test_the_mode_of_a_cluster_is_told_where_it_takes_the_config_map(written):
    def modes(*access):
        cluster = {"name": "c", "role_arn": ROLE, "access_config": list(access)}
        settings = written({"aws_eks_cluster.c": cluster}).workloads["aws_eks_cluster.c"].settings
        return [(s.where, s.value) for s in settings if s.name == "config-map-access"]

    where = "access_config[0].authentication_mode"
    assert modes({"authentication_mode": "API_AND_CONFIG_MAP"}) == [(where, "API_AND_CONFIG_MAP")]
    assert modes({"authentication_mode": "CONFIG_MAP"}) == [(where, "CONFIG_MAP")]
    assert modes({"authentication_mode": "API"}) == []
    assert modes() == []


def test_who_or_what_is_not_known_is_told(written):
    association = {"cluster_name": "shop", "access_scope": [{"type": "cluster"}]}
    model = written(
        {ASSOCIATION: association | {"policy_arn": POLICY}, "aws_eks_access_policy_association.b": association},
        unknown={
            ASSOCIATION: {"principal_arn": True},
            "aws_eks_access_policy_association.b": {"principal_arn": True, "policy_arn": True},
        },
        expressions={
            "aws_eks_access_policy_association.a": {"principal_arn": ["local.a"]},
            "aws_eks_access_policy_association.b": {"principal_arn": ["local.a"], "policy_arn": ["local.p"]},
        },
    )
    said = (("eks:policyArn", (POLICY,)), ("eks:accessScope", ("cluster",)))
    who = Principal("unknown", f"the principal of {ASSOCIATION}")
    assert model.resource_grants == [_grant("shop", ASSOCIATION, *said, who=who)]
    assert [(u.what, u.reference) for u in model.unknown] == [("access to a cluster", None)]


def test_a_scope_that_is_not_known_is_told_and_unknown_namespaces_are_not(written):
    address = "aws_eks_access_policy_association.a"
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    values = {address: {"cluster_name": "c", "principal_arn": "arn:aws:iam::111122223333:role/r", "policy_arn": policy}}
    unknown = [
        written(values, unknown={address: {"access_scope": scope}}).unknown
        for scope in (True, [{"type": True}], [{"type": False, "namespaces": [True]}], [{}])
    ]
    assert [[u.what for u in found] for found in unknown] == [["access to a cluster"], ["access to a cluster"], [], []]
