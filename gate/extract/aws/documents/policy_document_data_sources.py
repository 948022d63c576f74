"""``aws_iam_policy_document`` data sources that Terraform reads only during apply, rendered from their statements.

Follows the provider's documentation of the data source: ``effect`` defaults to Allow; the statements of
``source_policy_documents`` come first, own statements replace those of the same sid, then
``override_policy_documents`` replace by sid again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gate.extract.aws.documents.statement_merging import loaded, merged, statements_of
from gate.extract.aws.language.permissions import NOT_KNOWN
from gate.extract.aws.plan.plan_index import Item, PlanIndex
from gate.extract.aws.plan.resource_arns import ResourceArns, is_self
from gate.inputs.documents import UNKNOWN, Reference

_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_REMOVING = {("resources", "Deny"), ("not_resources", "Allow")}
_DEEPEST = 20
_ANYTHING = {"Effect": "Allow", "Action": UNKNOWN, "Resource": UNKNOWN}
"""A statement of which nothing is known."""
_SOMETHING: dict[str, Any] = {"Statement": [_ANYTHING]}
# What stands below such a resource in policies: "${arn}/*", "${arn}:*".
BELOW = {
    "aws_s3_bucket": ("/*",),
    "aws_dynamodb_table": ("/*",),
    "aws_cloudwatch_log_group": (":*",),
    "aws_lambda_function": (":*",),
}


@dataclass(slots=True)
class Renderer:
    """Renders data sources to document trees; a leaf nobody knows is ``UNKNOWN``."""

    side: PlanIndex
    names: ResourceArns
    _trees: dict[str, dict[str, Any]] = field(default_factory=dict)

    def tree(self, data: Item, depth: int = 0) -> dict[str, Any]:
        """The document of a data source as a mapping, as ``parse_document`` takes it."""
        known = data.text("json") or data.text("minified_json")
        if known is not None:
            return loaded(known)
        found = self._trees.get(data.id)
        if found is None:
            found = self._trees[data.id] = self._build(data, depth)
        return found

    def _build(self, data: Item, depth: int) -> dict[str, Any]:
        statements: list[Any] = []
        for name in ("source_json", "source_policy_documents"):
            for document in self._documents(data, name, depth):
                statements.extend(statements_of(document))
        written = data.values.get("statement")
        own = [self._statement(data, i, s) for i, s in enumerate(written)] if isinstance(written, list) else []
        if data.unknown.get("statement") is True:
            own.append(_ANYTHING)
        statements = merged(statements, own)
        for name in ("override_policy_documents", "override_json"):
            for document in self._documents(data, name, depth):
                statements = merged(statements, statements_of(document))
        return {"Version": data.text("version") or "2012-10-17", "Statement": statements}

    def _documents(self, data: Item, name: str, depth: int) -> list[Any]:
        """The documents of a list (or of a single text), each a mapping, or ``UNKNOWN``."""
        value = data.values.get(name)
        entries = value if isinstance(value, list) else [value]
        if data.is_unknown(name):
            entries = [None]
        elif value is None:
            return []
        found = [loaded(entry) for entry in entries if isinstance(entry, str)]
        missing = sum(1 for entry in entries if entry is None)
        if not missing:
            return found
        targets = self.side.targets(data, name)
        documents = {t.id: t for t, _ in targets if t.type == "aws_iam_policy_document" and t.id != data.id}
        if depth > _DEEPEST or len(documents) != len({t.id for t, _ in targets}) or len(documents) < missing:
            return [*found, _SOMETHING]
        if data.is_unknown(name) or len(documents) == missing or not found:
            return [*found, *(self.tree(t, depth + 1) for t in documents.values())]
        # Some of the references are the entries that are known already.
        unread = [t for t in documents.values() if t.text("json") is None]
        return [*found, *(self.tree(t, depth + 1) for t in unread)] if len(unread) == missing else [*found, _SOMETHING]

    def _complete(self, data: Item, path: tuple[str | int, ...], missing: int) -> bool:
        """Whether the references account for every unknown leaf: locals, and inputs that lead nowhere, hide others."""
        node: Any = data.resource.expressions
        for step in path:
            if isinstance(node, list) and isinstance(step, int):
                node = node[step] if step < len(node) else None
            elif isinstance(node, dict):
                node = node.get(step)
        texts = node.get("references", []) if isinstance(node, dict) else []
        if any(text.startswith("local.") for text in texts):
            return False
        indirect = any(text.startswith(("var.", "module.", "each.value")) for text in texts)
        return not indirect or len(self.side.references(data, *path)) >= missing

    def _statement(self, data: Item, index: int, block: Any) -> Any:
        if not isinstance(block, dict):
            return _ANYTHING
        marks = data.unknown.get("statement")
        mark = marks[index] if isinstance(marks, list) and index < len(marks) else {}
        mark = mark if isinstance(mark, Mapping) else {}
        configured = data.resource.expressions.get("statement")
        # dynamic blocks do not stand in the configuration; then positions say nothing
        aligned = isinstance(configured, list) and len(configured) == len(data.values["statement"])
        rendered: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
        if mark.get("effect") is True or not isinstance(rendered["Effect"], str):
            return _ANYTHING
        if isinstance(block.get("sid"), str) and block["sid"]:
            rendered["Sid"] = block["sid"]
        for name, key in _LISTS.items():
            path = ("statement", index, name) if aligned else ()
            removing = (name, rendered["Effect"]) in _REMOVING
            values = self._list(data, path, block.get(name), mark.get(name), removing=removing)
            if values:
                rendered[key] = values
        for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            principals = self._principals(data, index if aligned else None, name, block, mark)
            if principals is not None:
                rendered[key] = principals
        conditions = self._conditions(data, index if aligned else None, block, mark)
        if conditions:
            rendered["Condition"] = conditions
        return rendered

    def _principals(
        self, data: Item, index: int | None, name: str, block: Mapping[str, Any], mark: Mapping[str, Any]
    ) -> Any:
        if mark.get(name) is True:
            return UNKNOWN
        entries = block.get(name)
        if not isinstance(entries, list) or not entries:
            return None
        marks = mark.get(name)
        configured = data.resource.expressions.get("statement")
        written = configured[index].get(name) if index is not None and isinstance(configured, list) else None
        aligned = isinstance(written, list) and len(written) == len(entries)
        merged: dict[str, list[Any]] = {}
        for i, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                return UNKNOWN
            own = marks[i] if isinstance(marks, list) and i < len(marks) and isinstance(marks[i], Mapping) else {}
            # Terraform sorts the set of principals: only a single block keeps its place
            position: tuple[str | int, ...] = ()
            if index is not None and aligned and len(entries) == 1:
                position = ("statement", index, name, i, "identifiers")
            values = self._list(data, position, entry.get("identifiers"), own.get("identifiers"), exact=True)
            kind = entry.get("type")
            if not isinstance(kind, str):
                return UNKNOWN
            if kind == "*" and values == ["*"] and len(entries) == 1:
                return "*"
            merged.setdefault("AWS" if kind == "*" else kind, []).extend(values)
        return merged

    def _conditions(
        self, data: Item, index: int | None, block: Mapping[str, Any], mark: Mapping[str, Any]
    ) -> dict[str, Any] | Any:
        if mark.get("condition") is True:
            return UNKNOWN
        entries = block.get("condition")
        marks = mark.get("condition")
        rendered: dict[str, Any] = {}
        for i, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, Mapping):
                return UNKNOWN
            own = marks[i] if isinstance(marks, list) and i < len(marks) and isinstance(marks[i], Mapping) else {}
            test, variable = entry.get("test"), entry.get("variable")
            if not isinstance(test, str) or not isinstance(variable, str):
                return UNKNOWN
            position = () if index is None else _written(data, index, len(entries or ()), test, variable)
            values = self._list(data, position, entry.get("values"), own.get("values"), exact=True)
            if test == "StringEquals" and position and any(value.startswith(UNKNOWN) for value in values):
                values = self._exactly(data, position, values)
            operator = rendered.setdefault(test, {})
            operator[variable] = [*operator.get(variable, []), *values]
        return rendered

    def _exactly(self, data: Item, path: tuple[str | int, ...], values: list[Any]) -> list[Any]:
        """``values``, the last not known: what one resource of this change will have is one value, no pattern."""
        found = self.side.targets(data, *path)
        if len(found) != 1 or found[0][0].resource.mode != "managed" or not self._complete(data, path, 1):
            return values
        target, attribute = found[0]
        return [*values[:-1], f"${{{target.id}.{attribute}}}"]

    def _list(
        self,
        data: Item,
        path: tuple[str | int, ...],
        values: Any,
        mark: Any,
        *,
        exact: bool = False,
        removing: bool = False,
    ) -> list[Any]:
        """Known texts, then what the others stand for: ARNs of the plan, else ``UNKNOWN``; surely if ``removing``."""
        entries = values if isinstance(values, list) else []
        known: list[Any] = [entry for entry in entries if isinstance(entry, str)]
        if mark is not True and len(known) == len(entries):
            return known
        targets = self.side.targets(data, *path) if path else []
        if not targets or not all(self.names.named(t) and is_self(t.type, a) for t, a in targets):
            return [*known, _marker(self.side.references(data, *path))]
        if not self._complete(data, path, len(entries) - len(known)):
            return [*known, _marker(self.side.references(data, *path))]
        distinct = dict.fromkeys(t for t, _ in targets)
        spellings = sum(1 + len(BELOW.get(target.type, ())) for target in distinct)
        if removing and spellings not in (len(distinct), len(entries) - len(known)):
            return [*known, NOT_KNOWN]
        for target in distinct:
            arn = self.names.arn(target)
            known.append(arn)
            # The configuration does not tell "${x.arn}/*" from x.arn: both are taken.
            if not exact:
                known.extend(arn + tail for tail in BELOW.get(target.type, ()))
        return known


def _written(data: Item, statement: int, count: int, test: str, variable: str) -> tuple[str | int, ...]:
    """Where the configuration has the values of a condition: Terraform sorts the set, so test and variable tell."""
    blocks = data.resource.expressions["statement"][statement].get("condition")
    if not isinstance(blocks, list) or len(blocks) != count:
        return ()
    said = [tuple(block.get(name, {}).get("constant_value") for name in ("test", "variable")) for block in blocks]
    if count == 1:
        found = 0
    elif said.count((test, variable)) == 1:
        found = said.index((test, variable))
    else:
        return ()
    return ("statement", statement, "condition", found, "values")


def _marker(references: Sequence[Reference]) -> str:
    """An unknown leaf with the reference it waits for."""
    texts = dict.fromkeys(f"{r.address}.{r.attribute}" if r.attribute else r.address for r in references)
    return UNKNOWN + ", ".join(texts)
