"""What is in Kafka and in no log: integrators' records that ingest has not read, and dead letters not sent back.

All else on the Kafka topics is told again from the logs (`shared.republish`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import bson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)

from deploy.backup import files
from deploy.backup.errors import BackupError
from deploy.backup.manifest import Stored
from deploy.local.progress import Progress
from shared import kafka
from shared.groups import Groups
from shared.redrive import group_of
from shared.settings import Settings
from shared.setup import create_topics, wanted
from shared.topics import TOPICS

T = TypeVar("T")
GONE_WITHIN_S = 30.0
FORGOTTEN_WITHIN_S = 5.0
GROUPS_WITHIN_S = 30.0
"""A fresh broker makes the topic where groups are kept when it is first asked for one."""
INPUTS = ("integrations", "ingest")
"""Owners of Kafka topics that a restore keeps where they survived: what came in after the back-up is read again."""


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(**kafka.client_options(settings))
    await client.start()
    try:
        yield client
    finally:
        await client.close()


def readers() -> dict[str, list[str]]:
    """Kafka topics that no log can tell again, with the groups whose place in them says what is still to be read."""
    found = {topic.name: list(topic.groups) for topic in TOPICS if topic.owner == "integrations"}
    for topic in TOPICS:
        found |= {topic.dead_letters(group): [group_of(group)] for group in topic.groups}
    return found


async def places(settings: Settings) -> dict[str, dict[int, int]]:
    """Where reading stands, by topic and partition: what is before is in the databases. Ask before reading those."""
    found: dict[str, dict[int, int]] = {name: {} for name in readers()}
    async with admin(settings) as client:
        for name, groups in readers().items():
            for group in groups:
                committed = await _committed(client, f"{settings.prefix}{group}")
                for one, place in committed.items():
                    if one.topic == kafka.topic_name(settings, name) and place.offset >= 0:
                        before = found[name].get(one.partition, place.offset)
                        found[name][one.partition] = min(before, place.offset)
    return found


async def _committed(client: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, Any]:
    return await _when_there_are_groups(lambda: client.list_consumer_group_offsets(group))


async def _when_there_are_groups(ask: Callable[[], Awaitable[T]]) -> T:
    until = asyncio.get_running_loop().time() + GROUPS_WITHIN_S
    while True:
        try:
            return await ask()
        except (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError):
            if asyncio.get_running_loop().time() > until:
                raise
            await asyncio.sleep(0.2)


async def dump(
    settings: Settings, since: Mapping[str, Mapping[int, int]], to: Path, progress: Progress
) -> dict[str, Stored]:
    """Every record from its place on, to the end as it is now. Topics without any have no file."""
    found: dict[str, Stored] = {}
    with progress.step("Reading Kafka topics that no log has") as step:
        partitions = await _partitions(settings, [kafka.topic_name(settings, name) for name in since])
        async with _reader(settings) as consumer:
            begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
            for name, places in since.items():
                step.detail(name)
                ours = [one for one in partitions if one.topic == kafka.topic_name(settings, name)]
                starts = {one: max(begins[one], places.get(one.partition, 0)) for one in ours}
                behind = {one: (start, ends[one]) for one, start in starts.items() if start < ends[one]}
                file = f"kafka/{name}.bson.gz"
                content = await _dump_one(consumer, behind, to / file) if behind else None
                if content and content.documents:
                    found[name] = Stored.of(file, content)
                else:
                    (to / file).unlink(missing_ok=True)
        step.detail(f"{sum(one.documents for one in found.values()):,} records")
    return found


async def _dump_one(
    consumer: AIOKafkaConsumer, behind: Mapping[TopicPartition, tuple[int, int]], file: Path
) -> files.Content:
    """What lies between two offsets; there may be no record, as the markers of transactions have offsets too."""
    consumer.assign(list(behind))
    with files.Writer(file) as out:
        for one, (start, end) in behind.items():
            consumer.seek(one, start)
            while await consumer.position(one) < end:
                for records in (await consumer.getmany(one, timeout_ms=500, max_records=100)).values():
                    out.add(b"".join(bson.encode(_document(record)) for record in records))
    return out.content


@asynccontextmanager
async def _reader(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = kafka.reader(settings, only_committed=True)
    await consumer.start()
    # Stopped before its own task has begun, it would raise CancelledError (aiokafka 0.14).
    await asyncio.sleep(0)
    try:
        yield consumer
    finally:
        await consumer.stop()


def _document(record: Any) -> dict[str, Any]:
    return {
        "partition": record.partition,
        "timestamp": record.timestamp,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
    }


# ── back ─────────────────────────────────────────────────────────────────────────────────────────
async def members(settings: Settings) -> list[str]:
    """The desk's consumer groups that somebody is in: services that run."""
    groups = await Groups.open(settings)
    try:
        ours = sorted({group for topic in TOPICS for group in topic.groups})
        found = await _when_there_are_groups(lambda: groups.members(ours))
    finally:
        await groups.close()
    return [group for group, count in found.items() if count]


async def used(settings: Settings) -> list[str]:
    """The desk's Kafka topics that have records."""
    there = await _partitions(settings, [one.name for one in wanted(settings, 1)])
    async with _reader(settings) as consumer:
        begins, ends = await consumer.beginning_offsets(there), await consumer.end_offsets(there)
    return sorted({one.topic for one in there if ends[one] > begins[one]})


async def _partitions(settings: Settings, names: Sequence[str]) -> list[TopicPartition]:
    """Of those of the topics (as the cluster names them) that there are."""
    async with admin(settings) as client:
        there = sorted(set(await client.list_topics()) & set(names))
        described: Any = await client.describe_topics(there) if there else []
    return sorted(
        TopicPartition(topic["topic"], one["partition"]) for topic in described for one in topic["partitions"]
    )


