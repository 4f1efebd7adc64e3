"""What every sender needs: where to send, how fast, what to write down, and the choices of the seed."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from tests.chaos.journal import Journal

PATIENCE_S = 300.0
"""Longer than anything here is broken for. A customer's own server would try for days."""
PAUSE_S = (0.2, 1.5)


@dataclass(frozen=True)
class Brand:
    id: str
    mailbox: str
    line: str


BRANDS = (
    Brand("earth-echo", "support@earthecho.example", "+13105550102"),
    Brand("mesa-cookware", "support@mesacookware.example", "+13105550103"),
    Brand("paleo-hacks", "support@paleohacks.example", "+13105550104"),
)
WATCHED = Brand("physiotru", "support@physiotru.example", "+13105550106")
"""The brand whose events browsers and the webhook receiver follow one by one."""


@dataclass
class Pace:
    """How many inputs are still to come, and how many a second. What an outage held up is caught up a little faster."""

    inputs: int
    per_second: float
    taken: int = 0
    _next: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> int:
        return max(0, self.inputs - self.taken)

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = time.monotonic()
        self._next = max(self._next, now - 10.0) + 1 / self.per_second
        await asyncio.sleep(max(0.0, self._next - now))

    def accepted(self) -> None:
        self.taken += 1


@dataclass
class World:
    """The desk as customers see it."""

    seed: str
    journal: Journal
    pace: Pace
    ingest: list[str]
    smtp: list[tuple[str, int]]
    kafka: str
    prefix: str
    aircall_token: str
    watched_share: float
    http: httpx.AsyncClient
    tries: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    """What was refused for good though it was right: a bug of the desk's, or of ours."""

    def chance(self, name: str) -> random.Random:
        """The choices of one customer: the same for the same seed."""
        return random.Random(f"{self.seed}/{name}")

    def brand(self, chance: random.Random) -> Brand:
        return WATCHED if chance.random() < self.watched_share else chance.choice(BRANDS)


class Refused(Exception):
    """Not now: the same is sent again later."""


class Never(Exception):
    """A refusal for good of something that is right."""


async def insist(world: World, what: str, send: Callable[[int], Awaitable[None]]) -> bool:
    """Send until it is accepted, each time to another replica: `send` gets the number of the try.

    False when it was refused for good, or for `PATIENCE_S`, which is noted.
    """
    give_up = time.monotonic() + PATIENCE_S
    attempt = random.randrange(2)
    while time.monotonic() < give_up:
        try:
            await send(attempt)
        except Never as error:
            _give_up(world, what, str(error))
            return False
        except (Refused, OSError, httpx.HTTPError, TimeoutError, EOFError) as error:
            world.tries[f"{what}: {type(error).__name__}"] += 1
            attempt += 1
            await asyncio.sleep(random.uniform(*PAUSE_S))
        else:
            return True
    _give_up(world, what, f"not accepted in {PATIENCE_S:.0f} s")
    return False


def _give_up(world: World, what: str, why: str) -> None:
    world.refused.append(f"{what}: {why}")
    world.journal.write("refused", what=what, why=why)


def judged(answer: httpx.Response) -> httpx.Response:
    """The answer when it is a 2xx. 429 and 5xx mean later; anything else means never."""
    if answer.status_code == 429 or answer.status_code >= 500:
        raise Refused(str(answer.status_code))
    if answer.status_code >= 300:
        raise Never(f"{answer.status_code} {answer.text[:300]}")
    return answer
