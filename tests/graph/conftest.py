"""What the tests of the graph share: an envelope around a model, for real OPA."""

import pytest

from gate.engine.binary import Opa, find_opa


@pytest.fixture(scope="session")
def empty() -> dict:
    config = {
        "deny_from": "high", "scope": "changed", "accounts": [], "organizations": [], "oidc_subjects": [],
        "lifecycle": {"required": []}, "rules": {}, "waivers": [], "limits": {},
    }  # fmt: skip
    return {"access": None, "before": None, "config": config, "now": "2026-01-31"}


@pytest.fixture(scope="session")
def opa() -> Opa:
    return find_opa()
