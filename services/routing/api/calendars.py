"""Calendars over HTTP: working hours, holidays and own days. They concern every brand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.routing.sla.check import check_calendar, countries
from services.routing.sla.schema import Calendar, CalendarDraft
from services.routing.sla.timetable import closed_days
from services.routing.store.sla import Calendars
from shared.access import CurrentViewer
from shared.clock import Clock
from shared.governance.requests import IdempotencyKey, IfMatch, command_of, tagged, version_of
from shared.http import WHOLE
from shared.ids import derived

Sent = Annotated[CalendarDraft, WHOLE]


class CalendarList(BaseModel):
    items: list[Calendar]


class Country(BaseModel):
    """ISO 3166-1 code; `regions` as the holidays of some differ."""

    code: str
    regions: tuple[str, ...]


class CountryList(BaseModel):
    items: list[Country]


class Holiday(BaseModel):
    date: str
    name: str


class HolidayList(BaseModel):
    items: list[Holiday]


def routes(calendars: Calendars, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/calendars", tags=["service levels"])

    @router.get("")
    async def list_calendars(viewer: CurrentViewer) -> CalendarList:
        viewer.need("rules.read")
        return CalendarList(items=await calendars.there())

    @router.get("/countries")
    async def list_countries(viewer: CurrentViewer) -> CountryList:
        """Whose public holidays are known."""
        viewer.need("rules.read")
        return CountryList(items=[Country(code=code, regions=regions) for code, regions in countries().items()])

    @router.post("/holidays")
    async def list_holidays(draft: Sent, viewer: CurrentViewer) -> HolidayList:
        """The public holidays by which a calendar is closed, of this year and the next."""
        viewer.need("rules.read")
        check_calendar(draft)
        year = clock().year
        found = closed_days(draft, year) | closed_days(draft, year + 1)
        return HolidayList(items=[Holiday(date=day.isoformat(), name=found[day]) for day in sorted(found)])

    @router.post("", status_code=201)
    async def create_calendar(
        draft: Sent, viewer: CurrentViewer, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Calendar:
        viewer.need_everywhere("rules.write")
        check_calendar(draft)
        id_ = derived("calendar", command_of(viewer, idempotency_key))
        held = await calendars.create(id_, draft, by=viewer.agent_id, now=clock(), publish=True)
        return tagged(held.kept, response)

    @router.get("/{calendar_id}")
    async def get_calendar(calendar_id: str, viewer: CurrentViewer, response: Response) -> Calendar:
        viewer.need("rules.read")
        return tagged(await calendars.one(calendar_id), response)

    @router.get("/{calendar_id}/versions")
    async def list_calendar_versions(calendar_id: str, viewer: CurrentViewer) -> CalendarList:
        viewer.need("rules.read")
        return CalendarList(items=[one.kept for one in await calendars.past(calendar_id)])

    @router.put("/{calendar_id}")
    async def replace_calendar(
        calendar_id: str,
        draft: Sent,
        viewer: CurrentViewer,
        response: Response,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Calendar:
        viewer.need_everywhere("rules.write")
        check_calendar(draft)
        version, command_id = version_of(if_match), command_of(viewer, idempotency_key)
        await calendars.one(calendar_id)
        held = await calendars.replace(
            calendar_id, draft, version=version, command_id=command_id, by=viewer.agent_id, now=clock(), publish=True
        )
        return tagged(held.kept, response)

    @router.delete("/{calendar_id}", status_code=204)
    async def delete_calendar(calendar_id: str, viewer: CurrentViewer, if_match: IfMatch = None) -> None:
        """Refused while a policy counts by it. Its versions stay."""
        viewer.need_everywhere("rules.write")
        version, command_id = version_of(if_match), command_of(viewer, None)
        await calendars.remove(calendar_id, version=version, command_id=command_id, by=viewer.agent_id, now=clock())

    return router
