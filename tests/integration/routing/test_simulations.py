"""Drafts tried and simulated on a real topic: the answer is what routing does once they are published."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from httpx import ASGITransport, AsyncClient

from services.routing.api import simulations, times, tries
from services.routing.api.drafts import Drafts
from services.routing.recent import Recent
from services.routing.rules.schema import RuleDraft
from services.routing.settings import RoutingSettings
from services.routing.simulate.compare import effects
from services.routing.simulate.job import Job
from services.routing.simulator.part import Simulator
from services.routing.simulator.run import Failed, Run
from services.routing.simulator.worker import AWAY
from services.routing.sla.schema import CalendarDraft, WeekHours
from services.routing.store.simulations import RESTARTED, SILENT
from shared import clock
from shared.access import Access
from shared.contracts.conversations import ConversationEvent
from shared.contracts.directory import AgentChanged, BrandChanged, SigningKeyChanged, TicketTypeChanged
from shared.contracts.routing import Decided
from shared.governance.model import retire
from shared.governance.written import Act
from shared.http import http_app
from shared.setup import create_topics
from shared.topics import CONVERSATIONS
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_http import KEY, bearer
from tests.integration.routing.world import add_rule, decided, received
from tests.integration.shared.world import until
from tests.records import record
from tests.unit.routing.examples import AT, closed, condition, draft, message, replied, started
from tests.unit.routing.linked_tickets import moved, updated
from tests.unit.routing.test_activity import acted
from tests.unit.routing.waiting_rules import answered, later

PATIENCE_S = 180
"""Two processes start for each simulation, behind everything else that a busy machine does."""
TEXTS = ("I want a refund", "where is my order", "thank you", "refund me, or my lawyer writes")
REFUND = {"all": [condition("message.text", "contains", "refund")]}
LAWYER = {"all": [condition("message.text", "contains", "lawyer")]}
WOKEN = {"all": [condition("conversation.status", "changed_to", "open")]}


def story(n: int, brand: str = "paleo-hacks", texts: Iterable[str] = TEXTS) -> list[ConversationEvent]:
    """A conversation that began and went on, by chance woken by its second message."""
    chance, id_ = random.Random(n), f"c{n:05}"
    common = {"id": id_, "brand_id": brand, "subject": f"About {n}"}
    said = [message(text=chance.choice(list(texts))) for _ in range(2)]
    slept = chance.choice(("open", "snoozed"))
    first, second = started(**common, status=slept), replied(2, **common)
    at = AT + timedelta(seconds=n)
    return [
        one.model_copy(update={"message": text, "at": at + timedelta(seconds=k)})
        for k, (one, text) in enumerate(zip((first, second), said, strict=True))
    ]


async def tell(settings: RoutingSettings, events: Iterable[ConversationEvent]) -> None:
    """Onto the topic, with the ids by which `received` knows them."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True, linger_ms=5)
    await producer.start()
    try:
        sent = []
        for event in events:
            told = {"id_": received(event).id, "at": event.at, "seq": event.seq}
            sent.append(await producer.send(**record(settings, CONVERSATIONS, event.conversation_id, event, **told)))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


@pytest_asyncio.fixture
async def http(replica: Replica, settings: RoutingSettings) -> AsyncIterator[AsyncClient]:
    await create_topics(settings)
    # MongoDB forgets by its own clock what the test's clock would make old.
    store, directory, now = replica.store, replica.directory, clock.now
    directory.learn(SigningKeyChanged(key_id="k", seq=1, jwk=KEY.as_dict(private=False)))
    directory.learn(AgentChanged(agent_id="boss", seq=1, name="Boss", email="b@x.example", role_id="lead"))
    app = http_app(service="routing", title="t", about="a", settings=settings)
    app.state.access = Access(directory, replica.clock)
    simulator, drafts = Simulator(settings, store.simulations, now), Drafts(store, directory, now)
    app.include_router(tries.routes(store, drafts, Recent(settings), replica.clock))
    app.include_router(times.routes(directory, replica.clock))
    app.include_router(simulations.routes(store, drafts, simulator, now))
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://x/api/routing", headers=bearer("lead")) as client:
        yield client
    await simulator.stop()


