"""Looks at what a service wrote and nobody has taken yet: its own log's outbox, and the groups that read its topics.

Watched by the writer, so that a reader that does not run is seen. Changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

from pymongo import ASCENDING

from shared import clock, metrics
from shared.errors import Transient
from shared.groups import Groups, Standing
from shared.loop import Loop
from shared.mongo import Database
from shared.settings import Settings
from shared.topics import TOPICS, Topic

EVERY_S = 5.0
TURN_S = 30.0
CLOSE_S = 1.0
MOST_ROWS = 10_000
"""Further the outbox is not counted: what matters then is its age."""


def watched_by(service: str) -> dict[str, list[Topic]]:
    """Which groups a service watches, and on which topics: those that others read of what it writes.

    What a service reads of its own, and what integrators write, is watched by tickets (else ingest): who reads must
    not be the one who watches.
    """
    found: dict[str, list[Topic]] = {}
    for topic in TOPICS:
        for group in topic.groups:
            reader = group.partition(".")[0]
            watchers = [one for one in (topic.owner, "tickets", "ingest") if one not in (reader, "integrations")]
            if watchers[0] == service:
                found.setdefault(group, []).append(topic)
    return found


class Watch(Loop):
    """A part: the outbox, every few seconds, and beside it the readers, as these cannot be seen while Kafka is away,
    when the age of the outbox matters most. What cannot be seen stays as it was; `watched_at_seconds` grows old."""

    def __init__(self, settings: Settings, *, service: str, database: Database, every_s: float = EVERY_S) -> None:
        super().__init__(f"watch.{service}", pause_s=every_s)
        self.readers = Readers(settings, service=service, every_s=every_s)
        self._service = service
        self._log = database.get_collection("log")
        self._relays = database.get_collection("relays")

    async def start(self) -> None:
        await self.readers.start()
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        await self.readers.stop()

    def alive(self) -> bool:
        return super().alive() and self.readers.alive()

    async def turn(self) -> bool:
        """Rows that the relay has not published: those logged after the newest that it has remembered."""
        mark = await self._relays.find_one({"_id": "relay"}, projection={"at": 1})
        waiting = {"logged_at": {"$gt": mark["at"]}} if mark else {}
        first = await self._log.find_one(waiting, projection={"logged_at": 1}, sort=[("logged_at", ASCENDING)])
        rows = await self._log.count_documents(waiting, limit=MOST_ROWS) if first else 0
        age_s = (clock.now() - first["logged_at"]).total_seconds() if first else 0.0
        metrics.outbox_rows.labels(self._service).set(rows)
        metrics.outbox_age_seconds.labels(self._service).set(max(0.0, age_s))
        return False


class Readers(Loop):
    """The groups that this service watches: members, lag, age, dead letters."""

    def __init__(self, settings: Settings, *, service: str, every_s: float = EVERY_S) -> None:
        super().__init__(f"watch.{service}.readers", pause_s=every_s)
        self._settings = settings
        self._service = service
        self._watched = watched_by(service)
        self._groups: Groups | None = None

    async def stop(self) -> None:
        """At once: a look that waits for Kafka changes nothing."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._close()

    async def turn(self) -> bool:
        try:
            async with asyncio.timeout(TURN_S):
                await self._look()
        except Exception as error:
            await self._close()  # a client that has failed is not used again
            if isinstance(error, TimeoutError):
                raise Transient("Kafka does not answer") from error
            raise
        metrics.watched_at_seconds.labels(self._service).set(time.time())
        return False

    async def _close(self) -> None:
        if self._groups is not None:
            groups, self._groups = self._groups, None
            with contextlib.suppress(Exception):
                async with asyncio.timeout(CLOSE_S):
                    await groups.close()

    async def _look(self) -> None:
        if not self._watched:
            return
        if self._groups is None:
            self._groups = await Groups.open(self._settings)
        for group, count in (await self._groups.members(list(self._watched))).items():
            metrics.group_members.labels(group).set(count)
        for group, topics in self._watched.items():
            _tell(group, await self._groups.standing(group, [topic.name for topic in topics]))
            for topic in topics:
                dead = await self._groups.standing(f"{group}.redrive", [topic.dead_letters(group)])
                metrics.dead_letters_waiting.labels(group, topic.name).set(sum(one.lag for one in dead))
                metrics.dead_letter_age_seconds.labels(group, topic.name).set(_age_s(dead))


def _tell(group: str, standings: Sequence[Standing]) -> None:
    by_topic: dict[str, list[Standing]] = {}
    for one in standings:
        by_topic.setdefault(one.topic, []).append(one)
        where = (group, one.topic, str(one.partition))
        metrics.lag_records.labels(*where).set(one.lag)
        metrics.committed_offset.labels(*where).set(one.at)
        metrics.end_offset.labels(one.topic, str(one.partition)).set(one.end)
    for topic, found in by_topic.items():
        metrics.oldest_unprocessed_seconds.labels(group, topic).set(_age_s(found))
        metrics.log_room_ratio.labels(group, topic).set(min(one.room for one in found))


def _age_s(standings: Sequence[Standing]) -> float:
    """Of the oldest record that waits; 0 when none does."""
    times = [one.oldest_ms for one in standings if one.oldest_ms is not None]
    return max(0.0, time.time() - min(times) / 1000) if times else 0.0
