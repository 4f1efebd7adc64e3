"""When a rule at times of the clock will be asked, while somebody writes it. Nothing is saved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.routing.rules.clock import ClockTimes, next_after
from services.routing.rules.later import check_times
from shared.access import CurrentViewer
from shared.clock import Clock
from shared.contracts.base import Time
from shared.directory import Directory
from shared.errors import Invalid
from shared.http import Body

SHOWN = 3


class TimesBody(Body):
    """`brand_ids`: those of the rule; empty: all."""

    clock: ClockTimes
    brand_ids: Annotated[tuple[str, ...], Field(max_length=200)] = ()


class NextTimes(BaseModel):
    """The next three in a time zone."""

    zone: str
    at: tuple[Time, ...]


class NextTimesList(BaseModel):
    items: list[NextTimes]


def routes(directory: Directory, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/rules", tags=["rules"])

    @router.post("/times")
    async def next_times(body: TimesBody, viewer: CurrentViewer) -> NextTimesList:
        """In each time zone of the brands that the viewer sees, or in that which is named."""
        viewer.need("rules.read")
        wrong = tuple(check_times(body.clock))
        if wrong:
            raise Invalid("invalid_rule", wrong[0].message, wrong)
        seen = [one for one in directory.brands.values() if viewer.sees_brand(one.brand_id)]
        of_it = {one.time_zone for one in seen if not body.brand_ids or one.brand_id in body.brand_ids}
        zones = {body.clock.zone} if body.clock.zone else of_it
        now = clock()
        return NextTimesList(
            items=[NextTimes(zone=zone, at=tuple(_next(body.clock, zone, now))) for zone in sorted(zones)]
        )

    return router


def _next(clock: ClockTimes, zone: str, at: datetime) -> Iterator[datetime]:
    for _ in range(SHOWN):
        at = next_after(clock, zone, at)
        yield at
