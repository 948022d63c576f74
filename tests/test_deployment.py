"""`deploy/` says what the code does, and the gate passes its own gate. On a real API server: tests/cluster."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from gate import __version__
from gate.commands.serve import serve_app
from gate.engine.binary import PINNED
from gate.extract.kubernetes.access.custom_resources import _DEPLOYS, _KINDS
from gate.extract.kubernetes.compute.pod_exposure import DOORS
from gate.extract.kubernetes.documents.pods import POD_KINDS
from gate.extract.kubernetes.guards.interceptors import INTERCEPTING
from gate.extract.kubernetes.guards.loose import GUARDS
from gate.extract.kubernetes.rewriting.mutating_policies import BINDING, REWRITING
from gate.extract.kubernetes.trust import custom_identities
from gate.inputs.cluster.kinds import KINDS
from gate.inputs.config import Config, load_config
from gate.pipeline import check
from gate.surfaces.admission.certificate import ServingCertificate

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
# Not asked about, with the reason.
LEFT_OUT = {
    ("gateway.networking.k8s.io", "Gateway"): "leads nowhere without a route",
    **{
        ("admissionregistration.k8s.io", kind): "API servers ask nobody about them"
        for kind in (
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        )
    },
    ("cert-manager.io", "CertificateRequest"): "cert-manager makes them of Certificates at each renewal",
}
OLD = {"extensions"}  # no API server serves it any more


@cache
def rendered(folder: Path) -> str:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("needs kubectl, which renders the manifests")
    return subprocess.run([kubectl, "kustomize", str(folder)], check=True, capture_output=True, text=True).stdout


def objects(kind: str, folder: Path = DEPLOY / "base") -> Iterator[dict[str, Any]]:
    yield from (document for document in yaml.safe_load_all(rendered(folder)) if document["kind"] == kind)


def only(kind: str, name: str) -> dict[str, Any]:
    (found,) = (o for o in objects(kind) if o["metadata"]["name"] == name)
    return found


def plural(kind: str) -> str:
    name = kind.lower()
    if name == "securitycontextconstraints":
        return name
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith("s") else "s")


@pytest.mark.parametrize(("overlay", "may_warn"), [("given-secret", ()), ("cert-manager", ("Certificate", "Issuer"))])
def test_the_gate_passes_its_own_gate(overlay: str, may_warn: tuple[str, ...], tmp_path: Path):
    manifests = tmp_path / "manifests.yaml"
    manifests.write_text(rendered(DEPLOY / overlay))
    decision = check([str(manifests)])
    assert decision.verdict == "allow"
    assert decision.summary["identities"] == 2  # its account, and whoever may exempt namespaces
    warned = {finding.address for finding in decision.findings}
    assert {
        address for address in warned if not address.startswith(tuple(f"k8s:{kind}/" for kind in may_warn))
    } == set()


def test_the_gate_may_read_what_it_reads_and_nothing_else():
    rules = only("ClusterRole", "gate-read-only")["rules"]
    may = {group: set(rule["resources"]) for rule in rules for group in rule.get("apiGroups", ())}
    assert may == {group: {plural(kind) for kind in kinds} for group, kinds in KINDS.items()}
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert [rule["nonResourceURLs"] for rule in rules if "nonResourceURLs" in rule] == [["/api", "/apis"]]


def wanted() -> Iterator[tuple[str, str]]:
    yield from ((group, kind) for group, kinds in KINDS.items() for kind in kinds)
    yield from POD_KINDS
    yield from DOORS
    yield from INTERCEPTING
    yield from GUARDS
    yield from (*REWRITING, BINDING)
    yield from custom_identities.KINDS
    yield from ((group, kind) for group, kinds, role in _KINDS if role != _DEPLOYS for kind in kinds)


def test_the_api_server_asks_about_every_kind_that_is_judged():
    rules = only("ValidatingWebhookConfiguration", "gate")["webhooks"][0]["rules"]

    def asks(group: str, kind: str) -> bool:
        name = "*" if kind == "*" else plural(kind)
        return any(
            (fnmatchcase(g, group) or g == "*") and (name in rule["resources"] or "*" in rule["resources"])
            for rule in rules
            for g in rule["apiGroups"]
        )

    assert [k for k in wanted() if not asks(*k) and k not in LEFT_OUT and k[0] not in OLD] == []
    assert [k for k in LEFT_OUT if asks(*k)] == []


def test_a_refusal_comes_before_the_api_server_gives_up_and_is_never_ignored():
    hooks = only("ValidatingWebhookConfiguration", "gate")["webhooks"]
    said = {(h["failurePolicy"], h["sideEffects"], h["timeoutSeconds"], h["matchPolicy"]) for h in hooks}
    assert said == {("Fail", "None", 10, "Equivalent")}
    parameters = typer.main.get_command(serve_app).commands["admission"].params  # type: ignore[attr-defined]
    assert next(p.default for p in parameters if p.name == "timeout") < 10


@pytest.mark.parametrize(("overlay", "more"), [("given-secret", []), ("cert-manager", ["cert-manager"])])
def test_every_namespace_is_judged_by_one_of_the_webhooks_unless_it_is_exempt(overlay: str, more: list[str]):
    (config,) = objects("ValidatingWebhookConfiguration", DEPLOY / overlay)
    everywhere, system = (
        {e["key"]: (e["operator"], e["values"]) for e in hook["namespaceSelector"]["matchExpressions"]}
        for hook in config["webhooks"]
    )
    own = ["kube-system", "gate-system", *more]
    assert everywhere == {
        "kubernetes.io/metadata.name": ("NotIn", own),
        "gate.nhi/exempt": ("NotIn", ["true"]),
    }
    assert system == {"kubernetes.io/metadata.name": ("In", own)}


def test_the_pod_starts_the_command_with_options_that_it_has_and_ports_that_it_listens_on():
    pod = only("Deployment", "gate-admission")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    command, subcommand, *options = container["args"]
    assert (command, subcommand) == ("serve", "admission")
    parsed = typer.main.get_command(serve_app).commands["admission"].make_context("admission", options).params  # type: ignore[attr-defined]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"https": parsed["port"], "probes": parsed["probe_port"]}
    assert pod["terminationGracePeriodSeconds"] > parsed["drain"] + 2 * 10 + 10  # two listeners, Open Policy Agent
    mounts = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
    assert (mounts[str(parsed["tls_cert"].parent)], mounts[str(parsed["config"].parent)]) == ("tls", "config")
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["image"] == f"nhi-gate:{__version__}"


def test_only_api_servers_are_answered_where_the_overlay_says_so(tmp_path: Path):
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    overlay = tmp_path / "deploy" / "own"
    overlay.mkdir()
    wanted = {"resources": ["../given-secret"], "components": ["../client-certificate"]}
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump({"kind": "Kustomization"} | wanted))
    (pod,) = (o["spec"]["template"]["spec"] for o in objects("Deployment", overlay))
    (container,) = pod["containers"]
    command = typer.main.get_command(serve_app).commands["admission"]  # type: ignore[attr-defined]
    asked = command.make_context("admission", container["args"][2:]).params["client_ca"]
    mounts = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
    volumes = {v["name"]: v for v in pod["volumes"]}
    name = volumes[mounts[str(asked.parent)]]["configMap"]["name"]
    data = {o["metadata"]["name"]: o["data"] for o in objects("ConfigMap", overlay)}
    assert list(data[name]) == [asked.name]
    shown = yaml.safe_load((DEPLOY / "client-certificate" / "kubeconfig.yaml").read_text())["users"][0]["name"]
    (service,) = objects("Service", overlay)
    assert shown == f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc"


def test_the_settings_of_the_pods_are_strict():
    path = DEPLOY / "base" / "gate.yaml"
    assert load_config(path) == Config(path=path)


def test_the_script_makes_certificates_that_follow_each_other_without_a_gap(tmp_path: Path):
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    overlay = tmp_path / "deploy" / "given-secret"
    script = overlay / "certificate.sh"

    def trusted() -> list[str]:
        """Which of the certificates made so far an API server would accept with the manifests as they are now."""
        rendered.cache_clear()
        hooks = next(objects("ValidatingWebhookConfiguration", overlay))["webhooks"]
        (bundle,) = {hook["clientConfig"]["caBundle"] for hook in hooks}
        authorities = tmp_path / "authorities.crt"
        authorities.write_bytes(base64.b64decode(bundle))
        verify = ["openssl", "verify", "-CAfile", str(authorities), "-purpose", "sslserver"]
        verify += ["-verify_hostname", "gate-admission.gate-system.svc"]
        made = sorted(tmp_path.glob("tls-*/tls.crt"))
        accepted = [
            c for c in made if not subprocess.run([*verify, str(c)], capture_output=True, check=False).returncode
        ]
        return [certificate.parent.name for certificate in accepted]

    seen = []
    for number in (1, 2, 3):
        subprocess.run(["sh", str(script), str(tmp_path / f"tls-{number}")], check=True, capture_output=True)
        seen.append(trusted())
    assert seen == [["tls-1"], ["tls-1", "tls-2"], ["tls-2", "tls-3"]]
    assert not ServingCertificate(tmp_path / "tls-3" / "tls.crt", tmp_path / "tls-3" / "tls.key").expired


def test_the_image_has_the_engine_that_the_tests_ran_with():
    text = (ROOT / "Containerfile").read_text()
    assert f"openpolicyagent/opa:{PINNED}-static" in text


def test_what_the_image_copies_is_there_and_reaches_the_build():
    copied = re.findall(r"(?m)^COPY (?!--from)(\S+) ", (ROOT / "Containerfile").read_text())
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {name.split("/")[0] for name in copied} == let_through
    assert all((ROOT / name).exists() for name in copied)
