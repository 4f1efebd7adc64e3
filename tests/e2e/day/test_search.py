"""Somebody calls about an order: it is found by number, name and words, here and everywhere, by the keyboard alone."""

from __future__ import annotations

import random
import re
import uuid

from playwright.async_api import expect

from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"
SLOW_MS = 60_000


async def test_an_order_is_found_in_any_notation_and_opened_by_the_keyboard(desk: Desk, signed_in: SignedIn) -> None:
    # Letters alone: digits after a phone number would be read as part of it.
    mark = uuid.uuid4().hex[:8].translate(str.maketrans("0123456789", "ghijklmnop"))
    number = f"{random.randrange(100_000, 1_000_000)}"
    subject, words = (
        f"Where is it {mark}",
        f"My <b>order</b> SB-{number} is late. Call me: (310) 555-{number[:4]}, please.",
    )
    sender = f"Wanda {mark.title()}"
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text=words, sender=f"{sender} <{mark}@home.example>"))
    async with Agent(desk.web, desk.account("agent")) as agent:
        await until(lambda: agent.finds(mark))
    page = await signed_in("agent")
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="Spam").click()

    # open with a key; what may be written is said
    await page.keyboard.press("/")
    search = page.get_by_role("region", name="Search")
    field = search.get_by_role("searchbox", name="Search")
    await expect(field).to_be_focused(timeout=SLOW_MS)
    await expect(search.get_by_text("Narrow it down")).to_be_visible()

    # the number, the phone, the name, as they are said; the hit marked and nothing of it markup
    rows = search.get_by_role("listitem")
    for typed in (f"sb{number}", f"+1 310 555 {number[:4]} {mark}", f"{mark}@home", f'"order SB-{number} is late"'):
        await field.fill(typed)
        await expect(rows).to_have_count(1, timeout=SLOW_MS)
        await expect(rows).to_contain_text(subject)
    await field.fill(f"{mark} order late ")
    await expect(rows).to_contain_text("My <b>order</b>", timeout=SLOW_MS)
    await expect(rows.locator("mark").filter(has_text="late")).to_have_count(1)
    await expect(search.get_by_text("1 conversation")).to_be_visible()

    # Enter opens it, and the search stays beside it
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Timeline")).to_contain_text(number, timeout=SLOW_MS)
    await expect(search).to_be_visible()
    await expect(page).to_have_url(re.compile("/inbox/spam/.+find="))
    await page.reload()
    await expect(rows).to_have_count(1, timeout=SLOW_MS)

    # a person who is called so
    await field.fill(sender)
    await expect(search.get_by_role("group", name="Contacts")).to_contain_text(f"{mark}@home.example", timeout=SLOW_MS)

    # this inbox alone, and all of them again
    await field.fill(f"{mark} order ")
    await search.get_by_role("button", name="Spam").click()
    await expect(search.get_by_text("No conversation that you see has all of that.")).to_be_visible(timeout=SLOW_MS)
    await search.get_by_role("button", name="Search all inboxes").click()
    await expect(rows).to_have_count(1, timeout=SLOW_MS)

    # operators go on by themselves, and say what is missing
    await field.fill(f"{mark} stat")
    await page.keyboard.press("Tab")
    await expect(field).to_have_value(f"{mark} status:")
    await expect(search.get_by_role("status").first).to_contain_text("such as status:open", timeout=SLOW_MS)
    await search.get_by_role("group", name="Go on with").get_by_role("button", name="closed").click()
    await expect(search.get_by_text("No conversation that you see has all of that.")).to_be_visible(timeout=SLOW_MS)
    await field.fill(f"{mark} status:open")
    await expect(rows).to_have_count(1, timeout=SLOW_MS)

    # lately looked for; Esc empties, then leaves
    await page.keyboard.press("Enter")
    await field.focus()
    await page.keyboard.press("Escape")
    await expect(search.get_by_role("button", name=f"{mark} status:open")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("region", name="Conversations")).to_be_visible()
