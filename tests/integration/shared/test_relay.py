"""The relay on real Kafka and MongoDB: one leads, a stale one is fenced, the log is published whole and in order."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from pymongo import monitoring
from pymongo.errors import OperationFailure
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from shared import clock, leases, mongo, relay
from shared.contracts.deliveries import DeliverySent
from shared.leases import Lease
from shared.relay import Relay
from shared.republish import republish
from shared.settings import Settings
from tests.integration.shared.processes import program
from tests.integration.shared.relay_program import RENEW_S, TTL_S, Followed
from tests.integration.shared.world import Kafka, ids, until
from tests.integration.shared.writer import SERVICE, Writer

OUT = "notifications.deliveries.v1"
PROGRAM = "tests.integration.shared.relay_program"


@pytest.fixture(autouse=True)
def _quick_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "TTL", timedelta(seconds=TTL_S))
    monkeypatch.setattr(relay, "RENEW_S", RENEW_S)


@pytest_asyncio.fixture
async def writer(settings: Settings) -> AsyncIterator[Writer]:
    async with Writer(settings) as made:
        yield made


@asynccontextmanager
async def relaying(settings: Settings) -> AsyncIterator[Followed]:
    client = mongo.connect(settings)
    made = Followed(settings, service=SERVICE, database=mongo.database(client, settings, SERVICE), client=client)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
        await client.close()


async def published(kafka: Kafka, writer: Writer) -> list[Any]:
    """All records, once every row of the log is among them."""

    async def whole() -> list[Any] | None:
        records = await kafka.read(OUT)
        return records if set(ids(records)) >= set(writer.ids) else None

    found: list[Any] = await until(whole)
    return found


def check(records: list[Any], writer: Writer, *, once: bool) -> None:
    """Nothing missing, nothing strange, each aggregate in order; `once`: not even a repeat of the same `ce_id`."""
    seen = Counter(ids(records))
    assert set(seen) == set(writer.ids)
    if once:
        assert set(seen.values()) == {1}
    last: Counter[str] = Counter()
    for cause, event in {
        cause: DeliverySent.read(r.value) for cause, r in zip(ids(records), records, strict=True)
    }.items():
        last[event.conversation_id] += 1
        assert event.seq == last[event.conversation_id], cause


# ── what was written while nobody relayed ────────────────────────────────────────────────────────
async def test_rows_written_before_any_relay_ran_are_published(
    settings: Settings, kafka: Kafka, writer: Writer
) -> None:
    await writer.write(40)
    async with relaying(settings):
        check(await published(kafka, writer), writer, once=True)


class Asked(CommandListener):
    """What is asked of the log by every client that is made from now on."""

    def __init__(self) -> None:
        self.finds: list[Any] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get("find") == "log":
            self.finds.append(event.command)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


async def test_what_is_read_from_the_log_itself_is_with_the_majority(
    settings: Settings, kafka: Kafka, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one member the majority is itself, so it's the question that is looked at: rows that cannot be lost, and all
    of those that were there before the stream."""
    asked = Asked()
    await writer.write(5)
    monkeypatch.setattr(monitoring, "_LISTENERS", monitoring._LISTENERS._replace(command_listeners=[asked]))
    async with relaying(settings):
        check(await published(kafka, writer), writer, once=True)
    followed = list(asked.finds)
    assert followed
    assert {one["readConcern"]["level"] for one in followed} == {"majority"}
    assert all("afterClusterTime" in one["readConcern"] for one in followed)
    asked.finds.clear()
    assert await republish(settings, SERVICE)
    assert asked.finds
    assert {one["readConcern"]["level"] for one in asked.finds} == {"majority"}


async def test_rows_written_while_it_was_away_are_published_once(
    settings: Settings, kafka: Kafka, writer: Writer
) -> None:
    for _ in range(3):
        async with relaying(settings) as one:
            await one.follows.wait()
            await writer.write(20)
            await published(kafka, writer)
        await writer.write(20)
    async with relaying(settings):
        check(await published(kafka, writer), writer, once=True)


