"""What calendars and policies are, as people write them and as they are kept. Shapes only.

Calendar: {"name": "Office", "time_zone": "Europe/Berlin", "hours": [{"day": "mon", "opens": "09:00",
 "closes": "17:00"}], "country": "DE", "region": "BE", "days": [{"date": "2026-12-24", "name": "Christmas Eve",
 "hours": [{"opens": "09:00", "closes": "12:00"}]}]}

Policy: {"name": "VIP", "if": {"all": [{"field": "conversation.priority", "operator": "is", "value": true}]},
 "calendar_id": null, "first_response_s": 3600, "next_response_s": 3600, "close_s": null, "warn_percent": 20,
 "ticket_if": {"all": [{"field": "ticket.type", "operator": "is", "value": "refund"}]}, "resolution_s": 172800}
"""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainSerializer, StringConstraints

from services.routing.rules.clock import Weekday
from services.routing.rules.scalars import Text
from services.routing.rules.schema import Group, RuleField
from shared.contracts.base import Id, Value
from shared.governance.model import Kept, KeptForBrands

Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""A wall clock's time; 24:00 is the end of the day."""
Pause = Literal["snoozed", "waiting_on_customer"]

MAX_GOAL_S = 366 * 24 * 3600
GoalSeconds = Annotated[int, Field(ge=60, le=MAX_GOAL_S)]


class Hours(Value):
    """Open from `opens` up to `closes`, which is later on the same day."""

    opens: Clock
    closes: Clock


class WeekHours(Hours):
    day: Weekday


class OwnDay(Value):
    """A date with hours of its own instead of the week's and of a holiday's; none: closed all day."""

    date: Annotated[Date, PlainSerializer(Date.isoformat, return_type=str)]
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    hours: Annotated[tuple[Hours, ...], Field(max_length=10)] = ()


class CalendarDraft(Value):
    """`country` (ISO 3166-1) and `region` (its subdivision) name whose public holidays are closed; empty: none."""

    name: Text
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    hours: Annotated[tuple[WeekHours, ...], Field(min_length=1, max_length=70)]
    country: Annotated[str, StringConstraints(max_length=2)] = ""
    region: Annotated[str, StringConstraints(max_length=10)] = ""
    days: Annotated[tuple[OwnDay, ...], Field(max_length=500)] = ()


class Calendar(CalendarDraft, Kept):
    """A kept calendar. A running target goes on by the version that it was started with."""


class PolicyDraft(Value):
    """What a person writes. The first policy in order that a conversation is of, among those with a goal for
    conversations, is the one that it is under; a ticket is under the first with `resolution_s`.

    `brand_ids` empty: every brand. `if` null: every conversation; `ticket_if` null: every ticket. Goals are working
    seconds by the calendar, or seconds of any kind without one; null: no such target. `warn_percent`: how much of a
    goal is left at the warning. `snoozed` pauses a conversation's targets, `waiting_on_customer` the time to close one
    and the time to resolve a ticket.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    name: Text
    enabled: bool = True
    brand_ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    conditions: Group | None = Field(alias="if")
    calendar_id: Id | None = None
    first_response_s: GoalSeconds | None = None
    next_response_s: GoalSeconds | None = None
    close_s: GoalSeconds | None = None
    ticket_conditions: Group | None = Field(default=None, alias="ticket_if")
    resolution_s: GoalSeconds | None = None
    warn_percent: Annotated[int, Field(ge=1, le=90)] = 20
    pauses: Annotated[tuple[Pause, ...], Field(max_length=2)] = ("snoozed", "waiting_on_customer")

    @property
    def for_conversations(self) -> bool:
        """Whether it has a goal for them."""
        return not (self.first_response_s is None and self.next_response_s is None and self.close_s is None)


class Policy(PolicyDraft, KeptForBrands):
    """A kept policy. `fields` are the desk's own attributes that it asks about."""

    fields: tuple[RuleField, ...] = ()
