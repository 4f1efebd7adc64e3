"""The agent's own sidebar and saved views over HTTP: kept, shared with a team, shown to nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import message, received

VIEW = {
    "name": "Billing, waited longest",
    "filter": {"inbox": "all", "brand": "paleo-hacks", "status": "open"},
    "sort": "waited_longest",
}


async def test_a_sidebar_is_the_agents_own_on_every_device(running: Running) -> None:
    async with running.browser("maya") as browser, running.browser("leo") as leo:
        as_it_came = {"pinned": [], "unpinned": ["all", "unassigned"], "changed": False}
        assert (await browser.get("/sidebar")).json() == as_it_came
        mine = {"pinned": ["all", "mine", "brand:earth-echo", "view:x"], "unpinned": ["spam", "team:tech"]}
        assert (await browser.put("/sidebar", json=mine)).status_code == 204
        assert (await browser.get("/sidebar")).json() == {**mine, "changed": True}
        assert (await leo.get("/sidebar")).json() == as_it_came


@pytest.mark.parametrize("place", ["panel", "toolbar"])
async def test_what_an_agent_arranged_is_their_own_on_every_device(running: Running, place: str) -> None:
    path = f"/preferences/{place}"
    async with running.browser("maya") as browser, running.browser("leo") as leo:
        as_it_came = {"pinned": [], "unpinned": [], "changed": False}
        assert (await browser.get(path)).json() == as_it_came
        mine = {"pinned": ["links", "attributes"], "unpinned": ["times"]}
        assert (await browser.put(path, json=mine)).status_code == 204
        assert (await browser.put("/preferences", json={"undo_send_s": 8})).status_code == 200
        assert (await browser.get(path)).json() == {**mine, "changed": True}
        assert (await leo.get(path)).json() == as_it_came
        for wrong in ({"pinned": ["links"], "unpinned": ["links"]}, {"pinned": ["$where"]}, {"order": []}):
            assert (await browser.put(path, json=wrong)).status_code == 422
        assert (await browser.put("/preferences/sidebars", json=mine)).status_code == 404


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"pinned": ["all", "no-such"]}, "body.pinned.1"),
        ({"unpinned": ["team:"]}, "body.unpinned.0"),
        ({"pinned": ["all"], "unpinned": ["all"]}, "body.unpinned"),
    ],
)
async def test_what_is_no_inbox_is_refused_where_it_stands(running: Running, body: dict[str, Any], path: str) -> None:
    async with running.browser("maya") as browser:
        refused = await browser.put("/sidebar", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["path"] == path


async def test_a_view_is_made_changed_counted_and_deleted(running: Running) -> None:
    await running.handlers.on_batch([received(message(n)) for n in range(3)])
    async with running.browser("maya") as browser:
        browser.headers["Idempotency-Key"] = "v1"
        made = await browser.post("/views", json=VIEW)
        assert made.status_code == 201, made.text
        assert (await browser.post("/views", json=VIEW)).json() == made.json()
        id_ = made.json()["id"]
        assert (await browser.get("/inboxes")).json()["counts"][f"view:{id_}"] == 3
        narrower = {**VIEW["filter"], "priority": True}  # type: ignore[dict-item]
        changed = await browser.patch(f"/views/{id_}", json={"name": "Urgent", "filter": narrower})
        assert (changed.json()["name"], changed.json()["sort"]) == ("Urgent", "waited_longest")
        assert (await browser.get("/inboxes")).json()["counts"][f"view:{id_}"] == 0
        assert (await browser.delete(f"/views/{id_}")).status_code == 204
        assert (await browser.get("/views")).json() == {"items": []}


async def test_a_view_is_shared_with_a_team_and_changed_by_its_maker_alone(running: Running) -> None:
    async with running.browser("maya") as maya, running.browser("jonas") as jonas, running.browser("leo") as leo:
        id_ = (await maya.post("/views", json={**VIEW, "team_id": "email-support"})).json()["id"]
        own = (await maya.post("/views", json={**VIEW, "name": "Mine"})).json()["id"]
        seen = {name: (await one.get("/views")).json()["items"] for name, one in (("jonas", jonas), ("leo", leo))}
        assert [(one["id"], one["mine"]) for one in seen["jonas"]] == [(id_, False)]
        assert seen["leo"] == []
        assert own not in str(seen)
        for id_of in (id_, own, "nothing"):
            assert (await jonas.patch(f"/views/{id_of}", json={"name": "x"})).status_code == 404
            assert (await jonas.delete(f"/views/{id_of}")).status_code == 404
        assert (await maya.patch(f"/views/{id_}", json={"team_id": None})).json()["team_id"] is None
        assert (await jonas.get("/views")).json() == {"items": []}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"team_id": "phone-support"}, "unknown_team"),
        ({"filter": {"inbox": "no-such"}}, "unknown_inbox"),
        ({"filter": {"brand": "no-such"}}, "unknown_brand"),
        ({"filter": {"inbox": "brand:no-such"}}, "unknown_brand"),
    ],
)
async def test_a_view_of_what_one_does_not_have_is_refused(running: Running, change: dict[str, Any], code: str) -> None:
    async with running.browser("maya") as browser:
        refused = await browser.post("/views", json={**VIEW, **change})
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_view_never_shows_another_brand(running: Running) -> None:
    await running.handlers.on_batch([received(message("one"))])
    await running.narrow("earth-echo")
    async with running.browser("narrow") as browser:
        refused = await browser.post("/views", json=VIEW)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_brand")
        all_of = (await browser.post("/views", json={"name": "All", "filter": {}})).json()["id"]
        assert (await browser.get("/inboxes")).json()["counts"][f"view:{all_of}"] == 0
        for narrowed in ({"brand": "paleo-hacks"}, {"brand": "paleo-hacks", "assignee": "none"}):
            assert (await browser.get("/conversations", params=narrowed)).json()["items"] == []
