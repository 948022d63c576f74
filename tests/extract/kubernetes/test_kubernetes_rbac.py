"""RBAC per identity: roles, bindings, groups, wildcards, resourceNames, aggregation, built-in roles."""

from __future__ import annotations

import pytest

from gate.extract.kubernetes.identities.roles import bootstrap_roles
from gate.model.access import Grant, Identity, Lifecycle, Source, Unknown
from tests.extract.kubernetes.kubernetes_manifests import binding, lines, model, role

APP = "k8s:ServiceAccount/shop/app"
READ_SECRETS = "  - {apiGroups: [''], resources: [secrets], verbs: [get, list]}"


def test_a_bound_account_holds_its_roles_rules_with_their_lines() -> None:
    found = model(
        """\
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: app
          namespace: shop
          labels: {app.kubernetes.io/managed-by: Helm, team: shop}
          annotations: {example.com/purpose: sells, expires-at: "2027-01-01"}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: r, namespace: shop}
        rules:
          - apiGroups: [""]
            resources: [pods]
            verbs: [get]
          - apiGroups: [""]
            resources: [secrets]
            verbs: [get, list]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: b, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
        subjects: [{kind: ServiceAccount, name: app, namespace: shop}]
        """
    )
    assert found.identities == {
        APP: Identity(
            id=APP,
            kind="service_account",
            platform="kubernetes",
            name="app",
            namespace="shop",
            grants={"get secrets": ("k8s2",), "list secrets": ("k8s2",)},
            change="create",
            lifecycle=Lifecycle(owner="shop", purpose="sells", expires="2027-01-01"),
            actions=2,
            services=1,
            service_names=("k8s:",),
            source=Source(APP, None, lines(1, 7)),
        )
    }
    assert found.grants["k8s2"] == Grant(
        platform="kubernetes",
        actions=("get,list secrets",),
        form="Action",
        wildcards=(),
        resources=("shop/*",),
        except_=(),
        everything=False,
        targets=(),
        conditions=(),
        holders=(APP,),
        source=Source("k8s:Role/shop/r", "rules[1], bound by k8s:RoleBinding/shop/b", lines(16, 18)),
    )
    assert (list(found.grants), found.unknown, found.reads) == (["k8s1", "k8s2"], [], 3)


def test_a_role_binding_to_a_cluster_role_reaches_one_namespace_and_no_cluster_scoped_object() -> None:
    groups = "apiGroups: ['', rbac.authorization.k8s.io]"
    rules = f"  - {{{groups}, resources: [nodes/proxy, secrets, clusterroles], verbs: [get, bind, escalate]}}"
    inside = model(role(rules) + binding("ClusterRole/r", "ServiceAccount/shop/app", kind="RoleBinding"))
    assert set(inside.identities[APP].grants) == {"get secrets", "bind rbac.authorization.k8s.io/clusterroles"}
    assert [g.resources for g in inside.grants.values()] == [("shop/*",)]
    outside = model(role(rules) + binding("ClusterRole/r", "ServiceAccount/shop/app"))
    assert set(outside.identities[APP].grants) == {
        "get nodes/proxy",
        "get secrets",
        "bind rbac.authorization.k8s.io/clusterroles",
        "escalate rbac.authorization.k8s.io/clusterroles",
    }


def test_cluster_admin_is_every_action_and_the_binding_is_the_place_to_change() -> None:
    found = model(binding("ClusterRole/cluster-admin", "ServiceAccount/shop/app"))
    identity = found.identities[APP]
    assert (identity.grants, identity.all_access, identity.external) == ({"*": ("k8s1",)}, "unconditional", True)
    grant = found.grants["k8s1"]
    assert (grant.actions, grant.resources, grant.everything) == (("* */*",), ("*",), True)
    assert [wildcard.pattern for wildcard in grant.wildcards] == ["* */*"]
    statement = "roleRef to the built-in ClusterRole//cluster-admin, rules[0]"
    assert grant.source == Source("k8s:ClusterRoleBinding//b", statement, lines(4, 4))


def test_cluster_admin_through_a_role_binding_is_not_the_cluster() -> None:
    found = model(binding("ClusterRole/cluster-admin", "ServiceAccount/shop/app", kind="RoleBinding"))
    assert found.identities[APP].all_access == "none"
    assert "get secrets" in found.identities[APP].grants
    assert "get nodes/proxy" not in found.identities[APP].grants


