"""What a delivery is and how it ends: intent, attempts, retries. Pure: times and chance are passed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from shared.contracts.base import Event, Time, Value
from shared.contracts.beside import SideReplySent, SideStarted
from shared.contracts.common import Address, Attachment, Channel, Message
from shared.contracts.conversations import ConversationEvent, ConversationStarted, ReplySent
from shared.contracts.deliveries import DeliveryEvent, DeliveryFailed, DeliverySent
from shared.errors import Conflict
from shared.ids import derived

RETRY_AFTER_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Pauses between attempts (architecture.md): 29 hours in all, then a person has to look."""
JITTER = 0.2
"""A pause is up to a fifth longer, so that mails held up together do not come back together."""
REASON_LENGTH = 500

State = Literal["queued", "sent", "failed"]


class Mail(Value):
    """All that a mail says. Message ids with their angle brackets; `written_at` becomes Date.

    `sender` is None when the brand was not known yet. `automatic`: no person wrote it (RFC 3834); `answers`: it is an
    automatic answer to what somebody wrote.
    """

    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    written_at: Time
    automatic: bool = False
    answers: bool = False


class Refusal(Value):
    """One recipient's "no". `final`: asking again is of no use."""

    address: str
    reason: str
    final: bool


class Outcome(Value):
    """What one attempt came to, by recipient."""

    accepted: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Delivery(Value):
    """One message on its way out over one channel; a row of `deliveries`.

    `seq` is the row's version, `said` how many events told of it. `attempt` counts all attempts,
    `tries` those since it was last queued. `pending` are the recipients still to be reached,
    `accepted` and `refused` the others. `due_at` None: nothing more to do. `mail` goes once it is sent.
    `held`: it was kept back after a restore, and is sent when a person asks for it.
    `webhook_id` names the webhook call that carries the answer of a custom channel, and does what is to be done.
    """

    id: str
    seq: int = 1
    said: int = 0
    conversation_id: str
    entry_id: str
    brand_id: str
    channel: Channel
    state: State = "queued"
    attempt: int = 0
    tries: int = 0
    due_at: Time | None = None
    pending: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    reason: str = ""
    message_id: str | None = None
    mail: Mail | None = None
    webhook_id: str | None = None
    held: bool = False
    correlation_id: str
    traceparent: str = ""
    created_at: Time
    updated_at: Time


def outbound(event: Event) -> tuple[ConversationEvent, Message] | None:
    """The event and its message when we must deliver it; history brought in is not sent again."""
    if not isinstance(event, ConversationStarted | ReplySent) or event.imported:
        return None
    message = event.message
    return (event, message) if message is not None and message.direction == "out" else None


def beside(event: Event) -> tuple[ConversationEvent, Message] | None:
    """The same for a mail in a side conversation: by email, whatever channel the customer is on, and never to them."""
    if not isinstance(event, SideStarted | SideReplySent) or event.imported:
        return None
    return event, event.mail


def delivery_id(conversation_id: str, entry_id: str) -> str:
    return derived("delivery", conversation_id, entry_id)


def intend(
    event: ConversationEvent,
    message: Message,
    *,
    sender: Address | None,
    message_id: str | None,
    correlation_id: str,
    traceparent: str,
    now: datetime,
    webhook_id: str | None = None,
) -> tuple[Delivery, tuple[DeliveryEvent, ...]]:
    """What is to be done for a message of ours, with the events that say it is done already.

    Email is queued. A chat's delivery is the live push of the same event. A custom channel's is a webhook call where
    an endpoint answers for the channel, else the event itself on its Kafka topic; so the rest counts as sent at once.
    """
    delivery = Delivery(
        id=delivery_id(event.conversation_id, message.entry_id),
        conversation_id=event.conversation_id,
        entry_id=message.entry_id,
        brand_id=event.head.brand_id,
        channel="email" if beside(event) else event.head.channel,
        webhook_id=webhook_id,
        correlation_id=correlation_id,
        traceparent=traceparent,
        created_at=now,
        updated_at=now,
    )
    if webhook_id:
        return delivery, ()
    if delivery.channel != "email":
        return _sent_at_once(delivery, now)
    mail = _mail_of(event, message, sender)
    recipients = _unique(one.address for one in (*mail.to, *mail.cc, *mail.bcc))
    stable_id = message.message_id or message_id
    return delivery.model_copy(update={"mail": mail, "message_id": stable_id, "pending": recipients, "due_at": now}), ()


