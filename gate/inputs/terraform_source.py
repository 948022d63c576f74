"""A Terraform directory, evaluated: documents that are "known after apply" in a plan are known here.

``evaluate`` asks Terraform (≥ 1.11) itself, in its test command, without credentials, without the network and without
writing into the directory. See ``docs/evaluation.md`` for what is sent and why it is safe.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gate.errors import EvaluationError, EvaluationTimeout, UsageError
from gate.inputs.documents import SourceFile, TerraformPlan, TerraformResource
from gate.inputs.evaluation.filling import configured, filled, without_own_symbols
from gate.inputs.evaluation.overlay import TESTS, initialised, modules, read_at_plan_time, working_copy
from gate.inputs.evaluation.overrides import ComputedTypes, test_file
from gate.inputs.evaluation.providers import refuse_unknown
from gate.inputs.evaluation.schemas import computed_attributes
from gate.inputs.evaluation.symbols import Symbols
from gate.inputs.evaluation.terraform import Terraform, find_terraform, messages, run
from gate.inputs.evaluation.variables import missing_variables, set_elsewhere
from gate.inputs.evaluation.written import written_in_place
from gate.inputs.terraform_blocks import locate
from gate.inputs.terraform_configuration import without_keys
from gate.inputs.terraform_plan import parse_plan

KIND = "terraform-source"


@dataclass(frozen=True, slots=True)
class TerraformInputs:
    """What the user gives an evaluation.

    ``variables``: values by name, perhaps secrets, before those of ``files`` (``.tfvars``); a plan brings its own.
    ``providers``: trusted besides those the gate knows, ``namespace/name``.
    ``timeout``: seconds for each run of Terraform. ``say``: takes what is being done now, for a person who waits.
    """

    variables: dict[str, Any] = field(default_factory=dict, repr=False)
    files: tuple[Path, ...] = ()
    timeout: float = 300.0
    providers: tuple[str, ...] = ()
    say: Callable[[str], None] = lambda text: None

    @classmethod
    def given(
        cls, variables: Sequence[str], files: Sequence[Path], timeout: float, say: Callable[[str], None]
    ) -> TerraformInputs:
        """From ``NAME=VALUE`` texts: a value that is JSON counts as such, as with ``terraform -var``."""
        values: dict[str, Any] = {}
        for text in variables:
            name, equals, value = text.partition("=")
            if not equals or not name.isidentifier():
                raise UsageError("--var takes NAME=VALUE", hint="For example: --var environment=prod")
            values[name] = _literal(value)
        for path in files:
            if not path.is_file():
                raise UsageError(f"--var-file {path} is no file.", hint="Give a .tfvars file.")
        return cls(values, tuple(files), timeout, say=say)


def _literal(text: str) -> Any:
    if text[:1] in ("[", "{") or text in ("true", "false", "null"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def completed(plan: TerraformPlan, directory: Path, inputs: TerraformInputs) -> TerraformPlan:
    """``plan`` evaluated with its source, when it leaves something open that the configuration sets.

    Where Terraform cannot do it, the plan with documents that the source writes in place, and the reason in
    ``not_evaluated``: what stays unknown is denied for its own sake. A time-out is passed on.
    """
    if not any(_leaves_open(resource) for resource in plan.resources.values()):
        return plan
    try:
        return evaluate(directory, plan=plan, inputs=inputs)
    except EvaluationTimeout:
        raise
    except EvaluationError as error:
        locate(plan, directory)
        return replace(written_in_place(plan), not_evaluated=error.message)


def _leaves_open(resource: TerraformResource) -> bool:
    if not isinstance(resource.unknown, dict) or resource.after is None:
        return False
    return any(unknown and name in resource.expressions for name, unknown in resource.unknown.items())


def evaluate(
    directory: Path,
    *,
    plan: TerraformPlan | None = None,
    inputs: TerraformInputs | None = None,
) -> TerraformPlan:
    """``plan`` with all filled in that Terraform can tell from ``directory``; without it, one made from that alone.

    Raises EvaluationError with Terraform's own words when it cannot evaluate.
    """
    terraform = find_terraform()
    if terraform is None or not terraform.evaluates:
        raise EvaluationError(
            f"{directory}: Terraform ≥ 1.11 or OpenTofu ≥ 1.8 is needed to evaluate a directory{_found(terraform)}",
            hint="Install one of them, or check a plan: gate check plan.json",
        )
    inputs = inputs or TerraformInputs()
    given = (plan.variables if plan else {}) | inputs.variables
    with working_copy(directory) as place:
        here = _Run(terraform, place, directory, inputs)
        if not initialised(place):
            _initialise(here)
        refuse_unknown(place, inputs.providers)
        found = modules(place, directory)
        if not any(module.blocks for module in found):
            raise EvaluationError(f"{directory}: no Terraform configuration (.tf files) here")
        read_at_plan_time(found)
        given |= missing_variables(found[0], given.keys() | set_elsewhere(place, inputs.files))
        types = ComputedTypes(*computed_attributes(terraform, place, timeout=inputs.timeout))
        symbols = Symbols()
        evaluated = _planned(here, test_file(found, types, symbols, plan, given, terraform.product))
        if plan is None and _ambiguous(evaluated, symbols):
            if terraform.product != "terraform":
                raise EvaluationError(
                    f"{directory}: OpenTofu cannot tell the instances of a repeated resource apart without a plan",
                    hint="Make a plan (tofu plan -out p && tofu show -json p > plan.json) and check it with --source.",
                )
            instances, symbols = _instances_of(evaluated), Symbols()
            evaluated = _planned(here, test_file(found, types, symbols, instances, given, terraform.product))
    if plan:
        return filled(plan, evaluated, symbols)
    return without_own_symbols(configured(evaluated, found), symbols)


@dataclass(frozen=True, slots=True)
class _Run:
    """Terraform, the copy it works in, the user's directory, and what the user gave."""

    terraform: Terraform
    place: Path
    directory: Path
    inputs: TerraformInputs


