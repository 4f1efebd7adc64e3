"""The checker of a restored desk is tried on made-up ones: what came in the gap may be gone, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import restored, rows
from tests.chaos.checker.evidence import Dead, Event, Evidence, Published
from tests.chaos.checker.restored import HOOKS_TWICE, Gap
from tests.chaos.checker.streams import CONVERSATIONS

WATCHED = "physiotru"
REPLY = "<reply@desk.example>"
BEFORE, IN_THE_GAP, AFTER = 100.0, 205.0, 300.0
GAP = Gap(200.0, 220.0)
DEAD = Dead((CONVERSATIONS, 0, 1), "routing.conversations", 55)
DEAD_LETTERS = "dead letters that did not come back as they were"


def event(seq: int, kind: str, **more: Any) -> Event:
    given: dict[str, Any] = {"brand": WATCHED, "channel": "email", "value": seq, "at": BEFORE} | more
    return Event(f"e-{seq}", CONVERSATIONS, "c", "c", seq, kind, **given)


EVENTS = [
    event(1, "ConversationStarted", mark="m1"),
    event(2, "ReplySent", mark="a1", entry="entry", message_id=REPLY),
    event(3, "CustomerReplied", mark="m2", at=AFTER),
]


def desk(*events: Event, **more: Any) -> Evidence:
    """Restored, and all is right: a mail before and one after, an answer that left in between, a dead letter."""
    told = [Published(one.id, "c", "c", one.seq, one.value, 0, n) for n, one in enumerate(events or EVENTS)]
    journal: dict[str, list[dict[str, Any]]] = {
        "message": [message("m1", BEFORE), message("lost", IN_THE_GAP), message("m2", AFTER)],
        "action": [{"action": "reply", "mark": "a1", "events": ["e-2"], "at": BEFORE}],
        "mail": [mail(IN_THE_GAP)],
        "poison": [{"topic": CONVERSATIONS, "partition": 0, "offset": 1, "at": BEFORE}],
        "hook": [
            hook("e-1", 1, BEFORE),
            hook("e-2", 2, IN_THE_GAP),
            hook("gone", 3, IN_THE_GAP),
            hook("e-3", 3, AFTER),
        ],
    }
    found = Evidence(
        journal=journal,
        logs={"tickets": list(events or EVENTS)},
        topics={CONVERSATIONS: told},
        dead=[DEAD],
        readers={CONVERSATIONS: ["routing.conversations"]},
        applied={"routing": frozenset(one.id for one in told)},
        deliveries={"entry": "sent"},
    )
    return replace(found, **more)


def message(mark: str, at: float) -> dict[str, Any]:
    return {"channel": "mail", "mark": mark, "thread": "t", "at": at}


def mail(at: float) -> dict[str, Any]:
    return {"message_id": REPLY, "sender": "notifications-1.desk.example", "began": at - 0.1, "at": at}


def hook(id_: str, sequence: int, at: float) -> dict[str, Any]:
    return {"id": id_, "subject": "c", "sequence": sequence, "outcome": "taken", "began": at - 0.1, "at": at}


def noted(kind: str, *lines: dict[str, Any]) -> Evidence:
    right = desk()
    return replace(right, journal={**right.journal, kind: [*right.lines(kind), *lines]})


def off(after: Evidence, gap: Gap = GAP) -> set[str]:
    before = Evidence(journal={}, dead=[DEAD])
    return set(rows.examples(restored.faults(before, after, gap, WATCHED, [])))


def test_what_is_right_is_right_though_something_of_the_gap_is_gone() -> None:
    assert off(desk()) == set()


FOUND: list[tuple[str, Evidence, str]] = [
    ("a mail of before is gone", noted("message", message("m0", BEFORE)), "accepted and missing from a timeline"),
    ("a mail of after is gone", noted("message", message("m9", AFTER)), "accepted and missing from a timeline"),
    ("a mail is there twice", desk(*EVENTS, event(4, "CustomerReplied", mark="m2", brand="")), "in a timeline twice"),
    (
        "a reply that left in the gap leaves again",
        noted("mail", mail(AFTER)),
        "replies to a customer sent twice without a crash in the send itself",
    ),
    ("a reply is held and nobody has it", desk(deliveries={"entry": "failed"}), "replies that did not leave"),
    ("a call of before is made again", noted("hook", hook("e-1", 1, AFTER)), HOOKS_TWICE),
    ("an event that there is was not told", desk(*EVENTS, event(4, "NoteAdded")), "webhooks missing or out of order"),
    ("a dead letter is gone", desk(dead=[]), DEAD_LETTERS),
    ("a dead letter has other bytes", desk(dead=[replace(DEAD, value=56)]), DEAD_LETTERS),
    (
        "a good record is put aside",
        desk(dead=[DEAD, Dead((CONVERSATIONS, 0, 0), "routing.conversations", 1)]),
        "records that can be read in a dead-letter topic",
    ),
    (
        "an old dead letter stands for a record that is read no more",
        desk(applied={"routing": frozenset({"e-1", "e-3"})}),
        "records neither applied nor in a dead-letter topic",
    ),
]


@pytest.mark.parametrize(("what", "after", "row"), FOUND, ids=[what for what, *_ in FOUND])
def test_what_is_not_as_promised_is_in_its_row(what: str, after: Evidence, row: str) -> None:
    assert row in off(after), what


def test_a_call_that_was_made_in_the_gap_may_be_made_again() -> None:
    assert off(noted("hook", hook("e-2", 2, AFTER))) == set()


def test_an_event_that_had_another_place_in_the_gap_is_told_at_the_one_that_it_has() -> None:
    right = desk(*EVENTS, event(4, "DeliveryUpdated", at=AFTER))
    calls = [hook("e-3", 9, IN_THE_GAP), *right.lines("hook"), hook("e-4", 4, AFTER)]
    assert off(replace(right, journal={**right.journal, "hook": calls})) == set()
    never = [one for one in calls if (one["id"], one["sequence"]) != ("e-3", 3)]
    for told in (never, [*never, hook("e-3", 9, AFTER)]):
        assert off(replace(right, journal={**right.journal, "hook": told})) == {"webhooks missing or out of order"}


def test_a_reply_that_is_held_is_well_when_its_customer_has_it() -> None:
    assert off(desk(deliveries={"entry": "failed"}), replace(GAP, left=frozenset({"entry"}))) == set()


def test_loads_and_counts_are_compared_with_the_conversations() -> None:
    there = [{"brand_id": "a", "assignee_id": "maya"}, {"brand_id": "a", "assignee_id": None}]
    assert restored.unlike(there, {"maya": 1, "jonas": 0}, {"brand:a": 2, "mine": 7}) == []
    assert restored.unlike(there, {"jonas": 1}, {"brand:a": 1, "brand:b": 1}) == [
        "jonas has 0, told 1",
        "maya has 1, told 0",
        "brand:a has 2, told 1",
        "brand:b has 0, told 1",
    ]
