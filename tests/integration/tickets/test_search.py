"""Search on a real MongoDB: what was written is found in every process, by those who see it, and by nobody else."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.tickets.model.search.clauses import Every
from services.tickets.store.search import index as search_index
from services.tickets.store.search.index import SearchIndex, rename
from shared import metrics
from shared.contracts.common import Attachment
from shared.contracts.directory import AgentChanged, RoleChanged
from shared.errors import Unavailable
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

WITHIN_S = 30.0


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    give_up_at = time.monotonic() + WITHIN_S
    while not await holds():
        assert time.monotonic() < give_up_at, f"not within {WITHIN_S:.0f} s: {what}"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def index_of(desk: Running, folder: Path) -> AsyncIterator[SearchIndex]:
    """An index as one more process would keep it, once it can be asked."""
    store = desk.store
    index = SearchIndex(store.client, store.conversations.database, folder)
    await index.start()
    try:
        await until(lambda: answers(index), "an index that answers")
        yield index
    finally:
        await index.stop()


async def answers(index: SearchIndex) -> bool:
    return index._engine is not None


@pytest.fixture
async def searching(running: Running, tmp_path: Path) -> AsyncIterator[Running]:
    async with index_of(running, tmp_path) as index:
        serve(running, index)
        yield running


def serve(desk: Running, index: SearchIndex) -> None:
    desk.tickets = desk.http.state.tickets = dataclasses.replace(desk.tickets, search=index)


async def hear(desk: Running, name: str, text: str = "Where is my order?", **about: Any) -> str:
    """A mail; the id of its conversation."""
    await desk.handlers.on_batch([received(message(name, text, **about))])
    return conversation_id(name)


async def ask(desk: Running, q: str, agent_id: str = "maya", **more: Any) -> dict[str, Any]:
    async with desk.browser(agent_id) as browser:
        answer = await browser.get("/search", params={"q": q, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def found(desk: Running, q: str, agent_id: str = "maya", **more: Any) -> list[str]:
    return [one["head"]["id"] for one in (await ask(desk, q, agent_id, **more))["items"]]


async def finds(desk: Running, q: str, *ids: str, agent_id: str = "maya", **more: Any) -> None:
    """Wait until a search finds exactly these."""

    async def exactly() -> bool:
        return set(await found(desk, q, agent_id, **more)) == set(ids)

    await until(exactly, f"{q} finds {len(ids)}")


async def command(desk: Running, path: str, body: dict[str, Any], agent_id: str = "maya") -> None:
    async with desk.browser(agent_id) as browser:
        answer = await browser.post(path, json=body)
        assert answer.status_code == 200, answer.text


async def test_what_was_written_is_found_with_its_words_marked(searching: Running) -> None:
    one = await hear(searching, "one", "My parcel with order SB-10234 is late, call (310) 555-0142 <b>now</b>")
    await hear(searching, "two", "Something else", sender="bob@example.org")
    await finds(searching, "parcel late ", one)
    for typed in (
        "SB-10234",
        "sb10234",
        "10234",
        "+1 310 555 0142",
        "555-0142",
        "ada@example.org",
        "ada@ex",
        "parc",
        one,
    ):
        assert one in await found(searching, typed), typed
    [item] = (await ask(searching, "late now "))["items"]
    [hit] = item["hits"]
    assert [hit["text"][start:end] for start, end in hit["marks"]] == ["late", "now"]
    assert "<b>now</b>" in hit["text"]  # as it is: the browser shows it as text
    assert hit["kind"] == "message"


async def test_a_reply_a_note_and_a_change_are_found_as_they_come(searching: Running) -> None:
    one = await hear(searching, "one", "Hello")
    await command(searching, f"/conversations/{one}/note", {"html": "<p>wholesaler</p>"})
    await finds(searching, "wholesaler ", one)
    assert await found(searching, "has:note") == [one]
    await command(searching, f"/conversations/{one}/tags", {"add": ["Late Delivery"], "remove": []})
    await finds(searching, 'tag:"late delivery"', one)
    await command(searching, f"/conversations/{one}/close", {})
    await finds(searching, "hello status:closed", one)
    assert await found(searching, "hello status:open,snoozed") == []
    await command(searching, f"/conversations/{one}/assign", {"team_id": None, "assignee_id": "maya"})
    await finds(searching, "hello assignee:me", one)
    assert await found(searching, "hello assignee:none") == []
    await hear(searching, "one", "A second thought about Wärmflasche")
    await finds(searching, "warmflasche hello ", one)


async def test_it_is_shown_by_which_name_a_conversation_was_found(searching: Running) -> None:
    file = Attachment(id="f1", name="Broken lid.jpg", content_type="image/jpeg", size_bytes=1)
    one = await hear(searching, "one", "See the picture.", subject="Order 7", attachments=(file,))
    await hear(searching, "one", "Any news?", subject="Still waiting for my wok")
    link = {"url": "https://work.example/7", "title": "Hinge recall"}
    await command(searching, f"/conversations/{one}/links", link)
    for typed, kind, text, marked in (
        ("broken", "file", "Broken lid.jpg", "Broken"),
        ("recall", "link", "Hinge recall", "recall"),
        ("subject:waiting", "subject", "Still waiting for my wok", "waiting"),
    ):
        await finds(searching, typed, one)
        [item] = (await ask(searching, typed))["items"]
        [about] = item["about"]
        assert (about["kind"], about["text"]) == (kind, text)
        assert [about["text"][a:b] for a, b in about["marks"]] == [marked]
        assert item["hits"] == []
    [item] = (await ask(searching, "picture"))["items"]
    assert item["about"] == []


async def test_operators_narrow(searching: Running) -> None:
    file = Attachment(id="f1", name="invoice-77.pdf", content_type="application/pdf", size_bytes=1)
    one = await hear(searching, "one", "refund", attachments=(file,))
    two = await hear(searching, "two", "refund", sender="bob@work.example", brand_id="earth-echo", subject="Broken lid")
    three = await hear(searching, "three", "refund", channel="chat", sender="v1")
    await finds(searching, "refund ", one, two, three)
    for typed, wanted in {
        "has:attachment": {one},
        "invoice-77": {one},
        "brand:earth-echo": {two},
        "-brand:earth-echo refund": {one, three},
        "from:bob@work.example": {two},
        "from:@work.example": {two},
        'subject:"broken lid"': {two},
        "to:support@earth-echo.example": {two},
        "channel:chat": {three},
        "channel:chat,email": {one, two, three},
        "before:2020": set(),
        "after:today refund": {one, two, three},
        "team:none refund": {one, two, three},
        f"id:{one}": {one},
        "-refund": set(),
        "": set(),
        "...": set(),
    }.items():
        assert set(await found(searching, typed)) == wanted, typed
    assert set(await found(searching, "refund", inbox="brand:earth-echo")) == {two}
    assert await found(searching, "refund", inbox="mine") == []


async def test_spam_is_found_in_spam_alone(searching: Running) -> None:
    one = await hear(searching, "one", "cheap watches")
    await finds(searching, "watches ", one)
    await command(searching, f"/conversations/{one}/spam", {"spam": True})
    await finds(searching, "watches ")
    assert await found(searching, "watches ", inbox="spam") == [one]


async def test_what_a_contact_becomes_finds_their_conversations(searching: Running) -> None:
    one = await hear(searching, "one", "Hello")
    await finds(searching, "hello ", one)
    async with searching.browser("maya") as browser:
        contact = (await browser.get("/contacts", params={"q": "ada@example.org"})).json()["items"][0]
        change = {"seen_seq": contact["seq"], "phones": ["+44 20 7946 0018"], "name": "Augusta Lovelace"}
        assert (await browser.patch(f"/contacts/{contact['id']}", json=change)).status_code == 200
    await finds(searching, "lovelace ", one)
    assert await found(searching, "020 7946 0018") == [one]


async def test_pages_go_on_without_a_gap_or_a_repeat(searching: Running) -> None:
    ids = {await hear(searching, f"n{n}", "paged") for n in range(23)}
    await finds(searching, "paged ", *ids, limit=50)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await ask(searching, "paged ", limit=5, **more)
        assert (page["total"] == 23) == (cursor is None)
        seen += [one["head"]["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 23
    assert set(seen) == ids
    items = (await ask(searching, "paged ", limit=50))["items"]
    at = [datetime.fromisoformat(one["head"]["last_activity_at"]) for one in items]
    assert at == sorted(at, reverse=True)


# ── nobody in where they don't belong ────────────────────────────────────────────────────────────
async def test_nobody_finds_what_they_do_not_see(searching: Running) -> None:
    """By any word, operator, inbox, id or cursor, and not by the number of hits either."""
    theirs = await hear(searching, "theirs", "secret zebra", brand_id="earth-echo")
    own = await hear(searching, "own", "open zebra", brand_id="paleo-hacks")
    await finds(searching, "zebra ", theirs, own)
    await searching.narrow("paleo-hacks")
    for typed in (
        "zebra ",
        "zeb",
        "-nothing zebra",
        f"id:{own},{theirs} zebra",
        "status:open zebra",
        "channel:email zebra",
    ):
        answer = await ask(searching, typed, "narrow")
        assert [one["head"]["id"] for one in answer["items"]] == [own], typed
        assert answer["total"] == 1, typed
    for typed in ("secret", theirs, f"id:{theirs}", "to:support@earth-echo.example"):
        answer = await ask(searching, typed, "narrow")
        assert (answer["items"], answer["total"]) == ([], 0), typed
    for inbox in ("brand:earth-echo", "spam", "mine"):
        assert await found(searching, "zebra ", "narrow", inbox=inbox) == []
    async with searching.browser("narrow") as browser:
        refused = await browser.get("/search", params={"q": "brand:earth-echo zebra"})
        assert refused.status_code == 422
        assert "Earth" not in refused.text  # not even its name is offered


async def test_a_limit_of_channels_and_teams_holds_and_own_ones_are_found(searching: Running) -> None:
    role = RoleChanged(
        role_id="chatter",
        seq=1,
        name="C",
        permissions=("conversations.read", "conversations.reply", "conversations.edit"),
        channels=("chat",),
        own_teams_only=True,
    )
    agent = AgentChanged(
        agent_id="cleo", seq=1, name="Cleo", email="c@x.example", role_id="chatter", team_ids=("email-support",)
    )
    await searching.store.directory.put(role)
    await searching.store.directory.put(agent)
    await searching.learn()
    mail, chat, given = [
        await hear(searching, "mail", "zebra"),
        await hear(searching, "chat", "zebra", channel="chat", sender="v1"),
        await hear(searching, "given", "zebra"),
    ]
    await finds(searching, "zebra ", mail, chat, given)
    assert await found(searching, "zebra ", "cleo") == []
    await command(searching, f"/conversations/{mail}/assign", {"team_id": "email-support", "assignee_id": None}, "lead")
    await command(searching, f"/conversations/{chat}/assign", {"team_id": "email-support", "assignee_id": None}, "lead")
    await command(searching, f"/conversations/{given}/assign", {"team_id": None, "assignee_id": "cleo"}, "lead")
    await finds(searching, "zebra ", chat, given, agent_id="cleo")


async def test_what_has_left_somebodys_scope_is_not_shown_even_before_the_index_knows(
    searching: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await hear(searching, "one", "zebra")
    await finds(searching, "zebra ", one)
    await searching.narrow("paleo-hacks")
    assert await found(searching, "zebra ", "narrow") == [one]
    # Behind the index's back, as if it had not heard of it yet.
    await searching.store.conversations.update_one({"_id": one}, {"$set": {"brand_id": "earth-echo"}})
    assert await found(searching, "zebra ", "narrow") == []


async def test_a_view_is_searched_by_those_who_have_it(searching: Running) -> None:
    one = await hear(searching, "one", "zebra")
    await hear(searching, "two", "zebra", brand_id="earth-echo")
    async with searching.browser("maya") as browser:
        body = {"name": "Paleo", "filter": {"brand": "paleo-hacks", "status": "open"}}
        view = (await browser.post("/views", json=body)).json()["id"]
    await finds(searching, "zebra ", one, inbox=f"view:{view}")
    async with searching.browser("leo") as browser:
        assert (await browser.get("/search", params={"q": "zebra", "inbox": f"view:{view}"})).status_code == 404


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"q": "status:nope"}, "unclear_search"),
        ({"q": "x", "cursor": "!!"}, "bad_cursor"),
        ({"q": "x", "cursor": "WzEsIFtdLCAzXQ"}, "bad_cursor"),
        ({"q": "x", "inbox": "nothing"}, "unknown_inbox"),
        ({"q": "x", "zone": "Mars/Base"}, "unknown_zone"),
        ({"q": "x", "zone": "../../etc/passwd"}, "unknown_zone"),
        ({"q": "x" * 501}, "invalid"),
    ],
)
async def test_what_cannot_be_searched_is_told_at_its_field(
    searching: Running, params: dict[str, str], code: str
) -> None:
    async with searching.browser("maya") as browser:
        answer = await browser.get("/search", params=params)
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == code


async def test_a_fault_says_where_it_stands(searching: Running) -> None:
    async with searching.browser("maya") as browser:
        told: httpx.Response = await browser.get("/search", params={"q": "😀 tag:x asignee:me"})
    fault = told.json()["faults"][0]
    assert (fault["start"], fault["end"]) == (9, 19)  # as a browser counts: the face is two
    assert "assignee:" in fault["message"]
    assert told.json()["errors"] == [{"path": "query.q", "message": fault["message"]}]


# ── every process has it ─────────────────────────────────────────────────────────────────────────
async def test_every_process_finds_what_any_of_them_wrote(searching: Running, tmp_path: Path) -> None:
    """Two more, one beside the first on its machine, one on another; one of them comes later."""
    before = await hear(searching, "before", "zebra")
    await finds(searching, "zebra ", before)
    elsewhere = tmp_path / "another machine"
    async with index_of(searching, tmp_path) as beside, index_of(searching, elsewhere) as other:
        assert {one.name for one in tmp_path.iterdir()} >= {"0", "1"}
        after = await hear(searching, "after", "zebra")
        for index in (beside, other):
            serve(searching, index)
            await finds(searching, "zebra ", before, after)


async def test_a_process_that_was_away_catches_up_without_reading_all_again(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await hear(running, "one", "zebra")
    async with index_of(running, tmp_path) as index:
        serve(running, index)
        await finds(running, "zebra ", one)
    two = await hear(running, "two", "zebra")

    async def scan(*_: Any) -> None:
        raise AssertionError("it read everything again")

    monkeypatch.setattr(SearchIndex, "_scan", scan)
    async with index_of(running, tmp_path) as index:
        serve(running, index)
        await finds(running, "zebra ", one, two)


async def test_a_scan_that_was_broken_off_goes_on_where_it_was(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "PORTION", 5)
    monkeypatch.setattr(search_index, "COMMIT_EVERY", 5)
    ids = {await hear(running, f"n{n}", "zebra") for n in range(20)}
    store, portion = running.store, SearchIndex._portion
    asked: list[str] = []

    async def ends_early(self: SearchIndex, after: str) -> tuple[list[str], list[Any]]:
        asked.append(after)
        if len(asked) == 3:
            self._stopping.set()
        return await portion(self, after)

    monkeypatch.setattr(SearchIndex, "_portion", ends_early)
    first = SearchIndex(store.client, store.conversations.database, tmp_path)
    await first.start()
    assert first._task
    await asyncio.wait_for(first._task, WITHIN_S)
    await first.stop()
    monkeypatch.setattr(SearchIndex, "_portion", portion)
    async with index_of(running, tmp_path) as index:
        serve(running, index)
        assert set(await found(running, "zebra ", limit=50)) == ids
        assert index._engine
        assert index._engine.count == 20


async def test_a_rebuild_makes_every_index_anew_while_the_old_one_answers(
    searching: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "NAMED_EVERY_S", 0.0)
    one = await hear(searching, "one", "zebra")
    await finds(searching, "zebra ", one)
    index = searching.tickets.search
    assert index
    before = index._opened
    await searching.store.conversations.update_one({"_id": one}, {"$set": {"subject": "By hand"}})
    await rename(searching.store.conversations.database)

    async def renamed() -> bool:
        assert await found(searching, "zebra ") == [one]  # at every moment
        return index._opened != before

    await until(renamed, "an index of the new name")
    assert await found(searching, 'subject:"by hand"') == [one]
    assert len([each for each in (tmp_path / "0").iterdir() if each.is_dir()]) == 1


async def test_until_there_is_an_index_a_search_says_so(running: Running, tmp_path: Path) -> None:
    index = SearchIndex(running.store.client, running.store.conversations.database, tmp_path)
    serve(running, index)
    async with running.browser("maya") as browser:
        answer = await browser.get("/search", params={"q": "zebra"})
        assert (answer.status_code, answer.json()["code"]) == (503, "search_is_being_made")
        assert answer.headers["retry-after"]
    with pytest.raises(Unavailable):
        await index.search(Every(()), 1)


async def test_the_lag_is_told(searching: Running) -> None:
    def count() -> float:
        return sum(one.value for one in metrics.search_lag_seconds.collect()[0].samples if one.name.endswith("_count"))

    before = count()
    one = await hear(searching, "one", "zebra")
    await finds(searching, "zebra ", one)
    await until(lambda: _true(lambda: count() > before), "a lag")


async def _true(holds: Callable[[], bool]) -> bool:
    return holds()


async def test_who_is_not_signed_in_finds_nothing(searching: Running) -> None:
    async with searching.browser() as browser:
        assert (await browser.get("/search", params={"q": "x"})).status_code == 401
