"""Drafts over HTTP: the same on every device, nobody else's, done with when they are sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from services.tickets.departures import Departures
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

HERE = f"/conversations/{conversation_id(1)}"


async def test_a_draft_is_on_the_agents_other_device_and_on_nobody_elses(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    async with running.browser("maya") as desk, running.browser("maya") as phone, running.browser("leo") as leo:
        assert (await desk.get(f"{HERE}/drafts")).json() == {"items": {}}
        people = {"to": [{"address": "Ada@Example.org", "name": "Ada"}], "cc": [], "bcc": []}
        kept = await desk.put(
            f"{HERE}/drafts", json={"box": "reply", "rev": 0, "html": "<p>Hello</p>", "recipients": people}
        )
        assert kept.json()["rev"] == 1, kept.text
        seen = (await phone.get(f"{HERE}/drafts")).json()["items"]
        assert seen == {"reply": kept.json()}
        assert seen["reply"]["recipients"]["to"] == [{"address": "ada@example.org", "name": "Ada"}]
        assert (await leo.get(f"{HERE}/drafts")).json() == {"items": {}}


async def test_who_did_not_see_the_last_writing_is_told_of_it(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    async with running.browser("maya") as desk, running.browser("maya") as phone:
        first = {"box": "note", "rev": 0, "html": "<p>from the phone</p>"}
        assert (await phone.put(f"{HERE}/drafts", json=first)).json()["rev"] == 1
        assert (await phone.put(f"{HERE}/drafts", json=first)).json()["rev"] == 1, "its answer was lost"
        refused = await desk.put(f"{HERE}/drafts", json={**first, "html": "<p>from the desk</p>", "rev": 7})
        assert (refused.status_code, refused.json()["code"]) == (409, "draft_changed")
        there = refused.json()["existing"]
        assert (there["rev"], there["html"]) == (1, "<p>from the phone</p>")
        mine = await desk.put(f"{HERE}/drafts", json={**first, "html": "<p>from the desk</p>", "rev": there["rev"]})
        assert mine.json()["rev"] == 2


async def test_sending_is_the_end_of_the_draft(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    async with running.browser("maya") as desk, running.browser("maya") as phone:
        for mode in ("reply", "note"):
            await desk.put(f"{HERE}/drafts", json={"box": mode, "rev": 0, "html": f"<p>{mode}</p>"})
        assert (await desk.post(f"{HERE}/reply", json={"html": "<p>reply</p>"})).status_code == 200
        after = (await phone.get(f"{HERE}/drafts")).json()["items"]
        assert (after["reply"]["html"], after["reply"]["rev"], after["note"]["html"]) == ("", 2, "<p>note</p>")
        late = await phone.put(f"{HERE}/drafts", json={"box": "reply", "rev": 1, "html": "<p>reply, and more</p>"})
        assert late.status_code == 409
        assert "sent or thrown away" in late.json()["detail"]
        assert (await desk.post(f"{HERE}/note", json={"html": "<p>note</p>"})).status_code == 200
        assert (await phone.get(f"{HERE}/drafts")).json()["items"]["note"]["html"] == ""


async def test_a_draft_makes_no_event_and_asks_for_the_conversation(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    await running.narrow("earth-echo")
    body: dict[str, Any] = {"box": "reply", "rev": 0, "html": "<p>x</p>"}
    async with running.browser("maya") as maya, running.browser("narrow") as narrow:
        await maya.put(f"{HERE}/drafts", json=body)
        events = (await maya.get(f"{HERE}/timeline")).json()["items"]
        assert [one["type"] for one in events] == ["ConversationStarted"]
        assert (await narrow.get(f"{HERE}/drafts")).status_code == 404
        assert (await narrow.put(f"{HERE}/drafts", json=body)).status_code == 404
        somebody_elses = {**body, "attachments": ["a-file-of-somebody-else"]}
        assert (await maya.put(f"{HERE}/drafts", json=somebody_elses)).json()["code"] == "unknown_file"
        note = {"html": "<p>x</p>", "attachments": ["a-file-of-somebody-else"]}
        assert (await maya.post(f"{HERE}/note", json=note)).json()["code"] == "unknown_file"


async def posted(browser: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await browser.post(path, json=body)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def places(running: Running, lead: httpx.AsyncClient) -> dict[str, tuple[str, str, str, dict[str, Any]]]:
    """Every box beside replies and notes: where its drafts are, its name, and the act that sends it."""
    await running.handlers.on_batch([received(message(1))])
    mail = {"html": "<p>x</p>", "to": [{"address": "depot@goods.example"}]}
    head = (await posted(lead, f"{HERE}/sides", subject="Parcel", **mail))["head"]
    side = head["sides"][0]["id"]
    tracker = (await posted(lead, "/tickets", type_id="tracker", title="The shop is slow"))["head"]["id"]
    named = {"brand_id": "paleo-hacks", "subject": "Hello", **mail}
    report = {"type_id": "tracker", "title": "Another"}
    words = {"html": "<p>x</p>"}
    at_ticket, at_contact = f"/tickets/{tracker}", f"/contacts/{head['contact_id']}"
    attempt = {"attempt": 1, "outcome": "no_answer", "note": "x"}
    return {
        "a side": (HERE, f"side:{side}", f"{HERE}/sides/{side}/reply", words),
        "a new side": (HERE, "side:new", f"{HERE}/sides", {"subject": "Other", **mail}),
        "a call attempt": (HERE, "attempt", f"{HERE}/call-attempts", attempt),
        "a ticket for it": (HERE, "ticket", "/tickets", {**report, "conversation_id": head["id"]}),
        "a comment": (at_ticket, "comment", f"{at_ticket}/comments", words),
        "an update": (at_ticket, "update", f"{at_ticket}/updates", words),
        "a resolution": (at_ticket, "resolve", f"{at_ticket}/state", {"state": "resolved"}),
        "a note about somebody": (at_contact, "note", f"{at_contact}/notes", {"text": "x"}),
        "a new conversation": ("", "new-conversation", "/conversations", named),
        "a new ticket": ("", "new-ticket", "/tickets", report),
    }


async def test_what_is_written_in_any_box_is_everywhere_its_authors_until_it_is_sent(running: Running) -> None:
    async with running.browser("lead") as desk, running.browser("lead") as phone, running.browser("maya") as maya:
        for what, (there, box, act, body) in (await places(running, desk)).items():
            written = {"html": "<p>a</p>", "text": f"of {what}", "fields": {"outcome": "busy", "seen": ["1", "2"]}}
            kept = await desk.put(f"{there}/drafts", json={"box": box, "rev": 0, **written})
            assert kept.status_code == 200, (what, kept.text)
            seen = (await phone.get(f"{there}/drafts")).json()["items"][box]
            assert {name: seen[name] for name in written} == written, what
            assert box not in (await maya.get(f"{there}/drafts")).json()["items"], what
            assert (await maya.put(f"{there}/drafts", json={"box": box, "rev": 0, "text": "mine"})).is_success, what
            other = await phone.put(f"{there}/drafts", json={"box": box, "rev": 0, "text": "from the phone"})
            assert (other.status_code, other.json()["code"]) == (409, "draft_changed"), what
            await posted(desk, act, **body)
            gone = (await phone.get(f"{there}/drafts")).json()["items"][box]
            assert (gone["rev"], gone["html"], gone["text"], gone["fields"]) == (2, "", "", {}), what
            assert (await maya.get(f"{there}/drafts")).json()["items"][box]["text"] == "mine", what


async def test_a_tickets_form_is_a_draft_until_it_is_saved_and_still_one_when_it_is_refused(running: Running) -> None:
    async with running.browser("lead") as desk, running.browser("lead") as phone, running.browser("maya") as maya:
        ticket = (await posted(desk, "/tickets", type_id="tracker", title="The shop is slow"))["head"]
        there, form = f"/tickets/{ticket['id']}/drafts", f"/tickets/{ticket['id']}/fields"
        written = {"title": "The shop is down", "was.title": "The shop is slow"}
        assert (await desk.put(there, json={"box": "form", "rev": 0, "fields": written})).status_code == 200
        body = {"title": "The shop is down", "fields": {}, "seen_seq": ticket["seq"]}
        meanwhile = await maya.put(form, json={**body, "title": "The shop is so slow"})
        assert meanwhile.status_code == 200, meanwhile.text
        assert (await desk.put(form, json=body)).json()["code"] == "changed_meanwhile"
        assert (await phone.get(there)).json()["items"]["form"]["fields"] == written
        saved = await phone.put(form, json={**body, "seen_seq": meanwhile.json()["head"]["seq"]})
        assert saved.json()["head"]["title"] == "The shop is down"
        gone = (await desk.get(there)).json()["items"]["form"]
        assert (gone["rev"], gone["fields"]) == (2, {})


async def test_a_draft_is_kept_where_its_author_may_send_it_and_no_longer_than_a_letter(running: Running) -> None:
    async with running.browser("lead") as lead:
        found = await places(running, lead)
        ticket, contact = found["a comment"][0], found["a note about somebody"][0]
        long = {"text": "x" * 399_990, "fields": {"a": "y" * 11}}
        for refused in ({"box": "comment", **long}, {"box": "reply"}, {"box": "comment", "fields": {"$set": "x"}}):
            assert (await lead.put(f"{ticket}/drafts", json={"rev": 0, **refused})).status_code == 422, str(refused)[
                :40
            ]
        nowhere = await lead.put(f"{HERE}/drafts", json={"box": "side:nowhere", "rev": 0, "html": "x"})
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, "unknown_side")
        assert (await lead.get("/tickets/nothing/drafts")).status_code == 404
    await running.narrow("earth-echo")
    async with running.browser("narrow") as narrow, running.browser("admin") as admin:
        assert (await narrow.get(f"{contact}/drafts")).status_code == 404
        assert (await narrow.put(f"{contact}/drafts", json={"box": "note", "rev": 0})).status_code == 404
        reads = {"name": "Reads", "permissions": ["conversations.read", "tickets.read", "contacts.read"], "seen_seq": 0}
        assert (await admin.put("/roles/reads", json=reads)).is_success
        agent = {"name": "R", "email": "r@x.example", "role_id": "reads", "seen_seq": 0}
        assert (await admin.put("/agents/reader", json=agent)).is_success
        await running.learn()
    async with running.browser("reader") as reader:
        for what, (there, box, _, _) in found.items():
            assert (await reader.get(f"{there}/drafts")).json() == {"items": {}}, what
            put = await reader.put(f"{there}/drafts", json={"box": box, "rev": 0, "text": "x"})
            assert put.status_code == 403, what


async def test_a_note_about_a_duplicate_goes_on_at_the_one_that_stands_for_it(running: Running) -> None:
    await running.handlers.on_batch([received(message(1)), received(message(2, sender="else@home.example"))])
    async with running.browser("lead") as lead:
        kept, gone = [
            (await lead.get(f"/conversations/{conversation_id(n)}")).json()["head"]["contact_id"] for n in (1, 2)
        ]
        await lead.put(f"/contacts/{gone}/drafts", json={"box": "note", "rev": 0, "text": "Likes tea"})
        await posted(lead, f"/contacts/{kept}/merge", contact_id=gone)
        for one in (kept, gone):
            assert (await lead.get(f"/contacts/{one}/drafts")).json()["items"]["note"]["text"] == "Likes tea"


async def test_what_is_written_goes_on_in_the_kept_one_behind_what_is_there(running: Running) -> None:
    await running.handlers.on_batch([received(message(1)), received(message(2))])
    there = f"/conversations/{conversation_id(2)}"
    async with running.browser("lead") as desk:
        for text in ("Of before", ""):
            put = await desk.put(f"{there}/drafts", json={"box": "reply", "rev": 1 - bool(text), "html": text})
            assert put.is_success, put.text
        await desk.put(f"{HERE}/drafts", json={"box": "reply", "rev": 0, "html": "<p>Half a reply</p>"})
        for one, text in ((HERE, "here"), (there, "there")):
            await desk.put(f"{one}/drafts", json={"box": "note", "rev": 0, "html": text})
        await posted(desk, f"{HERE}/merge", into_id=conversation_id(2))
        found = (await desk.get(f"{there}/drafts")).json()["items"]
        assert (found["reply"]["html"], found["reply"]["rev"]) == ("<p>Half a reply</p>", 3)
        assert (found["note"]["html"], found["note"]["rev"]) == ("therehere", 2)
        assert (await desk.get(f"{HERE}/drafts")).json()["items"] == found

        more = {"box": "reply", "rev": 3, "html": "<p>Half a reply, and more</p>"}
        assert (await desk.put(f"{HERE}/drafts", json=more)).json()["rev"] == 4
        assert (await desk.get(f"{there}/drafts")).json()["items"]["reply"]["html"] == more["html"]
        stale = await desk.put(f"{HERE}/drafts", json={"box": "note", "rev": 1, "html": "there, and more"})
        assert (stale.status_code, stale.json()["existing"]["html"]) == (409, "therehere")
        await posted(desk, f"{HERE}/reply", html=more["html"])
        assert (await desk.get(f"{there}/drafts")).json()["items"]["reply"]["html"] == ""


async def test_a_note_about_a_duplicate_comes_though_one_was_sent_at_the_kept_one(running: Running) -> None:
    await running.handlers.on_batch([received(message(1)), received(message(2, sender="else@home.example"))])
    async with running.browser("lead") as lead:
        kept, gone = [
            (await lead.get(f"/conversations/{conversation_id(n)}")).json()["head"]["contact_id"] for n in (1, 2)
        ]
        for one in (kept, gone):
            await lead.put(f"/contacts/{one}/drafts", json={"box": "note", "rev": 0, "text": f"About {one}"})
        await posted(lead, f"/contacts/{kept}/notes", text="Sent")
        await posted(lead, f"/contacts/{kept}/merge", contact_id=gone)
        assert (await lead.get(f"/contacts/{kept}/drafts")).json()["items"]["note"]["text"] == f"About {gone}"


async def test_who_is_gone_leaves_no_drafts(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    agent = running.tickets.directory.agents["maya"].model_dump(
        include={"name", "email", "role_id", "team_ids", "brand_ids", "capacity"}, mode="json"
    )
    async with running.browser("maya") as maya, running.browser("leo") as leo, running.browser("admin") as admin:
        for one in (maya, leo):
            await one.put(f"{HERE}/drafts", json={"box": "reply", "rev": 0, "html": "<p>x</p>"})
            await one.put("/drafts", json={"box": "new-conversation", "rev": 0, "html": "<p>x</p>"})
        assert (await admin.put("/agents/maya", json={**agent, "active": False})).status_code == 200
        [row] = await running.store.departures.rows.find().to_list(None)
        await Departures(running.store, running.tickets.desk).on_due([{**row, "until": datetime.now(UTC)}])
        assert await running.store.drafts.of("maya") == {}
        assert await running.store.drafts.of("maya", conversation_id(1)) == {}
        assert (await leo.get("/drafts")).json()["items"]["new-conversation"]["html"] == "<p>x</p>"
