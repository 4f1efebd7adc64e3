"""Inviting people, their roles and teams, and what is left when they go."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from services.tickets.departures import Departures
from services.tickets.store.departures import LOOKS_FOR
from shared import clock
from shared.contracts.conversations import Assigned
from shared.timers import Timers
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

NEW = {"name": "Nadja Österreich", "email": "nadja@switchboard.example", "role_id": "agent", "team_ids": ["quality"]}
PASSWORD = "brought by herself"


async def invited(admin: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await admin.post("/invitations", json={**NEW, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_invitation_opens_once_with_a_password_of_ones_own(running: Running) -> None:
    async with running.browser("admin") as admin, running.browser() as browser:
        made = await invited(admin)
        assert (made["agent"]["agent_id"], made["agent"]["active"]) == ("nadja-osterreich", False)
        assert made["link"] == f"{running.settings.public_url}/join#{made['token']}"
        assert made["token"] not in (await admin.get("/agents/accounts")).text
        kept = await running.store.client[running.settings.database("tickets")].password_resets.find().to_list(None)
        assert made["token"] not in str(kept)
        told = str([row.value for row in await running.store.log.read("agent:nadja-osterreich", limit=10)])
        assert made["token"] not in told
        account = {"email": NEW["email"], "password": PASSWORD}
        assert (await browser.post("/session", json=account)).status_code == 401
        looked = (await browser.post("/links/look", json={"token": made["token"]})).json()
        assert (looked["kind"], looked["name"], looked["email"]) == ("invitation", NEW["name"], NEW["email"])
        as_reset = {"token": made["token"], "password": PASSWORD}
        assert (await browser.post("/password-reset", json=as_reset)).status_code == 401
        body = {**as_reset, "name": "Nadja Ö."}
        answers = await asyncio.gather(*(browser.post("/invitations/accept", json=body) for _ in range(4)))
        assert sorted(one.status_code for one in answers) == [204, 401, 401, 401]
        session = await browser.post("/session", json=account)
        assert session.json()["agent"]["name"] == "Nadja Ö."
        assert (await browser.post("/links/look", json={"token": made["token"]})).status_code == 401
        again = await admin.post("/agents/nadja-osterreich/invitation")
        assert (again.status_code, again.json()["code"]) == (409, "joined_already")


async def test_an_older_or_withdrawn_invitation_opens_nothing(running: Running) -> None:
    async with running.browser("admin") as admin, running.browser() as browser:
        older = await invited(admin)
        newer = (await admin.post("/agents/nadja-osterreich/invitation")).json()
        listed = (await admin.get("/agents/accounts")).json()["items"]
        assert next(one for one in listed if one["agent_id"] == "nadja-osterreich")["invited_until"]
        for token in (older["token"], "made up"):
            refused = await browser.post("/invitations/accept", json={"token": token, "password": PASSWORD})
            assert (refused.status_code, refused.json()["code"]) == (401, "link_used")
        assert (await admin.delete("/agents/nadja-osterreich/invitation")).status_code == 204
        refused = await browser.post("/invitations/accept", json={"token": newer["token"], "password": PASSWORD})
        assert refused.status_code == 401
        taken = await admin.post("/invitations", json=NEW)
        assert (taken.status_code, taken.json()["code"]) == (409, "address_taken")
        namesake = await invited(admin, email="other@switchboard.example")
        assert namesake["agent"]["agent_id"] == "nadja-osterreich-2"
        unknown = await admin.post("/invitations", json=NEW | {"role_id": "king", "team_ids": ["court"]})
        assert [one["path"] for one in unknown.json()["errors"]] == ["body.role_id", "body.team_ids"]


async def test_what_an_agent_can_take_is_saved_whole_and_refused_in_its_field(running: Running) -> None:
    able = {
        "capacity": 8,
        "capacities": {"chat": 3, "phone": 0},
        "languages": ["en", "pt-BR", "en"],
        "skills": [" Adverse   events ", "refunds", "Refunds"],
    }
    async with running.browser("admin") as admin:
        agent = (await invited(admin, **able))["agent"]
        body = {**NEW, **able, "active": True}
        saved = (await admin.put(f"/agents/{agent['agent_id']}", json=body)).json()
        for one in (agent, saved):
            assert one["capacity"] == 8
            assert one["capacities"] == {"email": None, "chat": 3, "phone": 0, "custom": None}
            assert (one["languages"], one["skills"]) == (["en", "pt-BR"], ["Adverse events", "refunds"])
        for wrong, place in (
            ({"capacities": {"chat": 9}}, "body.capacities.chat"),
            ({"capacities": {"chat": -1}}, "body.capacities.chat"),
            ({"capacities": {"fax": 1}}, "body.capacities.fax"),
            ({"languages": ["German"]}, "body.languages.0"),
            ({"skills": ["x" * 51]}, "body.skills.0"),
        ):
            refused = await admin.put(f"/agents/{agent['agent_id']}", json=body | wrong)
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["path"].startswith(place), refused.text


async def test_what_somebody_left_open_goes_to_their_team_once(running: Running) -> None:
    """The open and the snoozed; what is closed stays theirs until its customer comes back."""
    async with running.browser("admin") as admin, running.browser("maya") as maya:
        ids = []
        for n in range(3):
            await running.handlers.on_batch([received(message(f"left-{n}"))])
            ids.append(conversation_id(f"left-{n}"))
            body = {"team_id": "email-support", "assignee_id": "maya"}
            assert (await admin.post(f"/conversations/{ids[-1]}/assign", json=body)).status_code == 200
        assert (await maya.post(f"/conversations/{ids[1]}/close")).status_code == 200
        note = await maya.post(f"/conversations/{ids[0]}/note", json={"html": "<p>mine</p>"})
        assert note.status_code == 200
        agent = running.tickets.directory.agents["maya"].model_dump(
            include={"name", "email", "role_id", "team_ids", "brand_ids", "capacity"}, mode="json"
        )
        assert (await admin.put("/agents/maya", json={**agent, "active": False})).status_code == 200
        assert (await maya.get("/me")).status_code == 401

        departures = Departures(running.store, running.tickets.desk)
        now = clock.now()
        moved = [now]
        timers = Timers(running.store.departures.rows, departures.on_due, name="departures", clock=lambda: moved[0])
        while await timers.fire_due():
            pass
        heads = await running.store.heads(ids)
        assert [(heads[one].assignee_id, heads[one].team_id) for one in ids] == [
            (None, "email-support"),
            ("maya", "email-support"),
            (None, "email-support"),
        ]
        seqs = [heads[one].seq for one in ids]
        running.store.clock = lambda: moved[0]
        moved[0] = now + LOOKS_FOR * 2
        await timers.fire_due()
        assert await running.store.departures.rows.count_documents({}) == 0
        later = await running.store.heads(ids)
        assert [later[one].seq for one in ids] == seqs

        await running.handlers.on_batch([received(message("left-1", "Once more"))])
        back = (await running.store.heads(ids))[ids[1]]
        assert (back.status, back.assignee_id, back.team_id) == ("open", None, "email-support")
        timeline = (await admin.get(f"/conversations/{ids[0]}/timeline")).json()["items"]
        assert next(one for one in timeline if one["type"] == "NoteAdded")["by"]["id"] == "maya"
        unassigned = [one for one in timeline if one["type"] == Assigned.__name__][-1]
        assert (unassigned["by"]["kind"], unassigned["data"]["reason"]) == ("system", "not with us any more")


async def test_somebody_who_is_back_in_time_keeps_their_work(running: Running) -> None:
    async with running.browser("admin") as admin:
        agent = running.tickets.directory.agents["maya"].model_dump(
            include={"name", "email", "role_id", "team_ids", "brand_ids", "capacity"}, mode="json"
        )
        for active in (False, True):
            assert (await admin.put("/agents/maya", json={**agent, "active": active})).status_code == 200
        departures = Departures(running.store, running.tickets.desk)
        await departures.on_due([{"_id": "maya", "until": clock.now()}])
        assert await running.store.departures.rows.count_documents({}) == 0


async def test_a_role_of_ones_own_is_made_used_and_deleted(running: Running) -> None:
    async with running.browser("admin") as admin, running.browser("lead") as lead:
        body: dict[str, Any] = {"name": "Trainee", "permissions": ["conversations.read"], "channels": ["email"]}
        assert (await lead.put("/roles/trainee", json=body)).status_code == 403
        made = (await admin.put("/roles/trainee", json=body | {"seen_seq": 0})).json()
        stale = await admin.put("/roles/trainee", json=body | {"name": "Other", "seen_seq": 0})
        assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
        assert stale.json()["existing"]["name"] == "Trainee"
        await invited(admin, role_id="trainee")
        assert (await admin.delete("/roles/trainee")).status_code == 409, "somebody is invited into it"
        agent = {**NEW, "role_id": "trainee", "active": True}
        assert (await admin.put("/agents/nadja-osterreich", json=agent)).status_code == 200
        used = await admin.delete("/roles/trainee")
        assert (used.status_code, used.json()["code"]) == (409, "role_in_use")
        assert NEW["name"] in used.json()["detail"]
        assert (await admin.put("/agents/nadja-osterreich", json={**agent, "role_id": "agent"})).status_code == 200
        assert (await admin.delete("/roles/trainee", params={"seen_seq": made["seq"]})).status_code == 200
        assert "trainee" not in {one["role_id"] for one in (await admin.get("/directory")).json()["roles"]}
        gone = await admin.post("/invitations", json=NEW | {"email": "x@x.example", "role_id": "trainee"})
        assert gone.status_code == 422
        assert (await admin.delete("/roles/trainee")).status_code == 404
        assert (await admin.put("/roles/trainee", json=body | {"seen_seq": 0})).status_code == 200


async def test_a_team_has_hours_languages_and_skills(running: Running) -> None:
    async with running.browser("admin") as admin:
        hours = {"time_zone": "Europe/Berlin", "open": [{"day": "friday", "opens": "13:00", "closes": "24:00"}]}
        hours["open"].insert(0, {"day": "monday", "opens": "09:00", "closes": "17:30"})  # type: ignore[attr-defined]
        body = {"name": "Night", "hours": hours, "languages": ["de", "pt-BR"], "skills": ["refunds", " a  b "]}
        made = await admin.put("/teams/night", json=body)
        assert made.status_code == 200, made.text
        assert made.json()["hours"] == hours
        assert made.json()["skills"] == ["refunds", "a b"]
        overlap = {"day": "friday", "opens": "12:00", "closes": "14:00"}
        backwards = {"day": "sunday", "opens": "12:00", "closes": "12:00"}
        for wrong, path in (
            ({"time_zone": "Mars/Base"}, "body.hours.time_zone"),
            ({**hours, "open": [*hours["open"], overlap]}, "body.hours.open.1"),
            ({**hours, "open": [backwards]}, "body.hours.open.0"),
        ):
            refused = await admin.put("/teams/night", json=body | {"hours": wrong})
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["path"] == path
        assert (await admin.put("/teams/night", json=body | {"languages": ["German"]})).status_code == 422


async def test_an_admin_signs_somebody_out_and_people_name_themselves(running: Running) -> None:
    async with running.browser("admin") as admin, running.browser() as browser:
        account = {"email": "maya@switchboard.example", "password": "switchboard-demo"}
        session = (await browser.post("/session", json=account)).json()
        own = {"Authorization": f"Bearer {session['access_token']}"}
        named = await browser.put("/me/profile", json={"name": " Maya O. "}, headers=own)
        assert named.json()["name"] == "Maya O."
        assert (await browser.put("/me/profile", json={"name": " "}, headers=own)).status_code == 422
        assert (
            await browser.put("/me/profile", json={"name": "x", "role_id": "admin"}, headers=own)
        ).status_code == 422
        assert (await browser.delete("/agents/maya/sessions", headers=own)).status_code == 403
        assert (await admin.delete("/agents/maya/sessions")).status_code == 204
        assert (await browser.get("/me", headers=own)).status_code == 401
        assert (await browser.post("/session/refresh")).status_code == 401
