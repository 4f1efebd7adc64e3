"""How an agent likes to work; theirs alone, and no event."""

from __future__ import annotations

from typing import Any

from services.tickets.model.outbox import HOLD_USUAL_S
from shared.mongo import Database, Document

AS_IT_COMES: Document = {"undo_send_s": HOLD_USUAL_S}


class PreferenceStore:
    """`preferences`: one document for each agent who changed any."""

    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("preferences")

    async def of(self, agent_id: str) -> Document:
        """Every preference; what they did not change is as it comes."""
        row = await self._rows.find_one({"_id": agent_id}) or {}
        return {name: row.get(name, usual) for name, usual in AS_IT_COMES.items()}

    async def arrangement(self, agent_id: str, place: str) -> Document | None:
        """`pinned` and `unpinned` parts of a place; None: the agent never arranged it."""
        row = await self._rows.find_one({"_id": agent_id}, {place: True}) or {}
        found: Document | None = row.get(place)
        return found

    async def change(self, agent_id: str, changes: dict[str, Any]) -> None:
        await self._rows.update_one({"_id": agent_id}, {"$set": changes}, upsert=True)
