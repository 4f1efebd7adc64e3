"""Callers who share a turn: each gets its own answers, and nobody another's error."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

import pytest

from shared.errors import Transient
from shared.together import Together


class Server:
    """Doubles numbers. Notes each turn; 13 is refused, and everything while it is away."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.away = False

    async def double(self, numbers: Sequence[int]) -> list[int]:
        self.turns.append(list(numbers))
        await asyncio.sleep(0.01)
        if self.away:
            raise Transient("away")
        if 13 in numbers:
            raise ValueError("13")
        return [2 * one for one in numbers]


async def test_who_comes_during_a_turn_shares_the_next_one() -> None:
    server = Server()
    together = Together(server.double, most=100)
    first = asyncio.create_task(together([1]))
    await asyncio.sleep(0.001)
    answers = await asyncio.gather(*(together([one, one + 1]) for one in (10, 20, 30)))
    assert [list(one) for one in answers] == [[20, 22], [40, 42], [60, 62]]
    assert list(await first) == [2]
    assert server.turns == [[1], [10, 11, 20, 21, 30, 31]]


async def test_no_turn_has_more_callers_than_allowed_and_nobody_is_forgotten() -> None:
    server = Server()
    together = Together(server.double, most=3)
    assert [list(one) for one in await asyncio.gather(*(together([one]) for one in range(10)))] == [
        [2 * one] for one in range(10)
    ]
    assert [len(turn) for turn in server.turns] == [3, 3, 3, 1]


async def test_only_who_is_at_fault_hears_of_it() -> None:
    together = Together(Server().double, most=100)
    good, bad, other = await asyncio.gather(together([1]), together([13]), together([2]), return_exceptions=True)
    assert (good, other) == ([2], [4])
    assert isinstance(bad, ValueError)


async def test_a_server_that_is_away_is_asked_once_for_all() -> None:
    server = Server()
    server.away = True
    together = Together(server.double, most=100)
    found = await asyncio.gather(*(together([one]) for one in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [Transient] * 3
    assert server.turns == [[0, 1, 2]]
    server.away = False
    assert await together([5]) == [10]


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    server = Server()
    together = Together(server.double, most=100)
    waiting = [asyncio.create_task(together([one])) for one in range(4)]
    await asyncio.sleep(0.001)
    late = [asyncio.create_task(together([one])) for one in (7, 8)]
    await asyncio.sleep(0)
    for one in (waiting[1], late[0]):
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
    assert [await one for one in (waiting[0], waiting[2], waiting[3], late[1])] == [[0], [4], [6], [16]]
    assert server.turns == [[0, 1, 2, 3], [8]], "what was not begun is not done"


async def test_turns_of_a_busy_time_are_apart_and_a_quiet_one_makes_nobody_wait() -> None:
    begun: list[float] = []

    async def work(numbers: Sequence[int]) -> Sequence[int]:
        begun.append(asyncio.get_running_loop().time())
        return numbers

    together = Together(work, most=3, every_s=0.5)
    await together([1])
    assert len(begun) == 1
    await asyncio.gather(together([2]), together([3]))
    assert [later - before >= 0.499 for before, later in itertools.pairwise(begun)] == [True]
    await asyncio.gather(*(together([one]) for one in range(6)))
    assert [later - before >= 0.499 for before, later in itertools.pairwise(begun)] == [True, False, False], (
        "full turns"
    )
