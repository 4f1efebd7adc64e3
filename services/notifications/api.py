"""Deliveries over HTTP: what is on its way, what failed and why, and sending it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel

from services.notifications.cursor import cursor_of, read_cursor
from services.notifications.model import Delivery, State, retry
from services.notifications.sender import Sender
from services.notifications.store import Store
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.contracts.common import Address, Channel
from shared.errors import NotFound
from shared.ids import derived
from shared.scope import Standing


class RefusedRecipient(BaseModel):
    address: str
    reason: str
    final: bool


class DeliveryRow(BaseModel):
    """A delivery without what it says: messages are read on the conversation's timeline.

    `retry_at` is when the next attempt follows; None when none will.
    """

    id: str
    conversation_id: str
    entry_id: str
    brand_id: str
    channel: Channel
    state: State
    attempt: int
    retry_at: datetime | None
    pending: tuple[str, ...]
    accepted: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...]
    reason: str
    message_id: str | None
    created_at: datetime
    updated_at: datetime


class DeliveryPage(BaseModel):
    """Newest first; `next_cursor` None on the last page."""

    items: list[DeliveryRow]
    next_cursor: str | None


class DeliveryDetail(DeliveryRow):
    """With the envelope of what is not sent yet (it goes once everybody has the mail)."""

    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    attachments: tuple[str, ...] = ()


Resend = Callable[[str], Awaitable[None]]


def routes(store: Store, sender: Sender | None, clock: Clock, resend: Resend | None = None) -> APIRouter:
    """All need `operations.manage`, and show the viewer's brands and channels only; to whoever sees just their own
    teams' conversations, nothing. `sender` is None where it runs elsewhere.

    `resend` makes the webhook call again that carries an answer.
    """
    router = APIRouter(prefix="/deliveries", tags=["deliveries"])

    @router.get("")
    async def list_deliveries(
        viewer: CurrentViewer,
        state: Annotated[
            State | Literal["dead"] | None, Query(description="`dead` is another word for `failed`.")
        ] = None,
        conversation_id: Annotated[str | None, Query(max_length=200)] = None,
        cursor: Annotated[str | None, Query(max_length=300)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> DeliveryPage:
        """Deliveries, newest first, by state."""
        viewer.need("operations.manage")
        rows = await store.page(
            state="failed" if state == "dead" else state,
            conversation_id=conversation_id,
            scope=viewer.scope,
            before=read_cursor(cursor) if cursor else None,
            limit=limit + 1,
        )
        shown = rows[:limit]
        last = shown[-1] if len(rows) > limit else None
        return DeliveryPage(
            items=[DeliveryRow(**_row(one)) for one in shown],
            next_cursor=cursor_of(last.created_at, last.id) if last else None,
        )

    @router.get("/{delivery_id}")
    async def read_delivery(viewer: CurrentViewer, delivery_id: str) -> DeliveryDetail:
        """One delivery with its recipients and refusals."""
        return _detail(await _allowed(viewer, delivery_id))

    @router.post("/{delivery_id}/retry")
    async def retry_delivery(
        viewer: CurrentViewer,
        delivery_id: str,
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    ) -> DeliveryDetail:
        """Send again, now, to whoever has not got it. The same Idempotency-Key by the same agent does it once."""
        found = await _allowed(viewer, delivery_id)
        if found.webhook_id and resend is not None:
            retry(found, now=clock())  # refused when it was sent
            await resend(found.webhook_id)
            return _detail(await store.get(delivery_id))
        command_id = derived("command", viewer.agent_id, idempotency_key) if idempotency_key else None
        queued = await store.retry(delivery_id, now=clock(), command_id=command_id)
        if sender is not None:
            sender.nudge()
        return _detail(queued)

    async def _allowed(viewer: Viewer, delivery_id: str) -> Delivery:
        viewer.need("operations.manage")
        found = await store.get(delivery_id)
        if not viewer.sees(Standing(found.brand_id, found.channel)):
            raise NotFound("delivery_not_found", f"There is no delivery {delivery_id[:100]}.")
        return found

    return router


def _row(delivery: Delivery) -> dict[str, object]:
    fields = delivery.model_dump(include=set(DeliveryRow.model_fields))
    return {**fields, "retry_at": delivery.due_at}


def _detail(delivery: Delivery) -> DeliveryDetail:
    row, mail = DeliveryRow.model_validate(_row(delivery)).model_dump(), delivery.mail
    if mail is None:
        return DeliveryDetail.model_validate(row)
    return DeliveryDetail.model_validate(
        {
            **row,
            "sender": mail.sender,
            "to": mail.to,
            "cc": mail.cc,
            "subject": mail.subject,
            "attachments": tuple(one.name for one in mail.attachments),
        }
    )
