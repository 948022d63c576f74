"""``gate scan cluster`` on a real API server."""

import json
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
ADMINISTRATOR = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: shop, annotations: {owner: shop-team, purpose: deploys the shop}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: robot-administers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: robot, namespace: shop}]
"""
PRIVILEGED = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop, annotations: {owner: shop-team, purpose: serves the shop}}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
      - name: web
        image: example.com/web:1
        securityContext: {privileged: true}
        env: [{name: DB_PASSWORD, value: q8Vt2xLmZr0pWn4K}]
"""
HARMLESS = """
apiVersion: v1
kind: Namespace
metadata: {name: calm}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: calm, annotations: {owner: calm-team, purpose: serves}}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reads-its-settings, namespace: calm}
rules: [{apiGroups: [""], resources: [configmaps], resourceNames: [web], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web-reads-its-settings, namespace: calm}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads-its-settings}
subjects: [{kind: ServiceAccount, name: web, namespace: calm}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: nobody-is-bound-to-this}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: calm}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
      - name: web
        image: example.com/web:1
        securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}
"""


def _scan(kubeconfig, *options):
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "gate",
        "scan",
        "cluster",
        "--kubeconfig",
        str(kubeconfig),
        *options,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=kubeconfig.parent)


def _decision(kubeconfig, *options):
    done = _scan(kubeconfig, "--format", "json", *options)
    assert done.returncode in (0, 1), done.stderr
    decision = json.loads(done.stdout)
    assert done.returncode == (decision["verdict"] == "deny")
    return decision


def _told(decision):
    return sorted((f["rule"], f["identity"] or f["address"]) for f in decision["findings"])


def _wait_for_pods(cluster, namespace, count):
    for _ in range(100):
        pods = cluster.kubectl("get", "pods", "-n", namespace, "-o", "name").split()
        if len(pods) == count:
            return pods
    raise AssertionError(pods)


def test_a_fresh_cluster_is_quiet(cluster):
    done = _scan(cluster.kubeconfig)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("ALLOW: nothing to judge")
    assert _decision(cluster.kubeconfig, "--include", "secrets", "--include", "configmaps")["findings"] == []


def test_harmless_objects_and_a_role_that_nobody_is_bound_to_are_quiet(cluster, applied):
    applied(HARMLESS)
    _wait_for_pods(cluster, "calm", 2)

    assert _told(_decision(cluster.kubeconfig)) == []


def test_an_administrator_is_found_with_the_objects_that_make_it_one(cluster, applied):
    applied(ADMINISTRATOR)

    (finding,) = _decision(cluster.kubeconfig)["findings"]

    assert (finding["rule"], finding["identity"]) == ("cluster-admin", "k8s:ServiceAccount/shop/robot")
    assert finding["address"] == "k8s:ClusterRoleBinding//robot-administers"
    assert finding["location"] is None
    assert "cluster://" not in _scan(cluster.kubeconfig).stdout.replace("cluster://test: ", "")


def test_a_deployment_is_told_once_not_for_each_of_its_pods(cluster, applied):
    applied(PRIVILEGED)
    _wait_for_pods(cluster, "shop", 3)

    assert _told(_decision(cluster.kubeconfig)) == [
        ("node-takeover", "k8s:Deployment/shop/web"),
        ("plaintext-secret", "k8s:Deployment/shop/web"),
    ]


def test_a_pod_that_may_more_than_the_owner_it_names_is_told(cluster, applied):
    applied(HARMLESS)
    _wait_for_pods(cluster, "calm", 2)
    maker = json.loads(cluster.kubectl("get", "replicasets", "-n", "calm", "-o", "json"))["items"][0]
    owner = {k: maker["metadata"][k] for k in ("name", "uid")}
    owner |= {"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": True}
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "stowaway", "namespace": "calm", "ownerReferences": [owner]},
        "spec": {
            "serviceAccountName": "web",
            "hostPID": True,
            "containers": [{"name": "c", "image": "example.com/c:1", "securityContext": {"privileged": True}}],
        },
    }
    applied(json.dumps(body))

    assert ("node-takeover", "k8s:Pod/calm/stowaway") in _told(_decision(cluster.kubeconfig))


def test_a_built_in_role_that_was_rewritten_is_found_with_who_holds_it(cluster):
    name = "system:public-info-viewer"
    before = json.loads(cluster.kubectl("get", "clusterrole", name, "-o", "json"))
    more = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
    after = {**before, "rules": [*before["rules"], more]}
    cluster.kubectl("replace", "-f", "-", stdin=json.dumps(after))
    try:
        identities = {f["identity"] for f in _decision(cluster.kubeconfig)["findings"]}
    finally:
        del before["metadata"]["resourceVersion"]
        cluster.kubectl("replace", "-f", "-", stdin=json.dumps(before))

    assert "k8s:Group//system:authenticated" in identities
    assert _told(_decision(cluster.kubeconfig)) == []


