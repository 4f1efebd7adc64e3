"""An agent's own sidebar and saved views. Theirs alone and nobody else's state, so they make no event."""

from __future__ import annotations

from collections.abc import Collection as Among
from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument

from shared.errors import Conflict
from shared.mongo import Database, Document

VIEWS_MAX = 100
"""Of one agent."""


class SidebarStore:
    """`sidebars`: one document for each agent who changed theirs. `views`: `agent_id` made it, `team_id` may use it."""

    def __init__(self, database: Database) -> None:
        self._sidebars = database.get_collection("sidebars")
        self._views = database.get_collection("views")

    async def ensure_indexes(self) -> None:
        await self._views.create_indexes(
            [IndexModel([("agent_id", ASCENDING)]), IndexModel([("team_id", ASCENDING)], sparse=True)]
        )

    async def sidebar(self, agent_id: str) -> Document | None:
        """{pinned, unpinned}: names of inboxes in the agent's order; None when it is as it came."""
        return await self._sidebars.find_one({"_id": agent_id})

    async def put_sidebar(self, agent_id: str, pinned: Sequence[str], unpinned: Sequence[str]) -> None:
        row = {"pinned": list(pinned), "unpinned": list(unpinned)}
        await self._sidebars.replace_one({"_id": agent_id}, row, upsert=True)

    async def views(self, agent_id: str, team_ids: Among[str]) -> list[Document]:
        """Their own and those of their teams, by name."""
        wanted = {"$or": [{"agent_id": agent_id}, {"team_id": {"$in": sorted(team_ids)}}]}
        return await self._views.find(wanted).sort([("name", ASCENDING), ("_id", ASCENDING)]).to_list(VIEWS_MAX * 5)

    async def add(self, view: Document) -> Document:
        """Adding one that is there already (by `_id`) changes nothing. Raises Conflict above VIEWS_MAX."""
        if await self._views.count_documents({"agent_id": view["agent_id"]}, limit=VIEWS_MAX) >= VIEWS_MAX:
            raise Conflict("too_many_views", f"You have {VIEWS_MAX} views. Delete one that you no longer use.")
        found = await self._views.find_one_and_update(
            {"_id": view["_id"]}, {"$setOnInsert": view}, upsert=True, return_document=ReturnDocument.AFTER
        )
        return found or view

    async def change(self, view_id: str, agent_id: str, changes: dict[str, Any]) -> Document | None:
        """None when it is not theirs."""
        return await self._views.find_one_and_update(
            {"_id": view_id, "agent_id": agent_id}, {"$set": changes}, return_document=ReturnDocument.AFTER
        )

    async def delete(self, view_id: str, agent_id: str) -> bool:
        return (await self._views.delete_one({"_id": view_id, "agent_id": agent_id})).deleted_count > 0
