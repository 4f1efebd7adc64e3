"""Search: what somebody types, asked of the index within what they see, and shown as it is now."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi import Query as QueryParam
from pydantic import BaseModel
from pydantic_core import from_json, to_json

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.narrowing import Narrowed, box_of
from services.tickets.model.contact_words import fold
from services.tickets.model.search.ask import Asked, Names, Needles, ask
from services.tickets.model.search.clauses import Clause, Every
from services.tickets.model.search.marks import excerpt, marks
from services.tickets.model.search.parse import QUESTION_CHARS, parse
from services.tickets.store.documents import read_conversation
from services.tickets.store.search.document import Said, inbox_clause, scope_clause
from services.tickets.store.search.engine import Hit as Found
from services.tickets.store.search.index import SearchIndex
from shared.access import CurrentViewer, Viewer
from shared.contracts.conversations import Head
from shared.errors import FieldError, Invalid, NotFound, Unavailable

router = APIRouter(tags=["inboxes"])

HITS_MAX = 3
"""Stretches of text that one conversation is shown with."""
ABOUT_MAX = 3
"""Names of other things that one conversation is shown with: its topic, what it is linked to, its files."""
SAME_MAX = 1_000
"""Conversations of one order (moment and hash) that a cursor tells apart; more than a hash of 21 bits lets happen."""

Mark = tuple[int, int]


class SearchHit(BaseModel):
    """A line of an entry around what was found, `seq` its place in the timeline. `marks` are [start, end) in `text`, in
    UTF-16 code units; `text` is plain."""

    kind: Literal["message", "note", "call", "news", "side"]
    entry_id: str
    seq: int
    at: datetime
    direction: str
    by: str
    text: str
    marks: tuple[Mark, ...]


class SearchAbout(BaseModel):
    """The name of something that it was found by: its topic, the title of a link, a file, the subject of one of its
    mails that is not the conversation's own. Marks as in SearchHit."""

    kind: Literal["topic", "link", "file", "subject"]
    text: str
    marks: tuple[Mark, ...]


class SearchItem(BaseModel):
    """A conversation as it is now. Marks as in SearchHit, in its `contact_name` and `subject`."""

    head: Head
    unread: bool
    name_marks: tuple[Mark, ...]
    subject_marks: tuple[Mark, ...]
    about: list[SearchAbout]
    hits: list[SearchHit]


class SearchItems(BaseModel):
    """Newest activity first. `total` is told with the first page: how many conversations fit."""

    items: list[SearchItem]
    next_cursor: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class _Page:
    """Behind which order a page begins; `shown` have that same order."""

    order: int
    shown: tuple[str, ...]


@router.get("/search")
async def search(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    q: Annotated[str, QueryParam(max_length=QUESTION_CHARS, description="words, numbers, ids, and operators")],
    inbox: Annotated[
        str,
        QueryParam(
            max_length=250,
            description="mine, mentions, created, all, unassigned, spam, team:<id>, brand:<id> or view:<id>",
        ),
    ] = "all",
    zone: Annotated[str, QueryParam(max_length=60, description="whose days before: and after: mean (IANA)")] = "UTC",
    cursor: Annotated[str | None, QueryParam(max_length=500)] = None,
    limit: Annotated[int, QueryParam(ge=1, le=50)] = 20,
) -> SearchItems:
    """Conversations of the viewer's that have all of it. All of an inbox is searched but spam, which is searched by
    `inbox=spam` alone. A text without anything to look for finds nothing."""
    viewer.need("conversations.read")
    index = tickets.search
    if index is None:
        raise Unavailable("no_search_here", "Search does not run in this process: it lacks the role “search”.")
    asked = ask(parse(q), _names(tickets, viewer, zone))
    if asked.faults:
        raise _refused(asked, q)
    within = await _within(tickets, viewer, inbox)
    if asked.clause is None:
        return SearchItems(items=[], next_cursor=None, total=0)
    page = _read_cursor(cursor) if cursor else None
    wanted = Every((asked.clause, within, scope_clause(viewer.scope)))
    shown = page.shown if page else ()
    found, total = await index.search(wanted, limit + 1 + len(shown), up_to=page.order if page else None)
    hits = [one for one in found if not (page and one.order == page.order and one.id in shown)][: limit + 1]
    following = _write_cursor(hits[:limit], page) if len(hits) > limit else None
    items = await _shown(tickets, index, viewer, hits[:limit], asked.needles)
    return SearchItems(items=items, next_cursor=following, total=total if page is None else None)


def _refused(asked: Asked, q: str) -> Invalid:
    """All that is wrong, each with its place in `q` (in UTF-16 code units) as a member of the problem."""
    faults = [
        {"start": _units(q[: one.start]), "end": _units(q[: one.end]), "message": one.message} for one in asked.faults
    ]
    fields = tuple(FieldError("query.q", one.message) for one in asked.faults)
    return Invalid("unclear_search", asked.faults[0].message, fields, {"faults": faults})


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


