"""Service accounts and the cloud identities they stand for: which edges there are, and which there are not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from textwrap import dedent
from typing import Any

from gate.extract.change import access_models
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.inputs.terraform.plan_json import parse_plan
from gate.model.access import AccessModel

ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
OTHER = "oidc.eks.eu-central-1.amazonaws.com/id/FEDCBA9876543210FEDCBA9876543210"
ROLE = "arn:aws:iam::123456789012:role/web"
WEB = "k8s:ServiceAccount/shop/web"
Resources = dict[str, dict[str, Any]]


def _trust(conditions: dict[str, Any], issuer: str = ISSUER) -> str:
    principal = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Condition": conditions}]})


def _role(name: str, subject: str, operator: str = "StringEquals", issuer: str = ISSUER) -> dict[str, Any]:
    return {"name": name, "path": "/", "assume_role_policy": _trust({operator: {f"{issuer}:sub": subject}}, issuer)}


def _account(name: str, namespace: str = "shop", **annotations: str) -> str:
    written = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in annotations.items())
    inside = f"  annotations:\n{written}" if written else ""
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n  namespace: {namespace}\n{inside}---\n"


def _irsa(arn: str) -> dict[str, str]:
    return {"eks.amazonaws.com/role-arn": arn}


def _model(resources: Resources, *manifests: str, unknown: Resources | None = None) -> AccessModel:
    changes = [
        {
            "address": address,
            "mode": "managed",
            "type": address.split(".")[0],
            "name": address.split(".")[1],
            "change": {
                "actions": ["create"],
                "before": None,
                "after": after,
                "after_unknown": (unknown or {}).get(address, {}),
            },
        }
        for address, after in resources.items()
    ]
    plan, _ = parse_plan({"format_version": "1.2", "resource_changes": changes}, SourceFile("p", "terraform-plan", ""))
    objects = parse_manifests(dedent("".join(manifests)), SourceFile("k8s.yaml", "kubernetes", "0")).manifests
    return access_models(Documents(plans=[plan], manifests=objects)).after


def _edges(model: AccessModel) -> set[tuple[str | None, str, bool]]:
    """Account → identity, and whether it is meant."""
    return {
        (edge.principal.identity, edge.identity, edge.meant)
        for edge in model.trust
        if edge.principal.kind == "service_account"
    }


def test_a_role_lets_in_the_account_that_its_trust_names() -> None:
    model = _model(
        {"aws_iam_role.web": _role("web", "system:serviceaccount:shop:web")},
        _account("web", **_irsa(ROLE)),
        _account("batch"),
    )
    assert _edges(model) == {(WEB, "aws_iam_role.web", True)}


def test_an_annotation_alone_opens_nothing() -> None:
    model = _model(
        {"aws_iam_role.web": _role("web", "system:serviceaccount:other:web")}, _account("web", **_irsa(ROLE))
    )
    assert _edges(model) == set()
    assert "arn:aws:iam::123456789012:role/web" not in model.identities


def test_a_pattern_lets_in_accounts_that_nobody_means() -> None:
    model = _model(
        {"aws_iam_role.web": _role("web", "system:serviceaccount:shop:*", "StringLike")},
        _account("web", **_irsa(ROLE)),
        _account("batch"),
        _account("web", "other"),
    )
    assert _edges(model) == {
        (WEB, "aws_iam_role.web", True),
        ("k8s:ServiceAccount/shop/batch", "aws_iam_role.web", False),
    }


def test_a_trust_without_subject_lets_in_every_account() -> None:
    role = {"name": "web", "assume_role_policy": _trust({"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"}})}
    model = _model({"aws_iam_role.web": role}, _account("web"), _account("batch"))
    assert _edges(model) == {
        (WEB, "aws_iam_role.web", False),
        ("k8s:ServiceAccount/shop/batch", "aws_iam_role.web", False),
    }


def test_subjects_that_are_excluded_are_not_let_in() -> None:
    conditions = {
        "StringLike": {f"{ISSUER}:sub": "system:serviceaccount:shop:*"},
        "StringNotEquals": {f"{ISSUER}:sub": "system:serviceaccount:shop:batch"},
    }
    role = {"name": "web", "assume_role_policy": _trust(conditions)}
    model = _model({"aws_iam_role.web": role}, _account("web"), _account("batch"))
    assert _edges(model) == {(WEB, "aws_iam_role.web", False)}


def test_another_issuer_is_no_cluster() -> None:
    role = _role("ci", "repo:example/app:ref:refs/heads/main", issuer="token.actions.githubusercontent.com")
    assert _edges(_model({"aws_iam_role.ci": role}, _account("web"))) == set()


def test_the_cluster_is_the_one_whose_issuer_lets_in_the_role_that_the_account_names() -> None:
    model = _model(
        {
            "aws_iam_role.web": _role("web", "system:serviceaccount:shop:web"),
            "aws_iam_role.staging": _role("web-staging", "system:serviceaccount:shop:web", issuer=OTHER),
        },
        _account("web", **_irsa(ROLE)),
    )
    assert _edges(model) == {(WEB, "aws_iam_role.web", True)}


def test_a_role_that_is_in_no_plan_is_an_identity_outside() -> None:
    far = "arn:aws:iam::444455556666:role/path/web"
    model = _model(
        {"aws_iam_role.other": _role("other", "system:serviceaccount:shop:other")}, _account("web", **_irsa(far))
    )
    assert _edges(model) == {(WEB, far, True)}
    role = model.identities[far]
    assert (role.external, role.account, role.name, role.kind) == (True, "444455556666", "web", "role")


def test_a_role_of_that_name_in_another_account_is_another_role() -> None:
    near = _role("web", "system:serviceaccount:shop:other") | {"arn": "arn:aws:iam::111122223333:role/web"}
    model = _model({"aws_iam_role.web": near}, _account("web", **_irsa(ROLE)))
    assert _edges(model) == {(WEB, ROLE, True)}


def test_a_role_outside_to_which_the_change_attaches_a_policy_is_that_role() -> None:
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})
    model = _model({"aws_iam_role_policy.web": {"role": "web", "policy": policy}}, _account("web", **_irsa(ROLE)))
    ((account, role, meant),) = _edges(model)
    assert (account, meant, model.identities[role].external) == (WEB, True, True)
    assert "s3:GetObject" in model.identities[role].grants


def test_a_trust_policy_that_is_not_known_is_taken_to_let_in_who_names_the_role() -> None:
    model = _model(
        {"aws_iam_role.web": {"name": "web"}},
        _account("web", **_irsa(ROLE)),
        unknown={"aws_iam_role.web": {"assume_role_policy": True}},
    )
    assert _edges(model) == {(WEB, "aws_iam_role.web", True)}


_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  serviceAccountName: web
  containers: [{name: c, image: i}]
---
"""


