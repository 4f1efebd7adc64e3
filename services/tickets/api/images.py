"""Links to the images of the web that stand in a message, for an agent who wants to see them.

ingest fetches what a link names, and these are made from the message as it is kept: nobody can have it fetch an address
of their choice, and nothing is fetched before an agent asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from pydantic_core import from_json

from services.tickets.api.context import CurrentTickets, readable
from services.tickets.model.images import remote_images
from shared.access import CurrentViewer
from shared.clock import now
from shared.http import Body

router = APIRouter(tags=["conversations"])


class ImagesBody(Body):
    """`seq`: the message's place on the timeline."""

    seq: Annotated[int, Field(ge=1, lt=2**53)]


class RemoteImage(BaseModel):
    """`src` as it stands in the message's HTML, `url` where it can be seen."""

    src: str
    url: str


class RemoteImages(BaseModel):
    items: list[RemoteImage]
    expires_at: datetime


@router.post("/conversations/{conversation_id}/images")
async def images(
    conversation_id: str, body: ImagesBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> RemoteImages:
    """Signed links to a message's remote images, its quoted text's too; none for what is no message."""
    viewer.need("conversations.read")
    await readable(tickets, viewer, conversation_id)
    rows = await tickets.store.log.read(conversation_id, after_seq=body.seq - 1, before_seq=body.seq + 1, limit=1)
    message: dict[str, Any] = (from_json(rows[0].value).get("message") or {}) if rows else {}
    found = remote_images(f"{message.get('html') or ''}{message.get('quoted_html') or ''}")
    until = now() + timedelta(seconds=tickets.settings.image_link_s)
    base = f"{tickets.settings.files_url.rstrip('/')}/images"
    links = [RemoteImage(src=one, url=f"{base}?{tickets.signer.image_query(one, until)}") for one in found]
    return RemoteImages(items=links, expires_at=until)
