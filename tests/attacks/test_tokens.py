"""Row 7: tokens that are made up, old, stolen or of somebody who is gone; guessing; and who says where a guess is from.

CVE-2026-27637, CVE-2024-33668 (reset links), CVE-2026-34720 (proxy headers).
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import random
import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from pymongo import AsyncMongoClient

from shared.topics import ACCOUNTS
from tests.attacks.conftest import Cast
from tests.attacks.people import (
    account,
    bearer,
    behind_the_proxy,
    forged,
    http,
    known_everywhere,
    links_to,
    mailed_token,
    token_of,
)
from tests.desk import Desk
from tests.e2e.outside import Agent, until

PROTECTED = (
    "/api/tickets/me",
    "/api/routing/availability/me",
    "/api/notifications/webhooks/event-types",
    "/api/ingest/rejected",
)
"""One route of each service; that every route asks is test_who_sees_what.py's."""


async def statuses(client: httpx.AsyncClient, token: str) -> list[int]:
    answers = await asyncio.gather(*(client.get(path, headers=bearer(token)) for path in PROTECTED))
    return [one.status_code for one in answers]


async def refused_everywhere(client: httpx.AsyncClient, token: str) -> None:
    """Within seconds: the services hear of it by the directory topic."""

    async def refused() -> bool:
        return await statuses(client, token) == [401] * len(PROTECTED)

    await until(refused, seconds=10)


async def test_what_is_made_from_a_real_token_is_worth_nothing(client: httpx.AsyncClient, cast: Cast) -> None:
    for name, token in forged(cast.tokens["admin"]).items():
        found = await statuses(client, token)
        # Node's server, and uvicorn behind it, take no header of 60 kB.
        assert set(found) <= ({400, 401, 431} if name == "very long" else {401}), (name, found)


async def test_what_others_could_sign_is_worth_nothing(client: httpx.AsyncClient, cast: Cast) -> None:
    """With the published key as if it were a secret, with a key of one's own, and with the desk's own secret."""
    keys = (await client.get("/api/tickets/.well-known/jwks.json")).json()["keys"]
    public = keys[-1]
    assert all("d" not in one for one in keys)
    claims = {"sub": "admin", "aud": "desk", "iat": int(time.time()), "exp": int(time.time()) + 600, "gen": 10**6}
    mine = OKPKey.generate_key("Ed25519", {"kid": public["kid"]})
    raw = base64.urlsafe_b64decode(public["x"] + "==")
    secrets = [raw, public["x"].encode(), json.dumps(public).encode(), OKPKey.import_key(public).as_pem(private=False)]
    tokens = [jwt.encode({"alg": "Ed25519", "kid": public["kid"]}, claims, mine, algorithms=["Ed25519"])]
    tokens += [hs256({"alg": "HS256", "kid": public["kid"]}, claims, one) for one in secrets]
    for token in tokens:
        assert await statuses(client, token) == [401] * len(PROTECTED)


