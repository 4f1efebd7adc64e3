"""What rules do by themselves, on a real MongoDB: once per sender and hour, one ticket, however it is delivered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from services.tickets.api.html import to_text
from services.tickets.handlers import Handlers
from services.tickets.model.automation import Pen
from shared import clock
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.common import Actor
from shared.contracts.deliveries import WebhookRefused
from shared.contracts.directory import MacroChanged
from shared.contracts.routing import (
    BlockSender,
    CallWebhook,
    CreateTicket,
    Decided,
    LinkTracker,
    NotifyAgents,
    SendMacro,
    Trigger,
)
from shared.contracts.tickets import TicketField
from shared.ids import derived, random_id
from shared.topics import DECISIONS, DELIVERIES
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

MACRO = MacroChanged(macro_id="on-it", seq=1, name="On it", html="<p>Thank you. {{brand.name}}</p>")
FIELDS = tuple(
    TicketField(id=id_, value=value)
    for id_, value in (("order", "1001"), ("reason", "Wrong item"), ("action", "Refund in full"))
)


@pytest.fixture
async def desk(running: Running) -> Running:
    """Two conversations of one sender, and one of another."""
    running.tickets.directory.learn(MACRO)
    people = {"one": "ada@example.org", "two": "ada@example.org", "three": "bob@example.org"}
    await running.handlers.on_batch([received(message(name, sender=who)) for name, who in people.items()])
    return running


def handlers(desk: Running) -> Handlers:
    return Handlers(desk.store, desk.tickets.desk, Pen(desk.tickets.signer.message_id_of, to_text))


def decision(name: str, *actions: Any) -> Received[Event]:
    heard = Decided(
        decision_id=random_id(),
        conversation_id=conversation_id(name),
        seq=1,
        at=clock.now(),
        trigger=Trigger(event_id="e", event="TimePassed", seq=1),
        actions=actions,
    )
    return received(heard, topic=DECISIONS)


def macro() -> SendMacro:
    return SendMacro(id=random_id(), macro_id="on-it")


def refund() -> CreateTicket:
    return CreateTicket(id=random_id(), type_id="refund", fields=FIELDS)


async def names(desk: Running, name: str) -> list[str]:
    return [row.name for row in await desk.store.log.read(conversation_id(name))]


async def test_a_sender_gets_one_automatic_reply_an_hour_in_whichever_conversation(desk: Running) -> None:
    first = decision("one", macro())
    await handlers(desk).on_batch([first, decision("two", macro()), decision("three", macro())])
    await handlers(desk).on_batch([first])
    await handlers(desk).on_batch([decision("two", macro())])
    assert await names(desk, "one") == ["ConversationStarted", "ReplySent"]
    assert await names(desk, "two") == ["ConversationStarted", "ActionRefused", "ActionRefused"]
    assert await names(desk, "three") == ["ConversationStarted", "ReplySent"]
    stored = await desk.store.conversation(conversation_id("one"))
    assert stored is not None
    assert stored.head.waiting_since is not None, "nobody has answered yet"


async def test_replicas_that_answer_the_same_sender_at_once_send_one(desk: Running) -> None:
    await asyncio.gather(*(handlers(desk).on_batch([decision(name, macro())]) for name in ("one", "two")))
    told = [(await names(desk, name))[-1] for name in ("one", "two")]
    assert sorted(told) == ["ActionRefused", "ReplySent"]


async def test_rules_that_want_the_same_ticket_at_once_share_one(desk: Running) -> None:
    wanted = [decision(name, refund()) for name in ("one", "two", "three")]
    await asyncio.gather(*(handlers(desk).on_batch([one]) for one in wanted))
    await handlers(desk).on_batch(wanted)
    (ticket,) = await desk.store.tickets.tickets.find().to_list(None)
    assert ticket["report_count"] == 3
    for name in ("one", "two", "three"):
        assert await names(desk, name) == ["ConversationStarted", "LinkAdded"]
    stored = await desk.store.conversation(conversation_id("two"))
    assert stored is not None
    assert [(one.kind, one.id, one.number) for one in stored.head.links] == [
        ("ticket", ticket["_id"], ticket["number"])
    ]
    await handlers(desk).on_batch([decision("one", refund())])
    assert await names(desk, "one") == ["ConversationStarted", "LinkAdded", "ActionRefused"]


async def test_one_batch_of_the_same_wishes_makes_one_ticket(desk: Running) -> None:
    await handlers(desk).on_batch([decision(name, refund()) for name in ("one", "two", "three")])
    (ticket,) = await desk.store.tickets.tickets.find().to_list(None)
    assert ticket["report_count"] == 3


async def test_a_rule_blocks_a_sender_once_and_what_comes_after_it_in_the_batch_is_quiet(desk: Running) -> None:
    block = BlockSender(reason="Threats")
    wanted = [decision("one", block), received(message("four", sender="ada@example.org")), decision("two", block)]
    await handlers(desk).on_batch(wanted)
    await handlers(desk).on_batch(wanted)
    stored = await desk.store.conversation(conversation_id("one"))
    assert stored is not None
    told = [row.name for row in await desk.store.log.read(stored.head.contact_id)]
    assert told.count("ContactBlocked") == 1
    assert "SpamMarked" in await names(desk, "four")
    assert "SpamMarked" not in await names(desk, "one"), "what is there stays where it is"


async def test_a_tracker_counts_what_rules_link(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        made = await browser.post("/tickets", json={"type_id": "tracker", "title": "Late parcels", "fields": {}})
    tracker_id = made.json()["head"]["id"]
    link = LinkTracker(tracker_id=tracker_id)
    await handlers(desk).on_batch([decision("one", link), decision("two", link), decision("one", link)])
    tracker = await desk.store.tickets.tickets.find_one({"_id": tracker_id})
    assert tracker is not None
    assert tracker["report_count"] == 2
    assert await names(desk, "one") == ["ConversationStarted", "LinkAdded", "ActionRefused"]


async def test_a_merged_conversation_is_left_alone(desk: Running) -> None:
    async with desk.browser("lead") as browser:
        body = {"into_id": conversation_id("two")}
        merged = await browser.post(f"/conversations/{conversation_id('one')}/merge", json=body)
    assert merged.status_code == 200, merged.text
    before = await names(desk, "one")
    alert = NotifyAgents(id=derived("a"), text="Look", to=("assignee",))
    await handlers(desk).on_batch([decision("one", alert, macro())])
    assert await names(desk, "one") == before


async def test_a_webhooks_call_is_on_the_timeline_once_and_so_is_that_it_was_not_made(desk: Running) -> None:
    call = CallWebhook(id=random_id(), endpoint_id="hook", name="order.late")
    called = decision("one", call)
    not_made = WebhookRefused(
        custom_id=call.id,
        conversation_id=conversation_id("one"),
        seq=1,
        at=clock.now(),
        by=Actor(kind="rule", id="late", name="Late orders"),
        code="unknown_webhook",
        reason="The webhook is not there any more.",
    )
    heard = received(not_made, topic=DELIVERIES)
    await handlers(desk).on_batch([called, called])
    await handlers(desk).on_batch([heard, heard])
    await handlers(desk).on_batch([called, heard])
    assert await names(desk, "one") == ["ConversationStarted", "CustomEventEmitted", "ActionRefused"]
    emitted, told = [json.loads(row.value) for row in (await desk.store.log.read(conversation_id("one")))[1:]]
    assert (emitted["endpoint_id"], emitted["custom_id"]) == ("hook", call.id)
    assert (told["action"], told["code"], told["by"]["id"]) == ("call_webhook", "unknown_webhook", "late")
