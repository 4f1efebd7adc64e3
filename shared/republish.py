"""The command that tells a service's log to Kafka once more: `python -m shared.republish --help`.

For topics that were lost, or whose readers lost something. It takes the relay's lease and its transactional id, so
the service may run: its relay waits meanwhile and then goes on. Events keep their `ce_id`, those of one key their
order, so readers drop what they know; each carries `ce_republished`.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, get_args

from aiokafka import AIOKafkaProducer
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from shared import clock, kafka, mongo
from shared.leases import RENEW_S, Lease
from shared.mongo import Collection, Document
from shared.publish import BATCH, in_turns, publish
from shared.settings import Settings
from shared.topics import DAY_MS, TOPICS, Owner, Topic

SEGMENT_DAYS = 7
"""Kafka deletes a record up to one segment later than it should (`segment.ms`)."""

Say = Callable[[str, int, int], None]
"""Told of progress: what, how many rows are through, of how many."""


class Deposed(Exception):
    """Another relay or republish has taken the lease: this one has stopped."""


def owned(service: str, names: Sequence[str] = ()) -> tuple[Topic, ...]:
    """The Kafka topics of a service, or those of them that are named; compacted ones first, as others build on them."""
    found = [one for one in TOPICS if one.owner == service and (not names or one.name in names)]
    return tuple(sorted(found, key=lambda topic: not topic.compacted))


def reach(settings: Settings, topic: Topic) -> timedelta:
    """How far back a topic may be told again: so far that its readers know what they applied for as long as Kafka
    keeps the new records; as far as Kafka keeps it when they never forget, or nobody of ours reads it."""
    days = topic.retention_ms // DAY_MS if topic.retention_ms else 0
    if topic.never_forgotten or not topic.groups:
        return timedelta(days=days)
    return timedelta(days=min(days, max(0, settings.applied_days - days - SEGMENT_DAYS)))


def wanted(topic: Topic, floor: datetime, since: datetime | None, newest: datetime) -> Document:
    """Which rows of the log. One that is kept for ever is told whole, of another what was written from `floor`
    on."""
    bounds = {} if topic.retention_ms is None else {"$gte": max(floor, since) if since else floor}
    return {"topic": topic.name, "logged_at": bounds | {"$lte": newest}}


async def republish(
    settings: Settings,
    service: str,
    *,
    topics: Sequence[Topic] | None = None,
    as_of: datetime | None = None,
    since: datetime | None = None,
    dry_run: bool = False,
    say: Say | None = None,
) -> Counter[str]:
    """Publish rows of the log again; how many of each topic. `as_of` is when the log was last written: now, or when
    the back-up was taken that it was restored from. Raises Deposed when somebody took the lease in turn."""
    client = mongo.connect(settings)
    database = mongo.database(client, settings, service)
    # What is not with the majority yet is the relay's to tell, if it ever is.
    rows = database.get_collection("log", read_concern=ReadConcern("majority"))
    lease = Lease(database.get_collection("leases"), "relay", clock.now)
    try:
        if not dry_run:
            await lease.take_over()
        # What is written from here on is the relay's to tell: to read it here could hide the row before it.
        last = await rows.find_one(sort=[("logged_at", DESCENDING)], projection={"logged_at": 1})
        newest = last["logged_at"] if last else clock.now()
        queries = {
            topic.name: wanted(topic, (as_of or clock.now()) - reach(settings, topic), since, newest)
            for topic in topics or owned(service)
        }
        counts = Counter({name: await rows.count_documents(query) for name, query in queries.items()})
        if dry_run:
            return counts
        again = _Again(settings, service, rows, say or (lambda _what, _through, _of: None))
        await _while_held(lease, again.publish_all(queries, counts))
        return again.through
    finally:
        await client.close()


async def _while_held(lease: Lease, work: Any) -> None:
    """Do it while the lease is kept. Letting go of it lets the service's relay take it at once."""
    working = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([working], timeout=RENEW_S))[0]:
            if not await lease.renew():
                raise Deposed("another relay or republish took the lease; nothing is lost, run it again")
        working.result()
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await working
        with suppress(PyMongoError):
            await lease.release()


class _Again:
    """One run over the log of one service."""

    def __init__(self, settings: Settings, service: str, rows: Collection, say: Say) -> None:
        self.through: Counter[str] = Counter()
        self._settings = settings
        self._service = service
        self._rows = rows
        self._say = say

    async def publish_all(self, queries: dict[str, Document], counts: Counter[str]) -> None:
        # The relay's own id: who was publishing under it is fenced by the broker.
        producer = kafka.relay_producer(self._settings, f"{self._service}.relay")
        await producer.start()
        try:
            for name, query in queries.items():
                await self._publish(producer, name, query, counts[name])
        finally:
            with suppress(Exception):
                await producer.stop()

    async def _publish(self, producer: AIOKafkaProducer, name: str, query: Document, count: int) -> None:
        found = self._rows.find(query).sort([("logged_at", ASCENDING), ("seq", ASCENDING)]).batch_size(BATCH)
        async for rows in in_turns(found):
            for start in range(0, len(rows), BATCH):
                some = rows[start : start + BATCH]
                await publish(producer, self._settings, self._service, some, again=True)
                self.through[name] += len(some)
                self._say(name, self.through[name], max(count, self.through[name]))


def _show(name: str, through: int, of: int) -> None:
    if through == of or through % (20 * BATCH) < BATCH:
        print(f"{name}: {through} of {of}", flush=True)


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.astimezone()


def main() -> None:
    services = [name for name in get_args(Owner) if owned(name) and name != "integrations"]
    parser = argparse.ArgumentParser(
        prog="python -m shared.republish",
        description="Tell a service's log to its Kafka topics once more. Readers drop what they know.",
    )
    parser.add_argument("--service", required=True, choices=services)
    parser.add_argument("--topic", action="append", default=[], help="only this one; may be given again")
    parser.add_argument("--since", type=_time, help="only what was written since (ISO 8601)")
    parser.add_argument("--as-of", type=_time, help="when the log was last written, if it was restored (ISO 8601)")
    parser.add_argument("--dry-run", action="store_true", help="only count")
    args = parser.parse_args()
    topics = owned(args.service, args.topic)
    if len(topics) < len(set(args.topic)):
        parser.error(f"{args.service} owns {', '.join(one.name for one in owned(args.service))}")
    asked = republish(
        Settings(),
        args.service,
        topics=topics,
        as_of=args.as_of,
        since=args.since,
        dry_run=args.dry_run,
        say=_show,
    )
    counts = asyncio.run(asked)
    told = ", ".join(f"{count} of {name}" for name, count in counts.items()) or "nothing"
    print(f"{'would be published' if args.dry_run else 'published'}: {told}")


if __name__ == "__main__":
    main()
