"""Attributes that a desk gives its contacts and conversations: admins define them, agents fill them in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from services.tickets.api.contact_commands import Attributes
from services.tickets.api.context import CurrentTickets, IdempotencyKey, act
from services.tickets.api.directory import Name, Seen, Slug, put_entity
from services.tickets.api.entries import Answer
from services.tickets.model.attributes import decide_attributes
from shared.access import CurrentViewer
from shared.contracts.directory import AttributeChanged, FieldType
from shared.errors import FieldError, Invalid
from shared.http import Body

router = APIRouter(tags=["attributes"])

OPTIONS_MAX = 200


class AttributeBody(Body):
    applies_to: Literal["contact", "conversation"]
    label: Name
    type: FieldType = "text"
    options: Annotated[tuple[Name, ...], Field(max_length=OPTIONS_MAX)] = ()
    help: Annotated[str, Field(max_length=500)] = ""
    required: bool = False
    brand_ids: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    active: bool = True
    seen_seq: Seen | None = None


class AttributesBody(Body):
    """Those named become so; null empties one. `seen`: what they were when their writer saw them; 409 when one of them
    is something else by now."""

    attributes: Attributes
    seen: Attributes = Field(default_factory=dict)


@router.put("/attributes/{attribute_id}")
async def put_attribute(
    attribute_id: Slug, body: AttributeBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> AttributeChanged:
    """Make an attribute what the body says. What it is of and its type stay: values are there already."""
    viewer.need_everywhere("directory.manage")
    known = tickets.directory.attributes.get(attribute_id)
    wrong = _wrong(body, known, tickets.directory.brands.keys())
    if wrong:
        raise Invalid("bad_attribute", f"{wrong[0].path.removeprefix('body.')} {wrong[0].message}.", tuple(wrong))
    fields = {name: value for name, value in body if name != "seen_seq"}
    wanted = AttributeChanged(attribute_id=attribute_id, seq=1, **fields)
    return await put_entity(tickets, wanted, seen_seq=body.seen_seq)


def _wrong(body: AttributeBody, known: AttributeChanged | None, brands: Collection[str]) -> list[FieldError]:
    found = [FieldError("body.brand_ids", f"{one} is not a brand") for one in body.brand_ids if one not in brands]
    if not body.label.strip():
        found.append(FieldError("body.label", "is what people read, and needed"))
    if body.type == "choice" and not 1 <= len(set(body.options)) == len(body.options):
        found.append(FieldError("body.options", f"needs 1 to {OPTIONS_MAX} different options"))
    if known is not None and (known.applies_to, known.type) != (body.applies_to, body.type):
        found.append(FieldError("body.type", "cannot change; retire this attribute and define another one"))
    return found


@router.post("/conversations/{conversation_id}/attributes")
async def change_attributes(
    conversation_id: str,
    body: AttributesBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Fill in or empty attributes of a conversation."""
    viewer.need("conversations.edit")
    desk = tickets.desk()
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: decide_attributes(state, context, desk, body.attributes, body.seen),
    )
