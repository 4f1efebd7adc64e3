"""The numbers beside the inboxes, and how often each tag is used.

All open conversations are counted by place, the same for everybody, and an agent's own inboxes beside that. Counting
by place reads an index of what is open: 140 ms for 120,000 [measured]. Up to FEW every request counts anew. On a desk
with more the count is kept warm as long as somebody asks, and is as old as EVERY_S and one counting.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo import ASCENDING

from services.tickets.store.inboxes import ANY_STATUS
from shared.loop import Loop
from shared.mongo import Collection, Document
from shared.scope import Scope, Standing

FEW = 15_000
EVERY_S = 0.5
STALE_S = 2.0
"""When nobody has asked for a while, the first who does waits for a new count."""
ASKED_S = 60.0
"""How long after the last request a slow count is still kept warm."""
TAGS_MAX = 200
TAG_COUNT_MAX = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WAITS: Document = {"$cond": [{"$gt": ["$waiting_since", _EPOCH]}, 1, 0]}
_SUMS: Document = {"open": {"$sum": 1}, "waiting": {"$sum": _WAITS}}
_PLACE: Document = {
    "spam": "$spam",
    "brand": "$brand_id",
    "channel": "$channel",
    "team": "$team_id",
    "unassigned": {"$lte": ["$assignee_id", None]},  # null or missing: both sort before any text
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many conversations are open, and in how many of them a customer waits."""

    open: int = 0
    waiting: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.open + other.open, self.waiting + other.waiting)


@dataclass(frozen=True, slots=True)
class Tally:
    """The open conversations at one place."""

    at: Standing
    unassigned: bool
    spam: bool
    count: Count

    @property
    def inboxes(self) -> Sequence[str]:
        """By the names that the sidebar uses."""
        if self.spam:
            return ("spam",)
        found = ["all", f"brand:{self.at.brand_id}"]
        if self.at.team_id is not None:
            found.append(f"team:{self.at.team_id}")
        return [*found, "unassigned"] if self.unassigned else found


class OpenCounts(Loop):
    """A part of whoever answers HTTP."""

    def __init__(self, conversations: Collection) -> None:
        super().__init__("inboxes.counts", pause_s=EVERY_S)
        self._conversations = conversations
        self._one_at_a_time = asyncio.Lock()
        self._kept: Sequence[Tally] = ()
        self._many = True
        self._began_at = self._asked_at = float("-inf")

    async def of(self, scope: Scope) -> dict[str, Count]:
        """Open conversations of every inbox that has any, by the names that the sidebar uses."""
        everything, own, beyond = await asyncio.gather(
            self._everything(), _own(self._conversations, scope), _beyond(self._conversations, scope)
        )
        counts = dict(own)
        for one in (*(tally for tally in everything if scope.sees(tally.at)), *beyond):
            for inbox in one.inboxes:
                counts[inbox] = counts.get(inbox, Count()) + one.count
        return counts

    async def turn(self) -> bool:
        if self._many and time.monotonic() - self._asked_at < ASKED_S:
            await self._count()
        return False

    async def _everything(self) -> Sequence[Tally]:
        now = self._asked_at = time.monotonic()
        if not self._many:
            return await self._count()
        if now - self._began_at > STALE_S:
            async with self._one_at_a_time:
                if self._began_at < now:
                    await self._count()
        return self._kept

    async def _count(self) -> Sequence[Tally]:
        began_at = time.monotonic()
        found = await _by_place(self._conversations, {"status": "open"}, "inbox_counts")
        self._kept, self._began_at = found, began_at
        self._many = sum(one.count.open for one in found) > FEW
        return found


async def _by_place(conversations: Collection, match: Document, index: str) -> list[Tally]:
    pipeline: list[Document] = [{"$match": match}, {"$group": {"_id": _PLACE, **_SUMS}}]
    found = []
    async for row in await conversations.aggregate(pipeline, hint=index, batchSize=20_000):
        place = row["_id"]
        at = Standing(place["brand"], place["channel"], place.get("team"))
        found.append(Tally(at, place["unassigned"], place["spam"], Count(row["open"], row["waiting"])))
    return found


async def _own(conversations: Collection, scope: Scope) -> dict[str, Count]:
    """The inboxes that are the agent's alone."""
    me = scope.agent_id
    names = {
        f"agent:{me}": "mine",
        f"mention:{me}": "mentions",
        f"created:{me}": "created",
        f"following:{me}": "following",
    }
    wanted = {"boxes": {"$in": list(names)}}
    pipeline: list[Document] = [
        {"$match": {**wanted, "status": "open", **scope.query()}},
        {"$unwind": "$boxes"},
        {"$match": wanted},
        {"$group": {"_id": "$boxes", **_SUMS}},
    ]
    rows = await (await conversations.aggregate(pipeline, hint="inbox_started")).to_list(None)
    return {names[row["_id"]]: Count(row["open"], row["waiting"]) for row in rows}


async def _beyond(conversations: Collection, scope: Scope) -> list[Tally]:
    """What an agent sees outside of their channels and teams, because they began it or were given it."""
    if scope.by_brand_alone:
        return []
    me = scope.agent_id
    query = scope.query()
    limits, *mine = query.pop("$or")
    boxes = [f"agent:{me}", f"created:{me}", "spam"]
    match = {"boxes": {"$in": boxes}, "status": "open", **query, "$or": mine, "$nor": [limits]}
    return await _by_place(conversations, match, "inbox_started")


async def count_tags(conversations: Collection, tags: Collection, scope: Scope) -> dict[str, int]:
    """Tags and on how many conversations each is (counting stops at TAG_COUNT_MAX), the first by name."""
    counts: dict[str, int] = {}
    for row in await tags.find().sort("_id", ASCENDING).limit(TAGS_MAX).to_list(None):
        wanted = {"boxes": f"tag:{row['_id']}", "status": ANY_STATUS, **scope.query()}
        counts[row["_id"]] = await conversations.count_documents(wanted, limit=TAG_COUNT_MAX, hint="inbox_started")
    return {tag: count for tag, count in counts.items() if count}
