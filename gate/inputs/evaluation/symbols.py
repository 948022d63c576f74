"""Symbols: values that stand for attributes of resources that do not exist yet.

A symbol survives string functions (``"${arn}/*"``, ``replace(url, "https://", "")``), so a document that mentions one
still names the resource. It has the form its attribute would have, because providers validate values at plan time.
"""

from __future__ import annotations

import re
from typing import Any

from gate.inputs.documents import Reference

OWN_ACCOUNT = "000000000000"
TOKEN = re.compile(r"gateref\d+z")
_FUNCTION = f"arn:aws:lambda:us-east-1:{OWN_ACCOUNT}:function:"
_FUNCTION_ARN = re.compile(_FUNCTION.encode() + rb"(gateref\d+z)")


class Symbols:
    """Hands out symbols and remembers what each stands for. ``references``: token (``gateref7z``) → reference."""

    def __init__(self) -> None:
        self.references: dict[str, Reference] = {}
        self._tokens: dict[Reference, str] = {}

    def value(self, address: str, attribute: str) -> str:
        """The symbol for one string attribute (a dotted path) of one resource, formed as such a value is formed."""
        reference = Reference(address, attribute)
        token = self._tokens.get(reference)
        if token is None:
            token = f"gateref{len(self._tokens) + 1}z"
            self._tokens[reference] = token
            self.references[token] = reference
        return formed(address, attribute, token)

    def named_by(self, text: str) -> list[Reference]:
        """What a text mentions, in order."""
        return [self.references[t] for t in TOKEN.findall(text) if t in self.references]


def plain(line: bytes) -> bytes:
    """A line of Terraform's answer with each symbol that had to look like a function's ARN as a plain one."""
    return _FUNCTION_ARN.sub(rb"arn:aws:gate:::\1", line)


def formed(address: str, attribute: str, token: str) -> str:
    """The text of a symbol: as the provider would form a value of the attribute, a dotted path."""
    name = attribute.rsplit(".", 1)[-1]
    if name == "arn" and ".aws_lambda_" in f".{address}":
        return _FUNCTION + token  # aws_lambda_permission takes nothing else for a function
    if name == "id" and ".aws_launch_template." in f".{address}":
        return f"lt-{token}"  # instances, groups and node groups take nothing else
    if name in ("account_id", "owner_id", "registry_id"):
        return OWN_ACCOUNT
    if name == "arn" or name.endswith("_arn"):
        return f"arn:aws:gate:::{token}"
    if "cidr" in name:
        return "fd00::/56" if "ipv6" in name else "10.0.0.0/16"
    if name.endswith(("_ip", "ip_address")):
        return "10.0.0.1"
    if name == "issuer" or name.endswith(("url", "endpoint")):
        return f"https://{token}.invalid"
    return token


def of_type(symbols: Symbols, address: str, path: str, kind: Any) -> Any:  # noqa: ANN401  (Terraform's type language)
    """A value of a Terraform type whose every text is a symbol: ``kind`` as in ``terraform providers schema -json``."""
    match kind:
        case "string":
            return symbols.value(address, path)
        case "number":
            return 0
        case "bool":
            return False
        case ["list" | "set", element]:
            return [of_type(symbols, address, f"{path}.0", element)]
        case ["map", _]:
            return {}
        case ["object", attributes]:
            return {name: of_type(symbols, address, f"{path}.{name}", kind) for name, kind in attributes.items()}
        case ["block", attributes]:  # Terraform applies one object to every block of that name
            return {name: of_type(symbols, address, f"{path}.{name}", kind) for name, kind in attributes.items()}
        case ["tuple", elements]:
            return [of_type(symbols, address, f"{path}.{i}", kind) for i, kind in enumerate(elements)]
        case _:
            return None
