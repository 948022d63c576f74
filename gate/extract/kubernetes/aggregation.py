"""What a change adds to roles it does not hold: a label is enough to hand rights to everybody who is bound to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gate.extract.kubernetes.roles import Role, Statement, bootstrap_roles, effective_statements, selects
from gate.extract.kubernetes.rules import allowed_actions, is_everything


def gathered_by_built_in(table: Mapping[str, Role]) -> Iterator[tuple[Role, list[Statement]]]:
    """Built-in roles with what this change adds to each; a rule that several gather is said of the weakest of them."""
    told: set[tuple[str, int]] = set()
    gathering = (role for role in table.values() if role.manifest is None and role.selectors)
    for role in sorted(gathering, key=lambda role: len(effective_statements(role, bootstrap_roles()))):
        added = [s for s in _added_statements(role, table) if (s.role, s.index) not in told]
        told |= {(s.role, s.index) for s in added}
        if added:
            yield role, added


def _added_statements(role: Role, table: Mapping[str, Role]) -> tuple[Statement, ...]:
    """Statements of cluster roles of the change that a built-in role gathers directly (``aggregate-to-view``).

    Only those with a sensitive action that the built-in part of the role does not allow already.
    """
    gathered = [other for other in table.values() if other.manifest is not None and _gathers(role, other)]
    if not gathered:
        return ()
    had = {a for s in effective_statements(role, bootstrap_roles()) for a in allowed_actions(s.rule, cluster_wide=True)}
    return tuple(
        statement
        for other in gathered
        for statement in effective_statements(other, table)
        if is_everything(statement.rule) or not had.issuperset(allowed_actions(statement.rule, cluster_wide=True))
    )


def _gathers(role: Role, other: Role) -> bool:
    return other.id.startswith("k8s:ClusterRole/") and any(selects(s, other.labels) for s in role.selectors)
