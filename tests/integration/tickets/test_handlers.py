"""Batches on a real MongoDB: applied once, together or not at all, whatever happens beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.tickets import store
from services.tickets.handlers import Handlers
from services.tickets.model.changes import decide_snooze
from services.tickets.model.commands import AddNote, decide_note
from services.tickets.model.evolve import evolve
from services.tickets.model.state import SYSTEM, Context, Conversation
from services.tickets.store.standings import standing
from services.tickets.store.work import Work
from shared import clock
from shared.contracts.conversations import ConversationEvent, Head
from shared.contracts.deliveries import DeliverySent
from shared.contracts.ingest import VisitorIdentified
from shared.contracts.routing import AssignAgent, Decided, Trigger
from shared.ids import random_id
from shared.log import Cause
from shared.timers import Timers
from shared.topics import CONVERSATIONS, DECISIONS, DELIVERIES, EVENT_TYPES
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received


async def everything(running: Running) -> dict[str, list[object]]:
    database = running.store.conversations.database
    names = ("conversations", "standings", "contacts", "log", "applied", "timers")
    return {name: await database[name].find().sort("_id", 1).to_list(None) for name in names}


async def rebuilt(running: Running, id_: str) -> Conversation | None:
    """The state that the log alone tells."""
    state: Conversation | None = None
    for row in await running.store.log.read(id_, limit=1000):
        event = EVENT_TYPES[(CONVERSATIONS.name, row.type)].read(row.value)
        state = evolve(state, event)  # type: ignore[arg-type]
        assert state.head == event.head  # type: ignore[attr-defined]
    return state


async def test_second_delivery_changes_nothing(running: Running) -> None:
    batch = [received(message(n % 3, f"Message {n}")) for n in range(10)]
    await running.handlers.on_batch(batch)
    before = await everything(running)
    assert len(before["conversations"]) == 3
    await running.handlers.on_batch(batch)
    await running.handlers.on_batch([*batch[5:], *batch])
    assert await everything(running) == before


async def test_log_alone_rebuilds_what_is_stored(running: Running) -> None:
    await running.handlers.on_batch([received(message(n % 4, f"Message {n}")) for n in range(20)])
    await running.handlers.on_batch([received(message(n % 4, f"Later {n}")) for n in range(20)])
    for n in range(4):
        stored = await running.store.conversation(conversation_id(n))
        assert stored is not None
        assert stored.head.seq == 10
        assert await rebuilt(running, stored.head.id) == stored


async def test_a_mere_message_leaves_alone_where_its_conversation_stands(running: Running) -> None:
    """What filters ask for has indexes that a message must not pay for."""
    standings = running.store.lists.standings
    await running.handlers.on_batch([received(message("one"))])
    await standings.update_one({"_id": conversation_id("one")}, {"$set": {"untouched": True}})
    await running.handlers.on_batch([received(message("one", f"More {n}")) for n in range(3)])
    row = await standings.find_one({"_id": conversation_id("one")})
    assert row is not None
    assert row.pop("untouched")
    assert row == standing((await running.store.conversations.find_one({"_id": row["_id"]})) or {})
    await snooze(running, 30)
    after = await standings.find_one({"_id": conversation_id("one")})
    assert after == row | {"status": "snoozed", "quiet_since": after and after["quiet_since"]}
    assert after == standing((await running.store.conversations.find_one({"_id": row["_id"]})) or {})
    assert after["quiet_since"] is not None


async def test_since_when_one_is_quiet_is_said_again_when_something_is_written_in_it(running: Running) -> None:
    """What is closed or snoozed is put in order by it."""
    standings, conversations = running.store.lists.standings, running.store.conversations
    await running.handlers.on_batch([received(message("one"))])
    await snooze(running, 30)
    before = await standings.find_one({"_id": conversation_id("one")})
    await write_note(running)
    after = await standings.find_one({"_id": conversation_id("one")})
    assert before is not None
    assert after is not None
    assert after["quiet_since"] > before["quiet_since"]
    assert after == standing((await conversations.find_one({"_id": after["_id"]})) or {})
    await running.handlers.on_batch([received(message("one", "Hello?"))])
    awake = await standings.find_one({"_id": conversation_id("one")})
    assert awake == after | {"status": "open", "quiet_since": None}


async def test_a_failing_input_leaves_nothing_of_its_batch(running: Running) -> None:
    before = await everything(running)
    good = received(message(1))
    bad = received(message(2).model_copy(update={"channel": None}))
    with pytest.raises(ValidationError):
        await running.handlers.on_batch([good, bad])
    assert await everything(running) == before


async def test_two_writers_on_one_conversation_both_survive(running: Running) -> None:
    await running.handlers.on_batch([received(message("one"))])
    other = Handlers(running.store, running.tickets.desk)
    async with running.browser("maya") as browser:
        notes = [
            browser.post(f"/conversations/{conversation_id('one')}/note", json={"html": f"<p>{n}</p>"})
            for n in range(10)
        ]
        batches = [
            handlers.on_batch([received(message("one", f"{n}"))])
            for n, handlers in enumerate([running.handlers, other] * 5)
        ]
        done = await asyncio.gather(*batches, *notes)
    assert [one.status_code for one in done[10:]] == [200] * 10
    stored = await running.store.conversation(conversation_id("one"))
    assert stored is not None
    assert (stored.head.seq, stored.head.message_count) == (21, 11)
    assert await rebuilt(running, stored.head.id) == stored


async def test_one_person_is_created_once_however_many_write_at_once(running: Running) -> None:
    batches = [running.handlers.on_batch([received(message(n, sender="new@example.org"))]) for n in range(8)]
    await asyncio.gather(*batches)
    people = await running.store.contacts.find({"handles": "email:new@example.org"}).to_list(None)
    assert len(people) == 1
    heads = await running.store.conversations.find({"contact_id": people[0]["_id"]}).to_list(None)
    assert len(heads) == 8


async def test_verified_visitor_takes_the_contact_over(running: Running) -> None:
    said = VisitorIdentified(
        input_id=random_id(),
        conversation_id=conversation_id("chat"),
        brand_id="paleo-hacks",
        visitor_id="v1",
        verified=True,
        email="ADA@example.org",
        external_id="77",
        at=clock.now(),
    )
    await running.handlers.on_batch([received(message("mail"))])
    await running.handlers.on_batch([received(message("chat", sender="v1", channel="chat"))])
    await running.handlers.on_batch([received(said)])
    people = await running.store.contacts.find().to_list(None)
    assert sorted(one["handles"] for one in people) == [
        [],
        ["email:ada@example.org", "visitor:v1", "external:paleo-hacks:77"],
    ]


async def test_news_of_unknown_conversations_is_remembered_and_harmless(running: Running) -> None:
    decided = Decided(
        decision_id="d",
        conversation_id=conversation_id("none"),
        seq=1,
        at=clock.now(),
        trigger=Trigger(event_id="e", event="x", seq=1),
        actions=(AssignAgent(agent_id="maya"),),
    )
    sent = DeliverySent(delivery_id="d", conversation_id=conversation_id("none"), entry_id="e", seq=1, at=clock.now())
    batch = [received(decided, topic=DECISIONS), received(sent, topic=DELIVERIES), received(message("one"))]
    await running.handlers.on_batch(batch)
    assert await running.store.conversations.count_documents({}) == 1
    remembered = await running.store.log.applied.distinct("_id")
    assert sorted(remembered) == sorted(one.id for one in batch[:2]), "the message has its event"
    before = await everything(running)
    await running.handlers.on_batch(batch)
    assert await everything(running) == before


async def test_what_is_written_while_a_batch_is_decided_is_neither_lost_nor_overwritten(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between what is read at once and the transaction: a reply of the same customer and, by an agent, a note."""
    await running.handlers.on_batch([received(message("one"))])
    read, meanwhile = store.read_at_once, iter(range(1))

    async def read_and_wait(*asked: Any) -> Any:
        found = await read(*asked)
        for _ in meanwhile:
            await running.handlers.on_batch([received(message("one", "Meanwhile"))])
            await write_note(running)
        return found

    monkeypatch.setattr(store, "read_at_once", read_and_wait)
    await running.handlers.on_batch([received(message("one", "At last")), received(message("two", "Another"))])
    names = [row.name for row in await running.store.log.read(conversation_id("one"))]
    assert names == ["ConversationStarted", "CustomerReplied", "NoteAdded", "CustomerReplied"]
    assert await rebuilt(running, conversation_id("one")) == await running.store.conversation(conversation_id("one"))
    assert await running.store.conversation(conversation_id("two"))


