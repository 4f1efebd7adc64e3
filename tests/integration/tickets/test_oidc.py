"""Signing in with an account elsewhere, against a provider that runs as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from deploy.local.layout import ROOT
from services.tickets.api.context import Tickets
from services.tickets.app import build_app
from services.tickets.demo.directory import write_directory
from shared.ids import random_id
from tests.integration.tickets.conftest import Running, settings_for
from tests.servers import Servers

CLIENT = {"SWITCHBOARD_OIDC_CLIENT_ID": "desk", "SWITCHBOARD_OIDC_CLIENT_SECRET": "a secret: with%signs"}
MAYA, NEW = "maya@switchboard.example", "new@switchboard.example"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running provider."""
    accounts = tmp_path_factory.mktemp("oidc") / "accounts.json"
    accounts.write_text(json.dumps([{"email": MAYA, "name": "Maya"}, {"email": NEW, "name": "New"}]))
    command = [sys.executable, "-m", "tests.standins.oidc", "--port", "0", "--accounts", str(accounts)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **CLIENT}, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
async def desk(servers: Servers, issuer: str) -> AsyncIterator[Running]:
    """The demo's directory, and that provider named in the settings."""
    settings = settings_for(
        servers,
        f"t{random_id()[:8]}-",
        roles=frozenset({"http"}),
        public_url="http://desk",
        oidc_issuer=issuer,
        oidc_name="Demo ID",
        oidc_client_id=CLIENT["SWITCHBOARD_OIDC_CLIENT_ID"],
        oidc_client_secret=CLIENT["SWITCHBOARD_OIDC_CLIENT_SECRET"],
    )
    service = build_app(settings)
    async with AsyncExitStack() as stack:
        for step in service.prepare:
            await step()
        tickets: Tickets = service.http.state.tickets
        stack.push_async_callback(service.close)
        stack.push_async_callback(tickets.store.client.drop_database, settings.database("tickets"))
        await write_directory(tickets.store)
        tickets.directory._whole = True
        found = Running(settings, service.http, tickets, None)  # type: ignore[arg-type]  # nothing arrives here
        await found.learn()
        yield found


async def begun(browser: httpx.AsyncClient, back: str = "/inbox/mine") -> str:
    """Where the provider sends the browser after the person named an account: but for that account."""
    answer = await browser.get("/session/oidc", params={"back": back})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def at_provider(url: str, account: str) -> str:
    async with httpx.AsyncClient() as other:
        assert (await other.get(url)).status_code == 200
        form = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        answer = await other.post(url.partition("?")[0], data=form | {"account": account})
    return str(answer.headers["location"])


async def signed_in(browser: httpx.AsyncClient, account: str, **more: str) -> str:
    """The page that the browser ends on."""
    back = await at_provider(await begun(browser, **more), account)
    answer = await browser.get(back)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix("http://desk")


async def wrong_next(issuer: str, **claims: Any) -> None:
    async with httpx.AsyncClient() as other:
        assert (await other.post(f"{issuer}/standin/next", json=claims)).status_code == 200


async def test_the_account_of_a_colleague_opens_the_desk(desk: Running) -> None:
    async with desk.browser() as browser:
        assert (await browser.get("/session/ways")).json() == {"oidc": {"name": "Demo ID"}}
        assert await signed_in(browser, MAYA, back="/tickets/open?sort=due") == "/tickets/open?sort=due"
        session = await browser.post("/session/refresh")
        assert session.status_code == 200
        assert session.json()["agent"]["agent_id"] == "maya"
    async with desk.browser() as again:
        assert await signed_in(again, MAYA, back="https://evil.example/") == "/"
        assert await signed_in(again, MAYA, back="//evil.example/") == "/"


async def test_an_invitation_is_accepted_by_it_and_nobody_else_gets_in(desk: Running) -> None:
    async with desk.browser("admin") as admin, desk.browser() as browser:
        assert await signed_in(browser, NEW) == "/sign-in?problem=oidc_unknown"
        invited = {"name": "New", "email": NEW, "role_id": "agent"}
        assert (await admin.post("/invitations", json=invited)).status_code == 201
        assert await signed_in(browser, NEW) == "/inbox/mine"
        me = (await browser.post("/session/refresh")).json()["agent"]
        assert (me["agent_id"], me["active"]) == ("new", True)
        body = {**invited, "active": False}
        assert (await admin.put("/agents/new", json=body)).status_code == 200
        assert (await browser.post("/session/refresh")).status_code == 401
        assert await signed_in(browser, NEW) == "/sign-in?problem=oidc_unknown"


