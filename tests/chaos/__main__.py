"""`python -m tests.chaos [--seed S] [--inputs N] [--minutes M]`: the whole gate, one JSON line at the end.

Exits 0 when every row is as promised. What was done is in the folder that is named; it is removed after a run in
which all was well, unless `--keep`.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import uvloop

from deploy.local.progress import Progress
from tests.chaos.checker import rows
from tests.chaos.gate import Gate, Run
from tests.chaos.plan import full, short
from tests.chaos.senders.world import WATCHED
from tests.chaos.servers import Servers

DEFAULT_MINUTES = 25.0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", default="", help="the same choices again; by default a new one")
    options.add_argument("--inputs", type=int, default=100_000)
    options.add_argument("--minutes", type=float, default=0.0, help="how long inputs and faults go on")
    options.add_argument("--short", action="store_true", help="a few faults of each kind, as in make test")
    options.add_argument("--keep", action="store_true", help="leave the folder with logs and the journal")
    chosen = options.parse_args()
    minutes = chosen.minutes or (1.5 if chosen.short else DEFAULT_MINUTES)
    seed = chosen.seed or str(random.randrange(1, 10**6))
    measure = short(minutes * 60) if chosen.short else full(minutes)
    run = Run(seed=seed, inputs=chosen.inputs, measure=measure)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
    signal.signal(signal.SIGTERM, _interrupted)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)  # it tells of every outage, and these are ours
    folder = Path(tempfile.mkdtemp(prefix="switchboard-chaos-"))
    try:
        answer = report(run, folder)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        print(json.dumps({"seed": seed, "kept": False, "interrupted": True}), flush=True)
        return 130
    except Exception as error:
        traceback.print_exc()
        print(json.dumps({"seed": seed, "kept": False, "error": repr(error), "folder": str(folder)}), flush=True)
        return 1
    if answer["kept"] and not chosen.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        answer["folder"] = str(folder)
    print(json.dumps(answer), flush=True)
    return 0 if answer["kept"] else 1


def _interrupted(*_: object) -> None:
    """SIGTERM ends a run as Ctrl-C does: everything is stopped on the way out."""
    signal.raise_signal(signal.SIGINT)


def report(run: Run, folder: Path) -> dict[str, object]:
    """Start everything, play, check, stop everything."""
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    say(f"seed {run.seed}, {run.inputs} inputs in {run.measure.lasts_s / 60:.1f} minutes, all in {folder}")
    servers = Servers(folder, Progress())
    try:
        servers.start()
        say("the servers are ready")
        outcome = uvloop.run(Gate(run, servers, folder, say).run())
    finally:
        servers.stop()
    found = rows.faults(outcome.evidence, WATCHED.id, outcome.browsers)
    return {
        "seed": run.seed,
        "kept": rows.kept(found, outcome.settled_s),
        "rows": rows.table(found, outcome.settled_s),
        **outcome.counts,
        "off": rows.examples(found),
    }


if __name__ == "__main__":
    sys.exit(main())
