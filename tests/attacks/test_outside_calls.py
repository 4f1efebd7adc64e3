"""Row 10, out: the one client for addresses that somebody typed in, before strangers' servers and name servers.

CVE-2021-42091. It needs no desk: the running one reaches nothing outside. What services do with it: test_webhooks.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import httpcore
import pytest
import pytest_asyncio

from shared.errors import Invalid
from shared.outside_addresses import check_url
from shared.outside_http import Blocked, NoAnswer, OutsideHttp
from tests.attacks.addresses import INSIDE, OWN, PUBLIC, TRICKS

STRANGER, OURS = "127.0.0.2", "127.0.0.1"
"""A stranger's machine, which the tests allow, and ours beside it, which they do not."""
ALLOWED = (ip_network(f"{STRANGER}/32"),)


@dataclass
class Server:
    """Listens on both machines at one port. `answer` is what the stranger sends, piece by piece, until it ends or the
    caller goes."""

    answer: Callable[[], AsyncIterator[bytes]] = field(default=lambda: pieces(b"HTTP/1.1 204 No\r\n\r\n"))
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    sent: int = 0
    port: int = 0

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[Server]:
        stranger = await asyncio.start_server(self._serve, STRANGER, 0)
        self.port = stranger.sockets[0].getsockname()[1]
        ours = await asyncio.start_server(self._serve, OURS, self.port)
        yield self
        for one in (stranger, ours):
            one.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.heard.append((writer.get_extra_info("sockname")[0], head))
            async for piece in self.answer():
                writer.write(piece)
                self.sent += len(piece)
                await writer.drain()
        writer.close()

    def at(self, host: str) -> list[bytes]:
        return [head for where, head in self.heard if where == host]


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for one in given:
        yield one


async def endless(start: bytes, piece: bytes, pause_s: float = 0.0) -> AsyncIterator[bytes]:
    yield start
    while True:
        yield piece
        await asyncio.sleep(pause_s)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().listening() as one:
        yield one


def names(*answers: Sequence[str]) -> tuple[Callable[[str, int], object], list[str]]:
    """A name server that answers so, one after the other, the last for ever; and what it was asked."""
    asked: list[str] = []
    left = itertools.chain(answers, itertools.repeat(answers[-1]))

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(left)

    return resolve, asked


def is_address(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ip_address(text))
    return False


