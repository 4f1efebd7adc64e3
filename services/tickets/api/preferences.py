"""How the signed-in agent likes to work, the same in every browser."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.tickets.api.context import CurrentTickets
from services.tickets.model.outbox import HOLD_MAX_S, HOLD_MIN_S
from shared.access import CurrentViewer
from shared.errors import NotFound
from shared.http import Body

router = APIRouter(tags=["preferences"])

HoldSeconds = Literal[0] | Annotated[int, Field(ge=HOLD_MIN_S, le=HOLD_MAX_S)]
"""0: replies leave at once."""
Part = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9:_-]{0,59}$")]
Parts = Annotated[tuple[Part, ...], Field(max_length=100)]
PLACES = ("panel", "toolbar")
"""The apps beside a conversation; the tools under what is written."""


class Preferences(BaseModel):
    """`undo_send_s`: how long a reply can be taken back."""

    undo_send_s: HoldSeconds


class PreferencesBody(Body):
    undo_send_s: HoldSeconds


@router.get("/preferences")
async def preferences(viewer: CurrentViewer, tickets: CurrentTickets) -> Preferences:
    return Preferences.model_validate(await tickets.store.preferences.of(viewer.agent_id))


@router.put("/preferences")
async def put_preferences(body: PreferencesBody, viewer: CurrentViewer, tickets: CurrentTickets) -> Preferences:
    """The whole of them."""
    await tickets.store.preferences.change(viewer.agent_id, body.model_dump())
    return Preferences(**body.model_dump())


class Arrangement(BaseModel):
    """A part that is in neither is where it is by itself; `changed`: the agent has an order of their own."""

    pinned: tuple[str, ...]
    unpinned: tuple[str, ...]
    changed: bool


class ArrangementBody(Body):
    """Names of parts, as `attributes` or `bold`; `pinned` in their order."""

    pinned: Parts = ()
    unpinned: Parts = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        every = (*self.pinned, *self.unpinned)
        if len(set(every)) < len(every):
            raise ValueError("a part is named once, pinned or not")
        return self


@router.get("/preferences/{place}")
async def arrangement(place: str, viewer: CurrentViewer, tickets: CurrentTickets) -> Arrangement:
    _known(place)
    row = await tickets.store.preferences.arrangement(viewer.agent_id, place)
    if row is None:
        return Arrangement(pinned=(), unpinned=(), changed=False)
    return Arrangement(pinned=tuple(row["pinned"]), unpinned=tuple(row["unpinned"]), changed=True)


@router.put("/preferences/{place}", status_code=204)
async def put_arrangement(place: str, body: ArrangementBody, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """The whole of it; the agent's own, the same on every device."""
    _known(place)
    await tickets.store.preferences.change(viewer.agent_id, {place: body.model_dump(mode="json")})


def _known(place: str) -> None:
    if place not in PLACES:
        raise NotFound("unknown_place", f"There is nothing to arrange there. There is {' and '.join(PLACES)}.")
