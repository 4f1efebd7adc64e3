"""The inputs of the benchmarks: messages as ingest publishes them, made from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaProducer

from shared.contracts.common import Actor, Address, Handle, Message
from shared.contracts.ingest import MessageReceived
from shared.ids import derived

WORDS = [
    "order",
    "parcel",
    "refund",
    "pan",
    "bowl",
    "protein",
    "recipe",
    "workout",
    "plan",
    "invoice",
    "delivery",
    "colour",
    "size",
    "gift",
    "account",
    "password",
    "subscription",
    "discount",
    "broken",
    "missing",
    "late",
    "wonderful",
    "thanks",
    "please",
    "week",
    "month",
    "friend",
    "kitchen",
]
START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def messages(count: int, seed: int = 7, among: Sequence[str] = ()) -> list[tuple[str, MessageReceived]]:
    """(input id, event): one conversation for about four messages, one sender for about two conversations.

    `among`: ids of conversations that exist already and go on, in place of new ones.
    """
    chance = random.Random(seed)
    found = []
    for n in range(count):
        conversation = chance.randrange(len(among) or max(1, count // 4))
        person = conversation % max(1, count // 8)
        input_id = derived("bench", str(seed), str(n))
        text = " ".join(chance.choices(WORDS, k=chance.randint(20, 120)))
        at = START + timedelta(seconds=n)
        message = Message(
            entry_id=derived("entry", input_id),
            direction="in",
            author=Actor(kind="customer", name=f"Customer {person}"),
            sender=Handle(kind="email", value=f"customer{person}@example.org", name=f"Customer {person}"),
            subject=text[:40],
            text=text,
            html=f"<p>{text}</p>",
            to=(Address(address="support@paleohacks.example"),),
            message_id=f"<{n}@example.org>",
            received_at=at,
        )
        event = MessageReceived(
            input_id=input_id,
            conversation_id=among[conversation]
            if among
            else derived("bench conversation", str(seed), str(conversation)),
            brand_id="paleo-hacks",
            channel="email",
            account="support@paleohacks.example",
            sender=Handle(kind="email", value=f"customer{person}@example.org", name=f"Customer {person}"),
            message=message,
        )
        found.append((input_id, event))
    return found


async def publish(servers: str, prefix: str, inputs: list[tuple[str, MessageReceived]]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, enable_idempotence=True, linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()
    try:
        for input_id, event in inputs:
            headers = [
                ("ce_specversion", b"1.0"),
                ("ce_id", input_id.encode()),
                ("ce_type", b"switchboard.ingest.MessageReceived.v1"),
                ("ce_source", b"/switchboard/ingest"),
                ("ce_time", event.message.received_at.isoformat().encode()),
            ]
            key = event.conversation_id.encode()
            topic = f"{prefix}ingest.messages.v1"
            await producer.send(topic, event.model_dump_json().encode(), key, headers=headers)
        await producer.flush()
    finally:
        await producer.stop()
