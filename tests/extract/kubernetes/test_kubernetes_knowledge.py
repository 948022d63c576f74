"""The packaged lists are what the knowledge says, and no manifest makes the adapter crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.extract.kubernetes.adapter import extract
from gate.extract.kubernetes.compute.settings import pod_settings
from gate.extract.kubernetes.documents.pods import POD_KINDS
from gate.extract.kubernetes.guards.interceptors import INTERCEPTING
from gate.extract.kubernetes.guards.loose import GUARDS
from gate.extract.kubernetes.language.rbac_rules import sensitive_actions
from gate.extract.kubernetes.rewriting.generating import made_by
from gate.extract.kubernetes.rewriting.mutating_policies import BINDING, REWRITING
from gate.inputs.documents import Manifest
from gate.model.access import AccessModel, Location
from tests.extract.kubernetes.kubernetes_manifests import FILE
from tools.generate import kubernetes_knowledge

ROOT = Path(__file__).parents[3]
KNOWLEDGE: dict[str, Any] = yaml.safe_load((ROOT / "rego/gate/knowledge/kubernetes/data.yaml").read_text())


def test_the_packaged_list_is_what_the_knowledge_names() -> None:
    packaged = json.loads((ROOT / "gate/extract/kubernetes/language/sensitive_actions.json").read_text())
    assert packaged == kubernetes_knowledge.sensitive_actions(KNOWLEDGE)


def test_every_sensitive_action_has_a_verb_and_a_resource() -> None:
    assert [a.key for a in sensitive_actions() if not (a.verb and a.resource)] == []
    assert {a.group for a in sensitive_actions() if a.resource == "deployments"} == {"apps"}
    assert {a.group for a in sensitive_actions() if a.resource == "pods/exec"} == {""}


def test_every_setting_the_adapter_states_is_weighed_or_known_to_weigh_nothing() -> None:
    files = ("compute/settings.py", "language/host_locations.py")
    source = "".join((ROOT / "gate/extract/kubernetes" / name).read_text() for name in files)
    stated = {part for part in source.split('"') if part.startswith("pod-")}
    assert stated - set(KNOWLEDGE["pod_settings"]) == {"pod-host-port", "pod-projected-token-audience"}
    assert set(KNOWLEDGE["pod_settings"]) - stated == set()
    assert pod_settings.__module__.endswith("settings")


_KEYS = [
    "spec",
    "template",
    "metadata",
    "labels",
    "annotations",
    "rules",
    "verbs",
    "resources",
    "apiGroups",
    "roleRef",
    "subjects",
    "kind",
    "name",
    "containers",
    "volumes",
    "env",
    "valueFrom",
    "secretKeyRef",
    "securityContext",
    "capabilities",
    "add",
    "hostPath",
    "path",
    "projected",
    "sources",
    "selector",
    "matchLabels",
    "key",
    "operator",
    "aggregationRule",
    "conversion",
    "webhook",
    "clientConfig",
    "service",
    "url",
    "configMap",
    "configMapKeyRef",
    "clusterRoleSelectors",
    "matchExpressions",
    "jobTemplate",
    "serviceAccountToken",
    "match",
    "any",
    "kinds",
    "mutate",
    "foreach",
    "targets",
    "patchStrategicMerge",
    "patchesJson6902",
    "generate",
    "data",
    "clone",
    "cloneList",
    "matchConstraints",
    "resourceRules",
    "mutations",
    "applyConfiguration",
    "jsonPatch",
    "expression",
    "location",
    "applyTo",
    "parameters",
    "assign",
    "namespaceSelector",
    "gate.yaml",
]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5),
    max_leaves=25,
)
_KINDS = [
    *POD_KINDS,
    *(("rbac.authorization.k8s.io", k) for k in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")),
]
_KINDS += [
    ("", "ServiceAccount"),
    ("", "Secret"),
    ("", "Service"),
    ("", "Namespace"),
    *INTERCEPTING,
    *GUARDS,
    *REWRITING,
    BINDING,
    ("", "ConfigMap"),
    ("networking.k8s.io", "Ingress"),
    ("x.example.com", "Y"),
]

_FIELDS = ["spec", "metadata", "rules", "roleRef", "subjects", "type", "template", "aggregationRule", "webhooks"]
_FIELDS += ["data"]


@given(
    kind=st.sampled_from(_KINDS),
    body=st.dictionaries(
        st.sampled_from(_FIELDS),
        _JSON,
    ),
)
@settings(max_examples=300, deadline=None)
def test_no_shape_crashes_the_adapter(kind: tuple[str, str], body: dict[str, Any]) -> None:
    group, name = kind
    version = f"{group}/v1" if group else "v1"
    found = AccessModel()
    manifest = Manifest(FILE, version, name, None, "gate", body, Location("k8s.yaml", 1, 1))
    extract([manifest, *made_by([manifest])], found, earlier=[manifest])
    json.dumps(found.to_json())
