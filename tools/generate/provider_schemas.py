"""Write the schemas of providers that the gate ships: ``NAME.gz`` and ``index.json``.

They go into ``gate/inputs/terraform/evaluation/schemas``.

They are read from the packages ``cdktn-provider-NAME`` of PyPI (MPL-2.0): bindings that are generated from
``terraform providers schema``, one JavaScript file a type. ``pip download`` fetches them; nothing of them runs.

What is kept of a type: its arguments and what it computes, with their types, and its blocks down to ``DEEPEST``; what a
configuration writes below that, the gate adds when it reads the configuration.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "gate" / "inputs" / "terraform" / "evaluation" / "schemas"
# Package of the bindings → its version. The provider's own version stands inside.
PACKAGES = {
    "archive": "14.0.1",
    "aws": "25.8.1",
    "azapi": "1.0.0",
    "azuread": "17.1.0",
    "azurerm": "18.9.0",
    "external": "14.0.2",
    "github": "18.0.0",
    "google": "21.1.0",
    "google-beta": "21.1.0",
    "helm": "15.1.0",
    "http": "13.0.2",
    "kubernetes": "17.1.0",
    "local": "14.0.1",
    "null": "15.0.2",
    "random": "15.0.1",
    "time": "14.0.2",
    "tls": "14.1.1",
    "vault": "18.3.0",
}
DEEPEST = 4
_CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+)", re.MULTILINE)
_ATTRIBUTE = re.compile(
    r"^    // (\w+) - computed: (true|false), optional: (?:true|false), required: (?:true|false)\n"
    r"(.*?)(?=^    // \w+ - computed:|^    // =====|^}|\Z)",
    re.MULTILINE | re.DOTALL,
)
_NESTED = re.compile(r'= new (?:\w+\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\)')
_GETTER = re.compile(r"this\.(get\w+Attribute|interpolationForAttribute)\('(\w+)'")
_ARGUMENT = re.compile(
    r"^ +(\w+): \{\n\s+value: (.*?)\n\s+isBlock: (true|false),\n\s+type: \"(\w+)\",\n\s+storageClassType: \"(\w+)\"",
    re.MULTILINE,
)
_TYPES: dict[str, Any] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
    "getAnyMapAttribute": "dynamic",  # the bindings know no other word for it
    "interpolationForAttribute": "dynamic",
}
_MAPS: dict[str, Any] = {
    "StringMap": ["map", "string"],
    "AnyMap": "dynamic",
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "StringMapList": ["list", ["map", "string"]],
    "BooleanMapList": ["list", ["map", "bool"]],
}
_STORED: dict[str, Any] = {
    "string": "string",
    "boolean": "bool",
    "number": "number",
    "stringList": ["list", "string"],
    "numberList": ["list", "number"],
    "stringMap": ["map", "string"],
}

Classes = dict[str, tuple[str, str]]


def main() -> None:
    """Write every package, or those that are named."""
    OUT.mkdir(exist_ok=True)
    index_file = OUT / "index.json"
    index = json.loads(index_file.read_text()) if index_file.is_file() else {}
    for name in sys.argv[1:] or PACKAGES:
        sections, version = schema_of(name, PACKAGES[name])
        text = "".join(
            f"{section} {kind} {json.dumps(block, separators=(',', ':'), sort_keys=True)}\n"
            for section in sorted(sections)
            for kind, block in sorted(sections[section].items())
        )
        (OUT / f"{name}.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        index[name] = {
            "package": f"cdktn-provider-{name}=={PACKAGES[name]}",
            "version": version,
            "date": datetime.now(UTC).date().isoformat(),
            "types": {section: len(kinds) for section, kinds in sections.items() if section != "provider"},
        }
        print(name, index[name], len((OUT / f"{name}.gz").read_bytes()))
    index_file.write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")


def schema_of(name: str, version: str) -> tuple[dict[str, dict[str, Any]], str]:
    """Blocks by section (resource, data, ephemeral, provider) and type, and the provider's version."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"cdktn-provider-{name}=={version}"
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, wanted], check=True)
        (wheel,) = Path(folder).iterdir()
        sections: dict[str, dict[str, Any]] = {"resource": {}, "data": {}, "ephemeral": {}, "provider": {}}
        provider_version = ""
        for source in _sources(wheel):
            found = re.search(r"providerVersion: '([\d.]+)'", source)
            provider_version = provider_version or (found[1] if found else "")
            classes = _classes(source)
            for called, (base, body) in classes.items():
                kind = re.search(r'tfResourceType = "(\w+)"', body)
                if base == "TerraformProvider":
                    sections["provider"]["provider"] = _provider(body, source)
                elif kind and base in _SECTIONS:
                    block = _block(classes, called, 0)
                    block["attributes"].setdefault("id", {"type": "string", "computed": True})
                    sections[_SECTIONS[base]][kind[1]] = block
        return sections, provider_version


