"""An integrator's webhook receiver: a real HTTP server on loopback that verifies signatures and can misbehave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook

from deploy.local.ports import HOST


@dataclass(frozen=True)
class Got:
    """One request as it came; `body` its exact bytes."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verify(self, secret: str) -> None:
        """Raises when no signature is of this secret, or the time is not now (the library's ±5 minutes)."""
        Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """`answer` is asked for each request: a status, or the raw bytes to send, or "hang", "close" or "drip".

    What hangs or drips ends when the other side goes.
    """

    answer: Callable[[Got], int | bytes | str] = lambda _: 204
    got: list[Got] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    _server: asyncio.Server | None = None
    port: int = 0
    host: str = HOST

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        got = Got(head[0].split(" ")[1], headers, body)
        self.got.append(got)
        said = self.answer(got)
        if said == "hang":
            await reader.read()
        elif said == "drip":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not reader.at_eof():
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.05)
        elif isinstance(said, bytes):
            writer.write(said)
            await writer.drain()
        elif isinstance(said, int):
            body = b"" if said == 204 else b"said"
            writer.write(f"HTTP/1.1 {said} Said\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
            return headers.get("connection") != "close"
        return False
