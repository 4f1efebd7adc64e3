"""Rules and policies on their way: reviewed by others, published now, later and to some first, rolled back, retold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient, Response

from services.routing.api import decisions, rules, sla
from services.routing.rules.schema import RuleDraft
from services.routing.settings import RoutingSettings
from shared.access import Access
from shared.contracts.directory import AgentChanged, RoleChanged, SigningKeyChanged
from shared.contracts.governance import Rollout
from shared.governance.stages import takes
from shared.http import http_app
from shared.timers import Timers
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_http import KEY, bearer
from tests.integration.routing.world import decided, received
from tests.unit.routing.examples import AT, draft, head, started

OLD, NEW = [{"kind": "add_tags", "tags": [one]} for one in ("old", "new")]
HALF = {"percentage": 50, "team_ids": [], "brand_ids": []}
MANAGES = RoleChanged(role_id="admin", seq=1, name="Admin", permissions=("rules.read", "directory.manage"))
REVIEWS = RoleChanged(role_id="reviewer", seq=1, name="Reviewer", permissions=("rules.read",))
PEOPLE = (("ada", "admin"), ("rita", "reviewer"), ("second", "lead"), ("third", "lead"))


def at_version(version: int, who: str = "lead") -> dict[str, str]:
    return {**bearer(who), "If-Match": f'"{version}"'}


def served(replica: Replica, settings: RoutingSettings, *more: APIRouter) -> AsyncClient:
    replica.directory.learn(SigningKeyChanged(key_id="k", seq=1, jwk=KEY.as_dict(private=False)))
    for event in (MANAGES, REVIEWS):
        replica.directory.learn(event)
    for id_, role in PEOPLE:
        replica.directory.learn(AgentChanged(agent_id=id_, seq=1, name=id_.title(), email=f"{id_}@x", role_id=role))
    app = http_app(service="routing", title="t", about="a", settings=settings)
    app.state.access = Access(replica.directory, replica.clock)
    store = replica.store
    app.include_router(rules.routes(store, replica.directory, replica.clock))
    app.include_router(sla.routes(store, replica.directory, replica.clock))
    app.include_router(decisions.routes(store.decisions, store.conversations, store.rules))
    for one in more:
        app.include_router(one)
    return AsyncClient(transport=ASGITransport(app), base_url="http://x/api/routing", headers=bearer("lead"))


@pytest_asyncio.fixture
async def http(replica: Replica, settings: RoutingSettings) -> AsyncIterator[AsyncClient]:
    async with served(replica, settings) as client:
        yield client


async def made(http: AsyncClient, *, publish: bool = False, **changes: Any) -> str:
    """The path of a rule."""
    answer = await http.post("/rules", json=draft(**{"then": [OLD], **changes}), params={"publish": publish})
    assert answer.status_code == 201, answer.text
    return f"/rules/{answer.json()['id']}"


async def ask_for(http: AsyncClient, approvals: int, *roles: str) -> None:
    body = {"approvals": approvals, "approver_role_ids": list(roles)}
    answer = await http.put("/rules/governance", json=body, headers=bearer("ada"))
    assert answer.json() == body, answer.text


async def did(http: AsyncClient, path: str, act: str, seen: int, who: str = "lead", /, **body: Any) -> Response:
    return await http.post(f"{path}/{act}", json=body, headers=at_version(seen, who))


async def standing(answer: Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["standing"]
    return found


def refusal(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def tags(replica: Replica, conversation_id: str) -> list[str]:
    """What the rules in force add to a new conversation."""
    await replica.handlers.on_conversation_events([received(started(id=conversation_id))])
    found = await decided(replica.store.database, conversation_id)
    return [tag for one in found for action in one["actions"] for tag in action.get("tags", ())]


async def test_a_draft_is_reviewed_by_others_and_only_then_in_force(http: AsyncClient, replica: Replica) -> None:
    await ask_for(http, 2, "reviewer")
    refused = await http.post("/rules", json=draft(), params={"publish": True})
    assert refusal(refused) == (409, "needs_approval")
    assert (await http.get("/rules")).json() == {"items": []}, "nothing was saved"

    path = await made(http)
    assert refusal(await did(http, path, "publish", 1)) == (409, "needs_approval")
    assert (await standing(await did(http, path, "submit", 1, rationale="asked for")))["state"] == "in_review"
    assert refusal(await did(http, path, "approve", 1)) == (403, "own_work")
    assert refusal(await did(http, path, "approve", 1, "maya")) == (403, "not_permitted")
    once = await standing(await did(http, path, "approve", 1, "second", comment="fine"))
    assert (once["state"], once["approvals_needed"]) == ("in_review", 2)
    assert refusal(await did(http, path, "approve", 1, "second")) == (409, "approved_already")
    assert refusal(await did(http, path, "publish", 1)) == (409, "needs_approval")
    assert await tags(replica, "c1") == []

    twice = await standing(await did(http, path, "approve", 1, "rita"))
    assert (twice["state"], [one["by"] for one in twice["approvals"]]) == ("approved", ["second", "rita"])
    assert refusal(await did(http, path, "publish", 1, "rita")) == (403, "not_permitted")
    published = await standing(await did(http, path, "publish", 1))
    assert (published["state"], published["published"], published["rationale"]) == ("published", 1, "asked for")
    assert await tags(replica, "c2") == ["old"]

    saved = await http.put(path, json=draft(then=[NEW]), headers=at_version(1, "second"))
    assert (await standing(saved))["approvals"] == []
    await did(http, path, "submit", 2)
    rejected = await standing(await did(http, path, "reject", 2, "rita", comment="why?"))
    assert (rejected["state"], rejected["published"]) == ("draft", 1)
    assert await tags(replica, "c3") == ["old"], "what is in force stays so"
    told = [(one["act"], one["by"]) for one in (await http.get(f"{path}/history")).json()["items"]]
    assert told[:3] == [("rejected", "rita"), ("submitted", "lead"), ("saved", "second")]
    assert len(told) == 8


async def test_drafts_made_at_once_by_two_replicas_come_one_after_the_other(replicas: list[Replica]) -> None:
    """No revision comes of a draft, on which two that read the same last place would have met."""
    many = 8
    drafts = [RuleDraft.model_validate(draft(name=f"Rule {n}")) for n in range(many)]
    made = [replicas[n % 2].store.rules.create(f"r{n}", one, by="lead", now=AT) for n, one in enumerate(drafts)]
    await asyncio.gather(*made)
    assert [one.kept.order for one in await replicas[0].store.rules.all()] == list(range(many))


async def test_approvals_at_once_all_count_and_a_version_that_moved_on_gets_none(http: AsyncClient) -> None:
    await ask_for(http, 2)
    path = await made(http)
    await did(http, path, "submit", 1)
    answers = await asyncio.gather(*(did(http, path, "approve", 1, who) for who in ("second", "third", "second")))
    assert sorted(one.status_code for one in answers) == [200, 200, 409]
    assert (await standing(await http.get(path)))["state"] == "approved"
    await http.put(path, json=draft(then=[NEW]), headers=at_version(1))
    assert refusal(await did(http, path, "publish", 1)) == (409, "stale_version")
    assert refusal(await did(http, path, "publish", 2)) == (409, "needs_approval")


async def test_it_is_published_once_when_its_time_comes_whoever_was_down(
    http: AsyncClient, replicas: list[Replica], settings: RoutingSettings
) -> None:
    """Both replicas look at once; it was scheduled by a process that is gone."""
    path = await made(http)
    at = (AT + timedelta(hours=1)).isoformat()
    scheduled = await standing(await did(http, path, "publish", 1, at=at))
    assert (scheduled["state"], scheduled["published"]) == ("scheduled", None)
    timers = [
        Timers(one.store.rules.rows, one.store.rules.on_due, name="rules", clock=one.clock, batch=10)
        for one in replicas
    ]
    for timer in timers:
        await timer.ensure_indexes()
        assert await timer.fire_due() == 0
    replicas[0].clock.move(hours=5)
    fired = await asyncio.gather(*(timer.fire_due() for timer in timers))
    assert sum(fired) >= 1
    assert [await timer.fire_due() for timer in timers] == [0, 0]
    async with served(replicas[1], settings) as other:
        assert (await standing(await other.get(path)))["published"] == 1
        acts = [one["act"] for one in (await other.get(f"{path}/history")).json()["items"]]
    assert acts == ["published", "scheduled", "saved"]
    assert await tags(replicas[1], "c1") == ["old"]


async def test_what_lacks_approvals_is_not_published_when_its_time_comes(http: AsyncClient, replica: Replica) -> None:
    path = await made(http)
    at = (AT + timedelta(hours=1)).isoformat()
    await did(http, path, "publish", 1, at=at)
    withdrawn = await made(http, name="Withdrawn")
    await did(http, withdrawn, "publish", 1, at=at)
    await http.post(f"{withdrawn}/withdraw", headers=at_version(1))
    await ask_for(http, 1)
    replica.clock.move(hours=2)
    timer = Timers(replica.store.rules.rows, replica.store.rules.on_due, name="rules", clock=replica.clock)
    await timer.fire_due()
    assert (await standing(await http.get(path)))["state"] == "in_review"
    assert (await standing(await http.get(withdrawn)))["state"] == "draft"
    assert await replica.store.rules.in_force() == []


async def test_rolled_out_to_half_each_conversation_keeps_its_side_and_the_trace_says_so(
    http: AsyncClient, replicas: list[Replica]
) -> None:
    path = await made(http, publish=True)
    id_ = path.rpartition("/")[2]
    await http.put(path, json=draft(then=[NEW]), headers=at_version(1))
    staged = await standing(await did(http, path, "publish", 2, rollout=HALF))
    assert (staged["published"], staged["before"], staged["rollout"]) == (2, 1, HALF)
    sides = {f"c{n}": takes(Rollout(percentage=50), id_, head(id=f"c{n}")) for n in range(12)}
    assert set(sides.values()) == {True, False}
    for n, (conversation, new) in enumerate(sides.items()):
        replica = replicas[n % 2]
        assert await tags(replica, conversation) == ["new" if new else "old"]
        (decision,) = (await http.get(f"/conversations/{conversation}/decisions")).json()["items"]
        assert [one["version"] for one in decision["rules"]] == [2 if new else 1]
        assert [one["version"] for one in decision["matched"]] == [2 if new else 1]

    assert refusal(await did(http, path, "rollout", 2, **{**HALF, "team_ids": ["nothing"]})) == (422, "unknown_team")
    whole = await standing(await did(http, path, "rollout", 2, percentage=100))
    assert (whole["before"], whole["rollout"]) == (None, None)
    assert await tags(replicas[0], "d1") == await tags(replicas[1], "d2") == ["new"]
    assert refusal(await did(http, path, "rollout", 2, **HALF)) == (409, "not_staged")
    for conversation, new in sides.items():
        (decision,) = (await http.get(f"/conversations/{conversation}/decisions")).json()["items"]
        assert [one["version"] for one in decision["rules"]] == [2 if new else 1], "what was decided stays explained"


async def test_a_rollback_is_one_act_and_in_force_at_once_on_every_replica(
    http: AsyncClient, replicas: list[Replica]
) -> None:
    path = await made(http, publish=True)
    await http.put(path, json=draft(name="B", then=[NEW]), headers=at_version(1), params={"publish": True})
    await http.put(path, json=draft(name="never"), headers=at_version(2))
    assert await tags(replicas[1], "c1") == ["new"]
    assert refusal(await did(http, path, "rollback", 3, version=3)) == (409, "never_published")
    await ask_for(http, 2)
    back = await did(http, path, "rollback", 3, version=1, rationale="it was worse")
    assert (await standing(back))["published"] == 4
    assert (back.json()["name"], back.json()["saved_by"]) == ("A rule", "lead")
    assert await tags(replicas[1], "c2") == ["old"]
    versions = (await http.get(f"{path}/versions")).json()["items"]
    assert [(one["version"], one["standing"]["state"]) for one in versions] == [
        (4, "published"),
        (3, "draft"),
        (2, "replaced"),
        (1, "replaced"),
    ]
    gone = await did(http, path, "retire", 4, rationale="not needed")
    assert (await standing(gone))["state"] == "retired"
    assert await tags(replicas[1], "c3") == []
    again = await did(http, path, "rollback", 4, version=4)
    assert (await standing(again))["published"] == 5
    assert await tags(replicas[0], "c4") == ["old"]


async def test_two_versions_are_held_against_each_other(http: AsyncClient) -> None:
    path = await made(http, publish=True)
    await http.put(path, json=draft(name="B", then=[NEW], stop=True), headers=at_version(1))
    items = (await http.get(f"{path}/diff")).json()["items"]
    assert {one["place"]: (one["before"], one["after"]) for one in items} == {
        "name": ("A rule", "B"),
        "then.0.tags.0": ("old", "new"),
        "stop": (False, True),
    }
    assert (await http.get(f"{path}/diff", params={"from": 2, "to": 2})).json() == {"items": []}
    assert (await http.get(f"{path}/diff", params={"from": 9})).status_code == 404


async def test_the_same_act_again_changes_nothing_more(http: AsyncClient) -> None:
    path = await made(http)
    key = {**at_version(1), "Idempotency-Key": "k"}
    answers = [await http.post(f"{path}/publish", json={}, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await http.get(f"{path}/history")).json()["items"]) == 2
    assert refusal(await did(http, path, "publish", 1)) == (409, "wrong_state")
    owner = await did(http, path, "owner", 1, agent_id="maya")
    assert (await standing(owner))["owner_id"] == "maya"
    assert refusal(await did(http, path, "owner", 1, agent_id="nobody")) == (422, "unknown_agent")


async def test_nobody_takes_another_brands_rule_out_of_force_by_moving_it_to_theirs(http: AsyncClient) -> None:
    """echo leads one brand; its draft says so, what is in force is another's."""
    path = await made(http, publish=True, brand_ids=["paleo-hacks"])
    await http.put(path, json=draft(brand_ids=["earth-echo"]), headers=at_version(1))
    for act in ("submit", "approve", "publish", "retire"):
        assert refusal(await did(http, path, act, 2, "echo")) == (403, "other_brands"), act
    taken = await http.put(path, json=draft(brand_ids=["earth-echo"]), headers=at_version(2, "echo"))
    assert refusal(taken) == (403, "other_brands")
    versions = (await http.get(f"{path}/versions", headers=bearer("echo"))).json()["items"]
    assert [one["version"] for one in versions] == [2]
    assert (await http.get(f"{path}/diff", headers=bearer("echo"))).status_code == 404


async def test_policies_go_the_same_way_and_every_act_is_told(http: AsyncClient, replica: Replica) -> None:
    body = {"name": "All", "if": None, "first_response_s": 3600}
    kept = (await http.post("/sla/policies", json=body)).json()
    path = f"/sla/policies/{kept['id']}"
    _, before = await replica.store.policies.current()
    assert not before.asks_of_conversations(replica.clock())
    await did(http, path, "publish", 1, rationale="new contract")
    _, policies = await replica.store.policies.current()
    assert (found := policies.of(head()))
    assert found.first_response_s == 3600
    assert refusal(await http.put("/sla/policies/governance", json={"approvals": 1})) == (403, "not_permitted")
    asked = {"topic": "routing.artifacts.v1"}
    rows = [row async for row in replica.store.database.get_collection("log").find(asked).sort("seq")]
    told = [json.loads(row["value"]) for row in rows]
    assert [(one["kind"], one["act"], one["by"]["id"], one["text"]) for one in told] == [
        ("sla_policy", "saved", "lead", ""),
        ("sla_policy", "published", "lead", "new contract"),
    ]
    assert [row["key"] for row in rows] == [f"sla_policy:{kept['id']}"] * 2
