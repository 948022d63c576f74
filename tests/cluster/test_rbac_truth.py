"""What the gate takes for granted about RBAC, asked of a real API server."""

from __future__ import annotations

import json

import pytest
import requests
import yaml

from gate.extract.kubernetes.identities.roles import read_rule
from gate.extract.kubernetes.language.rbac_rules import allowed_actions, sensitive_actions, split_nameless

NAMESPACE = "rbac-truth"
SAR = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class Caller:
    """Requests with the credentials of a kubeconfig."""

    def __init__(self, cluster, kubeconfig):
        config = yaml.safe_load(kubeconfig.read_text())
        user = config["users"][0]["user"]
        self._url = cluster.url
        self._session = requests.Session()
        self._session.trust_env = False  # its REQUESTS_CA_BUNDLE would go before ours
        self._session.verify = config["clusters"][0]["cluster"]["certificate-authority"]
        if "token" in user:
            self._session.headers["Authorization"] = f"Bearer {user['token']}"
        else:
            self._session.cert = (user["client-certificate"], user["client-key"])

    def __call__(self, method, path, body=None, content="application/json", **headers):
        data = None if body is None else json.dumps(body)
        return self._session.request(
            method, self._url + path, data=data, headers={"Content-Type": content, **headers}, timeout=30
        )


@pytest.fixture(scope="module")
def admin(cluster):
    cluster.apply(yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}))
    yield Caller(cluster, cluster.kubeconfig)
    cluster.kubectl("delete", "clusterrole,clusterrolebinding", "-l", "test=truth")
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true")


def _account(name, *rules, kind="Role"):
    """Manifests of an account that holds these rules in its namespace (or everywhere)."""
    meta = {"name": f"truth-{name}", "labels": {"test": "truth"}} | ({"namespace": NAMESPACE} if kind == "Role" else {})
    api = "rbac.authorization.k8s.io/v1"
    subject = {"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": meta["name"]}
    return yaml.safe_dump_all(
        [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": NAMESPACE}},
            {"apiVersion": api, "kind": kind, "metadata": meta, "rules": [yaml.safe_load(rule) for rule in rules]},
            {
                "apiVersion": api,
                "kind": "RoleBinding" if kind == "Role" else "ClusterRoleBinding",
                "metadata": meta,
                "roleRef": reference,
                "subjects": [subject],
            },
        ]
    )


RULES = [
    "{apiGroups: ['*'], resources: ['*'], verbs: [get]}",
    "{apiGroups: ['', apps], resources: ['*'], verbs: ['*']}",
    "{apiGroups: ['*'], resources: ['*/exec', '*/token'], verbs: [create]}",
    "{apiGroups: [''], resources: [pods/*, secrets], verbs: [create, list]}",
    "{apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: ['*']}",
    "{apiGroups: [extensions], resources: [secrets, pods], verbs: ['*']}",
    "{apiGroups: [''], resources: [secrets, configmaps], verbs: ['*'], resourceNames: [one, '']}",
    "{apiGroups: [''], resources: [pods], verbs: [create, list, deletecollection], resourceNames: [one]}",
    "{apiGroups: [''], resources: [pods/exec, serviceaccounts/token], verbs: [create], resourceNames: [one]}",
]


@pytest.mark.parametrize(
    ("rule", "kind"), [*((rule, "ClusterRole") for rule in RULES), *((rule, "Role") for rule in RULES[:3])]
)
def test_every_sensitive_action_is_allowed_as_the_gate_says(applied, admin, rule, kind):
    applied(_account("asked", rule, kind=kind))
    named = "resourceNames: [one" in rule
    held = {
        key
        for part in split_nameless(read_rule(yaml.safe_load(rule), ()))
        for key in allowed_actions(part, cluster_wide=kind == "ClusterRole")
    }
    # patterns stand for what no API server serves here
    asked = [a for a in sensitive_actions() if not a.pattern and not (a.group == "url:" and kind == "Role")]
    assert {a.key for a in asked if _allowed(admin, a, named)} == {a.key for a in asked if a.key in held}


def _allowed(admin, action, named):
    names = [None, "one"] if named and action.verb not in ("create", "deletecollection") else [None]
    if named and "/" in action.resource:
        names = ["one"]
    return any(_review(admin, action, name) for name in names)


def _review(admin, action, name):
    spec = {"user": f"system:serviceaccount:{NAMESPACE}:asked"}
    if action.group == "url:":
        spec["nonResourceAttributes"] = {"path": action.resource, "verb": action.verb}
    else:
        resource, _, subresource = action.resource.partition("/")
        spec["resourceAttributes"] = {
            "verb": action.verb,
            "group": action.group,
            "resource": resource,
            "subresource": subresource,
            **({} if action.cluster_scoped else {"namespace": NAMESPACE}),
            **({"name": name} if name else {}),
        }
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return admin("POST", SAR, body).json()["status"]["allowed"]