def _found(terraform: Terraform | None) -> str:
    return f" (found {terraform.product} {'.'.join(map(str, terraform.version))})" if terraform else " (found none)"


def _initialise(here: _Run) -> None:
    here.inputs.say(f"terraform init in a copy of {here.directory}")
    status, output = run(
        here.terraform,
        ["init", "-backend=false", "-input=false", "-no-color"],
        here.place,
        timeout=here.inputs.timeout,
        offline=False,
        doing=f"{here.directory}: terraform init",
    )
    said = _said(output.read_text(errors="replace"))
    output.unlink()
    if status:
        raise EvaluationError(
            f"{here.directory}: terraform init failed: {said}", hint="Run terraform init there and try again."
        )


def _planned(here: _Run, tests: str) -> TerraformPlan:
    """One run of Terraform's test command."""
    here.inputs.say(f"Terraform evaluates {here.directory}")
    folder = here.place / TESTS
    folder.mkdir(exist_ok=True)
    file = folder / "gate.tftest.json"
    file.touch(mode=0o600)
    file.write_text(tests)
    only_ours = [f"-test-directory={TESTS}", f"-filter={TESTS}/{file.name}"]
    variables = [f"-var-file={path.resolve()}" for path in here.inputs.files]
    _, output = run(
        here.terraform,
        ["test", *only_ours, *variables, "-json", "-verbose", "-no-color"],
        here.place,
        timeout=here.inputs.timeout,
        offline=True,
        doing=f"{here.directory}: evaluating the configuration",
    )
    answer, errors = messages(output)
    output.unlink()
    if answer is None:
        raise EvaluationError(f"{here.directory}: Terraform cannot evaluate this configuration: {_diagnosed(errors)}")
    document = {"format_version": "1.2", "terraform_version": ".".join(map(str, here.terraform.version))} | {
        "resource_changes": answer.get("resource_changes") or []
    }
    return parse_plan(document, SourceFile(str(here.directory), KIND, _digest(here.directory)))[0]


_VALUES = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|`[^`]*`|(?<=got )[\s\S]*|(?<=got: )[\s\S]*')


def _ambiguous(evaluated: TerraformPlan, symbols: Symbols) -> bool:
    """Whether a symbol that stands for several instances was used: then each instance needs one of its own."""
    counted: dict[str, int] = {}
    for address in evaluated.resources:
        bare = without_keys(address)
        counted[bare] = counted.get(bare, 0) + 1
    return any(counted.get(reference.address, 0) > 1 for reference in symbols.references.values())


def _instances_of(evaluated: TerraformPlan) -> TerraformPlan:
    """Which instances there are, without the values of the first run: those are symbols."""
    return replace(evaluated, resources={a: replace(r, after=None) for a, r in evaluated.resources.items()})


def _diagnosed(errors: list[dict[str, Any]]) -> str:
    """The first error with its place. Only its summary is passed on, and nothing it quotes: it may be a value."""
    if not errors:
        return "no plan came back"
    place = errors[0].get("range") or {}
    where = f"{place['filename']}:{place['start']['line']}: " if place else ""
    return where + _VALUES.sub("…", str(errors[0].get("summary")))


def _said(text: str) -> str:
    lines = [line.strip(" │╷╵") for line in text.splitlines()]
    return next((line for line in lines if line.startswith("Error:")), "no reason given")


def _digest(directory: Path) -> str:
    """sha256 over the root module's .tf files: name and content."""
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.tf")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
