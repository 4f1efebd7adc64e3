"""Row 9: one visitor of a site and another. Tokens that are guessed, altered or another brand's; somebody else's words,
files and live answers; writing as who one is not; pages of other sites."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.signing import Signer
from tests.attacks.people import OWN_BRAND, bearer
from tests.attacks.test_websocket import EXPIRED, ends, hear, hello, live, quiet
from tests.attacks.visitors import (
    FILES,
    HISTORY,
    MESSAGES,
    OTHER_BRAND,
    SESSIONS,
    by_hand,
    history,
    opened,
    part,
    secret_of,
    shown,
    writes,
)
from tests.desk import Desk
from tests.e2e.outside import Agent, until


@pytest_asyncio.fixture(scope="module")
async def admin(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("admin")) as one:
        yield one


# ── visitors' tokens ─────────────────────────────────────────────────────────────────────────────
async def test_a_visitors_token_that_is_made_up_is_worth_nothing(desk: Desk, client: httpx.AsyncClient) -> None:
    victim = await opened(client)
    secret = secret_of(desk)
    header, said, mac = victim["token"].split(".")
    whole = json.loads(base64.urlsafe_b64decode(said + "=="))
    own = Signer(secret)._key("visitor")
    made_up = [
        "x",
        victim["visitor_id"],
        f"{header}.{part({**whole, 'sub': str(uuid.uuid4())})}.{mac}",
        f"{header}.{part({**whole, 'as': 'admin'})}.{mac}",
        f"{header}.{part({**whole, 'brand': OTHER_BRAND})}.{mac}",
        f"{header}.{said}.",
        f"{part({'alg': 'none'})}.{said}.",
        by_hand({"alg": "HS256"}, whole, Signer(secret).user_key(OWN_BRAND)),
        by_hand({"alg": "HS256"}, whole, secret),
        by_hand({"alg": "HS512"}, whole, own, "sha512"),
        by_hand({"alg": "HS256"}, {**whole, "exp": int(time.time()) - 1}, own),
        by_hand({"alg": "HS256"}, {one: two for one, two in whole.items() if one != "exp"}, own),
        by_hand({"alg": "HS256"}, {**whole, "aud": "desk"}, own),
        jwt.encode({"alg": "HS256"}, whole, OctKey.import_key(secret)),
    ]
    assert (await client.get(HISTORY, headers=bearer(by_hand({"alg": "HS256"}, whole, own)))).status_code == 200
    for token in made_up:
        file = {"file": ("a.txt", b"x", "text/plain")}
        asked = [
            await client.get(HISTORY, headers=bearer(token)),
            await writes(client, token, "x"),
            await client.post(FILES, files=file, headers=bearer(token)),
        ]
        assert [one.status_code for one in asked] == [401, 401, 401], token
        assert (await opened(client, visitor_token=token))["visitor_id"] != victim["visitor_id"]
        async with live(desk, "/live/messenger") as socket:
            await hello(socket, token)
            assert await ends(socket) == (EXPIRED, "", [])


async def test_a_token_of_one_brand_goes_on_at_no_other(client: httpx.AsyncClient) -> None:
    here = await opened(client)
    assert (await opened(client, visitor_token=here["token"]))["visitor_id"] == here["visitor_id"]
    there = await opened(client, OTHER_BRAND, visitor_token=here["token"])
    assert there["visitor_id"] != here["visitor_id"]


# ── one visitor and another ──────────────────────────────────────────────────────────────────────
async def test_a_visitor_reaches_nothing_of_another(desk: Desk, client: httpx.AsyncClient, admin: Agent) -> None:
    """With their conversation's ids in hand: not its words, its files or its live answers; and cannot write into it."""
    victim, eve = await opened(client), await opened(client)
    file = {"file": ("secret.txt", b"secret", "text/plain")}
    kept = (await client.post(FILES, files=file, headers=bearer(victim["token"]))).json()
    session_id, mark = str(uuid.uuid4()), uuid.uuid4().hex
    body = {"session_id": session_id, "attachments": [kept["id"]]}
    theirs = (await writes(client, victim["token"], f"private {mark}", **body)).json()["conversation_id"]
    await shown(client, victim["token"], f"private {mark}")

    into = await writes(client, eve["token"], f"intruder {mark}", session_id=session_id)
    assert into.json()["conversation_id"] != theirs
    await shown(client, eve["token"], f"intruder {mark}")
    assert f"intruder {mark}" not in await history(client, victim["token"])
    stolen = await writes(client, eve["token"], "x", attachments=[kept["id"]])
    assert (stolen.status_code, stolen.json()["code"]) == (422, "unknown_file")
    assert (await client.get(f"/api/ingest/attachments/{kept['id']}")).status_code == 422
    guessed = {"exp": int(time.time()) + 600, "sig": "0" * 32}
    assert (await client.get(f"/api/ingest/attachments/{kept['id']}", params=guessed)).status_code == 403
    query = {"conversation_id": theirs, "visitor_id": victim["visitor_id"], "brand_id": OTHER_BRAND}
    asked = await client.get(HISTORY, params=query, headers=bearer(eve["token"]))
    assert mark in asked.text
    assert f"private {mark}" not in asked.text
    for path in (f"/api/tickets/conversations/{theirs}", f"/api/tickets/conversations/{theirs}/timeline"):
        assert (await client.get(path, headers=bearer(victim["token"]))).status_code == 401

    async with live(desk, "/live/messenger") as listens, live(desk, "/live/messenger") as hers:
        await hello(listens, eve["token"], conversation_id=theirs, visitor_id=victim["visitor_id"])
        await hello(hers, victim["token"])
        await hear(hers)
        await admin.post(f"/api/tickets/conversations/{theirs}/reply", html=f"<p>answer {mark}</p>")
        heard = ""

        async def answered() -> bool:
            nonlocal heard
            heard += await quiet(hers)
            return f"answer {mark}" in heard

        await until(answered)
        assert mark not in await quiet(listens, 0.3)


