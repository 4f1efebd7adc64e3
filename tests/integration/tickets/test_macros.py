"""Macros over HTTP: who may write which, nobody overwrites unseen, filled in for a conversation, done with the send."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

HERE = f"/conversations/{conversation_id(1)}"
REFUND: dict[str, Any] = {
    "name": "Refund on its way",
    "html": "<p>Hi {{contact.first_name | there}}, call {{contact.phone}}. <script>x</script>{{agent.first_name}}</p>",
    "actions": [{"kind": "tag", "value": "refund"}, {"kind": "close", "value": ""}],
}
OWN: dict[str, Any] = {**REFUND, "seen_seq": 0}
SHARED, PUBLISH = "/shared-macros", {"publish": True}


async def test_a_lead_writes_for_all_and_an_agent_for_herself(running: Running) -> None:
    async with running.browser("maya") as agent, running.browser("leo") as other, running.browser("lead") as lead:
        refused = await agent.post(SHARED, json=REFUND, params=PUBLISH)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        shared = (await lead.post(SHARED, json=REFUND, params=PUBLISH)).json()["id"]
        mine = await agent.put("/macros/my-own", json={**OWN, "name": "Mine"})
        assert mine.status_code == 200, mine.text
        assert (mine.json()["created_by"], mine.json()["personal"]) == ("maya", True)

        async def known(browser: Any) -> dict[str, bool]:
            items = (await browser.get("/macros")).json()["items"]
            return {one["macro"]["macro_id"]: one["mine_to_change"] for one in items}

        assert (await known(agent))["my-own"] is True
        assert (await known(agent))[shared] is False
        assert "my-own" not in await known(other)
        assert (await known(lead))[shared] is True
        assert (await other.put("/macros/my-own", json={**OWN, "seen_seq": 1})).status_code == 403
        assert (await other.delete("/macros/my-own")).status_code == 404
        for everybodys in (agent, lead):
            refused = await everybodys.delete(f"/macros/{shared}")
            assert (refused.status_code, refused.json()["code"]) == (403, "everybodys")
        assert (await agent.delete("/macros/my-own", params={"seen_seq": 1})).status_code == 200
        assert "my-own" not in await known(agent)


@pytest.mark.parametrize("params", [{}, PUBLISH])
async def test_one_that_is_sent_again_is_made_once(running: Running, params: dict[str, bool]) -> None:
    async with running.browser("lead") as lead:
        once = {"Idempotency-Key": "k"}
        made = [(await lead.post(SHARED, json=REFUND, params=params, headers=once)).json() for _ in "12"]
        assert {(one["id"], one["version"]) for one in made} == {(made[0]["id"], 1)}
        there = (await lead.get(SHARED)).json()["items"]
        assert [one["id"] for one in there if one["name"] == REFUND["name"]] == [made[0]["id"]]


async def test_nobody_overwrites_what_they_did_not_see(running: Running) -> None:
    async with running.browser("maya") as agent, running.browser("lead") as lead, running.browser("admin") as admin:
        path = f"{SHARED}/{(await lead.post(SHARED, json=REFUND)).json()['id']}"
        first = {"If-Match": '"1"'}
        assert (await admin.put(path, json={**REFUND, "name": "Theirs"}, headers=first)).status_code == 200
        late = await lead.put(path, json={**REFUND, "name": "Mine"}, headers=first)
        assert (late.status_code, late.json()["code"]) == (409, "stale_version")
        assert (await lead.post(f"{path}/retire", json={}, headers=first)).status_code == 409
        assert (await agent.put("/macros/mine", json=OWN)).status_code == 200
        late = await agent.put("/macros/mine", json=OWN)
        assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
        assert (late.json()["existing"]["name"], late.json()["existing"]["seq"]) == (OWN["name"], 1)


@pytest.mark.parametrize("brands", [["paleo-hacks"], ["earth-echo", "paleo-hacks"], []])
async def test_who_works_for_one_brand_writes_for_that_one(running: Running, brands: list[str]) -> None:
    await running.narrow("earth-echo")
    async with running.browser("narrow") as narrow, running.browser("lead") as lead:
        refused = await narrow.post(SHARED, json={**REFUND, "brand_ids": brands})
        assert (refused.status_code, refused.json()["code"]) == (403, "other_brands")
        assert (await narrow.post(SHARED, json={**REFUND, "brand_ids": ["earth-echo"]})).status_code == 201
        whole = (await lead.post(SHARED, json=REFUND)).json()["id"]
        refused = await narrow.post(f"{SHARED}/{whole}/retire", json={}, headers={"If-Match": '"1"'})
        assert refused.status_code == 403


async def test_drafts_are_used_by_nobody_and_what_is_in_force_by_all(running: Running) -> None:
    async with running.browser("maya") as agent, running.browser("lead") as lead:
        made = (await lead.post(SHARED, json=REFUND)).json()
        path, version = f"{SHARED}/{made['id']}", {"If-Match": '"1"'}

        async def used() -> dict[str, Any] | None:
            items = (await agent.get("/macros")).json()["items"]
            return next((one["macro"] for one in items if one["macro"]["macro_id"] == made["id"]), None)

        assert await used() is None
        assert (await lead.post(f"{path}/publish", json={"rationale": "asked for"}, headers=version)).status_code == 200
        first = await used()
        assert first
        assert (first["version"], first["name"]) == (1, REFUND["name"])
        assert (await lead.put(path, json={**REFUND, "name": "Better"}, headers=version)).status_code == 200
        assert await used() == first
        second = {"If-Match": '"2"'}
        assert (await lead.post(f"{path}/publish", json={}, headers=second)).json()["standing"]["published"] == 2
        assert (await used() or {})["name"] == "Better"
        back = await lead.post(f"{path}/rollback", json={"version": 1, "rationale": "worse"}, headers=second)
        assert (back.json()["version"], back.json()["name"]) == (3, REFUND["name"])
        assert (await used() or {})["name"] == REFUND["name"]
        assert (await lead.post(f"{path}/retire", json={}, headers={"If-Match": '"3"'})).status_code == 200
        assert await used() is None
        async with running.browser("admin") as admin:
            asked = {"kind": "macro", "entity_id": made["id"]}
            lines = (await admin.get("/audit", params=asked)).json()["items"]
        told = [(one["act"], one["version"], one["text"], one["by"]["id"]) for one in lines]
        assert told == [
            ("retired", 3, "", "lead"),
            ("rolled_back", 3, "worse", "lead"),
            ("published", 2, "", "lead"),
            ("saved", 2, "", "lead"),
            ("published", 1, "asked for", "lead"),
            ("saved", 1, "", "lead"),
        ]
        assert [change["field"] for change in lines[3]["changes"]] == ["name"]


async def test_while_it_is_rolled_out_each_conversation_has_its_version(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    async with running.browser("lead") as lead:
        made = (await lead.post(SHARED, json=REFUND, params=PUBLISH)).json()
        path, filled = f"{SHARED}/{made['id']}", f"{HERE}/macros/{made['id']}"
        await lead.put(path, json={**REFUND, "html": "<p>New words</p>"}, headers={"If-Match": '"1"'})
        second = {"If-Match": '"2"'}
        elsewhere = {"percentage": 100, "team_ids": ["phone-support"], "brand_ids": []}
        staged = await lead.post(f"{path}/publish", json={"rollout": elsewhere}, headers=second)
        assert staged.json()["standing"]["before"] == 1
        assert "New words" not in (await lead.post(filled)).json()["html"]
        here = {"percentage": 100, "team_ids": [], "brand_ids": [(await lead.get(HERE)).json()["head"]["brand_id"]]}
        assert (await lead.post(f"{path}/rollout", json=here, headers=second)).status_code == 200
        assert "New words" in (await lead.post(filled)).json()["html"]
        unknown = await lead.post(f"{path}/rollout", json={**here, "brand_ids": ["nothing"]}, headers=second)
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_brand")


async def test_everybodys_macros_are_taken_out_and_put_in_as_one_document(running: Running) -> None:
    async with running.browser("admin") as admin:
        bundle = (await admin.get("/config")).json()
        assert {one["id"] for one in bundle["kinds"]["macro"]} >= {"refund-started", "thanks-and-close"}
        bundle["kinds"]["macro"][0]["content"]["name"] = "By another name"
        plan = (await admin.post("/config/plan", json={"bundle": bundle})).json()
        assert [one["act"] for one in plan["items"]].count("change") == 1
        assert not any(one["wrong"] for one in plan["items"])
        body = {"bundle": bundle, "plan_hash": plan["plan_hash"], "publish": True}
        assert (await admin.post("/config/apply", json=body)).status_code == 200
        assert (await admin.get("/config")).json() == bundle
        await running.learn()
        names = [one["macro"]["name"] for one in (await admin.get("/macros")).json()["items"]]
        assert "By another name" in names
        bundle["kinds"]["macro"][0]["content"]["html"] = "<script>x</script>"
        plan = (await admin.post("/config/plan", json={"bundle": bundle})).json()
        assert plan["items"][0]["wrong"], "HTML is put in as it would be kept, or not at all"


async def test_it_reads_as_the_conversation_does_and_its_actions_go_with_the_reply(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    async with running.browser("lead") as lead:
        made = (await lead.post(SHARED, json=REFUND, params=PUBLISH)).json()["id"]
        filled = (await lead.post(f"{HERE}/macros/{made}")).json()
        assert "<script>" not in filled["html"]
        assert "{{contact.phone}}" in filled["html"]
        assert await first_name(lead) in filled["html"]
        assert filled["missing"] == ["contact.phone"]
        assert (await lead.get(f"{HERE}/timeline")).json()["items"][-1]["type"] == "ConversationStarted"

        sent = await lead.post(f"{HERE}/reply", json={"html": "<p>Done.</p>", "actions": filled["actions"]})
        assert [one["type"] for one in sent.json()["events"]] == ["ReplySent", "Tagged", "Closed"]
        assert (sent.json()["head"]["tags"], sent.json()["head"]["status"]) == (["refund"], "closed")
        assert (await lead.post(f"{HERE}/macros/nothing")).status_code == 404


async def test_what_is_wrong_is_said_at_its_field(running: Running) -> None:
    async with running.browser("lead") as lead:
        bad = {**REFUND, "html": "<p>{{contact.shoe}}</p>", "actions": [{"kind": "snooze", "value": "soon"}]}
        refused = await lead.post(SHARED, json=bad)
        assert [one["path"] for one in refused.json()["errors"]] == ["body.html", "body.actions.0.value"]
        unknown = {**REFUND, "actions": [{"kind": "delete", "value": ""}]}
        assert (await lead.post(SHARED, json=unknown)).status_code == 422


async def first_name(browser: Any) -> str:
    return str((await browser.get("/me")).json()["agent"]["name"].split(" ")[0])
