"""What a simulation is told, as JSON between processes: both sets of rules, and what the desk knows. Shapes only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.routing.rules.schema import Rule
from services.routing.sla.hours import OpeningHours
from services.routing.sla.schema import Calendar
from services.routing.sla.timetable import WorkingHours
from shared.contracts.base import Value
from shared.contracts.directory import TeamHours


class World(Value):
    """`zones`: brands' time zones, IANA names. `teams`: of each active agent; `narrow`: the brands of who is limited to
    some. `calendars` in force. `team_hours`: when each team works, None: always."""

    zones: dict[str, str] = Field(default_factory=dict)
    teams: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    narrow: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    calendars: tuple[Calendar, ...] = ()
    team_hours: dict[str, TeamHours | None] = Field(default_factory=dict)

    def zone(self, brand_id: str) -> str:
        return self.zones.get(brand_id, "UTC")

    def is_member(self, agent_id: str, team_id: str) -> bool:
        return team_id in self.teams.get(agent_id, ())

    def why_gone(self, agent_id: str, brand_id: str) -> str | None:
        """Why an agent whom a rule names can not have a conversation of the brand, as the desk is now."""
        if agent_id not in self.teams:
            return "The agent is not with us any more"
        serves = brand_id in self.narrow.get(agent_id, (brand_id,))
        return None if serves else "The agent does not work on this brand"

    def hours(self) -> OpeningHours:
        return OpeningHours({one.id: WorkingHours(one) for one in self.calendars}, self.team_hours)


class Job(Value):
    """`before` are the rules in force, `after` those with the drafts, each in order; `named` the ids of the drafted and
    the retired; `rolled_out` those that a part of the conversations has in another version, or not at all. `brand_ids`
    empty: conversations of every brand. `conversations`: at most so many, the newest."""

    before: tuple[Rule, ...]
    after: tuple[Rule, ...]
    named: tuple[str, ...] = ()
    rolled_out: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    conversations: Annotated[int, Field(ge=1)]
    world: World = World()
