"""Day, steps 1 and 16: people sign in with a second thing or an account elsewhere, and lose their password; an admin
adds a role, a team and a colleague, and lets one go."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Sequence
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, mail, send_mail, until
from tests.tabs import SignedIn

PASSWORD = "a password of my own"
RIGHTS = ("Answer customers, write notes", "Close, snooze, tag, take what nobody has")


@pytest.fixture
async def admin(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("admin")) as one:
        yield one


async def sign_in(page: Page, desk: Desk, email: str, password: str) -> None:
    await page.goto(f"{desk.web}/sign-in")
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def begin_role(page: Page, desk: Desk, name: str, rights: Sequence[str]) -> None:
    await page.goto(f"{desk.web}/settings/roles/new")
    await page.get_by_label("Name").fill(name)
    for right in rights:
        await page.get_by_label(right).check()


async def begin_team(page: Page, desk: Desk, name: str) -> None:
    await page.goto(f"{desk.web}/settings/teams/new")
    await page.get_by_label("Name").fill(name)


async def keep(page: Page, listed: str, name: str) -> None:
    """What is in the form; it is in the list then."""
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("list", name=listed).get_by_text(name)).to_be_visible()


async def begin_invitation(page: Page, desk: Desk, name: str) -> None:
    await page.goto(f"{desk.web}/settings/agents/new")
    await page.get_by_label("Name").fill(name)


async def invite(page: Page, desk: Desk, name: str, email: str, role: str, team: str) -> str:
    """Fill in the rest of an invitation, and make it; the link that is told once."""
    await page.get_by_label("Email", exact=True).fill(email)
    await page.get_by_role("combobox", name="Role").click()
    await page.get_by_role("option", name=role).click()
    await page.get_by_role("combobox", name="Teams").click()
    await page.get_by_role("option", name=team).click()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Invite").click()
    link = await page.get_by_text(f"{desk.web}/join#").text_content() or ""
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("button", name=re.compile(f"{name}.*Invited"))).to_be_visible()
    return link


async def join(page: Page) -> None:
    """On the page of the link."""
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()


async def deactivate(page: Page, desk: Desk, name: str) -> None:
    await page.goto(f"{desk.web}/settings/agents")
    await page.get_by_role("button", name=re.compile(name)).click()
    await page.get_by_role("button", name="Deactivate…").click()
    await page.get_by_role("button", name=f"Deactivate {name}").click()
    await expect(page.get_by_role("button", name=re.compile(f"{name}.*Deactivated"))).to_be_visible()


async def test_a_colleague_is_invited_works_with_a_code_and_leaves(
    desk: Desk, admin: Agent, signed_in: SignedIn, context: BrowserContext
) -> None:
    mark = uuid.uuid4().hex[:8]
    name, email, role, team = f"Nadja {mark}", f"nadja-{mark}@switchboard.example", f"Role {mark}", f"Team {mark}"
    page = await signed_in("admin")

    # A role that asks for a code, and a team with hours.
    await begin_role(page, desk, role, RIGHTS)
    await page.get_by_label("Ask for an authenticator app").check()
    await keep(page, "Roles", role)

    await begin_team(page, desk, team)
    await page.get_by_label("It has hours").check()
    await page.get_by_role("button", name="Add hours on Sunday").click()
    await page.get_by_role("combobox", name="Skills").fill("refunds")
    await page.get_by_role("combobox", name="Skills").press("Enter")
    await keep(page, "Teams", team)

    # A colleague in both, by a link that is told once.
    await begin_invitation(page, desk, name)
    await page.get_by_role("button", name="Invite").click()
    await expect(page.get_by_text("Is not an email address.")).to_be_visible()
    link = await invite(page, desk, name, email, role, team)

    # She takes it, sets up her app because her role asks for it, and is in.
    hers = await context.new_page()
    await hers.goto(link)
    await expect(hers.get_by_text(f"You are invited to Switchboard as {email}.")).to_be_visible()
    assert "#" not in hers.url
    await hers.get_by_label("Password", exact=True).fill("short")
    await hers.get_by_role("button", name="Join").click()
    await expect(hers.get_by_role("alert")).to_contain_text("12 characters or more")
    await join(hers)
    await expect(hers.get_by_label("Email")).to_be_visible()
    await sign_in(hers, desk, email, PASSWORD)
    key = re.sub(r"\s", "", await hers.locator("code").text_content() or "")
    await hers.get_by_label("Code").fill(pyotp.TOTP(key).now())
    await hers.get_by_role("button", name="Sign in").click()
    shown = hers.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    await expect(shown).to_have_count(10)
    codes = await shown.all_text_contents()
    await hers.get_by_role("button", name="I have kept them").click()
    await expect(hers.get_by_role("navigation", name="Desk")).to_be_visible()

    # Elsewhere the password alone is not enough; a recovery code opens once.
    again = await context.new_page()
    await context.clear_cookies()
    await sign_in(again, desk, email, PASSWORD)
    await again.get_by_label("Code").fill("000000")
    await again.get_by_role("button", name="Sign in").click()
    await expect(again.get_by_role("alert")).to_contain_text("not right")
    await again.get_by_label("Code").fill(codes[0])
    await again.get_by_role("button", name="Sign in").click()
    await expect(again.get_by_role("navigation", name="Desk")).to_be_visible()
    await again.goto(f"{desk.web}/settings/account")
    await expect(again.get_by_text("On. 9 recovery codes are left.")).to_be_visible()
    await expect(again.get_by_role("list", name="Sessions").get_by_role("listitem")).to_have_count(2)
    await again.get_by_role("button", name="Sign out everywhere else").click()
    await expect(again.get_by_role("list", name="Sessions").get_by_role("listitem")).to_have_count(1)

    # She has a conversation and leaves: it is her team's again, her note stays hers, and she is out.
    await send_mail(desk.smtp, mail(to="support@paleohacks.example", subject=f"Left {mark}", text="Who has this?"))
    head = await until(lambda: admin.find(f"Left {mark}"))
    people = (await admin.get("/api/tickets/directory"))["agents"]
    her_id = next(one["agent_id"] for one in people if one["email"] == email)
    found = f"/api/tickets/conversations/{head['id']}"
    await admin.post(f"{found}/assign", team_id="email-support", assignee_id=her_id)
    await deactivate(page, desk, name)

    async def given_back() -> bool:
        now = (await admin.get(found))["head"]
        return (now["assignee_id"], now["team_id"]) == (None, "email-support")

    assert await until(given_back)
    await again.reload()
    await expect(again.get_by_label("Email")).to_be_visible()

    # The role is free again and goes; the team stays as a name.
    refused = await admin.get("/api/tickets/directory")
    role_id = next(one["role_id"] for one in refused["roles"] if one["name"] == role)
    await page.goto(f"{desk.web}/settings/roles/{role_id}")
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("list", name="Roles").get_by_text(role)).to_have_count(0)


async def test_a_lost_password_is_set_anew_by_a_mail(
    desk: Desk, admin: Agent, page: Page, context: BrowserContext
) -> None:
    mark = uuid.uuid4().hex[:8]
    email = f"forgetful-{mark}@switchboard.example"
    body = {"name": f"Forgetful {mark}", "email": email, "role_id": "agent", "password": PASSWORD}
    (await admin.client.put(f"/api/tickets/agents/forgetful-{mark}", json=body)).raise_for_status()
    await sign_in(page, desk, email, PASSWORD)
    await expect(page.get_by_role("navigation", name="Desk")).to_be_visible()

    # Elsewhere they do not remember it: the answer is the same as for nobody.
    away = await (await context.browser.new_context()).new_page()  # type: ignore[union-attr]
    for address in (f"nobody-{mark}@switchboard.example", email):
        await away.goto(f"{desk.web}/sign-in")
        await away.get_by_label("Email").fill(address)
        await away.get_by_role("button", name="Forgot your password?").click()
        await expect(away.get_by_label("Email")).to_have_value(address)
        await away.get_by_role("button", name="Send the link").click()
        said = away.locator("form").get_by_role("status")
        await expect(said).to_contain_text(f"If {address} is the address of an account")
    letters = await until(lambda: Sink(desk.smtp_sink_http).to(email, "A new password"))
    text = letters[0].get_body(("plain",)).get_content()
    assert await Sink(desk.smtp_sink_http).to(f"nobody-{mark}", "") == []

    # The link opens once; the new password signs in, and the other browser is out.
    link = re.findall(r"https?://\S+/new-password#\S+", text)[0]
    await away.goto(link)
    await expect(away.get_by_text(f"For {email}.")).to_be_visible()
    assert "#" not in away.url
    await away.get_by_label("Password", exact=True).fill("found in the mailbox")
    await away.get_by_role("button", name="Set the password").click()
    await expect(away.get_by_role("navigation", name="Desk")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Email")).to_be_visible()
    await page.goto(link)
    await expect(page.get_by_role("alert")).to_contain_text("was used already")
    [line] = (await admin.get("/api/tickets/audit", kind="agent", entity_id=f"forgetful-{mark}", limit=1))["items"]
    assert (line["by"]["id"], line["text"]) == (f"forgetful-{mark}", "By a link that was mailed to them.")
    await away.context.close()


async def test_an_account_elsewhere_opens_the_desk(desk: Desk, page: Page) -> None:
    """The provider of the demo desk, a process of its own."""
    account = desk.account("lead")
    await page.goto(f"{desk.web}/sign-in?back=%2Fsettings%2Faccount")
    await page.get_by_role("link", name="Sign in with Demo ID").click()
    await page.get_by_role("button", name=account["name"]).click()
    await expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert urlsplit(page.url).path == "/settings/account"
    await page.get_by_role("navigation", name="Settings").wait_for()
    await expect(page.get_by_role("link", name="Agents")).to_have_count(0)


async def test_what_an_account_elsewhere_could_not_open_is_said(desk: Desk, page: Page) -> None:
    async with httpx.AsyncClient(timeout=20) as other:
        begun = await other.get(f"{desk.web}/api/tickets/session/oidc")
        said = parse_qs(urlsplit(begun.headers["location"]).query)
        assert said["code_challenge_method"] == ["S256"]
    await page.goto(f"{desk.web}/api/tickets/session/oidc/callback?code=x&state={said['state'][0]}")
    await expect(page.get_by_role("alert")).to_contain_text("begun in another tab")