def test_pods_of_the_account_run_as_the_role() -> None:
    model = _model(
        {"aws_iam_role.web": _role("web", "system:serviceaccount:shop:web")}, _account("web", **_irsa(ROLE)), _POD
    )
    assert model.workloads["k8s:Pod/shop/web"].runs_as == (WEB, "aws_iam_role.web")


_PODS = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"]}


def _associated(principal: str, **conditions: str) -> Resources:
    statement: dict[str, Any] = _PODS | {"Principal": {"Service": principal}}
    if conditions:
        keys = {f"aws:RequestTag/{key.replace('_', '-')}": value for key, value in conditions.items()}
        statement["Condition"] = {"StringEquals": keys}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return {
        "aws_iam_role.web": {"name": "web", "path": "/", "assume_role_policy": policy},
        "aws_eks_pod_identity_association.web": {
            "cluster_name": "main",
            "namespace": "shop",
            "service_account": "web",
            "role_arn": ROLE,
        },
    }


def test_an_association_lets_in_its_account() -> None:
    model = _model(_associated("pods.eks.amazonaws.com"), _POD)
    assert _edges(model) == {(WEB, "aws_iam_role.web", True)}
    assert list(model.workloads) == ["k8s:Pod/shop/web"]
    assert model.workloads["k8s:Pod/shop/web"].runs_as == (WEB, "aws_iam_role.web")


def test_an_association_without_manifests_names_the_account() -> None:
    model = _model(_associated("pods.eks.amazonaws.com", kubernetes_namespace="shop"))
    assert _edges(model) == {(WEB, "aws_iam_role.web", True)}
    assert model.identities[WEB].external
    assert list(model.workloads) == ["aws_eks_pod_identity_association.web"]


def test_an_association_with_a_role_that_does_not_trust_it_opens_nothing() -> None:
    assert _edges(_model(_associated("ec2.amazonaws.com"), _POD)) == set()
    assert _edges(_model(_associated("pods.eks.amazonaws.com", kubernetes_namespace="other"), _POD)) == set()


_GOOGLE = {"iam.gke.io/gcp-service-account": "web@example.iam.gserviceaccount.com"}
_MEMBER = "serviceAccount:example.svc.id.goog[shop/web]"


