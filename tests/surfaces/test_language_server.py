"""``gate lsp`` as an editor starts it, asked by another implementation's client."""

import asyncio
import json
import os
import shutil
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from tests.report.report_samples import HOSTILE

ROOT = Path(__file__).parents[2]
DENIED = ROOT / "fixtures" / "demo" / "denied"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: a}
spec:
  containers:
    - {name: c, image: i, env: [{name: DB_PASSWORD, value: hunter2-Kq9x}]}
"""


class Editor:
    """What an editor shows: diagnostics by file, log messages."""

    def __init__(self, client):
        self.client = client
        self.shown: dict[str, list[lsp.Diagnostic]] = {}
        self.log: list[str] = []
        self.news = asyncio.Event()

    def open(self, path):
        item = lsp.TextDocumentItem(path.as_uri(), "text", 1, path.read_text())
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def save(self, path):
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(path.as_uri())))

    async def waits(self, until):
        async with asyncio.timeout(120):
            while not until():
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def editor():
    client = LanguageClient("editor", "1")
    seen = Editor(client)

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _(params):
        seen.shown[params.uri] = list(params.diagnostics)
        seen.news.set()

    @client.feature(lsp.WINDOW_LOG_MESSAGE)
    def _(params):
        seen.log.append(params.message)
        seen.news.set()

    await client.start_io(sys.executable, "-m", "gate", "lsp", env={**os.environ, "PYTHONPATH": str(ROOT)})
    await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities()))
    client.initialized(lsp.InitializedParams())
    yield seen
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()


def test_a_manifest_shows_its_findings_and_they_go_when_they_are_mended(tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(POD)

    async def edit():
        async with editor() as seen:
            seen.open(file)
            await seen.waits(lambda: seen.shown.get(file.as_uri()))
            before = seen.shown[file.as_uri()]
            line = before[0].range.start.line
            asked = lsp.HoverParams(lsp.TextDocumentIdentifier(file.as_uri()), lsp.Position(line, 3))
            hover = await seen.client.text_document_hover_async(asked)
            file.write_text(POD.replace(", env: [{name: DB_PASSWORD, value: hunter2-Kq9x}]", ""))
            seen.save(file)
            await seen.waits(lambda: "plaintext-secret" not in {d.code for d in seen.shown[file.as_uri()]})
            return before, hover

    before, hover = asyncio.run(edit())
    secret = next(d for d in before if d.code == "plaintext-secret")
    assert secret.severity == lsp.DiagnosticSeverity.Error
    assert (secret.source, "\nFix: " in secret.message) == ("gate", True)
    assert "**Fix:**" in hover.contents.value
    assert "hunter2" not in repr(before) + repr(hover)


def test_a_terraform_directory_shows_findings_in_the_file_that_holds_them(tmp_path):
    root = tmp_path / "infra"
    shutil.copytree(DENIED, root, ignore=shutil.ignore_patterns("plan.json", "k8s", "gate.yaml"))
    files = sorted(root.rglob("*"))

    async def edit():
        async with editor() as seen:
            seen.open(next(root.glob("*.tf")))
            await seen.waits(lambda: any(seen.shown.values()) or seen.log)
            return seen

    seen = asyncio.run(edit())
    assert seen.log == []
    shown = [(uri, d) for uri, found in seen.shown.items() for d in found]
    assert {uri for uri, _ in shown} <= {path.as_uri() for path in root.glob("*.tf")}
    assert {d.severity for _, d in shown} >= {lsp.DiagnosticSeverity.Error}
    for uri, diagnostic in shown:
        text = Path(uri.removeprefix("file://")).read_text().splitlines()
        assert text[diagnostic.range.start.line].strip()
    assert sorted(root.rglob("*")) == files, "nothing is written beside the source"


def test_a_file_in_the_middle_of_a_change_keeps_what_was_shown(tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(POD)

    async def edit():
        async with editor() as seen:
            seen.open(file)
            await seen.waits(lambda: seen.shown.get(file.as_uri()))
            before = seen.shown[file.as_uri()]
            file.write_text("a: [")
            seen.save(file)
            await seen.waits(lambda: seen.log)
            return before, seen

    before, seen = asyncio.run(edit())
    assert seen.shown[file.as_uri()] == before
    assert seen.log[0].startswith("gate: ")


def test_names_of_the_change_stay_text(tmp_path):
    file = tmp_path / "pod.yaml"
    name = HOSTILE.replace("\x00", "").replace("\ud800", "")
    file.write_text(POD.replace("name: p", f"name: {json.dumps(name)}"))

    async def edit():
        async with editor() as seen:
            seen.open(file)
            await seen.waits(lambda: seen.shown.get(file.as_uri()) or seen.log)
            return seen

    seen = asyncio.run(edit())
    for diagnostic in seen.shown.get(file.as_uri(), []):
        assert all(character.isprintable() or character == "\n" for character in diagnostic.message)


@pytest.mark.parametrize("name", ["notes.txt", "gate.yaml", "main.py"])
def test_what_the_gate_does_not_read_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("version: 1\n")
    (tmp_path / "pod.yaml").write_text(POD)

    async def edit():
        async with editor() as seen:
            seen.open(tmp_path / name)
            seen.open(tmp_path / "pod.yaml")
            await seen.waits(lambda: seen.shown)
            return seen

    seen = asyncio.run(edit())
    assert set(seen.shown) == {(tmp_path / "pod.yaml").as_uri()}
    assert seen.log == []
