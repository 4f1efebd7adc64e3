"""HTTP over a real socket: what no client library lets one send by accident."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import Request

from shared.http import http_app
from shared.service import Service, serve
from shared.settings import Settings

LIMIT = 10_000


@pytest_asyncio.fixture
async def port(settings: Settings) -> AsyncIterator[int]:
    """A service without parts on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    here = settings.model_copy(update={"http_port": number, "http_limit_bytes": LIMIT})
    http = http_app(service="test", title="Test", about="A test.", settings=here)

    @http.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @http.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError

    service = Service(name="test", settings=here, http=http)
    serving = asyncio.create_task(serve(service))
    async with asyncio.timeout(20):
        while not service.started or not await _open(number):
            await asyncio.sleep(0.02)
    yield number
    for caught in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(caught)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def _open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def say(port: int, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send these bytes; status, headers and body of the one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        async with asyncio.timeout(10):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if ":" in line)
            }
            return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))
    finally:
        writer.close()


def post(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(["POST /raw HTTP/1.1", "Host: x", *lines, "", ""]).encode() + body


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 10001",),
        ("Transfer-Encoding: chunked",),
    ],
)
async def test_too_large_is_refused_before_it_was_all_sent(port: int, lines: tuple[str, ...]) -> None:
    chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    body = chunk * 2 if "chunked" in lines[0] else b"x" * 10
    status, headers, answer = await say(port, post(*lines, body=body))
    assert status == 413
    problem = json.loads(answer)
    assert (problem["code"], problem["status"]) == ("too_large", 413)
    assert problem["request_id"] == headers["x-request-id"]


async def test_a_chunked_body_within_the_limit_is_taken(port: int) -> None:
    body = (b"64\r\n" + b"x" * 100 + b"\r\n") * 3 + b"0\r\n\r\n"
    status, _, answer = await say(port, post("Transfer-Encoding: chunked", body=body))
    assert (status, answer) == (200, b"300")


async def test_a_bug_is_a_problem_with_the_id_that_the_client_gave(port: int) -> None:
    status, headers, answer = await say(port, b"GET /bug HTTP/1.1\r\nHost: x\r\nX-Request-Id: my-own\r\n\r\n")
    assert (status, headers["x-request-id"], json.loads(answer)["request_id"]) == (500, "my-own", "my-own")
    assert b"ZeroDivision" not in answer


async def test_what_is_no_http_is_refused_and_the_next_one_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x16\x03\x01nonsense\r\n\r\n")
    async with asyncio.timeout(10):
        assert b"400" in await reader.read(100)
    writer.close()
    status, _, answer = await say(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status, json.loads(answer)["status"]) == (200, "pass")


async def test_the_server_does_not_say_what_it_is(port: int) -> None:
    _, headers, _ = await say(port, b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
    assert "server" not in headers
    assert headers["x-content-type-options"] == "nosniff"
