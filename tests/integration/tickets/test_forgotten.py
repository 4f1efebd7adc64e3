"""A lost password: one answer for every address, a sealed link for who has an account, all else ended by it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.api import sessions
from services.tickets.api.hashing import hashed
from services.tickets.api.sessions import HANDED_ON, MAILED
from services.tickets.forgotten import Forgotten
from shared import clock
from shared.sealing import RESET_LINKS, Seal
from shared.timers import Timers
from shared.topics import ACCOUNTS
from tests.integration.tickets.conftest import Running

MAYA = "maya@switchboard.example"
NEW = "brought by a mail"


def seal(running: Running) -> Seal:
    return Seal(running.settings.secret.get_secret_value(), RESET_LINKS)


async def ask(running: Running, email: str) -> int:
    async with running.browser() as browser:
        return (await browser.post("/session/forgotten", json={"email": email})).status_code


async def looked(running: Running, elsewhere: str = "") -> list[dict[str, Any]]:
    """What was asked for is looked at; the events so far, oldest first."""
    store = running.store
    forgotten = Forgotten(store, seal(running), elsewhere)
    await Timers(store.forgotten.rows, forgotten.on_due, name="t", clock=clock.now).fire_due()
    assert await store.forgotten.rows.count_documents({}) == 0
    rows = await store.log.rows.find({"topic": ACCOUNTS.name}).sort("$natural", 1).to_list(None)
    return [json.loads(row["value"]) for row in rows]


def token_in(running: Running, event: dict[str, Any]) -> str:
    whose, _, token = (seal(running).open(event["sealed"]) or "").partition(" ")
    assert whose == event["agent_id"]
    return token


async def asked(running: Running, email: str = MAYA) -> str:
    """The token of a link that was asked for."""
    assert await ask(running, email) == 204
    return token_in(running, (await looked(running))[-1])


async def handed_on(running: Running) -> str:
    """The token of a link that an admin made."""
    async with running.browser("admin") as admin:
        token: str = (await admin.post("/agents/maya/password-reset")).json()["token"]
        return token


async def set_by(running: Running, token: str, password: str = NEW) -> int:
    async with running.browser() as browser:
        return (await browser.post("/password-reset", json={"token": token, "password": password})).status_code


async def test_a_link_opens_once_and_ends_every_session_and_other_link(running: Running) -> None:
    account = {"email": MAYA, "password": "switchboard-demo"}
    async with running.browser() as browser, running.browser("admin") as admin:
        session = (await browser.post("/session", json=account)).json()
        handed = await handed_on(running)
        token = await asked(running, f" {MAYA.title()} ")
        looked_at = (await browser.post("/links/look", json={"token": token})).json()
        assert (looked_at["kind"], looked_at["email"]) == ("reset", MAYA)
        assert sorted(await asyncio.gather(*(set_by(running, token) for _ in range(4)))) == [204, 401, 401, 401]
        assert await set_by(running, handed) == 401
        bearer = {"Authorization": f"Bearer {session['access_token']}"}
        assert (await browser.get("/me", headers=bearer)).status_code == 401
        assert (await browser.post("/session/refresh")).status_code == 401
        assert (await browser.post("/session", json=account)).status_code == 401
        assert (await browser.post("/session", json={**account, "password": NEW})).status_code == 200
        [line] = (await admin.get("/audit?kind=agent&entity_id=maya&limit=1")).json()["items"]
        assert (line["by"]["id"], line["text"]) == ("maya", MAILED)
        assert [(one["field"], one["hidden"]) for one in line["changes"]] == [("password", True)]
        assert NEW not in str(line)


async def opens(running: Running, *passwords: str) -> list[bool]:
    """Which of them sign in."""
    async with running.browser() as browser:
        tries = [await browser.post("/session", json={"email": MAYA, "password": one}) for one in passwords]
        return [one.status_code == 200 for one in tries]


async def test_of_two_who_use_one_link_at_once_one_has_set_the_password(running: Running) -> None:
    token = await asked(running)
    passwords = ("the one's password", "the other's password")
    answers = await asyncio.gather(*(set_by(running, token, one) for one in passwords))
    assert sorted(answers) == [204, 401]
    assert await opens(running, *passwords) == [answer == 204 for answer in answers]


@pytest.mark.parametrize("two", [("mailed", "mailed"), ("handed on", "mailed")])
async def test_of_two_links_that_are_used_at_once_one_sets_the_password(running: Running, two: tuple[str, str]) -> None:
    tokens = [await handed_on(running) if how == "handed on" else await asked(running) for how in two]
    passwords = ("the one's password", "the other's password")
    pairs = zip(tokens, passwords, strict=True)
    answers = await asyncio.gather(*(set_by(running, token, one) for token, one in pairs))
    assert sorted(answers) == [204, 401]
    assert await opens(running, *passwords) == [answer == 204 for answer in answers]


async def test_a_link_that_is_asked_for_while_another_is_used_is_over_with_it(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made for the account with the password of before, though it came when the others had been dropped."""
    token, later = await asked(running), []
    drop = running.store.sign_in.drop_links

    async def meanwhile(agent_id: str, session: AsyncClientSession | None = None) -> None:
        await drop(agent_id, session)
        later.append(await asked(running))

    with monkeypatch.context() as patched:
        patched.setattr(running.store.sign_in, "drop_links", meanwhile)
        assert await set_by(running, token) == 204
    assert later
    assert [await set_by(running, one, "set by the later one") for one in later] == [401] * len(later)
    assert await opens(running, NEW, "set by the later one") == [True, False]


