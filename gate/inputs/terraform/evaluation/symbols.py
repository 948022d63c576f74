"""Symbols: values that stand for attributes of resources that do not exist yet.

A stand-in has a token in it that survives string functions (``"${arn}/*"``, ``replace(url, "https://", "")``), so a
document that mentions one still names the resource. While Terraform evaluates it has the whole form of its attribute
(``forms.go`` of the inert provider); afterwards it is written in the short form of ``formed``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gate.inputs.documents import Reference

OWN_ACCOUNT = "000000000000"
TOKEN = re.compile(r"gateref\d+z")
# What an issuer of EKS begins with: rules know whose tokens it signs by that.
EKS_ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/"


class Symbols:
    """What each token stands for. ``references``: token (``gateref7z``) → reference; ``values``: token → stand-in."""

    def __init__(self) -> None:
        self.references: dict[str, Reference] = {}
        self.values: dict[str, str] = {}
        self._tokens: dict[Reference, str] = {}

    def value(self, address: str, attribute: str) -> str:
        """A symbol of its own for one string attribute (a dotted path) of one resource, in short form."""
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

    def short(self, tree: Any) -> Any:
        """A tree of values with each stand-in in short form."""
        if isinstance(tree, str):
            for token in set(TOKEN.findall(tree)) if "gateref" in tree else ():
                reference = self.references.get(token)
                if reference is not None and token in self.values:
                    long, brief = self.values[token], formed(reference.address, reference.attribute, token)
                    # Conditions of trust policies name an issuer without its scheme.
                    tree = tree.replace(long, brief)
                    tree = tree.replace(long.removeprefix("https://"), brief.removeprefix("https://"))
            return tree
        if isinstance(tree, list):
            return [self.short(item) for item in tree]
        if isinstance(tree, dict):
            return {name: self.short(item) for name, item in tree.items()}
        return tree


def formed(address: str, attribute: str, token: str) -> str:
    """The short form of a symbol: enough to see what kind of value the attribute (a dotted path) holds."""
    *above, name = attribute.split(".")
    if name.isdigit() and above:
        name = above[-1].removesuffix("s")
    if name == "issuer" and ".aws_eks_cluster." in f".{address}":
        return f"https://{EKS_ISSUER}{token}"
    if name == "id" and ".aws_launch_template." in f".{address}":
        return f"lt-{token}"
    if name in ("account_id", "owner_id", "registry_id"):
        return OWN_ACCOUNT
    if name == "arn" or name.endswith("_arn"):
        return f"arn:aws:gate:::{token}"
    if name == "issuer" or name.endswith(("url", "endpoint")) or (name == "id" and ".aws_sqs_queue." in f".{address}"):
        return f"https://{token}.invalid"
    return token


def texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a tree of values with its dotted path."""
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, Mapping):
        for name, item in tree.items():
            yield from texts(item, f"{path}.{name}" if path else str(name))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from texts(item, f"{path}.{index}" if path else str(index))
