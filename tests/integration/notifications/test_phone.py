"""Calls that agents ask for and their statuses, on real MongoDB and a stand-in for Aircall over HTTP."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from services.notifications.phone.aircall import Aircall as Client
from services.notifications.phone.dialer import Dialer
from services.notifications.phone.handlers import PhoneHandlers
from services.notifications.phone.statuses import StatusPush
from services.notifications.phone.store import Dials, PhoneStatuses, dialing_of
from services.notifications.settings import NotificationsSettings
from services.notifications.store import Store
from shared import clock, mongo
from shared.contracts.common import Actor
from shared.contracts.conversations import CallRequested
from shared.contracts.phone import Dial
from shared.contracts.routing import StatusChanged
from shared.directory import Directory
from shared.topics import CONVERSATIONS, DIRECTORY
from tests.integration.notifications.test_service import Process, Topics
from tests.integration.notifications.test_service import process as process
from tests.integration.notifications.test_service import topics as topics
from tests.integration.notifications.world import Desk, MovingClock, until
from tests.standins.aircall import Aircall
from tests.unit.notifications.examples import head, received

LINE, NUMBER = "+13105550104", "+14155550137"
MAYA = "maya@desk.example"


@pytest.fixture
def aircall() -> Iterator[Aircall]:
    with Aircall({"admin@desk.example": "Admin", MAYA: "Maya"}, [LINE]) as running:
        yield running


@dataclass
class Phone:
    """The parts under test, with the clock that they share."""

    clock: MovingClock
    store: Store
    dials: Dials
    dialer: Dialer
    push: StatusPush
    handlers: PhoneHandlers

    async def ends(self, request_id: str) -> Any:
        async def look() -> Any:
            row = await self.dials.rows.find_one({"_id": request_id})
            return dialing_of(row) if row and row["due_at"] is None else None

        return await until(look)

    async def told(self, request_id: str) -> list[str]:
        return [row.name for row in await self.store.log.read(request_id)]


Start = Callable[..., Any]


@pytest_asyncio.fixture
async def start(settings: NotificationsSettings, aircall: Aircall) -> AsyncIterator[Start]:
    """Start a process's worth of the parts; they share the database and the clock."""
    begun: list[Phone] = []
    moving = MovingClock()

    async def make(**changes: Any) -> Phone:
        ours = {"aircall_api_id": "id", "aircall_api_token": "token", "aircall_api_url": aircall.url}
        known = settings.model_dump() | ours | changes
        # Less than it may be: some die in the middle of a call.
        mine = NotificationsSettings.model_validate(known).model_copy(update={"drain_s": 0.1})
        client = mongo.connect(mine)
        store = Store(client, mongo.database(client, mine, "notifications"), moving)
        directory = Directory(mine)
        for _, event in Desk().events():
            directory.learn(event)
        dials, statuses = Dials(client, store.database, store.log), PhoneStatuses(store.database)
        outside = Client(mine)
        dialer = Dialer(mine, dials, outside, directory, moving)
        push = StatusPush(mine, statuses, outside, directory, moving)
        handlers = PhoneHandlers(dials, statuses, moving, dialer.nudge, push.nudge)
        await store.ensure_indexes(applied_days=60)
        await dials.ensure_indexes()
        await dialer.start()
        await push.start()
        begun.append(Phone(moving, store, dials, dialer, push, handlers))
        return begun[-1]

    yield make
    for one in begun:
        await one.dialer.stop()
        await one.push.stop()
        await one.store.client.close()


def asked(request_id: str, now: datetime, *, number: str = NUMBER, line: str = LINE, by: str = "maya") -> CallRequested:
    at = now.astimezone(UTC).replace(microsecond=0)
    dial = Dial(request_id=request_id, number=number, line=line, agent_id=by, asked_at=at)
    about = {"conversation_id": f"c-{request_id}", "seq": 2, "at": at, "by": Actor(kind="agent", id=by)}
    wanted = {"request_id": request_id, "number": number, "line": line, "agent_id": by}
    return CallRequested.model_validate({**about, **wanted, "head": head(id=f"c-{request_id}", dial=dial)})


