"""The inbox list: filters, sorts and cursor pages, each answered by an index.

A sort is one or more phases, gone through in turn: who waits first, then the rest; priority first, then the
rest. Within a phase one field decides, then the id, so a cursor is (phase, value, id) and stays right
while conversations change.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

SORTED_MAX = 3_500
"""So many of a narrowed list are put in order by what an index says of each. Of more, fifty are soon met in order."""
AMONG_MAX = 2_000
"""So many ids of a narrowed list are looked for along a box, where only the box has the order."""
FETCHED_MAX = 150
"""So few are sooner read and put in order than met along a box."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANY_STATUS: Document = {"$in": ["open", "snoozed", "closed"]}
_SEVERAL: dict[str, Document] = {"all": ANY_STATUS, "quiet": {"$in": ["snoozed", "closed"]}}
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

    def has(self, row: Document) -> bool:
        """Whether a document lies in it: the same as `match`."""
        return all(
            row.get(name) == want if want is None or want in _BOTH else row.get(name) is not None
            for name, want in self.match.items()
        )

    def lacks(self, priority: bool | None) -> bool:
        """Whether nothing with this priority lies in it."""
        return priority is not None and self.match.get("priority") is (not priority)

    def order(self, row: Document) -> tuple[datetime, str]:
        return row[self.field], row["_id"]

    def beyond(self, row: Document, place: _Place | None) -> bool:
        """The same as `_after`."""
        if place is None:
            return True
        return self.order(row) > place[1:] if self.direction == ASCENDING else self.order(row) < place[1:]


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
    status: Status | Literal["quiet"] = "open"
    """"quiet": snoozed and closed."""
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
    return {"status": _SEVERAL.get(query.status, query.status), **query.scope.query()}


def _with(match: Document, more: Sequence[Mapping[str, Any]]) -> Document:
    """All of it. Side by side, as the scope may speak of the same field as a filter does."""
    return {"$and": [match, *more]} if more else match


def _all_of(query: Query, planned: Plan) -> Document:
    """The whole list by its fields instead of by a box."""
    return _with(_filter(query), [{"spam": query.box == "spam"}, *planned.match])


def _standing(query: Query, planned: Plan) -> Document:
    """The same of `standings`."""
    return _with(_filter(query), [{"spam": query.box == "spam"}, *map(standings.standing_match, planned.match)])


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
        # How many there are decides how they are read: a walk along a box would meet them seldom when they are few.
        parts = await asyncio.gather(*(_measured(lists, part, planned, planned.index) for part in _parts(query)))
        total = _sum([part.count for part in parts])
        found = await _find(query, place, limit + 1, lambda *asked: _of_parts(lists, parts, *asked))
    else:
        found, total = await asyncio.gather(
            _find(query, place, limit + 1, lambda *asked: _of_phase(lists.conversations, query, planned, *asked)),
            _total(lists, query, planned),
        )
    following = _write_cursor(PHASES[query.sort], *found[limit - 1]) if len(found) > limit else None
    return Page([row for _, row in found[:limit]], following, total)


async def find_ids(lists: Lists, query: Query, limit: int) -> list[str]:
    """The first `limit` of a list, for what is done to all of it."""
    planned, ids = plan(query.box, query.filters), {"_id": 1}
    found = await _find(
        query, None, limit, lambda *asked: _of_phase(lists.conversations, query, planned, *asked, projection=ids)
    )
    return [row["_id"] for _, row in found]


async def total_of(lists: Lists, query: Query) -> int | None:
    """How many there are, as `Page.total`."""
    return await _total(lists, query, plan(query.box, query.filters))


_Read = Callable[[Phase, _Place | None, int], Awaitable[list[Document]]]
"""The first so many of a phase beyond a place that lies in it."""


