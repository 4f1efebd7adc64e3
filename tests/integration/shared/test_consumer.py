"""Consuming on real Kafka and MongoDB when something is wrong: members join, servers go, records are strange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo.uri_parser import parse_uri

from shared.consume import Consumer
from shared.contracts.ingest import MessageReceived
from shared.settings import Settings
from tests.integration.shared.pattern_service import Pattern
from tests.integration.shared.proxy import proxy
from tests.integration.shared.test_pattern import in_order
from tests.integration.shared.world import Kafka, headers, ids, message, until

OUT = "notifications.deliveries.v1"
IN = "ingest.messages.v1"
DEAD = "ingest.messages.v1.tickets.conversations.dlq"


@asynccontextmanager
async def running(*patterns: Pattern) -> AsyncIterator[None]:
    started: list[Pattern] = []
    try:
        for pattern in patterns:
            await pattern.start()
            started.append(pattern)
        yield
    finally:
        for pattern in reversed(started):
            await pattern.stop()


class Gated(Pattern):
    """Holds each batch in hand until the gate opens."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.gate = asyncio.Event()
        self.in_hand = asyncio.Event()
        self.revoking = asyncio.Event()
        revoked = self.consumer.on_partitions_revoked

        async def watched(partitions: list[TopicPartition]) -> None:
            if partitions:
                self.revoking.set()
            await revoked(partitions)

        self.consumer.on_partitions_revoked = watched  # type: ignore[method-assign]

    async def handle(self, everything: Sequence[Any]) -> None:
        self.in_hand.set()
        await self.gate.wait()
        await super().handle(everything)


async def test_a_member_that_joins_in_mid_batch_loses_and_repeats_nothing(settings: Settings, kafka: Kafka) -> None:
    sent = [await kafka.send(n, conversation=n % 12, partition=n % 12) for n in range(240)]
    few = settings.model_copy(update={"batch_records": 50})
    one, two = Gated(few), Pattern(few)
    async with running(one):
        await asyncio.wait_for(one.in_hand.wait(), 20)
        joining = asyncio.create_task(two.start())
        await asyncio.wait_for(one.revoking.wait(), 20)
        assert not two.consumer._joined, "revocation must wait for the batch in hand"
        assert await two.counts.count_documents({}) == 0
        one.gate.set()
        await joining
        sent += [await kafka.send(n, conversation=n % 12, partition=n % 12) for n in range(240, 300)]
        records = await until(lambda: _all(kafka, 300))
        shares = [len(part.consumer._subscriber.consumer.assignment()) for part in (one, two)]
        rows = await one.log.rows.count_documents({})
        await two.stop()
    assert set(ids(records)) == set(sent)
    assert in_order(records)
    assert rows == 300
    assert sum(shares) == 36
    assert min(shares) > 0


async def test_while_mongo_is_away_it_waits_and_says_so(settings: Settings, kafka: Kafka) -> None:
    (host, port) = parse_uri(settings.mongo.get_secret_value())["nodelist"][0]
    async with proxy(host, port) as line:
        through = {"mongo": f"mongodb://127.0.0.1:{line.port}/?directConnection=true"}
        pattern = Pattern(Settings.model_validate(settings.model_dump() | through))
        async with running(pattern):
            await kafka.send(1)
            await until(lambda: _all(kafka, 1))
            line.cut()
            sent = [await kafka.send(n) for n in range(2, 10)]
            reason = await until(pattern.consumer.ready)
            assert "tickets.conversations waits" in reason
            assert pattern.consumer.alive()
            line.mend()
            records = await until(lambda: _all(kafka, 9))
            await until(lambda: _is_ready(pattern))
    assert set(sent) < set(ids(records))
    assert in_order(records)
    assert await kafka.read(DEAD) == []


async def test_too_many_dead_letters_pause_it_and_nothing_is_skipped(settings: Settings, kafka: Kafka) -> None:
    for n in range(8):
        await kafka.raw(b"{", headers=headers(f"bad {n}"))
    good = await kafka.send(1)
    careful = Pattern(settings.model_copy(update={"dead_letters_per_minute": 3}))
    async with running(careful):
        reason = await until(careful.consumer.ready)
        assert "too many dead letters" in reason
        assert careful.consumer.alive()
        assert len(await kafka.read(DEAD)) == 3
        assert await kafka.read(OUT) == []
    async with running(Pattern(settings)):
        assert ids(await until(lambda: _all(kafka, 1))) == [good]
        dead = await kafka.read(DEAD)
    # The three that were put aside before the pause were not acknowledged, so they are there twice.
    assert sorted(dict(one.headers)["ce_id"].decode() for one in dead) == sorted(
        [f"bad {n}" for n in range(8)] + [f"bad {n}" for n in range(3)]
    )


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_records_may_be_compressed_by_any_codec(settings: Settings, kafka: Kafka, codec: str) -> None:
    """Without the library for it, the consumer stood still for ever and only a log that nobody saw said why."""
    input_id, key, value = message(1)
    async with _producer(settings, codec) as producer:
        await producer.send_and_wait(
            f"{settings.prefix}{IN}", value=value, key=key.encode(), headers=headers(input_id), partition=0
        )
    async with running(Pattern(settings)):
        assert ids(await until(lambda: _all(kafka, 1))) == [input_id]


