"""Takes simulations and keeps their rows. Emits nothing.

One runs at a time in each process, so that a few agents cannot take the machine; the others wait their turn. What runs
ends with the process, and its row says so.
"""

from __future__ import annotations

import asyncio
import contextlib

from pymongo.errors import PyMongoError

from services.routing.settings import RoutingSettings
from services.routing.simulate.job import Job
from services.routing.simulate.report import Report
from services.routing.simulator.run import Failed, Run
from services.routing.simulator.worker import FAILED
from services.routing.store.simulations import RESTARTED, Simulations
from shared.clock import Clock
from shared.logs import get_logger

log = get_logger(__name__)

BEAT_S = 0.5


class Simulator:
    """A part."""

    def __init__(self, settings: RoutingSettings, rows: Simulations, clock: Clock) -> None:
        self.name = "simulator"
        self._settings = settings
        self._rows = rows
        self._clock = clock
        self._turn = asyncio.Semaphore(1)
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Nothing to begin: what ran before this process did is not gone on with."""

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def alive(self) -> bool:
        return True

    async def ready(self) -> str | None:
        return None

    def begin(self, id_: str, job: Job) -> None:
        """A row of `simulations` is carried out; this answers at once."""
        task = asyncio.create_task(self._carry_out(id_, job), name=f"simulation.{id_}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(self, id_: str, job: Job) -> None:
        run = Run(self._settings, job)
        work = asyncio.create_task(self._in_turn(run), name=f"simulation.{id_}.work")
        try:
            while not (await asyncio.wait([work], timeout=BEAT_S))[0]:
                if not await self._wanted(id_, run):
                    return
            await self._rows.done(id_, work.result())
        except Failed as failed:
            await self._rows.failed(id_, str(failed))
        except asyncio.CancelledError:
            await self._rows.failed(id_, RESTARTED)
            raise
        except Exception:
            log.exception("simulation failed", simulation_id=id_)
            with contextlib.suppress(PyMongoError):
                await self._rows.failed(id_, FAILED)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _in_turn(self, run: Run) -> Report:
        async with self._turn:
            return await run.result()

    async def _wanted(self, id_: str, run: Run) -> bool:
        """False when it was cancelled. While MongoDB is away nobody has cancelled it yet."""
        try:
            return await self._rows.beat(id_, self._clock(), read=run.read, total=run.total, differ=run.differ)
        except PyMongoError:
            return True
