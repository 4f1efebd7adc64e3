"""The desk of this folder, started on the data of a back-up: the servers first, the data, and then the services."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy.local.desk import Desk
from deploy.local.errors import LaunchError
from deploy.local.health import SERVICES
from deploy.local.layout import Layout
from deploy.local.processes import Processes
from deploy.local.progress import Progress


class RestoredDesk(Desk):
    """`arguments` are those of `python -m deploy.backup restore`."""

    with_demo = False

    def __init__(self, layout: Layout, progress: Progress, arguments: list[str]) -> None:
        _stop_services(Processes(layout.run, layout.logs), progress)
        super().__init__(layout, progress)
        self._arguments = arguments

    def _start_services(self) -> None:
        command: list[str | Path] = [self.layout.python, "-m", "deploy.backup", "restore", *self._arguments]
        done = subprocess.run(command, cwd=self.layout.root, env=self._service_env("tickets"), check=False)
        if done.returncode:
            raise LaunchError("Nothing was started on it; make up starts the services on what there is.")
        super()._start_services()


def _stop_services(processes: Processes, progress: Progress) -> None:
    """They must not write while their databases are replaced."""
    running = [process for process in processes.all() if process.name in SERVICES and process.alive]
    if running:
        with progress.step("Stopping the services"):
            processes.stop_in_order(running)
