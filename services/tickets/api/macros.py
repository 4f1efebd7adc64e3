"""Macros to write with: those in force that everybody has, and one's own; filled in for one conversation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets, visible
from services.tickets.api.directory import Seen, Slug
from services.tickets.api.html import clean
from services.tickets.api.letters import Actions, Html
from services.tickets.model.macro import VARIABLES, fill, for_conversation, may_use, values_for, wrong_with
from shared.access import CurrentViewer, Viewer
from shared.contracts.directory import MacroAction, MacroChanged
from shared.errors import Forbidden, Invalid, NotFound
from shared.http import Body

router = APIRouter(tags=["macros"])

Ids = Annotated[tuple[str, ...], Field(max_length=200)]


class MacroBody(Body):
    """`seen_seq`: the `seq` of the macro that its writer saw, 0 for a new one. 409 `changed_meanwhile` when that is not
    the one that is there."""

    seen_seq: Seen
    name: Annotated[str, Field(max_length=200)]
    html: Html = ""
    actions: Actions = ()
    brand_ids: Ids = ()
    team_ids: Ids = ()


class MacroItem(BaseModel):
    """`mine_to_change`: the viewer may change it."""

    macro: MacroChanged
    mine_to_change: bool


class Macros(BaseModel):
    """By name. `variables`: what can stand in a text, without the attributes (`contact.attributes.<id>`)."""

    items: list[MacroItem]
    variables: list[str]


class FilledMacro(BaseModel):
    """`missing` stand in `html` still."""

    html: str
    missing: list[str]
    actions: list[MacroAction]


@router.get("/macros")
async def macros(viewer: CurrentViewer, tickets: CurrentTickets) -> Macros:
    """Those in force that the viewer uses or may change, and their own."""
    viewer.need("conversations.reply")
    found = [
        MacroItem(macro=one, mine_to_change=_may_change(viewer, one))
        for one in tickets.directory.macros.values()
        if one.active and (_uses(viewer, one) or _may_change(viewer, one))
    ]
    found.sort(key=lambda one: (one.macro.name.casefold(), one.macro.macro_id))
    return Macros(items=found, variables=list(VARIABLES))


@router.put("/macros/{macro_id}")
async def put_macro(macro_id: Slug, body: MacroBody, viewer: CurrentViewer, tickets: CurrentTickets) -> MacroChanged:
    """Make a macro of one's own what the body says. Everybody's are written as `shared-macros`."""
    viewer.need("conversations.reply")
    _need_own(viewer, tickets.directory.macros.get(macro_id))
    fields = body.model_dump(exclude={"seen_seq", "html", "actions"})
    wanted = MacroChanged(
        macro_id=macro_id,
        seq=1,
        html=clean(body.html),
        actions=body.actions,
        personal=True,
        created_by=viewer.agent_id,
        **fields,
    )
    wrong = wrong_with(wanted, tickets.desk())
    if wrong:
        raise Invalid("bad_macro", f"{wrong[0].path.removeprefix('body.')} {wrong[0].message}.", tuple(wrong))
    return await _put(tickets, wanted, body.seen_seq)


@router.delete("/macros/{macro_id}")
async def delete_macro(
    macro_id: Slug,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    seen_seq: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
) -> MacroChanged:
    """One's own; putting it again brings it back. `seen_seq` as there; without it, whatever it is now."""
    viewer.need("conversations.reply")
    known = tickets.directory.macros.get(macro_id)
    if known is None or not (_uses(viewer, known) or _may_change(viewer, known)):
        raise NotFound("unknown_macro", "There is no such macro.")
    _need_own(viewer, known)
    return await _put(tickets, known.model_copy(update={"active": False}), seen_seq)


@router.post("/conversations/{conversation_id}/macros/{macro_id}")
async def fill_macro(
    conversation_id: str, macro_id: Slug, viewer: CurrentViewer, tickets: CurrentTickets
) -> FilledMacro:
    """The text as it reads in this conversation; nothing is sent or changed."""
    viewer.need("conversations.reply")
    head = visible(await tickets.store.conversation(conversation_id), viewer).head
    known = tickets.directory.macros.get(macro_id)
    macro = for_conversation(known, head) if known else None
    if macro is None or not _uses(viewer, macro) or (macro.brand_ids and head.brand_id not in macro.brand_ids):
        raise NotFound("unknown_macro", "There is no such macro for this conversation.")
    contact = await tickets.store.contact(head.contact_id)
    desk = tickets.desk()
    filled = fill(macro.html, values_for(head, contact, desk, desk.agents.get(viewer.agent_id)))
    return FilledMacro(html=filled.html, missing=list(filled.missing), actions=list(macro.actions))


async def _put(tickets: Tickets, wanted: MacroChanged, seen_seq: int | None) -> MacroChanged:
    changed = await tickets.store.directory.put(wanted, seen_seq=seen_seq)
    tickets.directory.learn(changed)
    return changed


def _uses(viewer: Viewer, macro: MacroChanged) -> bool:
    return may_use(macro, viewer.agent_id, viewer.brand_ids, viewer.team_ids)


def _may_change(viewer: Viewer, macro: MacroChanged) -> bool:
    """One's own; everybody's only within the brands that one works for."""
    if macro.personal:
        return macro.created_by == viewer.agent_id
    within = not viewer.brand_ids or (bool(macro.brand_ids) and set(macro.brand_ids) <= viewer.brand_ids)
    return viewer.may("macros.write") and within


def _need_own(viewer: Viewer, macro: MacroChanged | None) -> None:
    if macro is None or (macro.personal and macro.created_by == viewer.agent_id):
        return
    if macro.personal:
        raise Forbidden("not_yours", "This is somebody's own macro. Make one of your own under another name.")
    raise Forbidden("everybodys", "This is everybody's macro, which is changed by its drafts. Take another name.")
