"""Row 6: every route of the running services × everybody who should not get through, from their OpenAPI documents.

CVE-2026-40591, CVE-2026-115725 (ids, in paths and bodies), CVE-2026-40569 (fields that nobody expects).
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.attacks.conftest import DEMO_ROLES, Cast
from tests.attacks.guards import (
    ANSWERS_NOTHING,
    GUARDS,
    IDS_IN_BODIES,
    OF_BRAND_ALONE,
    OF_NO_BRAND,
    says_nothing,
)
from tests.attacks.people import LIMITED, OWN_BRAND, bearer, forged
from tests.attacks.routes import Route
from tests.desk import Desk
from tests.e2e.outside import Agent, until

RAW_BODIES = {"ingest POST /mail", "ingest POST /events", "ingest POST /aircall"}
"""Mail, and what others than we define: read by their own rules (rows 3 and 10)."""
WHO_OF = {"visitor": "a visitor", "integration": "a program"}
"""Whose token each kind of guard takes, where it is no agent's."""
VALID = {"team_id": None, "assignee_id": None, "topic": None, "if": None, "then": [{"kind": "add_tags", "tags": ["x"]}]}
"""Values that fit, where the first that the schema allows does not mean anything."""
BODIES = {"tickets POST /conversations/{conversation_id}/links": {"url": "https://pages.example.com/x"}}
"""Bodies of routes that want one of several fields."""
FREE_FORM = {"fields", "attributes", "seen", "kinds", "content"}
"""Objects whose names people choose: a ticket's form, attributes, a bundle of the configuration."""
ID_NAMES = ("attachments", "mentions")


def by_brand(who: str) -> bool:
    return "brand_ids" in LIMITED[who]


def request(route: Route, **ids: str) -> dict[str, Any]:
    made = route.request(**ids)
    if isinstance(made.get("json"), dict):
        made["json"] |= {name: value for name, value in VALID.items() if name in made["json"]}
        made["json"] |= BODIES.get(route.name, {})
    return made


async def ask(client: httpx.AsyncClient, token: str, made: dict[str, Any]) -> httpx.Response:
    return await client.request(**made, headers=bearer(token))


def guarded(routes: list[Route]) -> list[Route]:
    return [one for one in routes if one.name in GUARDS and not GUARDS[one.name].open]


def test_every_route_says_here_who_may_use_it(routes: list[Route]) -> None:
    named = {one.name for one in routes}
    assert named - set(GUARDS) == set(), "new routes: say in guards.py what each asks of its caller"
    assert set(GUARDS) - named == set(), "routes that are gone"
    reasons = [one.open for one in GUARDS.values() if one.who == "nobody"]
    assert all(reasons)


async def test_without_a_good_token_nothing_is_answered(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast
) -> None:
    """None, made up, and one of somebody who is not meant: an agent's for visitors and programs, and the reverse.
    test_tokens.py has every other way to make one up."""
    made_up = forged(cast.tokens["admin"])
    wrong = {"none": "", **{name: made_up[name] for name in ("garbage", "somebody else's name")}}
    asked = []
    for route in guarded(routes):
        who = GUARDS[route.name].who
        strangers = {"agent": ["a visitor"], "visitor": ["admin"], "integration": ["admin", "a visitor"]}[who]
        tokens = {**wrong, **{name: cast.tokens[name] for name in strangers}}
        asked += [(route, name, token) for name, token in tokens.items()]
    answers = await asyncio.gather(*(ask(client, token, request(route)) for route, _, token in asked))
    let_in = [
        (route.name, name, answer.status_code)
        for (route, name, _), answer in zip(asked, answers, strict=True)
        if answer.status_code != 401
    ]
    assert let_in == []
    assert all("traceback" not in answer.text.lower() for answer in answers)


@pytest.mark.parametrize("role", DEMO_ROLES)
async def test_a_role_gets_what_it_permits_and_no_more(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast, role: str
) -> None:
    wrong = []
    for route in guarded(routes):
        guard = GUARDS[route.name]
        if guard.who != "agent":
            continue
        permitted = not guard.permission or guard.permission in cast.permissions[role]
        if not permitted:
            answer = await ask(client, cast.tokens[role], request(route))
            wrong += [] if answer.status_code == 403 else [(route.name, answer.status_code, answer.text[:200])]
        elif route.method == "GET":
            answer = await ask(client, cast.tokens[role], request(route))
            wrong += [] if answer.status_code in (200, 404) else [(route.name, answer.status_code, answer.text[:200])]
    assert wrong == []


