"""Real OPA everywhere: what the engine's tests share are inputs only."""

import copy
from pathlib import Path

import pytest

from gate.engine.binary import Opa, find_opa
from gate.model.access import AccessModel, Grant, Identity, Location, Source, Wildcard

_CONFIG = {
    "deny_from": "high",
    "scope": "changed",
    "accounts": [],
    "organizations": [],
    "oidc_subjects": [],
    "lifecycle": {"required": []},
    "rules": {},
    "waivers": [],
    "limits": {},
}


def _envelope(access: AccessModel) -> dict:
    return {"access": access.to_json(), "before": None, "config": copy.deepcopy(_CONFIG), "now": "2026-01-31"}


@pytest.fixture
def empty() -> dict:
    return _envelope(AccessModel())


@pytest.fixture
def admin() -> dict:
    """A change that makes one administrator."""
    source = Source("aws_iam_role_policy.p", "0", Location("iam.tf", 3, 9))
    grant = Grant(
        platform="aws",
        actions=("*",),
        form="Action",
        wildcards=(Wildcard("*", service="*"),),
        resources=("*",),
        except_=(),
        everything=True,
        targets=(),
        conditions=(),
        holders=("aws_iam_role.r",),
        source=source,
    )
    identity = Identity(
        id="aws_iam_role.r",
        kind="role",
        platform="aws",
        name="r",
        grants={"*": ("g1",)},
        change="create",
        all_access="unconditional",
        source=source,
    )
    return _envelope(AccessModel(identities={identity.id: identity}, grants={"g1": grant}, reads=2))


@pytest.fixture(scope="session")
def opa() -> Opa:
    return find_opa()


@pytest.fixture
def policy(tmp_path: Path):
    """Writes one Rego file into a directory that ``--policy`` can name."""

    def write(text: str, name: str = "acme.rego") -> Path:
        directory = tmp_path / "policies"
        directory.mkdir(exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
        return directory

    return write
