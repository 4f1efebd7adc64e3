"""What the tests of the pattern send and read: inputs, topics, dead letters. Uses plain clients only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.contracts.common import Actor, Handle, Message
from shared.contracts.ingest import MessageReceived
from shared.ids import derived

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
Headers = list[tuple[str, Any]]


def headers(input_id: str, type_: str = "switchboard.ingest.MessageReceived.v1") -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", input_id.encode()),
        ("ce_type", type_.encode()),
        ("ce_source", b"/switchboard/ingest"),
        ("ce_time", AT.isoformat().encode()),
    ]


def message(n: int, conversation: int = 0, text: str = "hello") -> tuple[str, str, bytes]:
    """(input id, conversation id, value) of the n-th message."""
    input_id, conversation_id = derived("test input", str(n)), derived("test conversation", str(conversation))
    event = MessageReceived(
        input_id=input_id,
        conversation_id=conversation_id,
        brand_id="paleo-hacks",
        channel="email",
        account="support@paleohacks.example",
        sender=Handle(kind="email", value="ann@customer.example"),
        message=Message(
            entry_id=derived("entry", input_id),
            direction="in",
            author=Actor(kind="customer"),
            text=text,
            received_at=AT,
        ),
    )
    return input_id, conversation_id, event.model_dump_json().encode()


class Kafka:
    """A plain client: sends with acks=all, reads everything committed there is."""

    def __init__(self, servers: str, prefix: str) -> None:
        self.servers = servers
        self.prefix = prefix
        self.producer = AIOKafkaProducer(
            bootstrap_servers=servers, enable_idempotence=True, max_request_size=16 * 1024 * 1024
        )

    async def __aenter__(self) -> Kafka:
        await self.producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.producer.stop()

    async def send(self, n: int, conversation: int = 0, text: str = "hello", partition: int = 0) -> str:
        input_id, key, value = message(n, conversation, text)
        await self.raw(value, key=key.encode(), headers=headers(input_id), partition=partition)
        return input_id

    async def raw(self, value: bytes | None, *, key: bytes = b"k", headers: Headers, partition: int = 0) -> None:
        topic = f"{self.prefix}ingest.messages.v1"
        await self.producer.send_and_wait(topic, value=value, key=key, headers=headers, partition=partition)

    async def read(self, topic: str, isolation: str = "read_committed") -> list[Any]:
        """Every record of a topic, each partition in order."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers, auto_offset_reset="earliest", isolation_level=isolation
        )
        await consumer.start()
        try:
            count = 1 if topic.endswith(".dlq") else 12
            partitions = [TopicPartition(f"{self.prefix}{topic}", one) for one in range(count)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[Any] = []
            for one in partitions:
                while await consumer.position(one) < ends[one]:
                    for records in (await consumer.getmany(one, timeout_ms=200)).values():
                        found += records
            return found
        finally:
            await consumer.stop()


async def until(check: Callable[[], Awaitable[Any]], seconds: float = 40) -> Any:
    """Poll until the check gives something true; the last answer in the error otherwise."""
    deadline = time.monotonic() + seconds
    answer: Any = None
    while time.monotonic() < deadline:
        answer = await check()
        if answer:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError(f"not so within {seconds} s; last: {answer!r}")


def ids(records: list[Any]) -> list[str]:
    return [dict(record.headers)["ce_causationid"].decode() for record in records]
