"""The checker is tried itself: what it is told of a desk that loses, repeats or muddles, it must find."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.ledger import _calls, _differences, _gaps, _marks
from tests.e2e.senders import Accepted

SAID = Accepted(run="run", messages=["mark-run-a", "mark-run-b"], replies=["mark-run-c"], calls=["77"])


def event(seq: int, type: str, text: str = "", call: str = "") -> dict[str, Any]:
    told = {"call": {"call_id": "77", "state": call}} if call else {"message": {"text": text}}
    return {"id": f"e{seq}", "seq": seq, "type": type, **told}


def right() -> dict[str, list[dict[str, Any]]]:
    return {
        "mail": [
            event(1, "ConversationStarted", "Hello 0, mark-run-a"),
            event(2, "CustomerReplied", "Hello 1, mark-run-b"),
            event(3, "ReplySent", "Answer, mark-run-c"),
        ],
        "call": [event(1, "ConversationStarted", call="created")]
        + [event(n, "CallUpdated", call=state) for n, state in ((2, "ringing"), (3, "answered"), (4, "ended"))],
    }


def faults(topic: dict[str, list[dict[str, Any]]], timelines: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [
        *_gaps(topic),
        *_marks("on the topic", topic, SAID),
        *_marks("in timelines", timelines, SAID),
        *_calls(topic, SAID),
        *_differences(topic, timelines),
    ]


def test_a_desk_that_keeps_its_promises_passes() -> None:
    assert faults(right(), right()) == []


@pytest.mark.parametrize("lost", range(3))
def test_a_lost_message_is_found(lost: int) -> None:
    timelines = right()
    del timelines["mail"][lost]
    assert faults(right(), timelines)
    assert faults(timelines, timelines)


@pytest.mark.parametrize("twice", range(3))
def test_a_message_that_is_there_twice_is_found(twice: int) -> None:
    topic = right()
    topic["mail"].append(topic["mail"][twice] | {"seq": 4, "id": "again"})
    assert any("2 times" in one for one in faults(topic, topic))


def test_events_out_of_order_are_found() -> None:
    topic = right()
    topic["mail"][1:] = reversed(topic["mail"][1:])
    assert any("[1, 3, 2]" in one for one in faults(topic, right()))


def test_a_call_that_became_two_conversations_or_never_ended_is_found() -> None:
    topic = right()
    topic["other"] = [event(1, "ConversationStarted", call="ended")]
    assert any("call 77" in one for one in faults(topic, topic))
    topic = right()
    del topic["call"][3]
    assert any("call 77" in one for one in faults(topic, topic))


def test_what_is_in_a_log_and_not_on_the_topic_is_found() -> None:
    timelines = right()
    timelines["mail"].append(event(4, "Closed"))
    assert any("timeline has 4" in one for one in faults(right(), timelines))
