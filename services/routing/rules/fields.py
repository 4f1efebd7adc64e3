"""What a rule can ask about: one typed table. A new field is one line here, and nothing else.

A value is None, an empty text or an empty set when it is not set: a field of a message is unset for an
event that has none. Texts are looked at up to `TEXT_LIMIT` characters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from shared.contracts.common import AutomaticKind, Call, CallState, Channel, ConversationStatus, Message
from shared.contracts.conversations import ConversationEvent, Head

TEXT_LIMIT = 20_000
"""Characters of a text that rules see; it is also what the explanation keeps."""

Type = Literal["text", "texts", "choice", "number", "flag", "time"]
Seen = str | float | bool | datetime | tuple[str, ...] | None
Refers = Literal["brand", "team", "agent"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a rule looks: the conversation after the event, and the event's own message."""

    head: Head
    message: Message | None = None

    @classmethod
    def of(cls, event: ConversationEvent) -> Facts:
        return cls(event.head, getattr(event, "message", None))


@dataclass(frozen=True, slots=True)
class Field:
    """`choices`: the only values there are. `refers`: values are ids of this kind, from the directory."""

    name: str
    label: str
    type: Type
    get: Callable[[Facts], Seen]
    choices: tuple[str, ...] = ()
    refers: Refers | None = None


def _domain(address: str) -> str:
    return address.rpartition("@")[2] if "@" in address else ""


def _text(read: Callable[[Facts], str | None]) -> Callable[[Facts], Seen]:
    return lambda facts: (read(facts) or "")[:TEXT_LIMIT]


def _message(read: Callable[[Message], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.message is None else read(facts.message)


def _call(read: Callable[[Call], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.head.call is None else read(facts.head.call)


def _sender(message: Message) -> str:
    return message.sender.value if message.sender else ""


_TABLE = (
    Field("conversation.channel", "Channel", "choice", lambda f: f.head.channel, get_args(Channel)),
    Field("conversation.brand", "Brand", "choice", lambda f: f.head.brand_id, refers="brand"),
    Field("conversation.account", "Came in by (address, line)", "text", _text(lambda f: f.head.account)),
    Field("conversation.subject", "Subject", "text", _text(lambda f: f.head.subject)),
    Field("conversation.description", "First message", "text", _text(lambda f: f.head.description)),
    Field("conversation.status", "Status", "choice", lambda f: f.head.status, get_args(ConversationStatus)),
    Field("conversation.priority", "Priority", "flag", lambda f: f.head.priority),
    Field("conversation.spam", "Spam", "flag", lambda f: f.head.spam),
    Field("conversation.team", "Team", "choice", lambda f: f.head.team_id, refers="team"),
    Field("conversation.assignee", "Assignee", "choice", lambda f: f.head.assignee_id, refers="agent"),
    Field("conversation.topic", "Topic", "text", _text(lambda f: f.head.topic)),
    Field("conversation.tags", "Tags", "texts", lambda f: f.head.tags),
    Field("conversation.messages", "Number of messages", "number", lambda f: f.head.message_count),
    Field("conversation.started_at", "Started", "time", lambda f: f.head.started_at),
    Field("conversation.waiting_since", "Waiting since", "time", lambda f: f.head.waiting_since),
    Field("contact.name", "Customer's name", "text", _text(lambda f: f.head.contact_name)),
    Field("contact.address", "Customer's address or number", "text", _text(lambda f: f.head.handle.value)),
    Field("contact.domain", "Customer's email domain", "text", _text(lambda f: _domain(f.head.handle.value))),
    Field("message.direction", "Message direction", "choice", _message(lambda m: m.direction), ("in", "out")),
    Field("message.subject", "Message subject", "text", _message(lambda m: m.subject[:TEXT_LIMIT])),
    Field("message.text", "Message text", "text", _message(lambda m: m.text[:TEXT_LIMIT])),
    Field("message.quoted_text", "Quoted text", "text", _message(lambda m: m.quoted_text[:TEXT_LIMIT])),
    Field("message.to", "To", "texts", _message(lambda m: tuple(a.address for a in m.to))),
    Field("message.cc", "Cc", "texts", _message(lambda m: tuple(a.address for a in m.cc))),
    Field("message.attachments", "Number of attachments", "number", _message(lambda m: len(m.attachments))),
    Field(
        "message.attachment_names",
        "Attachment names",
        "texts",
        _message(lambda m: tuple(a.name for a in m.attachments)),
    ),
    Field(
        "message.automatic",
        "Automatic mail",
        "choice",
        _message(lambda m: m.automatic),
        get_args(AutomaticKind),
    ),
    Field("message.spam_score", "Spam score (0 to 1)", "number", _message(lambda m: m.spam.score)),
    Field("sender.address", "Sender's address", "text", _message(_sender)),
    Field("sender.domain", "Sender's domain", "text", _message(lambda m: _domain(_sender(m)))),
    Field("sender.name", "Sender's name", "text", _message(lambda m: m.sender.name if m.sender else "")),
    Field("call.direction", "Call direction", "choice", _call(lambda c: c.direction), ("inbound", "outbound")),
    Field("call.state", "Call state", "choice", _call(lambda c: c.state), get_args(CallState)),
    Field("call.number", "Caller's number", "text", _call(lambda c: c.number)),
    Field("call.line", "Called line", "text", _call(lambda c: c.line)),
    Field("call.missed_reason", "Why the call was missed", "text", _call(lambda c: c.missed_reason)),
    Field("call.duration_s", "Call duration in seconds", "number", _call(lambda c: c.duration_s)),
    Field("call.tags", "Call tags", "texts", _call(lambda c: c.tags)),
)

FIELDS: dict[str, Field] = {field.name: field for field in _TABLE}
