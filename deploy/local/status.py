"""What `make status` and `make logs` show. Reads records, health answers and logs; changes nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TextIO

from deploy.local.errors import LaunchError, last_lines
from deploy.local.health import ready
from deploy.local.processes import Processes

COLOURS = (36, 32, 33, 35, 34, 31)
FOLLOW_EVERY_S = 0.3


def uptime(seconds: float) -> str:
    """'42 s', '7 min', '3 h 12 min', '2 d 4 h'."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def show(processes: Processes, out: TextIO = sys.stdout) -> int:
    """Print the table, then the last words of whatever has died; 0 when all is ready."""
    found = processes.all()
    if not found:
        print("Switchboard is not running; start it with make up.", file=out)
        return 1
    rows = [("process", "pid", "address", "ready", "up for")]
    healthy = True
    for process in found:
        state = ("yes" if ready(process) else "no") if process.alive else "stopped"
        healthy = healthy and state == "yes"
        age = uptime(time.time() - process.started_at) if process.alive else "-"
        rows.append((process.name, str(process.pid), process.address, state, age))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), file=out)
    for process in found:
        if not process.alive:
            print(f"\n{process.name} has stopped. Its log, {process.log}, ends with:", file=out)
            for line in last_lines(Path(process.log), 5):
                print(f"  {line[:300]}", file=out)
    return 0 if healthy else 1


def follow(logs: Path, name: str = "", out: TextIO = sys.stdout) -> None:
    """Print the logs' last lines and all that comes, each line with its process; until interrupted."""
    if name and not (logs / f"{name}.log").exists():
        known = ", ".join(sorted(file.stem for file in logs.glob("*.log"))) or "none yet"
        raise LaunchError(f"There is no log of {name}; there are: {known}.")
    offsets: dict[Path, int] = {}
    while True:
        for number, file in enumerate(sorted(logs.glob(f"{name or '*'}.log"))):
            if file not in offsets:
                offsets[file] = max(0, file.stat().st_size - 2_000)
            offsets[file] = _print_new(file, offsets[file], COLOURS[number % len(COLOURS)], out)
        out.flush()
        time.sleep(FOLLOW_EVERY_S)


def _print_new(file: Path, offset: int, colour: int, out: TextIO) -> int:
    """Print whole lines after `offset`; returns where the next look begins (0 when the file was cut)."""
    if file.stat().st_size < offset:
        offset = 0
    with file.open("rb") as log:
        log.seek(offset)
        text = log.read(1_000_000)
    end = text.rfind(b"\n") + 1
    lead = f"{file.stem:>14} | "
    if out.isatty():
        lead = f"\033[{colour}m{lead}\033[0m"
    for line in text[:end].decode("utf-8", "replace").splitlines():
        print(f"{lead}{line}", file=out)
    return offset + end
