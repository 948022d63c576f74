"""Stand-ins inside the model's texts become what the author would recognise: ``${aws_s3_bucket.b.arn}``.

The extraction works with ARNs that do not exist yet: placeholders that hold an address, symbols of an evaluation, an
account nobody knows. People read the texts, and fingerprints are made of them, so neither may see those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gate.inputs.documents import Documents, Reference
from gate.inputs.terraform.evaluation.symbols import EKS_ISSUER, OWN_ACCOUNT, TOKEN

_SYMBOL = re.compile(rf"(?:arn:aws:gate:::|https://)?({TOKEN.pattern})(?:\.invalid)?")
_ISSUER = re.compile(rf"(?<={re.escape(EKS_ISSUER)}){TOKEN.pattern}")
_PLACEHOLDER = re.compile(r'arn:aws:gate:::((?:\["(?:[^"\\]|\\.)*"\]|[^*?:/])+)')
_ACCOUNT = re.compile(rf"\{{account\?\}}|(?<!\d){OWN_ACCOUNT}(?!\d)")


def as_written(access: dict[str, Any], documents: Documents) -> dict[str, Any]:
    """The model as JSON with readable texts, changed in place: resources, conditions and principals."""
    symbols = {token: reference for plan in documents.plans for token, reference in plan.symbols.items()}
    for entry in _entries(access):
        for name in ("resources", "except"):
            if name in entry:
                entry[name] = [shown(text, symbols) for text in entry[name]]
        for name in ("conditions", "principal", "never"):
            if name in entry:
                entry[name] = _all_shown(entry[name], symbols)
    return access


def _all_shown(part: Any, symbols: Mapping[str, Reference]) -> Any:
    if isinstance(part, str):
        return shown(part, symbols)
    if isinstance(part, list):
        return [_all_shown(inner, symbols) for inner in part]
    return {name: _all_shown(inner, symbols) for name, inner in part.items()} if isinstance(part, dict) else part


def _entries(access: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from access["grants"].values()
    for edges in access["trust"].values():
        yield from edges
    yield from access["resource_grants"]


def shown(text: str, symbols: Mapping[str, Reference]) -> str:
    """One text: ``arn:aws:gate:::aws_s3_bucket.b/*`` is ``${aws_s3_bucket.b.arn}/*``."""
    if "gate" in text:
        # The issuer of a cluster of this change is still an issuer of EKS to rules; its id is the cluster's address.
        text = _ISSUER.sub(lambda found: symbols[found[0]].address if found[0] in symbols else found[0], text)
        text = _SYMBOL.sub(lambda found: _expression(found, symbols), text)
        text = _PLACEHOLDER.sub(r"${\1.arn}", text)
    if "account" in text or OWN_ACCOUNT in text:
        text = _ACCOUNT.sub("{account}", text)
    return text.replace("{region?}", "{region}") if "region" in text else text


def _expression(found: re.Match[str], symbols: Mapping[str, Reference]) -> str:
    reference = symbols.get(found[1])
    if reference is None:
        return found[0]
    return f"${{{reference.address}.{reference.attribute}}}"
