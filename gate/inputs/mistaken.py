"""Files that are often given by mistake: what each one is, and what to give instead."""

from __future__ import annotations

import json
import re
from typing import Any

from gate.errors import InputError
from gate.inputs import mistaken_json
from gate.inputs.mistaken_json import SHOW
from gate.inputs.terraform.plan_json import looks_like_plan

EXPECTED = "Give a Terraform plan (terraform show -json plan.out > plan.json) or Kubernetes manifests."

_BLOCK = re.compile(
    r'^[ \t]*(?:(?:resource|data)[ \t]+"?[\w-]+"?[ \t]+"?[\w-]+"?|(?:variable|module|provider|output)[ \t]+"?[\w-]+"?'
    r"|terraform|locals|moved|import|removed|check[ \t]+\"[\w-]+\")[ \t]*\{",
    re.MULTILINE,
)
_HUMAN = re.compile(
    r"^(?:(?:Terraform|OpenTofu) (?:used the selected|will perform)|Plan: \d+ to |No changes\. |"
    r"[ \t]*# [^\n]+ will be (?:created|destroyed|updated in-place|read during apply))",
    re.MULTILINE,
)
_ASSIGNMENT = re.compile(r"^[A-Za-z_][\w-]*[ \t]*=[ \t]*\S", re.MULTILINE)
# What else is written in YAML: how each is told, what it is, what to give instead.
_OTHERS = (
    (r"^[^\n#]*\{\{", "a template, not a manifest", "Render it first: helm template CHART | gate check -"),
    (
        r"^appVersion:|^apiVersion: *[\"']?v[12][\"']?\s*$(?=[\s\S]*^version:)",
        "the description of a Helm chart, not what it installs",
        "Render it: helm template CHART | gate check -",
    ),
    (
        r"^apiVersion: *[\"']?kustomize\.config\.k8s\.io/|^(?:bases|patches|patchesStrategicMerge|configMapGenerator):",
        "a kustomization, not what it deploys",
        "Render it: kubectl kustomize DIR | gate check -",
    ),
    (
        r"^AWSTemplateFormatVersion:|^ +Type: *[\"']?AWS::",
        "a CloudFormation template, which this gate does not read",
        EXPECTED,
    ),
    (r"^services:", "a Compose file, not Kubernetes manifests", EXPECTED),
    (r"^(?:jobs|stages|pipeline):", "a pipeline's definition, not Kubernetes manifests", EXPECTED),
    (
        r"^(?:image|replicaCount|serviceAccount|ingress|resources):",
        "neither a plan nor a manifest; if these are the values of a Helm chart, they say nothing alone",
        "Render the chart: helm template CHART -f VALUES | gate check -",
    ),
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def is_log(text: str) -> bool:
    """Whether the text is what ``terraform plan -json`` prints: one JSON message a line."""
    first = text.lstrip().partition("\n")[0]
    return first.startswith("{") and '"@level"' in first and '"@message"' in first


def explain(text: str, name: str, reason: str | None = None) -> InputError:
    """The error for a text that is neither plan nor manifests; ``reason``: what a parser said, when one failed."""
    if is_log(text):
        return InputError(f"{name} is the log of terraform plan -json, not a plan.", hint=SHOW)
    value = _json(text)
    if mistake := mistaken_json.of_value(value, looks_like_plan) or mistaken_json.of_text(text):
        return InputError(f"{name} {mistake.what}.", hint=mistake.hint)
    if isinstance(value, dict) and "tfplan" not in value and ("resource_changes" in value or "planned_values" in value):
        return InputError(f"{name}: a plan without a format_version; expected 1.x.", hint=SHOW)
    if value is not None:
        what = (
            "a JSON object" if isinstance(value, dict) else "a JSON list" if isinstance(value, list) else "a JSON value"
        )
        return InputError(f"{name} is {what} that is neither a Terraform plan nor a Kubernetes object.", hint=EXPECTED)
    head = _COLOUR.sub("", text[:20_000])
    if _HUMAN.search(head):
        return InputError(f"{name} is what terraform plan prints for people, not a plan in JSON.", hint=SHOW)
    if _BLOCK.search(head):
        hint = f"{SHOW}, then: gate check plan.json --source DIR"
        return InputError(f"{name} is Terraform source, not a plan.", hint=hint)
    if source := _of_another_tool(head):
        what, hint = source
        return InputError(f"{name} is {what}{f' ({reason})' if reason else ''}.", hint=hint)
    if reason is None and _ASSIGNMENT.search(head) or reason and _only_assignments(head):
        return InputError(f"{name} contains assignments (a tfvars file?), not a plan.", hint=SHOW)
    if reason:
        return InputError(f"{name}, {reason}.", hint=EXPECTED)
    return InputError(f"{name} contains no Kubernetes object and is not a Terraform plan.", hint=EXPECTED)


def _of_another_tool(head: str) -> tuple[str, str] | None:
    return next(((what, hint) for told, what, hint in _OTHERS if re.search(told, head, re.MULTILINE)), None)


def _only_assignments(head: str) -> bool:
    lines = [line for line in head.splitlines() if line.strip() and not line.lstrip().startswith(("#", "//"))]
    return bool(lines) and bool(_ASSIGNMENT.match(lines[0]))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
