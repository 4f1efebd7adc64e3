"""Roles: what their agents may do, and with which conversations (AG2). A PUT names the whole role."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from services.tickets.api.agents import check_somebody_manages
from services.tickets.api.context import CurrentTickets
from services.tickets.api.directory import Name, Seen, Slug, put_entity
from shared.access import CurrentViewer
from shared.contracts.common import Channel
from shared.contracts.directory import Permission, RoleChanged
from shared.errors import Conflict, NotFound
from shared.http import Body

router = APIRouter(tags=["directory"])


class RoleBody(Body):
    """`channels` empty: all of them. `own_teams_only`: conversations of the agent's own teams, and what they began or
    were given themselves. `second_factor`: they sign in with an authenticator app, or by the sign-in provider; sessions
    without one end within minutes."""

    name: Name
    permissions: Annotated[tuple[Permission, ...], Field(max_length=100)]
    channels: tuple[Channel, ...] = ()
    own_teams_only: bool = False
    second_factor: bool = False
    seen_seq: Seen | None = None


@router.put("/roles/{role_id}")
async def put_role(role_id: Slug, body: RoleBody, viewer: CurrentViewer, tickets: CurrentTickets) -> RoleChanged:
    """What agents of this role may do, on which channels and teams. Somebody must stay who can change it again."""
    viewer.need_everywhere("directory.manage")
    wanted = RoleChanged(role_id=role_id, seq=1, **body.model_dump(exclude={"seen_seq"}))
    check_somebody_manages(tickets.directory.agents, {**tickets.directory.roles, role_id: wanted})
    gone = tickets.directory.roles.get(role_id)
    # Who makes a new one has not seen that there was one of this name, and need not.
    again = body.seen_seq == 0 and gone is not None and not gone.active
    return await put_entity(tickets, wanted, seen_seq=gone.seq if gone and again else body.seen_seq)


@router.delete("/roles/{role_id}")
async def delete_role(
    role_id: Slug,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    seen_seq: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
) -> RoleChanged:
    """Nobody can be given it any more; putting it again brings it back. Refused while somebody has it, or is invited
    into it."""
    viewer.need_everywhere("directory.manage")
    known = tickets.directory.roles.get(role_id)
    if known is None or not known.active:
        raise NotFound("unknown_role", "There is no such role.")
    invited = await tickets.store.sign_in.invited()
    with_it = [one for one in tickets.directory.agents.values() if one.role_id == role_id]
    having = sorted(one.name for one in with_it if one.active or one.agent_id in invited)
    if having:
        names = ", ".join(having[:3]) + (f" and {len(having) - 3} more" if len(having) > 3 else "")
        raise Conflict("role_in_use", f"{names} still work in this role. Give them another first.")
    return await put_entity(tickets, known.model_copy(update={"active": False}), seen_seq=seen_seq)
