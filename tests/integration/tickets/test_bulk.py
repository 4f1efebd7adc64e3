"""Actions on many conversations: as single ones would, once each, whatever dies in between; what failed is named."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.tickets.api import bulk as api
from services.tickets.bulk import LEASE_S, Bulk
from services.tickets.store import bulk as store
from services.tickets.store.work import Work
from shared import clock
from shared.contracts.directory import AgentChanged
from shared.timers import Timers
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

MANY = store.PORTION * 2 + 7
NAMES = [f"many-{n}" for n in range(MANY)]
IDS = [conversation_id(name) for name in NAMES]


@pytest.fixture
async def desk(running: Running) -> Running:
    await running.handlers.on_batch([received(message(name)) for name in NAMES])
    return running


async def work_off(desk: Running) -> None:
    """What the timer does, until nothing is left to do."""
    doer = Bulk(desk.store, desk.tickets.desk)
    timers = Timers(desk.store.bulk.jobs, doer.on_due, name="bulk", clock=clock.now, lease_s=LEASE_S)
    while await timers.fire_due():
        pass


async def begin(browser: httpx.AsyncClient, action: dict[str, Any], **chosen: Any) -> dict[str, Any]:
    answer = await browser.post("/bulk", json={"action": action, **chosen})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def finished(desk: Running, browser: httpx.AsyncClient, job: dict[str, Any]) -> dict[str, Any]:
    await work_off(desk)
    found: dict[str, Any] = (await browser.get(f"/bulk/{job['id']}")).json()
    assert found["state"] == "finished"
    return found


async def heads(desk: Running) -> list[Any]:
    found = await desk.store.heads(IDS)
    return [found[one] for one in IDS]


async def test_tag_and_close_many_and_take_both_back(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        job = await begin(browser, {"kind": "tags", "add": ["Recall"]}, ids=IDS)
        assert (job["state"], job["total"], job["done"]) == ("running", MANY, 0)
        tagged = await finished(desk, browser, job)
        assert (tagged["changed"], tagged["failed"], tagged["can_undo"]) == (MANY, 0, True)
        closed = await finished(desk, browser, await begin(browser, {"kind": "close"}, ids=IDS))
        assert {(one.status, one.tags) for one in await heads(desk)} == {("closed", ("recall",))}

        again = await finished(desk, browser, await begin(browser, {"kind": "close"}, ids=IDS))
        assert (again["changed"], again["unchanged"]) == (0, MANY)
        for job in (closed, tagged):
            undone = await browser.post(f"/bulk/{job['id']}/undo")
            assert (await finished(desk, browser, undone.json()))["changed"] == MANY
            assert (await browser.post(f"/bulk/{job['id']}/undo")).json()["code"] == "undone"
        assert {(one.status, one.tags) for one in await heads(desk)} == {("open", ())}
        timeline = (await browser.get(f"/conversations/{IDS[0]}/timeline")).json()["items"]
        assert [one["type"] for one in timeline] == ["ConversationStarted", "Tagged", "Closed", "Reopened", "Tagged"]
        assert {one["by"]["id"] for one in timeline[1:]} == {"maya"}


async def test_those_that_fail_are_named_with_the_reason_of_the_single_action(desk: Running) -> None:
    """Three belong to somebody else: an agent may not take them. One is not there at all."""
    async with desk.browser("lead") as lead, desk.browser("maya") as browser:
        for one in IDS[4:7]:
            body = {"team_id": None, "assignee_id": "leo"}
            assert (await lead.post(f"/conversations/{one}/assign", json=body)).status_code == 200
        job = await begin(browser, {"kind": "assign", "assignee_id": "maya"}, ids=[*IDS, "nothing"])
        done = await finished(desk, browser, job)
        assert (done["changed"], done["failed"], done["total"]) == (MANY - 3, 4, MANY + 1)
        named = {one["conversation_id"]: one["code"] for one in done["failures"]}
        assert named == {**dict.fromkeys(IDS[4:7], "assigned_to_other"), "nothing": "unknown_conversation"}
        assert "team lead can reassign" in done["failures"][0]["message"]
        listed = (await browser.get(f"/bulk/{job['id']}/results", params={"limit": 1000})).json()
        assert [one["conversation_id"] for one in listed["items"]] == [*IDS, "nothing"]
        part = (await browser.get(f"/bulk/{job['id']}/results", params={"outcome": "failed", "limit": 2})).json()
        assert [one["n"] for one in part["items"]] == [4, 5]
        rest = {"outcome": "failed", "after": part["next_after"]}
        rest_of = (await browser.get(f"/bulk/{job['id']}/results", params=rest)).json()
        assert [one["n"] for one in rest_of["items"]] == [6, MANY]
        assert {one.team_id for one in await heads(desk)} == {None}, "what is not named stays"


async def test_a_death_in_the_middle_repeats_nothing_and_loses_nothing(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once before a portion is saved, once between two; the next process takes over when the lease has ended."""
    async with desk.browser("maya") as browser:
        job = await begin(browser, {"kind": "close"}, ids=IDS)
        doer = Bulk(desk.store, desk.tickets.desk)
        saved = 0

        class Died(BaseException):
            """As a kill: no handler sees it."""

        save = Work.save

        async def dies(self: Work, inputs: Any) -> None:
            nonlocal saved
            await save(self, inputs)
            saved += 1
            if saved == 2:
                raise Died

        monkeypatch.setattr(Work, "save", dies)
        with pytest.raises(Died):
            await doer.on_due([{"_id": job["id"]}])
        monkeypatch.undo()
        half = (await browser.get(f"/bulk/{job['id']}")).json()
        assert (half["state"], half["done"]) == ("running", store.PORTION)
        done = await finished(desk, browser, job)
        assert done["changed"] == MANY
        assert {one.seq for one in await heads(desk)} == {2}
        assert await desk.store.log.read(IDS[-1], limit=10)