def _google(member: str) -> Resources:
    return {
        "google_service_account.web": {"account_id": "web", "project": "example"},
        "google_service_account_iam_member.web": {
            "service_account_id": "projects/example/serviceAccounts/web@example.iam.gserviceaccount.com",
            "role": "roles/iam.workloadIdentityUser",
            "member": member,
        },
    }


def _to(model: AccessModel) -> Iterable[tuple[str | None, str, bool]]:
    return sorted(_edges(model), key=str)


def test_a_google_account_lets_in_the_members_of_its_policy() -> None:
    model = _model(_google(_MEMBER), _account("web", **_GOOGLE), _account("batch"))
    assert _to(model) == [(WEB, "google_service_account.web", True)]
    identity = model.identities["google_service_account.web"]
    assert (identity.platform, identity.external) == ("gcp", True)


def test_a_google_account_whose_policy_names_another_does_not() -> None:
    model = _model(_google("serviceAccount:example.svc.id.goog[shop/batch]"), _account("web", **_GOOGLE))
    assert _to(model) == []


def test_a_google_account_outside_of_the_change_is_stated() -> None:
    assert _to(_model({}, _account("web", **_GOOGLE))) == [(WEB, "gcp:web@example.iam.gserviceaccount.com", True)]


def test_a_principal_of_a_workload_pool_is_the_account_itself() -> None:
    pool = "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/example.svc.id.goog"
    one, every = f"principal://{pool}/subject/ns/shop/sa/web", f"principalSet://{pool}/namespace/shop"
    resources = {
        "google_storage_bucket_iam_member.web": {"role": "roles/storage.objectViewer", "member": one},
        "google_project_iam_binding.all": {"role": "roles/viewer", "members": [every]},
    }
    assert _to(_model(resources, _account("web"), _account("web", "other"))) == [
        (WEB, one, True),
        (WEB, every, False),
    ]


def test_an_azure_identity_lets_in_the_subject_of_its_credential() -> None:
    client = "00000000-0000-4000-8000-000000000001"
    credential = {
        "parent_id": "/subscriptions/s/providers/Microsoft.ManagedIdentity/userAssignedIdentities/web",
        "subject": "system:serviceaccount:shop:web",
    }
    resources = {
        "azurerm_user_assigned_identity.web": {"name": "web", "client_id": client},
        "azurerm_federated_identity_credential.web": credential,
    }
    annotated = {"azure.workload.identity/client-id": client}
    assert _to(_model(resources, _account("web", **annotated))) == [(WEB, "azurerm_user_assigned_identity.web", True)]
    credential["subject"] = "system:serviceaccount:shop:batch"
    assert _to(_model(resources, _account("web", **annotated))) == []
    assert _to(_model({}, _account("web", **annotated))) == [(WEB, f"azure:{client}", True)]


_STORE = """\
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: aws, namespace: shop}
spec: {provider: {aws: {service: SecretsManager, auth: {jwt: {serviceAccountRef: {name: web}}}}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: shop}
spec: {secretStoreRef: {name: aws}, target: {name: db}, data: [{secretKey: url, remoteRef: {key: shop/db}}]}
---
"""


def test_a_store_that_acts_as_a_role_in_view_needs_no_review() -> None:
    account = _account("web", **_irsa(ROLE))
    known = _model({"aws_iam_role.web": _role("web", "system:serviceaccount:shop:web")}, account, _STORE)
    assert known.not_analysed == []
    assert known.workloads["k8s:SecretStore/shop/aws"].runs_as == (WEB, "aws_iam_role.web")
    outside = _model({}, account, _STORE)
    assert [entry.source.address for entry in outside.not_analysed] == [
        "k8s:SecretStore/shop/aws",
        "k8s:ExternalSecret/shop/db",
    ]


_MOUNTED = """\
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: db, namespace: shop}
spec: {provider: aws, parameters: {objects: "- objectName: shop/db"}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  serviceAccountName: web
  containers: [{name: c, image: i}]
  volumes: [{name: s, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: db}}}]
---
"""


def test_what_a_pod_mounts_of_aws_is_read_as_the_pod() -> None:
    account = _account("web", **_irsa(ROLE))
    roles = {"aws_iam_role.web": _role("web", "system:serviceaccount:shop:web")}
    assert _model(roles, account, _MOUNTED).not_analysed == []
    assert len(_model({}, account, _MOUNTED).not_analysed) == 1
