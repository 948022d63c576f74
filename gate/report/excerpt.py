"""A few lines of the source that a finding points at, with nothing in them that could be a secret.

A secret's value must leave no process, and any line of a source file may hold one. So a line is shown only when its
form says that it is about access: an opening of a block, a field of a policy or manifest that names actions, resources
or principals. Every other line stands as ``…``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gate.report.untrusted import plain

LINES = 12
_BYTES = 2_000_000
_BLOCK = re.compile(r'\s*(resource|data|module|statement|principals|inline_policy)(\s+"[\w./-]+"){0,2}\s*\{?\s*')
_FIELD = re.compile(
    r"\s*(-\s*)?\"?(Version|Statement|Sid|Effect|Action|NotAction|Resource|NotResource|Principal|NotPrincipal|AWS|Service|"
    r"Federated|effect|actions|not_actions|resources|not_resources|identifiers|role|group|policy_arn|sid|"
    r"apiVersion|kind|apiGroups|apiGroup|verbs|resourceNames|subjects|roleRef|rules|serviceAccountName|namespace|name)"
    r"\"?\s*[:=]\s*(?P<value>.*)"
)
# Quoted, as JSON and HCL write it: a bare ``root:letters`` is what chpasswd and basic authentication take.
_ACTION = re.compile(r"\s*(\"([a-z0-9-]+:[A-Za-z*?]+|\*|arn:aws[\w-]*:[\w:/*.+=@,-]+)\"|-\s*[\"']?\*[\"']?),?\s*")
_VALUE = re.compile(r'(jsonencode\()?[\[({]*\s*("?[\w.*:/-]{1,128}"?(,\s*"?[\w.*:/-]{1,128}"?){0,12})?\s*[\])},]*\s*')
_POLICY = re.compile(r"\s*(assume_role_policy|policy)\s*=\s*(jsonencode\(\s*\{?|data\.[\w.]+)\s*")
_PUNCTUATION = re.compile(r"[\s\[\](){},]*|\s*---\s*")


def excerpt(location: Mapping[str, Any] | None, root: Path | None = None) -> list[str]:
    """``  12 | resource "aws_iam_role" "r" {`` …, at most twelve lines; empty when the file is not at hand.

    ``root``: a folder tried besides the current one.
    """
    if location is None:
        return []
    for base in (Path(), root or Path()):
        lines = _read(base / str(location["file"]))
        if lines:
            first, last = int(location["line"]), int(location["end_line"])
            part = lines[first - 1 : min(last, first + LINES - 1)]
            shown = [f"{n:5} | {_safe(line)}" for n, line in enumerate(part, start=first)]
            return shown + ([f"{'':5} | … up to line {last}"] if last > first + LINES - 1 else [])
    return []


def _read(path: Path) -> list[str]:
    if path.suffix not in (".tf", ".yaml", ".yml"):
        return []
    try:
        if not path.is_file() or path.stat().st_size > _BYTES:
            return []
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _safe(line: str) -> str:
    field = _FIELD.fullmatch(line)
    harmless = (
        _PUNCTUATION.fullmatch(line)
        or _BLOCK.fullmatch(line)
        or _POLICY.fullmatch(line)
        or _ACTION.fullmatch(line)
        or (field and _VALUE.fullmatch(field["value"]))
    )
    indent = line[: len(line) - len(line.lstrip())]
    return plain(line) if harmless else f"{plain(indent)}…"
