"""What customers did in a product, on a real MongoDB: once, of the right person and brand, bounded."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from prometheus_client import REGISTRY

from services.tickets.activity import ActivityHandlers
from services.tickets.model.activity import TOLD_MAX
from services.tickets.store.activity import NEWEST_KEPT
from shared import clock
from shared.cloudevents import Received
from shared.contracts.activity import Activity, ActivityRecorded
from shared.contracts.base import Event
from shared.ids import random_id
from shared.topics import ACTIVITY
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, received
from tests.integration.tickets.test_contacts import hear, ok
from tests.integration.tickets.test_handlers import everything, rebuilt

BRAND = "paleo-hacks"


def did(name: str = "Paid", *, minutes_ago: float = 1, **said: Any) -> Received[Event]:
    now = clock.now()
    attributes = said.pop("attributes", ())
    at = (now - timedelta(minutes=minutes_ago)).replace(microsecond=0)
    activity = Activity.model_validate({"name": name, "at": at, "attributes": attributes})
    event = ActivityRecorded.model_validate(
        {"input_id": random_id(), "brand_id": BRAND, "activity": activity, "received_at": now, **said}
    )
    return received(event, topic=ACTIVITY)


async def take(desk: Running, *batch: Received[Event]) -> None:
    await ActivityHandlers(desk.store).on_batch(batch)


async def shown(desk: Running, contact_id: str, agent: str = "maya", **params: Any) -> Any:
    async with desk.browser(agent) as browser:
        return await ok(await browser.get(f"/contacts/{contact_id}/activity", params=params))


def names(page: Any) -> list[str]:
    return [one["activity"]["name"] for one in page["items"]]


async def acted(desk: Running, name: str) -> list[str]:
    rows = await desk.store.log.read(conversation_id(name), limit=1000)
    return [row.name for row in rows if row.name == "CustomerActed"]


def counted(outcome: str) -> float:
    labels = {"input": "ActivityRecorded", "outcome": outcome}
    return REGISTRY.get_sample_value("switchboard_tickets_inputs_total", labels) or 0.0


async def test_a_second_delivery_changes_nothing(running: Running) -> None:
    await hear(running, "one", "ada@example.org", "Ada Byron")
    batch = [did(external_id=f"u-{n % 3}", email="ada@example.org" if n % 3 == 0 else "") for n in range(10)]
    await take(running, *batch)
    rows = running.store.conversations.database["activity"]
    before, kept = await everything(running), await rows.find().sort("_id", 1).to_list(None)
    assert len(before["contacts"]) == 3
    await take(running, *batch)
    await take(running, *batch[5:], *batch)
    assert await everything(running) == before
    assert await rows.find().sort("_id", 1).to_list(None) == kept
    state = await running.store.conversation(conversation_id("one"))
    assert state is not None
    assert await rebuilt(running, state.head.id) == state


async def test_replicas_that_meet_a_new_user_at_once_make_one_contact(running: Running) -> None:
    await asyncio.gather(*(take(running, did(external_id="u-1", person="Ann")) for _ in range(8)))
    people = await running.store.contacts.find().to_list(None)
    assert len(people) == 1
    assert len((await shown(running, people[0]["_id"]))["items"]) == 8


async def test_it_is_shown_newest_first_with_what_it_says(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    said = {"attributes": [{"name": "amount", "value": 49.5}, {"name": "plan", "value": "yearly"}]}
    await take(
        running,
        did("Paid", minutes_ago=30, email="ada@example.org", external_id="u-1", **said),
        did("Left", minutes_ago=5, external_id="u-1"),
        did("Came", minutes_ago=60, external_id="u-1"),
    )
    page = await shown(running, ada.id)
    assert names(page) == ["Left", "Paid", "Came"]
    assert page["items"][1]["activity"]["attributes"] == said["attributes"]
    assert (page["last_seen_at"], page["more"]) == (page["items"][0]["activity"]["at"], False)
    assert names(await shown(running, ada.id, limit=1)) == ["Left"]
    assert (await shown(running, ada.id, limit=1))["more"] is True
    async with running.browser("maya") as browser:
        contact = (await ok(await browser.get(f"/contacts/{ada.id}")))["contact"]
    assert (contact["kind"], contact["external_ids"]) == ("user", [f"{BRAND}:u-1"])


async def test_of_one_contact_the_newest_are_kept(running: Running) -> None:
    batch = [did(f"Step {n}", minutes_ago=n, external_id="u-1") for n in range(NEWEST_KEPT + 30)]
    await take(running, *batch[:70])
    await take(running, *batch[70:])
    [person] = await running.store.contacts.find().to_list(None)
    page = await shown(running, person["_id"], limit=100)
    assert names(page) == [f"Step {n}" for n in range(NEWEST_KEPT)]
    [row] = await running.store.conversations.database["activity"].find().to_list(None)
    assert len(row["newest"]) == NEWEST_KEPT


async def test_one_brands_clicks_neither_hide_nor_silence_anothers(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron", brand_id="mesa-cookware")
    await take(running, did("Paid", minutes_ago=60, email="ada@example.org", brand_id="mesa-cookware"))
    clicks = [did("Paid", minutes_ago=n / 100, email="ada@example.org") for n in range(NEWEST_KEPT + 1)]
    await hear(running, "two", "ada@example.org", "Ada Byron")
    await take(running, *clicks)
    assert len(await acted(running, "two")) == TOLD_MAX
    await take(running, did("Paid", email="ada@example.org", brand_id="mesa-cookware"))
    assert len(await acted(running, "one")) == 2
    await running.narrow("mesa-cookware")
    assert names(await shown(running, ada.id, "narrow")) == ["Paid", "Paid"]


async def test_a_new_conversation_hears_though_the_one_before_it_heard_enough(running: Running) -> None:
    await hear(running, "one", "ada@example.org", "Ada Byron")
    await take(running, *(did("Click", email="ada@example.org") for _ in range(TOLD_MAX + 1)))
    async with running.browser("maya") as browser:
        await ok(await browser.post(f"/conversations/{conversation_id('one')}/close"))
    await hear(running, "two", "ada@example.org", "Ada Byron")
    await take(running, did("Click", email="ada@example.org"))
    assert (len(await acted(running, "one")), len(await acted(running, "two"))) == (TOLD_MAX, 1)


async def test_only_the_newest_conversation_that_is_not_closed_hears_of_it(running: Running) -> None:
    for name in ("old", "newer"):
        await hear(running, name, "ada@example.org", "Ada Byron")
    await hear(running, "elsewhere", "ada@example.org", "Ada Byron", brand_id="mesa-cookware")
    await take(running, did(email="ada@example.org"))
    assert (await acted(running, "old"), await acted(running, "newer")) == ([], ["CustomerActed"])
    assert await acted(running, "elsewhere") == []
    before = await running.store.conversation(conversation_id("newer"))
    assert before is not None
    assert before.head.activity == "ConversationStarted", "it does not move up"
    async with running.browser("maya") as browser:
        await ok(await browser.post(f"/conversations/{conversation_id('newer')}/close"))
    await take(running, did(email="ada@example.org"))
    assert len(await acted(running, "old")) == 1


async def test_without_an_open_conversation_nothing_hears_and_it_is_counted(running: Running) -> None:
    before = counted("no_conversation"), counted("too_old"), counted("told_enough")
    await take(running, did(external_id="u-1"))
    await hear(running, "one", "ada@example.org", "Ada Byron")
    await take(running, did(email="ada@example.org", minutes_ago=60 * 25))
    await take(running, *(did("Click", email="ada@example.org") for _ in range(TOLD_MAX)))
    await take(running, did("Click", email="ada@example.org"), did("Paid", email="ada@example.org"))
    assert len(await acted(running, "one")) == TOLD_MAX + 1
    after = counted("no_conversation"), counted("too_old"), counted("told_enough")
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]


async def test_contacts_that_are_one_person_show_both_and_taken_apart_each_its_own(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    other = await hear(running, "two", "lovelace@work.example", "Ada Lovelace")
    await take(running, did("Paid", email="ada@example.org"), did("Left", email="lovelace@work.example"))
    left = {"match": "all", "conditions": [{"field": "did", "operator": "is_set", "activity": "Left"}]}
    async with running.browser("maya") as browser:
        body = {"contact_id": other.id}
        await ok(await browser.post(f"/contacts/{ada.id}/merge", json=body))
        assert set(names(await shown(running, ada.id))) == {"Paid", "Left"}
        await take(running, did("Came", email="lovelace@work.example"))
        assert set(names(await shown(running, ada.id))) == {"Paid", "Left", "Came"}
        assert len(await acted(running, "two")) == 2, "its newest conversation is the duplicate's"
        assert (await ok(await browser.post("/segments/preview", json=left)))["count"] == 1
        await ok(await browser.post(f"/contacts/{ada.id}/unmerge", json=body))
        assert set(names(await shown(running, ada.id))) == {"Paid", "Came"}
        assert set(names(await shown(running, other.id))) == {"Left"}
        assert (await ok(await browser.post("/segments/preview", json=left)))["count"] == 1


async def test_who_works_for_another_brand_sees_nothing_of_it(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    await hear(running, "two", "ada@example.org", "Ada Byron", brand_id="mesa-cookware")
    await take(running, did(email="ada@example.org"))
    await running.narrow("mesa-cookware")
    page = await shown(running, ada.id, "narrow")
    assert (page["items"], page["last_seen_at"]) == ([], None)
    paid = {"match": "all", "conditions": [{"field": "did", "operator": "is_set", "activity": "Paid"}]}
    async with running.browser("narrow") as browser:
        assert (await ok(await browser.post("/segments/preview", json=paid)))["count"] == 0
    async with running.browser("maya") as browser:
        assert (await ok(await browser.post("/segments/preview", json=paid)))["count"] == 1


async def test_segments_know_who_did_what_and_who_has_not(running: Running) -> None:
    day = 60 * 24
    await take(
        running,
        did("Paid", external_id="u-1", minutes_ago=2 * day),
        did("Paid", external_id="u-2", minutes_ago=40 * day),
        did("Left", external_id="u-3"),
    )

    async def total(operator: str, value: float | None = None) -> int:
        one = {"field": "did", "operator": operator, "activity": "Paid", "value": value}
        async with running.browser("maya") as browser:
            body = {"match": "all", "conditions": [one]}
            found: int = (await ok(await browser.post("/segments/preview", json=body)))["count"]
            return found

    assert await total("within_days", 7) == 1
    assert await total("within_days", 60) == 2
    assert await total("not_within_days", 7) == 2
    assert await total("is_set") == 2
    assert await total("is_empty") == 1
