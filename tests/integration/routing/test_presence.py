"""Time in each status as it is kept, where agents are, and new replies to who is away."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from services.routing.store import Store
from shared.ids import derived
from shared.log import Cause
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_http import bearer, http
from tests.integration.routing.world import add_email_rule, agents, come, decided, received
from tests.unit.routing.examples import replied, started

__all__ = ["http"]
MINUTE = 60_000
HELD = {"team_id": "email-support", "assignee_id": "maya", "assigned_seq": 1}


async def history(http: AsyncClient, of: str, who: str = "lead", **query: str) -> dict[str, Any]:
    answer = await http.get(f"/availability/{of}/history", params=query, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def spent(day: dict[str, Any]) -> dict[str, int]:
    return {f"{one['status']} {one['reason']}".strip(): one["duration_ms"] for one in day["spent"]}


async def be(http: AsyncClient, replica: Replica, status: str, reason: str = "", *, minutes: int) -> None:
    """Maya is so for that many minutes."""
    body = {"status": status, "reason": reason}
    assert (await http.put("/availability/me", json=body, headers=bearer("maya"))).status_code == 200
    replica.clock.move(minutes=minutes)


async def test_each_minute_of_a_day_is_in_one_status(http: AsyncClient, replica: Replica) -> None:
    await be(http, replica, "online", minutes=90)
    await be(http, replica, "away", "Break/Lunch", minutes=30)
    await be(http, replica, "online", minutes=15)
    await be(http, replica, "away", "Coaching", minutes=5)
    found = await history(http, "me", "maya")
    assert found["time_zone"] == "UTC"
    wanted = {"online": 105 * MINUTE, "away Break/Lunch": 30 * MINUTE, "away Coaching": 5 * MINUTE}
    assert [spent(day) for day in found["days"]] == [wanted]
    assert [one["reason"] for one in found["spans"]] == ["", "Break/Lunch", "", "Coaching"]
    assert (await history(http, "maya"))["days"] == found["days"]


async def test_what_is_kept_is_what_the_events_say(http: AsyncClient, replica: Replica) -> None:
    """Also when the same status comes again, and when a change is only about new replies."""
    await be(http, replica, "online", minutes=10)
    await be(http, replica, "online", minutes=10)
    await be(http, replica, "away", "Coaching", minutes=10)
    body = {"status": "away", "reason": "Coaching", "replies": "reassign"}
    assert (await http.put("/availability/me", json=body, headers=bearer("maya"))).json()["replies"] == "reassign"
    replica.clock.move(minutes=10)
    assert [row.name for row in await replica.store.log.read("maya")] == ["StatusChanged"] * 3
    (day,) = (await history(http, "maya"))["days"]
    assert spent(day) == {"online": 20 * MINUTE, "away Coaching": 20 * MINUTE}


async def test_a_clock_that_is_behind_ends_nothing_before_it_began(replicas: list[Replica]) -> None:
    store = replicas[0].store
    now = replicas[0].clock()
    await come(store, "maya", at=now)
    replicas[0].clock.move(seconds=-1)
    await come(store, "maya", "offline", at=replicas[0].clock())
    spans = await store.presence.spans("maya", now, now.replace(hour=23))
    assert [(one.status, one.since, one.until) for one in spans] == [("offline", now, None)]


async def test_days_are_those_of_the_agents_own_time_zone(http: AsyncClient, replica: Replica) -> None:
    place = {"time_zone": "Pacific/Auckland", "hidden": False}
    await http.put("/availability/me/place", json=place, headers=bearer("maya"))
    await be(http, replica, "online", minutes=5 * 60)  # 21:00 to 2:00 there
    found = await history(http, "maya", **{"from": "2026-05-01", "to": "2026-05-02"})
    assert found["time_zone"] == "Pacific/Auckland"
    assert [spent(day) for day in found["days"]] == [{"online": 180 * MINUTE}, {"online": 120 * MINUTE}]


async def test_a_hidden_location_is_told_to_nobody_else(http: AsyncClient, replica: Replica) -> None:
    maya = bearer("maya")
    place = {"time_zone": "Europe/Berlin", "hidden": True}
    assert (await http.put("/availability/me/place", json=place, headers=maya)).json() == place
    mine = (await http.get("/availability/me", headers=maya)).json()
    assert (mine["time_zone"], mine["hides_location"]) == ("Europe/Berlin", True)
    seen = {one["agent_id"]: one for one in (await http.get("/availability")).json()["items"]}["maya"]
    assert (seen["time_zone"], seen["hides_location"]) == ("", False)
    assert (await history(http, "maya"))["time_zone"] == "UTC"
    assert (await history(http, "me", "maya"))["time_zone"] == "Europe/Berlin"
    answer = await http.put("/availability/maya", json={"status": "online"})
    assert answer.json()["time_zone"] == ""
    wrong = await http.put("/availability/me/place", json={"time_zone": "Mars/Base"}, headers=maya)
    assert wrong.json()["errors"][0]["path"] == "body.time_zone"


async def test_others_history_is_for_leads_of_the_same_part(http: AsyncClient) -> None:
    assert (await http.get("/availability/jonas/history", headers=bearer("maya"))).status_code == 403
    assert (await http.get("/availability/nobody/history")).status_code == 404
    # Echo leads for one brand; agents without brands serve it too.
    assert (await http.get("/availability/maya/history", headers=bearer("echo"))).status_code == 200
    for days in ({"from": "2026-05-02", "to": "2026-05-01"}, {"from": "2020-01-01", "to": "2026-05-01"}):
        assert (await http.get("/availability/me/history", params=days)).json()["code"] == "bad_days"


async def away(store: Store, agent_id: str, replies: Any) -> None:
    cause = derived("away", agent_id, replies)
    now = store.log.clock()
    await store.availability.set(agent_id, "away", "Coaching", replies, cause=Cause(cause, cause), now=now)


async def held_by_maya(replica: Replica) -> None:
    await add_email_rule(replica.store)
    await come(replica.store, "maya")
    await come(replica.store, "jonas")
    await replica.handlers.on_conversation_events([received(started(**HELD))])


async def test_new_replies_stay_with_who_is_away(replica: Replica) -> None:
    await held_by_maya(replica)
    await away(replica.store, "maya", "hold")
    await replica.handlers.on_conversation_events([received(replied(2, **HELD))])
    assert agents(await decided(replica.store.database)) == {}


async def test_new_replies_go_to_a_colleague_where_that_is_wanted(replica: Replica) -> None:
    await held_by_maya(replica)
    await away(replica.store, "maya", "reassign")
    await replica.handlers.on_conversation_events([received(replied(2, **HELD))])
    (told,) = await decided(replica.store.database)
    assert agents([told]) == {"c1": "jonas"}
    assert told["actions"][0]["reason"].startswith("Its agent is away. ")
    assert (await replica.store.conversations.loads()) == {"jonas": 1}


async def test_they_wait_for_the_first_who_comes(replica: Replica) -> None:
    await held_by_maya(replica)
    await come(replica.store, "jonas", "offline", n=1)
    await away(replica.store, "maya", "reassign")
    await replica.handlers.on_conversation_events([received(replied(2, **HELD))])
    assert agents(await decided(replica.store.database)) == {}
    await come(replica.store, "jonas", n=2)
    assert await replica.waiting.fill() == 1
    assert agents(await decided(replica.store.database)) == {"c1": "jonas"}
