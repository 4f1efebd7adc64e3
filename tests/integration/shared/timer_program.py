"""Fires timers as a process of its own: `python -m tests.integration.shared.timer_program [die]`.

`die` claims what is due and is killed before it has done anything.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from shared import clock, mongo
from shared.mongo import Document
from shared.settings import Settings
from shared.timers import Timers
from tests.integration.shared.alarms import Alarms

LEASE_S = 2.0


async def main(way: str) -> None:
    settings = Settings()
    client = mongo.connect(settings)
    alarms = Alarms(client, mongo.database(client, settings, "tickets"))

    async def fire(rows: Sequence[Document]) -> None:
        if way == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        await alarms.ring(rows, by=str(os.getpid()))

    timers = Timers(alarms.timers, fire, name="test", clock=clock.now, lease_s=LEASE_S, batch=10)
    await timers.start()
    print("firing", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
