"""Changes in an order that hides what they come to: whichever comes last is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.cluster.api_server import ApiServer
from tests.cluster.webhook import NAME, Webhook, register, unregister

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: order}}
spec:
  automountServiceAccountToken: false
  containers: [{{name: c, image: registry.example.com/app:1, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, persistentVolumeClaim: {{claimName: {name}}}}}]
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {name}, namespace: order}}
spec: {{storageClassName: {storage_class}, accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}
"""
VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {name: nodes-own, labels: {test: order}}
spec: {storageClassName: nodes-own, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /etc}}
"""

STRONG = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: strong-in-order, labels: {test: order}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: strong, namespace: order}]
"""
TOKENS_OF = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: tokens-of-{account}, labels: {{test: order}}}}
rules: [{{apiGroups: [""], resources: [serviceaccounts/token], verbs: [create], resourceNames: [{account}]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: tokens-of-{account}, labels: {{test: order}}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tokens-of-{account}}}
subjects: [{{kind: ServiceAccount, name: weak, namespace: order}}]
"""

# A flaw that was there before, of one namespace.
EVERYBODY = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reads-pods-in-order, labels: {test: order}}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: everybody, namespace: order}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reads-pods-in-order}
subjects: [{kind: ServiceAccount, name: default, namespace: order}, {kind: User, name: "system:anonymous"}]
"""


@pytest.fixture(scope="module", autouse=True)
def hook(cluster: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    cluster.kubectl("create", "namespace", "order")
    cluster.apply(VOLUME + "---" + STRONG + "---" + EVERYBODY)
    webhook = Webhook(cluster, tmp_path_factory.mktemp("webhook"))
    webhook.start()
    register(cluster, webhook.port)
    yield webhook
    unregister(cluster)
    assert webhook.end() == 0
    cluster.kubectl("delete", "namespace", "order", "--wait=true")
    cluster.kubectl("delete", "clusterrole,clusterrolebinding,pv", "-l", "test=order")


def refused(cluster: ApiServer, manifests: str) -> str:
    """Why kubectl could not apply it; the webhook must be who said so."""
    done = cluster.try_kubectl("apply", "-f", "-", stdin=manifests)
    assert f'admission webhook "{NAME}" denied the request' in done.stderr, f"let in: {done.stdout} {done.stderr}"
    return done.stderr


def test_a_claim_is_judged_with_the_pods_that_wait_for_it(cluster: ApiServer):
    cluster.apply(POD.format(name="waits"))
    said = refused(cluster, CLAIM.format(name="waits", storage_class="nodes-own"))
    assert "k8s:Pod/order/waits writes system folders of its node" in said
    cluster.apply(CLAIM.format(name="waits", storage_class="another"))


@pytest.mark.parametrize("account", ["strong", "clusterrole-aggregation-controller"])
def test_tokens_by_name_are_those_of_a_strong_account_in_any_namespace(cluster: ApiServer, account: str):
    said = refused(cluster, TOKENS_OF.format(account=account))
    assert "k8s:ServiceAccount/order/weak can (in the whole cluster) request a token" in said


def test_tokens_by_name_of_an_account_that_can_do_nothing_are_harmless(cluster: ApiServer):
    cluster.apply(TOKENS_OF.format(account="harmless"))


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("{kind: ServiceAccount, name: default, namespace: order}", "default-service-account"),
        ('{kind: User, name: "system:anonymous"}', "anonymous-rbac"),
    ],
)
def test_an_old_flaw_of_a_namespace_is_not_widened_to_the_cluster(cluster: ApiServer, subject: str, rule: str):
    wider = EVERYBODY.split("---")[1].replace("kind: RoleBinding", "kind: ClusterRoleBinding")
    wider = wider.replace(", namespace: order}", "}", 1).partition("subjects:")[0] + f"subjects: [{subject}]"
    assert f"[{rule} " in refused(cluster, wider)
    cluster.kubectl("label", "rolebinding", "everybody", "-n", "order", "seen=yes", "--overwrite")


HALF = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: half-{name}, labels: {{test: order}}}}
rules: [{{apiGroups: [rbac.authorization.k8s.io], resources: [{resource}], verbs: [{verb}]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: half-{name}
  labels: {{test: order}}
  ownerReferences: [{{apiVersion: v1, kind: Namespace, name: order, uid: {uid}, controller: true}}]
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: half-{name}}}
subjects: [{{kind: User, name: bob}}]
"""


def test_a_binding_that_says_something_made_it_is_not_overlooked(cluster: ApiServer):
    uid = cluster.kubectl("get", "namespace", "order", "-o", "jsonpath={.metadata.uid}")
    cluster.apply(HALF.format(name="binds", resource="clusterroles", verb="bind", uid=uid))
    time.sleep(6)  # what was just let in counts for five seconds, whatever the watch says of it
    said = refused(cluster, HALF.format(name="writes", resource="clusterrolebindings", verb="create", uid=uid))
    assert "k8s:User//bob can (in the whole cluster) bind any cluster role" in said


ELSEWHERE = """
apiVersion: v1
kind: Service
metadata: {name: elsewhere, namespace: order}
spec: {type: ExternalName, externalName: api.example.com}
"""
AGGREGATED = """
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.order.example.com}
spec:
  {group: order.example.com, version: v1, groupPriorityMinimum: 10, versionPriority: 10, caBundle: "",
   service: {name: elsewhere, namespace: order}}
"""


def test_an_aggregated_api_is_judged_with_the_service_that_it_names(cluster: ApiServer):
    cluster.apply(ELSEWHERE)
    assert "sends API requests out of the cluster, to api.example.com" in refused(cluster, AGGREGATED)


DEVICES = """
apiVersion: v1
kind: Namespace
metadata: {name: order-devices}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: claims-devices, labels: {test: order}}
rules: [{apiGroups: [resource.k8s.io], resources: [resourceclaims], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: claims-devices, namespace: order-devices}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: claims-devices}
subjects: [{kind: User, name: ann}]
"""


def test_a_label_of_a_namespace_is_judged_with_who_is_bound_in_it(cluster: ApiServer):
    cluster.apply(DEVICES)
    label = ("label", "namespace", "order-devices")
    said = cluster.try_kubectl(*label, "resource.k8s.io/admin-access=true").stderr
    assert "[rbac-escalation] k8s:User//ann can (in the namespace order-devices) claim devices" in said
    assert not cluster.try_kubectl(*label, "team=devices").stderr
    cluster.kubectl("delete", "namespace", "order-devices", "--wait=true")
