"""Day, step 16, from end to end: an admin adds a brand, a role, a team and what belongs to them, and a colleague who
works with all of it in a browser of her own; then she is let go, and what she did stays hers. On the running desk."""

from __future__ import annotations

import re
import uuid

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation
from tests.e2e.day.test_macro_review import begin_macro, more, standing
from tests.e2e.day.test_offline import note
from tests.e2e.day.test_people import (
    PASSWORD,
    RIGHTS,
    begin_invitation,
    begin_role,
    begin_team,
    deactivate,
    invite,
    join,
    keep,
    sign_in,
)
from tests.e2e.day.test_settings import (
    add_field,
    add_ticket_type,
    arrived,
    begin_brand,
    begin_choice,
    begin_ticket_type,
    choose,
    offer,
    retire,
    section,
    settings,
)
from tests.e2e.outside import Agent, Sink, until
from tests.tabs import SignedIn

SLOW_MS = 60_000
MORE_RIGHTS = ("See back-office tickets", "Work on back-office tickets", "See contacts", "Change contacts")


async def test_a_brand_is_set_up_worked_for_and_handed_on(
    desk: Desk, signed_in: SignedIn, context: BrowserContext
) -> None:
    mark = uuid.uuid4().hex[:8]
    brand, address, subject, tag = f"Tea {mark}", f"hello@{mark}.example", f"Oolong {mark}", f"tea-{mark}"
    role, team, taste, kind = f"Taster {mark}", f"Tasters {mark}", f"Taste {mark}", f"Tasting {mark}"
    macro, name, email = f"Steep it {mark}", f"Nadja {mark}", f"nadja-{mark}@switchboard.example"
    admin = await signed_in("admin")

    # the brand, and who works for it
    await admin.keyboard.type("g,")
    form = await begin_brand(admin, brand)
    await form.get_by_label("Mailbox 1", exact=True).fill(address)
    await form.get_by_role("button", name="Add brand").click()
    await expect(admin.get_by_role("list", name="Brands").get_by_text(brand)).to_be_visible()
    await begin_role(admin, desk, role, (*RIGHTS, *MORE_RIGHTS))
    await keep(admin, "Roles", role)
    await begin_team(admin, desk, team)
    await keep(admin, "Teams", team)

    # what they ask of customers, of each other, and say
    await section(admin, "Attributes")
    form = await begin_choice(admin, taste)
    await expect(await offer(admin, form, ("Sweet", "Sour"), mark)).to_contain_text("Sweet, Sour")
    await section(admin, "Ticket types")
    form = await begin_ticket_type(admin, kind, team)
    await add_field(admin, form, "Batch", "Needed to submit")
    await expect(await add_ticket_type(admin, form, mark)).to_contain_text(f"1 field · {team}")
    form = await begin_macro(admin, desk, macro, "Three minutes, at eighty degrees.")
    await choose(admin, form, "Brands", brand)
    await admin.keyboard.press("Escape")
    await form.get_by_role("button", name="Publish").click()
    await expect(admin.get_by_text(f"Saved “{macro}”")).to_be_visible()

    # a colleague in all of it, who takes the link in her own browser, and signs in the next day
    await begin_invitation(admin, desk, name)
    link = await invite(admin, desk, name, email, role, team)
    hers = await context.new_page()
    await hers.goto(link)
    await join(hers)
    await expect(hers.get_by_role("navigation", name="Desk")).to_be_visible()
    await context.clear_cookies()
    await sign_in(hers, desk, email, PASSWORD)
    await expect(hers.get_by_role("navigation", name="Desk")).to_be_visible()

    # her first conversation: answered with the macro, noted, tagged, the customer's taste kept, and a ticket
    async with Agent(desk.web, desk.account("admin")) as reading:
        head = await arrived(desk, reading, address, subject)
        await open_conversation(hers, subject)
        conversation = hers.get_by_role("region", name="Conversation with Ann Lee")
        await conversation.get_by_role("textbox", name="Reply").click()
        await hers.keyboard.type(f"/{mark}")
        await expect(hers.get_by_role("listbox", name="Macros").get_by_role("option")).to_have_text([re.compile(macro)])
        await hers.keyboard.press("Enter")
        await conversation.get_by_role("button", name="Send", exact=True).click()
        await note(hers, "Told her how long.")
        await add_tag(hers, tag)
        details = hers.get_by_role("complementary", name="Details")
        await details.get_by_role("button", name=f"Add {taste}").click()
        await hers.get_by_role("option", name="Sweet").click()
        await expect(details.get_by_role("button", name=f"Edit {taste}: Sweet")).to_be_visible()
        await details.get_by_role("button", name="New ticket or link").click()
        await hers.get_by_role("menuitem", name=kind).click()
        ticket = hers.get_by_role("dialog", name="New ticket")
        await ticket.get_by_label("Batch").fill(mark)
        await ticket.get_by_role("button", name="Submit").click()
        await expect(details.get_by_role("button", name=kind).first).to_contain_text("Submitted")
        await expect(hers.get_by_role("article", name=f"Reply by {name}")).to_be_visible(timeout=SLOW_MS)
        [letter] = await until(lambda: Sink(desk.smtp_sink_http).to("ann@customer.example", subject))
        assert "Three minutes" in letter.get_body(("plain",)).get_content()
        assert address in letter["From"]

        # she is let go: out at once, and all of that is still hers, by her name
        await deactivate(admin, desk, name)
        await hers.reload()
        await expect(hers.get_by_label("Email")).to_be_visible()
        await admin.goto(f"{desk.web}/inbox")
        await open_conversation(admin, subject)
        await hers_still(admin, name, tag)
        done = {one["type"]: one["by"]["name"] for one in await reading.timeline(head["id"])}
        assert {done[what] for what in ("ReplySent", "NoteAdded", "Tagged", "LinkAdded")} == {name}

        # what is over is put away
        await admin.goto(f"{desk.web}/macros")
        await admin.get_by_role("region", name="Macros").get_by_role("button", name=macro).click(timeout=SLOW_MS)
        await admin.get_by_role("button", name="Versions").click()
        await more(admin, "Retire…", "Retire")
        await expect(standing(admin)).to_contain_text("Retired")
        await settings(admin, "Brands")
        await admin.get_by_role("list", name="Brands").get_by_text(brand).click()
        await admin.get_by_role("button", name="Retire…").click()
        await admin.get_by_role("dialog").get_by_role("button", name="Retire").click()
        await retire(reading, mark)


async def add_tag(page: Page, tag: str) -> None:
    details = page.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Add tag").click()
    await page.get_by_role("textbox", name="Tag", exact=True).fill(tag)
    await page.keyboard.press("Enter")
    await expect(details.get_by_role("button", name=f"Remove tag {tag}")).to_be_visible()
    await page.keyboard.press("Escape")


async def hers_still(page: Page, name: str, tag: str) -> None:
    """As the timeline of the open conversation shows it."""
    timeline: Locator = page.get_by_role("region", name="Timeline")
    reply = timeline.get_by_role("article", name=f"Reply by {name}")
    await expect(reply).to_contain_text("Three minutes", timeout=SLOW_MS)
    await expect(timeline.get_by_role("article", name=f"Note by {name}")).to_contain_text("Told her how long.")
    tagged = timeline.get_by_role("paragraph").filter(has_text=f"added tag “{tag}”")
    await expect(tagged).to_contain_text(name)
