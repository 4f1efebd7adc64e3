"""Inputs, the index of mails, and the one transaction in which an input is accepted.

`inputs` keeps what came, raw, and is the record of what was accepted; `messages` says which conversation holds a
Message-ID, `threads` who takes part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import Binary
from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.ingest.model.arrival import Accepted, Arrival, Decision, Draft, Known, Thread, ThreadNote
from services.ingest.store.blobs import Blobs
from services.ingest.store.files import Files
from shared import ids, metrics
from shared.clock import Clock
from shared.contracts.activity import ActivityRecorded
from shared.contracts.agents import PhoneStatusChanged
from shared.contracts.base import Event
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database, Document, in_transaction
from shared.together import Together
from shared.topics import ACTIVITY, AGENTS, MESSAGES

INLINE_BYTES = 256 * 1024
"""A raw input up to this size lies in its row, a larger one in the blob store."""
MAX_PARTICIPANTS = 500
TOGETHER = 64
"""How many callers share a transaction, at most: of the largest inline inputs, that is 16 MiB."""
TOGETHER_EVERY_S = 0.02


class Store:
    def __init__(self, client: Client, database: Database, clock: Clock) -> None:
        self._client = client
        self._inputs = database.get_collection("inputs")
        self._messages = database.get_collection("messages")
        self._threads = database.get_collection("threads")
        self.log = Log(database, clock)
        self.blobs = Blobs(database)
        self.files = Files(database)
        self._together = Together(self._in_one_transaction, most=TOGETHER, every_s=TOGETHER_EVERY_S)

    async def ensure_indexes(self) -> None:
        await self.log.ensure_indexes()
        await self.files.ensure_indexes()
        await self._inputs.create_indexes(
            [IndexModel([("received_at", DESCENDING)]), IndexModel([("conversation_id", ASCENDING)])]
        )
        await self._messages.create_indexes([IndexModel([("message_id", ASCENDING)])])

    async def reachable(self) -> str | None:
        """Readiness: None when an input could be accepted now."""
        await self._client.admin.command("ping")
        return None

    async def accept(self, drafts: Sequence[Draft]) -> list[Accepted]:
        """Keep and log all of them, or none; durable (majority) when it returns, in the order given.

        An input that was accepted before changes nothing and gets the same answer. Raises Transient or a
        connection error of PyMongo while the servers are away: then nothing was accepted.
        """
        # What a mail means depends on those before it, which it would not see in a transaction that they share; and
        # many at once gain nothing by sharing, and would make it long for the others.
        alone = len(drafts) > TOGETHER or any(draft.root_id for draft in drafts)
        accepted = await (self._in_one_transaction(drafts) if alone else self._together(drafts))
        for draft, one in zip(drafts, accepted, strict=True):
            metrics.inputs.labels(draft.arrival.channel, "duplicate" if one.duplicate else "accepted").inc()
        return list(accepted)

    async def _in_one_transaction(self, drafts: Sequence[Draft]) -> list[Accepted]:
        raws = {draft.arrival.id: await self._raw(draft.arrival) for draft in drafts}

        async def work(session: AsyncClientSession) -> list[Accepted]:
            known = await self._accepted(drafts, session)
            answers: list[Accepted] = []
            fresh: list[tuple[Arrival, Decision]] = []
            for draft in drafts:
                arrival = draft.arrival
                if arrival.id not in known:
                    decision = draft.decide(await self._known(draft, session))
                    fresh.append((arrival, decision))
                    answers.append(Accepted(arrival.id, decision.conversation_id, decision.entry_id, False))
                    known[arrival.id] = replace(answers[-1], duplicate=True)
                else:
                    answers.append(known[arrival.id])
            await self._write(fresh, raws, session)
            return answers

        return await in_transaction(self._client, work)

    async def raw(self, input_id: str) -> bytes | None:
        row = await self._inputs.find_one({"_id": input_id}, projection={"raw": 1, "raw_sha256": 1})
        if row is None:
            return None
        return bytes(row["raw"]) if "raw" in row else await self.blobs.get(row["raw_sha256"])

    async def _raw(self, arrival: Arrival) -> Document:
        if len(arrival.raw) <= INLINE_BYTES:
            return {"raw": Binary(arrival.raw)}
        return {"raw_sha256": await self.blobs.put(arrival.raw)}

    async def _accepted(self, drafts: Sequence[Draft], session: AsyncClientSession) -> dict[str, Accepted]:
        wanted = [draft.arrival.id for draft in drafts]
        fields = {"conversation_id": 1, "entry_id": 1}
        found = self._inputs.find({"_id": {"$in": wanted}}, projection=fields, session=session)
        return {row["_id"]: Accepted(row["_id"], row["conversation_id"], row["entry_id"], True) async for row in found}

    async def _known(self, draft: Draft, session: AsyncClientSession) -> Known:
        if not draft.root_id:
            return Known()
        messages: dict[str, tuple[str, ...]] = {}
        copies: set[str] = set()
        query = {"message_id": {"$in": list(draft.references)}}
        async for row in self._messages.find(query, session=session).limit(1000):
            messages[row["message_id"]] = (*messages.get(row["message_id"], ()), row["conversation_id"])
            if row["content_hash"] == draft.content_hash and row["account"] != draft.arrival.account:
                copies.add(row["conversation_id"])
        wanted = {draft.root_id, *(one for found in messages.values() for one in found)}
        threads = self._threads.find({"_id": {"$in": list(wanted)}}, session=session)
        return Known(
            messages,
            {
                row["_id"]: Thread(
                    row["_id"], row["account"], row["brand_id"], frozenset(row["addresses"]), row.get("side_of", "")
                )
                async for row in threads
            },
            frozenset(copies),
        )

    async def _write(
        self, fresh: Sequence[tuple[Arrival, Decision]], raws: dict[str, Document], session: AsyncClientSession
    ) -> None:
        if not fresh:
            return
        rows = [{**_input_row(arrival, decision), **raws[arrival.id]} for arrival, decision in fresh]
        await self._inputs.insert_many(rows, ordered=False, session=session)
        for arrival, decision in fresh:
            await self.files.add(decision.files, "input", arrival.id, arrival.received_at, session)
            if decision.note is not None:
                await self._learn(decision.note, arrival, session)
        await self.log.append(
            [_fact(arrival, n, event) for arrival, decision in fresh for n, event in enumerate(decision.events)],
            session,
        )

    async def _learn(self, note: ThreadNote, arrival: Arrival, session: AsyncClientSession) -> None:
        thread = note.thread
        await self._threads.bulk_write(
            [
                UpdateOne(
                    {"_id": thread.conversation_id},
                    {
                        "$setOnInsert": {
                            "account": thread.account,
                            "brand_id": thread.brand_id,
                            **({"side_of": thread.side_of} if thread.side_of else {}),
                        },
                        "$set": {"at": arrival.received_at, "addresses": sorted(thread.addresses)[:MAX_PARTICIPANTS]},
                    },
                    upsert=True,
                )
            ],
            session=session,
        )
        if note.message_id is None:
            return
        row = _message_row(arrival, thread.conversation_id, note.message_id, note.content_hash, arrival.received_at)
        # The first mail with a Message-ID keeps it: a later one with the same id must not take its place.
        if await self._messages.find_one({"_id": row["_id"]}, projection={"_id": 1}, session=session) is None:
            await self._messages.bulk_write([InsertOne(row)], session=session)


def _input_row(arrival: Arrival, decision: Decision) -> Document:
    return {
        "_id": arrival.id,
        "channel": arrival.channel,
        "account": arrival.account,
        "brand_id": arrival.brand_id,
        "conversation_id": decision.conversation_id,
        "entry_id": decision.entry_id,
        "received_at": arrival.received_at,
        "content_type": arrival.content_type,
        "size_bytes": len(arrival.raw),
        "envelope": dict(arrival.envelope),
        "events": len(decision.events),
    }


def _message_row(arrival: Arrival, thread_id: str, message_id: str, content_hash: str, at: datetime) -> dict[str, Any]:
    return {
        "_id": ids.derived("message", arrival.account, message_id),
        "message_id": message_id,
        "account": arrival.account,
        "conversation_id": thread_id,
        "content_hash": content_hash,
        "at": at,
    }


def _fact(arrival: Arrival, n: int, event: Event) -> Fact:
    """The aggregate is the input itself: ingest keeps no state of conversations, tickets orders them."""
    cause = Cause(arrival.id, arrival.correlation_id, arrival.traceparent)
    if isinstance(event, PhoneStatusChanged):
        return Fact.of(n, cause, AGENTS, event.email, arrival.id, n + 1, arrival.received_at, event)
    if isinstance(event, ActivityRecorded):
        return Fact.of(n, cause, ACTIVITY, event.key, arrival.id, n + 1, arrival.received_at, event)
    key: str = event.conversation_id  # type: ignore[attr-defined]  # every event of ingest.messages.v1 has one
    return Fact.of(n, cause, MESSAGES, key, arrival.id, n + 1, arrival.received_at, event)
