"""Replies that wait a moment before they leave, so that their author can take them back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets, Tickets, actor, visible
from services.tickets.api.context import answer as answer_from_log
from services.tickets.api.drafts import DraftAnswer, shown
from services.tickets.api.entries import Answer, HeldReply
from services.tickets.model.commands import Reply, decide_reply
from services.tickets.model.draft import Draft, Place
from services.tickets.model.outbox import Held, hold
from services.tickets.model.state import Context, Conversation
from services.tickets.store.work import Work
from shared import metrics
from shared.access import CurrentViewer, Viewer
from shared.contracts.conversations import Head
from shared.errors import Conflict, NotFound

router = APIRouter(prefix="/outbox", tags=["conversations"])

HeldId = Annotated[str, Path(max_length=100)]


class OutboxAnswer(BaseModel):
    """The oldest first."""

    items: list[HeldReply]


class TakenBack(BaseModel):
    """`draft`: the reply, where it was written."""

    conversation_id: str
    draft: DraftAnswer


@router.get("")
async def outbox(viewer: CurrentViewer, tickets: CurrentTickets) -> OutboxAnswer:
    """The viewer's replies that did not leave yet, and those that could not."""
    viewer.need("conversations.reply")
    held = await tickets.store.outbox.of_agent(viewer.agent_id)
    heads = await tickets.store.heads([one.conversation_id for one in held])
    return OutboxAnswer(items=[_shown(tickets, one, heads.get(one.conversation_id)) for one in held])


@router.post("/{held_id}/undo")
async def undo(held_id: HeldId, viewer: CurrentViewer, tickets: CurrentTickets) -> TakenBack:
    """Take it back: it becomes the draft again. 404 `not_held` once it has left; the customer saw nothing before."""
    viewer.need("conversations.reply")

    async def take(work: Work) -> tuple[str, Draft]:
        found = await tickets.store.outbox.find([held_id], work.session)
        if not found or found[0].agent_id != viewer.agent_id:
            raise NotFound("not_held", "It has been sent already.")
        held = found[0]
        await tickets.store.outbox.remove([held.id], work.session)
        home = await tickets.store.home(held.conversation_id)
        there = home.head.id if home else held.conversation_id
        draft = await tickets.store.drafts.put_back(viewer.agent_id, there, held.draft, work.session)
        return there, draft

    conversation_id, draft = await tickets.store.change(take)
    return TakenBack(conversation_id=conversation_id, draft=shown(tickets, draft))


def seen_there(state: Conversation, conversation_id: str, command: Reply) -> Conversation:
    """Raises Conflict when what its author had on the screen was merged into another conversation meanwhile."""
    if state.head.id != conversation_id and command.seen_seq is not None:
        raise Conflict("newer_message", "This was merged into another conversation. Read that, then send once more.")
    return state


async def hold_reply(
    tickets: Tickets, viewer: Viewer, conversation_id: str, input_id: str, command: Reply, seconds: int
) -> Answer:
    """Keep a reply for its seconds. Refused now is what would be refused then.

    The command counts as carried out from here on: repeated by a slow network, it neither holds the reply twice nor
    sends what was taken back.
    """
    desk = tickets.desk()

    async def work_on(work: Work) -> tuple[Head, Held] | None:
        await work.load([conversation_id])
        state = visible(work.conversation(conversation_id), viewer)
        if await work.already_applied([input_id]):
            there = await tickets.store.outbox.find([command.entry_id], work.session)
            return (state.head, there[0]) if there else None
        seen_there(state, conversation_id, command)
        decide_reply(state, command, Context(work.now, actor(viewer)), desk, tickets.message_ids)
        if command.seen_seq is not None:
            others = await tickets.store.outbox.of_others(conversation_id, viewer.agent_id, work.session)
            if others:
                words = f"{others[0].agent_name} is sending a reply at this moment. Read it, then send once more."
                raise Conflict("newer_message", words)
        held = hold(state, command, actor(viewer), input_id, work.now, seconds)
        await tickets.store.outbox.add(held, work.session)
        await tickets.store.drafts.empty(viewer.agent_id, Place("reply", "conversation", state.head.id), work.session)
        await work.save([input_id])
        metrics.tickets_commands.labels("held").inc()
        return state.head, held

    found = await tickets.store.change(work_on)
    if found is None:
        return await answer_from_log(tickets, viewer, conversation_id, input_id, None)
    head, held = found
    return Answer(head=head, events=[], held=_shown(tickets, held, head))


def _shown(tickets: Tickets, held: Held, head: Head | None) -> HeldReply:
    left_s = (held.due_at - tickets.store.clock()).total_seconds() if held.due_at else 0.0
    return HeldReply(
        id=held.id,
        conversation_id=held.conversation_id,
        contact_name=head.contact_name if head else "",
        then="close" if held.then_close else "snooze" if held.then_snooze_until else None,
        left_s=max(left_s, 0.0),
        problem=held.problem,
    )