async def test_a_call_is_dialed_once_however_often_it_is_asked_for(start: Start, aircall: Aircall) -> None:
    phone, other = await start(), await start()
    event = asked("r1", phone.clock())
    for part in (phone, other, phone):
        await part.handlers.on_conversation_events([received(event), received(event)])
    row = await phone.ends("r1")
    assert row.state == "dialed"
    assert aircall.started == [{"email": MAYA, "line": LINE, "to": NUMBER}]
    assert await phone.told("r1") == ["CallDialed"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("not_available", "not available"),
        ("wrong_number", "number"),
        ("line_not_theirs", "+15005550006"),
        ("unknown_user", "echo@desk.example"),
        ("rate_limited", "20 s"),
    ],
)
async def test_a_refusal_is_told_with_its_reason(start: Start, aircall: Aircall, code: str, words: str) -> None:
    phone = await start()
    changes: dict[str, dict[str, str]] = {
        "wrong_number": {"number": "+12"},
        "line_not_theirs": {"line": "+15005550006"},
        "unknown_user": {"by": "echo"},
    }
    if code == "not_available":
        aircall.choose(MAYA, "unavailable", "on_a_break")
    if code == "rate_limited":
        aircall.answers.append((429, {"Retry-After": "20"}))
    event = asked("r1", phone.clock(), **changes.get(code, {}))
    await phone.handlers.on_conversation_events([received(event)])
    row = await phone.ends("r1")
    assert (row.state, row.code) == ("failed", code)
    assert words in row.reason
    assert (row.retry_at is not None) == (code == "rate_limited")
    assert aircall.started == []
    assert await phone.told("r1") == ["CallDialFailed"]


async def test_without_an_account_and_with_a_wrong_key_the_agent_is_told(start: Start, aircall: Aircall) -> None:
    nothing, wrong = await start(aircall_api_id=""), None
    await nothing.handlers.on_conversation_events([received(asked("r1", nothing.clock()))])
    assert (await nothing.ends("r1")).code == "no_account"
    await nothing.dialer.stop()
    wrong = await start(aircall_api_token="guess")
    await wrong.handlers.on_conversation_events([received(asked("r2", wrong.clock()))])
    assert (await wrong.ends("r2")).code == "account_refused"


async def test_an_answer_that_does_not_come_is_told_as_not_known(start: Start, aircall: Aircall) -> None:
    aircall.hang = threading.Event()
    phone = await start(aircall_s=0.5)
    await phone.handlers.on_conversation_events([received(asked("r1", phone.clock()))])
    row = await phone.ends("r1")
    assert (row.state, row.code) == ("unknown", "not_known")
    assert len(aircall.started) == 1


async def test_an_aircall_that_cannot_be_reached_was_not_asked(start: Start) -> None:
    phone = await start(aircall_api_url="http://127.0.0.1:9")
    await phone.handlers.on_conversation_events([received(asked("r1", phone.clock()))])
    row = await phone.ends("r1")
    assert (row.state, row.code) == ("failed", "not_reached")


async def test_a_request_that_was_held_up_is_not_dialed_late(start: Start, aircall: Aircall) -> None:
    phone = await start()
    event = asked("r1", phone.clock())
    phone.clock.forward(90)
    await phone.handlers.on_conversation_events([received(event)])
    assert (await phone.ends("r1")).code == "too_late"
    assert aircall.started == []


