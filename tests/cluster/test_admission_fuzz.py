"""Whatever is sent to the webhook: an answer, never a crash, and never an allow without a decision."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cluster.api_server import ApiServer
from tests.cluster.webhook import Webhook

MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))

_names = st.sampled_from(["web", "default", "cluster-admin", "x", "", "ü", "a" * 300, "system:serviceaccounts"])
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | _names
_trees = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KINDS = [
    ("", "v1", "Pod"),
    ("", "v1", "ServiceAccount"),
    ("", "v1", "Service"),
    ("", "v1", "ConfigMap"),
    ("", "v1", "Namespace"),
    ("", "v1", "PersistentVolume"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "ReplicaSet"),
    ("batch", "v1", "CronJob"),
    ("rbac.authorization.k8s.io", "v1", "Role"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole"),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration"),
    ("external-secrets.io", "v1", "ClusterSecretStore"),
    ("example.com", "v1alpha1", "Unheard"),
]


def _or_anything(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(usual, usual, usual, usual, _trees)


_metadata = st.fixed_dictionaries(
    {"name": _or_anything(_names)},
    optional={
        "namespace": _or_anything(_names),
        "labels": _or_anything(st.dictionaries(_names, _names, max_size=2)),
        "annotations": _or_anything(st.dictionaries(_names, _names, max_size=2)),
        "ownerReferences": _or_anything(
            st.lists(
                st.fixed_dictionaries(
                    {"apiVersion": st.just("apps/v1"), "kind": st.just("ReplicaSet"), "name": _names},
                    optional={"controller": st.booleans()},
                ),
                max_size=2,
            )
        ),
    },
)
_subjects = st.lists(
    st.fixed_dictionaries(
        {"kind": _or_anything(st.sampled_from(["ServiceAccount", "User", "Group"])), "name": _or_anything(_names)},
        optional={"namespace": _or_anything(_names)},
    ),
    max_size=2,
)
_rules = st.lists(
    st.fixed_dictionaries(
        {
            "apiGroups": _or_anything(st.lists(st.sampled_from(["", "*", "apps"]), max_size=2)),
            "resources": _or_anything(st.lists(st.sampled_from(["*", "pods", "secrets", "*/scale"]), max_size=2)),
            "verbs": _or_anything(st.lists(st.sampled_from(["*", "get", "create", "bind"]), max_size=2)),
        },
        optional={"resourceNames": _or_anything(st.lists(_names, max_size=2))},
    ),
    max_size=2,
)
_pod = st.fixed_dictionaries(
    {
        "containers": _or_anything(
            st.lists(
                st.fixed_dictionaries(
                    {"name": _names, "image": _names},
                    optional={"securityContext": _trees, "env": _trees, "volumeMounts": _trees},
                ),
                max_size=2,
            )
        )
    },
    optional={"serviceAccountName": _or_anything(_names), "volumes": _trees, "hostPID": _trees},
)
_spec = _or_anything(_pod | st.fixed_dictionaries({"template": st.fixed_dictionaries({"spec": _or_anything(_pod)})}))
_objects = _or_anything(
    st.fixed_dictionaries(
        {"metadata": _or_anything(_metadata)},
        optional={
            "spec": _spec,
            "subjects": _or_anything(_subjects),
            "rules": _or_anything(_rules),
            "aggregationRule": _trees,
            "data": _trees,
            "roleRef": _or_anything(
                st.fixed_dictionaries({"kind": st.sampled_from(["Role", "ClusterRole"]), "name": _or_anything(_names)})
            ),
        },
    )
)


@st.composite
def reviews(draw: st.DrawFn) -> Any:
    group, version, kind = draw(st.sampled_from(_KINDS))
    request: dict[str, Any] = {
        "uid": "uid",
        "kind": {"group": group, "version": version, "kind": kind},
        "operation": draw(st.sampled_from(["CREATE", "UPDATE", "DELETE", "CONNECT"])),
        "object": draw(_objects),
        "oldObject": draw(st.none() | _objects),
    }
    for key in ("name", "namespace", "subResource", "userInfo", "dryRun", "operation", "kind", "uid", "object"):
        if draw(st.integers(0, 5)) == 0:
            request[key] = draw(_names | _trees)
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def _review(kind: tuple[str, str, str], **manifest: Any) -> dict[str, Any]:
    group, version, name = kind
    request = {
        "uid": "uid",
        "kind": {"group": group, "version": version, "kind": name},
        "operation": "CREATE",
        "namespace": manifest["metadata"].get("namespace", ""),
        "name": manifest["metadata"]["name"],
        "object": {"apiVersion": f"{group}/{version}".removeprefix("/"), "kind": name, **manifest},
        "oldObject": None,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


_DENIED = _review(
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
    metadata={"name": "everything"},
    roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    subjects=[{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
)
_ALLOWED = _review(
    ("", "v1", "ServiceAccount"),
    metadata={"name": "web", "namespace": "default"},
    automountServiceAccountToken=False,
)
_POD = _review(
    ("", "v1", "Pod"),
    metadata={"name": "web", "namespace": "default"},
    spec={"containers": [{"name": "web", "image": "web:1", "securityContext": {"privileged": True}}]},
)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of the tree with each of its keys."""
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        yield tree, key
        yield from _places(tree[key])


@st.composite
def changed_reviews(draw: st.DrawFn) -> Any:
    """A review as an API server sends it, with one to three of its values replaced or taken away."""
    review = copy.deepcopy(draw(st.sampled_from([_DENIED, _ALLOWED, _POD])))
    for _ in range(draw(st.integers(1, 3))):
        tree, key = draw(st.sampled_from(list(_places(review["request"]))))
        if draw(st.booleans()) and isinstance(tree, dict):
            del tree[key]
        else:
            tree[key] = draw(_names | _trees)
    return review


@pytest.fixture(scope="module")
def webhook(cluster: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    started = Webhook(cluster, tmp_path_factory.mktemp("fuzzed"))
    started.start()
    yield started
    reached = {d: started.metric(rf'gate_admission_reviews_total.*decision="{d}"') for d in ("allow", "deny", "none")}
    ended = started.end()
    assert all(reached.values()), f"the inputs did not get everywhere: {reached}"
    assert ended == 0


def answered(webhook: Webhook, body: bytes) -> None:
    status, text = webhook.post(body)
    if status == 400:
        assert text == b"no AdmissionReview of admission.k8s.io/v1\n"
        return
    assert status == 200
    answer = json.loads(text)
    assert (answer["apiVersion"], answer["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    response = answer["response"]
    annotations = response["auditAnnotations"]
    if response["allowed"]:
        assert annotations["verdict"] == "allow" and annotations["decision-id"]
    else:
        assert annotations["verdict"] in ("deny", "none") and response["status"]["message"]
        assert "unforeseen" not in response["status"]["message"], response


@MANY
@given(reviews() | changed_reviews())
@example(_DENIED)
@example(_ALLOWED)
def test_any_review_is_answered(webhook: Webhook, review: Any):
    answered(webhook, json.dumps(review).encode())


@MANY
@given(st.binary(max_size=200) | _trees.map(lambda tree: json.dumps(tree).encode()))
def test_anything_else_is_answered_too(webhook: Webhook, body: bytes):
    answered(webhook, body)


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":' + b"[" * 100_000],
    ids=["deep", "deep inside"],
)
def test_nesting_without_an_end_is_answered(webhook: Webhook, body: bytes):
    answered(webhook, body)
