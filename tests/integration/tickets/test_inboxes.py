"""The list: every inbox × status × sort on 300 random conversations equals what plain Python says."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from services.tickets.model.state import Conversation
from services.tickets.store.documents import conversation_document, read_conversation
from services.tickets.store.inboxes import PHASES, Count, Query, Sort, Status, count_open, find_page
from shared import ids
from shared.contracts.common import Handle
from shared.contracts.conversations import Head
from tests.integration.tickets.conftest import Running

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BRANDS = ["paleo-hacks", "earth-echo", "physiotru"]
FAR = NOW + timedelta(days=9999)


def a_conversation(chance: random.Random, n: int) -> Conversation:
    """Times are drawn from few values, so that many tie."""

    def some_time() -> datetime:
        return NOW - timedelta(minutes=chance.randrange(40))

    status = chance.choice(["open", "open", "snoozed", "closed"])
    head = Head(
        id=ids.derived("listed", str(n)),
        seq=3,
        brand_id=chance.choice(BRANDS),
        channel="email",
        account="a",
        contact_id="c",
        contact_name="Ada",
        handle=Handle(kind="email", value="ada@example.org"),
        status=status,
        snoozed_until=FAR if status == "snoozed" else None,
        priority=chance.random() < 0.2,
        spam=chance.random() < 0.1,
        team_id=chance.choice(["email-support", "phone-support", None]),
        assignee_id=chance.choice(["maya", "leo", None]),
        tags=tuple(sorted(chance.sample(["late", "vip", "refund"], chance.randrange(3)))),
        mentioned=tuple(chance.sample(["maya", "leo"], chance.randrange(3))),
        created_by=chance.choice(["maya", None, None]),
        started_at=some_time(),
        last_activity_at=some_time(),
        activity="ConversationStarted",
        waiting_since=some_time() if chance.random() < 0.4 else None,
        next_sla_at=some_time() if chance.random() < 0.3 else None,
    )
    return Conversation(head, customer_seq=1)


INBOXES: dict[str, Callable[[Head], bool]] = {
    "agent:maya": lambda head: head.assignee_id == "maya",
    "mention:maya": lambda head: "maya" in head.mentioned,
    "created:maya": lambda head: head.created_by == "maya",
    "all": lambda _: True,
    "unassigned": lambda head: head.assignee_id is None,
    "spam": lambda head: head.spam,
    "team:email-support": lambda head: head.team_id == "email-support",
    "brand:earth-echo": lambda head: head.brand_id == "earth-echo",
}


def _newest(head: Head) -> tuple[Any, ...]:
    return (-head.last_activity_at.timestamp(), _backwards(head.id))


def _backwards(id_: str) -> tuple[int, ...]:
    return tuple(-ord(one) for one in id_)


ORDER: dict[str, Callable[[Head], tuple[Any, ...]]] = {
    "newest": _newest,
    "oldest": lambda head: (head.last_activity_at, head.id),
    "started_first": lambda head: (head.started_at, head.id),
    "started_last": lambda head: (-head.started_at.timestamp(), _backwards(head.id)),
    "waited_longest": lambda head: (
        (0, head.waiting_since.timestamp(), head.id) if head.waiting_since else (1, *_newest(head))
    ),
    "next_sla": lambda head: (0, head.next_sla_at.timestamp(), head.id) if head.next_sla_at else (1, *_newest(head)),
    "priority": lambda head: (not head.priority, *_newest(head)),
}


@pytest.fixture
async def listed(running: Running) -> list[Head]:
    chance = random.Random(7)
    states = [a_conversation(chance, n) for n in range(300)]
    await running.store.conversations.insert_many([conversation_document(one) for one in states])
    return [one.head for one in states]


def expected(heads: list[Head], query: Query) -> list[str]:
    shown = [
        head
        for head in heads
        if INBOXES[query.box](head)
        and head.spam == (query.box == "spam")
        and query.status in ("all", head.status)
        and (not query.brands or head.brand_id in query.brands)
    ]
    return [head.id for head in sorted(shown, key=ORDER[query.sort])]


async def listing(running: Running, query: Query, limit: int) -> tuple[list[str], int]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await find_page(running.store.conversations, query, cursor=cursor, limit=limit)
        assert len(page.items) == limit or page.next_cursor is None
        found += [one.head.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found, page.total


@pytest.mark.parametrize("brands", [frozenset(), frozenset({"earth-echo", "physiotru"})], ids=["all", "two-brands"])
async def test_every_inbox_status_and_sort_equals_plain_python(
    running: Running, listed: list[Head], brands: frozenset[str]
) -> None:
    assert set(ORDER) == set(get_args(Sort)) == set(PHASES)
    for box in INBOXES:
        for status in get_args(Status):
            for sort in get_args(Sort):
                query = Query(box, status, sort, brands)
                found, total = await listing(running, query, 7)
                wanted = expected(listed, query)
                assert found == wanted, query
                assert total == len(wanted), query


async def test_a_page_reads_little_more_than_it_shows(running: Running, listed: list[Head]) -> None:
    """The index filters and orders: nothing is sorted in memory, nor read to be thrown away."""
    from services.tickets.store.inboxes import _filter

    for sort, phases in PHASES.items():
        match = {**_filter(Query("all", "all", sort)), **phases[0].match}
        found = running.store.conversations.find(match, hint=phases[0].index)
        found = found.sort([(phases[0].field, phases[0].direction), ("_id", phases[0].direction)]).limit(10)
        plan = await found.explain()
        assert '"stage": "SORT"' not in str(plan).replace("'", '"'), sort
        assert plan["executionStats"]["totalDocsExamined"] <= 12, sort
        assert plan["executionStats"]["totalKeysExamined"] <= 40, sort


async def test_pages_stay_right_while_conversations_change(running: Running, listed: list[Head]) -> None:
    query = Query("all", "all", "started_first")
    first = await find_page(running.store.conversations, query, cursor=None, limit=50)
    gone = [one.head.id for one in first.items[10:20]]
    await running.store.conversations.delete_many({"_id": {"$in": gone}})
    assert first.next_cursor
    second = await find_page(running.store.conversations, query, cursor=first.next_cursor, limit=50)
    assert [one.head.id for one in second.items] == expected(listed, query)[50:100]


async def test_counts_equal_plain_python(running: Running, listed: list[Head]) -> None:
    names = {"agent:maya": "mine", "mention:maya": "mentions", "created:maya": "created"}
    for brands in (frozenset[str](), frozenset({"earth-echo"})):
        counts = await count_open(running.store.conversations, agent_id="maya", brands=brands)
        for box in INBOXES:
            wanted = expected(listed, Query(box, "open", "newest", brands))
            waiting = [head for head in listed if head.id in wanted and head.waiting_since]
            assert counts.get(names.get(box, box), Count()) == Count(len(wanted), len(waiting)), box


async def test_documents_read_back_as_they_were(running: Running, listed: list[Head]) -> None:
    found = await running.store.conversations.find().to_list(None)
    assert {one.head.id: one.head for one in map(read_conversation, found)} == {head.id: head for head in listed}
