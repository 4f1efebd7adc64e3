"""Who writes: their profile is edited beside the conversation and on their own page, duplicates become one person and
two again, a sender is blocked, a segment counts. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid

from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"
SLOW_MS = 60_000


async def test_the_next_mail_from_a_secondary_address_finds_the_same_person(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    first, second, work = f"Lid broke {mark}", f"And the pan {mark}", f"{mark}@work.example"
    await write(desk, f"Ida Quill <{mark}@home.example>", first)
    page = await signed_in("agent")
    await open_conversation(page, first)
    details = page.get_by_role("complementary", name="Details")

    # the conversation's own attributes
    await details.get_by_role("button", name="Add Root cause").click()
    await page.get_by_role("option", name="Carrier").click()
    await expect(details.get_by_role("button", name="Edit Root cause: Carrier")).to_be_visible()
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("set Root cause to Carrier")).to_be_visible()

    # a number that is none is told at its field; in any notation it is kept as one
    await details.get_by_role("button", name="Add Phone").click()
    await details.get_by_label("Phone", exact=True).fill("12")
    await page.keyboard.press("Enter")
    await expect(details.get_by_text("12 is not a phone number; write it as +1 310 555 0100.")).to_be_visible()
    number = f"(310) 555-{int(mark, 16) % 9000 + 1000}"
    await details.get_by_label("Phone", exact=True).fill(number)
    await page.keyboard.press("Enter")
    await expect(details.get_by_role("button", name="Edit Phone")).to_contain_text("+1 310 555")

    # a second address; the next mail from it is the same person's
    await details.get_by_role("button", name="Add email").click()
    await details.get_by_label("Secondary").fill(work.upper())
    await page.keyboard.press("Enter")
    await expect(details.get_by_role("button", name=f"Edit Secondary: {work}")).to_be_visible()
    await write(desk, f"I. Quill <{work}>", second)
    await open_conversation(page, second)
    recent = details.locator("section", has=page.get_by_role("button", name="Recent conversations"))
    await expect(recent.get_by_text(first)).to_be_visible(timeout=SLOW_MS)
    await expect(details.get_by_role("button", name="Edit Name: Ida Quill")).to_be_visible()

    # found by the number, however it is written
    await details.get_by_role("button", name="Open contact").click()
    await expect(page.get_by_role("region", name="Contact Ida Quill")).to_be_visible()
    await page.get_by_role("searchbox", name="Find contacts").fill(number.replace("(", "+1 (").replace("-", " "))
    contacts = page.get_by_role("region", name="Contacts", exact=True)
    await expect(contacts.get_by_role("listitem")).to_have_count(1)
    await expect(contacts.get_by_role("listitem")).to_contain_text("Ida Quill")


async def test_two_who_are_one_are_merged_and_taken_apart(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name = f"Orla {mark.translate(str.maketrans('0123456789', 'ghijklmnop')).title()}"
    subjects = [f"One of two {mark}", f"Two of two {mark}"]
    for n, subject in enumerate(subjects):
        await write(desk, f"{name} <{mark}.{n}@home.example>", subject)
    page = await signed_in("agent")
    await page.get_by_role("navigation", name="Desk").get_by_role("button", name="Contacts").click()
    contacts = page.get_by_role("region", name="Contacts", exact=True)
    await expect(contacts.get_by_role("listitem").first).to_be_visible(timeout=SLOW_MS)
    await find(page, f"{mark}.0@home")
    await contacts.get_by_role("listitem").get_by_role("button").click()
    person = page.get_by_role("region", name=f"Contact {name}")
    details = page.get_by_role("complementary", name="Details")

    # suggested, compared, merged, undone
    await merge_suggested(page, details)
    await expect(person.get_by_text(f"{mark}.1@home.example").first).to_be_visible()
    await expect(details.get_by_text(subjects[0])).to_be_visible()
    await expect(details.get_by_text(subjects[1])).to_be_visible()
    await page.get_by_label("Messages").get_by_role("button", name="Undo").click()
    await expect(details.get_by_text(subjects[1])).to_be_hidden()
    await expect(details.get_by_role("button", name="Compare")).to_be_visible()

    # merged for good: the other's conversation says who it is with now, and takes apart later too
    await merge_suggested(page, details)
    await details.get_by_text(subjects[1]).click()
    await expect(page.get_by_role("region", name="Timeline")).to_be_visible()
    await expect(details.get_by_text("the same person as")).to_be_visible()
    await details.get_by_role("button", name="Open contact").click()
    await details.get_by_role("button", name="Take apart").click()
    await expect(details.get_by_role("button", name="Compare")).to_be_visible()


async def test_a_blocked_sender_goes_to_spam_until_unblocked(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    sender = f"Rude {mark} <{mark}@home.example>"
    await write(desk, sender, f"First {mark}")
    page = await signed_in("agent")
    await open_conversation(page, f"First {mark}")
    details = page.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Open contact").click()
    person = page.get_by_role("region", name="Contact Rude")
    await person.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name="Block…").click()
    dialog = page.get_by_role("dialog", name="Block Rude")
    await dialog.get_by_role("button", name="Block").click()
    await expect(dialog.get_by_text("Is 1 to 200 characters.")).to_be_visible()
    await dialog.get_by_label("Why?").fill("Threatens colleagues")
    await dialog.get_by_role("button", name="Block").click()
    await expect(person.get_by_text("Threatens colleagues").first).to_be_visible()

    await write(desk, sender, f"Second {mark}")
    await page.get_by_role("navigation", name="Desk").get_by_role("button", name="Inbox").click()
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="Spam").click()
    await page.get_by_role("region", name="Conversations").get_by_text(f"Second {mark}").click(timeout=SLOW_MS)
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("The sender is blocked: Threatens colleagues")).to_be_visible()

    await details.get_by_role("button", name="Open contact").click()
    await person.get_by_role("button", name="Unblock").click()
    await expect(person.get_by_role("button", name="Unblock")).to_be_hidden()
    await write(desk, sender, f"Third {mark}")
    await page.get_by_role("navigation", name="Desk").get_by_role("button", name="Inbox").click()
    await open_conversation(page, f"Third {mark}")


async def test_what_a_colleague_wrote_meanwhile_is_told_and_shown_by_itself(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    await write(desk, f"Una {mark} <{mark}@home.example>", f"Hello {mark}")
    agent = await signed_in("agent")
    await open_conversation(agent, f"Hello {mark}")
    details = agent.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Add Location").click()
    await details.get_by_label("Location", exact=True).fill("Paris")

    lead = await signed_in("lead")
    await lead.get_by_role("navigation", name="Desk").get_by_role("button", name="Contacts").click()
    await find(lead, f"{mark}@home")
    await lead.get_by_role("region", name="Contacts", exact=True).get_by_role("listitem").get_by_role("button").click()
    person = lead.get_by_role("region", name=f"Contact Una {mark}")
    await person.get_by_role("button", name="Add Location").click()
    await person.get_by_label("Location", exact=True).fill("London")
    await lead.keyboard.press("Enter")
    await expect(person.get_by_role("button", name="Edit Location: London")).to_be_visible()

    await details.get_by_label("Location", exact=True).press("Enter")
    await expect(details.get_by_text("changed the location to London while you were editing")).to_be_visible()
    await details.get_by_label("Location", exact=True).press("Enter")
    await expect(details.get_by_role("button", name="Edit Location: Paris")).to_be_visible()
    await expect(person.get_by_role("button", name="Edit Location: Paris")).to_be_visible(timeout=SLOW_MS)


async def test_a_segment_counts_while_it_is_written_and_lists_who_fits(signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    page = await signed_in("agent")
    await page.get_by_role("navigation", name="Desk").get_by_role("button", name="Contacts").click()
    segments = page.get_by_role("navigation", name="Segments")
    await segments.get_by_role("button", name="New segment").click()
    dialog = page.get_by_role("dialog", name="New segment")
    await dialog.get_by_label("Name", exact=True).fill(f"Poland {mark}")
    await dialog.get_by_role("combobox", name="What").click()
    await page.get_by_role("option", name="Location").click()
    await dialog.get_by_role("combobox", name="How").click()
    await page.get_by_role("option", name="contains").click()
    await dialog.get_by_role("textbox", name="Value").fill("poland")
    await expect(dialog.get_by_text(re.compile(r"^\d+ contacts"))).to_be_visible(timeout=SLOW_MS)
    await dialog.get_by_role("button", name="Save segment").click()
    await expect(dialog).to_be_hidden()
    contacts = page.get_by_role("region", name="Contacts", exact=True)
    await expect(contacts.get_by_text("Wojciech Brzęczyszczykiewicz")).to_be_visible()
    await segments.get_by_role("button", name=f"More for Poland {mark}").click()
    await page.get_by_role("menuitem", name="Delete segment").click()
    await expect(segments.get_by_text(f"Poland {mark}")).to_be_hidden()


async def test_a_segment_asks_about_conversations_and_follows_them(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    await write(desk, f"Rosa {mark} <{mark}@home.example>", f"Two jars {mark}")
    async with Agent(desk.web, desk.account("admin")) as admin:
        head = await until(lambda: admin.find(f"Two jars {mark}"))
        found = f"/api/tickets/conversations/{head['id']}"
        await admin.post(f"{found}/tags", add=[f"seg-{mark}"])
        page = await signed_in("agent")
        await page.goto(f"{desk.web}/contacts/all")
        segments = page.get_by_role("navigation", name="Segments")
        await segments.get_by_role("button", name="New segment").click()
        dialog = page.get_by_role("dialog", name="New segment")
        await dialog.get_by_label("Name", exact=True).fill(f"Waiting {mark}")
        await dialog.get_by_role("combobox", name="What").click()
        await page.get_by_role("option", name="Tag of a conversation").click()
        await dialog.get_by_role("combobox", name="Value").click()
        await page.get_by_role("option", name=f"seg-{mark}").click()
        await expect(dialog.get_by_text(re.compile(r"^1 contact"))).to_be_visible(timeout=SLOW_MS)
        await dialog.get_by_role("button", name="Add a condition").click()
        await dialog.get_by_role("combobox", name="What").last.click()
        await page.get_by_role("option", name="Conversations not closed").click()
        await dialog.get_by_role("combobox", name="How").last.click()
        await page.get_by_role("option", name="is more than").click()
        await dialog.get_by_role("textbox", name="Value").last.fill("0")
        await expect(dialog.get_by_text(re.compile(r"^1 contact"))).to_be_visible(timeout=SLOW_MS)
        await dialog.get_by_role("button", name="Save segment").click()
        await expect(dialog).to_be_hidden()
        contacts = page.get_by_role("region", name="Contacts", exact=True)
        await expect(contacts.get_by_text(f"Rosa {mark}")).to_be_visible()

        # What happens in the conversation moves them out, while one looks.
        await admin.post(f"{found}/close")
        await expect(contacts.get_by_text(f"Rosa {mark}")).to_be_hidden(timeout=SLOW_MS)
        await segments.get_by_role("button", name=f"More for Waiting {mark}").click()
        await page.get_by_role("menuitem", name="Delete segment").click()
        await expect(segments.get_by_text(f"Waiting {mark}")).to_be_hidden()


async def merge_suggested(page: Page, details: Locator) -> None:
    await details.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog", name="Merge contacts")
    await dialog.get_by_role("button", name="Merge").click()
    await expect(dialog).to_be_hidden()
    await expect(details.get_by_role("button", name="Take apart")).to_be_visible()


async def find(page: Page, text: str) -> None:
    await page.get_by_role("searchbox", name="Find contacts").fill(text)
    await expect(page.get_by_text(f"1 found for “{text}”")).to_be_visible(timeout=SLOW_MS)


async def write(desk: Desk, sender: str, subject: str) -> None:
    """A mail, and wait until it is a conversation."""
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text="Hello there.", sender=sender))
    async with Agent(desk.web, desk.account("admin")) as admin:
        await until(lambda: there(admin, subject))


async def there(admin: Agent, subject: str) -> bool:
    pages = [await admin.get("/api/tickets/conversations", inbox=one) for one in ("all", "spam")]
    return any(one["head"]["subject"] == subject for page in pages for one in page["items"])


async def open_conversation(page: Page, subject: str) -> None:
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()
    await page.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=SLOW_MS)
