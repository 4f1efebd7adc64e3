"""The SMTP listener (RFC 5321). 250 is said after the mail is durable, and never before.

552 above 40 MiB, 550 for who is not ours, 451 while we cannot keep a mail or have too many in hand: the sender's
server keeps it and comes again.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from pymongo.errors import PyMongoError

from services.ingest.handlers.intake import Intake
from services.ingest.handlers.mail import accept_mail, mailbox_of
from services.ingest.model.mail import MAX_RAW_BYTES
from services.ingest.settings import IngestSettings
from shared import metrics
from shared.errors import DomainError, Transient
from shared.logs import get_logger

log = get_logger(__name__)

MAX_RECIPIENTS = 100
GUESS_BYTES = 1024 * 1024
"""What a mail counts for while it comes in without a declared SIZE."""


class Load:
    """How much is in hand. One mail is always let in, so that no limit shuts the door for good."""

    def __init__(self, *, messages: int, in_hand_bytes: int) -> None:
        self._messages = messages
        self._bytes = in_hand_bytes
        self.messages_now = 0
        self.bytes_now = 0
        self.idle = asyncio.Event()
        self.idle.set()

    def full(self, size_bytes: int) -> bool:
        over = self.messages_now >= self._messages or self.bytes_now + size_bytes > self._bytes
        return over and self.messages_now > 0

    @contextlib.contextmanager
    def hold(self, size_bytes: int) -> Iterator[None]:
        self.messages_now += 1
        self.bytes_now += size_bytes
        self.idle.clear()
        try:
            yield
        finally:
            self.messages_now -= 1
            self.bytes_now -= size_bytes
            if self.messages_now == 0:
                self.idle.set()


class _Connection(SMTP):
    """aiosmtpd's server, asked for its load before it takes a mail's bytes."""

    def __init__(self, part: SmtpListener, **options: Any) -> None:
        super().__init__(part, **options)
        self._part = part
        self.declared_bytes = 0

    async def smtp_DATA(self, arg: str) -> None:
        declared = self.declared_bytes or GUESS_BYTES
        if self._part.stopping or self._part.load.full(declared):
            metrics.refused.labels("email", "load").inc()
            await self.push("451 4.3.2 Too busy right now; please try again later")
            return
        with self._part.load.hold(declared), self._long_lines():
            await super().smtp_DATA(arg)

    @contextlib.contextmanager
    def _long_lines(self) -> Iterator[None]:
        """RFC 5321 §4.5.3.1.6 says 1,000 bytes; real mail has lines of any length, even bare line feeds alone, and
        refusing it loses customers' mail. Only while the load counts it: a command's line stays short."""
        reader: Any = self._reader
        usual = self.line_length_limit
        self.line_length_limit = reader._limit = MAX_RAW_BYTES + 2
        try:
            yield
        finally:
            self.line_length_limit = reader._limit = usual

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._part.connections.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        for transport in [one for one in self._part.connections if one is self.transport or one.is_closing()]:
            self._part.connections.discard(transport)
        super().connection_lost(error)


class SmtpListener:
    """A part; also the handler whose hooks aiosmtpd calls."""

    def __init__(self, settings: IngestSettings, intake: Intake) -> None:
        self.name = "smtp"
        self.stopping = False
        self.connections: set[asyncio.BaseTransport] = set()
        self.load = Load(messages=settings.smtp_messages, in_hand_bytes=settings.smtp_in_hand_bytes)
        self._settings = settings
        self._intake = intake
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on (settings may say 0: any)."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else self._settings.smtp_port

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._settings.smtp_host, self._settings.smtp_port)
        log.info("smtp listens", host=self._settings.smtp_host, port=self.port)

    async def stop(self) -> None:
        """Take nothing new; mails in hand are finished, and their senders told."""
        self.stopping = True
        if self._server:
            self._server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_s):
                await self.load.idle.wait()
        for transport in list(self.connections):
            transport.close()

    def alive(self) -> bool:
        return True

    async def ready(self) -> str | None:
        return None if self._server and self._server.is_serving() else "the SMTP port is not open"

    def _connection(self) -> asyncio.Protocol:
        if len(self.connections) >= self._settings.smtp_connections:
            metrics.refused.labels("email", "connections").inc()
            return _Busy()
        connection: asyncio.Protocol = _Connection(
            self,
            data_size_limit=MAX_RAW_BYTES,
            enable_SMTPUTF8=True,
            hostname="switchboard",
            ident="Switchboard",
            tls_context=self._tls(),
            timeout=self._settings.smtp_timeout_s,
        )
        return connection

    def _tls(self) -> ssl.SSLContext | None:
        if not self._settings.smtp_tls_cert_file:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._settings.smtp_tls_cert_file, self._settings.smtp_tls_key_file or None)
        return context

    # ── hooks of aiosmtpd ────────────────────────────────────────────────────────────────────────
    async def handle_MAIL(
        self, server: _Connection, _session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        size = next((one[5:] for one in mail_options if one.upper().startswith("SIZE=")), "")
        server.declared_bytes = int(size) if size.isdigit() else 0
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients; send the mail to the others again"
        if mailbox_of(self._intake, address) is None:
            if await self._intake.directory.ready() is not None:
                metrics.refused.labels("email", "directory").inc()
                return "451 4.3.0 Not ready yet; please try again later"
            metrics.refused.labels("email", "recipient").inc()
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        around = {
            "mail_from": f"<{envelope.mail_from or ''}>",
            "rcpt": ",".join(envelope.rcpt_tos)[:4000],
            "peer": str((session.peer or ("",))[0]),
            "helo": str(session.host_name or "")[:255],
        }
        try:
            accepted = await accept_mail(self._intake, raw, envelope.rcpt_tos, around)
        except DomainError as error:
            metrics.refused.labels("email", error.code).inc()
            return f"554 5.6.0 {error.message}"
        except (Transient, PyMongoError, OSError) as error:
            metrics.refused.labels("email", "away").inc()
            log.warning("mail not accepted, a server is away", error=type(error).__name__)
            return "451 4.3.0 Cannot keep the mail right now; please try again later"
        except Exception:
            metrics.refused.labels("email", "error").inc()
            log.exception("mail not accepted")
            return "451 4.3.0 Something went wrong here; please try again later"
        return f"250 2.0.0 Accepted as {accepted[0].input_id}"


class _Busy(asyncio.Protocol):
    """The answer to one connection too many (RFC 5321 §3.8)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asked with isinstance: uvloop's transports are none of asyncio's, and the sender heard nothing.
        cast(asyncio.WriteTransport, transport).write(b"421 4.3.2 Too many connections; please try again later\r\n")
        transport.close()
