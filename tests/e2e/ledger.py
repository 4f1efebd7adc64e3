"""The checker: reads topics, timelines and the mail sink, and says what is missing, twice or out of order.

Shares no code with the services. A `Ledger` is opened before the first input, and asked when all has settled.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesHeaderParser
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.desk import Desk
from tests.e2e.outside import PARTITIONS, Agent
from tests.e2e.senders import Accepted

CONVERSATIONS = "tickets.conversations.v1"
DECISIONS = "routing.decisions.v1"
GROUPS = {
    "ingest.integrations": ("integrations.inbound.v1",),
    "tickets.conversations": ("ingest.messages.v1", DECISIONS, "notifications.deliveries.v1"),
    "routing.conversations": (CONVERSATIONS,),
    "notifications.deliveries": (CONVERSATIONS,),
    "notifications.live": (CONVERSATIONS, "routing.availability.v1"),
    "notifications.notices": (CONVERSATIONS, "tickets.tickets.v1"),
}
SEND_S = 5.0
"""A mail that left within this time before a kill may leave again: its answer was not heard."""


@dataclass
class Ledger:
    """What there was at the beginning: the ends of all topics, dead letters among them."""

    desk: Desk
    begin: dict[TopicPartition, int] = field(default_factory=dict)

    async def open(self) -> Ledger:
        self.begin = await self._ends()
        return self

    # ── has it settled? ──────────────────────────────────────────────────────────────────────────
    async def lag(self) -> int:
        """How many records the groups have not acknowledged."""
        ends = await self._ends()
        behind = 0
        async with _admin(self.desk) as admin:
            for group, topics in GROUPS.items():
                known = await admin.list_consumer_group_offsets(f"{self.desk.prefix}{group}")
                for one, end in ends.items():
                    if one.topic.removeprefix(self.desk.prefix) in topics:
                        behind += end - max(0, known[one].offset if one in known else 0)
        return behind

    async def dead_letters(self) -> int:
        """How many came since the beginning."""
        ends = await self._ends()
        return sum(end - self.begin.get(one, 0) for one, end in ends.items() if one.topic.endswith(".dlq"))

    async def waiting_letters(self) -> int:
        """How many dead letters were neither sent back nor given up."""
        ends = {one: end for one, end in (await self._ends()).items() if one.topic.endswith(".dlq")}
        async with _admin(self.desk) as admin:
            names = [name for name, *_ in await admin.list_consumer_groups()]
            ours = [one for one in names if one.startswith(self.desk.prefix) and one.endswith(".redrive")]
            settled = [await admin.list_consumer_group_offsets(one) for one in ours]
        done = {one: place.offset for group in settled for one, place in group.items()}
        return sum(end - max(0, done.get(one, 0)) for one, end in ends.items())

    # ── what became of it ────────────────────────────────────────────────────────────────────────
    async def events(self, topic: str) -> list[dict[str, Any]]:
        """Everything on a topic since the beginning, in the order of its partitions, repeats of an id passed over."""
        seen: set[str] = set()
        found = []
        for record in await self._records(topic):
            headers = dict(record.headers)
            event_id = headers["ce_id"].decode()
            if event_id not in seen:
                seen.add(event_id)
                kind = headers["ce_type"].decode().split(".")[2]
                found.append({"id": event_id, "type": kind, **json.loads(record.value)})
        return found

    async def faults(self, said: Accepted, kills: Iterable[float]) -> list[str]:
        """One sentence for everything that is not as promised; [] is what is wanted."""
        events = await self.events(CONVERSATIONS)
        conversations: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for event in events:
            conversations[event["conversation_id"]].append(event)
        ours = {key: found for key, found in conversations.items() if _is_ours(found, said)}
        async with Agent(self.desk.web, self.desk.account("lead")) as agent:
            timelines = {key: await whole_timeline(agent, key) for key in ours}
        return [
            *_gaps(conversations),
            *_marks("on the topic", ours, said),
            *_marks("in timelines", timelines, said),
            *_calls(ours, said),
            *_differences(ours, timelines),
            *await self._undecided(ours),
            *await self._mails(ours, sorted(kills)),
        ]

    async def _undecided(self, ours: dict[str, list[dict[str, Any]]]) -> list[str]:
        """Routing looked at every beginning, once."""
        decided = Counter(
            event["conversation_id"]
            for event in await self.events(DECISIONS)
            if event.get("trigger", {}).get("event") == "ConversationStarted"
        )
        return [f"{key}: its start was decided {decided[key]} times" for key in ours if decided[key] != 1]

    async def _mails(self, ours: dict[str, list[dict[str, Any]]], kills: list[float]) -> list[str]:
        """Every reply by mail is in the sink once, and told as sent once."""
        replies = [one for found in ours.values() for one in found if one["type"] == "ReplySent"]
        mails = {one["message"]["message_id"]: one for one in replies if one["head"]["channel"] == "email"}
        kept = await self._sink(said_in=set(mails))
        faults = []
        for message_id, reply in mails.items():
            times = kept.get(message_id, [])
            excused = [at for at in times if any(at <= kill <= at + SEND_S for kill in kills)]
            if not times or len(times) > 1 + len(excused):
                faults.append(f"{message_id} is {len(times)} times in the sink, at {times}")
            told = [
                one
                for one in ours[reply["conversation_id"]]
                if one["type"] == "DeliveryUpdated"
                and (one["entry_id"], one["state"]) == (reply["message"]["entry_id"], "sent")
            ]
            if len(told) != 1:
                faults.append(f"{message_id} is told as sent {len(told)} times")
        return faults

    async def unsent(self, said: Accepted) -> int:
        """How many of the replies that were accepted have not been told as sent; chats and events are sent at once."""
        events = await self.events(CONVERSATIONS)
        replies = {
            one["message"]["entry_id"]
            for one in events
            if one["type"] == "ReplySent" and one["head"]["channel"] == "email" and said.run in one["message"]["text"]
        }
        sent = {one["entry_id"] for one in events if one["type"] == "DeliveryUpdated" and one["state"] == "sent"}
        return len(replies - sent)

    async def _sink(self, said_in: set[str]) -> dict[str, list[float]]:
        """Message-ID → when each copy came."""
        found: dict[str, list[float]] = defaultdict(list)
        async with httpx.AsyncClient(base_url=self.desk.smtp_sink_http, timeout=20) as client:
            for one in (await client.get("/messages")).json():
                at = datetime.fromisoformat(one["received_at"]).timestamp()
                raw = (await client.get(f"/messages/{one['id']}")).content
                found[str(BytesHeaderParser().parsebytes(raw)["Message-ID"])].append(at)
        return {key: sorted(times) for key, times in found.items() if key in said_in}

    # ── Kafka ────────────────────────────────────────────────────────────────────────────────────
    async def _ends(self) -> dict[TopicPartition, int]:
        async with _admin(self.desk) as admin:
            names = [one for one in await admin.list_topics() if one.startswith(self.desk.prefix) and one[0] != "_"]
            partitions = [
                TopicPartition(topic["topic"], one["partition"])
                for topic in await admin.describe_topics(names)
                for one in topic["partitions"]
            ]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.desk.kafka, isolation_level="read_committed")
        await consumer.start()
        try:
            return dict(await consumer.end_offsets(partitions))
        finally:
            await consumer.stop()

    async def _records(self, topic: str) -> list[Any]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.desk.kafka, isolation_level="read_committed")
        await consumer.start()
        try:
            partitions = [TopicPartition(f"{self.desk.prefix}{topic}", n) for n in range(PARTITIONS)]
            consumer.assign(partitions)
            for one in partitions:
                consumer.seek(one, self.begin[one])
            ends = await consumer.end_offsets(partitions)
            found: list[Any] = []
            for one in partitions:
                while await consumer.position(one) < ends[one]:
                    for records in (await consumer.getmany(one, timeout_ms=200)).values():
                        found += records
            return found
        finally:
            await consumer.stop()


@asynccontextmanager
async def _admin(desk: Desk) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=desk.kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def whole_timeline(agent: Agent, conversation_id: str) -> list[dict[str, Any]]:
    """Every entry, as the events on the topic look: {"id", "seq", "type", **data}."""
    found: list[dict[str, Any]] = []
    while True:
        path = f"/api/tickets/conversations/{conversation_id}/timeline"
        page = await agent.get(path, after_seq=found[-1]["seq"] if found else 0, limit=200)
        found += [{**one["data"], "id": one["id"], "seq": one["seq"], "type": one["type"]} for one in page["items"]]
        if not page["has_more"]:
            return found


def _is_ours(found: list[dict[str, Any]], said: Accepted) -> bool:
    return any(said.run in text or _call_id(one) in said.calls for one in found for text in [_text(one)])


def _text(event: dict[str, Any]) -> str:
    return str((event.get("message") or {}).get("text", ""))


def _call_id(event: dict[str, Any]) -> str:
    return str((event.get("call") or {}).get("call_id", ""))


def _gaps(conversations: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Each conversation's events count on without a gap, in the order of the topic."""
    faults = []
    for key, found in conversations.items():
        seqs = [one["seq"] for one in found]
        if seqs != list(range(seqs[0], seqs[0] + len(seqs))):
            faults.append(f"{key}: its events on the topic are {seqs}")
        if found[0]["type"] == "ConversationStarted" and seqs[0] != 1:
            faults.append(f"{key}: it starts with {seqs[0]}")
    return faults


