"""A working copy beside the user's directory: nothing is ever written where the user keeps the source.

Every module's ``.tf`` files are copied (and changed, see ``read_at_plan_time``); everything else is linked, so
``file()``, ``templatefile()`` and relative module sources find what they name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gate.errors import EvaluationError
from gate.inputs.evaluation.providers import belongs_to_the_change
from gate.inputs.hcl_blocks import Block, top_level_blocks

TESTS = "gate-evaluation"
# Blocks that make providers call out and change no value: assertions with data sources of their own, imports.
_CALLING = frozenset({"check", "import"})
_DEPENDS_ON = re.compile(r"^([ \t]*)depends_on\s*=\s*\[[^\]]*\]", re.MULTILINE)


@dataclass(slots=True)
class Module:
    """One module of the configuration: its call path (``""``, ``m``, ``m.inner``), its folder in the copy, its blocks.

    A block stands with the text of its file.
    """

    key: str
    folder: Path
    blocks: list[tuple[Block, str]] = field(default_factory=list)

    def named(self, kind: str) -> Iterator[tuple[Block, str]]:
        """Its blocks of one kind (``resource``, ``data``, ``variable``, ``provider`` …)."""
        return ((block, text) for block, text in self.blocks if block.kind == kind)


@contextmanager
def working_copy(source: Path) -> Iterator[Path]:
    """A temporary copy of a root module, removed on leaving; yields its folder.

    Folders above it up to the repository's root are rebuilt with links, so that ``../modules/x`` means the same there.
    """
    source = source.resolve()
    top = _repository(source)
    with tempfile.TemporaryDirectory(prefix="gate-") as temporary:
        place = Path(temporary)
        for above in [p for p in reversed(source.parents) if p == top or top in p.parents]:
            for entry in above.iterdir():
                if entry not in source.parents and entry != source:
                    (place / entry.name).symlink_to(entry)
            below = source.relative_to(above).parts[0]
            place = place / below
            place.mkdir()
        _copy_module(source, place)
        _link_terraform(source / ".terraform", place / ".terraform")
        yield place


def _repository(source: Path) -> Path:
    """The folder whose inside a module may name: the git root, else three levels up, never the file system's root."""
    for parent in source.parents:
        if (parent / ".git").exists():
            return parent
    return source.parents[min(2, max(len(source.parents) - 2, 0))]


def _copy_module(source: Path, place: Path) -> None:
    for entry in source.iterdir():
        target = place / entry.name
        if target.exists() or target.is_symlink() or entry.name in (".terraform", TESTS):
            continue
        if entry.name.endswith((".tf", ".tf.json")) or entry.name == ".terraform.lock.hcl":
            if entry.is_file():
                shutil.copyfile(entry, target)
        elif not entry.name.endswith((".tftest.hcl", ".tftest.json", ".tfstate")):
            target.symlink_to(entry)


def _link_terraform(source: Path, place: Path) -> None:
    """Providers and remote modules that ``terraform init`` has fetched already are used where they lie."""
    place.mkdir()
    ours = source.is_dir() and not belongs_to_the_change(source)
    for name in ("providers", "modules"):
        if ours and (source / name).is_dir():
            (place / name).symlink_to(source / name)


def initialised(place: Path) -> bool:
    """Whether ``terraform init`` has been run: providers are there, or none are needed."""
    return (place / ".terraform" / "providers").exists() and (place / ".terraform.lock.hcl").exists()


