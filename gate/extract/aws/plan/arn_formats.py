"""ARNs that follow from what a resource is called, as far as AWS does not make up a part: ``service/web/{id?}``.

``data/arns.txt`` is written by ``tools/generate/aws_data.py`` from the resource types of the Service Authorization
Reference. What AWS makes up, and what is not known before apply, is one opaque part
(:mod:`gate.extract.aws.language.patterns`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from gate.extract.aws.plan.plan_index import Item

_TOKEN = re.compile(r"\{(=?)([a-z_]+)\}")
_ANY = "{id?}"


@lru_cache(maxsize=1)
def _forms() -> dict[str, tuple[str, ...]]:
    """Terraform type → forms: of the resource itself, and of what stands for it."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (Path(__file__).parent / "data" / "arns.txt").read_text("ascii").splitlines():
        type_, form = line.split("|")
        found[type_] = (*found.get(type_, ()), form)
    return found


def made_up(item: Item, region: str, account: str) -> list[str]:
    """The ARNs of a resource that has a known name; none for a type whose ARNs do not hold a name."""
    found = []
    for form in _forms().get(item.type, ()):
        values = {"region": region, "account": account}
        named = True
        for own, variable in _TOKEN.findall(form):
            if variable not in values:
                text = _called(item, variable, own=bool(own))
                named = named and not (own and text is None)
                values[variable] = text or _ANY
        if named:
            found.append(_TOKEN.sub(lambda match, known=values: known[match[2]], form))  # type: ignore[misc]
    return found


def complete(arn: str) -> bool:
    """Whether nothing of it is made up by AWS or not known yet, but for account and region."""
    return _ANY not in arn


def _called(item: Item, variable: str, *, own: bool) -> str | None:
    """The name that an attribute holds: ``cluster_name`` stands in ``cluster_name`` or ``cluster``, as name or ARN."""
    for attribute in (variable, "name") if own else (variable, variable.removesuffix("_name")):
        text = item.text(attribute)
        if text is not None:
            return (text.rpartition("/")[2] if text.startswith("arn:") else text).lstrip("/")
    return None
