"""Contacts over HTTP and in MongoDB: edited, found in any notation, merged and taken apart, blocked, in segments."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import httpx
import pytest

from services.tickets.demo.conversations import write_conversations
from services.tickets.model.contact import handle_key
from services.tickets.store.contacts import ContactQuery, find_contacts
from services.tickets.store.documents import read_contact
from shared.contracts.common import Handle
from shared.contracts.contacts import Contact
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

BRAND = "paleo-hacks"


async def hear(desk: Running, name: str, address: str, who: str = "", **about: Any) -> Contact:
    """A mail from somebody; the contact it made or met."""
    heard = message(name, sender=address, **about).model_copy(
        update={"sender": Handle(kind="email", value=address, name=who)}
    )
    await desk.handlers.on_batch([received(heard)])
    row = await desk.store.contacts.find_one({"handles": handle_key("email", address)})
    assert row
    return read_contact(row)


async def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def edit(browser: httpx.AsyncClient, contact: Contact | dict[str, Any], **fields: Any) -> httpx.Response:
    known = contact if isinstance(contact, dict) else contact.model_dump()
    return await browser.patch(f"/contacts/{known['id']}", json={"seen_seq": known["seq"], **fields})


async def found(browser: httpx.AsyncClient, text: str) -> list[str]:
    return [one["name"] for one in (await ok(await browser.get("/contacts", params={"q": text})))["items"]]


async def test_a_mail_from_a_secondary_address_finds_the_same_person(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    async with running.browser("maya") as browser:
        after = (await ok(await edit(browser, ada, emails=["ada@example.org", "ADA@work.example"])))["contact"]
        assert after["emails"] == ["ada@example.org", "ada@work.example"]
        again = await hear(running, "two", "ada@work.example", "A. Byron")
        assert again.id == ada.id
        both = await ok(await browser.get(f"/contacts/{ada.id}/conversations"))
        assert {one["id"] for one in both["items"]} == {conversation_id("one"), conversation_id("two")}


async def test_what_is_wrong_is_told_at_its_field(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    eve = await hear(running, "two", "eve@example.org", "Eve")
    async with running.browser("maya") as browser:
        answer = await edit(
            browser,
            ada,
            emails=["ada@example.org", "nonsense", "support@paleohacks.example"],
            phones=["12"],
            time_zone="Mars/Base",
            attributes={"loyalty": "Platinum", "nothing": 1, "birthday": "soon"},
        )
        paths = {one["path"] for one in (await ok(answer, 422))["errors"]}
        handles = {"body.emails.1", "body.emails.2", "body.phones.0"}
        attributes = {"body.attributes.loyalty", "body.attributes.nothing", "body.attributes.birthday"}
        assert paths == {*handles, "body.time_zone", *attributes}
        taken = await ok(await edit(browser, ada, emails=["ada@example.org", "eve@example.org"]), 409)
        assert (taken["code"], taken["existing"]) == ("handle_taken", {"id": eve.id, "name": "Eve"})
        assert taken["errors"][0]["path"] == "body.emails.1"


async def test_concurrent_edits_are_never_lost(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    async with running.browser("maya") as maya, running.browser("leo") as leo:
        await ok(await edit(maya, ada, location="London", attributes={"vip": True}))
        # another field: both stay; the same field: refused with who and what
        await ok(await edit(leo, ada, language="en-GB"))
        lost = await ok(await edit(leo, ada, location="Paris", attributes={"vip": False}), 409)
        assert (lost["code"], lost["now"]) == ("changed_meanwhile", {"attributes.vip": True, "location": "London"})
        assert "Maya" in lost["detail"]
        # what is so already is no conflict
        await ok(await edit(leo, ada, location="London"))
        after = (await ok(await leo.get(f"/contacts/{ada.id}")))["contact"]
        assert (after["location"], after["language"]) == ("London", "en-GB")


async def test_edits_that_waited_for_a_line_meet_what_others_did_and_not_each_other(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    async with running.browser("maya") as maya, running.browser("leo") as leo:
        # two of her own, made on the same version; each comes twice, as answers are lost
        body, again = {"location": "Bath", "seen_seq": ada.seq}, {"location": "London", "seen_seq": ada.seq}
        for key, told in (("k1", body), ("k1", body), ("k2", again), ("k2", again), ("k1", body)):
            one = await ok(await maya.patch(f"/contacts/{ada.id}", json=told, headers={"Idempotency-Key": key}))
        assert (one["contact"]["location"], one["contact"]["seq"]) == ("London", ada.seq + 2)
        # a colleague's between two of hers is met all the same
        await ok(await edit(leo, one["contact"], location="Paris"))
        lost = await ok(await edit(maya, ada, location="Rome"), 409)
        assert (lost["code"], "Leo" in lost["detail"]) == ("changed_meanwhile", True)


async def test_an_edit_of_one_who_was_merged_meanwhile_is_never_written_over_the_other(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    dup = await hear(running, "two", "ada@work.example", "Ada B.")
    async with running.browser("maya") as maya, running.browser("leo") as leo:
        for location in ("Bath", "Leeds", "York"):
            seen = (await ok(await maya.get(f"/contacts/{dup.id}")))["contact"]
            seen = (await ok(await edit(maya, seen, location=location)))["contact"]
        await ok(await edit(leo, ada, location="London"))
        merged = (await ok(await leo.post(f"/contacts/{ada.id}/merge", json={"contact_id": dup.id})))["contact"]
        assert merged["seq"] <= seen["seq"]
        lost = await ok(await edit(maya, seen, location="Rome"), 409)
        assert (lost["code"], lost["now"]) == ("changed_meanwhile", {"location": "London"})


async def test_people_are_found_by_name_address_and_number_in_any_notation(running: Running) -> None:
    one = await hear(running, "one", "siobhan.nd@example.ie", "Siobhán Ní Dhomhnaill")
    two = await hear(running, "two", "yael@example.co.il", "יעל בן־דוד")
    async with running.browser("maya") as browser:
        await ok(await edit(browser, one, phones=["(310) 555-0142", "+353 (0)91 555 123"]))
        await ok(await edit(browser, two, phones=["+49 30 12345678"]))
        for text in ("siobhan", "NÍ dhom", "dhomhnaill sio", "siobhan.nd@ex", "@example.ie", "nd"):
            assert await found(browser, text) == ["Siobhán Ní Dhomhnaill"], text
        for text in ("310 555 0142", "+1 (310) 555-0142", "0013105550142", "555-0142", "+1310555", "091 555123"):
            assert await found(browser, text) == ["Siobhán Ní Dhomhnaill"], text
        for text in ("030 12345678", "+49-30-12345678", "0049 30 123", "יעל", "٠٣٠١٢٣٤٥٦٧٨"):
            assert await found(browser, text) == ["יעל בן־דוד"], text
        assert await found(browser, "nobody") == await found(browser, ".*") == await found(browser, "$where") == []


async def test_a_list_comes_in_pages_each_once_and_in_order(running: Running) -> None:
    for n in range(25):
        await hear(running, f"p{n}", f"p{n}@example.org", f"Person {n % 5} {n}")
    async with running.browser("maya") as browser:
        for sort, key in (("name", "name"), ("newest", "created_at")):
            names, cursor = [], ""
            while cursor is not None:
                asked = {"sort": sort, "limit": "7", **({"cursor": cursor} if cursor else {})}
                page = await ok(await browser.get("/contacts", params=asked))
                names += [one[key] for one in page["items"]]
                cursor = page["next_cursor"]
            assert len(names) == 25
            if sort == "name":
                assert names == sorted(names, key=str.casefold)
            else:
                times = [datetime.fromisoformat(one) for one in names]
                assert times == sorted(times, reverse=True)
        for cursor in ("x", "W10", "WyJuYW1lX2tleSIsMSwieCJd"):
            assert (await browser.get("/contacts", params={"cursor": cursor})).status_code == 422


async def test_merged_contacts_are_one_and_two_again(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    dup = await hear(running, "two", "ada@work.example", "A Byron")
    async with running.browser("maya") as browser:
        dup_now = (await ok(await edit(browser, dup, location="London", attributes={"vip": True})))["contact"]
        await ok(await browser.post(f"/contacts/{dup.id}/notes", json={"text": "Likes tea"}))
        merged = await ok(await browser.post(f"/contacts/{ada.id}/merge", json={"contact_id": dup.id}))
        assert merged["contact"]["emails"] == ["ada@example.org", "ada@work.example"]
        assert (merged["contact"]["location"], merged["contact"]["name"]) == ("London", "Ada Byron")
        assert [one["id"] for one in merged["merged"]] == [dup.id]
        # either id shows the one, both pasts, both conversations; and new mail comes to it
        assert (await ok(await browser.get(f"/contacts/{dup.id}")))["contact"]["id"] == ada.id
        past = [one["type"] for one in (await ok(await browser.get(f"/contacts/{ada.id}/timeline")))["items"]]
        assert past.count("ContactsMerged") == 1
        assert "ContactNoted" in past
        assert (await hear(running, "three", "ada@work.example")).id == ada.id
        talks = await ok(await browser.get(f"/contacts/{dup.id}/conversations"))
        assert len(talks["items"]) == 3
        assert await found(browser, "ada@work") == ["Ada Byron"]
        again = await browser.post(f"/contacts/{ada.id}/merge", json={"contact_id": dup.id})
        assert again.status_code == 422
        # apart: everything as before, and mail finds the right one
        apart = await ok(await browser.post(f"/contacts/{ada.id}/unmerge", json={"contact_id": dup.id}))
        assert (apart["contact"]["emails"], apart["contact"]["location"]) == (["ada@example.org"], "")
        back = (await ok(await browser.get(f"/contacts/{dup.id}")))["contact"]
        same = ("emails", "location", "name", "attributes", "brand_ids", "created_at")
        assert {name: back[name] for name in same} == {name: dup_now[name] for name in same}
        assert (await hear(running, "four", "ada@work.example")).id == dup.id
        assert (await browser.post(f"/contacts/{ada.id}/unmerge", json={"contact_id": dup.id})).status_code == 409


async def test_twenty_merges_at_once_are_one(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org")
    dup = await hear(running, "two", "ada@work.example")
    async with running.browser("maya") as browser:
        asked = [browser.post(f"/contacts/{ada.id}/merge", json={"contact_id": dup.id}) for _ in range(20)]
        codes = sorted(one.status_code for one in await asyncio.gather(*asked))
    assert codes == [200, *[422] * 19]


async def test_a_blocked_sender_wakes_nobody_and_arrives_again_after(running: Running) -> None:
    eve = await hear(running, "one", "eve@example.org", "Eve")
    async with running.browser("maya") as browser:
        await ok(await browser.post(f"/conversations/{conversation_id('one')}/close"))
        assert (await browser.post(f"/contacts/{eve.id}/block", json={"reason": " "})).status_code == 422
        await ok(await browser.post(f"/contacts/{eve.id}/block", json={"reason": "Threats"}))
        await hear(running, "one", "eve@example.org")
        await hear(running, "two", "eve@example.org")
        for name in ("one", "two"):
            head = (await ok(await browser.get(f"/conversations/{conversation_id(name)}")))["head"]
            assert (head["spam"], head["waiting_since"]) == (True, None), name
        assert head["status"] == "open"
        closed = (await ok(await browser.get(f"/conversations/{conversation_id('one')}")))["head"]
        assert (closed["status"], closed["message_count"]) == ("closed", 2)
        items = (await ok(await browser.get(f"/conversations/{conversation_id('two')}/timeline")))["items"]
        assert [one["type"] for one in items] == ["ConversationStarted", "SpamMarked"]
        assert items[1]["data"]["reason"] == "The sender is blocked: Threats"
        await ok(await browser.post(f"/contacts/{eve.id}/unblock"))
        await hear(running, "three", "eve@example.org")
        head = (await ok(await browser.get(f"/conversations/{conversation_id('three')}")))["head"]
        assert not head["spam"]
        assert head["waiting_since"]


async def test_segments_hold_who_fits_and_refuse_what_means_nothing(running: Running) -> None:
    await write_conversations(running.store, "a secret for tests, of forty characters.")
    async with running.browser("maya") as browser:
        people = [read_contact(row) for row in await running.store.contacts.find().to_list(None)]
        listed = await ok(await browser.get("/segments"))
        assert listed["all"] == {"count": len(people), "more": False}
        counts = {one["segment"]["segment_id"]: one["count"] for one in listed["items"]}
        assert counts["no-phone"] == sum(one.kind == "user" and not one.phones for one in people) > 0
        page = await ok(await browser.get("/contacts", params={"segment_id": "no-phone", "limit": "100"}))
        assert len(page["items"]) == counts["no-phone"]
        bad = [
            {"field": "name", "operator": "greater", "value": 1},
            {"field": "created_at", "operator": "before", "value": "soon"},
            {"field": "attribute", "attribute_id": "none", "operator": "is_set"},
            {"field": "blocked", "operator": "is", "value": "yes"},
        ]
        answer = await ok(await browser.put("/segments/bad", json={"name": "Bad", "conditions": bad}), 422)
        assert [one["path"].split(".")[2] for one in answer["errors"]] == ["0", "1", "2", "3"]
        raw = {"name": "Raw", "conditions": [{"field": "$where", "operator": "is", "value": "1"}]}
        assert (await browser.put("/segments/raw", json=raw)).status_code == 422
        mine = {"name": "Poland", "conditions": [{"field": "location", "operator": "contains", "value": "poland"}]}
        await ok(await browser.put("/segments/poland", json=mine))
        there = await ok(await browser.get("/contacts", params={"segment_id": "poland"}))
        assert {one["location"] for one in there["items"]} == {"Łódź, Poland", "Kraków, Poland"}
        await ok(await browser.delete("/segments/poland"))
        assert (await browser.get("/contacts", params={"segment_id": "poland"})).status_code == 404


async def test_a_segment_is_changed_by_who_made_it_and_by_admins(running: Running) -> None:
    body = {"name": "Ours", "conditions": [{"field": "email", "operator": "is_set"}]}
    async with running.browser("maya") as maya, running.browser("leo") as leo, running.browser("admin") as admin:
        await ok(await maya.put("/segments/ours", json=body))
        refused = await ok(await leo.put("/segments/ours", json=body), 403)
        assert "Maya" in refused["detail"]
        assert (await leo.delete("/segments/ours")).status_code == 403
        await ok(await admin.put("/segments/ours", json={**body, "name": "All of ours"}))
        await ok(await maya.delete("/segments/ours"))


async def test_a_repeated_command_changes_nothing_more(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org")
    eve = await hear(running, "two", "eve@example.org")
    async with running.browser("maya") as browser:
        once = {"Idempotency-Key": "k1"}
        for _ in range(2):
            await ok(await browser.post(f"/contacts/{ada.id}/notes", json={"text": "Tea"}, headers=once))
        past = (await ok(await browser.get(f"/contacts/{ada.id}/timeline")))["items"]
        assert [one["type"] for one in past] == ["ContactNoted", "ContactCreated"]
        other = await browser.post(f"/contacts/{eve.id}/notes", json={"text": "Tea"}, headers=once)
        assert (other.status_code, other.json()["code"]) == (409, "key_used")
        elsewhere = f"/conversations/{conversation_id('one')}/note"
        other = await browser.post(elsewhere, json={"html": "<p>Tea</p>"}, headers=once)
        assert (other.status_code, other.json()["code"]) == (409, "key_used")
        made = [
            await ok(await browser.post("/contacts", json={"brand_id": BRAND, "name": "Bo"}, headers=once), 201)
            for once in ({"Idempotency-Key": "k2"},) * 2
        ]
        assert made[0] == made[1]


async def test_conversations_have_attributes_of_their_own(running: Running) -> None:
    await hear(running, "one", "ada@example.org")
    path = f"/conversations/{conversation_id('one')}/attributes"
    async with running.browser("maya") as browser:
        entered = {"order": "1001", "cause": "Carrier"}
        head = (await ok(await browser.post(path, json={"attributes": entered})))["head"]
        assert {one["id"]: one["value"] for one in head["attributes"]} == entered
        await ok(await browser.post(path, json={"attributes": {"cause": None}}))
        late = {"attributes": {"order": "1003"}, "seen": {"order": "1002"}}
        lost = await ok(await browser.post(path, json=late), 409)
        assert (lost["code"], "1001" in lost["detail"]) == ("changed_meanwhile", True)
        await ok(await browser.post(path, json={**late, "seen": {"order": "1001"}}))
        wrong = await ok(await browser.post(path, json={"attributes": {"cause": "Gremlins", "loyalty": "Gold"}}), 422)
        assert {one["path"] for one in wrong["errors"]} == {"body.attributes.cause", "body.attributes.loyalty"}


async def test_who_works_for_another_brand_sees_nothing_of_it(running: Running) -> None:
    ada = await hear(running, "one", "ada@example.org", "Ada Byron")
    await running.narrow("earth-echo")
    async with running.browser("narrow") as browser:
        assert (await browser.get(f"/contacts/{ada.id}")).status_code == 404
        assert await found(browser, "ada") == []
        assert (await ok(await browser.get("/contacts")))["items"] == []
        made = await ok(await browser.post("/contacts", json={"brand_id": "earth-echo", "name": "Bo"}), 201)
        taken = await ok(await edit(browser, made["contact"], emails=["ada@example.org"]), 409)
        assert "Ada" not in str(taken)
        assert ada.id not in str(taken)
        other = await browser.post(f"/contacts/{made['contact']['id']}/merge", json={"contact_id": ada.id})
        assert other.status_code == 404


@pytest.mark.parametrize("sort", ["name", "newest"])
async def test_lists_and_lookups_are_answered_by_an_index(running: Running, sort: Any) -> None:
    """A million contacts must not be scanned: no stage reads the collection, none sorts in memory."""
    await hear(running, "one", "ada@example.org")
    collection = running.store.contacts
    await find_contacts(collection, ContactQuery(sort=sort), cursor=None, limit=5)
    by = {"name": "name_key", "newest": "created_at"}[sort]
    for wanted, order in (
        ({"facets": "all"}, [(by, 1), ("_id", 1)]),
        ({"$or": [{"_id": "x"}, {"merged_ids": "x"}]}, None),
        ({"handles": "email:x"}, None),
        ({"facets": "all", "last_purchase_at": {"$gte": running.store.clock()}}, None),
        ({"attributes": {"$elemMatch": {"id": "a", "value": "b"}}}, None),
        ({"talked": {"$in": ["a|tag:vip", "b|tag:vip"]}}, None),
        ({"talks": {"$elemMatch": {"place": {"$in": [""]}, "last_wrote": {"$gte": "2026-01-01"}}}}, None),
    ):
        asked = collection.find(wanted)
        plan = str((await (asked.sort(order) if order else asked).explain())["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan, wanted
        assert "'SORT'" not in plan, wanted
