"""Every guard of the change that is weak, or that goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from gate.extract.kubernetes.documents.objects import group_of, manifest_id, source_of
from gate.extract.kubernetes.documents.objects_by_kind import Objects
from gate.extract.kubernetes.guards import gate_workload, own, webhooks
from gate.extract.kubernetes.guards.webhooks import Flaw
from gate.extract.kubernetes.language.shapes import Place, WrongShape
from gate.inputs.documents import Manifest
from gate.model.access import Change, GuardFlaw, GuardKind, LooseGuard

ADMISSION = "admissionregistration.k8s.io"
_VALIDATING = (ADMISSION, "ValidatingWebhookConfiguration")
_POLICIES = tuple((ADMISSION, f"ValidatingAdmissionPolicy{part}") for part in ("", "Binding"))
_WORKLOADS = tuple(("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet"))
_NAMESPACE = ("", "Namespace")
_EXCEPTIONS = (("kyverno.io", "PolicyException"), ("policies.kyverno.io", "PolicyException"))
_LEVEL = "pod-security.kubernetes.io/enforce"
_LEVELS = ("privileged", "baseline", "restricted")
# Labels of a namespace that take it out of a policy engine's sight.
_IGNORING = ("admission.gatekeeper.sh/ignore",)
GUARDS = (_VALIDATING, *_POLICIES, *_EXCEPTIONS)
"""Kinds of objects that are guards, or exceptions from one."""

Found = tuple[GuardKind, GuardFlaw, str, Place]


def loose_guards(objects: Objects, earlier: Sequence[Manifest]) -> Iterator[LooseGuard]:
    """What is weak on this side. ``earlier``: the objects of the side before, where it is known; of the side before
    itself there are none.
    """
    readers: tuple[tuple[Callable[[Manifest], list[Found]], tuple[tuple[str, str], ...]], ...] = (
        (_webhooks(objects.manifests), (_VALIDATING,)),
        (_policies, _POLICIES),
        (_workload, _WORKLOADS),
        (_service, (("", "Service"),)),
        (_settings, (("", "ConfigMap"),)),
        (_namespace, (_NAMESPACE,)),
        (lambda _: [("policy engine", "exempts", "a PolicyException", ("spec",))], _EXCEPTIONS),
    )
    for reader, kinds in readers:
        for manifest, found in objects.each(reader, *kinds):
            for guard, flaw, what, place in found:
                yield LooseGuard(guard, flaw, what, source_of(manifest, place), "create")
    after = {manifest_id(manifest): manifest for manifest in objects.manifests}
    for manifest in earlier:
        try:
            yield from _gone(manifest, after)
        except WrongShape:  # of an object that goes, or that is said already
            continue


def _gone(manifest: Manifest, after: Mapping[str, Manifest]) -> Iterator[LooseGuard]:
    """What an object guarded, which is not there any more or says less."""
    now = after.get(manifest_id(manifest))
    guard = next(iter(_kinds_of_guard(manifest)), None)
    if now is None and guard is not None:
        yield _said(manifest, guard, "deleted", manifest.kind, "delete")
    elif now is not None and (group_of(manifest), manifest.kind) == _NAMESPACE:
        before, level = (_level(one) for one in (manifest, now))
        if level < before:
            text = f"Pod Security from {_LEVELS[before]} to {_LEVELS[level]}"
            yield _said(now, "pod security", "lowered", text, "update")


def _said(manifest: Manifest, guard: GuardKind, flaw: GuardFlaw, what: str, change: Change) -> LooseGuard:
    return LooseGuard(guard, flaw, what, source_of(manifest), change)


def _kinds_of_guard(manifest: Manifest) -> Iterator[GuardKind]:
    """Which guard goes with an object."""
    kind = (group_of(manifest), manifest.kind)
    tests: tuple[tuple[Callable[[Manifest], bool], Iterable[tuple[str, str]]], ...] = (
        (own.is_own_webhook, (_VALIDATING,)),
        (own.is_own_policy, _POLICIES),
        (own.is_own_workload, _WORKLOADS),
        (own.is_own_service, (("", "Service"),)),
        (lambda one: one.name == own.NAMESPACE, (_NAMESPACE,)),
    )
    if any(kind in kinds and test(manifest) for test, kinds in tests):
        yield "gate"
    elif kind == _VALIDATING:
        yield "webhook"
    elif kind in _POLICIES:
        yield "admission policy"


def _webhooks(manifests: Sequence[Manifest]) -> Callable[[Manifest], list[Found]]:
    def read(manifest: Manifest) -> list[Found]:
        if own.is_own_webhook(manifest):
            return _of("gate", webhooks.own_flaws(manifest, own.homes(manifests)))
        return _of("webhook", webhooks.other_flaws(manifest))

    return read


def _policies(manifest: Manifest) -> list[Found]:
    return _of("gate", gate_workload.policy_flaws(manifest)) if own.is_own_policy(manifest) else []


def _workload(manifest: Manifest) -> list[Found]:
    return _of("gate", gate_workload.workload_flaws(manifest)) if own.is_own_workload(manifest) else []


def _service(manifest: Manifest) -> list[Found]:
    return _of("gate", gate_workload.service_flaws(manifest)) if own.is_own_service(manifest) else []


def _settings(manifest: Manifest) -> list[Found]:
    return _of("gate", gate_workload.settings_flaws(manifest)) if own.is_own_settings(manifest) else []


def _namespace(manifest: Manifest) -> list[Found]:
    labels = own.labels(manifest)
    found: list[Found] = []
    if labels.get(own.EXEMPT) == "true":
        found.append(("gate", "exempts", manifest.name, ("metadata", "labels", own.EXEMPT)))
    for label in _IGNORING:
        if label in labels:
            found.append(("policy engine", "exempts", manifest.name, ("metadata", "labels", label)))
    return found


def _of(guard: GuardKind, flaws: Iterable[Flaw]) -> list[Found]:
    return [(guard, flaw, what, place) for flaw, what, place in dict.fromkeys(flaws)]


def _level(manifest: Manifest) -> int:
    level = own.labels(manifest).get(_LEVEL)
    return _LEVELS.index(level) if level in _LEVELS else 0
