"""What policies write into objects as these are stored, read as far as they write it out.

MutatingAdmissionPolicy: https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/. Kyverno:
https://kyverno.io/docs/policy-types/cluster-policy/mutate/. Gatekeeper:
https://open-policy-agent.github.io/gatekeeper/website/docs/mutation/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from gate.extract.kubernetes.documents.objects import group_of, source_of
from gate.extract.kubernetes.language.shapes import Place, listing, mapping
from gate.extract.kubernetes.rewriting.cel import read
from gate.extract.kubernetes.rewriting.trees import OPEN, Writing, at_path, joined
from gate.inputs.documents import Manifest
from gate.inputs.text.yaml.loading import load_documents
from gate.model.access import NotAnalysed

_OUT_OF_VIEW = "applies a policy that is not in this change"
_ADMISSION = "admissionregistration.k8s.io"
_KYVERNO = "kyverno.io"
_CEL = "policies.kyverno.io"
_GATEKEEPER = "mutations.gatekeeper.sh"
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\$\(.*?\)", re.DOTALL)
_ELEMENT = re.compile(r"\{\{\s*elementIndex\d*\s*\}\}")
_ANCHOR = re.compile(r"^(?:\(|[+=^<X]\()(?P<key>.*)\)$")
_STEP = re.compile(r"\[[^\]]*\]")


def writings(manifest: Manifest) -> list[Writing]:
    """What one policy writes. Raises ``WrongShape``."""
    reader = _READERS.get((group_of(manifest), manifest.kind))
    return list(reader(manifest)) if reader else []


def policy_out_of_view(manifest: Manifest, policies: Collection[str]) -> NotAnalysed | None:
    """A binding that puts a policy into force which is none of ``policies``."""
    spec = manifest.body.get("spec")
    if isinstance(spec, dict) and str(spec.get("policyName")) in policies:
        return None
    kind = f"{manifest.api_version} {manifest.kind}"
    return NotAnalysed(kind, "kubernetes", _OUT_OF_VIEW, source_of(manifest), "create")


def kyverno_rules(manifest: Manifest) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The rules of a policy of Kyverno with their places. Raises ``WrongShape``."""
    spec = mapping(manifest.body.get("spec"), ("spec",))
    for index, entry in enumerate(listing(spec.get("rules"), ("spec", "rules"))):
        yield ("spec", "rules", index), mapping(entry, ("spec", "rules", index))


def _admission_policy(manifest: Manifest) -> Iterator[Writing]:
    spec = mapping(manifest.body.get("spec"), ("spec",))
    both = [mapping(spec.get(key), ("spec", key)) for key in ("matchConstraints", "targetMatchConstraints")]
    kinds = tuple(
        f"{group}/{resource}" if group else str(resource)
        for constraints in both
        for rule in listing(constraints.get("resourceRules"), ("spec", "matchConstraints", "resourceRules"))
        for group in (_texts(rule, "apiGroups") or ("*",))
        for resource in (_texts(rule, "resources") or ("*",))
    )
    for index, entry in enumerate(listing(spec.get("mutations"), ("spec", "mutations"))):
        place: Place = ("spec", "mutations", index)
        mutation = mapping(entry, place)
        for key, tree_of in (("applyConfiguration", _applied), ("jsonPatch", _patched)):
            part = mapping(mutation.get(key), (*place, key))
            if part:
                yield Writing(manifest, (*place, key), kinds, tree_of(read(str(part.get("expression")))))


def _applied(value: Any) -> Any:  # noqa: ANN401
    return value if isinstance(value, dict) else OPEN


def _patched(value: Any) -> Any:  # noqa: ANN401
    """The tree that a list of JSON patches writes; what they take away or move is not known."""
    tree: Any = {}
    if not isinstance(value, list):
        return OPEN
    for entry in value:
        patch: dict[str, Any] = entry if isinstance(entry, dict) else {}
        path, operation = patch.get("path"), patch.get("op")
        if operation == "test":
            continue
        if not isinstance(path, str) or not path.startswith("/") or operation not in ("add", "replace", "remove"):
            return OPEN
        parts = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
        tree = joined(tree, at_path(parts, OPEN if operation == "remove" else patch.get("value", OPEN)))
    return tree


def _kyverno(manifest: Manifest) -> Iterator[Writing]:
    for place, rule in kyverno_rules(manifest):
        at: Place = (*place, "mutate")
        mutate = mapping(rule.get("mutate"), at)
        if not mutate:
            continue
        targets = listing(mutate.get("targets"), (*at, "targets"))
        kinds = tuple(_resource(t.get("kind")) for t in targets if isinstance(t, dict)) or _matched(rule)
        each = enumerate(listing(mutate.get("foreach"), (*at, "foreach")))
        parts = [(at, mutate), *(((*at, "foreach", n), mapping(entry, (*at, "foreach", n))) for n, entry in each)]
        trees = [(where, tree) for where, part in parts for tree in _kyverno_trees(part)]
        for where, tree in trees or [(at, OPEN)]:
            yield Writing(manifest, where, kinds, tree)


