"""Terraform plans to the AWS part of the access model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gate.extract.aws.access.applicable_policies import ApplicablePolicies
from gate.extract.aws.access.escalation.states import add_openings
from gate.extract.aws.access.grant_facts import with_variables
from gate.extract.aws.access.grant_table import GrantTable
from gate.extract.aws.access.identity_access import Identities
from gate.extract.aws.access.resource_policy_access import ResourcePolicyAccess
from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.access.usable_trust import with_usable
from gate.extract.aws.compute.apply_effects import effects, loosened
from gate.extract.aws.compute.ecs_task_arns import task_arns
from gate.extract.aws.compute.internet_exposure import Exposures
from gate.extract.aws.compute.unauthenticated_routes import OpenRoutes
from gate.extract.aws.compute.workload_roles import Workloads
from gate.extract.aws.documents.control_policies import Organization
from gate.extract.aws.documents.managed_policy_lookup import ManagedPolicyLookup
from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.identities.callers import Callers, named_by_conditions
from gate.extract.aws.identities.identity_index import registry
from gate.extract.aws.identities.permission_sets import PermissionSets
from gate.extract.aws.identities.policy_attachments import Attachments
from gate.extract.aws.identities.user_credentials import credentials
from gate.extract.aws.plan.plan_index import SideName, build
from gate.extract.aws.plan.read_back import ReadBack
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.extract.aws.plan.resource_arns import names
from gate.extract.aws.resources.argument_grants import structured_grants
from gate.extract.aws.resources.eks_access_entries import cluster_access
from gate.extract.aws.resources.resource_grant_facts import with_effects
from gate.extract.aws.resources.resource_policies import ResourcePolicies
from gate.extract.aws.trust.cognito_identity_pools import IdentityPools
from gate.extract.aws.trust.eks_pod_identity import pod_identities
from gate.extract.aws.trust.identity_providers import identity_providers
from gate.extract.aws.trust.trust_policies import trusts
from gate.inputs.documents import TerraformPlan
from gate.model.access import AccessModel


def extract(plans: Sequence[TerraformPlan], side: SideName, model: AccessModel, now: datetime | None = None) -> None:
    """Add what ``plans`` say about AWS, on one side of the change, to ``model``.

    ``before`` reads what exists now, ``after`` what will: known values, and references where a value is not known.
    ``now`` decides conditions on dates; without it they stay as they are.
    Never raises on the content of a plan; what cannot be read becomes an unknown of the model.
    """
    here = build(plans, side, now)
    named = names(here)
    sources = PolicySources(here, named, model.unknown)
    found = registry(here, named)
    links = ReferencedResources(here, named)
    managed = ManagedPolicyLookup(here, named, sources)
    read_back = ReadBack(plans)
    attachments = Attachments(here, found, sources, managed, read_back)
    attachments.attach()
    PermissionSets(here, found, links, sources, managed).attach()
    organization = Organization(here, links, sources)
    edges = list(trusts(here, found, sources, organization))
    callers = Callers(found, named, model.unknown)
    edges.extend(list(named_by_conditions(edges, callers)))
    model.providers.extend(identity_providers(here, named, links))
    model.credentials.extend(credentials(attachments, links))
    runners = Workloads(here, found, links, sources, Exposures(here, links), OpenRoutes(here, links))
    for workload in runners.build():
        model.workloads[workload.id] = workload
    for pool in IdentityPools(here, found, links, sources, edges).build():
        model.workloads[pool.id] = pool
    policies = ResourcePolicies(here, named, found, links, sources, read_back, organization)
    model.resource_grants.extend(policies.build())
    model.resource_grants.extend(structured_grants(policies))
    model.resource_grants.extend(cluster_access(here, found, named, links, sources))

    account = next(iter(here.own_accounts)) if len(here.own_accounts) == 1 else None
    resource_side = ResourcePolicyAccess(found, named, callers)
    resource_side.add(policies.read)
    targets = named.targets() | dict(task_arns(here, links))
    targets.update({d.arn: d.id for d in found.drafts.values() if d.arn and d.item is None})
    index = resource_side.targets = TargetIndex(targets, account)
    table = GrantTable(index)
    surroundings = ApplicablePolicies(found, callers, organization, resource_side)
    for identity in Identities(found, table, surroundings, model.unknown).build():
        model.identities[identity.id] = identity
    model.grants.update(table.grants())
    with_variables(model.identities, model.grants)
    model.trust.extend(with_usable(edges, model, found, named, surroundings))
    model.trust.extend(pod_identities(here, found, sources, edges))
    model.resource_grants[:] = with_effects(model.resource_grants, model.workloads)
    add_openings(model, found, table, surroundings, managed, links)
    if side == "after":
        model.effects.extend(effects(here, found, links, model.workloads))
        model.effects.extend(loosened(plans))
    model.own_accounts.update(here.own_accounts)
    model.reads += here.count
