"""Teams: their hours, languages and skills (AG3). Their members are the agents that name them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import available_timezones

from fastapi import APIRouter
from pydantic import Field, model_validator

from services.tickets.api.abilities import Languages, Skills, tidy_languages, tidy_skills
from services.tickets.api.context import CurrentTickets
from services.tickets.api.directory import Name, Seen, Slug, put_entity
from shared.access import CurrentViewer
from shared.contracts.directory import OpenHours, TeamChanged, TeamHours, Weekday
from shared.errors import FieldError, Invalid
from shared.http import Body

router = APIRouter(tags=["directory"])

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Closing = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class OpenBody(Body):
    """`HH:MM`; until "24:00" at the latest."""

    day: Weekday
    opens: Clock
    closes: Closing

    @model_validator(mode="after")
    def _closes_later(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("closes before it opens")
        return self


class HoursBody(Body):
    time_zone: Annotated[str, Field(max_length=100)]
    open: Annotated[tuple[OpenBody, ...], Field(max_length=70)] = ()


class TeamBody(Body):
    """`hours` None: always. `languages` as BCP 47 tags."""

    name: Name
    channels: tuple[Name, ...] = ()
    hours: HoursBody | None = None
    languages: Languages = ()
    skills: Skills = ()
    seen_seq: Seen | None = None


@router.put("/teams/{team_id}")
async def put_team(team_id: Slug, body: TeamBody, viewer: CurrentViewer, tickets: CurrentTickets) -> TeamChanged:
    viewer.need_everywhere("directory.manage")
    wanted = TeamChanged(
        team_id=team_id,
        seq=1,
        name=body.name,
        channels=body.channels,
        hours=_hours(body.hours),
        languages=tidy_languages(body.languages),
        skills=tidy_skills(body.skills),
    )
    return await put_entity(tickets, wanted, seen_seq=body.seen_seq)


def _hours(body: HoursBody | None) -> TeamHours | None:
    """In the week's order. Raises Invalid where two stretches of a day run into each other."""
    if body is None:
        return None
    if body.time_zone not in available_timezones():
        field = FieldError("body.hours.time_zone", "is not a time zone")
        raise Invalid("unknown_time_zone", "Name a time zone as “Europe/Berlin”.", (field,))
    week = list(Weekday.__args__)  # type: ignore[attr-defined]  # a Literal has them
    kept = sorted(body.open, key=lambda one: (week.index(one.day), one.opens))
    for first, second in pairwise(kept):
        if first.day == second.day and second.opens < first.closes:
            place = f"body.hours.open.{body.open.index(second)}"
            raise Invalid(
                "hours_overlap", f"Two times on {first.day} overlap.", (FieldError(place, "overlaps another"),)
            )
    return TeamHours(time_zone=body.time_zone, open=tuple(OpenHours(**one.model_dump()) for one in kept))
