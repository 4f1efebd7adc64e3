"""Aircall's webhooks about users, on real servers."""

from __future__ import annotations

import json
import uuid
from typing import Any

from tests.integration.ingest.conftest import AIRCALL, Desk


def hook(email: Any, event: str = "user.closed", **data: Any) -> dict[str, Any]:
    user = {"id": 7, "email": email, "time_zone": "Pacific/Auckland", **data}
    return {"resource": "user", "event": event, "timestamp": 1767261600, "token": AIRCALL, "data": user}


async def test_a_users_status_is_one_event_however_often_it_is_told(desk: Desk) -> None:
    email = f"{uuid.uuid4().hex}@switchboard.example"
    body = hook(email.upper(), availability_status="unavailable", substatus="out_for_lunch")
    answers = [await desk.http.post("/aircall", json=one) for one in (body, {**body, "token": AIRCALL})]
    assert [(one.status_code, one.json()["status"], one.json()["duplicate"]) for one in answers] == [
        (200, "accepted", False),
        (200, "accepted", True),
    ]
    (row,) = await desk.events(email)
    assert row["topic"] == "ingest.agents.v1"
    told = json.loads(row["value"])
    assert (told["email"], told["available"], told["substatus"]) == (email, False, "out_for_lunch")
    assert told["at"] == "2026-01-01T10:00:00Z"


async def test_a_user_without_an_address_is_kept_for_a_person(desk: Desk) -> None:
    answer = await desk.http.post("/aircall", json=hook(None, "user.opened.v2"))
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    wrong = await desk.http.post("/aircall", json={**hook("a@b.example"), "token": "guess"})
    assert wrong.status_code == 401
