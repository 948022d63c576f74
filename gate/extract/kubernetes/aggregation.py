"""What a change adds to roles it does not hold: a label is enough to hand rights to everybody who is bound to them."""

from __future__ import annotations

from collections.abc import Mapping

from gate.extract.kubernetes.roles import Role, Statement, effective_statements, selects
from gate.extract.kubernetes.rules import allowed_actions, is_everything


def added_statements(role: Role, table: Mapping[str, Role]) -> tuple[Statement, ...]:
    """Statements of cluster roles of the change that a built-in role gathers directly (``aggregate-to-view``).

    Only those with a sensitive action that the built-in part of the role does not allow already.
    """
    gathered = [other for other in table.values() if other.manifest is not None and _gathers(role, other)]
    if not gathered:
        return ()
    built_in = {key: other for key, other in table.items() if other.manifest is None}
    had = {a for s in effective_statements(role, built_in) for a in allowed_actions(s.rule, cluster_wide=True)}
    return tuple(
        statement
        for other in gathered
        for statement in effective_statements(other, table)
        if is_everything(statement.rule) or not had.issuperset(allowed_actions(statement.rule, cluster_wide=True))
    )


def _gathers(role: Role, other: Role) -> bool:
    return other.id.startswith("k8s:ClusterRole/") and any(selects(s, other.labels) for s in role.selectors)
