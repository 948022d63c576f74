"""The patterns of IAM policies: ``*`` is any run of characters (``:`` and ``/`` too), ``?`` is one character.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

Some parts of a pattern have a value nobody knows before a request or before apply; each is one *opaque* part:

- policy variables, ``${aws:username}`` (``${*}``, ``${?}`` and ``${$}`` are the characters themselves,
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html);
- segments of an ARN made up from a plan that are not known, ``{account?}`` or ``unknown``;
- symbols that stand for the whole ARN of a resource which does not exist yet, ``arn:aws:gate:::ref-7``.

They are read both ways, so that no question loses access that is possible: ``overlaps`` lets an opaque part be
anything, ``contains`` lets it be only itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

SYMBOL = "arn:aws:gate:::"
_TOKEN = re.compile(
    r"\$\{[*?$]\}|\$\{[^}]*\}"
    r"|\{[a-z]+\?\}|(?<=:)unknown(?=:)"
    r'|arn:aws:gate:::(?:\["(?:[^"\\]|\\.)*"\]|[^*?:/])+'
    r"|.",
    re.DOTALL,
)
_SEGMENT = re.compile(r"\{[a-z]+\?\}|unknown")
_WILD = re.compile(r"\*|\?(?!\})|\$\{|arn:aws:gate:::")
_OPAQUE = re.compile(r"\$\{|\{|:unknown:|arn:aws:gate:::")
_PLAIN_START = re.compile(r"[^*?${]*")
_LITERAL = {"${*}": "\\*", "${?}": "\\?", "${$}": "$"}
_EVERY_ARN = tuple(f"arn:{partition}:*:*:*:*" for partition in ("aws", "aws-cn", "aws-us-gov"))


@lru_cache(maxsize=65536)
def tokens(pattern: str) -> tuple[str, ...]:
    """The parts of a pattern: ``*``, ``?``, a character (an escaped one behind a backslash), or an opaque part."""
    found: list[str] = []
    for part in _TOKEN.findall(pattern):
        token = _LITERAL.get(part, part)
        if token == "*" and found and found[-1] == "*":
            continue
        if token == "?" and found and found[-1] == "*":
            found.insert(-1, token)  # one spelling for "at least one character"
            continue
        found.append(token)
    return tuple(found)


def opaque(token: str) -> bool:
    """Whether a token stands for a value that is not known."""
    return len(token) > 2


def is_symbol(pattern: str) -> bool:
    """Whether the pattern begins with the symbol of a resource that does not exist yet."""
    return pattern.startswith(SYMBOL)


@lru_cache(maxsize=16384)
def regex(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression, each opaque part as ``*``; it takes linear time on any pattern and text."""
    chunks = [""]
    for token in _open(pattern):
        if token == "*":
            chunks.append("")
        else:
            chunks[-1] += "." if token == "?" else re.escape(token[-1])
    if len(chunks) == 1:
        return re.compile(chunks[0], re.DOTALL)
    first, *middle, last = chunks
    # What stands between two stars is right where it is found first: without the atomic groups, time is exponential.
    return re.compile(first + "".join(f"(?>.*?{chunk})" for chunk in middle if chunk) + ".*" + last, re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` (an ARN, case-sensitive) can be one that the pattern covers."""
    return pattern == "*" or pattern == text or regex(pattern).fullmatch(text) is not None


def reaches(pattern: str, arn: str) -> bool:
    """``matches`` for an ARN that may have opaque parts: whether it can be one that the pattern covers."""
    if _WILD.search(pattern) is None and "?}" not in last_segment(arn):
        # Much the commonest case, two ARNs: segments side by side.
        here, there = pattern.split(":", 5), arn.split(":", 5)
        return len(here) == len(there) and all(
            x == y or _SEGMENT.fullmatch(x) or _SEGMENT.fullmatch(y) for x, y in zip(here, there, strict=True)
        )
    if not any(map(opaque, tokens(arn))):
        return matches(pattern, arn)
    if "?}" in last_segment(arn) and pattern.count(":") >= 5 and "${" not in pattern:
        # What AWS makes up is no further segment.
        return all(map(overlaps, pattern.split(":", 5), arn.split(":", 5)))
    return overlaps(pattern, arn)


@lru_cache(maxsize=65536)
def literal_prefix(pattern: str) -> str:
    """The characters every covered text begins with."""
    if _OPAQUE.search(pattern) is None:
        return pattern.partition("*")[0].partition("?")[0]
    found: list[str] = []
    for token in tokens(pattern):
        if len(token) != 1 or token in "*?":
            break
        found.append(token)
    return "".join(found)


def last_segment(arn: str) -> str:
    """What follows the fifth colon of an ARN pattern, not counting those of policy variables; else the whole text."""
    if "${" not in arn:
        return arn.split(":", 5)[-1] if arn.count(":") >= 5 else arn
    colons = (part.end() for part in _TOKEN.finditer(arn) if part[0] == ":")
    fifth = next(islice(colons, 4, None), None)
    return arn if fifth is None else arn[fifth:]


def contains(outer: str, inner: str) -> bool:
    """Whether everything that ``inner`` covers is covered by ``outer``, for certain."""
    if outer in ("*", inner):
        return True
    if "${" not in outer and "${" not in inner and not inner.startswith(_head(outer)):
        return False  # most of what is asked ends here
    return _contains(outer, inner)


@lru_cache(maxsize=65536)
def _head(pattern: str) -> str:
    return _WILD.split(pattern, maxsplit=1)[0]


@lru_cache(maxsize=65536)
def _contains(outer: str, inner: str) -> bool:
    wide, narrow = tokens(outer), tokens(inner)
    i = j = 0
    star, resume = -1, 0
    while j < len(narrow):
        if i < len(wide) and wide[i] == "*":
            star, resume = i, j
            i += 1
        elif i < len(wide) and (
            wide[i] == narrow[j] or (wide[i] == "?" and narrow[j] != "*" and not opaque(narrow[j]))
        ):
            i, j = i + 1, j + 1
        elif star >= 0:
            resume += 1
            i, j = star + 1, resume
        else:
            return False
    return all(token == "*" for token in wide[i:])


def _one_character(token: str) -> bool:
    return token != "*" and not opaque(token)


def overlaps(one: str, other: str) -> bool:
    """Whether some text can be covered by both."""
    if one == "*" or other == "*" or one == other:
        return True
    here, there = literal_prefix(one), literal_prefix(other)
    if not (here.startswith(there) or there.startswith(here)):
        return False  # most of what is asked ends here
    return _overlaps(one, other)


@lru_cache(maxsize=65536)
def _overlaps(one: str, other: str) -> bool:
    a, b = _open(one), _open(other)
    for x, y in zip(a, b, strict=False):
        if x == "*" or y == "*":
            break
        if x != y and "?" not in (x, y):
            return False
    # Which positions of b can be reached when the tokens read so far of a are used up.
    reached = _closure({0}, b)
    for token in a:
        if token == "*":
            reached = set(range(min(reached), len(b) + 1)) if reached else reached
            continue
        following = set()
        for j in reached:
            if j < len(b) and b[j] == "*":
                following.add(j)
            elif j < len(b) and (b[j] == token or "?" in (token, b[j])):
                following.add(j + 1)
        reached = _closure(following, b)
        if not reached:
            return False
    return len(b) in reached


@lru_cache(maxsize=65536)
def _open(pattern: str) -> tuple[str, ...]:
    """The tokens with each opaque part as ``*``."""
    return tuple("*" if opaque(token) else token for token in tokens(pattern))


def _closure(positions: set[int], b: tuple[str, ...]) -> set[int]:
    closed = set(positions)
    for j in positions:
        while j < len(b) and b[j] == "*":
            j += 1
            closed.add(j)
    return closed


def is_everything(pattern: str) -> bool:
    """Whether the pattern covers every ARN of a partition: ``*``, ``arn:*``, ``arn:aws:*:*:*:*`` and so on."""
    if pattern == "*":
        return True
    start = _PLAIN_START.match(pattern)[0]  # type: ignore[index]  # it matches the empty text too
    return any(every.startswith(start) and contains(pattern, every) for every in _EVERY_ARN)
