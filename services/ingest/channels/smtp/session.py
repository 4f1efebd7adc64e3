"""One connection's talk (RFC 5321): aiosmtpd's, with limits, and with a mail's bytes taken whole rather than by lines.

A mail ends at CR LF . CR LF and at nothing that resembles it: servers that took a bare line feed for a line's end
let a second mail be smuggled in behind a first (CVE-2023-51764, CVE-2024-27305). aiosmtpd keeps each line as an
object of its own, so that 40 MiB of empty lines took two gigabytes and stopped everybody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Protocol, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.ingest.channels.smtp.load import LEAST_BYTES, Load, Share

END = b"\r\n.\r\n"
DISCARDED_TIMES = 3
"""How many times the limit is read on and thrown away, so that the sender hears 552, before the line is cut."""
PROGRESS_BYTES = 64 * 1024
"""Who sends less than this within the time limit is cut off: a mail may come slowly, but not stand still."""
WORK_S = 600.0
"""RFC 5321 §4.5.3.2.6: senders wait ten minutes for the answer to a mail."""
UNKNOWN_RECIPIENTS = 50
"""How many wrong addresses one connection may try."""
CALLS = {"MAIL": 2000, "RCPT": 5000, "DATA": 2000, "RSET": 2000, "*": 100}
"""How often one connection may say each command; then 421. Servers that keep a connection send many mails by it."""


class Host(Protocol):
    """What a session needs of the listener."""

    load: Load
    stopping: bool

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str: ...

    def refused(self, why: str) -> None:
        """Count a refusal."""


class SmtpSession(SMTP):
    """`address` is whose limits count, "" for none. `leave` is called once when the connection is over."""

    def __init__(
        self, host: Host, *, address: str, limit_bytes: int, leave: Callable[[SmtpSession], None], **options: Any
    ) -> None:
        super().__init__(
            host,
            data_size_limit=limit_bytes,
            command_call_limit=CALLS,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            **options,
        )
        self.address = address
        self.declared_bytes = 0
        self.unknown_recipients = 0
        self._host = host
        self._limit_bytes = limit_bytes
        self._leave = leave
        self._share: Share | None = None
        self._arrived = 0
        self._heard_at = time.monotonic()
        self._working = False

    # ── the connection ───────────────────────────────────────────────────────────────────────────
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_told)

    def connection_lost(self, error: Exception | None) -> None:
        self._leave(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        if self._share is not None:
            before, self._arrived = self._arrived, self._arrived + len(data)
            if before // PROGRESS_BYTES != self._arrived // PROGRESS_BYTES:
                self._reset_timeout()
            if not self._share.reached(min(self._arrived, self._limit_bytes)):
                self._host.refused("load")
                self.hang_up("421 4.3.2 Too much in hand; please try again later")
                return
        super().data_received(data)

    def silent_s(self) -> float:
        return 0.0 if self._working else time.monotonic() - self._heard_at

    def give_way(self) -> None:
        self.hang_up("421 4.4.2 Silent for too long while others wait; please try again later")

    def hang_up(self, last_words: str) -> None:
        if self.transport is not None and not self.transport.is_closing():
            cast(asyncio.WriteTransport, self.transport).write(f"{last_words}\r\n".encode())
            self.transport.close()

    # ── commands ─────────────────────────────────────────────────────────────────────────────────
    async def smtp_AUTH(self, arg: str) -> None:  # noqa: ARG002 aiosmtpd's own signature
        await self.push("502 5.5.1 Nobody signs in here")

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: ARG002
        await self.push("252 2.5.0 Send the mail and see")

    async def smtp_DATA(self, arg: str) -> None:
        if await self.check_helo_needed():
            return
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if self._host.stopping or self._host.load.full(max(self.declared_bytes, LEAST_BYTES), self.address):
            self._host.refused("load")
            await self.push("451 4.3.2 Too busy right now; please try again later")
            return
        with self._host.load.hold(self.address) as share:
            await self._receive(share)

    async def _receive(self, share: Share) -> None:
        self._share, self._arrived = share, 0
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            raw = await self._content()
        finally:
            self._share = None
        session, envelope = self.session, self.envelope
        self.envelope = self._create_envelope()
        if raw is None or session is None or envelope is None:
            await self.push("552 5.3.4 The mail is larger than the limit")
            return
        envelope.content = envelope.original_content = raw
        self._reset_timeout(WORK_S)
        self._working = True
        try:
            with share.working():
                said = await self._host.handle_DATA(self, session, envelope)
        finally:
            self._working = False
            self._heard_at = time.monotonic()
        await self.push(said)

    async def _content(self) -> bytes | None:
        """The mail as it was written, dots of transparency taken out (RFC 5321 §4.5.2); None when it is too large."""
        reader: Any = self._reader
        usual = reader._limit
        # A line end before the first line, so that a dot on it is found as on any other.
        reader._buffer[:0] = b"\r\n"
        reader._limit = self._limit_bytes + len(END)
        try:
            with contextlib.suppress(asyncio.LimitOverrunError):
                raw: bytes = await reader.readuntil(END)
                content = raw[:-3].replace(b"\r\n.", b"\r\n")[2:]
                return content if len(content) <= self._limit_bytes else None
            reader._limit = PROGRESS_BYTES
            await self._discard(reader)
            return None
        finally:
            reader._limit = usual

    async def _discard(self, reader: Any) -> None:
        while self._arrived <= self._limit_bytes * (1 + DISCARDED_TIMES):
            try:
                await reader.readuntil(END)
                return
            except asyncio.LimitOverrunError as error:
                await reader.read(error.consumed)
        self.hang_up("552 5.3.4 The mail is larger than the limit")
        raise ConnectionResetError


def _told(talk: asyncio.Task[None]) -> None:
    """Who hangs up while we answer is nobody's error."""
    if not talk.cancelled():
        talk.exception()