async def test_a_process_that_is_killed_while_it_dials_leaves_word_and_nobody_dials_again(
    settings: NotificationsSettings, process: Process, topics: Topics, aircall: Aircall
) -> None:
    """SIGKILL between the request to Aircall and its answer; then again, before the lease is over."""
    for key, event in Desk().events():
        await topics.publish(DIRECTORY, key, event, key)
    process._env |= {
        "SWITCHBOARD_AIRCALL_API_ID": "id",
        "SWITCHBOARD_AIRCALL_API_TOKEN": "token",
        "SWITCHBOARD_AIRCALL_API_URL": aircall.url,
        "SWITCHBOARD_AIRCALL_S": "1",
    }
    aircall.hang = threading.Event()
    await process.start()
    await topics.publish(CONVERSATIONS, "c-r1", asked("r1", clock.now()), "event-r1")

    async def dialing() -> bool:
        return len(aircall.started) == 1

    await until(dialing)
    process.end(signal.SIGKILL)
    await process.start()

    async def told() -> list[str]:
        return [kind for _, kind in await topics.deliveries()]

    kinds = await until(told, within_s=40)
    assert kinds == ["switchboard.notifications.CallDialFailed.v1"]
    assert len(aircall.started) == 1
    client = mongo.connect(settings)
    row = await mongo.database(client, settings, "notifications").get_collection("dials").find_one({"_id": "r1"})
    await client.close()
    assert row
    assert (row["state"], row["code"]) == ("unknown", "not_known")


def status(seq: int, status: str, reason: str = "", *, source: str = "desk", agent_id: str = "maya") -> StatusChanged:
    at = clock.now().replace(microsecond=0)
    about = {"agent_id": agent_id, "seq": seq, "at": at, "status": status, "reason": reason, "source": source}
    return StatusChanged.model_validate(about)


async def shows(aircall: Aircall, available: bool, substatus: str) -> None:
    async def look() -> bool:
        user = aircall.user(MAYA)
        return (user["available"], user["substatus"]) == (available, substatus)

    await until(look)


async def test_a_status_reaches_aircall_and_the_latest_wins(start: Start, aircall: Aircall) -> None:
    phone = await start()
    await phone.handlers.on_availability([received(status(1, "away", "Break/Lunch"))])
    await shows(aircall, False, "out_for_lunch")
    await phone.handlers.on_availability([received(status(3, "online"))])
    await shows(aircall, True, "always_opened")
    # an older one, come again
    await phone.handlers.on_availability([received(status(2, "away", "Coaching"))])
    await phone.handlers.on_availability([received(status(4, "away", "In a meeting"))])
    await shows(aircall, False, "other")
    assert not [one for one in aircall.asked if one == ("PUT", "/v1/users/500")]


async def test_what_came_from_aircall_is_not_sent_back(start: Start, aircall: Aircall) -> None:
    phone = await start()
    await phone.handlers.on_availability([received(status(1, "away", "Coaching", source="phone"))])
    await phone.handlers.on_availability([received(status(1, "online", agent_id="admin"))])

    async def pushed() -> bool:
        return ("PUT", "/v1/users/500") in aircall.asked

    aircall.choose("admin@desk.example", "unavailable")
    await until(pushed)
    assert ("PUT", "/v1/users/501") not in aircall.asked
    assert aircall.user(MAYA)["available"]


async def test_a_status_is_tried_again_until_aircall_has_it(start: Start, aircall: Aircall) -> None:
    phone = await start(aircall_api_url="http://127.0.0.1:9")
    await phone.handlers.on_availability([received(status(1, "away", "Coaching"))])

    async def failed_once() -> bool:
        row = await phone.store.database.get_collection("phone_statuses").find_one({"_id": "maya"})
        return bool(row and row["tries"] == 1 and "lease_by" not in row)

    await until(failed_once)
    await phone.push.stop()
    phone.clock.forward(10)
    await start()
    await shows(aircall, False, "in_training")


async def test_a_desk_that_goes_away_with_a_call_in_hand_hands_it_over(start: Start, aircall: Aircall) -> None:
    """Stopped while Aircall hangs: the next process says that it is not known."""
    aircall.hang = threading.Event()
    first = await start(aircall_s=20.0)
    await first.handlers.on_conversation_events([received(asked("r1", first.clock()))])

    async def dialing() -> bool:
        return len(aircall.started) == 1

    await until(dialing)
    await first.dialer.stop()
    await asyncio.sleep(0)
    first.clock.forward(200)
    second = await start()
    row = await second.ends("r1")
    assert (row.state, row.code) == ("unknown", "not_known")
    assert len(aircall.started) == 1
