"""The wheel for this machine, installed where there is neither Go nor OPA nor a network."""

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from gate.engine.binary import PINNED, find_opa
from gate.inputs.terraform.evaluation.inert_program import find_program
from tools.wheels.build import TARGETS, pure_wheel, this_machine, wheel

ROOT = Path(__file__).parents[2]
_OF_THE_RUN = {"decision_id": ""}
DENIED = ROOT / "fixtures" / "demo" / "denied"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel, with the programs that the tests run with."""
    folder = tmp_path_factory.mktemp("programs")
    shutil.copy2(find_opa().path, folder / "opa")
    shutil.copy2(find_program(), folder / "gate-inert")
    return wheel(TARGETS[this_machine()], folder, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """``gate`` of an environment of its own; what the gate needs is borrowed from the one that the tests run in."""
    return _installed(built, tmp_path_factory.mktemp("environment"))


def _installed(built: Path, environment: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(built)], check=True, capture_output=True)
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    # A path in a .pth file is searched; .pth files found there, such as that of the checkout, are not read.
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment / "bin" / "gate"


@pytest.fixture
def bare(tmp_path):
    """The environment of a machine that has nothing but Terraform, and reaches nobody."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "terraform").symlink_to(Path(shutil.which("terraform")).resolve())
    nobody = "http://127.0.0.1:9"
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "HTTPS_PROXY": nobody, "HTTP_PROXY": nobody}


def _run(program: Path, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    folder = environment["HOME"]
    return subprocess.run(
        [program, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_plan_gets_its_verdict(installed, bare):
    asked = ("check", str(DENIED / "plan.json"), "--format", "json")
    there = _run(installed, *asked, environment=bare)
    same = {"HOME": bare["HOME"], "GATE_OPA": str(find_opa().path)}
    here = _run(Path(sys.executable), "-m", "gate", *asked, environment=os.environ | same)
    ours, theirs = ({**json.loads(done.stdout), **_OF_THE_RUN} for done in (here, there))

    assert there.returncode == 1
    assert theirs == ours


def test_a_folder_is_evaluated_with_the_programs_of_the_wheel(installed, bare):
    done = _run(installed, "check", str(ROOT / "fixtures/evaluate/01-inline-new-arn"), environment=bare)

    assert done.returncode in (0, 1), done.stderr
    assert "could not be evaluated" not in done.stdout


def test_the_pinned_engine_is_the_one_of_the_wheel(installed, bare):
    done = _run(installed, "--version", environment=bare | {"GATE_ENGINE": "pinned"})

    lines = done.stdout.splitlines()
    assert lines[2] == f"Open Policy Agent {PINNED} ({_packaged(installed) / 'opa'})"


def test_a_replaced_program_of_the_wheel_does_not_judge_where_the_engine_is_pinned(built, bare, tmp_path):
    program = _installed(built, tmp_path / "environment")
    (_packaged(program) / "opa").write_text("#!/bin/sh\necho 'Version: 1.22.2'\n", encoding="utf-8")
    done = _run(program, "check", str(DENIED / "plan.json"), environment=bare | {"GATE_ENGINE": "pinned"})

    assert done.returncode == 2
    assert "was installed" in done.stderr


def test_nothing_is_left_to_install(installed, bare):
    done = _run(installed, "engine", "install", environment=bare)

    assert (done.returncode, done.stdout.split()) == (
        0,
        [str(_packaged(installed) / name) for name in ("opa", "gate-inert")],
    )


def test_one_wheel_is_for_both_c_libraries_and_holds_the_bill_of_its_programs(built):
    with zipfile.ZipFile(built) as archive:
        names = archive.namelist()
        (bill,) = [json.loads(archive.read(name)) for name in names if name.endswith("/sboms/programs.cdx.json")]
        modes = {
            Path(name).name: archive.getinfo(name).external_attr >> 16 & 0o777 for name in names if "/bin/" in name
        }
    components = {component["name"]: component for component in bill["components"]}

    assert ("manylinux" in built.name, "musllinux" in built.name) == (True, True)
    assert (modes["opa"], modes["gate-inert"]) == (0o755, 0o755)
    assert (
        components["github.com/open-policy-agent/opa"]["purl"]
        == f"pkg:golang/github.com/open-policy-agent/opa@v{PINNED}"
    )
    assert {"stdlib", "github.com/zclconf/go-cty", "opa", "gate-inert"} <= set(components)
    assert not [name for name in names if name.endswith("_test.rego") or name.startswith(("tests/", "tools/"))]


def test_the_same_programs_make_the_same_wheel(built, tmp_path):
    folder = tmp_path / "programs"
    with zipfile.ZipFile(built) as archive:
        for name in ("opa", "gate-inert"):
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(archive.read(f"gate/bin/{name}"))
    again = wheel(TARGETS[this_machine()], folder, tmp_path)

    assert again.read_bytes() == built.read_bytes()


def test_the_pure_wheel_is_for_every_other_platform(tmp_path):
    made = pure_wheel(tmp_path)

    with zipfile.ZipFile(made) as archive:
        assert not [name for name in archive.namelist() if name.startswith("gate/bin/")]
    assert made.name.endswith("-py3-none-any.whl")


def test_every_platform_has_its_wheel():
    assert set(TARGETS) == {"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64", "windows-amd64"}
    assert this_machine() in TARGETS, platform.machine()


def _packaged(program: Path) -> Path:
    (folder,) = program.parents[1].glob("lib/python*/site-packages/gate/bin")
    return folder
