"""What an identity gains that takes away what holds it back."""

from __future__ import annotations

from tests.graph.small_worlds import ANY, Account, address, model_of


def test_an_administrator_that_removes_its_own_boundary_gains_anything() -> None:
    lifts = ("iam:DeleteRolePermissionsBoundary", "r0")
    found = model_of(Account({"r0": frozenset([ANY])}, {}, {"r0": frozenset([lifts])}, {}, frozenset()))
    assert found.graph is not None
    gained = {
        (gain.technique, gain.target, gain.confidence, gain.gains)
        for key in found.graph.gains[address("r0")]
        for gain in found.graph.gain_sets[key]
    }
    assert gained == {("iam-delete-role-boundary", address("r0"), "proven", "anything")}
