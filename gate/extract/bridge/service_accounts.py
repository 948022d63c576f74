"""The bridge between a cluster and a cloud: the manifest's service account and the cloud's identity are one chain.

On EKS a role lets a service account in by the subject of its token (IRSA) or by an association (Pod Identity, which the
AWS adapter states). Google Cloud and Azure have no adapter: for them the edge is stated, and that what lies behind it
is not analysed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from gate.extract.aws.language import patterns
from gate.extract.bridge.mapped_identities import let_in
from gate.extract.bridge.other_clouds import entrances
from gate.extract.bridge.reviewed_custom_resources import forget_what_is_known
from gate.extract.bridge.role_names import ANY_ACCOUNT, NamedIdentities, outside
from gate.extract.kubernetes.compute.placement import CLOUD
from gate.extract.kubernetes.trust.cloud_identities import CloudName, cloud_names
from gate.extract.kubernetes.trust.custom_identities import ASSUMES
from gate.inputs.documents import Manifest, TerraformPlan
from gate.model.access import AccessModel, Condition, Identity, Principal, Source, Trust

Side = Literal["before", "after"]
_SUBJECT = "system:serviceaccount:"
_CLUSTER = re.compile(r"oidc\.eks\.|/id/[0-9A-F]{32}$")


def connect(plans: Sequence[TerraformPlan], manifests: Sequence[Manifest], side: Side, model: AccessModel) -> None:
    """Add to ``model`` an edge from each service account to every cloud identity that lets it in, identities outside of
    the change among them, and to the workloads of an account the identities it is meant to act as.

    ``model``: with what the adapters say of ``plans`` and ``manifests`` on this ``side`` of the change.
    """
    bridge = _Bridge(model, list(cloud_names(manifests)))
    stated = [edge for edge in model.trust if edge.principal.kind == "service_account"]
    found = [*bridge.irsa(), *bridge.named_elsewhere()]
    for identity, edge in entrances(plans, side, bridge.names, bridge.accounts):
        model.identities.setdefault(identity.id, identity)
        found.append(edge)
    for edge in stated:
        _add_account(model, edge.principal)
    model.trust.extend(found)
    _run(model, [edge for edge in (*stated, *found) if edge.meant])
    bridge.named_to_an_agent()
    let_in(manifests, model)
    forget_what_is_known(model)


@dataclass(slots=True)
class _Bridge:
    model: AccessModel
    names: list[CloudName]
    accounts: dict[str, str] = field(default_factory=dict)
    """Subject of the token → id, of each service account."""
    _roles: dict[str, dict[str, Source]] = field(default_factory=dict)
    """Account → the roles it names, with the place where it does."""

    def __post_init__(self) -> None:
        found = NamedIdentities(self.model)
        for identity in self.model.identities.values():
            if identity.kind == "service_account" and identity.platform == "kubernetes":
                self.accounts[f"{_SUBJECT}{identity.namespace}:{identity.name}"] = identity.id
        for name in self.names:
            if name.cloud == "aws":
                self._roles.setdefault(name.account, {})[found.id(name.name)] = name.source

    def irsa(self) -> Iterator[Trust]:
        """An edge for each account in view whose token a role's trust policy lets in.

        An account lives in one cluster. Where the role it names lets it in, that cluster is the one whose issuer does.
        """
        admitted: dict[str, list[tuple[Trust, bool]]] = {}
        for edge in self.model.trust:
            if edge.principal.kind == "oidc" and not edge.negated and _of_a_cluster(edge):
                for subject, exact in _admitted(edge, self.accounts):
                    admitted.setdefault(subject, []).append((edge, exact))
        for subject, edges in admitted.items():
            account = self.accounts[subject]
            named = self._roles.get(account, {})
            issuers = {edge.principal.value for edge, _ in edges if edge.identity in named}
            for edge, exact in edges:
                if issuers and edge.principal.value not in issuers:
                    continue
                meant = edge.identity in named if named else exact
                who = Principal("service_account", subject, identity=account)
                others = tuple(c for c in edge.conditions if not c.key.lower().endswith((":sub", ":aud")))
                yield replace(edge, principal=who, conditions=others, usable=None, meant=meant)

    def named_to_an_agent(self) -> None:
        """What names a role besides its account (to an agent on its node; a store of secrets) acts as that identity."""
        found = NamedIdentities(self.model)
        for key, workload in list(self.model.workloads.items()):
            named = [s.value for s in (*workload.isolation, *workload.settings) if s.name in (CLOUD, ASSUMES)]
            for name in named:
                cloud: Literal["aws", "azure"] = "azure" if name.startswith("azure:") else "aws"
                role = name if cloud == "azure" else found.id(name if ":" in name else f"{ANY_ACCOUNT}{name}")
                role = role.removeprefix(ANY_ACCOUNT)
                if role not in self.model.identities:
                    self.model.identities[role] = replace(outside(role), platform=cloud)
                workload = replace(workload, runs_as=tuple(dict.fromkeys((*workload.runs_as, role))))
                self.model.workloads[key] = workload

    def named_elsewhere(self) -> Iterator[Trust]:
        """Roles that accounts name and whose trust policy is not in view: outside of the change, or not known yet."""
        unread = {unknown.identity for unknown in self.model.unknown if unknown.what == "trust policy"}
        subjects = {id_: subject for subject, id_ in self.accounts.items()}
        for account, roles in self._roles.items():
            if account not in subjects:
                continue
            for role, source in roles.items():
                known = self.model.identities.get(role)
                if known is None:
                    self.model.identities[role] = outside(role)
                elif not known.external and role not in unread:
                    continue
                principal = Principal("service_account", subjects[account], identity=account)
                yield Trust(role, principal, ("sts:AssumeRoleWithWebIdentity",), (), source, meant=True)


def _of_a_cluster(edge: Trust) -> bool:
    subjects = (value for c in edge.conditions if _about_subject(c) for value in c.values)
    return bool(_CLUSTER.search(edge.principal.value)) or any(s.startswith(_SUBJECT) for s in subjects)


def _about_subject(condition: Condition) -> bool:
    return condition.key.lower().endswith(":sub")


def _admitted(edge: Trust, accounts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The subjects that the conditions of ``edge`` let in, and whether one of them says the subject in full."""
    conditions = [condition for condition in edge.conditions if _about_subject(condition)]
    written = [set(c.values) for c in conditions if c.operator.lower().endswith("stringequals")]
    candidates = written[0].intersection(accounts) if written else accounts
    for subject in candidates:
        if all(_holds(condition, subject) for condition in conditions):
            yield subject, any(subject in condition.values for condition in conditions)


