"""The inbox list: filters, sorts and cursor pages, each answered by an index.

A sort is one or more phases, gone through in turn: who waits first, then the rest; priority first, then the
rest. Within a phase one field decides, then the id, so a cursor is (phase, value, id) and stays right
while conversations change.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic_core import from_json, to_json
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import ExecutionTimeout

from services.tickets.store import standings
from services.tickets.store.filters import Filters, Plan, plan
from shared.errors import Invalid
from shared.mongo import Collection, Database, Document
from shared.scope import Scope

Status = Literal["open", "snoozed", "closed", "all"]
Sort = Literal["newest", "oldest", "started_first", "started_last", "waited_longest", "next_sla", "priority"]

TOTAL_MAX = 1_000
"""Counting goes no further: nobody reads "1,284,113 conversations", and it would cost more than the page."""
STREAMS_MAX = 180
"""One stretch of an index for each inbox, status and priority are merged into one order. Of more than 200 MongoDB
sorts all there is instead (internalQueryMaxScansToExplode) [measured at a million: 2.7 ms with 198, 1,070 with 204]."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANY_STATUS: Document = {"$in": ["open", "snoozed", "closed"]}
_BOTH = [True, False]
"""Named even when any will do: with a value for each leading field the index gives the order by itself."""


_Place = tuple[int, datetime, str]
"""Behind which row a page begins: its phase, its value, its id."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of a sorted list. `index` is the one that filters and orders it."""

    match: Mapping[str, Any]
    field: str
    direction: int
    index: str


_NEWEST = Phase({"priority": {"$in": _BOTH}}, "last_activity_at", DESCENDING, "inbox_activity")


def _present_first(field: str, index: str) -> tuple[Phase, ...]:
    """Earliest first; those without a time come last, newest activity first."""
    return (
        Phase({field: {"$gt": _EPOCH}}, field, ASCENDING, index),
        Phase({**_NEWEST.match, field: None}, _NEWEST.field, _NEWEST.direction, _NEWEST.index),
    )


PHASES: dict[Sort, tuple[Phase, ...]] = {
    "newest": (_NEWEST,),
    "oldest": (Phase(_NEWEST.match, "last_activity_at", ASCENDING, "inbox_activity"),),
    "started_first": (Phase({}, "started_at", ASCENDING, "inbox_started"),),
    "started_last": (Phase({}, "started_at", DESCENDING, "inbox_started"),),
    "waited_longest": _present_first("waiting_since", "inbox_waiting"),
    "next_sla": _present_first("next_sla_at", "inbox_sla"),
    "priority": tuple(Phase({"priority": one}, "last_activity_at", DESCENDING, "inbox_activity") for one in _BOTH),
}


@dataclass(frozen=True, slots=True)
class Lists:
    """`conversations` in their boxes, and where each stands (`store.standings`)."""

    conversations: Collection
    standings: Collection

    @classmethod
    def of(cls, database: Database) -> Lists:
        return cls(database.get_collection("conversations"), database.get_collection(standings.NAME))


@dataclass(frozen=True, slots=True)
class Query:
    """`box` as in `documents.boxes`, of it what is in `scope` and passes `filters`."""

    box: str
    scope: Scope
    status: Status = "open"
    sort: Sort = "newest"
    filters: Filters = field(default=Filters())


@dataclass(frozen=True, slots=True)
class Page:
    """Documents as they lie. `total` stops at TOTAL_MAX; None: it took too long to count."""

    items: list[Document]
    next_cursor: str | None
    total: int | None


def _filter(query: Query) -> Document:
    """Status and scope."""
    status = ANY_STATUS if query.status == "all" else query.status
    return {"status": status, **query.scope.query()}


def _with(match: Document, more: Sequence[Mapping[str, Any]]) -> Document:
    """All of it. Side by side, as the scope may speak of the same field as a filter does."""
    return {"$and": [match, *more]} if more else match


def _all_of(query: Query, planned: Plan) -> Document:
    """The whole list by its fields instead of by a box."""
    return _with(_filter(query), [{"spam": query.box == "spam"}, *planned.match])


def _boxes_of(query: Query, lead: str) -> list[str]:
    """Inboxes that hold all that is asked for, so that the index is not read for the rest of the desk."""
    scope = query.scope
    if lead != "all" or scope.whole:
        return [lead]
    if scope.teams is None and scope.brands:
        return [f"brand:{one}" for one in sorted(scope.brands)]
    if scope.teams is None:
        return ["all"]
    own = [f"agent:{scope.agent_id}", f"created:{scope.agent_id}"]
    return [*(f"team:{one}" for one in sorted(scope.teams)), *own]


async def find_page(lists: Lists, query: Query, *, cursor: str | None, limit: int) -> Page:
    """One page of a list. Raises Invalid when the cursor is not one of ours."""
    place = _read_cursor(cursor, PHASES[query.sort]) if cursor else None
    planned = plan(query.box, query.filters)
    if planned.rest and planned.index:
        # How many there are decides how they are read, and a walk along a box would meet them seldom when they are few.
        match = _all_of(query, planned)
        standing = await standings.find_standing(lists.standings, match, planned.index, TOTAL_MAX)
        total = None if standing is None else len(standing)
        few = standing if total is not None and total < TOTAL_MAX else None
        found = await _find(lists.conversations, query, planned, place, limit + 1, few=few)
    else:
        found, total = await asyncio.gather(
            _find(lists.conversations, query, planned, place, limit + 1), _total(lists, query, planned)
        )
    following = _write_cursor(PHASES[query.sort], *found[limit - 1]) if len(found) > limit else None
    return Page([row for _, row in found[:limit]], following, total)


