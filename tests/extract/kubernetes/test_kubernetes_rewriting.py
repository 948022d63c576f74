"""What policies write into the objects of others, and which objects they make, as far as they write it out."""

# ruff: noqa: E501  # a manifest in a line is easier to compare than a folded one

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.extract.kubernetes.rewriting.cel import read
from gate.extract.kubernetes.rewriting.generating import made_by
from gate.extract.kubernetes.rewriting.trees import OPEN
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.model.access import Location
from tests.extract.kubernetes.kubernetes_manifests import FILE, model

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {{name: x}}
spec:
  matchConstraints: {{resourceRules: [{{apiGroups: ['', apps], apiVersions: ['*'], operations: [CREATE], resources: [pods]}}]}}
  mutations:
    - {{patchType: {form}, {key}: {{expression: '{expression}'}}}}
"""


def _policy(expression: str) -> str:
    form, key = (
        ("JSONPatch", "jsonPatch") if expression.startswith("[") else ("ApplyConfiguration", "applyConfiguration")
    )
    return POLICY.format(form=form, key=key, expression=expression)


def _written(text: str) -> list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    found = model(text)
    assert found.unknown == []
    return [(one.seen, one.writes, one.opaque) for one in found.interceptors]


def _settings(text: str) -> list[tuple[str, str]]:
    return [(s.name, s.value) for w in model(text).workloads.values() for s in w.settings]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("Object{spec: Object.spec{hostPID: true}}", {"spec": {"hostPID": True}}),
        ('Object{a: [1, -2.5], b: {"k/x": "v", "n": null}, // why\n c: r"\\d"}',
         {"a": [1, -2.5], "b": {"k/x": "v", "n": None}, "c": "\\d"}),
        ("[JSONPatch{op: 'add', path: \"/spec/hostPID\", value: true},]", [{"op": "add", "path": "/spec/hostPID", "value": True}]),
        ("Object{a: object.spec.x, b: has(object.y) ? 1 : 2, c: 'x' + params.y, d: 'z'}",
         {"a": OPEN, "b": OPEN, "c": OPEN, "d": "z"}),
        ("Object{a: [1].map(x, {x: 2}), b: false}", {"a": OPEN, "b": False}),
        ("Object{?a: optional.none(), b: '''it's'''}", {"a": OPEN, "b": "it's"}),
        ("Object{labels: {variables.key: 'true'}, data: {'a': 'b'}}", {"labels": OPEN, "data": {"a": "b"}}),
        ("has(object.x) ? Object{a: 1} : Object{}", OPEN),
        ("object.spec.containers.map(c, JSONPatch{op: 'add'})", OPEN),
        ("Object{", OPEN),
        ("Object{a: }", OPEN),
        ("'", OPEN),
        ("", OPEN),
        ("Object{a: 1} Object{b: 2}", OPEN),
    ],
)  # fmt: skip
def test_what_an_expression_writes_out_is_read_and_the_rest_is_open(expression: str, value: Any) -> None:
    assert read(expression) == value


@given(st.text(alphabet="Object{}[]():,?'\"\\ \n/.-+1aé", max_size=60))
def test_no_expression_breaks_the_reader(expression: str) -> None:
    read(expression)


def test_a_deep_expression_is_open() -> None:
    assert read("[" * 5000) is OPEN
    assert read("[" * 5000 + "]" * 5000) is OPEN


def test_what_an_admission_policy_writes_into_pods() -> None:
    text = _policy("Object{spec: Object.spec{hostPID: true, containers: object.spec.containers}}")
    assert _written(text) == [(("pods", "apps/pods"), ("spec.containers", "spec.hostPID"), ("spec.containers",))]
    assert _settings(text) == [("pod-host-pid", "true")]
    (workload,) = model(text).workloads.values()
    assert (workload.id, workload.runs_as, workload.token) == ("k8s:MutatingAdmissionPolicy//x", (), False)


@pytest.mark.parametrize(
    ("patch", "writes", "opaque"),
    [
        ('[JSONPatch{op: "add", path: "/spec/template/spec/hostPID", value: true}]', ("spec.hostPID",), ()),
        ('[JSONPatch{op: "test", path: "/a", value: 1}, JSONPatch{op: "remove", path: "/spec/securityContext"}]',
         ("spec.securityContext",), ("spec.securityContext",)),
        ('[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "c"}]',
         ("the whole object",), ("the whole object",)),
        ('[JSONPatch{op: "add", path: "/metadata/labels/a~1b", value: object.x}]',
         ("metadata.labels.a/b",), ("metadata.labels.a/b",)),
        ('[JSONPatch{op: "move", from: "/a", path: "/b"}]', ("the whole object",), ("the whole object",)),
    ],
)  # fmt: skip
def test_json_patches(patch: str, writes: tuple[str, ...], opaque: tuple[str, ...]) -> None:
    assert [found[1:] for found in _written(_policy(patch))] == [(writes, opaque)]


def test_a_volume_of_the_node_counts_although_something_else_mounts_it() -> None:
    text = _policy('Object{spec: Object.spec{volumes: [Object.spec.volumes{name: "h", hostPath: {"path": "/"}}]}}')
    assert _settings(text) == [("pod-hostpath-root", "/")]


def test_a_binding_of_a_policy_out_of_view_is_told() -> None:
    binding = """
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingAdmissionPolicyBinding
        metadata: {name: b}
        spec: {policyName: x}
        """
    (found,) = model(binding).not_analysed
    assert (found.role, found.source.address) == (
        "applies a policy that is not in this change", "k8s:MutatingAdmissionPolicyBinding//b"
    )  # fmt: skip
    assert model(_policy("Object{}") + "---" + dedent(binding)).not_analysed == []


def _kyverno(rule: str, kind: str = "ClusterPolicy") -> str:
    return f"apiVersion: kyverno.io/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{rules: [{{name: r, {rule}}}]}}\n"


_PODS = "match: {any: [{resources: {kinds: [Pod, apps/v1/Deployment, NetworkPolicy]}}]}"
_SEEN = ("pods", "deployments", "networkpolicies")


@pytest.mark.parametrize(
    ("rule", "writes", "opaque"),
    [
        (f"{_PODS}, mutate: {{patchStrategicMerge: {{spec: {{+(hostPID): true, (os): linux}}}}}}", ("spec.hostPID",), ()),
        (f"{_PODS}, mutate: {{patchStrategicMerge: {{metadata: {{labels: {{+(a): '{{{{request.x}}}}'}}}}}}}}",
         ("metadata.labels.a",), ("metadata.labels.a",)),
        (f"{_PODS}, mutate: {{foreach: [{{list: x, patchesJson6902: \"- {{op: add, path: '/spec/volumes/{{{{elementIndex}}}}/a', value: b}}\"}}]}}",
         ("spec.volumes.a",), ()),
        (f"{_PODS}, mutate: {{foreach: [{{list: x, foreach: [{{list: y, patchStrategicMerge: {{a: b}}}}]}}]}}",
         ("the whole object",), ("the whole object",)),
        (f"{_PODS}, mutate: {{patchesJson6902: '{{{{x}}}}'}}", ("the whole object",), ("the whole object",)),
        (f"{_PODS}, mutate: {{patchStrategicMerge: {{metadata: {{labels: {{'{{{{x}}}}': 'true'}}}}}}}}", ("metadata.labels",), ("metadata.labels",)),
        (f"{_PODS}, mutate: {{patchesJson6902: \"- {{op: add, path: '/metadata/labels/{{{{x}}}}', value: b}}\"}}",
         ("the whole object",), ("the whole object",)),
        (f"{_PODS}, mutate: {{unknown: 1}}", ("the whole object",), ("the whole object",)),
    ],
)  # fmt: skip
def test_what_kyverno_writes_into_others(rule: str, writes: tuple[str, ...], opaque: tuple[str, ...]) -> None:
    assert _written(_kyverno(rule)) == [(_SEEN, writes, opaque)]


def test_kyverno_changes_what_its_targets_are() -> None:
    rule = f"{_PODS}, mutate: {{targets: [{{apiVersion: v1, kind: Secret}}], patchStrategicMerge: {{data: {{a: b}}}}}}"
    assert _written(_kyverno(rule, "Policy")) == [(("secrets",), ("data.a",), ())]


def test_a_policy_that_only_asks_writes_nothing() -> None:
    asks = f"{_PODS}, validate: {{pattern: {{spec: {{=(hostPID): 'false', containers: [{{image: '!*:latest', securityContext: {{privileged: 'false'}}}}]}}}}}}"
    found = model(_kyverno(asks))
    assert (found.unknown, found.interceptors, dict(found.workloads), found.not_analysed) == ([], [], {}, [])


@pytest.mark.parametrize(
    ("kind", "spec", "writes", "opaque"),
    [
        ("Assign", "{applyTo: [{groups: [''], kinds: [Pod], versions: [v1]}], location: 'spec.containers[name:*].securityContext.privileged',"
                   " parameters: {assign: {value: true}}}", ("spec.containers.securityContext.privileged",), ()),
        ("Assign", "{applyTo: [{kinds: [Pod]}], location: spec.hostPID, parameters: {assign: {externalData: {provider: p}}}}",
         ("spec.hostPID",), ("spec.hostPID",)),
        ("AssignMetadata", "{applyTo: [{kinds: [Pod]}], location: 'metadata.labels.\"gate.nhi/exempt\"', parameters: {assign: {value: 'true'}}}",
         ("metadata.labels.gate.nhi/exempt",), ()),
        ("ModifySet", "{applyTo: [{kinds: [Pod]}], location: 'spec.containers[name: main].args', parameters: {values: {fromList: [--x]}}}",
         ("spec.containers.args",), ()),
        ("AssignImage", "{applyTo: [{kinds: [Pod]}], location: 'spec.containers[name:*].image', parameters: {assignDomain: x.example.com}}",
         ("spec.containers.image",), ("spec.containers.image",)),
    ],
)  # fmt: skip
def test_what_gatekeeper_writes_into_others(
    kind: str, spec: str, writes: tuple[str, ...], opaque: tuple[str, ...]
) -> None:
    text = f"apiVersion: mutations.gatekeeper.sh/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"
    assert _written(text) == [(("pods",), writes, opaque)]


def test_gatekeeper_makes_pods_privileged() -> None:
    location = "spec.containers[name:*].securityContext.privileged"
    spec = f"{{applyTo: [{{kinds: [Pod]}}], location: '{location}', parameters: {{assign: {{value: true}}}}}}"
    text = f"apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {{name: x}}\nspec: {spec}\n"
    assert _settings(text) == [("pod-privileged", "true")]


def test_what_kyverno_makes_is_an_object_at_its_place_in_the_policy() -> None:
    text = dedent(
        """
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: x}
        spec:
          rules:
          - name: r
            match: {any: [{resources: {kinds: [Namespace]}}]}
            generate:
              apiVersion: rbac.authorization.k8s.io/v1
              kind: RoleBinding
              name: owners
              namespace: "{{request.object.metadata.name}}"
              data:
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
                subjects: [{kind: User, name: "{{ request.userInfo.username }}"}]
        """
    )
    (made,) = made_by(parse_manifests(text, FILE).manifests)
    assert (made.kind, made.namespace, made.name) == ("RoleBinding", "<request.object.metadata.name>", "owners")
    assert made.body["subjects"] == [{"kind": "User", "name": "<request.userInfo.username>"}]
    assert (made.location, made.lines[("subjects", 0)]) == (Location("k8s.yaml", 14, 16), 16)


def test_a_policy_that_makes_a_policy_makes_what_that_one_makes() -> None:
    inner = "rules: [{name: i, generate: {apiVersion: v1, kind: ConfigMap, name: c, data: {data: {a: b}}}}]"
    made = f"generate: {{apiVersion: kyverno.io/v1, kind: ClusterPolicy, name: p, data: {{spec: {{{inner}}}}}}}"
    found = made_by(parse_manifests(_kyverno(f"{_PODS}, {made}"), FILE).manifests)
    assert [(one.kind, one.name) for one in found] == [("ClusterPolicy", "p"), ("ConfigMap", "c")]


@pytest.mark.parametrize(
    ("generate", "role"),
    [
        ("apiVersion: v1, kind: Secret, name: pull, namespace: x, clone: {namespace: a, name: pull}",
         "copies secrets of the cluster to other namespaces"),
        ("cloneList: {namespace: a, kinds: [v1/Secret, v1/ConfigMap]}",
         "copies secrets of the cluster to other namespaces"),
        ("apiVersion: v1, kind: ConfigMap, name: c, clone: {namespace: a, name: c}", None),
        ("apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, name: c, clone: {namespace: a, name: c}",
         "makes a controller create objects that are not part of the input"),
        ("apiVersion: v1, kind: '{{request.kind}}', name: c, data: {a: b}",
         "makes a controller create objects that are not part of the input"),
        ("foreach: [{list: x, apiVersion: v1, kind: ConfigMap, name: c, data: {data: {a: b}}}]", None),
        ("name: c", "makes a controller create objects that are not part of the input"),
    ],
)  # fmt: skip
def test_what_kyverno_makes_of_what_is_not_in_it_is_told(generate: str, role: str | None) -> None:
    found = model(_kyverno(f"{_PODS}, generate: {{{generate}}}"))
    assert [one.role for one in found.not_analysed] == ([] if role is None else [role])


@pytest.mark.parametrize(
    ("version", "kind", "spec", "said"),
    [
        ("policies.kyverno.io/v1alpha1", "GeneratingPolicy", "{generate: []}", True),
        ("kyverno.io/v2", "ClusterCleanupPolicy", "{schedule: '* * * * *'}", True),
        ("apiextensions.crossplane.io/v1", "Composition",
         "{pipeline: [{input: {inline: {template: 'apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding'}}}]}",
         True),
        ("apiextensions.crossplane.io/v1", "Composition", "{pipeline: [{input: {inline: {template: 'kind: Bucket'}}}]}", False),
        ("metacontroller.k8s.io/v1alpha1", "CompositeController", "{hooks: {}}", True),
    ],
)  # fmt: skip
def test_what_else_has_a_controller_make_objects(version: str, kind: str, spec: str, said: bool) -> None:
    found = model(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n")
    assert bool(found.not_analysed) == said


def test_a_policy_of_another_shape_is_told() -> None:
    for text in (_kyverno(f"{_PODS}, mutate: [x]"), _kyverno(f"{_PODS}, generate: x")):
        found = model(text)
        assert found.unknown or found.not_analysed
