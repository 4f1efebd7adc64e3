"""How the desk is set up, over HTTP: nobody writes over what they did not see, errors name their field, and who changed
what is listed."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.audit import ConfigurationChanged
from tests.integration.tickets.conftest import Running

TEA: dict[str, Any] = {"name": "Tea", "color": "#112233", "addresses": [{"address": "hi@tea.example"}]}
TIER: dict[str, Any] = {"applies_to": "contact", "label": "Loyalty", "type": "text"}
RECALL: dict[str, Any] = {"name": "Recall", "fields": [{"id": "lot", "label": "Lot"}]}
PLACES = [("/brands/tea", TEA), ("/attributes/tea-tier", TIER), ("/ticket-types/recall", RECALL)]
PLACES.append(("/desk-settings", {"away_reasons": ["Break/Lunch", "Stock count"]}))


@pytest.mark.parametrize(("path", "body"), PLACES)
async def test_nobody_writes_over_what_they_did_not_see(running: Running, path: str, body: dict[str, Any]) -> None:
    other = {**body, "away_reasons": ["Else"]} if "away_reasons" in body else {**body, "active": False}
    async with running.browser("admin") as admin:
        made = await admin.put(path, json={**body, "seen_seq": 0})
        assert (made.status_code, made.json()["seq"]) == (200, 1), made.text
        assert (await admin.put(path, json={**other, "seen_seq": 1})).json()["seq"] == 2
        late = await admin.put(path, json={**body, "seen_seq": 1})
        assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
        assert late.json()["existing"]["seq"] == 2
        assert (await admin.put(path, json=body)).json()["seq"] == 3, "who names no seq means it"


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/brands/tea", {**TEA, "time_zone": "Nowhere"}, "body.time_zone"),
        ("/brands/tea", {**TEA, "addresses": [{"address": "support@paleohacks.example"}]}, "body.addresses.0"),
        ("/brands/tea", {**TEA, "lines": ["310 555"]}, "body.lines.0"),
        ("/desk-settings", {"away_reasons": ["Lunch", "lunch"]}, "body.away_reasons.1"),
        ("/desk-settings", {"away_reasons": []}, "body.away_reasons"),
    ],
)
async def test_errors_name_their_field(running: Running, path: str, body: dict[str, Any], place: str) -> None:
    async with running.browser("admin") as admin:
        refused = await admin.put(path, json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["path"] == place


async def test_a_brand_that_is_retired_begins_nothing(running: Running) -> None:
    async with running.browser("admin") as admin:
        await admin.put("/brands/tea", json=TEA)
        wanted = {"brand_id": "tea", "to": [{"address": "c@x.example"}], "subject": "Hi", "html": "<p>Hi</p>"}
        assert (await admin.post("/conversations", json=wanted)).status_code == 201
        assert running.tickets.directory.brand_of_address("hi@tea.example") is not None
        await admin.put("/brands/tea", json={**TEA, "active": False})
        assert running.tickets.directory.brand_of_address("hi@tea.example") is None
        assert (await admin.post("/conversations", json=wanted)).status_code == 422
        assert (await admin.post("/contacts", json={"brand_id": "tea", "name": "C"})).status_code == 422


async def test_the_audit_list_says_who_changed_what(running: Running) -> None:
    async with running.browser("admin") as admin, running.browser("lead") as lead:
        await admin.put("/brands/tea", json=TEA)
        await admin.put("/brands/tea", json={**TEA, "name": "Teas"})
        await admin.put("/brands/tea", json={**TEA, "name": "Teas"})
        password = {
            "name": "Maya",
            "email": "maya@desk.example",
            "role_id": "agent",
            "password": "long enough, 1 would say",
        }
        assert (await admin.put("/agents/maya", json=password)).status_code == 200
        first = (await admin.get("/audit", params={"limit": 1})).json()
        assert "long enough" not in str(first)
        act = ConfigurationChanged.model_validate(first["items"][0])
        assert (act.kind, act.entity_id, act.by.id, act.made) == ("agent", "maya", "admin", False)
        assert [one.field for one in act.changes if one.hidden] == ["password"]
        rest = (await admin.get("/audit", params={"cursor": first["next_cursor"], "limit": 2})).json()["items"]
        assert [(one["name"], one["made"]) for one in rest] == [("Teas", False), ("Tea", True)]
        assert rest[0]["changes"] == [{"field": "name", "before": "Tea", "after": "Teas", "hidden": False}]
        assert len((await admin.get("/audit", params={"kind": "brand", "entity_id": "tea"})).json()["items"]) == 2
        assert len((await admin.get("/audit", params={"agent_id": "admin"})).json()["items"]) == 3
        assert (await lead.get("/audit")).status_code == 403
        assert (await lead.put("/desk-settings", json={"away_reasons": ["Lunch"]})).status_code == 403
        assert (await admin.get("/audit", params={"cursor": "x"})).status_code == 422
    row = await running.tickets.store.log.rows.find_one({"aggregate_id": "audit:brand:tea", "seq": 2})
    assert row is not None
    assert row["topic"] == "tickets.audit.v1"
