"""The relay: follows a service's log and publishes each row to Kafka, with its key, in log order.

It alone publishes. One relay is active per log (a lease); a stale one is fenced by the broker, because a new
one starts its transactional producer under the same id. It remembers how far it came (`relays` collection).
When the change stream's token is too old, or there is none, it reads the log itself from there on. A crash
between publishing and remembering repeats rows with the same `ce_id`, in order; readers drop what they know.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from aiokafka.errors import KafkaError
from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared import clock, kafka, metrics
from shared.leases import RENEW_S, Lease
from shared.logs import get_logger
from shared.mongo import Client, Database, Document
from shared.publish import BATCH, Outgoing, in_turns
from shared.settings import Settings

log = get_logger(__name__)

WAIT_MS = 250
SILENT_S = 5.0
OVERLAP = timedelta(minutes=2)
"""How far back the log is read again when the stream cannot be resumed: above the longest transaction."""
STALL_S = 120.0
_LOST = {136, 222, 234, 260, 280, 286, 9, 15, 40647, 40649}
"""CappedPositionLost, CloseChangeStream, RetryChangeStream, InvalidResumeToken, ChangeStreamFatalError,
ChangeStreamHistoryLost, and four that say "this is no token" (MongoDB error codes)."""


_Stream = tuple[int, list[Document], Document]
"""A change stream: its cursor, the rows of the batch in hand, and the token that resumes behind them."""


class _Deposed(Exception):
    """Somebody else is the relay now."""


class _Closed(Exception):
    """The stream has ended: the collection was dropped, as by a restore over it."""


class Relay:
    """A part that publishes one service's log while it holds the lease."""

    def __init__(self, settings: Settings, *, service: str, database: Database, client: Client) -> None:
        self.name = f"relay.{service}"
        self._settings = settings
        self._service = service
        self._client = client
        self._database = database
        # A row that is not yet with the majority can be lost with its primary, and must not be on a topic then.
        self._rows = database.get_collection("log", read_concern=ReadConcern("majority"))
        # Not by majority: a mark that is lost with its primary only makes rows come twice, and a flush takes its time.
        self._checkpoints = database.get_collection("relays", write_concern=WriteConcern(w=1))
        self._lease = Lease(database.get_collection("leases"), "relay", clock.now)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._progressed_at = 0.0
        self._resumable = True

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        self._progressed_at = time.monotonic()
        metrics.relay_leader.labels(self._service).set(0)
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """Publish what is in hand and release the lease."""
        self._stopping.set()
        if self._task:
            done, _ = await asyncio.wait([self._task], timeout=self._settings.drain_s)
            if not done:
                self._task.cancel()

    def alive(self) -> bool:
        return self._task is None or (not self._task.done() and time.monotonic() - self._progressed_at < STALL_S)

    async def ready(self) -> str | None:
        return None  # a relay that waits makes events late, but takes nothing from who calls this process

    async def _run(self) -> None:
        """Stand for election until we are asked to stop; lead while we hold the lease."""
        pause = 0.0
        while not self._stopping.is_set():
            self._progressed_at = time.monotonic()
            try:
                if await self._lease.acquire():
                    await self._lead()
                    pause = 0.0
                else:
                    pause = 1.0
            except (PyMongoError, KafkaError, _Deposed, _Closed, OSError, TimeoutError) as error:
                self._resumable = self._resumable and not _is_lost(error)
                metrics.relay_restarts.labels(self._service).inc()
                pause = min(5.0, pause * 2 + 0.2)
                log.warning("relay begins anew", relay=self._service, error=repr(error)[:300])
            except Exception:
                metrics.relay_restarts.labels(self._service).inc()
                pause = 5.0
                log.exception("relay failed", relay=self._service)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), random.uniform(pause / 2, pause) + 0.01)  # noqa: S311

    async def _lead(self) -> None:
        producer = kafka.relay_producer(self._settings, f"{self._service}.relay")
        renewing = asyncio.create_task(self._keep_lease())
        tasks = [renewing]
        try:
            await producer.start()
            log.info("relaying", relay=self._service, epoch=self._lease.epoch)
            metrics.relay_leader.labels(self._service).set(1)
            tasks.append(asyncio.create_task(self._tell(Outgoing(producer, self._settings, self._service))))
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            metrics.relay_leader.labels(self._service).set(0)
            await _end(tasks)
            with contextlib.suppress(Exception):
                await producer.stop()
            with contextlib.suppress(PyMongoError):
                await self._lease.release()

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            if not await self._lease.renew():
                raise _Deposed

    # ── following the log ────────────────────────────────────────────────────────────────────────
    async def _tell(self, out: Outgoing) -> None:
        try:
            await self._follow(out)
        finally:
            await out.abandon()

    async def _follow(self, out: Outgoing) -> None:
        checkpoint = await self._checkpoints.find_one({"_id": "relay"}) or {}
        token = checkpoint.get("token") if self._resumable else None
        async with self._client.start_session() as session:
            # Without a token, open the stream first, then read the log: what is written meanwhile is in one or both.
            cursor, rows, here = await self._watch(session, {"resumeAfter": token} if token else {})
            newest = None
            if token is None:
                newest = await self._catch_up(session, out, checkpoint.get("at"))
                if newest is not None:
                    await self._remember(here, newest)
            while True:
                # What was fetched is published even when we are to stop: `here` is behind it.
                if rows:
                    await self._publish(out, rows)
                    newest = max(newest or rows[0]["logged_at"], *(row["logged_at"] for row in rows))
                stopping = self._stopping.is_set()
                if newest is not None and (stopping or out.open_s == 0.0):
                    await self._settle(out, here, newest)
                if stopping:
                    return
                self._progressed_at = time.monotonic()
                cursor, rows, here = await self._more(session, cursor, out.open_s)

    async def _settle(self, out: Outgoing, token: Document, at: datetime) -> None:
        """What was sent is final, and only then remembered."""
        await out.settle()
        await self._remember(token, at)

    async def _watch(self, session: AsyncClientSession, stage: Document) -> _Stream:
        """A change stream over inserts into the log.

        The commands are sent as they are (MongoDB manual, `aggregate` and `getMore`), as the driver's own
        stream gives one change at a time and hides where a batch ends.
        """
        pipeline = [
            {"$changeStream": stage},
            {"$match": {"operationType": "insert"}},
            {"$project": {"fullDocument": 1}},
        ]
        answer = await self._database.command(
            {"aggregate": "log", "pipeline": pipeline, "cursor": {"batchSize": 0}},
            session=session,
            codec_options=self._rows.codec_options,
        )
        return _batch(answer, "firstBatch")

    async def _more(self, session: AsyncClientSession, cursor: int, within_s: float | None) -> _Stream:
        # The server answers within WAIT_MS, so a silent connection is a dead one, long before its socket's timeout.
        wait_ms = WAIT_MS if within_s is None else max(1, min(WAIT_MS, int(within_s * 1000)))
        async with asyncio.timeout(SILENT_S):
            answer = await self._database.command(
                {"getMore": cursor, "collection": "log", "batchSize": BATCH, "maxTimeMS": wait_ms},
                session=session,
                codec_options=self._database.codec_options,
            )
        return _batch(answer, "nextBatch")

    async def _catch_up(self, session: AsyncClientSession, out: Outgoing, since: datetime | None) -> datetime | None:
        """Publish from the log itself: everything, or from a little before the last row published.

        What was written before the stream opened is waited for until it is with the majority (MongoDB's causal
        consistency), or a row that was just then on its way there would be in neither.

        Ends at the newest row there is now, as later ones come by the stream: one that overtakes the reading could
        hide the one before it. Returns that row's time, None when there was nothing.
        """
        # Its answer's time is of what the primary had; the stream's, of what the majority had.
        await self._database.command("ping", session=session)
        last = await self._rows.find_one(sort=[("logged_at", DESCENDING)], session=session)
        if last is None:
            return None
        newest: datetime = last["logged_at"]
        wanted: dict[str, Any] = {"logged_at": {"$lte": newest} | ({"$gte": since - OVERLAP} if since else {})}
        rows_found = self._rows.find(wanted, session=session)
        found = rows_found.sort([("logged_at", ASCENDING), ("seq", ASCENDING)]).batch_size(BATCH)
        async for rows in in_turns(found):
            for start in range(0, len(rows), BATCH):
                await self._publish(out, rows[start : start + BATCH])
                await out.settle()
                self._progressed_at = time.monotonic()
            if self._stopping.is_set():
                return None
        return newest

    async def _publish(self, out: Outgoing, rows: Sequence[Document]) -> None:
        written_at = [row["logged_at"] for row in rows]
        (await out.add(rows)).add_done_callback(lambda sent: self._count(sent, written_at))

    def _count(self, sent: asyncio.Future[Any], written_at: Sequence[datetime]) -> None:
        """Rows that Kafka has. Their age from when they were written, not from when it happened, maybe years ago."""
        if sent.cancelled() or sent.exception():
            return
        metrics.relayed.labels(self._service).inc(len(written_at))
        now = clock.now()
        for at in written_at[:: max(1, len(written_at) // 10)]:
            metrics.relay_age_seconds.labels(self._service).observe((now - at).total_seconds())

    async def _remember(self, token: Document, at: datetime) -> None:
        """Only the newest relay may move the mark; a stale one learns here that it is deposed.

        `at` is the `logged_at` of the newest row published.
        """
        self._resumable = True
        epoch = self._lease.epoch
        result = await self._checkpoints.update_one(
            {"_id": "relay", "epoch": {"$lte": epoch}}, {"$set": {"token": token, "at": at, "epoch": epoch}}
        )
        if result.matched_count:
            return
        if await self._checkpoints.find_one({"_id": "relay"}, projection={"_id": 1}):
            raise _Deposed
        await self._checkpoints.insert_one({"_id": "relay", "token": token, "at": at, "epoch": epoch})


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel until they have ended. Once is not enough: a wait in the driver can swallow it when the server comes
    back at that moment, and a lease that nobody uses would be renewed for ever (PyMongo 4.20, Python 3.11)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1.0)
    await asyncio.gather(*tasks, return_exceptions=True)


def _is_lost(error: Exception) -> bool:
    """Whether the token leads nowhere any more."""
    return isinstance(error, _Closed) or (isinstance(error, OperationFailure) and error.code in _LOST)


def _batch(answer: Document, name: str) -> _Stream:
    cursor = answer["cursor"]
    if not cursor["id"]:
        raise _Closed
    return cursor["id"], [change["fullDocument"] for change in cursor[name]], cursor["postBatchResumeToken"]
