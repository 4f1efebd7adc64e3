"""Events in, decisions out: once, in order, with their trace, whatever is delivered again."""

from __future__ import annotations

import pytest

from services.routing.contacts import ContactHandlers
from shared.cloudevents import Received, Record
from shared.contracts.base import Event
from shared.contracts.contacts import Contact, ContactUpdated
from shared.contracts.conversations import Tagged
from shared.errors import Transient
from tests.integration.routing.conftest import Replica
from tests.integration.routing.world import add_email_rule, add_rule, agents, come, decided, received
from tests.unit.routing.examples import AGENT, AT, RULE, assigned, changed, closed, note, replied, started


async def test_a_new_conversation_goes_to_an_agent_who_is_online(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(started())])
    (event,) = await decided(replica.store.database)
    assert [one["kind"] for one in event["actions"]] == ["assign_team", "assign_agent"]
    assert event["actions"][1]["agent_id"] == "maya"
    assert event["actions"][1]["reason"] == "Round robin among 1 online in Email Support"
    assert event["matched"] == [{"id": "email", "name": "Email → Email Support", "version": 1}]
    assert event["trigger"]["event"] == "ConversationStarted"
    assert event["waiting"] is None
    assert await replica.store.conversations.loads() == {"maya": 1}


async def test_second_delivery_changes_nothing(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    batch = [received(started()), received(started())]
    await replica.handlers.on_conversation_events(batch)
    before = await replica.store.conversations.read(["c1"])
    await replica.handlers.on_conversation_events(batch)
    assert len(await decided(replica.store.database)) == 1
    assert await replica.store.conversations.read(["c1"]) == before
    assert (await replica.seats.board(["maya"], [])).loads == {"maya": 1}


async def test_the_trace_is_kept_also_when_no_rule_matched(replica: Replica) -> None:
    conditions = {"all": [{"field": "message.text", "operator": "contains", "value": "banana"}]}
    await add_rule(replica.store, "r", **{"if": conditions})
    await replica.handlers.on_conversation_events([received(started(text="Hello"))])
    assert await decided(replica.store.database) == []
    (decision,) = await replica.store.decisions.of("c1", 10)
    rules = await replica.store.rules.at(decision.revision)
    (trace,) = rules.explain("ConversationStarted", "paleo-hacks", decision.looked_at, decision.seen)
    assert not trace.matched
    assert trace.conditions is not None
    assert trace.conditions.children[0].seen == "Hello"  # type: ignore[union-attr]


async def test_imported_history_triggers_nothing(replica: Replica) -> None:
    await add_rule(replica.store, "r", when=["ConversationStarted", "Assigned"])
    await replica.handlers.on_conversation_events([received(started(imported=True))])
    assert await decided(replica.store.database) == []
    assert await replica.store.decisions.of("c1", 10) == []
    await replica.handlers.on_conversation_events([received(assigned(3, "email-support", "maya", by=AGENT))])
    assert len(await decided(replica.store.database)) == 1


async def test_a_rule_acts_on_what_another_did_and_not_on_what_it_did_itself(replicas: list[Replica]) -> None:
    """The chain is known to whichever replica comes next."""
    one, other = replicas[:2]
    await add_rule(one.store, "first", when=["ConversationStarted"])
    await add_rule(one.store, "noted", when=["Tagged", "NoteAdded"], then=[{"kind": "add_note", "text": "Look"}])
    await one.handlers.on_conversation_events([received(started())])
    (first,) = await decided(one.store.database)
    tagged = changed(Tagged, {"added": ["seen"], "decision_id": first["decision_id"]}, tags=("seen",))
    await other.handlers.on_conversation_events([received(tagged)])
    (_, second) = await decided(one.store.database)
    assert [action["kind"] for action in second["actions"]] == ["write_note"]
    again = note(3).model_copy(update={"decision_id": second["decision_id"], "by": RULE})
    await one.handlers.on_conversation_events([received(again)])
    (_, _, third) = await decided(one.store.database)
    assert [(action["kind"], action["chain"]) for action in third["actions"]] == [("report_loop", ["first", "noted"])]
    assert third["matched"] == []


async def test_rules_know_the_customer_as_tickets_last_told(replica: Replica) -> None:
    asked = {"all": [{"field": "contact.language", "operator": "is", "value": "de"}]}
    await add_rule(replica.store, "german", **{"if": asked, "when": ["ConversationStarted", "CustomerReplied"]})
    contacts = ContactHandlers(replica.store)
    ann = Contact(id="k1", seq=2, language="de", created_at=AT, updated_at=AT)
    await replica.handlers.on_conversation_events([received(started())])
    assert await decided(replica.store.database) == [], "nobody knows her yet"
    old = ann.model_copy(update={"seq": 1, "language": "fr"})
    await contacts.on_contact_events([told(ann), told(old)])
    await contacts.on_contact_events([told(old)])
    await replica.handlers.on_conversation_events([received(replied(2))])
    assert len(await decided(replica.store.database)) == 1
    kept = ann.model_copy(update={"id": "k2", "language": "es"})
    await contacts.on_contact_events([told(kept), told(ann.model_copy(update={"seq": 3, "merged_into": "k2"}))])
    await replica.handlers.on_conversation_events([received(replied(3))])
    assert len(await decided(replica.store.database)) == 1, "she is another by now"


def told(contact: Contact) -> Received[Event]:
    event = ContactUpdated(contact_id=contact.id, seq=contact.seq, at=AT, contact=contact, changed=("language",))
    record = Record("tickets.contacts.v1", 0, 0, None, None, (), 0)
    return Received(f"{contact.id}-{contact.seq}", "", "", "", AT, contact.seq, "k", "", "", event, record)


async def test_decisions_of_a_conversation_are_numbered_without_a_gap(replica: Replica) -> None:
    await add_rule(replica.store, "r", when=["ConversationStarted", "CustomerReplied"])
    await replica.handlers.on_conversation_events([received(started()), received(note(2)), received(replied(3))])
    await replica.handlers.on_conversation_events([received(replied(4))])
    assert [one["seq"] for one in await decided(replica.store.database, "c1")] == [1, 2, 3]


async def test_an_agent_of_the_team_keeps_the_conversation_when_the_customer_writes_again(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await come(replica.store, "jonas")
    await replica.handlers.on_conversation_events([received(started())])
    holder = agents(await decided(replica.store.database))["c1"]
    await replica.handlers.on_conversation_events([received(replied(2))])
    on_head = {"team_id": "email-support", "assignee_id": holder, "assigned_seq": 4}
    await replica.handlers.on_conversation_events([received(replied(5, **on_head))])
    assert len([e for e in await decided(replica.store.database) if agents([e])]) == 1


async def test_a_conversation_that_ended_in_the_same_batch_takes_nobodys_place(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(started()), received(closed(2))])
    assert agents(await decided(replica.store.database)) == {}
    assert (await replica.seats.board(["maya"], [])).loads == {"maya": 0}


async def test_a_changed_rule_is_in_force_for_the_next_batch_of_every_replica(replicas: list[Replica]) -> None:
    one, other = replicas
    await add_rule(one.store, "r", enabled=False)
    await other.handlers.on_conversation_events([received(started())])
    rule = (await one.store.rules.get("r")).kept
    changed = rule.model_copy(update={"enabled": True})
    await one.store.rules.replace("r", changed, version=1, command_id="k", by="lead", now=one.clock(), publish=True)
    await other.handlers.on_conversation_events([received(started(id="c2", seq=1), "2")])
    (event,) = await decided(one.store.database)
    assert event["matched"][0]["version"] == 2


async def test_a_rule_of_a_newer_release_is_waited_for_and_not_skipped(replica: Replica) -> None:
    await add_rule(replica.store, "r")
    versions = replica.store.database.get_collection("rule_versions")
    newer = {"all": [{"field": "contact.mood", "operator": "is", "value": "happy"}]}
    await versions.update_one({"_id": "r:1"}, {"$set": {"rule.if": newer}})
    with pytest.raises(Transient, match=r"contact\.mood"):
        await replica.handlers.on_conversation_events([received(started())])
    assert await replica.store.conversations.read(["c1"]) == {}