async def test_a_link_is_used_and_another_asked_for_at_the_same_time(running: Running) -> None:
    """Whichever is first: the used one counts, and the other opens only the account that it was made for."""
    later = "set by the later one"
    for n in range(5):
        await running.store.sign_in._attempts.delete_many({})
        token, password = await asked(running), f"{NEW} {n}"
        used, second = await asyncio.gather(set_by(running, token, password), asked(running))
        assert used == 204
        again = sorted(await asyncio.gather(*(set_by(running, second, later) for _ in range(2))))
        assert again in ([204, 401], [401, 401])
        assert await opens(running, password, later) == [204 not in again, 204 in again]


async def test_asking_again_ends_neither_the_last_links_nor_an_admins(running: Running) -> None:
    """Or whoever knows an address would end, each time, the link that its owner is about to open."""
    async with running.browser("admin") as admin:
        handed = await handed_on(running)
        first, *last = [await asked(running) for _ in range(3)]
        await running.store.sign_in._attempts.delete_many({})
        last.append(await asked(running))
        assert await set_by(running, first) == 401
        for token in (*last, handed):
            async with running.browser() as browser:
                assert (await browser.post("/links/look", json={"token": token})).status_code == 200
        assert await set_by(running, last[0]) == 204
        assert [await set_by(running, token) for token in (*last, handed)] == [401] * 4
        assert await set_by(running, await handed_on(running)) == 204
        [line] = (await admin.get("/audit?kind=agent&entity_id=maya&limit=1")).json()["items"]
        assert line["text"] == HANDED_ON


@pytest.mark.parametrize("how", ["address", "password", "left and back"])
async def test_a_mailed_link_is_of_the_account_as_it_was(running: Running, how: str) -> None:
    """Even one whose making came at the same time, so that nobody could drop it."""
    token = await asked(running)
    there = running.tickets.directory.agents["maya"]
    moved = there.model_copy(update={"email": "maya@else.example"})
    if how == "address":
        await running.store.directory.put(moved)
    elif how == "password":
        await running.store.directory.put(there, private={"password": "x"}, ends_tokens=True)
    else:
        await running.store.directory.put(there.model_copy(update={"active": False}), ends_tokens=True)
        await running.store.directory.put(there)
    async with running.browser() as browser:
        assert (await browser.post("/links/look", json={"token": token})).status_code == 401
    assert await set_by(running, token) == 401