def test_resource_names_limit_and_name_their_targets() -> None:
    rules = "  - {apiGroups: [''], resources: [serviceaccounts/token], verbs: [create], resourceNames: [app, job]}"
    text = role(rules, kind="Role") + binding("Role/r", "User/jane", kind="RoleBinding")
    (grant,) = model(text).grants.values()
    assert grant.resources == ("shop/app", "shop/job")
    assert grant.targets == ("k8s:ServiceAccount/shop/app", "k8s:ServiceAccount/shop/job")
    assert not grant.everything


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        (
            "{apiGroups: [''], resources: ['*'], verbs: [impersonate]}",
            {"impersonate groups", "impersonate serviceaccounts", "impersonate users"},
        ),
        ("{apiGroups: [''], resources: ['*/exec'], verbs: ['*']}", {"create pods/exec", "get pods/exec"}),
        (
            "{apiGroups: ['*'], resources: [pods/ephemeralcontainers], verbs: [patch]}",
            {"patch pods/ephemeralcontainers"},
        ),
        ("{apiGroups: [extensions], resources: [secrets], verbs: [get]}", set()),
        ("{apiGroups: [''], resources: [secrets/status, 'pods/*'], verbs: ['*']}", set()),
        ("{apiGroups: [iam.services.k8s.aws], resources: [roles], verbs: [create]}", {"create *.services.k8s.aws/*"}),
        ("{nonResourceURLs: ['/logs', '/metrics'], verbs: [get]}", {"get url:/logs"}),
        ("{nonResourceURLs: ['/debug/*'], verbs: ['*']}", {"get url:/debug/pprof"}),
        (
            "{apiGroups: [authentication.k8s.io], resources: [userextras/scopes], verbs: [impersonate]}",
            {"impersonate authentication.k8s.io/userextras/*"},
        ),
        ("{apiGroups: [''], resources: [pods], verbs: ['impersonate-on:user-info:list']}", {"impersonate-on:* */*"}),
        ("{apiGroups: [kubeflow.org], resources: [notebooks], verbs: [create]}", {"create kubeflow.org/*"}),
        ("{apiGroups: ['*'], resources: [notebooks], verbs: [create]}", set()),
        ("{apiGroups: [''], resources: [pods], verbs: [create], resourceNames: [web]}", set()),
        (
            "{apiGroups: [''], resources: [pods], verbs: [create, patch], resourceNames: [web]}",
            {"create pods", "patch pods"},
        ),
        ("{apiGroups: [''], resources: [pods/exec], verbs: [create], resourceNames: [web]}", {"create pods/exec"}),
        (
            "{apiGroups: [''], resources: [secrets], verbs: [list, delete], resourceNames: [pull]}",
            {"list secrets", "delete secrets"},
        ),
    ],
)
def test_wildcards_match_as_the_api_server_matches(rule: str, held: set[str]) -> None:
    found = model(role(f"  - {rule}") + binding("ClusterRole/r", "ServiceAccount/shop/app"))
    assert set(found.identities[APP].grants) == held


@pytest.mark.parametrize(
    ("rule", "wildcards"),
    [
        ("{apiGroups: [''], resources: [secrets], verbs: ['*']}", ("* secrets",)),
        ("{apiGroups: ['', apps], resources: ['*'], verbs: [get, list]}", ("get,list *", "get,list apps/*")),
        ("{apiGroups: ['*'], resources: [pods], verbs: [get]}", ()),
        ("{nonResourceURLs: ['*'], verbs: ['*']}", ()),
    ],
)
def test_a_wildcard_is_every_verb_or_every_resource(rule: str, wildcards: tuple[str, ...]) -> None:
    (grant,) = model(role(f"  - {rule}") + binding("ClusterRole/r", "User/jane")).grants.values()
    assert tuple(wildcard.pattern for wildcard in grant.wildcards) == wildcards


def test_members_of_the_service_account_groups_hold_what_the_groups_hold() -> None:
    other = "k8s:ServiceAccount/ops/app"
    accounts = "".join(
        f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: app, namespace: {n}}}\n---\n" for n in ("shop", "ops")
    )
    text = accounts + role(READ_SECRETS) + binding("ClusterRole/r", "Group/system:serviceaccounts:shop")
    found = model(text)
    group = "k8s:Group//system:serviceaccounts:shop"
    assert found.grants["k8s1"].holders == (group, APP)
    assert found.identities[group].members == (APP,)
    assert found.identities[APP].grants == found.identities[group].grants
    assert found.identities[other].grants == {}
    everyone = model(text.replace("system:serviceaccounts:shop", "system:authenticated"))
    assert everyone.grants["k8s1"].holders == ("k8s:Group//system:authenticated", APP, other)


def test_a_user_that_is_a_service_account_is_that_account() -> None:
    text = role(READ_SECRETS) + binding("ClusterRole/r", "User/system:serviceaccount:shop:app")
    assert list(model(text).identities) == [APP]


