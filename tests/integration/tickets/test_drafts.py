"""Drafts over HTTP: the same on every device, nobody else's, done with when they are sent."""

from __future__ import annotations

from typing import Any

from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

NOTHING = {"rev": 0, "html": "", "recipients": None, "attachments": [], "actions": [], "updated_at": None}
HERE = f"/conversations/{conversation_id(1)}"


async def test_a_draft_is_on_the_agents_other_device_and_on_nobody_elses(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    async with running.browser("maya") as desk, running.browser("maya") as phone, running.browser("leo") as leo:
        assert (await desk.get(f"{HERE}/drafts")).json() == {"reply": NOTHING, "note": NOTHING}
        people = {"to": [{"address": "Ada@Example.org", "name": "Ada"}], "cc": [], "bcc": []}
        kept = await desk.put(
            f"{HERE}/drafts", json={"mode": "reply", "rev": 0, "html": "<p>Hello</p>", "recipients": people}
        )
        assert kept.json()["rev"] == 1, kept.text
        seen = (await phone.get(f"{HERE}/drafts")).json()
        assert (seen["reply"], seen["note"]) == (kept.json(), NOTHING)
        assert seen["reply"]["recipients"]["to"] == [{"address": "ada@example.org", "name": "Ada"}]
        assert (await leo.get(f"{HERE}/drafts")).json()["reply"] == NOTHING


async def test_who_did_not_see_the_last_writing_is_told_of_it(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    async with running.browser("maya") as desk, running.browser("maya") as phone:
        first = {"mode": "note", "rev": 0, "html": "<p>from the phone</p>"}
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
            await desk.put(f"{HERE}/drafts", json={"mode": mode, "rev": 0, "html": f"<p>{mode}</p>"})
        assert (await desk.post(f"{HERE}/reply", json={"html": "<p>reply</p>"})).status_code == 200
        after = (await phone.get(f"{HERE}/drafts")).json()
        assert (after["reply"]["html"], after["reply"]["rev"], after["note"]["html"]) == ("", 2, "<p>note</p>")
        late = await phone.put(f"{HERE}/drafts", json={"mode": "reply", "rev": 1, "html": "<p>reply, and more</p>"})
        assert late.status_code == 409
        assert "sent or thrown away" in late.json()["detail"]
        assert (await desk.post(f"{HERE}/note", json={"html": "<p>note</p>"})).status_code == 200
        assert (await phone.get(f"{HERE}/drafts")).json()["note"]["html"] == ""


async def test_a_draft_makes_no_event_and_asks_for_the_conversation(running: Running) -> None:
    await running.handlers.on_batch([received(message(1))])
    await running.narrow("earth-echo")
    body: dict[str, Any] = {"mode": "reply", "rev": 0, "html": "<p>x</p>"}
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
