"""Who gets what by a rule's own words, on real servers: skills, languages, who knows the customer, overflow, VIPs."""

from __future__ import annotations

from typing import Any

from services.routing.later import LaterHandlers
from services.routing.store.conversations import BY_QUEUE
from shared.contracts.common import Actor
from shared.contracts.contacts import Contact
from shared.contracts.conversations import ReplySent
from shared.timers import Timers
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_assignment import conversation, of, team_shown
from tests.integration.routing.world import Known, add_rule, agents, come, decided, received
from tests.unit.routing.examples import AT, assigned, changed, message, note, started

TO_TEAM: dict[str, Any] = {"kind": "assign", "team_id": "email-support"}


async def rule(replica: Replica, **more: Any) -> None:
    await add_rule(replica.store, "r", when=["ConversationStarted"], then=[{**TO_TEAM, **more}])


async def hear(replica: Replica, *events: Any) -> None:
    await replica.handlers.on_conversation_events([received(event) for event in events])


def able(replica: Replica, agent_id: str, **more: Any) -> None:
    known = replica.directory.agents[agent_id]
    replica.directory.learn(type(known).model_validate(known.model_dump() | {"seq": known.seq + 1} | more))


async def shown(replica: Replica) -> None:
    """tickets' answer to what waits."""
    events = [event for event in await decided(replica.store.database) if event["waiting"]]
    await hear(replica, *(team_shown(event) for event in events))


async def reasons(replica: Replica) -> list[str]:
    events = await decided(replica.store.database)
    return [action["reason"] for event in events for action in event["actions"] if action["kind"] == "assign_agent"]


async def test_skills_and_languages_decide_and_the_reason_says_who_was_left_out(replica: Replica) -> None:
    await rule(replica, skills=["refunds"], speaks=True)
    ann = Contact(id="k1", seq=1, language="pt-BR", created_at=AT, updated_at=AT)
    async with replica.store.client.start_session() as session:
        await replica.store.contacts.learn([ann], session)
    await come(replica.store, "maya")
    await come(replica.store, "jonas")
    await hear(replica, conversation(0))
    (event,) = await decided(replica.store.database)
    assert event["waiting"] == "Nobody online in Email Support has the skill refunds"
    await shown(replica)
    able(replica, "maya", skills=["Refunds"])
    able(replica, "jonas", skills=["refunds"], languages=["pt"])
    assert await replica.waiting.fill() == 1
    assert agents(await decided(replica.store.database)) == {"c000": "jonas"}
    (reason,) = await reasons(replica)
    left_out = "1 online does not speak Portuguese (pt-BR)"
    assert reason == f"Round robin among 1 online in Email Support; {left_out}, after waiting 0 s"


async def test_what_nobody_can_take_holds_up_nothing_behind_it(replica: Replica) -> None:
    await rule(replica, skills=["refunds"])
    await hear(replica, *(conversation(n) for n in range(5)))
    replica.clock.move(minutes=1)
    await add_rule(replica.store, "r2", when=["ConversationStarted"], then=[TO_TEAM])
    await hear(replica, *(conversation(n) for n in range(5, 7)))
    await shown(replica)
    await come(replica.store, "maya")
    assert await replica.waiting.fill() == 2
    assert set(agents(await decided(replica.store.database))) == {"c005", "c006"}


async def test_who_answered_the_customer_last_goes_first(replica: Replica) -> None:
    await rule(replica, sticky=True)
    await come(replica.store, "maya")
    await come(replica.store, "jonas")
    by = Actor(kind="agent", id="jonas", name="Jonas")
    said = changed(ReplySent, {"message": message(direction="out", author=by)}, at=AT).model_copy(update={"by": by})
    older = said.model_copy(update={"at": AT.replace(year=2025), "by": Actor(kind="agent", id="maya", name="Maya")})
    await hear(replica, of(said, "before"), of(older, "long before"), conversation(0))
    assert agents(await decided(replica.store.database)) == {"c000": "jonas"}
    assert await reasons(replica) == ["Jonas Lindqvist answered this customer last"]
    await come(replica.store, "jonas", "away")
    await hear(replica, conversation(1))
    assert agents(await decided(replica.store.database))["c001"] == "maya"


async def test_who_answered_a_duplicate_of_the_customer_counts(replica: Replica) -> None:
    kept = Contact(id="k1", seq=2, merged_ids=("k0",), created_at=AT, updated_at=AT)
    async with replica.store.client.start_session() as session:
        await replica.store.contacts.learn([kept], session)
    by = Actor(kind="agent", id="jonas", name="Jonas")
    own = {"message": message(direction="out", author=by)}
    said = changed(ReplySent, own, at=AT, contact_id="k0").model_copy(update={"by": by})
    await hear(replica, of(said, "before"))
    async with replica.store.client.start_session() as session:
        assert await replica.store.answers.of(["k1", "k7"], session) == {"k1": "jonas"}


async def test_who_waited_long_goes_to_the_other_team_and_not_before(replica: Replica) -> None:
    await rule(replica, overflow={"after": "PT15M", "team_id": "phone-support"})
    able(replica, "jonas", team_ids=["phone-support"])
    await come(replica.store, "jonas")
    await hear(replica, conversation(0))
    await shown(replica)
    replica.clock.move(minutes=14)
    assert await replica.waiting.fill() == 0
    replica.clock.move(minutes=1)
    assert await replica.waiting.fill() == 1
    action = (await decided(replica.store.database))[-1]["actions"][0]
    assert (action["agent_id"], action["team_id"]) == ("jonas", "phone-support")
    assert action["reason"] == (
        "Nobody in Email Support could take it in time. Round robin among 1 online in Phone Support, "
        "after waiting 15 min"
    )