@pytest.mark.parametrize("who", LIMITED)
async def test_an_id_of_something_out_of_sight_opens_nothing(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast, who: str
) -> None:
    """Whatever the method: as if it were not there. An admin of the whole desk finds it by the same id."""
    tried, wrong = 0, []
    for route in guarded(routes):
        ids = cast.things.ids(route.ids)
        if set(route.ids) - set(ids) - set(OF_NO_BRAND):
            pytest.fail(f"{route.name}: say in conftest.py what a foreign id of each kind is, or why there is none")
        if not set(route.ids) - set(OF_NO_BRAND):
            continue
        if route.method != "GET" and {"ticket_id", "contact_id"} & set(route.ids) and not by_brand(who):
            continue  # theirs to work on
        answer = await ask(client, cast.tokens[who], request(route, **ids))
        tried += 1
        if route.method == "GET" and set(route.ids) <= set(OF_BRAND_ALONE) and not by_brand(who):
            assert answer.status_code == 200, route.name
            # The ids of its conversations stand on a ticket's timeline; what was said in them does not.
            assert cast.things.marks[0] not in answer.text, route.name
        elif route.name in ANSWERS_NOTHING:
            assert says_nothing(answer.json()), (route.name, answer.text)
        elif answer.status_code not in (403, 404):
            wrong.append((route.name, answer.status_code, answer.text[:200]))
        if route.method == "GET":
            seen = await ask(client, cast.tokens["admin"], request(route, **ids))
            assert seen.status_code == 200, (route.name, seen.text)
    assert wrong == []
    assert tried > 20


@pytest.mark.parametrize("who", LIMITED)
async def test_whole_desk_routes_refuse_who_has_part_of_it(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast, who: str
) -> None:
    """They have every permission: with the directory they could give themselves the rest."""
    tried = [one for one in guarded(routes) if GUARDS[one.name].everywhere]
    answers = [await ask(client, cast.tokens[who], request(one, **cast.things.ids(one.ids))) for one in tried]
    assert {one.name: two.status_code for one, two in zip(tried, answers, strict=True) if two.status_code != 403} == {}


@pytest.mark.parametrize("who", LIMITED)
async def test_lists_and_counts_hold_nothing_out_of_sight(
    desk: Desk, client: httpx.AsyncClient, routes: list[Route], cast: Cast, who: str
) -> None:
    """Every GET without an id, with every inbox, status and sort; and the marks do show for who may see them."""
    marks = [*cast.things.marks, *(cast.things.of_brand_alone if by_brand(who) else ())]
    seen_by_admin = ""
    for made in lists(routes):
        answer = await ask(client, cast.tokens[who], made)
        leaked = [mark for mark in marks if mark in answer.text]
        assert leaked == [], (made["url"], made.get("params"))
        seen_by_admin += (await ask(client, cast.tokens["admin"], made)).text
    assert [mark for mark in marks if mark not in seen_by_admin] == [cast.things.by_id["decision_id"]]
    async with Agent(desk.web, desk.account("admin")) as admin:
        mine = await ask(client, cast.tokens[who], {"method": "GET", "url": "/api/tickets/inboxes"})
        whole = await admin.get("/api/tickets/inboxes")
        assert mine.json()["counts"]["all"] < whole["counts"]["all"]