def test_aggregation_is_the_union_of_what_its_selectors_match() -> None:
    text = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: monitoring}
    aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: team, operator: In, values: [watch]}]}]}
    rules: []
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: part, labels: {team: watch}}
    rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: other, labels: {team: else}}
    rules: [{apiGroups: [""], resources: [pods/exec], verbs: [create]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: b}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: monitoring}
    subjects: [{kind: ServiceAccount, name: app, namespace: shop}]
    """
    found = model(text)
    assert set(found.identities[APP].grants) == {"list secrets"}
    assert found.grants["k8s1"].source.address == "k8s:ClusterRole//part"


def test_a_role_of_the_change_widens_the_built_in_role_it_aggregates_to() -> None:
    label = "{rbac.authorization.k8s.io/aggregate-to-view: 'true'}"
    text = role("  - {apiGroups: [''], resources: [secrets], verbs: [get]}").replace(
        "{name: r}", f"{{name: r, labels: {label}}}"
    )
    bound = binding("ClusterRole/view", "ServiceAccount/shop/app")
    assert "get secrets" not in model(bound).identities[APP].grants
    assert "get secrets" in model(text + bound).identities[APP].grants


def test_edit_reads_secrets_and_runs_pods_through_nested_aggregation() -> None:
    held = model(binding("ClusterRole/edit", "ServiceAccount/shop/app", kind="RoleBinding")).identities[APP].grants
    assert {"get secrets", "create pods", "create pods/exec", "impersonate serviceaccounts"} <= set(held)
    admin = model(binding("ClusterRole/admin", "ServiceAccount/shop/app", kind="RoleBinding")).identities[APP].grants
    assert set(held) | {"create rbac.authorization.k8s.io/rolebindings"} <= set(admin)


def test_a_role_that_nothing_binds_stands_for_whoever_is_bound_elsewhere() -> None:
    found = model(role(READ_SECRETS))
    identity = found.identities["k8s:ClusterRole//r"]
    assert (identity.kind, identity.external, set(identity.grants)) == ("role", True, {"get secrets", "list secrets"})
    harmless = model(role("  - {apiGroups: [''], resources: [pods], verbs: [get]}"))
    assert harmless.identities == {}


def test_a_role_nobody_here_knows_is_unknown() -> None:
    found = model(binding("ClusterRole/elsewhere", "ServiceAccount/shop/app"))
    assert found.unknown == [
        Unknown(
            what="role",
            reason="k8s:ClusterRoleBinding//b binds k8s:ClusterRole//elsewhere, "
            "which is neither in this change nor built in",
            source=Source("k8s:ClusterRoleBinding//b", None, lines(4, 4)),
            identity=APP,
            reference="k8s:ClusterRole//elsewhere",
            remedy="give the manifest of the role to the same check",
            change="create",
        )
    ]


def test_an_aggregation_whose_parts_are_elsewhere_is_unknown() -> None:
    text = role("  []").replace("rules:", "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules:")
    (unknown,) = model(text + binding("ClusterRole/r", "ServiceAccount/shop/app")).unknown
    assert unknown.reason == (
        "k8s:ClusterRoleBinding//b binds k8s:ClusterRole//r, which aggregates cluster roles that are not in this change"
    )


def test_a_role_written_twice_holds_both() -> None:
    twice = role(READ_SECRETS) + role("  - {apiGroups: [''], resources: [pods/exec], verbs: [create]}")
    found = model(twice + binding("ClusterRole/r", "ServiceAccount/shop/app"))
    assert set(found.identities[APP].grants) == {"get secrets", "list secrets", "create pods/exec"}


def test_objects_of_the_wrong_shape_are_unknown_and_the_others_are_read() -> None:
    text = (
        role("  - {apiGroups: [''], resources: secrets, verbs: [get]}")
        + binding("ClusterRole/cluster-admin", "ServiceAccount/shop/app")
        + binding("ClusterRole/view", "Robot/x")
    )
    found = model(text)
    assert [(u.what, u.reason, u.source.location) for u in found.unknown] == [
        (
            "object",
            "The ClusterRole k8s:ClusterRole//r could not be read: rules[0].resources is text, expected a list.",
            lines(5, 5),
        ),
        (
            "object",
            "The ClusterRoleBinding k8s:ClusterRoleBinding//b could not be read: "
            "subjects[0].kind is text, expected ServiceAccount, User or Group.",
            lines(19, 19),
        ),
    ]
    assert found.identities[APP].all_access == "unconditional"


def test_an_unreadable_role_is_said_once() -> None:
    text = role("  - text") + binding("ClusterRole/r", "ServiceAccount/shop/app")
    assert [u.reason for u in model(text).unknown] == [
        "The ClusterRole k8s:ClusterRole//r could not be read: rules[0] is text, expected a mapping."
    ]


def test_every_bootstrap_role_is_there() -> None:
    roles = bootstrap_roles()
    assert len(roles) == 76
    assert {"k8s:ClusterRole//system:node", "k8s:Role/kube-system/extension-apiserver-authentication-reader"} <= set(
        roles
    )
