"""The dashboard: what it counts is what there is, of what somebody sees; by day, once, and by index."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.tickets.store import holdings
from services.tickets.store.daily import day_in
from services.tickets.store.work import Work
from shared import clock
from shared.contracts.directory import AgentChanged, Capacities, RoleChanged
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

ONE, TWO, THREE = (conversation_id(name) for name in ("one", "two", "three"))


@pytest.fixture
async def desk(running: Running) -> Running:
    """Three of two brands: maya has one and answered, jonas has one, nobody has the last."""
    sent = [message("one"), message("two", brand_id="earth-echo"), message("three")]
    await running.handlers.on_batch([received(one) for one in sent])
    async with running.browser("lead") as lead:
        for id_, team, agent in ((ONE, "email-support", "maya"), (TWO, "billing", "jonas")):
            body = {"team_id": team, "assignee_id": agent}
            assert (await lead.post(f"/conversations/{id_}/assign", json=body)).status_code == 200
    async with running.browser("maya") as maya:
        assert (await maya.post(f"/conversations/{ONE}/reply", json=reply())).status_code == 200
    return running


def reply() -> dict[str, Any]:
    return {"html": "<p>Here it is.</p>"}


async def seen(desk: Running, who: str = "lead") -> dict[str, Any]:
    desk.store.holdings._good_until = float("-inf")
    async with desk.browser(who) as browser:
        answer = await browser.get("/dashboard")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_id(lines: list[dict[str, Any]], key: str = "id") -> dict[str, Any]:
    return {one[key]: one for one in lines}


def open_of(line: dict[str, Any]) -> tuple[int, int]:
    return line["now"]["open"], line["now"]["waiting"]


async def test_it_counts_who_has_what(desk: Running) -> None:
    found = await seen(desk)
    assert open_of(found["everything"]) == (3, 2)
    assert found["everything"]["unassigned"]["open"] == 1
    people = by_id(found["agents"], "agent_id")
    assert (open_of(people["maya"]), people["maya"]["replies"]) == ((1, 0), 1)
    assert (open_of(people["jonas"]), people["jonas"]["now"]["oldest_waiting"] is not None) == ((1, 1), True)
    assert open_of(people["leo"]) == (0, 0)
    assert "observer" not in people
    teams = by_id(found["teams"])
    assert (open_of(teams["email-support"]), open_of(teams["billing"]), open_of(teams[""])) == ((1, 0), (1, 1), (1, 1))
    assert open_of(by_id(found["brands"])["paleo-hacks"]) == (2, 1)
    assert open_of(by_id(found["channels"])["email"]) == (3, 2)
    assert sorted(one["id"] for one in found["late"]) == sorted([TWO, THREE])
    assert found["targets"] == []


async def test_it_tells_what_they_have_of_each_channel_and_how_many_they_take(desk: Running) -> None:
    chat = message("chat", channel="chat")
    await desk.handlers.on_batch([received(chat)])
    async with desk.browser("lead") as lead:
        body = {"team_id": "email-support", "assignee_id": "maya"}
        assert (await lead.post(f"/conversations/{conversation_id('chat')}/assign", json=body)).status_code == 200
    known = desk.tickets.directory.agents["maya"]
    takes = Capacities(chat=3, phone=0)
    await desk.store.directory.put(known.model_copy(update={"capacities": takes}))
    await desk.learn()
    people = by_id((await seen(desk))["agents"], "agent_id")
    assert people["maya"]["load"] == [
        {"channel": "email", "open": 1, "capacity": None},
        {"channel": "chat", "open": 1, "capacity": 3},
        {"channel": "phone", "open": 0, "capacity": 0},
    ]
    assert people["leo"]["load"] == []

    # a lead of another brand sees no more of it
    await desk.narrow("earth-echo")
    people = by_id((await seen(desk, "narrow"))["agents"], "agent_id")
    assert [one["open"] for one in people["maya"]["load"]] == [0, 0]
    assert people["jonas"]["load"] == [{"channel": "email", "open": 1, "capacity": None}]


async def test_it_counts_what_was_done_today(desk: Running) -> None:
    async with desk.browser("maya") as maya:
        assert (await maya.post(f"/conversations/{ONE}/close", json={})).status_code == 200
    found = await seen(desk)
    today = found["everything"]["today"]
    assert (today["new"], today["closed"], today["replies"]) == (3, 1, 1)
    assert today["first_response"]["count"] == today["resolution"]["count"] == 1
    assert today["first_response"]["median_s"] is not None
    teams = by_id(found["teams"])
    assert [teams[one]["today"]["new"] for one in ("email-support", "billing", "")] == [1, 1, 3]
    assert (teams["email-support"]["today"]["closed"], teams["billing"]["today"]["closed"]) == (1, 0)
    assert by_id(found["agents"], "agent_id")["maya"]["closed"] == 1


async def test_folding_changes_no_number(desk: Running) -> None:
    before = await seen(desk)
    assert await desk.store.daily.fold() > 0
    assert await desk.store.daily.fold() == 0
    after = await seen(desk)
    for one in (before, after):
        one.pop("at")
    assert after == before
    await desk.handlers.on_batch([received(message("four"))])
    await desk.store.daily.fold()
    assert (await seen(desk))["everything"]["today"]["new"] == 4


async def test_a_second_delivery_and_a_failed_transaction_count_nothing(desk: Running) -> None:
    again = received(message("five"))
    await desk.handlers.on_batch([again])
    await desk.handlers.on_batch([again])
    input_ = received(message("six"))

    async def fail(_: Work) -> None:
        raise RuntimeError

    whole = Work._save_conversations
    Work._save_conversations = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        await desk.handlers.on_batch([input_])
    Work._save_conversations = whole  # type: ignore[method-assign]
    assert (await seen(desk))["everything"]["today"]["new"] == 4


async def test_a_day_is_each_brands_own(desk: Running) -> None:
    """Of yesterday's and tomorrow's rows nothing is in today's."""
    rows = desk.store.client[desk.settings.database("tickets")]["daily"]
    zones = {brand.brand_id: brand.time_zone for brand in desk.tickets.directory.brands.values()}
    async for row in rows.find({}):
        assert row["day"] == day_in(zones[row["brand_id"]], clock.now())
    for days in (-1, 1):
        day = day_in("America/Los_Angeles", clock.now() + timedelta(days=days))
        await rows.insert_one(
            {"day": day, "brand_id": "paleo-hacks", "channel": "email", "team_id": None, "agent_id": "", "started": 90}
        )
    assert (await seen(desk))["everything"]["today"]["new"] == 3
    assert day_in("No/Where", clock.now()) == day_in("UTC", clock.now())


