"""What the routes work with, and how one command of an agent is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request

from services.tickets.api.entries import Answer, Entries
from services.tickets.api.factors import Factors
from services.tickets.api.tokens import Tokens
from services.tickets.cards import Cards
from services.tickets.model.commands import MessageIds
from services.tickets.model.draft import ConversationBox, Place
from services.tickets.model.state import Context, Conversation
from services.tickets.provider import Provider
from services.tickets.settings import TicketsSettings
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.search.index import SearchIndex
from services.tickets.store.work import Work
from shared import ids, metrics
from shared.access import Viewer
from shared.contracts.common import Actor
from shared.contracts.conversations import ConversationEvent, Head
from shared.directory import Directory
from shared.errors import Conflict, NotFound
from shared.log import Cause
from shared.signing import Signer
from shared.topics import CONVERSATIONS

KEY_CHARS = 200
_NAMES = frozenset(event.__name__ for event in CONVERSATIONS.events)
"""A command may change contacts and tickets with a conversation; its answer tells of the conversation."""


@dataclass(frozen=True)
class Tickets:
    """Put together in `app.py`."""

    settings: TicketsSettings
    store: Store
    directory: Directory
    desk: CurrentDesk
    signer: Signer
    tokens: Tokens
    entries: Entries
    factors: Factors
    cards: Cards
    provider: Provider | None = None
    """Who else tells us who somebody is, where one is named in the settings."""
    search: SearchIndex | None = None
    """None: other processes have the role."""

    @property
    def message_ids(self) -> MessageIds:
        """Our signed Message-IDs, as the model takes them."""
        return self.signer.message_id_of


async def current_tickets(request: Request) -> Tickets:
    return cast(Tickets, request.app.state.tickets)


CurrentTickets = Annotated[Tickets, Depends(current_tickets)]

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=KEY_CHARS,
        description="The same key by the same agent changes nothing more and gets the same answer.",
    ),
]


def actor(viewer: Viewer) -> Actor:
    return Actor(kind="agent", id=viewer.agent_id, name=viewer.name)


def in_utc(at: datetime) -> datetime:
    """A request's time as we keep it: UTC, whole milliseconds."""
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def visible(state: Conversation | None, viewer: Viewer) -> Conversation:
    """The conversation, when it is in the viewer's scope; else it is as if it were not there."""
    if state is None or not viewer.sees(state.head):
        raise NotFound("unknown_conversation", "There is no such conversation, or it is not one of those you work on.")
    return state


async def readable(tickets: Tickets, viewer: Viewer, conversation_id: str) -> Conversation:
    """The conversation, to be read: who sees the one that it was merged into may read it as well."""
    state = await tickets.store.conversation(conversation_id)
    if state is not None and not viewer.sees(state.head) and state.head.merged_into is not None:
        visible(await tickets.store.home(conversation_id), viewer)
        return state
    return visible(state, viewer)


Decide = Callable[[Conversation, Context], Sequence[ConversationEvent]]


async def act(
    tickets: Tickets,
    viewer: Viewer,
    conversation_id: str,
    key: str | None,
    decide: Decide,
    *,
    sends: ConversationBox | None = None,
) -> Answer:
    """Carry out a command on one conversation: load, decide, save in one transaction, answer.

    A repeated `key` answers as the first time, from the log. Raises DomainErrors of `decide`, and NotFound.
    """
    return await act_by_id(tickets, viewer, conversation_id, command_id(viewer, key), decide, sends=sends)


def command_id(viewer: Viewer, key: str | None) -> str:
    return ids.derived("command", viewer.agent_id, key) if key else ids.random_id()


async def act_by_id(
    tickets: Tickets,
    viewer: Viewer,
    conversation_id: str,
    input_id: str,
    decide: Decide,
    *,
    sends: ConversationBox | None = None,
) -> Answer:
    """`sends`: which of the viewer's drafts is done with by it."""

    async def work_on(work: Work) -> Head | None:
        await work.load([conversation_id])
        state = visible(work.conversation(conversation_id), viewer)
        if await work.already_applied([input_id]):
            return None
        events = decide(state, Context(work.now, actor(viewer)))
        work.record(Cause(input_id, input_id), events)
        if sends is not None:
            there = Place(sends, "conversation", state.head.id)
            await tickets.store.drafts.empty(viewer.agent_id, there, work.session)
        await work.save([input_id])
        metrics.tickets_commands.labels("changed" if events else "unchanged").inc()
        return events[-1].head if events else state.head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, conversation_id, input_id, head)


async def answer(tickets: Tickets, viewer: Viewer, conversation_id: str, input_id: str, head: Head | None) -> Answer:
    """What a command led to, read back from the log; `head` None: it was carried out before."""
    caused = await tickets.store.log.caused_by(input_id)
    rows = [row for row in caused if row.name in _NAMES]
    events = [tickets.entries.of(row) for row in rows]
    if head is None:
        metrics.tickets_commands.labels("repeated").inc()
        last: dict[str, Any] | None = tickets.entries.head_of(rows[-1]) if rows else None
        home = await tickets.store.home(conversation_id)
        elsewhere = last is None or last["id"] not in (conversation_id, home.head.id if home else "")
        if caused and elsewhere:
            raise Conflict("key_used", "This Idempotency-Key was used for something else. Take a new one.")
        state = await tickets.store.conversation(conversation_id)
        head = Head.model_validate(last) if last else visible(state, viewer).head
    return Answer(head=head, events=events)
