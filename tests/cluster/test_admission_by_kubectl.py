"""What a real API server lets in and refuses with the webhook in force, through kubectl."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.cluster.api_server import ApiServer
from tests.cluster.webhook import NAME, Webhook, register, unregister

pytestmark = pytest.mark.usefixtures("hook")

SHOP = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop, annotations: {owner: team-shop, purpose: serves the shop}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: jobs, namespace: shop, annotations: {owner: team-shop, purpose: nightly jobs}}
"""
# Stood there before the gate came.
STRONG = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: strong, namespace: shop, annotations: {owner: team-shop, purpose: does it all}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: strong, labels: {test: admission}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: strong, namespace: shop}]
---
apiVersion: v1
kind: Pod
metadata: {name: first, namespace: shop}
spec:
  serviceAccountName: strong
  containers: [{name: c, image: registry.example.com/app:1}]
"""
OLD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: old-agent, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: old-agent}}
  template:
    metadata: {labels: {app: old-agent}}
    spec:
      serviceAccountName: jobs
      containers: [{name: agent, image: registry.example.com/agent:1, securityContext: {privileged: true}}]
"""
SECRET = "hunter2-Zq81-correct-horse"


@pytest.fixture(scope="module")
def hook(cluster: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """The webhook in force, with a namespace and an old flaw that stood there before it."""
    cluster.apply(SHOP)
    cluster.apply(OLD)
    cluster.apply(STRONG)
    until(lambda: pods(cluster, "app=old-agent"))
    webhook = Webhook(cluster, tmp_path_factory.mktemp("webhook"))
    webhook.start()
    register(cluster, webhook.port)
    yield webhook
    unregister(cluster)
    assert webhook.end() == 0
    cluster.kubectl("delete", "namespace", "shop", "--wait=true")
    cluster.kubectl("delete", "clusterrole,clusterrolebinding", "-l", "test=admission")


def until(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def pods(cluster: ApiServer, selector: str) -> list[str]:
    found = cluster.kubectl("get", "pods", "-n", "shop", "-l", selector, "-o", "jsonpath={.items[*].metadata.name}")
    return found.split()


def refused(cluster: ApiServer, manifests: str) -> str:
    """Why kubectl could not apply it; the webhook must be who said so."""
    done = cluster.try_kubectl("apply", "-f", "-", stdin=manifests)
    assert done.returncode != 0, f"let in: {done.stdout}"
    assert f'admission webhook "{NAME}" denied the request' in done.stderr
    return done.stderr


def binding(name: str, role: str, account: str = "web", namespace: str | None = None) -> str:
    kind, scope = ("RoleBinding", f", namespace: {namespace}") if namespace else ("ClusterRoleBinding", "")
    reference, role = ("Role", role.removeprefix("Role/")) if role.startswith("Role/") else ("ClusterRole", role)
    return f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: {name}{scope}, labels: {{test: admission}}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {reference}, name: {role}}}
subjects: [{{kind: ServiceAccount, name: {account}, namespace: shop}}]
"""


def role(name: str, rule: str, kind: str = "ClusterRole", scope: str = "") -> str:
    return f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: {name}, labels: {{test: admission}}{scope}}}
rules: [{rule}]
"""


def config_map(name: str, data: dict[str, str]) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}, "data": data}


READS_PODS = '{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}'
READS_SECRETS = '{apiGroups: [""], resources: [secrets], verbs: [get, list, watch]}'
ESCALATES = "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [escalate, update, patch]}"
POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop}}
spec:
  serviceAccountName: {account}
  automountServiceAccountToken: false
  containers: [{{name: c, image: registry.example.com/app:1{more}}}]
