"""Authenticator apps: asked for at sign-in, by choice or by role, and what each code opens."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest

from shared import clock
from shared.contracts.directory import RoleChanged
from tests.integration.tickets.conftest import Running

MAYA = {"email": "maya@switchboard.example", "password": "switchboard-demo"}
PASSWORD = {"password": MAYA["password"]}


class Phone:
    """An authenticator app. Time stands in it as in the desk; `next` lets thirty seconds pass for both."""

    def __init__(self, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = clock.now()
        self.secret = ""
        monkeypatch.setattr(running.tickets.factors, "_clock", lambda: self.now)

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.now)

    def next(self) -> str:
        self.now += timedelta(seconds=30)
        return self.code()


@pytest.fixture
def phone(running: Running, monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(running, monkeypatch)


async def enrolled(browser: httpx.AsyncClient, phone: Phone) -> list[str]:
    """Maya's browser, signed in; the recovery codes."""
    begun = await browser.post("/me/second-factor", json=PASSWORD)
    assert begun.status_code == 200, begun.text
    phone.secret = begun.json()["secret"]
    assert begun.json()["picture"].startswith("data:image/svg+xml")
    done = await browser.post("/me/second-factor/confirm", json={"code": phone.next()})
    assert done.status_code == 200, done.text
    return list(done.json()["recovery_codes"])


async def sign_in(browser: httpx.AsyncClient, code: str | None = None) -> tuple[int, str]:
    answer = await browser.post("/session", json=MAYA | ({"code": code} if code is not None else {}))
    return answer.status_code, answer.json().get("code", "")


async def test_a_code_is_asked_for_from_then_on_and_opens_once(running: Running, phone: Phone) -> None:
    async with running.browser("maya") as maya, running.browser() as browser:
        assert (await maya.get("/me/second-factor")).json()["on"] is False
        assert await sign_in(browser) == (200, "")
        codes = await enrolled(maya, phone)
        assert len(set(codes)) == 10
        assert await sign_in(browser) == (401, "second_factor_needed")
        assert await sign_in(browser, phone.code()) == (401, "wrong_code"), "the code that confirmed it is used"
        fresh = phone.next()
        tries = await asyncio.gather(*(sign_in(browser, fresh) for _ in range(4)))
        assert sorted(tries) == [(200, "")] + [(401, "wrong_code")] * 3
        assert await sign_in(browser, codes[0].upper()) == (200, "")
        assert await sign_in(browser, codes[0]) == (401, "wrong_code")
        assert (await maya.get("/me/second-factor")).json() == {
            "on": True,
            "required": False,
            "recovery_codes_left": 9,
        }


async def test_nothing_that_opens_is_kept_as_it_is(running: Running, phone: Phone) -> None:
    async with running.browser("maya") as maya:
        codes = await enrolled(maya, phone)
    database = running.store.client[running.settings.database("tickets")]
    kept = str([await database[name].find().to_list(None) for name in await database.list_collection_names()])
    assert phone.secret not in kept
    for one in codes:
        assert one not in kept
        assert one.replace("-", "") not in kept


async def test_a_known_password_buys_no_more_guesses_at_the_code(running: Running, phone: Phone) -> None:
    async with running.browser("maya") as maya, running.browser() as browser:
        await enrolled(maya, phone)
        answers = [await sign_in(browser, f"{n:06}" if n % 2 else None) for n in range(12)]
        assert {status for status, _ in answers[:10]} == {401}
        assert answers[10:] == [(429, "too_many_attempts")] * 2
        assert await sign_in(browser, phone.next()) == (429, "too_many_attempts")


async def test_a_role_that_asks_for_one_lets_nobody_in_without(running: Running, phone: Phone) -> None:
    async with running.browser("admin") as admin, running.browser() as browser:
        assert await sign_in(browser) == (200, "")
        roles = (await admin.get("/directory")).json()["roles"]
        role = next(one for one in roles if one["role_id"] == "agent")
        body = {name: role[name] for name in ("name", "permissions", "channels", "own_teams_only")}
        body["second_factor"] = True
        assert (await admin.put("/roles/agent", json=body | {"seen_seq": role["seq"]})).status_code == 200
        assert (await browser.post("/session/refresh")).json()["code"] == "enrolment_needed"
        assert await sign_in(browser) == (401, "enrolment_needed")
        assert await sign_in(browser, "123456") == (401, "enrolment_needed")
        wrong = await browser.post("/session/second-factor", json=MAYA | {"password": "x"})
        assert wrong.status_code == 401
        begun = await browser.post("/session/second-factor", json=MAYA)
        phone.secret = begun.json()["secret"]
        assert await sign_in(browser, "000000") == (401, "wrong_code")
        answer = await browser.post("/session", json=MAYA | {"code": phone.next()})
        assert answer.status_code == 200
        assert len(answer.json()["recovery_codes"]) == 10
        assert (await browser.post("/session/refresh")).status_code == 200
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        both = PASSWORD | {"code": phone.next()}
        kept = await browser.post("/me/second-factor/remove", json=both, headers=headers)
        assert (kept.status_code, kept.json()["code"]) == (403, "second_factor_required")
        assert (await browser.post("/session/second-factor", json=MAYA)).status_code == 409


async def test_it_goes_with_password_and_code_or_by_an_admin(running: Running, phone: Phone) -> None:
    async with running.browser("maya") as maya, running.browser("admin") as admin, running.browser() as browser:
        await enrolled(maya, phone)
        for wrong in ({"password": "x", "code": phone.next()}, PASSWORD | {"code": "000000"}):
            assert (await maya.post("/me/second-factor/remove", json=wrong)).status_code == 422
        codes = await maya.post("/me/second-factor/recovery-codes", json=PASSWORD | {"code": phone.next()})
        assert len(codes.json()["recovery_codes"]) == 10
        assert (await maya.post("/me/second-factor/remove", json=PASSWORD | {"code": phone.next()})).status_code == 204
        assert await sign_in(browser) == (200, "")
        await enrolled(maya, phone)
        listed: list[dict[str, Any]] = (await admin.get("/agents/accounts")).json()["items"]
        assert {one["agent_id"] for one in listed if one["second_factor"]} == {"maya"}
        assert (await admin.delete("/agents/maya/second-factor")).status_code == 204
        assert (await admin.delete("/agents/maya/second-factor")).status_code == 404
        assert await sign_in(browser) == (200, "")


async def test_a_secret_that_was_never_confirmed_asks_for_nothing(running: Running, phone: Phone) -> None:
    async with running.browser("maya") as maya, running.browser() as browser:
        refused = await maya.post("/me/second-factor", json={"password": "x"})
        assert (refused.status_code, refused.json()["code"]) == (422, "wrong_password")
        await maya.post("/me/second-factor", json=PASSWORD)
        assert await sign_in(browser) == (200, "")
        assert (await maya.post("/me/second-factor/confirm", json={"code": "000000"})).status_code == 422


def test_roles_of_before_ask_for_nothing() -> None:
    assert RoleChanged(role_id="x", seq=1, name="X", permissions=()).second_factor is False
