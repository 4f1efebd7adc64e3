"""What was done on each day, by place. MongoDB collection `daily`.

Each transaction that makes events adds rows of its own, so that no two of them ever write the same one, and none can
be counted twice or left out. Behind them `DailyStore` folds fresh rows into one for each place and day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from collections.abc import Collection as Several
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pymongo import ASCENDING, DeleteOne, IndexModel, InsertOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.daily import Done, Spot, tally
from shared.contracts.conversations import ConversationEvent
from shared.loop import Loop
from shared.mongo import Client, Database, Document, in_transaction

FOLD_EVERY_S = 2.0
FOLD_AT_ONCE = 1_000
_NUMBERS = ("started", "came", "closed", "replies")
_BUCKETS = ("first", "resolved")


def day_in(time_zone: str, at: datetime) -> str:
    """A moment's date there, as `YYYY-MM-DD`; in UTC for a name that is no time zone, as counting must not fail."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return at.astimezone(zone).date().isoformat()


class DailyStore(Loop):
    """A part of whoever has the role of timers: it folds. Others read and write."""

    def __init__(self, client: Client, database: Database, zone_of: Callable[[str], str]) -> None:
        """`zone_of`: a brand's time zone; its days are those that are counted."""
        super().__init__("daily", pause_s=FOLD_EVERY_S)
        self._client = client
        self._zone_of = zone_of
        self._rows = database.get_collection("daily")

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes(
            [
                IndexModel([("day", ASCENDING)], name="day"),
                IndexModel([("fresh", ASCENDING)], name="fresh", partialFilterExpression={"fresh": True}),
            ]
        )

    async def add(self, events: Iterable[ConversationEvent], session: AsyncClientSession) -> None:
        days = ((one, day_in(self._zone_of(one.head.brand_id), one.at)) for one in events)
        rows = [{**_where(spot), **_numbers(one), "fresh": True} for spot, one in tally(days).items()]
        if rows:
            await self._rows.bulk_write([InsertOne[Document](row) for row in rows], ordered=False, session=session)

    async def of(self, days: Several[str]) -> dict[Spot, Done]:
        """All that was done on these days, as it is at one moment."""

        async def read(session: AsyncClientSession) -> list[Document]:
            return await self._rows.find({"day": {"$in": sorted(days)}}, session=session).to_list(None)

        return _together(await in_transaction(self._client, read))

    # ── folding ──────────────────────────────────────────────────────────────────────────────────
    async def turn(self) -> bool:
        return await self.fold() == FOLD_AT_ONCE

    async def fold(self) -> int:
        """Fold some of the fresh rows; how many. Two at once refuse each other, and the slower one tries again."""
        return await in_transaction(self._client, self._fold)

    async def _fold(self, session: AsyncClientSession) -> int:
        found = self._rows.find({"fresh": True}, hint="fresh", session=session)
        rows = await found.limit(FOLD_AT_ONCE).to_list(None)
        if not rows:
            return 0
        writes: list[DeleteOne | UpdateOne] = [DeleteOne({"_id": row["_id"]}) for row in rows]
        for spot, done in _together(rows).items():
            change = {"$inc": _increments(done), "$setOnInsert": _where(spot)}
            writes.append(UpdateOne({"_id": _id(spot)}, change, upsert=True))
        await self._rows.bulk_write(writes, session=session)
        return len(rows)


def _id(spot: Spot) -> str:
    return "|".join((spot.day, spot.brand_id, spot.channel, spot.team_id or "", spot.agent_id))


def _where(spot: Spot) -> Document:
    where = {"day": spot.day, "brand_id": spot.brand_id, "channel": spot.channel}
    return {**where, "team_id": spot.team_id, "agent_id": spot.agent_id}


def _numbers(done: Done) -> Document:
    """What is none is left out. Buckets are texts there, as all names of fields are."""
    row: dict[str, Any] = {name: value for name in _NUMBERS if (value := getattr(done, name))}
    for name in _BUCKETS:
        if buckets := getattr(done, name):
            row[name] = {str(number): count for number, count in buckets.items()}
    return row


def _increments(done: Done) -> Document:
    changes: Document = {}
    for name, value in _numbers(done).items():
        changes |= {f"{name}.{number}": n for number, n in value.items()} if name in _BUCKETS else {name: value}
    return changes


def _together(rows: list[Document]) -> dict[Spot, Done]:
    done: dict[Spot, Done] = {}
    for row in rows:
        spot = Spot(row["day"], row["brand_id"], row["channel"], row["team_id"], row["agent_id"])
        numbers: dict[str, Any] = {name: row.get(name, 0) for name in _NUMBERS}
        for name in _BUCKETS:
            numbers[name] = Counter({int(number): count for number, count in row.get(name, {}).items()})
        done.setdefault(spot, Done()).add(Done(**numbers))
    return done
