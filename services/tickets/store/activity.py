"""What contacts did in a brand's product: of each the newest, for as long as `KEPT_FOR`.

One document for each brand and contact as whom it was recorded, so that it never grows beyond its bound, no brand's
clicks push another's out, and one write takes any number of a batch. Contacts that are one person keep theirs apart,
and are read together: taken apart again, each has its own. Beside them stands what their conversations heard of within
the hour (`model.activity`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.activity import Told
from shared.contracts.activity import KEPT_FOR, Activity
from shared.mongo import Collection, Database, Document, expire_after

NEWEST_KEPT = 100
"""Of one contact at one brand. What support asks is what somebody did just before they wrote; an analysis belongs
elsewhere."""
UNCLOSED = ("open", "snoozed")


Home = tuple[str, str]
"""A contact as whom something was recorded, and the brand."""


@dataclass(frozen=True, slots=True)
class Did:
    """One row: `id` is the input's."""

    id: str
    contact_id: str
    brand_id: str
    activity: Activity

    @property
    def home(self) -> Home:
        return self.contact_id, self.brand_id


class ActivityStore:
    def __init__(self, database: Database, conversations: Collection) -> None:
        self._rows = database.get_collection("activity")
        self._conversations = conversations

    async def ensure_indexes(self) -> None:
        await expire_after(self._rows, "last_at", int(KEPT_FOR.total_seconds()))
        await self._rows.create_indexes([IndexModel([("contact_id", ASCENDING)], name="activity_contact")])

    async def told(self, homes: Iterable[Home], session: AsyncClientSession) -> dict[Home, tuple[Told, ...]]:
        """What their conversations heard of lately; who has nothing is not there."""
        wanted = {"_id": {"$in": [_id(home) for home in homes]}}
        shown = dict.fromkeys(("contact_id", "brand_id", "told"), True)
        return {
            (row["contact_id"], row["brand_id"]): tuple(
                Told(one["conversation_id"], one["name"], one["at"]) for one in row.get("told", ())
            )
            for row in await self._rows.find(wanted, shown, session=session).to_list(None)
        }

    async def add(self, rows: Iterable[Did], told: Mapping[Home, Sequence[Told]], session: AsyncClientSession) -> None:
        """Take in a batch; `told` is as it is after it."""
        by_home: dict[Home, list[Did]] = {}
        for row in rows:
            by_home.setdefault(row.home, []).append(row)
        writes = [_write(home, theirs, told.get(home, ())) for home, theirs in by_home.items()]
        if writes:
            await self._rows.bulk_write(writes, ordered=False, session=session)

    async def newest(
        self, contact_ids: Sequence[str], brand_ids: frozenset[str], since: datetime, limit: int
    ) -> list[Did]:
        """What these contacts, who are one person, did for these brands (none: for any), newest first."""
        wanted: Document = {"contact_id": {"$in": list(contact_ids)}}
        if brand_ids:
            wanted["brand_id"] = {"$in": sorted(brand_ids)}
        shown = dict.fromkeys(("contact_id", "brand_id", "newest"), True)
        found = [
            Did(one["id"], row["contact_id"], row["brand_id"], _activity(one))
            for row in await self._rows.find(wanted, shown).to_list(None)
            for one in row["newest"]
            if one["at"] > since
        ]
        found.sort(key=lambda one: (one.activity.at, one.id), reverse=True)
        return found[:limit]

    async def unclosed(
        self, contact_ids: Iterable[str], session: AsyncClientSession
    ) -> dict[tuple[str, str], tuple[datetime, str]]:
        """By contact as whom it was written and brand: when the newest conversation that is open or snoozed and no spam
        began, and its id."""
        wanted: Document = {"contact_id": {"$in": list(contact_ids)}, "status": {"$in": list(UNCLOSED)}, "spam": False}
        shown = dict.fromkeys(("contact_id", "brand_id", "started_at"), True)
        by = "unclosed_of_contact"
        rows = await self._conversations.find(wanted, shown, hint=by, session=session).to_list(None)
        found: dict[tuple[str, str], tuple[datetime, str]] = {}
        for row in rows:
            key, this = (row["contact_id"], row["brand_id"]), (row["started_at"], row["_id"])
            found[key] = max(found.get(key, this), this)
        return found


def _id(home: Home) -> str:
    return " ".join(home)


def _write(home: Home, rows: Sequence[Did], told: Sequence[Told]) -> UpdateOne:
    each = [{"id": one.id, **one.activity.model_dump()} for one in rows]
    newest: dict[str, Any] = {"$each": each, "$sort": {"at": -1, "id": -1}, "$slice": NEWEST_KEPT}
    change: Document = {
        "$push": {"newest": newest},
        "$max": {"last_at": max(one.activity.at for one in rows)},
        "$set": {"told": [asdict(one) for one in told]},
        "$setOnInsert": {"contact_id": home[0], "brand_id": home[1]},
    }
    return UpdateOne({"_id": _id(home)}, change, upsert=True)


def _activity(row: Document) -> Activity:
    return Activity(name=row["name"], at=row["at"], attributes=row["attributes"])
