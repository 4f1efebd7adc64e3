"""Timers on a real MongoDB: once in effect, late when nobody was there, never lost."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import clock, mongo
from shared.errors import Transient
from shared.leases import TTL, Lease
from shared.mongo import Client, Collection, Document
from shared.settings import Settings
from shared.timers import Timers
from tests.integration.shared.alarms import Alarms
from tests.integration.shared.processes import program
from tests.integration.shared.world import until

PROGRAM = "tests.integration.shared.timer_program"


class Moved:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Rows:
    """A collection with a claim of the test's own."""

    found: Collection
    update_many: Callable[..., Awaitable[Any]]

    def find(self, *arguments: Any, **more: Any) -> Any:
        return self.found.find(*arguments, **more)


@pytest.fixture
def moved() -> Moved:
    return Moved()


@pytest.fixture
def alarms(client: Client, settings: Settings) -> Alarms:
    return Alarms(client, mongo.database(client, settings, "tickets"))


def timers(alarms: Alarms, at: Moved, *, batch: int = 100) -> Timers:
    return Timers(alarms.timers, alarms.ring, name="test", clock=at, lease_s=60, batch=batch)


# ── with a moved clock ───────────────────────────────────────────────────────────────────────────
async def test_a_timer_fires_when_its_time_has_come_and_not_before(alarms: Alarms, moved: Moved) -> None:
    await alarms.set(3, moved.at + timedelta(seconds=10))
    firing = timers(alarms, moved)
    moved.on(9.999)
    assert await firing.fire_due() == 0
    moved.on(0.001)
    assert await firing.fire_due() == 3
    assert await firing.fire_due() == 0
    assert len(await alarms.heard()) == 3


async def test_a_timer_that_was_due_while_nobody_was_there_fires_late(alarms: Alarms, moved: Moved) -> None:
    await alarms.set(2, moved.at)
    moved.on(3 * 24 * 3600)
    assert await timers(alarms, moved).fire_due() == 2
    assert len(await alarms.heard()) == 2


async def test_a_timer_that_somebody_ends_while_it_is_being_claimed_does_not_fire_again(
    alarms: Alarms, moved: Moved, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail that had just left was worked on once more, and its delivery said that it failed."""
    await alarms.set(1, moved.at)
    fired: list[Document] = []

    async def fire(rows: Sequence[Document]) -> None:
        fired.extend(rows)

    firing = Timers(alarms.timers, fire, name="test", clock=moved, lease_s=60, batch=10)
    claim = firing._rows.update_many

    async def ended_meanwhile(*arguments: Any) -> Any:
        await alarms.timers.update_one({"_id": 0}, {"$set": {"due_at": None}})
        return await claim(*arguments)

    monkeypatch.setattr(firing, "_rows", Rows(alarms.timers, ended_meanwhile))
    assert await firing.fire_due() == 0
    assert fired == []


async def test_a_claim_whose_process_died_is_free_after_its_lease(alarms: Alarms, moved: Moved) -> None:
    async def die(_: Sequence[Document]) -> None:
        raise Transient("away")

    await alarms.set(1, moved.at)
    with pytest.raises(Transient):
        await Timers(alarms.timers, die, name="test", clock=moved, lease_s=60).fire_due()
    other = timers(alarms, moved)
    moved.on(59)
    assert await other.fire_due() == 0
    moved.on(1)
    assert await other.fire_due() == 1
    assert len(await alarms.heard()) == 1


async def test_the_oldest_fire_first_a_batch_at_a_time(alarms: Alarms, moved: Moved) -> None:
    await alarms.timers.insert_many([{"_id": n, "due_at": moved.at - timedelta(seconds=n)} for n in range(25)])
    firing = timers(alarms, moved, batch=10)
    assert [await firing.fire_due() for _ in range(4)] == [10, 10, 5, 0]
    assert [row["timer"] for row in await alarms.heard()] == list(range(24, -1, -1))


async def test_a_timer_that_meets_a_bug_does_not_hold_up_its_neighbours(alarms: Alarms, moved: Moved) -> None:
    async def fire(rows: Sequence[Document]) -> None:
        if any(row["_id"] == 7 for row in rows):
            raise ZeroDivisionError
        await alarms.ring(rows)

    await alarms.set(20, moved.at)
    firing = Timers(alarms.timers, fire, name="test", clock=moved, lease_s=60)
    await firing.fire_due()
    assert sorted(row["timer"] for row in await alarms.heard()) == [n for n in range(20) if n != 7]
    assert await firing.fire_due() == 0
    moved.on(60)
    assert await timers(alarms, moved).fire_due() == 1  # the bug is mended: it was not lost


async def test_a_lease_has_one_holder_and_a_higher_epoch_each_time(
    client: Client, settings: Settings, moved: Moved
) -> None:
    leases = mongo.database(client, settings, "tickets").get_collection("leases")
    one, two = (Lease(leases, "relay", moved) for _ in range(2))
    assert await one.acquire()
    assert not await two.acquire()
    moved.on(TTL.total_seconds() - 1)
    assert await one.renew()
    moved.on(TTL.total_seconds() - 1)
    assert not await two.acquire()
    moved.on(1)
    assert await two.acquire()
    assert (one.epoch, two.epoch) == (1, 2)
    assert not await one.renew()
    await one.release()
    assert not await one.acquire()  # what it gave back was not its own any more
    await two.release()
    assert await one.acquire()
    assert one.epoch == 3


# ── as processes ─────────────────────────────────────────────────────────────────────────────────
async def test_two_processes_fire_each_timer_once(settings: Settings, alarms: Alarms) -> None:
    async with program(settings, PROGRAM, "") as one, program(settings, PROGRAM, "") as two:
        await one.says("firing")
        await two.says("firing")
        await alarms.set(200, clock.now())
        await until(lambda: _none_left(alarms))
    heard = await alarms.heard()
    assert sorted(row["timer"] for row in heard) == list(range(200))
    assert {row["by"] for row in heard} <= {str(one.process.pid), str(two.process.pid)}


async def test_what_a_killed_process_had_claimed_is_fired_by_another(settings: Settings, alarms: Alarms) -> None:
    await alarms.set(5, clock.now())
    async with program(settings, PROGRAM, "die") as dying:
        assert await dying.process.wait() == -signal.SIGKILL
    assert await alarms.heard() == []
    async with program(settings, PROGRAM, ""):
        await until(lambda: _none_left(alarms))
    assert sorted(row["timer"] for row in await alarms.heard()) == list(range(5))


async def test_a_nudge_fires_at_once_and_stopping_finishes_what_is_in_hand(alarms: Alarms) -> None:
    firing = Timers(alarms.timers, alarms.ring, name="test", clock=clock.now)
    await firing.start()
    await alarms.set(3, clock.now())
    firing.nudge()
    await until(lambda: _none_left(alarms), 5)
    await firing.stop()
    assert len(await alarms.heard()) == 3


async def _none_left(alarms: Alarms) -> bool:
    return await alarms.timers.count_documents({}) == 0
