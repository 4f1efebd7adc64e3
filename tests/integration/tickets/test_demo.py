"""The demo's conversations: all there, once, valid, and nothing that anybody would act on."""

from __future__ import annotations

import re

from pydantic_core import from_json

from services.tickets.demo.conversations import COUNT, write_conversations
from services.tickets.model.evolve import evolve
from services.tickets.model.state import Conversation
from services.tickets.store.documents import read_conversation
from services.tickets.store.standings import standing
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
    stand = {row["_id"]: row for row in await running.store.lists.standings.find().to_list(None)}
    assert stand == {row["_id"]: standing(row) for row in await running.store.conversations.find().to_list(None)}