async def test_two_that_work_on_one_job_do_it_once(desk: Running) -> None:
    import asyncio

    async with desk.browser("maya") as browser:
        job = await begin(browser, {"kind": "priority", "priority": True}, ids=IDS)
        doers = [Bulk(desk.store, desk.tickets.desk) for _ in range(3)]
        await asyncio.gather(*(one.on_due([{"_id": job["id"]}]) for one in doers))
        done = await finished(desk, browser, job)
        assert (done["done"], done["changed"], done["unchanged"]) == (MANY, MANY, 0)
        assert {one.seq for one in await heads(desk)} == {2}


async def test_all_of_a_list_by_its_filter_but_for_some(desk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.handlers.on_batch([received(message("other", brand_id="earth-echo"))])
    async with desk.browser("maya") as browser:
        wanted = {"inbox": "all", "brand": "paleo-hacks", "assignee": "none"}
        done = await finished(
            desk, browser, await begin(browser, {"kind": "close"}, filter=wanted, without_ids=IDS[:2])
        )
        assert (done["total"], done["changed"]) == (MANY - 2, MANY - 2)
        left = (await browser.get("/conversations")).json()["items"]
        assert {one["head"]["id"] for one in left} == {*IDS[:2], conversation_id("other")}

        monkeypatch.setattr(api, "MOST", 10)
        for chosen in ({"ids": IDS}, {"filter": {"status": "closed"}}):
            refused = await browser.post("/bulk", json={"action": {"kind": "reopen"}, **chosen})
            assert (refused.status_code, refused.json()["code"]) == (422, "too_many")
            assert "Narrow the list down" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"action": {"kind": "close"}}, "choose_one_way", "body.ids"),
        ({"action": {"kind": "close"}, "ids": ["x"], "filter": {}}, "choose_one_way", "body.ids"),
        ({"action": {"kind": "close"}, "ids": []}, "nothing_chosen", "body"),
        ({"action": {"kind": "tags"}, "ids": ["x"]}, "no_tags", "body.action.add"),
        ({"action": {"kind": "tags", "add": [" "]}, "ids": ["x"]}, "bad_tag", "body.action.add.0"),
        (
            {"action": {"kind": "snooze", "until": "2001-01-01T00:00:00Z"}, "ids": ["x"]},
            "bad_snooze_time",
            "body.action.until",
        ),
        ({"action": {"kind": "assign"}, "ids": ["x"]}, "no_assignee", "body.action.assignee_id"),
        ({"action": {"kind": "assign", "team_id": "no"}, "ids": ["x"]}, "unknown_team", "body.action.team_id"),
        ({"action": {"kind": "assign", "assignee_id": "no"}, "ids": ["x"]}, "unknown_agent", "body.action.assignee_id"),
        ({"action": {"kind": "close"}, "filter": {"inbox": "no"}}, "unknown_inbox", "query.inbox"),
    ],
)
async def test_what_nothing_could_take_is_refused_at_once(
    running: Running, body: dict[str, Any], code: str, path: str
) -> None:
    async with running.browser("maya") as browser:
        refused = await browser.post("/bulk", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["errors"][0]["path"] == path


async def test_a_job_is_its_agents_alone_and_the_same_key_begins_it_once(desk: Running) -> None:
    async with desk.browser("maya") as browser, desk.browser("leo") as leo, desk.browser("observer") as observer:
        browser.headers["Idempotency-Key"] = "k1"
        first, again = [await begin(browser, {"kind": "close"}, ids=IDS) for _ in "12"]
        assert first == again
        for path in (f"/bulk/{first['id']}", f"/bulk/{first['id']}/results"):
            assert (await leo.get(path)).status_code == 404
        assert (await leo.post(f"/bulk/{first['id']}/undo")).status_code == 404
        assert (await leo.get("/bulk")).json() == {"items": []}
        assert (await observer.post("/bulk", json={"action": {"kind": "close"}, "ids": IDS})).status_code == 403
        assert (await browser.post(f"/bulk/{first['id']}/undo")).json()["code"] == "still_running"
        assert [one["id"] for one in (await browser.get("/bulk")).json()["items"]] == [first["id"]]


async def test_who_lost_the_right_meanwhile_changes_nothing_more(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        of_brand = await begin(browser, {"kind": "close"}, ids=IDS)
        other = {"agent_id": "lead", "seq": 1, "name": "L", "email": "lead@switchboard.example", "role_id": "lead"}
        for change, code in (
            ({"brand_ids": ("earth-echo",)}, "unknown_conversation"),
            ({"role_id": "observer"}, "not_permitted"),
            ({"active": False}, "account_ended"),
        ):
            await desk.store.directory.put(AgentChanged.model_validate({**other, **change}))
            await desk.learn()
            await work_off(desk)
            found = await desk.store.bulk.results(of_brand["id"], outcome=None, after=0, limit=MANY)
            assert {(one["outcome"], one["code"]) for one in found} == {("failed", code)}, change
            assert {one.status for one in await heads(desk)} == {"open"}
            # Carried out once more from its beginning, for the next change.
            again = {"$set": {"next": 0, "due_at": clock.now()}, "$unset": {"finished_at": ""}}
            await desk.store.bulk.jobs.update_one({"_id": of_brand["id"]}, again)
