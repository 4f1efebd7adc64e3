"""Row 8: the live updates, at the running desk's front door (CVE-2026-102489).

What needs limits that are small or a reader that is slow: tests/integration/notifications/test_live.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.attacks.conftest import Cast
from tests.attacks.people import LIMITED, account, bearer, forged, known_everywhere, token_of, visitor
from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until

BAD_FRAME, EXPIRED, CROWDED = 4400, 4401, 4429


def live(desk: Desk, path: str = "/live", **options: Any) -> connect:
    """Through the web server, as a browser's page would be."""
    origin = options.pop("origin", desk.messenger if "messenger" in path else desk.web)
    return connect(f"ws{desk.web.removeprefix('http')}{path}", origin=origin, compression=None, **options)


async def hello(socket: ClientConnection, token: str, **more: Any) -> None:
    await socket.send(json.dumps({"type": "hello", "token": token, "last_id": None, **more}))


async def hear(socket: ClientConnection, seconds: float = 10) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        frame: dict[str, Any] = json.loads(await socket.recv())
        return frame


async def ends(socket: ClientConnection, seconds: float = 15) -> tuple[int | None, str, list[str]]:
    """(code, reason, what was said before)."""
    said: list[str] = []
    async with asyncio.timeout(seconds):
        try:
            while True:
                said.append(str(await socket.recv()))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason, said) if closed.rcvd else (None, "", said)


@pytest.mark.parametrize("path", ["/live", "/live/messenger"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1.evil.example"]
)
async def test_a_page_of_another_site_is_refused(desk: Desk, path: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await live(desk, path, origin=origin)
    assert refused.value.response.status_code == 403


async def test_the_shops_page_cannot_listen_as_an_agent(desk: Desk) -> None:
    with pytest.raises(InvalidStatus):
        await live(desk, origin=desk.messenger)


async def test_nothing_is_said_before_somebody_is_known(desk: Desk, cast: Cast) -> None:
    """A refusal is a number: it does not say what was wrong, nor whether an agent exists."""
    made_up = [token for name, token in forged(cast.tokens["admin"]).items() if name != "very long"]
    for token in ["", *made_up, cast.tokens["a visitor"]]:
        async with live(desk) as socket:
            await hello(socket, token)
            assert await ends(socket) == (EXPIRED, "", [])
    async with live(desk, "/live/messenger") as socket:
        await hello(socket, cast.tokens["admin"])
        assert await ends(socket) == (EXPIRED, "", [])


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "[]",
        "null",
        "{}",
        "hello",
        '{"type":"token","token":"x"}',
        '{"type":"subscribe","brand_id":"paleo-hacks"}',
        '{"type":"hello"}',
        '{"type":"hello","token":1,"last_id":null}',
        '{"type":"hello","token":{"$ne":""},"last_id":null}',
        '{"type":"hello","token":"x","last_id":["0-0"]}',
        '{"type":"hello","token":"x","last_id":"' + "9" * 5000 + '"}',
        "[" * 8000,
        "x" * 9000,
        b'{"type":"hello","token":"x","last_id":null}',
        b"\xff\xfe",
    ],
)
async def test_what_is_no_hello_ends_it_without_a_word(desk: Desk, frame: str | bytes) -> None:
    async with live(desk) as socket:
        await socket.send(frame)
        assert await ends(socket) == (BAD_FRAME, "", [])


async def test_a_frame_without_end_is_cut_off(desk: Desk) -> None:
    """At 64 kB, in one piece or in many, before anybody is known."""
    async with live(desk) as whole, live(desk) as pieces:
        await whole.send("x" * 200_000)
        assert (await ends(whole))[0] in (1009, None)
        with contextlib.suppress(ConnectionClosed):
            await pieces.send("x" * 1000 for _ in range(200))
        assert (await ends(pieces))[0] in (1009, None)


async def test_silence_is_not_waited_for(desk: Desk) -> None:
    async with live(desk) as agents, live(desk, "/live/messenger") as visitors:
        assert {(await ends(one))[0] for one in (agents, visitors)} == {EXPIRED}


async def test_words_after_the_hello_ask_for_nothing_more(desk: Desk, cast: Cast) -> None:
    async with live(desk) as socket:
        await hello(socket, cast.tokens["of another brand"])
        assert (await hear(socket))["type"] == "ready"
        await socket.send('{"type":"subscribe","brand_id":"paleo-hacks"}')
        assert (await ends(socket))[0] == BAD_FRAME


async def test_somebody_elses_token_does_not_change_who_listens(desk: Desk, cast: Cast) -> None:
    async with live(desk) as socket:
        await hello(socket, cast.tokens["observer"])
        await hear(socket)
        await socket.send(json.dumps({"type": "token", "token": cast.tokens["admin"]}))
        assert (await ends(socket))[0] == EXPIRED


