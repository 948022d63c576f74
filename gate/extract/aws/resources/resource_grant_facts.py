"""What a grant of a resource's own policy lets its holder do, so that no rule matches action patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from gate.extract.aws.language import actions
from gate.extract.aws.language.techniques import knowledge
from gate.model.access import ResourceGrant, Workload


def with_effects(grants: Iterable[ResourceGrant], workloads: Mapping[str, Workload]) -> Iterator[ResourceGrant]:
    """The grants, each with the services of its actions and with whom its holder can act as."""
    for grant in list(grants):
        services = tuple(sorted({action.partition(":")[0].lower() for action in grant.actions}))
        runs = workloads.get(grant.resource)
        acted_as = runs.runs_as if runs is not None and _changes_what_runs(grant.actions) else ()
        yield replace(grant, services=services, acted_as=acted_as)


@cache
def _changes_what_runs(patterns: tuple[str, ...]) -> bool:
    """Whether the actions are all that a technique needs to take a workload over."""
    held = actions.expand_all(patterns)
    return any(
        technique.target == "workload"
        and technique.all_of
        and not technique.any_of
        and not actions.expand_all(tuple(technique.all_of)) & ~held
        for technique in knowledge().techniques.values()
    )
