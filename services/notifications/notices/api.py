"""Notices over HTTP: an agent's own, what of them is unread, and how they want to be told."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.notifications.cursor import cursor_of, read_cursor
from services.notifications.notices.model import KINDS, Preferences, QuietHours, Ways
from services.notifications.notices.store import Kept, Notices, Which
from shared.access import CurrentViewer
from shared.clock import Clock
from shared.contracts.base import Time
from shared.contracts.common import Actor
from shared.contracts.notices import Notice, NoticeKind
from shared.errors import Conflict, FieldError, Invalid
from shared.http import Body

Id = Annotated[str, Field(min_length=1, max_length=200)]


class NoticeItem(BaseModel):
    """What an agent was told. `conversation_id` None: it is about the ticket alone."""

    id: str
    kind: NoticeKind
    at: datetime
    by: Actor
    conversation_id: str | None
    ticket_id: str | None
    title: str
    contact_name: str
    excerpt: str
    read_at: datetime | None


class NoticePage(BaseModel):
    """Newest first; `next_cursor` None on the last page. `unread` counts all of them, up to 100."""

    items: list[NoticeItem]
    next_cursor: str | None
    unread: int


class Unread(BaseModel):
    """`unread` is counted up to 100."""

    unread: int


class ReadBody(Body):
    """Which were read: exactly one of the fields. `until`: all that happened up to then."""

    ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    conversation_id: Id | None = None
    ticket_id: Id | None = None
    until: Time | None = None


class KindWays(BaseModel):
    kind: NoticeKind
    in_app: bool
    desktop: bool
    email: bool


class Quiet(BaseModel):
    """On the clock of `time_zone` (an IANA name); `end` before `start`: overnight."""

    start: time
    end: time
    time_zone: str


class NoticePreferences(BaseModel):
    """Every kind of notice, with where it is told. In `quiet` hours only the desk itself tells; mails wait for their
    end. `quiet_until`: it is quiet now."""

    seq: int
    ways: list[KindWays]
    quiet: Quiet | None
    email_after_minutes: int
    quiet_until: datetime | None


class KindWaysBody(Body):
    kind: NoticeKind
    in_app: bool
    desktop: bool
    email: bool


class QuietBody(Body):
    start: time
    end: time
    time_zone: Annotated[str, Field(max_length=100)]


class NoticePreferencesBody(Body):
    """All of them; a kind that is not named is told as it comes. `seen_seq` is the `seq` that their writer saw: 409
    `changed_meanwhile`, with what is there, when it is another one by now."""

    seen_seq: Annotated[int, Field(ge=0, lt=2**53)]
    ways: Annotated[tuple[KindWaysBody, ...], Field(max_length=20)] = ()
    quiet: QuietBody | None = None
    email_after_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 15


def routes(notices: Notices, clock: Clock) -> APIRouter:
    """Each agent's own, nobody else's; of what they may see now."""
    router = APIRouter(tags=["notices"])

    @router.get("/notices")
    async def list_notices(
        viewer: CurrentViewer,
        unread: Annotated[bool, Query(description="Only what is unread.")] = False,
        cursor: Annotated[str | None, Query(max_length=300)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 30,
    ) -> NoticePage:
        """What one was told, newest first."""
        before = read_cursor(cursor) if cursor else None
        rows = await notices.page(viewer, unread=unread, before=before, limit=limit + 1)
        shown = rows[:limit]
        last = shown[-1].notice if len(rows) > limit else None
        return NoticePage(
            items=[item_of(one) for one in shown],
            next_cursor=cursor_of(last.at, last.id) if last else None,
            unread=await notices.unread(viewer),
        )

    @router.get("/notices/unread")
    async def unread_notices(viewer: CurrentViewer) -> Unread:
        """How many are unread."""
        return Unread(unread=await notices.unread(viewer))

    @router.post("/notices/read")
    async def read_notices(body: ReadBody, viewer: CurrentViewer) -> Unread:
        """Say that one has seen them; how many are unread then. Whatever is not one's own is left as it is."""
        await notices.read(viewer.agent_id, _which(body), clock())
        return Unread(unread=await notices.unread(viewer))

    @router.get("/notice-preferences")
    async def notice_preferences(viewer: CurrentViewer) -> NoticePreferences:
        """How one is told."""
        return _shown((await notices.wishes([viewer.agent_id]))[viewer.agent_id], clock())

    @router.put("/notice-preferences")
    async def put_notice_preferences(body: NoticePreferencesBody, viewer: CurrentViewer) -> NoticePreferences:
        """Change how one is told, from the next notice on."""
        try:
            return _shown(await notices.wish(viewer.agent_id, _wanted(body), clock()), clock())
        except Conflict as error:
            theirs = _shown((await notices.wishes([viewer.agent_id]))[viewer.agent_id], clock())
            existing = theirs.model_dump(mode="json")
            raise Conflict(error.code, error.message, about={"existing": existing}) from error

    return router


def item_of(kept: Kept) -> NoticeItem:
    return NoticeItem(**_fields(kept.notice), read_at=kept.read_at)


def _fields(notice: Notice) -> dict[str, object]:
    return {name: getattr(notice, name) for name in NoticeItem.model_fields if name != "read_at"}


def _which(body: ReadBody) -> Which:
    given = [name for name in ReadBody.model_fields if getattr(body, name)]
    if len(given) != 1:
        said = "Say which: `ids`, `conversation_id`, `ticket_id` or `until`, and only one of them."
        raise Invalid("which", said, (FieldError("body", said),))
    return Which(body.ids, body.conversation_id, body.ticket_id, body.until)


def _wanted(body: NoticePreferencesBody) -> Preferences:
    kinds = [one.kind for one in body.ways]
    if len(set(kinds)) != len(kinds):
        raise Invalid("twice", "A kind stands there twice.", (FieldError("body.ways", "names a kind twice"),))
    quiet = None
    if body.quiet:
        if body.quiet.time_zone not in available_timezones():
            where = FieldError("body.quiet.time_zone", "is not a time zone, such as America/Denver")
            raise Invalid("unknown_time_zone", "There is no such time zone.", (where,))
        start, end = (_minute(one) for one in (body.quiet.start, body.quiet.end))
        if start == end:
            where = FieldError("body.quiet.end", "must be another time than the start")
            raise Invalid("no_quiet_hours", "Quiet hours must end at another time than they start.", (where,))
        quiet = QuietHours(start=start, end=end, time_zone=body.quiet.time_zone)
    ways = {one.kind: Ways(in_app=one.in_app, desktop=one.desktop, email=one.email) for one in body.ways}
    return Preferences(seq=body.seen_seq, ways=ways, quiet=quiet, email_after_minutes=body.email_after_minutes)


def _minute(at: time) -> time:
    return at.replace(second=0, microsecond=0, tzinfo=None)


def _shown(wished: Preferences, now: datetime) -> NoticePreferences:
    quiet = wished.quiet
    return NoticePreferences(
        seq=wished.seq,
        ways=[KindWays(kind=kind, **wished.of(kind).model_dump()) for kind in KINDS],
        quiet=Quiet(**quiet.model_dump()) if quiet else None,
        email_after_minutes=wished.email_after_minutes,
        quiet_until=wished.quiet_until(now),
    )
