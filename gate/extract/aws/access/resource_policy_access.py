"""What resource policies say about the identities of the plan: grants of their own, denies, keys that do not delegate.

Within one account a resource policy that names a user or a role gives it the action without any identity policy
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html);
an account in ``Principal`` only lets its identity policies count. A key policy that does not name the account leaves
identity policies without effect on the key
(https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html).
A part of access that reaches every resource is not cut: who holds it reaches all the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gate.extract.aws.access.targets import TargetIndex
from gate.extract.aws.documents.attached_policies import AttachedPolicy
from gate.extract.aws.identities.callers import Callers
from gate.extract.aws.identities.identity_index import Draft, IdentityIndex
from gate.extract.aws.language.admitted_principals import ResourceStatement
from gate.extract.aws.language.conditions import Caller, impossible, not_always_met
from gate.extract.aws.language.permissions import NOT_KNOWN, Permission, without
from gate.extract.aws.language.statements import PolicyDocument, Statement
from gate.extract.aws.plan.resource_arns import ResourceArns
from gate.extract.aws.resources.resource_policies import ProtectedPolicy
from gate.model.access import Principal

# A ceiling for calls that pass through, or a grant that the policy of the bucket behind has to repeat.
_GRANTS_NOTHING = frozenset(
    ["aws_vpc_endpoint", "aws_vpc_endpoint_policy", "aws_s3_access_point", "aws_s3control_access_point_policy",
     "aws_s3control_multi_region_access_point_policy", "aws_s3control_object_lambda_access_point_policy",
     "aws_organizations_resource_policy"]
)  # fmt: skip
_KEYS = frozenset(["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"])


@dataclass(slots=True)
class ResourcePolicyAccess:
    """Indexed once: grants by identity, denies and closed keys by the address of the resource."""

    registry: IdentityIndex
    names: ResourceArns
    callers: Callers
    targets: TargetIndex | None = None
    """Set before ``left`` is asked."""
    _grants: dict[str, list[AttachedPolicy]] = field(default_factory=dict)
    _denies: dict[str, list[ResourceStatement]] = field(default_factory=dict)
    _closed: dict[str, Statement] = field(default_factory=dict)

    def add(self, policies: Iterable[ProtectedPolicy]) -> None:
        """Enter what the policies say."""
        for policy in policies:
            if policy.item.type in _GRANTS_NOTHING:
                continue
            for rule in policy.rules:
                if rule.statement.effect == "Allow":
                    self._allow(policy, rule)
                elif policy.protected is not None and not rule.unsure:
                    self._denies.setdefault(policy.protected.id, []).append(rule)
            if policy.protected is not None and policy.protected.type in _KEYS and policy.complete:
                self._key(policy)

    def _allow(self, policy: ProtectedPolicy, rule: ResourceStatement) -> None:
        document = PolicyDocument((replace(rule.statement, principals=(), not_principals=()),))
        for draft in self._named(rule, policy):
            held = self._grants.setdefault(draft.id, [])
            held.append(AttachedPolicy(policy.item.source(), document))

    def _named(self, rule: ResourceStatement, policy: ProtectedPolicy) -> list[Draft]:
        """The identities of the plan that an allow names: as principal, or everybody under a condition on who calls."""
        ids = dict.fromkeys(p.identity for p in rule.principals if p.identity is not None)
        if any(p.kind == "anyone" for p in rule.principals):
            fitting = self.callers.fitting(rule.statement.conditions)
            if self.callers.few(len(fitting), "resource policy", policy.item.source(), None):
                ids.update((draft.id, None) for draft, _ in fitting)
        drafts = [self.registry.drafts[id_] for id_ in ids if id_ in self.registry.drafts]
        protected = policy.protected
        there = self._account(protected.text("arn")) if protected is not None else None
        mine = [draft for draft in drafts if draft.item is not None and draft.kind in ("user", "role")]
        return [draft for draft in mine if there in (None, self.registry.account(draft))]

    @staticmethod
    def _account(arn: str | None) -> str | None:
        return arn.split(":")[4] or None if arn and arn.count(":") >= 5 and arn.split(":")[4].isdigit() else None

    def _key(self, policy: ProtectedPolicy) -> None:
        """A key on which identity policies allow no more than its policy hands to the account."""
        delegated: list[str] = []
        for rule in policy.rules:
            statement = rule.statement
            if statement.effect != "Allow":
                continue
            sure = {p.kind for p in rule.principals} <= {"role", "user", "session", "service", "dangling"}
            foreign = all(p.kind != "account" or p.own_account is False for p in rule.principals)
            if rule.not_principals or statement.unknown or not (sure or foreign and not _open(rule.principals)):
                if not statement.actions or statement.unknown:
                    return
                delegated.extend(statement.actions)
        assert policy.protected is not None
        if "kms:*" in delegated or "*" in delegated:
            return
        resources = (self.names.arn(policy.protected),)
        denied = ("kms:*",) if not delegated else ()
        self._closed[policy.protected.id] = Statement(
            "Deny", 0, actions=denied, not_actions=() if denied else tuple(delegated), resources=resources
        )

    @property
    def restricts(self) -> bool:
        """Whether any of the policies takes access away."""
        return bool(self._denies or self._closed)

    def grants(self, draft: Draft) -> tuple[AttachedPolicy, ...]:
        """The resource policies that give this identity access by themselves."""
        return tuple(self._grants.get(draft.id, ()))

    def left(self, part: Permission, draft: Draft, caller: Caller | None, *, own: bool) -> list[Permission]:
        """What the policies of the resources it reaches leave of a part; ``own``: it comes from an identity policy."""
        if part.everything or self.targets is None:
            return [part]
        known = tuple(resource for resource in part.resources if resource != NOT_KNOWN)
        denies: list[Statement] = []
        for id_ in self.targets.covered(known, part.except_, part.actions):
            denies += [rule.statement for rule in self._denies.get(id_, ()) if _denies(rule, draft, caller)]
            if own and id_ in self._closed:
                denies.append(self._closed[id_])
        parts = [part]
        for deny in _together(denies):
            parts = [left for one in parts for left in without(one, deny)]
        return parts


def _together(denies: Sequence[Statement]) -> Iterator[Statement]:
    """The same denies, those of equal actions as one: a pattern may reach hundreds of buckets with a policy each."""
    resources: dict[Statement, dict[str, None]] = {}
    for deny in denies:
        if deny.not_resources:
            yield deny
        else:
            alike = Statement("Deny", 0, actions=deny.actions, not_actions=deny.not_actions)
            resources.setdefault(alike, {}).update(dict.fromkeys(deny.resources))
    for alike, covered in resources.items():
        yield replace(alike, resources=tuple(covered))


def _open(principals: Sequence[Principal]) -> bool:
    return any(p.kind in ("anyone", "unknown", "organization") for p in principals)


def _denies(rule: ResourceStatement, draft: Draft, caller: Caller | None) -> bool:
    """Whether a deny names the identity and holds for every call of it, for certain."""
    if not_always_met(rule.statement.conditions, caller) or impossible(rule.statement.conditions, caller):
        return False
    if rule.not_principals:
        return all(
            p.kind in ("service", "canonical", "origin_access")
            or (p.kind in ("role", "user") and p.identity not in (None, draft.id))
            for p in rule.not_principals
        )
    return any(
        p.kind == "anyone"
        or (p.kind in ("role", "user") and p.identity == draft.id)
        or (p.kind == "account" and p.own_account is True)
        for p in rule.principals
    )
