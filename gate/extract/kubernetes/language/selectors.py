"""Label selectors (``matchLabels``, ``matchExpressions``), read once and asked often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gate.extract.kubernetes.language.shapes import listing, mapping, name, pairs, text, texts


@dataclass(frozen=True, slots=True)
class Expression:
    """``operator``: In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str | None
    values: tuple[str, ...]

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds of these labels."""
        if self.operator == "In":
            return labels.get(self.key) in self.values
        if self.operator == "NotIn":
            return labels.get(self.key) not in self.values
        return (self.key in labels) == (self.operator == "Exists")


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector; one that says nothing matches everything."""

    labels: frozenset[tuple[str, str]]
    expressions: tuple[Expression, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it matches an object with these labels."""
        return self.labels <= labels.items() and all(expression.holds(labels) for expression in self.expressions)


def read_selector(selector: Mapping[str, Any]) -> Selector:
    """A selector as written. Raises ``WrongShape``."""
    wanted = pairs(selector.get("matchLabels"), ("matchLabels",))
    written = listing(selector.get("matchExpressions"), ("matchExpressions",))
    expressions = (mapping(expression, ("matchExpressions", n)) for n, expression in enumerate(written))
    return Selector(frozenset(wanted.items()), tuple(_expression(expression) for expression in expressions))


def _expression(expression: Mapping[str, Any]) -> Expression:
    return Expression(
        name(expression.get("key"), ("matchExpressions", "key")),
        text(expression.get("operator"), ("matchExpressions", "operator")),
        texts(expression.get("values"), ("matchExpressions", "values")),
    )