def _sent_at_once(delivery: Delivery, now: datetime) -> tuple[Delivery, tuple[DeliveryEvent, ...]]:
    sent = delivery.model_copy(update={"state": "sent", "attempt": 1, "tries": 1, "said": 1})
    return sent, (_sent(sent, now),)


def _mail_of(event: ConversationEvent, message: Message, sender: Address | None) -> Mail:
    to = message.to
    if beside(event):
        return _mail(event, message, sender, to, message.subject)  # nothing of the customer's stands in for it
    if not to and not message.cc and not message.bcc and event.head.handle.kind == "email":
        to = (Address(address=event.head.handle.value, name=event.head.contact_name),)
    return _mail(event, message, sender, to, message.subject or event.head.subject)


def _mail(
    event: ConversationEvent, message: Message, sender: Address | None, to: tuple[Address, ...], subject: str
) -> Mail:
    return Mail(
        sender=sender,
        to=to,
        cc=message.cc,
        bcc=message.bcc,
        subject=subject,
        text=message.text,
        html=message.html,
        in_reply_to=message.in_reply_to,
        references=message.references,
        attachments=message.attachments,
        written_at=event.at,
        automatic=message.author.kind != "agent" or message.automatic is not None,
        answers=message.automatic == "auto_reply",
    )


def _unique(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))


def must_hold(delivery: Delivery, restored_at: datetime | None) -> bool:
    """Whether a mail is kept back: our database is that of a back-up, and the mail was written before it was loaded,
    so it may have been sent after the back-up. When that was taken says less: its moment is a little later, and tickets
    may have gone on."""
    if delivery.mail is None or delivery.held or restored_at is None:
        return False
    return delivery.mail.written_at <= restored_at


def hold(delivery: Delivery, restored_at: datetime) -> tuple[Delivery, Outcome]:
    """Kept back until a person has it sent (`retry`)."""
    at = f"{restored_at:%Y-%m-%d %H:%M} UTC"
    reason = f"Not sent: restored from a back-up at {at}, and it may have been sent before. Retry sends it."
    return delivery.model_copy(update={"held": True}), refuse_all(delivery, reason, final=True)


def refuse_all(delivery: Delivery, reason: str, *, final: bool) -> Outcome:
    """One reason for everybody still to be reached; an empty address stands for "nobody at all"."""
    everyone = delivery.pending or ("",)
    return Outcome(refusals=tuple(Refusal(address=one, reason=reason, final=final) for one in everyone))


def record(
    delivery: Delivery, outcome: Outcome, *, now: datetime, chance: float
) -> tuple[Delivery, tuple[DeliveryEvent, ...]]:
    """The delivery after an attempt and what to tell of it. `chance` in [0, 1) spreads the retries.

    Who was refused for now is tried again alone, so nobody who has the mail gets it twice. It ends
    `sent` when everybody has it, else `failed`, with each refusal kept.
    """
    for_now = tuple(one for one in outcome.refusals if not one.final)
    again = bool(for_now) and delivery.tries < len(RETRY_AFTER_S)
    for_ever = tuple(one for one in outcome.refusals if one.final or not again)
    refused = (*delivery.refused, *for_ever)
    accepted = _unique((*delivery.accepted, *outcome.accepted))
    due_at = now + pause(delivery.tries, chance) if again else None
    reason = _sentence((*refused, *for_now) if again else refused, others=bool(accepted))
    state: State = "queued" if again else "failed" if refused else "sent"
    after = delivery.model_copy(
        update={
            "seq": delivery.seq + 1,
            "state": state,
            "attempt": delivery.attempt + 1,
            "tries": delivery.tries + 1,
            "due_at": due_at,
            "pending": tuple(one.address for one in for_now) if again else (),
            "accepted": accepted,
            "refused": refused,
            "reason": reason,
            "mail": None if state == "sent" else delivery.mail,
            "updated_at": now,
        }
    )
    return _tell(after, newly_accepted=bool(outcome.accepted), now=now)


