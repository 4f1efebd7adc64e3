"""Kafka: the one function that makes subscribers, and the producers that we use.

FastStream's defaults lose messages (`ACK_FIRST`, `latest`, automatic topic creation, parsers that raise on
a null header), so nobody else calls `broker.subscriber`; `tests/unit/shared/test_kafka.py` holds that.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from zlib import crc32

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.cloudevents import Record
from shared.errors import away_when
from shared.records import accept_any_header_name
from shared.settings import Settings

away_when(KafkaError)
accept_any_header_name()

RawRecord = ConsumerRecord[bytes, bytes]
RawBatch = tuple[RawRecord, ...]
OnBatch = Callable[[RawBatch], Awaitable[None]]

SESSION_TIMEOUT_MS = 10_000
REBALANCE_TIMEOUT_MS = 60_000
"""Above the longest batch: revocation waits for the batch in hand."""
MAX_POLL_INTERVAL_MS = 15 * 60_000
"""A consumer that waits for MongoDB keeps its partitions this long; nobody else could do better."""
MAX_RECORD_BYTES = 16 * 1024 * 1024
FETCH_BYTES = 1024 * 1024
"""For each partition at once; the broker sends a larger record all the same, alone (KIP-74)."""
MAX_DEAD_LETTER_BYTES = 2 * MAX_RECORD_BYTES
"""Compressed. A dead letter is its record and why it is there, so it must be allowed to be larger."""

__all__ = ["KafkaError", "TopicPartition"]


def topic_name(settings: Settings, name: str) -> str:
    """The topic's name on the cluster: with the desk's prefix."""
    return f"{settings.prefix}{name}"


def _ssl_context(settings: Settings) -> ssl.SSLContext | None:
    if "SSL" not in settings.kafka_security:
        return None
    return ssl.create_default_context(cafile=settings.kafka_ca_file or None)


def client_options(settings: Settings) -> dict[str, Any]:
    """What every aiokafka client is given: servers and credentials."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_servers,
        "security_protocol": settings.kafka_security,
        "ssl_context": _ssl_context(settings),
    }
    if settings.kafka_security.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.kafka_sasl,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    return options


def _security(settings: Settings) -> BaseSecurity | None:
    context, use_ssl = _ssl_context(settings), "SSL" in settings.kafka_security
    if settings.kafka_security == "PLAINTEXT":
        return None
    if settings.kafka_security == "SSL":
        return BaseSecurity(ssl_context=context, use_ssl=True)
    kinds = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    return kinds[settings.kafka_sasl](
        username=settings.kafka_username,
        password=settings.kafka_password.get_secret_value(),
        ssl_context=context,
        use_ssl=use_ssl,
    )


def broker(settings: Settings) -> KafkaBroker:
    return KafkaBroker(
        settings.kafka_servers,
        security=_security(settings),
        apply_types=False,
        allow_auto_create_topics=False,
        graceful_timeout=settings.drain_s,
        logger=None,
    )


def subscribe(
    to: KafkaBroker,
    settings: Settings,
    *,
    group: str,
    topics: Sequence[str],
    on_batch: OnBatch,
    listener: ConsumerRebalanceListener,
) -> Any:
    """A batch subscriber that never acknowledges by itself; `on_batch` commits when its work is durable.

    Records arrive raw, so that no parser can raise before our code sees them. The range assignor gives one
    member the same partitions of every topic, so a conversation's events of all topics meet in one process.
    """

    async def parse(raw: RawBatch) -> KafkaMessage:
        return KafkaMessage(raw_message=raw, body=b"", consumer=FAKE_CONSUMER)

    async def decode(message: KafkaMessage) -> Any:
        return message.raw_message

    subscriber = to.subscriber(
        *[topic_name(settings, topic) for topic in topics],
        batch=True,
        group_id=f"{settings.prefix}{group}",
        group_instance_id=_member(settings, topics),
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        max_records=settings.batch_records,
        batch_timeout_ms=200,
        fetch_max_wait_ms=500,
        max_partition_fetch_bytes=FETCH_BYTES,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=3_000,
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        partition_assignment_strategy=(RangePartitionAssignor,),
        parser=parse,
        decoder=decode,
        listener=listener,
    )
    subscriber(on_batch)
    return subscriber