async def simulated(http: AsyncClient, *, by: str = "lead", **body: Any) -> dict[str, Any]:
    begun = await http.post("/rules/simulations", json=body, headers=bearer(by))
    assert begun.status_code == 202, begun.text

    async def ended() -> dict[str, Any] | None:
        answer = await http.get(f"/rules/simulations/{begun.json()['id']}", headers=bearer(by))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found if found["state"] != "running" else None

    found = await until(ended, PATIENCE_S)
    assert found["state"] == "done", found["error"]
    assert found["read"] == found["total"]
    return found


async def routed(replica: Replica, events: list[ConversationEvent]) -> dict[str, list[Any]]:
    """What routing decides with the rules in force, from the beginning: effects by conversation, in order."""
    database = replica.store.database
    for name in ("conversations", "decisions", "applied", "log"):
        await database.get_collection(name).delete_many({})
    for start in range(0, len(events), 500):
        await replica.handlers.on_conversation_events([received(one) for one in events[start : start + 500]])
    found: dict[str, list[Any]] = {}
    for event in [Decided.model_validate(one) for one in await decided(database)]:
        found.setdefault(event.conversation_id, []).append((event.trigger.seq, effects(event.actions)))
    return {id_: sorted((one for one in said if one[1]), key=lambda one: one[0]) for id_, said in found.items()}


async def test_it_says_what_routing_does_once_the_draft_is_published(
    http: AsyncClient, replica: Replica, settings: RoutingSettings
) -> None:
    when = ["ConversationStarted", "CustomerReplied"]
    tag = lambda name: [{"kind": "add_tags", "tags": [name]}]  # noqa: E731
    await add_rule(replica.store, "refund", name="Refund", when=when, **{"if": REFUND}, then=tag("refund"))
    await add_rule(replica.store, "woken", name="Woken", when=when, **{"if": WOKEN}, then=tag("woken"))
    await add_rule(replica.store, "gone", name="Gone", when=when, then=[{"kind": "set_topic", "topic": "Refund"}])
    stories = [story(n) for n in range(1000)]
    events = [event for one in stories for event in one]
    await tell(settings, events)
    before = await routed(replica, events)

    same = draft(name="Refund", when=when, **{"if": REFUND}, then=tag("refund"))
    nothing = await simulated(http, drafts=[{"id": "refund", "rule": same}])
    assert (nothing["total"], nothing["differ"], nothing["examples"]) == (1000, 0, [])
    matched = sum(1 for one in before.values() if any(("add_tags", "refund") in effect for _, effect in one))
    count = {"id": "refund", "name": "Refund", "matched": matched, "matched_before": matched}
    assert count in nothing["by_rule"]

    narrower = draft(name="Lawyers", when=when, **{"if": LAWYER}, then=tag("legal"), stop=True)
    new = draft(name="New", when=["CustomerReplied"], then=[{"kind": "set_priority", "priority": True}])
    body = {"drafts": [{"id": "refund", "rule": narrower}, {"rule": new}], "retire": ["gone"]}
    found = await simulated(http, **body)

    rules, published = replica.store.rules, {"by": "", "now": AT, "publish": True}
    written = RuleDraft.model_validate(narrower)
    await rules.replace("refund", written, version=1, command_id="c", **published)  # type: ignore[arg-type]
    retired = Act("retired", "", AT)
    await rules.act("gone", lambda one, _: retire(one), retired, version=1, command_id="g")
    await rules.create("new", RuleDraft.model_validate(new), **published)  # type: ignore[arg-type]
    after = await routed(replica, events)
    differing = {id_ for id_ in before.keys() | after.keys() if before.get(id_, []) != after.get(id_, [])}
    assert (found["total"], found["differ"]) == (1000, len(differing))
    assert {one["conversation_id"] for one in found["examples"]} <= differing
    assert len(found["examples"]) > 10
    assert {one["event"] for one in found["examples"]} == set(when)
    gone = next(one for one in found["by_rule"] if one["id"] == "gone")
    assert (gone["matched"], gone["matched_before"]) == (0, 1000)

    few = await simulated(http, drafts=[{"rule": draft(when=when, then=tag("few"))}], conversations=7)
    # Not all: where the narrower rule says stop, the last one is not asked.
    assert few["total"] == 7
    assert 0 < len({one["conversation_id"] for one in few["examples"]}) <= few["differ"] <= 7
    assert [one["state"] async for one in replica.store.database.get_collection("simulations").find({})] == ["done"] * 3


