"""The bare program of the tickets benchmark leaves the same behind as the service, so that comparing them is fair."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pydantic_core import from_json
from pymongo import AsyncMongoClient

from shared.setup import create_topics
from shared.topics import CONTACTS, CONVERSATIONS, PARTITIONS
from tests.bench import running
from tests.bench.load import messages, publish
from tests.bench.tickets import REFERENCE, Subject, programs, tickets
from tests.servers import Servers

COUNT = 300
LIMIT_S = 90
INPUTS = messages(COUNT)
PEOPLE = {event.sender.value: event.sender.name for _, event in INPUTS}
REPEATED = INPUTS + INPUTS[:50]
"""Some arrive a second time and change nothing."""


@dataclass(frozen=True)
class Places:
    """Where a program keeps what it did."""

    database: str
    heads: str
    group: str
    contact_email: str


BARE = Places("reference", "heads", "reference", "emails")
OURS = Places("switchboard_tickets", "conversations", "tickets.conversations", "handles")


@pytest.mark.parametrize(("subject", "places"), [(REFERENCE, BARE), (tickets(), OURS)], ids=["bare", "tickets"])
async def test_every_durable_effect_is_there(servers: Servers, subject: Subject, places: Places) -> None:
    prefix = running.new_prefix()
    await create_topics(running.settings(servers, prefix))
    await publish(servers.kafka, prefix, REPEATED)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo, tz_aware=True)
    database = client[f"{prefix}{places.database}"]
    try:
        with programs(servers, subject, prefix):
            events = await _published(servers.kafka, f"{prefix}{CONVERSATIONS.name}", COUNT)
            met = await _published(servers.kafka, f"{prefix}{CONTACTS.name}", len(PEOPLE))
            await _committed(servers.kafka, f"{prefix}{places.group}", f"{prefix}ingest.messages.v1")
        published = _by_key((key, _text(value)) for key, value in events)
        assert published == _expected()
        made = sorted((1, name, [email], ["paleo-hacks"]) for email, name in PEOPLE.items())
        assert sorted(_contact(value) for _, value in met) == made
        # The service also logs the key that it signs with, once.
        about = {"topic": {"$in": [CONVERSATIONS.name, CONTACTS.name]}}
        rows = await database.log.find(about).sort("seq", 1).to_list(None)
        assert sorted((row["aggregate_id"], row["value"]) for row in rows) == sorted([*events, *met])
        told = (row for row in rows if row["topic"] == CONVERSATIONS.name)
        assert _by_key((row["aggregate_id"], _text(row["value"])) for row in told) == published
        heads = {one["_id"]: one async for one in database[places.heads].find()}
        assert {key: (one["seq"], one["preview"][:100]) for key, one in heads.items()} == {
            key: (len(texts), texts[-1][:100]) for key, texts in published.items()
        }
        people = await database.contacts.find().to_list(None)
        assert sorted(person["_id"] for person in people) == sorted(key for key, _ in met)
        found = {person[places.contact_email][0].rpartition(":")[2]: person for person in people}
        kept = [(one["seq"], one["name"], [email], one["brand_ids"]) for email, one in found.items()]
        assert sorted(kept) == made
    finally:
        await client.close()
        running.drop(servers, prefix)


def _expected() -> dict[str, list[str]]:
    return _by_key((event.conversation_id, event.message.text) for _, event in INPUTS)


def _by_key(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The texts of each conversation, in order."""
    found: dict[str, list[str]] = {}
    for key, text in pairs:
        found.setdefault(key, []).append(text)
    return found


def _text(value: str) -> str:
    text: str = from_json(value)["message"]["text"]
    return text


def _contact(value: str) -> tuple[int, str, list[str], list[str]]:
    """What both say of somebody new."""
    event = from_json(value)
    who = event["contact"]
    return event["seq"], who["name"], who["emails"], who["brand_ids"]


async def _published(kafka: str, topic: str, count: int) -> list[tuple[str, str]]:
    """Keys and values of every event of the topic, once so many are there."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    found: list[tuple[str, str]] = []
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        until = time.monotonic() + LIMIT_S
        while len(found) < count and time.monotonic() < until:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [((one.key or b"").decode(), (one.value or b"").decode()) for one in records]
    finally:
        await consumer.stop()
    return found


async def _committed(kafka: str, group: str, topic: str) -> None:
    """Wait until the group has committed all that was published."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        async with asyncio.timeout(LIMIT_S):
            while True:
                offsets = await admin.list_consumer_group_offsets(group)
                if sum(one.offset for at, one in offsets.items() if at.topic == topic) == len(REPEATED):
                    return
                await asyncio.sleep(0.2)
    finally:
        await admin.close()
