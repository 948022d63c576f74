"""What every report of a difference says: its sentences, each a list of words and of names out of the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from gate.model.difference import Admission, Difference, IdentityDifference, Permission, Side
from gate.report.shared_sentences import counted

Sign = Literal["+", "-", "~"]

_ACTIONS_SHOWN = 8
_NAMES = {
    "admin": "administrator",
    "exposure": "exposed to the internet",
    "lifetime": "lifetime of its credentials",
    "sensitive_actions": "sensitive actions",
    "readable": "data stores it reads",
    "writable": "data stores it writes",
    "destructible": "data stores it can destroy",
    "secrets": "secrets it reads",
    "unlimited": "without limit",
    "identities": "identities it can become",
}
_OF_NO_ADMINISTRATOR = {"readable", "writable", "destructible", "secrets", "unlimited", "sensitive_actions"}
_ORDER = ("score", "admin", "identities", "secrets", "readable", "writable", "destructible", "unlimited", "services")


@dataclass(frozen=True, slots=True)
class Name:
    """A text that comes from the change: each report neutralises it in its own way."""

    text: str


Words = list["str | Name"]


def headline(difference: Difference) -> str:
    """``2 identities gain access, 1 loses some``: the whole change in one line."""
    gaining = sum(one.gained != Side() for one in difference.identities)
    losing = sum(one.lost != Side() for one in difference.identities)
    if not difference.identities:
        return "No identity gains or loses anything."
    if not gaining and not losing:
        many = counted(len(difference.identities), "identity")
        return f"{many} with a different reach, nothing gained or lost directly."
    parts = [
        f"{counted(n, 'identity')} {'loses' if n == 1 else 'lose'} some" if what == "lose" else _gain(n)
        for what, n in (("gain", gaining), ("lose", losing))
        if n
    ]
    return f"{', '.join(parts)}."


def _gain(n: int) -> str:
    return f"{counted(n, 'identity')} {'gains' if n == 1 else 'gain'} access or trust"


def notes(difference: Difference) -> list[Words]:
    """What a reader has to know before trusting the list: no before, and what nobody could read."""
    found: list[Words] = []
    if not difference.has_before:
        found.append(["The inputs do not show what was there before: everything counts as gained."])
    found += [["Not everything could be read: ", Name(reason)] for reason in difference.unknown]
    return found


def title(one: IdentityDifference) -> str:
    """What happens to the identity and to its score: ``created, score 29``, ``score 4 -> 100``."""
    score = one.reach.get("score")
    parts: list[str] = [] if one.change == "changed" else [one.change]
    if score is not None:
        sides = [side for side in (score["before"], score["after"]) if side is not None]
        parts.append(f"score {' -> '.join(map(str, sides))}")
    return ", ".join(parts) or "score unchanged"


def lines(one: IdentityDifference) -> Iterator[tuple[Sign, Words]]:
    """Gains, losses, then what differs in reach."""
    yield from _administrator(one)
    yield from _side("+", one.gained)
    yield from _side("-", one.lost)
    if one.change == "changed":
        # Beside an administrator, who has everything, such counts would only mislead.
        untold = {"score", "admin"} | (_OF_NO_ADMINISTRATOR if "admin" in one.reach else set())
        for name in sorted(one.reach, key=lambda n: (_ORDER.index(n) if n in _ORDER else len(_ORDER), n)):
            if name not in untold:
                before, after = one.reach[name]["before"], one.reach[name]["after"]
                yield "~", [f"{_NAMES.get(name, name)}: ", *_value(before), " -> ", *_value(after)]


def _administrator(one: IdentityDifference) -> Iterator[tuple[Sign, Words]]:
    admin = one.reach.get("admin", {"before": False, "after": False})
    if admin["before"] or admin["after"]:
        yield "+" if admin["after"] else "-", ["administrator, itself or through a chain"]


def _side(sign: Sign, side: Side) -> Iterator[tuple[Sign, Words]]:
    for right in side.access:
        yield sign, _permission(right)
    for admission in side.trust:
        yield sign, _admission(admission)
    for other in side.becomes:
        yield sign, ["reach: it can become ", Name(other)]


def _permission(right: Permission) -> Words:
    shown = ["every action"] if right.actions == ("*",) else list(right.actions[:_ACTIONS_SHOWN])
    more = f" and {len(right.actions) - _ACTIONS_SHOWN} more" if len(right.actions) > _ACTIONS_SHOWN else ""
    words: Words = [", ".join(shown) if shown == ["every action"] else Name(", ".join(shown)), f"{more} on "]
    words.append("everything" if right.resource == "*" else Name(right.resource))
    if right.except_:
        words += [" except ", Name(", ".join(right.except_))]
    return [*words, *_conditions(right.conditions), *_through(right.through)]


def _admission(one: Admission) -> Words:
    who: Words = [f"{one.kind} ", Name(one.principal)] if one.kind != "anyone" else ["anyone"]
    words: Words = [
        "trust: everyone except " if one.negated else "trust: ",
        *who,
        " by ",
        Name(", ".join(one.actions)),
    ]
    return [*words, *_conditions(one.conditions), *_through(one.through)]


def _conditions(conditions: tuple[str, ...]) -> Words:
    return [" when ", Name(" and ".join(conditions))] if conditions else []


def _through(addresses: tuple[str, ...]) -> Words:
    return [", through ", Name(", ".join(addresses))] if addresses else []


def _value(value: Any) -> Words:
    if isinstance(value, list):
        return [Name(", ".join(map(str, value)))] if value else ["none"]
    return [Name(value)] if isinstance(value, str) else [str(value)]