@pytest.mark.parametrize(("codec", "size"), [(None, 16 * 1024 * 1024 - 500), ("gzip", 40_000_000)])
async def test_the_largest_poison_there_can_be_is_put_aside(
    settings: Settings, kafka: Kafka, codec: str | None, size: int
) -> None:
    """With its reason it is larger than what came in; it once could not be written, and blocked its partition."""
    async with _producer(settings, codec) as producer:
        await producer.send_and_wait(f"{settings.prefix}{IN}", value=b"x" * size, headers=headers("large"), partition=0)
    good = await kafka.send(1)
    async with running(Pattern(settings)):
        assert ids(await until(lambda: _all(kafka, 1))) == [good]
        dead = await kafka.read(DEAD)
    assert [len(one.value) for one in dead] == [size]


async def test_a_bug_of_the_consumers_own_stops_it_and_acknowledges_nothing(settings: Settings, kafka: Kafka) -> None:
    sent = [await kafka.send(n) for n in range(5)]
    broken = Pattern(settings)

    async def bug(_: object) -> None:
        raise ZeroDivisionError

    broken.consumer._apply = bug  # type: ignore[method-assign,assignment]
    async with running(broken):
        await until(lambda: _is_dead(broken))
    assert await _committed(settings) in ({}, {0: -1})
    async with running(Pattern(settings)):
        assert sorted(ids(await until(lambda: _all(kafka, 5)))) == sorted(sent)


async def test_what_could_not_be_acknowledged_is_when_all_is_quiet(settings: Settings, kafka: Kafka) -> None:
    """Without another record, which might never come."""
    pattern = Pattern(settings)
    async with running(pattern):
        consumer = pattern.consumer._subscriber.consumer
        commit, failed = consumer.commit, asyncio.Event()

        async def fail_once(offsets: dict[TopicPartition, int]) -> None:
            if any(offsets.values()) and not failed.is_set():
                failed.set()
                raise KafkaError
            await commit(offsets)

        consumer.commit = fail_once
        await kafka.send(0, partition=3)

        async def acknowledged() -> bool:
            return await _committed(settings) == {3: 1}

        await until(acknowledged)
        assert failed.is_set()


async def _all(kafka: Kafka, wanted: int) -> list[Any] | None:
    found = await kafka.read(OUT)
    return found if len(set(ids(found))) >= wanted else None


async def _is_ready(pattern: Pattern) -> bool:
    return await pattern.consumer.ready() is None


async def _is_dead(pattern: Pattern) -> bool:
    return not pattern.consumer.alive()


async def _committed(settings: Settings) -> dict[int, int]:
    """The group's offsets on the input topic, by partition; those of partitions that held nothing left out."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(f"{settings.prefix}tickets.conversations")
    finally:
        await admin.close()
    return {one.partition: at.offset for one, at in found.items() if one.topic.endswith(IN) and at.offset > 0}


@asynccontextmanager
async def _producer(settings: Settings, codec: str | None) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka, compression_type=codec, max_request_size=100_000_000, acks="all"
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


class Unhurried(Pattern):
    """Notes how many messages are in each batch."""

    def __init__(self, settings: Settings, every_s: float) -> None:
        super().__init__(settings)
        self.batches: list[int] = []
        self.consumer = Consumer(settings, group="tickets.conversations", handle=self.handle, every_s=every_s)

    async def handle(self, everything: Sequence[Any]) -> None:
        self.batches.append(sum(isinstance(one.data, MessageReceived) for one in everything))
        await super().handle(everything)


async def test_an_unhurried_group_takes_the_first_at_once_and_what_follows_together(
    settings: Settings, kafka: Kafka
) -> None:
    pattern = Unhurried(settings, every_s=5.0)
    async with running(pattern):
        await kafka.send(0)
        await until(lambda: _all(kafka, 1))
        for n in range(1, 11):
            await kafka.send(n, partition=n)
            await asyncio.sleep(0.05)
        await until(lambda: _all(kafka, 11))
        assert pattern.batches == [1, 10]
        stopping = asyncio.create_task(pattern.consumer.stop())
        done, _ = await asyncio.wait([stopping], timeout=4.0)
        assert done, "it does not sit out its pause"
