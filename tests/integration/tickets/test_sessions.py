"""Sessions, passwords and keys: what ends, at once, and what can be used once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from services.tickets.api.tokens import ANNOUNCE_FOR, Tokens
from shared import clock
from tests.integration.tickets.conftest import Running

MAYA = {"email": "maya@switchboard.example", "password": "switchboard-demo"}


def bearer(session: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


async def signed_in(browser: httpx.AsyncClient, **account: str) -> dict[str, Any]:
    answer = await browser.post("/session", json={**MAYA, **account}, headers={"User-Agent": "Firefox\x07 on Linux"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_session_ended_elsewhere_is_over_there_and_goes_on_here(running: Running) -> None:
    async with running.browser() as here, running.browser() as there:
        mine, lost = await signed_in(here), await signed_in(there)
        listed = (await here.get("/sessions", headers=bearer(mine))).json()["items"]
        assert [one["current"] for one in listed] == [False, True]
        assert listed[0]["browser"] == "Firefox on Linux"
        assert mine["access_token"] not in str(listed)
        ended = await here.delete(f"/sessions/{listed[0]['id']}", headers=bearer(mine))
        assert ended.status_code == 200
        assert (await there.post("/session/refresh")).status_code == 401
        assert (await there.get("/me", headers=bearer(lost))).status_code == 401
        assert (await here.get("/me", headers=bearer(ended.json()))).status_code == 200
        assert (await here.post("/session/refresh")).status_code == 200
        assert (await here.delete(f"/sessions/{listed[0]['id']}", headers=bearer(ended.json()))).status_code == 404


async def test_nobody_ends_or_sees_a_session_of_somebody_else(running: Running) -> None:
    async with running.browser() as maya, running.browser() as other:
        mine = await signed_in(maya)
        theirs = await signed_in(other, email="jonas@switchboard.example")
        [session] = (await maya.get("/sessions", headers=bearer(mine))).json()["items"]
        assert (await other.delete(f"/sessions/{session['id']}", headers=bearer(theirs))).status_code == 404
        assert len((await other.get("/sessions", headers=bearer(theirs))).json()["items"]) == 1
        assert (await maya.get("/me", headers=bearer(mine))).status_code == 200


async def test_a_new_password_ends_every_other_session_and_token(running: Running) -> None:
    async with running.browser() as here, running.browser() as there:
        mine, lost = await signed_in(here), await signed_in(there)
        body = {"current": "not this one", "new": "a better password"}
        refused = await here.post("/me/password", json=body, headers=bearer(mine))
        assert (refused.status_code, refused.json()["code"]) == (422, "wrong_password")
        body["current"] = MAYA["password"]
        changed = await here.post("/me/password", json=body, headers=bearer(mine))
        assert changed.status_code == 200
        for old in (mine, lost):
            assert (await here.get("/me", headers=bearer(old))).status_code == 401
        assert (await there.post("/session/refresh")).status_code == 401
        assert (await here.get("/me", headers=bearer(changed.json()))).status_code == 200
        assert (await there.post("/session", json=MAYA)).status_code == 401
        await signed_in(there, password="a better password")


async def test_a_reset_opens_once_and_ends_with_a_new_one_a_change_or_time(running: Running) -> None:
    async with running.browser() as browser, running.browser("admin") as admin:
        lost = await signed_in(browser)

        async def made() -> str:
            answer = await admin.post("/agents/maya/password-reset")
            assert answer.status_code == 201
            return str(answer.json()["token"])

        async def taken(token: str, password: str = "brought by a link") -> int:
            return (await browser.post("/password-reset", json={"token": token, "password": password})).status_code

        older, token = await made(), await made()
        kept = await running.store.client[running.settings.database("tickets")].password_resets.find().to_list(None)
        assert token not in str(kept)
        assert await taken(older) == 401
        assert await taken(token, "short") == 422
        assert sorted(await asyncio.gather(*(taken(token) for _ in range(4)))) == [204, 401, 401, 401]
        assert (await browser.get("/me", headers=bearer(lost))).status_code == 401
        assert (await browser.post("/session/refresh")).status_code == 401
        mine = await signed_in(browser, password="brought by a link")
        token = await made()
        body = {"current": "brought by a link", "new": "changed by myself"}
        assert (await browser.post("/me/password", json=body, headers=bearer(mine))).status_code == 200
        assert await taken(token) == 401
        token = await made()
        await running.store.sign_in._resets.update_many({}, {"$set": {"expires_at": clock.now()}})
        assert await taken(token) == 401


async def test_only_who_manages_the_desk_makes_reset_links(running: Running) -> None:
    async with running.browser("lead") as lead:
        assert (await lead.post("/agents/maya/password-reset")).status_code == 403


async def test_guesses_at_once_are_counted_as_well(running: Running) -> None:
    """They were counted after the password had been looked at: as many as came at once were all looked at."""
    async with running.browser() as browser:

        async def guess(n: int) -> int:
            return (await browser.post("/session", json={**MAYA, "password": f"guess {n}"})).status_code

        answers = await asyncio.gather(*(guess(n) for n in range(25)))
        assert sorted(answers) == [401] * 10 + [429] * 15


async def test_an_own_account_does_not_open_the_address_for_more_guesses(running: Running) -> None:
    limit = running.settings.sign_in_failures_per_address
    async with running.browser() as browser:
        for n in range(limit - 1):
            await running.store.sign_in.attempt("address:127.0.0.1")
            if n % 10 == 0:
                await signed_in(browser)
        assert (await browser.post("/session", json={**MAYA, "password": "x"})).status_code == 401
        assert (await browser.post("/session", json=MAYA)).status_code == 429


async def test_keys_follow_each_other_without_anybody_noticing(running: Running) -> None:
    now = clock.now()
    moved = [now]
    secret = running.settings.secret.get_secret_value()
    known = running.tickets.directory.keys
    tokens = Tokens(running.store.directory, lambda: moved[0], known=known, secret=secret, holds_s=600)
    await tokens.prepare()

    async def works(token: str) -> bool:
        await running.learn()
        async with running.browser() as browser:
            return (await browser.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200

    assert not await tokens.rotate_when_due()
    first = tokens.issue("maya")[0]
    moved[0] = now + timedelta(days=91)
    assert await tokens.rotate_when_due()
    assert not await tokens.rotate_when_due()
    assert len(await tokens.public_keys()) == 2
    moved[0] -= timedelta(days=91) - ANNOUNCE_FOR / 2  # announced, not signing yet, by the clock of the tokens
    assert await works(first)
    moved[0] = now + timedelta(days=91) + ANNOUNCE_FOR
    await tokens.prepare()
    assert "desk-2" in str(await tokens.public_keys())
    moved[0] += timedelta(seconds=2 * 600 + 1)
    assert [one["kid"] for one in await tokens.public_keys()] == ["desk-2"]


async def test_a_key_in_wrong_hands_ends_at_once(running: Running) -> None:
    tokens = running.tickets.tokens
    before = tokens.issue("maya")[0]
    assert await tokens.rotate(at_once=True) == "desk-2"
    async with running.browser() as browser:
        answer = await browser.post("/session", json=MAYA)
        assert answer.status_code == 503, "nobody is given a token that would be refused a moment later"
    await running.learn()
    async with running.browser() as browser:
        assert (await browser.get("/me", headers={"Authorization": f"Bearer {before}"})).status_code == 401
    async with running.browser("maya") as browser:
        assert (await browser.get("/me")).status_code == 200


async def test_the_last_who_manages_the_desk_cannot_lock_everybody_out(running: Running) -> None:
    async with running.browser("admin") as admin:
        body = {"name": "Admin", "permissions": ["conversations.read"]}
        refused = await admin.put("/roles/admin", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "nobody_left")
        whole = [*body["permissions"], "directory.manage"]
        limited = await admin.put("/roles/admin", json={**body, "permissions": whole, "channels": ["phone"]})
        assert limited.status_code == 422
        me = {"name": "Ada", "email": "admin@switchboard.example", "role_id": "admin", "active": False}
        assert (await admin.put("/agents/admin", json=me)).status_code == 422
        assert (await admin.put("/roles/phone", json={**body, "channels": ["phone"]})).status_code == 200
