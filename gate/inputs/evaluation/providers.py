"""Which providers may be started.

A provider is a program, even when it is mocked, and the change names it: a change that could name any would run any.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from gate.errors import EvaluationError

_HOSTS = frozenset({"registry.terraform.io", "registry.opentofu.org", "terraform.io"})
# Namespaces of the registry's official and partner tiers that teams use most; gate.yaml adds others, one by one.
_PUBLISHERS = frozenset(
    (
        "aliyun", "argoproj-labs", "auth0", "builtin", "cloudflare", "confluentinc", "databricks", "datadog",
        "digitalocean", "elastic", "fluxcd", "gitlabhq", "grafana", "hashicorp", "hetznercloud",
        "integrations", "linode", "mongodb", "newrelic", "okta", "opentofu", "oracle", "pagerduty",
        "snowflake-labs", "snowflakedb", "spotinst", "vmware",
    )
)  # fmt: skip
_LOCKED = re.compile(r'^provider "([^"/]+)/([^"/]+)/([^"/]+)" \{', re.MULTILINE)


def refuse_unknown(place: Path, allowed: Sequence[str]) -> None:
    """Raise EvaluationError unless each provider of the initialised ``place`` is known or ``allowed`` (``a/own``)."""
    lock = place / ".terraform.lock.hcl"
    for host, publisher, name in _LOCKED.findall(lock.read_text(encoding="utf-8")) if lock.is_file() else ():
        if (host in _HOSTS and publisher in _PUBLISHERS) or f"{publisher}/{name}" in allowed:
            continue
        raise EvaluationError(
            f"the configuration needs the provider {publisher}/{name}, a program that this gate does not start unasked",
            hint=f"Trust it in gate.yaml: providers: [{publisher}/{name}]",
        )


def belongs_to_the_change(folder: Path) -> bool:
    """Whether ``folder`` is committed: then its programs come from the change, not from ``terraform init``."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(folder.parent), "ls-files", "--", folder.name],
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(listed.stdout.strip())
