"""The floor for tickets: aiokafka and PyMongo, one transaction per batch, nothing else.

Durable effects, the same as the service's: every input known by its event, one contact per sender with the event that
it was made, the conversation's head moved on with its event, one log row per event, each event published with its key,
offsets committed last. The load has one brand and names every sender, so nobody learns anything of a contact that is
there.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import UTC, datetime
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic_core import from_json, to_json
from pymongo import AsyncMongoClient, InsertOne, ReplaceOne

NAMESPACE = uuid.UUID("b2b0c9a0-50ad-4c6c-9ed4-8ef5b1b0f2f4")
BATCH = 500
CONVERSATIONS, CONTACTS = "tickets.conversations.v1", "tickets.contacts.v1"

Document = dict[str, Any]


def derived(text: str) -> str:
    return str(uuid.uuid5(NAMESPACE, text))


def head_after(head: Document | None, data: Document, contact_id: str, now: str) -> Document:
    message = data["message"]
    seq = head["seq"] + 1 if head else 1
    started = head["started_at"] if head else now
    references = ([*head["references"]] if head else [])[-20:]
    return {
        "_id": data["conversation_id"],
        "seq": seq,
        "brand_id": data["brand_id"],
        "channel": data["channel"],
        "account": data["account"],
        "contact_id": contact_id,
        "contact_name": data["sender"]["name"],
        "handle": data["sender"],
        "subject": head["subject"] if head else message["subject"],
        "description": head["description"] if head else message["text"][:200],
        "preview": message["text"][:200],
        "status": "open",
        "priority": False,
        "spam": False,
        "team_id": None,
        "assignee_id": None,
        "tags": [],
        "started_at": started,
        "last_activity_at": now,
        "waiting_since": head["waiting_since"] if head else now,
        "message_count": seq,
        "references": [*references, message["message_id"]],
    }


def contact_of(data: Document, at: datetime) -> Document:
    """Somebody who writes for the first time."""
    who = data["sender"]
    return {
        "_id": derived(who["value"]),
        "seq": 1,
        "name": who["name"],
        "emails": [who["value"]],
        "brand_ids": [data["brand_id"]],
        "created_at": at,
        "updated_at": at,
    }


def log_row(id_: str, topic: str, key: str, seq: int, at: datetime, event: Document) -> Document:
    """`value` is what is published."""
    return {
        "_id": id_,
        "topic": topic,
        "key": key,
        "seq": seq,
        "at": at,
        "aggregate_id": key,
        "value": to_json(event).decode(),
    }


async def apply(client: AsyncMongoClient[Document], name: str, inputs: list[tuple[str, Document]]) -> list[Document]:
    """One transaction; the log rows that it wrote."""
    database = client[name]
    async with client.start_session() as session, await session.start_transaction():
        # An input is known by its event, and counts once when it stands twice in one batch.
        told = {derived(f"{CONVERSATIONS} {one}"): (one, data) for one, data in inputs}
        known = database.log.find({"_id": {"$in": list(told)}}, {"_id": 1}, session=session)
        for row in await known.to_list(None):
            del told[row["_id"]]
        fresh = list(told.values())
        keys = list({data["conversation_id"] for _, data in fresh})
        heads = {row["_id"]: row async for row in database.heads.find({"_id": {"$in": keys}}, session=session)}
        before = {key: heads[key]["seq"] if key in heads else 0 for key in keys}
        senders = {derived(data["sender"]["value"]) for _, data in fresh}
        found = database.contacts.find({"_id": {"$in": list(senders)}}, {"_id": 1}, session=session)
        met = {row["_id"] async for row in found}
        new, rows = [], []
        at = datetime.now(UTC)
        now = at.isoformat()
        for id_, (one, data) in told.items():
            contact_id = derived(data["sender"]["value"])
            if contact_id not in met:
                met.add(contact_id)
                new.append(contact := contact_of(data, at))
                made = {"contact_id": contact_id, "seq": 1, "at": now, "contact": contact}
                rows.append(log_row(derived(f"{CONTACTS} {one}"), CONTACTS, contact_id, 1, at, made))
            key = data["conversation_id"]
            head = heads[key] = head_after(heads.get(key), data, contact_id, now)
            heard = {"conversation_id": key, "seq": head["seq"], "at": now, "message": data["message"], "head": head}
            rows.append(log_row(id_, CONVERSATIONS, key, head["seq"], at, heard))
        if new:
            await database.contacts.insert_many(new, ordered=False, session=session)
        if fresh:
            await database.log.insert_many(rows, ordered=False, session=session)
            writes: list[Any] = [
                ReplaceOne({"_id": key, "seq": before[key]}, heads[key]) if before[key] else InsertOne(heads[key])
                for key in keys
            ]
            await database.heads.bulk_write(writes, ordered=False, session=session)
        return rows


async def main() -> None:
    prefix = os.environ["SWITCHBOARD_PREFIX"]
    servers = os.environ["SWITCHBOARD_KAFKA"]
    client: AsyncMongoClient[Document] = AsyncMongoClient(os.environ["SWITCHBOARD_MONGO"], w="majority")
    name = f"{prefix}reference"
    await client[name].log.create_index([("aggregate_id", 1), ("seq", 1)], unique=True)
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, enable_idempotence=True, linger_ms=5, max_batch_size=256 * 1024
    )
    consumer = AIOKafkaConsumer(
        f"{prefix}ingest.messages.v1",
        bootstrap_servers=servers,
        group_id=f"{prefix}reference",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await producer.start()
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        records = [record for batch in batches.values() for record in batch]
        if not records:
            continue
        inputs = [(dict(one.headers)["ce_id"].decode(), from_json(one.value or b"")) for one in records]
        rows = await apply(client, name, inputs)
        sent = [
            await producer.send(f"{prefix}{row['topic']}", row["value"].encode(), row["key"].encode()) for row in rows
        ]
        await asyncio.gather(*sent)
        await consumer.commit()


if __name__ == "__main__":
    uvloop.run(main())
