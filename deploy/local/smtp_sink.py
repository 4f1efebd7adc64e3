"""A mail server that delivers nowhere: it keeps every mail in a Maildir and shows them over HTTP.

Stands where a customer's mail server would be, for the local desk and for tests, which can tell it to
misbehave. Loopback only; the mail is what strangers wrote, so the page shows it as text.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import mailbox
import re
import signal
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MODES = ("ok", "tempfail", "permfail", "slow", "drop")
SIZE_LIMIT_BYTES = 50 * 1024 * 1024


@dataclass
class Behaviour:
    """How the sink answers: `mode` for mails to a recipient that matches, waiting `seconds` when slow."""

    mode: str = "ok"
    seconds: float = 0.0
    recipients: str = ""

    @classmethod
    def of(cls, said: dict[str, Any]) -> Behaviour:
        """From a request's JSON; ValueError says what is not understood."""
        unknown = set(said) - {"mode", "seconds", "recipients"}
        mode, seconds = said.get("mode", "ok"), said.get("seconds", 0)
        recipients = said.get("recipients") or ""
        if unknown or mode not in MODES or not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
            raise ValueError(f"want mode ({', '.join(MODES)}), seconds (0 to 600), recipients (a pattern)")
        re.compile(recipients)
        return cls(mode, float(seconds), recipients)

    def mode_for(self, recipients: list[str]) -> str:
        if not self.recipients or any(re.search(self.recipients, one) for one in recipients):
            return self.mode
        return "ok"


@dataclass
class Sink:
    """The stored mails and the behaviour; used from the SMTP loop's and the HTTP threads."""

    folder: Path
    behaviour: Behaviour = field(default_factory=Behaviour)
    lock: threading.Lock = field(default_factory=threading.Lock)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was shown of a mail, by its key: a mail never changes, and there may be thousands."""

    def __post_init__(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.maildir = mailbox.Maildir(self.folder, create=True)
        self.envelopes = self.folder / "envelopes"
        self.envelopes.mkdir(exist_ok=True)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook at the end of DATA: misbehave as told, else store and accept."""
        mode = self.behaviour.mode_for(envelope.rcpt_tos)
        if mode == "slow":
            await asyncio.sleep(self.behaviour.seconds)
        if mode == "tempfail":
            return "451 4.3.0 Told to fail for now"
        if mode == "permfail":
            return "550 5.1.1 Told to refuse"
        if mode == "drop":
            if server.transport is not None:
                cast(asyncio.WriteTransport, server.transport).abort()
            return "421 4.3.2 Told to hang up"
        key = await asyncio.to_thread(self.store, envelope)
        return f"250 2.0.0 Kept as {key}"

    def store(self, envelope: Envelope) -> str:
        """Keep the mail byte for byte, its envelope beside it."""
        content = envelope.original_content or b""
        with self.lock:
            key = self.maildir.add(content)
        beside = {
            "received_at": datetime.now(UTC).isoformat(),
            "order": time.time_ns(),
            "envelope": {"from": envelope.mail_from, "to": envelope.rcpt_tos},
        }
        partial = self.envelopes / f".{key}.new"
        partial.write_text(json.dumps(beside))
        partial.rename(self.envelopes / f"{key}.json")
        return key

    def raw(self, key: str) -> bytes | None:
        """The mail's bytes as they came, or None."""
        with self.lock:
            self.maildir._refresh()  # type: ignore[attr-defined]
            return self.maildir.get_bytes(key) if key in self.maildir else None

    def summaries(self) -> list[dict[str, Any]]:
        """All mails, newest first."""
        for file in self.envelopes.glob("*.json"):
            if file.stem not in self.known and (content := self.raw(file.stem)) is not None:
                mail = message_from_bytes(content, policy=policy.default)
                beside = json.loads(file.read_text())
                self.known[file.stem] = {"id": file.stem, **_headers(mail), **beside}
        newest_first = sorted(self.known.copy().values(), key=lambda mail: mail["order"], reverse=True)
        return [{name: value for name, value in mail.items() if name != "order"} for mail in newest_first]


