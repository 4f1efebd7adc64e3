"""What the desk sends to: the customers' mail server and a webhook receiver. Both misbehave while they are told to.

Each mail and each call is spoilt at most once, at its first coming: a second failure would come back after five
minutes, by the desk's own timetable, and no gate lasts so long.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any
from weakref import WeakKeyDictionary

from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from deploy.local.ports import HOST
from tests.chaos.journal import Journal
from tests.chaos.plan import SILENT_S

SLOW_S = 3.0
SPOILT = 0.5
MOODS = ("well", "slow", "failing", "silent")


class Mood:
    """How one receiver answers just now; `whom` as in the plan."""

    def __init__(self, seed: str, whom: str, journal: Journal) -> None:
        self.now = "well"
        self.met = 0
        """How many mails or calls it spoilt."""
        self._whom = whom
        self._journal = journal
        self._seed = seed
        self._seen: set[str] = set()

    def towards(self, one: str) -> str:
        """For a mail or call by its id: "well" from its second coming on."""
        first = one not in self._seen
        self._seen.add(one)
        spoilt = random.Random(f"{self._seed}/{one}").random() < SPOILT
        if not first or not spoilt or self.now == "well":
            return "well"
        self.met += 1
        self._journal.write("spoilt", what=self.now, whom=self._whom, id=one)
        return self.now


class MailServer:
    """Takes every mail and writes it down. `heard`: told of each (Message-ID, recipient, our mailbox)."""

    def __init__(self, journal: Journal, seed: str, heard: Callable[[str, str, str], None]) -> None:
        self.mood = Mood(seed, "mail", journal)
        self.taken = 0
        self._journal = journal
        self._heard = heard
        self._began: WeakKeyDictionary[Session, float] = WeakKeyDictionary()
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), HOST, port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    async def handle_MAIL(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        """aiosmtpd's hook at MAIL FROM, whose answer the sender waits for: it is alive now. The mail itself may lie in
        our socket when it is dead already."""
        self._began[session] = time.time()
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook at the end of DATA. "silent": no answer for 30 s, and the mail is not taken."""
        raw = envelope.original_content or b""
        header = BytesHeaderParser().parsebytes(raw)
        message_id, mailbox = str(header["Message-ID"]), parseaddr(str(header["From"]))[1]
        mood = self.mood.towards(message_id)
        if mood == "silent":
            await asyncio.sleep(SILENT_S)
            return "421 4.3.2 Closing"
        if mood == "failing":
            return "451 4.3.0 Not now"
        if mood == "slow":
            await asyncio.sleep(SLOW_S)
        if server.transport is None or server.transport.is_closing():
            return "421 4.3.2 Whoever sent this is gone, and so is the mail"
        self.taken += 1
        began, to = self._began[session], sorted(envelope.rcpt_tos)
        self._journal.write("mail", message_id=message_id, sender=str(session.host_name), began=began, to=to)
        for recipient in envelope.rcpt_tos[:1]:
            self._heard(message_id, recipient, mailbox)
        return "250 2.0.0 Taken"


class Receiver:
    """An integrator's HTTP server: checks signatures, writes every call down."""

    def __init__(self, journal: Journal, seed: str) -> None:
        self.mood = Mood(seed, "hooks", journal)
        self.secret = ""
        self.taken = 0
        self.bad_signatures = 0
        self._journal = journal
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        began, mood = time.time(), self.mood.towards(headers["webhook-id"])
        if mood == "silent":
            await asyncio.wait([asyncio.ensure_future(reader.read())], timeout=SILENT_S)
            self._write(began, body, headers, "silent")
            return False
        if mood == "slow":
            await asyncio.sleep(SLOW_S)
        status = "503 Not Now" if mood == "failing" else "204 No Content"
        self._write(began, body, headers, "failed" if mood == "failing" else "taken")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True

    def _write(self, began: float, body: bytes, headers: dict[str, str], outcome: str) -> None:
        try:
            event: Any = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            self.bad_signatures += 1
            return
        self.taken += outcome == "taken"
        # A call may lie in the socket of a sender that is dead by now: its life began when it was signed.
        began = min(began, float(headers["webhook-timestamp"]))
        self._journal.write(
            "hook",
            id=headers["webhook-id"],
            began=began,
            subject=event["subject"],
            sequence=int(event["sequence"]),
            source=event["type"],
            outcome=outcome,
        )
