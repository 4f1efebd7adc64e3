"""What was decided, when, on what grounds. MongoDB collection `decisions`, one per event that rules looked at.

A record keeps the values seen and the revision of the rules, from which the whole trace is built again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.model.plan import Later
from services.routing.rules.fields import Seen
from shared.contracts.common import RuleRef, Spam
from shared.contracts.routing import Decided, Trigger
from shared.errors import NotFound
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Decision:
    """`decided` is None when the rules had nothing to do. `revision` 0: no rule was asked, as when a waiting
    conversation found its agent. `left_out`: versions of that revision that were not asked, as they are other
    conversations'. `chain`: the rules that led to it, its own among them. `waits`: rules that matched and wait;
    `crowded`: those that found no room to wait. `rule_id`: this rule alone was asked, as its time had come. `spam`:
    what the event's message scored, where it was looked at."""

    id: str
    conversation_id: str
    brand_id: str
    at: datetime
    trigger: Trigger
    decided: Decided | None
    revision: int = 0
    looked_at: int = 0
    seen: dict[str, Seen] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    chain: tuple[str, ...] = ()
    waits: tuple[Later, ...] = ()
    crowded: tuple[RuleRef, ...] = ()
    rule_id: str | None = None
    spam: Spam | None = None


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

    async def among(self, decision_ids: Collection[str]) -> dict[str, Decision]:
        """Those that there are, by id."""
        rows = self._rows.find({"_id": {"$in": list(decision_ids)}})
        return {row["_id"]: _decision(row) async for row in rows}

    async def chains(self, decision_ids: Collection[str], session: AsyncClientSession) -> dict[str, tuple[str, ...]]:
        """The rules that led to each, by id."""
        asked = {"_id": {"$in": list(decision_ids)}}
        rows = self._rows.find(asked, projection={"chain": 1}, session=session)
        return {row["_id"]: tuple(row["chain"]) async for row in rows}

    async def who_is_to_have(self, conversation_ids: Collection[str]) -> dict[str, Decision]:
        """The latest decision about each that found an agent for it, took it away or said why nobody has it."""
        moves = {"decided.actions.kind": {"$in": ["assign_agent", "unassign"]}}
        either = [{"decided.waiting": {"$type": "string"}}, moves]
        pipeline: list[dict[str, Any]] = [
            {"$match": {"conversation_id": {"$in": list(conversation_ids)}, "$or": either}},
            {"$sort": {"conversation_id": 1, "at": -1, "trigger.seq": -1}},
            {"$group": {"_id": "$conversation_id", "latest": {"$first": "$$ROOT"}}},
        ]
        return {row["_id"]: _decision(row["latest"]) async for row in await self._rows.aggregate(pipeline)}

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
        "left_out": sorted(decision.left_out),
        "chain": decision.chain,
        "waits": [one.model_dump() for one in decision.waits],
        "crowded": [one.model_dump() for one in decision.crowded],
        "rule_id": decision.rule_id,
        "spam": decision.spam.model_dump() if decision.spam else None,
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
        left_out=frozenset(document["left_out"]),
        chain=tuple(document["chain"]),
        waits=tuple(Later.model_validate(one) for one in document.get("waits", ())),
        crowded=tuple(RuleRef.model_validate(one) for one in document.get("crowded", ())),
        rule_id=document.get("rule_id"),
        spam=Spam.model_validate(found) if (found := document.get("spam")) else None,
    )