async def test_who_it_is_stays_who_it_was_when_an_address_is_given_to_another(desk: Running) -> None:
    """The subject says who it is; an address that moved to somebody else opens nothing of theirs."""
    async with desk.browser("admin") as admin, desk.browser() as browser:
        assert await signed_in(browser, MAYA) == "/inbox/mine"
        row = desk.tickets.directory.agents["maya"].model_dump(include={"name", "role_id", "team_ids"}, mode="json")
        assert (
            await admin.put("/agents/maya", json=row | {"email": "maya.new@switchboard.example"})
        ).status_code == 200
        heir = {"name": "Heir", "email": MAYA, "role_id": "agent", "password": "another password"}
        assert (await admin.put("/agents/heir", json=heir)).status_code == 200
        assert await signed_in(browser, MAYA) == "/inbox/mine"
        assert (await browser.post("/session/refresh")).json()["agent"]["agent_id"] == "maya"
        assert (await admin.delete("/agents/maya/identity")).status_code == 204
        assert await signed_in(browser, MAYA) == "/inbox/mine"
        assert (await browser.post("/session/refresh")).json()["agent"]["agent_id"] == "heir"


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"nonce": "another"}, "oidc_refused"),
        ({"nonce": None}, "oidc_refused"),
        ({"iss": "https://evil.example"}, "oidc_refused"),
        ({"aud": "another"}, "oidc_refused"),
        ({"aud": ["desk", "another"]}, "oidc_refused"),
        ({"azp": "another"}, "oidc_refused"),
        ({"exp": 1_700_000_000}, "oidc_refused"),
        ({"iat": 4_000_000_000}, "oidc_refused"),
        ({"sub": ""}, "oidc_refused"),
        ({"key": "another"}, "oidc_refused"),
        ({"email_verified": False}, "oidc_unknown"),
        ({"email_verified": "true"}, "oidc_unknown"),
        ({"email": None}, "oidc_unknown"),
    ],
)
async def test_a_token_that_is_not_right_opens_nothing(
    desk: Running, issuer: str, claims: dict[str, Any], problem: str
) -> None:
    async with desk.browser() as browser:
        await wrong_next(issuer, **claims)
        assert await signed_in(browser, MAYA) == f"/sign-in?problem={problem}"
        assert (await browser.post("/session/refresh")).status_code == 401


async def test_only_the_browser_that_began_it_can_end_it_and_once(desk: Running) -> None:
    """Else somebody is signed in as somebody else by a link, or a code that was overheard opens the desk."""
    async with desk.browser() as mine, desk.browser() as other:
        back = await at_provider(await begun(mine), MAYA)
        refused = {"location": "http://desk/sign-in?problem=oidc_not_begun"}
        assert (await other.get(back)).headers["location"] == refused["location"]
        await begun(other)
        assert (await other.get(back)).headers["location"] == refused["location"], "of another attempt"
        assert "state=" in back
        changed = back.replace("state=", "state=x")
        again = await at_provider(await begun(mine), MAYA)
        assert (await mine.get(changed)).headers["location"] == refused["location"]
        assert (await mine.get(again)).headers["location"] == refused["location"], "the attempt is over"
        assert await signed_in(mine, MAYA) == "/inbox/mine"


async def test_a_code_of_another_attempt_or_issuer_is_worth_nothing(desk: Running) -> None:
    """PKCE: a code that was stolen needs the verifier, which never left the browser's sealed cookie."""
    async with desk.browser() as mine, desk.browser() as thief:
        stolen = parse_qs(urlsplit(await at_provider(await begun(mine), MAYA)).query)["code"][0]
        own = parse_qs(urlsplit(await begun(thief)).query)["state"][0]
        callback = {"code": stolen, "state": own}
        answer = await thief.get("/session/oidc/callback", params=callback)
        assert answer.headers["location"] == "http://desk/sign-in?problem=oidc_refused"
        own = parse_qs(urlsplit(await begun(thief)).query)["state"][0]
        mixed = {"code": stolen, "state": own, "iss": "https://evil.example"}
        answer = await thief.get("/session/oidc/callback", params=mixed)
        assert answer.headers["location"] == "http://desk/sign-in?problem=oidc_refused"
        denied = {"error": "access_denied", "state": parse_qs(urlsplit(await begun(thief)).query)["state"][0]}
        answer = await thief.get("/session/oidc/callback", params=denied)
        assert answer.headers["location"] == "http://desk/sign-in?problem=oidc_refused"


async def test_without_a_provider_there_is_one_way_in(running: Running) -> None:
    async with running.browser() as browser:
        assert (await browser.get("/session/ways")).json() == {"oidc": None}
        answer = await browser.get("/session/oidc")
        assert (answer.status_code, urlsplit(answer.headers["location"]).query) == (303, "problem=no_provider")


def test_plain_http_is_for_this_machine_alone(servers: Servers) -> None:
    given = {"oidc_client_id": "x", "oidc_client_secret": "y"}
    for issuer in ("http://id.example.com", "ftp://id.example.com", "https://", "http://127.0.0.1.evil.example"):
        with pytest.raises(ValueError, match="oidc_issuer"):
            settings_for(servers, "x-", oidc_issuer=issuer, **given)
    with pytest.raises(ValueError, match="CLIENT_ID"):
        settings_for(servers, "x-", oidc_issuer="https://id.example.com")
