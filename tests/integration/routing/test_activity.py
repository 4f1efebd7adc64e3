"""Rules on what customers did in a product, on real servers: once, from any replica."""

from __future__ import annotations

from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_later import fire
from tests.integration.routing.world import add_rule, decided, received
from tests.unit.routing.examples import condition, started
from tests.unit.routing.test_activity import acted

NAMED = condition("activity.name", "is", "Payment failed")
FAILED = {"all": [NAMED, condition("activity.attributes", "contains", "plan=yearly")]}


async def test_what_a_customer_did_tags_the_conversation_once_and_says_why(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "failed", when=["CustomerActed"], **{"if": FAILED})
    batch = [received(started()), received(acted("Paid")), received(acted(seq=3))]
    await one.handlers.on_conversation_events(batch)
    for replica in (two, one):
        await replica.handlers.on_conversation_events(batch)
    (event,) = await decided(one.store.database)
    assert event["trigger"]["event"] == "CustomerActed"
    assert [(action["kind"], action["tags"]) for action in event["actions"]] == [("add_tags", ["seen"])]
    (decision,) = [found for found in await one.store.decisions.of("c1", 10) if found.decided]
    rules = await one.store.rules.at(decision.revision)
    (trace,) = rules.explain("CustomerActed", "paleo-hacks", decision.looked_at, decision.seen)
    assert trace.conditions is not None
    assert trace.conditions.children[0].seen == "Payment failed"  # type: ignore[union-attr]


async def test_a_rule_waits_after_what_they_did_and_acts_once(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "later", when=["CustomerActed"], after="PT2H", **{"if": FAILED})
    await one.handlers.on_conversation_events([received(started()), received(acted())])
    assert await decided(one.store.database) == []
    one.clock.move(hours=3)
    await fire(one, two)
    await fire(one, two)
    assert len(await decided(one.store.database)) == 1
