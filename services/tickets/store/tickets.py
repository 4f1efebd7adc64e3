"""The ticket inbox: filters, sorts and pages, and which conversations a ticket is linked to."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic_core import from_json, to_json
from pymongo import ASCENDING, DESCENDING, IndexModel

from services.tickets.store.ticket_work import DUE_BY, TicketCollections, read_ticket
from shared.contracts.tickets import TicketHead, TicketKind, TicketState
from shared.errors import Invalid
from shared.mongo import Collection, Document

TicketSort = Literal["newest", "oldest", "due", "reports"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SORTS: dict[TicketSort, tuple[str, int]] = {
    "newest": ("updated_at", DESCENDING),
    "oldest": ("created_at", ASCENDING),
    "due": (DUE_BY, ASCENDING),
    "reports": ("report_count", DESCENDING),
}

INDEXES = [
    IndexModel([("one_per", ASCENDING)], unique=True, sparse=True),
    IndexModel([("number", ASCENDING)], unique=True),
    *(
        IndexModel([("state", ASCENDING), (field, direction), ("_id", direction)])
        for field, direction in _SORTS.values()
    ),
    IndexModel([("team_id", ASCENDING), ("state", ASCENDING), ("updated_at", DESCENDING)]),
    IndexModel([("assignee_id", ASCENDING), ("state", ASCENDING), ("updated_at", DESCENDING)]),
    IndexModel([("type_id", ASCENDING), ("state", ASCENDING), ("updated_at", DESCENDING)]),
    IndexModel([("contact_id", ASCENDING), ("created_at", DESCENDING)], sparse=True),
]


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """None: any. `brands` empty: all. `assignee_id` "" means nobody. `number` is what people call a ticket."""

    states: tuple[TicketState, ...]
    kind: TicketKind | None = None
    type_id: str | None = None
    team_id: str | None = None
    assignee_id: str | None = None
    contact_ids: tuple[str, ...] = ()
    brands: frozenset[str] = frozenset()
    number: int | None = None
    sort: TicketSort = "newest"


@dataclass(frozen=True, slots=True)
class TicketPage:
    items: list[TicketHead]
    next_cursor: str | None


async def ensure_indexes(collections: TicketCollections) -> None:
    await collections.tickets.create_indexes(INDEXES)
    # Tickets of before service levels were counted on them.
    await collections.tickets.update_many(
        {"due_at": {"$gt": _EPOCH}, DUE_BY: {"$exists": False}}, [{"$set": {DUE_BY: "$due_at"}}]
    )
    await collections.links.create_indexes(
        [
            IndexModel([("ticket_id", ASCENDING), ("conversation_id", ASCENDING)]),
            IndexModel([("conversation_id", ASCENDING)]),
        ]
    )
    await collections.news.create_indexes([IndexModel([("ticket_id", ASCENDING)])])


def _filter(query: TicketQuery) -> Document:
    wanted: Document = {"state": {"$in": list(query.states)}}
    for name in ("kind", "type_id", "team_id", "number"):
        if (value := getattr(query, name)) is not None:
            wanted[name] = value
    if query.assignee_id is not None:
        wanted["assignee_id"] = query.assignee_id or None
    if query.contact_ids:
        wanted["contact_id"] = {"$in": list(query.contact_ids)}
    if query.brands:
        wanted["brand_id"] = {"$in": [*sorted(query.brands), None]}
    return wanted


async def find_tickets(tickets: Collection, query: TicketQuery, *, cursor: str | None, limit: int) -> TicketPage:
    """Raises Invalid for a cursor of another list."""
    field, direction = _SORTS[query.sort]
    wanted = _filter(query)
    if field == DUE_BY:
        wanted[DUE_BY] = {"$gt": _EPOCH}
    clauses = [wanted, _after(field, direction, cursor)] if cursor else [wanted]
    found = tickets.find({"$and": clauses}).sort([(field, direction), ("_id", direction)]).limit(limit + 1)
    rows = await found.to_list(None)
    following = _cursor(field, rows[limit - 1]) if len(rows) > limit else None
    return TicketPage([read_ticket(row) for row in rows[:limit]], following)


def _after(field: str, direction: int, cursor: str) -> Document:
    try:
        kind, value, id_ = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if kind != field or type(value) is not int or not isinstance(id_, str):
            raise ValueError(kind)
        place = value if field == "report_count" else _EPOCH + timedelta(milliseconds=value)
    except (ValueError, TypeError, OverflowError):
        raise Invalid("bad_cursor", "This page does not exist; start again without a cursor.") from None
    beyond = "$gt" if direction == ASCENDING else "$lt"
    return {"$or": [{field: {beyond: place}}, {field: place, "_id": {beyond: id_}}]}


def _cursor(field: str, row: Document) -> str:
    value = row[field] if field == "report_count" else (row[field] - _EPOCH) // timedelta(milliseconds=1)
    return base64.urlsafe_b64encode(to_json([field, value, row["_id"]])).decode().rstrip("=")


async def count_tickets(tickets: Collection, query: TicketQuery, agent_id: str) -> dict[str, int]:
    """How many there are in each state, of each type, each team, `mine`, `unassigned`, `others` and `all`."""
    by = {"state": "$state", "type": "$type_id", "team": "$team_id", "assignee": "$assignee_id"}
    counts: dict[str, int] = {}
    groups = await tickets.aggregate([{"$match": _filter(query)}, {"$group": {"_id": by, "n": {"$sum": 1}}}])
    async for group in groups:
        key, n = group["_id"], group["n"]
        whose = "mine" if key.get("assignee") == agent_id else "unassigned" if key.get("assignee") is None else "others"
        for name in ("all", f"state:{key['state']}", f"type:{key['type']}", f"team:{key.get('team') or ''}", whose):
            counts[name] = counts.get(name, 0) + n
    return counts


async def conversations_of(links: Collection, ticket_id: str, after: str, limit: int) -> Sequence[str]:
    """Ids of linked conversations, in their own order, beyond `after`."""
    found = links.find({"ticket_id": ticket_id, "conversation_id": {"$gt": after}}).sort("conversation_id", 1)
    return [row["conversation_id"] for row in await found.limit(limit).to_list(None)]


async def titled(
    tickets: Collection, kind: TicketKind, text: str, brands: frozenset[str], limit: int
) -> list[TicketHead]:
    """Unresolved ones, the most reported first, whose title has all the words or whose number it is; for a picker."""
    wanted = _filter(TicketQuery(("submitted", "in_progress", "waiting_on_customer"), kind=kind, brands=brands))
    words = text.casefold().removeprefix("#").split()
    found = tickets.find(wanted).sort([("report_count", DESCENDING), ("_id", DESCENDING)]).limit(500)
    heads = [read_ticket(row) for row in await found.to_list(None)]
    fits = [one for one in heads if str(one.number) == text.removeprefix("#").strip() or _has(one.title, words)]
    return fits[:limit]


def _has(title: str, words: list[str]) -> bool:
    folded = title.casefold()
    return all(word in folded for word in words)
