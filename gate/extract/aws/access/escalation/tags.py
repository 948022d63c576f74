"""Which identities and resources of the view carry a tag that a condition asks for.

What is not known is not missing: a tag with a value of apply may be any, and whoever is not in view may carry any tag.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from gate.extract.aws.identities.identity_index import IdentityIndex
from gate.extract.aws.language.caller_patterns import may_be
from gate.extract.aws.plan.plan_index import Item
from gate.extract.aws.plan.provider_accounts import provider_of
from gate.model.access import Condition, Trust

_OF_CALLER = re.compile(r"\$\{aws:principaltag/([^},]*)[^}]*\}", re.IGNORECASE)
_FLEET = "aws_autoscaling_group"


@dataclass(frozen=True, slots=True)
class Carried:
    """The tags of one thing, by their names in lower case; ``None`` where only the value is not known.

    ``complete``: whether it carries no others.
    """

    values: Mapping[str, str | None] = field(default_factory=dict)
    complete: bool = False

    def may_meet(self, condition: Condition) -> bool:
        """Whether the thing may carry the tag with a value that the condition takes."""
        name = _tag(condition)
        if name not in self.values:
            return not self.complete
        value = self.values[name]
        return value is None or may_be(condition, value)


@dataclass(slots=True)
class Tags:
    """Looks tags up by the id of an identity or the address of a resource."""

    items: Mapping[str, Item] = field(default_factory=dict)
    tagged_sessions: frozenset[str] = frozenset()
    """Identities whose sessions may bring tags of their own."""
    templates: tuple[Item, ...] = ()
    """The launch templates, which give tags to instances."""
    _found: dict[str, Carried] = field(default_factory=dict)

    def carried(self, thing: str) -> Carried:
        """What it carries, as far as the change tells."""
        found = self._found.get(thing)
        if found is None:
            item = self.items.get(thing)
            found = self._found[thing] = _carried(item, self.templates) if item is not None else Carried()
        return found

    def may_carry(self, thing: str, asked: Iterable[Condition]) -> bool:
        """Whether it may carry all tags that are asked for."""
        carried = self.carried(thing)
        return all(carried.may_meet(condition) for condition in asked)

    def for_caller(self, asked: tuple[Condition, ...], caller: str | None) -> tuple[Condition, ...]:
        """The conditions with the caller's own tags in place of ``${aws:PrincipalTag/…}``, where they are known."""
        if caller is None or caller in self.tagged_sessions or not any(map(_about_caller, asked)):
            return asked
        carried = self.carried(caller)
        return tuple(_filled(condition, carried) for condition in asked)


def tags(registry: IdentityIndex, trust: Iterable[Trust]) -> Tags:
    """The tags of one side."""
    items = {item.id: item for found in registry.side.by_type.values() for item in found}
    # A permission set gives its sessions the attributes of the user.
    sets = {draft.id for draft in registry.drafts.values() if draft.item is not None and "sso" in draft.item.type}
    sessions = frozenset(sets | {edge.identity for edge in trust if edge.tags != "none"})
    return Tags(items, sessions, tuple(registry.side.of("aws_launch_template")))


def asks_for_tag(condition: Condition) -> bool:
    """Whether the resource must carry a tag (``aws:ResourceTag/team``, ``ssm:resourceTag/team``)."""
    return condition.counts and condition.name.endswith(":resourcetag/")


def _tag(condition: Condition) -> str:
    return condition.key.partition("/")[2].lower()


def _about_caller(condition: Condition) -> bool:
    return any(map(_OF_CALLER.search, condition.values))


def _filled(condition: Condition, carried: Carried) -> Condition:
    values: list[str] = []
    for value in condition.values:
        names = [name.strip().lower() for name in _OF_CALLER.findall(value)]
        known = {name: text for name in names if (text := carried.values.get(name))}
        if known.keys() >= set(names):
            values.append(_with(value, known))
        elif "," in value or not carried.complete or any(name in carried.values for name in names):
            values.append(value)
        # else the caller has no such tag: AWS leaves the variable as it stands, and no value is like that
    return replace(condition, values=tuple(values))


def _with(value: str, known: Mapping[str, str]) -> str:
    return _OF_CALLER.sub(lambda found: known[found[1].strip().lower()], value)


def _carried(item: Item, templates: Iterable[Item]) -> Carried:
    values: dict[str, str | None] = {}
    if item.blocks("launch_template") or item.blocks("mixed_instances_policy"):
        for template in templates:  # whichever it is: its tags are carried unless others stand in their place
            values.update(dict.fromkeys(_given_by(template)))
    if item.type == _FLEET:
        values.update(_handed_on(item))
        return Carried(values, complete=not item.has_unknown("tag"))
    for name in ("tags_all", "tags"):
        known, unknown = item.values.get(name), item.unknown.get(name)
        values.update(dict.fromkeys((str(key).lower() for key in unknown), None) if isinstance(unknown, dict) else {})
        if isinstance(known, dict):
            values.update({str(key).lower(): value for key, value in known.items() if isinstance(value, str)})
    return Carried(values, complete=not item.is_unknown("tags") and not _more_by_default(item))


def _more_by_default(item: Item) -> bool:
    """Whether the provider adds tags that the plan does not show."""
    if item.unknown.get("tags_all") is not True:
        return False
    provider = item.plan.providers.get(provider_of(item.plan, item.resource))
    expressions = provider.get("expressions") if isinstance(provider, Mapping) else None
    return not item.plan.configuration or (isinstance(expressions, Mapping) and "default_tags" in expressions)


def _given_by(template: Item) -> Iterator[str]:
    """The names of the tags that a launch template gives to instances."""
    for block in template.blocks("tag_specifications"):
        given = block.get("tags")
        if block.get("resource_type") in ("instance", None) and isinstance(given, dict):
            yield from (str(name).lower() for name in given)


def _handed_on(fleet: Item) -> Iterator[tuple[str, str | None]]:
    """The tags that an auto scaling group gives to its instances."""
    for block in fleet.blocks("tag"):
        value = block.get("value")
        if block.get("propagate_at_launch") is True and isinstance(block.get("key"), str):
            yield str(block["key"]).lower(), value if isinstance(value, str) else None
