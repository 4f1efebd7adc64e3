"""Agents are told once, whatever is killed or comes again; mailed once what they did not read; and only their own."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from deploy.local.ports import HOST
from services.notifications.model import RETRY_AFTER_S
from services.notifications.notices import api
from services.notifications.notices.handlers import NoticeHandlers
from services.notifications.notices.mailer import NoticeMailer
from services.notifications.notices.store import Notices
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from services.notifications.store import Store
from shared import clock, kafka, mongo
from shared.access import Access
from shared.contracts.base import Event
from shared.contracts.conversations import Assigned, NoteAdded
from shared.directory import Directory
from shared.http import http_app
from shared.topics import CONVERSATIONS, DIRECTORY, NOTICES
from tests.integration.notifications.test_service import Process, Topics
from tests.integration.notifications.test_service import process as process
from tests.integration.notifications.test_service import topics as topics
from tests.integration.notifications.world import Desk, Mailbox, MovingClock, until
from tests.unit.notifications.examples import ENTRY, MAYA, head, received

DELAY_S = 15 * 60


@dataclass
class Part:
    """One process's worth of telling."""

    clock: MovingClock
    desk: Desk
    directory: Directory
    store: Store
    notices: Notices
    handlers: NoticeHandlers
    mailer: NoticeMailer
    client: httpx.AsyncClient

    async def hears(self, *events: tuple[str, Event]) -> None:
        await self.handlers.on_events([received(event, event_id) for event_id, event in events])

    async def asks(self, agent_id: str, method: str, path: str, **options: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.desk.token(agent_id)}"}
        return await self.client.request(method, path, headers=bearer, **options)

    async def shown(self, agent_id: str, query: str = "") -> Any:
        return (await self.asks(agent_id, "GET", f"/notices{query}")).raise_for_status().json()

    async def wishes(self, agent_id: str, **fields: Any) -> httpx.Response:
        seq = (await self.asks(agent_id, "GET", "/notice-preferences")).json()["seq"]
        return await self.asks(agent_id, "PUT", "/notice-preferences", json={"seen_seq": seq, **fields})

    async def idle(self) -> None:
        """Nothing waits to be mailed by now."""

        async def look() -> bool:
            return await self.notices.mails.find_one({"due_at": {"$lte": self.clock()}}) is None

        await until(look)


Start = Callable[[], Any]


@pytest_asyncio.fixture
async def start(settings: NotificationsSettings) -> AsyncIterator[Start]:
    """Start a process's worth of the parts; they share the database and the clock."""
    begun: list[Part] = []
    moving, desk = MovingClock(), Desk()

    async def make() -> Part:
        client = mongo.connect(settings)
        store = Store(client, mongo.database(client, settings, "notifications"), moving)
        directory = Directory(settings)
        for _, event in desk.events():
            directory.learn(event)
        directory._whole = True
        access, notices = Access(directory, moving), Notices(client, store.database, store.log)
        mailer = NoticeMailer(settings, notices, Smtp(settings), directory, access, moving)
        handlers = NoticeHandlers(notices, directory, access, moving, mailer.nudge)
        await store.ensure_indexes(applied_days=60)
        await notices.ensure_indexes(days=90)
        http = http_app(service="notifications", title="t", about="", settings=settings)
        http.state.access = Access(directory, clock.now)
        http.include_router(api.routes(notices, moving))
        asked = httpx.AsyncClient(transport=httpx.ASGITransport(http), base_url="http://desk.example")
        await mailer.start()
        begun.append(Part(moving, desk, directory, store, notices, handlers, mailer, asked))
        return begun[-1]

    yield make
    for one in begun:
        await one.mailer.stop()
        await one.client.aclose()
        await one.store.client.close()


def note(n: int, now: datetime, *mentions: str, **about: Any) -> tuple[str, NoteAdded]:
    place = head(**({"id": f"c-{n % 3}", "subject": f"Order {n % 3}"} | about))
    text = f"between us {n}"
    fields = {"conversation_id": place.id, "seq": n, "by": MAYA, "entry_id": ENTRY, "text": text, "html": text}
    return f"event-{n}", NoteAdded(**fields, at=now, head=place, mentions=mentions or ("admin",))


