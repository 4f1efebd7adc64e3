"""The list: every inbox × status × sort on 300 random conversations equals what plain Python says."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from services.tickets.api.inboxes import Items
from services.tickets.model.state import Conversation
from services.tickets.store import counts, inboxes
from services.tickets.store.counts import Count, OpenCounts
from services.tickets.store.documents import conversation_document, read_conversation
from services.tickets.store.filters import NOBODY, Filters, plan
from services.tickets.store.inboxes import PHASES, Query, Sort, Status, find_ids, find_page
from shared import ids
from shared.contracts.common import Handle
from shared.contracts.conversations import Head, Link
from shared.contracts.tickets import TicketState
from shared.scope import Scope
from tests.integration.tickets.conftest import Running

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BRANDS = ["paleo-hacks", "earth-echo", "physiotru"]
FAR = NOW + timedelta(days=9999)
EVERYTHING = Scope("maya")
SCOPES = {
    "all": EVERYTHING,
    "two brands": Scope("maya", brands=frozenset({"earth-echo", "physiotru"})),
    "a channel": Scope("maya", channels=frozenset({"phone"})),
    "own team": Scope("maya", teams=frozenset({"email-support"})),
    "no team": Scope("maya", teams=frozenset()),
    "all three": Scope("maya", frozenset({"earth-echo"}), frozenset({"email", "chat"}), frozenset({"phone-support"})),
}


def some_links(chance: random.Random) -> tuple[Link, ...]:
    states = chance.choices(get_args(TicketState), k=chance.choice([0, 0, 1, 2]))
    return tuple(Link(kind="ticket", id=f"t{n}", title="", state=state) for n, state in enumerate(states))


def a_conversation(chance: random.Random, n: int) -> Conversation:
    """Times are drawn from few values, so that many tie."""

    def some_time() -> datetime:
        return NOW - timedelta(minutes=chance.randrange(40))

    status = chance.choice(["open", "open", "snoozed", "closed"])
    head = Head(
        id=ids.derived("listed", str(n)),
        seq=3,
        brand_id=chance.choice(BRANDS),
        channel=chance.choice(["email", "chat", "phone"]),
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
        topic=chance.choice(["Billing", "Shipping", None]),
        tags=tuple(sorted(chance.sample(["late", "vip", "refund"], chance.randrange(3)))),
        mentioned=tuple(chance.sample(["maya", "leo"], chance.randrange(3))),
        created_by=chance.choice(["maya", None, None]),
        links=some_links(chance),
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
async def listed(running: Running, monkeypatch: pytest.MonkeyPatch) -> list[Head]:
    monkeypatch.setattr(inboxes.standings, "WITHIN_MS", 60_000)  # a busy machine is no reason to count less
    chance = random.Random(7)
    states = [a_conversation(chance, n) for n in range(300)]
    await running.keep([conversation_document(one) for one in states])
    return [one.head for one in states]


def expected(heads: list[Head], query: Query) -> list[str]:
    shown = [
        head
        for head in heads
        if INBOXES[query.box](head)
        and head.spam == (query.box == "spam")
        and query.status in ("all", head.status)
        and query.scope.sees(head)
        and query.filters.sees(head)
    ]
    return [head.id for head in sorted(shown, key=ORDER[query.sort])]


def some_filters(chance: random.Random) -> Filters:
    return Filters(
        brand_id=chance.choice([None, None, *BRANDS]),
        team_id=chance.choice([None, None, "email-support", NOBODY]),
        assignee_id=chance.choice([None, None, None, "maya", NOBODY]),
        tags=tuple(chance.sample(["late", "vip"], chance.choice([0, 0, 1, 2]))),
        channel=chance.choice([None, None, "email", "phone"]),
        topic=chance.choice([None, None, "Billing"]),
        priority=chance.choice([None, None, True, False]),
        ticket=chance.choice([None, None, None, "submitted", "resolved"]),
    )


async def listing(running: Running, query: Query, limit: int) -> tuple[list[str], int | None]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await find_page(running.store.lists, query, cursor=cursor, limit=limit)
        assert len(page.items) == limit or page.next_cursor is None
        found += [one["_id"] for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found, page.total


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
async def test_every_inbox_status_and_sort_equals_plain_python(
    running: Running, listed: list[Head], scope: Scope
) -> None:
    assert set(ORDER) == set(get_args(Sort)) == set(PHASES)
    for box in INBOXES:
        for status in get_args(Status):
            for sort in get_args(Sort):
                query = Query(box, scope, status, sort)
                found, total = await listing(running, query, 40)
                wanted = expected(listed, query)
                assert found == wanted, query
                assert total == len(wanted), query


FEW = {"FETCHED_MAX": 3}
WAYS: dict[str, dict[str, int]] = {
    "fetched": {},
    "in the order of an index, and among those of a box": FEW,
    "in an order's own index, and along a box": FEW | {"SORTED_MAX": 5, "AMONG_MAX": 5, "TOTAL_MAX": 5},
}
"""How a narrowed list is read, the more the later."""


@pytest.mark.parametrize("limits", WAYS.values(), ids=WAYS)
async def test_any_filters_together_equal_plain_python(
    running: Running, listed: list[Head], monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(inboxes, name, value)
    chance = random.Random(11)
    for _ in range(250):
        filters, scope = some_filters(chance), chance.choice(list(SCOPES.values()))
        query = Query(
            chance.choice(list(INBOXES)), scope, chance.choice(get_args(Status)), chance.choice(get_args(Sort)), filters
        )
        wanted = expected(listed, query)
        found, total = await listing(running, query, 7)
        assert found == wanted, query
        assert total == min(len(wanted), inboxes.TOTAL_MAX), query
        assert await find_ids(running.store.lists, query, len(listed)) == wanted


async def test_what_takes_too_long_to_find_is_read_along_a_box(
    running: Running, listed: list[Head], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(inboxes, "FETCHED_MAX", 3)
    for name in ("find_first", "find_standing"):
        monkeypatch.setattr(inboxes.standings, name, never)
        for sort in get_args(Sort):
            query = Query("all", EVERYTHING, "all", sort, Filters(brand_id="earth-echo", topic="Billing"))
            found, _ = await listing(running, query, 7)
            assert found == expected(listed, query), query


async def test_what_is_quiet_is_put_in_order_without_reading_it(running: Running, listed: list[Head]) -> None:
    """The index has all that is asked for, but of tickets, of which `standings` knows nothing."""
    rows = running.store.lists.standings
    chance = random.Random(3)
    for _ in range(50):
        filters, box = (
            replace(some_filters(chance), ticket=None),
            chance.choice(["all", "unassigned", "team:email-support"]),
        )
        planned = plan(box, filters)
        asked = inboxes._standing(Query(box, EVERYTHING, "quiet", "newest", filters), planned)
        order = [("quiet_since", -1), ("_id", -1)]
        found = await rows.find(asked, {"quiet_since": 1}, hint=planned.index).sort(order).limit(10).explain()
        # An index knows of one tag that it is there; of a second the row has to say so.
        assert found["executionStats"]["totalDocsExamined"] == 0 or len(filters.tags) > 1, filters


async def test_what_moves_on_while_a_list_is_read_is_not_shown(running: Running, listed: list[Head]) -> None:
    """Ids are found first, then read: what was closed in between is no open conversation."""
    query = Query("all", EVERYTHING, filters=Filters(brand_id="earth-echo", channel="phone"))
    first, *others = expected(listed, query)
    await running.store.conversations.update_one({"_id": first}, {"$set": {"status": "closed"}})
    found, _ = await listing(running, query, 40)
    assert found == others


@pytest.mark.parametrize("sort", ["newest", "oldest", "waited_longest"])
async def test_what_moves_on_while_it_is_put_in_order_makes_room(
    running: Running, listed: list[Head], monkeypatch: pytest.MonkeyPatch, sort: Sort
) -> None:
    """What `standings` said is held against the conversation: none is shown out of its order, and none is missed."""
    monkeypatch.setattr(inboxes, "FETCHED_MAX", 3)
    query = Query("all", EVERYTHING, "closed", sort, Filters(brand_id="earth-echo", channel="phone"))
    wanted = [one for one in expected(listed, query) if not next(h for h in listed if h.id == one).waiting_since]
    opened, moved = wanted[1], wanted[3]
    await running.store.conversations.update_one({"_id": opened}, {"$set": {"status": "open"}})
    await running.store.conversations.update_one({"_id": moved}, {"$set": {"last_activity_at": FAR}})
    found, _ = await listing(running, query, 2)
    assert found == [one for one in expected(listed, query) if one not in (opened, moved)]


async def test_a_page_reads_little_more_than_it_shows(running: Running, listed: list[Head]) -> None:
    """The index filters and orders: nothing is sorted in memory, nor read to be thrown away."""
    from services.tickets.store.inboxes import _filter

    for sort, phases in PHASES.items():
        match = {"boxes": "all", **_filter(Query("all", EVERYTHING, "all", sort)), **phases[0].match}
        found = running.store.conversations.find(match, hint=phases[0].index)
        found = found.sort([(phases[0].field, phases[0].direction), ("_id", phases[0].direction)]).limit(10)
        plan = await found.explain()
        assert '"stage": "SORT"' not in str(plan).replace("'", '"'), sort
        assert plan["executionStats"]["totalDocsExamined"] <= 12, sort
        assert plan["executionStats"]["totalKeysExamined"] <= 40, sort


async def test_pages_stay_right_while_conversations_change(running: Running, listed: list[Head]) -> None:
    query = Query("all", EVERYTHING, "all", "started_first")
    first = await find_page(running.store.lists, query, cursor=None, limit=50)
    gone = [one["_id"] for one in first.items[10:20]]
    await running.store.conversations.delete_many({"_id": {"$in": gone}})
    assert first.next_cursor
    second = await find_page(running.store.lists, query, cursor=first.next_cursor, limit=50)
    assert [one["_id"] for one in second.items] == expected(listed, query)[50:100]


async def test_counts_equal_plain_python(running: Running, listed: list[Head]) -> None:
    names = {"agent:maya": "mine", "mention:maya": "mentions", "created:maya": "created"}
    for scope in SCOPES.values():
        counts = await OpenCounts(running.store.conversations).of(scope)
        for box in INBOXES:
            wanted = expected(listed, Query(box, scope))
            waiting = [head for head in listed if head.id in wanted and head.waiting_since]
            assert counts.get(names.get(box, box), Count()) == Count(len(wanted), len(waiting)), box


async def test_documents_read_back_as_they_were(running: Running, listed: list[Head]) -> None:
    found = await running.store.conversations.find().to_list(None)
    assert {one.head.id: one.head for one in map(read_conversation, found)} == {head.id: head for head in listed}


async def test_inboxes_of_many_teams_are_merged_from_several_queries(
    running: Running, listed: list[Head], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MongoDB would sort everything in memory if one query asked for more than 200 stretches of the index."""
    monkeypatch.setattr(inboxes, "STREAMS_MAX", 12)
    scope = Scope("maya", teams=frozenset({"email-support", "phone-support", "none-yet"}))
    for sort in get_args(Sort):
        query = Query("all", scope, "all", sort)
        found, _ = await listing(running, query, 40)
        assert found == expected(listed, query), sort


