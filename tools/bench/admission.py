"""``make bench-admission``: the webhook under load, beside a bare OPA that answers the same input.

A real API server holds the context. Questions come at a fixed rate, whether or not the last one is answered, so that a
slow answer shows in the tail. The client runs on the same machine and takes its part of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import aiohttp
import requests

from gate.engine.binary import find_opa
from gate.engine.bundle import build_bundle
from gate.engine.client import QUERY
from gate.engine.doors import SocketDoor
from gate.engine.opa_server import PrivateOpa
from gate.extract.kubernetes.access.neighbourhood import Neighbourhood
from gate.inputs.cluster.admission_review import read_review
from gate.inputs.cluster.cluster_documents import manifest
from gate.inputs.config import Config
from gate.inputs.documents import Documents, SourceFile
from gate.judgement import envelope
from tests.cluster.api_server import ApiServer
from tests.cluster.webhook import Webhook
from tools.bench.cluster_objects import changes, objects, review
from tools.cluster.programs import build

ROOT = Path(__file__).parents[2]
RATES = (50, 200)
SECONDS = 15
WARM = 300
Ask = Callable[[bytes], Awaitable[Any]]


def load(cluster: ApiServer, bodies: list[dict[str, Any]]) -> None:
    """Create the objects, eight at a time."""
    kinds = {"Namespace": "namespaces", "ServiceAccount": "serviceaccounts", "Deployment": "deployments"}
    kinds |= {"Role": "roles", "RoleBinding": "rolebindings"}
    admin = cluster.kubeconfig.parent / "pki" / "admin"
    sessions = [requests.Session() for _ in range(8)]
    for session in sessions:
        session.trust_env = False  # REQUESTS_CA_BUNDLE would take the place of our own authority
        session.verify, session.cert = str(cluster.authority.certificate), (f"{admin}.crt", f"{admin}.key")

    def create(numbered: tuple[int, dict[str, Any]]) -> None:
        number, body = numbered
        root = f"/apis/{body['apiVersion']}" if "/" in body["apiVersion"] else f"/api/{body['apiVersion']}"
        namespace = body["metadata"].get("namespace")
        place = f"/namespaces/{namespace}" if namespace else ""
        answer = sessions[number % 8].post(f"{cluster.url}{root}{place}/{kinds[body['kind']]}", json=body, timeout=60)
        assert answer.status_code == 201, answer.text

    # All of one kind before the next: a namespace has to be there before what is in it.
    for kind in kinds:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(create, enumerate(body for body in bodies if body["kind"] == kind)))


async def at_rate(ask: Ask, bodies: list[bytes], rate: int) -> list[float]:
    """Milliseconds of each answer, counted from when its question was due."""
    loop = asyncio.get_running_loop()
    begin = loop.time() + 0.1
    taken: list[float] = []

    async def one(due: float, body: bytes) -> None:
        await asyncio.sleep(due - loop.time())
        await ask(body)
        taken.append((loop.time() - due) * 1000)

    await asyncio.gather(*(one(begin + n / rate, body) for n, body in enumerate(bodies)))
    return sorted(taken)


def row(name: str, rate: int, taken: list[float]) -> str:
    """One line of the table: percentiles of the times taken, in milliseconds."""
    at = [taken[min(int(len(taken) * part), len(taken) - 1)] for part in (0.5, 0.95, 0.99)]
    return f"| {name} | {rate} | {at[0]:.1f} | {at[1]:.1f} | {at[2]:.1f} | {taken[-1]:.1f} |"


async def attacked_rows(webhook: Webhook, authority: Path) -> list[str]:
    """The webhook's lines, one for each rate."""
    """The same beside 60 strangers (``tests/cluster/hostile.py``), and the most memory that the two processes took."""
    program = [sys.executable, str(ROOT / "tests" / "cluster" / "hostile.py"), str(webhook.port), str(authority)]
    url = f"https://localhost:{webhook.port}/validate?timeout=10s"
    trust = ssl.create_default_context(cafile=authority)
    failed: Counter[str] = Counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:

        async def ask(body: bytes) -> None:
            try:
                async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
                    failed[str(answer.status)] += answer.status != 200
            except aiohttp.ClientError as error:
                failed[type(error).__name__] += 1

        made = [json.dumps(review(b, n)).encode() for n, b in enumerate(islice(changes(7), 100 + RATES[-1] * SECONDS))]
        attack = await asyncio.create_subprocess_exec(*program, "60", "600", stdout=asyncio.subprocess.PIPE)
        await asyncio.sleep(2)
        assert webhook.process is not None
        before = _cpu(webhook.process.pid)
        await at_rate(ask, made[:100], 100)
        rows = [row("beside 60 hostile clients", RATES[-1], await at_rate(ask, made[100:], RATES[-1]))]
        spent = (_cpu(webhook.process.pid) - before) / 1000
        attack.kill()
        await attack.communicate()
    lines = [
        Path(f"/proc/{p}/status").read_text().partition("VmHWM:")[2] for p in (webhook.process.pid, webhook.engine())
    ]
    most = [int(line.split()[0]) // 1024 for line in lines]
    refused = webhook.metric("gate_admission_refused_total")
    note = f"Attacked: {most[0]} MiB for the gate and {most[1]} for its OPA at most; {refused:.0f} refused; "
    return [
        *rows,
        f"{note}honest failures: {dict(+failed) or 'none'}; CPU of the gate: {spent:.1f} s.",
    ]


async def webhook_rows(webhook: Webhook, authority: Path) -> list[str]:
    """The webhook's lines, one for each rate."""
    url = f"https://localhost:{webhook.port}/validate?timeout=10s"
    decided = {"allow": 0, "deny": 0}
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=authority))
    ) as s:

        async def ask(body: bytes) -> None:
            async with s.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
                response = json.loads(await answer.read())["response"]
                decided[response["auditAnnotations"]["verdict"]] += 1

        rows = []
        for seed, rate in enumerate(RATES):
            made = islice(changes(seed), WARM + rate * SECONDS)
            bodies = [json.dumps(review(body, n)).encode() for n, body in enumerate(made)]
            await at_rate(ask, bodies[:WARM], 100)
            assert webhook.process is not None
            processes = (webhook.process.pid, webhook.engine())
            before = [_cpu(process) for process in processes]
            rows.append(row("gate serve admission", rate, await at_rate(ask, bodies[WARM:], rate)))
            spent = [(_cpu(p) - b) / (rate * SECONDS) for p, b in zip(processes, before, strict=True)]
    last = f"Decided: {decided['allow']} allowed, {decided['deny']} refused."
    return [*rows, f"\n{last} CPU for a review: {spent[0]:.1f} ms of the gate, {spent[1]:.1f} ms of its OPA."]