def modules(place: Path, source: Path) -> list[Module]:
    """The root module and every module it calls, after ``terraform init`` wrote ``.terraform/modules/modules.json``.

    ``source``: the directory that ``place`` is the copy of. Called modules are copied over their links, so that they
    can be changed; Terraform notes some by the path behind the link, and is told where the copy lies.
    """
    listed = place / ".terraform" / "modules" / "modules.json"
    entries = json.loads(listed.read_text())["Modules"] if listed.is_file() else [{"Key": "", "Dir": "."}]
    found = []
    for entry in entries:
        if Path(entry["Dir"]).is_absolute():
            entry["Dir"] = os.path.relpath(entry["Dir"], source.resolve())
        module = Module(entry["Key"], _own_copy(place, entry["Dir"]))
        for path in sorted([*module.folder.glob("*.tf")]):
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise EvaluationError(f"{path.name}: cannot be read as UTF-8 text") from error
            module.blocks += [(block, text) for block in top_level_blocks(text)]
        found.append(module)
    if listed.is_file():
        _own_copy(place, ".terraform/modules")
        listed.unlink()  # it may be a link to the user's own
        listed.write_text(json.dumps({"Modules": entries}))
    return sorted(found, key=lambda module: module.key)


def _own_copy(place: Path, folder: str) -> Path:
    """A module's folder with every link on the way to it replaced by a real folder of links."""
    here = place
    inside = _copy_root(place)
    for part in Path(folder).parts:
        here = here.parent if part == ".." else here / part
        if inside not in [here, *here.parents]:  # before anything is unlinked: the change may name any path
            raise EvaluationError("a module lies where it cannot be copied from; nothing was changed")
        if here.is_symlink():
            linked = here.resolve()
            here.unlink()
            here.mkdir()
            _copy_module(linked, here)
    return here


def _copy_root(place: Path) -> Path:
    """The temporary folder that ``place`` lies in."""
    temporary = Path(tempfile.gettempdir())
    return next(p for p in [place, *place.parents] if p.parent == temporary)


def read_at_plan_time(found: list[Module]) -> None:
    """Change the copy so that Terraform reads ``aws_iam_policy_document`` while planning.

    Terraform puts off a data source that names a managed resource with pending changes, or has ``depends_on``, although
    every value is known (terraform-provider-aws#38893). It does not when the name goes through a local value:
    https://developer.hashicorp.com/terraform/language/data-sources#data-resource-dependencies
    """
    for folder in {module.folder for module in found}:
        declared = {b.labels for m in found if m.folder == folder for b, _ in m.named("resource") if len(b.labels) == 2}
        used: dict[str, str] = {}
        for path in folder.glob("*.tf"):
            text = path.read_text(encoding="utf-8")
            changed = _indirect(text, {".".join(labels) for labels in declared}, used)
            if changed != text:
                path.write_text(changed, encoding="utf-8")
        if used:
            lines = [f"  {local} = {address}" for address, local in used.items()]
            (folder / f"{TESTS}.tf").write_text("locals {\n" + "\n".join(lines) + "\n}\n")


def _indirect(text: str, declared: set[str], used: dict[str, str]) -> str:
    name = re.compile(r"(?<![\w.\-])((?:[A-Za-z_][\w-]*)\.(?:[A-Za-z_][\w-]*))(?![\w-])")

    def local(found: re.Match[str]) -> str:
        address = found[1]
        if address not in declared:
            return found[0]
        return "local." + used.setdefault(address, f"gate_evaluation_{len(used)}")

    pieces, position = [], 0
    for block in top_level_blocks(text):
        if block.kind == "data" and block.labels[:1] == ("aws_iam_policy_document",):
            changed = name.sub(local, _without_depends_on(text[block.body : block.end]))
        elif block.kind == "module":
            changed = _without_depends_on(text[block.body : block.end])
        elif block.kind in _CALLING:
            pieces += [text[position : block.start], "\n" * (block.end_line - block.line)]
            position = block.end
            continue
        else:
            continue
        pieces += [text[position : block.body], changed]
        position = block.end
    return "".join([*pieces, text[position:]])


def _without_depends_on(body: str) -> str:
    """Empty lists: the lines stay where they are."""
    return _DEPENDS_ON.sub(lambda m: m[1] + "depends_on = []" + "\n" * m[0].count("\n"), body)