async def test_a_lead_of_one_brand_sees_that_alone(desk: Running) -> None:
    await desk.narrow("earth-echo")
    found = await seen(desk, "narrow")
    assert open_of(found["everything"]) == (1, 1)
    assert [one["id"] for one in found["brands"]] == ["earth-echo"]
    assert [one["id"] for one in found["late"]] == [TWO]
    assert found["everything"]["today"]["new"] == 1
    assert open_of(by_id(found["agents"], "agent_id")["maya"]) == (0, 0)


async def test_a_lead_of_one_team_sees_that_alone(desk: Running) -> None:
    permissions = ("conversations.read", "dashboard.read")
    role = RoleChanged(role_id="team-lead", seq=1, name="T", permissions=permissions, own_teams_only=True)
    lead = AgentChanged(agent_id="tl", seq=1, name="T", email="t@x.example", role_id="team-lead", team_ids=("billing",))
    for entry in (role, lead):
        await desk.store.directory.put(entry)
    await desk.learn()
    found = await seen(desk, "tl")
    assert open_of(found["everything"]) == (1, 1)
    assert [one["id"] for one in found["teams"]] == ["", "billing"]
    assert [one["id"] for one in found["late"]] == [TWO]
    assert "maya" not in by_id(found["agents"], "agent_id")


async def test_an_agent_gets_a_clear_no(desk: Running) -> None:
    async with desk.browser("maya") as maya:
        answer = await maya.get("/dashboard")
        assert answer.status_code == 403
        assert answer.json()["detail"] == "Your role may not see the dashboard. An admin can change your role."
        taken = await maya.post(
            f"/conversations/{TWO}/assign", json={"team_id": "email-support", "assignee_id": "maya"}
        )
        assert (taken.status_code, taken.json()["code"]) == (403, "assigned_to_other")


async def test_no_document_is_read_for_the_counts(desk: Running) -> None:
    pipeline = [{"$match": {"status": "open", "spam": False}}, {"$group": holdings._GROUP}]
    command = {"aggregate": "conversations", "pipeline": pipeline, "hint": "inbox_counts", "cursor": {}}
    database = desk.store.client[desk.settings.database("tickets")]
    told = await database.command({"explain": command, "verbosity": "executionStats"})
    stats = (told["stages"][0]["$cursor"] if "stages" in told else told)["executionStats"]
    assert (stats["totalDocsExamined"], stats["totalKeysExamined"]) == (0, 3)


async def test_however_many_ask_it_is_read_once(desk: Running) -> None:
    first = await desk.store.holdings.now()
    assert await desk.store.holdings.now() is first
