"""A Terraform directory, evaluated: documents that are "known after apply" in a plan are known here.

``evaluate`` lets Terraform plan a private copy with the gate's own inert provider: nothing of the change executes, no
network, no credentials, nothing is written into the directory. See ``docs/evaluation.md``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gate.errors import EvaluationError, EvaluationTimeout, UsageError
from gate.inputs.documents import SourceFile, TerraformPlan, TerraformResource
from gate.inputs.manifests.folder import has_terraform
from gate.inputs.terraform.evaluation.comparing import compared
from gate.inputs.terraform.evaluation.filling import attributed, filled, without_own_symbols
from gate.inputs.terraform.evaluation.known import answers, state
from gate.inputs.terraform.evaluation.not_evaluated import missing_modules, uncertain
from gate.inputs.terraform.evaluation.planning import Planned, missing_confinement, planned
from gate.inputs.terraform.evaluation.symbols import OWN_ACCOUNT, Symbols
from gate.inputs.terraform.evaluation.terraform import Terraform, find_terraform
from gate.inputs.terraform.evaluation.variables import as_environment, assumed, invented
from gate.inputs.terraform.evaluation.workspace import Copy, Workspace, digest, equip, made, prepare, two_places
from gate.inputs.terraform.evaluation.written import written_in_place
from gate.inputs.terraform.plan_json import parse_plan
from gate.inputs.terraform.source_locations import locate

KIND = "terraform-source"


@dataclass(frozen=True, slots=True)
class TerraformInputs:
    """What the user gives an evaluation.

    ``variables``: values by name, perhaps secrets, before those of ``files`` (``.tfvars``); a plan brings its own.
    ``timeout``: seconds for each run of Terraform. ``download``: modules that are not at hand are fetched. ``say``:
    takes what is being done now, for a person who waits.
    """

    variables: dict[str, Any] = field(default_factory=dict, repr=False)
    files: tuple[Path, ...] = ()
    timeout: float = 300.0
    download: bool = False
    say: Callable[[str], None] = lambda text: None

    @classmethod
    def given(
        cls,
        variables: Sequence[str],
        files: Sequence[Path],
        timeout: float,
        say: Callable[[str], None],
        download: bool = False,
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
                raise UsageError(f"--var-file {path} is not a file.", hint="Give a .tfvars file.")
        return cls(values, tuple(files), timeout, download, say)


def _literal(text: str) -> Any:
    if text[:1] in ("[", "{") or text in ("true", "false", "null"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def root_beside(plan: TerraformPlan) -> Path | None:
    """The folder of the configuration that ``plan`` was made from: where the plan lies, or the folder above.

    It is taken only when it has the block of each resource of the plan's root module.
    """
    written = [r for r in plan.resources.values() if r.mode == "managed" and r.expressions and not r.module]
    if plan.symbols or not written or plan.file.kind == KIND:
        return None
    here = Path(plan.file.path).parent
    for folder in (here, here.parent):
        if has_terraform(folder):
            copy = replace(plan, resources={r.address: replace(r) for r in written})
            locate(copy, folder)
            return folder if all(r.location for r in copy.resources.values()) else None
    return None


def completed(plan: TerraformPlan, directory: Path, inputs: TerraformInputs, *, unasked: bool = False) -> TerraformPlan:
    """``plan`` evaluated with its source, when it leaves something open that the configuration sets.

    Where Terraform cannot do it, the plan with documents that the source writes in place, and the reason in
    ``not_evaluated``: what stays unknown is denied for its own sake. A time-out is passed on. ``unasked``: nobody gave
    the directory; the plan's file notes that it was taken.
    """
    if not leaves_open(plan):
        return plan
    try:
        found = evaluate(directory, plan=plan, inputs=inputs)
        note = (f"What the plan leaves open was evaluated with the configuration in {directory.resolve().name}/",)
        return replace(found, file=replace(found.file, notes=note + found.file.notes)) if unasked else found
    except EvaluationTimeout:
        raise
    except EvaluationError as error:
        locate(plan, directory)
        return replace(written_in_place(plan), not_evaluated=error.message)


def leaves_open(plan: TerraformPlan) -> bool:
    """Whether something that the configuration sets is not known before apply."""
    return any(_leaves_open(resource) for resource in plan.resources.values())


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
            f"{directory}: Terraform ≥ 1.1 or OpenTofu is needed to evaluate a directory{_found(terraform)}",
            hint="Install one of them, or check a plan: gate check plan.json",
        )
    inputs = inputs or TerraformInputs()
    with two_places() as places:
        inputs.say(f"Terraform evaluates {directory}")
        workspace = prepare(
            directory, places, os.environ.get("TF_WORKSPACE"), terraform.product, download=inputs.download
        )
        if not workspace.survey["blocks"]:
            raise EvaluationError(f"{directory}: no Terraform configuration (.tf files) here")
        version = ".".join(map(str, terraform.version))
        types = {(address, kind) for address, use in workspace.survey["providers"].items() for kind in use["resources"]}
        equip(workspace, answers(plan) if plan else {}, state(plan, types, version) if plan else None)
        return _evaluated(terraform, workspace, directory, plan, inputs, places[0])


def _evaluated(
    terraform: Terraform,
    workspace: Workspace,
    directory: Path,
    plan: TerraformPlan | None,
    inputs: TerraformInputs,
    private: Path,
) -> TerraformPlan:
    given = (plan.variables if plan else {}) | inputs.variables
    made_up = invented(workspace.survey, given.keys())
    files = [path.resolve() for path in inputs.files]
    if given:
        own = private / "given.tfvars.json"
        own.touch(mode=0o600)
        own.write_text(json.dumps(given))
        files.append(own)

    def one(copy: Copy) -> Planned:
        return planned(terraform, copy, directory, as_environment(workspace.survey, made_up), files, inputs.timeout)

    with ThreadPoolExecutor(2) as both:
        first, second = both.map(one, workspace.copies)
    file = SourceFile(str(directory), KIND, digest(directory))
    evaluated, again = (_parsed(planned.document, file) for planned in (first, second))
    symbols = attributed(evaluated, made(workspace.copies[0]))
    result = compared(evaluated, again, symbols, workspace.copies)
    short = replace(
        result.plan,
        resources={a: _short(r, symbols) for a, r in result.plan.resources.items()},
        not_evaluated="; ".join(dict.fromkeys((*first.blanked, *result.differing))) or None,
    )
    notes = assumed(evaluated.variables, made_up)
    if missing_confinement():
        without = " and ".join(missing_confinement())
        notes += (f"This system does not confine Terraform by {without}: file() can read outside of the copy",)
    noted = replace(short, file=replace(file, notes=notes))
    if plan:
        return filled(plan, noted, symbols)
    return without_own_symbols(
        replace(
            noted, not_analysed=(*missing_modules(workspace.survey, directory), *uncertain(result.only, directory))
        ),
        symbols,
    )


def _parsed(document: dict[str, Any], file: SourceFile) -> TerraformPlan:
    """A plan of the copy without what only the copy has."""
    plan = parse_plan(document | {"configuration": _without_own(document.get("configuration") or {})}, file)[0]
    return replace(
        plan,
        resources={a: r for a, r in plan.resources.items() if not r.type.startswith("gateunknown_")},
        account_hints=tuple(account for account in plan.account_hints if account != OWN_ACCOUNT),
    )


def _without_own(tree: Any) -> Any:
    """A plan's configuration without references to what the gate put in place of an expression or a module."""
    if isinstance(tree, dict):
        return {name: _without_own(item) for name, item in tree.items()}
    if isinstance(tree, list):
        return [_without_own(item) for item in tree if not str(item).startswith("gateunknown_")]
    return tree


def _short(resource: TerraformResource, symbols: Symbols) -> TerraformResource:
    return replace(resource, after=symbols.short(resource.after)) if resource.after is not None else resource


def _found(terraform: Terraform | None) -> str:
    return f" (found {terraform.product} {'.'.join(map(str, terraform.version))})" if terraform else " (found none)"
