"""Rules on what happens to a conversation's tickets, on real servers: once, from any replica, and they end."""

from __future__ import annotations

from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_later import fire
from tests.integration.routing.world import add_rule, decided, received
from tests.unit.routing.examples import condition, started
from tests.unit.routing.linked_tickets import linked, moved, updated
from tests.unit.routing.waiting_rules import later

WAITS = {"all": [condition("ticket.state", "changed_to", "waiting_on_customer")]}
STILL = {"all": [condition("ticket.state", "is", "waiting_on_customer")]}


async def test_a_ticket_that_waits_for_the_customer_tags_its_conversation_once(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "waits", when=["TicketStateChanged"], **{"if": WAITS})
    batch = [received(started()), received(moved("waiting_on_customer"))]
    await one.handlers.on_conversation_events(batch)
    for replica in (two, one):
        await replica.handlers.on_conversation_events(batch)
    (event,) = await decided(one.store.database)
    assert event["trigger"]["event"] == "TicketStateChanged"
    assert [(action["kind"], action["tags"]) for action in event["actions"]] == [("add_tags", ["seen"])]
    (decision,) = [found for found in await one.store.decisions.of("c1", 10) if found.decided]
    rules = await one.store.rules.at(decision.revision)
    (trace,) = rules.explain("TicketStateChanged", "paleo-hacks", decision.looked_at, decision.seen)
    assert trace.conditions is not None
    assert trace.conditions.children[0].seen == "waiting_on_customer"  # type: ignore[union-attr]


async def test_what_colleagues_do_to_a_ticket_is_asked_by_its_own_name(replica: Replica) -> None:
    await add_rule(replica.store, "given", when=["TicketAssigned"], then=[{"kind": "add_tags", "tags": ["given"]}])
    await add_rule(replica.store, "said", when=["TicketCommented"], then=[{"kind": "add_tags", "tags": ["said"]}])
    await replica.handlers.on_conversation_events([received(started()), received(updated("commented"))])
    tags = [action["tags"] for one in await decided(replica.store.database) for action in one["actions"]]
    assert tags == [["said"]]


async def test_a_rule_is_not_led_by_the_ticket_that_it_made(replica: Replica) -> None:
    make = [{"kind": "create_ticket", "type_id": "refund"}]
    await add_rule(replica.store, "make", when=["ConversationStarted", "TicketSubmitted"], then=make)
    await replica.handlers.on_conversation_events([received(started())])
    (first,) = await decided(replica.store.database)
    assert [action["kind"] for action in first["actions"]] == ["create_ticket"]
    made = linked(created=True, decision_id=first["decision_id"], by={"kind": "rule", "id": "make", "name": "A rule"})
    await replica.handlers.on_conversation_events([received(made)])
    (_, second) = await decided(replica.store.database)
    assert [(action["kind"], action["chain"]) for action in second["actions"]] == [("report_loop", ["make"])]


async def test_a_rule_that_waits_on_a_ticket_asks_about_it_as_it_is_by_then(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "slow", when=["TicketStateChanged"], after="PT2H", **{"if": STILL})
    for id_ in ("stays", "moves"):
        waiting = moved("waiting_on_customer")
        events = [started(id=id_), _of(id_, waiting)]
        if id_ == "moves":
            events.append(later(_of(id_, moved("in_progress", "waiting_on_customer"), seq=3), minutes=30))
        await one.handlers.on_conversation_events([received(event) for event in events])
    one.clock.move(hours=3)
    await fire(one, two)
    await fire(one, two)
    assert [event["conversation_id"] for event in await decided(one.store.database)] == ["stays"]


def _of(id_: str, event: object, seq: int = 2) -> object:
    head = event.head.model_copy(update={"id": id_, "seq": seq})  # type: ignore[attr-defined]
    return event.model_copy(update={"conversation_id": id_, "seq": seq, "head": head})  # type: ignore[attr-defined]
