"""Who is online, away or offline, with how much they hold. One's own is anybody's to set; others' a lead's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, StringConstraints

from services.routing.store import Store
from services.routing.store.availability import Status
from services.routing.store.presence import Place
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.contracts.base import Time
from shared.contracts.routing import AgentStatus, NewReplies
from shared.directory import Directory
from shared.errors import NotFound
from shared.http import Body
from shared.ids import derived, random_id
from shared.log import Cause

IdempotencyKey = Annotated[str | None, Header(max_length=200)]


class AvailabilityBody(Body):
    """`reason`: one of those that are offered, or any short text. `replies`: what happens to new ones while away; left
    out, it stays as it is."""

    status: AgentStatus
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    replies: NewReplies | None = None


class AgentAvailability(BaseModel):
    """`load` of `capacity` open conversations. `since` is None for one who never said. `time_zone` is "" for one who
    hides where they are, or never said; `hides_location` is told to oneself alone."""

    agent_id: str
    status: AgentStatus
    reason: str
    since: Time | None
    load: int
    capacity: int
    replies: NewReplies = "hold"
    time_zone: str = ""
    hides_location: bool = False


class AvailabilityList(BaseModel):
    """`away_reasons`: what is offered, as admins have it; any short text is taken."""

    items: list[AgentAvailability]
    away_reasons: tuple[str, ...]


def routes(store: Store, directory: Directory, clock: Clock, nudge: Callable[[], None]) -> APIRouter:
    router = APIRouter(prefix="/availability", tags=["availability"])

    def view(status: Status, loads: dict[str, int], place: Place, viewer: Viewer) -> AgentAvailability:
        agent = directory.agents.get(status.agent_id)
        mine = viewer.agent_id == status.agent_id
        return AgentAvailability(
            agent_id=status.agent_id,
            status=status.status,
            reason=status.reason,
            since=status.since,
            load=loads.get(status.agent_id, 0),
            capacity=agent.capacity if agent else 0,
            replies=status.replies,
            time_zone=place.time_zone if mine or not place.hidden else "",
            hides_location=mine and place.hidden,
        )

    async def view_of(status: Status, viewer: Viewer) -> AgentAvailability:
        loads, place = await store.conversations.loads(), await store.presence.place(status.agent_id)
        return view(status, loads, place, viewer)

    async def change(agent_id: str, body: AvailabilityBody, viewer: Viewer, key: str | None) -> AgentAvailability:
        id_ = derived("command", viewer.agent_id, key or random_id())
        # A reason belongs to being away; "online, at lunch" would only mislead.
        reason = body.reason if body.status == "away" else ""
        status = await store.availability.set(
            agent_id, body.status, reason, body.replies, cause=Cause(id_, id_), now=clock()
        )
        nudge()
        return await view_of(status, viewer)

    @router.get("")
    async def list_availability(viewer: CurrentViewer) -> AvailabilityList:
        """Every active agent, by id."""
        viewer.need("conversations.read")
        statuses, loads = await store.availability.all(), await store.conversations.loads()
        active = sorted(agent.agent_id for agent in directory.agents.values() if agent.active)
        places = await store.presence.places()
        items = [view(statuses.get(one, Status(one)), loads, places.get(one, Place()), viewer) for one in active]
        return AvailabilityList(items=items, away_reasons=directory.away_reasons)

    @router.get("/me")
    async def my_availability(viewer: CurrentViewer) -> AgentAvailability:
        return await view_of(await store.availability.get(viewer.agent_id), viewer)

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
