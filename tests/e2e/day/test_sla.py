"""A lead says by when customers are answered; the agent sees what is due, answers in time, and the badge goes. In the
browser, on the running desk."""

from __future__ import annotations

import re
import uuid

from playwright.async_api import expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent
from tests.tabs import SignedIn

SLOW_MS = 20_000


async def test_a_policy_is_made_and_an_answer_meets_its_target(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name, subject = f"Urgent {mark}", f"Broken jar {mark}"
    page = await signed_in("lead")

    # a policy for conversations with this subject
    await page.goto(f"{desk.web}/settings/sla")
    await page.get_by_role("button", name="Add a policy").click()
    form = page.get_by_role("form", name="New policy")
    await form.get_by_label("Name", exact=True).fill(name)
    await form.get_by_role("button", name="Add a condition").click()
    await form.get_by_label("What", exact=True).click()
    await page.get_by_role("option", name="Subject", exact=True).click()
    await form.get_by_label("How", exact=True).click()
    await page.get_by_role("option", name="contains", exact=True).click()
    await form.get_by_label("With what", exact=True).fill(mark)
    await form.get_by_label("First answer", exact=True).fill("2")
    await expect(form.get_by_role("list", name="What begins now")).to_contain_text("First answer: due")
    await form.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("list", name="Policies").get_by_text(name)).to_be_visible(timeout=SLOW_MS)

    # a calendar: what is wrong is said at its field
    await page.goto(f"{desk.web}/settings/calendars")
    await page.get_by_role("button", name="Add a calendar").click()
    form = page.get_by_role("form", name="New calendar")
    await form.get_by_label("Name", exact=True).fill(f"Hours {mark}")
    await form.get_by_label("Monday closes").fill("08:00")
    await form.get_by_role("button", name="Add calendar").click()
    await expect(form.get_by_text("It closes after it opens.")).to_be_visible()
    await form.get_by_label("Monday closes").fill("16:00")
    await form.get_by_role("button", name="Add calendar").click()
    await expect(page.get_by_role("list", name="Calendars").get_by_text(f"Hours {mark}")).to_be_visible()

    # a customer writes: the row, the details and the timeline say by when
    await write(desk, f"Ada Moor <{mark}@home.example>", subject)
    await page.goto(f"{desk.web}/inbox")
    await open_conversation(page, subject)
    details = page.get_by_role("complementary", name="Details")
    await expect(details.get_by_role("button", name="Service level")).to_be_visible(timeout=SLOW_MS)
    await expect(details.get_by_text("2 h left")).to_be_visible()
    row = page.get_by_role("region", name="Conversations").get_by_role("button").filter(has_text=subject)
    await expect(row.get_by_title(re.compile("First answer due"))).to_have_text("2 h")
    messages = page.get_by_role("region", name="Timeline")
    await expect(messages.get_by_text(re.compile("expects the first answer by"))).to_be_visible()

    # whoever leads sees it among what is due next, and opens it from there
    await page.get_by_role("button", name="Dashboard").click()
    await page.get_by_role("button", name="Next service levels").click()
    due = page.get_by_role("region", name="Next service levels").get_by_role("listitem").filter(has_text=subject)
    await expect(due.get_by_title(re.compile("First answer due"))).to_have_text("2 h")
    await due.get_by_role("link").click()

    # answered in time: nothing is due any more
    composer = page.get_by_role("region", name="Conversation with Ada Moor")
    box = composer.get_by_role("textbox", name="Reply")
    await box.click()
    await page.keyboard.type("A new jar is on its way.")
    await composer.get_by_role("button", name="Send", exact=True).click()
    await expect(messages.get_by_text(re.compile("noted the first answer, in time"))).to_be_visible(timeout=40_000)
    await expect(details.get_by_role("button", name="Service level")).to_have_count(0)
    await expect(row.get_by_title(re.compile("First answer due"))).to_have_count(0)

    # and the desk is as it was
    async with Agent(desk.web, desk.account("lead")) as lead:
        for one in (await lead.get("/api/routing/sla/policies"))["items"]:
            if mark in one["name"]:
                await lead.client.post(
                    f"/api/routing/sla/policies/{one['id']}/retire",
                    json={},
                    headers={"If-Match": f'"{one["version"]}"'},
                )
        for one in (await lead.get("/api/routing/calendars"))["items"]:
            if mark in one["name"]:
                await lead.client.delete(
                    f"/api/routing/calendars/{one['id']}", headers={"If-Match": f'"{one["version"]}"'}
                )
