"""Tags renamed, merged and taken away wherever they are: once each, whatever dies in between, said on each timeline."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from services.tickets.store.tag_changes import PORTION
from services.tickets.store.work import Work
from services.tickets.tag_changes import LEASE_S, TagChanges
from shared import clock
from shared.mongo import Document
from shared.timers import Timers
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

MANY = PORTION * 2 + 7
NAMES = [f"tagged-{n}" for n in range(MANY)]
IDS = [conversation_id(name) for name in NAMES]


@pytest.fixture
async def desk(running: Running) -> Running:
    await running.handlers.on_batch([received(message(name)) for name in NAMES])
    async with running.browser("maya") as browser:
        for one in IDS:
            add = ["vip", "loyal"] if one == IDS[3] else ["vip"]
            assert (await browser.post(f"/conversations/{one}/tags", json={"add": add})).status_code == 200
        for one in (IDS[0], IDS[-1]):
            assert (await browser.post(f"/conversations/{one}/close")).status_code == 200
    return running


async def work_off(desk: Running) -> None:
    """What the timer does, until nothing is left to do."""
    doer = TagChanges(desk.store)
    timers = Timers(desk.store.tag_changes.rows, doer.on_due, name="tags", clock=clock.now, lease_s=LEASE_S)
    while await timers.fire_due():
        pass


async def change(browser: httpx.AsyncClient, tag: str, to: str | None) -> httpx.Response:
    return await browser.post("/tags/changes", json={"tag": tag, "to": to})


async def listed(browser: httpx.AsyncClient) -> dict[str, int]:
    return {one["tag"]: one["count"] for one in (await browser.get("/tags")).json()}


async def row(desk: Running, tag: str) -> Document:
    found = await desk.store.tag_changes.rows.find_one({"_id": tag})
    assert found
    return found


async def test_a_tag_is_renamed_everywhere_open_or_closed_and_in_saved_views(desk: Running) -> None:
    async with desk.browser("admin") as browser:
        view = {"name": "Important", "filter": {"tags": ["vip"]}, "sort": "newest"}
        made = await browser.post("/views", json=view)
        assert made.status_code == 201, made.text
        begun = await change(browser, "VIP ", "Key customer")
        assert begun.status_code == 202, begun.text
        assert (begun.json()["tag"], begun.json()["to"], begun.json()["finished_at"]) == ("vip", "key customer", None)
        assert (await change(browser, "vip", "key customer")).json() == begun.json(), "the same again is the same"
        await work_off(desk)
        assert await listed(browser) == {"key customer": MANY, "loyal": 1}
        (told,) = (await browser.get("/tags/changes")).json()
        assert told["changed"] == MANY
        assert told["finished_at"]
        timeline = (await browser.get(f"/conversations/{IDS[-1]}/timeline")).json()["items"]
        assert [one["type"] for one in timeline] == ["ConversationStarted", "Tagged", "Closed", "Tagged"]
        assert timeline[-1]["by"]["id"] == "admin"
        (kept,) = (await browser.get("/views")).json()["items"]
        assert kept["filter"]["tags"] == ["key customer"]
        again = await change(browser, "vip", "x")
        assert (again.status_code, again.json()["code"]) == (404, "unknown_tag")


async def test_a_tag_becomes_one_with_another_or_goes(desk: Running) -> None:
    async with desk.browser("admin") as browser:
        await change(browser, "vip", "loyal")
        await work_off(desk)
        assert await listed(browser) == {"loyal": MANY}
        heads = await desk.store.heads(IDS)
        assert {head.tags for head in heads.values()} == {("loyal",)}
        await change(browser, "loyal", None)
        await work_off(desk)
        assert await listed(browser) == {}
        assert (await browser.post(f"/conversations/{IDS[1]}/tags", json={"add": ["vip"]})).status_code == 200
        assert await listed(browser) == {"vip": 1}, "what was taken away can be used again"


async def test_two_renames_cannot_chase_each_other(desk: Running) -> None:
    async with desk.browser("admin") as browser:
        both = await asyncio.gather(change(browser, "vip", "loyal"), change(browser, "loyal", "vip"))
        assert sorted(one.status_code for one in both) == [202, 409]
        refused = next(one for one in both if one.status_code == 409)
        assert refused.json()["code"] == "tag_changing"
        await work_off(desk)
        assert len(await listed(browser)) == 1


async def test_a_death_in_the_middle_repeats_nothing_and_loses_nothing(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        """As a kill: no handler sees it."""

    saved, save = 0, Work.save

    async def dies(self: Work, inputs: Any) -> None:
        nonlocal saved
        await save(self, inputs)
        saved += 1
        if saved == 2:
            raise Died

    async with desk.browser("admin") as browser:
        await change(browser, "vip", "loyal")
        monkeypatch.setattr(Work, "save", dies)
        with pytest.raises(Died):
            await TagChanges(desk.store).on_due([await row(desk, "vip")])
        monkeypatch.undo()
        assert (await row(desk, "vip"))["changed"] == PORTION
        # two processes at the same time, one of which thinks the other is dead
        doers = [TagChanges(desk.store).on_due([await row(desk, "vip")]) for _ in range(2)]
        await asyncio.gather(*doers)
        await work_off(desk)
        assert (await row(desk, "vip"))["changed"] == MANY
        heads = await desk.store.heads(IDS)
        assert {head.tags for head in heads.values()} == {("loyal",)}
        assert all(head.seq <= 4 for head in heads.values()), "each was changed once"


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({"tag": "vip", "to": " "}, 422, "body.to.0"),
        ({"tag": "vip", "to": "VIP"}, 422, "body.to"),
        ({"tag": "vip"}, 422, "body.to"),
        ({"tag": {"$gt": ""}, "to": "x"}, 422, "body.tag"),
        ({"tag": "never there", "to": "x"}, 404, None),
    ],
)
async def test_what_cannot_be_changed_is_said_at_its_place(
    running: Running, body: dict[str, Any], status: int, path: str | None
) -> None:
    async with running.browser("admin") as browser, running.browser("lead") as lead:
        answer = await browser.post("/tags/changes", json=body)
        assert answer.status_code == status, answer.text
        assert [one["path"] for one in answer.json().get("errors", [])] == ([path] if path else [])
        assert (await lead.post("/tags/changes", json={"tag": "vip", "to": "x"})).status_code == 403
