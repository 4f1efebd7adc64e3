"""What came in, before and after it was understood, and how its identity is derived.

An input's id is never random: the same input always gets the same id, so that sending it again changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared import ids
from shared.contracts.base import Event
from shared.contracts.common import Attachment, Channel


@dataclass(frozen=True, slots=True)
class Arrival:
    """One input, raw. `envelope` is what stood around the bytes (SMTP sender, headers of a record), for replay."""

    id: str
    channel: Channel
    account: str
    brand_id: str
    received_at: datetime
    raw: bytes = field(repr=False)
    content_type: str
    envelope: Mapping[str, str]
    correlation_id: str
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose bytes lie in the blob store under `sha256` (hex), to be registered with the input."""

    id: str
    sha256: str
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Thread:
    """What the index knows of a conversation by email: whose it is and who takes part (addresses, lower case).

    A side conversation is a thread of its own, with its own id as `conversation_id`; `side_of` is the conversation that
    it is in. So who takes part in one has no part in the other."""

    conversation_id: str
    account: str
    brand_id: str
    addresses: frozenset[str]
    side_of: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The part of the index that a mail refers to: Message-ID → conversations, conversation → thread.

    `copies` are the conversations that already hold this very mail (same bytes), come by another mailbox.
    """

    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    threads: Mapping[str, Thread] = field(default_factory=dict)
    copies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ThreadNote:
    """What the index learns from an accepted mail."""

    thread: Thread
    message_id: str | None
    content_hash: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What an input means: its conversation, and the events in order (none: a copy of what is already there)."""

    conversation_id: str
    entry_id: str
    events: tuple[Event, ...]
    files: tuple[StoredFile, ...] = ()
    note: ThreadNote | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An arrival with the pure function that decides it once the index was read, inside the transaction."""

    arrival: Arrival
    decide: Callable[[Known], Decision]
    references: tuple[str, ...] = ()
    root_id: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a sender: durable, and whether it had been accepted before."""

    input_id: str
    conversation_id: str
    entry_id: str
    duplicate: bool


def content_hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def mail_input_id(account: str, message_id: str | None, raw_hash: str) -> str:
    """Message-ID and bytes: a reused Message-ID is another mail, and a mail without one is still a mail."""
    return ids.derived("email", account, message_id or "", raw_hash)


def chat_input_id(visitor_id: str, session_id: str, client_id: str) -> str:
    return ids.derived("chat", visitor_id, session_id, client_id)


def chat_conversation_id(visitor_id: str, session_id: str) -> str:
    return ids.derived("chat", visitor_id, session_id)


def call_conversation_id(account: str, call_id: str) -> str:
    return ids.derived("call", account, call_id)


def custom_input_id(source: str, event_id: str) -> str:
    """CloudEvents 1.0: `source` and `id` together are unique."""
    return ids.derived("custom", source, event_id)


def custom_conversation_id(channel: str, brand_id: str, thread: str) -> str:
    return ids.derived("custom", channel, brand_id, thread)


def entry_id(input_id: str) -> str:
    return ids.derived("entry", input_id)
