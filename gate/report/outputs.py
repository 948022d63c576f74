"""Where reports go: ``--format`` values, the files behind them, the one place that writes.

A file is opened before the check: an unwritable place is told at once, and a report of an earlier run cannot be taken
for this one's when no decision comes out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gate.errors import EngineError, GateError, UsageError
from gate.model.decision import Decision

if TYPE_CHECKING:
    from gate.engine.catalog import Rule

FORMATS = ("text", "json", "sarif", "github", "markdown", "gitlab", "junit")
_LOG_FORMATS = {"text", "github"}  # two that may share standard output: a CI log


@dataclass(slots=True)
class Output:
    """One report: its format and the file it goes to (standard output when ``None``)."""

    format: str
    path: Path | None
    stream: TextIO | None = field(default=None)


def outputs(formats: Sequence[str], output: Path | None, inputs: Sequence[str]) -> list[Output]:
    """The reports asked for by ``--format FORMAT`` or ``FORMAT=FILE`` (repeatable) and ``--output FILE``, files opened.

    Raises ``UsageError`` for a combination that makes no sense, ``GateError`` for a file that cannot be written.
    """
    wanted = [_one(text) for text in formats or ("text",)]
    bare = [o for o in wanted if o.path is None]
    if output is not None:
        if len(bare) != 1:
            raise UsageError(
                f"--output {output}: needs exactly one --format without a file of its own, found {len(bare)}",
                hint="Write --format FORMAT=FILE for each report that goes to a file.",
            )
        bare[0].path = output
        bare = []
    if len(bare) > 1 and {o.format for o in bare} != _LOG_FORMATS or len(bare) > 2:
        raise UsageError(
            f"two reports on standard output: {', '.join(o.format for o in bare)}",
            hint="Give all but one a file: --format sarif=gate.sarif",
        )
    files = [o.path for o in wanted if o.path is not None]
    _refuse_overlap(files, inputs)
    for one in wanted:
        if one.path is not None:
            one.stream = _open(one.path)
    return wanted


def _one(text: str) -> Output:
    name, separator, file = text.partition("=")
    if name not in FORMATS:
        raise UsageError(f"--format {text}: no such format", hint=f"Formats: {', '.join(FORMATS)}.")
    if separator and not file:
        raise UsageError(f"--format {text}: a file name is expected after the =")
    return Output(name, Path(file) if file else None)


def _refuse_overlap(files: Sequence[Path], inputs: Sequence[str]) -> None:
    taken = {_real(Path(i)) for i in inputs if i != "-"}
    for file in files:
        place = _real(file)
        if place in taken:
            raise UsageError(f"{file}: a report would overwrite an input or another report", hint="Name another file.")
        if not place.is_char_device():  # /dev/null may be given twice
            taken.add(place)


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of symbolic links: whoever opens it says so
        return path.absolute()


def _open(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as e:
        raise GateError(f"{path}: the report cannot be written there: {e.strerror}") from e


def write(
    wanted: Sequence[Output],
    decision: Decision,
    policies: Sequence[Path] = (),
    *,
    colour: bool = False,
    width: int = 80,
    quiet: bool = False,
) -> None:
    """Render and write each report; the ``github`` format also appends its summary to ``$GITHUB_STEP_SUMMARY``.

    ``policies``: the organisation's Rego, for the rules' descriptions. Raises ``GateError`` for a file that
    cannot be written.
    """
    for one in wanted:
        if one.stream is None:
            print_out(_render(one.format, decision, policies, colour=colour, width=width, quiet=quiet))
        else:
            _finish(
                one.stream, _render(one.format, decision, policies, colour=False, width=width, quiet=False), one.path
            )
        if one.format == "github" and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
            _append_summary(Path(summary), decision)


def _render(name: str, decision: Decision, policies: Sequence[Path], *, colour: bool, width: int, quiet: bool) -> str:
    """The pure function behind a format, imported only when asked for."""
    if name == "text":
        from gate.report import text

        return text.render(decision, width=width, colour=colour, quiet=quiet)
    if name == "json":
        from gate.report import json

        return json.render(decision)
    if name == "sarif":
        from gate.report import sarif

        return sarif.render(decision, _catalogue(policies))
    if name == "junit":
        from gate.report import junit

        return junit.render(decision, _catalogue(policies))
    if name == "gitlab":
        from gate.report import gitlab

        return gitlab.render(decision)
    if name == "github":
        from gate.report import github

        return github.render(decision)
    from gate.report import markdown

    return markdown.render(decision)


def _catalogue(policies: Sequence[Path]) -> Sequence[Rule]:
    from gate.engine.catalog import rules

    try:
        return rules(policies)
    except EngineError:  # a remote OPA decided and none is here: the findings describe their own rules
        return ()


def print_out(text: str) -> None:
    """Write to standard output; a reader who closes it early (``head``, ``less``) is no error."""
    with suppress(AttributeError):
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper in a process
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit: that must find an open file.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _finish(stream: TextIO, text: str, path: Path | None) -> None:
    try:
        with stream:
            stream.write(text)
    except OSError as e:
        raise GateError(f"{path}: the report could not be written: {e.strerror}") from e


def _append_summary(path: Path, decision: Decision) -> None:
    from gate.report.github import step_summary

    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(step_summary(decision))
    except OSError as e:
        raise GateError(f"GITHUB_STEP_SUMMARY: the summary could not be written: {e.strerror}") from e
