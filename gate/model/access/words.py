"""The enumerations of the access model: each value that Python may write and Rego may compare with."""

from typing import Literal

Change = Literal["create", "update", "delete", "none"]
Exposure = Literal["internet", "none", "unknown"]
AllAccess = Literal["unconditional", "conditional", "none"]
Chosen = Literal["none", "limited", "any"]
Platform = Literal["aws", "kubernetes", "azure", "gcp"]
Limited = Literal["not", "read only", "not as root"]
Covers = Literal["values", "some addresses", "whole account"]
IdentityKind = Literal["role", "user", "group", "service_account", "managed_identity", "cloud_account"]
PrincipalKind = Literal[
    "anyone",
    "account",
    "organization",
    "role",
    "user",
    "group",
    "session",
    "service",
    "oidc",
    "saml",
    "canonical",
    "origin_access",
    "service_account",
    "dangling",
    "unknown",
]
EffectKind = Literal["provisioner", "external-program", "invocation", "command", "api-call", "guardrail"]
SecretUse = Literal["env", "envFrom", "volume", "projected", "csi", "imagePullSecrets", "secretStoreRef"]
CredentialKind = Literal[
    "access key",
    "login profile",
    "service-specific credential",
    "ssh key",
    "signing certificate",
    "service account token",
    "bootstrap token",
]
InterceptorKind = Literal[
    "mutating webhook", "validating webhook", "conversion webhook", "aggregated API", "mutating policy"
]
GuardKind = Literal["gate", "webhook", "admission policy", "policy engine", "pod security"]
GuardFlaw = Literal[
    "exempts",
    "asks nobody",
    "asks another",
    "asks less",
    "ignores failures",
    "does not refuse",
    "leaves out",
    "stopped",
    "other program",
    "deleted",
    "lowered",
]
UnknownWhat = Literal[
    # of a cloud
    "policy document",
    "managed policy",
    "list of managed policies",
    "permissions boundary",
    "organization policy",
    "trust policy",
    "resource policy",
    "attachment",
    "group",
    "workload role",
    "role of an identity pool",
    "access to a cluster",
    "namespace of the association",
    "service account of the association",
    # of a cluster
    "role",
    # places where only a secret could stand
    "secrets",
    "environment variables",
    "container definitions",
    "container properties",
    "default arguments",
    "user data",
    # of what was given
    "plan",
    "module",
    "resource",
    "file",
    "document",
    "object",
    "list",
    "Helm chart",
    "kustomization",
]
