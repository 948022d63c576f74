"""IAM that Crossplane manages has the effective access of the same Terraform."""

from __future__ import annotations

import json
from textwrap import indent

from gate.extract.change import access_models
from gate.inputs.documents import Documents, SourceFile
from gate.inputs.manifests.manifest_files import parse_manifests
from gate.model.access import AccessModel

TRUST = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
)
READ = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]})


def _object(kind: str, name: str, provider: str, labels: str = "{}", policies: str = '["*"]') -> str:
    return (
        f"apiVersion: iam.aws.upbound.io/v1beta1\nkind: {kind}\nmetadata:\n  name: {name}\n  labels: {labels}\n"
        f"spec:\n  managementPolicies: {policies}\n  forProvider:\n{indent(provider, '    ')}\n---\n"
    )


def _model(*objects: str) -> AccessModel:
    manifests = parse_manifests("".join(objects), SourceFile("iam.yaml", "kubernetes", "0")).manifests
    return access_models(Documents(manifests=manifests)).after


ROLE = _object("Role", "web", f"assumeRolePolicy: '{TRUST}'\ntags: {{owner: shop}}", "{app: web}")


def _holds(model: AccessModel, action: str = "s3:GetObject") -> list[str]:
    return [id_ for id_, identity in model.identities.items() if action in identity.grants or "*" in identity.grants]


def test_a_role_has_what_its_policies_allow() -> None:
    model = _model(ROLE, _object("RolePolicy", "web", f"roleRef: {{name: web}}\npolicy: '{READ}'"))
    assert _holds(model) == ["aws_iam_role.web"]
    role = model.identities["aws_iam_role.web"]
    assert (role.name, role.lifecycle.owner) == ("web", "shop")
    assert role.source is not None and role.source.location is not None
    assert (role.source.location.file, role.source.location.line) == ("iam.yaml", 1)
    assert [(e.identity, e.principal.value) for e in model.trust] == [("aws_iam_role.web", "ec2.amazonaws.com")]
    assert (model.not_analysed, model.unknown) == ([], [])


def test_attachments_find_policies_by_name_and_by_label() -> None:
    policy = _object("Policy", "read", f"policy: '{READ}'", "{may: read}")
    named = _object("RolePolicyAttachment", "a", "roleRef: {name: web}\npolicyArnRef: {name: read}")
    chosen = _object(
        "RolePolicyAttachment",
        "a",
        "roleSelector: {matchLabels: {app: web}}\npolicyArnSelector: {matchLabels: {may: read}}",
    )
    by_aws = _object(
        "RolePolicyAttachment", "a", "roleRef: {name: web}\npolicyArn: arn:aws:iam::aws:policy/AdministratorAccess"
    )
    assert _holds(_model(ROLE, policy, named)) == ["aws_iam_role.web"]
    assert _holds(_model(ROLE, policy, chosen)) == ["aws_iam_role.web"]
    assert _model(ROLE, by_aws).identities["aws_iam_role.web"].all_access == "unconditional"


def test_a_key_of_a_user_is_a_static_credential() -> None:
    model = _model(_object("User", "ci", "path: /"), _object("AccessKey", "ci", "userRef: {name: ci}"))
    assert [(c.kind, c.identity) for c in model.credentials] == [("access key", "aws_iam_user.ci")]


def test_what_is_only_observed_is_not_made_here() -> None:
    model = _model(_object("Role", "web", f"assumeRolePolicy: '{TRUST}'", policies='["Observe"]'))
    assert "aws_iam_role.web" not in model.identities
    assert [entry.type for entry in model.not_analysed] == ["iam.aws.upbound.io/v1beta1 Role"]


def test_a_policy_out_of_view_is_told_as_unknown() -> None:
    model = _model(ROLE, _object("RolePolicyAttachment", "a", "roleRef: {name: web}\npolicyArnRef: {name: elsewhere}"))
    assert [unknown.what for unknown in model.unknown] != []


def test_other_kinds_stay_not_analysed() -> None:
    assert [e.type for e in _model(ROLE, _object("ServiceLinkedRole", "x", "awsServiceName: x")).not_analysed] == [
        "iam.aws.upbound.io/v1beta1 ServiceLinkedRole"
    ]


def test_names_that_differ_only_in_a_dot_or_a_namespace_are_two_roles() -> None:
    """Each had the address of the other, and the whole change was called a plan that is none."""
    dotted = ROLE.replace("name: web", "name: web.v1"), ROLE.replace("name: web", "name: web-v1")
    elsewhere = (
        ROLE.replace("name: web\n", "name: web\n  namespace: a\n"),
        ROLE.replace("name: web\n", "name: web\n  namespace: b\n"),
    )
    for roles in (dotted, elsewhere, (ROLE, ROLE)):
        model = _model(*roles)
        assert len([id_ for id_ in model.identities if id_.startswith("aws_iam_role.")]) == 2
        assert model.unknown == []


def test_a_reference_that_is_no_name_refers_to_nothing() -> None:
    policy = "policyArn: arn:aws:iam::aws:policy/AdministratorAccess"
    model = _model(ROLE, _object("RolePolicyAttachment", "a", f"roleRef: {{name: [web]}}\n{policy}"))
    assert _holds(model) == []
