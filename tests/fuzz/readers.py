"""What is fuzzed: each reader of the gate by itself, through the functions that the commands call, and what must hold.

A reader takes any bytes. It may raise a ``GateError`` with a message; anything else that is raised is a crash. What an
independent parser (the standard library's JSON, PyYAML) cannot read must be an error or an unknown.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from gate.engine.answer import check_envelope
from gate.errors import GateError
from gate.extract.aws.language.statements import parse_document
from gate.inputs.cluster.admission_review import read_review, read_uid
from gate.inputs.config import Config, load_config
from gate.inputs.documents import Documents
from gate.inputs.recognise import read_documents
from gate.inputs.text.hcl.blocks import expressions, top_level_blocks
from gate.judgement import envelope

Reader = Callable[[bytes], None]
_CONFIG = Path(tempfile.gettempdir()) / "gate-fuzz"


def plan(data: bytes) -> None:
    """A plan in JSON, to the model that the engine would be sent."""
    documents = _documents(data)
    if documents is None:
        return
    assert _is_json(data) or _is_yaml(data), "an unreadable input was read"
    facts = _judged(documents)
    held = [
        resource.after.get("policy")
        for one in documents.plans
        for resource in one.resources.values()
        if resource.type == "aws_iam_role_policy" and isinstance(resource.after, dict)
    ]
    unreadable = [text for text in held if isinstance(text, str) and not _is_json(text.encode("utf-8", "replace"))]
    assert not unreadable or facts["access"]["unknown"], "a policy that is no JSON is known"


def manifests(data: bytes) -> None:
    """Manifests in YAML, to the model that the engine would be sent."""
    documents = _documents(data)
    if documents is None:
        return
    facts = _judged(documents)
    if not _is_yaml(data):
        assert facts["access"]["unknown"] or documents.plans, "an unreadable input is known"


def policy(data: bytes) -> None:
    """A policy document: what is not of the grammar is said."""
    text = data.decode("utf-8", "replace")
    found = parse_document(text)
    unknown = [part for statement in found.statements for part in statement.unknown]
    if not _is_json(text.encode("utf-8", "replace")):
        assert found.problems, "a document that is no JSON has no problem"
        return
    said = json.loads(text)
    entries = said.get("Statement") if isinstance(said, dict) else None
    entries = entries if isinstance(entries, list) else [entries]
    silent = sum(isinstance(e, dict) and [] in (e.get("Action"), e.get("Resource")) for e in entries)
    assert len(found.statements) + len(found.problems) + silent >= len(entries) or found.problems, "a statement is lost"
    assert all(isinstance(part.where, str) for part in unknown)


def hcl(data: bytes) -> None:
    """Terraform's source: blocks lie where they say."""
    text = data.decode("utf-8", "replace")
    for block in top_level_blocks(text):
        assert 1 <= block.line <= block.end_line <= text.count("\n") + 1
        assert text[block.end - 1] == "}"
        expressions(text[block.body : block.end - 1])


def config(data: bytes) -> None:
    """gate.yaml: settings, or an error."""
    _CONFIG.mkdir(exist_ok=True)
    path = _CONFIG / "gate.yaml"
    path.write_bytes(data)
    try:
        settings = load_config(path)
    except GateError as error:
        assert error.message
        return
    assert _is_yaml(data), "an unreadable input is settings"
    settings.in_namespace("prod")
    settings.to_json()


def review(data: bytes) -> None:
    """An AdmissionReview, to the model that the engine would be sent."""
    read_uid(data)
    try:
        request = read_review(data)
    except GateError as error:
        assert error.message
        return
    assert _is_json(data), "an unreadable input was read"
    changed = [side for side in (request.after, request.before) if side is not None]
    _judged(
        Documents(
            files=[side.file for side in changed[:1]],
            manifests=[request.after] if request.after else [],
            replaced=[request.before] if request.before else [],
        )
    )


READERS: dict[str, Reader] = {one.__name__: one for one in (plan, manifests, hcl, policy, config, review)}
ROOT = Path(__file__).parents[2]
_LARGEST_SEED = 12_000


def seeds(reader: str) -> Iterator[bytes]:
    """What mutation begins with: the project's fixtures, and what it found before (``corpus/``)."""
    fixtures = ROOT / "fixtures"
    for path in sorted((Path(__file__).parent / "corpus" / reader).glob("*")):
        yield path.read_bytes()
    patterns = {"plan": "plan.json", "manifests": "*.yaml", "hcl": "*.tf", "config": "gate.yaml"}
    found = [p for p in sorted(fixtures.rglob(patterns.get(reader, "plan.json"))) if p.stat().st_size < _LARGEST_SEED]
    if reader in patterns:
        yield from (path.read_bytes() for path in found)
    elif reader == "policy":
        for path in found:
            yield from (text.encode() for text in _policies(json.loads(path.read_text())))
    else:
        for path in sorted(fixtures.rglob("*.yaml")):
            with contextlib.suppress(yaml.YAMLError):
                yield from (_reviewed(one) for one in yaml.safe_load_all(path.read_text()) if isinstance(one, dict))
    if reader == "config":
        yield (ROOT / "gate" / "inputs" / "schemas" / "gate.yaml").read_bytes()


def _documents(data: bytes) -> Documents | None:
    try:
        return read_documents(["-"], stdin=io.BytesIO(data))
    except GateError as error:
        assert error.message
        return None


def _judged(documents: Documents) -> dict[str, Any]:
    """The envelope, which has to have the shape that the engine asks for."""
    found = envelope(documents, Config(), None)
    check_envelope(found)
    return found


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return True


def _is_yaml(data: bytes) -> bool:
    try:
        list(yaml.compose_all(data.decode("utf-8-sig"), Loader=yaml.CSafeLoader))
    except (ValueError, yaml.YAMLError, RecursionError):
        return False
    return True


def _policies(value: Any) -> Iterator[str]:
    if isinstance(value, str) and '"Statement"' in value:
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _policies(inner)


def _reviewed(body: dict[str, Any]) -> bytes:
    group, _, version = str(body.get("apiVersion", "v1")).rpartition("/")
    request = {
        "uid": "u", "operation": "CREATE", "userInfo": {"username": "ada"}, "object": body,
        "kind": {"group": group, "version": version, "kind": str(body.get("kind", "Pod"))},
    }  # fmt: skip
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    return json.dumps(review, default=str).encode()
