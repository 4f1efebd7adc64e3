"""Rules that wait and rules about time, on real servers: done once from two replicas, after a kill, after an edit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.routing.horizon import Horizon
from services.routing.later import LaterHandlers
from services.routing.model.later import WAITS_MAX
from services.routing.rules.schema import RuleDraft
from services.routing.store import Store
from services.routing.store.conversations import not_asked
from shared.mongo import Document
from shared.timers import Timers
from tests.integration.routing.conftest import Replica
from tests.integration.routing.world import Known, add_rule, come, decided, received
from tests.unit.routing.examples import AGENT, AT, assigned, draft, replied, started
from tests.unit.routing.waiting_rules import ago, answered, later

NOTE = [{"kind": "add_note", "text": "Look"}]
WAITED_4H = ago("conversation.waiting_since", "PT4H")


def timers(replica: Replica, fire: Any = None) -> Timers:
    known: Horizon = Known(replica.clock)
    rows = replica.store.conversations.rows
    mine = LaterHandlers(replica.store, replica.desk, replica.seats, replica.clock, known, lambda: None)
    return Timers(rows, fire or mine.on_due, name="rules", clock=replica.clock, lease_s=60, until=known.until)


async def fire(*replicas: Replica) -> int:
    """All that is due, by all of them at once; how many rows."""
    return sum(await asyncio.gather(*(timers(one).fire_due() for one in replicas)))


async def look_again(replica: Replica) -> None:
    """What a replica does when it sees other rules."""
    _, rules = await replica.store.rules.current()
    timed = "TimePassed" in rules.events
    await replica.store.conversations.ask_again(rules.later, timed=timed, now=replica.clock())


async def hear(replica: Replica, *events: Any) -> None:
    await replica.handlers.on_conversation_events([received(event) for event in events])


async def acted(store: Store) -> list[str]:
    return [action["rule"]["id"] for one in await decided(store.database) for action in one["actions"]]


async def edit(store: Store, id_: str, version: int, **changes: Any) -> None:
    new = RuleDraft.model_validate(draft(**changes))
    await store.rules.replace(id_, new, version=version, command_id=f"{id_}{version}", by="", now=AT, publish=True)


async def test_a_rule_waits_and_acts_once_from_two_replicas(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "slow", after="PT2H", then=NOTE)
    await hear(one, started())
    await hear(two, started())
    one.clock.move(hours=1)
    assert await fire(one, two) == 0
    one.clock.move(hours=2)
    for _ in range(3):
        await fire(one, two)
    assert await acted(one.store) == ["slow"]
    (decision,) = [found for found in await one.store.decisions.of("c1", 10) if found.decided]
    assert (decision.trigger.event, decision.trigger.after, decision.rule_id) == ("ConversationStarted", "PT2H", "slow")
    assert (await one.store.conversations.read(["c1"]))["c1"].due_at is None


async def test_what_a_killed_replica_had_claimed_is_done_by_the_next(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "slow", after="PT2H", then=NOTE)
    await hear(one, started())
    one.clock.move(hours=3)

    async def die(_: Sequence[Document]) -> None:
        raise asyncio.CancelledError

    dying = asyncio.create_task(timers(one, die).fire_due())
    await asyncio.wait([dying])
    assert await fire(two) == 0, "it is claimed"
    two.clock.move(seconds=61)
    await fire(two)
    assert await acted(one.store) == ["slow"]


async def test_what_waits_is_known_after_a_restart_and_ends_with_an_answer(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "slow", after="PT2H", then=NOTE)
    await hear(one, started())
    await hear(two, later(answered(2), minutes=5))
    two.clock.move(hours=3)
    await fire(two)
    assert await acted(one.store) == []


async def test_an_edited_rule_keeps_its_place(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "slow", after="PT2H", then=NOTE)
    await look_again(one)
    await hear(one, started())
    await edit(one.store, "slow", 1, after="PT4H", then=NOTE)
    await look_again(two)
    one.clock.move(hours=3)
    await fire(one, two)
    assert await acted(one.store) == []
    await edit(one.store, "slow", 2, after="PT1H", then=NOTE)
    await look_again(one)
    await look_again(two)
    await fire(one, two)
    assert await acted(one.store) == ["slow"]


class Held:
    """A batch of a replica that has decided, and is held back from writing, once."""

    def __init__(self, replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        self.decided, self.goes_on = asyncio.Event(), asyncio.Event()
        self._write = replica.store.conversations.write
        monkeypatch.setattr(replica.store.conversations, "write", self._held)

    async def _held(self, *asked: Any) -> Any:
        if not self.decided.is_set():
            self.decided.set()
            await self.goes_on.wait()
        return await self._write(*asked)


@pytest.mark.parametrize("what", ["new", "there", "due"])
async def test_a_new_rule_reaches_what_was_decided_before_it_and_written_after(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """One replica has a batch in hand, of a new conversation, one that is there, or one that is due, while the other
    sees a rule about time and asks for all that it may concern."""
    one, two = replicas
    if what == "due":
        await add_rule(one.store, "note", after="PT1H", then=NOTE)
    await look_again(one)
    if what != "new":
        await hear(one, started())
    one.clock.move(hours=10 if what == "due" else 0.5)
    held = Held(one, monkeypatch)
    event = started() if what == "new" else later(replied(2, waiting_since=AT), minutes=20)
    batch = asyncio.create_task(fire(one) if what == "due" else hear(one, event))  # type: ignore[arg-type]
    await held.decided.wait()
    await add_rule(two.store, "slow", when=["TimePassed"], **{"if": WAITED_4H, "then": NOTE})
    await look_again(two)
    held.goes_on.set()
    await batch
    one.clock.move(hours=10)
    await look_again(two)
    await fire(one, two)
    assert "slow" in await acted(one.store)
    row = (await one.store.conversations.read(["c1"]))["c1"]
    assert row.asked == (2 if what == "due" else 1)
    await look_again(one)
    assert (await one.store.conversations.read(["c1"]))["c1"] == row, "nothing is left to be asked"


async def test_that_nothing_is_left_to_be_asked_is_seen_from_an_index(replica: Replica) -> None:
    """It is asked every two seconds, of as many conversations as there are."""
    await hear(replica, started())
    rows = replica.store.conversations.rows
    for timed, index in ((True, "asked"), (False, "asked_waiting")):
        plan = str((await rows.find(not_asked(7, timed=timed)).explain())["queryPlanner"]["winningPlan"])
        assert f"'indexName': '{index}'" in plan


async def test_the_stored_decision_says_which_rules_wait_and_which_found_no_room(replica: Replica) -> None:
    many = WAITS_MAX + 2
    for n in range(many):
        await add_rule(replica.store, f"r{n:02}", after="PT2H", then=NOTE)
    await hear(replica, started())
    (decision,) = await replica.store.decisions.of("c1", 10)
    row = (await replica.store.conversations.read(["c1"]))["c1"]
    assert [one.rule.id for one in decision.waits] == [one.rule_id for one in row.waits]
    assert [one.id for one in decision.crowded] == [f"r{n:02}" for n in range(WAITS_MAX, many)]


async def test_a_rule_about_time_reaches_old_conversations_once(replicas: list[Replica]) -> None:
    one, two = replicas
    await look_again(one)
    await hear(one, started())
    one.clock.move(hours=10)
    await add_rule(one.store, "slow", when=["TimePassed"], **{"if": WAITED_4H, "then": NOTE})
    for replica in (one, two, one):
        await look_again(replica)
        await fire(one, two)
    assert await acted(one.store) == ["slow"]
    await edit(one.store, "slow", 1, when=["TimePassed"], **{"if": WAITED_4H, "then": NOTE, "name": "Slower"})
    await look_again(two)
    await fire(one, two)
    one.clock.move(hours=-8)
    await fire(one, two)
    one.clock.move(hours=50)
    await fire(one, two)
    assert await acted(one.store) == ["slow"]
    await hear(one, later(replied(2, waiting_since=AT.replace(day=20)), days=19))
    one.clock.move(days=30)
    await fire(one, two)
    assert await acted(one.store) == ["slow", "slow"]


async def test_a_new_rule_that_answers_leaves_old_conversations_alone_however_often_it_is_ordered_or_edited(
    replicas: list[Replica],
) -> None:
    one, two = replicas
    await hear(one, started(id="old"))
    one.clock.move(hours=10)
    reply = [{"kind": "send_macro", "macro_id": "sorry"}]
    answers = {"when": ["TimePassed"], "if": WAITED_4H, "then": reply}
    await add_rule(one.store, "slow", at=one.clock(), **answers)
    await hear(one, later(started(id="new", waiting_since=AT + timedelta(hours=10)), hours=10))
    one.clock.move(hours=1)
    await add_rule(one.store, "other", at=one.clock(), then=NOTE)
    await one.store.rules.reorder(["other", "slow"], by="", now=one.clock())
    for replica in (one, two):
        await look_again(replica)
        await fire(one, two)
    assert await acted(one.store) == []
    one.clock.move(hours=8)
    await fire(one)
    (event,) = await decided(one.store.database)
    assert (event["conversation_id"], event["actions"][0]["kind"]) == ("new", "send_macro")


async def test_an_escalation_reassigns_to_who_is_there(replica: Replica) -> None:
    to_team = [{"kind": "assign", "team_id": "email-support"}]
    await add_rule(replica.store, "up", when=["TimePassed"], **{"if": WAITED_4H, "then": to_team})
    await come(replica.store, "jonas")
    await hear(replica, started(), assigned(2, "phone-support", None, by=AGENT))
    replica.clock.move(hours=5)
    await fire(replica)
    (event,) = await decided(replica.store.database)
    assert [one["kind"] for one in event["actions"]] == ["assign_team", "assign_agent"]
    assert event["actions"][1]["agent_id"] == "jonas"
    assert (event["trigger"]["event"], event["trigger"]["seq"]) == ("TimePassed", 2)
    assert await replica.store.conversations.loads() == {"jonas": 1}


async def test_why_says_what_was_asked_later(replica: Replica) -> None:
    """The trace of the one rule that was asked, and before it that it waits."""
    still = {"all": [{"field": "conversation.priority", "operator": "is", "value": False}]}
    await add_rule(replica.store, "other")
    await add_rule(replica.store, "slow", after="PT2H", **{"if": still, "then": NOTE})
    await hear(replica, started())
    replica.clock.move(hours=3)
    await fire(replica)
    first, last = await replica.store.decisions.of("c1", 10)
    assert [one.rule.id for one in first.waits] == ["slow"]
    trace = (await replica.store.rules.at(last.revision)).explain_one("slow", last.seen)
    assert [(one.rule_id, one.matched) for one in trace] == [("slow", True)]


async def test_a_thousand_that_are_due_at_once_are_all_done_once(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_rule(one.store, "slow", after="PT2H", then=NOTE)
    many = [_of(f"c{n}") for n in range(1000)]
    for start in range(0, 1000, 250):
        await hear(one, *many[start : start + 250])
    one.clock.move(hours=3)
    while await fire(one, two):
        pass
    events = await decided(one.store.database)
    assert len(events) == len({event["conversation_id"] for event in events}) == 1000


def _of(conversation_id: str) -> Any:
    event = started()
    head = event.head.model_copy(update={"id": conversation_id})
    return event.model_copy(update={"conversation_id": conversation_id, "head": head})
