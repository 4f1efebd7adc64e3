"""What conversations come to adds up: kept as they happen, it is what counting all of them anew would say."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tickets.model.segment import OPERATORS, asks_of_conversations, check_conditions
from services.tickets.model.talks import ALL, Facts, Talks, joined, of_conversation, of_event
from services.tickets.store.segments import segment_filter
from services.tickets.store.talk_work import DAYS, TalkWork, read_facts
from shared.contracts.common import Actor, Handle
from shared.contracts.contacts import Contact
from shared.contracts.conversations import CustomerReplied, Head, Link, NoteAdded, ReplySent
from shared.contracts.directory import Condition, SegmentChanged
from shared.errors import Invalid
from tests.unit.tickets.examples import ADA, MAYA, contact, mail, minute, started

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HEAD = started().head
CUSTOMER = Actor(kind="customer", name="Ada")
links = st.lists(
    st.builds(
        lambda kind, type_id, state: Link(kind=kind, id=f"{kind}-{type_id}", title="x", type_id=type_id, state=state),
        kind=st.sampled_from(["ticket", "tracker", "url"]),
        type_id=st.sampled_from(["refund", "bug"]),
        state=st.sampled_from(["submitted", "resolved"]),
    ),
    max_size=3,
).map(tuple)
changes = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["open", "snoozed", "closed"]),
        "spam": st.booleans(),
        "merged_into": st.sampled_from([None, "other"]),
        "topic": st.sampled_from([None, "order", "other"]),
        "tags": st.lists(st.sampled_from(["vip", "late", "a.b|$c"]), unique=True).map(tuple),
        "links": links,
        "preview": st.sampled_from(["a", "b"]),
    },
)
steps = st.lists(st.tuples(st.integers(0, 3), changes), max_size=30)


def begun(n: int) -> Head:
    brand, channel = (("a", "email"), ("a", "chat"), ("b", "phone"), ("b", "email"))[n]
    return HEAD.model_copy(update={"id": f"c-{n}", "brand_id": brand, "channel": channel})


def counted_anew(heads: list[Head]) -> dict[str, dict[str, int]]:
    """Slowly, from all of them."""
    found: dict[str, Counter[str]] = {}
    for head in heads:
        if head.spam or head.merged_into:
            continue
        keys = ["conversations", f"channel:{head.channel}", f"brand:{head.brand_id}"]
        keys += [f"tag:{tag}" for tag in head.tags]
        keys += ["unclosed"] if head.status in ("open", "snoozed") else []
        keys += [f"topic:{head.topic}"] if head.topic else []
        tickets = [one for one in head.links if one.kind in ("ticket", "tracker")]
        keys += sorted({f"ticket_type:{one.type_id}" for one in tickets})
        keys += ["open_ticket"] if any(one.kind == "ticket" and one.state != "resolved" for one in tickets) else []
        for place in (ALL, head.brand_id):
            found.setdefault(place, Counter()).update(keys)
    return {place: dict(counts) for place, counts in found.items()}


@settings(max_examples=60)
@given(steps)
def test_kept_as_it_happens_it_is_what_counting_anew_says(steps: list[tuple[int, dict[str, Any]]]) -> None:
    kept: Facts = {}
    known: dict[int, Head] = {}
    for n, change in steps:
        before = known.get(n)
        known[n] = (before or begun(n)).model_copy(update=change)
        kept = joined(kept, of_conversation(before, known[n]))
    assert {place: dict(one.counts) for place, one in kept.items()} == counted_anew(list(known.values()))


@settings(max_examples=60)
@given(steps, steps)
def test_two_who_are_one_have_what_both_had(one: Any, other: Any) -> None:
    def facts(steps: list[tuple[int, dict[str, Any]]]) -> tuple[Facts, list[Head]]:
        kept: Facts = {}
        known: dict[int, Head] = {}
        for n, change in steps:
            before = known.get(n)
            known[n] = (before or begun(n)).model_copy(update=change)
            kept = joined(kept, of_conversation(before, known[n]))
        return kept, list(known.values())

    (mine, my_heads), (theirs, their_heads) = facts(one), facts(other)
    both = {place: dict(talks.counts) for place, talks in joined(mine, theirs).items()}
    assert both == counted_anew([*my_heads, *their_heads])


def test_a_message_like_the_one_before_changes_nothing() -> None:
    assert of_conversation(HEAD, HEAD.model_copy(update={"preview": "more", "seq": 9, "message_count": 4})) == {}
    assert of_conversation(HEAD, HEAD.model_copy(update={"status": "snoozed"})) == {}


def test_days_are_those_on_which_the_customer_wrote_and_an_agent_answered() -> None:
    message = mail(0).message
    about = {"conversation_id": HEAD.id, "seq": 2, "head": HEAD}
    wrote = CustomerReplied(**about, at=minute(0) + timedelta(hours=15), by=CUSTOMER, message=message)
    answered = ReplySent(**about, at=minute(0), by=MAYA, message=message)
    automatic = ReplySent(**about, at=minute(0), by=Actor(kind="rule", id="r", name="R"), message=message)
    note = NoteAdded(**about, at=minute(0), by=MAYA, entry_id="e", text="x", html="x")
    assert (of_event(automatic), of_event(note)) == ({}, {})
    kept = joined(of_event(wrote), of_event(answered))
    assert kept == dict.fromkeys((ALL, HEAD.brand_id), Talks({}, "2026-03-03", "2026-03-03", "2026-03-02"))
    earlier = CustomerReplied(**about, at=minute(0), by=CUSTOMER, message=message)
    assert joined(kept, of_event(earlier))[ALL] == Talks({}, "2026-03-02", "2026-03-03", "2026-03-02")
    assert ADA.value not in str(kept)


# ── the filters ──────────────────────────────────────────────────────────────────────────────────
def condition(field: str, operator: str, value: Any = None, activity: str = "") -> Condition:
    return Condition.model_validate({"field": field, "operator": operator, "value": value, "activity": activity})


def asked(one: Condition, brands: frozenset[str] = frozenset()) -> Any:
    segment = SegmentChanged(segment_id="s", seq=1, name="S", conditions=(one,))
    [found] = segment_filter(segment, {}, NOW, brands)["$and"]
    return found


SINCE = {"talks": {"$elemMatch": {"place": {"$in": [ALL]}, "last_wrote": {"$gte": "2026-04-27"}}}}
PAID = {"talks": {"$elemMatch": {"place": {"$in": [ALL]}, "did": {"$elemMatch": {"name": "Paid"}}}}}
PAID_LATELY = {
    "talks": {
        "$elemMatch": {
            "place": {"$in": [ALL]},
            "did": {"$elemMatch": {"name": "Paid", "day": {"$gte": "2026-04-27"}}},
        }
    }
}
TWO = {"talks": {"$elemMatch": {"place": {"$in": [ALL]}, "conversations": {"$gte": 2}}}}


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (condition("talked_with_tag", "is", "vip"), {"talked": {"$in": ["|tag:vip"]}}),
        (condition("talked_with_tag", "is_not", "vip"), {"$nor": [{"talked": {"$in": ["|tag:vip"]}}]}),
        (condition("open_ticket", "is", False), {"$nor": [{"talked": {"$in": ["|open_ticket"]}}]}),
        (condition("last_wrote_at", "within_days", 7), SINCE),
        (condition("conversations", "greater", 1), TWO),
        (condition("conversations", "less", 2), {"$nor": [TWO]}),
        (condition("conversations", "less", 0), {"facets": {"$in": []}}),
        (condition("unclosed_conversations", "greater", 0), {"talked": {"$in": ["|unclosed"]}}),
        (condition("did", "within_days", 7, "Paid"), PAID_LATELY),
        (condition("did", "not_within_days", 7, "Paid"), {"$nor": [PAID_LATELY]}),
        (condition("did", "is_set", None, " Paid "), PAID),
        (condition("did", "is_empty", None, "Paid"), {"$nor": [PAID]}),
    ],
)
def test_a_condition_becomes_a_filter(one: Condition, found: Any) -> None:
    assert check_conditions((one,), {}) == (one,)
    assert asked(one) == found


def test_who_works_for_some_brands_asks_of_these_alone() -> None:
    two = frozenset({"b", "a"})
    assert asked(condition("talked_with_tag", "is", "vip"), two) == {"talked": {"$in": ["a|tag:vip", "b|tag:vip"]}}
    assert asked(condition("first_wrote_at", "is_set"), two)["talks"]["$elemMatch"]["place"] == {"$in": ["a", "b"]}
    assert "$expr" in asked(condition("conversations", "greater", 1), two)


@pytest.mark.parametrize(
    "one",
    [
        condition("conversations", "greater", 1.5),
        condition("conversations", "is", -1),
        condition("conversations", "is_set"),
        condition("talked_with_tag", "contains", "v"),
        condition("talked_on_channel", "is", "pigeon"),
        condition("open_ticket", "is", "yes"),
        condition("last_wrote_at", "before", "soon"),
        condition("did", "within_days", 7),
        condition("did", "within_days", 0, "Paid"),
        condition("did", "is", "Paid", "Paid"),
        condition("last_wrote_at", "not_within_days", 7),
    ],
)
def test_what_means_nothing_is_refused(one: Condition) -> None:
    with pytest.raises(Invalid):
        check_conditions((one,), {})


def test_it_is_known_which_conditions_ask_about_conversations() -> None:
    assert asks_of_conversations([condition("name", "is_set"), condition("ticket_type", "is", "refund")])
    assert not asks_of_conversations([condition("name", "is_set")])
    assert set(OPERATORS["any"]) == {"is", "is_not"}


async def test_what_one_wrote_is_theirs_alone_though_the_other_wrote_the_same_day() -> None:
    """All of them together shows no change then; taken apart, each has their own day."""
    wrote = {ALL: Talks({}, "2026-05-05", "2026-05-05")}
    apart = contact()
    one = apart.model_copy(update={"merged_ids": ("bo",)})
    bo = contact(Handle(kind="email", value="bo@example.org")).model_copy(update={"id": "bo", "merged_into": one.id})
    kept: dict[str, dict[str, Any]] = {
        bo.id: {"talks": documents(wrote), "merged_ids": [], "merged_into": one.id},
        one.id: {"talks": documents(wrote), "own_talks": [], "merged_ids": ["bo"], "merged_into": None},
    }

    async def settled(changes: dict[str, Facts], before: dict[str, Contact], after: dict[str, Contact]) -> None:
        work = TalkWork(None, None)  # type: ignore[arg-type]  # nothing is to be read besides
        for id_, document in kept.items():
            work.read({"_id": id_, **document})
        await work.settle(changes, before, after)
        for id_ in {write._filter["_id"] for write in work.writes(())}:
            kept[id_].update(work.fields(id_))

    await settled({one.id: wrote}, {}, {})
    assert read_facts(kept[one.id]["own_talks"]) == wrote
    await settled({}, {one.id: one, bo.id: bo}, {one.id: apart, bo.id: bo.model_copy(update={"merged_into": None})})
    assert read_facts(kept[one.id]["talks"]) == wrote


def documents(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"place": place, "counts": [], **{name: getattr(talks, name) for name in DAYS}}
        for place, talks in facts.items()
    ]