async def test_who_works_for_a_brand_simulates_on_its_conversations_alone(
    http: AsyncClient, replica: Replica, settings: RoutingSettings
) -> None:
    await add_rule(replica.store, "paleo", brand_ids=["paleo-hacks"])
    await tell(settings, [one for n in range(40) for one in story(n, "earth-echo" if n % 4 == 0 else "paleo-hacks")])
    everywhere, own = draft(), draft(brand_ids=["earth-echo"])
    refused = await http.post("/rules/simulations", json={"drafts": [{"rule": everywhere}]}, headers=bearer("echo"))
    assert (refused.status_code, refused.json()["code"]) == (403, "other_brands")
    for path, body in (
        ("try", {"id": "paleo", "rule": own}),
        ("simulations", {"drafts": [{"id": "paleo", "rule": own}]}),
        ("simulations", {"retire": ["paleo"]}),
    ):
        assert (await http.post(f"/rules/{path}", json=body, headers=bearer("echo"))).status_code == 404
    found = await simulated(http, by="echo", drafts=[{"rule": own}])
    assert (found["total"], found["differ"]) == (10, 10)
    assert {one["brand_id"] for one in found["examples"]} == {"earth-echo"}
    tried = await http.post("/rules/try", json={"rule": everywhere}, headers=bearer("echo"))
    assert {one["brand_id"] for one in tried.json()["items"]} == {"earth-echo"}


async def test_one_at_a_time_ones_own_alone_and_cancelled(http: AsyncClient, replica: Replica) -> None:
    rows = replica.store.simulations
    await rows.begin("mine", "lead", clock.now())
    body = {"drafts": [{"rule": draft()}]}
    answer = await http.post("/rules/simulations", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["id"]) == (409, "simulation_running", "mine")
    assert (await http.get("/rules/simulations/mine", headers=bearer("boss"))).status_code == 404
    assert (await http.delete("/rules/simulations/mine", headers=bearer("boss"))).status_code == 404
    assert (await http.get("/rules/simulations/mine", headers=bearer("maya"))).status_code == 403
    assert (await http.post("/rules/simulations", json=body, headers=bearer("maya"))).status_code == 403
    assert (await http.delete("/rules/simulations/mine")).status_code == 204
    assert (await http.get("/rules/simulations/mine")).json()["state"] == "cancelled"
    assert not await rows.beat("mine", clock.now(), read=1, total=2, differ=0)
    assert (await http.post("/rules/simulations", json=body)).status_code == 202


async def test_a_process_that_fell_silent_leaves_a_sentence(http: AsyncClient, replica: Replica) -> None:
    rows = replica.store.simulations
    await rows.begin("lost", "lead", clock.now() - 2 * SILENT)
    found = (await http.get("/rules/simulations/lost")).json()
    assert (found["state"], found["error"]) == ("failed", RESTARTED)
    assert await rows.begin("next", "lead", clock.now())


