"""Calls over HTTP: asked for once, told what became of them, attempts noted, the call itself where it belongs."""

from __future__ import annotations

from typing import Any

import pytest

from shared import clock
from shared.contracts.common import Call, Handle
from shared.contracts.deliveries import CallDialed, CallDialFailed
from shared.contracts.ingest import CallProgressed
from shared.topics import DELIVERIES
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

ONE, NUMBER, LINE = conversation_id("one"), "+14155550137", "+13105550104"
HERE = f"/conversations/{ONE}"


@pytest.fixture
async def desk(running: Running) -> Running:
    await running.handlers.on_batch([received(message("one"))])
    await running.narrow("earth-echo")
    return running


async def ask(desk: Running, path: str = f"{HERE}/calls", *, by: str = "maya", key: str = "k1", **body: Any) -> Any:
    async with desk.browser(by) as browser:
        return await browser.post(path, json=body, headers={"Idempotency-Key": key})


def progressed(call_id: str = "88", step: str = "created", **known: Any) -> CallProgressed:
    call = Call.model_validate(
        {
            "call_id": call_id,
            "direction": "outbound",
            "state": "ended" if step == "ended" else "created",
            "number": NUMBER,
            "line": LINE,
            "agent_email": "maya@switchboard.example",
            "started_at": clock.now(),
            **known,
        }
    )
    return CallProgressed.model_validate(
        {
            "input_id": f"{call_id}-{step}",
            "conversation_id": conversation_id(f"call {call_id}"),
            "brand_id": "paleo-hacks",
            "account": "aircall",
            "caller": Handle(kind="phone", value=NUMBER),
            "step": step,
            "call": call,
            "at": clock.now(),
        }
    )


async def test_one_click_is_one_request(desk: Running) -> None:
    first = await ask(desk, number="(415) 555-0137")
    again = await ask(desk, number="(415) 555-0137")
    assert first.status_code == 200, first.text
    assert first.json()["events"] == again.json()["events"]
    dial = first.json()["head"]["dial"]
    assert (dial["number"], dial["line"], dial["state"], dial["agent_id"]) == (NUMBER, LINE, "requested", "maya")
    assert (await ask(desk, key="k2", number=NUMBER)).json()["code"] == "is_dialing"


async def test_the_customers_own_number_is_called_when_it_is_known(desk: Running) -> None:
    missing = await ask(desk)
    assert (missing.status_code, missing.json()["errors"][0]["path"]) == (422, "body.number")
    async with desk.browser("maya") as browser:
        head = (await browser.get(HERE)).json()["head"]
        contact = (await browser.get(f"/contacts/{head['contact_id']}")).json()["contact"]
        body = {"phones": [NUMBER], "seen_seq": contact["seq"]}
        assert (await browser.patch(f"/contacts/{head['contact_id']}", json=body)).status_code == 200
    assert (await ask(desk, key="k2")).json()["head"]["dial"]["number"] == NUMBER


async def test_bad_numbers_lines_and_strangers_are_refused(desk: Running) -> None:
    for body, path in (({"number": "12"}, "body.number"), ({"number": NUMBER, "line": "+15005550006"}, "body.line")):
        refused = await ask(desk, **body)
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, path)
    assert (await ask(desk, by="narrow", number=NUMBER)).status_code == 404
    foreign = await ask(desk, "/calls", by="narrow", brand_id="paleo-hacks", number=NUMBER)
    assert (foreign.status_code, foreign.json()["code"]) == (422, "unknown_brand")


async def test_what_became_of_it_stands_on_the_timeline(desk: Running) -> None:
    request_id = (await ask(desk, number=NUMBER)).json()["head"]["dial"]["request_id"]
    about = {"request_id": request_id, "conversation_id": ONE, "seq": 1, "at": clock.now(), "number": NUMBER}
    failed = CallDialFailed.model_validate(about | {"code": "not_available", "known": True, "reason": "Not there."})
    event = received(failed, topic=DELIVERIES)
    await desk.handlers.on_batch([event, event])
    await desk.handlers.on_batch([received(CallDialed.model_validate(about), topic=DELIVERIES)])
    async with desk.browser("maya") as browser:
        entries = (await browser.get(f"{HERE}/timeline")).json()["items"]
        dial = (await browser.get(HERE)).json()["head"]["dial"]
    assert [one["type"] for one in entries] == ["ConversationStarted", "CallRequested", "DialUpdated"]
    assert (dial["state"], dial["reason"]) == ("failed", "Not there.")


async def test_a_conversation_begins_with_a_call(desk: Running) -> None:
    begun = await ask(desk, "/calls", brand_id="paleo-hacks", number="415-555-0137", name="Ann")
    assert begun.status_code == 201, begun.text
    head = begun.json()["head"]
    assert (head["channel"], head["contact_name"], head["assignee_id"]) == ("phone", "Ann", "maya")
    assert [one["type"] for one in begun.json()["events"]] == ["ConversationStarted", "CallRequested"]
    again = await ask(desk, "/calls", brand_id="paleo-hacks", number="415-555-0137", name="Ann")
    assert again.json()["head"]["id"] == head["id"]


async def test_the_call_comes_back_where_it_was_asked_for(desk: Running) -> None:
    await ask(desk, number=NUMBER)
    other = progressed("99", number="+14155550199")
    await desk.handlers.on_batch([received(progressed()), received(other)])
    await desk.handlers.on_batch([received(progressed(step="ended", ended_at=clock.now()))])
    async with desk.browser("maya") as browser:
        head = (await browser.get(HERE)).json()["head"]
        entries = (await browser.get(f"{HERE}/timeline")).json()["items"]
        own = await browser.get(f"/conversations/{conversation_id('call 88')}")
        by_hand = await browser.get(f"/conversations/{conversation_id('call 99')}")
    assert (head["call"]["call_id"], head["call"]["state"], head["dial"]["state"]) == ("88", "ended", "dialed")
    assert [one["type"] for one in entries][-3:] == ["DialUpdated", "CallUpdated", "CallUpdated"]
    assert own.status_code == 404
    assert by_hand.status_code == 200


async def test_two_attempts_each_with_outcome_and_note(desk: Running) -> None:
    path = f"{HERE}/call-attempts"
    for body, field in (
        ({"attempt": 1, "outcome": "no_answer", "note": " "}, "body.note"),
        ({"attempt": 1, "outcome": "no_answer"}, "body.note"),
        ({"attempt": 1, "note": "Rang."}, "body.outcome"),
        ({"attempt": 1, "outcome": "maybe", "note": "Rang."}, "body.outcome"),
    ):
        refused = await ask(desk, path, **body)
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, field), refused.text
    first = await ask(desk, path, attempt=1, outcome="no_answer", note="Rang.")
    assert first.json()["head"]["call_attempts"] == 1
    taken = await ask(desk, path, by="leo", key="k2", attempt=1, outcome="busy", note="Busy.")
    assert (taken.status_code, taken.json()["code"]) == (409, "attempt_taken")
    second = await ask(desk, path, key="k3", attempt=2, outcome="voicemail", note="Left word.")
    assert (second.json()["head"]["call_attempts"], second.json()["head"]["call_outcome"]) == (2, "voicemail")
    over = await ask(desk, path, key="k4", attempt=3, outcome="busy", note="Again.")
    assert (over.status_code, over.json()["code"]) == (409, "attempts_over")
    await desk.handlers.on_batch([received(message("one", "I am back."))])
    async with desk.browser("maya") as browser:
        head = (await browser.get(HERE)).json()["head"]
    assert (head["call_attempts"], head["call_outcome"]) == (0, None)
