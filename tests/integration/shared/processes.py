"""Programs of the tests as processes of their own, so that they can be killed and frozen."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from shared.settings import Settings
from tests.integration.shared.world import until


def env_of(settings: Settings) -> dict[str, str]:
    """What a process is told, so that it works on the same servers and names."""
    return os.environ | {
        "SWITCHBOARD_KAFKA": settings.kafka,
        "SWITCHBOARD_MONGO": settings.mongo.get_secret_value(),
        "SWITCHBOARD_REDIS": settings.redis.get_secret_value(),
        "SWITCHBOARD_SECRET": settings.secret.get_secret_value(),
        "SWITCHBOARD_PREFIX": settings.prefix,
        "SWITCHBOARD_HTTP_PORT": str(settings.http_port),
        "SWITCHBOARD_MEMBER": settings.member,
    }


@dataclass
class Program:
    """A running process and what it has printed."""

    process: Process
    said: list[str] = field(default_factory=list)

    async def says(self, words: str, seconds: float = 30) -> None:
        """Wait until a line contains these words."""

        async def seen() -> bool:
            return any(words in line for line in self.said)

        try:
            await until(seen, seconds)
        except AssertionError as error:
            raise AssertionError(f"never said {words!r}, only:\n" + "".join(self.said)) from error

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    async def frozen(self) -> None:
        """Wait until it has stopped itself."""

        async def stopped() -> bool:
            with open(f"/proc/{self.process.pid}/stat") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] == "T"

        await until(stopped)


@asynccontextmanager
async def program(settings: Settings, module: str, *arguments: str) -> AsyncIterator[Program]:
    """`python -m module arguments…`; killed at the end however the test went."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        "-m",
        module,
        *arguments,
        env=env_of(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    running = Program(process)

    async def listen() -> None:
        assert process.stdout
        while line := await process.stdout.readline():
            running.said.append(line.decode(errors="replace"))

    listening = asyncio.create_task(listen())
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await process.wait()
        await listening
