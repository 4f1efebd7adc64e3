"""The floor for "accepted → on another agent's screen": Kafka hops with one majority write to MongoDB each.

This program is the first two hops: take a record, write it, send it on. Who measures is the third. Nothing is decided,
deduplicated, ordered by a log or read by a browser.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import AsyncMongoClient

HOPS = 3


def topic(prefix: str, hop: int) -> str:
    """What hop 1 to 3 reads."""
    return f"{prefix}hop.{hop}"


def reader(servers: str, prefix: str, hop: int) -> AIOKafkaConsumer:
    """From the beginning: the topics are new."""
    return AIOKafkaConsumer(
        topic(prefix, hop),
        bootstrap_servers=servers,
        group_id=None,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=500,
    )


async def hop(number: int, servers: str, prefix: str, collection: Any) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True)
    consumer = reader(servers, prefix, number)
    await producer.start()
    await consumer.start()
    async for record in consumer:
        await collection.insert_one({"hop": number, "value": record.value})
        await producer.send(topic(prefix, number + 1), record.value, record.key)


async def main() -> None:
    prefix, servers = os.environ["SWITCHBOARD_PREFIX"], os.environ["SWITCHBOARD_KAFKA"]
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(os.environ["SWITCHBOARD_MONGO"], w="majority")
    written = client[f"{prefix}reference"].written
    await asyncio.gather(*(hop(number, servers, prefix, written) for number in range(1, HOPS)))


if __name__ == "__main__":
    uvloop.run(main())
