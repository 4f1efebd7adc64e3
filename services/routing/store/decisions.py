"""What was decided, when, on what grounds. MongoDB collection `decisions`, one per event that rules looked at.

A record keeps the values seen and the revision of the rules, from which the whole trace is built again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.rules.fields import Seen
from shared.contracts.routing import Decided, Trigger
from shared.errors import NotFound
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Decision:
    """`decided` is None when the rules had nothing to do. `revision` 0: no rule was asked, as when a waiting
    conversation found its agent."""

    id: str
    conversation_id: str
    brand_id: str
    at: datetime
    trigger: Trigger
    decided: Decided | None
    revision: int = 0
    looked_at: int = 0
    seen: dict[str, Seen] = field(default_factory=dict)


class Decisions:
    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("decisions")

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes([IndexModel([("conversation_id", ASCENDING), ("at", ASCENDING)])])

    async def add(self, decisions: Sequence[Decision], session: AsyncClientSession) -> None:
        if decisions:
            await self._rows.insert_many([_document(one) for one in decisions], ordered=False, session=session)

    async def get(self, decision_id: str) -> Decision:
        found = await self._rows.find_one({"_id": decision_id})
        if found is None:
            raise NotFound("decision", "There is no such decision.")
        return _decision(found)

    async def of(self, conversation_id: str, limit: int) -> list[Decision]:
        """The latest decisions about a conversation, oldest first."""
        found = self._rows.find({"conversation_id": conversation_id}).sort([("at", -1), ("trigger.seq", -1)])
        return [_decision(document) async for document in found.limit(limit)][::-1]


def _document(decision: Decision) -> dict[str, Any]:
    return {
        "_id": decision.id,
        "conversation_id": decision.conversation_id,
        "brand_id": decision.brand_id,
        "at": decision.at,
        "trigger": decision.trigger.model_dump(),
        "decided": decision.decided.model_dump() if decision.decided else None,
        "revision": decision.revision,
        "looked_at": decision.looked_at,
        # Pairs, because a field's name has a dot.
        "seen": [[name, value] for name, value in decision.seen.items()],
    }


def _decision(document: dict[str, Any]) -> Decision:
    seen = {name: tuple(value) if isinstance(value, list) else value for name, value in document["seen"]}
    return Decision(
        id=document["_id"],
        conversation_id=document["conversation_id"],
        brand_id=document["brand_id"],
        at=document["at"],
        trigger=Trigger.model_validate(document["trigger"]),
        decided=Decided.model_validate(document["decided"]) if document["decided"] else None,
        revision=document["revision"],
        looked_at=document["looked_at"],
        seen=seen,
    )
