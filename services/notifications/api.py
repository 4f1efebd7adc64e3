"""Deliveries over HTTP: what is on its way, what failed and why, and sending it again."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel

from services.notifications.model import Delivery, State
from services.notifications.sender import Sender
from services.notifications.store import Store
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.contracts.common import Address, Channel
from shared.errors import FieldError, Invalid, NotFound
from shared.ids import derived


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


def routes(store: Store, sender: Sender | None, clock: Clock) -> APIRouter:
    """All need `operations.manage`, and show the viewer's brands only. `sender` is None where it runs elsewhere."""
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
            brand_ids=viewer.brand_ids,
            before=_read_cursor(cursor) if cursor else None,
            limit=limit + 1,
        )
        shown = rows[:limit]
        more = len(rows) > limit
        return DeliveryPage(
            items=[DeliveryRow(**_row(one)) for one in shown], next_cursor=_cursor(shown[-1]) if more else None
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
        await _allowed(viewer, delivery_id)
        command_id = derived("command", viewer.agent_id, idempotency_key) if idempotency_key else None
        queued = await store.retry(delivery_id, now=clock(), command_id=command_id)
        if sender is not None:
            sender.nudge()
        return _detail(queued)

    async def _allowed(viewer: Viewer, delivery_id: str) -> Delivery:
        viewer.need("operations.manage")
        found = await store.get(delivery_id)
        if not viewer.sees_brand(found.brand_id):
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


def _cursor(last: Delivery) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()} {last.id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, delivery_id = text.partition(" ")
        return datetime.fromisoformat(at), delivery_id
    except ValueError as error:
        hint = FieldError("query.cursor", "Use `next_cursor` of the page before, or leave it out.")
        raise Invalid("bad_cursor", "This cursor was not made by us.", (hint,)) from error