async def find_ids(lists: Lists, query: Query, limit: int) -> list[str]:
    """The first `limit` of a list, for what is done to all of it."""
    found = await _find(lists.conversations, query, plan(query.box, query.filters), None, limit, projection={"_id": 1})
    return [row["_id"] for _, row in found]


async def total_of(lists: Lists, query: Query) -> int | None:
    """How many there are, as `Page.total`."""
    return await _total(lists, query, plan(query.box, query.filters))


async def _find(
    conversations: Collection,
    query: Query,
    planned: Plan,
    place: _Place | None,
    limit: int,
    *,
    few: Sequence[str] | None = None,
    projection: Document | None = None,
) -> list[tuple[int, Document]]:
    """Up to `limit` documents beyond a place, each with its phase. `few`: the ids of the whole list, to be put in
    order. It is asked for again, as some may have moved on since their ids were read."""
    found: list[tuple[int, Document]] = []
    if few is not None and not few:
        return found
    for number, phase in enumerate(PHASES[query.sort]):
        if place is not None and number < place[0]:
            continue
        more = [phase.match, *([_after(phase, place[1], place[2])] if place and number == place[0] else [])]
        left = limit - len(found)
        if few is not None:
            order = [(phase.field, phase.direction), ("_id", phase.direction)]
            match = _with({"_id": {"$in": list(few)}}, [_all_of(query, planned), *more])
            rows = await conversations.find(match, projection, hint="_id_").sort(order).limit(left).to_list(None)
        else:
            rows = await _of_phase(conversations, query, planned, more, phase, left, projection)
        found += [(number, row) for row in rows]
        if len(found) == limit:
            break
    return found


async def _of_phase(
    conversations: Collection,
    query: Query,
    planned: Plan,
    more: Sequence[Mapping[str, Any]],
    phase: Phase,
    limit: int,
    projection: Document | None,
) -> list[Document]:
    """In order, by as many queries as keep within STREAMS_MAX; what is in several boxes comes once."""
    boxes = _boxes_of(query, planned.lead)
    match = _with(_filter(query), [*more, *planned.rest])
    streams = (3 if query.status == "all" else 1) * (1 if phase.match.get("priority") != {"$in": _BOTH} else 2)
    at_once = STREAMS_MAX // streams
    parts = [boxes[start : start + at_once] for start in range(0, len(boxes), at_once)]
    order = [(phase.field, phase.direction), ("_id", phase.direction)]
    if projection is not None and len(parts) > 1:
        projection = {**projection, phase.field: 1}
    pages = await asyncio.gather(
        *(
            conversations.find(
                {"boxes": {"$in": part} if len(part) > 1 else part[0], **match}, projection, hint=phase.index
            )
            .sort(order)
            .limit(limit)
            .to_list(None)
            for part in parts
        )
    )
    if len(pages) == 1:
        return pages[0]
    rows = {row["_id"]: row for page in pages for row in page}
    in_order = sorted(rows.values(), key=lambda row: (row[phase.field], row["_id"]), reverse=phase.direction < 0)
    return in_order[:limit]


async def _total(lists: Lists, query: Query, planned: Plan) -> int | None:
    """The `count` command, which takes half as long as the pipeline that the driver makes of counting."""
    counted, hint, limits = lists.conversations, "inbox_started", {"maxTimeMS": standings.WITHIN_MS}
    if planned.rest and planned.index:
        counted, hint, match = lists.standings, planned.index, _all_of(query, planned)
    else:
        match = {"boxes": {"$in": _boxes_of(query, planned.lead)}, **_with(_filter(query), planned.rest)}
    command: Document = {"count": counted.name, "query": match, "hint": hint, "limit": TOTAL_MAX}
    try:
        answer: Document = await counted.database.command(command | (limits if planned.rest else {}))
    except ExecutionTimeout:
        return None
    return int(answer["n"])


def _after(phase: Phase, value: datetime, id_: str) -> Document:
    """Strictly beyond a place. The first condition bounds the index scan, the second only skips ties."""
    beyond, reached = ("$gt", "$gte") if phase.direction == ASCENDING else ("$lt", "$lte")
    field = phase.field
    return {field: {reached: value}, "$or": [{field: {beyond: value}}, {"_id": {beyond: id_}}]}


def _write_cursor(phases: tuple[Phase, ...], number: int, row: Document) -> str:
    since = row[phases[number].field] - _EPOCH
    place = [number, since // timedelta(milliseconds=1), row["_id"]]
    return base64.urlsafe_b64encode(to_json(place)).decode().rstrip("=")


def _read_cursor(cursor: str, phases: tuple[Phase, ...]) -> _Place:
    try:
        place = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        number, since_ms, id_ = place
        if type(number) is int and 0 <= number < len(phases) and type(since_ms) is int and isinstance(id_, str):
            return number, _EPOCH + timedelta(milliseconds=since_ms), id_
    except (ValueError, TypeError, OverflowError):
        pass  # told below, in the same words as a cursor of another sort
    raise Invalid("bad_cursor", "This page does not exist; start again without a cursor.")
