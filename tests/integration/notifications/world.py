"""What surrounds notifications in its tests: a mail server that misbehaves, a file store, keys, a clock that moves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

import uvicorn
from aiosmtpd.controller import Controller
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey

from deploy.local.ports import HOST, any_free
from shared import clock
from shared.contracts.base import Event
from shared.contracts.common import Address
from shared.contracts.directory import AgentChanged, BrandChanged, RoleChanged, SigningKeyChanged
from shared.signing import Signer

SECRET = "a secret of at least thirty-two characters"
READ = ("conversations.read",)


T = TypeVar("T")


async def until(look: Callable[[], Awaitable[T]], *, within_s: float = 15.0) -> T:
    """The first truthy answer; fails when the deadline passes."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        found = await look()
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


class MovingClock:
    """The real time, and as much later as the test says."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class Mailbox:
    """An SMTP server. `refuse_rcpt` answers by address, `refuse_data` for the whole mail; `hang` holds DATA back;
    `holding` says that one is."""

    refuse_rcpt: dict[str, str] = field(default_factory=dict)
    refuse_data: str = ""
    hang: set[str] = field(default_factory=set)
    got: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    attempts: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)
    controller: Controller | None = None
    port: int = 0

    def start(self) -> None:
        self.port = self.port or any_free(1)[0]
        self.controller = Controller(self, hostname=HOST, port=self.port, enable_SMTPUTF8=True)
        self.controller.start()

    def stop(self) -> None:
        self.released.set()
        if self.controller:
            self.controller.stop(no_assert=True)
            self.controller = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refuse_rcpt:
            return self.refuse_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.attempts += 1
        if self.hang & set(envelope.rcpt_tos):
            self.holding.set()
        while self.hang & set(envelope.rcpt_tos) and not self.released.is_set():
            await asyncio.sleep(0.05)
        if self.refuse_data:
            return self.refuse_data
        self.got.append((tuple(envelope.rcpt_tos), bytes(envelope.content)))
        return "250 kept"

    def mails(self) -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(content, policy=policy.default)) for _, content in self.got]


class FileStore:
    """Serves files to whoever has a link that is signed and not old, as ingest does."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.status, self.asked = files, 200, 0
        store, signer = self, Signer(SECRET)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                store.asked += 1
                url = urlsplit(self.path)
                file_id, query = url.path.rpartition("/")[2], parse_qs(url.query)
                exp, sig = int(query["exp"][0]), query["sig"][0]
                allowed = url.path.startswith("/attachments/") and signer.file_allowed(file_id, exp, sig, clock.now())
                status = store.status if allowed else 403
                content = store.files.get(file_id)
                if status == 200 and content is None:
                    status = 404
                self.send_response(status)
                self.end_headers()
                if status == 200 and content:
                    self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Desk:
    """A directory of two brands, three agents and a signing key, and tokens for the agents."""

    def __init__(self) -> None:
        self._key = OKPKey.generate_key("Ed25519", {"kid": "k1"})

    def events(self) -> list[tuple[str, Event]]:
        """(Kafka key, event), as tickets publishes them."""
        address = Address(address="support@paleohacks.example")
        brands = [
            BrandChanged(brand_id="paleo-hacks", seq=1, name="Paleo Hacks", color="#112233", addresses=(address,)),
            BrandChanged(brand_id="earth-echo", seq=1, name="Earth Echo", color="#445566"),
        ]
        roles = [
            RoleChanged(role_id="agent", seq=1, name="Agent", permissions=READ),
            RoleChanged(role_id="admin", seq=1, name="Admin", permissions=(*READ, "operations.manage")),
        ]
        agents = [self.agent("maya"), self.agent("admin", role_id="admin"), self.agent("echo", brands=("earth-echo",))]
        key = SigningKeyChanged(key_id="k1", seq=1, jwk=self._key.as_dict(private=False))
        return [
            *[(f"brand:{one.brand_id}", one) for one in brands],
            *[(f"role:{one.role_id}", one) for one in roles],
            *[(f"agent:{one.agent_id}", one) for one in agents],
            ("key:k1", key),
        ]

    @staticmethod
    def agent(
        agent_id: str, *, role_id: str = "agent", brands: tuple[str, ...] = (), seq: int = 1, active: bool = True
    ) -> AgentChanged:
        return AgentChanged(
            agent_id=agent_id,
            seq=seq,
            name=agent_id.title(),
            email=f"{agent_id}@desk.example",
            role_id=role_id,
            brand_ids=brands,
            active=active,
        )

    def token(self, agent_id: str, *, lasts_s: float = 600, now: datetime | None = None) -> str:
        exp = int(((now or clock.now()) + timedelta(seconds=lasts_s)).timestamp())
        claims = {"sub": agent_id, "aud": "desk", "exp": exp}
        return jwt.encode({"alg": "Ed25519", "kid": "k1"}, claims, self._key, algorithms=["Ed25519"])


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[int]:
    """The application behind a real uvicorn, with the options of `shared.service`; gives its port."""
    (port,) = any_free(1)
    config = uvicorn.Config(
        app, host=HOST, port=port, lifespan="off", ws="websockets-sansio", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started)
    try:
        yield port
    finally:
        server.should_exit = True
        await task
