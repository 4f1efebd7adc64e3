"""The one way to consume: a batch is validated, handled in one transaction, and only then acknowledged.

A record that cannot be read goes to the dead letters and its neighbours are applied. A batch whose handling
raises is bisected to the record at fault, which is tried three times. A server that is away is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence

from aiokafka.abc import ConsumerRebalanceListener

from shared import clock, kafka, metrics, trace
from shared.cloudevents import Received, Record, Unknown, decode, said
from shared.contracts.base import Event
from shared.dead_letters import Allowance, DeadLetters
from shared.errors import InvalidMessage
from shared.kafka import KafkaError, RawRecord, TopicPartition
from shared.logs import get_logger
from shared.offsets import Offsets
from shared.patience import Patience, Stopping
from shared.settings import Settings
from shared.topics import BY_NAME, read_by

log = get_logger(__name__)

Batch = Sequence[Received[Event]]
Handle = Callable[[Batch], Awaitable[None]]

TRIES = 3
SMALL = 100
"""A batch with fewer records was all there was."""
WATCH_EVERY_S = 2.0
FLUSH_S = 2.0
DRAINS = 0.8
"""What the batch in hand gets of the time there is for leaving; the rest is for leaving the group."""
STALL_S = 180.0
"""Liveness: above the longest batch. A wait for a server counts as progress, or an outage restarts everything."""


class Consumer(ConsumerRebalanceListener):
    """A part that reads all topics of one consumer group (`topics.read_by(group)`) and calls `handle`.

    `handle` gets valid events in the order of their partitions, must be idempotent by `received.id`, and
    returns when their effects are durable. Offsets are committed after it, never before. `needed`: without it
    the process is of no use to those who call it. `every_s`: small batches begin no more often than this, so that
    a group for which nobody waits costs less; what comes after a quiet moment is handled at once all the same.
    """

    def __init__(
        self, settings: Settings, *, group: str, handle: Handle, needed: bool = True, every_s: float = 0.0
    ) -> None:
        self.name = f"consumer.{group}"
        self._settings = settings
        self._group = group
        self._handle = handle
        self._needed = needed
        self._every_s = every_s
        self._topics = read_by(group)
        names = [one.name for one in self._topics]
        metrics.expect(metrics.dead_lettered, [group], names, ["invalid", "failed"])
        metrics.expect(metrics.unknown_types, [group], names)
        metrics.expect(metrics.batch_retries, [group], ["away", "failed"])
        metrics.expect(metrics.consumer_paused, [group])
        self._broker = kafka.broker(settings)
        self._subscriber = kafka.subscribe(
            self._broker,
            settings,
            group=group,
            topics=[topic.name for topic in self._topics],
            on_batch=self._on_batch,
            listener=self,
        )
        self._dead_letters = DeadLetters(settings, group)
        self._in_hand = asyncio.Lock()
        self._patience = Patience(group)
        self._watch: asyncio.Task[None] | None = None
        self._joined = False
        self._broken = False
        self._batches = 0
        self._offsets = Offsets(lambda offsets: self._commit(offsets), lambda: self._assigned())
        self._allowance = Allowance(settings.dead_letters_per_minute, time.monotonic())

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        self._patience.progress()
        await self._broker.start()
        self._watch = asyncio.create_task(self._watch_positions(), name=f"{self.name}.positions")

    async def stop(self) -> None:
        """Finish the batch in hand, or leave it unacknowledged when it waits for a server; leave the group."""
        self._patience.stopping.set()
        try:
            # Let go of it again: FastStream waits for the next batch too, which now returns at once.
            async with asyncio.timeout(DRAINS * self._settings.drain_s), self._in_hand:
                pass
        except TimeoutError:
            log.warning("batch abandoned at shutdown", group=self._group)
        if self._watch:
            self._watch.cancel()
        await self._flush()
        await self._offsets.close()
        kafka.leave_when_stopped(self._subscriber.consumer)
        await self._broker.stop()
        await self._dead_letters.close()

    def alive(self) -> bool:
        return not self._broken and time.monotonic() - self._patience.progressed_at < STALL_S

    async def ready(self) -> str | None:
        if not self._needed:
            return None
        if not self._joined:
            return f"{self._group} has not joined its group"
        return self._patience.waits_for

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Wait for the batch in hand, so that nobody else reads what we are about to acknowledge."""
        async with self._in_hand:
            await self._flush()
            await self._offsets.forget(revoked)

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        self._joined = True
        metrics.assigned_partitions.labels(self._group).set(len(assigned))

    # ── a batch ──────────────────────────────────────────────────────────────────────────────────
    async def _on_batch(self, raw: Sequence[RawRecord]) -> None:
        started = time.monotonic()
        await self._take(raw, started)
        early_s = started + self._every_s - time.monotonic()
        if early_s > 0 and len(raw) < SMALL:
            with contextlib.suppress(Stopping):
                await self._patience.sleep(early_s)

    async def _take(self, raw: Sequence[RawRecord], started: float) -> None:
        async with self._in_hand:
            if self._patience.stopping.is_set() or self._broken:
                return
            self._batches += 1
            try:
                await self._apply([kafka.as_record(one, self._settings) for one in raw])
                self._offsets.add({TopicPartition(one.topic, one.partition): one.offset + 1 for one in raw})
            except Stopping:
                return
            except Exception:
                # A bug of ours, outside of the handler. Going on would acknowledge past what was not applied, so
                # nothing more is taken, liveness says so, and the next process reads it again.
                self._broken = True
                log.exception("consumer stands still", group=self._group)
                return
            finally:
                self._patience.progress()
            self._count_ages(raw)
            metrics.batch_records.labels(self._group).observe(len(raw))
            metrics.batch_seconds.labels(self._group).observe(time.monotonic() - started)

    def _count_ages(self, raw: Sequence[RawRecord]) -> None:
        now_ms, ages = time.time() * 1000, metrics.event_age_seconds.labels(self._group)
        for one in raw:
            ages.observe(max(0.0, now_ms - one.timestamp) / 1000)

    async def _apply(self, records: Sequence[Record]) -> None:
        valid: list[Received[Event]] = []
        for record in records:
            try:
                understood = decode(record, BY_NAME[record.topic])
            except InvalidMessage as error:
                await self._put_aside(record, "invalid", str(error))
                continue
            if isinstance(understood, Unknown):
                metrics.unknown_types.labels(self._group, record.topic).inc()
                log.warning("unknown event type", group=self._group, type=understood.type)
                continue
            valid.append(understood)
        if valid:
            await self._bisect(valid)
        for one in valid if logging.getLogger(__name__).isEnabledFor(logging.DEBUG) else ():
            log.debug("applied", group=self._group, **_names(one))
        for topic in self._topics:
            applied = sum(1 for one in valid if one.record.topic == topic.name)
            metrics.consumed.labels(self._group, topic.name).inc(applied)

    async def _bisect(self, batch: Batch) -> None:
        """Handle a batch; when it raises, find the record at fault and put only that aside."""
        try:
            await self._patience.until_done(lambda: self._handle(batch))
        except Stopping:
            raise
        except Exception as error:
            metrics.batch_retries.labels(self._group, "failed").inc()
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._bisect(batch[:middle])
                await self._bisect(batch[middle:])
                return
            log.exception("handling failed", group=self._group, **_names(batch[0]))
            await self._last_tries(batch, error)

    async def _last_tries(self, batch: Batch, error: Exception) -> None:
        for attempt in range(1, TRIES):
            await self._patience.sleep(0.1 * 2**attempt)
            try:
                await self._patience.until_done(lambda: self._handle(batch))
            except Stopping:
                raise
            except Exception as again:
                error = again
            else:
                return
        # The error's text may quote the message, so only its kind goes into a header.
        await self._put_aside(batch[0].record, "failed", type(error).__name__)

    async def _put_aside(self, record: Record, reason: str, error: str) -> None:
        await self._spend_allowance()
        await self._patience.until_done(
            lambda: self._dead_letters.put(record, reason=reason, error=error, at=clock.now())
        )
        metrics.dead_lettered.labels(self._group, record.topic, reason).inc()
        log.error(
            "dead letter",
            group=self._group,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            event_id=said(record, "ce_id"),
            trace_id=trace.trace_id(said(record, "traceparent")),
            reason=reason,
            error=error,
        )

    async def _spend_allowance(self) -> None:
        """Too many bad records in a minute: pause here and say so; an operator looks, or the minute passes."""
        while not self._allowance.spend(time.monotonic()):
            metrics.consumer_paused.labels(self._group).set(1)
            log.error("too many dead letters: paused", group=self._group)
            self._patience.waits_for = f"{self._group} is paused: too many dead letters"
            await self._patience.sleep(1.0)
            self._patience.waits_for = None
        metrics.consumer_paused.labels(self._group).set(0)

    # ── offsets ──────────────────────────────────────────────────────────────────────────────────
    def _assigned(self) -> Collection[TopicPartition]:
        consumer = self._subscriber.consumer
        return consumer.assignment() if consumer else ()

    async def _commit(self, offsets: dict[TopicPartition, int]) -> bool:
        try:
            await self._subscriber.consumer.commit(offsets)
        except KafkaError as error:
            # We lost the partitions, or the broker is away. What was applied is known by its ids, so reading it
            # again changes nothing.
            log.warning("offsets not committed", group=self._group, error=type(error).__name__)
            return False
        return True

    async def _flush(self) -> None:
        """While the broker is away this is given up: what is read again changes nothing."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await self._offsets.flush()

    async def _watch_positions(self) -> None:
        """Notice progress; commit past the transaction markers that end a quiet partition, which carry no record, and
        what a commit that failed left behind."""
        quiet: dict[TopicPartition, int] = {}
        seen = -1
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            if not self._in_hand.locked():
                self._patience.progress()
            try:
                quiet, seen = await self._pass_markers(quiet, seen), self._batches
            except Exception as error:
                log.warning("positions not read", group=self._group, error=type(error).__name__)

    async def _pass_markers(self, before: dict[TopicPartition, int], seen: int) -> dict[TopicPartition, int]:
        partitions = self._assigned()
        if not partitions:
            return {}
        consumer = self._subscriber.consumer
        self._joined = True
        positions = {one: await consumer.position(one) for one in partitions}
        ended = self._broken or self._patience.stopping.is_set()
        idle = seen == self._batches and not self._in_hand.locked() and not ended and before == positions
        if idle:
            # Nothing began since the last look and nothing is in hand, so all below the positions is handled.
            self._offsets.catch_up(positions)
        return positions


def _names(received: Received[Event]) -> dict[str, str]:
    """What finds an event again in every service's log: its own id, and that of the input that began it all."""
    found = {"event_id": received.id, "type": received.type, "correlation_id": received.correlation_id}
    return found | {"trace_id": trace.trace_id(received.traceparent)}
