"""JSON that is often given by mistake: what each document is, told by its keys, and what to give instead."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, NamedTuple

SHOW = "Write the plan with: terraform plan -out plan.out && terraform show -json plan.out > plan.json"
_SUPPORTED = "Terraform plans, Terraform source and Kubernetes manifests are read."
_WRAPPER = re.compile(r"\s*\[command\]\S*terraform(?:-bin)?\b|\s*::(?:debug|group)::[^\n]*\n\s*\{")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{40,}={0,2}\s*")


class Mistake(NamedTuple):
    """What a file is, as a sentence without its name, and what to do instead."""

    what: str
    hint: str


def of_value(value: Any, is_plan: Callable[[Any], bool]) -> Mistake | None:
    """What a JSON value is that is neither a plan nor an object of Kubernetes; ``None`` when nobody knows."""
    if not isinstance(value, dict):
        return None
    if "encrypted_data" in value:
        kind = "state" if "lineage" in value or "serial" in value else "plan"
        return Mistake(
            f"is a {kind} that OpenTofu encrypted",
            "Where the key is at hand, run: tofu show -json PLAN > plan.json, and give plan.json.",
        )
    if "lineage" in value or ("values" in value and "format_version" in value):
        return Mistake("is a Terraform state, not a plan: it shows what exists, not what changes", SHOW)
    if "plan_json_api_url" in value:
        return Mistake(
            "is the request of an HCP Terraform run task, not the plan itself",
            "Fetch the plan from its plan_json_api_url, with its access_token, and give that.",
        )
    if inner := next((key for key, member in value.items() if is_plan(member)), None):
        shown = inner if re.fullmatch(r"[A-Za-z_]{1,40}", inner) else "KEY"
        return Mistake("contains a plan inside another object", f"Take it out: jq .{shown} FILE | gate check -")
    for told, what in (
        (_is_cloudformation, "a CloudFormation template"),
        (_is_pulumi, "a preview or a state of Pulumi"),
        (_is_arm, "a template of Azure Resource Manager"),
        (lambda v: "artifacts" in v and "version" in v, "the manifest of a CDK assembly"),
    ):
        if told(value):
            return Mistake(f"is {what}, which this gate does not read", _SUPPORTED)
    return None


def of_text(text: str) -> Mistake | None:
    """What a text is that only looks as if it were no JSON; ``None`` when nobody knows."""
    if _WRAPPER.match(text):
        return Mistake(
            "begins with a line that the wrapper of setup-terraform adds, not with the plan",
            "Set terraform_wrapper: false in the step hashicorp/setup-terraform, and write the plan again.",
        )
    head = text[:4096].strip()
    if _BASE64.fullmatch(head):
        whole = "".join(head.split())
        try:
            begins = base64.b64decode(whole[: len(whole) // 4 * 4])[:1]
        except binascii.Error:
            return None
        if begins == b"{":
            return Mistake("is base64, not the plan itself", "Decode it: base64 --decode FILE | gate check -")
    return None


def of_stream(values: list[Any], is_plan: Callable[[Any], bool]) -> Mistake | None:
    """What several JSON values in one text are that are not all objects of Kubernetes."""
    if any(map(is_plan, values)):
        return Mistake(
            f"contains {len(values)} JSON documents in a row, including plans",
            "Give each plan in a file of its own (terragrunt run --all show -json prints one a line).",
        )
    return None


def _is_cloudformation(value: dict[str, Any]) -> bool:
    made = value.get("Resources")
    types = [one.get("Type") for one in made.values() if isinstance(one, dict)] if isinstance(made, dict) else []
    return "AWSTemplateFormatVersion" in value or any(isinstance(t, str) and "::" in t for t in types)


def _is_pulumi(value: dict[str, Any]) -> bool:
    steps = value.get("steps")
    urns = isinstance(steps, list) and any(isinstance(step, dict) and "urn" in step for step in steps)
    return urns or ("deployment" in value and "version" in value)


def _is_arm(value: dict[str, Any]) -> bool:
    schema = value.get("$schema")
    return isinstance(schema, str) and "deploymentTemplate" in schema
