"""The demo's conversations: all there, once, valid, and nothing that anybody would act on."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

from pydantic_core import from_json

from services.tickets.demo.conversations import COUNT, write_conversations
from services.tickets.model.evolve import evolve
from services.tickets.model.state import Conversation
from services.tickets.store.documents import read_conversation
from services.tickets.store.standings import standing
from services.tickets.store.ticket_work import read_ticket
from shared.contracts.tickets import TicketState
from shared.topics import CONVERSATIONS, EVENT_TYPES
from tests.integration.tickets.conftest import Running

SECRET = "a secret for tests, of forty characters."


async def test_demo_is_written_once_whole_and_imported(running: Running) -> None:
    assert await write_conversations(running.store, SECRET) == f"{COUNT} conversations written, 0 were there"
    assert await write_conversations(running.store, SECRET) == f"0 conversations written, {COUNT} were there"
    found = [read_conversation(row) for row in await running.store.conversations.find().to_list(None)]
    assert len(found) == COUNT
    assert {one.head.channel for one in found} == {"email", "chat", "phone", "custom"}
    assert {one.head.status for one in found} == {"open", "snoozed", "closed"}
    assert len({one.head.brand_id for one in found}) == 7
    now = running.store.clock()
    for one in found:
        state: Conversation | None = None
        for row in await running.store.log.read(one.head.id):
            event = EVENT_TYPES[(CONVERSATIONS.name, row.type)].read(row.value)
            assert event.imported  # type: ignore[attr-defined]
            assert event.at <= now  # type: ignore[attr-defined]
            assert not re.search(r"\{[a-z]+\}", str(from_json(row.value).get("message", ""))), "a blank was left"
            state = evolve(state, event)  # type: ignore[arg-type]
        assert state == one
    await tickets_are_whole(running, found)
    stand = {row["_id"]: row for row in await running.store.lists.standings.find().to_list(None)}
    assert stand == {row["_id"]: standing(row) for row in await running.store.conversations.find().to_list(None)}


async def tickets_are_whole(running: Running, conversations: list[Conversation]) -> None:
    """Numbered without a gap, in every state, linked both ways, and nothing of them is still to be told."""
    rows = await running.store.tickets.tickets.find().to_list(None)
    tickets = {one.id: one for one in map(read_ticket, rows)}
    assert sorted(one.number for one in tickets.values()) == list(range(1, len(tickets) + 1))
    assert {one.state for one in tickets.values()} == set(get_args(TicketState))
    assert {one.kind for one in tickets.values()} == {"back_office", "tracker"}
    reports = Counter(link.id for one in conversations for link in one.head.links)
    assert reports == {one.id: one.report_count for one in tickets.values()}
    assert max(reports[one.id] for one in tickets.values() if one.kind == "tracker") > 1
    for link in (link for one in conversations for link in one.head.links):
        head = tickets[link.id]
        assert link.title == head.title
        assert (link.state, link.seq) == (head.state, head.seq) or head.report_count > 1
    assert await running.store.tickets.news.count_documents({}) == 0
