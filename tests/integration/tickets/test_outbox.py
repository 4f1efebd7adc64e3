"""Replies that can be taken back for some seconds: they leave once, or become the draft again; never both, never
neither, whatever dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.tickets.outbox import LEASE_S, Outbox
from shared import clock
from shared.setup import create_topics
from shared.timers import Timers
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received
from tests.integration.tickets.test_bulk_kill import process
from tests.servers import Servers

HERE = f"/conversations/{conversation_id(1)}"
HELD = {"html": "<p>Hello Ada</p>", "hold": True}
WITHIN_S = 60


@asynccontextmanager
async def answered(running: Running, agent: str = "maya") -> AsyncIterator[httpx.AsyncClient]:
    """One conversation, and somebody who answers it."""
    await running.handlers.on_batch([received(message(1))])
    async with running.browser(agent) as browser:
        yield browser


def timers(running: Running, *, after_s: float) -> Timers:
    """The part that sends, as it will see the world `after_s` from now."""
    tickets = running.tickets
    outbox = Outbox(tickets.store, tickets.desk, tickets.message_ids)
    return Timers(
        tickets.store.outbox.rows,
        outbox.on_due,
        name="outbox",
        clock=lambda: clock.now() + timedelta(seconds=after_s),
        lease_s=LEASE_S,
    )


async def types(browser: httpx.AsyncClient) -> list[str]:
    return [one["type"] for one in (await browser.get(f"{HERE}/timeline")).json()["items"]]


async def test_nothing_happens_before_its_seconds_are_over_and_then_it_leaves_once(running: Running) -> None:
    async with answered(running) as browser:
        held = (await browser.post(f"{HERE}/reply", json={**HELD, "then": {"kind": "close"}})).json()
        assert held["events"] == []
        assert (held["held"]["then"], held["held"]["contact_name"]) == ("close", held["head"]["contact_name"])
        assert 0 < held["held"]["left_s"] <= 5
        assert await timers(running, after_s=3).fire_due() == 0
        assert await types(browser) == ["ConversationStarted"]
        assert [one["id"] for one in (await browser.get("/outbox")).json()["items"]] == [held["held"]["id"]]

        due = timers(running, after_s=6)
        assert [await due.fire_due(), await due.fire_due()] == [1, 0]
        assert await types(browser) == ["ConversationStarted", "ReplySent", "Closed"]
        assert (await browser.get("/outbox")).json() == {"items": []}


async def test_taken_back_it_is_the_draft_again_and_never_leaves(running: Running) -> None:
    async with answered(running) as browser, running.browser("leo") as leo:
        browser.headers["Idempotency-Key"] = "one"
        held = (await browser.post(f"{HERE}/reply", json=HELD)).json()["held"]
        assert (await leo.post(f"/outbox/{held['id']}/undo")).status_code == 404
        assert (await leo.get("/outbox")).json() == {"items": []}
        back = (await browser.post(f"/outbox/{held['id']}/undo")).json()
        assert (back["conversation_id"], back["draft"]["html"]) == (conversation_id(1), "<p>Hello Ada</p>")
        assert (await browser.get(f"{HERE}/drafts")).json()["items"]["reply"] == back["draft"]
        assert (await browser.post(f"/outbox/{held['id']}/undo")).status_code == 404

        # the slow network brings the first command once more
        again = (await browser.post(f"{HERE}/reply", json=HELD)).json()
        assert (again["held"], again["events"]) == (None, [])
        assert await timers(running, after_s=60).fire_due() == 0
        assert await types(browser) == ["ConversationStarted"]


async def test_the_same_command_twice_is_held_once(running: Running) -> None:
    async with answered(running) as browser:
        browser.headers["Idempotency-Key"] = "one"
        first, second = [(await browser.post(f"{HERE}/reply", json=HELD)).json() for _ in range(2)]
        assert first["held"]["id"] == second["held"]["id"]
        await browser.put("/preferences", json={"undo_send_s": 0})
        third = (await browser.post(f"{HERE}/reply", json=HELD)).json()
        assert third["events"] == []
        assert await timers(running, after_s=60).fire_due() == 1
        sent = (await browser.post(f"{HERE}/reply", json=HELD)).json()
        assert [one["type"] for one in sent["events"]] == ["ReplySent"]
        assert await types(browser) == ["ConversationStarted", "ReplySent"]


async def test_undo_and_the_sending_at_once_are_one_or_the_other(running: Running) -> None:
    async with answered(running) as browser:
        for n in range(8):
            held = (await browser.post(f"{HERE}/reply", json={**HELD, "html": f"<p>{n}</p>"})).json()["held"]
            undone, _ = await asyncio.gather(
                browser.post(f"/outbox/{held['id']}/undo"), timers(running, after_s=6).fire_due()
            )
            said = [
                one["data"]["message"]["text"]
                for one in (await browser.get(f"{HERE}/timeline")).json()["items"]
                if one["type"] == "ReplySent"
            ]
            assert (str(n) in said) is (undone.status_code == 404), (n, undone.text)
            assert (await browser.get("/outbox")).json() == {"items": []}


async def test_what_would_be_refused_is_refused_at_once(running: Running) -> None:
    async with answered(running) as browser:
        stale = await browser.post(f"{HERE}/reply", json={**HELD, "seen_seq": 0})
        assert (stale.status_code, stale.json()["code"]) == (409, "newer_message")
        assert (await browser.post(f"{HERE}/reply", json={"html": "<p></p>", "hold": True})).status_code == 422
        assert (await browser.get("/outbox")).json() == {"items": []}


async def test_a_colleague_who_answers_at_the_same_moment_is_told(running: Running) -> None:
    async with answered(running) as browser, running.browser("leo") as leo:
        await browser.post(f"{HERE}/reply", json=HELD)
        told = await leo.post(f"{HERE}/reply", json={**HELD, "seen_seq": 1})
        assert (told.status_code, told.json()["code"]) == (409, "newer_message")
        assert "is sending a reply at this moment" in told.json()["detail"]
        await timers(running, after_s=6).fire_due()
        told = await leo.post(f"{HERE}/reply", json={**HELD, "seen_seq": 1})
        assert "has answered meanwhile" in told.json()["detail"]
        assert (await leo.post(f"{HERE}/reply", json={**HELD, "seen_seq": 2})).json()["held"]


async def test_one_that_cannot_leave_any_more_waits_for_its_author(running: Running) -> None:
    async with answered(running) as browser:
        held = (await browser.post(f"{HERE}/reply", json=HELD)).json()["held"]
        await browser.post(f"{HERE}/spam", json={"spam": True})
        due = timers(running, after_s=6)
        assert [await due.fire_due(), await due.fire_due()] == [1, 0]
        [there] = (await browser.get("/outbox")).json()["items"]
        assert (there["id"], there["left_s"]) == (held["id"], 0)
        assert "spam" in there["problem"]
        assert (await browser.post(f"/outbox/{held['id']}/undo")).json()["draft"]["html"] == "<p>Hello Ada</p>"
        assert "ReplySent" not in await types(browser)


async def test_a_process_that_dies_while_sending_sends_once_all_the_same(running: Running, servers: Servers) -> None:
    """The claim is made and its process is gone: the next one sends, after the lease."""
    await create_topics(running.settings)
    async with answered(running) as browser:
        await browser.post(f"{HERE}/reply", json=HELD)
        rows = running.store.outbox.rows
        claimed = {"lease_until": clock.now() + timedelta(seconds=LEASE_S), "lease_by": "a process that died"}
        await rows.update_one({}, {"$set": claimed})
        with process(servers, running):
            async with asyncio.timeout(WITHIN_S):
                while await rows.count_documents({}):
                    await asyncio.sleep(0.1)
        assert await types(browser) == ["ConversationStarted", "ReplySent"]


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (5, 200), (10, 200), (3, 422), (11, 422), (-1, 422)])
async def test_the_seconds_are_the_agents_own(running: Running, seconds: int, status: int) -> None:
    async with answered(running) as browser, running.browser("leo") as leo:
        assert (await browser.get("/preferences")).json() == {"undo_send_s": 5}
        assert (await browser.put("/preferences", json={"undo_send_s": seconds})).status_code == status
        if status != 200:
            return
        sent: dict[str, Any] = (await browser.post(f"{HERE}/reply", json=HELD)).json()
        assert bool(sent["events"]) is (seconds == 0)
        if seconds:
            assert seconds - 1 < sent["held"]["left_s"] <= seconds
        assert (await leo.get("/preferences")).json() == {"undo_send_s": 5}
