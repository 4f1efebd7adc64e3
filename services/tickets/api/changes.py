"""What agents do to a conversation without writing. Each answers with the head after it and what happened."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.tickets.api.context import CurrentTickets, IdempotencyKey, act, in_utc, visible
from services.tickets.api.entries import Answer
from services.tickets.model import changes
from services.tickets.model.follow import decide_follow
from shared.access import CurrentViewer
from shared.contracts.base import Time
from shared.http import Body

router = APIRouter(prefix="/conversations/{conversation_id}", tags=["conversations"])

Tags = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=50)]


class AssignBody(Body):
    """Both are named; null means nobody."""

    team_id: str | None
    assignee_id: str | None


class SnoozeBody(Body):
    until: Time


class TagsBody(Body):
    add: Tags = ()
    remove: Tags = ()


class TopicBody(Body):
    topic: str | None


class PriorityBody(Body):
    priority: bool


class SpamBody(Body):
    spam: bool


class FollowBody(Body):
    follow: bool


class ReadBody(Body):
    seq: Annotated[int, Field(ge=0, lt=2**53)]


@router.post("/assign")
async def assign(
    conversation_id: str,
    body: AssignBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Give it to a team, an agent, both or nobody. Agents may take what nobody has and hand over their own."""
    viewer.need("conversations.edit")
    desk = tickets.desk()
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: changes.decide_assign(
            state,
            context,
            desk,
            team_id=body.team_id,
            assignee_id=body.assignee_id,
            may_assign_others=viewer.may("conversations.assign_others"),
        ),
    )


@router.post("/snooze")
async def snooze(
    conversation_id: str,
    body: SnoozeBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Let it sleep until a time; a customer's message wakes it before."""
    viewer.need("conversations.edit")
    until = in_utc(body.until)
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: changes.decide_snooze(state, context, until=until),
    )


@router.post("/wake")
async def wake(
    conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> Answer:
    viewer.need("conversations.edit")
    return await act(tickets, viewer, conversation_id, idempotency_key, changes.decide_wake)


@router.post("/close")
async def close(
    conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> Answer:
    viewer.need("conversations.edit")
    return await act(tickets, viewer, conversation_id, idempotency_key, changes.decide_close)


@router.post("/reopen")
async def reopen(
    conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> Answer:
    viewer.need("conversations.edit")
    return await act(tickets, viewer, conversation_id, idempotency_key, changes.decide_reopen)


@router.post("/tags")
async def tags(
    conversation_id: str,
    body: TagsBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Add and remove tags; they are kept in lower case."""
    viewer.need("conversations.edit")
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: changes.decide_tags(state, context, add=body.add, remove=body.remove),
    )


@router.post("/topic")
async def topic(
    conversation_id: str,
    body: TopicBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Say what it is about: one of the brand's topics, or null."""
    viewer.need("conversations.edit")
    desk = tickets.desk()
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: changes.decide_topic(state, context, desk, topic=body.topic),
    )


@router.post("/priority")
async def priority(
    conversation_id: str,
    body: PriorityBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    viewer.need("conversations.edit")
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: changes.decide_priority(state, context, priority=body.priority),
    )


@router.post("/spam")
async def spam(
    conversation_id: str,
    body: SpamBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Put it into Spam, or take it out again: everything else stays as it was."""
    viewer.need("conversations.edit")
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: changes.decide_spam(state, context, spam=body.spam),
    )


@router.post("/follow")
async def follow(
    conversation_id: str,
    body: FollowBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Be told what happens in it, or not any more; each for themselves."""
    viewer.need("conversations.read")
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: decide_follow(state, context, follow=body.follow),
    )


@router.post("/read", status_code=204)
async def read(conversation_id: str, body: ReadBody, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """Remember how far the viewer has read; it is theirs alone and no event."""
    viewer.need("conversations.read")
    state = visible(await tickets.store.conversation(conversation_id), viewer)
    await tickets.store.mark_read(viewer.agent_id, conversation_id, min(body.seq, state.head.seq))
