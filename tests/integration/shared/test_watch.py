"""What the writer says about its readers, on real Kafka and MongoDB: nothing waits, nobody reads, somebody reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError
from prometheus_client import REGISTRY

from shared import mongo
from shared.relay import Relay
from shared.settings import Settings
from shared.topics import TOPICS
from shared.watch import Watch, watched_by
from tests.integration.shared.pattern_service import Pattern
from tests.integration.shared.test_consumer import running
from tests.integration.shared.world import Kafka, headers, message, until
from tests.integration.shared.writer import SERVICE, Writer

GROUP, TOPIC = "tickets.conversations", "ingest.messages.v1"


def told(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"switchboard_{name}", labels)


def age() -> float | None:
    return told("oldest_unprocessed_seconds", group=GROUP, topic=TOPIC)


def lag() -> float:
    return sum(told("lag_records", group=GROUP, topic=TOPIC, partition=str(one)) or 0 for one in range(12))


@pytest_asyncio.fixture
async def watch(settings: Settings) -> AsyncIterator[Watch]:
    client = mongo.connect(settings)
    made = Watch(settings, service="ingest", database=mongo.database(client, settings, "ingest"))
    yield made
    await made.stop()
    await client.close()


async def _after(watch: Watch, check: Callable[[], bool]) -> None:
    async def looked() -> bool:
        try:
            await watch.turn()
            await watch.readers.turn()
        except KafkaError:  # a cluster whose first group this is has no coordinator yet
            return False
        return check()

    await until(looked)


async def test_every_reader_is_watched_by_one_service_that_is_not_itself() -> None:
    services = ("ingest", "tickets", "routing", "notifications")
    watched = [
        (topic.name, group, service)
        for service in services
        for group, topics in watched_by(service).items()
        for topic in topics
    ]
    readers = [(topic.name, group) for topic in TOPICS for group in topic.groups]
    assert sorted((name, group) for name, group, _ in watched) == sorted(readers)
    assert not [one for one in watched if one[1].startswith(f"{one[2]}.")]


async def test_a_desk_at_rest_has_no_age_and_no_lag(settings: Settings, watch: Watch) -> None:
    await _after(watch, lambda: (age(), lag(), told("group_members", group=GROUP)) == (0, 0, 0))
    assert told("dead_letters_waiting", group=GROUP, topic=TOPIC) == 0
    assert told("log_room_ratio", group=GROUP, topic=TOPIC) == 1
    assert (told("outbox_rows", service="ingest"), told("outbox_age_seconds", service="ingest")) == (0, 0)


async def test_while_nobody_reads_the_age_grows_and_a_reader_brings_it_to_nothing(
    settings: Settings, kafka: Kafka, watch: Watch
) -> None:
    for n in range(30):
        await kafka.send(n, conversation=n, partition=n % 12)
    await _after(watch, lambda: lag() == 30)
    first = age()
    assert first is not None
    assert first > 0
    await _after(watch, lambda: (age() or 0) > first + 0.5)
    async with running(Pattern(settings)):
        await _after(watch, lambda: (age(), lag()) == (0, 0) and told("group_members", group=GROUP) == 1)
    await _after(watch, lambda: told("group_members", group=GROUP) == 0)


async def test_a_group_that_the_deletion_of_old_records_comes_close_to_is_told(
    settings: Settings, kafka: Kafka, watch: Watch
) -> None:
    def room() -> float | None:
        return told("log_room_ratio", group=GROUP, topic=TOPIC)

    for n in range(20):
        await kafka.send(n)
    await _after(watch, lambda: (lag(), room()) == (20, 1))
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_servers)
    await admin.start()
    where = TopicPartition(f"{settings.prefix}{TOPIC}", 0)
    await admin.delete_records({where: RecordsToDelete(before_offset=10)})
    await admin.close()
    await _after(watch, lambda: (lag(), room()) == (10, 0))
    await _commit(settings, where, 18)
    await _after(watch, lambda: (lag(), room()) == (2, 0.8))
    await _commit(settings, where, 20)
    await _after(watch, lambda: (lag(), room()) == (0, 1))


async def test_the_oldest_record_is_found_among_markers_and_large_neighbours(
    settings: Settings, kafka: Kafka, watch: Watch
) -> None:
    """Markers end transactions and carry no record; a record above the fetch size comes alone."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_servers, transactional_id=f"{settings.prefix}w", max_request_size=2**24
    )
    await producer.start()
    where = TopicPartition(f"{settings.prefix}{TOPIC}", 3)
    try:
        for n in range(3):
            input_id, key, value = message(n)
            async with producer.transaction():
                await producer.send_and_wait(
                    where.topic, value=value, key=key.encode(), headers=headers(input_id), partition=where.partition
                )
    finally:
        await producer.stop()
    await kafka.raw(b"x" * 2_000_000, headers=[], partition=5)
    pattern = Pattern(settings)
    async with running(pattern):
        await _after(watch, lambda: (age(), lag()) == (0, 0))
        assert told("dead_letters_waiting", group=GROUP, topic=TOPIC) == 1
        assert (told("dead_letter_age_seconds", group=GROUP, topic=TOPIC) or 0) > 0
    # Put back to the marker behind the last record: something is left to read, and it is nobody's.
    await _commit(settings, where, 5)
    await _after(watch, lambda: (lag(), age()) == (1, 0))
    await _commit(settings, where, 2)
    await _after(watch, lambda: lag() == 4 and (age() or 0) > 0)


async def test_rows_that_no_relay_takes_grow_old_and_a_relay_brings_them_to_nothing(
    settings: Settings, kafka: Kafka
) -> None:
    def outbox() -> tuple[float, float]:
        return told("outbox_rows", service=SERVICE) or 0, told("outbox_age_seconds", service=SERVICE) or 0

    async with Writer(settings) as writer:
        watch = Watch(settings, service=SERVICE, database=writer.database)
        await writer.write(30)
        await _after(watch, lambda: outbox()[0] == 30 and outbox()[1] > 0.3)
        relay = Relay(settings, service=SERVICE, database=writer.database, client=writer.client)
        await relay.start()
        try:
            await _after(watch, lambda: outbox() == (0, 0))
        finally:
            await relay.stop()
            await watch.stop()


async def test_while_kafka_is_silent_the_outbox_is_still_told_and_stopping_takes_no_time(settings: Settings) -> None:
    """Frozen, it answers nothing and refuses nothing: the age once stood still with the look that waited for it."""
    connected = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        writer.close()

    def age_s() -> float:
        return told("outbox_age_seconds", service=SERVICE) or 0

    async def above(seconds: float) -> bool:
        return age_s() > seconds

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with Writer(settings) as writer:
        away = Settings.model_validate(settings.model_dump() | {"kafka": f"127.0.0.1:{port}"})
        watch = Watch(away, service=SERVICE, database=writer.database, every_s=0.1)
        await writer.write(1)
        await watch.start()
        try:
            await asyncio.wait_for(connected.wait(), 20)
            now = age_s()
            await until(lambda: above(now + 1))
            assert watch.alive()
        finally:
            async with asyncio.timeout(5):
                await watch.stop()
            silent.close()


async def _commit(settings: Settings, where: TopicPartition, offset: int) -> None:
    group = f"{settings.prefix}{GROUP}"
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([where])
    await consumer.commit({where: offset})
    await consumer.stop()
