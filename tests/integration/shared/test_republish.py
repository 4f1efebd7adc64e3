"""A log told to Kafka once more, on real servers: while the service runs, into a topic that was lost, twice at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient

from shared import clock, leases, relay
from shared.republish import Deposed, republish
from shared.settings import Settings
from shared.setup import create_topics
from shared.topics import DELIVERIES
from tests.integration.shared.relay_program import RENEW_S, TTL_S
from tests.integration.shared.test_relay import OUT, check, published, relaying
from tests.integration.shared.world import Kafka, ids, until
from tests.integration.shared.writer import SERVICE, Writer


@pytest.fixture(autouse=True)
def _quick_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "TTL", timedelta(seconds=TTL_S))
    monkeypatch.setattr(relay, "RENEW_S", RENEW_S)


@pytest_asyncio.fixture
async def writer(settings: Settings) -> AsyncIterator[Writer]:
    async with Writer(settings) as made:
        yield made


async def delete_topic(settings: Settings) -> None:
    """Kafka loses a topic's records; it is there again, empty."""
    name = f"{settings.prefix}{OUT}"
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    await admin.delete_topics([name])

    async def gone() -> bool:
        return name not in await admin.list_topics()

    await until(gone)
    await admin.close()
    await create_topics(settings)


def republished(records: list[Any]) -> list[str]:
    return ids([one for one in records if dict(one.headers).get("ce_republished") == b"true"])


async def test_a_lost_topic_is_whole_again_and_in_order(settings: Settings, kafka: Kafka, writer: Writer) -> None:
    async with relaying(settings):
        await writer.write(2500)
        await published(kafka, writer)
    await delete_topic(settings)
    assert await kafka.read(OUT) == []
    assert await republish(settings, SERVICE, topics=[DELIVERIES]) == {OUT: 2500}
    records = await kafka.read(OUT)
    check(records, writer, once=True)
    assert sorted(republished(records)) == sorted(writer.ids)


async def test_while_the_service_writes_nothing_is_lost_or_out_of_order(
    settings: Settings, kafka: Kafka, writer: Writer
) -> None:
    await writer.write(3000)
    async with relaying(settings):
        await published(kafka, writer)
        before = list(writer.ids)
        again = asyncio.create_task(republish(settings, SERVICE, topics=[DELIVERIES]))
        while not again.done():
            await writer.write(30)
        assert (await again)[OUT] >= len(before)
        await writer.write(30)  # the relay leads again
        records = await published(kafka, writer)
    check(records, writer, once=False)
    assert set(republished(records)) >= set(before)
    assert set(writer.ids[-30:]).isdisjoint(republished(records))


async def test_of_two_at_once_one_goes_through(settings: Settings, kafka: Kafka, writer: Writer) -> None:
    await writer.write(4000)
    runs = [asyncio.create_task(republish(settings, SERVICE, topics=[DELIVERIES])) for _ in range(2)]
    ends = await asyncio.gather(*runs, return_exceptions=True)
    through = [one for one in ends if not isinstance(one, BaseException)]
    assert through, ends
    assert all(isinstance(one, Deposed | relay.KafkaError) for one in ends if isinstance(one, BaseException)), ends
    check(await published(kafka, writer), writer, once=False)


async def test_what_its_readers_may_have_forgotten_is_not_told(
    settings: Settings, kafka: Kafka, writer: Writer
) -> None:
    writer.clock = lambda: clock.now() - timedelta(days=24)
    await writer.write(30)
    writer.clock = clock.now
    await writer.write(30)
    assert await republish(settings, SERVICE, topics=[DELIVERIES], dry_run=True) == {OUT: 30}
    restored_from = clock.now() - timedelta(days=20)
    assert await republish(settings, SERVICE, topics=[DELIVERIES], as_of=restored_from) == {OUT: 60}
    assert ids(await kafka.read(OUT)) != []


async def test_the_command_counts_refuses_and_publishes(settings: Settings, kafka: Kafka, writer: Writer) -> None:
    await writer.write(60)

    async def run(*arguments: str) -> tuple[int, str]:
        env = {
            "SWITCHBOARD_KAFKA": settings.kafka,
            "SWITCHBOARD_MONGO": settings.mongo.get_secret_value(),
            "SWITCHBOARD_REDIS": settings.redis.get_secret_value(),
            "SWITCHBOARD_SECRET": settings.secret.get_secret_value(),
            "SWITCHBOARD_PREFIX": settings.prefix,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shared.republish", *arguments),
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    assert (await run("--service", SERVICE, "--topic", "tickets.directory.v1"))[0] == 2
    code, said = await run("--service", SERVICE, "--topic", OUT, "--dry-run")
    assert (code, said) == (0, f"would be published: 60 of {OUT}\n")
    assert await kafka.read(OUT) == []
    code, said = await run("--service", SERVICE, "--topic", OUT)
    assert (code, said) == (0, f"{OUT}: 60 of 60\npublished: 60 of {OUT}\n")
    check(await kafka.read(OUT), writer, once=True)
