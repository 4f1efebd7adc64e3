"""One simulation over worker processes, each on its own partitions of the topic: a conversation is in one of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from typing import Any, Self

from pydantic import SecretStr

from services.routing.settings import RoutingSettings
from services.routing.simulate.job import Job
from services.routing.simulate.report import Report, Tally, report
from services.routing.simulator.worker import FAILED, Order
from shared.topics import PARTITIONS

PROCESSES = 2
LINE_BYTES = 64 * 1024 * 1024


class Failed(Exception):
    """The text is a sentence for the agent."""


class Worker:
    """A process as its parent has it: lines of JSON both ways."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.read = 0
        self.differ = 0

    @classmethod
    async def start(cls) -> Self:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.routing.simulator.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_BYTES,
            )
        )

    async def find(self, order: Order) -> list[int]:
        """When the newest conversations of its partitions ended, the latest first."""
        await self._tell(order.model_dump_json())
        ended: list[int] = (await self._hear())["found"]
        return ended

    async def count(self, take: int) -> Tally:
        await self._tell(str(take))
        while "tally" not in (heard := await self._hear()):
            self.read, self.differ = heard["read"], heard["differ"]
        return Tally.model_validate(heard["tally"])

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _tell(self, line: str) -> None:
        if self._process.stdin is None:
            raise Failed(FAILED)
        with contextlib.suppress(ConnectionError):  # it has ended: what it says, or does not, tells why
            self._process.stdin.write(f"{line}\n".encode())
            await self._process.stdin.drain()

    async def _hear(self) -> dict[str, Any]:
        line = await self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            raise Failed(FAILED)  # killed for its memory, or it crashed
        heard: dict[str, Any] = json.loads(line)
        if "failed" in heard:
            raise Failed(heard["failed"])
        return heard


class Run:
    """`total` conversations are looked at, once that is known; `read` of them are through."""

    def __init__(self, settings: RoutingSettings, job: Job) -> None:
        self._settings = settings
        self._job = job
        self._workers: list[Worker] = []
        self.total = 0

    @property
    def read(self) -> int:
        return sum(one.read for one in self._workers)

    @property
    def differ(self) -> int:
        return sum(one.differ for one in self._workers)

    async def result(self) -> Report:
        """Raises Failed. Cancelled, it leaves no process behind."""
        many = min(PROCESSES, os.cpu_count() or 1)
        told = told_of(self._settings)
        try:
            for _ in range(many):
                self._workers.append(await Worker.start())
            orders = [
                Order(settings=told, partitions=tuple(range(PARTITIONS))[n::many], job=self._job) for n in range(many)
            ]
            finding = (one.find(order) for one, order in zip(self._workers, orders, strict=True))
            takes = newest(await asyncio.gather(*finding), self._job.conversations)
            self.total = sum(takes)
            counting = (one.count(take) for one, take in zip(self._workers, takes, strict=True))
            return report(self._job, await asyncio.gather(*counting))
        finally:
            await asyncio.gather(*(one.end() for one in self._workers))


def newest(found: list[list[int]], most: int) -> list[int]:
    """How many of each list, latest first, are among the latest of all."""
    latest = sorted(((at, n) for n, one in enumerate(found) for at in one), reverse=True)[:most]
    return [sum(1 for _, n in latest if n == mine) for mine in range(len(found))]


def told_of(settings: RoutingSettings) -> dict[str, Any]:
    """The settings as JSON with their secrets, for a process of our own."""
    plain = settings.model_dump(mode="json")
    secrets = {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    return plain | secrets
