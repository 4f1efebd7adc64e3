"""The SMTP listener by itself, on either event loop, with nothing behind it: what it takes is kept in a list."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import services.ingest.smtp as smtp
from services.ingest.handlers.intake import Intake
from services.ingest.settings import IngestSettings

Run = Callable[[Coroutine[Any, Any, None]], None]
LOOPS = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
PATIENCE_S = 20.0


@dataclass
class Front:
    """The listener, and every mail that it took: (content, recipients, envelope)."""

    listener: smtp.SmtpListener
    taken: list[tuple[bytes, list[str], dict[str, str]]] = field(default_factory=list)

    async def talk(self, source: str = "127.0.0.1") -> Talk:
        opened = await asyncio.open_connection("127.0.0.1", self.listener.port, local_addr=(source, 0))
        return Talk(*opened)


@dataclass
class Talk:
    """A client that says exactly what it is told to."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def heard(self) -> str:
        """One answer, its lines joined; "" when the connection is closed."""
        async with asyncio.timeout(PATIENCE_S):
            lines = []
            while line := (await self.reader.readline()).decode():
                lines.append(line)
                if line[3:4] != "-":
                    break
            return "".join(lines)

    async def say(self, text: str | bytes) -> str:
        """One command or more, and the first answer."""
        self.writer.write(text if isinstance(text, bytes) else f"{text}\r\n".encode())
        return await self.heard()

    async def closed(self) -> str:
        """Everything until the other side closes."""
        async with asyncio.timeout(PATIENCE_S):
            return (await self.reader.read()).decode()

    async def begin_envelope(self) -> None:
        await self.heard()
        for line in ("EHLO there.example", "MAIL FROM:<ann@x.example>"):
            assert (await self.say(line)).startswith("250")

    async def begin(self, to: str = "support@paleo.example") -> None:
        """Up to the 354 of a mail."""
        await self.begin_envelope()
        assert (await self.say(f"RCPT TO:<{to}>")).startswith("250")
        assert (await self.say("DATA")).startswith("354")

    def end(self) -> None:
        self.writer.close()


def settings(**more: Any) -> IngestSettings:
    given = {"kafka": "k:9092", "mongo": "m", "redis": "r", "secret": "s" * 32, "smtp_port": 0, **more}
    return IngestSettings.model_validate(given)


def on(
    run: Run, monkeypatch: pytest.MonkeyPatch, test: Callable[[Front], Coroutine[Any, Any, None]], **more: Any
) -> None:
    """Run a test against a listener with these settings. Peers count as strangers unless told otherwise."""

    async def whole() -> None:
        more.setdefault("trusted_mail_networks", (ip_network("192.0.2.0/24"),))
        front = Front(smtp.SmtpListener(settings(**more), cast(Intake, None)))

        async def accept(_: Any, raw: bytes, rcpt: list[str], around: dict[str, str]) -> list[Any]:
            front.taken.append((raw, list(rcpt), around))
            return [SimpleNamespace(input_id="1")]

        def known(_: Any, address: str) -> str | None:
            return address if address.endswith("@paleo.example") else None

        monkeypatch.setattr(smtp, "accept_mail", accept)
        monkeypatch.setattr(smtp, "mailbox_of", known)
        directory = SimpleNamespace(missing=lambda: None, brands={"paleo": None})
        front.listener._intake = cast(Intake, SimpleNamespace(directory=directory))
        await front.listener.start()
        try:
            await test(front)
        finally:
            await front.listener.stop()

    run(whole())


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A key and its own certificate in one file, and what a client needs to believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "switchboard")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("switchboard")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    file = folder / "mail.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain) + made.public_bytes(serialization.Encoding.PEM)
    )
    return file, ssl.create_default_context(cafile=str(file))
