"""Brands: everybody reads theirs in the directory, admins change them. A PUT names the whole brand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from services.tickets.api.context import CurrentTickets
from services.tickets.api.directory import Name, Seen, Slug, put_entity
from services.tickets.api.letters import AddressBody
from services.tickets.model.brand import wrong_with
from shared.access import CurrentViewer
from shared.contracts.directory import BrandChanged, MessengerLook, SpamSettings
from shared.errors import Invalid
from shared.http import Body

router = APIRouter(tags=["directory"])

LINES_MAX = 50
TOPICS_MAX = 200
SENDERS_MAX = 1000


Entry = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=320)]
Senders = Annotated[tuple[Entry, ...], Field(max_length=SENDERS_MAX)]


class LookBody(Body):
    """What the messenger says to who opens it."""

    greeting: Annotated[str, Field(max_length=500)] = MessengerLook().greeting
    answers_in: Annotated[str, Field(max_length=200)] = MessengerLook().answers_in


class SpamBody(Body):
    """What becomes of spam. A sender is an address, or a domain with all below it."""

    enabled: bool = True
    threshold: Annotated[float, Field(ge=0.5, le=1)] = SpamSettings().threshold
    allowed: Senders = ()
    blocked: Senders = ()


class BrandBody(Body):
    name: Name
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    time_zone: Annotated[str, Field(max_length=100)] = "UTC"
    addresses: Annotated[tuple[AddressBody, ...], Field(max_length=50)] = ()
    lines: Annotated[tuple[Annotated[str, Field(pattern=r"^\+[0-9]{5,15}$")], ...], Field(max_length=LINES_MAX)] = ()
    topics: Annotated[tuple[Name, ...], Field(max_length=TOPICS_MAX)] = ()
    site: Annotated[str, Field(max_length=500)] = ""
    messenger: LookBody = Field(default_factory=LookBody)
    spam: SpamBody = Field(default_factory=SpamBody)
    active: bool = True
    seen_seq: Seen | None = None


@router.put("/brands/{brand_id}")
async def put_brand(brand_id: Slug, body: BrandBody, viewer: CurrentViewer, tickets: CurrentTickets) -> BrandChanged:
    """Make a brand what the body says. One that is not `active` any more keeps its conversations, which are still
    answered; nothing new comes in for it."""
    viewer.need_everywhere("directory.manage")
    addresses = tuple(one.value() for one in body.addresses)
    fields = body.model_dump(exclude={"seen_seq", "addresses"})
    wanted = BrandChanged.model_validate({**fields, "brand_id": brand_id, "seq": 1, "addresses": addresses})
    wrong = wrong_with(wanted, tickets.directory.brands)
    if wrong:
        raise Invalid("bad_brand", f"{wrong[0].path.removeprefix('body.')} {wrong[0].message}.", tuple(wrong))
    return await put_entity(tickets, wanted, seen_seq=body.seen_seq)
