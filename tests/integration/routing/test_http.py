"""Rules, decisions and availability over HTTP: permissions, brands, versions, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.routing.api import availability, decisions, presence, rules
from services.routing.endpoints import EndpointHandlers
from services.routing.settings import RoutingSettings
from shared.access import Access
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.deliveries import EndpointChanged
from shared.contracts.directory import FieldDefinition, SigningKeyChanged, TicketTypeChanged
from shared.http import http_app
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_assigning import able
from tests.integration.routing.test_later import hear
from tests.integration.routing.world import add_email_rule, add_rule, come, received
from tests.unit.routing.examples import AGENT, AT, assigned, draft, head, note, started

KEY = OKPKey.generate_key("Ed25519")
REFUND = {"field": "message.text", "operator": "contains", "value": "refund"}


def bearer(agent_id: str) -> dict[str, str]:
    claims = {"sub": agent_id, "aud": "desk", "exp": int(AT.timestamp()) + 24 * 3600}
    token = jwt.encode({"alg": "Ed25519", "kid": "k"}, claims, KEY, algorithms=["Ed25519"])
    return {"Authorization": f"Bearer {token}"}


@pytest_asyncio.fixture
async def http(replica: Replica, settings: RoutingSettings) -> AsyncIterator[AsyncClient]:
    replica.directory.learn(SigningKeyChanged(key_id="k", seq=1, jwk=KEY.as_dict(private=False)))
    app = http_app(service="routing", title="t", about="a", settings=settings)
    app.state.access = Access(replica.directory, replica.clock)
    app.include_router(rules.routes(replica.store, replica.directory, replica.clock))
    app.include_router(decisions.routes(replica.store.decisions, replica.store.conversations, replica.store.rules))
    nudge = lambda: replica.nudged.append(True)  # noqa: E731
    app.include_router(presence.routes(replica.store, replica.directory, replica.clock))
    app.include_router(availability.routes(replica.store, replica.directory, replica.clock, nudge))
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://x/api/routing", headers=bearer("lead")) as client:
        yield client


async def saved(http: AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await http.post("/rules", params={"publish": True}, json=draft(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def endpoint(id_: str, name: str, **changes: Any) -> EndpointChanged:
    return EndpointChanged(**{"endpoint_id": id_, "seq": 1, "at": AT, "name": name, "state": "active", **changes})


async def tell(replica: Replica, *events: EndpointChanged) -> None:
    batch: list[Received[Event]] = [replace(received(started()), data=one) for one in events]
    await EndpointHandlers(replica.store).on_endpoint_events(batch)


async def test_every_save_is_a_version_that_is_kept(http: AsyncClient) -> None:
    rule = await saved(http, **{"if": {"all": [REFUND]}})
    assert (rule["version"], rule["if"], rule["saved_by"]) == (1, {"all": [REFUND], "any": None, "none": None}, "lead")
    answer = await http.put(f"/rules/{rule['id']}", json=draft(name="Second"), headers={"If-Match": '"1"'})
    assert answer.json()["version"] == 2
    assert answer.headers["etag"] == '"2"'
    versions = (await http.get(f"/rules/{rule['id']}/versions")).json()["items"]
    assert [(one["version"], one["name"]) for one in versions] == [(2, "Second"), (1, "A rule")]
    gone = await http.post(f"/rules/{rule['id']}/retire", json={}, headers={"If-Match": '"2"'})
    assert gone.json()["standing"]["state"] == "retired"
    assert (await http.get("/rules")).json() == {"items": []}
    assert len((await http.get("/rules", params={"retired": True})).json()["items"]) == 1
    assert len((await http.get(f"/rules/{rule['id']}/versions")).json()["items"]) == 2


async def test_a_stale_version_is_refused(http: AsyncClient) -> None:
    rule = await saved(http)
    path = f"/rules/{rule['id']}"
    await http.put(path, json=draft(name="Hers"), headers={"If-Match": '"1"'})
    answer = await http.put(path, json=draft(name="His"), headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
    assert (await http.post(f"{path}/retire", json={}, headers={"If-Match": '"1"'})).status_code == 409
    for headers in ({}, {"If-Match": "*"}, {"If-Match": '"²"'.encode()}):
        answer = await http.put(path, json=draft(), headers=headers)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (422, "if_match")


async def test_the_same_command_again_changes_nothing_more(http: AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    first, again = [(await http.post("/rules", json=draft(), headers=key)).json() for _ in range(2)]
    assert first == again
    path, change = f"/rules/{first['id']}", {"Idempotency-Key": "k2", "If-Match": '"1"'}
    answers = [await http.put(path, json=draft(name="New"), headers=change) for _ in range(2)]
    assert [answer.json()["version"] for answer in answers] == [2, 2]
    assert len((await http.get("/rules")).json()["items"]) == 1


async def test_a_rule_that_cannot_be_read_is_refused_with_the_place(http: AsyncClient) -> None:
    conditions = {"all": [REFUND, {"any": [{**REFUND, "operator": "like"}]}]}
    answer = await http.post("/rules", json=draft(**{"if": conditions}))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_rule")
    assert answer.json()["errors"][0]["path"] == "if.all[1].any[0].operator"
    assert (await http.get("/rules")).json() == {"items": []}


async def test_a_rule_calls_a_webhook_that_there_is_and_no_other(http: AsyncClient, replica: Replica) -> None:
    ours = endpoint("ours", "Ours")
    await tell(replica, ours, endpoint("echo", "Echo", brand_ids=("earth-echo",)))
    call = {"kind": "call_webhook", "endpoint_id": "ours", "name": "order.late"}
    rule = await saved(http, then=[call])
    assert rule["then"] == [{**call, "attributes": []}]
    for id_, brands in (("nowhere", []), ("echo", ["paleo-hacks"])):
        answer = await http.post("/rules", json=draft(then=[{**call, "endpoint_id": id_}], brand_ids=brands))
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "then[0].endpoint_id")

    # what an older event says changes nothing; one that is off may be named, one that is deleted not
    path, again = f"/rules/{rule['id']}", draft(then=[call])
    await tell(replica, endpoint("ours", "Ours", seq=3, state="disabled"))
    await tell(replica, ours)
    assert [one["state"] for one in (await http.get("/rules/webhooks")).json()] == ["active", "disabled"]
    assert (await http.put(path, json=again, headers={"If-Match": '"1"'})).status_code == 200
    await tell(replica, endpoint("ours", "Ours", seq=4, state="deleted"), ours)
    assert (await http.put(path, json=again, headers={"If-Match": '"2"'})).status_code == 422


async def test_the_webhooks_to_choose_from_are_named_by_brand_and_without_their_addresses(
    http: AsyncClient, replica: Replica
) -> None:
    paleo, echo = ("paleo-hacks",), ("earth-echo",)
    await tell(
        replica, endpoint("p", "paleo", brand_ids=paleo), endpoint("e", "Echo", brand_ids=echo), endpoint("a", "All")
    )
    everything = (await http.get("/rules/webhooks")).json()
    assert everything[0] == {"id": "a", "name": "All", "brand_ids": [], "state": "active"}
    assert [one["name"] for one in everything] == ["All", "Echo", "paleo"]
    hers = (await http.get("/rules/webhooks", headers=bearer("echo"))).json()
    assert [one["name"] for one in hers] == ["All", "Echo"]


async def test_the_order_names_every_rule_once(http: AsyncClient) -> None:
    a, b = [(await saved(http, name=name))["id"] for name in "ab"]
    answer = await http.put("/rules/order", json={"ids": [b, a]})
    assert [one["name"] for one in answer.json()["items"]] == ["b", "a"]
    assert [one["version"] for one in answer.json()["items"]] == [1, 1]
    for ids in ([a], [a, b, b], [a, "x"]):
        assert (await http.put("/rules/order", json={"ids": ids})).status_code == 422


async def test_reading_and_writing_need_their_permissions(http: AsyncClient) -> None:
    rule = await saved(http)
    maya = bearer("maya")
    assert (await http.get("/rules", headers=maya)).status_code == 200
    for method, path in (("POST", "/rules"), ("PUT", f"/rules/{rule['id']}")):
        answer = await http.request(method, path, json=draft(), headers={**maya, "If-Match": '"1"'})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert (await http.post(f"/rules/{rule['id']}/retire", json={}, headers=maya)).status_code == 403
    assert (await http.put("/rules/order", json={"ids": []}, headers=maya)).status_code == 403
    assert (await http.get("/rules", headers={"Authorization": "Bearer x"})).status_code == 401


async def test_rules_of_other_brands_are_neither_seen_nor_changed(http: AsyncClient) -> None:
    theirs = await saved(http, brand_ids=["paleo-hacks"])
    everybodys = await saved(http)
    echo = {**bearer("echo"), "If-Match": '"1"'}
    assert [one["id"] for one in (await http.get("/rules", headers=echo)).json()["items"]] == [everybodys["id"]]
    for path in (f"/rules/{theirs['id']}", f"/rules/{theirs['id']}/versions"):
        assert (await http.get(path, headers=echo)).status_code == 404
    own = draft(brand_ids=["earth-echo"])
    assert (await http.put(f"/rules/{theirs['id']}", json=own, headers=echo)).status_code == 404
    assert (await http.put(f"/rules/{everybodys['id']}", json=own, headers=echo)).status_code == 403
    assert (await http.post(f"/rules/{theirs['id']}/retire", json={}, headers=echo)).status_code == 404
    assert (await http.post(f"/rules/{everybodys['id']}/retire", json={}, headers=echo)).status_code == 403
    assert (await http.post("/rules", json=draft(), headers=echo)).status_code == 403
    assert (await http.post("/rules", json=own, headers=echo)).status_code == 201


async def test_the_schema_says_what_rules_are_made_of(http: AsyncClient, replica: Replica) -> None:
    form = (FieldDefinition(id="reason", label="Reason", type="choice", options=("Late", "Broken")),)
    replica.directory.learn(TicketTypeChanged(type_id="refund", seq=1, name="Refund", fields=form))
    schema = (await http.get("/rules/schema")).json()
    fields = {one["name"]: one for one in schema["fields"]}
    assert fields["conversation.team"]["refers"] == "team"
    assert fields["conversation.channel"]["choices"] == ["email", "chat", "phone", "custom"]
    assert {one["name"] for one in schema["operators"]["number"]} >= {"greater", "less", "is_not_set"}
    assert {"ConversationStarted", "TicketStateChanged", "TicketResolved"} <= set(schema["events"])
    assert (fields["ticket.type"]["refers"], fields["ticket.state"]["changes"]) == ("ticket_type", True)
    reason = fields["ticket_field.refund.reason"]
    assert (reason["label"], reason["choices"], reason["changes"]) == ("Refund: Reason", ["Late", "Broken"], True)
    assert schema["actions"]["discriminator"]["propertyName"] == "kind"


async def test_a_decision_explains_itself(http: AsyncClient, replica: Replica) -> None:
    rule = await saved(http, **{"if": {"any": [REFUND]}})
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(started(text="A REFUND please"))])
    (decision,) = (await http.get("/conversations/c1/decisions")).json()["items"]
    assert [one["kind"] for one in decision["actions"]] == ["add_tags", "assign_team", "assign_agent"]
    first = decision["rules"][0]
    assert (first["rule_id"], first["matched"]) == (rule["id"], True)
    assert first["conditions"]["children"][0] == {
        "place": "if.any[0]",
        "field": "message.text",
        "operator": "contains",
        "value": "refund",
        "seen": "A REFUND please",
        "held": True,
    }
    await http.put(f"/rules/{rule['id']}", json=draft(), headers={"If-Match": '"1"'})
    assert (await http.get(f"/decisions/{decision['id']}")).json() == decision


async def test_why_nobody_has_it_is_told_as_long_as_it_is_so(http: AsyncClient, replica: Replica) -> None:
    await add_email_rule(replica.store)
    path = "/conversations/c1/decisions"
    await replica.handlers.on_conversation_events([received(started())])
    first = (await http.get(path)).json()
    nobody = {"reason": "Nobody in Email Support is online", "since": "2026-05-01T09:00:00Z"}
    assert first["waiting"] == {"decision_id": first["items"][0]["id"], **nobody}
    team = assigned(2, "email-support", None, decision_id=first["items"][0]["id"])
    await replica.handlers.on_conversation_events([received(team), received(note(3, team_id="email-support"))])
    assert (await http.get(path)).json()["waiting"] == first["waiting"]
    asked = {"conversation_id": ["c1", "c9"]}
    listed = {"conversation_id": "c1", **first["waiting"]}
    assert (await http.get("/waiting", params=asked)).json() == {"items": [listed]}
    assert (await http.get("/waiting", params=asked, headers=bearer("echo"))).json() == {"items": []}
    await come(replica.store, "maya")
    await replica.waiting.fill()
    found = (await http.get(path, params={"limit": 1})).json()
    assert [one["actions"][0]["agent_id"] for one in found["items"]] == ["maya"]
    assert found["waiting"] is None
    assert (await http.get("/waiting", params=asked)).json() == {"items": []}


async def test_that_whom_a_rule_names_has_left_is_told_until_somebody_assigns_it(
    http: AsyncClient, replica: Replica
) -> None:
    await saved(http, **{"if": None}, then=[{"kind": "assign_to", "agent_id": "maya"}])
    able(replica, "maya", active=False)
    path = "/conversations/c1/decisions"
    await replica.handlers.on_conversation_events([received(started()), received(note(2))])
    gone = (await http.get(path)).json()["waiting"]
    assert gone["reason"] == "Maya Okafor is not with us any more"
    listed = (await http.get("/waiting", params={"conversation_id": "c1"})).json()["items"]
    assert listed == [{"conversation_id": "c1", **gone}]
    await replica.handlers.on_conversation_events([received(assigned(3, "phone-support", None, by=AGENT))])
    answer = (await http.get(path)).json()
    assert (len(answer["items"]), answer["waiting"]) == (1, None)


async def test_of_what_a_rule_took_away_no_older_reason_is_told(http: AsyncClient, replica: Replica) -> None:
    await add_email_rule(replica.store)
    off = {"when": ["NoteAdded"], "if": None, "then": [{"kind": "unassign"}]}
    await add_rule(replica.store, "off", **off)
    path = "/conversations/c1/decisions"
    await hear(replica, started())
    first = (await http.get(path)).json()["items"][0]["id"]
    await hear(replica, assigned(2, "email-support", None, decision_id=first), note(3, team_id="email-support"))
    taken = (await http.get(path)).json()["items"][-1]
    assert [one["what"] for one in taken["actions"]] == ["team"]
    await hear(replica, assigned(4, None, None, decision_id=taken["id"]))
    assert (await http.get(path)).json()["waiting"] is None
    assert (await http.get("/waiting", params={"conversation_id": "c1"})).json() == {"items": []}


async def test_a_rule_that_waits_is_saved_and_says_until_when(http: AsyncClient, replica: Replica) -> None:
    answer = await http.post("/rules", json=draft(after="PT10S", stop=True))
    assert [one["path"] for one in answer.json()["errors"]] == ["after", "stop"]
    rule = await saved(http, after="PT2H")
    assert rule["cancel_on"] == ["customer_replied", "agent_replied", "closed"]
    await replica.handlers.on_conversation_events([received(started())])
    (decision,) = (await http.get("/conversations/c1/decisions")).json()["items"]
    assert decision["actions"] == []
    assert decision["waits"] == [
        {"rule": {"id": rule["id"], "name": "A rule", "version": 1}, "due_at": "2026-05-01T11:00:01Z"}
    ]


async def test_decisions_of_other_brands_are_not_seen(http: AsyncClient, replica: Replica) -> None:
    await add_email_rule(replica.store)
    await replica.handlers.on_conversation_events([received(started())])
    (decision,) = (await http.get("/conversations/c1/decisions")).json()["items"]
    echo = bearer("echo")
    assert (await http.get("/conversations/c1/decisions", headers=echo)).json() == {"items": [], "waiting": None}
    assert (await http.get(f"/decisions/{decision['id']}", headers=echo)).status_code == 404
    assert (await http.get("/decisions/nothing")).status_code == 404


async def test_availability_is_set_by_oneself_and_by_leads(http: AsyncClient, replica: Replica) -> None:
    maya = bearer("maya")
    answer = await http.put("/availability/me", json={"status": "away", "reason": "Break/Lunch"}, headers=maya)
    assert answer.json() == {
        "agent_id": "maya",
        "status": "away",
        "reason": "Break/Lunch",
        "since": "2026-05-01T09:00:00Z",
        "load": 0,
        "capacity": 3,
        "replies": "hold",
        "time_zone": "",
        "hides_location": False,
    }
    again = await http.put("/availability/me", json={"status": "away", "reason": "Break/Lunch"}, headers=maya)
    assert again.json() == answer.json()
    assert len(await replica.store.log.read("maya")) == 1
    assert (await http.put("/availability/jonas", json={"status": "away"}, headers=maya)).status_code == 403
    assert (await http.put("/availability/maya", json={"status": "online", "reason": "x"})).json()["reason"] == ""
    assert replica.nudged
    assert (await http.put("/availability/nobody", json={"status": "online"})).status_code == 404
    items = {one["agent_id"]: one for one in (await http.get("/availability")).json()["items"]}
    assert items["maya"]["status"] == "online"
    assert (items["jonas"]["status"], items["jonas"]["since"]) == ("offline", None)
    row = (await replica.store.log.read("maya"))[-1]
    assert (row.name, row.seq) == ("StatusChanged", 2)


@pytest.mark.parametrize("body", [{"status": "asleep"}, {"status": "away", "until": 1}, {"reason": "x"}, {}])
async def test_a_status_that_is_none_is_refused(http: AsyncClient, body: dict[str, Any]) -> None:
    assert (await http.put("/availability/me", json=body)).status_code == 422


async def test_loads_count_what_is_open(http: AsyncClient, replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(started())])
    assert (await http.get("/availability/me", headers=bearer("maya"))).json()["load"] == 1
    assert head().status == "open"
