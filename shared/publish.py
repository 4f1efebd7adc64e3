"""Rows of a log on their way to Kafka: their order, their form, and one Kafka transaction for many.

For the relay, and for `shared.republish`; nobody else publishes a log.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer
from pymongo.asynchronous.cursor import AsyncCursor

from shared import kafka
from shared.cloudevents import REPUBLISHED, encode_headers
from shared.mongo import Document
from shared.settings import Settings

BATCH = 1000
HOLD_S = 1.0
MOST_OPEN = 5 * BATCH
ABANDON_S = 1.0
SKEW = timedelta(seconds=2)
"""How far the clocks of replicas may differ, as `logged_at` is the writer's."""


async def in_turns(found: AsyncCursor[Document]) -> AsyncIterator[list[Document]]:
    """Rows that are read in the order of `logged_at`, a part at a time, each aggregate's in the order of `seq`."""
    held: list[Document] = []
    while page := await found.to_list(BATCH):
        ready, held = in_turn([*held, *page], page[-1]["logged_at"] - SKEW)
        yield ready
    yield held


def in_turn(rows: Sequence[Document], until: datetime) -> tuple[list[Document], list[Document]]:
    """Rows by time, but each aggregate's by `seq`, whatever the writers' clocks said: its rows change places.

    Returns those whose place is not after `until`, and the rest, to be sorted again with what comes next.
    """
    by_time = sorted(rows, key=lambda row: (row["logged_at"], row["seq"]))
    turns: dict[str, deque[Document]] = {}
    for row in sorted(rows, key=lambda row: row["seq"]):
        turns.setdefault(row["aggregate_id"], deque()).append(row)
    sorted_rows = [turns[row["aggregate_id"]].popleft() for row in by_time]
    ready = sum(1 for row in by_time if row["logged_at"] <= until)
    return sorted_rows[:ready], sorted_rows[ready:]


async def publish(
    producer: AIOKafkaProducer, settings: Settings, service: str, rows: Sequence[Document], *, again: bool = False
) -> None:
    """All of them in one Kafka transaction, or none. `again`: their readers may have had them before."""
    async with producer.transaction():
        sent = [await send(producer, settings, service, row, again) for row in rows]
        await asyncio.gather(*sent)


class Outgoing:
    """Rows that are sent as they come, in one Kafka transaction after another, each open for HOLD_S.

    Ours read what is not committed yet, so nothing waits for the end of a transaction; beginning one costs 20 ms when
    the last one has only just ended (KAFKA-5477), and for each row alone that was most of its way to a screen.
    """

    def __init__(self, producer: AIOKafkaProducer, settings: Settings, service: str) -> None:
        self._producer = producer
        self._settings = settings
        self._service = service
        self._acks: list[asyncio.Future[Any]] = []
        self._rows = 0
        self._ends_at = 0.0

    @property
    def open_s(self) -> float | None:
        """How long the transaction may stay open yet; None when there is none."""
        if not self._acks:
            return None
        return 0.0 if self._rows >= MOST_OPEN else max(0.0, self._ends_at - time.monotonic())

    async def add(self, rows: Sequence[Document]) -> asyncio.Future[Any]:
        """Send them; the future is done when Kafka has them."""
        if not self._acks:
            await self._producer.begin_transaction()
            self._ends_at = time.monotonic() + HOLD_S
        sent = [await send(self._producer, self._settings, self._service, row, False) for row in rows]
        acknowledged = asyncio.gather(*sent)
        self._acks.append(acknowledged)
        self._rows += len(rows)
        return acknowledged

    async def settle(self) -> None:
        """End the transaction: now all of it counts."""
        if self._acks:
            await asyncio.gather(*self._acks)
            await self._producer.commit_transaction()
            self._acks, self._rows = [], 0

    async def abandon(self) -> None:
        """After an error. Who reads only what is committed never sees these rows, and they come again."""
        if self._acks:
            with suppress(Exception):
                async with asyncio.timeout(ABANDON_S):
                    await self._producer.abort_transaction()
                    await asyncio.gather(*self._acks, return_exceptions=True)
            self._acks, self._rows = [], 0


async def send(
    producer: AIOKafkaProducer, settings: Settings, service: str, row: Document, again: bool
) -> asyncio.Future[Any]:
    """One row, as a CloudEvent in binary mode; done when the future is."""
    headers = encode_headers(
        id=row["_id"],
        type=row["type"],
        source=f"/switchboard/{service}",
        subject=row["aggregate_id"],
        time=row["at"],
        sequence=row["seq"],
        correlation_id=row["correlation_id"],
        causation_id=row["cause"],
        traceparent=row["traceparent"],
    )
    sent: asyncio.Future[Any] = await producer.send(
        kafka.topic_name(settings, row["topic"]),
        value=row["value"].encode(),
        key=row["key"].encode(),
        headers=[*headers, (REPUBLISHED, b"true")] if again else headers,
    )
    return sent
