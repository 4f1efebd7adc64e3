"""What no browser and no mail server would say, at every door of the running desk: answered with a refusal in our form,
never with an error of ours, and the desk is ready as before."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.attacks.conftest import Cast
from tests.attacks.guards import GUARDS
from tests.attacks.people import bearer, services
from tests.attacks.routes import Route
from tests.attacks.test_who_sees_what import request
from tests.attacks.visitors import opened, shown, writes
from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "not UTF-8": b'{"text": "\xff\xfe\xed\xa0\x80"}',
    "UTF-16": '{"text": "x"}'.encode("utf-16"),
    "NUL": b"\x00" * 100,
    "deep lists": b"[" * 50_000,
    "deep objects": b'{"a":' * 10_000,
    "nearly too deep": b'{"text":' + b"[" * 900 + b"]" * 900 + b"}",
    "a long number": b'{"text": ' + b"9" * 50_000 + b"}",
    "a large exponent": b'{"text": 1e999999999}',
    "no number": b'{"text": NaN, "name": -Infinity}',
    "half a pair": b'{"text": "\\ud800", "\\udfff": "x"}',
    "the same key twice": b'{"text": "a", "text": {"$gt": ""}}',
    "cut off": b'{"text": "x',
}
TYPES = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "x" * 300,
    "application/json; charset=utf-16",
)
STRANGE: tuple[Any, ...] = (
    float("nan"),
    float("inf"),
    10**400,
    2**63,
    -1,
    True,
    "\ud800",
    "\x00",
    "x" * 50_000,
    "9999-12-31T23:59:59-23:59",
    [],
    {"\ud800": [[[[[]]]]]},
    {"$where": "1"},
)
FEW_TRIES = ("tickets POST /session", "tickets POST /me/password", "tickets POST /password-reset")
"""Guesses are counted: whoever fuzzes these keeps others from signing in."""


@pytest_asyncio.fixture(scope="module")
async def conversation_id(client: httpx.AsyncClient) -> str:
    """One that nobody else's tests look at."""
    token = (await opened(client))["token"]
    answer = await writes(client, token, "a door")
    await shown(client, token, "a door")
    return str(answer.json()["conversation_id"])


def written(routes: list[Route]) -> list[Route]:
    return [one for one in routes if one.method in ("POST", "PUT", "PATCH") and one.name in GUARDS]


def token_for(desk: Desk, cast: Cast, route: Route) -> str:
    known = {"visitor": cast.tokens["a visitor"], "integration": desk.integration_token}
    return known.get(GUARDS[route.name].who, cast.tokens["admin"])


def past(desk: Desk, route: Route, conversation_id: str = "nothing") -> str:
    """Past the web server, which hangs up on who still sends when the answer is there."""
    return services(desk)[route.service] + route.address(conversation_id=conversation_id)


def is_ours(answer: httpx.Response) -> bool:
    """A yes, or a problem (RFC 9457) that says what is wrong."""
    if answer.status_code < 400:
        return True
    if answer.status_code >= 500 or answer.headers.get("content-type") != "application/problem+json":
        return False
    said = answer.json()
    return bool(said["code"] and said["detail"] and said["request_id"] and said["status"] == answer.status_code)