async def _within(tickets: Tickets, viewer: Viewer, inbox: str) -> Clause:
    """An inbox or a view, whatever its status: closed conversations are looked for more than any."""
    kind, _, id_ = inbox.partition(":")
    narrowed = Narrowed(inbox=inbox)
    if kind == "view" and id_:
        rows = await tickets.store.sidebar.views(viewer.agent_id, viewer.team_ids)
        row = next((one for one in rows if one["_id"] == id_), None)
        if row is None:
            raise NotFound("unknown_view", "There is no such view any more. Search in all inboxes.")
        narrowed = Narrowed.model_validate(row["filter"])
    return inbox_clause(box_of(narrowed.inbox, viewer), narrowed.filters(viewer))


def _names(tickets: Tickets, viewer: Viewer, zone: str) -> Names:
    known = tickets.directory
    try:
        place = ZoneInfo(zone)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise _no_zone() from error
    except KeyError as error:
        raise _no_zone() from error
    brands = {one: brand.name for one, brand in known.brands.items() if viewer.sees_brand(one)}
    agents: dict[str, list[str]] = {}
    for one, agent in known.agents.items():
        for name in dict.fromkeys((one, fold(agent.name), fold(agent.email))):
            agents.setdefault(name, []).append(one)
    return Names(
        brands=_by_name(brands),
        teams=_by_name({one: team.name for one, team in known.teams.items()}),
        agents=agents,
        me=viewer.agent_id,
        today=tickets.store.clock().astimezone(place).date(),
        zone=place,
    )


def _no_zone() -> Invalid:
    field = FieldError("query.zone", "is not a time zone")
    return Invalid("unknown_zone", "Name a time zone as the IANA does, such as Europe/Athens.", (field,))


def _by_name(names: Mapping[str, str]) -> dict[str, str]:
    return {fold(name): one for one, name in names.items()} | {one: one for one in names}


async def _shown(
    tickets: Tickets, index: SearchIndex, viewer: Viewer, found: Sequence[Found], needles: Needles
) -> list[SearchItem]:
    """As they are now: what has left the viewer's scope since it was written to the index is not shown."""
    ids = [one.id for one in found]
    rows = await tickets.store.conversations.find({"_id": {"$in": ids}}).to_list(None)
    heads = {row["_id"]: read_conversation(row).head for row in rows}
    seen = [heads[one] for one in ids if one in heads and viewer.sees(heads[one])]
    said = await index.reading.said(seen)
    unread = await tickets.store.unread(viewer.agent_id, {row["_id"]: row["customer_seq"] for row in rows})
    return [_item(head, said.get(head.id, []), needles, head.id in unread) for head in seen]


def _item(head: Head, said: Sequence[Said], needles: Needles, unread: bool) -> SearchItem:
    found = [(cut, one) for one in said if (cut := excerpt(one.text, needles)) is not None]
    found.sort(key=lambda pair: (-pair[0].found, -pair[1].seq))
    return SearchItem(
        head=head,
        unread=unread,
        name_marks=marks(head.contact_name, needles),
        subject_marks=marks(head.subject, needles),
        about=_about(head, said, needles),
        hits=[
            SearchHit.model_validate(
                {
                    "kind": one.kind,
                    "entry_id": one.entry_id,
                    "seq": one.seq,
                    "at": one.at,
                    "direction": one.direction,
                    "by": one.by,
                    "text": cut.text,
                    "marks": cut.marks,
                }
            )
            for cut, one in found[:HITS_MAX]
        ],
    )


def _about(head: Head, said: Sequence[Said], needles: Needles) -> list[SearchAbout]:
    """Each name once; the latest file first. Another subject only where the conversation's own does not say it."""
    subjects = [] if marks(head.subject, needles) else [one.subject for one in said]
    names: dict[tuple[str, str], None] = dict.fromkeys(
        [
            ("topic", head.topic or ""),
            *(("link", link.title) for link in head.links),
            *(("file", name) for one in sorted(said, key=lambda one: -one.seq) for name in one.files),
            *(("subject", subject) for subject in subjects),
        ]
    )
    found = [
        SearchAbout.model_validate({"kind": kind, "text": cut.text, "marks": cut.marks})
        for kind, name in names
        if (cut := excerpt(name, needles)) is not None
    ]
    return found[:ABOUT_MAX]


def _write_cursor(shown: Sequence[Found], before: _Page | None) -> str:
    order = shown[-1].order
    same = [one.id for one in shown if one.order == order]
    if before is not None and before.order == order:
        same = [*before.shown, *same]
    return base64.urlsafe_b64encode(to_json([order, same[-SAME_MAX:]])).decode().rstrip("=")


def _read_cursor(cursor: str) -> _Page:
    try:
        order, shown = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if type(order) is int and abs(order) < 2**62 and isinstance(shown, list) and len(shown) <= SAME_MAX:
            return _Page(order, tuple(str(one) for one in shown))
    except (ValueError, TypeError):
        pass  # told below, in the same words as a cursor of another sort
    raise Invalid("bad_cursor", "This page does not exist; start again without a cursor.")
