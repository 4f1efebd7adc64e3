"""Which calendars and teams are open at a moment, for the rules that ask whether somebody is at work. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from services.routing.rules.facts import zone_named
from services.routing.sla.schema import CalendarDraft, WeekHours
from services.routing.sla.timetable import WorkingHours
from shared.contracts.directory import TeamHours

TABLES_KEPT = 400


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`tables` of the calendars in force, by id; `teams` with their own hours, None: always."""

    tables: Mapping[str, WorkingHours] = field(default_factory=dict)
    teams: Mapping[str, TeamHours | None] = field(default_factory=dict)

    _of_teams: dict[str, WorkingHours] = field(default_factory=dict, compare=False)

    def open_at(self, at: datetime) -> tuple[str, ...]:
        return tuple(sorted(id_ for id_, table in self.tables.items() if table.is_open(at)))

    def teams_open_at(self, at: datetime) -> tuple[str, ...]:
        return tuple(sorted(id_ for id_ in self.teams if self._team_is_open(id_, at)))

    def _team_is_open(self, team_id: str, at: datetime) -> bool:
        hours = self.teams[team_id]
        if hours is None or not hours.open:
            return hours is None
        table = self._of_teams.get(team_id)
        if table is None:
            # To find it among those that are kept, all of the team's hours are read: once, not at every event.
            table = self._of_teams[team_id] = _table(hours)
        return table.is_open(at)

    def turn_after(self, at: datetime) -> datetime | None:
        """When the next calendar opens or closes."""
        return min((turn for table in self.tables.values() if (turn := table.turns_at(at))), default=None)


@lru_cache(TABLES_KEPT)
def _table(hours: TeamHours) -> WorkingHours:
    """A team's week is a calendar's without holidays."""
    week = [
        WeekHours.model_validate({"day": one.day[:3], "opens": one.opens, "closes": one.closes}) for one in hours.open
    ]
    zone = zone_named(hours.time_zone).key
    return WorkingHours(CalendarDraft.model_construct(name="", time_zone=zone, hours=tuple(week)))