_SECTIONS = {
    "TerraformResource": "resource",
    "TerraformDataSource": "data",
    "TerraformEphemeralResource": "ephemeral",
}


def _sources(wheel: Path) -> Iterator[str]:
    """The JavaScript of each type: one text a folder."""
    archive = zipfile.ZipFile(wheel)
    inner = next(entry for entry in archive.namelist() if entry.endswith(".jsii.tgz"))
    folders: dict[str, list[tuple[str, str]]] = {}
    with tarfile.open(fileobj=io.BytesIO(archive.read(inner))) as bindings:
        for member in bindings:
            path = member.name.removeprefix("package/lib/")
            if path == member.name or not path.endswith(".js") or path.endswith("lazy-index.js") or "/" not in path:
                continue
            content = bindings.extractfile(member)
            assert content is not None
            folders.setdefault(path.split("/")[0], []).append((path, content.read().decode()))
    for files in folders.values():
        yield "\n".join(text for _, text in sorted(files))


def _classes(source: str) -> Classes:
    """Class → its base and its text."""
    starts = list(_CLASS.finditer(source))
    ends = [found.start() for found in starts[1:]] + [len(source)]
    return {f[1]: (f[2], source[f.start() : end]) for f, end in zip(starts, ends, strict=False)}


def _block(classes: Classes, called: str, depth: int) -> dict[str, Any]:
    block: dict[str, Any] = {"attributes": {}}
    for found in _ATTRIBUTE.finditer(classes[called][1]):
        name, computed, body = found[1], found[2] == "true", found[3]
        flags = {"computed": True} if computed else {}
        if name.endswith("_wo"):
            flags = {"write_only": True}
        nested = _NESTED.search(body)
        if nested and nested[1] not in _MAPS:
            mode, element = _nesting(classes, nested[1], name, wrapped=nested[3] == "true")
            if element is None or (depth >= DEEPEST and not computed):
                continue
            inner = _block(classes, element, depth + 1)
            if computed:  # an attribute of objects: what it holds can be read, and written as well
                kind = _object(inner)
                block["attributes"][name] = {"type": kind if mode == "single" else [mode, kind], **flags}
            else:
                block.setdefault("block_types", {})[name] = {"nesting_mode": mode, "block": inner}
            continue
        block["attributes"][name] = {"type": _type(body, nested), **flags}
    return block


def _nesting(classes: Classes, called: str, name: str, *, wrapped: bool) -> tuple[str, str | None]:
    """How blocks nest, and the class of one of them; None where there is no such class."""
    base, body = classes.get(called, ("", ""))
    if base in ("ComplexList", "MapList", "ComplexMap"):
        found = re.search(r"return new (?:\w+\.)?(\w+)\(", body)
        element = found[1] if found and found[1] in classes else None
        return ("map" if base == "ComplexMap" else "set" if wrapped else "list"), element
    return ("single" if name == "timeouts" else "list"), called if called in classes else None


def _type(body: str, nested: re.Match[str] | None) -> Any:
    if nested:
        return _MAPS[nested[1]]
    getter = _GETTER.search(body)
    kind = _TYPES.get(getter[1], "string") if getter else "string"
    return ["set", kind[1]] if isinstance(kind, list) and kind[0] == "list" and "Fn.tolist" in body else kind


def _object(block: dict[str, Any]) -> list[Any]:
    fields = {name: attribute["type"] for name, attribute in block["attributes"].items()}
    for name, nested in block.get("block_types", {}).items():
        kind = _object(nested["block"])
        fields[name] = kind if nested["nesting_mode"] == "single" else [nested["nesting_mode"], kind]
    return ["object", fields]


def _provider(body: str, source: str) -> dict[str, Any]:
    functions = {
        f[1]: f[2] for f in re.finditer(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", source, re.M | re.S)
    }

    def arguments(text: str, depth: int) -> dict[str, Any]:
        block: dict[str, Any] = {"attributes": {}, "block_types": {}}
        for found in _ARGUMENT.finditer(text):
            inner = re.search(r"(\w+)ToHclTerraform", found[2])
            if found[3] == "true" and inner and inner[1] in functions and depth < DEEPEST:
                nested = arguments(functions[inner[1]], depth + 1)
                block["block_types"][found[1]] = {"nesting_mode": "list", "block": nested}
            else:
                block["attributes"][found[1]] = {"type": _STORED.get(found[5], "dynamic")}
        return block

    made = arguments(body.rpartition("synthesizeHclAttributes")[2], 0)
    for found in _ATTRIBUTE.finditer(body):
        made["attributes"].setdefault(found[1], {"type": _type(found[3], None)})
    for name in made["block_types"]:
        made["attributes"].pop(name, None)
    return made


if __name__ == "__main__":
    main()
