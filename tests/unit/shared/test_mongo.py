"""Waits of the MongoDB driver that are cancelled just as they end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from pymongo.lock import _async_cond_wait, _async_create_condition, _async_create_lock

import shared.mongo  # noqa: F401  it mends the driver


async def test_who_is_cancelled_as_its_wait_ends_gives_back_a_lock_that_it_holds() -> None:
    """It gave back somebody else's and left its own held for ever: no query of that client ended any more."""
    lock = _async_create_lock()
    servers_changed = _async_create_condition(lock)

    async def select_a_server() -> None:
        async with lock:
            await _async_cond_wait(servers_changed, 0.01)

    selecting = asyncio.create_task(select_a_server())
    await asyncio.sleep(0)
    async with lock:
        await asyncio.sleep(0.05)  # its time is up, and it waits for the lock
        selecting.cancel()
        for _ in range(10):
            await asyncio.sleep(0)
        assert not selecting.done()
    with suppress(asyncio.CancelledError):
        await selecting
    assert not lock.locked()


async def test_a_task_that_is_cancelled_as_its_wait_ends_is_cancelled() -> None:
    """A loop that was told to stop while the driver had just connected never heard of it."""
    for iterations in range(4):
        connected = asyncio.get_running_loop().create_future()
        working = asyncio.create_task(asyncio.wait_for(connected, 30))
        await asyncio.sleep(0)
        connected.set_result(None)
        for _ in range(iterations):
            await asyncio.sleep(0)
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
            assert working.cancelled(), f"lost after {iterations} turns of the loop"
