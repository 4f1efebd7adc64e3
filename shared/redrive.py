"""The command that sends dead letters back to their Kafka topic: `python -m shared.redrive --help`."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared import kafka
from shared.dead_letters import PREFIX
from shared.settings import Settings
from shared.topics import BY_NAME

DeadLetter = ConsumerRecord[bytes, bytes]


@dataclass(frozen=True)
class Filter:
    """Which dead letters: `reason` invalid or failed, `contains` a part of the error text, `since` when put aside."""

    reason: str | None = None
    contains: str | None = None
    since: datetime | None = None
    limit: int | None = None

    def takes(self, letter: DeadLetter) -> bool:
        if self.reason and why(letter, "reason") != self.reason:
            return False
        if self.contains and self.contains not in why(letter, "error"):
            return False
        return self.since is None or datetime.fromtimestamp(letter.timestamp / 1000, UTC) >= self.since

    @property
    def takes_all(self) -> bool:
        return self == Filter()


@dataclass
class Counts:
    seen: int = 0
    matched: int = 0
    sent: int = 0


def group_of(group: str) -> str:
    """The consumer group whose place says which dead letters of `group` were sent back."""
    return f"{group}.redrive"


def why(letter: DeadLetter, name: str) -> str:
    """One of the `dlq_*` headers as text."""
    found = [value for key, value in letter.headers if key == f"{PREFIX}{name}"]
    return found[-1].decode(errors="replace") if found else ""


async def _waiting(consumer: AIOKafkaConsumer) -> AsyncIterator[DeadLetter]:
    """Everything that was in the topic when we began and that the group has not sent back yet."""
    while not consumer.assignment():
        await consumer.getmany(timeout_ms=200)
    ends = await consumer.end_offsets(list(consumer.assignment()))
    for partition, end in sorted(ends.items()):
        while await consumer.position(partition) < end:
            batch = await consumer.getmany(partition, timeout_ms=1000, max_records=100)
            for letter in batch.get(partition, []):
                if letter.offset < end:
                    yield letter


async def _send_back(producer: AIOKafkaProducer, topic: str, letter: DeadLetter) -> None:
    nulls = set(why(letter, "null_headers").split(","))
    headers: Any = [
        (name, None if name in nulls else value) for name, value in letter.headers if not name.startswith(PREFIX)
    ]
    await producer.send_and_wait(topic, value=letter.value, key=letter.key, headers=headers)


async def redrive(
    settings: Settings,
    topic: str,
    group: str,
    *,
    apply: bool,
    only: Filter,
    per_second: float = 100.0,
    give_up: bool = False,
) -> Counts:
    """Send dead letters back with their original key, value and headers, oldest first; without `apply` only show.

    Consumers know an applied input by its id, so sending one back twice is harmless. After a run that took
    all, the group `<group>.redrive` starts behind what it sent; a filtered run leaves its place as it was.
    `give_up` sends nothing and starts behind them all: they are kept until their retention ends, and not waited for.
    """
    source = BY_NAME[topic].dead_letters(group)
    consumer = kafka.reader(settings, source, group=f"{settings.prefix}{group_of(group)}")
    producer = kafka.idempotent_producer(settings)
    counts, done = Counts(), dict[TopicPartition, int]()
    await consumer.start()
    await producer.start()
    try:
        async for letter in _waiting(consumer):
            counts.seen += 1
            if not only.takes(letter):
                continue
            if only.limit is not None and counts.matched >= only.limit:
                break
            counts.matched += 1
            print(f"{letter.partition}/{letter.offset} {why(letter, 'reason')}: {why(letter, 'error')}")
            if apply:
                await _send_back(producer, kafka.topic_name(settings, topic), letter)
                counts.sent += 1
                await asyncio.sleep(1 / per_second)
            if apply or give_up:
                done[TopicPartition(letter.topic, letter.partition)] = letter.offset + 1
        if done and only.takes_all:
            await consumer.commit(done)
    finally:
        await producer.stop()
        await kafka.close(consumer)
    return counts


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m shared.redrive",
        description="Send dead letters back to the Kafka topic they came from. Without --apply nothing is sent.",
    )
    parser.add_argument("topic", choices=sorted(name for name, topic in BY_NAME.items() if topic.groups))
    parser.add_argument("group", help="the consumer group that put them aside")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="really send; else a dry run")
    what.add_argument("--give-up", action="store_true", help="send none, and wait for none of those there are now")
    parser.add_argument("--rate", type=float, default=100.0, help="records per second (default 100)")
    parser.add_argument("--reason", choices=["invalid", "failed"])
    parser.add_argument("--contains", help="only those whose error text contains this")
    parser.add_argument("--since", type=_time, help="only those put aside since (ISO 8601; UTC without a zone)")
    parser.add_argument("--limit", type=int)
    args = parser.parse_args()
    if args.group not in BY_NAME[args.topic].groups:
        parser.error(f"{args.topic} is read by {', '.join(BY_NAME[args.topic].groups)}")
    only = Filter(args.reason, args.contains, args.since, args.limit)
    if args.give_up and not only.takes_all:
        parser.error("--give-up takes all that there are: it goes with no filter")
    counts = asyncio.run(
        redrive(
            Settings(),
            args.topic,
            args.group,
            apply=args.apply,
            only=only,
            per_second=args.rate,
            give_up=args.give_up,
        )
    )
    print(f"{counts.seen} dead letters, {counts.matched} match, {counts.sent} sent")


if __name__ == "__main__":
    main()
