"""Apps of integrators beside conversations: registered by admins, told by a signed context whom they are about."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets, visible
from services.tickets.api.directory import Name, Seen, Slug, put_entity
from services.tickets.cards import Card, CardTrouble
from services.tickets.model.app_context import HOLDS, claims, shown_for
from shared.access import CurrentViewer, Viewer
from shared.contracts.directory import AppChanged
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Body
from shared.ids import random_id

router = APIRouter(prefix="/apps", tags=["apps"])

APPS_MAX = 100


class AppBody(Body):
    """The address is kept as it is written; https, unless it is of a network that the desk's settings allow."""

    name: Name
    kind: Literal["frame", "card"]
    url: Annotated[str, Field(max_length=2000)]
    brand_ids: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    height: Annotated[int, Field(ge=80, le=2000)] = 240
    active: bool = True
    seen_seq: Seen | None = None


class AppAnswer(BaseModel):
    """`secret`: what contexts are signed with, told this once; null when it stays what it was."""

    app: AppChanged
    secret: str | None


class AboutBody(Body):
    conversation_id: Annotated[str, Field(min_length=1, max_length=100)]


class AppContext(BaseModel):
    """`token` is for the frame alone: it is posted to `origin` and to no other."""

    url: str
    origin: str
    token: str
    holds_s: int


class CardAnswer(BaseModel):
    """One of the two; `trouble` is a sentence: why there is no card."""

    card: Card | None
    trouble: str | None


@router.put("/{app_id}")
async def put_app(app_id: Slug, body: AppBody, viewer: CurrentViewer, tickets: CurrentTickets) -> AppAnswer:
    """Make an app what the body says. A new one gets its secret. What kind it is stays."""
    viewer.need_everywhere("directory.manage")
    known = tickets.directory.apps.get(app_id)
    if wrong := _wrong(body, known, tickets):
        raise Invalid("bad_app", f"{wrong[0].path.removeprefix('body.')} {wrong[0].message}.", tuple(wrong))
    tickets.cards.check(body.url)
    fields = {name: value for name, value in body if name != "seen_seq"}
    wanted = AppChanged(app_id=app_id, seq=1, **fields)
    if known is not None:
        return AppAnswer(app=await put_entity(tickets, wanted, seen_seq=body.seen_seq), secret=None)
    return await _with_secret(tickets, wanted, body.seen_seq)


@router.post("/{app_id}/secret")
async def new_secret(app_id: Slug, viewer: CurrentViewer, tickets: CurrentTickets) -> AppAnswer:
    """Another one, from now on: what is signed next is signed with it."""
    viewer.need_everywhere("directory.manage")
    known = tickets.directory.apps.get(app_id)
    if known is None:
        raise _unknown()
    return await _with_secret(tickets, known, None)


@router.post("/{app_id}/context")
async def context(app_id: Slug, body: AboutBody, viewer: CurrentViewer, tickets: CurrentTickets) -> AppContext:
    """For the frame of an app beside a conversation."""
    viewer.need("conversations.read")
    app = _app(app_id, "frame", tickets)
    token = await _token(app, body.conversation_id, viewer, tickets)
    parts = urlsplit(app.url)
    return AppContext(
        url=app.url, origin=f"{parts.scheme}://{parts.netloc}", token=token, holds_s=int(HOLDS.total_seconds())
    )


@router.post("/{app_id}/card")
async def card(app_id: Slug, body: AboutBody, viewer: CurrentViewer, tickets: CurrentTickets) -> CardAnswer:
    """What an app's server says about the customer of a conversation."""
    viewer.need("conversations.read")
    app = _app(app_id, "card", tickets)
    try:
        token = await _token(app, body.conversation_id, viewer, tickets)
        return CardAnswer(card=await tickets.cards.ask(app, token), trouble=None)
    except CardTrouble as trouble:
        return CardAnswer(card=None, trouble=str(trouble))


async def _with_secret(tickets: Tickets, app: AppChanged, seen_seq: int | None) -> AppAnswer:
    secret, sealed = tickets.cards.new_secret()
    changed = await put_entity(tickets, app, {"app_secret": sealed}, seen_seq=seen_seq)
    return AppAnswer(app=changed, secret=secret)


async def _token(app: AppChanged, conversation_id: str, viewer: Viewer, tickets: Tickets) -> str:
    head = visible(await tickets.store.conversation(conversation_id), viewer).head
    if not shown_for(app, head):
        raise NotFound("unknown_app", "This app isn't shown for this brand.")
    contact = await tickets.store.contact(head.contact_id) if viewer.may("contacts.read") else None
    agent = {"id": viewer.agent_id, "name": viewer.name, "email": viewer.email}
    told: dict[str, Any] = claims(app, head, contact, agent, tickets.store.clock(), random_id())
    sealed = await tickets.store.directory.app_secret(app.app_id)
    return tickets.cards.sign(told, sealed)


def _app(app_id: str, kind: str, tickets: Tickets) -> AppChanged:
    found = tickets.directory.apps.get(app_id)
    if found is None or not found.active or found.kind != kind:
        raise _unknown()
    return found


def _unknown() -> NotFound:
    return NotFound("unknown_app", "There is no such app, or it is switched off.")


def _wrong(body: AppBody, known: AppChanged | None, tickets: Tickets) -> list[FieldError]:
    brands = tickets.directory.brands
    found = [FieldError("body.brand_ids", f"{one} is not a brand") for one in body.brand_ids if one not in brands]
    if not body.name.strip():
        found.append(FieldError("body.name", "is what agents read, and needed"))
    if known is not None and known.kind != body.kind:
        found.append(FieldError("body.kind", "cannot change; switch this app off and add another one"))
    if known is None and len(tickets.directory.apps) >= APPS_MAX:
        found.append(FieldError("body.name", f"is one too many: there can be {APPS_MAX} apps"))
    return found
