"""From the openings of one side to the graph that the rules read."""

from __future__ import annotations

from collections.abc import Mapping

from gate.graph.chains import Chains
from gate.graph.contributions import Contributions
from gate.graph.gains import Gains
from gate.graph.holdings import Holdings
from gate.graph.radius import Radius
from gate.graph.world import World
from gate.model.access import AccessModel
from gate.model.graph import Chain, Gain, Graph


def add_graph(model: AccessModel, *, limits: bool = False) -> None:
    """Work out ``model.graph`` from ``model.openings``.

    ``limits``: whether limits of the blast radius are set, for which the rules ask what a number is made of.
    """
    if not model.identities:
        return
    world = World(model)
    world.build()
    holdings = Holdings(world)
    gains = Gains(world, holdings)
    keys = {name: found for name in [*model.identities, *world.states] if (found := gains.of(name))}
    own = {name: [gain for key in found for gain in gains.sets[key]] for name, found in keys.items()}
    chains = Chains(world, own)
    radius = Radius(world, holdings)
    radius.build()
    openings = model.openings
    judged = [id_ for id_, identity in model.identities.items() if not identity.external]
    goals = {edge.identity for edge in model.trust if edge.principal.kind == "service_account"}
    leads = {way.leads for ways in openings.ways.values() for way in ways if way.leads}
    found_chains = chains.of_gains()
    model.graph = Graph(
        administrators=tuple(id_ for id_ in model.identities if id_ in world.administrators),
        gains=keys,
        gain_sets=gains.sets,
        chains=found_chains,
        to_administrator=chains.to_administrator(goals),
        reach={id_: radius.of(id_) for id_ in judged},
        things=radius.things,
        ways=openings.ways,
        leads={key: tuple(sorted(openings.table[key].targets)) for key in leads},
        steps={id_: tuple(steps) for id_, steps in openings.steps.items() if steps},
        entries=_told_entries(model, own, found_chains),
        becomes={id_: found for id_ in openings.steps if (found := radius.administrators(id_))},
        closed=openings.closed(_used(own, found_chains)) if openings.closed else {},
        contributions=Contributions(world, holdings, chains).all(judged) if limits else {},
    )


def _told_entries(
    model: AccessModel, gains: Mapping[str, list[Gain]], chains: Mapping[str, Chain]
) -> dict[str, tuple[str, ...]]:
    """The entries that a rule may ask for: of those who gain by one, and of those whose next steps are told."""
    found: dict[str, tuple[str, ...]] = {}
    for id_, entries in model.openings.entries.items():
        asked = {gain.target for gain in gains.get(id_, ())}
        if id_ in chains:
            asked.add(chains[id_].steps[0].to)
        told = tuple(entries) if id_ in model.openings.steps else tuple(t for t in entries if t in asked)
        if told:
            found[id_] = told
    return found


def _used(gains: Mapping[str, list[Gain]], chains: Mapping[str, Chain]) -> set[str]:
    """The techniques that somebody gains by, or takes a step by."""
    used = {gain.technique for found in gains.values() for gain in found}
    return used | {step.technique for chain in chains.values() for step in chain.steps}
