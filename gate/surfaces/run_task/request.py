"""What HCP Terraform asks: whether it is HCP Terraform that asks, and for what."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

LONGEST = 1 << 20
"""Bytes of a request; a real one has some two thousand."""
SIGNATURE = "X-TFC-Task-Signature"
_WITH_PLAN = ("post_plan", "pre_apply")


class RefusedError(Exception):
    """A request that is not answered with 200: ``status`` and a sentence without anything of the request."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """``token`` is good for one hour and this run alone. ``plan_url`` is ``None`` in stages before there is a plan."""

    result_id: str
    stage: str
    run_id: str
    callback_url: str
    plan_url: str | None
    token: str = field(repr=False)


def verified(body: bytes, signature: str | None, key: bytes) -> bool:
    """Whether the signature is the HMAC-SHA512 of the body, in constant time. None without a key or a signature."""
    if not key or not signature:
        return False
    expected = hmac.new(key, body, hashlib.sha512).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode("utf-8", "replace"))


def parse(body: bytes, hosts: frozenset[str]) -> TaskRequest | None:
    """The request; ``None`` for the one that only asks whether we are here, when a run task is set up.

    ``hosts``: where HCP Terraform, or Terraform Enterprise, may be called back (``host`` or ``host:port``): the token
    goes nowhere else. Raises ``RefusedError``.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400, "not JSON") from None
    if not isinstance(document, dict) or document.get("payload_version") != 1:
        raise RefusedError(400, "payload_version 1 is expected")
    if document.get("stage") == "test":
        return None
    stage, plan_url = _text(document, "stage"), document.get("plan_json_api_url")
    if stage in _WITH_PLAN and not isinstance(plan_url, str):
        raise RefusedError(400, "plan_json_api_url is missing")
    return TaskRequest(
        result_id=_text(document, "task_result_id"),
        stage=stage,
        run_id=_text(document, "run_id"),
        callback_url=_trusted(_text(document, "task_result_callback_url"), hosts),
        plan_url=_trusted(str(plan_url), hosts) if stage in _WITH_PLAN else None,
        token=_text(document, "access_token"),
    )


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise RefusedError(400, f"{name} is missing")
    return value


def _trusted(url: str, hosts: frozenset[str]) -> str:
    try:
        parts = urlsplit(url)
        place = parts.hostname if parts.port in (None, 443) else f"{parts.hostname}:{parts.port}"
    except ValueError:
        raise RefusedError(400, "a URL cannot be read") from None
    if parts.scheme != "https" or parts.username is not None or place not in hosts:
        raise RefusedError(403, "a URL leads to a host that --tfc-host does not name")
    return url
