"""Nobody over capacity, nobody forgotten: two replicas at once, Redis emptied, people who come and go."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from services.routing.assignment import Held
from shared.errors import Transient
from tests.integration.routing.conftest import Replica
from tests.integration.routing.world import CAPACITY, add_email_rule, add_rule, agents, come, decided, received
from tests.integration.shared.world import until
from tests.unit.routing.examples import AGENT, assigned, closed, head, snoozed, started


def conversation(n: int) -> Any:
    event = started()
    id_ = f"c{n:03}"
    return event.model_copy(update={"conversation_id": id_, "head": head(id=id_)})


def of(event: Any, id_: str) -> Any:
    return event.model_copy(update={"conversation_id": id_, "head": event.head.model_copy(update={"id": id_})})


def team_shown(event: dict[str, Any], seq: int = 2) -> Any:
    """tickets' answer to a decision that named the team alone."""
    return of(assigned(seq, "email-support", None, decision_id=event["decision_id"]), event["conversation_id"])


async def patiently(replica: Replica, batch: list[Any]) -> None:
    """As the consumer does: the same batch again after a Transient."""
    for _ in range(50):
        try:
            return await replica.handlers.on_conversation_events(batch)
        except Transient:
            await asyncio.sleep(0.01)
    raise AssertionError("the batch never went through")


async def test_nobody_online_leaves_it_waiting_with_the_reason_until_somebody_comes(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await replica.handlers.on_conversation_events([received(conversation(n)) for n in range(5)])
    events = await decided(replica.store.database)
    assert {event["waiting"] for event in events} == {"Nobody in Email Support is online"}
    await replica.handlers.on_conversation_events([received(team_shown(event)) for event in events])
    assert replica.nudged
    assert await replica.waiting.fill() == 0

    replica.clock.move(minutes=4)
    await come(replica.store, "maya")
    assert await replica.waiting.fill() == CAPACITY
    found = agents(await decided(replica.store.database))
    assert found == {"c000": "maya", "c001": "maya", "c002": "maya"}
    last = (await decided(replica.store.database, "c000"))[-1]
    assert last["actions"][0]["reason"] == "Round robin among 1 online in Email Support, after waiting 4 min"
    assert last["trigger"] == {**last["trigger"], "event": "Assigned", "seq": 2}
    assert last["seq"] == 2
    assert (await replica.store.decisions.of("c000", 10))[-1].looked_at == 0


async def test_waiting_ones_are_given_out_oldest_first(replica: Replica) -> None:
    await add_email_rule(replica.store)
    for n in (2, 0, 3, 1):
        await replica.handlers.on_conversation_events([received(conversation(n))])
        replica.clock.move(seconds=1)
    events = await decided(replica.store.database)
    await replica.handlers.on_conversation_events([received(team_shown(event)) for event in events])
    await come(replica.store, "maya")
    await replica.waiting.fill()
    assert set(agents(await decided(replica.store.database))) == {"c002", "c000", "c003"}


async def test_it_does_not_get_an_agent_before_tickets_shows_the_team(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await replica.handlers.on_conversation_events([received(conversation(0))])
    await come(replica.store, "maya")
    assert await replica.waiting.fill() == 0


async def test_a_place_that_comes_free_goes_to_what_waits(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(conversation(n)) for n in range(CAPACITY + 3)])
    events = await decided(replica.store.database)
    waiting = [event for event in events if event["waiting"]]
    assert len(waiting) == 3
    assert waiting[0]["waiting"] == "Nobody has room among 1 online in Email Support"
    await replica.handlers.on_conversation_events([received(team_shown(event)) for event in waiting])
    assert await replica.waiting.fill() == 0

    held = sorted(agents(events))
    freed = [
        of(closed(2), held[0]),
        of(snoozed(2, team_id="email-support", assignee_id="maya", assigned_seq=1), held[1]),
        of(assigned(2, "email-support", "lead", by=AGENT), held[2]),
    ]
    for event in freed:
        replica.nudged.clear()
        await replica.handlers.on_conversation_events([received(event)])
        assert replica.nudged
        assert await replica.waiting.fill() == 1


async def test_what_a_person_assigned_since_is_not_touched(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await replica.handlers.on_conversation_events([received(conversation(0))])
    by_hand = of(assigned(2, "email-support", "lead", by=AGENT), "c000")
    await replica.handlers.on_conversation_events([received(by_hand)])
    await come(replica.store, "maya")
    assert await replica.waiting.fill() == 0
    assert await replica.store.conversations.loads() == {"lead": 1}


async def test_two_replicas_at_once_never_go_over_capacity(replicas: list[Replica]) -> None:
    one, other = replicas
    await add_email_rule(one.store, "balanced")
    await come(one.store, "maya")
    await come(one.store, "jonas")
    batches = [[received(conversation(n)) for n in range(start, start + 2)] for start in range(0, 12, 2)]
    await asyncio.gather(*(patiently(replicas[n % 2], batch) for n, batch in enumerate(batches)))
    found = Counter(agents(await decided(one.store.database)).values())
    assert found == {"maya": CAPACITY, "jonas": CAPACITY}
    events = [event for event in await decided(one.store.database) if event["waiting"]]
    assert len(events) == 12 - 2 * CAPACITY
    await one.handlers.on_conversation_events([received(team_shown(event)) for event in events])
    held = [id_ for id_, agent in agents(await decided(one.store.database)).items() if agent == "maya"]
    await one.handlers.on_conversation_events([received(of(closed(2), id_)) for id_ in held])
    given = await asyncio.gather(one.waiting.fill(), other.waiting.fill())
    assert sum(given) == CAPACITY
    assert await one.store.conversations.loads() == {"maya": CAPACITY, "jonas": CAPACITY}
    assert (await one.seats.board(["maya", "jonas"], [])).loads == {"maya": CAPACITY, "jonas": CAPACITY}


async def test_redis_emptied_in_the_middle_is_built_again_from_mongo(replicas: list[Replica]) -> None:
    one, other = replicas
    await add_email_rule(one.store)
    await come(one.store, "maya")
    await one.handlers.on_conversation_events([received(conversation(n)) for n in range(2)])
    for key in [key async for key in one.redis.scan_iter(f"{one.seats._prefix}*")]:
        await one.redis.delete(key)
    await asyncio.gather(
        patiently(one, [received(conversation(n)) for n in (2, 3)]),
        patiently(other, [received(conversation(n)) for n in (4, 5)]),
    )
    assert await one.store.conversations.loads() == {"maya": CAPACITY}
    assert (await other.seats.board(["maya"], [])).loads == {"maya": CAPACITY}


async def test_redis_emptied_while_a_batch_is_in_hand_makes_the_batch_begin_again(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    reserve, emptied = replica.seats.reserve, []

    async def emptied_after_it(asked: Any) -> Any:
        answer = await reserve(asked)
        if not emptied:
            emptied.append(True)
            await replica.redis.delete(replica.seats._built)
        return answer

    replica.seats.reserve = emptied_after_it  # type: ignore[method-assign]
    await patiently(replica, [received(conversation(n)) for n in range(CAPACITY + 1)])
    assert await replica.store.conversations.loads() == {"maya": CAPACITY}
    assert (await replica.seats.board(["maya"], [])).loads == {"maya": CAPACITY}


async def test_an_audit_mends_what_a_dying_process_left_behind(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(conversation(0))])
    await replica.seats.settle({"ghost": Held("maya", "email"), "c000": None})
    assert await replica.seats.audit() == 0
    assert await replica.seats.audit() == 2
    kept = await replica.redis.hgetall(replica.seats._held)
    assert kept == {"c000": "email maya"}
    assert (await replica.seats.board(["maya"], [])).loads == {"maya": 1}


async def test_a_rule_that_names_an_agent_waits_for_that_agent(replica: Replica) -> None:
    await add_rule(replica.store, "r", then=[{"kind": "assign_to", "agent_id": "jonas"}])
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(conversation(0))])
    (event,) = await decided(replica.store.database)
    assert event["waiting"] == "Jonas Lindqvist is not online"
    await come(replica.store, "jonas")
    assert await replica.waiting.fill() == 1
    assert agents(await decided(replica.store.database)) == {"c000": "jonas"}