async def _find(query: Query, place: _Place | None, limit: int, read: _Read) -> list[tuple[int, Document]]:
    """Up to `limit` documents beyond a place, each with its phase."""
    found: list[tuple[int, Document]] = []
    for number, phase in enumerate(PHASES[query.sort]):
        if (place is not None and number < place[0]) or phase.lacks(query.filters.priority):
            continue
        behind = place if place is not None and number == place[0] else None
        found += [(number, row) for row in await read(phase, behind, limit - len(found))]
        if len(found) == limit:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """What has some of the statuses of a narrowed list, and what is known of it: how many they are, up to a limit, or
    None when that took too long; the ids of all of them, unless they are too many or not needed; and all of them
    themselves, where they are few."""

    query: Query
    planned: Plan
    index: str
    count: int | None = None
    ids: Sequence[str] | None = None
    rows: Sequence[Document] | None = None


def _parts(query: Query) -> list[Query]:
    """What is read in the same way: `standings` has no time of what is open, but when it began."""
    if query.status != "all" or PHASES[query.sort][0].field == "started_at":
        return [query]
    return [replace(query, status="open"), replace(query, status="quiet")]


def _time(query: Query, phase: Phase) -> str | None:
    """As what `standings` has the time that the phase is ordered by."""
    return standings.TIMES.get(phase.field) if query.status != "open" or phase.field == "started_at" else None


async def _measured(lists: Lists, query: Query, planned: Plan, index: str) -> _Part:
    match, stand = _standing(query, planned), lists.standings
    part = _Part(query, planned, index)
    if _time(query, PHASES[query.sort][-1]) is None:
        ids = await standings.find_standing(stand, match, index, AMONG_MAX + 1)
        if ids is not None:
            part = replace(part, count=len(ids), ids=ids if len(ids) <= AMONG_MAX else None)
    else:
        ids, count = await asyncio.gather(
            standings.find_standing(stand, match, index, FETCHED_MAX + 1),
            _count(stand, match, index, SORTED_MAX + 1, within_ms=standings.WITHIN_MS),
        )
        part = replace(part, count=count)
    if ids is not None and len(ids) <= FETCHED_MAX:
        return replace(part, rows=await _fetched(lists, query, planned, ids))
    return part


def _sum(counts: Sequence[int | None]) -> int | None:
    """Up to TOTAL_MAX. None when it is not known, and may be less."""
    known = sum(count for count in counts if count is not None)
    return None if None in counts and known < TOTAL_MAX else min(known, TOTAL_MAX)


async def _of_parts(
    lists: Lists, parts: Sequence[_Part], phase: Phase, place: _Place | None, limit: int
) -> list[Document]:
    pages = await asyncio.gather(*(_of_part(lists, part, phase, place, limit) for part in parts))
    return _in_order(pages, phase)[:limit]


async def _fetched(lists: Lists, query: Query, planned: Plan, ids: Sequence[str]) -> list[Document]:
    """Asked once more whether they belong there: some may have moved on since their ids were read."""
    asked = _with({"_id": {"$in": list(ids)}}, [_all_of(query, planned)])
    found = lists.conversations.find(asked, hint="_id_", batch_size=len(ids) + 1)
    return await found.to_list(None) if ids else []


def _of_rows(rows: Sequence[Document], phase: Phase, place: _Place | None) -> list[Document]:
    there = [row for row in rows if phase.has(row) and phase.beyond(row, place)]
    return sorted(there, key=phase.order, reverse=phase.direction < 0)


async def _of_part(lists: Lists, part: _Part, phase: Phase, place: _Place | None, limit: int) -> list[Document]:
    if part.rows is not None:
        return _of_rows(part.rows, phase, place)[:limit]
    if (time := _time(part.query, phase)) is not None and (index := _index(part, phase)) is not None:
        found = await _by_standing(lists, part, phase, time, index, place, limit)
        if found is not None:
            return found
    among = [{"_id": {"$in": part.ids}}] if part.ids is not None else []
    return await _of_phase(lists.conversations, part.query, part.planned, phase, place, limit, among=among)


def _index(part: _Part, phase: Phase) -> str | None:
    """Of `standings`, with which it puts a phase in order. Of many its order's own meets enough, unless they are as
    rare as what has priority; it does not know tags, of which many are as soon met along their box."""
    if part.count is None:
        return None
    if part.count <= SORTED_MAX or phase.match.get("priority") is True:
        return part.index
    return None if part.query.filters.tags else standings.IN_ORDER[standings.TIMES[phase.field]]


