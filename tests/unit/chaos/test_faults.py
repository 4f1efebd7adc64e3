"""A fault is written down when it hit somebody: what is written down excuses what is repeated."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import cast

from tests.chaos.desk import Desk
from tests.chaos.faults import Faults
from tests.chaos.journal import Journal, read
from tests.chaos.plan import Fault

TICKETS = "tickets-1"


class MadeUp:
    """A desk of one process. It has started once it was asked so many times."""

    prefix = ""

    def __init__(self, *, runs: bool, started_after: int = 0) -> None:
        self.runs = runs
        self.signals: list[signal.Signals] = []
        self.asked = 0
        self._started_after = started_after

    def running(self, _: str) -> bool:
        return self.runs

    def kill(self, _: str) -> None:
        self.runs = False

    def spawn(self, _: str) -> None:
        self.runs = True

    def signal(self, _: str, number: signal.Signals) -> None:
        self.signals.append(number)

    async def started(self, _: str) -> bool:
        self.asked += 1
        self.runs = self.runs or self.asked > self._started_after
        return self.asked > self._started_after


def done_to(desk: MadeUp, folder: Path, *planned: Fault) -> list[str]:
    """What the journal says was done."""
    journal = Journal(folder / f"{len(list(folder.iterdir()))}.jsonl")
    asyncio.run(Faults(cast(Desk, desk), {}, journal).run(list(planned)))
    return [one["what"] for one in read(journal.file)]


def test_a_freeze_waits_until_whom_it_is_for_is_at_work(tmp_path: Path) -> None:
    desk = MadeUp(runs=False, started_after=3)
    assert done_to(desk, tmp_path, Fault(0.0, "freeze", TICKETS)) == ["freeze", "thaw"]
    assert desk.asked == 4
    assert desk.signals == [signal.SIGSTOP, signal.SIGCONT]


def test_who_is_about_to_be_frozen_is_not_killed(tmp_path: Path) -> None:
    desk = MadeUp(runs=True, started_after=3)
    planned = Fault(0.0, "freeze", TICKETS), Fault(0.1, "kill", TICKETS)
    assert done_to(desk, tmp_path, *planned) == ["freeze", "thaw"]


def test_a_kill_of_who_is_dead_already_is_none(tmp_path: Path) -> None:
    desk = MadeUp(runs=False)
    assert done_to(desk, tmp_path, Fault(0.0, "kill", TICKETS)) == []
    assert done_to(desk, tmp_path, Fault(0.0, "kill", TICKETS)) == ["kill"]
