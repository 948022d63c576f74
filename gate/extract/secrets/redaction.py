"""What may be said about a secret: a fingerprint and a place, neither of which gives the value away."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from gate.extract.secrets.token_shapes import shape

# Keys made of words: short runs of letters in one of the usual cases, few digits, as no random text is.
_WORD = r"(?:[A-Z]{1,15}|[A-Z]{1,11}\d{1,4}|(?:[a-z]{1,15}|[A-Z][a-z]{1,14})(?:[A-Z][a-z]{1,14}){0,3}\d{0,4})"
_PLAIN_KEY = re.compile(rf"[_.]?{_WORD}(?:[_.\-/]+{_WORD}){{0,7}}")


def fingerprint(value: str, address: str, attribute: str) -> str:
    """12 hex digits that change when the value or its place does.

    The key is the place (address and attribute), so that equal weak secrets at two places do not show as equal and no
    table computed beforehand fits. It is not secret: who knows the place can still confirm a guess, as with each
    fingerprint that two runs must agree on; a secret that was found has to be rotated anyway.
    """
    key = f"gate.secret/v1\0{address}\0{attribute}".encode()
    return hmac.new(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]


def attribute_path(keys: Sequence[str | int], value: str) -> str:
    """``environment[0].variables.DB_PASSWORD``; a key that may itself be a secret, or holds one, is ``*``."""
    path = ""
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
            continue
        shown = key if _PLAIN_KEY.fullmatch(key) and value not in key and shape(key) is None else "*"
        path += f".{shown}" if path else shown
    return path
