"""Webhook endpoints over HTTP: register, change, rotate, test, look at what was sent, and send again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import Field

from services.notifications.cursor import cursor_of, read_cursor
from services.notifications.webhooks.commands import Webhooks
from services.notifications.webhooks.events import EVENT_TYPES
from services.notifications.webhooks.model import State
from services.notifications.webhooks.shapes import (
    CallDetail,
    CallPage,
    CallRow,
    ChangeEndpoint,
    EndpointDetail,
    EndpointRow,
    EndpointSecret,
    EventTypes,
    NewEndpoint,
    Replay,
    Replayed,
)
from shared.access import CurrentViewer
from shared.http import Body

Key = Annotated[str | None, Header(max_length=200)]


class Rotate(Body):
    """For how long the old secret signs too."""

    overlap_hours: Annotated[float, Field(ge=0, le=24 * 30)] = 24.0


def routes(webhooks: Webhooks) -> APIRouter:
    """All need `operations.manage`. Who is limited to some brands sees and makes endpoints of those brands only."""
    router = APIRouter(prefix="/webhooks", tags=["webhooks"])

    @router.get("/event-types")
    async def list_event_types(viewer: CurrentViewer) -> EventTypes:
        """What an endpoint may subscribe to; docs/asyncapi.json describes each."""
        viewer.need("operations.manage")
        return EventTypes(items=EVENT_TYPES)

    @router.get("")
    async def list_endpoints(viewer: CurrentViewer) -> list[EndpointRow]:
        """All endpoints, the oldest first."""
        return [EndpointRow.of(one) for one in await webhooks.all(viewer)]

    @router.post("", status_code=201)
    async def create_endpoint(viewer: CurrentViewer, body: NewEndpoint, idempotency_key: Key = None) -> EndpointSecret:
        """Register a receiver. The secret is in this answer and in no other."""
        endpoint = await webhooks.create(viewer, body, idempotency_key)
        return EndpointSecret(**EndpointRow.of(endpoint).model_dump(), secret=webhooks.secret(endpoint))

    @router.get("/{endpoint_id}")
    async def read_endpoint(viewer: CurrentViewer, endpoint_id: str) -> EndpointDetail:
        """One endpoint, with what waits for it."""
        endpoint = await webhooks.get(viewer, endpoint_id)
        waiting, dead, since = await webhooks.history.counts(endpoint.id)
        row = EndpointRow.of(endpoint).model_dump()
        return EndpointDetail(**row, waiting=waiting, dead=dead, waiting_since=since)

    @router.patch("/{endpoint_id}")
    async def change_endpoint(viewer: CurrentViewer, endpoint_id: str, body: ChangeEndpoint) -> EndpointRow:
        """Change the given fields; the next call goes by them."""
        return EndpointRow.of(await webhooks.change(viewer, endpoint_id, body))

    @router.delete("/{endpoint_id}", status_code=204)
    async def delete_endpoint(viewer: CurrentViewer, endpoint_id: str) -> None:
        """Send nothing more and forget what was sent. Answers still on their way are shown as failed."""
        await webhooks.delete(viewer, endpoint_id)

    @router.post("/{endpoint_id}/disable")
    async def disable_endpoint(viewer: CurrentViewer, endpoint_id: str) -> EndpointRow:
        """Send nothing more. What waits goes to the dead list."""
        return EndpointRow.of(await webhooks.disable(viewer, endpoint_id))

    @router.post("/{endpoint_id}/enable")
    async def enable_endpoint(viewer: CurrentViewer, endpoint_id: str) -> EndpointRow:
        """Send again, from now on. What is on the dead list is replayed when you say so."""
        return EndpointRow.of(await webhooks.enable(viewer, endpoint_id))

    @router.post("/{endpoint_id}/rotate")
    async def rotate_secret(viewer: CurrentViewer, endpoint_id: str, body: Rotate) -> EndpointSecret:
        """A new secret, in this answer only. Both sign until the overlap ends."""
        endpoint = await webhooks.rotate(viewer, endpoint_id, timedelta(hours=body.overlap_hours))
        return EndpointSecret(**EndpointRow.of(endpoint).model_dump(), secret=webhooks.secret(endpoint))

    @router.post("/{endpoint_id}/ping", status_code=202)
    async def ping_endpoint(viewer: CurrentViewer, endpoint_id: str) -> CallRow:
        """Send a test event; its result is among the deliveries."""
        return CallRow.of(await webhooks.ping(viewer, endpoint_id))

    @router.get("/{endpoint_id}/deliveries")
    async def list_calls(
        viewer: CurrentViewer,
        endpoint_id: str,
        state: Annotated[State | None, Query(description="`dead` is the dead list.")] = None,
        cursor: Annotated[str | None, Query(max_length=300)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> CallPage:
        """What was sent or waits, newest first, with the last answer's status and beginning."""
        endpoint = await webhooks.get(viewer, endpoint_id)
        before = read_cursor(cursor) if cursor else None
        found = await webhooks.history.page(endpoint.id, state=state, before=before, limit=limit + 1)
        shown = found[:limit]
        last = shown[-1] if len(found) > limit else None
        return CallPage(
            items=[CallRow.of(one) for one in shown],
            next_cursor=cursor_of(last.created_at, last.id) if last else None,
        )

    @router.get("/{endpoint_id}/deliveries/{call_id}")
    async def read_call(viewer: CurrentViewer, endpoint_id: str, call_id: str) -> CallDetail:
        """One delivery, with the body that was signed."""
        call, body = await webhooks.call(viewer, endpoint_id, call_id)
        return CallDetail(**CallRow.of(call).model_dump(), body=body)

    @router.post("/{endpoint_id}/deliveries/{call_id}/replay")
    async def replay_call(viewer: CurrentViewer, endpoint_id: str, call_id: str) -> Replayed:
        """Send it again, with the same id."""
        return Replayed(replayed=await webhooks.replay_one(viewer, endpoint_id, call_id))

    @router.post("/{endpoint_id}/replay")
    async def replay_calls(viewer: CurrentViewer, endpoint_id: str, body: Replay) -> Replayed:
        """Send the dead list again, the oldest first: all of it, or what began at `since` or later."""
        replayed, more = await webhooks.replay(viewer, endpoint_id, body.since, sent_too=body.sent_too)
        return Replayed(replayed=replayed, more=more)

    return router
