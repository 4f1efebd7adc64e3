"""Who attacks: agents with every permission and part of the desk, each role of the demo, visitors, and no one."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.attacks.routes import SERVICES
from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, until

PASSWORD = "a password for attackers"
OWN_BRAND = "earth-echo"
PROXY = "127.0.0.2"
"""Where the desk's web servers call from (deploy/local/web.py): what comes from there is believed about its caller."""
LIMITED: dict[str, dict[str, Any]] = {
    "of another brand": {"brand_ids": [OWN_BRAND]},
    "of another channel": {"channels": ["phone"]},
    "of another team": {"own_teams_only": True, "team_ids": ["phone-support"]},
}
"""They may do everything that a permission allows: what they do not see, only their scope hides."""


def http(desk: Desk) -> httpx.AsyncClient:
    """The services as a browser reaches them, through the one web address. A thousand requests may wait their turn."""
    limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
    return httpx.AsyncClient(base_url=desk.web, timeout=httpx.Timeout(30, pool=None), limits=limits)


def bearer(token: str) -> dict[str, bytes]:
    return {"Authorization": f"Bearer {token}".encode()} if token else {}


async def account(admin: Agent, name: str, role_id: str = "agent", **about: Any) -> dict[str, Any]:
    """A new agent's sign-in. `name` is also how it is found again."""
    agent_id = f"{name.replace(' ', '-')}-{uuid.uuid4().hex[:8]}"
    email = f"{agent_id}@switchboard.example"
    body = {"name": name, "email": email, "role_id": role_id, "password": PASSWORD, **about}
    answer = await admin.client.put(f"/api/tickets/agents/{agent_id}", json=body)
    assert answer.status_code == 200, answer.text
    return {"agent_id": agent_id, "email": email, "password": PASSWORD, "body": body}


async def role(admin: Agent, name: str, permissions: tuple[str, ...], **limits: Any) -> str:
    role_id = f"{name.replace(' ', '-')}-{uuid.uuid4().hex[:8]}"
    body = {"name": name, "permissions": permissions, **limits}
    answer = await admin.client.put(f"/api/tickets/roles/{role_id}", json=body)
    assert answer.status_code == 200, answer.text
    return role_id


async def limited(admin: Agent, name: str) -> dict[str, Any]:
    """One of LIMITED: everything is permitted to them, on their part of the desk."""
    about = dict(LIMITED[name])
    on_role = {key: about.pop(key) for key in ("channels", "own_teams_only") if key in about}
    roles = (await admin.get("/api/tickets/directory"))["roles"]
    everything = next(tuple(one["permissions"]) for one in roles if one["role_id"] == "admin")
    return await account(admin, name, await role(admin, name, everything, **on_role), **about)


async def token_of(client: httpx.AsyncClient, one: dict[str, Any]) -> str:
    answer = await client.post("/api/tickets/session", json={"email": one["email"], "password": one["password"]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def mailed_token(desk: Desk, email: str) -> str:
    """Of the newest link that was mailed there, after one more was asked for."""
    before = len(await links_to(desk, email))
    async with behind_the_proxy(desk) as client:
        headers = {"X-Forwarded-For": f"198.20.{random.randrange(256)}.{random.randrange(256)}"}
        asked = await client.post("/session/forgotten", json={"email": email}, headers=headers)
    assert asked.status_code == 204, asked.text

    async def came() -> str:
        found = await links_to(desk, email)
        return found[-1] if len(found) > before else ""

    return await until(came, seconds=20)


async def links_to(desk: Desk, email: str) -> list[str]:
    """The tokens of links for a new password in somebody's mailbox, oldest first."""
    letters = await Sink(desk.smtp_sink_http).to(email, "A new password")
    texts = [letter.get_body(("plain",)).get_content() for letter in letters]  # type: ignore[union-attr]
    return [re.findall(r"/new-password#(\S+)", text)[0] for text in texts]


def behind_the_proxy(desk: Desk) -> httpx.AsyncClient:
    """tickets as the desk's own web server calls it."""
    transport = httpx.AsyncHTTPTransport(local_address=PROXY, limits=httpx.Limits(max_connections=10))
    return httpx.AsyncClient(base_url=desk.tickets, transport=transport, timeout=60)


async def known_everywhere(desk: Desk, tokens: list[str]) -> None:
    """New agents and roles come to the other services by the directory topic."""
    paths = {"tickets": "/me", "routing": "/availability/me"}

    async def known() -> bool:
        async with http(desk) as client:
            asked = [
                client.get(f"/api/{service}{path}", headers=bearer(token))
                for token in tokens
                for service, path in paths.items()
            ]
            answers = await asyncio.gather(*asked)
            more = [
                client.get(path, headers=bearer(token))
                for token in tokens
                for path in ("/api/notifications/webhooks/event-types", "/api/ingest/rejected")
            ]
            others = await asyncio.gather(*more)
        return all(one.status_code == 200 for one in answers) and all(one.status_code != 401 for one in others)

    await until(known)


async def visitor(client: httpx.AsyncClient, brand_id: str = OWN_BRAND) -> str:
    answer = await client.post("/api/ingest/messenger/sessions", json={"brand_id": brand_id})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def forged(token: str) -> dict[str, str]:
    """Tokens that a real one was made into, by what is wrong with them."""
    header, claims, signature = token.split(".")
    said = json.loads(_decoded(claims))
    admin = _encoded({**said, "sub": "admin"})
    kid = json.loads(_decoded(header))["kid"]
    return {
        "garbage": "x.y.z",
        "not base64": "é" + token,
        "nothing": "..",
        "somebody else's name": f"{header}.{admin}.{signature}",
        "no signature": f"{header}.{claims}.",
        "no algorithm": f"{_encoded({'alg': 'none', 'kid': kid})}.{claims}.",
        "an unknown key": f"{_encoded({'alg': 'Ed25519', 'kid': 'desk-99'})}.{claims}.{signature}",
        "a key of its own": f"{_encoded({'alg': 'Ed25519', 'jwk': {'kty': 'OKP'}, 'kid': kid})}.{claims}.{signature}",
        "a path as key": f"{_encoded({'alg': 'Ed25519', 'kid': '../../dev/null'})}.{claims}.{signature}",
        "a number as key": f"{_encoded({'alg': 'Ed25519', 'kid': 1})}.{claims}.{signature}",
        "very long": "x" * 60_000,
    }


@dataclass
class Things:
    """What belongs to a brand, channel and team that LIMITED may not see. `by_id` by the name in a path; `marks` stand
    in what it says, those `of_brand_alone` in what has a brand and neither channel nor team."""

    conversation_id: str
    by_id: dict[str, str] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    of_brand_alone: list[str] = field(default_factory=list)

    def ids(self, names: tuple[str, ...]) -> dict[str, str]:
        return {name: self.by_id[name] for name in names if name in self.by_id}


def services(desk: Desk) -> dict[str, str]:
    return {name: getattr(desk, name) for name in SERVICES}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
