"""The one safe client for HTTP to addresses that somebody typed in: webhooks, connectors, images.

A name is resolved once and the connection goes to the very address that was looked at, so that a name which
changes its mind (DNS rebinding) gains nothing; Host and SNI keep the name. No redirect is followed, no proxy is
taken from the environment, and the answer is bounded in bytes and in time.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from shared.errors import Invalid
from shared.outside_addresses import PORTS, Network, check_url, refusal

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) → every address that the name stands for, as text."""

CONNECT_S = 5.0
ADDRESSES_TRIED = 3
BODY_S = 2.0
"""For the start of an answer's body; the status has come by then, and is what counts."""


class Blocked(Exception):
    """The address is one that we do not connect to; the text is a sentence that says why."""


class NoAnswer(Exception):
    """Nothing usable came back: no connection, no TLS, silence, or not HTTP. The text is a sentence."""


class TooMuch(Exception):
    """The answer's body is larger than `body_bytes`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` in lower case; `body` the first bytes, as they came (never decompressed)."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="outside-dns")
"""Of their own: a name server that hangs must not hold up the lookups of our own servers."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The system's resolver. Raises OSError when the name has no address."""
    ask = asyncio.get_running_loop().run_in_executor
    found = await ask(_resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(str(one[4][0]) for one in found))


_only_allowed: ContextVar[bool] = ContextVar("outside_http_only_allowed", default=False)


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to an address that was looked at, and to no other. httpcore asks it for every connection."""

    def __init__(self, allowed: Sequence[Network], resolver: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolver
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._look(host, port)
        failed: Exception = httpcore.ConnectError("no address")
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def _look(self, host: str, port: int) -> list[str]:
        """Every address of the name must be one that we call: one bad among them means that it plays with us."""
        try:
            addresses = [ip_address(one) for one in await self._resolve(host, port)]
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name has no address") from error
        for one in addresses:
            own = any(one in network for network in self._allowed if network.version == one.version)
            if why := refusal(one, self._allowed):
                raise Blocked(f"We do not call this address: {why}.")
            if not own and _only_allowed.get():
                raise Blocked("We do not call public addresses without https.")
            if not own and port not in PORTS:
                raise Blocked(f"We do not call port {port} of public addresses.")
        return [str(one) for one in addresses]

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class OutsideHttp:
    """One connection for each call: a stranger's server that sends more than it announced, or closes an idle
    connection, would spoil the next call. `connections` is how many at once, `body_bytes` how much of an answer is
    read, `total_s` how long a call may last."""

    def __init__(
        self,
        *,
        allowed: Sequence[Network] = (),
        total_s: float = 15.0,
        body_bytes: int = 4096,
        connections: int = 100,
        ca_file: str = "",
        resolver: Resolve = resolve,
    ) -> None:
        self._allowed = tuple(allowed)
        self._total_s = total_s
        self._body_bytes = body_bytes
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(ca_file),
            max_connections=connections,
            max_keepalive_connections=0,
            network_backend=_Pinned(self._allowed, resolver),
        )

    async def close(self) -> None:
        await self._pool.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST once. Any status is an answer, redirects too. Raises Blocked, or NoAnswer."""
        return await self._call("POST", url, body, headers)

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """GET once, with all of the body. Any status is an answer, redirects too. Raises Blocked, NoAnswer or
        TooMuch."""
        return await self._call("GET", url, None, headers)

    async def _call(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(self._total_s) as limit:
                checked = httpx.URL(check_url(url, allowed=self._allowed))
                return await self._ask(method, checked, body, headers, limit)
        except Invalid as error:
            raise Blocked(error.message) from error
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise NoAnswer(f"It did not answer within {self._total_s:g} s.") from error
        except httpcore.TimeoutException as error:
            raise NoAnswer("It could not be reached in time.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            raise NoAnswer(_sentence(error)) from error

    async def _ask(
        self, method: str, url: httpx.URL, body: bytes | None, headers: Mapping[str, str], limit: asyncio.Timeout
    ) -> Answer:
        _only_allowed.set(url.scheme == "http")
        given = [("Host", url.netloc.decode("ascii")), ("Connection", "close"), *headers.items()]
        if body is not None:
            given.append(("Content-Length", str(len(body))))
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        times = {"connect": CONNECT_S, "read": self._total_s, "write": self._total_s, "pool": self._total_s}
        extensions: dict[str, Any] = {"timeout": times}
        async with self._pool.stream(method, target, headers=given, content=body, extensions=extensions) as response:
            if body is None:
                start = await self._whole(response)
            else:
                limit.reschedule(None)
                start = await self._begin(response)
            heard = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(response.status, heard, start)

    async def _whole(self, response: httpcore.Response) -> bytes:
        found = bytearray()
        async for chunk in response.aiter_stream():
            found += chunk
            if len(found) > self._body_bytes:
                raise TooMuch
        return bytes(found)

    async def _begin(self, response: httpcore.Response) -> bytes:
        """The first bytes. The status is the answer, so a body that breaks off takes nothing from it."""
        start = bytearray()
        with contextlib.suppress(
            httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, TimeoutError
        ):
            async with asyncio.timeout(BODY_S):
                async for chunk in response.aiter_stream():
                    start += chunk
                    if len(start) >= self._body_bytes:
                        break
        return bytes(start[: self._body_bytes])


def _tls(ca_file: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _sentence(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"Its certificate is not accepted: {cause.verify_message}."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore.ProtocolError):
        return "It did not answer in HTTP, or broke off before its answer."
    return (
        f"It could not be reached ({type(error).__name__})." if not str(error) else f"It could not be reached: {error}."
    )
