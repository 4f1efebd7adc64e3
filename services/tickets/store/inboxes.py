"""The inbox list: filters, sorts, cursor pages and counts, each answered by an index.

A sort is one or more phases, gone through in turn: who waits first, then the rest; priority first, then the
rest. Within a phase one field decides, then the id, so a cursor is (phase, value, id) and stays right
while conversations change.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic_core import from_json, to_json
from pymongo import ASCENDING, DESCENDING, IndexModel

from services.tickets.model.state import Conversation
from services.tickets.store.documents import read_conversation
from shared.errors import Invalid
from shared.mongo import Collection, Document

Status = Literal["open", "snoozed", "closed", "all"]
Sort = Literal["newest", "oldest", "started_first", "started_last", "waited_longest", "next_sla", "priority"]

TOTAL_MAX = 10_000
"""Counting goes no further: nobody reads "1,284,113 conversations", and it would cost more than the page."""
TAGS_MAX = 200
TAG_COUNT_MAX = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANY_STATUS: Document = {"$in": ["open", "snoozed", "closed"]}
_BOTH = [True, False]
"""Named even when any will do: with a value for each leading field the index gives the order by itself."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of a sorted list. `index` is the one that filters and orders it."""

    match: Mapping[str, Any]
    field: str
    direction: int
    index: str


_NEWEST = Phase({"priority": {"$in": _BOTH}}, "last_activity_at", DESCENDING, "box_activity")


def _present_first(field: str, index: str) -> tuple[Phase, ...]:
    """Earliest first; those without a time come last, newest activity first."""
    return (
        Phase({field: {"$gt": _EPOCH}}, field, ASCENDING, index),
        Phase({**_NEWEST.match, field: None}, _NEWEST.field, _NEWEST.direction, _NEWEST.index),
    )


PHASES: dict[Sort, tuple[Phase, ...]] = {
    "newest": (_NEWEST,),
    "oldest": (Phase(_NEWEST.match, "last_activity_at", ASCENDING, "box_activity"),),
    "started_first": (Phase({}, "started_at", ASCENDING, "box_started"),),
    "started_last": (Phase({}, "started_at", DESCENDING, "box_started"),),
    "waited_longest": _present_first("waiting_since", "box_waiting"),
    "next_sla": _present_first("next_sla_at", "box_sla"),
    "priority": tuple(Phase({"priority": one}, "last_activity_at", DESCENDING, "box_activity") for one in _BOTH),
}


def _index(name: str, *fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name, **options)


INDEXES = [
    # An entry for each inbox that a conversation is in; the sort's field and the id give the order.
    _index("box_activity", "boxes", "status", "priority", "last_activity_at", "_id"),
    _index("box_started", "boxes", "status", "started_at", "_id"),
    # Partial: only who waits, or has a target, has an entry, so most writes don't touch them.
    _index(
        "box_waiting",
        *("boxes", "status", "waiting_since", "_id"),
        partialFilterExpression={"waiting_since": {"$gt": _EPOCH}},
    ),
    _index(
        "box_sla",
        *("boxes", "status", "next_sla_at", "_id"),
        partialFilterExpression={"next_sla_at": {"$gt": _EPOCH}},
    ),
    # Covers the counts of the sidebar: no document is read for them.
    _index(
        "open_counts",
        *("status", "spam", "brand_id", "team_id", "assignee_id", "waiting_since"),
        partialFilterExpression={"status": "open"},
    ),
]


@dataclass(frozen=True, slots=True)
class Query:
    """`box` as in `documents.boxes`; `brands` empty: all of them."""

    box: str
    status: Status = "open"
    sort: Sort = "newest"
    brands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """`total` stops at TOTAL_MAX."""

    items: list[Conversation]
    next_cursor: str | None
    total: int


def _filter(query: Query) -> Document:
    wanted: Document = {"boxes": query.box}
    wanted["status"] = ANY_STATUS if query.status == "all" else query.status
    if query.brands:
        if query.box == "all":
            wanted["boxes"] = {"$in": [f"brand:{one}" for one in sorted(query.brands)]}
        wanted["brand_id"] = {"$in": sorted(query.brands)}
    return wanted