async def test_the_same_command_begins_one(http: AsyncClient) -> None:
    body = {"drafts": [{"rule": draft()}]}
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    answers = [await http.post("/rules/simulations", json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()


async def test_while_kafka_is_away_it_says_so(settings: RoutingSettings) -> None:
    away = settings.model_copy(update={"kafka": "127.0.0.1:9"})
    with pytest.raises(Failed, match=AWAY):
        await Run(away, Job(before=(), after=(), conversations=1)).result()


async def test_a_draft_is_tried_on_the_newest_of_each_conversation(
    http: AsyncClient, replica: Replica, settings: RoutingSettings
) -> None:
    await add_rule(replica.store, "refund", name="Refund", when=["CustomerReplied"], **{"if": REFUND})
    events = [event for n in range(30) for event in story(n)]
    await tell(settings, events)
    await replica.handlers.on_conversation_events([received(one) for one in events])
    tried = draft(when=["CustomerReplied"], **{"if": {"all": [*REFUND["all"], *WOKEN["all"]]}})
    items = (await http.post("/rules/try", json={"id": "refund", "rule": tried})).json()["items"]
    assert len(items) == len({one["conversation_id"] for one in items}) == 20
    by_id = {one.conversation_id: one for one in events if one.seq == 2}
    for one in items:
        event = by_id[one["conversation_id"]]
        refund = "refund" in event.message.text  # type: ignore[attr-defined]
        assert (one["event"], one["title"], one["customer"]) == ("CustomerReplied", event.head.subject, "Ann Lee")
        assert [action["tags"] for action in one["did"]] == ([["seen"]] if refund else [])
        held = [condition["held"] for condition in one["trace"]["conditions"]["children"]]
        woken = next(first for first in events if first.conversation_id == one["conversation_id"]).head.status != "open"
        assert held == [refund, woken]
        assert one["matched"] is (refund and woken)
        assert bool(one["actions"]) is one["matched"]
    assert {one["trace"]["version"] for one in items} == {2}


async def test_history_brought_in_is_tried_on_too(
    http: AsyncClient, replica: Replica, settings: RoutingSettings
) -> None:
    """Whoever has just moved here has nothing else; the blocked are no example of anything."""
    moved_here, blocked = started(imported=True), started(id="blocked").model_copy(update={"quiet": True})
    await tell(settings, [moved_here, blocked])
    await replica.handlers.on_conversation_events([received(moved_here), received(blocked)])
    (item,) = (await http.post("/rules/try", json={"rule": draft(when=["ConversationStarted"])})).json()["items"]
    assert (item["conversation_id"], item["matched"], item["did"]) == (moved_here.conversation_id, True, [])


async def test_a_draft_at_times_of_the_clock_is_tried_on_what_it_would_be_asked_of_now(
    http: AsyncClient, replica: Replica, settings: RoutingSettings
) -> None:
    seen, shut = started(id="seen"), closed(2, id="shut")
    spam, other = started(id="spam", spam=True), started(id="other", brand_id="earth-echo")
    events = [seen, started(id="shut"), shut, spam, other]
    await tell(settings, events)
    await replica.handlers.on_conversation_events([received(one) for one in events])
    replica.clock.move(hours=5)
    waited = {"all": [condition("conversation.waiting_since", "longer_ago", "PT4H")]}
    noon = {"weekdays": ["fri"], "times": ["12:00"]}
    tried = draft(when=["ClockStruck"], clock=noon, brand_ids=["paleo-hacks"], **{"if": waited})
    (item,) = (await http.post("/rules/try", json={"rule": tried})).json()["items"]
    assert (item["conversation_id"], item["event"], item["matched"]) == ("seen", "ClockStruck", True)
    assert [one["kind"] for one in item["actions"]] == ["add_tags"]


async def test_the_next_times_of_a_draft_are_told_in_each_zone_of_its_brands(
    http: AsyncClient, replica: Replica
) -> None:
    far = BrandChanged(brand_id="earth-echo", seq=2, name="Earth Echo", color="#112233", time_zone="America/New_York")
    replica.directory.learn(far)
    noon = {"weekdays": ["fri", "sat"], "times": ["12:00"]}
    items = (await http.post("/rules/times", json={"clock": noon})).json()["items"]
    assert [(one["zone"], one["at"][0], len(one["at"])) for one in items] == [
        ("America/New_York", "2026-05-01T16:00:00Z", 3),
        ("UTC", "2026-05-01T12:00:00Z", 3),
    ]
    echo = (await http.post("/rules/times", json={"clock": noon}, headers=bearer("echo"))).json()["items"]
    assert [one["zone"] for one in echo] == ["America/New_York"], "brands out of sight are not told of"
    wrong = await http.post("/rules/times", json={"clock": {**noon, "zone": "Mars"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "clock.zone")


async def test_a_draft_about_tickets_is_tried_and_simulated_by_the_names_that_rules_have(
    http: AsyncClient, replica: Replica, settings: RoutingSettings
) -> None:
    """One kind of event on the topic has several names, and some are wider than others."""
    replica.directory.learn(TicketTypeChanged(type_id="refund", seq=1, name="Refund"))
    await tell(settings, [started(), moved("resolved"), updated("commented").model_copy(update={"seq": 3})])
    for when, event in (("TicketStateChanged", "TicketResolved"), ("TicketCommented", "TicketCommented")):
        tried = draft(when=[when], **{"if": {"all": [condition("ticket.type", "is", "refund")]}})
        (item,) = (await http.post("/rules/try", json={"rule": tried})).json()["items"]
        assert (item["event"], item["matched"]) == (event, True)
    none = draft(when=["TicketAssigned"])
    assert (await http.post("/rules/try", json={"rule": none})).json()["items"] == []
    drafts = [{"rule": draft(when=["TicketStateChanged"])}]
    found = await simulated(http, drafts=drafts)
    assert [one["event"] for one in found["examples"]] == ["TicketResolved"]


async def test_what_a_customer_did_is_tried_and_simulated(
    http: AsyncClient, settings: RoutingSettings, replica: Replica
) -> None:
    await tell(settings, [started(), acted()])
    named = {"all": [condition("activity.name", "is", "Payment failed")]}
    tried = draft(when=["CustomerActed"], **{"if": named})
    (item,) = (await http.post("/rules/try", json={"rule": tried})).json()["items"]
    assert (item["event"], item["matched"]) == ("CustomerActed", True)
    assert item["trace"]["conditions"]["children"][0]["seen"] == "Payment failed"
    found = await simulated(http, drafts=[{"rule": tried}])
    assert [one["event"] for one in found["examples"]] == ["CustomerActed"]


async def test_working_hours_and_when_somebody_last_wrote_are_known_as_routing_knew_them(
    http: AsyncClient, settings: RoutingSettings, replica: Replica
) -> None:
    """A calendar open on Friday from 9 to 10, and customers who write again after ten minutes or an hour and a half."""
    hours = CalendarDraft(name="Office", time_zone="UTC", hours=(WeekHours(day="fri", opens="09:00", closes="10:00"),))
    await replica.store.calendars.create("office", hours, by="", now=AT, publish=True)
    when = ["CustomerReplied"]
    stories = [
        [started(id=id_), later(answered(2, id=id_), minutes=1), later(replied(3, id=id_), minutes=minutes)]
        for id_, minutes in (("soon", 10), ("late", 90))
    ]
    events = [event for story in stories for event in story]
    await tell(settings, events)
    asked = {
        "open": condition("event.calendars", "contains", "office"),
        "slow": condition("conversation.agent_replied_at", "longer_ago", "PT1H"),
    }
    for name, asks in asked.items():
        written = draft(name=name, when=when, **{"if": {"all": [asks]}}, then=[{"kind": "add_tags", "tags": [name]}])
        items = (await http.post("/rules/try", json={"rule": written})).json()["items"]
        tried = {one["conversation_id"] for one in items if one["matched"]}
        found = await simulated(http, drafts=[{"rule": written}])
        await add_rule(replica.store, name, **written)
        done = await routed(replica, events)
        assert tried == {one["conversation_id"] for one in found["examples"]} == set(done)
        assert done.keys() == ({"soon"} if name == "open" else {"late"})
        retired = Act("retired", "", AT)
        await replica.store.rules.act(name, lambda one, _: retire(one), retired, version=1, command_id=name)
    waits = draft(name="Waits", when=when, after="PT1H")
    found = await simulated(http, drafts=[{"rule": waits}])
    assert (found["differ"], found["not_simulated"][0]["name"]) == (0, "Waits")
    assert found["not_simulated"][0]["why"] == ["waits"]


async def test_a_wrong_draft_is_refused_with_the_place(http: AsyncClient) -> None:
    wrong = draft(**{"if": {"all": [condition("message.txt", "is", "x")]}})
    answer = await http.post("/rules/try", json={"rule": wrong})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "if.all[0].field"
    answer = await http.post("/rules/simulations", json={"drafts": [{"rule": draft()}, {"rule": wrong}]})
    assert answer.json()["errors"][0]["path"] == "drafts[1].if.all[0].field"
    assert (await http.post("/rules/try", json={"id": "nothing", "rule": draft()})).status_code == 404
    assert (await http.post("/rules/simulations", json={})).json()["code"] == "nothing_drafted"
    assert (await http.post("/rules/simulations", json={"retire": ["nothing"]})).status_code == 404
