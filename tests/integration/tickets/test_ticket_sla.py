"""What routing says of the time to resolve a ticket becomes part of it: shown, sorted, told, once and in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.tickets.news import TicketNews
from services.tickets.store.tickets import ensure_indexes
from services.tickets.targets import TicketTargets
from shared.contracts.sla import PolicyRef, SlaChange, SlaTarget, TicketSlaChanged
from shared.topics import TICKET_TARGETS
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

ONE = conversation_id("one")
NOW = datetime.now(UTC).replace(microsecond=0)
STATES = {"started": "running", "paused": "paused", "resumed": "running", "met": "running"}


def changed(ticket_id: str, seq: int, change: SlaChange, due_in_h: float | None = 1) -> TicketSlaChanged:
    due_at = NOW + timedelta(hours=due_in_h) if due_in_h is not None else None
    target = SlaTarget(
        kind="resolution",
        state=STATES.get(change, change),
        policy=PolicyRef(id="p", name="Soon", version=1),
        goal_s=7200,
        started_at=NOW,
        due_at=due_at,
        warn_at=due_at,
        left_s=None if due_at else 3600,
    )
    return TicketSlaChanged(ticket_id=ticket_id, seq=seq, at=NOW, change=change, target=target)


async def hear(desk: Running, *events: TicketSlaChanged) -> None:
    batch = [received(one, id_=f"{one.ticket_id}-{one.seq}", topic=TICKET_TARGETS) for one in events]
    await TicketTargets(desk.store, desk.tickets.desk).on_targets(batch)


async def make(browser: httpx.AsyncClient, order: str, **changes: Any) -> str:
    fields = {"order": order, "reason": "Wrong item", "action": "Refund in full"}
    body = {"type_id": "refund", "fields": fields, "brand_id": "paleo-hacks", **changes}
    made = await browser.post("/tickets", json=body)
    assert made.status_code == 201, made.text
    id_: str = made.json()["head"]["id"]
    return id_


async def timeline(browser: httpx.AsyncClient, ticket_id: str) -> Sequence[str]:
    items = (await browser.get(f"/tickets/{ticket_id}/timeline")).json()["items"]
    return [one["data"]["change"] for one in items if one["type"] == "TicketSlaUpdated"]


async def test_the_ticket_shows_what_stands_and_each_change_is_told_once(running: Running) -> None:
    async with running.browser("maya") as browser:
        id_ = await make(browser, "1")
        before = (await browser.get(f"/tickets/{id_}")).json()
        first, second = changed(id_, 1, "started"), changed(id_, 2, "paused", None)
        await hear(running, first)
        await hear(running, first, second)
        await hear(running, first)
        head = (await browser.get(f"/tickets/{id_}")).json()
        assert (head["sla"]["state"], head["sla"]["left_s"], head["sla_seq"]) == ("paused", 3600, 2)
        assert head["updated_at"] == before["updated_at"], "time alone brings nothing to the top"
        await hear(running, changed(id_, 3, "resumed"), changed(id_, 4, "met"))
        assert (await browser.get(f"/tickets/{id_}")).json()["sla"] is None
        assert await timeline(browser, id_) == ["started", "paused", "resumed", "met"]


async def test_what_comes_again_when_its_input_is_forgotten_changes_nothing(running: Running) -> None:
    async with running.browser("maya") as browser:
        id_ = await make(browser, "1")
        events = [changed(id_, 1, "started"), changed(id_, 2, "met")]
        await hear(running, *events)
        await running.store.log.applied.delete_many({})
        await hear(running, *events)
        assert await timeline(browser, id_) == ["started", "met"]


async def test_a_ticket_that_is_not_there_holds_up_nothing(running: Running) -> None:
    async with running.browser("maya") as browser:
        id_ = await make(browser, "1")
        await hear(running, changed("nowhere", 1, "started"), changed(id_, 1, "started"))
        assert await timeline(browser, id_) == ["started"]


async def test_sorted_by_due_is_by_whatever_comes_first(running: Running) -> None:
    async with running.browser("maya") as browser:
        at = {name: NOW + timedelta(hours=hours) for name, hours in (("late", 30), ("soon", 2), ("paused", 10))}
        ids = {name: await make(browser, name, due_at=when.isoformat()) for name, when in at.items()}
        await hear(
            running, changed(ids["late"], 1, "started", 1), changed(ids["soon"], 1, "started", 5),
            changed(ids["paused"], 1, "started", 0.5), changed(ids["paused"], 2, "paused", None),
        )  # fmt: skip
        found: list[str] = []
        cursor: str | None = None
        while True:
            params = {"sort": "due", "limit": 1, **({"cursor": cursor} if cursor else {})}
            page = (await browser.get("/tickets", params=params)).json()
            found += [one["id"] for one in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert found == [ids["late"], ids["soon"], ids["paused"]]


async def test_tickets_of_before_are_still_sorted_by_their_due_time(running: Running) -> None:
    async with running.browser("maya") as browser:
        id_ = await make(browser, "1")
        await running.store.tickets.tickets.update_one({"_id": id_}, {"$unset": {"due_by": ""}})
        assert (await browser.get("/tickets", params={"sort": "due"})).json()["items"] == []
        await ensure_indexes(running.store.tickets)
        assert [one["id"] for one in (await browser.get("/tickets", params={"sort": "due"})).json()["items"]] == [id_]


@pytest.mark.parametrize(("change", "told"), [("warned", ["sla_warned"]), ("breached", ["sla_breached"]), ("met", [])])
async def test_its_conversations_hear_when_it_is_nearly_or_quite_late(
    running: Running, change: SlaChange, told: list[str]
) -> None:
    """So that rules can act on it (RT5); the conversation's own next target stays as it is."""
    await running.handlers.on_batch([received(message("one"))])
    async with running.browser("maya") as browser:
        id_ = await make(browser, "1", brand_id=None, conversation_id=ONE)
        await hear(running, changed(id_, 1, "started"), changed(id_, 2, change))
        news = TicketNews(running.store, running.tickets.desk, running.tickets.signer.message_id_of)
        while rows := await running.store.tickets.news.find().to_list(None):
            await news.on_due(rows)
        items = (await browser.get(f"/conversations/{ONE}/timeline")).json()["items"]
        assert [one["data"]["change"] for one in items if one["type"] == "TicketUpdated"] == told
        head = (await browser.get(f"/conversations/{ONE}")).json()["head"]
        assert (head["next_sla_at"], head["sla"]) == (None, [])
