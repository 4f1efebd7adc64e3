"""A plug between a browser and the desk, to be pulled: what goes through it, and what comes back, can stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CHUNK = 65536


class Plug:
    """Stands before a web address at `url`. `pull` cuts it, `mute` lets questions through and loses the answers."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._state = "in"
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.pull()
        self._server.close()

    def pull(self) -> None:
        self._state = "out"
        for writer in list(self._writers):
            writer.close()

    def mute(self) -> None:
        self._state = "mute"

    def push(self) -> None:
        self._state = "in"
        for writer in list(self._writers):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._state == "out":
            writer.close()
            return
        with suppress(OSError):
            up_reader, up_writer = await asyncio.open_connection(self._host, self._port)
            self._writers |= {writer, up_writer}
            await asyncio.gather(
                self._pipe(reader, up_writer, answers=False), self._pipe(up_reader, writer, answers=True)
            )
            self._writers -= {writer, up_writer}

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if answers and self._state == "mute":
                    break
                writer.write(data)
                await writer.drain()
        writer.close()