def _holds(condition: Condition, subject: str) -> bool:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
    negated = operator.startswith("stringnot")
    operator = operator.replace("stringnot", "string", 1)
    if operator == "stringlike":
        found = any(patterns.matches(value, subject) for value in condition.values)
    elif operator == "stringequalsignorecase":
        found = any(value.lower() == subject.lower() for value in condition.values)
    elif operator == "stringequals":
        found = subject in condition.values
    else:
        return True
    return found != negated


def _add_account(model: AccessModel, who: Principal) -> None:
    if who.identity is not None and who.identity not in model.identities:
        namespace, _, name = who.value.removeprefix(_SUBJECT).partition(":")
        model.identities[who.identity] = Identity(
            who.identity, "service_account", "kubernetes", name, {}, external=True, namespace=namespace
        )


def _run(model: AccessModel, edges: Iterable[Trust]) -> None:
    """Code that runs as a service account acts as the cloud identities it is meant to be.

    An association whose pods are in view is no workload of its own.
    """
    becomes: dict[str, dict[str, str]] = {}
    for edge in edges:
        becomes.setdefault(edge.principal.identity or "", {})[edge.identity] = edge.source.address
    if not becomes:
        return
    covered: set[str] = set()
    for key, workload in model.workloads.items():
        if workload.platform != "kubernetes":
            continue
        more = {role: by for account in workload.runs_as for role, by in becomes.get(account, {}).items()}
        if more:
            covered.update(more.values())
            model.workloads[key] = replace(workload, runs_as=tuple(dict.fromkeys((*workload.runs_as, *more))))
    for association in covered:
        if association in model.workloads and model.workloads[association].kind == "aws_eks_pod_identity_association":
            del model.workloads[association]
