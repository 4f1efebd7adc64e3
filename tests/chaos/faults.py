"""Carries out what was planned, writes it down, and mends everything at the end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from tests.chaos.desk import Desk
from tests.chaos.downstream import Mood
from tests.chaos.journal import Journal
from tests.chaos.plan import Fault

LEAVE_WITHIN_S = 20.0
STARTED_WITHIN_S = 60.0
NOTICED_WITHIN_S = 30.0
REST_S = 5.0
"""From one fault of a server to the next at least, or a slow machine would never do any work between two."""


class Faults:
    """One fault of a server at a time; those of processes whenever their time comes."""

    def __init__(self, desk: Desk, moods: dict[str, Mood], journal: Journal) -> None:
        self._desk = desk
        self._moods = moods
        self._journal = journal
        self._server = asyncio.Lock()
        self._receivers = {whom: asyncio.Lock() for whom in moods}
        self._rest_until = 0.0
        self._frozen: set[str] = set()
        self._begun = time.monotonic()
        self.late_leavers: list[str] = []

    async def run(self, planned: list[Fault]) -> None:
        """All of them, and wait for the longest; when this returns, the last has just been mended."""
        self._begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for one in planned:
                await asyncio.sleep(max(0.0, self._begun + one.at_s - time.monotonic()))
                group.create_task(self._carry_out(one))

    def mend(self) -> None:
        """Everything that should run does."""
        for one in self._desk.regular():
            self._desk.signal(one.name, signal.SIGCONT)
            self._desk.spawn(one.name)

    async def _carry_out(self, one: Fault) -> None:
        kinds: dict[str, Callable[[Fault], Awaitable[None]]] = {
            "kill": self._kill,
            "freeze": self._freeze,
            "join": self._join,
            **dict.fromkeys(("slow", "failing", "silent"), self._upset),
        }
        await kinds.get(one.what, self._break_server)(one)

    # ── processes ────────────────────────────────────────────────────────────────────────────────
    async def _kill(self, one: Fault) -> None:
        name = f"{self._desk.prefix}{one.whom}"
        if name in self._frozen:
            return
        if self._desk.running(name):  # or it is dead already, and a crash that was none would excuse what it repeats
            self._note("kill", one.whom)
            self._desk.kill(name)
        await asyncio.sleep(one.seconds)
        self._desk.spawn(name)

    async def _freeze(self, one: Fault) -> None:
        """Its sockets stay open and nobody answers. Who was killed just now is at work again first: a freeze that hit
        nobody would try nothing, and excuse what is repeated."""
        name = f"{self._desk.prefix}{one.whom}"
        self._frozen.add(name)
        await self._at_work(name)
        if self._desk.running(name):
            self._note("freeze", one.whom, one.seconds)
            self._desk.signal(name, signal.SIGSTOP)
            await asyncio.sleep(one.seconds)
            self._desk.signal(name, signal.SIGCONT)
            self._note("thaw", one.whom)
        self._frozen.discard(name)

    async def _at_work(self, name: str) -> None:
        """Wait until it has started; while a server is away that may take long, and then it is frozen as it is."""
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not await self._desk.started(name) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    async def _join(self, one: Fault) -> None:
        name = self._desk.spares[one.whom].name
        self._note("join", one.whom, one.seconds)
        self._desk.spawn(name)
        await asyncio.sleep(one.seconds)
        self._note("leave", one.whom)
        self._desk.signal(name, signal.SIGTERM)
        deadline = time.monotonic() + LEAVE_WITHIN_S
        while self._desk.running(name) and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        if self._desk.running(name):
            self.late_leavers.append(one.whom)
            self._journal.write("late", whom=one.whom, seconds=LEAVE_WITHIN_S)
            self._desk.kill(name)

    # ── servers, and what we send to ─────────────────────────────────────────────────────────────
    async def _break_server(self, one: Fault) -> None:
        async with self._server:
            await asyncio.sleep(max(0.0, self._rest_until - time.monotonic()))
            servers = self._desk.servers
            self._note(one.what, one.whom, one.seconds)
            match one.what:
                case "kafka restart" | "kafka crash":
                    await servers.restart_kafka(crash=one.what == "kafka crash", down_s=one.seconds)
                case "mongo restart" | "mongo crash":
                    await servers.restart_primary(crash=one.what == "mongo crash", down_s=one.seconds)
                case "step down":
                    await servers.step_down()
                case "redis flush":
                    await servers.flush_redis()
                case "redis crash":
                    await servers.restart_redis(crash=True, down_s=one.seconds)
                case _:
                    raise ValueError(one.what)
            self._note("up again", one.whom)
            self._rest_until = time.monotonic() + REST_S

    async def _upset(self, one: Fault) -> None:
        """For so long, and on until somebody has noticed: on a slow machine nothing may have come meanwhile. What is
        next for the same receiver waits for that."""
        mood = self._moods[one.whom]
        async with self._receivers[one.whom]:
            self._note(one.what, one.whom, one.seconds)
            before, mood.now = mood.met, one.what
            await asyncio.sleep(one.seconds)
            deadline = time.monotonic() + NOTICED_WITHIN_S
            while mood.met == before and time.monotonic() < deadline:
                await asyncio.sleep(0.2)
            mood.now = "well"
            self._note("well", one.whom)

    def _note(self, what: str, whom: str, seconds: float = 0.0) -> None:
        after_s = round(time.monotonic() - self._begun, 1)
        self._journal.write("fault", what=what, whom=whom, seconds=round(seconds, 1), after_s=after_s)
