"""The private folders of one evaluation: two copies of the configuration, the inert provider, and what it is told.

1/, 2/           one for each set of stand-ins
source/        the copy of the configuration; nothing in it is linked
providers/N/   the inert provider under the name of each provider, with its schema
settings.json  the stand-ins' account, region and form, and what a plan knows
made/          what the provider made up
terraform.rc   takes every provider from providers/
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gate.errors import EvaluationError
from gate.inputs.terraform.evaluation.downloading import Downloads
from gate.inputs.terraform.evaluation.inert_program import find_program
from gate.inputs.terraform.evaluation.provider_schemas import UNKNOWNS, provider_schema
from gate.inputs.terraform.evaluation.symbols import OWN_ACCOUNT

MANAGED = Path(__file__).parents[3] / "extract" / "aws" / "documents" / "data" / "managed_policies.txt.gz"
REGISTRIES = {"terraform": "registry.terraform.io", "tofu": "registry.opentofu.org"}
_EMPTY: dict[str, Any] = {
    "provider": {"attributes": {}, "blocks": {}},
    "resources": {},
    "data": {},
    "ephemeral": {},
    "functions": [],
}


@dataclass(frozen=True, slots=True)
class StandIns:
    """One set of stand-ins: what an evaluation says where nobody knows.

    ``realistic``: resources are called as configured, as after an apply; else each stand-in has a token in it.
    """

    realistic: bool
    account: str
    region: str
    workspace: str
    now: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One of the copies: ``folder`` of it all, ``root``: the root module in it."""

    folder: Path
    root: Path
    stand_ins: StandIns


@dataclass(slots=True)
class Workspace:
    """The copies, and what ``gate-inert copy`` says of the configuration (``survey`` in ``survey.go``)."""

    copies: tuple[Copy, ...]
    survey: dict[str, Any]
    types: set[tuple[str, str]] = field(default_factory=set)


def both_stand_ins(workspace: str | None, survey_accounts: Sequence[str] = ()) -> tuple[StandIns, StandIns]:
    """Two sets that differ in all that a configuration could look at. ``workspace``: where the user named one.

    The second set's account and time are of nobody else's choosing: code that looks for the gate's cannot know them.
    """
    now = datetime.now(UTC)
    account = f"{secrets.randbelow(9 * 10**11) + 10**11}"
    first = StandIns(False, OWN_ACCOUNT, "us-east-1", workspace or "default", _time(now))
    later = now + timedelta(days=400 + secrets.randbelow(200), seconds=secrets.randbelow(86400))
    second = StandIns(True, account, "eu-west-3", workspace or "production", _time(later))
    return first, second


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def two_places() -> Iterator[tuple[Path, Path]]:
    """Two empty folders of our own, in different places of the system where it has them: both go at the end.

    Code that looks where it runs (``path.cwd``, ``abspath``) sees two paths that have nothing in common.
    """
    with (
        tempfile.TemporaryDirectory(prefix="gate-") as one,
        tempfile.TemporaryDirectory(prefix=secrets.token_hex(2), dir=_elsewhere()) as other,
    ):
        yield Path(one).resolve(), Path(other).resolve()


def _elsewhere() -> str | None:
    """A folder that holds what may be lost, and is not that for temporary files; ``None`` where there is none."""
    usual = Path(tempfile.gettempdir()).resolve()
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    for text in (caches, "/var/tmp"):
        try:
            folder = Path(text).expanduser()
        except RuntimeError:
            continue
        apart = folder.is_absolute() and not folder.resolve().is_relative_to(usual)
        if apart and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return str(folder)
    return None


