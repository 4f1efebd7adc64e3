"""Two conversations into one, and back (CV7)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.tickets.api.context import (
    CurrentTickets,
    IdempotencyKey,
    actor,
    answer,
    command_id,
    visible,
)
from services.tickets.api.entries import Answer
from services.tickets.model.conversation_merge import decide_merge, decide_unmerge, taken_links
from services.tickets.model.state import Context
from services.tickets.store import merges
from services.tickets.store.work import Work
from shared.access import CurrentViewer
from shared.contracts.beside import MergeReceived
from shared.contracts.conversations import Head
from shared.errors import Conflict
from shared.http import Body
from shared.log import Cause

router = APIRouter(prefix="/conversations/{conversation_id}", tags=["conversations"])


class MergeBody(Body):
    """`into_id` is kept. `subject` is its subject from then on; left out, it stays."""

    into_id: Annotated[str, Field(min_length=1, max_length=200)]
    subject: Annotated[str, Field(max_length=500)] | None = None


@router.post("/merge")
async def merge(
    conversation_id: str,
    body: MergeBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Make this conversation part of another one of the same brand. Its id goes on working: what comes for it goes
    there. The answer tells of the kept one."""
    viewer.need("conversations.merge")
    input_id = command_id(viewer, idempotency_key)

    async def work_on(work: Work) -> tuple[str, Head | None]:
        await work.load([conversation_id, body.into_id])
        merged = visible(work.itself(conversation_id), viewer)
        kept = visible(work.conversation(body.into_id), viewer)
        if await work.already_applied([input_id]):
            return kept.head.id, None
        later = await merges.merged_is_later(tickets.store.log.rows, merged.head, kept.head, work.session)
        context = Context(work.now, actor(viewer))
        gone, stays = decide_merge(merged, kept, context, subject=body.subject, merged_is_later=later)
        cause = Cause(input_id, input_id)
        work.record(cause, gone)
        work.record(cause, stays)
        for event in stays:
            if isinstance(event, MergeReceived):
                for ticket_id in taken_links(event.before, event.after):
                    work.tickets.link(ticket_id, kept.head.id, work.now)
        await tickets.store.drafts.move("conversation", conversation_id, kept.head.id, work.session)
        await work.save([input_id])
        return kept.head.id, stays[-1].head

    kept_id, head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, kept_id, input_id, head)


@router.post("/unmerge")
async def unmerge(
    conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> Answer:
    """Take it out again, by its own id. 409 `touched_since` when something was done in the kept one meanwhile. The
    answer tells of the one that was taken out."""
    viewer.need("conversations.merge")
    input_id = command_id(viewer, idempotency_key)

    async def work_on(work: Work) -> Head | None:
        await work.load([conversation_id])
        merged = visible(work.itself(conversation_id), viewer)
        if await work.already_applied([input_id]):
            return None
        into = merged.head.merged_into
        kept = work.itself(into) if into is not None else None
        how = await merges.how_merged(tickets.store.log.rows, conversation_id, work.session)
        if kept is None or how is None:
            raise Conflict("not_merged", "This conversation stands by itself already.")
        visible(work.conversation(conversation_id), viewer)
        rows = tickets.store.log.rows
        brought = await merges.what_it_brought(rows, conversation_id, kept.head.id, work.session)
        gone, stays = decide_unmerge(merged, kept, Context(work.now, actor(viewer)), how, brought)
        cause = Cause(input_id, input_id)
        work.record(cause, stays)
        work.record(cause, gone)
        if brought is not None:
            for ticket_id in taken_links(brought.before, brought.after):
                work.tickets.unlink(ticket_id, kept.head.id)
        await work.save([input_id])
        return gone[-1].head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, conversation_id, input_id, head)
