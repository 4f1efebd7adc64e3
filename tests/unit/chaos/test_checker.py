"""The checker is tried on made-up desks: of each that loses, repeats or muddles, it must say so, in the right row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import rows
from tests.chaos.checker.evidence import Dead, Event, Evidence, Published
from tests.chaos.checker.streams import CONVERSATIONS, TAKES_ALL

WATCHED = "physiotru"
MESSAGES, ARTIFACTS = "ingest.messages.v1", "routing.artifacts.v1"
REPLY = "<reply@desk.example>"
CALL = {"call_id": "77", "state": "created", "answered_at": None, "tags": ()}


def event(seq: int, kind: str, **more: Any) -> Event:
    key = more.pop("key", "mail")
    given = {"brand": WATCHED, "channel": "email", "value": seq} | more
    return Event(f"{key}-{seq}", CONVERSATIONS, key, key, seq, kind, **given)


def right() -> Evidence:
    """One thread of mails that was answered, and one call; a record that nobody can read."""
    tickets = [
        event(1, "ConversationStarted", mark="m1"),
        event(2, "CustomerReplied", mark="m2"),
        event(3, "ReplySent", mark="a1", entry="entry", message_id=REPLY),
        event(4, "Tagged", mark="t1"),
        event(1, "ConversationStarted", key="chat", channel="chat", mark="m3"),
        event(2, "ReplySent", key="chat", channel="chat", mark="a2", entry="chat entry"),
        event(1, "ConversationStarted", key="call", channel="phone", call=CALL),
        event(2, "CallUpdated", key="call", channel="phone", call=CALL | {"state": "ended"}),
    ]
    inputs = [Event(f"in-{n}", MESSAGES, "mail", f"input-{n}", 1, "MessageReceived", n) for n in range(2)]
    sent = Event("sent", "notifications.deliveries.v1", "mail", "delivery", 1, "DeliverySent", 1, 103.0, entry="entry")
    logs = {"tickets": tickets, "ingest": inputs, "routing": [], "notifications": [sent]}
    topics: dict[str, list[Published]] = {}
    for one in [*tickets, *inputs, sent]:
        found = topics.setdefault(one.topic, [])
        found.append(Published(one.id, one.key, one.aggregate, one.seq, one.value, 0, 10 + len(found)))
    place = (MESSAGES, 0, 5)
    applied = frozenset(one.id for one in [*tickets, *inputs, sent])
    hooks = [
        {"id": one.id, "subject": one.key, "sequence": one.seq, "outcome": "taken", "began": 1.0, "at": 1.1}
        for one in tickets
    ]
    return Evidence(
        journal={
            "message": [
                {"channel": "mail", "mark": "m1", "thread": "a thread"},
                {"channel": "mail", "mark": "m2", "thread": "a thread", "answers": REPLY},
                {"channel": "chat", "mark": "m3", "thread": "a session"},
            ],
            "call": [{"call": "77", "step": "ended", "told": {"ended": True}}],
            "action": [
                {"action": "reply", "mark": "a1", "conversation": "mail", "events": ["mail-3"]},
                {"action": "tag", "mark": "t1", "conversation": "mail", "events": ["mail-4"]},
            ],
            "mail": [mail(at=101.0)],
            "poison": [{"topic": MESSAGES, "partition": 0, "offset": 5}],
            "hook": hooks,
        },
        logs=logs,
        topics=topics,
        poison={place: 55},
        dead=[Dead(place, "tickets.conversations", 55)],
        readers={MESSAGES: ["tickets.conversations"], CONVERSATIONS: ["routing.conversations"]},
        applied={"tickets": applied, "routing": applied},
        deliveries={"entry": "sent", "chat entry": "sent"},
    )


def mail(*, at: float, sender: str = "notifications-1.desk.example") -> dict[str, Any]:
    return {"message_id": REPLY, "sender": sender, "began": at - 0.1, "at": at}


def off(evidence: Evidence) -> set[str]:
    return set(rows.examples(rows.faults(evidence, WATCHED)))


def logged(evidence: Evidence, change: Callable[[list[Event]], None]) -> Evidence:
    """With another log of tickets, and the same on the topic."""
    tickets = list(evidence.logs["tickets"])
    change(tickets)
    told = [Published(one.id, one.key, one.aggregate, one.seq, one.value, 0, n) for n, one in enumerate(tickets)]
    return replace(
        evidence,
        logs={**evidence.logs, "tickets": tickets},
        topics={**evidence.topics, CONVERSATIONS: told},
        applied={**evidence.applied, "routing": frozenset(one.id for one in told)},
    )


def published(evidence: Evidence, change: Callable[[list[Published]], None]) -> Evidence:
    told = list(evidence.topics[CONVERSATIONS])
    change(told)
    return replace(evidence, topics={**evidence.topics, CONVERSATIONS: told})


def noted(evidence: Evidence, kind: str, *lines: dict[str, Any]) -> Evidence:
    return replace(evidence, journal={**evidence.journal, kind: [*evidence.lines(kind), *lines]})


LOST = "accepted and missing from a timeline"
TWICE = "in a timeline twice"
ORDER = "events of one conversation out of order or with a gap on the topic"
DIFFERENT = "events in a log and not on the topic, or the reverse"
REPLIES = "replies to a customer sent twice without a crash in the send itself"
NEITHER = "records neither applied nor in a dead-letter topic"
GOOD = "records that can be read in a dead-letter topic"
UNSENT = "replies that did not leave"
HOOKS = "webhooks missing or out of order"
HOOKS_TWICE = "webhooks told twice without a crash"


def test_a_desk_that_keeps_its_promises_passes() -> None:
    assert off(right()) == set()


@pytest.mark.parametrize("mark", ["m1", "m2", "a1", "t1"])
def test_what_was_accepted_and_is_not_there_is_lost(mark: str) -> None:
    def lose(tickets: list[Event]) -> None:
        at = next(n for n, one in enumerate(tickets) if one.mark == mark)
        tickets[at] = replace(tickets[at], mark="")

    assert LOST in off(logged(right(), lose))


def test_an_event_that_an_agent_was_told_of_and_is_not_there_is_lost() -> None:
    line = {"action": "close", "mark": "c1", "conversation": "mail", "events": ["mail-9"]}
    assert off(noted(right(), "action", line)) == {LOST}


def test_a_call_that_never_ended_though_it_was_told_is_lost() -> None:
    assert LOST in off(logged(right(), lambda tickets: tickets.pop()))


def test_a_call_that_became_two_conversations_is_there_twice() -> None:
    other = event(1, "ConversationStarted", key="other", channel="phone", brand="", call=CALL | {"state": "ended"})
    assert off(logged(right(), lambda tickets: tickets.append(other))) == {TWICE}


@pytest.mark.parametrize(("kind", "mark"), [("CustomerReplied", "m1"), ("ReplySent", "a1"), ("Tagged", "t1")])
def test_what_is_there_more_often_than_it_came_is_there_twice(kind: str, mark: str) -> None:
    again = event(5, kind, mark=mark, brand="", entry="entry", message_id=REPLY)
    assert off(logged(right(), lambda tickets: tickets.append(again))) == {TWICE}


def test_what_is_right_and_was_refused_is_found() -> None:
    journal = {**right().journal, "refused": [{"what": "mail", "why": "550 no such mailbox"}]}
    assert off(replace(right(), journal=journal)) == {"inputs refused for good, or rejected"}
    assert off(replace(right(), rejected=1)) == {"inputs refused for good, or rejected"}


def test_a_member_that_did_not_leave_when_asked_is_found() -> None:
    line = {"whom": "routing", "seconds": 20.0}
    assert off(noted(right(), "late", line)) == {"members that did not leave when asked"}


def test_a_thread_in_two_conversations_is_torn() -> None:
    stray = replace(right().logs["tickets"][1], aggregate="another", key="another")
    found = rows.faults(logged(right(), lambda log: log.__setitem__(1, stray)), WATCHED)
    assert len(found["messages of one thread in several conversations"]) == 2


def test_a_repeated_command_that_was_answered_otherwise_is_found() -> None:
    assert off(noted(right(), "answer", {"mark": "a1", "first": ["mail-3"], "again": ["mail-4"]})) == {TWICE}


def test_events_out_of_order_are_found() -> None:
    assert off(published(right(), lambda told: told.insert(0, told.pop(1)))) == {ORDER}


def test_a_gap_is_found_in_both_places() -> None:
    assert off(published(right(), lambda told: told.remove(told[1]))) == {ORDER, DIFFERENT}


def test_one_conversation_on_two_partitions_is_found() -> None:
    assert off(published(right(), lambda told: told.append(replace(told.pop(3), partition=1)))) == {ORDER}


def test_an_aggregate_of_another_topic_that_goes_backwards_is_found() -> None:
    desk = right()
    inputs = [Event(f"in-{n}", MESSAGES, "mail", "input-0", 2 - n, "MessageReceived", n) for n in range(2)]
    told = [Published(one.id, one.key, one.aggregate, one.seq, one.value, 0, 10 + one.value) for one in inputs]
    logs, topics = {**desk.logs, "ingest": inputs}, {**desk.topics, MESSAGES: told}
    assert off(replace(desk, logs=logs, topics=topics)) == {ORDER}


def test_a_repeat_of_the_same_event_is_no_fault() -> None:
    assert off(published(right(), lambda told: told.append(replace(told[1], offset=99)))) == set()


def test_what_is_on_the_topic_and_in_no_log_is_found() -> None:
    stray = Published("stray", "x", "x", 1, 1, 0, 99)
    assert DIFFERENT in off(published(right(), lambda told: told.append(stray)))


def test_other_bytes_than_the_log_says_are_found() -> None:
    assert off(published(right(), lambda told: told.insert(0, replace(told.pop(0), value=-1)))) == {DIFFERENT}


@pytest.mark.parametrize("at", [0, 1], ids=["in the copy that readers apply", "in a later copy"])
def test_other_bytes_in_one_copy_of_a_repeated_event_are_found(at: int) -> None:
    assert off(published(right(), lambda told: told.insert(at, replace(told[0], value=-1)))) == {DIFFERENT}


def test_another_key_or_number_than_the_log_says_is_found() -> None:
    assert off(published(right(), lambda told: told.append(replace(told[0], key="chat")))) == {DIFFERENT}
    assert off(published(right(), lambda told: told.append(replace(told[0], seq=2)))) == {DIFFERENT}


def test_a_reply_that_came_twice_is_found() -> None:
    assert off(noted(right(), "mail", mail(at=120.0, sender="notifications-2.desk.example"))) == {REPLIES}


@pytest.mark.parametrize(
    ("whom", "at", "excused"),
    [
        ("notifications-1", 102.0, True),
        ("notifications-2", 102.0, False),
        ("notifications-1", 100.0, False),
        ("notifications-1", 110.0, False),
        ("tickets-1", 102.0, False),
    ],
    ids=["its sender, before the record", "the other one", "before it", "after the record", "another service"],
)
def test_only_a_crash_of_its_sender_before_the_record_excuses_a_second_copy(
    whom: str, at: float, excused: bool
) -> None:
    again = noted(right(), "mail", mail(at=120.0, sender="notifications-2.desk.example"))
    killed = noted(again, "fault", {"what": "kill", "whom": whom, "at": at})
    assert off(killed) == (set() if excused else {REPLIES})


def test_a_reply_that_never_left_is_found() -> None:
    evidence = right()
    evidence.journal = {**evidence.journal, "mail": []}
    assert off(evidence) == {UNSENT}


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_a_reply_that_the_desk_does_not_say_was_sent_is_found(state: str) -> None:
    assert off(replace(right(), deliveries={"entry": "sent", "chat entry": state})) == {UNSENT}


def test_poison_that_is_nowhere_is_found() -> None:
    assert off(replace(right(), dead=[])) == {NEITHER}


def test_poison_that_was_put_aside_with_other_bytes_is_found() -> None:
    assert off(replace(right(), dead=[Dead((MESSAGES, 0, 5), "tickets.conversations", 1)])) == {NEITHER}


def test_an_acknowledged_record_that_is_gone_is_found() -> None:
    assert NEITHER in off(noted(right(), "poison", {"topic": MESSAGES, "partition": 1, "offset": 0}))


def test_a_good_record_that_was_not_applied_is_found() -> None:
    evidence = right()
    evidence.applied = {**evidence.applied, "tickets": frozenset()}
    assert off(evidence) == {NEITHER}


@pytest.mark.parametrize(("topic", "group"), TAKES_ALL)
def test_a_record_that_its_reader_did_not_take_is_found_and_excused_by_its_dead_letter(topic: str, group: str) -> None:
    desk, service = right(), TAKES_ALL[topic, group]
    fact = Event("fact", topic, "fact", "fact", 1, "Happened", 1)
    record = Published("fact", "fact", "fact", 1, 1, 0, 99)
    missed = replace(
        desk,
        logs={**desk.logs, "routing": [fact]},
        topics={**desk.topics, topic: [*desk.topics.get(topic, ()), record]},
    )
    everybody = {one: known | {"fact"} for one, known in missed.applied.items()}
    others = {one: known for one, known in everybody.items() if one != service} | {service: missed.applied[service]}
    told = rows.faults(replace(missed, applied=others), WATCHED)[NEITHER]
    assert told == [f"{topic}: fact was not applied by {group}"]
    assert rows.faults(replace(missed, applied=everybody), WATCHED)[NEITHER] == []
    aside = replace(missed, applied=others, dead=[*desk.dead, Dead((topic, 0, 99), group, 1)])
    assert rows.faults(aside, WATCHED)[NEITHER] == []


def test_an_act_of_routing_that_is_in_no_audit_list_is_found() -> None:
    evidence = right()
    act = Event("act", ARTIFACTS, "rule:1", "rule:1", 1, "ArtifactChanged", 1)
    evidence.logs = {**evidence.logs, "routing": [act]}
    evidence.topics = {**evidence.topics, ARTIFACTS: [Published("act", "rule:1", "rule:1", 1, 1, 0, 1)]}
    assert off(evidence) == {NEITHER}
    evidence.applied = {**evidence.applied, "tickets": evidence.applied["tickets"] | {"act"}}
    assert off(evidence) == set()


def test_a_good_record_in_the_dead_letters_is_found() -> None:
    evidence = right()
    evidence.dead = [*evidence.dead, Dead((MESSAGES, 0, 10), "tickets.conversations", 0)]
    assert off(evidence) == {GOOD}


def test_a_webhook_that_did_not_come_or_came_too_early_is_found() -> None:
    evidence = right()
    hooks = list(evidence.lines("hook"))
    evidence.journal = {**evidence.journal, "hook": hooks[1:]}
    assert off(evidence) == {HOOKS}
    evidence.journal = {**evidence.journal, "hook": [hooks[1], hooks[0], *hooks[2:]]}
    assert off(evidence) == {HOOKS}


@pytest.mark.parametrize(
    ("whom", "at", "excused"),
    [("notifications-1", 1.5, True), ("notifications-2", 2.0, True), ("notifications-1", 9.0, False)],
    ids=["between the two", "of any sender, as calls do not name theirs", "afterwards"],
)
def test_a_webhook_that_was_told_twice_is_found_unless_a_sender_died_meanwhile(
    whom: str, at: float, excused: bool
) -> None:
    again = noted(right(), "hook", {**right().lines("hook")[0], "began": 2.9, "at": 3.0})
    assert off(again) == {HOOKS_TWICE}
    killed = noted(again, "fault", {"what": "kill", "whom": whom, "at": at})
    assert off(killed) == (set() if excused else {HOOKS_TWICE})


def test_a_call_that_was_refused_and_came_again_is_no_fault() -> None:
    first, *rest = right().lines("hook")
    journal = {**right().journal, "hook": [{**first, "outcome": "error"}, {**first, "at": 3.0}, *rest]}
    assert off(replace(right(), journal=journal)) == set()


@pytest.mark.parametrize(
    ("seen", "row"),
    [
        ("missing", "events missing in a live browser"),
        ("twice", "events twice in a live browser"),
        ("others", "events in the browser of somebody who may not see them"),
    ],
)
def test_what_is_wrong_in_a_browser_is_in_its_row(seen: str, row: str) -> None:
    nothing: dict[str, list[str]] = {"missing": [], "twice": [], "others": []}
    found = rows.faults(right(), WATCHED, [nothing, {**nothing, seen: ["mail 3"]}])
    assert rows.examples(found) == {row: ["mail 3"]}


def test_what_a_browser_missed_or_saw_twice_is_counted() -> None:
    seen = {"missing": ["mail 3"], "twice": ["mail 1", "mail 2"], "others": []}
    table = rows.table(rows.faults(right(), WATCHED, [seen]), 1.0)
    assert (table["events missing in a live browser"], table["events twice in a live browser"]) == (1, 2)


def test_a_desk_that_takes_too_long_to_settle_does_not_pass() -> None:
    found = rows.faults(right(), WATCHED)
    assert rows.kept(found, 59.9)
    assert not rows.kept(found, 60.0)
