"""Which calendars are open at a moment, for the rules that ask whether somebody is at work. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.routing.sla.timetable import WorkingHours


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Of the calendars in force, by id."""

    tables: Mapping[str, WorkingHours] = field(default_factory=dict)

    def open_at(self, at: datetime) -> tuple[str, ...]:
        return tuple(sorted(id_ for id_, table in self.tables.items() if table.is_open(at)))

    def turn_after(self, at: datetime) -> datetime | None:
        """When the next of them opens or closes."""
        return min((turn for table in self.tables.values() if (turn := table.turns_at(at))), default=None)
