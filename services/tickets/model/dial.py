"""Calls that agents start, and the attempts to reach a customer by phone that they note.

An agent's request becomes CallRequested; who dials is notifications, and DialUpdated says what became of it.
The attempt workflow: two attempts, each noted with its outcome; it ends when somebody was reached, when the number
is wrong, or after the second attempt, and begins anew when the customer writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.tickets.model.evolve import Unfolding, evolve
from services.tickets.model.phone import e164, region_of
from services.tickets.model.state import SYSTEM, Context, Conversation, Desk, Outcome
from services.tickets.model.text import NAME_CHARS
from shared.contracts.common import Handle
from shared.contracts.contacts import Contact
from shared.contracts.conversations import (
    CallAttempted,
    CallRequested,
    ConversationEvent,
    ConversationStarted,
    DialUpdated,
    Head,
)
from shared.contracts.deliveries import CallDialed, CallDialFailed
from shared.contracts.directory import BrandChanged
from shared.contracts.ingest import CallProgressed
from shared.contracts.phone import CallOutcome, DialState
from shared.errors import Conflict, FieldError, Invalid

ATTEMPTS = 2
NOTE_CHARS = 2_000
WAITS = timedelta(seconds=90)
"""How long a request keeps the next one away when nothing is heard of it: longer than dialling can take."""

EARLIER = timedelta(seconds=5)
"""By how much Aircall's clock, of whole seconds, may be behind ours."""

_ENDING: frozenset[CallOutcome] = frozenset({"reached", "wrong_number"})


@dataclass(frozen=True, slots=True)
class StartCall:
    """`number` as somebody wrote it, "" for the customer's own; `line` one of the brand's, "" for its first."""

    request_id: str
    number: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class NewCall:
    """A conversation that begins with a call of ours. `number` and `line` in E.164 (`checked_numbers`)."""

    conversation_id: str
    request_id: str
    brand_id: str
    number: str
    line: str


@dataclass(frozen=True, slots=True)
class LogAttempt:
    """`attempt` is the one that its author had before them, from 1."""

    attempt: int
    outcome: CallOutcome
    note: str


def decide_dial(
    state: Conversation, command: StartCall, context: Context, desk: Desk, contact: Contact | None
) -> Sequence[ConversationEvent]:
    """The request to call the customer of a conversation."""
    head = state.head
    if head.spam:
        raise Conflict("is_spam", "This conversation is marked as spam. Take the mark off to call.")
    dial = head.dial
    if dial is not None and dial.state == "requested" and context.now - dial.asked_at < WAITS:
        raise Conflict("is_dialing", f"A call to {dial.number} is being set up already. Wait until it rings.")
    wanted = command.number.strip() or _own_number(head, contact)
    number, line = checked_numbers(wanted, command.line, desk.brands.get(head.brand_id))
    unfolding = Unfolding(state)
    unfolding.add(
        CallRequested,
        context,
        request_id=command.request_id,
        number=number,
        line=line,
        agent_id=context.by.id,
    )
    return unfolding.events


def _own_number(head: Head, contact: Contact | None) -> str:
    if head.handle.kind == "phone":
        return head.handle.value
    return contact.phones[0] if contact is not None and contact.phones else ""


def checked_numbers(number: str, line: str, brand: BrandChanged | None) -> tuple[str, str]:
    """(the number, the line to call from), both E.164. Raises Invalid that names the field, or Conflict."""
    lines = brand.lines if brand is not None else ()
    if not lines:
        raise Conflict("no_line", "This brand has no phone line to call from. An admin can add one to the brand.")
    if line and line not in lines:
        raise Invalid("unknown_line", "Choose a line of this brand.", (FieldError("body.line", "is not the brand's"),))
    line = line or lines[0]
    if not number.strip():
        said = "No phone number of the customer is known. Type the one to call."
        raise Invalid("no_number", said, (FieldError("body.number", "is missing"),))
    found = e164(number, region_of(line))
    if found is None:
        field = FieldError("body.number", "is no phone number; write it with its country code, such as +1 415 555 0137")
        raise Invalid("wrong_number", "That is not a phone number.", (field,))
    if found in lines:
        raise Invalid("own_line", "That is our own line.", (FieldError("body.number", "is one of our own lines"),))
    return found, line