def hs256(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """By hand: libraries refuse to do this (CVE-2015-9235)."""
    signed = ".".join(
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in (header, claims)
    )
    mac = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


async def test_an_agent_who_is_deactivated_is_out_within_seconds(desk: Desk, client: httpx.AsyncClient) -> None:
    async with Agent(desk.web, desk.account("admin")) as admin:
        leaver = await account(admin, "leaver", "admin")
        token = await token_of(client, leaver)
        await known_everywhere(desk, [token])
        assert set(await statuses(client, token)) == {200}
        body = {**leaver["body"], "active": False, "password": None}
        answer = await admin.client.put(f"/api/tickets/agents/{leaver['agent_id']}", json=body)
        assert answer.status_code == 200, answer.text
        await refused_everywhere(client, token)
        assert (await client.post("/api/tickets/session/refresh")).status_code == 401
        again = await client.post(
            "/api/tickets/session", json={"email": leaver["email"], "password": leaver["password"]}
        )
        assert again.status_code == 401
        # Back with us, the old token stays what it was.
        await admin.client.put(f"/api/tickets/agents/{leaver['agent_id']}", json={**body, "active": True})
        assert (await client.get(PROTECTED[0], headers=bearer(token))).status_code == 401


@pytest.mark.parametrize("how", ["a new password", "a session ended elsewhere", "a reset", "a mailed reset"])
async def test_a_stolen_token_ends_with(desk: Desk, how: str) -> None:
    """At every service, though each checks tokens by itself."""
    async with Agent(desk.web, desk.account("admin")) as admin, http(desk) as owner, http(desk) as thief:
        robbed = await account(admin, "robbed", "admin")
        mine, stolen = await token_of(owner, robbed), await token_of(thief, robbed)
        await known_everywhere(desk, [stolen])
        password = robbed["password"]
        if how == "a new password":
            body = {"current": password, "new": "quite another password"}
            ended = await owner.post("/api/tickets/me/password", json=body, headers=bearer(mine))
        elif how == "a reset":
            link = await admin.post(f"/api/tickets/agents/{robbed['agent_id']}/password-reset")
            taken = {"token": link["token"], "password": "brought by a link"}
            assert (await owner.post("/api/tickets/password-reset", json=taken)).status_code == 204
            assert (await thief.post("/api/tickets/password-reset", json=taken)).status_code == 401
            ended = await owner.post(
                "/api/tickets/session", json={"email": robbed["email"], "password": "brought by a link"}
            )
        elif how == "a mailed reset":
            taken = {"token": await mailed_token(desk, robbed["email"]), "password": "brought by a mail"}
            answers = await asyncio.gather(
                *(one.post("/api/tickets/password-reset", json=taken) for one in (owner, thief))
            )
            assert sorted(one.status_code for one in answers) == [204, 401]
            ended = await owner.post(
                "/api/tickets/session", json={"email": robbed["email"], "password": "brought by a mail"}
            )
        else:
            ended = await owner.delete("/api/tickets/sessions", headers=bearer(mine))
        assert ended.status_code == 200, ended.text
        await refused_everywhere(thief, stolen)
        assert (await thief.post("/api/tickets/session/refresh")).status_code == 401
        await known_everywhere(desk, [ended.json()["access_token"]])


async def test_asking_for_a_new_password_tells_nobody_who_has_an_account(desk: Desk) -> None:
    """The same answer, byte for byte, for an agent, for one who left and for nobody; mail for the first alone."""
    async with Agent(desk.web, desk.account("admin")) as admin:
        here, left = await account(admin, "here"), await account(admin, "left")
        gone = {**left["body"], "active": False, "password": None}
        await admin.client.put(f"/api/tickets/agents/{left['agent_id']}", json=gone)
    nobody = f"nobody-{random.randrange(10**9)}@switchboard.example"
    said = []
    async with behind_the_proxy(desk) as client:
        for n, email in enumerate((left["email"], nobody, "' || '1'=='1", '{"$ne": ""}', here["email"])):
            headers = {"X-Forwarded-For": f"198.21.{random.randrange(256)}.{n}"}
            answer = await client.post("/session/forgotten", json={"email": email}, headers=headers)
            kept = {
                name: value
                for name, value in answer.headers.items()
                if name not in ("date", "traceparent", "x-request-id")
            }
            said.append((answer.status_code, answer.content, kept))
        not_text = await client.post("/session/forgotten", json={"email": {"$ne": ""}})
        assert not_text.status_code == 422
    assert said == [said[0]] * len(said)
    assert said[0][0] == 204
    assert await until(lambda: links_to(desk, here["email"]), seconds=20)
    for email in (left["email"], nobody):
        assert await links_to(desk, email) == []
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(desk.mongo)
    kept = mongo[f"{desk.prefix}switchboard_tickets"]

    async def all_looked_at() -> bool:
        return await kept["forgotten_passwords"].find_one({"_id": {"$in": [left["email"], nobody]}}) is None

    # Looking at one and telling of it is one transaction.
    assert await until(all_looked_at, seconds=20)
    told = await kept["log"].distinct("key", {"topic": ACCOUNTS.name})
    await mongo.close()
    assert here["agent_id"] in told
    assert left["agent_id"] not in told


async def test_a_mailbox_is_not_flooded_with_links_nor_addresses_tried(desk: Desk) -> None:
    async with Agent(desk.web, desk.account("admin")) as admin:
        victim = await account(admin, "flooded")
    address = f"198.22.{random.randrange(256)}.{random.randrange(256)}"

    async def ask(client: httpx.AsyncClient, email: str, caller: str) -> int:
        headers = {"X-Forwarded-For": caller}
        return (await client.post("/session/forgotten", json={"email": email}, headers=headers)).status_code

    async with behind_the_proxy(desk) as client:
        # From many addresses, as a botnet would; then one address through a list of accounts.
        many = [ask(client, victim["email"], f"198.23.{random.randrange(256)}.{n}") for n in range(12)]
        assert sorted(await asyncio.gather(*many)) == [204] * 3 + [429] * 9
        list_ = [ask(client, f"nobody{n}-{address}@switchboard.example", address) for n in range(30)]
        assert sorted(await asyncio.gather(*list_)) == [204] * 20 + [429] * 10
        # Who is flooded still signs in.
        body = {"email": victim["email"], "password": victim["password"]}
        assert (await client.post("/session", json=body)).status_code == 200


async def test_links_end_with_the_one_that_is_used_and_open_nothing_of_another_kind(desk: Desk) -> None:
    async with Agent(desk.web, desk.account("admin")) as admin, http(desk) as browser:
        one = await account(admin, "forgetful")
        older = await mailed_token(desk, one["email"])
        newer = await mailed_token(desk, one["email"])
        for path, token in (("invitations/accept", newer), ("password-reset", newer + "x")):
            body = {"token": token, "password": "brought by a thief"}
            assert (await browser.post(f"/api/tickets/{path}", json=body)).status_code == 401, path
        for token, status in ((newer, 204), (older, 401), (newer, 401)):
            body = {"token": token, "password": "brought by a mail"}
            assert (await browser.post("/api/tickets/password-reset", json=body)).status_code == status


async def test_the_database_holds_nothing_to_sign_in_with(desk: Desk) -> None:
    async with Agent(desk.web, desk.account("admin")) as admin, http(desk) as browser:
        one = await account(admin, "kept")
        mailed = await mailed_token(desk, one["email"])
        access = await token_of(browser, one)
        cookie = browser.cookies["switchboard_session"]
        reset = (await admin.post(f"/api/tickets/agents/{one['agent_id']}/password-reset"))["token"]
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(desk.mongo)
    kept = ""
    for name in ("agents", "sessions", "password_resets", "sign_in_failures", "log", "keys"):
        rows = mongo[f"{desk.prefix}switchboard_tickets"][name].find(sort=[("$natural", -1)], limit=300)
        kept += str(await rows.to_list(None))
    await mongo.close()
    assert one["agent_id"] in kept
    assert "$argon2id$" in kept
    for secret in (one["password"], access, cookie, reset, mailed, base64.b64encode(cookie.encode()).decode()):
        assert secret not in kept
    assert "'d':" not in kept
    assert '"d":' not in kept


async def test_one_password_is_not_guessed_however_many_come_at_once(desk: Desk) -> None:
    async with Agent(desk.web, desk.account("admin")) as admin:
        victim = await account(admin, "guessed")

    async def guess(client: httpx.AsyncClient, n: int) -> int:
        body = {"email": victim["email"], "password": f"guess {n}"}
        # Each from another address, as a botnet would.
        headers = {"X-Forwarded-For": f"198.18.{random.randrange(256)}.{n}"}
        return (await client.post("/session", json=body, headers=headers)).status_code

    async with behind_the_proxy(desk) as client:
        answers = await asyncio.gather(*(guess(client, n) for n in range(1, 40)))
        assert sorted(answers) == [401] * 10 + [429] * 29
        right = {"email": victim["email"].upper(), "password": victim["password"]}
        assert (await client.post("/session", json=right)).status_code == 429


async def test_an_address_tries_no_list_of_accounts_and_cannot_claim_another(desk: Desk) -> None:
    address = f"198.19.{random.randrange(256)}.{random.randrange(256)}"

    async def guess(client: httpx.AsyncClient, n: int) -> int:
        body = {"email": f"nobody{n}{address}@switchboard.example", "password": "x"}
        # What a client wrote itself stands before what the proxy added.
        headers = {"X-Forwarded-For": f"203.0.113.{n % 250}, {address}"}
        return (await client.post("/session", json=body, headers=headers)).status_code

    async with behind_the_proxy(desk) as client:
        answers = await asyncio.gather(*(guess(client, n) for n in range(60)))
        assert sorted(answers) == [401] * 50 + [429] * 10
        body = {"email": desk.account("observer")["email"], "password": desk.account("observer")["password"]}
        other = await client.post("/session", json=body, headers={"X-Forwarded-For": "198.51.100.77"})
        assert other.status_code == 200


async def test_only_the_web_server_is_believed_about_who_calls(desk: Desk) -> None:
    """Through it and past it, a browser that names another address is counted under its own."""
    async with Agent(desk.web, desk.account("admin")) as admin, http(desk) as browser:
        one = await account(admin, "seen")
        credentials = {"email": one["email"], "password": one["password"]}
        lie = {"X-Forwarded-For": "203.0.113.66", "Forwarded": "for=203.0.113.66", "X-Real-IP": "203.0.113.66"}
        through = await browser.post("/api/tickets/session", json=credentials, headers=lie)
        past = await browser.post(f"{desk.tickets}/session", json=credentials, headers=lie)
        token = past.json()["access_token"]
        listed = await browser.get("/api/tickets/sessions", headers=bearer(token))
        assert through.status_code == past.status_code == 200
        assert [row["address"] for row in listed.json()["items"]] == ["127.0.0.1", "127.0.0.1"]
    async with behind_the_proxy(desk) as proxy:
        await proxy.post("/session", json=credentials, headers={"X-Forwarded-For": "203.0.113.66"})
        listed = await proxy.get("/sessions", headers=bearer(token))
        assert listed.json()["items"][0]["address"] == "203.0.113.66"


async def test_a_session_cookie_is_out_of_reach(desk: Desk) -> None:
    """Of scripts, of other sites, of other paths; and it is gone after signing out."""
    async with http(desk) as browser:
        answer = await browser.post("/api/tickets/session", json=_credentials(desk))
        said = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict", "Path=/api/tickets/session"} <= {one.strip() for one in said.split(";")}
        assert browser.cookies["switchboard_session"] not in answer.text
        cookie = browser.cookies["switchboard_session"]
        assert (await browser.delete("/api/tickets/session")).status_code == 204
        stale = await browser.post("/api/tickets/session/refresh", headers={"Cookie": f"switchboard_session={cookie}"})
        assert stale.status_code == 401


def _credentials(desk: Desk) -> dict[str, str]:
    one = desk.account("observer")
    return {"email": one["email"], "password": one["password"]}
