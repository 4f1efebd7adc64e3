"""A reply that is held for the seconds in which its author may take it back, and how it leaves then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.tickets.model.bulk import Doer
from services.tickets.model.commands import MessageIds, Reply, decide_reply
from services.tickets.model.draft import Draft, Recipients
from services.tickets.model.macro_actions import ENDS
from services.tickets.model.state import Context, Conversation, Desk
from shared.contracts.base import Id, Time, Value
from shared.contracts.common import Actor, Address, Attachment
from shared.contracts.conversations import ConversationEvent
from shared.contracts.directory import MacroAction
from shared.errors import Conflict, DomainError, Forbidden, NotFound

HOLD_MIN_S, HOLD_MAX_S, HOLD_USUAL_S = 5, 10, 5
"""How long an agent may want replies to be held; or not at all (0)."""


class Held(Value):
    """`id` is the entry that it becomes on the timeline, `input_id` the command that it was sent with. `customer_seq`:
    how far the customer had written by then. `due_at` None: it could not be sent, and `problem` says why."""

    id: Id
    input_id: Id
    conversation_id: Id
    agent_id: Id
    agent_name: str
    text: str
    html: str | None
    to: tuple[Address, ...] | None = None
    cc: tuple[Address, ...] | None = None
    bcc: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    actions: tuple[MacroAction, ...] = ()
    then_close: bool = False
    then_snooze_until: Time | None = None
    customer_seq: int
    written_at: Time
    due_at: Time | None
    problem: str = ""

    @property
    def draft(self) -> Draft:
        """The letter, to be written on."""
        named = self.to is not None or self.cc is not None or self.bcc
        people = Recipients(to=self.to or (), cc=self.cc or (), bcc=self.bcc) if named else None
        return Draft(html=self.html or "", recipients=people, attachments=self.attachments, actions=self.actions)


def hold(state: Conversation, command: Reply, by: Actor, input_id: str, now: datetime, seconds: int) -> Held:
    """`command` was found to be in order: what would be refused is refused before it is held."""
    return Held(
        id=command.entry_id,
        input_id=input_id,
        conversation_id=state.head.id,
        agent_id=by.id,
        agent_name=by.name,
        text=command.text,
        html=command.html,
        to=command.to,
        cc=command.cc,
        bcc=command.bcc,
        attachments=command.attachments,
        actions=command.actions,
        then_close=command.then_close,
        then_snooze_until=command.then_snooze_until,
        customer_seq=state.customer_seq,
        written_at=now,
        due_at=now + timedelta(seconds=seconds),
    )


def for_merged(held: Held, merged: Conversation) -> Held:
    """Its conversation was merged before it left: it goes to whom it was written, and closes nothing there."""
    people = merged.head.participants
    email = merged.head.channel == "email"
    return held.model_copy(
        update={
            "to": people.to if held.to is None and email else held.to,
            "cc": people.cc if held.cc is None and email else held.cc,
            "then_close": False,
            "then_snooze_until": None,
        }
    )


def decide_held(
    held: Held,
    state: Conversation | None,
    now: datetime,
    desk: Desk,
    doer: Doer | None,
    message_ids: MessageIds,
    restored_at: datetime | None = None,
) -> Sequence[ConversationEvent]:
    """The reply leaves, though the customer wrote meanwhile: it was sent before. But then it closes nothing.

    Raises DomainErrors when it cannot leave any more. `restored_at`: what was held before is not sent, because it
    was, after the back-up was taken.
    """
    if restored_at is not None and held.written_at <= restored_at:
        raise Conflict(
            "restored", "It may have been sent: the desk was restored from a back-up. Look before you send it."
        )
    if doer is None or "conversations.reply" not in doer.permissions:
        raise Forbidden("not_permitted", "Its author may not answer customers any more.")
    if state is None or not doer.scope.sees(state.head):
        raise NotFound(
            "unknown_conversation", "The conversation is not one of those that its author works on any more."
        )
    quiet = state.customer_seq <= held.customer_seq
    asleep_until = held.then_snooze_until if quiet and state.head.status != "closed" else None
    command = Reply(
        entry_id=held.id,
        text=held.text,
        html=held.html,
        to=held.to,
        cc=held.cc,
        bcc=held.bcc,
        attachments=held.attachments,
        actions=tuple(one for one in held.actions if quiet or one.kind not in ENDS),
        may_assign_others="conversations.assign_others" in doer.permissions,
        then_close=held.then_close and quiet,
        then_snooze_until=asleep_until if asleep_until is not None and asleep_until > now else None,
    )
    by = Actor(kind="agent", id=held.agent_id, name=held.agent_name)
    context = Context(now, by)
    try:
        return decide_reply(state, command, context, desk, message_ids)
    except DomainError:
        # What a macro wanted besides may have become impossible; the customer gets the answer all the same.
        return decide_reply(state, replace(command, actions=()), context, desk, message_ids)