def _member(settings: Settings, topics: Sequence[str]) -> str | None:
    """The replica's name in a group. What it reads is a part of it: a member that comes back is given what it had
    without being asked, so a release that reads other topics must be another member."""
    return f"{settings.member}.{crc32(' '.join(sorted(topics)).encode()):08x}" if settings.member else None


def as_record(raw: RawRecord, settings: Settings) -> Record:
    """Our own view of a raw record; the topic without the desk's prefix."""
    return Record(
        topic=raw.topic.removeprefix(settings.prefix),
        partition=raw.partition,
        offset=raw.offset,
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers),
        timestamp_ms=raw.timestamp,
    )


def idempotent_producer(settings: Settings) -> AIOKafkaProducer:
    """acks=all and no duplicates within the session; for dead letters and tools.

    Takes whatever could come in, which may have been compressed: the limit here is before compression.
    """
    return AIOKafkaProducer(
        **client_options(settings),
        enable_idempotence=True,
        compression_type="gzip",
        max_request_size=2**31 - 1,
    )


def relay_producer(settings: Settings, transactional_id: str) -> AIOKafkaProducer:
    """A transactional producer: starting it fences every older one with the same id, at the broker."""
    return AIOKafkaProducer(
        **client_options(settings),
        transactional_id=f"{settings.prefix}{transactional_id}",
        transaction_timeout_ms=20_000,
        max_batch_size=256 * 1024,
        max_request_size=MAX_RECORD_BYTES,
        request_timeout_ms=15_000,
    )


def reader(
    settings: Settings,
    *topics: str,
    group: str | None = None,
    only_committed: bool = False,
    fetch_bytes: int = MAX_RECORD_BYTES,
) -> AIOKafkaConsumer:
    """A plain consumer from the beginning that commits nothing: projections, tools, tests.

    `only_committed` passes over what a relay's transaction has not committed, or never will. `fetch_bytes` of each
    partition are held at once, or one larger record.
    """
    return AIOKafkaConsumer(
        *[topic_name(settings, topic) for topic in topics],
        **client_options(settings),
        group_id=group,
        isolation_level="read_committed" if only_committed else "read_uncommitted",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=fetch_bytes,
    )


def peeker(settings: Settings) -> AIOKafkaConsumer:
    """In no group, with no partitions yet; for looking at single records. Of a large one the broker sends all the same
    (KIP-74)."""
    return AIOKafkaConsumer(
        **client_options(settings),
        auto_offset_reset="none",
        enable_auto_commit=False,
        max_partition_fetch_bytes=16 * 1024,
        fetch_max_wait_ms=50,
    )


def leave_when_stopped(consumer: AIOKafkaConsumer | None) -> None:
    """Have a named member leave its group when it is stopped, so that others take its partitions at once.

    A client leaves a static member in its group whenever it stops, for it can't tell a restart from the end of a
    replica (KIP-345). We can: whoever is stopped in order has handed everything over, and whoever crashed never comes
    by here. A group is left by the id of the member, which every broker takes, named or not.
    """
    if consumer is not None and isinstance(consumer._coordinator, GroupCoordinator):
        consumer._coordinator._group_instance_id = None


async def close(consumer: AIOKafkaConsumer) -> None:
    """Stop a `reader` or `peeker`; what it raises is real, or our own cancellation.

    aiokafka cancels its fetches and awaits them, so that one which waits to be tried again, as while the broker
    restarts, cancels whoever stops the consumer (0.14, `Fetcher.close`): the directory ended by that.
    """
    try:
        await consumer.stop()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        await consumer._client.close()
