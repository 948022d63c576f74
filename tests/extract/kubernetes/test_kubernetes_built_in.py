"""What every cluster has is nobody's change, as long as it says no more than that."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from gate.extract.kubernetes.adapter import extract
from gate.extract.kubernetes.identities.roles import bootstrap
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.model.access import AccessModel
from tests.extract.kubernetes.kubernetes_manifests import FILE, binding, model

RBAC = "rbac.authorization.k8s.io"
PUBLIC = "system:public-info-viewer"


@dataclass(frozen=True)
class Start:
    """One object every cluster starts with."""

    kind: str
    namespace: str
    name: str
    body: dict

    def text(self, **more) -> str:
        metadata = {"name": self.name, **({"namespace": self.namespace} if self.namespace else {})}
        head = {"apiVersion": f"{RBAC}/v1", "kind": self.kind, "metadata": metadata}
        return json.dumps({**head, **self.body, **more}) + "\n---\n"


def _start() -> list[Start]:
    data = bootstrap()
    found = []
    for name, entry in data["cluster_roles"].items():
        aggregation = {"aggregationRule": {"clusterRoleSelectors": entry["selectors"]}} if "selectors" in entry else {}
        found.append(Start("ClusterRole", "", name, {"rules": entry["rules"], **aggregation}))
    for key, entry in data["roles"].items():
        namespace, _, name = key.partition("/")
        found.append(Start("Role", namespace, name, {"rules": entry["rules"]}))
    for key, entry in data["bindings"].items():
        kind, *namespace, name = key.split("/")
        role, _, role_name = entry["role"].partition("/")
        reference = {"apiGroup": RBAC, "kind": role, "name": role_name}
        found.append(Start(kind, "".join(namespace), name, {"roleRef": reference, "subjects": entry["subjects"]}))
    return found


def _one(kind: str, name: str) -> Start:
    return next(one for one in _start() if (one.kind, one.name) == (kind, name))


def test_everything_a_cluster_starts_with_says_nothing() -> None:
    found = model("".join(one.text() for one in _start()))

    assert (found.identities, found.grants, found.unknown) == ({}, {}, [])


def test_a_built_in_role_with_one_more_right_is_held_by_whoever_every_cluster_binds_to_it() -> None:
    role, bound = _one("ClusterRole", PUBLIC), _one("ClusterRoleBinding", PUBLIC)
    more = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}

    found = model(role.text(rules=[*role.body["rules"], more]) + bound.text())

    assert "get secrets" in found.identities["k8s:Group//system:authenticated"].grants
    assert "get secrets" in found.identities["k8s:Group//system:unauthenticated"].grants


def test_a_built_in_role_with_one_right_less_is_still_built_in() -> None:
    role = _one("ClusterRole", "system:node")

    assert model(role.text(rules=role.body["rules"][1:])).identities == {}


def test_a_built_in_role_that_is_made_to_widen_another_is_told() -> None:
    role = _one("ClusterRole", "system:node")
    label = {"name": role.name, "labels": {f"{RBAC}/aggregate-to-view": "true"}}

    assert "k8s:ClusterRole//view" in model(role.text(metadata=label)).identities


def test_a_built_in_binding_with_one_more_subject_is_told_of_all_its_subjects() -> None:
    bound = _one("ClusterRoleBinding", "cluster-admin")
    more = {"kind": "ServiceAccount", "namespace": "shop", "name": "robot"}

    found = model(bound.text(subjects=[*bound.body["subjects"], more]))

    administrators = {i for i, one in found.identities.items() if one.all_access == "unconditional"}
    assert administrators == {"k8s:Group//system:masters", "k8s:ServiceAccount/shop/robot"}


def test_a_built_in_binding_to_another_role_is_told() -> None:
    bound = _one("ClusterRoleBinding", PUBLIC)
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}

    found = model(bound.text(roleRef=reference))

    assert found.identities["k8s:Group//system:unauthenticated"].all_access == "unconditional"


@pytest.mark.parametrize(
    ("metadata", "made"),
    [
        ("{name: default, namespace: shop}", True),
        ("{name: job-controller, namespace: kube-system}", True),
        ("{name: job-controller, namespace: shop}", False),
        ("{name: default, namespace: shop, labels: {team: shop}}", False),
        ("{name: default, namespace: shop, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::1:role/r'}}", False),
    ],
)
def test_accounts_that_controllers_make_are_nobodys_change(metadata: str, made: bool) -> None:
    found = model(f"{{apiVersion: v1, kind: ServiceAccount, metadata: {metadata}}}")

    assert (found.identities == {}) == made


def test_an_account_that_a_controller_made_and_somebody_bound_is_told_and_exists() -> None:
    account = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}\n---\n"

    found = model(account + binding("ClusterRole/edit", "ServiceAccount/shop/default", kind="RoleBinding"))

    assert not found.identities["k8s:ServiceAccount/shop/default"].external


UNBOUND = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r, labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: alone}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gone}
subjects: [{kind: User, name: ann}]
"""


@pytest.mark.parametrize("whole", [False, True])
def test_what_nothing_binds_counts_unless_this_is_the_whole_cluster(whole: bool) -> None:
    found = AccessModel()

    extract(parse_manifests(UNBOUND, FILE).manifests, found, whole=whole)

    roles = {i for i, one in found.identities.items() if one.kind == "role"}
    # What view gathers is told of view, and not a second time of the role that holds it.
    assert roles == (set() if whole else {"k8s:ClusterRole//alone", "k8s:ClusterRole//view"})
    assert [gap.reference for gap in found.unknown] == ([] if whole else ["k8s:Role/shop/gone"])
