"""The module registry protocol: which version fits, and where it lies.

https://developer.hashicorp.com/terraform/internals/module-registry-protocol
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from gate.inputs.terraform.evaluation.module_sources import relative_to

Version = tuple[int, int, int]
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)\Z")
_CONSTRAINT = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})\Z")


def place_of(module: str, version: str, answer: Callable[[str], tuple[bytes, dict[str, str]]]) -> str:
    """The source address of ``HOST/NAMESPACE/NAME/SYSTEM`` in the newest version that ``version`` admits.

    ``answer``: fetches a URL, gives its content and header fields by lower-case name. LookupError says why not.
    """
    host, _, name = module.partition("/")
    services = _json(answer(f"https://{host}/.well-known/terraform.json")[0])
    base = services.get("modules.v1") if isinstance(services, dict) else None
    if not isinstance(base, str):
        raise LookupError(f"{host} is not a module registry")
    base = urljoin(f"https://{host}/.well-known/terraform.json", base.rstrip("/") + "/")
    listed = _json(answer(urljoin(base, f"{name}/versions"))[0])
    try:
        texts = [entry["version"] for entry in listed["modules"][0]["versions"]]
    except (KeyError, IndexError, TypeError):
        raise LookupError(f"{host} lists no versions of it") from None
    chosen = newest(texts, version)
    if chosen is None:
        raise LookupError(f"no version of it matches {version}" if version else "it has no version")
    url = urljoin(base, f"{name}/{chosen}/download")
    content, fields = answer(url)
    body = _json(content)
    told = fields.get("x-terraform-get") or (body.get("location") if isinstance(body, dict) else None)
    if not isinstance(told, str):
        raise LookupError(f"{host} does not give its location")
    return relative_to(url, told)


def newest(versions: list[str], constraint: str) -> str | None:
    """The newest of ``versions`` that a constraint admits, such as ``~> 5.1, != 5.3.0``; pre-releases do not count."""
    known = [(found, text) for text in versions if (found := _version(text))]
    wanted = [_CONSTRAINT.match(part.strip()) for part in constraint.split(",")] if constraint.strip() else []
    fitting = [(number, text) for number, text in known if all(one and _admits(one, number) for one in wanted)]
    return max(fitting)[1] if fitting else None


def _version(text: str) -> Version | None:
    found = _VERSION.match(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _admits(constraint: re.Match[str], version: Version) -> bool:
    operator, parts = constraint[1] or "=", [int(part) for part in constraint[2].split(".")]
    bound = tuple(parts + [0] * (3 - len(parts)))
    match operator:
        case "=":
            return version == bound
        case "!=":
            return version != bound
        case ">=":
            return version >= bound
        case "<=":
            return version <= bound
        case ">":
            return version > bound
        case "<":
            return version < bound
    # ~> 5.1 is >= 5.1, < 6; ~> 5.1.2 is >= 5.1.2, < 5.2: all but the last part stay. ~> 5 has nothing that stays.
    return version >= bound and version[: len(parts) - 1] == bound[: len(parts) - 1]


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
