"""The policy document behind an attribute: written in the plan, rendered from a data source, or unknown."""

from __future__ import annotations

from dataclasses import dataclass, field

from gate.extract.aws.documents.policy_document_data_sources import Renderer
from gate.extract.aws.language.date_conditions import decided
from gate.extract.aws.language.statements import PolicyDocument, parse_document
from gate.extract.aws.plan.plan_index import Item, PlanIndex, Step
from gate.extract.aws.plan.resource_arns import ResourceArns, readable
from gate.extract.remedies import not_known
from gate.model.access import Source, Unknown, UnknownWhat

_JSON = {"json", "minified_json", ""}


@dataclass(slots=True)
class PolicySources:
    """Finds documents; each text is parsed once, each data source rendered once."""

    side: PlanIndex
    names: ResourceArns
    unknown: list[Unknown]
    """What could not be read is added here."""
    _parsed: dict[str, PolicyDocument] = field(default_factory=dict)
    _rendered: dict[str, PolicyDocument] = field(default_factory=dict)
    _renderer: Renderer | None = None

    def parse(self, item: Item, text: str) -> PolicyDocument:
        """The document in a text of ``item``, which may be anything: problems stand in the result."""
        text = readable(self.names, item, text)
        found = self._parsed.get(text)
        if found is None:
            found = self._parsed[text] = decided(parse_document(text), self.side.now)
        return found

    def document(self, item: Item, attribute: str, what: UnknownWhat, identity: str | None) -> PolicyDocument | None:
        """The document in an attribute of ``item``; ``None`` when there is none, or it is unknown and reported."""
        text = item.text(attribute)
        if text is not None:
            return self.checked(item, self.parse(item, text), what, identity)
        if not item.is_unknown(attribute):
            return None
        return self.referenced(item, (attribute,), what, identity)

    def checked(self, item: Item, document: PolicyDocument, what: UnknownWhat, identity: str | None) -> PolicyDocument:
        """Report what is wrong with a document's shape."""
        for problem in document.problems:
            self.unknown.append(
                Unknown(what, f"The {what} of {item.id} cannot be read: {problem}", item.source(), identity,
                        remedy="write a valid policy document", change=item.change)
            )  # fmt: skip
        return document

    def referenced(
        self, item: Item, path: tuple[Step, ...], what: UnknownWhat, identity: str | None, followed: int = 0
    ) -> PolicyDocument | None:
        """The document behind an expression that is not known before apply."""
        found: dict[str, PolicyDocument] = {}
        others = False
        for target, attribute in self.side.targets(item, *path):
            if target.type == "aws_iam_policy_document" and attribute in _JSON:
                found[target.id] = self._render(target)
            elif (known := target.text(attribute)) is not None and known.lstrip().startswith("{"):
                found[target.id] = self.parse(target, known)
            elif attribute and followed < 5 and attribute in ("policy", "policy_json") and target.is_unknown(attribute):
                document = self.referenced(target, (attribute,), what, identity, followed + 1)
                if document is None:
                    return None
                found[target.id] = document
            else:
                others = True
        if len(found) == 1 and not others:
            return self.checked(item, next(iter(found.values())), what, identity)
        self.report(item, path, what, identity)
        return None

    def report(self, item: Item, path: tuple[Step, ...], what: UnknownWhat, identity: str | None) -> None:
        """Say that the value at ``path`` is not known before apply, and because of which reference."""
        references = self.side.references(item, *path)
        texts = list(dict.fromkeys(f"{r.address}.{r.attribute}" if r.attribute else r.address for r in references))
        reference = ", ".join(texts) or None
        because = f" because it mentions {reference}" if reference else ""
        self.unknown.append(
            Unknown(what, f"The {what} of {item.id} is not known before apply{because}.", item.source(), identity,
                    reference=reference, remedy=not_known(item.plan), change=item.change)
        )  # fmt: skip

    def _render(self, data: Item) -> PolicyDocument:
        found = self._rendered.get(data.id)
        if found is None:
            if self._renderer is None:
                self._renderer = Renderer(self.side, self.names)
            found = self._rendered[data.id] = decided(parse_document(self._renderer.tree(data)), self.side.now)
        return found


def unknown_about(
    item: Item, what: UnknownWhat, reason: str, identity: str | None, reference: str | None = None
) -> Unknown:
    """An unknown for something outside of the plan."""
    source = Source(item.id, None, item.resource.location)
    return Unknown(what, reason, source, identity, reference=reference,
                   remedy="add it to the change, or look it up with a data source", change=item.change)  # fmt: skip
