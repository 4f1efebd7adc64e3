"""Raw mails as an attacker's own program sends them over SMTP, and what became of them at the desk."""

from __future__ import annotations

import asyncio
import smtplib
import uuid
from typing import Any

from deploy.local.ports import MAIL_SERVER
from tests.desk import Desk
from tests.e2e.outside import Agent, until

BOX = "support@paleohacks.example"
BRAND_DOMAIN = "paleohacks.example"


def word(name: str) -> str:
    """A word that stands nowhere else."""
    return f"{name}{uuid.uuid4().hex[:12]}"


def said(verdict: str, domain: str, server: str = MAIL_SERVER) -> tuple[str, str]:
    """An Authentication-Results field (RFC 8601)."""
    return "Authentication-Results", f"{server}; dmarc={verdict} header.from={domain}"


def letter(mark: str, sender: str, *fields: tuple[str, str], to: str = BOX, body: str = "") -> bytes:
    """A mail whose subject is `mark`. Written by hand, since the standard library refuses what attackers write."""
    given = {name.lower() for name, _ in fields}
    usual = [("From", sender), ("To", to), ("Subject", mark), ("Message-ID", f"<{mark}@{sender.rpartition('@')[2]}>")]
    head = [*fields, *(one for one in usual if one[0].lower() not in given)]
    return "".join(f"{name}: {value}\r\n" for name, value in head).encode() + f"\r\n{body or mark}\r\n".encode()


async def post(desk: Desk, raw: bytes, *, to: str = BOX, sender: str = "eve@evil.example") -> tuple[int, str]:
    """Send as it is. `sender` is the envelope's, "" the null path. What SMTP answered to the mail itself."""
    host, port = desk.smtp.split(":")

    def send() -> tuple[int, bytes]:
        with smtplib.SMTP(host, int(port), timeout=120) as smtp:
            smtp.ehlo("attacker.example")
            for code, words in (smtp.mail(sender), smtp.rcpt(to)):
                if code != 250:
                    return code, words
            try:
                return smtp.data(raw)
            except smtplib.SMTPDataError as refused:
                return refused.smtp_code, refused.smtp_error  # type: ignore[return-value]

    code, words = await asyncio.to_thread(send)
    return code, words.decode(errors="replace")


async def found(agent: Agent, text: str) -> tuple[str, dict[str, Any]]:
    """The newest conversation with a message in whose subject or text `text` stands, and that message."""

    async def look() -> tuple[str, dict[str, Any]] | None:
        listed = await agent.get("/api/tickets/conversations", inbox="all", status="all", sort="newest", limit=20)
        for one in listed["items"]:
            for message in await messages(agent, one["head"]["id"]):
                if text in f"{message['subject']} {message['text']}":
                    return one["head"]["id"], message
        return None

    conversation_id, message = await until(look)
    return conversation_id, message


async def messages(agent: Agent, conversation_id: str) -> list[dict[str, Any]]:
    items = await agent.timeline(conversation_id)
    return [message for one in items if (message := one["data"].get("message"))]


async def delivered(desk: Desk, agent: Agent, raw: bytes, mark: str, **envelope: str) -> tuple[str, dict[str, Any]]:
    """Accepted with 250; the conversation that it became or joined, and its message."""
    code, words = await post(desk, raw, **envelope)
    assert code == 250, (code, words)
    return await found(agent, mark)