"""


def test_an_administrator_by_binding_is_refused_with_the_reason(cluster: ApiServer):
    said = refused(cluster, binding("admin", "cluster-admin"))
    assert "k8s:ServiceAccount/shop/web is an administrator of the cluster" in said
    assert "Fix: Bind a role with the verbs and resources that it needs" in said
    assert "[cluster-admin " in said
    assert not cluster.kubectl("get", "clusterrolebinding", "admin", "--ignore-not-found")


def test_an_escalating_role_is_refused_where_it_reaches_somebody(cluster: ApiServer):
    cluster.apply(role("escalates", ESCALATES))  # held by nobody: a warning
    said = refused(cluster, binding("escalates", "escalates"))
    assert "[rbac-escalation " in said and "k8s:ServiceAccount/shop/web" in said


def test_a_role_that_somebody_holds_is_not_widened(cluster: ApiServer):
    cluster.apply(role("grows", READS_PODS) + "---" + binding("grows", "grows"))
    said = refused(cluster, role("grows", READS_SECRETS))
    assert "[rbac-escalation " in said
    cluster.apply(role("grows", '{apiGroups: [""], resources: [pods, services], verbs: [get, list]}'))


def test_a_role_and_its_binding_applied_in_one_go_are_judged_together(cluster: ApiServer):
    """The watch may not have shown the role yet when the binding comes."""
    for n in range(5):
        cluster.apply(role(f"reads-{n}", READS_PODS) + "---" + binding(f"reads-{n}", f"reads-{n}"))
        said = refused(cluster, role(f"takes-{n}", READS_SECRETS) + "---" + binding(f"takes-{n}", f"takes-{n}"))
        assert "[rbac-escalation " in said


def test_rights_that_only_together_escalate_are_seen_together(cluster: ApiServer):
    binds = "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind]}"
    writes = "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterrolebindings], verbs: [create]}"
    cluster.apply(role("binds", binds) + "---" + binding("binds", "binds", "jobs"))
    said = refused(cluster, role("writes", writes) + "---" + binding("writes", "writes", "jobs"))
    assert "k8s:ServiceAccount/shop/jobs" in said and "binds" in said
    cluster.apply(role("writes-other", writes) + "---" + binding("writes-other", "writes-other", "web"))


def test_a_role_that_may_be_bound_by_its_name_is_looked_into(cluster: ApiServer):
    cluster.apply(role("boss", '{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}'))  # held by nobody: a warning
    cluster.apply(role("modest", READS_PODS))
    rule = "apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind]"
    writes = "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterrolebindings], verbs: [create]}"
    for name in ("modest", "boss"):
        rules = f"{{{rule}, resourceNames: [{name}]}}, {writes}"
        cluster.apply(role(f"hands-out-{name}", rules))  # held by nobody: a warning
    cluster.apply(binding("hands-out-modest", "hands-out-modest"))
    assert "bind any cluster role" in refused(cluster, binding("hands-out-boss", "hands-out-boss"))


def test_a_right_is_not_freed_of_its_names_in_a_second_step(cluster: ApiServer):
    """What it weighs grows, though it is the same right through the same role."""
    rule = "apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], verbs: [update]"
    cluster.apply(role("own", f"{{{rule}, resourceNames: [own]}}") + "---" + binding("own", "own"))
    assert "[rbac-escalation " in refused(cluster, role("own", f"{{{rule}}}"))
    cluster.apply(role("own", READS_PODS))


def test_a_privileged_pod_with_a_secret_in_clear_is_refused_and_the_secret_is_told_nowhere(
    cluster: ApiServer, hook: Webhook
):
    more = f", securityContext: {{privileged: true}}, env: [{{name: DB_PASSWORD, value: {SECRET}}}]"
    said = refused(cluster, POD.format(name="flawed", account="web", more=more))
    assert "runs privileged" in said and "[node-takeover " in said
    assert "contains a plaintext secret at spec.containers[0].env[0].value" in said
    assert SECRET not in said and SECRET not in hook.log.read_text() and SECRET not in hook.probe("/metrics")[1]


def test_a_pod_that_shares_a_strong_account_and_holds_a_secret_is_refused(cluster: ApiServer, hook: Webhook):
    """The account administers the cluster since before the gate, and another pod runs as it."""
    more = f", env: [{{name: DB_PASSWORD, value: {SECRET}}}]"
    pod = POD.format(name="second", account="strong", more=more).replace("automountServiceAccountToken: false", "")
    said = refused(cluster, pod)
    assert "k8s:ServiceAccount/shop/strong" in said and "[plaintext-secret " in said
    assert "runs privileged" not in said and SECRET not in said + hook.log.read_text()


def test_a_secret_in_a_config_map_is_refused(cluster: ApiServer):
    said = refused(
        cluster,
        json.dumps(config_map("c", {"password": SECRET})),
    )
    assert "[plaintext-secret " in said and SECRET not in said


def test_a_debugging_container_is_judged_as_its_pod(cluster: ApiServer):
    cluster.apply(POD.format(name="plain", account="web", more=""))
    patch = {
        "spec": {
            "ephemeralContainers": [
                {"name": "debug", "image": "registry.example.com/debug:1", "securityContext": {"privileged": True}}
            ]
        }
    }
    done = cluster.try_kubectl(
        "patch", "pod", "plain", "-n", "shop", "--subresource=ephemeralcontainers", "--patch", json.dumps(patch)
    )
    assert done.returncode != 0 and "[node-takeover " in done.stderr


def test_harmless_changes_pass(cluster: ApiServer):
    cluster.apply(POD.format(name="harmless", account="web", more=""))
    cluster.apply(role("pods", READS_PODS, "Role", ", namespace: shop"))
    cluster.apply(binding("pods", "Role/pods", namespace="shop"))
    cluster.apply(json.dumps(config_map("ok", {"colour": "blue"})))
    cluster.kubectl("create", "namespace", "other")
    cluster.kubectl("delete", "namespace", "other")


def test_a_lower_level_of_pod_security_is_told_and_let_in(cluster: ApiServer):
    level = "pod-security.kubernetes.io/enforce"
    cluster.kubectl("create", "namespace", "guarded")
    raised = cluster.try_kubectl("label", "namespace", "guarded", f"{level}=restricted")
    lowered = cluster.try_kubectl("label", "namespace", "guarded", f"{level}=baseline", "--overwrite")
    cluster.kubectl("delete", "namespace", "guarded", "--wait=false")
    assert (raised.returncode, lowered.returncode) == (0, 0)
    assert "Pod Security from" not in raised.stderr
    assert "Pod Security from restricted to baseline" in lowered.stderr


def test_a_flaw_that_was_there_before_is_no_reason_to_refuse_what_does_not_add_to_it(cluster: ApiServer):
    cluster.kubectl("label", "deployment", "old-agent", "-n", "shop", "team=shop", "--overwrite")
    cluster.kubectl("scale", "deployment", "old-agent", "-n", "shop", "--replicas=2")
    until(lambda: len(pods(cluster, "app=old-agent")) == 2)


def test_pods_that_controllers_make_of_what_was_there_before_come_up(cluster: ApiServer):
    before = set(pods(cluster, "app=old-agent"))
    cluster.kubectl(
        "delete", "pods", "-n", "shop", "-l", "app=old-agent", "--wait=false", "--force", "--grace-period=0"
    )
    until(lambda: set(pods(cluster, "app=old-agent")) - before)


def test_a_forged_owner_does_not_let_a_pod_in(cluster: ApiServer):
    replica_set = json.loads(cluster.kubectl("get", "rs", "-n", "shop", "-l", "app=old-agent", "-o", "json"))["items"][
        0
    ]
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": replica_set["spec"]["template"]["spec"]}
    pod["metadata"] = {
        "name": "forged",
        "namespace": "shop",
        "labels": replica_set["spec"]["template"]["metadata"]["labels"],
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": replica_set["metadata"]["name"],
                "uid": replica_set["metadata"]["uid"],
                "controller": True,
            }
        ],
    }
    assert "[node-takeover " in refused(cluster, json.dumps(pod))


def test_a_new_flaw_in_an_old_workload_is_refused(cluster: ApiServer):
    changed = OLD.replace("serviceAccountName: jobs", "serviceAccountName: jobs\n      hostPID: true")
    assert "[node-takeover " in refused(cluster, changed)


def test_the_log_and_the_metrics_name_the_decision(cluster: ApiServer, hook: Webhook):
    before = hook.metric(r'gate_admission_reviews_total\{allowed="false",decision="deny"')
    said = refused(cluster, binding("admin", "cluster-admin"))
    decision = said.rstrip().rstrip(".").rsplit(" ", 1)[1]
    (entry,) = [e for e in hook.reviews() if e.get("decision_id") == decision]
    assert (entry["object"], entry["operation"], entry["verdict"], entry["allowed"], entry["user"]) == (
        "ClusterRoleBinding admin",
        "CREATE",
        "deny",
        False,
        "admin",
    )
    assert [f["rule"] for f in entry["findings"]] == ["cluster-admin"]
    assert hook.metric(r'gate_admission_reviews_total\{allowed="false",decision="deny"') == before + 1
    assert hook.metric(r'gate_admission_findings_total\{effect="deny",rule="cluster-admin"') >= 1