async def test_an_away_agent_is_passed_over_from_the_next_batch_on(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await come(replica.store, "jonas")
    await come(replica.store, "maya", "away")
    await replica.handlers.on_conversation_events([received(conversation(n)) for n in range(2)])
    assert set(agents(await decided(replica.store.database)).values()) == {"jonas"}


async def test_a_crash_between_mongo_and_redis_is_mended_by_the_second_delivery(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await replica.handlers.on_conversation_events([received(conversation(0))])
    settle = replica.seats.settle

    async def crash(_: Any) -> None:
        raise ConnectionError("gone")

    ended = received(of(closed(2), "c000"))
    replica.seats.settle = crash  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await replica.handlers.on_conversation_events([ended])
    assert (await replica.seats.board(["maya"], [])).loads == {"maya": 1}
    replica.seats.settle = settle  # type: ignore[method-assign]
    await replica.handlers.on_conversation_events([ended])
    assert (await replica.seats.board(["maya"], [])).loads == {"maya": 0}


async def test_a_person_who_is_quicker_than_the_waiting_room_wins(replicas: list[Replica]) -> None:
    one, other = replicas
    await add_email_rule(one.store)
    await one.handlers.on_conversation_events([received(conversation(0))])
    await one.handlers.on_conversation_events([received(team_shown((await decided(one.store.database))[0]))])
    await come(one.store, "maya")
    reserve = one.seats.reserve

    async def slowly(asked: Any) -> Any:
        answer = await reserve(asked)
        by_hand = of(assigned(3, "email-support", "jonas", by=AGENT), "c000")
        await other.handlers.on_conversation_events([received(by_hand)])
        return answer

    one.seats.reserve = slowly  # type: ignore[method-assign]
    assert await one.waiting.fill() == 0
    assert await one.store.conversations.loads() == {"jonas": 1}
    assert (await one.seats.board(["maya", "jonas"], [])).loads == {"maya": 0, "jonas": 1}


async def test_the_running_waiting_room_finds_what_nobody_told_it_of(replica: Replica) -> None:
    await add_rule(replica.store, "r", then=[{"kind": "assign_to", "agent_id": "jonas"}])
    await replica.handlers.on_conversation_events([received(conversation(0))])
    await come(replica.store, "jonas")
    await replica.waiting.start()

    async def found() -> bool:
        return bool(agents(await decided(replica.store.database)))

    await until(found)
    assert replica.waiting.alive()
    await replica.waiting.stop()
