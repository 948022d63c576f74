"""What counts for one identity beside its own policies: who it is, its account's ceiling, the resources' policies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from gate.extract.aws.access.effective_access import PolicyContext
from gate.extract.aws.access.resource_policy_access import ResourcePolicyAccess
from gate.extract.aws.documents.control_policies import Organization
from gate.extract.aws.identities.callers import Callers
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.language.conditions import Caller
from gate.extract.aws.language.permissions import Permission


@dataclass(frozen=True, slots=True)
class ApplicablePolicies:
    """Gathers them for each identity."""

    registry: IdentityIndex
    callers: Callers
    organization: Organization
    resources: ResourcePolicyAccess

    def of(self, draft: Draft) -> PolicyContext:
        """The surroundings of a user or role; a group does not call, its members do."""
        account = self.registry.account(draft)
        caller = self.callers.of(draft)
        if caller is None:
            return PolicyContext()
        ceiling = self.organization.ceiling(account)
        at_resources = partial(self._left, draft, caller) if self.resources.restricts else None
        return PolicyContext(caller, self.resources.grants(draft), ceiling.levels, ceiling.denials, at_resources)

    def _left(self, draft: Draft, caller: Caller, part: Permission, own: bool) -> list[Permission]:
        return self.resources.left(part, draft, caller, own=own)
