"""Which ECS task definitions the plan runs without ECS Exec alone, so that nobody runs a command in their tasks.

Services switch it on, and so do schedules, rules, pipes and data sources that start tasks: whatever holds
``enable_execute_command``. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.extract.aws.language import patterns
from gate.extract.aws.plan.plan_index import Item, PlanIndex, Step
from gate.extract.aws.plan.referenced_resources import ReferencedResources

_DEFINITION = "aws_ecs_task_definition"
_SERVICES = ("aws_ecs_service", "awscc_ecs_service")
_SWITCH = "enableexecutecommand"
_Place = tuple[tuple[Step, ...], Any, bool]  # where, what is known, whether it is not


def without_commands(side: PlanIndex, links: ReferencedResources) -> frozenset[str]:
    """The task definitions that a service runs and that nothing of the plan runs with Exec on, or may run so."""
    definitions = list(side.of(_DEFINITION))
    if not definitions:
        return frozenset()
    running = {definition for found in run_by_services(side, links).values() for definition in found}
    commanded: set[str] = set()
    for items in side.by_type.values():
        for item in items:
            places = _places(item) if _holds([item.values, item.unknown], _SWITCH) else ()
            switches = [place for place in places if _word(place[0][-1]) == _SWITCH]
            if any(unknown or value not in (None, False, "false") for _, value, unknown in switches):
                commanded.update(_run_by(item, definitions, links))
    return frozenset(running - commanded)


def _holds(tree: Any, word: str) -> bool:
    """Whether a name of the tree is the word: a cheap question before dear ones, asked of every resource."""
    todo = [tree]
    while todo:
        part = todo.pop()
        if type(part) is dict:
            for name, inner in part.items():
                if len(name) >= len(word) and _word(name) == word:
                    return True
                if type(inner) is dict or type(inner) is list:
                    todo.append(inner)
        else:
            todo += [inner for inner in part if type(inner) is dict or type(inner) is list]
    return False


def run_by_services(side: PlanIndex, links: ReferencedResources) -> dict[str, frozenset[str]]:
    """Service → the task definitions of the plan that it runs."""
    return {
        service.id: frozenset(found.id for found in links.linked(service, ("task_definition",), _DEFINITION))
        for service in side.of(*_SERVICES)
    }


def _places(item: Item) -> Iterator[_Place]:
    for (*path, name), value, unknown in _walk(item.values, item.unknown, ()):
        # What nobody set is no unknown input.
        unset = not path and isinstance(name, str) and not item.is_unknown(name)
        yield (*path, name), value, unknown and not unset


def _walk(values: Any, unknown: Any, path: tuple[Step, ...]) -> Iterator[_Place]:
    keys: set[Step] = set()
    for tree in (values, unknown):
        keys.update(tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ())
    if not keys and path:
        yield path, values, unknown is True
    for key in sorted(keys, key=str):
        yield from _walk(_at(values, key), _at(unknown, key), (*path, key))


def _at(tree: Any, key: Step) -> Any:
    if isinstance(tree, dict):
        return tree.get(str(key))
    return tree[key] if isinstance(tree, list) and isinstance(key, int) and key < len(tree) else None


def _word(name: Step) -> str:
    return str(name).replace("_", "").lower()


def _run_by(item: Item, definitions: list[Item], links: ReferencedResources) -> set[str]:
    """The definitions that a resource runs: by reference, ARN or family; all where it does not tell."""
    told = False
    found: set[str] = set()
    for path, value, _ in _places(item):
        if _word(path[-1]) not in ("taskdefinition", "taskdefinitionarn"):
            continue
        linked = {definition.id for definition in links.linked(item, path, _DEFINITION)}
        readable = isinstance(value, str) and not patterns.is_symbol(value) and "${" not in value
        told = told or bool(linked) or readable
        found |= linked
        if readable and not linked:
            family = value.rpartition("/")[2].partition(":")[0]
            found |= {definition.id for definition in definitions if definition.text("family") in (None, family)}
    return found if told else {definition.id for definition in definitions}
