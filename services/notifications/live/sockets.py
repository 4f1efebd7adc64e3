"""The WebSockets `/live` (agents) and `/live/messenger` (visitors): origin, hello, frames, closing.

Nothing is answered before the first frame has authenticated its sender; a refusal never says why.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from fastapi import WebSocket, WebSocketDisconnect
from fastapi.responses import PlainTextResponse

from services.notifications.live.hub import EXPIRED, Hub, Socket
from services.notifications.live.protocol import TOKENS_PER_MINUTE, BadFrame, expiry_of, read_hello, read_token
from services.notifications.settings import NotificationsSettings
from shared import metrics
from shared.access import Access, Viewer
from shared.clock import Clock
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, RoleChanged
from shared.directory import Directory
from shared.errors import Unauthenticated
from shared.loop import Listener
from shared.proxies import caller
from shared.signing import Signer, Visitor

BAD_FRAME = 4400
CLOSE_S = 5.0
SWEEP_S = 1.0
LOOPBACK = ("127.0.0.1", "localhost")

Authenticate = Callable[[str], Viewer | Visitor]


class Sockets(Listener):
    """A part: opens, feeds and closes; who gets what is the hub's."""

    name = "live.sockets"

    def __init__(
        self,
        settings: NotificationsSettings,
        hub: Hub,
        directory: Directory,
        access: Access,
        signer: Signer,
        clock: Clock,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._hub = hub
        self._directory = directory
        self._access = access
        self._signer = signer
        self._clock = clock
        self._open: Counter[str] = Counter()
        self._agents_from = _origins(settings.public_url)
        self._visitors_from = self._agents_from | _origins(settings.messenger_url)
        metrics.expect(metrics.live_closed, ["unauthenticated", "bad_frame"])

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        self._directory.on_change(self._on_directory)
        await super().start()

    async def run(self) -> None:
        """Expiry. When it is stopped, the sockets themselves are closed with HTTP (1012)."""
        while True:
            await asyncio.sleep(SWEEP_S)
            self._hub.close_expired(self._clock().timestamp())

    def _on_directory(self, event: Event) -> None:
        match event:
            case AgentChanged():
                self._hub.look_again([event.agent_id], self._access.again)
            case RoleChanged():
                self._hub.look_again(self._hub.agents_with_role(event.role_id), self._access.again)

    # ── opening ──────────────────────────────────────────────────────────────────────────────────
    def by_path(self) -> Mapping[str, Callable[[WebSocket], Awaitable[None]]]:
        """For `shared.http`."""
        return {
            "/live": lambda web: self._serve(web, self._agents_from, self._access.viewer_of),
            "/live/messenger": lambda web: self._serve(web, self._visitors_from, self._visitor),
        }

    def _visitor(self, token: str) -> Visitor:
        return self._signer.read_visitor_token(token, self._clock())

    async def _serve(self, web: WebSocket, origins: frozenset[str], authenticate: Authenticate) -> None:
        # A browser always names its origin; a program that does not has no user's session to abuse.
        origin = web.headers.get("origin")
        if origin is not None and origin.lower() not in origins:
            await web.close()  # before accepting: the handshake is answered 403
            return
        address = caller(web)
        if self._full(address) or await self._directory.ready():
            await web.send_denial_response(PlainTextResponse("Try again later.", 503))
            return
        self._open[address] += 1
        try:
            await web.accept()
            if met := await self._greet(web, authenticate):
                await self._converse(web, *met, authenticate)
        except WebSocketDisconnect:
            return
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def _full(self, address: str) -> bool:
        """Those that have not said who they are count too: nobody can take all places by saying nothing."""
        settings = self._settings
        return self._open.total() >= settings.live_sockets or self._open[address] >= settings.live_sockets_per_address

    async def _greet(self, web: WebSocket, authenticate: Authenticate) -> tuple[Line, str | None] | None:
        """Who it is, and the last place that it has seen; None when it was closed."""
        try:
            async with asyncio.timeout(self._settings.live_hello_s):
                hello = await read_hello(web)
            return Line(web, authenticate(hello.token), expiry_of(hello.token)), hello.last_id
        except (TimeoutError, Unauthenticated):
            await _close(web, EXPIRED, "unauthenticated")
        except BadFrame:
            await _close(web, BAD_FRAME, "bad_frame")
        return None

    # ── being open ───────────────────────────────────────────────────────────────────────────────
    async def _converse(self, web: WebSocket, line: Line, last_id: str | None, authenticate: Authenticate) -> None:
        """Read new tokens, until either side ends it; what the hub queues is written meanwhile."""
        refused = False
        try:
            async with line.listening:
                self._hub.join(line.socket, last_id)
                await self._read_tokens(web, line.socket, authenticate)
        except TimeoutError:
            pass  # the line ended it
        except BadFrame:
            refused = True
        finally:
            self._hub.leave(line.socket)
            await line.stop()
        if line.socket.close_code is not None:
            await _close(web, line.socket.close_code)
        elif refused:
            await _close(web, BAD_FRAME, "bad_frame")
        elif line.broken is not None:
            raise line.broken

    async def _read_tokens(self, web: WebSocket, socket: Socket, authenticate: Authenticate) -> None:
        loop, recent = asyncio.get_running_loop(), list[float]()
        while True:
            token = await read_token(web)
            if len(recent) == TOKENS_PER_MINUTE and loop.time() - recent.pop(0) < 60:
                raise BadFrame
            recent.append(loop.time())
            try:
                known = self._hub.renew(socket, authenticate(token), expiry_of(token))
            except Unauthenticated:
                known = False
            if not known:
                self._hub.close(socket, EXPIRED)
                return


class Line:
    """One socket's frames on their way out, by a task for as long as some wait: most sockets are silent, and a task
    that waits holds 3 KB [measured].

    `listening` is for who reads from the socket: it is over when the hub closes it or nothing can be written any more,
    which is then `broken`.
    """

    def __init__(self, web: WebSocket, who: Viewer | Visitor, expires_at: float) -> None:
        self.socket = Socket(who=who, expires_at=expires_at, wake=self._wake)
        self.listening = asyncio.timeout(None)
        self.broken: Exception | None = None
        self._web = web
        self._writing: asyncio.Task[None] | None = None
        self._over = False

    async def stop(self) -> None:
        """Nothing is written from now on."""
        self._over = True
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait((self._writing,))

    def _wake(self) -> None:
        if self.socket.close_code is not None:
            self._end()
        elif self._writing is None and not self._over:
            self._writing = asyncio.create_task(self._write())

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self.listening.reschedule(asyncio.get_running_loop().time())

    async def _write(self) -> None:
        """Ends when nothing waits, by being cancelled, or by the client's going away."""
        frames = self.socket.frames
        try:
            while frames:
                await self._web.send_text(frames.pop(0))
        except Exception as error:
            self.broken = error
            self._end()
        finally:
            self._writing = None


async def _close(web: WebSocket, code: int, reason: str | None = None) -> None:
    """A reader that takes nothing cannot be told why: it is waited for a little, then cut off."""
    if reason:
        metrics.live_closed.labels(reason).inc()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await web.close(code)


def _origins(url: str) -> frozenset[str]:
    """The origin of a page's address (RFC 6454); on this machine itself, under either of its names."""
    parts = urlsplit(url.lower())
    port = f":{parts.port}" if parts.port else ""
    names = LOOPBACK if parts.hostname in LOOPBACK else (parts.hostname,)
    return frozenset(f"{parts.scheme}://{name}{port}" for name in names)
