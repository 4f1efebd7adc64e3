"""What a simulation is told, as JSON between processes: both sets of rules, and what the desk knows. Shapes only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.routing.rules.schema import Rule
from shared.contracts.base import Value


class World(Value):
    """`zones`: brands' time zones, IANA names. `teams`: of each active agent."""

    zones: dict[str, str] = Field(default_factory=dict)
    teams: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def zone(self, brand_id: str) -> str:
        return self.zones.get(brand_id, "UTC")

    def is_member(self, agent_id: str, team_id: str) -> bool:
        return team_id in self.teams.get(agent_id, ())


class Job(Value):
    """`before` are the rules in force, `after` those with the drafts, each in order; `named` the ids of the drafted and
    the retired. `brand_ids` empty: conversations of every brand. `conversations`: at most so many, the newest."""

    before: tuple[Rule, ...]
    after: tuple[Rule, ...]
    named: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    conversations: Annotated[int, Field(ge=1)]
    world: World = World()
