"""Work that costs nearly the same for one as for many: callers who come during a turn share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.errors import is_away

In = TypeVar("In")
Out = TypeVar("Out")


class Together(Generic[In, Out]):
    """`work` gives an answer for each of its items, in their order; it does all of them, or raises and does none.

    One turn runs at a time, and while there is much to do they begin no more often than `every_s`: who comes after a
    quiet moment waits for nobody. A caller who gives up changes nothing for the others, and what was begun for it is
    done. `most`: callers in a turn.
    """

    def __init__(
        self, work: Callable[[Sequence[In]], Awaitable[Sequence[Out]]], *, most: int, every_s: float = 0.0
    ) -> None:
        self._work = work
        self._most = most
        self._every_s = every_s
        self._next_at = 0.0
        self._waiting: list[tuple[Sequence[In], asyncio.Future[Sequence[Out]]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, items: Sequence[In]) -> Sequence[Out]:
        """All of these items in one turn. Raises what `work` raises for them."""
        answers: asyncio.Future[Sequence[Out]] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, answers))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="together")
        return await answers

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            if len(self._waiting) < self._most:
                await asyncio.sleep(max(0.0, self._next_at - loop.time()))
            self._next_at = loop.time() + self._every_s
            turn, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            if asked := [(items, answers) for items, answers in turn if not answers.done()]:
                await self._turn(asked)

    async def _turn(self, turn: Sequence[tuple[Sequence[In], asyncio.Future[Sequence[Out]]]]) -> None:
        try:
            found = iter(await self._work([item for items, _ in turn for item in items]))
        except Exception as error:
            if len(turn) > 1 and not is_away(error):
                # One of them is at fault, and the others shall not hear of it.
                for one in turn:
                    await self._turn([one])
                return
            for _, answers in turn:
                if not answers.done():
                    answers.set_exception(error)
        else:
            for items, answers in turn:
                mine = [next(found) for _ in items]
                if not answers.done():
                    answers.set_result(mine)
