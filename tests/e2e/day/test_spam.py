"""An admin lists whose mail is spam and whose never is; a lead finds it with its reasons, takes it out, marks another
and takes that back. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, until
from tests.tabs import SignedIn

SLOW_MS = 60_000
BRAND = "paleo-hacks"


@pytest_asyncio.fixture(autouse=True)
async def lists_as_before(desk: Desk) -> AsyncIterator[None]:
    async with Agent(desk.web, desk.account("admin")) as admin:
        before = await brand(admin)
        yield
        now = await brand(admin)
        body = {**now, "spam": before["spam"], "seen_seq": now["seq"]}
        kept = {name: value for name, value in body.items() if name not in ("brand_id", "seq")}
        (await admin.client.put(f"/api/tickets/brands/{BRAND}", json=kept)).raise_for_status()


async def test_senders_on_the_lists_go_to_spam_or_never_do(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    domain, subject, friendly = f"{mark}.example", f"Cheap offer {mark}", f"Not an offer {mark}"
    friend = f"ann@shop.{domain}"
    admin = await signed_in("admin")

    # what is no sender is said at its field; on both lists nobody can be
    form = await brand_form(desk, admin)
    blocked, allowed = form.get_by_label("Blocked senders"), form.get_by_label("Allowed senders")
    await blocked.fill("not a sender")
    await blocked.press("Enter")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Not a sender is neither an address nor a domain")).to_be_visible()
    await blocked.press("Backspace")
    await blocked.fill(domain)
    await blocked.press("Enter")
    await allowed.fill(domain)
    await allowed.press("Enter")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Is on the list of allowed senders, too.")).to_be_visible()
    await allowed.press("Backspace")
    await allowed.fill(friend)
    await allowed.press("Enter")
    await form.get_by_role("combobox", name="How strict").click()
    await admin.get_by_role("option", name=re.compile("^Strict")).click()
    await form.get_by_role("button", name="Save").click()
    await expect(admin.get_by_role("list", name="Brands")).to_be_visible()
    form = await brand_form(desk, admin)
    await expect(form.get_by_role("combobox", name="How strict")).to_have_value(re.compile("^Strict"))
    await expect(form.get_by_text(domain, exact=True)).to_be_visible()

    # routing has heard of it: the sender's mail goes to Spam and says why, the friend's doesn't
    async with Agent(desk.web, desk.account("lead")) as watching:
        await until(lambda: goes_to_spam(desk, watching, domain))
        lead = await signed_in("lead")
        await write(desk, f"Cheap Offers <sales@{domain}>", subject)
        await write(desk, f"Ann Friend <{friend}>", friendly)
        await until(lambda: watching.find(subject, "spam"))
        await until(lambda: watching.assigned(friendly))
    await lead.goto(f"{desk.web}/inbox/spam")
    await lead.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=SLOW_MS)
    timeline = lead.get_by_role("region", name="Timeline")
    await timeline.get_by_role("paragraph").filter(has_text="marked it as spam").get_by_role("button").click()
    why = lead.get_by_role("dialog")
    await expect(why).to_contain_text(f"Spam score 1.00. {domain} is on the list of blocked senders.")
    await lead.keyboard.press("Escape")
    await expect(why).to_have_count(0)

    # one click takes it out
    await lead.get_by_role("button", name="More actions").click()
    await lead.get_by_role("menuitem", name="Not spam").click()
    await expect(timeline.get_by_text("took it out of spam")).to_be_visible(timeout=SLOW_MS)
    await lead.goto(f"{desk.web}/inbox/all?status=all")
    await expect(lead.get_by_role("region", name="Conversations").get_by_text(subject)).to_be_visible(timeout=SLOW_MS)


async def test_a_lead_marks_spam_by_a_key_and_takes_it_back(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    subject = f"You have won {mark}"
    await write(desk, f"Lottery <{mark}@home.example>", subject)
    lead = await signed_in("lead")
    await open_conversation(lead, subject)
    timeline = lead.get_by_role("region", name="Timeline")
    messages = lead.get_by_label("Messages")

    # marked and taken back at once
    await expect(timeline.get_by_text("Hello there.")).to_be_visible()
    await lead.keyboard.press("#")
    await expect(messages.get_by_text("Marked as spam")).to_be_visible()
    await messages.get_by_role("button", name="Undo").click()
    await expect(timeline.get_by_text("took it out of spam")).to_be_visible(timeout=SLOW_MS)

    # marked for good: it is in Spam alone, and many are taken out together
    await lead.keyboard.press("#")
    async with Agent(desk.web, desk.account("lead")) as watching:
        await until(lambda: watching.find(subject, "spam"))
        assert await watching.find(subject) is None
    await lead.goto(f"{desk.web}/inbox/spam")
    row = lead.get_by_role("region", name="Conversations").locator("[data-row]").filter(has_text=subject)
    await row.hover(timeout=SLOW_MS)
    await row.get_by_role("checkbox").check()
    await expect(lead.get_by_role("toolbar", name="What to do with those chosen")).to_be_visible()
    await lead.keyboard.press("#")
    await expect(row).to_have_count(0)
    await lead.goto(f"{desk.web}/inbox/all?status=all")
    await expect(lead.get_by_role("region", name="Conversations").get_by_text(subject)).to_be_visible(timeout=SLOW_MS)


async def brand(admin: Agent) -> dict[str, Any]:
    brands = (await admin.get("/api/tickets/directory"))["brands"]
    return next(one for one in brands if one["brand_id"] == BRAND)


async def brand_form(desk: Desk, page: Page) -> Locator:
    await page.goto(f"{desk.web}/settings/brands/{BRAND}")
    form = page.get_by_role("form", name="Paleo Hacks")
    await form.get_by_role("group", name="Spam").scroll_into_view_if_needed(timeout=SLOW_MS)
    return form


async def goes_to_spam(desk: Desk, agent: Agent, domain: str) -> bool:
    """A mail of the domain's does by now, rather than to somebody: the lists are heard of a moment after the save."""
    subject = f"Probe {uuid.uuid4().hex[:8]}"

    async def outcome() -> str:
        if await agent.find(subject, "spam"):
            return "spam"
        return "assigned" if await agent.assigned(subject) else ""

    await write(desk, f"Probe <probe@{domain}>", subject)
    return await until(outcome) == "spam"