def test_one_namespace_is_judged_without_the_others(cluster, applied):
    applied(ADMINISTRATOR)
    applied(HARMLESS)
    applied("""
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: robot-too, namespace: calm}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads-its-settings}
subjects: [{kind: ServiceAccount, name: robot, namespace: shop}]
""")

    assert _told(_decision(cluster.kubeconfig, "--namespace", "calm")) == []
    assert _told(_decision(cluster.kubeconfig, "--namespace", "shop")) == [
        ("cluster-admin", "k8s:ServiceAccount/shop/robot")
    ]


def test_the_role_of_the_documentation_is_enough(cluster, applied):
    page = (ROOT / "docs" / "cluster.md").read_text()
    role = yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0])
    subject = {"kind": "User", "name": "auditor", "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "roleRef": reference}
    applied(yaml.safe_dump_all([role, {**binding, "metadata": {"name": "auditor-scans"}, "subjects": [subject]}]))

    # The gate passes its own gate, and nothing it wants is forbidden.
    assert _told(_decision(cluster.as_user("auditor"))) == []


def test_kinds_that_may_not_be_listed_deny(cluster):
    decision = _decision(cluster.as_user("nobody-in-particular"))

    assert decision["verdict"] == "deny"
    assert {f["rule"] for f in decision["findings"]} == {"unreviewable-access"}
    assert "cluster://test/pods" in {f["address"] for f in decision["findings"]}
    assert any("403 Forbidden" in f["message"] for f in decision["findings"])


def test_a_token_that_never_expires_is_found_and_no_value_is_asked_for(cluster, applied):
    applied(HARMLESS)
    applied("""
apiVersion: v1
kind: Secret
metadata: {name: web-token, namespace: calm, annotations: {kubernetes.io/service-account.name: web}}
type: kubernetes.io/service-account-token
""")

    assert _told(_decision(cluster.kubeconfig)) == []
    found = _decision(cluster.kubeconfig, "--include", "secrets")
    assert {f["address"] for f in found["findings"]} == {"k8s:Secret/calm/web-token"}
    token = json.loads(cluster.kubectl("get", "secret", "web-token", "-n", "calm", "-o", "json"))["data"]["token"]
    assert token not in json.dumps(found)


def test_config_maps_are_read_for_secrets_when_asked_to(cluster, applied):
    applied(HARMLESS)
    applied("""
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: calm}
data: {DB_PASSWORD: q8Vt2xLmZr0pWn4K}
""")

    assert _told(_decision(cluster.kubeconfig)) == []
    found = _scan(cluster.kubeconfig, "--include", "configmaps")
    assert "k8s:ConfigMap/calm/web" in found.stdout
    assert "q8Vt2xLmZr0pWn4K" not in found.stdout


def test_a_cluster_that_is_not_there_is_no_decision(cluster, tmp_path):
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    away = tmp_path / "away.kubeconfig"
    away.write_text(yaml.safe_dump(config))

    done = _scan(away)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0].startswith("gate: error: test: the API server cannot be reached: ")
    assert done.stderr.splitlines()[-1].strip() == "no decision was made"


def test_a_server_whose_certificate_is_not_trusted_is_no_decision(cluster, tmp_path):
    from tests.cluster.certificates import Authority

    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["certificate-authority"] = str(Authority(tmp_path).certificate)
    other = tmp_path / "other.kubeconfig"
    other.write_text(yaml.safe_dump(config))

    done = _scan(other)

    assert done.returncode == 2
    assert "the kubeconfig does not trust its certificate" in done.stderr


def test_credentials_that_are_refused_are_no_decision(cluster, tmp_path):
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": "not-a-token-anyone-issued"}
    stranger = tmp_path / "stranger.kubeconfig"
    stranger.write_text(yaml.safe_dump(config))

    done = _scan(stranger)

    assert done.returncode == 2
    assert "401 Unauthorized" in done.stderr
    assert "not-a-token-anyone-issued" not in done.stderr


def test_a_credential_plugin_is_asked(cluster, tmp_path):
    token = Path(cluster.as_account("kube-system", "default")).read_text()
    status = {"token": yaml.safe_load(token)["users"][0]["user"]["token"]}
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(answer)}\nEND\n")
    plugin.chmod(0o700)
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"exec": {"apiVersion": answer["apiVersion"], "command": str(plugin)}}
    asking = tmp_path / "asking.kubeconfig"
    asking.write_text(yaml.safe_dump(config))

    found = _decision(asking)

    assert any("403 Forbidden" in f["message"] for f in found["findings"])  # known there, and allowed nothing
    plugin.write_text("#!/bin/sh\necho 'secret-said-on-stderr' >&2\nexit 1\n")
    done = _scan(asking)
    assert done.returncode == 2
    assert "credential plugin gave no credentials" in done.stderr
    assert "secret-said-on-stderr" not in done.stderr


def test_a_context_that_is_not_there_is_told(cluster):
    done = _scan(cluster.kubeconfig, "--context", "nowhere")

    assert done.returncode == 2
    assert "it has no context nowhere" in done.stderr


def test_sarif_of_a_cluster_has_a_location_for_each_result(cluster, applied):
    applied(ADMINISTRATOR)

    done = _scan(cluster.kubeconfig, "--format", "sarif")

    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "k8s:ServiceAccount/shop/robot"
    assert not location["physicalLocation"]["artifactLocation"]["uri"].startswith("/")
