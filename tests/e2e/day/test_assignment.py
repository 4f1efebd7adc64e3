"""An admin says what people can do and how much of it, a rule asks for it, and who can gets the work. In the browser,
on the running desk."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import write
from tests.e2e.day.test_rules import ask_subject, begin_rule
from tests.e2e.outside import Agent, until
from tests.tabs import SignedIn

SLOW_MS = 60_000
PERSON, NAME = "jonas", "Jonas Lindqvist"


@pytest_asyncio.fixture(autouse=True)
async def person_as_before(desk: Desk) -> AsyncIterator[None]:
    async with Agent(desk.web, desk.account("admin")) as admin:
        before = await person(admin)
        yield
        kept = {name: value for name, value in before.items() if name not in ("agent_id", "seq", "generation")}
        (await admin.client.put(f"/api/tickets/agents/{PERSON}", json=kept)).raise_for_status()


async def test_what_somebody_can_do_decides_who_gets_it(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    team, skill, tag, subject = f"Kilns {mark}", f"Glaze {mark}", f"kiln-{mark}", f"My glaze cracked {mark}"
    page = await signed_in("admin")

    # a team with a language and its members
    await page.goto(f"{desk.web}/settings/teams/new")
    form = page.get_by_role("form", name="New team")
    await form.get_by_label("Name", exact=True).fill(team)
    await form.get_by_role("combobox", name="Languages").fill("german")
    await page.get_by_role("option", name="German (de)").click()
    await page.keyboard.press("Escape")
    await form.get_by_role("button", name="Save").click()
    await page.get_by_role("list", name="Teams").get_by_text(team).click()
    form = page.get_by_role("form", name=team)
    await form.get_by_role("combobox", name="Members").click()
    for name in (NAME, "Leo Castellanos"):
        await page.get_by_role("option", name=name).click()
    await page.keyboard.press("Escape")
    async with Agent(desk.web, desk.account("admin")) as admin:
        team_id = next(one["team_id"] for one in await teams(admin) if one["name"] == team)
        await until(lambda: is_member(admin, team_id))

    # what one of them can do, how much at once and of a channel; what is wrong is said at its field
    form = await agent_form(desk, page)
    skills = form.get_by_role("combobox", name="Skills")
    await skills.fill("x" * 51)
    await skills.press("Enter")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Has at most 50 characters.")).to_be_visible()
    await skills.press("Backspace")
    await skills.fill(skill)
    await skills.press("Enter")
    await form.get_by_role("combobox", name="Languages").fill("french")
    await page.get_by_role("option", name="French (fr)").click()
    await page.keyboard.press("Escape")
    await form.get_by_label("Open conversations at once").fill("900")
    await form.get_by_label("Emails", exact=True).fill("800")
    await form.get_by_label("Calls", exact=True).fill("0")
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("list", name="Agents")).to_be_visible()
    form = await agent_form(desk, page)
    await expect(form.get_by_label("Emails", exact=True)).to_have_value("800")
    await expect(form.get_by_label("Chats", exact=True)).to_have_value("")
    await expect(form.get_by_label("Calls", exact=True)).to_have_value("0")
    await expect(form.get_by_text(skill, exact=True)).to_be_visible()
    await expect(form.get_by_text("French (fr)", exact=True)).to_be_visible()

    # a rule that asks for it, offers it again and lets it overflow
    await page.goto(f"{desk.web}/settings/rules")
    form = await begin_rule(page, f"Glaze {mark}", "Tags changed")
    await ask_subject(page, form, mark)
    await form.get_by_role("button", name="Add an action").click()
    await page.get_by_role("menuitem", name="Assign to a team").click()
    await choose(page, form.get_by_role("combobox", name="Team", exact=True), team)
    await choose(page, form.get_by_role("combobox", name="To whom in it"), "to whoever has least to do")
    asked = form.get_by_role("combobox", name="Skills they need")
    await asked.fill(f"Wheels {mark}")
    await asked.press("Enter")
    await form.get_by_label("Offer it to others when it is not answered in time").check()
    await form.get_by_label("Offer it to another team too when it waits long").check()
    await form.get_by_role("button", name="Publish", exact=True).click()
    await expect(form.get_by_text("Is needed.")).to_be_visible()
    await choose(page, form.get_by_role("combobox", name="Other team"), "Email Support")
    await form.get_by_role("button", name="Publish", exact=True).click()
    await expect(form.get_by_text(f'Nobody whom it can go to has the skill "Wheels {mark}".')).to_be_visible()
    await asked.press("Backspace")
    await asked.fill(skill)
    await asked.press("Enter")
    await expect(form.get_by_role("status", name="In words")).to_contain_text(
        f"assign it to {team}, to whoever has least to do, if they have the skill “{skill}”, to others when it is not "
        "answered within 15 minutes, after 15 minutes of waiting also to Email Support"
    )
    await form.get_by_role("button", name="Publish", exact=True).click()
    row = page.get_by_role("list", name="Rules", exact=True).get_by_role("listitem", name=f"Glaze {mark}")
    await expect(row).to_be_visible(timeout=SLOW_MS)

    # of the two it goes to who can, whoever had it before
    await write(desk, f"Ida Quill <{mark}@home.example>", subject)
    async with Agent(desk.web, desk.account("lead")) as lead:
        head = await until(lambda: lead.assigned(subject))
        await lead.post(f"/api/tickets/conversations/{head['id']}/tags", add=[tag], remove=[])

        async def given() -> bool:
            now = (await lead.get(f"/api/tickets/conversations/{head['id']}"))["head"]
            return (now["team_id"], now["assignee_id"]) == (team_id, PERSON)

        assert await until(given)
        by = [one["by"]["name"] for one in await lead.timeline(head["id"]) if one["type"] == "Assigned"]
        assert by[-1] == f"Glaze {mark}"

    await page.goto(f"{desk.web}/settings/rules")
    await row.get_by_role("button", name=f"More for Glaze {mark}").click(timeout=SLOW_MS)
    await page.get_by_role("menuitem", name="Retire").click()
    await expect(row).to_have_count(0)


async def choose(page: Page, field: Locator, option: str) -> None:
    await field.click()
    await page.get_by_role("option", name=option, exact=True).click()


async def agent_form(desk: Desk, page: Page) -> Locator:
    await page.goto(f"{desk.web}/settings/agents/{PERSON}")
    form = page.get_by_role("form", name=NAME)
    await form.wait_for()
    return form


async def teams(admin: Agent) -> list[dict[str, Any]]:
    return list((await admin.get("/api/tickets/directory"))["teams"])


async def person(admin: Agent) -> dict[str, Any]:
    agents = (await admin.get("/api/tickets/directory"))["agents"]
    return next(one for one in agents if one["agent_id"] == PERSON)


async def is_member(admin: Agent, team_id: str) -> bool:
    return team_id in (await person(admin))["team_ids"]
