"""The configuration taken out of one environment and put into another: planned, carried out, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest_asyncio
from httpx import AsyncClient

from services.routing.api import config
from services.routing.settings import RoutingSettings
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_governance import served
from tests.integration.routing.test_http import bearer
from tests.integration.routing.test_sla_http import OFFICE
from tests.integration.routing.world import add_policy, add_rule
from tests.unit.routing.examples import AT


@pytest_asyncio.fixture
async def http(replica: Replica, settings: RoutingSettings) -> Any:
    async with served(replica, settings, config.routes(replica.store, replica.directory, replica.clock)) as client:
        yield client


async def taken_out(http: AsyncClient) -> dict[str, Any]:
    answer = await http.get("/config")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def planned(http: AsyncClient, bundle: dict[str, Any]) -> tuple[dict[str, str], str]:
    answer = await http.post("/config/plan", json={"bundle": bundle})
    assert answer.status_code == 200, answer.text
    return {one["id"]: one["act"] for one in answer.json()["items"]}, answer.json()["plan_hash"]


async def put_in(http: AsyncClient, bundle: dict[str, Any], plan_hash: str, **more: Any) -> Any:
    return await http.post("/config/apply", json={"bundle": bundle, "plan_hash": plan_hash, **more})


async def test_taken_out_and_put_in_elsewhere_it_is_the_same(http: AsyncClient, replica: Replica) -> None:
    """Elsewhere: the same desk with all of it retired and other rules made since."""
    store = replica.store
    use = {"kind": "apply_sla", "policy_id": "p"}
    await add_policy(store, "p")
    await add_rule(store, "first", then=[use])
    await add_rule(store, "second", name="B")
    bundle = await taken_out(http)
    assert [one["id"] for one in bundle["kinds"]["rule"]] == ["first", "second"]
    assert set((await planned(http, bundle))[0].values()) == {"same"}

    empty = {"kinds": {"rule": [], "sla_policy": []}}
    acts, plan_hash = await planned(http, empty)
    assert acts == {"first": "retire", "second": "retire", "p": "retire"}
    gone = await put_in(http, empty, plan_hash, publish=True, rationale="a new beginning")
    assert gone.status_code == 200, gone.text
    assert await store.rules.in_force() == []
    await add_rule(store, "other", name="Other")

    acts, plan_hash = await planned(http, bundle)
    assert acts == {"first": "create", "second": "create", "other": "retire", "p": "create"}
    assert (await put_in(http, bundle, plan_hash, publish=True)).status_code == 200
    assert await taken_out(http) == bundle
    lines = (await http.get("/rules/other/history")).json()["items"]
    assert [one["act"] for one in lines] == ["retired", "published", "saved"]


async def test_only_the_plan_that_was_looked_at_is_carried_out(http: AsyncClient, replica: Replica) -> None:
    await add_rule(replica.store, "r")
    bundle = await taken_out(http)
    bundle["kinds"]["rule"][0]["content"]["name"] = "Better"
    _, plan_hash = await planned(http, bundle)
    kept = (await replica.store.rules.get("r")).kept
    await replica.store.rules.replace("r", kept, version=1, command_id="k", by="", now=AT)
    refused = await put_in(http, bundle, plan_hash, publish=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_changed")

    _, plan_hash = await planned(http, bundle)
    drafted = await put_in(http, bundle, plan_hash, rationale="from a file")
    assert drafted.status_code == 200, drafted.text
    held = await replica.store.rules.get("r")
    assert (held.kept.name, held.artifact.state, held.artifact.published) == ("Better", "draft", 1)
    assert (await taken_out(http))["kinds"]["rule"][0]["content"]["name"] == "A rule"
    newest = (await http.get("/rules/r/history")).json()["items"][0]
    assert (newest["act"], newest["text"]) == ("saved", "from a file")

    body = {"approvals": 1, "approver_role_ids": []}
    await http.put("/rules/governance", json=body, headers=bearer("ada"))
    _, plan_hash = await planned(http, bundle)
    refused = await put_in(http, bundle, plan_hash, publish=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_approval")


async def test_what_cannot_be_saved_here_is_told_and_nothing_done(http: AsyncClient, replica: Replica) -> None:
    """Another desk has other teams; a policy may count by a calendar that comes with it."""
    rule = {"name": "A", "when": ["ConversationStarted"], "if": None}
    assigns = {"id": "a", "content": {**rule, "then": [{"kind": "assign", "team_id": "elsewhere"}]}}
    policy = {"id": "p", "content": {"name": "P", "if": None, "calendar_id": "office", "first_response_s": 60}}
    kinds = {"rule": [assigns], "sla_policy": [policy], "calendar": [{"id": "office", "content": OFFICE}]}
    answer = await http.post("/config/plan", json={"bundle": {"kinds": kinds}})
    wrong = {one["id"]: [at["path"] for at in one["wrong"]] for one in answer.json()["items"]}
    assert wrong == {"office": [], "p": [], "a": ["then[0].team_id"]}
    refused = await put_in(http, {"kinds": kinds}, answer.json()["plan_hash"], publish=True)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_bundle")
    assert await replica.store.policies.all(retired=True) == []

    # a macro may come with it, into tickets
    answers = {"id": "b", "content": {**rule, "then": [{"kind": "send_macro", "macro_id": "warranty"}]}}
    macro = {"id": "warranty", "content": {"name": "Warranty", "html": "<p>Five years.</p>", "actions": []}}
    silent = {**macro, "content": {**macro["content"], "html": ""}}
    for beside, places in (({}, 1), ({"macro": []}, 1), ({"macro": [silent]}, 1), ({"macro": [macro]}, 0)):
        body = {"bundle": {"kinds": {"rule": [answers]}}, "beside": beside}
        answer = await http.post("/config/plan", json=body)
        assert [len(one["wrong"]) for one in answer.json()["items"]] == [places], beside

    kinds["rule"] = []
    _, plan_hash = await planned(http, {"kinds": kinds})
    assert (await put_in(http, {"kinds": kinds}, plan_hash, publish=True)).status_code == 200
    unknown = await http.post("/config/plan", json={"bundle": {"kinds": {"playbook": []}}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_kind")
    nothing = {"bundle": {"kinds": {}}}
    for who, may_look in (("maya", 200), ("echo", 403)):
        assert (await http.post("/config/plan", json=nothing, headers=bearer(who))).status_code == may_look
        refused = await http.post("/config/apply", json={**nothing, "plan_hash": "0" * 64}, headers=bearer(who))
        assert refused.status_code == 403
