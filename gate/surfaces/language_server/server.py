"""Findings as diagnostics at their lines, and the reasons of a line on hover."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from gate import __version__
from gate.errors import GateError
from gate.model.decision import Decision, Finding
from gate.report.cause_blocks import by_cause
from gate.report.markdown import block_text
from gate.report.shared_sentences import active, evidence_line
from gate.report.untrusted import plain
from gate.surfaces.language_server.checking import Checks, target_of

_RELATED = 20


class Findings:
    """What the last check of each target found, by file."""

    def __init__(self) -> None:
        self._by_target: dict[Path, dict[str, list[Finding]]] = {}

    def replace(self, target: Path, decision: Decision) -> dict[str, list[Finding]]:
        """The findings of each file (URI) that has some now, or had some at the last check."""
        base = target if target.is_dir() else target.parent
        found: dict[str, list[Finding]] = {uri: [] for uri in self._by_target.get(target, {})}
        for finding in [*active(decision, "deny"), *active(decision, "warn")]:
            found.setdefault(_uri(finding.location, target, base), []).append(finding)
        self._by_target[target] = {uri: listed for uri, listed in found.items() if listed}
        return found

    def at(self, uri: str, line: int) -> list[Finding]:
        """Those whose place holds the line (from 0)."""
        everything = [f for found in self._by_target.values() for f in found.get(uri, ())]
        return [finding for finding in everything if line in _lines(finding)]


def server(seconds: float) -> LanguageServer:
    """A server that was not started; ``seconds``: the longest time for one check."""
    made = LanguageServer("nhi-gate", f"v{__version__}", text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
    checks, findings = Checks(seconds), Findings()

    async def look(uri: str) -> None:
        path = to_fs_path(uri)
        target = target_of(Path(path)) if path else None
        if target is None:
            return
        try:
            decision = await checks.check(target)
        except GateError as error:
            # What was shown stays: a file in the middle of a change is often not readable.
            said = lsp.LogMessageParams(lsp.MessageType.Warning, f"gate: {plain(error.message)}")
            made.window_log_message(said)
            return
        for file, found in findings.replace(target, decision).items() if decision else ():
            told = lsp.PublishDiagnosticsParams(uri=file, diagnostics=[_diagnostic(f, target) for f in found])
            made.text_document_publish_diagnostics(told)

    @made.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def _opened(params: lsp.DidOpenTextDocumentParams) -> None:
        await look(params.text_document.uri)

    @made.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def _saved(params: lsp.DidSaveTextDocumentParams) -> None:
        await look(params.text_document.uri)

    @made.feature(lsp.TEXT_DOCUMENT_HOVER)
    def _hover(params: lsp.HoverParams) -> lsp.Hover | None:
        here = findings.at(params.text_document.uri, params.position.line)
        text = "\n".join(block_text(block) for block in by_cause(here))
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if here else None

    @made.feature(lsp.SHUTDOWN)
    def _shutdown(_: Any = None) -> None:
        checks.close()

    return made


def _diagnostic(finding: Finding, target: Path) -> lsp.Diagnostic:
    base = target if target.is_dir() else target.parent
    related = [e for e in finding.evidence if e.get("location")][:_RELATED]
    return lsp.Diagnostic(
        range=_range(finding.location),
        severity=lsp.DiagnosticSeverity.Error if finding.effect == "deny" else lsp.DiagnosticSeverity.Warning,
        code=plain(finding.rule),
        source="gate",
        message=f"{plain(finding.message)}\nFix: {plain(finding.remediation)}",
        related_information=[
            lsp.DiagnosticRelatedInformation(
                lsp.Location(_uri(e["location"], target, base), _range(e["location"])), evidence_line(e) or "-"
            )
            for e in related
        ],
    )


def _range(location: dict[str, Any] | None) -> lsp.Range:
    """The first line of a place: a block underlined from end to end could not be read any more."""
    line = max(0, int(location["line"]) - 1) if location else 0
    return lsp.Range(lsp.Position(line, 0), lsp.Position(line, 10_000))


def _lines(finding: Finding) -> Iterable[int]:
    if finding.location is None:
        return range(1)
    return range(int(finding.location["line"]) - 1, int(finding.location["end_line"]))


def _uri(location: dict[str, Any] | None, target: Path, base: Path) -> str:
    """The file of a place; without one the manifest, or the first file of the directory."""
    if location is not None:
        return _of(base / str(location["file"]))
    if target.is_dir():
        return _of(next(iter(sorted(target.glob("*.tf"))), target))
    return _of(target)


def _of(path: Path) -> str:
    return str(from_fs_path(str(path)))
