"""The index of this process, kept beside what MongoDB holds: made when there is none, then told by the log.

Every process that answers HTTP keeps one of its own, from the log alone and in any number of processes on any number of
machines: none depends on another, and each is lost without loss. The desk's row `search` names the index that all of
them are to have; another name there (`services.tickets.rebuild_search`) makes each build anew, while its old one goes
on answering.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.tickets.model.search.clauses import Clause
from services.tickets.store.search.engine import VERSION, Engine, Hit
from services.tickets.store.search.folder import Mark, Place
from services.tickets.store.search.reading import Reading
from services.tickets.store.search.stream import LogStream
from shared import clock, metrics
from shared.errors import Unavailable, is_away
from shared.ids import random_id
from shared.logs import get_logger
from shared.mongo import Client, Database, Document

log = get_logger(__name__)

PORTION = 400
"""Conversations that are read and written at once."""
COMMIT_EVERY = 20_000
"""Of the first scan: what a crash repeats."""
GATHER_MS = 150
"""How long what is written is gathered: finding it costs one commit, of one change or of a thousand."""
WAIT_MS = 1_000
OVERLAP = timedelta(minutes=2)
"""How far back the log is read again: above the longest transaction, whose rows are older than when they are seen."""
NAMED_EVERY_S = 3.0
STALL_S = 120.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def rename(database: Database) -> str:
    """Let every process make its index anew; the new one's name."""
    name = random_id()
    await database.get_collection("search").update_one({"_id": "index"}, {"$set": {"name": name}}, upsert=True)
    return name


class _Renamed(Exception):
    """The desk is to have another index."""