async def test_a_second_delivery_tells_nobody_again(start: Start) -> None:
    one, other = await start(), await start()
    said = note(1, one.clock(), "admin", "maya", "echo", "nobody")
    await asyncio.gather(one.hears(said, said), other.hears(said))
    await other.hears(said)
    rows = [row async for row in one.notices.rows.find()]
    # not oneself, nobody who is not there, and nobody who may not see the brand
    assert [row["agent_id"] for row in rows] == ["admin"]
    logged = [row async for row in one.store.log.rows.find({"topic": NOTICES.name})]
    assert [(row["key"], row["aggregate_id"]) for row in logged] == [("admin", rows[0]["_id"])]


async def test_one_mail_for_all_that_was_not_read_in_time(start: Start, mailbox: Mailbox) -> None:
    one, other = await start(), await start()
    await one.hears(*[note(n, one.clock()) for n in range(1, 6)])
    await one.asks("admin", "POST", "/notices/read", json={"conversation_id": "c-1"})
    one.clock.forward(DELAY_S - 5)
    await one.hears(note(6, one.clock()))
    await one.idle()
    assert mailbox.got == []
    one.clock.forward(6)

    async def arrived() -> bool:
        return len(mailbox.got) > 0

    await until(arrived)
    await one.idle()
    await other.idle()
    one.clock.forward(2 * DELAY_S)
    await one.idle()
    (mail,) = mailbox.mails()
    assert (str(mail["To"]), str(mail["From"])) == ("Admin <admin@desk.example>", "Switchboard <no-reply@desk.example>")
    assert str(mail["Subject"]) == "4 things that you have not seen yet"
    assert str(mail["Auto-Submitted"]) == "auto-generated"
    said = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "https://desk.example/inbox/mine/c-2" in said
    assert "c-1" not in said
    assert "between us" not in said


async def test_what_was_read_meanwhile_is_not_mailed(start: Start, mailbox: Mailbox) -> None:
    one = await start()
    await one.hears(note(1, one.clock()))
    page = await one.shown("admin")
    await one.asks("admin", "POST", "/notices/read", json={"ids": [page["items"][0]["id"]]})
    one.clock.forward(DELAY_S + 1)
    await one.idle()
    assert mailbox.got == []


async def test_quiet_hours_hold_mail_and_desktop_back_until_they_end(start: Start, mailbox: Mailbox) -> None:
    one = await start()
    now = one.clock().astimezone(UTC)
    quiet = {
        "start": (now - timedelta(minutes=1)).strftime("%H:%M"),
        "end": (now + timedelta(hours=3)).strftime("%H:%M"),
        "time_zone": "UTC",
    }
    assert (await one.wishes("admin", quiet=quiet)).json()["quiet_until"] is not None
    await one.hears(note(1, one.clock()))
    row = await one.store.log.rows.find_one({"topic": NOTICES.name})
    assert row
    said = json.loads(row["value"])
    assert (said["in_app"], said["desktop"], said["email"]) == (True, False, True)
    one.clock.forward(2 * 3600)
    await one.idle()
    assert mailbox.got == []
    assert (await one.shown("admin"))["unread"] == 1
    # they end early: what has waited long enough leaves at once
    await one.wishes("admin", quiet=None)

    async def arrived() -> bool:
        return len(mailbox.got) == 1

    await until(arrived)


async def test_a_mail_server_that_is_away_is_asked_again_and_one_that_refuses_is_not(
    start: Start, mailbox: Mailbox
) -> None:
    one = await start()
    mailbox.refuse_data = "451 later"
    await one.wishes("admin", email_after_minutes=0)
    await one.hears(note(1, one.clock()))

    async def tried() -> bool:
        row = await one.notices.mails.find_one({"_id": "admin"})
        return row is not None and row["tries"] == 1

    await until(tried)
    mailbox.refuse_data = ""
    one.clock.forward(600)

    async def arrived() -> bool:
        return len(mailbox.got) == 1

    await until(arrived)
    mailbox.refuse_rcpt["admin@desk.example"] = "550 no such user"
    await one.hears(note(2, one.clock()))
    await one.idle()
    one.clock.forward(DELAY_S * 100)
    await one.idle()
    assert len(mailbox.got) == 1
    assert await one.notices.rows.count_documents({"to_mail": True}) == 0


