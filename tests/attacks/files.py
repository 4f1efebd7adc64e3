"""Mails with files of an attacker's own making: names and types that no library would write."""

from __future__ import annotations

import asyncio
import base64
import smtplib
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.desk import Desk
from tests.e2e.outside import Agent, mail, until

ADDRESS = "support@paleohacks.example"


@dataclass
class Filed:
    """A mail with files, as its agents see it."""

    conversation_id: str
    mark: str
    files: list[dict[str, Any]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return str(next(one["url"] for one in self.files if one["name"] == name))


async def arrived(desk: Desk, files: list[tuple[str, str, bytes]]) -> Filed:
    """Sent as bytes of our own making, with names and types that no library would write."""
    mark = f"files{uuid.uuid4().hex[:10]}"
    parts = [("", "text/plain", b"See the files."), *files]
    body = b""
    for name, kind, data in parts:
        body += b"--=x=\r\nContent-Type: " + kind.encode() + b"\r\n"
        if name:
            written = base64.b64encode(name.encode()).decode()
            body += f'Content-Disposition: attachment; filename="=?utf-8?B?{written}?="\r\n'.encode()
        body += b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data) + b"\r\n"
    one = mail(to=ADDRESS, subject=mark, text="-", sender=f"{mark}@customer.example")
    head = "".join(f"{name}: {value}\r\n" for name, value in one.items() if not name.lower().startswith("content-"))
    raw = f'{head}Content-Type: multipart/mixed; boundary="=x="\r\n\r\n'.encode() + body + b"--=x=--\r\n"
    await asyncio.to_thread(post, desk.smtp, raw)
    async with Agent(desk.web, desk.account("lead")) as agent:
        conversation: dict[str, Any] = await until(lambda: agent.find(mark))
        (first, *_) = await agent.timeline(conversation["id"])
    return Filed(conversation["id"], mark, first["data"]["message"]["attachments"])


def post(address: str, raw: bytes) -> None:
    host, port = address.split(":")
    with smtplib.SMTP(host, int(port), timeout=20) as smtp:
        smtp.sendmail("ann@customer.example", [ADDRESS], raw)