async def test_what_changes_while_a_link_is_taken_is_looked_at(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the link was read and before the password is set: making a hash of it takes a while."""
    token = await asked(running)
    there = running.tickets.directory.agents["maya"]

    async def meanwhile(password: str) -> str:
        await running.store.directory.put(there.model_copy(update={"email": "maya@else.example"}))
        return await hashed(password)

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "hashed", meanwhile)
        assert await set_by(running, token) == 401
    await running.store.directory.put(there)
    assert await opens(running, NEW, "switchboard-demo") == [False, True]


async def test_who_is_throttled_locks_out_nobody(running: Running) -> None:
    settings = running.settings
    for n in range(settings.reset_mails_per_address):
        assert await ask(running, f"{n}@switchboard.example") == 204
    assert [await ask(running, MAYA) for _ in range(settings.reset_mails_per_account + 1)] == [429] * 4
    async with running.browser() as browser:
        for n in range(settings.sign_in_failures_per_address):
            wrong = {"email": f"{n}@switchboard.example", "password": "x"}
            assert (await browser.post("/session", json=wrong)).status_code == 401
        for _ in range(settings.sign_in_failures_per_account + 1):
            assert (await browser.post("/session", json={"email": MAYA, "password": "x"})).status_code == 429
    await running.store.sign_in._attempts.delete_many({"_id": {"$regex": "address:"}})
    assert await ask(running, MAYA) == 204
    async with running.browser() as browser:
        account = {"email": MAYA, "password": "switchboard-demo"}
        assert (await browser.post("/session", json=account)).status_code == 200


async def test_a_link_is_over_after_an_hour(running: Running) -> None:
    token = await asked(running)
    row = await running.store.sign_in._resets.find_one({"agent_id": "maya"})
    assert row is not None
    assert 3590 < (row["expires_at"] - clock.now()).total_seconds() <= 3600
    await running.store.sign_in._resets.update_many({}, {"$set": {"expires_at": clock.now()}})
    assert await set_by(running, token) == 401


async def test_nothing_leaves_for_who_is_not_with_us_and_the_answer_is_the_same(running: Running) -> None:
    async with running.browser("admin") as admin:
        invited = {"name": "New", "email": "new@switchboard.example", "role_id": "agent"}
        assert (await admin.post("/invitations", json=invited)).status_code == 201
    for email in ("nobody@switchboard.example", "new@switchboard.example", "not an address", "\u0000"):
        assert await ask(running, email) == 204
        assert await looked(running) == []


async def test_what_was_asked_twice_before_it_was_looked_at_is_told_once(running: Running) -> None:
    assert [await ask(running, MAYA), await ask(running, MAYA)] == [204, 204]
    rows = await running.store.forgotten.rows.find().to_list(None)
    forgotten = Forgotten(running.store, seal(running), "")
    await asyncio.gather(forgotten.on_due(rows), forgotten.on_due(rows))
    assert len(await looked(running)) == 1


@pytest.mark.parametrize("has_password", [True, False])
async def test_who_signs_in_elsewhere_is_told_so(running: Running, has_password: bool) -> None:
    await running.store.identities.link("https://id.example", "42", "maya")
    if not has_password:
        agents = running.store.client[running.settings.database("tickets")].agents
        await agents.update_one({"_id": "maya"}, {"$unset": {"private_password": ""}})
    await ask(running, MAYA)
    [event] = await looked(running, "Demo ID")
    assert (event["elsewhere"], bool(event["sealed"])) == ("Demo ID", has_password)
    links = await running.store.sign_in._resets.count_documents({})
    assert links == has_password


async def test_the_token_stands_in_no_row_of_the_database(running: Running) -> None:
    token = await asked(running)
    database = running.store.client[running.settings.database("tickets")]
    for name in await database.list_collection_names():
        assert token not in str(await database[name].find().to_list(None)), name


async def test_mails_are_counted_by_account_and_by_address(running: Running) -> None:
    limit = running.settings.reset_mails_per_account
    for email in (MAYA, "nobody@switchboard.example"):
        assert [await ask(running, email) for _ in range(limit + 1)] == [204] * limit + [429]
    others = [await ask(running, f"{n}@switchboard.example") for n in range(20)]
    assert others[-1] == 429
    assert await ask(running, "lead@switchboard.example") == 429
    async with running.browser() as browser:
        account = {"email": MAYA, "password": "switchboard-demo"}
        assert (await browser.post("/session", json=account)).status_code == 200