def lists(routes: list[Route]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for route in guarded(routes):
        if route.method == "GET" and not route.ids and GUARDS[route.name].who == "agent":
            made.append(route.request())
    inboxes = ("all", "unassigned", "mine", "mentions", "created", "spam", "team:email-support", "brand:paleo-hacks")
    sorts = ("newest", "oldest", "started_last", "waited_longest", "next_sla", "priority")
    narrowed = ({"brand": "paleo-hacks"}, {"team": "email-support", "channel": "email"}, {"assignee": "none"})
    asked = [{"inbox": one, "status": "all", "limit": 100} for one in inboxes] + [{"sort": one} for one in sorts]
    for params in [*asked, *({"status": "all", **one} for one in narrowed)]:
        made.append({"method": "GET", "url": "/api/tickets/conversations", "params": params})
    return made


def test_every_id_that_a_body_can_name_is_tried_or_explained(routes: list[Route]) -> None:
    found = {
        f"{route.name} {name}"
        for route in routes
        for name, _ in route.fields()
        if name.endswith(("_id", "_ids")) or name in ("id", "ids", *ID_NAMES)
    }
    assert found == set(IDS_IN_BODIES)


async def test_ids_inside_bodies_are_held_to_the_same(client: httpx.AsyncClient, cast: Cast) -> None:
    stranger = cast.tokens["of another brand"]

    async def tried(method: str, path: str, /, **body: Any) -> tuple[int, str]:
        answer = await client.request(method, path, json=body, headers=bearer(stranger))
        return answer.status_code, answer.json().get("code", "")

    begun = {"to": [{"address": "a@customer.example"}], "html": "<p>x</p>"}
    assert await tried("POST", "/api/tickets/conversations", brand_id="paleo-hacks", **begun) == (422, "unknown_brand")
    dial = {"number": "+14155550137", "brand_id": "paleo-hacks"}
    assert await tried("POST", "/api/tickets/calls", **dial) == (422, "unknown_brand")
    own = await client.post(
        "/api/tickets/conversations", json={"brand_id": OWN_BRAND, **begun}, headers=bearer(stranger)
    )
    assert own.status_code == 201, own.text
    here = f"/api/tickets/conversations/{own.json()['head']['id']}"

    upload = await client.post(
        "/api/ingest/attachments", files={"file": ("a.txt", b"x")}, headers=bearer(cast.tokens["agent"])
    )
    theirs = upload.json()
    for named in (theirs, theirs["id"]):
        assert await tried("POST", f"{here}/reply", html="<p>x</p>", attachments=[named]) == (422, "unknown_file")
        refused = await tried("POST", "/api/tickets/conversations", brand_id=OWN_BRAND, **begun, attachments=[named])
        assert refused == (422, "unknown_file")
        beside = {"to": begun["to"], "subject": "x", "html": "<p>x</p>", "attachments": [named]}
        assert await tried("POST", f"{here}/sides", **beside) == (422, "unknown_file")

    async def by_admin(path: str, **body: Any) -> tuple[int, str]:
        answer = await client.post(f"{foreign}{path}", json=body, headers=bearer(cast.tokens["admin"]))
        return answer.status_code, answer.json().get("code", "")

    foreign = f"/api/tickets/conversations/{cast.things.conversation_id}"
    for who in LIMITED:
        refused = await by_admin("/note", html="<p>x</p>", mentions=[cast.accounts[who]])
        assert refused == (422, "unknown_agent"), who
    outside = cast.accounts["of another brand"]
    assert await by_admin("/assign", team_id=None, assignee_id=outside) == (422, "agent_outside_brand")

    ticket = (await client.get("/api/tickets/tickets", headers=bearer(cast.tokens["admin"]))).json()["items"][0]
    new = {"type_id": ticket["type_id"], "title": "x"}
    assert await tried("POST", "/api/tickets/tickets", **new, brand_id="paleo-hacks") == (422, "unknown_brand")
    theirs = {"conversation_id": cast.things.conversation_id}
    assert await tried("POST", f"{here}/links", **theirs) == (404, "unknown_conversation")
    into = {"into_id": cast.things.conversation_id}
    assert await tried("POST", f"{here}/merge", **into) == (404, "unknown_conversation")
    assert await tried("POST", f"{here}/links", ticket_id=cast.things.by_id["ticket_id"]) == (404, "unknown_ticket")

    view = {"name": "x", "filter": {"brand": "paleo-hacks"}}
    assert await tried("POST", "/api/tickets/views", **view) == (422, "unknown_brand")
    new_contact = {"name": "X", "brand_id": OWN_BRAND}
    assert await tried("POST", "/api/tickets/contacts", name="X", brand_id="paleo-hacks") == (422, "unknown_brand")
    made = await client.post("/api/tickets/contacts", json=new_contact, headers=bearer(stranger))
    assert made.status_code == 201, made.text
    mine, their_contact = made.json()["contact"]["id"], {"contact_id": cast.things.by_id["contact_id"]}
    for step in ("merge", "unmerge"):
        refused = await tried("POST", f"/api/tickets/contacts/{mine}/{step}", **their_contact)
        assert refused == (404, "unknown_contact"), step

    rule = {"name": "x", "when": ["ConversationStarted"], "if": None, "then": VALID["then"]}
    hook = {"name": "x", "url": "https://hooks.example.com/x", "event_types": ["switchboard.tickets.NoteAdded.v1"]}
    level = {"name": "x", "if": None, "first_response_s": 3600}
    for brands in (["paleo-hacks"], [OWN_BRAND, "paleo-hacks"], []):
        assert (await tried("POST", "/api/routing/sla/policies", **level, brand_ids=brands))[0] == 403, brands
        assert (await tried("POST", "/api/routing/rules", **rule, brand_ids=brands))[0] == 403, brands
        assert (await tried("POST", "/api/notifications/webhooks", **hook, brand_ids=brands))[0] == 403, brands


@pytest.mark.parametrize("who", LIMITED)
async def test_a_conversation_out_of_sight_that_a_body_names_is_not_there(
    client: httpx.AsyncClient, cast: Cast, who: str
) -> None:
    theirs = {"conversation_id": cast.things.conversation_id}

    async def tried(path: str, **body: Any) -> tuple[int, str]:
        answer = await client.post(path, json=body, headers=bearer(cast.tokens[who]))
        return answer.status_code, answer.json().get("code", "")

    ticket = (await client.get("/api/tickets/tickets", headers=bearer(cast.tokens["admin"]))).json()["items"][0]
    new = {"type_id": ticket["type_id"], "title": "x"}
    assert await tried("/api/tickets/tickets", **new, **theirs) == (404, "unknown_conversation")

    bulk = {"action": {"kind": "close"}, "ids": [cast.things.conversation_id]}
    begun = await client.post("/api/tickets/bulk", json=bulk, headers=bearer(cast.tokens[who]))
    assert begun.status_code == 202, begun.text

    async def finished() -> dict[str, Any] | None:
        answer = await client.get(f"/api/tickets/bulk/{begun.json()['id']}", headers=bearer(cast.tokens[who]))
        found: dict[str, Any] = answer.json()
        return found if found["state"] == "finished" else None

    done = await until(finished)
    assert [one["code"] for one in done["failures"]] == ["unknown_conversation"]

    for kind, told in (("frame", "context"), ("card", "card")):
        app = {"name": "Attack", "kind": kind, "url": "https://apps.example.com/x"}
        path = f"/api/tickets/apps/attack-{kind}"
        for active in (True, False):
            made = await client.put(path, json={**app, "active": active}, headers=bearer(cast.tokens["admin"]))
            assert made.status_code == 200, made.text
            code = "unknown_conversation" if active else "unknown_app"
            assert await tried(f"{path}/{told}", **theirs) == (404, code)


async def test_an_update_answers_only_customers_whom_its_writer_could_answer(
    desk: Desk, client: httpx.AsyncClient, cast: Cast
) -> None:
    """A tracker has customers of every brand; somebody of one brand told all of them."""
    async with Agent(desk.web, desk.account("admin")) as admin:
        types = (await admin.get("/api/tickets/directory"))["ticket_types"]
        tracker = next(one["type_id"] for one in types if one["type_id"].startswith("plain-"))
        ticket = (await admin.post("/api/tickets/tickets", type_id=tracker, title="Outage"))["head"]["id"]
        await admin.post(f"/api/tickets/conversations/{cast.things.conversation_id}/links", ticket_id=ticket)
        for reply in ("all", "chosen"):
            body = {"html": f"<p>forged {reply}</p>", "reply": reply}
            body |= {"conversation_ids": [cast.things.conversation_id]} if reply == "chosen" else {}
            answer = await client.post(
                f"/api/tickets/tickets/{ticket}/updates", json=body, headers=bearer(cast.tokens["of another brand"])
            )
            assert answer.status_code == 200, answer.text
        own = {"html": "<p>by the admin</p>", "reply": "all"}
        await admin.post(f"/api/tickets/tickets/{ticket}/updates", **own)

        async def answered() -> list[str]:
            timeline = await admin.timeline(cast.things.conversation_id)
            said = [one["data"]["message"]["text"] for one in timeline if one["type"] == "ReplySent"]
            return [one for one in said if "forged" in one or "by the admin" in one]

        assert await until(answered) == ["by the admin"]


async def test_a_visitor_sends_no_file_of_another(client: httpx.AsyncClient, cast: Cast) -> None:
    me = cast.tokens["a visitor"]
    other = (await client.post("/api/ingest/messenger/sessions", json={"brand_id": "paleo-hacks"})).json()["token"]
    file = {"file": ("a.txt", b"x", "text/plain")}
    theirs = (await client.post("/api/ingest/messenger/attachments", files=file, headers=bearer(other))).json()["id"]
    body = {"client_id": "1", "session_id": "0b0e5a4c-6a3f-4f7e-9a68-0f3d7a1c2b5d", "attachments": [theirs]}
    refused = await client.post("/api/ingest/messenger/messages", json=body, headers=bearer(me))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_file")


async def test_a_field_that_nobody_expects_is_refused_everywhere(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast
) -> None:
    """At the top and in every object inside. Nothing of the request is done then."""
    wrong, tried = [], 0
    for route in routes:
        if route.body is None or route.name in RAW_BODIES or route.name not in GUARDS:
            continue
        who = WHO_OF.get(GUARDS[route.name].who, "admin")
        for made in with_surprises(request(route, **cast.things.ids(route.ids))):
            answer = await ask(client, cast.tokens[who], made)
            tried += 1
            # Of a batch each is refused by itself.
            if answer.status_code not in (422, 207) or "surprise" not in answer.text:
                wrong.append((route.name, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert tried > 25


def with_surprises(made: dict[str, Any]) -> list[dict[str, Any]]:
    def inside(value: Any) -> list[Any]:
        """Copies of a value, each with one field too many somewhere."""
        if isinstance(value, dict):
            deeper = [
                {**value, name: one} for name, each in value.items() if name not in FREE_FORM for one in inside(each)
            ]
            return [{**value, "surprise": 1}, *deeper]
        if isinstance(value, list):
            return [[*value[:n], one, *value[n + 1 :]] for n, each in enumerate(value) for one in inside(each)]
        return []

    return [{**made, "json": one} for one in inside(made["json"])]