async def test_a_page_says_what_the_model_would_say(running: Running, listed: list[Head]) -> None:
    """Also of a document of an earlier version, which lacks what has a default."""
    await running.store.conversations.update_many({}, {"$unset": {"mentioned": 1, "call": 1, "participants": 1}})
    async with running.browser("maya") as browser:
        answer = await browser.get("/conversations?status=all&limit=100")
    rows = await running.store.conversations.find({"boxes": "all"}).to_list(None)
    heads = {row["_id"]: read_conversation(row).head.model_dump(mode="json") for row in rows}
    items = Items.model_validate_json(answer.content).items
    assert len(items) == 100
    assert [one["head"] for one in answer.json()["items"]] == [heads[one.head.id] for one in items]


async def test_on_a_large_desk_counts_are_kept_warm_while_somebody_asks(
    running: Running, listed: list[Head], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "FEW", 10)
    kept = OpenCounts(running.store.conversations)
    before = (await kept.of(EVERYTHING))["all"].open
    await running.store.conversations.delete_one({"boxes": "all", "status": "open"})
    assert (await kept.of(EVERYTHING))["all"].open == before
    await kept.turn()
    assert (await kept.of(EVERYTHING))["all"].open == before - 1
    monkeypatch.setattr(counts, "STALE_S", -1.0)
    await running.store.conversations.delete_one({"boxes": "all", "status": "open"})
    assert (await kept.of(EVERYTHING))["all"].open == before - 2
