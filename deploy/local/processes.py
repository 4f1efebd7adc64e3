"""Processes that outlive the command that starts them: start, recognise, ask about, stop.

A process is known by its id and its start time, so that an id which the system gave to someone else is never
signalled. It runs in a session of its own, writes to logs/<name>.log and is recorded in run/<name>.json.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

STORES = ("kafka", "mongo", "redis")
STOP_AFTER_S = 55.0
"""Above the longest time for leaving, that of notifications: it waits for the mail server's last word."""
POLL_S = 0.05
PR_SET_PDEATHSIG = 1


def started(pid: int) -> str | None:
    """What tells this process from a later one with the same id; None when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None if sys.platform == "linux" else _started_by_ps(pid)
    fields = stat.rsplit(")", 1)[1].split()
    return None if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _started_by_ps(pid: int) -> str | None:
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


@dataclass(frozen=True)
class Process:
    """One started process as its record tells it; `identity` is a digest of what it was started with."""

    name: str
    pid: int
    start: str
    started_at: float
    log: str
    argv: list[str]
    address: str = ""
    identity: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        return started(self.pid) == self.start

    def signal(self, number: int) -> None:
        """Send a signal, if the process is still the one that was started."""
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def kill_group(self) -> None:
        """End what the process left behind in its session. Call only while or right after it was alive."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


class Processes:
    """The processes of one folder pair, run/ and logs/."""

    def __init__(self, run: Path, logs: Path, die_with_parent: bool = False) -> None:
        self.run = run
        self.logs = logs
        self.die_with_parent = die_with_parent
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def spawn(
        self,
        name: str,
        argv: Sequence[str | Path],
        env: Mapping[str, str],
        cwd: Path,
        address: str = "",
        identity: str = "",
    ) -> Process:
        """Start a detached process and record it; its output is appended to its log."""
        self.run.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        command = [str(part) for part in argv]
        with self.log(name).open("ab") as log:
            child = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if self.die_with_parent else None,
            )
        self._children[child.pid] = child
        record = Process(
            name=name,
            pid=child.pid,
            start=started(child.pid) or "gone",
            started_at=time.time(),
            log=str(self.log(name)),
            argv=command,
            address=address,
            identity=identity,
        )
        partial = self.run / f"{name}.json.new"
        partial.write_text(json.dumps(asdict(record), indent=1))
        partial.rename(self.run / f"{name}.json")
        return record

    def get(self, name: str) -> Process | None:
        """The recorded process of that name, running or not."""
        try:
            return Process(**json.loads((self.run / f"{name}.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def all(self) -> list[Process]:
        """Every recorded process, oldest first."""
        found = [self.get(file.stem) for file in sorted(self.run.glob("*.json"))]
        return sorted((process for process in found if process), key=lambda process: process.started_at)

    def exit_code(self, process: Process) -> int | None:
        """The exit code of a process that this very command started; None while running or not known."""
        child = self._children.get(process.pid)
        return child.poll() if child else None

    def stop(self, processes: Iterable[Process], patience_s: float = STOP_AFTER_S) -> list[Process]:
        """SIGTERM to all, then SIGKILL to those still there after `patience_s`; returns the ones killed."""
        asked = [process for process in processes if process.alive]
        for process in asked:
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        left = asked
        while left and time.monotonic() < deadline:
            time.sleep(POLL_S)
            self._reap(left)
            left = [process for process in left if process.alive]
        for process in asked:
            process.kill_group()
        self._wait_gone(asked)
        return left

    def stop_in_order(self, processes: Sequence[Process]) -> list[Process]:
        """Stop what uses before what is used, the stores last, and forget them; returns the ones killed."""
        stores = [process for process in processes if process.name in STORES]
        killed = self.stop([process for process in processes if process not in stores])
        killed += self.stop(stores)
        for process in processes:
            self.forget(process.name)
        return killed

    def kill(self, process: Process) -> None:
        """SIGKILL at once, as a crash."""
        if process.alive:
            process.kill_group()
            self._wait_gone([process])

    def forget(self, name: str) -> None:
        (self.run / f"{name}.json").unlink(missing_ok=True)

    def _wait_gone(self, processes: Sequence[Process]) -> None:
        deadline = time.monotonic() + 5
        while any(process.alive for process in processes) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        self._reap(processes)

    def _reap(self, processes: Iterable[Process]) -> None:
        for process in processes:
            if child := self._children.get(process.pid):
                child.poll()


def _die_with_parent() -> None:
    """For tests: the kernel ends the server when the test run goes away, however it goes. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
