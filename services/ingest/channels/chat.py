"""The messenger: a visitor's message, and what the visitor said of themselves, as events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.ingest.channels.email.words import clean_text
from services.ingest.model.arrival import StoredFile, entry_id
from services.ingest.model.visitor import Identity
from shared import ids
from shared.contracts.common import Actor, Handle, Message
from shared.contracts.ingest import MessageReceived, VisitorIdentified

ACCOUNT = "messenger"


def received(
    *,
    input_id: str,
    conversation_id: str,
    brand_id: str,
    visitor_id: str,
    identity: Identity,
    text: str,
    files: Sequence[StoredFile],
    at: datetime,
) -> MessageReceived:
    sender = Handle(kind="visitor", value=visitor_id, name=identity.name)
    message = Message(
        entry_id=entry_id(input_id),
        direction="in",
        author=Actor(kind="customer", name=identity.name),
        sender=sender,
        text=clean_text(text).strip(),
        attachments=tuple(one.attachment for one in files),
        joined="session",
        received_at=at,
    )
    return MessageReceived(
        input_id=input_id,
        conversation_id=conversation_id,
        brand_id=brand_id,
        channel="chat",
        account=ACCOUNT,
        sender=sender,
        message=message,
    )


def identity_input_id(conversation_id: str, identity: Identity) -> str:
    """The same identity is told once in each conversation; a changed one is told again."""
    verified = "verified" if identity.verified else ""
    return ids.derived("visitor", conversation_id, identity.name, identity.email, identity.external_id, verified)


def identified(
    *, input_id: str, conversation_id: str, brand_id: str, visitor_id: str, identity: Identity, at: datetime
) -> VisitorIdentified:
    return VisitorIdentified(
        input_id=input_id,
        conversation_id=conversation_id,
        brand_id=brand_id,
        visitor_id=visitor_id,
        verified=identity.verified,
        name=identity.name,
        email=identity.email,
        external_id=identity.external_id,
        at=at,
    )
