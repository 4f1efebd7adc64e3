"""What make status and make logs print."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

import pytest

from deploy.local import status
from deploy.local.errors import LaunchError
from deploy.local.processes import Processes


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(42, "42 s"), (425, "7 min"), (11_520, "3 h 12 min"), (187_200, "2 d 4 h")],
)
def test_uptime_reads_as_a_person_says_it(seconds: float, shown: str) -> None:
    assert status.uptime(seconds) == shown


def test_nothing_started_is_said(tmp_path: Path) -> None:
    out = io.StringIO()
    assert status.show(Processes(tmp_path / "run", tmp_path / "logs"), out) == 1
    assert "not running" in out.getvalue()


def test_what_has_died_is_shown_with_its_last_words(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "run", tmp_path / "logs", die_with_parent=True)
    process = processes.spawn(
        "tickets", [sys.executable, "-c", "raise SystemExit('out of luck')"], os.environ, tmp_path
    )
    deadline = time.monotonic() + 10
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    out = io.StringIO()
    assert status.show(processes, out) == 1
    assert "tickets has stopped" in out.getvalue()
    assert "out of luck" in out.getvalue()


def test_a_log_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "kafka.log").write_text("")
    with pytest.raises(LaunchError, match="no log of tickets; there are: kafka"):
        status.follow(tmp_path, "tickets")


def test_only_whole_lines_are_shown_and_a_cut_log_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    out = io.StringIO()
    log.write_text("one\ntw")
    offset = status._print_new(log, 0, 31, out)
    assert out.getvalue() == "         kafka | one\n"
    log.write_text("new\n")
    assert status._print_new(log, 100, 31, out) == 4
    assert offset == 4
