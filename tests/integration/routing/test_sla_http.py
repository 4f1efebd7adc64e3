"""Policies and calendars over HTTP: versions, places of errors, who may, and when something would be due."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from httpx import ASGITransport, AsyncClient

from services.routing.api import calendars, sla
from services.routing.settings import RoutingSettings
from shared.access import Access
from shared.contracts.directory import SigningKeyChanged
from shared.http import http_app
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_http import KEY, bearer
from tests.unit.routing.examples import condition
from tests.unit.routing.sla.test_timetable import calendar

OFFICE = calendar("UTC").model_dump()


@pytest_asyncio.fixture
async def http(replica: Replica, settings: RoutingSettings) -> AsyncIterator[AsyncClient]:
    replica.directory.learn(SigningKeyChanged(key_id="k", seq=1, jwk=KEY.as_dict(private=False)))
    app = http_app(service="routing", title="t", about="a", settings=settings)
    app.state.access = Access(replica.directory, replica.clock)
    app.include_router(sla.routes(replica.store, replica.directory, replica.clock))
    app.include_router(calendars.routes(replica.store.calendars, replica.clock))
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://x/api/routing", headers=bearer("lead")) as client:
        yield client


def policy(**changes: Any) -> dict[str, Any]:
    return {"name": "All", "if": None, "first_response_s": 3600, **changes}


async def test_a_calendar_that_a_policy_counts_by_stays_and_every_version_is_kept(http: AsyncClient) -> None:
    made = (await http.post("/calendars", json=OFFICE)).json()
    at = f"/calendars/{made['id']}"
    kept = (await http.post("/sla/policies", json=policy(calendar_id=made["id"]))).json()
    changed = await http.put(at, json={**OFFICE, "name": "Later"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = await http.put(at, json=OFFICE, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    refused = await http.delete(at, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    gone = await http.post(f"/sla/policies/{kept['id']}/retire", json={}, headers={"If-Match": '"1"'})
    assert gone.status_code == 200, gone.text
    assert (await http.delete(at, headers={"If-Match": '"2"'})).status_code == 204
    assert [one["name"] for one in (await http.get(f"{at}/versions")).json()["items"]] == ["Later", "Office"]


async def test_what_cannot_be_saved_names_the_place(http: AsyncClient) -> None:
    text = {"all": [condition("message.text", "contains", "x")]}
    answer = await http.post("/sla/policies", json=policy(calendar_id="gone", **{"if": text}))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_policy")
    assert [one["path"] for one in answer.json()["errors"]] == ["if.all[0].field", "calendar_id"]
    answer = await http.post("/calendars", json={**OFFICE, "time_zone": "Nowhere"})
    assert [one["path"] for one in answer.json()["errors"]] == ["time_zone"]


async def test_only_who_may_and_calendars_only_for_the_whole_desk(http: AsyncClient) -> None:
    """echo is a lead of one brand."""
    assert (await http.post("/sla/policies", json=policy(), headers=bearer("maya"))).status_code == 403
    assert (await http.post("/calendars", json=OFFICE, headers=bearer("echo"))).status_code == 403
    assert (await http.post("/sla/policies", json=policy(), headers=bearer("echo"))).status_code == 403
    own = await http.post("/sla/policies", json=policy(brand_ids=["earth-echo"]), headers=bearer("echo"))
    assert own.status_code == 201
    other = (await http.post("/sla/policies", json=policy(brand_ids=["paleo-hacks"]))).json()
    assert (await http.get(f"/sla/policies/{other['id']}", headers=bearer("echo"))).status_code == 404
    seen = (await http.get("/sla/policies", headers=bearer("echo"))).json()["items"]
    assert [one["id"] for one in seen] == [own.json()["id"]]


async def test_started_now_due_when(http: AsyncClient) -> None:
    """The test's clock stands on Friday, the first of May, at nine."""
    body = {"goals": [3600, 10 * 3600], "warn_percent": 20, "calendar": OFFICE}
    found = (await http.post("/sla/preview", json=body)).json()
    assert found["open"]
    assert [one["due_at"] for one in found["goals"]] == ["2026-05-01T10:00:00Z", "2026-05-04T11:00:00Z"]
    assert found["goals"][0]["warn_at"] == "2026-05-01T09:48:00Z"
    labour_day = {**body, "calendar": {**OFFICE, "country": "DE"}}
    found = (await http.post("/sla/preview", json=labour_day)).json()
    assert not found["open"]
    assert found["goals"][0]["due_at"] == "2026-05-04T10:00:00Z"
    far = await http.post("/sla/preview", json={**body, "started_at": "9000-01-01T00:00:00Z"})
    assert far.json()["code"] == "too_far"
    days = (await http.post("/calendars/holidays", json={**OFFICE, "country": "DE"})).json()["items"]
    assert "2026-05-01" in {one["date"] for one in days}


async def test_a_policy_for_tickets_is_saved_with_its_conditions_and_what_is_wrong_is_named(http: AsyncClient) -> None:
    asks = {"all": [condition("ticket.team", "is", "email-support")]}
    body = policy(first_response_s=None, resolution_s=7200, ticket_if=asks)
    made = (await http.post("/sla/policies", json=body)).json()
    assert (made["resolution_s"], made["ticket_if"]["all"][0]["field"]) == (7200, "ticket.team")
    wrong = {"all": [condition("ticket.state", "is", "resolved")]}
    refused = await http.post("/sla/policies", json={**body, "ticket_if": wrong})
    assert [one["path"] for one in refused.json()["errors"]] == ["ticket_if.all[0].field"]
    schema = (await http.get("/sla/schema")).json()
    of_tickets = {one["name"] for one in schema["ticket_fields"]}
    assert {"ticket.type", "ticket.team"} <= of_tickets
    assert not of_tickets & ({one["name"] for one in schema["fields"]} | {"ticket.state", "ticket.due_at"})
