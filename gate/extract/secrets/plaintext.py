"""Plaintext secrets in a change: what kind, where, and a fingerprint; never the value.

Terraform: only what stands in the source counts. The plan's ``configuration`` tells which values are literals. A value
that comes from outside (tfvars, another resource, ``random_password``) is not reported though the plan shows it: that
is Terraform's nature, and not in the code under review. A variable's default, a literal handed to a module's variable
and a local are in it.
Kubernetes: everything in a manifest is in the code; what a Deployment's pods copied from it is told of the Deployment.
Example keys of AWS's documentation are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from gate.extract.kubernetes.documents.objects import manifest_id
from gate.extract.kubernetes.documents.replicas import Makers
from gate.extract.secrets.in_configuration import in_configuration
from gate.extract.secrets.in_manifests import in_manifest, place
from gate.extract.secrets.in_terraform import in_resource
from gate.extract.secrets.literal_origins import Origins
from gate.extract.secrets.places import Found, Keys
from gate.extract.secrets.redaction import attribute_path, fingerprint
from gate.extract.terraform_objects import objects_of
from gate.inputs.documents import Documents, TerraformPlan
from gate.model.access import Change, Location, Secret, Source

_DOCUMENTS = frozenset({"aws_iam_policy_document"})


def plaintext_secrets(documents: Documents, side: Literal["before", "after"]) -> Iterator[Secret]:
    """Every plaintext secret of one side of the change, one for each place.

    Kubernetes manifests stand for the side after; for the side before, those that they replace where they are known.
    What stands in the cluster and is left alone is not looked at: it was judged when it came.
    """
    for plan in documents.plans:
        yield from _of_plan(plan, side)
    manifests = documents.manifests if side == "after" else documents.replaced or []
    makers = Makers(manifests)
    for manifest in manifests:
        copied = {f.value for f in in_manifest(maker)} if (maker := makers.of(manifest)) else ()
        for found in _once(in_manifest(manifest)):
            if found.value not in copied:
                yield from _secrets(iter([found]), manifest_id(manifest), place(manifest, found.keys), "create")


def _of_plan(plan: TerraformPlan, side: Literal["before", "after"]) -> Iterator[Secret]:
    origins = Origins(plan)
    told: set[str] = set()
    for resource in plan.resources.values():
        values = resource.after if side == "after" else resource.before
        if values is None or not resource.expressions or resource.type in _DOCUMENTS:
            continue
        change: Change = resource.change if side == "after" else "none"
        found = list(in_resource(plan, resource, values, origins))
        told.update(f.value for f in found)
        yield from _secrets(iter(found), resource.address, resource.location, change)
    for objects in objects_of([plan], side):
        for manifest in objects.manifests if objects.literal else ():
            change = objects.resource.change if side == "after" else "none"
            found = [one for one in in_manifest(manifest) if one.value not in told]
            yield from _secrets(iter(found), objects.resource.address, objects.resource.location, change)
    if side == "after":  # a literal that a resource shows is told there, where it does its harm
        for one, address, location in in_configuration(plan, origins):
            if one.value not in told:
                told.add(one.value)
                yield from _secrets(iter([one]), address, location, "create")


def _secrets(found: Iterator[Found], address: str, location: Location | None, change: Change) -> Iterator[Secret]:
    for one in _once(found):
        path = attribute_path(one.keys, one.value)
        yield Secret(
            fingerprint=fingerprint(one.value, address, path),
            kind=one.kind,
            attribute=path,
            source=Source(address, None, location),
            change=change,
        )


def _once(found: Iterator[Found]) -> Iterator[Found]:
    seen: set[Keys] = set()
    for one in found:
        if one.keys not in seen:
            seen.add(one.keys)
            yield one
