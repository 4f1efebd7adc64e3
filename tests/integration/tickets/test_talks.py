"""Segments over conversations: at every moment what counting all conversations anew would say, whoever is merged and
taken apart meanwhile, and of what the asker may see alone."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from services.tickets.demo.conversations import write_conversations
from services.tickets.model.talks import ALL
from services.tickets.store.talk_work import read_facts
from shared import clock
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received
from tests.integration.tickets.test_contacts import hear, ok

SECRET = "a secret for tests, of forty characters."
DAYS = ("first_wrote", "last_wrote", "last_answered")
WROTE = ("CustomerReplied", "ConversationStarted", "ReplySent")
Anew = dict[str, dict[str, dict[str, Any]]]
"""By contact and place: counts by key, and days by name."""


async def counted_anew(desk: Running) -> Anew:
    """Slowly, from all conversations and the whole log."""
    people = await desk.store.contacts.find().to_list(None)
    stands_for = {merged: one["_id"] for one in people for merged in one["merged_ids"]}
    found: Anew = {one["_id"]: {} for one in people if one["merged_into"] is None}
    person: dict[str, str] = {}

    def there(contact_id: str, brand_id: str) -> list[dict[str, Any]]:
        places = found[stands_for.get(contact_id, contact_id)]
        return [places.setdefault(one, {"counts": Counter()}) for one in (ALL, brand_id)]

    for row in await desk.store.conversations.find().to_list(None):
        person[row["_id"]] = row["contact_id"]
        if row["spam"] or row["merged_into"]:
            continue
        keys = {"conversations", f"channel:{row['channel']}", f"brand:{row['brand_id']}"}
        keys |= {f"tag:{tag}" for tag in row["tags"]} | ({f"topic:{row['topic']}"} if row["topic"] else set())
        keys |= {"unclosed"} if row["status"] in ("open", "snoozed") else set()
        for link in row["links"]:
            keys |= {f"ticket_type:{link['type_id']}"} if link["kind"] in ("ticket", "tracker") else set()
            keys |= {"open_ticket"} if link["kind"] == "ticket" and link["state"] != "resolved" else set()
        for one in there(row["contact_id"], row["brand_id"]):
            one["counts"].update(keys)
    for row in await desk.store.log.rows.find({"topic": "tickets.conversations.v1"}).to_list(None):
        name, value, day = row["type"].split(".")[2], json.loads(row["value"]), row["at"].date().isoformat()
        by = value["by"]["kind"]
        if name not in WROTE or (name == "ReplySent" and by != "agent"):
            continue
        if name == "ConversationStarted" and by != "customer":
            continue
        for one in there(person[row["aggregate_id"]], value["head"]["brand_id"]):
            if name == "ReplySent":
                one["last_answered"] = max(one.get("last_answered", ""), day)
            else:
                one["first_wrote"] = min(one.get("first_wrote", day), day)
                one["last_wrote"] = max(one.get("last_wrote", ""), day)
    return {
        contact_id: {
            place: {"counts": dict(one["counts"]), **{name: one.get(name, "") for name in DAYS}}
            for place, one in places.items()
            if one["counts"] or len(one) > 1
        }
        for contact_id, places in found.items()
    }


async def kept(desk: Running) -> Anew:
    rows = await desk.store.contacts.find({"merged_into": None}).to_list(None)
    return {
        row["_id"]: {
            place: {"counts": dict(one.counts), **{name: getattr(one, name) for name in DAYS}}
            for place, one in read_facts(row["talks"]).items()
        }
        for row in rows
    }


async def test_the_demos_conversations_are_counted_as_counting_them_anew_says(running: Running) -> None:
    await write_conversations(running.store, SECRET)
    assert await kept(running) == await counted_anew(running)


async def test_whatever_happens_in_whatever_order_it_stays_what_counting_anew_says(running: Running) -> None:
    """Mails, answers, tags, spam, closing, merged conversations, merged contacts and those taken apart, at random, on
    days of one week in any order."""
    chance = random.Random(7)
    today = clock.now()
    running.store.clock = lambda: today + timedelta(days=chance.randrange(7))
    names = ["ada", "bo", "cy", "di"]
    ids = {name: (await hear(running, f"{name}-0", f"{name}@home.example", name)).id for name in names}
    talks = [f"{name}-0" for name in names]
    async with running.browser("lead") as lead:

        async def act() -> httpx.Response | None:
            n, one = len(talks), conversation_id(chance.choice(talks))
            match chance.randrange(9):
                case 0:
                    name = chance.choice(names)
                    brand = chance.choice(["paleo-hacks", "earth-echo"])
                    talks.append(f"{name}-{n}")
                    await hear(running, f"{name}-{n}", f"{name}@home.example", name, brand_id=brand)
                    return None
                case 1:
                    again = chance.choice(talks)
                    brand = (await running.store.conversations.find_one({"_id": conversation_id(again)}) or {})[
                        "brand_id"
                    ]
                    sender = f"{again.split('-')[0]}@home.example"
                    await running.handlers.on_batch([received(message(again, sender=sender, brand_id=brand))])
                    return None
                case 2:
                    return await lead.post(
                        f"/conversations/{one}/reply", json={"html": "<p>Yes</p>", "seen_seq": 10**6}
                    )
                case 3:
                    return await lead.post(f"/conversations/{one}/{chance.choice(['close', 'reopen'])}", json={})
                case 4:
                    add, remove = chance.sample(["vip", "late", "a.b|$c"], 2)
                    return await lead.post(f"/conversations/{one}/tags", json={"add": [add], "remove": [remove]})
                case 5:
                    return await lead.post(f"/conversations/{one}/spam", json={"spam": chance.random() < 0.5})
                case 6:
                    into = conversation_id(chance.choice(talks))
                    return await lead.post(f"/conversations/{one}/merge", json={"into_id": into})
                case 7:
                    a, b = chance.sample(list(ids.values()), 2)
                    return await lead.post(f"/contacts/{a}/merge", json={"contact_id": b})
            a, b = chance.sample(list(ids.values()), 2)
            return await lead.post(f"/contacts/{a}/unmerge", json={"contact_id": b})

        done: Counter[str] = Counter()
        for _ in range(250):
            answer = await act()
            if answer is not None and answer.is_success:
                done[answer.request.url.path.rpartition("/")[2]] += 1
            assert await kept(running) == await counted_anew(running)
    # it is not that everything was refused
    assert {"merge", "unmerge", "tags", "close", "spam", "reply"} <= done.keys(), done


async def test_what_comes_at_once_for_one_person_is_all_counted(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada")
    dup = await hear(running, "two", "ada@work.example", "Ada B")

    async def mail(n: int) -> None:
        sender = ("ada@example.org", "ada@work.example")[n % 2]
        await running.handlers.on_batch([received(message(f"more-{n}", sender=sender))])

    async with running.browser("lead") as lead:
        merge = lead.post(f"/contacts/{ada.id}/merge", json={"contact_id": dup.id})
        tags = [lead.post(f"/conversations/{conversation_id('two')}/tags", json={"add": [f"t{n}"]}) for n in range(4)]
        await asyncio.gather(merge, *tags, *(mail(n) for n in range(8)))
    found = await kept(running)
    assert found == await counted_anew(running)
    assert found[ada.id][ALL]["counts"]["conversations"] == 10


async def test_a_segment_has_who_fits_by_their_conversations(running: Running) -> None:
    """Each condition, for who works for all brands and for who works for two, held against counting anew."""
    await write_conversations(running.store, SECRET)
    anew = await counted_anew(running)
    await running.narrow("earth-echo")
    two = frozenset({"earth-echo", "paleo-hacks"})
    agent = running.tickets.directory.agents["narrow"].model_copy(
        update={"agent_id": "two", "email": "two@x.example", "brand_ids": tuple(two)}
    )
    await running.store.directory.put(agent)
    await running.learn()
    today = clock.now().date().isoformat()
    topic = next(one["topic"] for one in await running.store.conversations.find({"topic": {"$ne": None}}).to_list(1))
    tag = next(one["tags"][0] for one in await running.store.conversations.find({"tags": {"$ne": []}}).to_list(1))
    conditions: list[tuple[dict[str, Any], Callable[[Counter[str], dict[str, str]], bool]]] = [
        ({"field": "conversations", "operator": "greater", "value": 1}, lambda n, _: n["conversations"] > 1),
        ({"field": "conversations", "operator": "less", "value": 2}, lambda n, _: n["conversations"] < 2),
        ({"field": "conversations", "operator": "is", "value": 2}, lambda n, _: n["conversations"] == 2),
        ({"field": "unclosed_conversations", "operator": "greater", "value": 0}, lambda n, _: n["unclosed"] > 0),
        ({"field": "unclosed_conversations", "operator": "is", "value": 0}, lambda n, _: n["unclosed"] == 0),
        ({"field": "talked_on_channel", "operator": "is", "value": "phone"}, lambda n, _: n["channel:phone"] > 0),
        ({"field": "talked_on_channel", "operator": "is_not", "value": "email"}, lambda n, _: n["channel:email"] == 0),
        (
            {"field": "talked_with_brand", "operator": "is", "value": "earth-echo"},
            lambda n, _: n["brand:earth-echo"] > 0,
        ),
        ({"field": "talked_about_topic", "operator": "is", "value": topic}, lambda n, _: n[f"topic:{topic}"] > 0),
        ({"field": "talked_with_tag", "operator": "is", "value": tag}, lambda n, _: n[f"tag:{tag}"] > 0),
        ({"field": "open_ticket", "operator": "is", "value": False}, lambda n, _: n["open_ticket"] == 0),
        ({"field": "last_wrote_at", "operator": "before", "value": today}, lambda _, d: "" < d["last_wrote"] < today),
        ({"field": "last_wrote_at", "operator": "after", "value": today}, lambda _, d: d["last_wrote"] >= today),
        ({"field": "first_wrote_at", "operator": "before", "value": today}, lambda _, d: "" < d["first_wrote"] < today),
        ({"field": "first_wrote_at", "operator": "after", "value": today}, lambda _, d: d["first_wrote"] >= today),
        ({"field": "last_answered_at", "operator": "is_empty"}, lambda _, d: not d["last_answered"]),
        ({"field": "last_wrote_at", "operator": "is_set"}, lambda _, d: bool(d["last_wrote"])),
    ]
    seen_by = {"admin": None, "narrow": frozenset({"earth-echo"}), "two": two}
    visible = {one["_id"]: set(one["brand_ids"]) for one in await running.store.contacts.find().to_list(None)}
    for agent_id, brands in seen_by.items():
        async with running.browser(agent_id) as browser:
            for condition, fits in conditions:
                body = {"match": "all", "conditions": [condition]}
                told = await ok(await browser.post("/segments/preview", json=body))
                wanted = sum(
                    fits(*together(places, brands))
                    for contact_id, places in anew.items()
                    if brands is None or visible[contact_id] & brands
                )
                assert told["count"] == wanted, (agent_id, condition)


def together(places: dict[str, dict[str, Any]], brands: frozenset[str] | None) -> tuple[Counter[str], dict[str, str]]:
    """Of the brands that somebody sees; None: of all."""
    parts = [one for place, one in places.items() if (place in brands if brands else place == ALL)]
    counts: Counter[str] = Counter()
    for one in parts:
        counts.update(one["counts"])
    first = min((one["first_wrote"] for one in parts if one["first_wrote"]), default="")
    latest = {name: max((one[name] for one in parts), default="") for name in ("last_wrote", "last_answered")}
    return counts, {"first_wrote": first, **latest}


async def test_who_sees_only_some_conversations_is_told_nothing_by_all_of_them(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada")
    body = {"name": "VIPs", "conditions": [{"field": "talked_with_tag", "operator": "is", "value": "vip"}]}
    async with running.browser("admin") as admin:
        await ok(await admin.put("/segments/vips", json=body))
        role = {"name": "Phone", "permissions": ["contacts.read", "contacts.write", "conversations.read"]}
        await ok(await admin.put("/roles/phone", json={**role, "channels": ["phone"]}))
        await running.learn()
        agent = {"name": "Pho", "email": "pho@x.example", "role_id": "phone"}
        await ok(await admin.put("/agents/pho", json=agent))
        await running.learn()
        await ok(await admin.post(f"/conversations/{conversation_id('one')}/tags", json={"add": ["vip"]}))
        page = await ok(await admin.get("/contacts", params={"segment_id": "vips"}))
        assert [one["id"] for one in page["items"]] == [ada.id]
    async with running.browser("pho") as pho:
        listed = await ok(await pho.get("/segments"))
        assert "vips" not in {one["segment"]["segment_id"] for one in listed["items"]}
        for asked in (
            pho.get("/contacts", params={"segment_id": "vips"}),
            pho.post("/segments/preview", json={"conditions": body["conditions"]}),
            pho.put("/segments/mine", json=body),
        ):
            assert (await ok(await asked, 403))["code"] == "partial_view"
