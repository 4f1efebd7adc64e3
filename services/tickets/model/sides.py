"""Side conversations: mails with a warehouse, a vendor or a colleague about a conversation (CV8).

The customer never learns of one: its mails quote only its own thread, name none of the customer's addresses, and carry
Message-IDs that lead an answer back into the side conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from services.tickets.model.commands import RECIPIENTS_MAX, domain_of
from services.tickets.model.evolve import Unfolding
from services.tickets.model.inbound import UNKNOWN
from services.tickets.model.state import Context, Conversation, Desk, Outcome
from services.tickets.model.text import SUBJECT_CHARS, answer_subject, answer_to
from shared.contracts.beside import SideReplyReceived, SideReplySent, SideStarted
from shared.contracts.common import Actor, Address, Attachment, Message
from shared.contracts.contacts import Contact
from shared.contracts.conversations import ConversationEvent, Head, Participants
from shared.contracts.ingest import SideMessageReceived
from shared.contracts.side import Side
from shared.errors import Conflict, FieldError, Invalid, NotFound

SIDES_MAX = 20

SideMessageIds = Callable[[str, str, str, str], str]
"""(conversation id, side id, entry id, domain) → the signed Message-ID of a mail in a side conversation."""

Events = Sequence[ConversationEvent]


@dataclass(frozen=True, slots=True)
class SideMail:
    """`to`, `cc` None: who wrote last and who was in copy. `customer` are the customer's own addresses, lower case."""

    side_id: str
    entry_id: str
    text: str
    html: str | None
    customer: frozenset[str] = frozenset()
    subject: str = ""
    to: tuple[Address, ...] | None = None
    cc: tuple[Address, ...] | None = None
    attachments: tuple[Attachment, ...] = ()

    def known_customer(self, addresses: frozenset[str]) -> SideMail:
        return replace(self, customer=addresses)


def customers_addresses(head: Head, contact: Contact | None) -> frozenset[str]:
    """Wherever the customer would read it: their own addresses, and those that an answer of ours goes to."""
    own = [head.handle.value] if head.handle.kind == "email" else []
    known = contact.emails if contact else ()
    answered = [one.address for one in (*head.participants.to, *head.participants.cc)]
    return frozenset(one.lower() for one in (*own, *known, *answered))


def find_side(head: Head, side_id: str) -> Side:
    found = next((one for one in head.sides if one.id == side_id), None)
    if found is None:
        raise NotFound("unknown_side", "There is no such side conversation here.")
    return found


def decide_side(
    state: Conversation, command: SideMail, context: Context, desk: Desk, message_ids: SideMessageIds
) -> Events:
    """The first mail to somebody else."""
    if len(state.head.sides) >= SIDES_MAX:
        raise Conflict("too_many_sides", f"A conversation has at most {SIDES_MAX} side conversations.")
    if not command.subject:
        field = FieldError("body.subject", "is empty")
        raise Invalid("no_subject", "Give it a subject: the customer's own is not shown to others.", (field,))
    mail = _mail(state.head, command, context, desk, message_ids, None)
    unfolding = Unfolding(state)
    unfolding.add(SideStarted, context, side_id=command.side_id, mail=mail)
    return unfolding.events


def decide_side_reply(
    state: Conversation, command: SideMail, context: Context, desk: Desk, message_ids: SideMessageIds
) -> Events:
    """A further mail, to whoever wrote last unless others are named."""
    side = find_side(state.head, command.side_id)
    mail = _mail(state.head, command, context, desk, message_ids, side)
    unfolding = Unfolding(state)
    unfolding.add(SideReplySent, context, side_id=side.id, mail=mail)
    return unfolding.events


def _mail(
    head: Head, command: SideMail, context: Context, desk: Desk, message_ids: SideMessageIds, side: Side | None
) -> Message:
    if head.spam:
        raise Conflict("is_spam", "This conversation is marked as spam. Take the mark off to write about it.")
    if not command.text.strip() and not command.attachments and not command.html:
        raise Invalid("empty_message", "Write something, or attach a file.", (FieldError("body.html", "is empty"),))
    to = command.to if command.to is not None else side.to if side else ()
    cc = command.cc if command.cc is not None else side.cc if side else ()
    _check_people(to, cc, command.customer, desk)
    domain = domain_of(desk, head.brand_id, head.account)
    subject = answer_subject(side.subject) if side else command.subject[:SUBJECT_CHARS]
    return Message(
        entry_id=command.entry_id,
        direction="out",
        author=context.by,
        subject=subject,
        text=command.text,
        html=command.html,
        to=to,
        cc=cc,
        message_id=message_ids(head.id, command.side_id, command.entry_id, domain),
        in_reply_to=side.last_message_id if side else None,
        references=side.references if side else (),
        attachments=command.attachments,
        sent_at=context.now,
        received_at=context.now,
    )


def _check_people(to: Sequence[Address], cc: Sequence[Address], customer: Collection[str], desk: Desk) -> None:
    if not to:
        raise Invalid(
            "no_recipient", "Name at least one recipient under To.", (FieldError("body.to", "needs one address"),)
        )
    if len(to) + len(cc) > RECIPIENTS_MAX:
        raise Invalid("too_many_recipients", f"A message goes to at most {RECIPIENTS_MAX} addresses.")
    for name, people in (("to", to), ("cc", cc)):
        for index, one in enumerate(people):
            field = f"body.{name}.{index}"
            if one.address.lower() in customer:
                raise Invalid(
                    "is_the_customer",
                    f"{one.address} is the customer, who never sees a side conversation. Write to them in a reply.",
                    (FieldError(field, "is the customer"),),
                )
            if desk.is_ours(one.address.lower()):
                raise Invalid(
                    "is_our_own",
                    f"{one.address} is a mailbox of this desk. Write a note that mentions a colleague instead.",
                    (FieldError(field, "is one of our own mailboxes"),),
                )


def decide_side_heard(
    state: Conversation | None, heard: SideMessageReceived, context: Context, desk: Desk, contact: Contact | None
) -> Outcome:
    """An answer comes back into its side conversation. It wakes and opens the conversation, for its agent to read;
    the customer does not wait because of it, and who we answer there stays as it was."""
    if state is None:
        return UNKNOWN
    customer = customers_addresses(state.head, contact)
    everybody = answer_to(heard.message, heard.sender, desk)
    people = Participants(
        to=tuple(one for one in everybody.to if one.address.lower() not in customer),
        cc=tuple(one for one in everybody.cc if one.address.lower() not in customer),
    )
    by = Actor(kind="outside", name=heard.sender.name or heard.sender.value)
    unfolding = Unfolding(state)
    unfolding.add(SideReplyReceived, context.as_(by), side_id=heard.side_id, mail=heard.message, answer_to=people)
    return unfolding.outcome()
