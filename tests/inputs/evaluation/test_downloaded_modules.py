"""Modules that are not at hand: not analysed by name, or fetched when the user asks for it."""

from __future__ import annotations

import functools
import http.server
import io
import json
import shutil
import ssl
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gate.inputs.terraform.evaluation.module_registry import newest
from gate.inputs.terraform.evaluation.module_sources import ModuleSource, module_source
from gate.inputs.terraform.source_directory import TerraformInputs, evaluate
from tests.inputs.evaluation.roots import TAGS, TRUST, written

pytestmark = pytest.mark.usefixtures("terraform_offline")
NAME = 'variable "name" {\n  default = "app"\n}\n'
ROLE = f'{NAME}resource "aws_iam_role" "this" {{\n  name = var.name\n  {TAGS}\n  {TRUST}\n}}\n'


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def end_headers(self) -> None:
        if self.path.endswith("/download"):
            self.send_header("X-Terraform-Get", (Path(self.directory) / self.path[1:]).read_text())
        super().end_headers()


@dataclass(frozen=True)
class Site:
    """A web server over ``folder``."""

    folder: Path
    url: str

    def repository(self, name: str, commits: list[tuple[dict[str, str], str | None]]) -> str:
        """A git repository of these commits, each with its files and perhaps a tag; its URL."""
        work = self.folder / f"{name}.work"
        work.mkdir()
        settings = ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "init.defaultBranch=main"]

        def git(*arguments: str) -> str:
            done = subprocess.run(["git", *settings, *arguments], cwd=work, check=True, capture_output=True, text=True)
            return done.stdout.strip()

        git("init", "-q")
        for files, tag in commits:
            for path, text in files.items():
                (work / path).parent.mkdir(parents=True, exist_ok=True)
                (work / path).write_text(text)
            git("add", "-A")
            git("commit", "-q", "-m", "x")
            if tag:
                git("tag", tag)
        git("clone", "-q", "--bare", ".", str(self.folder / f"{name}.git"))
        subprocess.run(["git", "update-server-info"], cwd=self.folder / f"{name}.git", check=True)
        (self.folder / f"{name}.commit").write_text(git("rev-parse", "HEAD"))
        shutil.rmtree(work)
        return f"{self.url}/{name}.git"


