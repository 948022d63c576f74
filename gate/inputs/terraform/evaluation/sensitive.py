"""Which attributes a provider marks sensitive: their values are taken out of everything that the gate says.

The shipped schemas do not say it (their source lacks it). Of the AWS provider, ``sensitive.json`` has it from the
provider itself. Of others it is told from the names: too much hidden is a name less in a report, too little a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from gate.inputs.terraform.evaluation.provider_schemas import FOLDER

_SECRET = re.compile(
    r"pass(?:word|wd|phrase)|secret|token|credential|private|connection_string|kube_?config|plaintext|preshared|sas_url"
    r"|(?:api|access|account|shared|master|primary|secondary|signing|encryption|storage)_?key|_wo$"
)
# In a type that is named after a secret, what it holds is one.
_CONTENT = re.compile(
    r"(?:^|\.)(?:value|values|data|data_json|binary_data|content|payload|result|bcrypt_hash|key|body)$"
)


def sensitive_in(address: str, section: str, kind: str) -> Callable[[str], bool]:
    """Of one type: whether the attribute at a dotted path is sensitive. ``section``: resource or data."""
    known = _known().get(address.rsplit("/", 1)[-1])
    if known is not None:
        told = frozenset(known["types"].get(f"{section} {kind}", ()))
        return told.__contains__
    secretive = _SECRET.search(kind) is not None

    def looks(path: str) -> bool:
        return _SECRET.search(path) is not None or (secretive and _CONTENT.search(path) is not None)

    return looks


@cache
def _known() -> dict[str, Any]:
    known: dict[str, Any] = json.loads((FOLDER / "sensitive.json").read_text())
    return known
