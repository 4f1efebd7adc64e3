"""`python -m tests.bench [ROW …]`: every row of promises.md beside its reference, in turns; a table, and JSON.

`growth` in place of rows measures how cost grows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import (
    bundle,
    growth,
    idle,
    mail,
    memory,
    pages,
    rules,
    screen,
    scroll,
    search,
    simulate,
    sla,
    sockets,
    spam,
    tickets,
)
from tests.bench.flames import Flames
from tests.bench.load import messages
from tests.bench.row import Row, table
from tests.servers import Servers, start_servers

Measure = Callable[[Servers, int], list[Row]]

ROWS: dict[str, tuple[str, Measure]] = {
    "tickets": (
        "inbound events through tickets, all durable effects",
        lambda servers, n: asyncio.run(tickets.run(servers, repetitions=n)),
    ),
    "screen": (
        "accepted to another agent's screen, 100 messages a second",
        lambda servers, n: asyncio.run(screen.run(servers, repetitions=n)),
    ),
    "routing": (
        "what routing and 200 rules add to the way to a screen",
        lambda servers, n: asyncio.run(screen.run_routing(servers, repetitions=n)),
    ),
    "rules": ("events through 200 rules of five conditions", lambda _, n: rules.run(repetitions=n)),
    "pages": (
        "a page of the inbox, any filter and sort, a million conversations",
        lambda servers, n: asyncio.run(pages.run(servers, repetitions=n)),
    ),
    "scroll": (
        "a list of 100,000 conversations scrolled to its end",
        lambda servers, n: asyncio.run(scroll.run(servers, repetitions=n)),
    ),
    "search": ("search over a million messages", lambda servers, n: asyncio.run(search.run(servers, repetitions=n))),
    "sla": (
        "warnings and breaches told, a million targets running",
        lambda servers, n: asyncio.run(sla.run(servers, repetitions=n)),
    ),
    "simulate": (
        "a draft set over 100,000 recorded conversations",
        lambda servers, n: asyncio.run(simulate.run(servers, repetitions=n)),
    ),
    "spam": ("what a filter finds on a public corpus, and how often it is wrong", lambda _, n: spam.run(repetitions=n)),
    "mail": ("mails parsed, sanitised and split", lambda _, n: mail.run(repetitions=n)),
    "sockets": (
        "WebSockets on one process, an event a second each",
        lambda servers, n: asyncio.run(sockets.run(servers, repetitions=n)),
    ),
    "idle": ("each service, idle", lambda servers, n: asyncio.run(idle.run(servers, repetitions=n))),
    "memory": ("each service at full load", lambda servers, n: asyncio.run(memory.run(servers, repetitions=n))),
    "bundle": ("the inbox's first load", lambda _servers, _n: bundle.run()),
}
NO_SERVERS = {"rules", "mail", "spam", "bundle"}
GROWTH = "growth"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    choices = [*ROWS, GROWTH]
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(choices)}; all rows if none is named")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path(".local/bench.json"), help="where the figures go")
    parser.add_argument("--strict", action="store_true", help='exit 1 when a row does not hold its "first" bound')
    parser.add_argument("--profile", type=Path, metavar="SVG", help="no figures: draw the tickets path (py-spy)")
    args = parser.parse_args()
    if unknown := set(args.rows) - set(choices):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a topic made a moment ago has no leader yet
    if args.profile:
        profile(args.profile)
    elif GROWTH in args.rows:
        with ExitStack() as stack:
            save(args.json, {GROWTH: asyncio.run(growth.run(start_servers(stack)))})
    else:
        rows, failed = measure(args.rows or list(ROWS), args.repetitions)
        print(f"\n{table(rows)}")
        save(args.json, {"rows": [row.document() for row in rows], "failed": failed})
        if failed or (args.strict and any(row.holds == "no" for row in rows)):
            sys.exit(1)


def measure(names: Sequence[str], repetitions: int) -> tuple[list[Row], list[str]]:
    """The rows, and the names of those that could not be measured: one that fails does not take the others along."""
    rows: list[Row] = []
    failed: list[str] = []
    with ExitStack() as stack:
        servers = Servers("", "", "") if set(names) <= NO_SERVERS else start_servers(stack)
        for name in names:
            title, run = ROWS[name]
            print(title, flush=True)
            began = time.monotonic()
            try:
                rows += run(servers, repetitions)
            except Exception:
                traceback.print_exc()
                failed.append(name)
            print(f"  took {time.monotonic() - began:.0f} s", flush=True)
    return rows, failed


def profile(svg: Path) -> None:
    with ExitStack() as stack:
        servers, inputs = start_servers(stack), messages(tickets.COUNT)
        asyncio.run(tickets.through(servers, tickets.tickets(), inputs, flames=Flames(svg)))


def save(path: Path, figures: dict[str, Any]) -> None:
    """With what they were measured on."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    machine = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"at": at, "machine": machine} | figures)
    path.write_text(f"{text}\n")
    print(text)


if __name__ == "__main__":
    main()
