"""What agents write: replies, notes, new conversations. Each validates, then says which events follow.

Refusals are DomainErrors with a stable code and a sentence that says how to mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.tickets.model.changes import check_snooze
from services.tickets.model.evolve import Unfolding
from services.tickets.model.macro_actions import ENDS, carry_out
from services.tickets.model.state import Context, Conversation, Desk
from services.tickets.model.text import DESCRIPTION_CHARS, PREVIEW_CHARS, SUBJECT_CHARS, answer_subject, summary
from shared.contracts.common import Address, Attachment, Handle, Message
from shared.contracts.contacts import Contact
from shared.contracts.conversations import (
    Closed,
    ConversationEvent,
    ConversationStarted,
    Head,
    NoteAdded,
    Participants,
    ReplySent,
    Snoozed,
)
from shared.contracts.directory import BrandChanged, MacroAction
from shared.errors import Conflict, FieldError, Invalid

RECIPIENTS_MAX = 50

MessageIds = Callable[[str, str, str], str]
"""(conversation id, entry id, domain) → the signed Message-ID of a mail of ours."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`to`, `cc` None: as the last message had them. `then_snooze_until` and `then_close` exclude each other.

    `seen_seq` is the `seq` of the last event that the author had on the screen; None: not checked. `actions` are those
    of the macros that it was written with. `automatic`: a rule answers, and nobody's waiting ends with it.
    """

    entry_id: str
    text: str
    html: str | None
    to: tuple[Address, ...] | None = None
    cc: tuple[Address, ...] | None = None
    bcc: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    then_close: bool = False
    then_snooze_until: datetime | None = None
    seen_seq: int | None = None
    actions: tuple[MacroAction, ...] = ()
    may_assign_others: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class AddNote:
    entry_id: str
    text: str
    html: str
    mentions: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Compose:
    """A new mail from a brand. `contact` is the first recipient's."""

    conversation_id: str
    entry_id: str
    brand_id: str
    subject: str
    text: str
    html: str | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def decide_reply(
    state: Conversation, command: Reply, context: Context, desk: Desk, message_ids: MessageIds
) -> Sequence[ConversationEvent]:
    """The answer, and what the author wanted to happen with it."""
    head = state.head
    _check_answerable(state, command, context)
    to, cc = _recipients(head, command)
    email = head.channel == "email"
    message = Message(
        entry_id=command.entry_id,
        direction="out",
        author=context.by,
        subject=answer_subject(head.subject) if email else "",
        text=command.text,
        html=command.html,
        to=to,
        cc=cc,
        bcc=command.bcc,
        message_id=message_ids(head.id, command.entry_id, domain_of(desk, head.brand_id, head.account))
        if email
        else None,
        in_reply_to=head.last_message_id if email else None,
        references=head.references if email else (),
        attachments=command.attachments,
        automatic="auto_reply" if command.automatic else None,
        sent_at=context.now,
        received_at=context.now,
    )
    unfolding = Unfolding(state)
    unfolding.add(ReplySent, context, message=message)
    follows = command.then_close or command.then_snooze_until is not None
    carry_out(
        unfolding,
        [one for one in command.actions if not (follows and one.kind in ENDS)],
        context,
        desk,
        may_assign_others=command.may_assign_others,
    )
    if command.then_close and unfolding.state.head.status != "closed":
        unfolding.add(Closed, context)
    if command.then_snooze_until is not None:
        check_snooze(unfolding.state.head, command.then_snooze_until, context.now)
        unfolding.add(Snoozed, context, until=command.then_snooze_until)
    return unfolding.events


def _check_answerable(state: Conversation, command: Reply, context: Context) -> None:
    head = state.head
    if head.channel == "phone":
        raise Conflict(
            "channel_cannot_reply", "A phone conversation can't be answered in writing. Call back, or write a note."
        )
    if head.spam:
        raise Conflict("is_spam", "This conversation is marked as spam. Take the mark off to answer.")
    if not command.text.strip() and not command.attachments and not command.html:
        raise Invalid("empty_message", "Write something, or attach a file.", (FieldError("body.html", "is empty"),))
    if command.seen_seq is None:
        return
    if command.seen_seq < state.customer_seq:
        raise Conflict("newer_message", "The customer has written again. Read the new message, then send once more.")
    answered = state.answered
    if answered is not None and command.seen_seq < answered.seq and answered.agent_id != context.by.id:
        raise Conflict("newer_message", f"{answered.name} has answered meanwhile. Read it, then send once more.")


def _recipients(head: Head, command: Reply) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    if head.channel != "email":
        if command.to or command.cc or command.bcc:
            raise Invalid("recipients_not_allowed", "Only emails have recipients; leave to, cc and bcc out.")
        return (), ()
    to = head.participants.to if command.to is None else command.to
    cc = head.participants.cc if command.cc is None else command.cc
    _check_recipients(to, cc, command.bcc)
    return to, cc