async def make_anew(settings: Settings, progress: Progress) -> None:
    """Empty topics, and groups that begin at their beginning. What survived and is in no log stays as it is."""
    inputs = {topic.name for topic in TOPICS if topic.owner in INPUTS}
    kept = {kafka.topic_name(settings, name) for name in inputs | readers().keys()}
    with progress.step("Making the Kafka topics anew") as step:
        async with admin(settings) as client:
            there = set(await client.list_topics())
            doomed = sorted({one.name for one in wanted(settings, 1)} & there - kept)
            if doomed:
                await client.delete_topics(doomed)
                await _gone(client, set(doomed))
        created = await create_topics(settings)
        await _led(settings)
        await _begin_anew(settings)
        step.detail(f"{len(created)} made, {len(there & kept)} kept")


async def _led(settings: Settings) -> None:
    """A topic that was just made has no leaders for a moment."""
    names = sorted(one.name for one in wanted(settings, 1))
    async with admin(settings) as client, asyncio.timeout(GONE_WITHIN_S):
        while True:
            described: list[Any] = await client.describe_topics(names)
            if all(not one["error_code"] and one["leader"] >= 0 for topic in described for one in topic["partitions"]):
                return
            await asyncio.sleep(0.1)


async def _gone(client: AIOKafkaAdminClient, names: set[str]) -> None:
    try:
        async with asyncio.timeout(GONE_WITHIN_S):
            while names & set(await client.list_topics()):  # noqa: ASYNC110 - the broker tells nobody
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise BackupError(f"Kafka did not delete {', '.join(sorted(names))} within {GONE_WITHIN_S:.0f} s.") from None


async def _begin_anew(settings: Settings) -> None:
    """Where a group stood is taken back, so that it reads from the beginning. Kafka itself forgets the places in a
    topic that was deleted, a moment later."""
    groups = sorted({f"{settings.prefix}{group}" for topic in TOPICS for group in topic.groups})
    inputs = {kafka.topic_name(settings, topic.name) for topic in TOPICS if topic.owner in INPUTS}
    until = asyncio.get_running_loop().time() + FORGOTTEN_WITHIN_S
    async with admin(settings) as client:
        for group in groups:
            while True:
                committed = await _committed(client, group)
                ahead = {one: 0 for one, place in committed.items() if place.offset > 0}
                if all(one.topic in inputs for one in ahead) or asyncio.get_running_loop().time() > until:
                    break
                await asyncio.sleep(0.1)
            if ahead:
                await _commit(settings, group.removeprefix(settings.prefix), ahead)


async def _commit(settings: Settings, group: str, offsets: dict[TopicPartition, int]) -> None:
    consumer = kafka.reader(settings, group=f"{settings.prefix}{group}")
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(offsets)
    finally:
        await consumer.stop()


async def load(settings: Settings, stored: Mapping[str, Stored], folder: Path, progress: Progress) -> None:
    """Into the partitions that they came from, as they came, unless they are there: in a topic that survived, or from
    a restore that was stopped half-way. What others have written since the topics were made stays beside them."""
    if not stored:
        return
    has_some = await used(settings)
    producer = kafka.idempotent_producer(settings)
    await producer.start()
    try:
        with progress.step("Writing the records that no log has") as step:
            written = 0
            for name, one in stored.items():
                step.detail(name)
                topic, file = kafka.topic_name(settings, name), folder / one.file
                lacking = await _lacking(settings, topic, file) if topic in has_some else None
                written += await _write(producer, topic, file, lacking)
            step.detail(f"{written:,} records")
    finally:
        await producer.stop()


async def _write(producer: AIOKafkaProducer, topic: str, file: Path, lacking: Counter[bytes] | None) -> int:
    """The file's records into the topic, or those of them that are `lacking` there; how many."""
    written = 0
    for document in files.read(file):
        record = bson.decode(document)
        if lacking is not None:
            if not lacking[_digest(record)]:
                continue
            lacking[_digest(record)] -= 1
        headers: Any = [(header, value) for header, value in record["headers"]]
        await producer.send(
            topic,
            value=record["value"],
            key=record["key"],
            partition=record["partition"],
            timestamp_ms=record["timestamp"],
            headers=headers,
        )
        written += 1
    await producer.flush()
    return written


async def _lacking(settings: Settings, topic: str, file: Path) -> Counter[bytes]:
    """How often each of the file's records, by its digest, must still be written to the topic. There it has the time of
    then or, where the broker gives it, a later one."""
    lacking: Counter[bytes] = Counter()
    oldest: dict[TopicPartition, int] = {}
    for document in files.read(file):
        record = bson.decode(document)
        lacking[_digest(record)] += 1
        one, at = TopicPartition(topic, record["partition"]), max(0, record["timestamp"])
        oldest[one] = min(oldest.get(one, at), at)
    async with _reader(settings) as consumer:
        begins, ends = await consumer.offsets_for_times(oldest), await consumer.end_offsets(list(oldest))
        for one, begin in begins.items():
            if begin is None:
                continue
            consumer.assign([one])
            consumer.seek(one, begin.offset)
            while await consumer.position(one) < ends[one]:
                for records in (await consumer.getmany(one, timeout_ms=500, max_records=100)).values():
                    lacking.subtract(_digest(_document(record)) for record in records)
    return +lacking


def _digest(record: Mapping[str, Any]) -> bytes:
    """Of all but its time."""
    fields = [record[name] for name in ("partition", "key", "value", "headers")]
    return hashlib.blake2b(bson.encode({"fields": fields}), digest_size=16).digest()
