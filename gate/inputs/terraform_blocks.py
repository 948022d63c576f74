"""Terraform addresses to file and line, from the ``.tf`` sources.

A scanner of our own instead of python-hcl2: hcl2 needs 1.3 s to build its grammar in each process, the scanner 15 ms
for 2,500 lines. It finds where top-level blocks begin and end (strings, templates, heredocs and comments are
understood) and nothing else: what a block *means* is for hcl2.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from gate.errors import InputError
from gate.inputs.documents import TerraformPlan
from gate.inputs.reading import decode, display, read_file
from gate.inputs.terraform_configuration import without_keys
from gate.model.access import Location

_CODE = re.compile(r'#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|<<-?[ \t]*([A-Za-z_][\w-]*)[ \t]*\r?\n|"|[{}]', re.DOTALL)
_TEXT = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n', re.DOTALL)
_HEADER = re.compile(r'(resource|data|module)[ \t]+"?([\w-]+)"?(?:[ \t]+"?([\w-]+)"?)?[ \t]*\Z')
_SOURCE = re.compile(r'^[ \t]*source[ \t]*=[ \t]*"([^"$]*)"', re.MULTILINE)

Key = tuple[str, str, str]


@dataclass(slots=True)
class _Directory:
    """The blocks of one module: resources by (mode, type, name), and what its ``module`` blocks name as source."""

    blocks: dict[Key, Location] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


def locate(plan: TerraformPlan, root: Path) -> None:
    """Sets ``location`` of each resource whose block is found in ``root`` or in the modules it calls.

    Modules are found through ``.terraform/modules/modules.json`` or a local ``source``; only the directories of modules
    that have resources in the plan, and of those that call them, are read.
    """
    installed = _installed(root)
    scanned: dict[str, _Directory] = {}
    folders: dict[str, Path | None] = {"": root}

    def folder(module: str) -> Path | None:
        if module not in folders:
            parent, _, name = module.rpartition(".module.") if ".module." in module else ("", "", module[7:])
            key = module.removeprefix("module.").replace(".module.", ".")
            above = folder(parent)
            source = directory(parent).sources.get(name, "") if above and key not in installed else ""
            local = above / source if above and source.startswith(("./", "../")) else None
            folders[module] = root / installed[key] if key in installed else local
        return folders[module]

    def directory(module: str) -> _Directory:
        if module not in scanned:
            at = folder(module)
            scanned[module] = _scan_directory(at) if at else _Directory()
        return scanned[module]

    for resource in plan.resources.values():
        module = without_keys(resource.module)
        resource.location = directory(module).blocks.get((resource.mode, resource.type, resource.name))


def _installed(root: Path) -> dict[str, str]:
    """Module key (``a.b``) → directory relative to the root, as ``terraform init`` noted it."""
    try:
        listed = json.loads(decode(read_file(root / ".terraform" / "modules" / "modules.json"), "modules.json"))
        return {m["Key"]: m["Dir"] for m in listed["Modules"] if m["Key"] and isinstance(m["Dir"], str)}
    except (InputError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _scan_directory(folder: Path) -> _Directory:
    found = _Directory()
    for path in sorted([*folder.glob("*.tf"), *folder.glob("*.tofu")]):
        try:
            text = decode(read_file(path), display(path))
        except InputError:
            continue  # a line number less, nothing else
        for header, start, end, body in scan(text):
            kind, first, second = header
            place = Location(display(path), start, end)
            if kind == "module":
                source = _SOURCE.search(body)
                found.sources.setdefault(first, source[1] if source else "")
            else:
                found.blocks.setdefault(("data" if kind == "data" else "managed", first, second), place)
    return found


def scan(text: str) -> list[tuple[Key, int, int, str]]:
    """The ``resource``, ``data`` and ``module`` blocks of a file.

    Each is (kind, type or module name, name), first line, last line, text.
    """
    found: list[tuple[Key, int, int, str]] = []
    stack: list[str] = []  # what is open: "{" a block or object, '"' a string, "$" a template inside a string
    header: re.Match[str] | None = None
    opened = counted = at = 0
    line = start_line = 1
    while True:
        in_text = bool(stack) and stack[-1] == '"'
        token = (_TEXT if in_text else _CODE).search(text, at)
        if token is None:
            return found
        mark, at = token[0], token.end()
        if in_text:
            if mark in ('"', "\n"):  # a quoted string ends with its line at the latest
                stack.pop()
            elif mark in ("${", "%{"):
                stack.append("$")
        elif mark == '"':
            stack.append('"')
        elif mark == "{":
            if not stack:
                begin = text.rfind("\n", 0, token.start()) + 1
                header = _HEADER.match(text[begin : token.start()].strip())
                line += text.count("\n", counted, begin)
                counted, opened, start_line = begin, begin, line
            stack.append("{")
        elif mark == "}":
            if stack:
                stack.pop()
            if not stack and header:
                end_line = start_line + text.count("\n", opened, at)
                key = (header[1], header[2], header[3] or "")
                found.append((key, start_line, end_line, text[opened:at]))
                header = None
        elif token[1]:
            end = re.compile(rf"^[ \t]*{re.escape(token[1])}[ \t]*\r?$", re.MULTILINE).search(text, at)
            at = end.end() if end else len(text)