class SearchIndex:
    """A part. `search` may be asked from its first moment on, and says so while it is being made."""

    name = "search"

    def __init__(self, client: Client, database: Database, folder: Path | None) -> None:
        self.reading = Reading(database)
        self._client = client
        self._database = database
        self._row = database.get_collection("search")
        self._folder = folder
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._place: Place | None = None
        self._engine: Engine | None = None
        self._opened = ""
        self._made = 0.0
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._progressed_at = 0.0
        self._current_at = 0.0
        self._named_at = 0.0

    # ── asking ───────────────────────────────────────────────────────────────────────────────────
    async def search(self, clause: Clause, limit: int, *, up_to: int | None = None) -> tuple[list[Hit], int]:
        """As `Engine.search`. Raises Unavailable until there is an index."""
        engine = self._engine
        if engine is None:
            told = f"Search is being set up ({self._made:.0%} done). Try again in a moment."
            raise Unavailable("search_is_being_made", told)
        return await asyncio.to_thread(engine.search, clause, limit, up_to=up_to)

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        if self._folder is None:
            self._own = tempfile.TemporaryDirectory(prefix="switchboard-search-")
        self._place = Place(Path(self._own.name) if self._own else self._folder or Path())
        self._progressed_at = self._current_at = time.monotonic()
        metrics.search_behind_seconds.set_function(lambda: time.monotonic() - self._current_at)
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """After the portion in hand."""
        self._stopping.set()
        if self._task:
            await self._task
        if self._engine:
            await asyncio.to_thread(self._engine.close)
        if self._place:
            self._place.leave()
        if self._own:
            await asyncio.to_thread(self._own.cleanup)

    def alive(self) -> bool:
        return self._task is None or (not self._task.done() and time.monotonic() - self._progressed_at < STALL_S)

    async def ready(self) -> str | None:
        return None  # without search the desk works; an index of millions must not keep a desk from starting

    async def _run(self) -> None:
        pause_s = 0.0
        while not self._stopping.is_set():
            self._progressed_at = time.monotonic()
            try:
                await self._live()
            except _Renamed:
                pause_s = 0.0
            except Exception as error:
                pause_s = min(10.0, pause_s * 2 + 0.5)
                if is_away(error) or isinstance(error, TimeoutError):
                    log.warning("search waits", error=repr(error)[:300])
                else:
                    log.exception("search index failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s + 0.01)

    async def _live(self) -> None:
        """Open the index or make it, then follow the log until it fails, is renamed, or we are asked to stop."""
        name = await self._name()
        place = self._place
        if place is None:
            return
        mark = await asyncio.to_thread(place.mark, name)
        engine = await asyncio.to_thread(self._open, place, name, mark)
        if engine is None:
            mark, engine = None, await asyncio.to_thread(lambda: Engine(place.clear(name)))
        kept = False
        try:
            mark = mark or Mark(name, await self.reading.newest(), "")
            if mark.after is not None:
                mark = await self._scan(engine, place, mark)
            if mark is not None:
                kept = True
                await self._follow(engine, place, mark)
        finally:
            if not kept or self._engine is not engine:
                await asyncio.to_thread(engine.close)

    def _open(self, place: Place, name: str, mark: Mark | None) -> Engine | None:
        """The one that is open already, or that lies there; None when it is to be made."""
        if mark is None:
            return None
        if self._engine is not None and self._opened == name:
            return self._engine
        try:
            return Engine(place.data(name))
        except (ValueError, OSError) as error:
            log.warning("an index cannot be opened and is made anew", error=repr(error)[:300])
            return None

    async def _name(self) -> str:
        """What the desk's index is called; it has none before the first process asks."""
        row = await self._row.find_one({"_id": "index"})
        if row is None:
            await self._row.update_one({"_id": "index"}, {"$setOnInsert": {"name": random_id()}}, upsert=True)
            return await self._name()
        self._named_at = time.monotonic()
        return f"{row['name']}-{VERSION}"

    # ── making it ────────────────────────────────────────────────────────────────────────────────
    async def _scan(self, engine: Engine, place: Place, mark: Mark) -> Mark | None:
        """Every conversation, by id. None: asked to stop; the next process goes on here."""
        began, count, done, kept = time.monotonic(), await self.reading.count(), engine.count, engine.count
        after: str = mark.after or ""
        reading = asyncio.create_task(self._portion(after))
        try:
            while True:
                ids, documents = await reading
                if not ids or self._stopping.is_set():
                    break
                after = ids[-1]
                reading = asyncio.create_task(self._portion(after))  # while the last one is written
                await asyncio.to_thread(engine.put, documents, fresh=True)
                done += len(documents)
                self._made = min(0.99, done / max(1, count))
                self._progressed_at = time.monotonic()
                if done - kept >= COMMIT_EVERY:
                    await asyncio.to_thread(engine.commit)
                    await asyncio.to_thread(place.keep, Mark(mark.index, mark.since, after))
                    kept = done
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        await asyncio.to_thread(engine.commit)
        if self._stopping.is_set():
            await asyncio.to_thread(place.keep, Mark(mark.index, mark.since, after))
            return None
        whole = Mark(mark.index, mark.since, None)
        await asyncio.to_thread(place.keep, whole)
        log.info("search index made", conversations=done, seconds=round(time.monotonic() - began, 1))
        return whole

    async def _portion(self, after: str) -> tuple[list[str], list[Any]]:
        ids = await self.reading.ids_after(after, PORTION)
        return ids, await self.reading.documents(ids) if ids else []

    # ── following the log ────────────────────────────────────────────────────────────────────────
    async def _follow(self, engine: Engine, place: Place, mark: Mark) -> None:
        """What changed since the mark, from the log; then what is written, as it comes."""
        async with self._client.start_session() as session:
            stream = LogStream(self._database, session)
            await stream.open()  # before the log is read: what is written meanwhile is in one or both
            async for rows in self.reading.changed_since(mark.since - OVERLAP if mark.since else _EPOCH):
                mark = await self._take(engine, place, mark, rows, told=False)
            if self._engine is not engine:
                await self._serve(engine, place, mark.index)
            while not self._stopping.is_set():
                self._progressed_at = time.monotonic()
                rows = await stream.rows(WAIT_MS)
                if rows:
                    await asyncio.sleep(GATHER_MS / 1000)
                    while more := await stream.rows(1):
                        rows += more
                        if len(rows) >= PORTION * 5:
                            break
                    mark = await self._take(engine, place, mark, rows, told=True)
                self._current_at = time.monotonic()
                if time.monotonic() - self._named_at > NAMED_EVERY_S and await self._name() != mark.index:
                    raise _Renamed

    async def _serve(self, engine: Engine, place: Place, name: str) -> None:
        """Answer from this one; the one before it ends."""
        before, self._engine, self._opened = self._engine, engine, name
        self._made = 1.0
        metrics.search_conversations.set_function(lambda: engine.count)
        if before is not None:
            await asyncio.to_thread(before.close)
        await asyncio.to_thread(place.drop_others, name)

    async def _take(self, engine: Engine, place: Place, mark: Mark, rows: Sequence[Document], *, told: bool) -> Mark:
        """Write anew what rows of the log are about. `told`: as they came, so that it says how late."""
        if not rows:
            return mark
        ids = await self.reading.conversations_of(rows)
        for start in range(0, len(ids), PORTION):
            documents = await self.reading.documents(ids[start : start + PORTION])
            await asyncio.to_thread(engine.put, documents)
            self._progressed_at = time.monotonic()
            if self._stopping.is_set():
                return mark  # nothing of it is committed: the next process takes it again
        await asyncio.to_thread(engine.commit)
        newest = max(row["logged_at"] for row in rows)
        mark = Mark(mark.index, max(newest, mark.since or newest), None)
        await asyncio.to_thread(place.keep, mark)
        if told:
            now = clock.now()
            for row in rows[:: max(1, len(rows) // 10)]:
                metrics.search_lag_seconds.observe((now - row["logged_at"]).total_seconds())
        return mark
