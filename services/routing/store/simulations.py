"""Simulations that agents asked for, and what came of them. MongoDB collection `simulations`; a row is kept a day.

A process that runs one says so again and again (`alive_at`); one that has fallen silent was killed, and whoever looks
next marks its simulation as failed. A simulation is never gone on with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from services.routing.simulate.report import Report
from shared.errors import Conflict, NotFound
from shared.mongo import Database, expire_after

State = Literal["running", "done", "failed", "cancelled"]

KEPT_S = 24 * 3600
SILENT = timedelta(seconds=15)
RESTARTED = "The service was restarted while the simulation ran. Start it again."


@dataclass(frozen=True, slots=True)
class Simulation:
    """`read` of `total` conversations; `total` is 0 until it is known which. `error` is a sentence."""

    id: str
    agent_id: str
    state: State
    read: int
    total: int
    differ: int
    report: Report
    error: str | None


class Simulations:
    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("simulations")

    async def ensure_indexes(self) -> None:
        one_running = IndexModel(
            [("agent_id", ASCENDING)], name="running", unique=True, partialFilterExpression={"state": "running"}
        )
        await self._rows.create_indexes([one_running])
        await expire_after(self._rows, "started_at", KEPT_S)

    async def begin(self, id_: str, agent_id: str, now: datetime) -> bool:
        """False when this very one was begun before. Raises Conflict("simulation_running") while the agent has another
        one."""
        await self._end_silent({"agent_id": agent_id}, now)
        row = {"_id": id_, "agent_id": agent_id, "state": "running", "read": 0, "total": 0, "differ": 0}
        try:
            await self._rows.insert_one({**row, "report": None, "error": None, "started_at": now, "alive_at": now})
        except DuplicateKeyError:
            if await self._rows.find_one({"_id": id_, "agent_id": agent_id}):
                return False
            there = await self._rows.find_one({"agent_id": agent_id, "state": "running"})
            sentence = "You are simulating already. Wait for it, or cancel it."
            raise Conflict("simulation_running", sentence, about={"id": there["_id"] if there else ""}) from None
        return True

    async def get(self, id_: str, agent_id: str, now: datetime) -> Simulation:
        """One's own. Raises NotFound for somebody else's too."""
        await self._end_silent({"_id": id_, "agent_id": agent_id}, now)
        found = await self._rows.find_one({"_id": id_, "agent_id": agent_id})
        if found is None:
            raise NotFound("simulation", "There is no such simulation; it is kept for a day.")
        return _simulation(found)

    async def beat(self, id_: str, now: datetime, *, read: int, total: int, differ: int) -> bool:
        """Still alive, and so far. False when it was cancelled."""
        changes = {"alive_at": now, "read": read, "total": total, "differ": differ}
        found = await self._rows.update_one({"_id": id_, "state": "running"}, {"$set": changes})
        return found.matched_count == 1

    async def done(self, id_: str, report: Report) -> None:
        counts = {"read": report.conversations, "total": report.conversations, "differ": report.differ}
        await self._end(id_, {"state": "done", "report": report.model_dump_json(), **counts})

    async def failed(self, id_: str, error: str) -> None:
        await self._end(id_, {"state": "failed", "error": error})

    async def cancel(self, id_: str, agent_id: str) -> None:
        """Who runs it learns at its next word. One that has ended stays as it is."""
        await self._rows.update_one(
            {"_id": id_, "agent_id": agent_id, "state": "running"}, {"$set": {"state": "cancelled"}}
        )

    async def _end(self, id_: str, changes: dict[str, Any]) -> None:
        await self._rows.update_one({"_id": id_, "state": "running"}, {"$set": changes})

    async def _end_silent(self, of: dict[str, Any], now: datetime) -> None:
        silent = {**of, "state": "running", "alive_at": {"$lt": now - SILENT}}
        await self._rows.update_many(silent, {"$set": {"state": "failed", "error": RESTARTED}})


def _simulation(row: dict[str, Any]) -> Simulation:
    return Simulation(
        id=row["_id"],
        agent_id=row["agent_id"],
        state=row["state"],
        read=row["read"],
        total=row["total"],
        differ=row["differ"],
        report=Report.model_validate_json(row["report"]) if row["report"] else Report(),
        error=row["error"],
    )
