"""An agent works without the mouse, from signing in to closing. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid

from playwright.async_api import Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, mail, send_mail, until

ADDRESS = "support@paleohacks.example"
SLOW_MS = 60_000


async def test_a_conversation_is_found_answered_and_closed_by_keys_alone(desk: Desk, page: Page) -> None:
    # Letters alone: digits are looked for as numbers, too.
    mark = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:10])
    address, subject, tag = f"{mark}@home.example", f"Handle {mark}", f"handle-{mark}"
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text="It is loose.", sender=f"Ida Lund <{address}>"))
    async with Agent(desk.web, desk.account("admin")) as admin:
        # An agent gives away what is their own, and nobody else's.
        head = await until(lambda: admin.assigned(subject))
        mine = {"team_id": head["team_id"], "assignee_id": desk.account("agent")["agent_id"]}
        await admin.post(f"/api/tickets/conversations/{head['id']}/assign", **mine)
        await until(lambda: admin.finds(mark))
    account, keys = desk.account("agent"), page.keyboard

    # signing in: the first field has the focus
    await page.goto(desk.web)
    await expect(page.get_by_label("Email")).to_be_focused()
    await keys.type(account["email"])
    await keys.press("Tab")
    await keys.type(account["password"])
    await keys.press("Enter")
    await expect(page.get_by_role("navigation", name="Inboxes")).to_be_visible()

    # found by its words, opened
    await keys.press("/")
    await expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    await keys.type(mark)
    await expect(page.get_by_role("region", name="Search").get_by_role("listitem")).to_have_count(1, timeout=SLOW_MS)
    await keys.press("Enter")
    open_one = page.get_by_role("region", name="Conversation with Ida Lund")
    await expect(open_one.get_by_role("region", name="Timeline").get_by_text("It is loose.")).to_be_visible()

    # tagged, made urgent, given to another team
    await keys.press("t")
    await expect(page.get_by_placeholder("Find or make a tag")).to_be_focused()
    await keys.type(tag)
    await expect(page.get_by_role("option", name=re.compile(tag))).to_be_visible()
    await keys.press("Enter")
    await expect(page.get_by_role("complementary", name="Details").get_by_text(tag)).to_be_visible()
    await keys.press("Escape")
    await expect(page.get_by_placeholder("Find or make a tag")).to_have_count(0)
    await keys.press("p")
    await expect(open_one.get_by_role("button", name=re.compile("[Pp]riority")).first).to_have_attribute(
        "aria-pressed", "true"
    )
    await keys.press("a")
    await expect(page.get_by_placeholder("Assign to…")).to_be_focused()
    await keys.type("Quality")
    await expect(page.get_by_role("option")).to_have_text(["Quality"])
    await keys.press("Enter")
    await expect(page.get_by_placeholder("Assign to…")).to_be_hidden()

    # a note, then the answer, and closed with it
    await keys.press("n")
    await expect(open_one.get_by_role("textbox", name="Note")).to_be_focused()
    await keys.type("Seen with the others of this batch.")
    await keys.press("Control+Enter")
    timeline = open_one.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("Seen with the others of this batch.")).to_be_visible()
    await keys.press("Escape")
    await keys.press("r")
    await expect(open_one.get_by_role("textbox", name="Reply")).to_be_focused()
    await keys.type("A new one is on its way.")
    await keys.press("Control+Shift+Enter")
    [letter] = await until(lambda: Sink(desk.smtp_sink_http).to(address, subject))
    assert "A new one is on its way." in letter.get_body(("plain",)).get_content()
    await expect(open_one.get_by_role("button", name="Reopen")).to_be_visible(timeout=SLOW_MS)

    # elsewhere by the palette; the help says what there is
    await keys.press("Escape")
    await keys.press("Control+k")
    palette = page.get_by_role("dialog", name="Do or go anywhere")
    await expect(palette.get_by_label("Command")).to_be_focused()
    await expect(palette.locator("[data-selected]")).to_have_count(1)
    await expect(palette.get_by_role("button", name="Your inbox")).to_contain_text("GI")
    await keys.type("new ticket")
    await expect(palette.get_by_role("button")).to_have_text(["New ticketI"])
    await keys.press("Enter")
    form = page.get_by_role("dialog", name="New ticket")
    await expect(form.get_by_label("Type")).to_be_visible()
    await keys.press("Escape")
    await expect(form).to_be_hidden()
    await keys.press("Control+k")
    await keys.type("tickets")
    await expect(palette.get_by_role("button").first).to_contain_text("Tickets")
    await keys.press("Enter")
    await expect(page).to_have_url(re.compile("/tickets/"))
    await expect(page.get_by_role("region", name="Tickets")).to_be_visible()
    await keys.press("Control+k")
    await keys.type("new conversation")
    # The only one: it is the first of the whole list, too, and Enter chooses nothing before what was typed is there.
    await expect(palette.get_by_role("button")).to_have_text(["New conversation"])
    await keys.press("Enter")
    letter_form = page.get_by_role("dialog", name="New conversation")
    await expect(letter_form.get_by_role("textbox", name="Message")).to_be_visible()
    await expect(page).to_have_url(re.compile("/inbox/mine"))
    await keys.press("Escape")
    await expect(letter_form).to_be_hidden()
    await keys.type("gt")
    await expect(page.get_by_role("region", name="Tickets")).to_be_visible()
    await keys.type("gi")
    await expect(page).to_have_url(re.compile("/inbox/mine"))
    await keys.press("?")
    await expect(page.get_by_role("dialog").get_by_text("Close or reopen")).to_be_visible()

    async with Agent(desk.web, desk.account("admin")) as admin:
        head = await admin.find(subject)
        assert head is not None
        assert (head["status"], head["priority"], head["team_id"]) == ("closed", True, "quality")
        assert tag in head["tags"]
