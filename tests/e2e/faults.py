"""What goes wrong with processes: killed, frozen, started again as the launcher started them, and Redis emptied.

Knows processes and nothing of what they do. Linux only, as it reads a process's environment from /proc.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from redis.asyncio import Redis

from deploy.local.processes import Process, Processes
from tests.desk import Desk
from tests.e2e.outside import until

SERVICES = ("ingest", "tickets", "routing", "notifications")


@dataclass(frozen=True)
class Start:
    """How a process was started."""

    process: Process
    env: Mapping[str, str]
    cwd: Path


@dataclass
class Faults:
    """Faults of one desk. `done` tells what was done to whom, and when (seconds since the epoch)."""

    desk: Desk
    done: list[tuple[str, str, float]] = field(default_factory=list)
    _starts: dict[str, Start] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folder = Path(self.desk.smtp_sink_maildir).parent
        self._processes = Processes(folder / "run", folder / "logs")
        self._starts = {name: self._start_of(name) for name in SERVICES}

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash."""
        self._note("kill", name)
        self._processes.kill(self._process(name))

    def stop(self, *names: str) -> None:
        """SIGTERM, as an operator stops it; waits until they are gone."""
        for name in names:
            self._note("stop", name)
        self._processes.stop([self._process(name) for name in names])

    def restart(self, name: str, **env: str) -> None:
        """Start it as it was started, with `env` besides; does not wait."""
        first = self._starts[name]
        process = first.process
        self._note("restart", name)
        self._processes.spawn(
            name, process.argv, {**first.env, **env}, first.cwd, process.address, "" if env else process.identity
        )

    async def freeze(self, name: str, seconds: float) -> None:
        """SIGSTOP for a while: its sockets stay open and nobody answers."""
        process = self._process(name)
        self._note("freeze", name)
        process.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            process.signal(signal.SIGCONT)
            self._note("thaw", name)

    async def flush_redis(self) -> None:
        """Redis forgets everything, as after a restart without a file."""
        self._note("flush", "redis")
        async with Redis.from_url(self.desk.redis) as client:
            await client.flushall()

    def kills_of(self, name: str) -> list[float]:
        return [at for what, whom, at in self.done if (what, whom) == ("kill", name)]

    async def mend(self) -> None:
        """Every service running as at first."""
        for name, first in self._starts.items():
            process = self._processes.get(name)
            if process is None or not process.alive or process.identity != first.process.identity:
                if process is not None:
                    self._processes.stop([process])
                self.restart(name)

    def told(self) -> str:
        """What was done, for who wants to see it again."""
        begin = self.done[0][2] if self.done else 0.0
        return "; ".join(f"{at - begin:.1f} s {what} {whom}" for what, whom, at in self.done)

    def _process(self, name: str) -> Process:
        process = self._processes.get(name)
        assert process is not None, f"{name} was never started"
        return process

    def _start_of(self, name: str) -> Start:
        process = self._process(name)
        proc = Path("/proc") / str(process.pid)
        pairs = proc.joinpath("environ").read_bytes().split(b"\0")
        env = {os.fsdecode(key): os.fsdecode(value) for key, _, value in (one.partition(b"=") for one in pairs) if key}
        return Start(process, env, Path(os.readlink(proc / "cwd")))

    def _note(self, what: str, whom: str) -> None:
        self.done.append((what, whom, time.time()))


async def all_ready(desk: Desk, seconds: float = 60) -> None:
    """Every service says that it is ready."""

    async def look() -> bool:
        async with httpx.AsyncClient(timeout=5) as client:
            try:
                answers = [await client.get(f"{getattr(desk, name)}/health/ready") for name in SERVICES]
            except httpx.HTTPError:
                return False
        return all(one.status_code == 200 for one in answers)

    await until(look, seconds)
