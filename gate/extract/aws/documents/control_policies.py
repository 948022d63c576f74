"""Service and resource control policies that stand in the plan, for the accounts they certainly hold in.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
Only what is certain removes access: the policy is attached to the account itself, or to a root or unit that contains it
as far as the plan says. The management account is never limited. ``FullAWSAccess`` is attached to every target from the
start, and a Terraform attachment beside it takes nothing away, so that the allows of a policy are a ceiling only where
the plan shows all policies of the target (``aws_organizations_policies_for_target``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gate.extract.aws.documents.policy_documents import PolicySources
from gate.extract.aws.language.admitted_principals import ResourceStatement
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.extract.aws.plan.plan_index import Item, PlanIndex, account_of
from gate.extract.aws.plan.referenced_resources import ReferencedResources
from gate.model.access import Principal

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
_POLICY = "aws_organizations_policy"
_ACCOUNT, _UNIT, _ORGANIZATION = (
    "aws_organizations_account", "aws_organizations_organizational_unit", "aws_organizations_organization",
)  # fmt: skip
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html (supported services)
_UNDER_RCP = {
    "aws_s3_bucket": "s3",
    "aws_iam_role": "sts",
    "aws_kms_key": "kms",
    "aws_sqs_queue": "sqs",
    "aws_secretsmanager_secret": "secretsmanager",
}


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What an account is held to: each level must allow, and nothing that ``denials`` name is left."""

    levels: tuple[tuple[PolicyDocument, ...], ...] = ()
    denials: tuple[PolicyDocument, ...] = ()


@dataclass(slots=True)
class Organization:
    """Finds the policies in force for an account."""

    side: PlanIndex
    links: ReferencedResources
    sources: PolicySources
    _ceilings: dict[str, Ceiling] = field(default_factory=dict)
    _denies: dict[str, tuple[Statement, ...]] = field(default_factory=dict)

    def ceiling(self, account: str | None) -> Ceiling:
        """The service control policies that hold in ``account`` for certain."""
        if account is None or not any(self.side.of(_POLICY)):
            return Ceiling()
        found = self._ceilings.get(account)
        if found is None:
            found = self._ceilings[account] = self._ceiling(account)
        return found

    def resource_denies(self, protected: Item) -> list[ResourceStatement]:
        """The denies of resource control policies that hold for a resource, as if they stood in its own policy."""
        service = _UNDER_RCP.get(protected.type)
        if service is None or not any(self.side.of(_POLICY)):
            return []
        account = account_of(protected.text("arn") or "") or self.side.account_of(protected)
        if account is None:
            return []
        found = self._denies.get(account)
        if found is None:
            documents = [document for _, document in self._in_force(account, RCP)]
            found = self._denies[account] = tuple(s for d in documents for s in d.statements if s.effect == "Deny")
        return [ResourceStatement(s, (Principal("anyone", "*"),)) for s in found]

    def _ceiling(self, account: str) -> Ceiling:
        attached = list(self._in_force(account, SCP))
        levels: dict[str, list[PolicyDocument]] = {}
        for node, document in attached:
            if node in self._complete():
                levels.setdefault(node, []).append(document)
        return Ceiling(
            tuple(tuple(documents) for documents in levels.values()),
            tuple(d for _, d in attached if any(s.effect == "Deny" for s in d.statements)),
        )

    def _in_force(self, account: str, kind: str) -> Iterator[tuple[str, PolicyDocument]]:
        """Each policy of that kind with the node it is attached to, of the nodes that contain the account."""
        nodes = self._containing(account)
        if not nodes:
            return
        for attachment in self.side.of("aws_organizations_policy_attachment"):
            held = nodes.intersection(self._nodes(attachment, "target_id"))
            for policy in self.links.linked(attachment, ("policy_id",), _POLICY) if held else ():
                if (policy.text("type") or SCP) != kind:
                    continue
                document = self.sources.document(policy, "content", "organization policy", None)
                if document is not None:
                    yield min(held), document

    def _nodes(self, item: Item, attribute: str) -> set[str]:
        """What an attribute names: ids, and addresses of accounts, units and the organization."""
        found = {t.id for t in self.links.linked(item, (attribute,), _ACCOUNT, _UNIT)}
        text = item.text(attribute)
        if text:
            found.add(text)
        elif item.is_unknown(attribute):
            found |= {t.id for t, _ in self.side.targets(item, attribute) if t.type in (_ORGANIZATION, _ACCOUNT, _UNIT)}
        return found

    def _containing(self, account: str) -> set[str]:
        """The account itself, and the units and roots that contain it; nothing for the management account."""
        found = {account}
        for organization in [*self.side.of(_ORGANIZATION), *self.side.data(_ORGANIZATION)]:
            if organization.text("master_account_id") == account:
                return set()
            if any(member.get("id") == account for member in organization.blocks("accounts")):
                found |= {root["id"] for root in organization.blocks("roots") if isinstance(root.get("id"), str)}
                found.add(organization.id)
        below = [item for item in self.side.of(_ACCOUNT) if item.text("id") == account]
        while below:
            item = below.pop()
            found.add(item.id)
            for parent in self._nodes(item, "parent_id") - found:
                found.add(parent)
                below += [unit for unit in self.side.of(_UNIT) if parent in (unit.id, unit.text("id"))]
        return found

    def _complete(self) -> set[str]:
        """The nodes all of whose service control policies stand in the plan, ``FullAWSAccess`` not among them."""
        found: set[str] = set()
        for data in self.side.data("aws_organizations_policies_for_target"):
            ids = data.texts("ids")
            shown = {policy.text("id") for policy in self.side.of(_POLICY)}
            if ids and data.text("filter") == SCP and set(ids) <= shown:
                found |= self._nodes(data, "target_id")
        return found