async def test_a_visitor_writes_as_a_customer_and_nobody_else(client: httpx.AsyncClient, admin: Agent) -> None:
    eve = await opened(client, user={"name": "Ada Whitfield", "email": "admin@switchboard.example", "id": "admin"})
    more: tuple[dict[str, Any], ...] = (
        {"author": {"kind": "agent", "id": "admin"}},
        {"direction": "out"},
        {"visitor_id": "x"},
        {"brand_id": OTHER_BRAND},
        {"conversation_id": str(uuid.uuid4())},
        {"html": "<script>alert(1)</script>"},
        {"verified": True},
    )
    for one in more:
        refused = await writes(client, eve["token"], "x", **one)
        assert (refused.status_code, next(iter(one)) in refused.text) == (422, True), one
    for user in ({"verified": True}, {"hash": "0" * 64}, {"external_id": "u-1"}, {"visitor_id": "x"}):
        refused = await client.post(SESSIONS, json={"brand_id": OWN_BRAND, "user": user})
        assert refused.status_code == 422, user
    conversation_id = (await writes(client, eve["token"], "hello")).json()["conversation_id"]
    await shown(client, eve["token"], "hello")
    timeline = await admin.timeline(conversation_id)
    [message] = [one["data"]["message"] for one in timeline if "message" in one["data"]]
    assert (message["author"]["kind"], message["direction"]) == ("customer", "in")
    for path in ("reply", "note", "close"):
        answer = await client.post(
            f"/api/tickets/conversations/{conversation_id}/{path}",
            json={"html": "<p>x</p>"},
            headers=bearer(eve["token"]),
        )
        assert answer.status_code == 401


async def test_another_sites_page_reads_nothing(client: httpx.AsyncClient) -> None:
    """Only a brand's look may be read from anywhere; sessions, messages and history allow no other origin."""
    session = await opened(client)
    origin = {"Origin": "https://evil.example"}
    ask = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path in (SESSIONS, MESSAGES, FILES, HISTORY):
        preflight = await client.options(path, headers=ask)
        assert "access-control-allow-origin" not in preflight.headers, path
    read = await client.get(HISTORY, headers={**origin, **bearer(session["token"])})
    made = await client.post(SESSIONS, json={"brand_id": OWN_BRAND}, headers=origin)
    assert not [one for one in (read, made) if "access-control-allow-origin" in one.headers]
    look = await client.get("/api/ingest/messenger/config", params={"brand": OWN_BRAND}, headers=origin)
    assert look.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in look.headers