def _cpu(process: int) -> float:
    """Milliseconds of processor time so far (``/proc/PID/stat``, ticks of 10 ms)."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _most(process: int) -> int:
    """MiB of memory that a process had at most."""
    return int(Path(f"/proc/{process}/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024


async def bare_rows(bodies: list[dict[str, Any]]) -> list[str]:
    """The same questions as the rules read them, put to an OPA that runs for nobody else."""
    context = Neighbourhood()
    for body in bodies:
        context.put(manifest(body, SourceFile(body["metadata"]["name"], "cluster", "")))
    opa = PrivateOpa(find_opa(), build_bundle().archive)
    opa.wait()
    assert isinstance(opa.door, SocketDoor)
    headers = {"Content-Type": "application/json"}
    try:
        connector = aiohttp.UnixConnector(str(opa.door.path), limit=0)
        async with aiohttp.ClientSession("http://localhost", headers=headers, connector=connector) as session:

            async def ask(body: bytes) -> None:
                async with session.post("/v1/data/gate/decision", data=body, params=QUERY) as answer:
                    assert "result" in json.loads(await answer.read())

            rows = []
            for seed, rate in enumerate(RATES):
                made = islice(changes(seed), WARM + rate * SECONDS)
                inputs = [_input(context, body, n) for n, body in enumerate(made)]
                await at_rate(ask, inputs[:WARM], 100)
                rows.append(row("bare OPA, same input", rate, await at_rate(ask, inputs[WARM:], rate)))
        return rows
    finally:
        opa.stop()


def _input(context: Neighbourhood, body: dict[str, Any], number: int) -> bytes:
    request = read_review(json.dumps(review(body, number)).encode())
    assert request.after is not None
    change = Documents(manifests=[request.after], context=context.around([request.after]))
    return json.dumps({"input": envelope(change, Config(), "changed")}).encode()


def main() -> None:
    """Fill the cluster, ask both, and print the tables."""
    os.environ.setdefault("GATE_KUBE_BIN", str(build()))
    bodies = list(objects())
    with tempfile.TemporaryDirectory() as folder:
        cluster = ApiServer(Path(os.environ["GATE_KUBE_BIN"]), Path(folder))
        cluster.start_etcd()
        cluster.start_api_server()
        try:
            cluster.wait_ready()
            began = time.perf_counter()
            load(cluster, bodies)
            print(f"{len(bodies)} objects in {time.perf_counter() - began:.0f} s", file=sys.stderr)
            webhook = Webhook(cluster, Path(folder) / "webhook")
            webhook.start()
            try:
                known = int(webhook.metric("gate_context_objects"))
                rows = asyncio.run(webhook_rows(webhook, cluster.authority.certificate))
                print("\n".join(rows), file=sys.stderr)
                attacked = asyncio.run(attacked_rows(webhook, cluster.authority.certificate))
                print("\n".join(attacked), file=sys.stderr)
            finally:
                webhook.end()
        finally:
            cluster.stop()
    bare = asyncio.run(bare_rows(bodies))
    print("| what | asked a second | p50 ms | p95 ms | p99 ms | longest ms |\n|---|---|---|---|---|---|")
    print("\n".join([*rows[:-1], attacked[0], *bare, rows[-1], attacked[1]]))
    where = f"{os.cpu_count()} cores, {platform.machine()}, the client on the same machine"
    print(f"{known} objects known; {SECONDS} s each; {where}.")


if __name__ == "__main__":
    main()
