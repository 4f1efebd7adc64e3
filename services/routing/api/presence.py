"""Time in each status by day, and where an agent's clock is (AG4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter
from fastapi import Query as QueryParam
from pydantic import BaseModel, Field

from services.routing.model.presence import Day, begins, by_day, clip
from services.routing.store import Store
from services.routing.store.presence import Place
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.contracts.base import Time
from shared.contracts.directory import AgentChanged
from shared.contracts.routing import AgentStatus
from shared.directory import Directory
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Body
from shared.scope import works_with

DAYS_MAX = 92


class PlaceBody(Body):
    """`time_zone`: an IANA name, as a browser tells it. `hidden`: nobody else learns of it."""

    time_zone: Annotated[str, Field(min_length=1, max_length=64)]
    hidden: bool = False


class SpentView(BaseModel):
    status: AgentStatus
    reason: str
    duration_ms: int


class DayView(BaseModel):
    """`spent`: the longest first; together as long as what is known of that day."""

    day: date
    spent: list[SpentView]


class SpanView(BaseModel):
    status: AgentStatus
    reason: str
    since: Time
    until: Time


class History(BaseModel):
    """`spans`: one after the other, cut off at the first day's beginning, the last day's end and now."""

    agent_id: str
    time_zone: str
    days: list[DayView]
    spans: list[SpanView]


def routes(store: Store, directory: Directory, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/availability", tags=["availability"])

    @router.put("/me/place")
    async def set_my_place(body: PlaceBody, viewer: CurrentViewer) -> PlaceBody:
        """Where one's clock is; others see it unless it is hidden."""
        if body.time_zone not in available_timezones():
            field = FieldError("body.time_zone", "is not a time zone")
            raise Invalid("unknown_time_zone", "There is no such time zone. Example: Europe/Berlin.", (field,))
        await store.presence.keep_place(viewer.agent_id, Place(body.time_zone, body.hidden))
        return body

    @router.get("/{agent_id}/history")
    async def history(
        agent_id: str,
        viewer: CurrentViewer,
        first: Annotated[date | None, QueryParam(alias="from", description="A day; unless given, today")] = None,
        last: Annotated[date | None, QueryParam(alias="to", description="Counted in; unless given, today")] = None,
    ) -> History:
        """How long an agent was in each status, by days of their own time zone; `me` is oneself. Of others it needs
        the permission dashboard.read, and that they work on the same part of the desk."""
        agent = _seen(directory, viewer, agent_id)
        now = clock()
        zone = _zone(await store.presence.place(agent.agent_id), agent, viewer, directory)
        last = last or now.astimezone(zone).date()
        first = first or last
        _check(first, last)
        start, end = begins(first, zone), min(begins(last + timedelta(days=1), zone), now)
        spans = await store.presence.spans(agent.agent_id, start, end)
        return History(
            agent_id=agent.agent_id,
            time_zone=zone.key,
            days=[_day(one) for one in by_day(spans, zone, first, last, now)],
            spans=[
                SpanView(status=one.status, reason=one.reason, since=one.since, until=one.until)
                for one in clip(spans, start, end)
                if one.until is not None
            ],
        )

    return router


def _seen(directory: Directory, viewer: Viewer, agent_id: str) -> AgentChanged:
    wanted = viewer.agent_id if agent_id == "me" else agent_id
    if wanted != viewer.agent_id:
        viewer.need("dashboard.read")
    agent = directory.agents.get(wanted)
    if agent is None or not works_with(viewer.scope, agent):
        raise NotFound("agent", "There is no such agent, or they work on another part of the desk.")
    return agent


def _zone(place: Place, agent: AgentChanged, viewer: Viewer, directory: Directory) -> ZoneInfo:
    """The agent's own; their first brand's where that is not known, or not for others to know; else UTC."""
    if place.time_zone and (not place.hidden or viewer.agent_id == agent.agent_id):
        return ZoneInfo(place.time_zone)
    brands = [directory.brands[one] for one in agent.brand_ids if one in directory.brands]
    return ZoneInfo(brands[0].time_zone if brands else "UTC")


def _check(first: date, last: date) -> None:
    if not timedelta() <= last - first < timedelta(days=DAYS_MAX) or not 1971 <= first.year <= last.year <= 9998:
        field = FieldError("query.from", f"is after `to`, or more than {DAYS_MAX} days before it")
        raise Invalid("bad_days", f"Ask for 1 to {DAYS_MAX} days, the first one first.", (field,))


def _day(one: Day) -> DayView:
    spent = [SpentView(status=s.status, reason=s.reason, duration_ms=s.duration_ms) for s in one.spent]
    return DayView(day=one.day, spent=spent)
