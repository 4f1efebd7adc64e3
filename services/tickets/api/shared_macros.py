"""Macros that everybody uses, over HTTP: written here, used in `macros`; their reviews and versions are `governed`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.tickets.api.context import Tickets
from services.tickets.api.html import clean
from services.tickets.model.macro import wrong_with
from services.tickets.model.shared_macro import MacroDraft, SharedMacro
from shared.access import CurrentViewer
from shared.errors import FieldError, Invalid
from shared.governance import transfer
from shared.governance.desk import Kind
from shared.governance.documents import Shown
from shared.governance.requests import CurrentAsked, Publish, Rationale
from shared.governance.rights import Rights
from shared.governance.routes import governed
from shared.governance.transfer import Offered, Part
from shared.http import WHOLE

Sent = Annotated[MacroDraft, WHOLE]
RIGHTS = Rights("conversations.read", "macros.write", "macros.publish", "macro", everywhere=False)


class MacroView(SharedMacro, Shown):
    """A macro with its standing: which version is in force, for whom, and what is to be done before the latest is."""


class MacroList(BaseModel):
    items: list[MacroView]


def routes(tickets: Tickets) -> APIRouter:
    macros, clock = tickets.store.macros, tickets.store.clock

    async def learn(macro_id: str) -> None:
        """So that the caller reads what they wrote."""
        if in_force := await tickets.store.directory.macro(macro_id):
            tickets.directory.learn(in_force)

    async def checked(draft: MacroDraft) -> tuple[MacroDraft, dict[str, Any]]:
        return _checked(tickets, draft), {}

    kind = Kind(macros, RIGHTS, MacroView, MacroList, tickets.directory, clock, learn)
    router = APIRouter(prefix="/shared-macros", tags=["macros"])

    @router.get("")
    async def list_shared_macros(viewer: CurrentViewer, retired: bool = False) -> MacroList:
        return MacroList(items=await kind.list(viewer, retired=retired))

    @router.post("", status_code=201)
    async def create_shared_macro(
        draft: Sent, asked: CurrentAsked, publish: Publish = False, rationale: Rationale = ""
    ) -> MacroView:
        """A draft; in force at once with `publish`, where no approval is needed."""
        return await kind.create(asked, draft, checked, publish=publish, rationale=rationale)

    governed(router, kind, id_name="macro_id")

    @router.get("/{macro_id}")
    async def get_shared_macro(macro_id: str, viewer: CurrentViewer, response: Response) -> MacroView:
        """The latest version; `standing.published` says which one is in force."""
        return await kind.one(viewer, macro_id, response)

    @router.put("/{macro_id}")
    async def replace_shared_macro(
        macro_id: str, draft: Sent, asked: CurrentAsked, publish: Publish = False, rationale: Rationale = ""
    ) -> MacroView:
        """A draft of the next version; what is in force stays so until it is published."""
        return await kind.replace(asked, macro_id, draft, checked, publish=publish, rationale=rationale)

    return router


def configuration(tickets: Tickets) -> APIRouter:
    """Everybody's macros as one document (`shared.governance.transfer`)."""

    async def check(draft: Sent, _: Offered) -> dict[str, Any]:
        if _checked(tickets, draft) != draft:
            where = FieldError("html", "has more than a macro may have: write it at the desk, and export it again")
            raise Invalid("bad_macro", "This HTML is not kept as it is.", (where,))
        return {}

    return transfer.routes([Part(tickets.store.macros, RIGHTS, check)], tickets.store.clock)


def _checked(tickets: Tickets, draft: MacroDraft) -> MacroDraft:
    """As it is kept: its HTML cleaned. Raises Invalid("bad_macro")."""
    written = draft.model_copy(update={"html": clean(draft.html)})
    if wrong := wrong_with(written, tickets.desk()):
        raise Invalid("bad_macro", f"{wrong[0].path.removeprefix('body.')} {wrong[0].message}.", tuple(wrong))
    return written