def _headers(mail: EmailMessage) -> dict[str, str]:
    shown = {}
    for name in ("from", "to", "subject"):
        try:
            shown[name] = str(mail[name] or "")
        except Exception:  # the standard library raises many kinds on broken headers; show them as they came
            shown[name] = next((str(value) for key, value in mail.raw_items() if key.lower() == name), "")
    return shown


def page(mails: list[dict[str, Any]]) -> str:
    """The list for a person."""
    rows = "".join(
        f"<tr><td>{html.escape(mail['received_at'][:19])}<td>{html.escape(mail['from'])}"
        f"<td>{html.escape(mail['to'])}<td><a href='/messages/{html.escape(mail['id'])}'>"
        f"{html.escape(mail['subject'] or '(no subject)')}</a></tr>"
        for mail in mails
    )
    style = "body{font:15px system-ui;margin:2rem}td,th{padding:.3rem 1rem .3rem 0;text-align:left}"
    return (
        f"<!doctype html><meta charset=utf-8><title>Sent mail</title><style>{style}</style>"
        f"<h1>Mail that Switchboard has sent</h1><p>{len(mails)} kept here; nothing leaves this machine.</p>"
        f"<table><tr><th>At<th>From<th>To<th>Subject</tr>{rows}</table>"
    )


class View(BaseHTTPRequestHandler):
    """GET /, /messages, /messages/{id}, /behaviour; POST /behaviour."""

    @property
    def sink(self) -> Sink:
        return cast(HttpServer, self.server).sink

    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, "text/html; charset=utf-8", page(self.sink.summaries()).encode())
        elif self.path == "/messages":
            self.json(200, self.sink.summaries())
        elif self.path == "/behaviour":
            self.json(200, vars(self.sink.behaviour))
        elif self.path.startswith("/messages/") and (raw := self.sink.raw(self.path.split("/", 2)[2])) is not None:
            self.answer(200, "text/plain; charset=utf-8", raw)
        else:
            self.json(404, {"title": "There is nothing at this address"})

    def do_POST(self) -> None:
        if self.path != "/behaviour":
            return self.json(404, {"title": "There is nothing at this address"})
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), 10_000))
        try:
            self.sink.behaviour = Behaviour.of(json.loads(body))
        except (ValueError, AttributeError, TypeError, re.error) as error:
            return self.json(422, {"title": str(error)})
        return self.json(200, vars(self.sink.behaviour))

    def json(self, status: int, value: Any) -> None:
        self.answer(status, "application/json", json.dumps(value).encode())

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: it is asked many times a second in tests."""


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], sink: Sink) -> None:
        super().__init__(address, View)
        self.sink = sink


def serve(sink: Sink, host: str, smtp_port: int, http_port: int) -> tuple[Controller, HttpServer]:
    """Start both servers in threads; the caller stops them."""
    view = HttpServer((host, http_port), sink)
    threading.Thread(target=view.serve_forever, daemon=True).start()
    smtp = Controller(sink, hostname=host, port=smtp_port, data_size_limit=SIZE_LIMIT_BYTES, enable_SMTPUTF8=True)
    smtp.start()
    return smtp, view


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--smtp-port", type=int, required=True)
    options.add_argument("--http-port", type=int, required=True)
    options.add_argument("--maildir", type=Path, required=True)
    chosen = options.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    smtp, view = serve(Sink(chosen.maildir), chosen.host, chosen.smtp_port, chosen.http_port)
    print(
        f"mail on {chosen.host}:{chosen.smtp_port}, shown on http://{chosen.host}:{chosen.http_port}",
        flush=True,
    )
    ended.wait()
    smtp.stop()
    view.shutdown()


if __name__ == "__main__":
    main()