def _marks(where: str, found: dict[str, list[dict[str, Any]]], said: Accepted) -> list[str]:
    """Each accepted message and reply exactly once."""
    texts = [_text(one) for events in found.values() for one in events]
    counts = Counter(mark for text in texts for mark in re.findall(rf"mark-{said.run}-\w+", text))
    wanted = [*said.messages, *said.replies]
    return [f"{mark} is {counts[mark]} times {where}" for mark in wanted if counts[mark] != 1]


def _calls(found: dict[str, list[dict[str, Any]]], said: Accepted) -> list[str]:
    """Each call is one conversation of four steps, and has ended."""
    faults = []
    for call_id in said.calls:
        steps = {
            key: [one for one in events if one["type"] in ("ConversationStarted", "CallUpdated")]
            for key, events in found.items()
            if any(_call_id(one) == call_id for one in events)
        }
        last = [events[-1]["call"]["state"] for events in steps.values()]
        if [len(events) for events in steps.values()] != [4] or last != ["ended"]:
            faults.append(f"call {call_id}: {[[one['seq'] for one in events] for events in steps.values()]}, {last}")
    return faults


def _differences(topic: dict[str, list[dict[str, Any]]], timelines: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What a log says is what the topic says."""
    return [
        f"{key}: the timeline has {len(timelines[key])} events and the topic {len(events)}"
        for key, events in topic.items()
        if [one["id"] for one in timelines[key]] != [one["id"] for one in events]
    ]