@contextlib.asynccontextmanager
async def caller(*answers: Sequence[str], allowed: bool = True) -> AsyncIterator[tuple[OutsideHttp, list[str]]]:
    resolve, asked = names(*answers)
    made = OutsideHttp(allowed=ALLOWED if allowed else (), total_s=1.0, body_bytes=1000, resolver=resolve)  # type: ignore[arg-type]
    async with asyncio.timeout(30):
        yield made, asked
        await made.close()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that a connection was asked for. None is made."""
    tried: list[str] = []

    async def connect(_: object, host: str, *__: object) -> None:
        tried.append(host)
        raise httpcore.ConnectError("not in a test")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    return tried


@pytest.mark.parametrize("url", [f"https://{one}/" for one in INSIDE] + TRICKS + OWN)
async def test_an_address_inside_is_refused_when_it_is_typed_and_when_it_is_called(
    url: str, connected: list[str]
) -> None:
    with pytest.raises(Invalid):
        check_url(url)
    async with caller(["127.0.0.1"], allowed=False) as (http, _):
        with pytest.raises(Blocked):
            await http.post(url, b"{}", {})
    assert connected == []


@pytest.mark.parametrize("url", PUBLIC)
def test_an_address_outside_is_taken(url: str) -> None:
    assert check_url(url)


@pytest.mark.parametrize("address", [one for one in (host.strip("[]") for host in INSIDE) if is_address(one)])
async def test_a_name_that_stands_for_an_inner_address_is_not_called(address: str, connected: list[str]) -> None:
    for found in ([address], ["93.184.216.34", address]):
        async with caller(found, allowed=False) as (http, _):
            with pytest.raises(Blocked, match="We do not call this address"):
                await http.post("https://hooks.example.com/", b"{}", {})
    assert connected == []


async def test_the_connection_goes_to_the_very_address_that_was_looked_at(connected: list[str]) -> None:
    """A name that changes between the look and the connection (DNS rebinding) is not asked a second time."""
    async with caller(["93.184.216.34"], ["127.0.0.1"], allowed=False) as (http, asked):
        with pytest.raises(NoAnswer):
            await http.post("https://hooks.example.com/", b"{}", {})
        assert (connected, asked) == (["93.184.216.34"], ["hooks.example.com"])
        with pytest.raises(Blocked):
            await http.post("https://hooks.example.com/", b"{}", {})
    assert connected == ["93.184.216.34"]


async def test_a_name_that_turns_inside_reaches_nothing_there(server: Server) -> None:
    async with caller([STRANGER], [OURS]) as (http, asked):
        url = f"http://hooks.example.com:{server.port}/x"
        assert (await http.post(url, b"{}", {})).status == 204
        assert f"Host: hooks.example.com:{server.port}".encode() in server.at(STRANGER)[0]
        with pytest.raises(Blocked):
            await http.post(url, b"{}", {})
    assert len(asked) == 2
    assert server.at(OURS) == []


async def test_a_redirect_to_the_inside_is_an_answer_and_not_a_way(server: Server) -> None:
    async with caller([STRANGER]) as (http, asked):
        for status in (301, 302, 303, 307, 308):
            to = f"HTTP/1.1 {status} X\r\nLocation: http://{OURS}:{server.port}/\r\nContent-Length: 0\r\n\r\n"
            server.answer = lambda to=to: pieces(to.encode())
            url = f"http://hooks.example.com:{server.port}/"
            assert (await http.post(url, b"{}", {})).status == status
            assert (await http.get(url, {})).status == status
    assert server.at(OURS) == []
    assert len(server.at(STRANGER)) == len(asked) == 10


OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS = {
    "a body": (lambda: endless(OK + b"\r\n", b"x" * 65536), 200),
    "a body, by drops": (lambda: endless(OK + b"\r\n", b"x", 0.02), 200),
    "chunks": (lambda: endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), 200),
    "a packed body": (lambda: endless(OK + b"Content-Encoding: gzip\r\n\r\n", b"\x1f\x8b" + bytes(60000)), 200),
    "headers": (lambda: endless(OK, b"X-Header: more\r\n"), None),
    "one header": (lambda: endless(OK + b"X: ", b"x" * 1000), None),
    "headers, by drops": (lambda: endless(OK, b"X: y\r\n", 0.02), None),
    "answers before the answer": (lambda: endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), None),
    "not HTTP": (lambda: endless(b"220 mail.example ESMTP\r\n", b"x" * 1000), None),
    "silence": (lambda: endless(b"", b"", 0.05), None),
}


@pytest.mark.parametrize("what", ENDLESS)
async def test_what_never_ends_is_ended_by_us(server: Server, what: str) -> None:
    server.answer, status = ENDLESS[what]
    async with caller([STRANGER]) as (http, _):
        url = f"http://hooks.example.com:{server.port}/"
        if status is None:
            with pytest.raises(NoAnswer):
                await http.post(url, b"{}", {})
        else:
            answer = await http.post(url, b"{}", {})
            assert (answer.status, len(answer.body) <= 1000) == (status, True)
    assert server.sent < 50_000_000


async def test_what_is_said_to_a_stranger_goes_by_no_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://{OURS}:{server.port}")
    async with caller([STRANGER]) as (http, _):
        assert (await http.post(f"http://hooks.example.com:{server.port}/", b"{}", {})).status == 204
    assert server.at(OURS) == []


async def test_what_is_allowed_inside_opens_nothing_outside(connected: list[str]) -> None:
    """Plain http and any port are for the allowed networks alone."""
    async with caller(["93.184.216.34"]) as (http, _):
        for url in ("http://hooks.example.com/", "https://hooks.example.com:6379/"):
            with pytest.raises(Blocked):
                await http.post(url, b"{}", {})
    assert connected == []
