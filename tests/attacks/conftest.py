"""The people and the things that attacks are tried with, once for the session: on the one running desk."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.attacks.people import (
    LIMITED,
    Things,
    bearer,
    http,
    known_everywhere,
    limited,
    services,
    token_of,
    visitor,
)
from tests.attacks.routes import Route, all_routes
from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until

FOREIGN_BRAND = "paleo-hacks"
DEMO_ROLES = ("observer", "back-office", "agent", "lead", "admin")


@dataclass
class Company:
    """How everybody signs in, by who they are, and what they should not see."""

    accounts: dict[str, dict[str, Any]]
    things: Things
    permissions: dict[str, frozenset[str]]


@dataclass
class Cast:
    """Access tokens by who they are of, and what they should not see."""

    tokens: dict[str, str]
    accounts: dict[str, str]
    things: Things
    permissions: dict[str, frozenset[str]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def routes(desk: Desk) -> list[Route]:
    return all_routes(services(desk))


@pytest_asyncio.fixture(scope="session")
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with http(desk) as one:
        yield one


@pytest_asyncio.fixture(scope="session")
async def company(desk: Desk, client: httpx.AsyncClient) -> Company:
    async with Agent(desk.web, desk.account("admin")) as admin:
        accounts = {name: await limited(admin, name) for name in LIMITED}
        things, roles = await asyncio.gather(_foreign(desk, admin), admin.get("/api/tickets/directory"))
    permissions = {one["role_id"]: frozenset(one["permissions"]) for one in roles["roles"]}
    await known_everywhere(desk, [await token_of(client, one) for one in accounts.values()])
    return Company(accounts, things, permissions)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cast(desk: Desk, client: httpx.AsyncClient, company: Company) -> Cast:
    """Signed in anew for each module: a token lasts ten minutes, all the modules may take longer."""
    accounts = company.accounts | {role: desk.account(role) for role in DEMO_ROLES}
    tokens = {name: await token_of(client, one) for name, one in accounts.items()}
    tokens |= {"a visitor": await visitor(client), "a program": desk.integration_token, "nobody": ""}
    limited_ids = {name: one["agent_id"] for name, one in company.accounts.items()}
    return Cast(tokens, limited_ids, company.things, company.permissions)


async def _foreign(desk: Desk, admin: Agent) -> Things:
    """A mail to a brand, its decision, a delivery, a rule, a webhook endpoint and what was sent there, a rejected
    input: each carries a word that is nowhere else."""
    mark = f"foreign{uuid.uuid4().hex}"
    rule_mark = f"ours{uuid.uuid4().hex}"
    sender = f"{rule_mark}@customer.example"  # a contact belongs to a brand, on any channel
    await send_mail(desk.smtp, mail(to="support@paleohacks.example", subject=mark, text=f"Hi {mark}", sender=sender))
    head = await until(lambda: admin.find(mark))
    found = Things(head["id"], {"conversation_id": head["id"]}, [mark, head["id"]])
    await admin.post(f"/api/tickets/conversations/{head['id']}/tags", add=[f"tag-{mark}"])
    await admin.post(f"/api/tickets/conversations/{head['id']}/assign", team_id="email-support", assignee_id=None)
    await admin.post(f"/api/tickets/conversations/{head['id']}/reply", html=f"<p>Yes {mark}</p>")

    beside = {"to": [{"address": "dock@warehouse.example"}], "subject": mark, "html": "<p>x</p>"}
    side = await admin.post(f"/api/tickets/conversations/{head['id']}/sides", **beside)

    async def decision() -> str:
        answer = await admin.get(f"/api/routing/conversations/{head['id']}/decisions")
        return next((one["id"] for one in answer["items"]), "")

    async def delivery() -> str:
        answer = await admin.get("/api/notifications/deliveries", conversation_id=head["id"])
        return next((one["id"] for one in answer["items"]), "")

    rule = await admin.post(
        "/api/routing/rules",
        name=f"Rule of {rule_mark}",
        brand_ids=[FOREIGN_BRAND],
        when=["ConversationStarted"],
        then=[{"kind": "add_tags", "tags": ["x"]}],
        enabled=False,
        **{"if": None},
    )
    policy = await admin.post(
        "/api/routing/sla/policies",
        name=f"Policy of {rule_mark}",
        brand_ids=[FOREIGN_BRAND],
        first_response_s=3600,
        enabled=False,
        **{"if": None},
    )
    hook = {"name": rule_mark[:40], "url": "https://hooks.example.com/x", "brand_ids": [FOREIGN_BRAND]}
    endpoint = await admin.post("/api/notifications/webhooks", **hook, event_types=["switchboard.tickets.NoteAdded.v1"])
    call = await admin.post(f"/api/notifications/webhooks/{endpoint['id']}/ping")
    ticket = await _ticket(admin, rule_mark, brand_id=FOREIGN_BRAND)
    await admin.post(f"/api/tickets/conversations/{head['id']}/links", ticket_id=ticket)
    await _rejected(desk, mark)
    listed = (await admin.get("/api/ingest/rejected"))["items"]
    found.by_id |= {
        "decision_id": await until(decision),
        "delivery_id": await until(delivery),
        "rule_id": rule["id"],
        "policy_id": policy["id"],
        "endpoint_id": endpoint["id"],
        "call_id": call["id"],
        "ticket_id": ticket,
        "contact_id": head["contact_id"],
        "link_id": ticket,
        "rejected_id": listed[0]["id"],
        "side_id": side["head"]["sides"][0]["id"],
    }
    found.marks += [found.by_id[name] for name in ("decision_id", "delivery_id")]
    found.of_brand_alone = [rule_mark, rule["id"], policy["id"], endpoint["id"], ticket]
    return found


async def _ticket(admin: Agent, title: str, **about: str) -> str:
    """Of a type without a form."""
    type_id = f"plain-{uuid.uuid4().hex[:8]}"
    made = await admin.client.put(f"/api/tickets/ticket-types/{type_id}", json={"name": "Plain", "kind": "tracker"})
    assert made.status_code == 200, made.text
    ticket = await admin.post("/api/tickets/tickets", type_id=type_id, title=title, **about)
    return str(ticket["head"]["id"])


async def _rejected(desk: Desk, mark: str) -> None:
    async with httpx.AsyncClient(timeout=20) as program:
        raw = mail(to="nobody@nowhere.example", subject=mark, text=mark).as_bytes()
        headers = {**bearer(desk.integration_token), "Content-Type": "message/rfc822"}
        answer = await program.post(f"{desk.ingest}/mail", content=raw, headers=headers)
        assert answer.status_code == 422, answer.text