async def unlike_ours(client: httpx.AsyncClient, asked: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """What was answered in another way, by what was asked."""
    answers = await asyncio.gather(*(client.request(**one) for _, one in asked))
    return [
        (name, answer.status_code, answer.text[:200])
        for (name, _), answer in zip(asked, answers, strict=True)
        if not is_ours(answer)
    ]


@pytest.mark.parametrize("what", BODIES)
async def test_any_body_is_answered_in_our_form(
    desk: Desk, client: httpx.AsyncClient, routes: list[Route], cast: Cast, conversation_id: str, what: str
) -> None:
    asked = []
    for route in written(routes):
        about = {"method": route.method, "url": past(desk, route, conversation_id), "content": BODIES[what]}
        headers = {**bearer(token_for(desk, cast, route)), "Content-Type": b"application/json"}
        asked.append((route.name, {**about, "headers": headers}))
    assert await unlike_ours(client, asked) == []
    assert len(asked) > 40


@pytest.mark.parametrize("content_type", TYPES, ids=range(len(TYPES)))
async def test_any_kind_of_body_is_answered_in_our_form(
    desk: Desk, client: httpx.AsyncClient, routes: list[Route], cast: Cast, content_type: str
) -> None:
    asked = []
    for route in written(routes):
        content = b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\n\xff" + json.dumps(route.sample()).encode()
        headers = {**bearer(token_for(desk, cast, route)), "Content-Type": content_type.encode()}
        about = {"method": route.method, "url": past(desk, route), "content": content, "headers": headers}
        asked.append((route.name, about))
    assert await unlike_ours(client, asked) == []


async def test_any_value_in_any_field_is_answered_in_our_form(
    desk: Desk, client: httpx.AsyncClient, routes: list[Route], cast: Cast, conversation_id: str
) -> None:
    """Where everything else of the body fits. The directory is left alone: what it took would stay."""
    asked = []
    for route in written(routes):
        if route.body is None or route.name in FEW_TRIES or GUARDS[route.name].permission == "directory.manage":
            continue
        made = {**request(route), "url": past(desk, route, conversation_id)}
        headers = {**bearer(token_for(desk, cast, route)), "Content-Type": b"application/json"}
        for name, body in strange_bodies(made.pop("json"), list(route.body["properties"]), len(asked)):
            asked.append((f"{route.name} {name}", {**made, "content": body, "headers": headers}))
    assert await unlike_ours(client, asked) == []
    assert len(asked) > 100


def strange_bodies(body: dict[str, Any], names: list[str], start: int) -> Iterator[tuple[str, bytes]]:
    """Two of the strange values for each field, other ones for the next."""
    for n, name in enumerate(names):
        for m in range(2):
            value = STRANGE[(start + n + m * 7) % len(STRANGE)]
            # What httpx would not send: NaN, and halves of pairs as escapes.
            yield f"{name}={value!r:.40}", json.dumps({**body, name: value}).encode()


async def test_half_a_character_in_any_text_is_refused(
    desk: Desk, client: httpx.AsyncClient, routes: list[Route], cast: Cast, conversation_id: str
) -> None:
    """However deep the text lies: what no database takes is told to who sent it, before anything is done."""
    asked, taken = [], []
    for route in written(routes):
        if route.body is None or route.name in FEW_TRIES:
            continue
        made = {**request(route), "url": past(desk, route, conversation_id)}
        headers = {**bearer(token_for(desk, cast, route)), "Content-Type": b"application/json"}
        for place, body in halved(made.pop("json")):
            name = f"{route.name} {place}"
            asked.append((name, {**made, "content": json.dumps(body).encode(), "headers": headers}))
    answers = await asyncio.gather(*(client.request(**one) for _, one in asked))
    for (name, _), answer in zip(asked, answers, strict=True):
        if not is_ours(answer) or answer.status_code < 400:
            taken.append((name, answer.status_code, answer.text[:200]))
    assert taken == []
    assert len(asked) > 100


def halved(body: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The body once for each of its texts, with half of a pair in its stead."""
    match body:
        case str():
            yield place, "\ud800"
        case dict():
            for key, value in body.items():
                yield from ((at, {**body, key: one}) for at, one in halved(value, f"{place}.{key}"))
        case list():
            for n, value in enumerate(body):
                yield from ((at, [*body[:n], one, *body[n + 1 :]]) for at, one in halved(value, f"{place}.{n}"))


async def test_any_bytes_at_the_mail_port_are_answered_or_hung_up_on(desk: Desk) -> None:
    """From a fixed seed: commands without sense, commands too long, bytes, and mails cut off anywhere."""
    chance = random.Random(9)
    lines = [b"EHLO x", b"HELO", b"MAIL FROM:<a@b.example>", b"RCPT TO:<support@earthecho.example>", b"DATA", b"RSET"]
    lines += [b"MAIL FROM:<\xff@\xff> SIZE=99999999999999999999 BODY=\x00", b"RCPT TO:<@a,@b:c@d>", b"BDAT 9999999999"]
    lines += [b"AUTH PLAIN AAAA", b"VRFY \x00", b"EXPN", b"HELP", b"NOOP " + b"x" * 5000, b"STARTTLS", b"\x16\x03\x01"]

    async def one(said: bytes) -> None:
        host, port = desk.smtp.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        with contextlib.suppress(ConnectionError):
            writer.write(said)
            await writer.drain()
            writer.write_eof()
        heard = b""
        async with asyncio.timeout(30):
            with contextlib.suppress(ConnectionError):
                heard = await reader.read()
        writer.close()
        assert all(line[:3].isdigit() for line in heard.splitlines()), heard[:500]
        assert b"Traceback" not in heard

    talks = [b"\r\n".join(chance.choices(lines, k=chance.randint(1, 12))) + b"\r\n" for _ in range(60)]
    talks += [chance.randbytes(chance.randint(1, 20_000)) for _ in range(20)]
    begun = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@earthecho.example>\r\nDATA\r\n"
    talks += [begun + chance.randbytes(n * 500) for n in range(10)]
    for n in range(0, len(talks), 30):
        await asyncio.gather(*(one(each) for each in talks[n : n + 30]))


async def test_after_all_of_it_the_desk_is_ready_and_takes_mail(desk: Desk) -> None:
    async def ready() -> bool:
        async with httpx.AsyncClient(timeout=10) as probe:
            answers = [await probe.get(f"{url}/health/ready") for url in services(desk).values()]
        return all(one.status_code == 200 for one in answers)

    await until(ready)
    mark = uuid.uuid4().hex
    await send_mail(desk.smtp, mail(to="support@earthecho.example", subject=f"after it {mark}", text="x"))
    async with Agent(desk.web, desk.account("admin")) as admin:
        await until(lambda: admin.find(f"after it {mark}"))
