"""Which actions can act on what an ARN pattern covers, by the type of the resource.

``s3:*`` on ``arn:aws:s3:::b/*`` sets no bucket's policy: that action takes the bucket's ARN, which holds no slash. The
packaged list (``data/resource_types.txt``, written by ``tests/generate/aws_data.py`` from the Service Authorization
Reference) has the sensitive actions of those services whose types the reference lists in full.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from gate.extract.aws import patterns

_WHOLE_TYPE = re.compile(r"(?:[A-Za-z-]+[/:])?\*+")
# Their ARNs begin with a name, not with a type: ``logs/*`` is one bucket.
_NAME_FIRST = frozenset(["codepipeline", "execute-api", "neptune-db", "s3", "servicequotas", "sns", "ssm-sap"])
_OWN_USER = re.compile(r"arn:[^:]*:iam::[^:]*:(?:user|mfa)/(?:.*/)?\$\{aws:username\}")


@lru_cache(maxsize=1)
def _groups() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """Service of the ARN → (what follows its fifth colon, actions). ``bucket`` and ``object`` are S3's two shapes."""
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for line in (Path(__file__).parent / "data" / "resource_types.txt").read_text("ascii").splitlines():
        segment, shapes, names = line.split("|")
        found.setdefault(segment, []).append((tuple(shapes.split()), tuple(names.split())))
    return found


def unfit(segment: str, resource: str) -> tuple[str, ...]:
    """The actions that can act on no resource of those ``resource`` (an ARN pattern of service ``segment``) covers."""
    groups = _groups().get(segment)
    tail = patterns.last_segment(resource)
    # A star before the fifth colon runs on: ``arn:aws:iam::*admin`` covers roles.
    return _unfit(segment, tail) if groups and tail != resource else ()


@lru_cache(maxsize=16384)
def _unfit(segment: str, tail: str) -> tuple[str, ...]:
    prefix = patterns.literal_prefix(tail)
    found: list[str] = []
    for shapes, names in _groups()[segment]:
        if not any(_fits(shape, tail, prefix) for shape in shapes):
            found.extend(names)
    return tuple(found)


def _fits(shape: str, tail: str, prefix: str) -> bool:
    if shape == "bucket":
        return "/" not in re.sub(r"\$\{[^}]*\}", "", tail)
    if shape == "object":
        return "/" in tail or prefix != tail
    return prefix.startswith(shape) or (prefix != tail and shape.startswith(prefix))


def whole_type(resource: str) -> bool:
    """Whether the pattern covers every resource of a type (``arn:aws:iam::*:role/*``) or of a whole service."""
    segments = resource.split(":", 5)
    if len(segments) < 6 or segments[0] != "arn":
        return False
    tail = segments[5]
    return not tail.strip("*") if segments[2] in _NAME_FIRST else _WHOLE_TYPE.fullmatch(tail) is not None


def own_user(resource: str) -> bool:
    """Whether the pattern covers the calling user (or its MFA device) alone: ``…:user/${aws:username}``."""
    return _OWN_USER.fullmatch(resource) is not None
