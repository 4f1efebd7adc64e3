"""The floors for a mail: the standard library's parser alone, by its usual policy and by the lenient one that we use.

What a parser alone does is taken to be the tree of parts and what each part holds: its transfer encoding undone and a
text decoded, as before that a mail is not read. Nothing is sanitised, split or recognised. The usual policy also takes
the header fields apart as it reads them; the lenient one leaves them as they were written, so it is the harder floor.
"""

from __future__ import annotations

from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser

HEADERS = ("From", "To", "Subject", "Message-ID", "References", "Date")


def usual(raw: bytes) -> EmailMessage:
    """`policy.default`. Raises what it raises on fields and charsets that real mail has (LookupError, IndexError)."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    for name in HEADERS:
        str(message[name])
    for part in message.walk():
        if not part.is_multipart():
            part.get_content()
    return message


def lenient(raw: bytes) -> Message:
    """`policy.compat32`."""
    message = BytesParser(policy=policy.compat32).parsebytes(raw)
    for name in HEADERS:
        str(message[name])
    for part in message.walk():
        if not part.is_multipart():
            content_of(part)
    return message


def content_of(part: Message) -> str | bytes:
    """A text decoded, in Latin-1 where nobody knows its charset; of anything else the bytes."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)  # of a part that has none below it
    if part.get_content_maintype() != "text":
        return content
    try:
        return content.decode(part.get_content_charset("ascii"), "replace")
    except LookupError:
        return content.decode("latin-1")
