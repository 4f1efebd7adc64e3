"""A `make up` that was killed midway, or that has no folder to write to."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.__main__ import Call, stop_leftovers
from deploy.local.layout import ROOT, Layout
from deploy.local.processes import Process, Processes
from deploy.local.progress import Progress


def started(tmp_path: Path) -> tuple[Call, Process, io.StringIO]:
    layout, out = Layout(root=tmp_path, local=tmp_path / "local", cache=tmp_path / "cache"), io.StringIO()
    processes = Processes(layout.run, layout.logs, die_with_parent=True)
    process = processes.spawn("kafka", ["sleep", "60"], os.environ, tmp_path)
    return Call(layout, Progress(out), []), process, out


def test_what_was_started_before_the_addresses_were_written_is_stopped(tmp_path: Path) -> None:
    call, process, out = started(tmp_path)
    stop_leftovers(call)
    assert not process.alive
    assert "cut short" in out.getvalue()
    assert Processes(call.layout.run, call.layout.logs).all() == []


def test_a_desk_that_is_whole_goes_on(tmp_path: Path) -> None:
    call, process, out = started(tmp_path)
    call.layout.endpoints.write_text("{}")
    stop_leftovers(call)
    assert process.alive
    assert out.getvalue() == ""
    process.kill_group()


@pytest.mark.parametrize("command", ["up", "reset", "status"])
def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    env = {**os.environ, "SWITCHBOARD_LOCAL": str(tmp_path / "file")}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", command], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
    assert command != "up" or (done.returncode, len(done.stderr.splitlines())) == (1, 1)