def report(
    delivery: Delivery, *, state: State, attempt: int, reason: str, retry_at: datetime | None, now: datetime
) -> tuple[Delivery, tuple[DeliveryEvent, ...]]:
    """The delivery after the webhook call that carries it took a step, and what to tell of it. What was sent once
    stays sent, also when somebody replays the call."""
    if delivery.state == "sent":
        return delivery, ()
    after = delivery.model_copy(
        update={
            "seq": delivery.seq + 1,
            "state": state,
            "attempt": attempt,
            "tries": delivery.tries + 1,
            "reason": reason,
            "updated_at": now,
        }
    )
    told, events = _tell(after.model_copy(update={"due_at": retry_at}), newly_accepted=state == "sent", now=now)
    return told.model_copy(update={"due_at": None}), events  # the call has the timer


def _tell(after: Delivery, *, newly_accepted: bool, now: datetime) -> tuple[Delivery, tuple[DeliveryEvent, ...]]:
    events: list[DeliveryEvent] = []
    if newly_accepted:
        events.append(_sent(after.model_copy(update={"said": after.said + 1}), now))
    if after.state != "sent":
        events.append(
            DeliveryFailed(
                delivery_id=after.id,
                conversation_id=after.conversation_id,
                entry_id=after.entry_id,
                seq=after.said + len(events) + 1,
                at=now,
                attempt=after.attempt,
                final=after.state == "failed",
                reason=after.reason,
                retry_at=after.due_at,
            )
        )
    return after.model_copy(update={"said": after.said + len(events)}), tuple(events)


def _sent(delivery: Delivery, now: datetime) -> DeliverySent:
    return DeliverySent(
        delivery_id=delivery.id,
        conversation_id=delivery.conversation_id,
        entry_id=delivery.entry_id,
        seq=delivery.said,
        at=now,
        attempt=delivery.attempt,
        message_id=delivery.message_id,
    )


def pause(tries: int, chance: float) -> timedelta:
    return timedelta(milliseconds=round(RETRY_AFTER_S[tries] * 1000 * (1 + JITTER * chance)))


def _sentence(refused: tuple[Refusal, ...], *, others: bool) -> str:
    """Who did not get it and why; recipients that share a reason are named together."""
    by_reason: dict[str, list[str]] = {}
    for one in refused:
        by_reason.setdefault(one.reason, []).append(one.address)
    parts = [
        f"{', '.join(filter(None, addresses))}: {reason}" if any(addresses) else reason
        for reason, addresses in by_reason.items()
    ]
    text = " · ".join(parts) + (" The other recipients have it." if others and parts else "")
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


def retry(delivery: Delivery, *, now: datetime) -> Delivery:
    """Queue it anew, due now, for whoever has not got it. A sent one is refused: it would arrive twice."""
    if delivery.state == "sent" or (delivery.mail is None and delivery.webhook_id is None):
        raise Conflict("already_sent", "This message was sent; there is nothing to send again.")
    missing = _unique((*delivery.pending, *(one.address for one in delivery.refused if one.address)))
    return delivery.model_copy(
        update={
            "seq": delivery.seq + 1,
            "state": "queued",
            "tries": 0,
            "due_at": None if delivery.webhook_id else now,
            "pending": missing,
            "refused": (),
            "updated_at": now,
        }
    )
