"""The directory's life: the Kafka topic read whole and followed, and the copy that stands in while it cannot be read.

Reads `tickets.directory.v1` without a consumer group.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo.errors import PyMongoError

from shared import kafka
from shared.cloudevents import Unknown, decode
from shared.contracts.base import Event
from shared.directory.copy import DirectoryCopy
from shared.directory.known import Known, key_of
from shared.errors import InvalidMessage
from shared.kafka import KafkaError, RawRecord
from shared.logs import get_logger
from shared.settings import Settings
from shared.topics import DIRECTORY, PARTITIONS

log = get_logger(__name__)

PROMPTLY_S = 2.0
"""How long Kafka may take at start before the copy stands in."""
AGAIN_S = 1.0
REFILL_S = 30.0
"""How long a topic that was lost may bring nothing before the entries that have not come back count as gone."""
UNREAD = "the directory is not read yet"


class Directory(Known):
    """A part. `whole`: all that was on the topic when we began is known, so what is not here does not exist."""

    def __init__(self, settings: Settings, copy: DirectoryCopy | None = None) -> None:
        super().__init__()
        self.name = "directory"
        self._settings = settings
        self._copy = copy
        self._whole = False
        self._waits = UNREAD
        self._read = Known()
        self._lost = False
        self._stand_ins: set[str] = set()
        self._not_back: set[str] = set()
        self._brought_at = 0.0
        self._unkept: dict[str, Event | None] = {}
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def whole(self) -> bool:
        return self._whole

    @property
    def usable(self) -> bool:
        """Whether callers are better served now than asked to come again: whole, or as we last knew it."""
        return self.whole or bool(self._stand_ins)

    def missing(self) -> str | None:
        """None when what is not here does not exist; else a sentence: nobody may be refused for good yet."""
        return None if self.whole else UNREAD

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        self._tasks.append(asyncio.create_task(self._follow(), name=self.name))
        if self._copy is not None:
            self._tasks.append(asyncio.create_task(self._stand_in_when_late(self._copy), name="directory.stand_in"))
            self._tasks.append(asyncio.create_task(self._keep_copy(self._copy), name="directory.copy"))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def alive(self) -> bool:
        return not any(task.done() for task in self._tasks[:1])

    async def ready(self) -> str | None:
        return None if self.usable else self._waits

    # ── the topic ────────────────────────────────────────────────────────────────────────────────
    async def _follow(self) -> None:
        while True:
            consumer = kafka.reader(self._settings)
            try:
                await consumer.start()
                await self._read_on(consumer)
            except KafkaError as error:
                log.warning("directory waits", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)
            finally:
                with contextlib.suppress(Exception):
                    await kafka.close(consumer)

    async def _read_on(self, consumer: AIOKafkaConsumer) -> None:
        name = kafka.topic_name(self._settings, DIRECTORY.name)
        partitions = [TopicPartition(name, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while True:
            batches = await consumer.getmany(timeout_ms=1000 if self._whole or self._lost else 100)
            for records in batches.values():
                for raw in records:
                    self._take(raw)
            if not self._whole and (not self._lost or self._refilled(bool(batches))):
                positions = [await consumer.position(one) >= ends[one] for one in partitions]
                if all(positions) and await self._believable():
                    self._become_whole()

    async def _believable(self) -> bool:
        """A topic without any entry, while we know of some, was lost and not emptied: go on with what we know."""
        if self._copy is None or self._read.entries():
            return True
        with contextlib.suppress(PyMongoError):
            await self._stand_in(self._copy)
            self._lost, self._not_back = bool(self._stand_ins), set(self._stand_ins)
            self._brought_at = time.monotonic()
            return not self._lost
        return False

    def _refilled(self, more: bool) -> bool:
        """Whether a lost topic is whole again: a second brought nothing, and all are back or it is quiet for long.

        Taken for whole too early, it has nobody who comes back later, and what is theirs would be given to others.
        """
        if more:
            self._brought_at = time.monotonic()
            return False
        return not self._not_back or time.monotonic() - self._brought_at > REFILL_S

    def _take(self, raw: RawRecord) -> None:
        key = (raw.key or b"").decode(errors="replace")
        if raw.value is None and self.is_key(key):
            self._take_in(key, None)
            return
        try:
            understood = decode(kafka.as_record(raw, self._settings), DIRECTORY)
        except InvalidMessage as error:
            # Nobody but tickets may write here; a record that cannot be read must not stop sign-in for all.
            log.error("directory record unreadable", offset=raw.offset, error=str(error))
            return
        if not isinstance(understood, Unknown):
            self._take_in(key_of(understood.data), understood.data)

    def _take_in(self, key: str, event: Event | None) -> None:
        """What stands in stays until all is read, as older records of the same entry come first."""
        self._not_back.discard(key)
        known = [] if key in self._stand_ins else [self]
        for one in known if self._whole else [*known, self._read]:
            if event is None:
                one.forget(key)
            else:
                one.learn(event)
        if self._whole and self._copy is not None:
            self._unkept[key] = event
            self._news.set()

    def _become_whole(self) -> None:
        """What the topic says replaces what stood in for it, older or not."""
        for key in self._stand_ins:
            event = self._read.entry(key)
            if event is None:
                self.forget(key)
            elif event != self.entry(key):
                self.put(event)
        self._stand_ins, self._read, self._lost, self._whole = set(), Known(), False, True
        self._news.set()

    # ── the copy ─────────────────────────────────────────────────────────────────────────────────
    async def _stand_in_when_late(self, copy: DirectoryCopy) -> None:
        await asyncio.sleep(PROMPTLY_S)
        while not self.usable:
            try:
                await self._stand_in(copy)
                if not self._stand_ins:
                    self._waits = f"{UNREAD}: Kafka does not answer, and this service has no copy of it"
            except PyMongoError as error:
                self._waits = f"{UNREAD}, nor can its copy be: {type(error).__name__}"
            await asyncio.sleep(AGAIN_S)

    async def _stand_in(self, copy: DirectoryCopy) -> None:
        """Take what we knew last, except what the topic has told meanwhile."""
        if self._stand_ins or self._whole:
            return
        found = await copy.load()
        told = self._read.entries()
        if self._whole or not found.keys() - told.keys():
            return
        self._stand_ins = found.keys() - told.keys()
        for key in self._stand_ins:
            self.put(found[key])
        log.warning("the directory's copy stands in", entries=len(self._stand_ins))

    async def _keep_copy(self, copy: DirectoryCopy) -> None:
        """Write what is new; what cannot be written now is written later."""
        agreed = False
        while True:
            await self._news.wait()
            self._news.clear()
            changes, self._unkept = self._unkept, {}
            try:
                await (copy.keep(changes) if agreed else copy.agree(self.entries()))
                agreed = True
            except PyMongoError as error:
                log.warning("directory copy waits", error=type(error).__name__)
                self._unkept = {**changes, **self._unkept}
                self._news.set()
                await asyncio.sleep(AGAIN_S)