async def test_what_comes_while_the_mail_server_is_away_calls_it_no_sooner(start: Start, mailbox: Mailbox) -> None:
    """While it is asked, and after it refused: else a busy agent's tries are used up within minutes."""
    one = await start()
    await one.wishes("admin", email_after_minutes=0)
    mailbox.refuse_data, mailbox.hang = "451 later", {"admin@desk.example"}
    await one.hears(note(1, one.clock()))
    assert await asyncio.to_thread(mailbox.holding.wait, 20)
    await one.hears(note(2, one.clock()))
    mailbox.released.set()

    async def tried() -> bool:
        row = await one.notices.mails.find_one({"_id": "admin"})
        return row is not None and "lease_by" not in row and row["tries"] == 1

    await until(tried)
    before = await one.notices.mails.find_one({"_id": "admin"})
    await one.hears(note(3, one.clock()))
    after = await one.notices.mails.find_one({"_id": "admin"})
    assert before
    assert after
    assert after["due_at"] == before["due_at"] > one.clock() + timedelta(seconds=RETRY_AFTER_S[1] - 60)
    await one.idle()
    assert mailbox.attempts == 1
    mailbox.refuse_data = ""
    one.clock.forward(RETRY_AFTER_S[1] + 1)

    async def arrived() -> bool:
        return len(mailbox.got) == 1

    await until(arrived)
    assert await one.notices.rows.count_documents({"to_mail": True}) == 0


async def test_an_agent_who_left_is_not_mailed(start: Start, mailbox: Mailbox) -> None:
    one = await start()
    await one.hears(note(1, one.clock()))
    one.directory.learn(Desk.agent("admin", role_id="admin", seq=2, active=False))
    one.clock.forward(DELAY_S + 1)
    await one.idle()
    assert mailbox.got == []


async def test_ones_own_are_listed_page_by_page_and_marked_as_read(start: Start) -> None:
    one = await start()
    await one.hears(*[note(n, one.clock() + timedelta(milliseconds=n)) for n in range(1, 8)])
    first = await one.shown("admin", "?limit=4")
    second = await one.shown("admin", f"?limit=4&cursor={first['next_cursor']}")
    seen = [item["excerpt"] for item in (*first["items"], *second["items"])]
    assert seen == [f"between us {n}" for n in range(7, 0, -1)]
    assert (first["unread"], second["next_cursor"]) == (7, None)
    assert (await one.shown("maya"))["items"] == []
    # somebody else's are left as they are
    ids = [item["id"] for item in first["items"]]
    await one.asks("maya", "POST", "/notices/read", json={"ids": ids})
    assert (await one.asks("admin", "GET", "/notices/unread")).json() == {"unread": 7}
    assert (await one.asks("admin", "POST", "/notices/read", json={"ids": ids[:1]})).json() == {"unread": 6}
    assert len((await one.shown("admin", "?unread=true"))["items"]) == 6
    until_then = first["items"][1]["at"]
    assert (await one.asks("admin", "POST", "/notices/read", json={"until": until_then})).json() == {"unread": 0}
    for bad in ({}, {"ids": ids, "ticket_id": "t1"}, {"all": True}):
        assert (await one.asks("admin", "POST", "/notices/read", json=bad)).status_code == 422


async def test_what_moves_out_of_sight_takes_its_notices_along(start: Start) -> None:
    one = await start()
    await one.hears(note(1, one.clock()))
    one.directory.learn(Desk.agent("admin", role_id="admin", brands=("earth-echo",), seq=2))
    assert await one.shown("admin") == {"items": [], "next_cursor": None, "unread": 0}
    one.directory.learn(Desk.agent("admin", role_id="admin", seq=3))
    assert (await one.shown("admin"))["unread"] == 1
    after = head(id="c-1", team_id="phone", assignee_id="echo")
    moved = Assigned(
        conversation_id="c-1", seq=2, at=one.clock(), by=MAYA, head=after,
        team_id="phone", assignee_id="echo", previous_team_id=None, previous_assignee_id=None,
    )  # fmt: skip
    before = moved.model_copy(update={"seq": 1, "head": head(id="c-1", team_id="email")})
    await one.hears(("event-1", before), ("event-2", moved), ("event-1", before))
    row = await one.notices.rows.find_one({"conversation_id": "c-1"})
    assert row
    assert (row["team_id"], row["assignee_id"]) == ("phone", "echo")
    await one.hears(("event-1", before))
    row = await one.notices.rows.find_one({"conversation_id": "c-1"})
    assert row
    assert row["team_id"] == "phone", "what is read again after a restore moves nothing back"