@pytest.mark.parametrize("way", ["lost at once", "lost later", "not a token", "gone"])
async def test_when_the_stream_cannot_be_resumed_the_log_is_read(
    settings: Settings, kafka: Kafka, writer: Writer, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with relaying(settings):
        await writer.write(20)
        await published(kafka, writer)
    marks = writer.database.get_collection("relays")
    match way:
        case "gone":
            await marks.delete_one({"_id": "relay"})
        case "not a token":
            await marks.update_one({"_id": "relay"}, {"$set": {"token": {"_data": "nonsense"}}})
        case "lost at once":
            history_is_lost(monkeypatch, "_watch")
        case "lost later":
            history_is_lost(monkeypatch, "_more")
    await writer.write(20)
    async with relaying(settings):
        check(await published(kafka, writer), writer, once=False)
        await writer.write(10)
        check(await published(kafka, writer), writer, once=False)
        mark = await marks.find_one({"_id": "relay"})
        assert mark
        assert mark["token"]["_data"] != "nonsense"


def history_is_lost(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What MongoDB answers once for a token that has left the oplog, which is too large for a test to roll over."""
    real = getattr(Relay, name)
    again = False

    async def lost(self: Relay, *args: Any) -> Any:
        nonlocal again
        if not again:
            again = True
            raise OperationFailure("the resume point may no longer be in the oplog", 286)
        return await real(self, *args)

    monkeypatch.setattr(Relay, name, lost)


async def test_the_order_of_a_conversation_holds_when_clocks_ran_backwards(
    settings: Settings, kafka: Kafka, writer: Writer
) -> None:
    """Replicas' clocks differ: what was written later may say that it was written earlier."""
    ahead = iter(range(1000, 0, -100))
    writer.clock = lambda: clock.now() + timedelta(milliseconds=next(ahead))
    await writer.write(30)
    async with relaying(settings):
        check(await published(kafka, writer), writer, once=True)


async def test_history_with_old_times_is_published_when_the_stream_was_lost(
    settings: Settings, kafka: Kafka, writer: Writer
) -> None:
    """Imported conversations happened years ago: what counts is when the row was written."""
    async with relaying(settings):
        await writer.write(10)
        await published(kafka, writer)
    await writer.write(10, at=clock.now() - timedelta(days=900))
    await writer.database.get_collection("relays").update_one({"_id": "relay"}, {"$set": {"token": {"_data": "x"}}})
    async with relaying(settings):
        check(await published(kafka, writer), writer, once=False)


# ── one leads ────────────────────────────────────────────────────────────────────────────────────
async def test_when_the_leader_is_killed_the_other_takes_over(settings: Settings, kafka: Kafka, writer: Writer) -> None:
    async with AsyncExitStack() as stack:
        leader = await stack.enter_async_context(program(settings, PROGRAM, "plain"))
        await leader.says("relaying")
        other = await stack.enter_async_context(relaying(settings))
        await writer.write(20)
        await published(kafka, writer)
        writing = asyncio.create_task(writer.write(200))
        await asyncio.sleep(0)
        leader.kill()
        await writing
        check(await published(kafka, writer), writer, once=False)
        assert other._lease.epoch > 1


async def test_a_second_relay_does_not_publish_while_the_first_leads(
    settings: Settings, kafka: Kafka, writer: Writer
) -> None:
    async with relaying(settings) as one, relaying(settings) as two:
        await until(lambda: _set(one.follows, two.follows))
        for _ in range(5):
            await writer.write(20)
            await published(kafka, writer)
        assert sorted((one._lease.epoch, two._lease.epoch)) == [0, 1]
        check(await kafka.read(OUT), writer, once=True)


@pytest.mark.parametrize("way", ["freeze", "between"])
async def test_a_relay_that_wakes_up_late_is_refused_by_the_broker(
    settings: Settings, kafka: Kafka, writer: Writer, way: str
) -> None:
    """Frozen with records sent and not committed, or about to send: neither reaches a reader after another leads."""
    async with program(settings, PROGRAM, way) as stale:
        await stale.says("following")
        await writer.write(5)
        if way == "between":
            await published(kafka, writer)
        await writer.write(15)
        await stale.frozen()
        async with relaying(settings) as new:
            check(await published(kafka, writer), writer, once=True)
            assert new._lease.epoch > 1
            stale.thaw()
            await stale.says("Fenced")
            await writer.write(10)
            check(await published(kafka, writer), writer, once=True)
            mark = await writer.database.get_collection("relays").find_one({"_id": "relay"})
            assert mark
            assert mark["epoch"] == new._lease.epoch


# ── stopping ─────────────────────────────────────────────────────────────────────────────────────
async def test_stopping_is_quick_and_gives_the_lease_back(settings: Settings, kafka: Kafka, writer: Writer) -> None:
    async with relaying(settings) as one:
        await writer.write(10)
        await published(kafka, writer)
        started = time.monotonic()
        await one.stop()
        assert time.monotonic() - started < 3
        assert await Lease(writer.database.get_collection("leases"), "relay", clock.now).acquire()
        assert not one.alive() or one._task is not None


async def test_rows_that_come_in_while_it_is_told_to_stop_are_not_passed_over(
    settings: Settings, kafka: Kafka, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had fetched them, left, and remembered the place behind them: the next one began there, and they were lost."""
    async with relaying(settings) as first:
        await first.follows.wait()
        await writer.write(20)
        await published(kafka, writer)
        fetch = first._more

        async def told_to_stop_meanwhile(*arguments: Any) -> Any:
            found = await fetch(*arguments)
            if found[1]:
                first._stopping.set()
            return found

        monkeypatch.setattr(first, "_more", told_to_stop_meanwhile)
        await writer.write(20)
        await until(lambda: _set(first._stopping))
    async with relaying(settings):
        await writer.write(20)
        check(await published(kafka, writer), writer, once=True)


async def _set(*events: asyncio.Event) -> bool:
    return any(event.is_set() for event in events)


async def test_stopping_is_quick_when_kafka_is_away(settings: Settings, writer: Writer) -> None:
    await writer.write(10)
    async with relaying(settings.model_copy(update={"kafka": "127.0.0.1:1"})) as one:
        await until(lambda: _leads(writer, one))
        started = time.monotonic()
        await one.stop()
        assert time.monotonic() - started < 3


async def _leads(writer: Writer, *relays: Relay) -> bool:
    held = await writer.database.get_collection("leases").find_one({"_id": "relay"})
    return held is not None and any(one._lease.epoch == held["epoch"] for one in relays)


async def test_a_log_that_is_replaced_under_it_is_followed_on(settings: Settings, kafka: Kafka, writer: Writer) -> None:
    """As by a restore over a running service: the stream ends, and its token would only lead to the end again."""
    async with relaying(settings):
        await writer.write(30)
        await published(kafka, writer)
        rows = await writer.log.rows.find().to_list(None)
        await writer.log.rows.drop()
        await writer.log.ensure_indexes()
        await writer.log.rows.insert_many(rows)
        await writer.write(30)
        check(await published(kafka, writer), writer, once=False)
