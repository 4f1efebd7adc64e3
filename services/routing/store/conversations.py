"""Rows of conversations: who holds them and what waits for an agent. MongoDB collection `conversations`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from services.routing.assignment import Held, Need
from services.routing.model.conversation import Row
from services.routing.model.want import Want
from shared.mongo import Database, replace_versions

WAITS = {"want.ready": True, "open": True}
BY_QUEUE = {**WAITS, "want.queue": {"$gt": ""}}
"""The same, so that the index of what waits is taken: it is by queue first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue in which something waits: a team's id, or an agent's when `one_agent`."""

    queue: str
    one_agent: bool

    @classmethod
    def of(cls, want: Want) -> Waiting:
        return cls(want.queue, want.one_agent)


_TIMED: dict[str, Any] = {"head": {"$gt": ""}}
_WAITING: dict[str, Any] = {"waits.0": {"$exists": True}}
"""What rules about time or at times of the clock may be asked of, and what rules that wait."""

Turn = tuple[datetime, str]
"""What those who wait are ordered by: the turn of a conversation, and its id."""

_ALIKE = {
    "queue": "want.queue",
    "one_agent": "want.one_agent",
    "brand_id": "brand_id",
    "channel": "channel",
    "skills": "want.skills",
    "language": "want.language",
    "instead_of": "want.instead_of",
    "overflow_team": "want.overflow_team",
    "refused": "want.refused",
}
"""What decides who may take a conversation, and where it stands in a row."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Conversations that wait for the same: whoever may take one of them may take any. `first`: the turn of the one
    that is next; `overflows_from`: when the first of them is offered to the team `overflow` too. `asked` finds them."""

    waiting: Waiting
    need: Need
    overflow: Waiting | None
    first: datetime
    overflows_from: datetime | None
    asked: Mapping[str, Any]


class Conversations:
    def __init__(self, database: Database) -> None:
        self._rows = self.rows = database.get_collection("conversations")
        self._asked = database.get_collection("rules_asked_later")

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes(
            [
                IndexModel(
                    [("want.queue", ASCENDING), ("want.turn_at", ASCENDING), ("_id", ASCENDING)],
                    name="waiting_by_turn",
                    partialFilterExpression=WAITS,
                ),
                IndexModel(
                    [("agent_id", ASCENDING)],
                    name="held",
                    partialFilterExpression={"open": True, "agent_id": {"$type": "string"}},
                ),
                IndexModel([("asked", ASCENDING)], name="asked", partialFilterExpression=_TIMED),
                IndexModel([("asked", ASCENDING)], name="asked_waiting", partialFilterExpression=_WAITING),
                IndexModel(
                    [("brand_id", ASCENDING), ("status", ASCENDING), ("_id", ASCENDING)],
                    name="asked_by_the_clock",
                    partialFilterExpression=_TIMED,
                ),
            ]
        )

    async def read(self, ids: Collection[str], session: AsyncClientSession | None = None) -> dict[str, Row]:
        found = self._rows.find({"_id": {"$in": list(ids)}}, session=session)
        return {document["_id"]: _row(document) async for document in found}

    async def write(
        self, before: Mapping[str, Row], after: Mapping[str, Row], session: AsyncClientSession
    ) -> dict[str, Row]:
        """Save the rows that changed, one version on; all rows as they are now. Raises StaleVersion."""
        saved = dict(after)
        changes = []
        for id_, row in after.items():
            old = before.get(id_)
            if row is old:
                continue
            seq = old.seq if old else 0
            saved[id_] = row.model_copy(update={"seq": seq + 1})
            changes.append((seq, _document(saved[id_])))
        await replace_versions(self._rows, changes, session)
        return saved

    async def holders(self) -> dict[str, Held]:
        """Every open conversation that an agent holds, with the agent."""
        asked = {"open": True, "agent_id": {"$type": "string"}}
        found = self._rows.find(asked, projection={"agent_id": 1, "channel": 1})
        return {document["_id"]: Held(document["agent_id"], document["channel"]) async for document in found}

    async def loads(self) -> dict[str, int]:
        """How many open conversations each agent holds."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"open": True, "agent_id": {"$type": "string"}}},
            {"$group": {"_id": "$agent_id", "count": {"$sum": 1}}},
        ]
        cursor = await self._rows.aggregate(pipeline)
        return {document["_id"]: document["count"] async for document in cursor}

    async def alike(self, session: AsyncClientSession) -> list[Alike]:
        """What waits, by what it waits for."""
        pipeline: list[dict[str, Any]] = [
            {"$match": BY_QUEUE},
            {
                "$group": {
                    "_id": {name: f"${path}" for name, path in _ALIKE.items()},
                    "first": {"$min": {"$ifNull": ["$want.turn_at", "$want.since"]}},
                    "overflows_from": {"$min": "$want.overflow_at"},
                }
            },
        ]
        cursor = await self._rows.aggregate(pipeline, session=session)
        return [_alike(one["_id"], one["first"], one["overflows_from"]) async for one in cursor]

    async def next(
        self, alike: Alike, limit: int, session: AsyncClientSession, *, overflowed_by: datetime | None = None
    ) -> list[Turn]:
        """Of those alike the ones whose turn is next; `overflowed_by`: that may go to the other team by then."""
        asked: dict[str, Any] = {**WAITS, **alike.asked}
        if overflowed_by is not None:
            asked["want.overflow_at"] = {"$lte": overflowed_by}
        found = self._rows.find(asked, projection={"want.turn_at": 1, "want.since": 1}, session=session)
        found = found.sort([("want.turn_at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
        return [(one["want"].get("turn_at") or one["want"]["since"], one["_id"]) async for one in found]

    async def of_brand(
        self, brand_id: str, statuses: Collection[str], after: str, limit: int, session: AsyncClientSession
    ) -> list[Row]:
        """Those of a brand that have one of the statuses, all by id, after one of them; none of which no head is known.
        The index gives each status by id, and MongoDB merges them: nothing is sorted."""
        asked = {**_TIMED, "brand_id": brand_id, "status": {"$in": list(statuses)}, "_id": {"$gt": after}}
        found = self._rows.find(asked, session=session).sort([("_id", ASCENDING)]).limit(limit)
        return [_row(document) async for document in found.hint("asked_by_the_clock")]

    async def asking(self, session: AsyncClientSession) -> int:
        """The number of the last asking. The rules are to be read after it: they are those of it, or newer."""
        known = await self._asked.find_one({"_id": "rules"}, session=session)
        return _number(known)

    async def ask_again(self, rules: Sequence[tuple[str, int]], *, timed: bool, now: datetime) -> bool:
        """When these rules, which may be asked later, are others than at the last call, that is a new asking; whether
        they were. Whatever they may concern that is not of the last asking is due now: what a batch that began before
        it wrote after it is found by the next call, as is what a crash left."""
        mark = [f"{id_}:{version}" for id_, version in rules]
        known = await self._asked.find_one({"_id": "rules"})
        number, others = _number(known), known is None or known["rules"] != mark
        if others:
            number += 1 if known or mark else 0
            if not await self._begin(known, {"rules": mark, "number": number}):
                return False
        if number:
            # The number too: whoever read the row before and writes it now conflicts, and runs again.
            await self.rows.update_many(not_asked(number, timed=timed), {"$set": {"due_at": now, "asked": number}})
        return others

    async def _begin(self, known: Mapping[str, Any] | None, asking: Mapping[str, Any]) -> bool:
        """False where another replica has begun one since."""
        if known is None:
            try:
                await self._asked.insert_one({"_id": "rules", **asking})
            except DuplicateKeyError:
                return False
            return True
        unchanged = {"_id": "rules", "rules": known["rules"], "number": known.get("number")}
        return (await self._asked.replace_one(unchanged, dict(asking))).matched_count == 1

    async def waiting_for(
        self, agents: Mapping[str, Collection[str]], limit: int, session: AsyncClientSession
    ) -> list[Row]:
        """What waits for one of these agents alone and is of no brand that is named with them."""
        narrow = {agent: brands for agent, brands in agents.items() if brands}
        left = {"want.queue": {"$in": [agent for agent in agents if agent not in narrow]}}
        others = [{"want.queue": agent, "brand_id": {"$nin": list(brands)}} for agent, brands in narrow.items()]
        found = self._rows.find({**WAITS, "want.one_agent": True, "$or": [left, *others]}, session=session)
        return [_row(document) async for document in found.limit(limit)]

    async def waiting_of(self, teams: Collection[str], most: int, session: AsyncClientSession) -> dict[str, int]:
        """How many wait for each of the teams, counted up to `most`; asked for at once."""
        counts: list[list[dict[str, Any]]] = [
            [
                {"$match": {**WAITS, "want.queue": team, "want.one_agent": False}},
                {"$limit": most},
                {"$group": {"_id": "$want.queue", "count": {"$sum": 1}}},
            ]
            for team in teams
        ]
        if not counts:
            return {}
        others = ({"$unionWith": {"coll": self._rows.name, "pipeline": one}} for one in counts[1:])
        cursor = await self._rows.aggregate([*counts[0], *others], session=session)
        return dict.fromkeys(teams, 0) | {one["_id"]: one["count"] async for one in cursor}

    async def waiting(self) -> int:
        """How many wait for an agent."""
        return await self._rows.count_documents(BY_QUEUE)


def not_asked(number: int, *, timed: bool) -> dict[str, Any]:
    """What rules that are asked later may concern and is of an earlier asking, or of none."""
    return {**(_TIMED if timed else _WAITING), "asked": {"$not": {"$gte": number}}}


def _number(asking: Mapping[str, Any] | None) -> int:
    return asking.get("number") or 0 if asking else 0


def _alike(found: Mapping[str, Any], first: datetime, overflows_from: datetime | None) -> Alike:
    overflow = found.get("overflow_team")
    need = Need(
        brand_id=found["brand_id"],
        channel=found.get("channel") or "",
        skills=tuple(found.get("skills") or ()),
        language=found.get("language") or "",
        not_by=found.get("instead_of"),
        refused=tuple(found.get("refused") or ()),
    )
    return Alike(
        Waiting(found["queue"], found["one_agent"]),
        need,
        Waiting(overflow, one_agent=False) if overflow else None,
        first,
        overflows_from,
        {path: found.get(name) for name, path in _ALIKE.items()},
    )


def _document(row: Row) -> dict[str, Any]:
    document = row.model_dump()
    document["_id"] = document.pop("id")
    for want in (document["want"], (document["offer"] or {}).get("want"), document["pending_want"]):
        if want and not want["refused"]:
            del want["refused"]  # the release before does not know it, and reads these rows during an upgrade
    return document


def _row(document: dict[str, Any]) -> Row:
    """Without the timers' claim on it."""
    fields = {name: value for name, value in document.items() if name in Row.model_fields}
    return Row.model_validate({"moves": _moves(document), **fields, "id": document["_id"]})


def _moves(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What is on its way in a row that the release before wrote, which does not know moves."""
    moves = list[dict[str, Any]]()
    if document.get("pending_decision") and document.get("agent_id"):
        given = {"of_agent": True, "agent_id": document["agent_id"]}
        moves.append({"decision_id": document["pending_decision"], **given})
    want = document.get("want")
    if want and not want["ready"]:
        taken = bool(want.get("last")) and want.get("instead_of") is None
        to_team = {"of_team": True, "team_id": want["queue"], "of_agent": taken}
        moves.append({"decision_id": want["decision_id"], **to_team})
    return moves