async def test_everybody_hears_what_is_in_their_sight_and_nothing_else(
    desk: Desk, client: httpx.AsyncClient, cast: Cast
) -> None:
    """Live and, after a break, from the replay. The admin hears all of it, so it was there to be heard."""
    mark = f"live{uuid.uuid4().hex}"
    names = [*LIMITED, "admin"]
    sockets = {name: await live(desk) for name in names}
    places = {}
    for name, socket in sockets.items():
        await hello(socket, cast.tokens[name])
        places[name] = (await hear(socket))["id"]
    visitors = await live(desk, "/live/messenger")
    await hello(visitors, cast.tokens["a visitor"])
    await hear(visitors)
    for brand, word in (("paleohacks", "foreign"), ("earthecho", "own")):
        await send_mail(desk.smtp, mail(to=f"support@{brand}.example", subject=f"{word} {mark}", text=word))
    chat = {"client_id": "1", "session_id": str(uuid.uuid4()), "text": f"chat {mark}"}
    other = bearer(await visitor(client))
    assert (await client.post("/api/ingest/messenger/messages", json=chat, headers=other)).status_code == 202

    everything = await heard_until(sockets["admin"], [f"foreign {mark}", f"own {mark}", f"chat {mark}"])
    last = f"own {mark}"
    brand = await heard_until(sockets["of another brand"], [last, f"chat {mark}"])
    assert f"foreign {mark}" in everything
    assert f"foreign {mark}" not in brand
    for name in names:
        async with live(desk) as again:
            await hello(again, cast.tokens[name], last_id=places[name])
            await hear(again)
            meant = {"admin": [f"foreign {mark}", last], "of another brand": [last]}.get(name, [])
            replayed = await heard_until(again, meant) + await quiet(again)
            assert (f"foreign {mark}" in replayed) is (name == "admin"), name
            assert (last in replayed) is (name in ("admin", "of another brand")), name
        if name not in ("admin", "of another brand"):
            assert mark not in await quiet(sockets[name])
    assert mark not in await quiet(visitors)
    for socket in [*sockets.values(), visitors]:
        await socket.close()


async def heard_until(socket: ClientConnection, words: list[str], seconds: float = 20) -> str:
    heard = ""
    async with asyncio.timeout(seconds):
        while not all(word in heard for word in words):
            heard += str(await socket.recv())
    return heard


async def quiet(socket: ClientConnection, seconds: float = 0.7) -> str:
    """All that is said until nothing is for a while: what was to come has come to others by now."""
    heard = ""
    try:
        while True:
            async with asyncio.timeout(seconds):
                heard += str(await socket.recv())
    except TimeoutError:
        return heard


async def test_whoever_goes_hears_nothing_more(desk: Desk, client: httpx.AsyncClient) -> None:
    """Deactivated, or with a new password: the socket ends though its token has minutes left."""
    async with Agent(desk.web, desk.account("admin")) as admin:
        leaver, changer = [await account(admin, name) for name in ("live leaver", "live changer")]
        tokens = [await token_of(client, one) for one in (leaver, changer)]
        await known_everywhere(desk, tokens)
        sockets = [await live(desk) for _ in tokens]
        for socket, token in zip(sockets, tokens, strict=True):
            await hello(socket, token)
            assert (await hear(socket))["type"] == "ready"
        off = {**leaver["body"], "active": False, "password": None}
        await admin.client.put(f"/api/tickets/agents/{leaver['agent_id']}", json=off)
        new = {"current": changer["password"], "new": "quite another password"}
        changed = await client.post("/api/tickets/me/password", json=new, headers=bearer(tokens[1]))
        assert changed.status_code == 200
        assert [(await ends(socket))[0] for socket in sockets] == [EXPIRED, EXPIRED]


async def test_nobody_holds_more_than_their_share_of_places(desk: Desk, cast: Cast) -> None:
    """Thirty for one agent: the next is told to go, the others stay."""
    sockets = []
    for _ in range(30):
        socket = await live(desk)
        await hello(socket, cast.tokens["lead"])
        assert (await hear(socket))["type"] == "ready"
        sockets.append(socket)
    async with live(desk) as one_more:
        await hello(one_more, cast.tokens["lead"])
        assert await ends(one_more) == (CROWDED, "", [])
    await asyncio.gather(*(socket.close() for socket in sockets))

    async def let_in() -> bool:
        """Once what was closed has given its place back."""
        async with live(desk) as again:
            await hello(again, cast.tokens["lead"])
            try:
                frame = await hear(again)
            except ConnectionClosed:
                return False
            assert frame["type"] == "ready"
            return True

    await until(let_in)
