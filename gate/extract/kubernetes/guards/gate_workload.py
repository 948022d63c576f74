"""What runs as this gate, and with which settings: its workload, its service, its ``gate.yaml``, and the policy that
guards exemptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.extract.kubernetes.guards.own import NAME, PROGRAM, as_shipped, containers_of, expressions, programs
from gate.extract.kubernetes.guards.webhooks import Flaw
from gate.extract.kubernetes.language.shapes import Place, listing, mapping, pairs, texts
from gate.inputs.documents import Manifest
from gate.inputs.text.yaml.loading import load_documents

_LESS = ("warn", "dry-run")
# Variables by which the gate finds its engine, and Python and the loader their code.
_CHOOSES_PROGRAMS = frozenset({"GATE_OPA", "PATH", "PYTHONPATH", "PYTHONHOME", "LD_PRELOAD", "LD_LIBRARY_PATH"})
_NAMESPACE_PARTS = frozenset({"namespaces", "namespaces/status", "namespaces/finalize"})


def workload_flaws(manifest: Manifest) -> Iterator[Flaw]:
    """Of the workload that answers. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    if spec.get("replicas") == 0 and not isinstance(spec.get("replicas"), bool):
        yield "stopped", "replicas: 0", ("spec", "replicas")
    found = list(programs(manifest))
    place: Place = ("spec", "template", "spec", "containers")
    answering = [program for program in found if program[:2] == PROGRAM]
    if not answering:
        yield "other program", "no container runs gate serve admission", place
    for at, container in containers_of(manifest):
        for index, entry in enumerate(listing(container.get("env"), (*at, "env"))):
            name = mapping(entry, (*at, "env", index)).get("name")
            if isinstance(name, str) and name in _CHOOSES_PROGRAMS:
                yield "other program", f"the variable {name}", (*at, "env", index)
    for program in answering:
        words = [*program, ""]
        for index, word in enumerate(words[:-1]):
            mode = words[index + 1] if word == "--mode" else word.removeprefix("--mode=")
            if mode in _LESS:
                yield "does not refuse", f"--mode {mode}", place
                break


def service_flaws(manifest: Manifest) -> Iterator[Flaw]:
    """Of the Service that leads to it. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    selector = pairs(spec.get("selector"), ("spec", "selector"))
    if spec.get("type") == "ExternalName":
        yield "asks another", "a name elsewhere", ("spec", "externalName")
    elif selector.get("app.kubernetes.io/name") != NAME:
        yield "asks another", "pods that are not the gate's", ("spec", "selector")


def settings_flaws(manifest: Manifest) -> Iterator[Flaw]:
    """Of the ConfigMap with its settings. One that is no ``gate.yaml`` keeps the gate from starting, and changes from
    being let in. Raises ``WrongShape``.
    """
    place: Place = ("data", "gate.yaml")
    written = mapping(manifest.body.get("data"), ("data",)).get("gate.yaml")
    documents = list(load_documents(written)) if isinstance(written, str) else []
    value = documents[0].value if len(documents) == 1 else None
    if not isinstance(value, dict):
        return
    admission = value.get("admission")
    said: dict[str, Any] = admission if isinstance(admission, dict) else {}
    if said.get("mode") in _LESS:
        yield "does not refuse", f"mode: {said['mode']}", place
    tiers = said.get("namespaces")
    for tier in tiers if isinstance(tiers, list) else ():
        if isinstance(tier, dict) and tier.get("mode") in _LESS:
            names = tier.get("names")
            listed = [str(name) for name in names] if isinstance(names, list) else []
            everywhere = any(not name.strip("*?") for name in listed)
            where = "every namespace" if everywhere else ", ".join(listed)
            yield ("does not refuse" if everywhere else "leaves out"), f"mode: {tier['mode']} in {where}", place
    if value.get("deny_from") == "critical":
        yield "leaves out", "deny_from: critical", place
    rules = value.get("rules")
    for rule, setting in rules.items() if isinstance(rules, dict) else ():
        off = isinstance(setting, dict) and (setting.get("enabled") is False or setting.get("effect") == "warn")
        if off:
            yield "leaves out", f"the rule {rule}", place


def policy_flaws(manifest: Manifest) -> Iterator[Flaw]:
    """Of the policy that guards exemptions, or of its binding. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    if manifest.kind == "ValidatingAdmissionPolicyBinding":
        if "Deny" not in texts(spec.get("validationActions"), ("spec", "validationActions")):
            yield "does not refuse", "validationActions without Deny", ("spec", "validationActions")
        if any(mapping(spec.get("matchResources"), ("spec", "matchResources")).values()):
            yield "asks less", "by matchResources of its binding", ("spec", "matchResources")
        return
    if spec.get("failurePolicy") == "Ignore":
        yield "ignores failures", "failurePolicy: Ignore", ("spec", "failurePolicy")
    if spec.get("matchConditions"):
        yield "asks less", "by matchConditions", ("spec", "matchConditions")
    shipped = as_shipped()
    for part in ("validations", "variables"):
        written = expressions(spec.get(part), ("spec", part))
        if not set(shipped[part]) <= set(written):
            yield "leaves out", f"{part} that are not the gate's", ("spec", part)
    constraints = mapping(spec.get("matchConstraints"), ("spec", "matchConstraints"))
    narrowing = [key for key in constraints if key not in ("resourceRules", "matchPolicy") and constraints[key]]
    if narrowing or not _asked(constraints) >= _NAMESPACE_PARTS:
        yield "asks less", "by matchConstraints", ("spec", "matchConstraints")


def _asked(constraints: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    rules = constraints.get("resourceRules")
    for index, entry in enumerate(rules if isinstance(rules, list) else ()):
        place: Place = ("spec", "matchConstraints", "resourceRules", index)
        rule = mapping(entry, place)
        operations = texts(rule.get("operations"), (*place, "operations"))
        if {"CREATE", "UPDATE"} <= set(operations) or "*" in operations:
            found.update(() if rule.get("resourceNames") else texts(rule.get("resources"), (*place, "resources")))
    return found
