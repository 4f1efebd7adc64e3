"""Reads Kafka: every record of every topic, what lies in dead letters, and how far behind the groups are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.chaos.checker.evidence import Dead, Place, Published

POISON_KEY = b"poison"
AT_ONCE = 500
Raw = ConsumerRecord[bytes, bytes]


class Topics:
    """`prefix` stands before the topics' and groups' names."""

    def __init__(self, servers: str, prefix: str) -> None:
        self._servers = servers
        self._prefix = prefix

    async def readers(self) -> dict[str, list[str]]:
        """The groups of each topic, as the dead-letter topics name them: `<topic>.<group>.dlq`."""
        names = await self._names()
        topics = [one for one in names if not one.endswith(".dlq")]
        found: dict[str, list[str]] = {one: [] for one in topics}
        for name in names:
            if name.endswith(".dlq"):
                topic = max((one for one in topics if name.startswith(f"{one}.")), key=len)
                found[topic].append(name.removeprefix(f"{topic}.").removesuffix(".dlq"))
        return found

    async def lag(self) -> dict[str, int]:
        """How many records each group has not acknowledged, those that have some."""
        readers = await self.readers()
        async with self._admin() as admin, self._consumer() as consumer:
            ends = await consumer.end_offsets(await self._partitions(admin, list(readers)))
            behind: dict[str, int] = {}
            for group in sorted({one for groups in readers.values() for one in groups}):
                known = await admin.list_consumer_group_offsets(f"{self._prefix}{group}")
                for one, end in ends.items():
                    if group in readers[self._bare(one.topic)]:
                        at = known[one].offset if one in known else 0
                        behind[group] = behind.get(group, 0) + max(0, end - max(0, at))
        return {group: count for group, count in behind.items() if count}

    async def published(self) -> tuple[dict[str, list[Published]], dict[Place, int], set[Place]]:
        """Everything that can be read, by topic and in the order of its partitions; what nobody can read, with its
        digest (0: this client cannot even fetch it); and places where there may be such a record, or none."""
        found: dict[str, list[Published]] = {}
        poison: dict[Place, int] = {}
        maybe: set[Place] = set()
        for topic in await self.readers():
            found[topic] = []
            async for record, place, sure in self._records(topic):
                if record is None and not sure:
                    maybe.add((topic, *place))
                elif record is None or record.key == POISON_KEY:
                    poison[(topic, *place)] = hash(record.value) if record else 0
                elif record.value is not None:
                    found[topic].append(_published(record))
        return found, poison, maybe

    async def dead(self) -> list[Dead]:
        found = []
        for name in await self._names():
            if name.endswith(".dlq"):
                async for record, place, _ in self._records(name):
                    if record is None:
                        raise ValueError(f"{name} {place} cannot be read")
                    found.append(_dead(record))
        return found

    # ── Kafka ────────────────────────────────────────────────────────────────────────────────────
    async def _records(self, topic: str) -> AsyncIterator[tuple[Raw | None, tuple[int, int], bool]]:
        """Every committed record with (partition, offset); None for one that this client cannot decode either, and
        whether it surely stands there."""
        async with self._admin() as admin, self._consumer() as consumer:
            partitions = await self._partitions(admin, [topic])
            ends = await consumer.end_offsets(partitions)
            for one in partitions:
                consumer.assign([one])
                consumer.seek(one, 0)
                async for record, offset, sure in _partition(consumer, one, ends[one]):
                    yield record, (one.partition, offset), sure

    async def _names(self) -> list[str]:
        async with self._admin() as admin:
            names = [one for one in await admin.list_topics() if not one.startswith("__")]
        return sorted(self._bare(one) for one in names if one.startswith(self._prefix))

    async def _partitions(self, admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[TopicPartition]:
        described: Any = await admin.describe_topics([f"{self._prefix}{one}" for one in topics])
        return [TopicPartition(topic["topic"], one["partition"]) for topic in described for one in topic["partitions"]]

    def _bare(self, name: str) -> str:
        return name.removeprefix(self._prefix)

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[Any]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            isolation_level="read_committed",
            auto_offset_reset="none",
            max_partition_fetch_bytes=32 * 1024 * 1024,
            fetch_max_wait_ms=100,
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


async def _partition(consumer: Any, one: TopicPartition, end: int) -> AsyncIterator[tuple[Raw | None, int, bool]]:
    """All records below `end`. aiokafka cannot decode a header name that is not UTF-8 and loses what came before it
    in the same answer: then it is read again record by record, and the one at fault passed over.

    Of several offsets in a row that fail, the last one surely holds such a record; those before it may be markers.
    """
    position, single, failed = 0, False, -1
    while position < end:
        try:
            answer = await consumer.getmany(one, timeout_ms=500, max_records=1 if single else AT_ONCE)
        except UnicodeDecodeError:
            if failed >= 0:
                yield None, failed, False
            if single:
                failed, position = position, position + 1
            single = True
            consumer.seek(one, position)
            continue
        if failed >= 0:
            yield None, failed, True
            single, failed = False, -1
        for record in answer.get(one, ()):
            yield record, record.offset, True
        position = await consumer.position(one)
    if failed >= 0:
        yield None, failed, True


def _published(record: Raw) -> Published:
    headers = {name: value or b"" for name, value in record.headers}
    return Published(
        id=headers.get("ce_id", b"").decode(),
        key=(record.key or b"").decode(),
        subject=headers.get("ce_subject", b"").decode(),
        seq=int(headers.get("ce_sequence") or 0),
        value=hash(record.value),
        partition=record.partition,
        offset=record.offset,
    )


def _dead(record: Raw) -> Dead:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    place = (headers["dlq_topic"], int(headers["dlq_partition"]), int(headers["dlq_offset"]))
    return Dead(place, headers["dlq_group"], hash(record.value))
