"""Tickets over HTTP and in MongoDB: made from a conversation, offered when they exist, told to their conversations."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from services.tickets.model import links
from services.tickets.model.state import Conversation
from services.tickets.news import PORTION, WOKEN, TicketNews
from shared.errors import Invalid
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

ONE = conversation_id("one")
REFUND = {"order": "1001", "reason": "Wrong item", "action": "Refund in full"}


@pytest.fixture
async def desk(running: Running) -> Running:
    await running.handlers.on_batch([received(message(name)) for name in ("one", "two")])
    return running


async def make(browser: httpx.AsyncClient, type_id: str = "refund", **changes: Any) -> httpx.Response:
    fields = {"refund": REFUND}.get(type_id, {})
    return await browser.post("/tickets", json={"type_id": type_id, "fields": fields, **changes})


async def tell(desk: Running) -> None:
    """What the timer does, until nothing is left to tell."""
    tickets = desk.tickets
    news = TicketNews(desk.store, tickets.desk, tickets.signer.message_id_of)
    while rows := await desk.store.tickets.news.find().to_list(None):
        await news.on_due(rows)


async def types(browser: httpx.AsyncClient, conversation: str = ONE) -> list[str]:
    items = (await browser.get(f"/conversations/{conversation}/timeline")).json()["items"]
    return [one["type"] for one in items]


async def test_a_ticket_made_from_a_conversation_knows_whose_it_is_and_shows_there(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        made = await make(browser, conversation_id=ONE)
        assert made.status_code == 201, made.text
        head = made.json()["head"]
        assert (head["brand_id"], head["report_count"], head["number"]) == ("paleo-hacks", 1, 1)
        assert head["contact_name"]
        links = (await browser.get(f"/conversations/{ONE}")).json()["head"]["links"]
        assert [(one["kind"], one["id"], one["state"]) for one in links] == [("ticket", head["id"], "submitted")]
        assert await types(browser) == ["ConversationStarted", "LinkAdded"]


async def test_the_same_again_offers_the_one_that_exists(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        first = (await make(browser, conversation_id=ONE)).json()["head"]
        again = await make(browser, conversation_id=conversation_id("two"), fields={**REFUND, "order": "#1001"})
        assert (again.status_code, again.json()["code"]) == (409, "ticket_exists")
        assert again.json()["existing"]["id"] == first["id"]
        assert "#1" in again.json()["detail"]
        linked = await browser.post(f"/conversations/{conversation_id('two')}/links", json={"ticket_id": first["id"]})
        assert linked.status_code == 200, linked.text
        assert (await browser.get(f"/tickets/{first['id']}")).json()["report_count"] == 2


async def test_a_subscription_that_was_saved_keeps_its_ticket(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        fields = {"subscription": "S-1", "reason": "Other"}
        first = (await make(browser, "subscription-cancel", brand_id="paleo-hacks", fields=fields)).json()["head"]
        saved = {"state": "resolved", "fields": {**fields, "outcome": "saved"}}
        assert (await browser.post(f"/tickets/{first['id']}/state", json=saved)).status_code == 200
        again = await make(browser, "subscription-cancel", brand_id="paleo-hacks", fields=fields)
        assert again.json()["existing"]["id"] == first["id"]


async def test_twenty_at_once_make_one_ticket(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        answers = await asyncio.gather(*(make(browser, brand_id="paleo-hacks") for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [201, *[409] * 19]


async def test_a_repeated_key_makes_no_second_ticket_and_answers_alike(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        browser.headers["Idempotency-Key"] = "k1"
        first, again = await make(browser, conversation_id=ONE), await make(browser, conversation_id=ONE)
        assert first.json() == again.json()
        assert again.status_code == 201


async def test_back_office_moves_it_and_the_conversation_tells_the_customer(desk: Running) -> None:
    async with desk.browser("maya") as browser, desk.browser("nora") as nora:
        ticket = (await make(browser, conversation_id=ONE)).json()["head"]["id"]
        for state in ("in_progress", "waiting_on_customer", "resolved"):
            moved = await nora.post(f"/tickets/{ticket}/state", json={"state": state})
            assert moved.status_code == 200, moved.text
        assert (await nora.get(f"/conversations/{ONE}")).status_code == 403
        await tell(desk)
        assert await types(browser) == ["ConversationStarted", "LinkAdded", *["LinkProgressed"] * 3, "ReplySent"]
        items = (await browser.get(f"/conversations/{ONE}/timeline")).json()["items"]
        assert "your refund is done" in items[-1]["data"]["message"]["text"]
        assert items[-2]["data"]["label"] == "Refunded"
        [link] = (await browser.get(f"/conversations/{ONE}")).json()["head"]["links"]
        assert link["state"] == "resolved"


async def test_what_colleagues_do_is_told_in_order_however_the_rows_are_taken_up(desk: Running) -> None:
    async with desk.browser("maya") as browser, desk.browser("nora") as nora:
        ticket = (await make(browser, conversation_id=ONE)).json()["head"]["id"]
        at = f"/tickets/{ticket}"
        await nora.post(f"{at}/assign", json={"team_id": "billing", "assignee_id": "nora"})
        await nora.post(f"{at}/comments", json={"html": "<p>The bank says no.</p>"})
        await nora.post(f"{at}/state", json={"state": "waiting_on_customer"})
        await nora.post(f"{at}/due", json={"due_at": None})
        head = (await browser.get(f"/conversations/{ONE}")).json()["head"]
        news = TicketNews(desk.store, desk.tickets.desk, desk.tickets.signer.message_id_of)
        rows = await desk.store.tickets.news.find().sort("link.seq", -1).to_list(None)
        assert len(rows) == 4
        for row in rows:  # the last first, as another replica might
            await news.on_due([row])
        await tell(desk)
        items = (await browser.get(f"/conversations/{ONE}/timeline")).json()["items"]
        told = [one["data"].get("change", one["type"]) for one in items[2:]]
        assert told == ["assigned", "commented", "LinkProgressed", "due"]
        assert all("ticket" not in one["data"] for one in items)
        after = (await browser.get(f"/conversations/{ONE}")).json()["head"]
        assert after["links"][0]["state"] == "waiting_on_customer"
        assert (head["activity"], after["activity"]) == ("LinkAdded", "LinkProgressed")


async def test_who_cannot_be_answered_or_told_holds_up_nobody(desk: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    two = conversation_id("two")
    async with desk.browser("maya") as browser:
        ticket = (await make(browser, conversation_id=ONE)).json()["head"]["id"]
        await browser.post(f"/conversations/{two}/links", json={"ticket_id": ticket})
        await browser.post(f"/tickets/{ticket}/state", json={"state": "resolved"})
        await browser.post(f"/tickets/{ticket}/comments", json={"html": "<p>Done.</p>"})

        def nobody(*_: Any) -> None:
            raise Invalid("no_recipient", "Name at least one recipient under To.")

        monkeypatch.setattr("services.tickets.model.links.decide_reply", nobody)
        news = TicketNews(desk.store, desk.tickets.desk, desk.tickets.signer.message_id_of)
        rows = await desk.store.tickets.news.find().sort("link.seq", 1).to_list(None)
        await news.on_due(rows[:1])
        assert await types(browser) == ["ConversationStarted", "LinkAdded", "LinkProgressed"]

        real = links.decide_ticket_update

        def update(state: Conversation, *given: Any, **named: Any) -> Any:
            if state.head.id == ONE:
                raise RuntimeError("a bug")
            return real(state, *given, **named)

        monkeypatch.setattr("services.tickets.news.decide_ticket_update", update)
        await news.on_due(rows[1:])
        assert await types(browser) == ["ConversationStarted", "LinkAdded", "LinkProgressed"]
        assert (await types(browser, two))[-2:] == ["LinkProgressed", "TicketUpdated"]
        assert await desk.store.tickets.news.find().to_list(None) == []


async def test_news_that_wait_for_earlier_ones_are_left_alone_until_those_are_told(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        ticket = (await make(browser, conversation_id=ONE)).json()["head"]["id"]
        for _ in range(3):
            await browser.post(f"/tickets/{ticket}/comments", json={"html": "<p>Later.</p>"})
    news = TicketNews(desk.store, desk.tickets.desk, desk.tickets.signer.message_id_of)
    in_order = desk.store.tickets.news.find().sort("link.seq", 1)
    first, second, third = await in_order.to_list(None)
    await news.on_due([third])
    await news.on_due([second])

    async def waits() -> list[bool]:
        left = await desk.store.tickets.news.find().sort("link.seq", 1).to_list(None)
        return [one["due_at"] > desk.store.clock() + WOKEN / 2 for one in left]

    assert await waits() == [False, True, True]
    await news.on_due([first])
    assert await waits() == [False, True]


async def test_news_told_twice_changes_nothing(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        ticket = (await make(browser, conversation_id=ONE)).json()["head"]["id"]
        await browser.post(f"/tickets/{ticket}/state", json={"state": "resolved"})
        rows = await desk.store.tickets.news.find().to_list(None)
        await tell(desk)
        before = await types(browser)
        await desk.store.tickets.news.insert_many(rows)
        await tell(desk)
        assert await types(browser) == before


async def test_a_trackers_update_reaches_every_report_and_answers_those_chosen(desk: Running) -> None:
    names = [f"report-{n}" for n in range(PORTION + 3)]
    await desk.handlers.on_batch([received(message(name)) for name in names])
    async with desk.browser("maya") as browser:
        tracker = (await make(browser, "tracker", title="Checkout fails")).json()["head"]["id"]
        for name in names:
            await browser.post(f"/conversations/{conversation_id(name)}/links", json={"ticket_id": tracker})
        assert (await browser.get(f"/tickets/{tracker}")).json()["report_count"] == len(names)
        chosen = conversation_id(names[0])
        body = {"html": "<p>Fixed now.</p>", "reply": "chosen", "conversation_ids": [chosen]}
        done = await browser.post(f"/tickets/{tracker}/state", json={"state": "resolved", "update": body})
        assert [one["type"] for one in done.json()["events"]] == ["TicketStateChanged", "UpdatePosted"]
        await tell(desk)
        for name in names:
            seen = await types(browser, conversation_id(name))
            replies = seen.count("ReplySent")
            assert (seen.count("LinkProgressed"), replies) == (2, 1 if name == names[0] else 0), name


async def test_unlinked_counts_one_report_less_and_hears_nothing_more(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        tracker = (await make(browser, "tracker", title="Checkout fails")).json()["head"]["id"]
        await browser.post(f"/conversations/{ONE}/links", json={"ticket_id": tracker})
        await browser.delete(f"/conversations/{ONE}/links/{tracker}")
        assert (await browser.get(f"/tickets/{tracker}")).json()["report_count"] == 0
        await browser.post(f"/tickets/{tracker}/updates", json={"html": "<p>Fixed.</p>", "reply": "all"})
        await tell(desk)
        assert await types(browser) == ["ConversationStarted", "LinkAdded", "LinkRemoved"]


async def test_pages_and_conversations_are_linked_and_nothing_that_runs(desk: Running) -> None:
    links = f"/conversations/{ONE}/links"
    async with desk.browser("maya") as browser:
        assert (await browser.post(links, json={"url": "https://example.org/a", "title": "Doc"})).status_code == 200
        assert (await browser.post(links, json={"conversation_id": conversation_id("two")})).status_code == 200
        for bad in ({"url": "javascript:alert(1)"}, {}, {"url": "https://a.example", "ticket_id": "x"}):
            assert (await browser.post(links, json=bad)).status_code == 422
        assert (await browser.post(links, json={"conversation_id": ONE})).status_code == 422
        shown = (await browser.get(f"/conversations/{ONE}")).json()["head"]["links"]
        assert [one["kind"] for one in shown] == ["url", "conversation"]


async def test_fields_read_before_somebody_else_saved_are_refused(desk: Running) -> None:
    async with desk.browser("maya") as browser, desk.browser("nora") as nora:
        ticket = (await make(browser, conversation_id=ONE)).json()["head"]
        path = f"/tickets/{ticket['id']}/fields"
        body = {"title": "Refund", "fields": {**REFUND, "amount": 5}, "seen_seq": ticket["seq"]}
        # what is not the form's does not stand in its way
        said = await browser.post(f"/tickets/{ticket['id']}/comments", json={"html": "<p>Looking</p>"})
        assert said.status_code == 200
        assert (await nora.put(path, json=body)).status_code == 200
        late = await browser.put(path, json={**body, "fields": {**REFUND, "amount": 6}})
        assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
        assert late.json()["detail"].startswith("Nora"), late.json()
        assert (await browser.get(f"/tickets/{ticket['id']}")).json()["fields"][-1] == {"id": "amount", "value": 5.0}


async def test_the_ticket_inbox_filters_sorts_and_pages(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        for n in range(5):
            await make(browser, brand_id="paleo-hacks", fields={**REFUND, "order": str(n)})
        await make(browser, "tracker", title="Checkout fails")
        counts = (await browser.get("/tickets/counts")).json()["counts"]
        assert (counts["all"], counts["type:refund"], counts["unassigned"]) == (6, 5, 6)
        of_refunds = (await browser.get("/tickets/counts", params={"type_id": "refund"})).json()["counts"]
        assert (of_refunds["all"], of_refunds["state:submitted"]) == (5, 5)
        assert (await browser.get("/tickets/counts", params={"assignee_id": "me"})).json()["counts"] == {}
        seen: list[int] = []
        cursor: str | None = None
        while True:
            params = {"type_id": "refund", "sort": "oldest", "limit": 2, **({"cursor": cursor} if cursor else {})}
            page = (await browser.get("/tickets", params=params)).json()
            seen += [one["number"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [1, 2, 3, 4, 5]
        assert [one["title"] for one in (await browser.get("/tickets/find", params={"text": "check"})).json()] == [
            "Checkout fails"
        ]
        assert (await browser.get("/tickets", params={"cursor": "x"})).status_code == 422


async def test_an_admin_adds_a_type_with_a_form(desk: Running) -> None:
    type_ = {
        "name": "Recall",
        "team_id": "quality",
        "fields": [{"id": "lot", "label": "Lot", "needed": "to_submit"}],
        "one_per": ["lot"],
    }
    async with desk.browser("admin") as admin, desk.browser("maya") as browser:
        assert (await admin.put("/ticket-types/recall", json=type_)).status_code == 200
        assert (await browser.put("/ticket-types/recall", json=type_)).status_code == 403
        for bad in ({"one_per": ["nothing"]}, {"team_id": "nobody"}, {"fields": type_["fields"] * 2}):
            assert (await admin.put("/ticket-types/recall", json={**type_, **bad})).status_code == 422
        assert "recall" in {one["type_id"] for one in (await browser.get("/directory")).json()["ticket_types"]}
        assert (await make(browser, "recall", fields={"lot": "L1"})).status_code == 201


async def test_tickets_of_other_brands_are_as_if_not_there(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        ticket = (await make(browser, conversation_id=ONE)).json()["head"]["id"]
        await desk.narrow("earth-echo")
        async with desk.browser("narrow") as narrow:
            assert (await narrow.get(f"/tickets/{ticket}")).status_code == 404
            assert (await narrow.post(f"/tickets/{ticket}/state", json={"state": "resolved"})).status_code == 404
            assert (await narrow.get("/tickets")).json()["items"] == []
            assert (await make(narrow, brand_id="paleo-hacks")).status_code == 422
            assert (await make(narrow, conversation_id=ONE)).status_code == 404
