"""The append-only log of a service: outbox, timeline and audit trail in one.

A row is written in the same transaction as the state it explains, with the bytes that the relay will
publish. Beside it stands the record of inputs that were applied, so that a second delivery changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from shared import metrics, trace
from shared.clock import Clock
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.ids import event_id
from shared.mongo import Asked, Database, Document, expire_after
from shared.topics import Topic


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something happened: the input's or command's id, and the chain that it belongs to."""

    id: str
    correlation_id: str
    traceparent: str = ""

    @classmethod
    def of(cls, received: Received[Event]) -> Self:
        return cls(received.id, received.correlation_id, received.traceparent)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event on its way into the log. `id` comes from `event_id(cause.id, n)`; (aggregate_id, seq) is unique."""

    id: str
    topic: Topic
    key: str
    aggregate_id: str
    seq: int
    at: datetime
    event: Event
    cause: Cause

    @classmethod
    def of(
        cls,
        n: int,
        cause: Cause,
        topic: Topic,
        key: str,
        aggregate_id: str,
        seq: int,
        at: datetime,
        event: Event,
    ) -> Self:
        """The n-th event of a cause."""
        return cls(event_id(cause.id, n), topic, key, aggregate_id, seq, at, event, cause)


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row read back. `value` is the JSON exactly as published; `name` the event's bare name."""

    id: str
    type: str
    name: str
    seq: int
    at: datetime
    value: str


class Log:
    """Collections `log` and `applied` of one service's database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.rows = database.get_collection("log")
        self.applied = database.get_collection("applied")
        self.clock = clock
        self._service = database.name.rsplit("_", 1)[-1]

    async def ensure_indexes(self, *, applied_days: int = 60) -> None:
        await self.rows.create_indexes(
            [
                IndexModel([("aggregate_id", ASCENDING), ("seq", ASCENDING)], unique=True),
                IndexModel([("logged_at", ASCENDING), ("seq", ASCENDING)]),
            ]
        )
        await expire_after(self.applied, "at", applied_days * 24 * 3600)

    async def append(self, facts: Sequence[Fact], session: AsyncClientSession) -> None:
        if not facts:
            return
        logged_at = self.clock()
        await self.rows.insert_many([_row(fact, logged_at) for fact in facts], ordered=False, session=session)
        metrics.logged.labels(self._service).inc(len(facts))

    async def already_applied(
        self, ids: Sequence[str], session: AsyncClientSession, *, by_events: bool = False
    ) -> set[str]:
        """Those of `ids` that were applied before. `by_events`: also those whose first event is in the log, for who
        remembers only the others."""
        rows: list[Document] = []
        for one in self.asked(ids, by_events=by_events):
            found = self.database[one.collection].find(one.match, one.fields, session=session)
            rows += await found.to_list(None)
        return self.known(ids, rows)

    @staticmethod
    def asked(ids: Sequence[str], *, by_events: bool) -> list[Asked]:
        """What is to be read for `known`."""
        remembered = Asked("applied", {"_id": {"$in": list(ids)}}, {"_id": True})
        if not by_events:
            return [remembered]
        return [remembered, Asked("log", {"_id": {"$in": [event_id(one, 0) for one in ids]}}, {"_id": True})]

    def known(self, ids: Sequence[str], rows: Iterable[Document]) -> set[str]:
        """Those of `ids` that are among `rows`, themselves or by their first event."""
        there = {row["_id"] for row in rows}
        known = {one for one in ids if one in there or event_id(one, 0) in there} if there else set()
        if known:
            metrics.applied_duplicates.labels(self._service).inc(len(known))
        return known

    async def remember(self, ids: Sequence[str], session: AsyncClientSession) -> None:
        """Mark inputs as applied. A duplicate key here means another writer did the same: run again."""
        if ids:
            at = self.clock()
            await self.applied.insert_many([{"_id": one, "at": at} for one in ids], ordered=False, session=session)

    async def read(
        self,
        aggregate_id: str,
        *,
        after_seq: int = 0,
        before_seq: int | None = None,
        limit: int = 200,
        newest_first: bool = False,
    ) -> list[LogRow]:
        """Rows of one aggregate in order of `seq`, after and before the given ones (both exclusive)."""
        bounds: dict[str, Any] = {"$gt": after_seq}
        if before_seq is not None:
            bounds["$lt"] = before_seq
        found = (
            self.rows.find({"aggregate_id": aggregate_id, "seq": bounds})
            .sort("seq", DESCENDING if newest_first else ASCENDING)
            .limit(limit)
        )
        return [log_row(row) async for row in found]

    async def caused_by(self, cause_id: str) -> list[LogRow]:
        """What an input or command led to, in order; for the answer to a repeated command."""
        ids = [event_id(cause_id, n) for n in range(32)]
        found = await self.rows.find({"_id": {"$in": ids}}).to_list(None)
        order = {one: n for n, one in enumerate(ids)}
        return [log_row(row) for row in sorted(found, key=lambda row: order[row["_id"]])]


def _row(fact: Fact, logged_at: datetime) -> dict[str, Any]:
    """`at` is when it happened, which may be years ago; `logged_at` when the row was written: the relay's order."""
    return {
        "_id": fact.id,
        "topic": fact.topic.name,
        "key": fact.key,
        "aggregate_id": fact.aggregate_id,
        "seq": fact.seq,
        "type": fact.topic.type_of(type(fact.event)),
        "at": fact.at,
        "logged_at": logged_at,
        "cause": fact.cause.id,
        "correlation_id": fact.cause.correlation_id,
        "traceparent": trace.going_on(fact.cause.traceparent, fact.cause.correlation_id, fact.id),
        "value": fact.event.model_dump_json(),
    }


def log_row(row: dict[str, Any]) -> LogRow:
    """As a query of the collection found it."""
    return LogRow(row["_id"], row["type"], row["type"].split(".")[2], row["seq"], row["at"], row["value"])
