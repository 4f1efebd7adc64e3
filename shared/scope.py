"""Which part of the desk somebody works on (AG2): brands by the agent, channels and own teams by the role. Pure.

The one place that says who sees which conversation: `sees` decides about one, `query` asks MongoDB for the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from shared.contracts.directory import AgentChanged, RoleChanged


class Placed(Protocol):
    """Where a conversation stands; its head has these fields, and so has what follows it."""

    @property
    def brand_id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def team_id(self) -> str | None: ...
    @property
    def assignee_id(self) -> str | None: ...
    @property
    def created_by(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands, by itself. What is not known is "" or None, and no limit lets it through."""

    brand_id: str
    channel: str = ""
    team_id: str | None = None
    assignee_id: str | None = None
    created_by: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Empty `brands` or `channels`: all of them. `teams` None: those of every team and of none.

    What somebody began or was given they see on any channel and in any team, never of another brand: a lead who
    hands a conversation over means it, and a conversation that its assignee cannot see would be lost.
    """

    agent_id: str
    brands: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    teams: frozenset[str] | None = None

    @property
    def by_brand_alone(self) -> bool:
        return not self.channels and self.teams is None

    @property
    def whole(self) -> bool:
        """Nothing is hidden."""
        return not self.brands and self.by_brand_alone

    def sees(self, one: Placed) -> bool:
        if self.brands and one.brand_id not in self.brands:
            return False
        if self.by_brand_alone or self.agent_id in (one.assignee_id, one.created_by):
            return True
        in_team = self.teams is None or one.team_id in self.teams
        return in_team and (not self.channels or one.channel in self.channels)

    def query(self) -> dict[str, Any]:
        """The same as a filter over documents with a head's fields; {} when nothing is hidden."""
        brand: dict[str, Any] = {"brand_id": {"$in": sorted(self.brands)}} if self.brands else {}
        if self.by_brand_alone:
            return brand
        limits: dict[str, Any] = {"channel": {"$in": sorted(self.channels)}} if self.channels else {}
        if self.teams is not None:
            limits["team_id"] = {"$in": sorted(self.teams)}
        return {**brand, "$or": [limits, {"assignee_id": self.agent_id}, {"created_by": self.agent_id}]}


def works_with(scope: Scope, agent: AgentChanged) -> bool:
    """Whether an agent works on the same part of the desk: on one of its brands, and in one of its teams where those
    are what somebody is limited to. Oneself always."""
    if agent.agent_id == scope.agent_id:
        return True
    if scope.brands and agent.brand_ids and scope.brands.isdisjoint(agent.brand_ids):
        return False
    return scope.teams is None or not scope.teams.isdisjoint(agent.team_ids)


def scope_of(agent: AgentChanged, role: RoleChanged | None) -> Scope:
    """An agent's scope. Each limit stands in one place, so that no two of them can cancel each other out."""
    return Scope(
        agent_id=agent.agent_id,
        brands=frozenset(agent.brand_ids),
        channels=frozenset(role.channels) if role else frozenset(),
        teams=frozenset(agent.team_ids) if role and role.own_teams_only else None,
    )


def why_gone(agent: AgentChanged | None, brand_id: str) -> str | None:
    """Why an agent can never have a conversation of the brand, without a full stop; None when they may."""
    if agent is None or not agent.active:
        return f"{agent.name if agent else 'The agent'} is not with us any more"
    serves = not agent.brand_ids or brand_id in agent.brand_ids
    return None if serves else f"{agent.name} does not work on this brand"
