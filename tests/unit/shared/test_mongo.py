"""Waits of the MongoDB driver that are cancelled just as they end; after which conflicts a killed process is looked
for."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure
from pymongo.lock import _async_cond_wait, _async_create_condition, _async_create_lock

from shared import mongo  # it mends the driver
from shared.errors import is_away
from shared.mongo import Client, StaleVersion


def told(code: int) -> OperationFailure:
    """As the server answers inside a transaction, which it has ended by this."""
    return OperationFailure("", code, {"errorLabels": ["TransientTransactionError"]})


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (AutoReconnect("the primary went"), True),
        (OperationFailure("Authentication failed.", 18), True),
        (OperationFailure("not authorized on switchboard_tickets to execute command", 13), True),
        (told(112), True),
        (OperationFailure("unknown operator: $wher", 2), False),
        (DuplicateKeyError("", 11000), False),
    ],
)
def test_a_server_that_does_not_let_us_in_is_away_to_us(error: Exception, away: bool) -> None:
    """A changed password is no fault of the event in hand."""
    assert is_away(error) is away


class Server:
    """Client and session in one, as far as a transaction asks for them."""

    in_transaction = True

    def start_session(self, **options: object) -> Server:
        return self

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def start_transaction(self, **_: object) -> None: ...

    async def abort_transaction(self) -> None: ...

    async def commit_transaction(self) -> None: ...


@pytest.mark.parametrize(
    ("met", "looks"),
    [
        (told(112), True),  # WriteConflict
        (told(251), False),  # NoSuchTransaction
        (DuplicateKeyError("", 11000), False),
        (StaleVersion("moved on"), False),
    ],
)
async def test_a_killed_process_is_looked_for_after_a_write_conflict_alone(
    monkeypatch: pytest.MonkeyPatch, met: Exception, looks: bool
) -> None:
    """What it left open is nobody's to read: no duplicate key and no newer version comes of it."""
    server = cast(Client, Server())
    looked: list[Client] = []

    async def look(client: Client) -> None:
        looked.append(client)

    monkeypatch.setattr(mongo, "end_orphans", look)
    first = iter([met])

    async def work(_: AsyncClientSession) -> str:
        for error in first:
            raise error
        return "done"

    assert await mongo.in_transaction(server, work) == "done"
    assert looked == [server] * looks


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
