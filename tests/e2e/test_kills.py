"""Services die and Redis is emptied at any moment while customers write and an agent answers: nothing is lost, and
nothing comes twice.

Every run prints its seed and what it did; SWITCHBOARD_SEED=… makes the same choices again.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator

import pytest

from tests.e2e.conftest import Desk
from tests.e2e.faults import SERVICES, Faults, all_ready
from tests.e2e.ledger import Ledger
from tests.e2e.outside import until
from tests.e2e.senders import Accepted, answer_all, call, chat, integrate, write_mails

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to start a process as it was started")

LASTS_S = float(os.environ.get("SWITCHBOARD_KILLS_S", "25"))
SETTLED_WITHIN_S = 60.0
SHORT_LEASE = {"SWITCHBOARD_SEND_S": "3"}
"""A sending that died is tried again after its lease, which is four times this; usually minutes."""


@pytest.fixture
async def faults(desk: Desk) -> AsyncIterator[Faults]:
    made = Faults(desk)
    made.kill("notifications")
    made.restart("notifications", **SHORT_LEASE)
    await all_ready(desk)
    yield made
    await made.mend()
    await all_ready(desk)


async def test_services_killed_at_any_moment_lose_and_repeat_nothing(desk: Desk, faults: Faults) -> None:
    seed = int(os.environ.get("SWITCHBOARD_SEED", "0")) or random.randrange(1, 10**6)
    print(f"seed {seed}")
    chance, said, ledger = random.Random(seed), Accepted(), await Ledger(desk).open()

    told = asyncio.Event()
    agent = asyncio.create_task(answer_all(desk, said, told))
    inputs = asyncio.create_task(_inputs(desk, said, chance))
    await _kill_at_random(faults, chance)
    await inputs
    await all_ready(desk, SETTLED_WITHIN_S)
    await until(lambda: _settled(ledger, said), SETTLED_WITHIN_S)
    told.set()
    await agent
    await until(lambda: _settled(ledger, said), SETTLED_WITHIN_S)

    print(
        f"{len(said.messages)} messages, {len(said.calls)} calls, {len(said.replies)} replies, {said.retries} retries"
    )
    print(faults.told())
    assert await ledger.faults(said, faults.kills_of("notifications")) == []
    assert await ledger.dead_letters() == 0
    assert said.replies


async def _inputs(desk: Desk, said: Accepted, chance: random.Random) -> None:
    """About a hundred inputs over the four channels, spread over the time of the kills."""
    pause_s = LASTS_S / 4
    chances = (random.Random(chance.random()) for _ in range(100))
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(write_mails(desk, said, next(chances), count=4, pause_s=pause_s))
            group.create_task(chat(desk, said, next(chances), count=4, pause_s=pause_s))
        for _ in range(5):
            group.create_task(call(desk, said, next(chances), pause_s=pause_s))
            group.create_task(integrate(desk, said, next(chances), count=4, pause_s=pause_s))


async def _kill_at_random(faults: Faults, chance: random.Random) -> None:
    """Each service in a random order, again and again; the next one dies before the last one is quite up."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LASTS_S
    while loop.time() < end:
        for name in chance.sample((*SERVICES, "redis"), len(SERVICES) + 1):
            await asyncio.sleep(chance.uniform(0.5, LASTS_S / 8))
            if name == "redis":
                await faults.flush_redis()
                continue
            faults.kill(name)
            await asyncio.sleep(chance.uniform(0, 1))
            faults.restart(name, **(SHORT_LEASE if name == "notifications" else {}))


async def _settled(ledger: Ledger, said: Accepted) -> bool:
    """Nothing waits to be read, and every reply has left."""
    return await ledger.lag() == 0 and await ledger.unsent(said) == 0