def _serving(folder: Path, context: ssl.SSLContext | None = None) -> Iterator[Site]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(folder, f"{'https' if context else 'http'}://localhost:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    yield from _serving(folder)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server over TLS, whose certificate is trusted here."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl, for a certificate")
    folder = tmp_path / "registry"
    folder.mkdir()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    yield from _serving(folder, context)


def _evaluated(root: Path, *, download: bool = True) -> tuple[list[str], list[str]]:
    """Addresses of the managed resources, and what was not analysed."""
    plan = evaluate(root, inputs=TerraformInputs(download=download))
    addresses = sorted(r.address for r in plan.resources.values() if r.mode == "managed")
    return addresses, [one.reason for one in plan.not_analysed]


def _call(source: str, *more: str, name: str = "m") -> str:
    return "".join(f"{line}\n" for line in (f'module "{name}" {{', f'  source = "{source}"', *more, "}"))


def test_a_module_that_is_not_at_hand_is_not_analysed_by_name_and_nobody_is_called(tmp_path, site):
    url = site.repository("role", [({"main.tf": ROLE}, None)])
    root = written(tmp_path / "root", main=_call(f"git::{url}"))
    reason = f"module.m (git::{url}) is not available locally, so it was not analysed"
    assert _evaluated(root, download=False) == ([], [reason])


@pytest.mark.parametrize(
    ("ref", "name"),
    [("", "third"), ("?ref=v1", "first"), ("?ref=v2.0.0", "second"), ("?ref=main", "third"), ("?ref=COMMIT", "third")],
)
def test_the_ref_decides_what_is_fetched_from_git(tmp_path, site, ref, name):
    commits = [
        ({"main.tf": f'resource "aws_sqs_queue" "{one}" {{}}\n'}, tag)
        for one, tag in (("first", "v1"), ("second", "v2.0.0"), ("third", None))
    ]
    url = site.repository("queue", commits)
    commit = (site.folder / "queue.commit").read_text()
    root = written(tmp_path / "root", main=_call(f"git::{url}{ref.replace('COMMIT', commit)}"))
    assert _evaluated(root) == ([f"module.m.aws_sqs_queue.{name}"], [])


def test_a_folder_of_a_package_may_call_its_neighbour_and_a_further_package(tmp_path, site):
    inner = site.repository("inner", [({"deep/main.tf": ROLE}, None)])
    files = {
        "modules/app/main.tf": 'module "beside" {\n  source = "../beside"\n}\n'
        + _call(f"git::{inner}//deep", name="far"),
        "modules/beside/main.tf": 'resource "aws_sqs_queue" "q" {}\n',
    }
    root = written(tmp_path / "root", main=_call(f"git::{site.repository('outer', [(files, None)])}//modules/app"))
    assert _evaluated(root) == (["module.m.module.beside.aws_sqs_queue.q", "module.m.module.far.aws_iam_role.this"], [])


def test_what_a_fetched_module_makes_is_judged_with_the_callers_arguments(tmp_path, site):
    url = site.repository("role", [({"main.tf": ROLE + 'output "arn" {\n  value = aws_iam_role.this.arn\n}\n'}, None)])
    more = 'resource "aws_sns_topic" "t" {\n  name = module.m.arn\n}\n'
    plan = evaluate(
        written(tmp_path / "root", main=_call(f"git::{url}", '  name = "payments"') + more),
        inputs=TerraformInputs(download=True),
    )
    assert plan.resources["module.m.aws_iam_role.this"].after["name"] == "payments"
    assert [r.address for r in plan.symbols.values()] and "gateref" in plan.resources["aws_sns_topic.t"].after["name"]


def test_credentials_in_a_source_are_not_shown(tmp_path):
    root = written(tmp_path, main=_call("git::https://user:hunter2@localhost/x.git"))
    reason = "module.m (git::https://…@localhost/x.git) is not available locally, so it was not analysed"
    assert _evaluated(root, download=False) == ([], [reason])


def _tar(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("link.tf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return packed.getvalue()


def _zip(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


@pytest.mark.parametrize(("name", "pack"), [("m.zip", _zip), ("m.tar.gz", _tar)])
def test_an_archive_is_unpacked_and_nothing_of_it_lands_outside(tmp_path, site, name, pack):
    outside = tmp_path / "outside.tf"
    files = {"a/main.tf": ROLE, f"../../../../../../../..{outside}": "x", str(outside): "x"}
    (site.folder / name).write_bytes(pack(files))
    root = written(tmp_path / "root", main=_call(f"{site.url}/{name}//a"))
    assert _evaluated(root) == (["module.m.aws_iam_role.this"], [])
    assert not outside.exists()


def test_a_registry_says_which_version_fits_and_where_it_lies(tmp_path, registry):
    root = registry.folder
    (root / ".well-known").mkdir()
    (root / ".well-known" / "terraform.json").write_text('{"modules.v1": "/v1/modules/"}')
    module = root / "v1" / "modules" / "acme" / "role" / "aws"
    versions = ["1.0.0", "1.4.2", "1.10.0", "2.0.0", "1.11.0-beta1"]
    for version in versions:
        (module / version).mkdir(parents=True)
        (module / version / "download").write_text(f"../../../../../../{version}.tar.gz//*?archive=tar.gz")
        (root / f"{version}.tar.gz").write_bytes(
            _tar({f"role-{version}/main.tf": f'resource "aws_sqs_queue" "v{version[:4].replace(".", "_")}" {{}}\n'})
        )
    (module / "versions").write_text(json.dumps({"modules": [{"versions": [{"version": v} for v in versions]}]}))
    host = registry.url.removeprefix("https://")
    main = _call(f"{host}/acme/role/aws", '  version = "~> 1.3"')
    assert _evaluated(written(tmp_path / "root", main=main)) == (["module.m.aws_sqs_queue.v1_10"], [])
    why = "could not be fetched: no version of it matches ~> 3.0, so it was not analysed"
    reason = f"module.m ({host}/acme/role/aws) {why}"
    main = main.replace("~> 1.3", "~> 3.0")
    assert _evaluated(written(tmp_path / "other", main=main)) == ([], [reason])


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "git::ext::sh -c touch%20SIGN",
            "only modules from registries, and by HTTP from git and archives, are fetched",
        ),
        ("git::file:///SIGN", "only modules from registries, and by HTTP from git and archives, are fetched"),
        (
            "git::ssh://-oProxyCommand=touch%20SIGN/x",
            "only modules from registries, and by HTTP from git and archives, are fetched",
        ),
        ("git@localhost:x/y.git", "only modules from registries, and by HTTP from git and archives, are fetched"),
        ("/etc", "only modules from registries, and by HTTP from git and archives, are fetched"),
        ("git::SITE/x.git?ref=--upload-pack=touch%20SIGN", "its ref is not a valid git ref"),
        ("hg::SITE/x", "modules of hg are not fetched"),
        ("s3::SITE/x.zip", "modules of s3 are not fetched"),
        ("SITE/x.zip//../../..", "its folder is outside of the package"),
        ("SITE/x", "it is not an archive that Terraform can unpack"),
        ("SITE/none.zip", "the server answered HTTP 404"),
        ("SITE/broken.zip", "it is not an archive that can be unpacked"),
        ("git::SITE/none.git", "git could not fetch it, or it has no such ref"),
    ],
)
def test_other_sources_are_named_with_the_reason_and_nothing_is_executed(tmp_path, site, source, why):
    sign = tmp_path / "executed"
    (site.folder / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    text = source.replace("SIGN", str(sign)).replace("SITE", site.url)
    root = written(tmp_path / "root", main=_call(text))
    assert _evaluated(root) == ([], [f"module.m ({text}) could not be fetched: {why}, so it was not analysed"])
    assert not sign.exists()


def test_filters_hooks_and_settings_of_a_repository_are_not_run(tmp_path, site, monkeypatch):
    sign, home = tmp_path / "executed", tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[filter "evil"]\n\tsmudge = touch {sign}\n[core]\n\tfsmonitor = touch {sign}\n')
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {sign}")
    url = site.repository("role", [({"main.tf": ROLE, ".gitattributes": "*.tf filter=evil\n"}, None)])
    sign.unlink(missing_ok=True)  # the repository itself was made with these settings
    assert _evaluated(written(tmp_path / "root", main=_call(f"git::{url}"))) == (["module.m.aws_iam_role.this"], [])
    assert not sign.exists()


@pytest.mark.parametrize(
    ("constraint", "chosen"),
    [
        ("", "2.1.0"),
        ("~> 1.2", "1.9.1"),
        ("~> 1.2.0", "1.2.8"),
        ("~> 1", "2.1.0"),
        (">= 1.2, < 2", "1.9.1"),
        ("1.2.0", "1.2.0"),
        ("!= 2.1.0", "1.9.1"),
        ("= 7", None),
        ("latest", None),
    ],
)
def test_the_newest_version_that_a_constraint_admits(constraint, chosen):
    assert newest(["1.2.0", "1.9.1", "1.2.8", "2.1.0", "3.0.0-rc1"], constraint) == chosen


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("acme/iam/aws//modules/role", ModuleSource("registry", "registry.example/acme/iam/aws", "modules/role")),
        ("app.example.com/a/b/c", ModuleSource("registry", "app.example.com/a/b/c")),
        ("github.com/a/b//c/d?ref=v1.2", ModuleSource("git", "https://github.com/a/b.git", "c/d", "v1.2")),
        ("git::https://example.com/a.git//b?ref=x&depth=1", ModuleSource("git", "https://example.com/a.git", "b", "x")),
        ("https://example.com/a.tgz", ModuleSource("archive", "https://example.com/a.tgz")),
        ("https://example.com/a?archive=zip", ModuleSource("archive", "https://example.com/a")),
    ],
)
def test_addresses_are_read_as_terraform_reads_them(text, source):
    assert module_source(text, "registry.example") == source
