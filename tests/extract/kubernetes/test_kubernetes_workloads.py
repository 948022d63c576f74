"""Workloads: where each kind keeps its pod, the account and token, secrets, settings, exposure, credentials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gate.model.access import Credential, NotAnalysed, SecretReference, Source, Workload
from tests.extract.kubernetes.kubernetes_manifests import lines, model

POD = "{metadata: {labels: {app: web}}, spec: {serviceAccountName: web, containers: [{name: c, image: i}]}}"
KINDS = [
    ("v1", "Pod", "spec: {serviceAccountName: web, containers: [{name: c, image: i}]}"),
    ("v1", "PodTemplate", f"template: {POD}"),
    ("v1", "ReplicationController", f"spec: {{template: {POD}}}"),
    ("apps/v1", "Deployment", f"spec: {{template: {POD}}}"),
    ("apps/v1", "StatefulSet", f"spec: {{template: {POD}}}"),
    ("apps/v1", "DaemonSet", f"spec: {{template: {POD}}}"),
    ("apps/v1", "ReplicaSet", f"spec: {{template: {POD}}}"),
    ("batch/v1", "Job", f"spec: {{template: {POD}}}"),
    ("batch/v1", "CronJob", f"spec: {{jobTemplate: {{spec: {{template: {POD}}}}}}}"),
    ("argoproj.io/v1alpha1", "Rollout", f"spec: {{template: {POD}}}"),
]


def manifest(version: str, kind: str, body: str, metadata: str = "name: web, namespace: shop") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{{metadata}}}\n{body}\n---\n"


def pod(spec: str) -> Workload:
    """The workload of a pod with this ``spec`` in flow style."""
    (found,) = model(manifest("v1", "Pod", f"spec: {spec}")).workloads.values()
    return found


def settings(spec: str) -> list[tuple[str, str, str]]:
    return [(s.name, s.where, s.value) for s in pod(spec).settings]


@pytest.mark.parametrize(("version", "kind", "body"), KINDS, ids=[kind for _, kind, _ in KINDS])
def test_every_workload_kind_runs_as_the_account_of_its_pod(version: str, kind: str, body: str) -> None:
    found = model(manifest(version, kind, body))
    assert {key: replace(one, isolation=()) for key, one in found.workloads.items()} == {
        f"k8s:{kind}/shop/web": Workload(
            id=f"k8s:{kind}/shop/web",
            kind=kind,
            platform="kubernetes",
            runs_as=("k8s:ServiceAccount/shop/web",),
            source=Source(f"k8s:{kind}/shop/web", None, lines(1, 4)),
            namespace="shop",
            token=True,
            change="create",
        )
    }
    assert found.identities["k8s:ServiceAccount/shop/web"].external


def test_a_workload_written_twice_is_there_twice() -> None:
    text = manifest("v1", "Pod", "spec: {hostPID: true}") + manifest("v1", "Pod", "spec: {}")
    found = model(text).workloads
    assert {i: [s.name for s in w.settings] for i, w in found.items()} == {
        "k8s:Pod/shop/web": ["pod-host-pid"],
        "k8s:Pod/shop/web#2": [],
    }


def test_a_rollout_that_names_a_deployment_has_no_pod_of_its_own() -> None:
    found = model(manifest("argoproj.io/v1alpha1", "Rollout", "spec: {workloadRef: {kind: Deployment, name: web}}"))
    assert (found.workloads, found.unknown) == ({}, [])


def test_a_pod_that_names_no_account_and_no_namespace_runs_as_default_of_default() -> None:
    found = model(manifest("v1", "Pod", "spec: {containers: []}", "name: p"))
    assert list(found.workloads) == ["k8s:Pod/default/p"]
    assert found.workloads["k8s:Pod/default/p"].runs_as == ("k8s:ServiceAccount/default/default",)


@pytest.mark.parametrize(
    ("account", "pod_says", "token"),
    [
        ("", "", True),
        ("automountServiceAccountToken: false", "", False),
        ("automountServiceAccountToken: false", "automountServiceAccountToken: true,", True),
        ("automountServiceAccountToken: true", "automountServiceAccountToken: false,", False),
    ],
)
def test_the_pods_word_on_the_token_stands_before_the_accounts(account: str, pod_says: str, token: bool) -> None:
    text = manifest("v1", "ServiceAccount", account)
    text += manifest("v1", "Pod", f"spec: {{{pod_says} serviceAccountName: web, containers: []}}")
    assert model(text).workloads["k8s:Pod/shop/web"].token is token


def test_a_projected_token_is_a_token_when_it_is_for_the_api_server() -> None:
    spec = (
        "{automountServiceAccountToken: false, containers: [],"
        " volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 600%s}}]}}]}"
    )
    place = "spec.volumes[0].projected.sources[0].serviceAccountToken"
    assert pod(spec % "").token is True
    assert pod(spec % ", audience: vault").token is False
    assert settings(spec % ", audience: vault") == [
        ("pod-projected-token-audience", place, "audience vault, expires after 600 s")
    ]


def test_secret_references_are_names_and_ways() -> None:
    found = pod(
        """
      imagePullSecrets: [{name: pull}]
      initContainers: [{name: i, envFrom: [{secretRef: {name: init}}, {configMapRef: {name: plain}}]}]
      containers:
        - name: c
          env: [{name: A, valueFrom: {secretKeyRef: {name: env, key: k}}}, {name: B, value: x}]
      volumes:
        - {name: a, secret: {secretName: file}}
        - {name: b, projected: {sources: [{secret: {name: part}}]}}
        - {name: c, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: vault}}}
        - {name: d, csi: {driver: ebs.csi.aws.com, volumeAttributes: {x: y}}}"""
    )
    assert found.secrets == (
        SecretReference("k8s:Secret/shop/init", "envFrom"),
        SecretReference("k8s:Secret/shop/env", "env"),
        SecretReference("k8s:Secret/shop/file", "volume"),
        SecretReference("k8s:Secret/shop/part", "projected"),
        SecretReference("k8s:SecretProviderClass/shop/vault", "csi"),
        SecretReference("k8s:Secret/shop/pull", "imagePullSecrets"),
    )


def test_settings_of_every_container_count() -> None:
    context = "securityContext: {privileged: true}"
    spec = f"{{initContainers: [{{name: i, {context}}}], ephemeralContainers: [{{name: e, {context}}}]}}"
    assert settings(spec) == [
        ("pod-privileged", "spec.initContainers[0].securityContext.privileged", "true"),
        ("pod-privileged", "spec.ephemeralContainers[0].securityContext.privileged", "true"),
    ]


def test_settings_of_the_pod_and_its_containers() -> None:
    spec = """
      hostPID: true
      hostIPC: true
      hostNetwork: true
      securityContext: {windowsOptions: {hostProcess: true}}
      containers:
        - name: c
          ports: [{containerPort: 80, hostPort: 8080}]
          securityContext:
            procMount: Unmasked
            capabilities: {add: [CAP_SYS_ADMIN, sys_ptrace, NET_ADMIN], drop: [ALL]}"""
    place = "spec.containers[0]"
    assert settings(spec) == [
        ("pod-host-pid", "spec.hostPID", "true"),
        ("pod-host-ipc", "spec.hostIPC", "true"),
        ("pod-host-network", "spec.hostNetwork", "true"),
        ("pod-windows-hostprocess", "spec.securityContext.windowsOptions.hostProcess", "true"),
        ("pod-cap-sys-admin", f"{place}.securityContext.capabilities.add", "SYS_ADMIN"),
        ("pod-cap-sys-ptrace", f"{place}.securityContext.capabilities.add", "SYS_PTRACE"),
        ("pod-cap-other", f"{place}.securityContext.capabilities.add", "NET_ADMIN"),
        ("pod-procmount", f"{place}.securityContext.procMount", "Unmasked"),
        ("pod-host-port", f"{place}.ports[0].hostPort", "8080"),
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "pod-hostpath-root"),
        ("//var/../", "pod-hostpath-root"),
        ("/var/run/docker.sock", "pod-hostpath-runtime-socket"),
        ("/run/containerd/", "pod-hostpath-runtime-socket"),
        ("/var/lib/kubelet/pods", "pod-hostpath-kubelet"),
        ("/etc/kubernetes/pki", "pod-hostpath-kubelet"),
        ("/root/.aws", "pod-hostpath-cloud-creds"),
        ("/proc/sys/kernel", "pod-hostpath-proc-sys"),
        ("/var/log", "pod-hostpath-var-log"),
        ("/etc", "pod-hostpath-system"),
        ("/etc/systemd/system", "pod-hostpath-system"),
        ("/etc/localtime", None),
        ("/var/log/app", None),
        ("/data/rooted", None),
        ("/mnt/docker.socket", None),
    ],
)
def test_a_mounted_path_of_the_node_is_named_by_what_it_holds(path: str, name: str | None) -> None:
    volumes = f"volumes: [{{name: v, hostPath: {{path: '{path}'}}}}]"
    mounted = f"{{containers: [{{name: c, volumeMounts: [{{name: v, mountPath: /m, readOnly: %s}}]}}], {volumes}}}"
    place = "spec.volumes[0].hostPath.path"
    assert settings(mounted % "false") == ([(name, place, path)] if name else [])
    assert settings(mounted % "true") == ([(name, place, f"{path} (read only)")] if name else [])
    assert settings(f"{{containers: [{{name: c}}], {volumes}}}") == []


SERVICE = "spec: {{type: {}, selector: {{app: web}}}}"
INGRESS = "spec: {rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}]}}]}"
ROUTE = "spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}"
INTERNAL = "name: web, namespace: shop, annotations: {networking.gke.io/load-balancer-type: Internal}"


@pytest.mark.parametrize(
    ("doors", "exposure"),
    [
        ([], "unknown"),
        ([("v1", "Service", SERVICE.format("ClusterIP"))], "none"),
        ([("v1", "Service", SERVICE.format("LoadBalancer"))], "internet"),
        ([("v1", "Service", SERVICE.format("LoadBalancer"), INTERNAL)], "none"),
        ([("v1", "Service", "spec: {type: NodePort, selector: {app: other}}")], "unknown"),
        ([("v1", "Service", SERVICE.format("ClusterIP")), ("networking.k8s.io/v1", "Ingress", INGRESS)], "internet"),
        (
            [("v1", "Service", SERVICE.format("ClusterIP")), ("gateway.networking.k8s.io/v1", "HTTPRoute", ROUTE)],
            "internet",
        ),
        ([("networking.k8s.io/v1", "Ingress", INGRESS)], "unknown"),
    ],
)
def test_exposure_follows_the_services_and_routes_of_the_change(doors: list[tuple[str, ...]], exposure: str) -> None:
    text = manifest("apps/v1", "Deployment", f"spec: {{template: {POD}}}") + "".join(manifest(*door) for door in doors)
    assert model(text).workloads["k8s:Deployment/shop/web"].exposure == exposure


def test_a_knative_service_serves_publicly_unless_it_is_local() -> None:
    body = f"spec: {{template: {POD}}}"
    local = "name: web, namespace: shop, labels: {networking.knative.dev/visibility: cluster-local}"
    public = model(manifest("serving.knative.dev/v1", "Service", body))
    assert public.workloads["k8s:Service/shop/web"].exposure == "internet"
    inner = model(manifest("serving.knative.dev/v1", "Service", body, local))
    assert inner.workloads["k8s:Service/shop/web"].exposure == "none"


def test_token_secrets_are_credentials_and_other_secrets_are_not() -> None:
    annotated = "name: web, namespace: shop, annotations: {kubernetes.io/service-account.name: web}"
    text = manifest("v1", "Secret", "type: kubernetes.io/service-account-token", annotated)
    text += manifest("v1", "Secret", "type: Opaque", "name: other")
    source = Source("k8s:Secret/shop/web", None, lines(1, 4))
    account = "k8s:ServiceAccount/shop/web"
    assert model(text).credentials == [Credential("service account token", source, account, "create")]


def test_custom_resources_that_bear_identity_are_named_and_harmless_ones_are_not() -> None:
    text = manifest("external-secrets.io/v1", "ExternalSecret", "spec: {}")
    text += manifest("iam.services.k8s.aws/v1alpha1", "Role", "spec: {}")
    text += manifest("queues.example.com/v1", "Queue", "spec: {}") + manifest("v1", "ConfigMap", "data: {}")
    assert [(n.type, n.source.address) for n in model(text).not_analysed] == [
        ("external-secrets.io/v1 ExternalSecret", "k8s:ExternalSecret/shop/web"),
        ("iam.services.k8s.aws/v1alpha1 Role", "k8s:Role/shop/web"),
    ]
    (first, *_) = model(text).not_analysed
    assert first == NotAnalysed(first.type, "kubernetes", "copies secrets of an external store", first.source, "create")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("text", "spec is text, expected a mapping"),
        ("{containers: {}}", "spec.containers is a mapping, expected a list"),
        ("{hostPID: 'yes please'}", "spec.hostPID is text, expected true or false"),
        (
            "{containers: [{securityContext: {privileged: 'true'}}]}",
            "spec.containers[0].securityContext.privileged is text, expected true or false",
        ),
        ("{volumes: [text]}", "spec.volumes[0] is text, expected a mapping"),
        ("{serviceAccountName: 7}", "spec.serviceAccountName is a number, expected text"),
    ],
)
def test_a_pod_of_the_wrong_shape_is_unknown_and_says_where(spec: str, reason: str) -> None:
    found = model(manifest("v1", "Pod", f"spec: {spec}"))
    assert [(u.what, u.reason, u.source.address) for u in found.unknown] == [
        ("object", f"The Pod k8s:Pod/shop/web could not be read: {reason}.", "k8s:Pod/shop/web")
    ]
    assert found.workloads == {}


def test_pods_pull_images_with_the_secrets_of_their_account() -> None:
    account = manifest("v1", "ServiceAccount", "imagePullSecrets: [{name: registry}]")
    [pod] = model(account + manifest("v1", "Pod", "spec: {serviceAccountName: web}")).workloads.values()
    assert pod.secrets == (SecretReference("k8s:Secret/shop/registry", "imagePullSecrets"),)


@pytest.mark.parametrize(
    ("door", "doors"),
    [
        ("networking.k8s.io/v1 Ingress spec: {rules: [{http: {paths: [{backend: {service: {name: web}}}]}}]}",
         ("k8s:Ingress/shop/web",)),
        ("gateway.networking.k8s.io/v1 HTTPRoute spec: {rules: [{backendRefs: [{name: web}]}]}",
         ("k8s:HTTPRoute/shop/web",)),
        ("v1 Service spec: {type: NodePort, selector: {app: web}}", ("k8s:Service/shop/web",)),
        ("networking.k8s.io/v1 Ingress spec: {rules: [{http: {paths: [{backend: {service: {name: other}}}]}}]}", ()),
    ],
)  # fmt: skip
def test_the_doors_by_which_the_internet_comes_are_named(door: str, doors: tuple[str, ...]) -> None:
    version, kind, body = door.split(" ", 2)
    inside = manifest("v1", "Service", "spec: {selector: {app: web}}") if kind != "Service" else ""
    text = (
        inside
        + manifest(version, kind, body)
        + manifest("v1", "Pod", "spec: {}", "name: web, namespace: shop, labels: {app: web}")
    )
    (found,) = model(text).workloads.values()
    assert (found.doors, found.exposure) == (doors, "internet" if doors else "none")
