"""`python -m deploy.local up|restore|down|status|logs|reset|env|npm`: what make calls.

Begins on the person's own Python with the standard library only; `up` goes on in the project's environment.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- it is whoever runs make who brings the Python
    sys.exit("Switchboard needs Python 3.11 or newer; name one with make PYTHON=/path/to/python3 …")

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.local import web
from deploy.local.bootstrap import ensure_venv, locked
from deploy.local.errors import LaunchError
from deploy.local.layout import Layout
from deploy.local.processes import STOP_AFTER_S, Processes
from deploy.local.progress import Progress
from deploy.local.status import follow, show

if TYPE_CHECKING:
    from deploy.local.desk import Desk


@dataclass(frozen=True)
class Call:
    """One command with what it works on."""

    layout: Layout
    progress: Progress
    arguments: list[str]


def up(call: Call) -> int:
    """Everything running; an error stops what this call has started."""
    _enter_venv(call.layout, call.progress, ["up"])
    from deploy.local.desk import Desk

    return _start(call, lambda: Desk(call.layout, call.progress))


def restore(call: Call) -> int:
    """Everything running on a back-up's data: `restore FOLDER [--replace]`."""
    _enter_venv(call.layout, call.progress, ["restore", *call.arguments])
    from deploy.local.restored import RestoredDesk

    return _start(call, lambda: RestoredDesk(call.layout, call.progress, call.arguments))


def _start(call: Call, make: Callable[[], Desk]) -> int:
    with locked(call.layout.local / "up.lock", busy="Another make up is at work in this folder; wait for it to end."):
        stop_leftovers(call)
        desk = make()
        try:
            endpoints = desk.start()
        except BaseException:
            if desk.started:
                call.progress.note("Stopping what was started.")
                desk.undo()
            raise
    _welcome(endpoints, call.progress, "is running" if desk.started else "was already running")
    return 0


def stop_leftovers(call: Call) -> None:
    """A `make up` that was killed midway wrote no addresses; what it had started may be half set up."""
    processes = Processes(call.layout.run, call.layout.logs)
    left = [process for process in processes.all() if process.alive]
    if left and not call.layout.endpoints.exists():
        with call.progress.step("Stopping what a make up that was cut short had started"):
            processes.stop_in_order(left)


def down(call: Call) -> int:
    """Every recorded process stopped; what does not stop within STOP_AFTER_S is killed."""
    processes = Processes(call.layout.run, call.layout.logs)
    recorded = processes.all()
    running = [process for process in recorded if process.alive]
    if running:
        with call.progress.step(f"Stopping {len(running)} processes"):
            killed = processes.stop_in_order(running)
        for process in killed:
            call.progress.note(
                f"{process.name} did not stop within {STOP_AFTER_S:g} s and was killed; its log: {process.log}"
            )
    else:
        call.progress.note("Switchboard is not running.")
    for process in recorded:
        processes.forget(process.name)
    call.layout.endpoints.unlink(missing_ok=True)
    return 0


def reset(call: Call) -> int:
    """Stopped and all data deleted; fetched packages stay."""
    down(call)
    for folder in (call.layout.data, call.layout.mail, call.layout.logs, call.layout.run):
        shutil.rmtree(folder, ignore_errors=True)
    for file in ("ports.json", "secret", "aircall-token", "aircall-api-token", "oidc-secret", "integration-token"):
        (call.layout.local / file).unlink(missing_ok=True)
    call.progress.note("All data of this folder is deleted.")
    return 0


def status(call: Call) -> int:
    return show(Processes(call.layout.run, call.layout.logs))


def logs(call: Call) -> int:
    with suppress(KeyboardInterrupt):
        follow(call.layout.logs, call.arguments[0] if call.arguments else "")
    return 0


def env(call: Call) -> int:
    """The Python environment only, for the checks."""
    ensure_venv(call.layout, call.progress)
    return 0


def npm(call: Call) -> int:
    return web.npm(call.layout, call.progress, call.arguments)


COMMANDS: dict[str, Callable[[Call], int]] = {
    "up": up,
    "restore": restore,
    "down": down,
    "status": status,
    "logs": logs,
    "reset": reset,
    "env": env,
    "npm": npm,
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        print(f"Commands: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    try:
        return COMMANDS[arguments[0]](Call(Layout.of(), Progress(), arguments[1:]))
    except LaunchError as error:
        where = f"\nThe log: {error.log}" if error.log else ""
        print(f"{error}{where}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141  # as the shell says of who was told to stop by a closed pipe
    except OSError as error:
        # A folder that may not be written, a disk that is full: what to mend is in the system's own words.
        where = f" ({error.filename})" if error.filename else ""
        print(f"{error.strerror or error}{where}. SWITCHBOARD_LOCAL=… chooses another folder.", file=sys.stderr)
        return 1
    finally:
        _let_go_of_output()


def _let_go_of_output() -> None:
    """What is left for a reader who has gone would be complained about at the very end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _enter_venv(layout: Layout, progress: Progress, arguments: list[str]) -> None:
    """Make the environment and go on in it, as this same process."""
    ensure_venv(layout, progress)
    if sys.prefix != str(layout.venv):
        os.execv(layout.python, [str(layout.python), "-m", "deploy.local", *arguments])


def _welcome(endpoints: dict[str, Any], progress: Progress, how: str) -> None:
    say = progress.note
    say(f"\nSwitchboard {how}.\n")
    say(f"  Inbox          {endpoints['web']}")
    say(f"  Messenger      {endpoints['messenger']}")
    say(f"  Example shop   {endpoints['shop']}")
    say(f"  Mail in        {endpoints['smtp']} (SMTP)")
    say(f"  Mail out       {endpoints['smtp_sink_http']} (kept here, sent nowhere)")
    if endpoints["sign_ins"]:
        say("\n  Sign in as")
        for account in endpoints["sign_ins"]:
            say(f"    {account['email']}  {account['password']}  {account['role']}, {account['name']}")
    say("\n  make status, make logs, make down; all addresses are in .local/endpoints.json")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