async def test_priority_goes_out_first_and_a_newcomer_overtakes_nobody(replica: Replica) -> None:
    await rule(replica)
    able(replica, "maya", capacity=1)
    await hear(replica, conversation(0), conversation(1))
    replica.clock.move(minutes=30)
    vip = conversation(2)
    await hear(replica, vip.model_copy(update={"head": vip.head.model_copy(update={"priority": True})}))
    events = [event for event in await decided(replica.store.database) if event["waiting"]]
    first = [
        with_priority(team_shown(event)) if event["conversation_id"] == "c002" else team_shown(event)
        for event in events
    ]
    await hear(replica, *first)
    await come(replica.store, "maya")
    await hear(replica, conversation(3))
    last = (await decided(replica.store.database, "c003"))[-1]
    assert last["waiting"] == "Others have waited longer for somebody in Email Support"
    assert await replica.waiting.fill() == 1
    assert set(agents(await decided(replica.store.database))) == {"c002"}


def with_priority(event: Any) -> Any:
    return event.model_copy(update={"head": event.head.model_copy(update={"priority": True})})


async def test_what_is_not_answered_in_time_goes_to_others_and_stays_when_there_are_none(replica: Replica) -> None:
    await rule(replica, answer_within="PT10M")
    await come(replica.store, "maya")
    await hear(replica, conversation(0))
    await hear(replica, given_to("maya", 2, (await decided(replica.store.database))[0]))
    replica.clock.move(minutes=11)
    await due(replica)
    stays = (await decided(replica.store.database))[-1]
    assert stays["actions"] == []
    assert stays["waiting"] == (
        "Not answered within 10 min. It stays with its agent: Nobody else in Email Support is online"
    )
    replica.clock.move(minutes=11)
    await due(replica)
    assert (await decided(replica.store.database))[-1] == stays, "told once"
    await come(replica.store, "jonas")
    replica.clock.move(minutes=11)
    await due(replica)
    last = (await decided(replica.store.database))[-1]
    assert last["actions"][0]["agent_id"] == "jonas"
    assert last["actions"][0]["reason"] == "Not answered within 10 min. Round robin among 1 online in Email Support"
    assert await replica.store.conversations.loads() == {"jonas": 1}
    assert (await replica.seats.board(["maya", "jonas"], [])).loads == {"maya": 0, "jonas": 1}
    seen = (await replica.store.decisions.of("c000", 10))[-1]
    assert (seen.trigger.event, seen.looked_at) == ("NotAnswered", 0)


def given_to(agent_id: str, seq: int, event: dict[str, Any]) -> Any:
    """tickets' answer to the decision."""
    shown = assigned(seq, "email-support", agent_id, decision_id=event["decision_id"])
    return of(shown, event["conversation_id"])


async def due(replica: Replica) -> None:
    known = Known(replica.clock)
    handlers = LaterHandlers(replica.store, replica.desk, replica.seats, replica.clock, known, lambda: None)
    rows = replica.store.conversations.rows
    await Timers(rows, handlers.on_due, name="rules", clock=replica.clock, lease_s=60, until=known.until).fire_due()


async def test_one_rule_takes_it_from_its_agent_and_finds_another_and_the_same_one_when_there_is_no_other(
    replica: Replica,
) -> None:
    anew = [{"kind": "unassign", "what": "agent"}, TO_TEAM]
    await add_rule(replica.store, "r", when=["NoteAdded"], then=anew)
    await come(replica.store, "maya")
    held = {"team_id": "email-support", "assignee_id": "maya"}
    await hear(replica, started(id="c1", **held), started(id="c2", **held))
    await hear(replica, note(2, id="c1", **held))
    (event,) = await decided(replica.store.database, "c1")
    assert [one["kind"] for one in event["actions"]] == ["unassign"]
    assert event["waiting"] == "Nobody else in Email Support is online"
    assert await replica.waiting.fill() == 0, "tickets has not taken it yet"

    await come(replica.store, "jonas", n=1)
    await hear(replica, note(2, id="c2", **held))
    (event,) = await decided(replica.store.database, "c2")
    assert [(one["kind"], one["agent_id"]) for one in event["actions"]] == [("assign_agent", "jonas")]
    assert await replica.store.conversations.loads() == {"maya": 1, "jonas": 1}

    await come(replica.store, "jonas", "away", n=2)
    (first,) = await decided(replica.store.database, "c1")
    await hear(replica, assigned(3, "email-support", None, id="c1", decision_id=first["decision_id"]))
    assert replica.nudged
    assert await replica.waiting.fill() == 1
    (_, event) = await decided(replica.store.database, "c1")
    (action,) = event["actions"]
    assert (action["agent_id"], event["trigger"]["seq"]) == ("maya", 3)
    assert action["reason"].startswith("Maya Okafor had it before, and nobody else in Email Support has room")
    await hear(replica, assigned(4, "email-support", "maya", id="c1", decision_id=event["decision_id"]))
    assert await replica.store.conversations.loads() == {"maya": 1, "jonas": 1}


async def test_what_waits_is_found_by_its_index(replica: Replica) -> None:
    """Asked with every newcomer: never a look at all conversations."""
    rows = replica.store.conversations.rows
    plan = str((await rows.find(BY_QUEUE).explain())["queryPlanner"]["winningPlan"])
    assert "waiting_by_turn" in plan
    assert "COLLSCAN" not in plan
