"""The SMTP listener (RFC 5321). 250 is said after the mail is durable, and never before.

552 above 40 MiB, 550 for who is not ours, 451 while we cannot keep a mail or have too many in hand: the sender's
server keeps it and comes again.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl

from aiosmtpd.smtp import Envelope, Session, TLSSetupException
from pymongo.errors import PyMongoError

from services.ingest.channels.smtp.door import Door, Places, peer_of
from services.ingest.channels.smtp.load import Load
from services.ingest.channels.smtp.session import UNKNOWN_RECIPIENTS, SmtpSession
from services.ingest.channels.smtp.tls import Tls
from services.ingest.handlers.intake import Intake
from services.ingest.handlers.mail import accept_mail, mailbox_of, may_be_ours
from services.ingest.model.mail import MAX_RAW_BYTES
from services.ingest.settings import IngestSettings
from shared import metrics, trace
from shared.errors import DomainError, Transient
from shared.ids import random_id
from shared.logs import get_logger
from shared.proxies import is_in, network_of

log = get_logger(__name__)

MAX_RECIPIENTS = 100


class SmtpListener:
    """A part; also the handler whose hooks aiosmtpd calls."""

    def __init__(self, settings: IngestSettings, intake: Intake) -> None:
        self.name = "smtp"
        self.stopping = False
        self.places = Places(settings.smtp_connections, settings.smtp_address_connections)
        self.load = Load(
            messages=settings.smtp_messages, in_hand_bytes=settings.smtp_in_hand_bytes, largest_bytes=MAX_RAW_BYTES
        )
        self._settings = settings
        self._intake = intake
        self._server: asyncio.Server | None = None
        self._tls = Tls(settings.smtp_tls_cert_file, settings.smtp_tls_key_file)

    @property
    def port(self) -> int:
        """The port it listens on (settings may say 0: any)."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else self._settings.smtp_port

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        door = functools.partial(Door, self._refusal, self._admit)
        self._server = await loop.create_server(door, self._settings.smtp_host, self._settings.smtp_port)
        log.info("smtp listens", host=self._settings.smtp_host, port=self.port)

    async def stop(self) -> None:
        """Take nothing new; mails in hand are finished, and their senders told."""
        self.stopping = True
        if self._server:
            self._server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_s):
                await self.load.idle.wait()
        for guest in list(self.places.guests):
            guest.give_way()

    def alive(self) -> bool:
        return True

    async def ready(self) -> str | None:
        return None if self._server and self._server.is_serving() else "the SMTP port is not open"

    # ── connections ──────────────────────────────────────────────────────────────────────────────
    def refused(self, why: str) -> None:
        metrics.refused.labels("email", why).inc()

    def _counted(self, address: str) -> str:
        """ "" for a mail server of our own: it speaks for all senders, so no limit of one address is for it."""
        return "" if is_in(address, self._settings.trusted_mail_networks) else network_of(address)

    def _refusal(self, address: str) -> str | None:
        refusal = self.places.refusal(self._counted(address))
        if refusal is not None:
            self.refused("connections")
        return refusal

    def _admit(self, transport: asyncio.BaseTransport) -> None:
        session = SmtpSession(
            self,
            address=self._counted(peer_of(transport)),
            limit_bytes=MAX_RAW_BYTES,
            leave=self.places.leave,
            enable_SMTPUTF8=True,
            hostname="switchboard",
            ident="Switchboard",
            tls_context=self._tls.context(),
            timeout=self._settings.smtp_timeout_s,
        )
        self.places.enter(session)
        transport.set_protocol(session)
        session.connection_made(transport)

    # ── hooks of aiosmtpd ────────────────────────────────────────────────────────────────────────
    async def handle_EHLO(
        self, _server: SmtpSession, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [one for one in responses if not one.startswith("250-AUTH")]

    async def handle_exception(self, error: Exception) -> str:
        """A bug of ours, or a command that nobody thought of. The sender hears nothing of how we are built."""
        if isinstance(error, ssl.SSLError | TLSSetupException):
            log.info("no TLS with a sender", error=type(error).__name__)
        else:
            log.error("smtp command failed", exc_info=error)
        self.refused("error")
        return "451 4.3.0 Something went wrong here; please try again later"

    async def handle_MAIL(
        self, server: SmtpSession, _session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        size = next((one[5:] for one in mail_options if one.upper().startswith("SIZE=")), "")
        server.declared_bytes = int(size) if size.isdigit() else 0
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SmtpSession, _session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        await asyncio.sleep(0)  # a thousand at once come in one piece: others have their turn in between
        if server.unknown_recipients >= UNKNOWN_RECIPIENTS:
            server.hang_up("421 4.7.0 Too many unknown recipients")
            return ""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients; send the mail to the others again"
        if mailbox_of(self._intake, address) is None:
            if may_be_ours(self._intake):
                self.refused("directory")
                return "451 4.3.0 Not ready yet; please try again later"
            self.refused("recipient")
            server.unknown_recipients += 1
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SmtpSession, session: Session, envelope: Envelope) -> str:
        with trace.begun("", random_id()):
            return await self._accept(session, envelope)

    async def _accept(self, session: Session, envelope: Envelope) -> str:
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        around = {
            # aiosmtpd hands the null path (RFC 5321 §4.5.5) as "<>", any other without its brackets.
            "mail_from": _plain(f"<{(envelope.mail_from or '').strip('<>')}>"),
            "rcpt": _plain(",".join(envelope.rcpt_tos))[:4000],
            "peer": str((session.peer or ("",))[0]),
            "helo": _plain(session.host_name or "")[:255],
        }
        try:
            accepted = await accept_mail(self._intake, raw, envelope.rcpt_tos, around)
        except DomainError as error:
            self.refused(error.code)
            return f"554 5.6.0 {error.message}"
        except (Transient, PyMongoError, OSError) as error:
            self.refused("away")
            log.warning("mail not accepted, a server is away", error=type(error).__name__)
            return "451 4.3.0 Cannot keep the mail right now; please try again later"
        except Exception:
            self.refused("error")
            log.exception("mail not accepted")
            return "451 4.3.0 Something went wrong here; please try again later"
        return f"250 2.0.0 Accepted as {accepted[0].input_id}"


def _plain(text: str) -> str:
    """Bytes that were no UTF-8 come as lone surrogates, which no database takes."""
    return text.encode("utf-8", "replace").decode()
