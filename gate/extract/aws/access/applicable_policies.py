"""What counts for one identity beside its own policies: who it is, its account's ceiling, the resources' policies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from gate.extract.aws.access.effective_access import Around
from gate.extract.aws.access.resource_policy_access import ResourceSide
from gate.extract.aws.documents.control_policies import Organization
from gate.extract.aws.identities.callers import Callers
from gate.extract.aws.identities.identity_index import Draft, Registry
from gate.extract.aws.language.conditions import Caller
from gate.extract.aws.language.permissions import Part


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Gathers them for each identity."""

    registry: Registry
    callers: Callers
    organization: Organization
    resources: ResourceSide

    def of(self, draft: Draft) -> Around:
        """The surroundings of a user or role; a group does not call, its members do."""
        account = self.registry.account(draft)
        caller = self.callers.of(draft)
        if caller is None:
            return Around()
        ceiling = self.organization.ceiling(account)
        at_resources = partial(self._left, draft, caller) if self.resources.limits else None
        return Around(caller, self.resources.grants(draft), ceiling.levels, ceiling.denials, at_resources)

    def _left(self, draft: Draft, caller: Caller, part: Part, own: bool) -> list[Part]:
        return self.resources.left(part, draft, caller, own=own)
