"""Thousands of open WebSockets in one process: as little of RFC 6455 as hears what a service says.

A client library would cost more for each frame than the service that is measured.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Callable
from typing import cast

Heard = Callable[[bytes], None]
OPENING_AT_ONCE = 100


class Browser(asyncio.Protocol):
    """One socket. `heard` gets the text of each frame after `ready`."""

    def __init__(self, port: int, path: str, token: str, heard: Heard) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed = False
        self._path = path
        self._host = f"127.0.0.1:{port}"
        self._hello = json.dumps({"type": "hello", "token": token, "last_id": None}).encode()
        self._heard = heard
        self._upgraded = False
        self._bytes = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's is none by its type
        key = base64.b64encode(os.urandom(16)).decode()
        request = f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        transport.write(f"{request}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if not self._upgraded:
            head, found, rest = self._bytes.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self._end(RuntimeError(head.split(b"\r\n")[0].decode()))
                return
            self._upgraded, self._bytes = True, rest
            self._say(0x1, self._hello)
        self._read_frames()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("closed"))

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def _end(self, error: Exception) -> None:
        self.closed = True
        if not self.ready.done():
            self.ready.set_exception(error)

    def _say(self, opcode: int, text: bytes) -> None:
        """One masked frame (§5.3); a mask of zeros is a mask."""
        assert self._transport
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
        self._transport.write(bytes([0x80 | opcode]) + size + b"\0\0\0\0" + text)

    def _read_frames(self) -> None:
        """§5.2; servers do not mask."""
        at, data = 0, self._bytes
        while len(data) - at >= 2:
            opcode, size, start = data[at] & 0x0F, data[at + 1] & 0x7F, at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                size, start = int.from_bytes(data[start : start + width], "big"), start + width
            if len(data) < start + size or start > len(data):
                break
            self._take(opcode, data[start : start + size])
            at = start + size
        self._bytes = data[at:]

    def _take(self, opcode: int, text: bytes) -> None:
        if opcode == 0x9:
            self._say(0xA, text)
        elif opcode == 0x1 and self.ready.done():
            self._heard(text)
        elif opcode == 0x1 and b'"ready"' in text:
            self.ready.set_result(None)


async def open_all(port: int, path: str, tokens: list[str], heard: Callable[[int, bytes], None]) -> list[Browser]:
    """One for each token, ready; `heard` also gets the token's number."""
    loop = asyncio.get_running_loop()
    found: list[Browser] = []
    for start in range(0, len(tokens), OPENING_AT_ONCE):
        some = [
            Browser(port, path, token, lambda text, n=start + n: heard(n, text))  # type: ignore[misc]
            for n, token in enumerate(tokens[start : start + OPENING_AT_ONCE])
        ]
        for one in some:
            await loop.create_connection(lambda one=one: one, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*(one.ready for one in some))
        found += some
    return found
