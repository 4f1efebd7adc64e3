"""From an event to an integrator's receiver and back into the record, on real MongoDB and HTTP."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
import pytest_asyncio
from standardwebhooks.webhooks import WebhookVerificationError

from services.notifications.model import delivery_id
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.model import Endpoint
from services.notifications.webhooks.shapes import ChangeEndpoint
from shared.contracts.deliveries import EndpointChanged, WebhookRefused
from shared.errors import Conflict
from tests.integration.notifications.receiver import Got, Receiver
from tests.integration.notifications.webhook_world import (
    CLOSED,
    EMITTED,
    NOTED,
    REPLIED,
    World,
    answered,
    closed,
    emitted,
    noted,
)
from tests.integration.notifications.world import until
from tests.unit.notifications.examples import LABEL


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def world(settings: NotificationsSettings) -> AsyncIterator[World]:
    own = {"outside_networks": (ip_network("127.0.0.0/8"),), "webhook_s": 1.0}
    made = World.of(settings.model_copy(update=own))
    await made.start()
    yield made
    await made.stop()


async def test_an_event_arrives_signed_once_and_in_the_documented_form(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1), noted(1), ids=["e-1", "e-2"])
    (call,) = await world.become(endpoint, "sent")
    (got,) = receiver.got
    got.verify(world.secret(endpoint))
    assert (got.path, got.id) == ("/hook", "e-1")
    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    event = got.event
    assert (event["specversion"], event["id"], event["type"]) == ("1.0", "e-1", CLOSED)
    assert (event["source"], event["subject"], event["sequence"]) == (
        "/switchboard/tickets",
        closed(1).conversation_id,
        "3",
    )
    assert event["time"] == event["timestamp"]
    assert event["data"]["head"]["subject"] == "Where is my order?"
    assert (call.status, call.said, call.attempt) == (204, "", 1)


async def test_the_same_event_twice_makes_one_call(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1), closed(1), ids=["e-1", "e-1"])
    await world.happens(closed(1), ids=["e-1"])
    await world.happens(closed(2), ids=["e-2"])
    await world.become(endpoint, "sent", 2)
    assert sorted(got.id for got in receiver.got) == ["e-1", "e-2"]


async def test_only_what_was_asked_for_goes_out(world: World, receiver: Receiver) -> None:
    echo = await world.endpoint(receiver.url, CLOSED, brand_ids=("earth-echo",))
    every = await world.endpoint(receiver.url, CLOSED, NOTED)
    early = dataclasses.replace(world.received(closed(5), "before"), time=world.clock() - timedelta(hours=1))
    await world.happens(closed(1), closed(2, brand_id="earth-echo"), noted(3), ids=["paleo", "echo", "note"])
    await world.webhooks.handlers.on_events([early])
    assert [one.event_id for one in await world.become(echo, "sent")] == ["echo"]
    assert {one.event_id for one in await world.become(every, "sent", 3)} == {"paleo", "echo", "note"}


async def test_a_failing_receiver_is_tried_again_with_the_same_bytes(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))
    call = await world.attempted(endpoint, 1)
    assert (call.state, call.status, call.said, call.reason) == ("queued", 500, "said", "It answered 500.")
    assert call.retry_at is not None
    assert 4.9 <= (call.retry_at - call.updated_at).total_seconds() <= 6.1
    receiver.answer = lambda _: 200
    world.clock.forward(7)
    (call,) = await world.become(endpoint, "sent")
    first, second = receiver.got
    assert (first.id, first.body, call.attempt) == (second.id, second.body, 2)
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


async def test_after_the_last_try_it_is_dead_and_can_be_replayed(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))
    for attempt, wait_s in enumerate((5, 300, 1_800, 7_200, 18_000, 36_000, 36_000), 1):
        await world.attempted(endpoint, attempt)
        world.clock.forward(wait_s * 1.2 + 1)
    (dead,) = await world.become(endpoint, "dead")
    assert (dead.attempt, dead.retry_at) == (8, None)
    receiver.answer = lambda _: 200
    assert await world.webhooks.commands.replay(world.admin, endpoint.id, None, sent_too=False) == (1, False)
    world.clock.forward(400)
    await world.become(endpoint, "sent")
    assert len({got.id for got in receiver.got}) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("hang", "It did not answer within 1 s."),
        ("close", "broke off before its answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "did not answer in HTTP"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "a redirect"),
        (404, "It answered 404."),
    ],
)
async def test_what_is_not_a_2xx_is_a_failure_with_its_reason(
    world: World, receiver: Receiver, answer: int | bytes | str, said: str
) -> None:
    receiver.answer = lambda _: answer
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))
    call = await world.attempted(endpoint, 1)
    assert (call.state, said in call.reason) == ("queued", True), call.reason


@pytest.mark.parametrize(
    "answer",
    [
        "drip",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000,
    ],
)
async def test_a_2xx_counts_whatever_becomes_of_its_body(world: World, receiver: Receiver, answer: bytes | str) -> None:
    receiver.answer = lambda _: answer
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))
    (call,) = await world.become(endpoint, "sent")
    assert (call.status, len(call.said) <= 500) == (200, True)


async def test_a_receiver_that_is_away_is_tried_again(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await receiver.stop()
    await world.happens(closed(1))
    assert "could not be reached" in (await world.attempted(endpoint, 1)).reason
    await receiver.start()
    world.clock.forward(7)
    await world.become(endpoint, "sent")


async def test_one_conversation_stays_in_order_and_holds_up_no_other(world: World, receiver: Receiver) -> None:
    stuck = closed(1).conversation_id
    broken = [True]

    def answer(got: Got) -> int:
        return 500 if broken[0] and got.event["subject"] == stuck else 200

    receiver.answer = answer
    endpoint = await world.endpoint(receiver.url, CLOSED)
    events = [closed(n, seq=seq) for seq in range(1, 6) for n in (1, 2, 3)]
    await world.happens(*events)
    await world.become(endpoint, "sent", 10)
    assert [got.event["sequence"] for got in receiver.got if got.event["subject"] == stuck] == ["1"]
    broken[0] = False
    world.clock.forward(7)
    await world.become(endpoint, "sent", 15)
    for n in (1, 2, 3):
        about = [got for got in receiver.got if got.event["subject"] == closed(n).conversation_id]
        assert [got.event["sequence"] for got in about if n > 1 or got is not about[0]] == ["1", "2", "3", "4", "5"]


async def test_a_receiver_that_hangs_holds_up_no_other(world: World, receiver: Receiver) -> None:
    silent = Receiver(answer=lambda _: "hang")
    await silent.start()
    slow = await world.endpoint(silent.url, CLOSED)
    quick = await world.endpoint(receiver.url, CLOSED)
    await world.happens(*[closed(n) for n in range(40)])
    await world.become(quick, "sent", 40)
    assert len(await world.calls(slow, "sent")) == 0
    assert silent.most_open <= world.settings.webhook_calls_per_endpoint
    await silent.stop()


async def test_a_call_that_comes_while_another_is_slow_does_not_wait_for_it(world: World, receiver: Receiver) -> None:
    slow = closed(1).conversation_id
    receiver.answer = lambda got: "hang" if got.event["subject"] == slow else 200
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))

    async def begun() -> bool:
        return len(receiver.got) == 1

    await until(begun)
    await world.happens(closed(2))
    await world.become(endpoint, "sent")
    assert (await world.calls(endpoint, "queued"))[0].attempt <= 1


async def test_a_receiver_that_is_down_is_left_alone_between_calls(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(*[closed(n) for n in range(50)])

    async def paused() -> bool:
        return (await world.webhooks.endpoints.get(endpoint.id)).health.paused_until is not None

    await until(paused)
    assert len(receiver.got) <= 2 * world.settings.webhook_calls_per_endpoint
    receiver.answer = lambda _: 200
    world.clock.forward(400)
    await world.become(endpoint, "sent", 50)


async def test_retry_after_is_heeded_by_the_whole_endpoint(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: b"HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))
    call = await world.attempted(endpoint, 1)
    assert call.retry_at is not None
    assert (call.retry_at - call.updated_at).total_seconds() == pytest.approx(120, abs=1)

    async def paused() -> bool:
        return (await world.webhooks.endpoints.get(endpoint.id)).health.paused_until is not None

    await until(paused)
    receiver.answer = lambda _: 200
    await world.happens(closed(2))
    world.clock.forward(60)
    await world.webhooks.endpoints.nudge([endpoint.id], world.clock())
    world.webhooks.sender.nudge()
    assert len(receiver.got) == 1
    world.clock.forward(61)
    await world.become(endpoint, "sent", 2)


async def test_gone_switches_the_endpoint_off_and_says_so(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 410
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1), closed(1, seq=4))
    await world.become(endpoint, "dead", 2)
    off = await world.webhooks.endpoints.get(endpoint.id)
    assert (off.state, off.reason) == ("disabled", "It answered 410 Gone: it wants no more events.")
    assert [one.name for one in await world.store.log.read(endpoint.id)] == ["EndpointDisabled"]
    await world.happens(closed(2))
    assert len(await world.calls(endpoint)) == 2
    receiver.answer = lambda _: 200
    await world.webhooks.commands.enable(world.admin, endpoint.id)
    await world.webhooks.commands.replay(world.admin, endpoint.id, None, sent_too=False)
    await world.become(endpoint, "sent", 2)


async def test_days_of_failing_switch_it_off(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))
    await world.attempted(endpoint, 1)
    world.clock.forward(5 * 24 * 3600 + 1)

    async def off() -> bool:
        return (await world.webhooks.endpoints.get(endpoint.id)).state == "disabled"

    await until(off)
    assert "No call succeeded since" in (await world.webhooks.endpoints.get(endpoint.id)).reason


async def test_both_secrets_sign_until_the_overlap_ends(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, CLOSED)
    old = world.secret(endpoint)
    new = world.secret(await world.webhooks.commands.rotate(world.admin, endpoint.id, timedelta(hours=1)))
    assert old != new
    await world.happens(closed(1))
    await world.become(endpoint, "sent")
    receiver.got[0].verify(old)
    receiver.got[0].verify(new)
    world.clock.forward(3601)
    await world.happens(closed(2))
    await world.become(endpoint, "sent", 2)
    assert len(receiver.got[1].headers["webhook-signature"].split(" ")) == 1
    with pytest.raises(WebhookVerificationError):
        receiver.got[0].verify("whsec_" + "A" * 43 + "=")


async def test_an_answer_on_a_custom_channel_is_delivered_and_told(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, reply_channels=("whatsapp",))
    answer = answered(1, attachments=(LABEL,))
    row = delivery_id(answer.conversation_id, answer.message.entry_id)
    await world.happens(answer, answered(2, channel="trustpilot"))
    await world.become(endpoint, "sent")
    (got,) = receiver.got
    got.verify(world.secret(endpoint))
    assert (got.event["type"], got.event["data"]["message"]["text"]) == (REPLIED, "It left this morning.")
    assert got.event["data"]["message"]["attachments"][0]["url"].startswith("https://files.example/attachments/label?")
    assert got.event["data"]["head"]["handle"]["value"] == "whatsapp:u-1"
    assert (await world.store.get(row)).state == "sent"
    assert await world.told(row) == ["DeliverySent"]
    other = answered(2, channel="trustpilot")
    alone = delivery_id(other.conversation_id, other.message.entry_id)
    assert (await world.store.get(alone)).state == "sent", "without an endpoint the event on the topic delivers"


async def test_an_answer_that_does_not_arrive_is_told_and_can_be_sent_again(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, reply_channels=("whatsapp",))
    answer = answered(1)
    row = delivery_id(answer.conversation_id, answer.message.entry_id)
    await world.happens(answer)
    call = await world.attempted(endpoint, 1)
    assert (await world.store.get(row)).state == "queued"
    assert await world.told(row) == ["DeliveryFailed"]
    await world.webhooks.commands.disable(world.admin, endpoint.id)
    await world.become(endpoint, "dead")
    assert (await world.store.get(row)).state == "failed"
    receiver.answer = lambda _: 200
    await world.webhooks.commands.enable(world.admin, endpoint.id)
    await world.webhooks.commands.resend(call.id)
    await world.become(endpoint, "sent")
    assert (await world.store.get(row)).state == "sent"
    assert await world.told(row) == ["DeliveryFailed", "DeliveryFailed", "DeliverySent"]


async def test_an_answer_whose_endpoint_is_off_fails_at_once(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, reply_channels=("whatsapp",))
    await world.webhooks.commands.disable(world.admin, endpoint.id)
    answer = answered(1)
    await world.happens(answer)
    found = await world.store.get(delivery_id(answer.conversation_id, answer.message.entry_id))
    assert (found.state, "switched off" in found.reason) == ("failed", True)


async def test_a_deleted_endpoint_leaves_nothing_behind(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, CLOSED, reply_channels=("whatsapp",))
    answer = answered(1)
    await world.happens(answer, closed(2))
    await world.webhooks.commands.delete(world.admin, endpoint.id)

    async def gone() -> bool:
        calls = world.webhooks.calls
        left = [await one.count_documents({}) for one in (world.webhooks.endpoints.rows, calls.rows, calls.lanes)]
        return sum(left) == 0

    await until(gone)
    found = await world.store.get(delivery_id(answer.conversation_id, answer.message.entry_id))
    assert found.state == "failed"


async def test_a_new_address_is_used_from_the_next_call_on(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda got: 200 if got.path == "/new" else 500
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1))
    await world.attempted(endpoint, 1)
    new = ChangeEndpoint(url=receiver.url.replace("/hook", "/new"))
    await world.webhooks.commands.change(world.admin, endpoint.id, new)
    world.clock.forward(7)
    await world.become(endpoint, "sent")


async def test_the_rate_of_an_endpoint_is_kept(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, CLOSED, per_second=10.0)
    await world.happens(*[closed(n) for n in range(12)])
    await world.become(endpoint, "sent", 12)
    times = sorted(int(got.headers["webhook-timestamp"]) for got in receiver.got)
    assert times[-1] - times[0] >= 1, "twelve calls at ten a second take more than a second"


async def test_what_was_forgotten_is_woken(world: World, receiver: Receiver) -> None:
    """A process that dies between its transaction and the nudge leaves calls that no timer knows of."""
    endpoint = await world.endpoint(receiver.url, CLOSED)
    nudge = world.webhooks.endpoints.nudge

    async def dies(*_: object) -> None:
        raise ConnectionError("killed")

    world.webhooks.endpoints.nudge = dies  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await world.happens(closed(1))
    world.webhooks.endpoints.nudge = nudge  # type: ignore[method-assign]
    assert await world.calls(endpoint, "queued")
    await world.webhooks.watch.turn()
    await world.become(endpoint, "sent")


async def test_a_call_whose_record_was_lost_comes_again_with_the_same_id(world: World, receiver: Receiver) -> None:
    """A process that dies between the 2xx and the record: the next one repeats what was not recorded, in order."""
    endpoint = await world.endpoint(receiver.url, CLOSED)
    record, died = world.webhooks.calls.record, []

    async def dies(*_: object) -> set[str]:
        died.append(len(receiver.got))
        raise RuntimeError("killed")

    world.webhooks.calls.record = dies  # type: ignore[method-assign, assignment]
    await world.happens(closed(1), closed(1, seq=4))

    async def dead() -> bool:
        return bool(died)

    await until(dead)
    world.webhooks.calls.record = record  # type: ignore[method-assign]
    world.clock.forward(10)
    world.webhooks.sender.nudge()
    await world.become(endpoint, "sent", 2)
    first, again, second = receiver.got
    assert (first.id, first.body) == (again.id, again.body)
    assert (again.event["sequence"], second.event["sequence"]) == ("3", "4")


async def test_a_record_that_takes_longer_than_a_lease_lets_nobody_call_again(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, CLOSED)
    rows, record = world.webhooks.sender._endpoints.rows, world.webhooks.calls.record
    may_record = asyncio.Event()

    async def slow(*made: Any) -> set[str]:
        await may_record.wait()
        return await record(*made)

    world.webhooks.calls.record = slow  # type: ignore[method-assign, assignment]
    await world.happens(closed(1))

    async def called() -> bool:
        return bool(receiver.got)

    await until(called)
    leased = {"_id": endpoint.id, "lease_by": (await rows.find_one({"_id": endpoint.id}) or {})["lease_by"]}
    for _ in range(4):
        world.clock.forward(1.5)  # of a lease of three seconds
        later = {"lease_until": {"$gt": world.clock() + timedelta(seconds=1.5)}}
        await until(partial(rows.find_one, leased | later))
    may_record.set()
    (call,) = await world.become(endpoint, "sent")
    assert (call.attempt, len(receiver.got)) == (1, 1)


async def test_what_waits_for_its_retry_goes_at_once_when_it_is_replayed(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1), closed(1, seq=4))
    call = (await world.calls(endpoint))[0]

    async def failed() -> bool:
        return (await world.calls(endpoint))[0].attempt == 1

    await until(failed)
    receiver.answer = lambda _: 200
    await world.webhooks.commands.replay_one(world.admin, endpoint.id, call.id)
    await world.become(endpoint, "sent", 2)
    assert [got.event["sequence"] for got in receiver.got] == ["3", "3", "4"]


async def test_a_lane_whose_first_call_is_over_goes_on(world: World, receiver: Receiver) -> None:
    """Switching off was broken off half way, and the endpoint was switched on again: what is dead stays so."""
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, CLOSED)
    await world.happens(closed(1), closed(1, seq=4))

    async def failed() -> bool:
        return (await world.calls(endpoint))[0].attempt == 1

    await until(failed)
    first = (await world.calls(endpoint))[0]
    await world.webhooks.calls.rows.update_one({"_id": first.id}, {"$set": {"state": "dead"}, "$inc": {"seq": 1}})
    receiver.answer = lambda _: 200
    world.clock.forward(7)
    (sent,) = await world.become(endpoint, "sent")
    assert sent.place == 2
    assert await world.webhooks.calls.lanes.count_documents({}) == 0


# ── called by rules ──────────────────────────────────────────────────────────────────────────────
async def test_a_rule_calls_one_endpoint_alone_whatever_it_subscribes_to(world: World, receiver: Receiver) -> None:
    named = await world.endpoint(receiver.url, CLOSED)
    silent = await world.endpoint(receiver.url)
    other = await world.endpoint(receiver.url, EMITTED)
    first, second = emitted(endpoint_id=named.id), emitted(seq=5, endpoint_id=silent.id)
    await world.happens(closed(), first, second, emitted(2), ids=["e-0", "e-1", "e-2", "e-3"])
    await world.happens(first, ids=["e-1"])
    assert [one.event_id for one in await world.become(named, "sent", 2)] == ["e-0", "e-1"]
    assert [one.event_id for one in await world.become(silent, "sent")] == ["e-2"]
    assert [one.event_id for one in await world.become(other, "sent")] == ["e-3"]
    (got,) = [one for one in receiver.got if one.id == "e-1"]
    got.verify(world.secret(named))
    assert (got.event["type"], got.event["data"]["name"]) == (EMITTED, "order.late")
    in_order = [one.event["sequence"] for one in receiver.got if one.id in ("e-0", "e-1")]
    assert in_order == ["3", "4"], "after what happened before in the conversation"
    assert await refused(world, first.custom_id) == []


async def test_a_rules_call_is_tried_again_until_it_is_taken(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url)
    await world.happens(emitted(endpoint_id=endpoint.id))
    await world.attempted(endpoint, 1)
    receiver.answer = lambda _: 200
    world.clock.forward(7)
    await world.become(endpoint, "sent")
    first, second = receiver.got
    assert (first.id, first.body) == (second.id, second.body)


async def test_a_call_of_an_endpoint_that_is_gone_is_told_once_to_the_conversation(
    world: World, receiver: Receiver
) -> None:
    endpoint = await world.endpoint(receiver.url)
    other = await world.endpoint(receiver.url, EMITTED)
    await world.webhooks.commands.delete(world.admin, endpoint.id)
    event = emitted(endpoint_id=endpoint.id)
    await world.happens(event, ids=["e-1"])
    await world.happens(event, ids=["e-1"])
    (told,) = await refused(world, event.custom_id)
    assert (told.conversation_id, told.code, told.by.id, told.decision_id) == (
        event.conversation_id,
        "unknown_webhook",
        "late",
        "d-1",
    )
    assert (await world.calls(other), receiver.got) == ([], [])


async def test_an_endpoint_for_other_brands_is_not_told_of_this_one(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url, EMITTED, brand_ids=("earth-echo",))
    event = emitted(endpoint_id=endpoint.id, brand_id="paleo-hacks")
    await world.happens(event, emitted(2, endpoint_id=endpoint.id, brand_id="earth-echo"))
    await world.become(endpoint, "sent")
    assert [one.code for one in await refused(world, event.custom_id)] == ["other_brand"]
    assert len(await world.calls(endpoint)) == 1


async def test_a_call_of_an_endpoint_that_is_off_waits_on_its_dead_list(world: World, receiver: Receiver) -> None:
    endpoint = await world.endpoint(receiver.url)
    await world.webhooks.commands.disable(world.admin, endpoint.id)
    event = emitted(endpoint_id=endpoint.id)
    await world.happens(event, ids=["e-1"])
    (dead,) = await world.become(endpoint, "dead")
    assert (dead.attempt, "switched off" in dead.reason) == (0, True)
    (told,) = await refused(world, event.custom_id)
    assert (told.code, "dead list" in told.reason) == ("webhook_off", True)
    await world.webhooks.commands.enable(world.admin, endpoint.id)
    await world.webhooks.commands.replay(world.admin, endpoint.id, None, sent_too=False)
    await world.become(endpoint, "sent")
    assert [one.id for one in receiver.got] == ["e-1"]


@pytest.mark.parametrize(("end", "code"), [("delete", "unknown_webhook"), ("disable", "webhook_off")])
async def test_a_call_that_waits_when_its_endpoint_ends_is_told_once_to_the_conversation(
    world: World, receiver: Receiver, end: str, code: str
) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url, CLOSED)
    first, second = emitted(endpoint_id=endpoint.id), emitted(seq=5, endpoint_id=endpoint.id)
    await world.happens(first, second, closed(2))
    await getattr(world.webhooks.commands, end)(world.admin, endpoint.id)
    for event in (first, second):
        (told,) = await until(partial(refused, world, event.custom_id))
        assert (told.conversation_id, told.code, told.by.id, told.decision_id) == (
            event.conversation_id,
            code,
            "late",
            "d-1",
        )


async def test_a_call_that_was_refused_and_waits_again_is_not_told_twice(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda _: 500
    endpoint = await world.endpoint(receiver.url)
    commands = world.webhooks.commands
    await commands.disable(world.admin, endpoint.id)
    event = emitted(endpoint_id=endpoint.id)
    await world.happens(event)
    await commands.enable(world.admin, endpoint.id)
    await commands.replay(world.admin, endpoint.id, None, sent_too=False)
    await commands.disable(world.admin, endpoint.id)
    await world.become(endpoint, "dead")
    assert len(await refused(world, event.custom_id)) == 1


async def test_a_call_of_an_endpoint_that_is_deleted_while_it_is_decided_is_refused(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = await world.endpoint(receiver.url)
    accept = world.webhooks.calls.accept

    async def late(intents: Any) -> int:
        monkeypatch.undo()
        await world.webhooks.commands.delete(world.admin, endpoint.id)
        await until(lambda: removed(world, endpoint))
        return await accept(intents)

    monkeypatch.setattr(world.webhooks.calls, "accept", late)
    event = emitted(endpoint_id=endpoint.id)
    await world.happens(event)
    assert [one.code for one in await refused(world, event.custom_id)] == ["unknown_webhook"]
    assert await world.calls(endpoint) == []


async def test_endpoints_of_before_are_told_of_once_at_the_start(world: World, receiver: Receiver) -> None:
    old, new = await world.endpoint(receiver.url), await world.endpoint(receiver.url)
    await world.store.log.rows.delete_many({"aggregate_id": f"endpoint:{old.id}"})
    for _ in range(2):
        await world.webhooks.endpoints.tell_unknown()
    assert [[one.name for one in await known_as(world, each)] for each in (old, new)] == [["Receiver"]] * 2


async def test_others_are_told_what_an_endpoint_is_called_and_nothing_of_its_secrets(
    world: World, receiver: Receiver
) -> None:
    commands = world.webhooks.commands
    endpoint = await world.endpoint(receiver.url, CLOSED, key="k-1")
    await commands.change(world.admin, endpoint.id, ChangeEndpoint(event_types=(NOTED,), per_second=1.0))
    await commands.rotate(world.admin, endpoint.id, timedelta())
    await commands.change(world.admin, endpoint.id, ChangeEndpoint(name="Warehouse", brand_ids=("paleo-hacks",)))
    await commands.disable(world.admin, endpoint.id)
    await commands.delete(world.admin, endpoint.id)
    told = await known_as(world, endpoint)
    assert [(one.name, one.brand_ids, one.state) for one in told] == [
        ("Receiver", (), "active"),
        ("Warehouse", ("paleo-hacks",), "active"),
        ("Warehouse", ("paleo-hacks",), "disabled"),
        ("Warehouse", ("paleo-hacks",), "deleted"),
    ]
    assert sorted({one.seq for one in told}) == [one.seq for one in told]
    with pytest.raises(Conflict, match="deleted"):
        await world.endpoint(receiver.url, CLOSED, key="k-1")


async def removed(world: World, endpoint: Endpoint) -> bool:
    return await world.webhooks.endpoints.rows.find_one({"_id": endpoint.id}) is None


async def refused(world: World, custom_id: str) -> list[WebhookRefused]:
    return [WebhookRefused.read(one.value) for one in await world.store.log.read(custom_id)]


async def known_as(world: World, endpoint: Endpoint) -> list[EndpointChanged]:
    return [EndpointChanged.read(one.value) for one in await world.store.log.read(f"endpoint:{endpoint.id}")]
