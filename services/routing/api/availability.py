"""Who is online, away or offline, with how much they hold. One's own is anybody's to set; others' a lead's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, StringConstraints

from services.routing.store import Store
from services.routing.store.availability import Status
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.contracts.base import Time
from shared.contracts.routing import AgentStatus
from shared.directory import Directory
from shared.errors import NotFound
from shared.http import Body
from shared.ids import derived, random_id
from shared.log import Cause

AWAY_REASONS = ("Break/Lunch", "Coaching", "In a meeting", "Other")
"""What is offered; any short text is taken."""

IdempotencyKey = Annotated[str | None, Header(max_length=200)]


class AvailabilityBody(Body):
    status: AgentStatus
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""


class AgentAvailability(BaseModel):
    """`load` of `capacity` open conversations. `since` is None for one who never said."""

    agent_id: str
    status: AgentStatus
    reason: str
    since: Time | None
    load: int
    capacity: int


class AvailabilityList(BaseModel):
    items: list[AgentAvailability]
    away_reasons: tuple[str, ...] = AWAY_REASONS


def routes(store: Store, directory: Directory, clock: Clock, nudge: Callable[[], None]) -> APIRouter:
    router = APIRouter(prefix="/availability", tags=["availability"])

    def view(status: Status, loads: dict[str, int]) -> AgentAvailability:
        agent = directory.agents.get(status.agent_id)
        return AgentAvailability(
            agent_id=status.agent_id,
            status=status.status,
            reason=status.reason,
            since=status.since,
            load=loads.get(status.agent_id, 0),
            capacity=agent.capacity if agent else 0,
        )

    async def change(agent_id: str, body: AvailabilityBody, viewer: Viewer, key: str | None) -> AgentAvailability:
        id_ = derived("command", viewer.agent_id, key or random_id())
        # A reason belongs to being away; "online, at lunch" would only mislead.
        reason = body.reason if body.status == "away" else ""
        status = await store.availability.set(agent_id, body.status, reason, cause=Cause(id_, id_), now=clock())
        nudge()
        return view(status, await store.conversations.loads())

    @router.get("")
    async def list_availability(viewer: CurrentViewer) -> AvailabilityList:
        """Every active agent, by id."""
        viewer.need("conversations.read")
        statuses, loads = await store.availability.all(), await store.conversations.loads()
        active = sorted(agent.agent_id for agent in directory.agents.values() if agent.active)
        return AvailabilityList(items=[view(statuses.get(one, Status(one)), loads) for one in active])

    @router.get("/me")
    async def my_availability(viewer: CurrentViewer) -> AgentAvailability:
        return view(await store.availability.get(viewer.agent_id), await store.conversations.loads())

    @router.put("/me")
    async def set_my_availability(
        body: AvailabilityBody, viewer: CurrentViewer, idempotency_key: IdempotencyKey = None
    ) -> AgentAvailability:
        return await change(viewer.agent_id, body, viewer, idempotency_key)

    @router.put("/{agent_id}")
    async def set_availability(
        agent_id: str, body: AvailabilityBody, viewer: CurrentViewer, idempotency_key: IdempotencyKey = None
    ) -> AgentAvailability:
        if agent_id != viewer.agent_id:
            viewer.need("conversations.assign_others")
        agent = directory.agents.get(agent_id)
        if agent is None or not agent.active:
            raise NotFound("agent", "There is no such agent.")
        return await change(agent_id, body, viewer, idempotency_key)

    return router