def decide_new_call(command: NewCall, context: Context, contact: Contact) -> Sequence[ConversationEvent]:
    """A phone conversation that begins with our call; it is its author's."""
    handle = Handle(kind="phone", value=command.number)
    head = Head(
        id=command.conversation_id,
        seq=1,
        brand_id=command.brand_id,
        channel="phone",
        account="aircall",
        contact_id=contact.id,
        contact_name=(contact.name or command.number)[:NAME_CHARS],
        handle=handle,
        description="Outgoing call",
        preview="Outgoing call",
        preview_from="call",
        assignee_id=context.by.id,
        assigned_seq=1,
        created_by=context.by.id,
        started_at=context.now,
        last_activity_at=context.now,
        activity=ConversationStarted.__name__,
    )
    first = ConversationStarted(conversation_id=head.id, seq=1, at=context.now, by=context.by, head=head)
    unfolding = Unfolding(evolve(None, first))
    unfolding.add(
        CallRequested,
        context,
        request_id=command.request_id,
        number=command.number,
        line=command.line,
        agent_id=context.by.id,
    )
    return [first, *unfolding.events]


def decide_dialed(state: Conversation | None, heard: CallDialed | CallDialFailed, context: Context) -> Outcome:
    """What became of a request; told once, as the first answer is the one that counts."""
    if state is None:
        return Outcome(ignored=("unknown_conversation",))
    dial = state.head.dial
    if dial is not None and dial.request_id == heard.request_id and dial.state != "requested":
        return Outcome(ignored=("nothing_new",))
    unfolding = Unfolding(state)
    if isinstance(heard, CallDialed):
        after: DialState = "dialed"
        unfolding.add(DialUpdated, context.as_(SYSTEM), request_id=heard.request_id, number=heard.number, state=after)
        return unfolding.outcome()
    unfolding.add(
        DialUpdated,
        context.as_(SYSTEM),
        request_id=heard.request_id,
        number=heard.number,
        state="failed" if heard.known else "unknown",
        code=heard.code,
        reason=heard.reason,
        retry_at=heard.retry_at,
    )
    return unfolding.outcome()


def attempts_over(head: Head) -> bool:
    """Whether there is nothing more to attempt by phone until the customer writes."""
    return head.call_attempts >= ATTEMPTS or head.call_outcome in _ENDING


def home_of(heard: CallProgressed, dialed: Iterable[Head], desk: Desk) -> str | None:
    """The conversation that an outgoing call was asked for in, of those whose last request was for this number; None:
    somebody dialled by hand, and the call is a conversation of its own."""
    began = heard.call.started_at or heard.at
    fitting = [
        (head.dial.asked_at, head.id)
        for head in dialed
        if head.dial is not None
        and head.dial.number == heard.call.number
        and head.dial.state != "failed"
        and _email(desk, head.dial.agent_id) == heard.call.agent_email
        and -EARLIER <= began - head.dial.asked_at <= WAITS
    ]
    return max(fitting)[1] if fitting else None


def _email(desk: Desk, agent_id: str) -> str | None:
    agent = desk.agents.get(agent_id)
    return agent.email.lower() if agent is not None else None


def decide_attempt(state: Conversation, command: LogAttempt, context: Context) -> Sequence[ConversationEvent]:
    """An attempt with its outcome and note. Two agents cannot both note the same one."""
    head = state.head
    if not command.note.strip():
        raise Invalid("no_note", "Say what happened.", (FieldError("body.note", "is empty"),))
    if attempts_over(head):
        raise Conflict(
            "attempts_over",
            "The attempts to call are over. Write to the customer; when they answer, two attempts begin anew.",
        )
    following = head.call_attempts + 1
    if command.attempt != following:
        raise Conflict(
            "attempt_taken", f"The next attempt is number {following}: read what was noted, then note yours."
        )
    unfolding = Unfolding(state)
    unfolding.add(
        CallAttempted,
        context,
        attempt=command.attempt,
        outcome=command.outcome,
        note=command.note.strip(),
        number=head.dial.number if head.dial is not None else "",
    )
    return unfolding.events
