"""The one pattern on real Kafka and MongoDB: nothing lost, nothing twice, in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition

from shared.contracts.deliveries import DeliverySent
from shared.settings import Settings
from tests.integration.shared.pattern_service import KILL_POINTS, Pattern
from tests.integration.shared.world import Kafka, headers, ids, message, until

OUT = "notifications.deliveries.v1"
DEAD = "ingest.messages.v1.tickets.conversations.dlq"


@asynccontextmanager
async def running(pattern: Pattern) -> AsyncIterator[Pattern]:
    await pattern.start()
    try:
        yield pattern
    finally:
        await pattern.stop()


def in_order(records: list[object]) -> bool:
    """Every conversation's events count 1, 2, 3 … when repeats of an id are passed over."""
    seen: set[str] = set()
    last: Counter[str] = Counter()
    for record in records:
        event = DeliverySent.read(record.value)  # type: ignore[attr-defined]
        if event.delivery_id in seen:
            continue
        seen.add(event.delivery_id)
        if event.seq != last[event.conversation_id] + 1:
            return False
        last[event.conversation_id] = event.seq
    return True


async def test_every_input_is_published_once_and_in_order(settings: Settings, kafka: Kafka) -> None:
    sent = [await kafka.send(n, conversation=n % 7) for n in range(300)]
    async with running(Pattern(settings)):
        await until(lambda: _count(kafka, 300))
    records = await kafka.read(OUT)
    assert sorted(ids(records)) == sorted(sent)
    assert in_order(records)


async def test_second_delivery_changes_nothing(settings: Settings, kafka: Kafka) -> None:
    async with running(Pattern(settings)) as pattern:
        for _ in range(3):
            for n in range(10):
                await kafka.send(n)
        await kafka.send(99)
        await until(lambda: _count(kafka, 11))
        assert await pattern.counts.find_one({}) == {"_id": message(0)[1], "seq": 11}


async def test_a_record_that_cannot_be_read_is_put_aside_and_its_neighbours_are_applied(
    settings: Settings, kafka: Kafka
) -> None:
    bad = headers("bad")
    poison = [
        (None, bad),
        (b"{not json", bad),
        (b"\xff\xfe", bad),
        (b'{"input_id": 5}', bad),
        (b"{}", [("ce_id", None), *bad[2:]]),
        (b"{}", [("ce_id", b"\xff\xff"), *bad[2:]]),
        (b"{}", []),
        (b"x" * 5_000_000, bad),
        (b"[" * 100_000, bad),
    ]
    first = await kafka.send(1)
    for value, its_headers in poison:
        await kafka.raw(value, headers=its_headers)
    await kafka.raw(b"{}", headers=headers("unknown", "switchboard.ingest.SomethingNew.v1"))
    null_header = [*headers(message(2)[0]), ("x-note", None), ("x-odd", b"\xff")]
    await kafka.raw(message(2)[2], key=message(2)[1].encode(), headers=null_header)
    async with running(Pattern(settings)):
        await until(lambda: _count(kafka, 2))
        dead = await until(lambda: _at_least(kafka, DEAD, len(poison)))
    assert sorted(ids(await kafka.read(OUT))) == sorted([first, message(2)[0]])
    assert Counter(record.value for record in dead) == Counter(value for value, _ in poison)
    assert {dict(record.headers)["dlq_reason"] for record in dead} == {b"invalid"}


async def test_a_bug_puts_aside_only_the_record_that_meets_it(settings: Settings, kafka: Kafka) -> None:
    def bug(text: str) -> None:
        if text == "boom":
            raise ZeroDivisionError

    for n in range(20):
        await kafka.send(n, conversation=n % 3, text="boom" if n == 7 else "hello")
    async with running(Pattern(settings, bug=bug)):
        await until(lambda: _count(kafka, 19))
        dead = await until(lambda: _at_least(kafka, DEAD, 1))
    assert [record.value for record in dead] == [message(7, 1, "boom")[2]]
    assert dict(dead[0].headers)["dlq_reason"] == b"failed"
    assert in_order(await kafka.read(OUT))


async def test_lag_is_zero_and_committed_when_all_is_applied(settings: Settings, kafka: Kafka) -> None:
    """The markers that end a Kafka transaction are offsets too: a quiet group must not lag behind them."""
    async with running(Pattern(settings)) as pattern:
        await kafka.send(1)
        (record,) = await until(lambda: _at_least(kafka, OUT, 1))
        partition = TopicPartition(f"{settings.prefix}{OUT}", record.partition)

        async def caught_up() -> bool:
            consumer = pattern.consumer._subscriber.consumer
            end = (await consumer.end_offsets([partition]))[partition]
            return end > record.offset + 1 and await consumer.committed(partition) == end

        await until(caught_up)
        assert await pattern.consumer.ready() is None


@pytest.mark.parametrize("point", KILL_POINTS)
async def test_killed_between_any_two_steps_nothing_is_lost_and_nothing_twice(
    settings: Settings, kafka: Kafka, point: str
) -> None:
    sent = [await kafka.send(n, conversation=n % 3) for n in range(30)]
    env = os.environ | {
        "SWITCHBOARD_KAFKA": settings.kafka,
        "SWITCHBOARD_MONGO": settings.mongo.get_secret_value(),
        "SWITCHBOARD_REDIS": settings.redis.get_secret_value(),
        "SWITCHBOARD_SECRET": settings.secret.get_secret_value(),
        "SWITCHBOARD_PREFIX": settings.prefix,
    }
    program = [sys.executable, "-m", "tests.integration.shared.pattern_service", point]
    process = await asyncio.create_subprocess_exec(*program, env=env)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    async with running(Pattern(settings)) as pattern:
        await until(lambda: _count(kafka, 30), seconds=60)
        records = await kafka.read(OUT)
        heads = {row["_id"]: row["seq"] async for row in pattern.counts.find()}
        rows = await pattern.log.rows.count_documents({})
    assert set(ids(records)) == set(sent)
    assert in_order(records)
    assert sum(heads.values()) == rows == 30


async def _count(kafka: Kafka, wanted: int) -> bool:
    return len(set(ids(await kafka.read(OUT)))) >= wanted


async def _at_least(kafka: Kafka, topic: str, wanted: int) -> list[object] | None:
    found = await kafka.read(topic)
    return found if len(found) >= wanted else None
