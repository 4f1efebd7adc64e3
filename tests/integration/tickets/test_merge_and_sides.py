"""Merges and side conversations on real MongoDB: lists, counts, late messages, links, undo; and what stays hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.tickets.bulk import Bulk
from services.tickets.news import TicketNews
from services.tickets.outbox import Outbox
from shared.contracts.common import Actor, Address, Handle, Message
from shared.contracts.deliveries import DeliverySent
from shared.contracts.ingest import SideMessageReceived
from shared.contracts.routing import AddTags, AssignTeam, SetPriority, SetState, WriteNote
from shared.ids import random_id
from shared.signing import Visitor
from shared.topics import DELIVERIES
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received
from tests.integration.tickets.test_automation import MACRO, decision, handlers, macro

KEPT, GONE = conversation_id("kept"), conversation_id("gone")
SECRET = "between-us-and-the-warehouse"
DOCK = {"address": "dock@warehouse.example", "name": "Dock 4"}


@pytest.fixture
async def desk(running: Running) -> Running:
    await say(running, "kept", "The lid is broken.", sender="ada@example.org")
    await say(running, "gone", "And the pan is missing.", sender="ada@work.example")
    return running


async def say(running: Running, conversation: str, text: str, **fields: Any) -> None:
    await running.handlers.on_batch([received(message(conversation, text, **fields))])


async def post(browser: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await browser.post(path, json=body)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def merge(browser: httpx.AsyncClient, gone: str = GONE, kept: str = KEPT, **body: Any) -> dict[str, Any]:
    return await post(browser, f"/conversations/{gone}/merge", into_id=kept, **body)


async def head(browser: httpx.AsyncClient, conversation: str) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get(f"/conversations/{conversation}")).json()["head"]
    return found


async def listed(browser: httpx.AsyncClient, **query: str) -> set[str]:
    page = (await browser.get("/conversations", params={"status": "all", **query})).json()
    assert page["total"] == len(page["items"])
    return {one["head"]["id"] for one in page["items"]}


async def types(browser: httpx.AsyncClient, conversation: str) -> list[str]:
    items = (await browser.get(f"/conversations/{conversation}/timeline")).json()["items"]
    return [one["type"] for one in items]


async def texts(desk: Running, conversation: str) -> list[str]:
    """What customers wrote, of all that stands in its log."""
    async with desk.browser("lead") as browser:
        items = (await browser.get(f"/conversations/{conversation}/timeline")).json()["items"]
    return [one["data"]["message"]["text"] for one in items if one["data"].get("message")]


async def test_a_merged_conversation_is_in_no_list_and_no_count(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        assert await listed(browser) == {KEPT, GONE}
        answer = await merge(browser, subject="Lid and pan")
        assert (answer["head"]["id"], answer["head"]["subject"]) == (KEPT, "Lid and pan")
        assert answer["head"]["merged_ids"] == [GONE]
        for query in ({}, {"brand": "paleo-hacks"}, {"status": "closed"}, {"channel": "email"}, {"assignee": "none"}):
            assert GONE not in await listed(browser, **query), query
        counts = (await browser.get("/inboxes")).json()["counts"]
        assert (counts["all"], counts["unassigned"]) == (1, 1)
        there = await head(browser, GONE)
        assert (there["merged_into"], there["status"]) == (KEPT, "closed")


async def test_what_comes_later_for_the_merged_one_goes_to_the_kept_one_once(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        await merge(browser)
        await post(browser, f"/conversations/{KEPT}/close")
    late = received(message("gone", "Any news?", sender="ada@work.example"))
    await desk.handlers.on_batch([late])
    await desk.handlers.on_batch([late])
    assert await texts(desk, KEPT) == ["The lid is broken.", "Any news?"]
    assert await texts(desk, GONE) == ["And the pan is missing."]
    async with desk.browser("lead") as browser:
        there = await head(browser, KEPT)
        assert (there["status"], there["waiting_since"] is not None) == ("open", True)
        assert there["participants"]["to"][0]["address"] == "ada@work.example"


async def test_what_became_of_the_merged_ones_own_messages_stays_with_them(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        sent = await post(browser, f"/conversations/{GONE}/reply", html="<p>On its way.</p>")
        entry_id = sent["events"][0]["data"]["message"]["entry_id"]
        await merge(browser)
        told = DeliverySent(
            delivery_id="d", conversation_id=GONE, entry_id=entry_id, seq=1, at=desk.store.clock(), attempt=1
        )
        await desk.handlers.on_batch([received(told, topic=DELIVERIES)])
        assert (await types(browser, GONE))[-1] == "DeliveryUpdated"
        assert (await types(browser, KEPT))[-1] == "MergeReceived"


async def test_commands_on_either_id_work_and_a_screen_that_is_behind_is_told(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        await merge(browser)
        tagged = await post(browser, f"/conversations/{GONE}/tags", add=["lid"])
        assert (tagged["head"]["id"], tagged["head"]["tags"]) == (KEPT, ["lid"])
        behind = await browser.post(f"/conversations/{GONE}/reply", json={"html": "<p>x</p>", "seen_seq": 1})
        assert (behind.status_code, behind.json()["code"]) == (409, "newer_message")
        again = await browser.post(f"/conversations/{GONE}/merge", json={"into_id": KEPT})
        assert (again.status_code, again.json()["code"]) == (409, "already_merged")


async def test_the_same_merge_sent_again_changes_nothing(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        keyed = {"Idempotency-Key": "once"}
        path, body = f"/conversations/{GONE}/merge", {"into_id": KEPT}
        first, second = [await browser.post(path, json=body, headers=keyed) for _ in range(2)]
        assert (first.status_code, second.status_code) == (200, 200), second.text
        assert first.json()["head"]["seq"] == second.json()["head"]["seq"]


async def test_undone_both_stand_as_before_until_somebody_touched_it(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        before = [await head(browser, one) for one in (KEPT, GONE)]
        await merge(browser, subject="Both")
        await post(browser, f"/conversations/{KEPT}/follow", follow=True)  # nobody is kept from undoing by that
        await post(browser, f"/conversations/{GONE}/unmerge")
        now = [await head(browser, one) for one in (KEPT, GONE)]
        changing = {"seq", "activity", "last_activity_at", "followers", "assigned_seq"}
        for was, is_ in zip(before, now, strict=True):
            assert {k: v for k, v in is_.items() if k not in changing} == {
                k: v for k, v in was.items() if k not in changing
            }
        assert await listed(browser) == {KEPT, GONE}

        await merge(browser)
        await post(browser, f"/conversations/{KEPT}/tags", add=["x"])
        refused = await browser.post(f"/conversations/{GONE}/unmerge")
        assert (refused.status_code, refused.json()["code"]) == (409, "touched_since")
        alone = await browser.post(f"/conversations/{KEPT}/unmerge")
        assert (alone.status_code, alone.json()["code"]) == (409, "not_merged")


async def test_what_rules_did_since_is_undone_with_it_but_no_answer_to_the_customer(desk: Running) -> None:
    desk.tickets.directory.learn(MACRO)
    did = (
        AddTags(tags=("merged",)),
        SetPriority(priority=True),
        AssignTeam(team_id="email-support"),
        WriteNote(id=random_id(), text="Was two."),
        SetState(state="closed"),
    )
    async with desk.browser("lead") as browser:
        before = await head(browser, KEPT)
        await merge(browser)
        await handlers(desk).on_batch([decision("kept", *did)])
        there = await head(browser, KEPT)
        assert (there["tags"], there["team_id"], there["status"]) == (["merged"], "email-support", "closed")
        await post(browser, f"/conversations/{GONE}/unmerge")
        now = await head(browser, KEPT)
        told = ("status", "tags", "priority", "team_id", "merged_ids", "preview")
        assert [now[one] for one in told] == [before[one] for one in told]
        assert "NoteAdded" in await types(browser, KEPT)

        await merge(browser)
        await handlers(desk).on_batch([decision("kept", macro())])
        refused = await browser.post(f"/conversations/{GONE}/unmerge")
        assert (refused.status_code, refused.json()["code"]) == (409, "touched_since")


async def test_a_merge_of_merges_is_one_conversation(desk: Running) -> None:
    await say(desk, "third", "And where is my money?")
    third = conversation_id("third")
    async with desk.browser("lead") as browser:
        await merge(browser)
        await merge(browser, gone=KEPT, kept=third)
        await say(desk, "gone", "Hello?", sender="ada@work.example")
        assert await texts(desk, third) == ["And where is my money?", "Hello?"]
        assert (await head(browser, third))["merged_ids"] == [KEPT, GONE]
        early = await browser.post(f"/conversations/{GONE}/unmerge")
        assert (early.status_code, early.json()["code"]) == (409, "touched_since")


async def test_only_leads_merge_and_only_what_they_see(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        refused = await browser.post(f"/conversations/{GONE}/merge", json={"into_id": KEPT})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    await desk.narrow("earth-echo")
    await say(desk, "theirs", "Hello.", brand_id="earth-echo")
    theirs = conversation_id("theirs")
    async with desk.browser("narrow") as browser:
        for gone, kept in ((theirs, KEPT), (KEPT, theirs)):
            refused = await browser.post(f"/conversations/{gone}/merge", json={"into_id": kept})
            assert (refused.status_code, refused.json()["code"]) == (404, "unknown_conversation")
    async with desk.browser("lead") as browser:
        refused = await browser.post(f"/conversations/{theirs}/merge", json={"into_id": KEPT})
        assert (refused.status_code, refused.json()["code"]) == (422, "other_brand")


async def test_a_trackers_news_reaches_a_merged_pair_once(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        made = await post(browser, "/tickets", type_id="tracker", title="Lids break", conversation_id=GONE)
        ticket = made["head"]["id"]
        await post(browser, f"/conversations/{KEPT}/links", ticket_id=ticket)
        await merge(browser)
        await post(browser, f"/tickets/{ticket}/updates", html="<p>New lids are coming.</p>", reply="all")
        news = TicketNews(desk.store, desk.tickets.desk, desk.tickets.message_ids)
        while rows := await desk.store.tickets.news.find().to_list(None):
            await news.on_due(rows)
        told = await types(browser, KEPT)
        assert (told.count("LinkProgressed"), told.count("ReplySent")) == (1, 1)
        assert "LinkProgressed" not in await types(browser, GONE)
        linked = (await browser.get(f"/tickets/{ticket}/conversations")).json()["items"]
        assert [one["id"] for one in linked] == [KEPT]


async def test_a_reply_that_was_held_leaves_to_whom_it_was_written(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        await post(browser, f"/conversations/{GONE}/reply", html="<p>We look.</p>", hold=True)
        await merge(browser)
    outbox = Outbox(desk.store, desk.tickets.desk, desk.tickets.message_ids)
    await outbox.on_due(await desk.store.outbox.rows.find().to_list(None))
    async with desk.browser("lead") as browser:
        items = (await browser.get(f"/conversations/{KEPT}/timeline")).json()["items"]
        [sent] = [one["data"]["message"] for one in items if one["type"] == "ReplySent"]
        assert [one["address"] for one in sent["to"]] == ["ada@work.example"]


async def test_a_draft_goes_on_in_the_kept_one(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        draft = {"box": "reply", "html": "<p>Dear Ada</p>", "rev": 0}
        written = await browser.put(f"/conversations/{GONE}/drafts", json=draft)
        assert written.is_success, written.text
        async with desk.browser("lead") as lead:
            await merge(lead)
        assert "Dear Ada" in (await browser.get(f"/conversations/{KEPT}/drafts")).text


async def test_a_bulk_action_names_what_was_merged(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        await merge(browser)
        job = await post(browser, "/bulk", action={"kind": "close"}, ids=[KEPT, GONE])
        await Bulk(desk.store, desk.tickets.desk).on_due([{"_id": job["id"]}])
        done = (await browser.get(f"/bulk/{job['id']}")).json()
        assert (done["changed"], [one["code"] for one in done["failures"]]) == (1, ["merged"])


async def test_following_is_a_list_of_ones_own(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        await post(browser, f"/conversations/{KEPT}/follow", follow=True)
        assert await listed(browser, inbox="following") == {KEPT}
        assert (await browser.get("/inboxes")).json()["counts"]["following"] == 1
        await post(browser, f"/conversations/{KEPT}/follow", follow=False)
        assert await listed(browser, inbox="following") == set()
        assert (await browser.get("/inboxes")).json()["counts"]["following"] == 0


# ── side conversations ───────────────────────────────────────────────────────────────────────────
async def begin(browser: httpx.AsyncClient, conversation: str = KEPT) -> dict[str, Any]:
    body = {"to": [DOCK], "subject": f"Parcel {SECRET}", "html": f"<p>Where is it? {SECRET}</p>"}
    found: dict[str, Any] = (await post(browser, f"/conversations/{conversation}/sides", **body))["head"]["sides"][-1]
    return found


def answer(side_id: str, conversation: str = KEPT) -> SideMessageReceived:
    sender = Handle(kind="email", value=DOCK["address"], name=DOCK["name"])
    said = Message(
        entry_id=random_id(),
        direction="in",
        author=Actor(kind="outside", name=DOCK["name"]),
        sender=sender,
        text=f"On Friday. {SECRET}",
        cc=(Address(address="ada@example.org"),),
        message_id="<w1@warehouse.example>",
        received_at=datetime.now(UTC),
    )
    return SideMessageReceived(
        input_id=random_id(),
        conversation_id=conversation,
        side_id=side_id,
        brand_id="paleo-hacks",
        account="support@paleo-hacks.example",
        sender=sender,
        message=said,
    )


async def test_an_answer_comes_back_into_its_side_once_and_makes_nobody_a_contact(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        side = await begin(browser)
        people = await desk.store.contacts.count_documents({})
        heard = received(answer(side["id"]))
        await desk.handlers.on_batch([heard])
        await desk.handlers.on_batch([heard])
        found = (await browser.get(f"/conversations/{KEPT}/sides/{side['id']}")).json()
        assert [one["type"] for one in found["items"]] == ["SideStarted", "SideReplyReceived"]
        assert (found["side"]["last_from"], found["side"]["cc"]) == ("them", [])
        assert await desk.store.contacts.count_documents({}) == people
        again = await post(browser, f"/conversations/{KEPT}/sides/{side['id']}/reply", html="<p>Thanks.</p>")
        mail = again["events"][0]["data"]["mail"]
        assert [one["address"] for one in (*mail["to"], *mail["cc"])] == [DOCK["address"]]
        assert mail["references"][-1] == "<w1@warehouse.example>"


async def test_an_answer_to_a_side_of_a_merged_conversation_comes_to_the_kept_one(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        side = await begin(browser, GONE)
        await merge(browser)
        await desk.handlers.on_batch([received(answer(side["id"], GONE))])
        found = (await browser.get(f"/conversations/{KEPT}/sides/{side['id']}")).json()
        assert [one["type"] for one in found["items"]] == ["SideStarted", "SideReplyReceived"]


async def test_the_customer_is_no_recipient_whichever_address_is_tried(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        contact = (await head(browser, KEPT))["contact_id"]
        changed = await browser.patch(
            f"/contacts/{contact}", json={"emails": ["ada@example.org", "ada@second.example"], "seq": 1}
        )
        addresses = ["ADA@example.org", *(["ada@second.example"] if changed.is_success else [])]
        for address in addresses:
            body = {"to": [{"address": address}], "subject": "x", "html": "<p>x</p>"}
            refused = await browser.post(f"/conversations/{KEPT}/sides", json=body)
            assert (refused.status_code, refused.json()["code"]) == (422, "is_the_customer"), address


async def test_a_visitor_and_a_reply_never_show_a_side_conversation(desk: Running) -> None:
    await say(desk, "chat", "Hello", channel="chat", sender="v1")
    chat = conversation_id("chat")
    async with desk.browser("maya") as browser:
        side = await begin(browser, chat)
        await desk.handlers.on_batch([received(answer(side["id"], chat))])
        replied = await post(browser, f"/conversations/{chat}/reply", html="<p>On Friday.</p>")
        assert SECRET not in str(replied["events"])
        await begin(browser, KEPT)
        mailed = await post(browser, f"/conversations/{KEPT}/reply", html="<p>On Friday.</p>")
        said = str(mailed["events"])
        assert SECRET not in said
        assert "<s." not in said, "the customer's mail quotes no side mail"
    token = desk.tickets.signer.visitor_token(Visitor("v1", "paleo-hacks"), desk.store.clock() + timedelta(minutes=5))
    async with desk.browser() as visitor:
        seen = await visitor.get("/messenger/conversations", headers={"Authorization": f"Bearer {token}"})
    assert "On Friday." in seen.text
    assert SECRET not in seen.text


async def test_a_visitor_keeps_their_chat_after_a_merge(desk: Running) -> None:
    for name in ("chat one", "chat two"):
        await say(desk, name, f"This is {name}", channel="chat", sender="v1")
    async with desk.browser("lead") as browser:
        await merge(browser, conversation_id("chat one"), conversation_id("chat two"))
    token = desk.tickets.signer.visitor_token(Visitor("v1", "paleo-hacks"), desk.store.clock() + timedelta(minutes=5))
    async with desk.browser() as visitor:
        seen = await visitor.get("/messenger/conversations", headers={"Authorization": f"Bearer {token}"})
    assert "This is chat one" in seen.text
    assert "This is chat two" in seen.text