async def _by_standing(
    lists: Lists, part: _Part, phase: Phase, time: str, index: str, place: _Place | None, limit: int
) -> list[Document] | None:
    """What `standings` puts in order, read by its ids; None when it takes too long. What has moved on in between is
    left out, as is what `standings` can not tell from the others of the phase: those behind them take their place."""
    stands = _standing(part.query, part.planned)
    priority = [{"priority": phase.match["priority"]}] if "priority" in phase.match else []
    # Of so many that were counted it can not take long, but on a machine where everything does.
    within_ms = None if part.count is not None and part.count <= SORTED_MAX else standings.WITHIN_MS
    found: list[Document] = []
    while True:
        wanted = limit - len(found)
        asked = _with(stands, [*priority, *_after(time, phase, place)])
        first = await standings.find_first(
            lists.standings, asked, index, time, phase.direction, wanted, within_ms=within_ms
        )
        if first is None:
            return None
        rows = await _fetched(lists, part.query, part.planned, [id_ for _, id_ in first])
        there = {phase.order(row): row for row in rows if phase.has(row)}
        found += [there[one] for one in first if one in there]
        if len(first) < wanted or len(found) == limit:
            return found
        place = (0, *first[-1])


async def _of_phase(
    conversations: Collection,
    query: Query,
    planned: Plan,
    phase: Phase,
    place: _Place | None,
    limit: int,
    *,
    among: Sequence[Document] = (),
    projection: Document | None = None,
) -> list[Document]:
    """Along a box, by as many queries as keep within STREAMS_MAX; what is in several boxes comes once. `among` asks for
    some ids: the index has them, so that of the others no document is read."""
    boxes = _boxes_of(query, planned.lead)
    match = _with(_filter(query), [phase.match, *among, *_after(phase.field, phase, place), *planned.rest])
    streams = len(_SEVERAL[query.status]["$in"]) if query.status in _SEVERAL else 1
    streams *= 1 if phase.match.get("priority") != {"$in": _BOTH} else 2
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
    return _in_order(pages, phase)[:limit]


def _in_order(pages: Sequence[list[Document]], phase: Phase) -> list[Document]:
    """Of pages that are in order each; what is in several of them comes once."""
    if len(pages) == 1:
        return pages[0]
    rows = {row["_id"]: row for page in pages for row in page}
    return sorted(rows.values(), key=phase.order, reverse=phase.direction < 0)


async def _total(lists: Lists, query: Query, planned: Plan) -> int | None:
    within_ms = standings.WITHIN_MS if planned.rest else None
    if planned.rest and planned.index:
        match = _standing(query, planned)
        return await _count(lists.standings, match, planned.index, TOTAL_MAX, within_ms=within_ms)
    match = {"boxes": {"$in": _boxes_of(query, planned.lead)}, **_with(_filter(query), planned.rest)}
    return await _count(lists.conversations, match, "inbox_started", TOTAL_MAX, within_ms=within_ms)


async def _count(counted: Collection, match: Document, hint: str, limit: int, *, within_ms: int | None) -> int | None:
    """Up to `limit`; None when it takes longer. The `count` command takes half as long as the pipeline that the driver
    makes of counting."""
    command: Document = {"count": counted.name, "query": match, "hint": hint, "limit": limit}
    try:
        answer: Document = await counted.database.command(command | ({"maxTimeMS": within_ms} if within_ms else {}))
    except ExecutionTimeout:
        return None
    return int(answer["n"])


def _after(field: str, phase: Phase, place: _Place | None) -> list[Document]:
    """Strictly beyond a place. The first condition bounds the index scan, the second only skips ties."""
    if place is None:
        return []
    _, value, id_ = place
    beyond, reached = ("$gt", "$gte") if phase.direction == ASCENDING else ("$lt", "$lte")
    return [{field: {reached: value}, "$or": [{field: {beyond: value}}, {"_id": {beyond: id_}}]}]


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
