"""The life of a service as a process: it says what it waits for, and leaves in order when it is told to."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from httpx import AsyncClient, ConnectError, Response

from shared import clock, mongo
from shared.leases import Lease
from shared.settings import Settings
from tests.integration.shared.processes import Program, program
from tests.integration.shared.world import Kafka, ids, until
from tests.integration.shared.writer import SERVICE

OUT = "notifications.deliveries.v1"
IN = "ingest.messages.v1"
PROGRAM = "tests.integration.shared.service_program"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return settings.model_copy(update={"http_port": free.getsockname()[1]})


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(base_url=f"http://127.0.0.1:{settings.http_port}", timeout=10) as made:
        yield made


async def ready(http: AsyncClient) -> bool:
    try:
        return (await http.get("/health/ready")).status_code == 200
    except ConnectError:
        return False


async def leave(running: Program) -> float:
    """Tell it to stop; how long that took, in seconds."""
    started = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(running.process.wait(), 40) == 0, "".join(running.said)
    return time.monotonic() - started


async def test_told_to_stop_it_finishes_the_batch_and_the_request_in_hand(
    settings: Settings, kafka: Kafka, http: AsyncClient
) -> None:
    async with program(settings, PROGRAM, "slow") as running:
        await until(lambda: ready(http))
        sent = [await kafka.send(n) for n in range(20)]
        await running.says("batch in hand")
        asked = asyncio.create_task(http.get("/slow"))
        await running.says("request in hand")
        assert await leave(running) < 10, "three seconds of work, and no waiting for what will not come"
        assert (await asked).json() == "done"
    client = mongo.connect(settings)
    database = mongo.database(client, settings, SERVICE)
    rows = await database.get_collection("log").count_documents({})
    lease = Lease(database.get_collection("leases"), "relay", clock.now)
    free = await lease.acquire()
    await lease.release()
    await client.close()
    assert rows > 0
    assert rows == sum((await _committed(settings)).values()), "what was applied is acknowledged, and nothing else"
    assert free, "the lease was given back"
    assert await _members(settings) == [], "it has left its group: " + "".join(running.said)
    async with program(settings, PROGRAM, "plain"):
        records = await until(lambda: _all(kafka, 20))
    assert sorted(ids(records)) == sorted(sent)


async def test_a_batch_that_never_ends_does_not_keep_it(
    settings: Settings, kafka: Kafka, monkeypatch: pytest.MonkeyPatch, http: AsyncClient
) -> None:
    """Altogether it takes `drain_s` and the closing of HTTP; what was in hand is read again by the next one."""
    monkeypatch.setenv("DRAIN_S", "4")
    async with program(settings, PROGRAM, "stuck") as running:
        await until(lambda: ready(http))
        sent = await kafka.send(1)
        await running.says("batch in hand")
        assert await leave(running) < 4 + 3.5
    assert sum((await _committed(settings)).values()) == 0
    async with program(settings, PROGRAM, "plain"):
        assert ids(await until(lambda: _all(kafka, 1))) == [sent]


async def test_idle_it_stops_at_once(settings: Settings, http: AsyncClient) -> None:
    async with program(settings, PROGRAM, "plain") as running:
        await until(lambda: ready(http))
        assert await leave(running) < 5


async def test_while_its_servers_are_away_it_lives_and_says_what_it_waits_for(
    settings: Settings, http: AsyncClient
) -> None:
    nowhere = settings.model_copy(update={"kafka": "127.0.0.1:1"})
    async with program(nowhere, PROGRAM, "plain") as running:
        await until(lambda: _answers(http, "/health/live", 200))
        assert (await http.get("/health/ready")).status_code == 503
        await until(lambda: _answers(http, "/health/startup", 200))  # or an outage would restart it again and again
        not_ready = await http.get("/health/ready")
        assert not_ready.status_code == 503
        assert "tickets.conversations has not joined its group" in not_ready.json()["missing"]
        assert (await http.get("/health/live")).status_code == 200
        assert await leave(running) < 10


async def test_ready_it_says_so_everywhere_and_draining_it_does_not(settings: Settings, http: AsyncClient) -> None:
    async with program(settings, PROGRAM, "slow") as running:
        await until(lambda: ready(http))
        for path in ("/health/startup", "/health/live", "/api/test/health/ready"):
            assert (await http.get(path)).json() == {"status": "pass", "missing": []}
        asked = asyncio.create_task(http.get("/slow"))
        await running.says("request in hand")
        running.process.send_signal(signal.SIGTERM)
        await running.says("draining")
        with_reason = await _drained(http)
        assert with_reason is None or with_reason.json()["missing"] == ["shutting down"]
        assert (await asked).json() == "done"
        assert await asyncio.wait_for(running.process.wait(), 20) == 0


async def test_a_taken_port_ends_it_with_a_reason(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.http_port))
        taken.listen()
        async with program(settings, PROGRAM, "plain") as running:
            assert await asyncio.wait_for(running.process.wait(), 20) != 0
            await running.says("address already in use")


async def _drained(http: AsyncClient) -> Response | None:
    """The readiness that a draining service answers; None when it closed first."""
    try:
        return await http.get("/health/ready")
    except ConnectError:
        return None


async def _answers(http: AsyncClient, path: str, status: int) -> bool:
    try:
        return (await http.get(path)).status_code == status
    except ConnectError:
        return False


async def _all(kafka: Kafka, wanted: int) -> list[Any] | None:
    found = await kafka.read(OUT)
    return found if len(set(ids(found))) >= wanted else None


async def _committed(settings: Settings) -> dict[int, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(f"{settings.prefix}tickets.conversations")
    finally:
        await admin.close()
    return {one.partition: max(at.offset, 0) for one, at in found.items() if one.topic.endswith(IN)}


async def _members(settings: Settings) -> list[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        answer = await admin.describe_consumer_groups([f"{settings.prefix}tickets.conversations"])
    finally:
        await admin.close()
    return [member for one in answer for group in one.groups for member in group[5]]
