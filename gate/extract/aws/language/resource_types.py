"""Which actions can act on what an ARN pattern covers, by the type of the resource.

``s3:*`` on ``arn:aws:s3:::b/*`` sets no bucket's policy: that action takes the bucket's ARN, which holds no slash. The
packaged list (``data/resource_types.txt``, written by ``tools/generate/aws_data.py`` from the Service Authorization
Reference) has the sensitive actions of those services whose types the reference lists in full.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gate.extract.aws.language import patterns

_WHOLE_TYPE = re.compile(r"(?:[A-Za-z-]+[/:])?\*+")
# Their ARNs begin with a name, not with a type: ``logs/*`` is one bucket.
_NAME_FIRST = frozenset(["codepipeline", "execute-api", "neptune-db", "s3", "servicequotas", "sns", "ssm-sap"])
_OPEN = re.compile(r"[*?$]")
_SYMBOL_TYPE = re.compile(r"(?:^|[.:])(aws_[a-z0-9_]+)\.")
_ARN_OF = {"aws_s3_bucket": "arn:aws:s3:::bucket", "aws_dynamodb_table": "arn:aws:dynamodb:*:*:table/table"}
_OWN_USER = re.compile(r"arn:[^:]*:iam::[^:]*:(?:user|mfa)/(?:.*/)?\$\{aws:username\}")


@lru_cache(maxsize=1)
def _groups() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """Service of the ARN → (what follows its fifth colon, actions). ``bucket`` and ``object`` are S3's two shapes."""
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for line in (Path(__file__).parent / "data" / "resource_types.txt").read_text("ascii").splitlines():
        segment, shapes, names = line.split("|")
        found.setdefault(segment, []).append((tuple(shapes.split()), tuple(names.split())))
    return found


@dataclass(frozen=True, slots=True)
class Inner:
    """What lies inside the resources of a service: objects in buckets, indexes in tables.

    ``joint``: between the ARN of the outer resource and the name of the inner one (``/``, ``/index/``). ``only``:
    actions that act on inner resources alone; ``also``: those that act on outer and inner ones.
    """

    joint: str
    only: tuple[str, ...]
    also: tuple[str, ...]


@lru_cache(maxsize=1)
def inner() -> dict[str, tuple[Inner, ...]]:
    """Service of the ARN → what lies inside its resources (``data/inner_resources.txt``)."""
    found: dict[str, tuple[Inner, ...]] = {}
    for line in (Path(__file__).parent / "data" / "inner_resources.txt").read_text("ascii").splitlines():
        segment, joint, only, also = line.split("|")
        found[segment] = (*found.get(segment, ()), Inner(joint, tuple(only.split()), tuple(also.split())))
    return found


def stand_in(symbol: str) -> str | None:
    """An ARN of the shape that the symbol of a resource (``arn:aws:gate:::aws_s3_bucket.b``) will have, if known."""
    address, *rest = patterns.tokens(symbol)
    type_ = _SYMBOL_TYPE.search(address)
    return _ARN_OF[type_[1]] + "".join(rest) if type_ and type_[1] in _ARN_OF else None


def unfit(segment: str, resource: str) -> tuple[str, ...]:
    """The actions that can act on no resource of those ``resource`` (an ARN pattern of service ``segment``) covers."""
    groups = _groups().get(segment)
    tail = patterns.last_segment(resource)
    # A star before the fifth colon runs on: ``arn:aws:iam::*admin`` covers roles.
    return _unfit(segment, tail) if groups and tail != resource else ()


@lru_cache(maxsize=1)
def _typed() -> tuple[str, ...]:
    return tuple(name for groups in _groups().values() for _, names in groups for name in names)


@lru_cache(maxsize=16384)
def _unfit(segment: str, tail: str) -> tuple[str, ...]:
    # An action whose resources are another service's (s3-object-lambda) acts on none of this one.
    prefix = patterns.literal_prefix(tail)
    fit = {n for shapes, names in _groups()[segment] if any(_fits(s, tail, prefix) for s in shapes) for n in names}
    return tuple(name for name in _typed() if name not in fit)


def _fits(shape: str, tail: str, prefix: str) -> bool:
    """Whether a pattern (what follows its fifth colon, and the literal beginning of that) covers ARNs of a shape."""
    if shape == "bucket":
        return "/" not in re.sub(r"\$\{[^}]*\}", "", tail)
    if shape == "object":
        inside = prefix.find("/", 1) + 1
        return inside < len(tail) if inside else tail != prefix and patterns.overlaps(tail, "?*/?*")
    if prefix.startswith(shape) or prefix == tail or not shape.startswith(prefix):
        return prefix.startswith(shape)
    return patterns.overlaps(tail, f"{shape}*")


def whole_type(resource: str) -> bool:
    """Whether the pattern covers every resource of a type (``arn:aws:iam::*:role/*``) or of a whole service."""
    segments = resource.split(":", 5)
    if len(segments) < 6 or segments[0] != "arn":
        return False
    tail = segments[5]
    return not tail.strip("*") if segments[2] in _NAME_FIRST else _WHOLE_TYPE.fullmatch(tail) is not None


@lru_cache(maxsize=1)
def _acted_on() -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
    """Action → what it needs, each a choice of ARNs that stand for all of a type (``data/acted_on.txt``)."""
    found = []
    for line in (Path(__file__).parent / "data" / "acted_on.txt").read_text("ascii").splitlines():
        action, *needed = line.split("|")
        found.append((action, tuple(tuple(choice.split(" ")) for choice in needed)))
    return tuple(found)


@lru_cache(maxsize=16384)
def whole_for(resources: tuple[str, ...]) -> tuple[str, ...]:
    """The actions for which the patterns cover all that the action acts on, of an account and region at least.

    ``arn:aws:secretsmanager:eu-west-1:111122223333:secret:*`` says of ``GetSecretValue`` what ``*`` says.
    """
    wide = [_in_any_account(resource) for resource in resources if "*" in resource]
    if not wide:
        return ()
    services = {_service(pattern) for pattern in wide}
    # Most actions are of services that no pattern names: their ARNs need not be compared.
    asked = _acted_on() if "*" in services else [entry for entry in _acted_on() if _services(entry) & services]
    return tuple(
        action
        for action, needed in asked
        if all(any(patterns.contains(p, arn) for p in wide for arn in choice) for choice in needed)
    )


def _service(arn: str) -> str:
    """The service of an ARN or pattern; ``*`` where it may be any."""
    segments = arn.split(":", 5)
    if len(segments) < 6 or _OPEN.search(
        "".join((segments[0], segments[1] if segments[1] != "*" else "", segments[2]))
    ):
        return "*"
    return segments[2]


@lru_cache(maxsize=1024)
def _services(entry: tuple[str, tuple[tuple[str, ...], ...]]) -> frozenset[str]:
    return frozenset(_service(arn) for choice in entry[1] for arn in choice)


def _in_any_account(resource: str) -> str:
    segments = resource.split(":", 5)
    if len(segments) < 6:
        return resource
    return ":".join(["arn", "*", segments[2], *(["*", "*"] if segments[4] else segments[3:5]), segments[5]])


def own_user(resource: str) -> bool:
    """Whether the pattern covers the calling user (or its MFA device) alone: ``…:user/${aws:username}``."""
    return _OWN_USER.fullmatch(resource) is not None