async def test_preferences_say_what_is_wrong_and_are_never_written_over_unseen(start: Start) -> None:
    one = await start()
    usual = (await one.asks("maya", "GET", "/notice-preferences")).json()
    assert (usual["seq"], usual["quiet"], usual["email_after_minutes"]) == (0, None, 15)
    ways = [{**each, "email": False} for each in usual["ways"]]
    changed = await one.wishes("maya", ways=ways)
    assert changed.json()["seq"] == 1
    clash = await one.asks("maya", "PUT", "/notice-preferences", json={"seen_seq": 0})
    assert (clash.status_code, clash.json()["code"]) == (409, "changed_meanwhile")
    assert clash.json()["existing"]["ways"] == ways
    quiet = {"start": "22:00", "end": "07:00", "time_zone": "Europe/Berlin"}
    for bad, path in (
        ({"quiet": {**quiet, "time_zone": "../etc/passwd"}}, "body.quiet.time_zone"),
        ({"quiet": {**quiet, "end": "22:00"}}, "body.quiet.end"),
        ({"quiet": {**quiet, "start": "25:00"}}, "body.quiet.start"),
        ({"email_after_minutes": -1}, "body.email_after_minutes"),
        ({"ways": [ways[0], ways[0]]}, "body.ways"),
    ):
        refused = await one.wishes("maya", **bad)
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, path)
    assert (await one.asks("admin", "GET", "/notice-preferences")).json()["seq"] == 0


async def test_what_is_wanted_nowhere_makes_no_notice(start: Start) -> None:
    one = await start()
    never = [{"kind": "mention", "in_app": False, "desktop": False, "email": False}]
    await one.wishes("admin", ways=never)
    await one.hears(note(1, one.clock()))
    assert await one.notices.rows.count_documents({}) == 0


# ── the whole service ────────────────────────────────────────────────────────────────────────────
async def _live(process: Process, desk: Desk, agent_id: str, last_id: str | None = None) -> ClientConnection:
    socket = await connect(f"ws://{HOST}:{process.url.rpartition(':')[2]}/live")
    await socket.send(json.dumps({"type": "hello", "token": desk.token(agent_id), "last_id": last_id}))
    assert json.loads(await socket.recv())["type"] == "ready"
    return socket


async def _notice(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while (frame := json.loads(await socket.recv()))["type"] != "notice":
            pass
    found: dict[str, Any] = frame
    return found


async def _kinds_until(socket: ClientConnection, text: str) -> list[str]:
    """The kinds of frames up to the event that says this."""
    kinds: list[str] = []
    async with asyncio.timeout(20):
        while True:
            frame = json.loads(await socket.recv())
            kinds.append(frame["type"])
            if frame["type"] == "event" and frame["event"]["data"].get("text") == text:
                return kinds


async def test_a_browser_is_told_live_and_after_a_gap_and_a_kill_makes_nothing_twice(
    process: Process, topics: Topics, settings: NotificationsSettings
) -> None:
    desk = Desk()
    for key, event in desk.events():
        await topics.publish(DIRECTORY, key, event, key)

    async def publish(n: int) -> None:
        event_id, event = note(n, clock.now())
        await topics.publish(CONVERSATIONS, event.conversation_id, event, event_id)

    await process.start()
    socket = await _live(process, desk, "admin")
    await publish(1)
    first = await _notice(socket)
    assert (first["notice"]["excerpt"], first["in_app"], first["desktop"]) == ("between us 1", True, True)
    assert "team_id" not in first["notice"]
    await socket.close()
    await publish(2)

    async def kept() -> bool:
        return await rows.count_documents({}) == 2

    client = mongo.connect(settings)
    rows = mongo.database(client, settings, "notifications").get_collection("notices")
    await until(kept)
    # somebody else hears nothing of it; its agent, back after a gap, what they missed
    socket, other = await _live(process, desk, "admin", first["id"]), await _live(process, desk, "maya", first["id"])
    assert (await _notice(socket))["notice"]["excerpt"] == "between us 2"
    await publish(3)
    assert "notice" not in await _kinds_until(other, "between us 3")
    await socket.close()
    await other.close()
    for n in range(4, 31):
        await publish(n)
        if n == 15:
            process.end(signal.SIGKILL)
            await process.start()
            await publish(n)  # come again

    async def all_kept() -> bool:
        return await rows.count_documents({}) == 30

    await until(all_kept, within_s=40)

    async def all_told() -> bool:
        return len(await _told(settings)) == 30

    await until(all_told, within_s=40)
    await client.close()


async def _told(settings: NotificationsSettings) -> set[str]:
    """The notices on the Kafka topic."""
    consumer = kafka.reader(settings, NOTICES.name)
    await consumer.start()
    try:
        found: set[str] = set()
        while batches := await consumer.getmany(timeout_ms=1500):
            for records in batches.values():
                found |= {json.loads(record.value)["notice_id"] for record in records if record.value}
        return found
    finally:
        await consumer.stop()
