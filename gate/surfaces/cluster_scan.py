"""``gate scan cluster``: the judgement of a check, over what a running cluster holds."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path

from gate.engine.engine import Engine
from gate.extract.kubernetes.access.custom_resources import bears_identity
from gate.inputs.cluster.cluster_documents import read_cluster
from gate.inputs.cluster.connection import connect
from gate.inputs.cluster.kinds import scanned
from gate.inputs.config import load_config
from gate.inputs.documents import Documents
from gate.judgement import judge
from gate.model.decision import Decision


def scan(
    *,
    kubeconfig: Path | None = None,
    context: str | None = None,
    in_cluster: bool = False,
    namespace: str | None = None,
    extra: Collection[str] = (),
    config: Path | None = None,
    policies: Sequence[Path] = (),
    opa_url: str | None = None,
    timeout: float = 60.0,
) -> Decision:
    """Judge everything that stands in a cluster (of one ``namespace``, with what holds in the whole cluster).

    ``extra``: see ``read_cluster``. ``timeout``: seconds for the engine. There is no change: all that stands there is
    judged. Raises ``GateError`` when no decision could be made.
    """
    settings = load_config(config)
    with Engine([*settings.policies, *policies], settings.data, opa_url, timeout) as engine:
        documents = asyncio.run(_read(kubeconfig, context, in_cluster, namespace, extra))
        return judge(documents, settings, engine, scope="all")


async def _read(
    kubeconfig: Path | None, context: str | None, in_cluster: bool, namespace: str | None, extra: Collection[str]
) -> Documents:
    async with connect(kubeconfig=kubeconfig, context=context, in_cluster=in_cluster) as cluster:
        return await read_cluster(cluster, _wanted, namespace=namespace, extra=extra)


def _wanted(group: str, kind: str) -> bool:
    return scanned(group, kind) or bears_identity(group, kind)
