"""Processes: recognised by id and start time, stopped in order, killed when they will not stop."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.processes import Process, Processes, started

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
WITH_CHILD = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    here = Processes(tmp_path / "run", tmp_path / "logs", die_with_parent=True)
    yield here
    here.stop(here.all(), patience_s=0)


def spawn(processes: Processes, code: str = "import time; time.sleep(60)", name: str = "one") -> Process:
    return processes.spawn(name, [sys.executable, "-c", code], os.environ, Path.cwd())


def first_line(process: Process) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if text := Path(process.log).read_text():
            return text.splitlines()[0]
        time.sleep(0.02)
    raise AssertionError("nothing was printed")


def test_a_started_process_is_found_again_by_its_record(processes: Processes) -> None:
    process = spawn(processes)
    again = Processes(processes.run, processes.logs).get("one")
    assert again == process
    assert again.alive


def test_stop_ends_it_and_the_record_can_be_forgotten(processes: Processes) -> None:
    process = spawn(processes)
    assert processes.stop([process]) == []
    assert not process.alive
    processes.forget("one")
    assert processes.get("one") is None


def test_what_ignores_sigterm_is_killed_and_named(processes: Processes) -> None:
    process = spawn(processes, STUBBORN)
    first_line(process)
    assert processes.stop([process], patience_s=0.2) == [process]
    assert not process.alive


def test_a_frozen_process_can_be_stopped(processes: Processes) -> None:
    process = spawn(processes)
    process.signal(signal.SIGSTOP)
    assert processes.stop([process], patience_s=5) == []


def test_children_end_with_their_parent(processes: Processes) -> None:
    process = spawn(processes, WITH_CHILD)
    child = int(first_line(process))
    processes.stop([process])
    deadline = time.monotonic() + 5
    while started(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert started(child) is None


def test_a_recycled_id_is_never_signalled(processes: Processes) -> None:
    process = spawn(processes)
    recycled = dataclasses.replace(process, start="another boot:1")
    assert not recycled.alive
    processes.stop([recycled])
    processes.kill(recycled)
    assert process.alive


def test_an_ended_process_tells_its_exit_code(processes: Processes) -> None:
    process = spawn(processes, "raise SystemExit(3)")
    deadline = time.monotonic() + 10
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes.exit_code(process) == 3


def test_the_stores_stop_last(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[list[str]] = []
    monkeypatch.setattr(processes, "stop", lambda some: stopped.append([one.name for one in some]) or [])
    made = [spawn(processes, name=name) for name in ("kafka", "tickets", "mongo")]
    processes.stop_in_order(made)
    assert stopped == [["tickets"], ["kafka", "mongo"]]
    monkeypatch.undo()
    processes.stop(made)


def test_a_spoilt_record_is_as_none(processes: Processes) -> None:
    processes.run.mkdir()
    (processes.run / "one.json").write_text("{}")
    assert processes.all() == []