Decide = Callable[[Conversation, Context], Sequence[ConversationEvent]]


async def change(running: Running, decide: Decide, hours_ago: float) -> None:
    """What is decided of the conversation `one`, that long ago."""

    async def work_on(work: Work) -> None:
        await work.load([conversation_id("one")])
        state = work.conversation(conversation_id("one"))
        assert state is not None
        context = Context(work.now - timedelta(hours=hours_ago), SYSTEM)
        work.record(Cause(random_id(), "x"), decide(state, context))
        await work.save([])

    await running.store.change(work_on)


async def snooze(running: Running, minutes: float) -> None:
    later = timedelta(hours=1, minutes=minutes)
    await change(running, lambda state, context: decide_snooze(state, context, until=context.now + later), 1)


async def write_note(running: Running) -> None:
    note = AddNote(random_id(), "Called back.", "<p>Called back.</p>")
    await change(running, lambda state, context: decide_note(state, note, context, running.tickets.desk()), 0.5)


async def head(running: Running) -> Head:
    stored = await running.store.conversation(conversation_id("one"))
    assert stored is not None
    return stored.head


async def test_snooze_wakes_when_it_is_due_and_only_once(running: Running) -> None:
    await running.handlers.on_batch([received(message("one"))])
    timers = Timers(running.store.timers, running.handlers.on_snooze_due, name="test", clock=clock.now)
    await snooze(running, 30)
    assert await timers.fire_due() == 0
    await snooze(running, -1)
    assert await timers.fire_due() == 1
    assert ((await head(running)).status, (await head(running)).activity) == ("open", "Woken")
    assert await timers.fire_due() == 0
    assert await running.store.timers.count_documents({}) == 0


async def test_customer_who_writes_takes_the_timer_away(running: Running) -> None:
    await running.handlers.on_batch([received(message("one"))])
    await snooze(running, 30)
    assert await running.store.timers.count_documents({}) == 1
    await running.handlers.on_batch([received(message("one", "Hello?"))])
    assert (await head(running)).status == "open"
    assert await running.store.timers.count_documents({}) == 0
    # A row that was claimed before it was taken away does no harm either.
    await running.handlers.on_snooze_due([{"_id": conversation_id("one"), "due_at": clock.now()}])
    assert (await head(running)).activity == "CustomerReplied"
