"""Rules that ask who is there, on real servers: it is looked once for a batch, and kept with what was decided."""

from __future__ import annotations

from typing import Any

from shared.contracts.directory import TeamChanged, TeamHours
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_assignment import conversation, team_shown
from tests.integration.routing.test_later import acted, fire, hear
from tests.integration.routing.world import CAPACITY, add_email_rule, add_rule, come, decided
from tests.unit.routing.examples import assigned, condition, replied

NOTE = [{"kind": "add_note", "text": "Look"}]


async def asking(replica: Replica, *asked: dict[str, Any], **changes: Any) -> None:
    await add_rule(replica.store, "asks", then=NOTE, **{"if": {"all": list(asked)}, **changes})


async def test_who_is_there_when_the_rules_are_asked(replica: Replica) -> None:
    await asking(replica, condition("availability.teams_online", "not_contains", "email-support"))
    await come(replica.store, "lead")
    await hear(replica, conversation(0))
    await come(replica.store, "maya")
    await hear(replica, conversation(1))
    await come(replica.store, "maya", "away", n=1)
    await hear(replica, conversation(2))
    assert {one["conversation_id"] for one in await decided(replica.store.database)} == {"c000", "c002"}
    (nobody,) = await replica.store.decisions.of("c000", 10)
    (somebody,) = await replica.store.decisions.of("c001", 10)
    assert nobody.seen["availability.teams_online"] == ()
    assert somebody.seen["availability.teams_online"] == ("email-support",)
    assert not somebody.decided


async def test_the_room_and_what_waits_are_those_of_the_seats_and_the_rows(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await hear(replica, *(conversation(n) for n in range(CAPACITY + 2)))
    shown = [event for event in await decided(replica.store.database) if event["waiting"]]
    assert len(shown) == 2
    await hear(replica, *(team_shown(event) for event in shown))
    full = [condition("availability.room", "is", 0), condition("availability.online", "is", 1)]
    waiting = [condition("availability.waiting", "is", 2), condition("availability.assignee", "is", "online")]
    await asking(replica, *full, *waiting, when=["Assigned"])
    await hear(replica, assigned(1, "email-support", "maya", id="c100"))
    assert "asks" in await acted(replica.store)


async def test_a_rule_that_waited_looks_when_its_time_has_come(replica: Replica) -> None:
    await asking(
        replica, condition("availability.assignee", "is_not", "online"), when=["CustomerReplied"], after="PT2H"
    )
    for n in (1, 2):
        await come(replica.store, "maya", "away", n=2 * n)
        await hear(replica, replied(2, id=f"c{n}", assignee_id="maya", team_id="email-support"))
        if n == 1:
            await come(replica.store, "maya", "online", n=3)
        replica.clock.move(hours=3)
        await fire(replica)
    acts = [one["conversation_id"] for one in await decided(replica.store.database)]
    assert acts == ["c2"], "by the time of the first she was back"


async def test_a_teams_own_hours_are_those_of_the_directory(replica: Replica) -> None:
    await asking(replica, condition("event.team_open", "is", False), when=["Assigned"])
    await hear(replica, assigned(1, "email-support", None, id="c1"))
    closed = TeamHours(time_zone="Europe/Berlin")
    replica.directory.learn(TeamChanged(team_id="email-support", seq=2, name="Email Support", hours=closed))
    await hear(replica, assigned(1, "email-support", None, id="c2"))
    assert [one["conversation_id"] for one in await decided(replica.store.database)] == ["c2"]


async def test_what_waits_is_counted_team_by_team_up_to_the_most(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await hear(replica, *(conversation(n) for n in range(3)))
    await hear(replica, *(team_shown(event) for event in await decided(replica.store.database)))
    rows = replica.store.conversations
    async with replica.store.client.start_session() as session:
        found = [await rows.waiting_of(["email-support", "phone-support"], most, session) for most in (2, 1000)]
        assert await rows.waiting_of([], 1000, session) == {}
    assert found == [{"email-support": most, "phone-support": 0} for most in (2, 3)]
