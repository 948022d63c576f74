"""What a change adds to roles it does not hold: a label is enough to hand rights to everybody who is bound to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from gate.extract.kubernetes.identities.roles import Role, Statement, bootstrap_roles, effective_statements
from gate.extract.kubernetes.language.rbac_rules import actions_as_pods, allowed_actions, is_everything


def gathered_by_built_in(table: Mapping[str, Role]) -> Iterator[tuple[Role, list[Statement]]]:
    """Built-in roles with what this change adds to each; a rule that several gather is said of the weakest of them."""
    own = [other for other in table.values() if other.manifest is not None and other.id.startswith("k8s:ClusterRole/")]
    if not own:
        return
    told: set[tuple[str, int]] = set()
    for name in _weakest_first():
        role = table[name]
        if role.manifest is not None:
            continue
        added = [s for s in _added_statements(role, own, table) if (s.role, s.index) not in told]
        told |= {(s.role, s.index) for s in added}
        if added:
            yield role, added


@cache
def _weakest_first() -> tuple[str, ...]:
    gathering = [role for role in bootstrap_roles().values() if role.selectors]
    return tuple(r.id for r in sorted(gathering, key=lambda r: len(effective_statements(r, bootstrap_roles()))))


def _added_statements(role: Role, own: Sequence[Role], table: Mapping[str, Role]) -> tuple[Statement, ...]:
    """Statements of cluster roles of the change that a built-in role gathers directly (``aggregate-to-view``).

    Only those with a sensitive action that the built-in part of the role does not allow already.
    """
    gathered = [other for other in own if role.gathers(other.labels)]
    if not gathered:
        return ()
    had = {a for s in effective_statements(role, bootstrap_roles()) for a in allowed_actions(s.rule, cluster_wide=True)}
    if "create pods" in had:
        had |= actions_as_pods()
    return tuple(
        statement
        for other in gathered
        for statement in effective_statements(other, table)
        if is_everything(statement.rule) or not had.issuperset(allowed_actions(statement.rule, cluster_wide=True))
    )
