"""An agent's own sidebar: which inboxes are pinned in which order, and saved views."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.tickets.api.context import CurrentTickets, IdempotencyKey, Tickets, command_id
from services.tickets.api.narrowing import Narrowed, box_of
from services.tickets.store.inboxes import Sort
from shared import ids
from shared.access import CurrentViewer, Viewer
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Body
from shared.mongo import Document

router = APIRouter(tags=["inboxes"])

Inbox = Annotated[str, Field(min_length=1, max_length=250)]
Inboxes = Annotated[tuple[Inbox, ...], Field(max_length=500)]
ViewName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
ViewId = Annotated[str, Path(max_length=100)]


class Sidebar(BaseModel):
    """What stands in neither is where it is by itself: pinned, unless it is All or Unassigned. `changed`: the agent
    has a sidebar of their own."""

    pinned: tuple[str, ...]
    unpinned: tuple[str, ...]
    changed: bool


class SidebarBody(Body):
    """Names of inboxes as GET /inboxes has them, and `view:<id>`; `pinned` in their order."""

    pinned: Inboxes = ()
    unpinned: Inboxes = ()


class View(BaseModel):
    """A saved list. `team_id`: every member of the team has it too. `mine`: the viewer may change it."""

    id: str
    name: str
    filter: Narrowed
    sort: Sort
    team_id: str | None
    mine: bool


class Views(BaseModel):
    """By name."""

    items: list[View]


class ViewBody(Body):
    name: ViewName
    filter: Narrowed
    sort: Sort = "newest"
    team_id: str | None = None


class ViewChange(Body):
    """What is named changes; `team_id` null: nobody else's any more."""

    name: ViewName | None = None
    filter: Narrowed | None = None
    sort: Sort | None = None
    team_id: str | None = None

    @model_validator(mode="after")
    def _no_nulls(self) -> ViewChange:
        for field in self.model_fields_set - {"team_id"}:
            if getattr(self, field) is None:
                raise ValueError(f"{field} cannot be null")
        return self


@router.get("/sidebar")
async def sidebar(viewer: CurrentViewer, tickets: CurrentTickets) -> Sidebar:
    viewer.need("conversations.read")
    row = await tickets.store.sidebar.sidebar(viewer.agent_id)
    if row is None:
        return Sidebar(pinned=(), unpinned=("all", "unassigned"), changed=False)
    return Sidebar(pinned=tuple(row["pinned"]), unpinned=tuple(row["unpinned"]), changed=True)


@router.put("/sidebar", status_code=204)
async def put_sidebar(body: SidebarBody, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """The whole of it. It is the agent's own, in every browser they use."""
    viewer.need("conversations.read")
    for name in ("pinned", "unpinned"):
        for index, inbox in enumerate(getattr(body, name)):
            if not inbox.startswith("view:"):
                _check_inbox(inbox, viewer, f"body.{name}.{index}")
    if twice := set(body.pinned) & set(body.unpinned):
        field = FieldError("body.unpinned", f"{min(twice)} is pinned as well")
        raise Invalid("pinned_twice", "An inbox is either pinned or not.", (field,))
    pinned, unpinned = dict.fromkeys(body.pinned), dict.fromkeys(body.unpinned)
    await tickets.store.sidebar.put_sidebar(viewer.agent_id, list(pinned), list(unpinned))


@router.get("/views")
async def views(viewer: CurrentViewer, tickets: CurrentTickets) -> Views:
    """The viewer's own and those shared with their teams."""
    viewer.need("conversations.read")
    found = await tickets.store.sidebar.views(viewer.agent_id, viewer.team_ids)
    return Views(items=[view_of(row, viewer) for row in found])


@router.post("/views", status_code=201)
async def add_view(
    body: ViewBody, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> View:
    """Save a list under a name. It shows nothing that its reader would not see anyway."""
    viewer.need("conversations.read")
    _check(body.filter, body.team_id, viewer, tickets)
    row = {
        "_id": ids.derived("view", command_id(viewer, idempotency_key)),
        "agent_id": viewer.agent_id,
        **body.model_dump(mode="json"),
    }
    return view_of(await tickets.store.sidebar.add(row), viewer)


@router.patch("/views/{view_id}")
async def change_view(view_id: ViewId, body: ViewChange, viewer: CurrentViewer, tickets: CurrentTickets) -> View:
    """Only who made it."""
    viewer.need("conversations.read")
    _check(body.filter, body.team_id, viewer, tickets)
    changes: dict[str, Any] = body.model_dump(mode="json", include=body.model_fields_set)
    row = await tickets.store.sidebar.change(view_id, viewer.agent_id, changes) if changes else None
    if row is None:
        raise NotFound("unknown_view", "There is no such view, or it is not yours to change.")
    return view_of(row, viewer)


@router.delete("/views/{view_id}", status_code=204)
async def delete_view(view_id: ViewId, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """Only who made it."""
    viewer.need("conversations.read")
    if not await tickets.store.sidebar.delete(view_id, viewer.agent_id):
        raise NotFound("unknown_view", "There is no such view, or it is not yours to delete.")


def view_of(row: Document, viewer: Viewer) -> View:
    fields = {name: row[name] for name in ("name", "filter", "sort", "team_id")}
    return View(id=row["_id"], mine=row["agent_id"] == viewer.agent_id, **fields)


def _check_inbox(inbox: str, viewer: Viewer, path: str) -> None:
    try:
        box_of(inbox, viewer)
    except Invalid as error:
        raise Invalid(error.code, error.message, (FieldError(path, "is not an inbox"),)) from None


def _check(narrowed: Narrowed | None, team_id: str | None, viewer: Viewer, tickets: Tickets) -> None:
    if team_id is not None and team_id not in viewer.team_ids:
        field = FieldError("body.team_id", "is not one of your teams")
        raise Invalid("unknown_team", "Share a view with a team that you are in.", (field,))
    if narrowed is None:
        return
    _check_inbox(narrowed.inbox, viewer, "body.filter.inbox")
    brand = narrowed.inbox.removeprefix("brand:") if narrowed.inbox.startswith("brand:") else narrowed.brand
    if brand is not None and not (viewer.sees_brand(brand) and brand in tickets.directory.brands):
        field = FieldError("body.filter.brand", "is not yours")
        raise Invalid("unknown_brand", "Choose a brand that you work for.", (field,))
