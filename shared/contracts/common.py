"""Values that several topics carry: channels, people, addresses, attachments, message content."""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Id, Time, Value

Channel = Literal["email", "chat", "phone", "custom"]
ConversationStatus = Literal["open", "snoozed", "closed"]
HandleKind = Literal["email", "phone", "visitor", "external"]
ActorKind = Literal["customer", "agent", "rule", "system", "integration", "outside"]
AutomaticKind = Literal["auto_reply", "mailing_list", "bulk", "bounce", "delivery_report", "loop"]
JoinReason = Literal["new", "signed_reference", "known_reference", "thread_root", "session", "call", "thread"]

ApartReason = Literal["stranger", "unchecked", "unproven", "failed", "forged"]
"""Why a mail is not in the conversation that it quotes: its sender takes no part there; does, but nobody checks
senders here; was checked without a proof; failed the check; or the signature in the reference is not ours."""

DmarcVerdict = Literal["pass", "fail", "none"]
"""What our own mail server found of the sender's domain (RFC 7489); "none": the domain asks for nothing."""


class Handle(Value):
    """How a customer is reached on a channel.

    `value` is normalised: an address in lower case, a phone number in E.164, a visitor's id, or
    `<custom channel>:<their id>` for an external handle. `name` is what the sender called itself.
    """

    kind: HandleKind
    value: str
    name: str = ""


class Address(Value):
    """A mailbox (RFC 5322 §3.4): `address` in lower case, `name` decoded, empty when there was none."""

    address: str
    name: str = ""


class Attachment(Value):
    """A file kept by ingest. `id` is random and opaque; a link to it must be signed (`shared.signing`)."""

    id: Id
    name: str
    content_type: str
    size_bytes: int
    inline: bool = False
    content_id: str | None = None


class Actor(Value):
    """Who did it. `id` is an agent's, a rule's or an integration's id; empty for customer and system. `outside` is
    somebody in a side conversation."""

    kind: ActorKind
    id: str = ""
    name: str = ""


class RuleRef(Value):
    """The exact version of a rule that acted."""

    id: Id
    name: str
    version: int


class Spam(Value):
    """What the automatic look at a message said. `score` 0 (clean) to 1; `reasons` are sentences."""

    score: float = 0.0
    reasons: tuple[str, ...] = ()


class Message(Value):
    """One message on a timeline, inward or outward, on any channel.

    `entry_id` is its id on the timeline and in our Message-ID. `text` is the new text alone; what it
    quoted and the signature are kept apart in `quoted_text` and `signature_text`. `html` is sanitised
    (None: there was none). `message_id`, `in_reply_to`, `references` are RFC 5322 ids with their
    angle brackets, email only. `dmarc` is None where nobody of ours checked. `sent_at` is what the sender claimed,
    `received_at` our own clock.
    """

    entry_id: Id
    direction: Literal["in", "out"]
    author: Actor
    sender: Handle | None = None
    subject: str = ""
    text: str = ""
    html: str | None = None
    quoted_text: str = ""
    quoted_html: str | None = None
    signature_text: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: AutomaticKind | None = None
    joined: JoinReason | None = None
    apart: ApartReason | None = None
    spam: Spam = Spam()
    dmarc: DmarcVerdict | None = None
    sent_at: Time | None = None
    received_at: Time


CallStep = Literal["created", "ringing", "answered", "transferred", "ended", "voicemail", "commented", "tagged"]
CallState = Literal["created", "ringing", "answered", "ended"]


class Call(Value):
    """A phone call as far as it is known. Times are None until they happened; `duration_s` is talk time.

    `number` is the customer's in E.164, `line` our own. `agent_email` is who took it, as the phone
    system knows them. Recording and voicemail links expire at the provider, so they are shown as links.
    """

    call_id: str
    direction: Literal["inbound", "outbound"]
    state: CallState
    number: str
    line: str = ""
    line_name: str = ""
    agent_email: str = ""
    agent_name: str = ""
    started_at: Time | None = None
    answered_at: Time | None = None
    ended_at: Time | None = None
    duration_s: int | None = None
    missed_reason: str = ""
    recording_url: str = ""
    voicemail_url: str = ""
    comments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
