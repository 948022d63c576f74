"""What an evaluation could not look at: each a reason to deny."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gate.inputs.documents import UnreadDocument
from gate.inputs.text.reading import display
from gate.model.access import Location

_CREDENTIALS = re.compile(r"//[^/\s]*@")


def missing_modules(survey: dict[str, Any], directory: Path) -> tuple[UnreadDocument, ...]:
    """Modules that are not at hand: what they create is not judged, so each is a reason to deny."""
    return tuple(
        UnreadDocument(
            Location(display(directory / one["file"]), one["line"], one["line"]),
            "module",
            f"{_called(one)} ({_CREDENTIALS.sub('//…@', one['source'])}) {_why(one)}, so it was not analysed",
            "Run terraform init there, give --download, or check a plan: gate check plan.json --source DIR",
            address=_called(one),
        )
        for one in survey["missing"] or ()
    )


def _called(missing: dict[str, Any]) -> str:
    return f"module.{missing['key'].replace('.', '.module.')}"


def _why(missing: dict[str, Any]) -> str:
    return f"could not be fetched: {missing['why']}" if missing.get("why") else "is not available locally"


def uncertain(addresses: tuple[str, ...], directory: Path) -> tuple[UnreadDocument, ...]:
    """What one evaluation makes and the other does not: whether it will be there depends on what the gate made up."""
    return tuple(
        UnreadDocument(
            Location(display(directory), 1, 1),
            "resource",
            f"{address} exists or not depending on the account, the time, the folder or the name of something new",
            "Decide with variables whether it exists, or check a plan: gate check plan.json --source DIR",
            address=address,
        )
        for address in addresses
    )
