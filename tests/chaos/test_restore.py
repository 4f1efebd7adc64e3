"""A desk that is lost while it is at work comes back from a back-up: nothing accepted before it is lost, nothing is
there twice. By the commands of docs/runbooks/restore.md for a desk that is not a local one; those for a local one are
tried by tests/e2e/test_restore.py."""

from __future__ import annotations

import json
import os
from pathlib import Path

from deploy.local.progress import Progress
from tests.chaos.checker import restored, rows
from tests.chaos.gate import Run
from tests.chaos.loss import KINDS, UNREAD, Loss
from tests.chaos.plan import short
from tests.chaos.senders.custom import TOPIC
from tests.chaos.senders.poison import TYPES
from tests.chaos.senders.world import WATCHED
from tests.chaos.servers import Servers

INPUTS, LASTS_S, COMMANDS_PER_SECOND = 400, 10.0, 12.0


async def test_nothing_is_lost_and_nothing_comes_twice_when_all_is_lost_and_restored(tmp_path: Path) -> None:
    """Every row of the gate's checker, with one journal from before the loss until after the restore, except:

    - members that did not leave when asked: nobody is asked, all are killed;
    - seconds after the last fault until lag is zero and every service is ready: a restore takes as long as there is
      data, and the runbook says how long.

    The browsers are open through all of it, and come back to the restored desk with the place that they had.
    """
    servers = Servers(tmp_path / "servers", Progress())
    try:
        servers.start()
        seed = os.environ.get("SWITCHBOARD_SEED", "1")
        run = Run(seed, INPUTS, short(LASTS_S), actions_per_second=COMMANDS_PER_SECOND, replicas=1)
        found = await Loss(run, servers, tmp_path, print).lose_and_restore(tmp_path / "backup")
    finally:
        servers.stop()
    assert rows.examples(rows.faults(found.before, WATCHED.id)) == {}
    off = restored.faults(found.before, found.after, found.gap, WATCHED.id, found.browsers)
    print(json.dumps({"rows": {row: len(one) for row, one in off.items()}, **found.counts}))
    assert rows.examples(off) == {}
    assert found.unlike == []
    # Every row was used: there was something of each before the dump and after the restore, and some was lost.
    assert {f"{kind} {when}" for kind in KINDS for when in ("before", "after")} <= found.counts.keys()
    assert {f"{kind} in the gap" for kind in ("message", "action", "mail", "hook")} <= found.counts.keys()
    assert found.counts["held and had left"]
    assert found.counts["held and sent"]
    assert found.counts["resyncs"] >= len(found.browsers)
    assert {one.place[0] for one in found.before.dead} == TYPES.keys()
    # What nobody had read came back to be read: what is right is in the timelines, what is not in the dead letters.
    assert len([place for place in found.after.poison if place[0] == TOPIC]) == len(UNREAD)