def _pod(name):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"serviceAccountName": "default", "containers": [{"name": "c", "image": "registry.example.com/c"}]},
    }


def test_create_with_names_allows_no_create_but_beside_patch_a_server_side_apply(cluster, applied):
    pods, apply = f"/api/v1/namespaces/{NAMESPACE}/pods", "application/apply-patch+yaml"
    named = "{apiGroups: [''], resources: [pods], verbs: [%s], resourceNames: [one]}"
    applied(_account("creates", named % "create") + "---\n" + _account("applies", named % "create, patch"))
    creates, applies = (Caller(cluster, cluster.as_account(NAMESPACE, name)) for name in ("creates", "applies"))
    assert creates("POST", pods, _pod("one")).status_code == 403
    assert applies("POST", pods, _pod("one")).status_code == 403
    assert creates("PATCH", f"{pods}/one?fieldManager=t", _pod("one"), apply).status_code == 403
    assert applies("PATCH", f"{pods}/two?fieldManager=t", _pod("two"), apply).status_code == 403
    assert applies("PATCH", f"{pods}/one?fieldManager=t&dryRun=All", _pod("one"), apply).status_code == 201


def test_a_list_with_names_is_one_object_by_field_selector(cluster, applied):
    secrets = f"/api/v1/namespaces/{NAMESPACE}/secrets"
    applied(_account("lists", "{apiGroups: [''], resources: [secrets], verbs: [list], resourceNames: [one]}"))
    lists = Caller(cluster, cluster.as_account(NAMESPACE, "lists"))
    codes = [lists("GET", secrets + query).status_code for query in ("", "?fieldSelector=metadata.name=one")]
    assert codes == [403, 200]
    assert lists("GET", f"{secrets}?fieldSelector=metadata.name=two").status_code == 403


def test_a_patch_answers_with_the_whole_secret(cluster, applied):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": NAMESPACE}}
    rule = "{apiGroups: [''], resources: [secrets], verbs: [patch]}"
    applied(yaml.safe_dump(secret | {"stringData": {"k": "made-up"}}) + "---\n" + _account("patches", rule))
    patches = Caller(cluster, cluster.as_account(NAMESPACE, "patches"))
    path = f"/api/v1/namespaces/{NAMESPACE}/secrets/db"
    assert patches("GET", path).status_code == 403
    assert patches("PATCH", path, {}, "application/merge-patch+json").json()["data"] == {"k": "bWFkZS11cA=="}


def test_groups_are_impersonated_only_beside_a_user(cluster, applied):
    rule = "{apiGroups: [''], resources: [groups], verbs: [impersonate]}"
    also = "{apiGroups: [''], resources: [users], verbs: [impersonate], resourceNames: [jane]}"
    both = _account("groups", rule, kind="ClusterRole"), _account("both", rule, also, kind="ClusterRole")
    applied("---\n".join(both))
    groups, both = (Caller(cluster, cluster.as_account(NAMESPACE, name)) for name in ("groups", "both"))
    path, masters = "/api/v1/nodes", {"Impersonate-Group": "system:masters"}
    assert groups("GET", path, **masters).status_code >= 400
    assert groups("GET", path, **masters, **{"Impersonate-User": "jane"}).status_code == 403
    assert both("GET", path, **masters, **{"Impersonate-User": "jane"}).status_code == 200


def test_bind_by_name_hands_out_that_role_and_escalate_needs_a_role_that_is_held(cluster, applied):
    rbac = "rbac.authorization.k8s.io"
    base = f"/apis/{rbac}/v1/namespaces/{NAMESPACE}"
    bind = f"{{apiGroups: [{rbac}], resources: [clusterroles], verbs: [bind], resourceNames: [edit]}}"
    write = f"{{apiGroups: [{rbac}], resources: [rolebindings], verbs: [create]}}"
    escalate = f"{{apiGroups: [{rbac}], resources: [roles], verbs: [escalate, create]}}"
    applied(_account("binds", bind, write) + "---\n" + _account("escalates", escalate, write))
    binds, escalates = (Caller(cluster, cluster.as_account(NAMESPACE, name)) for name in ("binds", "escalates"))

    def binding(role, kind="ClusterRole"):
        reference = {"apiGroup": rbac, "kind": kind, "name": role}
        return {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": {"name": "x"}, "roleRef": reference}

    def tried(caller, body):
        return caller("POST", f"{base}/rolebindings?dryRun=All", body).status_code

    assert [tried(binds, binding(role)) for role in ("edit", "admin")] == [201, 403]
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
    role = {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "new"}, "rules": rules}
    assert escalates("POST", f"{base}/roles", role).status_code == 201
    assert tried(escalates, binding("new", "Role")) == 403
    cluster.kubectl("delete", "role", "new", "-n", NAMESPACE)