def _kyverno_trees(part: dict[str, Any]) -> Iterator[Any]:
    if "patchStrategicMerge" in part:
        yield _without_anchors(part["patchStrategicMerge"])
    if "patchesJson6902" in part:
        written = part["patchesJson6902"]
        documents = list(load_documents(written)) if isinstance(written, str) else []
        patches = documents[0].value if len(documents) == 1 else None
        tree = _patched([_numbered(patch) for patch in patches] if isinstance(patches, list) else patches)
        yield _without_anchors(tree)
    if "foreach" in part and "list" in part:  # one in another
        yield OPEN


def _numbered(patch: Any) -> Any:  # noqa: ANN401
    """A patch whose path holds no number of the element that is looked at; one that holds more is no patch."""
    path = _ELEMENT.sub("0", str(patch.get("path"))) if isinstance(patch, dict) else "{{}}"
    return {**patch, "path": path} if not _PLACEHOLDER.search(path) else None


def _without_anchors(value: Any) -> Any:  # noqa: ANN401
    """A patch as what it writes: ``(name)`` only asks, ``+(name)`` writes where nothing is."""
    if isinstance(value, dict):
        if any(_PLACEHOLDER.search(str(key)) for key in value):  # nobody knows what is written there
            return OPEN
        found = {}
        for key, item in value.items():
            anchor = _ANCHOR.match(str(key))
            if anchor is None or str(key).startswith("+"):
                found[anchor["key"] if anchor else str(key)] = _without_anchors(item)
        return found
    if isinstance(value, list):
        return [_without_anchors(item) for item in value]
    return OPEN if isinstance(value, str) and _PLACEHOLDER.search(value) else value


def _matched(rule: dict[str, Any]) -> tuple[str, ...]:
    """Kinds that a rule of Kyverno matches, whatever else it asks for."""
    match = mapping(rule.get("match"), ("match",))
    blocks = [match, *(b for key in ("any", "all") for b in listing(match.get(key), ("match", key)))]
    resources = [mapping(mapping(block, ("match",)).get("resources"), ("match", "resources")) for block in blocks]
    return tuple(_resource(kind) for found in resources for kind in listing(found.get("kinds"), ("match", "kinds")))


def _resource(kind: object) -> str:
    """``apps/v1/Deployment`` → ``deployments``; ``*`` for what is no kind."""
    name = next((part for part in str(kind).replace(".", "/").split("/") if part[:1].isupper()), "*").lower()
    if name == "*":
        return name
    plural = re.sub(r"(?<=[^aeiou])y$", "ie", name)
    return plural + ("es" if plural.endswith("s") else "s")


def _gatekeeper(manifest: Manifest) -> Iterator[Writing]:
    spec = mapping(manifest.body.get("spec"), ("spec",))
    location = str(spec.get("location"))
    applied = listing(spec.get("applyTo"), ("spec", "applyTo"))
    kinds = tuple(_resource(kind) for entry in applied if isinstance(entry, dict) for kind in _texts(entry, "kinds"))
    parameters = mapping(spec.get("parameters"), ("spec", "parameters"))
    assigned = mapping(parameters.get("assign"), ("spec", "parameters", "assign"))
    values = mapping(parameters.get("values"), ("spec", "parameters", "values"))
    value = values.get("fromList", OPEN) if manifest.kind == "ModifySet" else assigned.get("value", OPEN)
    tree = value
    for part in reversed([p.strip("'\"") for p in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\[]+(?:\[[^\]]*\])?", location)]):
        tree = {_STEP.sub("", part): [tree] if "[" in part else tree}
    yield Writing(manifest, ("spec", "location"), kinds or ("*",), tree)


def _texts(entry: Any, key: str) -> tuple[str, ...]:  # noqa: ANN401
    found = entry.get(key) if isinstance(entry, dict) else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


_READERS: dict[tuple[str, str], Callable[[Manifest], Iterator[Writing]]] = {
    (_ADMISSION, "MutatingAdmissionPolicy"): _admission_policy,
    (_CEL, "MutatingPolicy"): _admission_policy,
    (_CEL, "NamespacedMutatingPolicy"): _admission_policy,
    (_KYVERNO, "ClusterPolicy"): _kyverno,
    (_KYVERNO, "Policy"): _kyverno,
    **{(_GATEKEEPER, kind): _gatekeeper for kind in ("Assign", "AssignMetadata", "AssignImage", "ModifySet")},
}
REWRITING = tuple(_READERS)
"""Group and kind of policies that write into objects."""
POLICY, BINDING = (_ADMISSION, "MutatingAdmissionPolicy"), (_ADMISSION, "MutatingAdmissionPolicyBinding")
