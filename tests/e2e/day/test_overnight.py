"""A tab that was left open overnight recovers: tokens and sessions that ended, a new version, news that was missed.
So does one in which a conversation is opened in the very moment in which something happens to it."""

from __future__ import annotations

import asyncio
import re
import uuid

from playwright.async_api import Route, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.day.test_offline import note
from tests.e2e.outside import Agent, until
from tests.tabs import SignedIn

WITHIN_MS = 30_000


async def test_a_token_that_ended_is_renewed_and_a_session_that_ended_leads_back(
    desk: Desk, signed_in: SignedIn
) -> None:
    subject = f"Overnight {uuid.uuid4().hex[:8]}"
    await write(desk, "Tove Falk <tove@home.example>", subject)
    page = await signed_in("agent")
    await open_conversation(page, subject)
    await expect(page.get_by_role("textbox", name="Reply")).to_be_visible()

    # the access token has ended: the services say so once, and the act goes through all the same
    asked: list[str] = []

    async def ended(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            await route.continue_()
        else:
            await route.fulfill(status=401, json={"title": "Sign in", "status": 401, "code": "token_expired"})

    await page.route("**/note", ended)
    await note(page, "Written at nine in the morning.")
    await expect(page.get_by_role("region", name="Timeline").get_by_text("Written at nine")).to_be_visible()
    assert len(asked) == 2

    # the session has ended: what was begun is kept, the sign-in leads back to it
    await page.get_by_role("tab", name="Reply").click()
    await page.get_by_role("textbox", name="Reply").fill("Half a sent")
    await expect(page.get_by_text("Draft saved")).to_be_visible()
    await page.context.clear_cookies()
    here = page.url
    await page.reload()
    account = desk.account("agent")
    await page.get_by_label("Email").fill(account["email"])
    await page.get_by_label("Password", exact=True).fill(account["password"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(here)
    await expect(page.get_by_role("textbox", name="Reply")).to_have_text("Half a sent")


async def test_a_new_version_is_said_and_loaded_and_the_draft_is_there(desk: Desk, signed_in: SignedIn) -> None:
    subject = f"New version {uuid.uuid4().hex[:8]}"
    await write(desk, "Tove Falk <tove@home.example>", subject)
    page = await signed_in("agent")
    gone = re.compile(r"/assets/TicketsPage-")

    async def missing(route: Route) -> None:
        await route.fulfill(status=404, body="")

    await page.route(gone, missing)
    await open_conversation(page, subject)
    await page.get_by_role("textbox", name="Reply").fill("Kept over the night.")
    await page.get_by_role("navigation", name="Desk").get_by_role("button", name="Tickets").click()
    await expect(page.get_by_text("Switchboard was updated")).to_be_visible(timeout=WITHIN_MS)
    await page.unroute(gone, missing)
    await expect(page.get_by_text("Switchboard was updated")).to_have_count(0, timeout=WITHIN_MS)
    await page.goto(f"{desk.web}/inbox/mine")
    await open_conversation(page, subject)
    await expect(page.get_by_role("textbox", name="Reply")).to_have_text("Kept over the night.")


async def test_news_that_was_missed_is_there_when_the_line_is_back(desk: Desk, signed_in: SignedIn) -> None:
    page = await signed_in("agent")
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()
    await page.context.set_offline(True)
    subject = f"While asleep {uuid.uuid4().hex[:8]}"
    await write(desk, "Tove Falk <tove@home.example>", subject)
    await page.context.set_offline(False)
    row = page.get_by_role("region", name="Conversations").get_by_text(subject)
    await expect(row).to_be_visible(timeout=WITHIN_MS)


async def test_what_happens_while_a_conversation_is_being_opened_is_shown(desk: Desk, signed_in: SignedIn) -> None:
    subject = f"At once {uuid.uuid4().hex[:8]}"
    page = await signed_in("agent")
    answered, told = list[str](), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        answered.append(route.request.url)
        await told.wait()
        await route.fulfill(response=answer)

    # Before the mail is there: the timelines of the first rows are asked for before anybody opens them.
    await page.route("**/timeline?*", hold)
    await write(desk, "Tove Falk <tove@home.example>", subject)
    async with Agent(desk.web, desk.account("lead")) as lead:

        async def has_answer() -> bool:
            return any(head["id"] in url for url in answered)

        head = await until(lambda: lead.assigned(subject))
        await open_conversation(page, subject)
        await until(has_answer)
        await lead.post(f"/api/tickets/conversations/{head['id']}/assign", team_id=head["team_id"], assignee_id="lead")
    row = page.get_by_role("region", name="Conversations").get_by_role("button").filter(has_text=subject)
    await expect(row.get_by_title("Assigned to Lena Brandt")).to_be_visible(timeout=WITHIN_MS)
    told.set()
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("Hello there.")).to_be_visible()
    await expect(timeline.get_by_text("Lena Brandt took it")).to_be_visible()