def prepare(
    directory: Path, places: tuple[Path, Path], workspace: str | None, product: str, *, download: bool = False
) -> Workspace:
    """Copy the configuration of ``directory`` into each of two empty folders. ``product``: terraform or tofu.

    ``download``: modules that are not at hand are fetched. EvaluationError with file and line where it cannot be read
    as Terraform reads it.
    """
    root = directory.resolve()
    top, whole = _top(root)
    copies = []
    for number, (private, stand_ins) in enumerate(zip(places, both_stand_ins(workspace), strict=True), 1):
        folder = private / f"{number}{secrets.token_hex(3 + number)}"
        (folder / "source").mkdir(parents=True)
        copies.append(Copy(folder, folder / "source" / root.relative_to(top), stand_ins))
    asked = [
        {
            "root": str(root),
            "top": str(top),
            "out": str(one.folder / "source"),
            "whole": whole,
            "product": product,
            "workspace": one.stand_ins.workspace,
            "now": one.stand_ins.now,
            "decoys": one.stand_ins.realistic,
        }
        for one in copies
    ]
    survey = surveyed(asked, directory)
    if not (download and survey["missing"]):
        return Workspace(tuple(copies), survey)
    downloads = Downloads(places[0] / "fetched", REGISTRIES[product])
    downloads.folder.mkdir()
    while survey["missing"] and downloads.fetch(survey["missing"]):  # what was fetched may call further modules
        for one in copies:
            shutil.rmtree(one.folder / "source")
            (one.folder / "source").mkdir()
        survey = surveyed([each | {"fetched": str(downloads.folder)} for each in asked], directory)
    for one in survey["missing"] or ():
        one["why"] = downloads.failed.get(one["key"])
    return Workspace(tuple(copies), survey)


def surveyed(asked: list[dict[str, Any]], directory: Path) -> dict[str, Any]:
    """Make the copies that are ``asked`` for (``request`` in ``copy.go``), and say what the configuration says."""
    ran = subprocess.run(
        [find_program(), "copy"], input=json.dumps({"copies": asked}).encode(), capture_output=True, check=False, env={}
    )
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace").strip().splitlines()
        raise EvaluationError(f"{directory}: {said[-1] if said else 'the configuration cannot be read'}")
    survey: dict[str, Any] = json.loads(ran.stdout)
    return survey


def _top(root: Path) -> tuple[Path, bool]:
    """The folder whose inside a module may name, and whether all of it may be copied when it is small.

    That is the git root; without one three levels up, never the file system's root.
    """
    for parent in [root, *root.parents]:
        if (parent / ".git").exists():
            return parent, True
    return root.parents[min(2, max(len(root.parents) - 2, 0))], False


def equip(workspace: Workspace, answers: dict[str, Any], state: str | None) -> None:
    """Put the inert provider beside each copy, with the schemas the configuration uses and what a plan knows."""
    survey = workspace.survey
    uses = {UNKNOWNS: _EMPTY} | survey["providers"]
    schemas = {address: json.dumps(provider_schema(address, use, survey["paths"])) for address, use in uses.items()}
    managed = any("aws_iam_policy" in use["data"] for use in uses.values())
    for one in workspace.copies:
        serve(one.folder, schemas)
        settings = {
            "realistic": one.stand_ins.realistic,
            "seed": secrets.token_hex(8) if one.stand_ins.realistic else "",
            "account": one.stand_ins.account,
            "region": one.stand_ins.region,
            "names": survey["names"],
            "paths": survey["paths"],
            "answers": answers,
            "managed": MANAGED.name if managed else "",
        }
        (one.folder / "settings.json").write_text(json.dumps(settings))
        (one.folder / "made").mkdir()
        if managed:
            shutil.copyfile(MANAGED, one.folder / MANAGED.name)
        if state is not None:  # in place of what is a decoy, perhaps
            (one.root / "terraform.tfstate").write_text(state)


def serve(folder: Path, schemas: dict[str, str]) -> None:
    """Put the inert provider into ``folder`` under the address of each provider, and settings by which it is taken."""
    overrides = []
    for number, (address, schema) in enumerate(sorted(schemas.items())):
        place = folder / "providers" / str(number)
        place.mkdir(parents=True)
        (place / "schema.json").write_text(schema)
        (place / f"terraform-provider-{address.rsplit('/', 1)[-1]}").symlink_to(find_program())
        overrides.append(f'    "{address}" = "{place}"\n')
    settings = "provider_installation {\n  dev_overrides {\n" + "".join(overrides) + "  }\n}\n"
    (folder / "terraform.rc").write_text(settings)


def made(one: Copy) -> list[dict[str, Any]]:
    """What the provider made up: ``{"type": …, "values": [{"path", "value", "token"}]}`` for each instance."""
    files = sorted((one.folder / "made").glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]


def digest(directory: Path) -> str:
    """sha256 over the root module's configuration files: name and content."""
    digest = hashlib.sha256()
    for path in sorted(path for path in directory.iterdir() if ".tf" in path.suffixes or ".tofu" in path.suffixes):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