async def find_page(conversations: Collection, query: Query, *, cursor: str | None, limit: int) -> Page:
    """One page of a list. Raises Invalid when the cursor is not one of ours."""
    phases = PHASES[query.sort]
    place = _read_cursor(cursor, phases) if cursor else None
    wanted = _filter(query)
    found: list[tuple[int, Document]] = []
    for number in range(place[0] if place else 0, len(phases)):
        phase = phases[number]
        match: Document = {**wanted, **phase.match}
        if place is not None and place[0] == number:
            match = {"$and": [match, _after(phase, place[1], place[2])]}
        rows = conversations.find(match, hint=phase.index)
        rows = rows.sort([(phase.field, phase.direction), ("_id", phase.direction)]).limit(limit + 1 - len(found))
        found += [(number, row) for row in await rows.to_list(None)]
        if len(found) > limit:
            break
    following = _write_cursor(phases, *found[limit - 1]) if len(found) > limit else None
    counted = {**wanted, "priority": {"$in": _BOTH}}
    total = await conversations.count_documents(counted, limit=TOTAL_MAX, hint="box_activity")
    return Page([read_conversation(row) for _, row in found[:limit]], following, total)


def _after(phase: Phase, value: datetime, id_: str) -> Document:
    """Strictly beyond a place. The first condition bounds the index scan, the second only skips ties."""
    beyond, reached = ("$gt", "$gte") if phase.direction == ASCENDING else ("$lt", "$lte")
    field = phase.field
    return {field: {reached: value}, "$or": [{field: {beyond: value}}, {"_id": {beyond: id_}}]}


def _write_cursor(phases: tuple[Phase, ...], number: int, row: Document) -> str:
    since = row[phases[number].field] - _EPOCH
    place = [number, since // timedelta(milliseconds=1), row["_id"]]
    return base64.urlsafe_b64encode(to_json(place)).decode().rstrip("=")


def _read_cursor(cursor: str, phases: tuple[Phase, ...]) -> tuple[int, datetime, str]:
    try:
        place = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        number, since_ms, id_ = place
        if type(number) is int and 0 <= number < len(phases) and type(since_ms) is int and isinstance(id_, str):
            return number, _EPOCH + timedelta(milliseconds=since_ms), id_
    except (ValueError, TypeError, OverflowError):
        pass  # told below, in the same words as a cursor of another sort
    raise Invalid("bad_cursor", "This page does not exist; start again without a cursor.")


@dataclass(frozen=True, slots=True)
class Count:
    """How many conversations are open, and in how many of them a customer waits."""

    open: int = 0
    waiting: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.open + other.open, self.waiting + other.waiting)


_TALLY: Document = {"open": {"$sum": 1}, "waiting": {"$sum": {"$cond": [{"$gt": ["$waiting_since", _EPOCH]}, 1, 0]}}}


async def count_open(conversations: Collection, *, agent_id: str, brands: frozenset[str]) -> dict[str, Count]:
    """Open conversations of every inbox that has any, by the names that the sidebar uses. Two queries."""
    scope: Document = {"brand_id": {"$in": sorted(brands)}} if brands else {}
    by = {"spam": "$spam", "brand": "$brand_id", "team": "$team_id", "assignee": "$assignee_id"}
    counts: dict[str, Count] = {}

    def add(inbox: str, count: Count) -> None:
        counts[inbox] = counts.get(inbox, Count()) + count

    groups = await conversations.aggregate(
        [{"$match": {"status": "open", **scope}}, {"$group": {"_id": by, **_TALLY}}], hint="open_counts"
    )
    async for group in groups:
        key, count = group["_id"], Count(group["open"], group["waiting"])
        if key["spam"]:
            add("spam", count)
            continue
        add("all", count)
        add(f"brand:{key['brand']}", count)
        if key.get("team") is not None:
            add(f"team:{key['team']}", count)
        if key.get("assignee") is None:
            add("unassigned", count)
        elif key["assignee"] == agent_id:
            add("mine", count)
    mine = {f"mention:{agent_id}": "mentions", f"created:{agent_id}": "created"}
    own = {"boxes": {"$in": list(mine)}, "status": "open", **scope}
    pipeline: list[Document] = [
        {"$match": own},
        {"$unwind": "$boxes"},
        {"$match": {"boxes": {"$in": list(mine)}}},
        {"$group": {"_id": "$boxes", **_TALLY}},
    ]
    async for group in await conversations.aggregate(pipeline, hint="box_started"):
        add(mine[group["_id"]], Count(group["open"], group["waiting"]))
    return counts


async def count_tags(conversations: Collection, tags: Collection, brands: frozenset[str]) -> dict[str, int]:
    """Tags and on how many conversations each is (counting stops at TAG_COUNT_MAX), the first by name."""
    scope: Document = {"brand_id": {"$in": sorted(brands)}} if brands else {}
    counts: dict[str, int] = {}
    for row in await tags.find().sort("_id", ASCENDING).limit(TAGS_MAX).to_list(None):
        wanted = {"boxes": f"tag:{row['_id']}", "status": ANY_STATUS, **scope}
        counts[row["_id"]] = await conversations.count_documents(wanted, limit=TAG_COUNT_MAX, hint="box_started")
    return {tag: count for tag, count in counts.items() if count}
