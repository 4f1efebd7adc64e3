"""Deliveries over HTTP: who may look, what they see, and sending again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from services.notifications import api
from services.notifications.model import Delivery, record, refuse_all
from services.notifications.store import Intent, Store
from shared import clock, mongo
from shared.access import Access
from shared.directory import Directory
from shared.http import http_app
from shared.log import Cause
from shared.settings import Settings
from tests.integration.notifications.world import Desk
from tests.unit.notifications.examples import delivery


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest_asyncio.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    client = mongo.connect(settings)
    made = Store(client, mongo.database(client, settings, "notifications"), clock.now)
    await made.ensure_indexes(applied_days=60)
    yield made
    await client.close()


@pytest_asyncio.fixture
async def client(settings: Settings, store: Store, desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    directory = Directory(settings)
    for _, event in desk.events():
        directory.learn(event)
    directory.learn(Desk.agent("echo-admin", role_id="admin", brands=("earth-echo",)))
    directory._whole = True
    http = http_app(service="notifications", title="t", about="", settings=settings)
    http.state.access = Access(directory, clock.now)
    http.include_router(api.routes(store, None, clock.now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(http), base_url="http://desk.example") as made:
        made.headers["Authorization"] = f"Bearer {desk.token('admin')}"
        yield made


async def keep(store: Store, n: int, *, failed: bool = False) -> Delivery:
    before = delivery(id=f"d{n}", entry_id=f"e{n}")
    await store.accept([Intent(Cause(f"cause-{n}", "c"), before, ())])
    if not failed:
        return before
    after, events = record(before, refuse_all(before, "550 no such user", final=True), now=clock.now(), chance=0)
    await store.record(before, after, events)
    return after


async def test_failed_ones_are_listed_without_what_they_say(client: httpx.AsyncClient, store: Store) -> None:
    await keep(store, 1)
    await keep(store, 2, failed=True)
    for state in ("failed", "dead"):
        answer = await client.get("/deliveries", params={"state": state})
        (row,) = answer.json()["items"]
        assert (row["id"], row["state"], row["retry_at"]) == ("d2", "failed", None)
        assert "550 no such user" in row["reason"]
        assert "left this morning" not in answer.text


async def test_pages_follow_each_other_without_a_gap(client: httpx.AsyncClient, store: Store) -> None:
    for n in range(7):
        await keep(store, n)
    seen, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/notifications/deliveries", params=params)).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"d{n}" for n in reversed(range(7))]


async def test_a_failed_one_is_queued_again_once_per_key(client: httpx.AsyncClient, store: Store) -> None:
    failed = await keep(store, 1, failed=True)
    headers = {"Idempotency-Key": "k1"}
    answer = await client.post("/deliveries/d1/retry", headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    queued = await store.get("d1")
    assert (queued.pending, queued.seq) == (("dana@customer.example",), failed.seq + 1)
    again, _ = record(queued, refuse_all(queued, "550 no", final=True), now=clock.now(), chance=0)
    await store.record(queued, again, ())
    assert (await client.post("/deliveries/d1/retry", headers=headers)).json()["state"] == "failed"
    assert (await client.post("/deliveries/d1/retry", headers={"Idempotency-Key": "k2"})).json()["state"] == "queued"


async def test_one_being_sent_right_now_is_left_alone(client: httpx.AsyncClient, store: Store) -> None:
    await keep(store, 1)
    until_then = clock.now() + timedelta(days=365)
    await store.deliveries.update_one({"_id": "d1"}, {"$set": {"lease_until": until_then, "lease_by": "x"}})
    assert (await client.post("/deliveries/d1/retry")).status_code == 200
    assert (await store.get("d1")).seq == 1


async def test_a_sent_one_is_not_sent_again(client: httpx.AsyncClient, store: Store) -> None:
    await store.deliveries.insert_one({**delivery(state="sent", mail=None).model_dump(exclude={"id"}), "_id": "d1"})
    answer = await client.post("/deliveries/d1/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_sent")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/deliveries"), ("GET", "/deliveries/d1"), ("POST", "/deliveries/d1/retry")]
)
async def test_only_operators_of_the_brand_get_in(
    client: httpx.AsyncClient, store: Store, desk: Desk, method: str, path: str
) -> None:
    await keep(store, 1, failed=True)
    for token, status in (("", 401), ("nonsense", 401), (desk.token("maya"), 403)):
        answer = await client.request(method, path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    answer = await client.request(method, path, headers={"Authorization": f"Bearer {desk.token('echo-admin')}"})
    assert answer.json()["items"] == [] if path == "/deliveries" else answer.status_code == 404


@pytest.mark.parametrize("query", ["state=odd", "cursor=nonsense", "cursor=%00", "limit=0", "limit=1000"])
async def test_a_wrong_question_is_answered_with_what_is_wrong(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/deliveries?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith("query.")
