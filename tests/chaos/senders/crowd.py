"""All customers together: many at once, each doing one thing, until as many inputs were accepted as were asked for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from tests.chaos.senders import chat, custom, mail, phone, poison
from tests.chaos.senders.custom import Publisher
from tests.chaos.senders.world import World

AT_ONCE = {"mail": 10, "chat": 20, "phone": 15, "custom": 35}
"""Customers of each channel. Those who wait for a broker that is away hold nobody else up."""
POISON = 0.01


class Crowd:
    """`write_back` is told by the mail server of every mail of the desk. `share`: of the usual number."""

    def __init__(self, world: World, *, share: float = 1.0, poison_share: float = POISON) -> None:
        self._world = world
        self._share = share
        self._poison_share = poison_share
        self._publisher = Publisher(world.kafka)
        self._numbers = {kind: itertools.count() for kind in AT_ONCE}
        self._poisons = itertools.count()
        self._answers: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
        self._answered = itertools.count()

    def write_back(self, message_id: str, recipient: str, mailbox: str) -> None:
        """Customers do. Agents, who are told by mail of what they have not read, have nobody to answer."""
        if recipient.endswith(f"@{mail.DOMAIN}"):
            self._answers.put_nowait((message_id, recipient, mailbox))

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for kind, at_once in AT_ONCE.items():
                    for _ in range(max(1, round(at_once * self._share))):
                        group.create_task(self._customers(kind))
                if self._poison_share:
                    group.create_task(self._spoil())
        finally:
            await self._publisher.close()

    async def _customers(self, kind: str) -> None:
        """One after the other."""
        world = self._world
        while world.pace.left > 0:
            if kind == "mail" and not self._answers.empty():
                await mail.answer(world, next(self._answered), *self._answers.get_nowait())
            await self._kinds[kind](next(self._numbers[kind]))

    @property
    def _kinds(self) -> dict[str, Callable[[int], Awaitable[None]]]:
        world = self._world
        return {
            "mail": lambda number: mail.thread(world, number),
            "chat": lambda number: chat.visit(world, number),
            "phone": lambda number: phone.call(world, number),
            "custom": lambda number: custom.integrate(world, self._publisher, number),
        }

    async def _spoil(self) -> None:
        """So many of a hundred records cannot be read."""
        world = self._world
        while world.pace.left > 0:
            number = next(self._poisons)
            while number > world.pace.taken * self._poison_share:
                if world.pace.left == 0:
                    return
                await asyncio.sleep(0.1)
            await poison.poison(world, self._publisher, number)
