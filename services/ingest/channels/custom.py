"""Custom channels (CH10): `integrations.inbound.v1`'s MessagePosted → MessageReceived."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from services.ingest.channels.email import html, words
from services.ingest.model.arrival import StoredFile, custom_conversation_id, entry_id
from services.ingest.model.mail import MAX_HTML_BYTES, MAX_TEXT_BYTES, ParsedFile
from services.ingest.model.mail_event import fitting
from shared.contracts.common import Actor, Handle, Message
from shared.contracts.ingest import MessageReceived
from shared.contracts.integrations import MessagePosted
from shared.errors import FieldError, Invalid


def files_of(posted: MessagePosted) -> list[ParsedFile]:
    """The event's files, decoded; a body too long to show whole is a file too. Raises Invalid for broken base64."""
    found = []
    for n, one in enumerate(posted.files):
        try:
            data = base64.b64decode(one.data_base64, validate=True)
        except (binascii.Error, ValueError):
            field = FieldError(f"files.{n}.data_base64", "send standard base64 (RFC 4648 §4) without line breaks")
            raise Invalid("file_not_base64", f"File {n + 1} is not valid base64.", (field,)) from None
        found.append(ParsedFile(one.name, one.content_type, data))
    if len(posted.text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        found.append(ParsedFile("message.txt", "text/plain", posted.text.encode("utf-8", "replace")))
    if posted.html and len(posted.html) > MAX_HTML_BYTES:
        found.append(ParsedFile("message.html", "text/html", posted.html.encode("utf-8", "replace")))
    return found


def received(posted: MessagePosted, input_id: str, files: Sequence[StoredFile], at: datetime) -> MessageReceived:
    """The event. A thread of one channel and brand is one conversation."""
    name = words.clean_line(posted.sender.name, 200)
    who = posted.sender.id
    sender = Handle(kind="external", value=f"{posted.channel}:{who}", name=name)
    safe = html.sanitised(posted.html, MAX_HTML_BYTES) if posted.html else None
    text = words.cut(words.clean_text(posted.text), MAX_TEXT_BYTES)
    sent_at = posted.sent_at.replace(microsecond=posted.sent_at.microsecond // 1000 * 1000) if posted.sent_at else None
    message = Message(
        entry_id=entry_id(input_id),
        direction="in",
        author=Actor(kind="customer", name=name or who),
        sender=sender,
        subject=words.clean_line(posted.subject),
        text=text or (html.as_text(safe) if safe else ""),
        html=safe or None,
        attachments=tuple(one.attachment for one in files),
        joined="thread",
        sent_at=sent_at,
        received_at=at,
    )
    return fitting(
        MessageReceived(
            input_id=input_id,
            conversation_id=custom_conversation_id(posted.channel, posted.brand, posted.thread),
            brand_id=posted.brand,
            channel="custom",
            account=posted.channel,
            sender=sender,
            message=message,
        )
    )