def _check_recipients(to: Sequence[Address], cc: Sequence[Address], bcc: Sequence[Address]) -> None:
    if not to:
        raise Invalid(
            "no_recipient", "Name at least one recipient under To.", (FieldError("body.to", "needs one address"),)
        )
    if len(to) + len(cc) + len(bcc) > RECIPIENTS_MAX:
        raise Invalid("too_many_recipients", f"A message goes to at most {RECIPIENTS_MAX} addresses.")


def decide_note(state: Conversation, command: AddNote, context: Context, desk: Desk) -> Sequence[ConversationEvent]:
    """A private note; those mentioned must be with us and allowed to see the conversation. Of a team, those are."""
    if not command.text.strip() and not command.attachments:
        raise Invalid("empty_note", "Write something.", (FieldError("body.html", "is empty"),))
    for index, agent_id in enumerate(command.mentions):
        if not desk.sees(agent_id, state.head):
            raise Invalid(
                "unknown_agent",
                "Somebody mentioned is not an agent who can see this conversation.",
                (FieldError(f"body.mentions.{index}", "is not an active agent who can see it"),),
            )
    for index, team_id in enumerate(command.teams):
        if team_id not in desk.teams:
            field = FieldError(f"body.teams.{index}", "is not a team")
            raise Invalid("unknown_team", "A team that is mentioned does not exist.", (field,))
    unfolding = Unfolding(state)
    unfolding.add(
        NoteAdded,
        context,
        entry_id=command.entry_id,
        text=command.text,
        html=command.html,
        mentions=tuple(dict.fromkeys((*command.mentions, *_members(desk, command.teams, state.head)))),
        teams=tuple(dict.fromkeys(command.teams)),
        attachments=command.attachments,
    )
    return unfolding.events


def _members(desk: Desk, team_ids: Sequence[str], head: Head) -> list[str]:
    """Who of these teams sees the conversation; by id."""
    teams = set(team_ids)
    return sorted(
        id_ for id_, one in desk.agents.items() if not teams.isdisjoint(one.team_ids) and desk.sees(id_, head)
    )


def decide_compose(
    command: Compose, context: Context, contact: Contact, desk: Desk, message_ids: MessageIds
) -> Sequence[ConversationEvent]:
    """A conversation that begins with a mail of ours; it is its author's."""
    brand = desk.brands.get(command.brand_id)
    if brand is None or not brand.active or not brand.addresses:
        raise Invalid(
            "unknown_brand",
            "Choose a brand that has a mailbox.",
            (FieldError("body.brand_id", "is not a brand with an address"),),
        )
    _check_recipients(command.to, command.cc, command.bcc)
    if not command.text.strip() and not command.attachments and not command.html:
        raise Invalid("empty_message", "Write something, or attach a file.", (FieldError("body.html", "is empty"),))
    message_id = message_ids(command.conversation_id, command.entry_id, _first_domain(brand))
    message = Message(
        entry_id=command.entry_id,
        direction="out",
        author=context.by,
        subject=command.subject[:SUBJECT_CHARS],
        text=command.text,
        html=command.html,
        to=command.to,
        cc=command.cc,
        bcc=command.bcc,
        message_id=message_id,
        attachments=command.attachments,
        sent_at=context.now,
        received_at=context.now,
    )
    first = command.to[0]
    head = Head(
        id=command.conversation_id,
        seq=1,
        brand_id=command.brand_id,
        channel="email",
        account=brand.addresses[0].address,
        contact_id=contact.id,
        contact_name=contact.name or first.name or first.address,
        handle=Handle(kind="email", value=first.address, name=first.name),
        subject=message.subject,
        description=summary(command.text, command.attachments, DESCRIPTION_CHARS),
        preview=summary(command.text, command.attachments, PREVIEW_CHARS),
        preview_from="agent",
        assignee_id=context.by.id,
        assigned_seq=1,
        participants=Participants(to=command.to, cc=command.cc),
        created_by=context.by.id,
        started_at=context.now,
        last_activity_at=context.now,
        activity=ConversationStarted.__name__,
        message_count=1,
        last_message_id=message_id,
        references=(message_id,),
    )
    return [
        ConversationStarted(
            conversation_id=head.id,
            seq=1,
            at=context.now,
            by=context.by,
            imported=context.imported,
            head=head,
            message=message,
        )
    ]


def _first_domain(brand: BrandChanged) -> str:
    return brand.addresses[0].address.rpartition("@")[2]


def domain_of(desk: Desk, brand_id: str, account: str) -> str:
    """Where our Message-IDs come from: the brand's first mailbox, or the one the customer wrote to."""
    brand = desk.brands.get(brand_id)
    if brand is not None and brand.addresses:
        return _first_domain(brand)
    return account.rpartition("@")[2] or "switchboard.invalid"
