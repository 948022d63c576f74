"""Custom resources that need no review by hand, because whom they act as and what that one may do is in view."""

from __future__ import annotations

from gate.extract.kubernetes.trust.custom_identities import STORE
from gate.model.access import AccessModel, Workload


def forget_what_is_known(model: AccessModel) -> None:
    """Take from ``not_analysed``: stores and issuers that act as an identity in view, secrets that are copied from such
    a store, and what pods mount of AWS by an identity in view.
    """
    said = {entry.source.address for entry in model.not_analysed if entry.platform == "kubernetes"}
    if not said:
        return
    known = {address for address in said if (found := model.workloads.get(address)) and _known(model, found)}
    copies = set()
    for address in said - known:
        found = model.workloads.get(address)
        stores = {reference.secret for reference in found.secrets if reference.via == STORE} if found else set()
        if stores and stores <= known:
            copies.add(address)
    model.not_analysed = [entry for entry in model.not_analysed if entry.source.address not in known | copies]


def _known(model: AccessModel, found: Workload) -> bool:
    if any(setting.name == "mounts-as-the-pod" for setting in found.settings):
        aws = any(setting.value == "aws" for setting in found.settings)
        mounting = [w for w in model.workloads.values() if any(r.secret == found.id for r in w.secrets)]
        return aws and bool(mounting) and all(_in_a_cloud(model, workload) for workload in mounting)
    return _in_a_cloud(model, found)


def _in_a_cloud(model: AccessModel, workload: Workload) -> bool:
    """Whether it acts as an identity of a cloud that this change shows."""
    held = (model.identities.get(id_) for id_ in workload.runs_as)
    return any(identity and identity.platform == "aws" and not identity.external for identity in held)
