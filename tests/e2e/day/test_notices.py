"""Being told: a colleague mentions one in a note, and the bell, the Mentions inbox, the browser's own notice and a mail
say so, by one's preferences and quiet hours; the customer hears nothing. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, Sink, until
from tests.tabs import SignedIn

PREFERENCES = "/api/notifications/notice-preferences"
DESKTOP = """
window.__told = [];
window.Notification = class {
  static permission = sessionStorage.getItem("may") || "default";
  static requestPermission() {
    sessionStorage.setItem("may", "granted");
    this.permission = "granted";
    return Promise.resolve("granted");
  }
  constructor(title, options) { window.__told.push({ title, ...options, click: () => this.onclick?.() }); }
  close() {}
};
"""
"""What a browser shows on the desktop cannot be seen from a page: here it keeps what it was asked to show."""


async def test_who_is_mentioned_is_told_wherever_they_look_and_the_customer_nowhere(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    address, subject = f"{mark}@home.example", f"Cracked jar {mark}"
    maya, lena = desk.account("agent"), desk.account("lead")
    await write(desk, f"Rosa {mark} <{address}>", subject)
    agent, lead = await signed_in("agent"), await signed_in("lead")
    await open_conversation(agent, subject)
    await lead.context.add_init_script(DESKTOP)
    await lead.reload()
    try:
        # the browser is asked only when one clicks
        panel = await open_bell(lead)
        assert await lead.evaluate("Notification.permission") == "default"
        await panel.get_by_role("button", name="Turn on").click()
        await expect(panel.get_by_role("button", name="Turn on")).to_be_hidden()
        await lead.keyboard.press("Escape")
        await expect(panel).to_be_hidden()

        # in quiet hours the bell counts, nothing pops up and no mail leaves
        await set_quiet(lead, on=True)
        await mention(agent, lena["name"], "is this batch 7?")
        panel = await open_bell(lead)
        told = panel.get_by_role("article", name=subject)
        await expect(
            told.get_by_role("button", name=re.compile(f"^{maya['name']} mentioned you.*unread"))
        ).to_be_visible()
        await expect(told).to_contain_text("is this batch 7?")
        await expect(lead).to_have_title(re.compile(r"^\(\d+\+?\) "))
        assert await lead.evaluate("window.__told.length") == 0
        assert await mailed(desk, lena["email"], subject) == []
        await lead.keyboard.press("Escape")

        # when they end, what was not read is mailed, without a word of the note
        await set_quiet(lead, on=False)
        [letter] = await until(lambda: mailed(desk, lena["email"], subject))
        assert "batch 7" not in letter
        assert f"{maya['name']} mentioned you" in letter

        # told again: by the browser too, once, and a click leads there
        await lead.get_by_role("button", name="Inbox", exact=True).click()
        await mention(agent, lena["name"], "or batch 8?")
        assert await until(lambda: lead.evaluate("window.__told.length === 1"))
        shown: dict[str, Any] = await lead.evaluate(
            "({ title: __told[0].title, body: __told[0].body, tag: __told[0].tag })"
        )
        assert shown["title"] == f"{maya['name']} mentioned you"
        assert shown["body"].startswith(f"{subject}\n")
        await lead.get_by_role("navigation", name="Inboxes").get_by_role("button", name="Mentions").click()
        await expect(lead.get_by_role("region", name="Conversations").get_by_text(subject)).to_be_visible()
        await lead.evaluate("__told[0].click()")
        timeline = lead.get_by_role("region", name="Timeline")
        await expect(timeline.get_by_text("or batch 8?")).to_be_visible()

        # what one looks at is read
        panel = await open_bell(lead)
        seen = panel.get_by_role("article", name=subject)
        await expect(seen.get_by_role("button", name=f"{maya['name']} mentioned you")).to_have_count(2)
        await expect(seen.get_by_role("button", name=re.compile("mentioned you.*unread"))).to_have_count(0)
        await expect(seen.get_by_role("button", name="Mark as read")).to_have_count(0)
        # by the keyboard: down to the first, and there
        await lead.keyboard.press("ArrowDown")
        await lead.keyboard.press("Enter")
        await expect(panel).to_be_hidden()
        await expect(timeline).to_be_visible()
        assert await Sink(desk.smtp_sink_http).to(address, "") == []
    finally:
        await put_back(desk)


async def test_one_is_not_told_of_what_one_does_nor_of_what_one_reads(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    subject = f"Mine {mark}"
    await write(desk, f"Ugo {mark} <{mark}@home.example>", subject)
    async with Agent(desk.web, desk.account("lead")) as lead, Agent(desk.web, desk.account("agent")) as maya:
        head = await lead.find(subject)
        assert head is not None
        me = (await lead.get("/api/tickets/me"))["agent"]["agent_id"]
        her = (await maya.get("/api/tickets/me"))["agent"]["agent_id"]
        place = f"/api/tickets/conversations/{head['id']}"
        await lead.post(f"{place}/assign", assignee_id=me, team_id=None)
        await lead.post(f"{place}/note", html="<p>for myself</p>", mentions=[me])
        await lead.post(f"{place}/assign", assignee_id=her, team_id=None)

        async def told() -> list[dict[str, Any]]:
            items = (await maya.get("/api/notifications/notices"))["items"]
            return [one for one in items if (one["conversation_id"], one["by"]["id"]) == (head["id"], me)]

        [notice] = await until(told)
        assert (notice["kind"], notice["title"]) == ("assigned", subject)
        theirs = (await lead.get("/api/notifications/notices"))["items"]
        assert [one for one in theirs if one["conversation_id"] == head["id"]] == []

    # who opens it has read it, and the settings name every kind
    page = await signed_in("agent")
    await page.goto(f"{desk.web}/inbox/mine/{head['id']}")
    panel = await open_bell(page)
    mine = panel.get_by_role("article", name=subject)
    await expect(mine.get_by_role("button", name="gave you this conversation").first).to_be_visible()
    await expect(mine.get_by_role("button", name="unread")).to_have_count(0)
    await panel.get_by_role("button", name="When and where you are told").click()
    form = page.get_by_role("form", name="Notifications")
    await expect(form.get_by_role("row")).to_have_count(8)


async def open_bell(page: Page) -> Locator:
    await page.get_by_role("button", name=re.compile("^Notices")).click()
    panel = page.get_by_role("dialog", name="Notices")
    await expect(panel).to_be_visible()
    return panel


async def mention(page: Page, name: str, text: str) -> None:
    await page.get_by_role("tab", name="Note").click()
    box = page.get_by_role("textbox", name="Note")
    await box.click()
    await page.keyboard.type(f"@{name.split()[0]}")
    await expect(page.get_by_role("listbox", name="Mention").get_by_role("option").first).to_contain_text(name)
    await page.keyboard.press("Enter")
    await page.keyboard.type(text)
    await page.get_by_role("button", name="Add note").click()
    await expect(page.get_by_role("region", name="Timeline").get_by_text(text)).to_be_visible()


async def set_quiet(page: Page, *, on: bool) -> None:
    """In the settings, as a person does: mails at once, and quiet hours around now, or none."""
    panel = await open_bell(page)
    await panel.get_by_role("button", name="When and where you are told").click()
    form = page.get_by_role("form", name="Notifications")
    await form.get_by_role("combobox", name="What you haven’t read is mailed to you").click()
    await page.get_by_role("option", name="at once").click()
    switch = form.get_by_role("switch", name=re.compile("quiet", re.IGNORECASE))
    if on:
        await switch.check(force=True)
        start, end = await page.evaluate(
            "[-1, 3].map((h) => new Date(Date.now() + h * 3600e3).toTimeString().slice(0, 5))"
        )
        await form.get_by_label("From").fill(start)
        await form.get_by_label("To", exact=True).fill(end)
    else:
        await switch.uncheck(force=True)
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Messages").get_by_text("Saved.").last).to_be_visible()


async def mailed(desk: Desk, address: str, about: str) -> list[str]:
    """The texts of the mails to an agent that are about a conversation."""
    letters = await Sink(desk.smtp_sink_http).to(address, "")
    texts = [str(one["Subject"]) + "\n" + one.get_body(("plain",)).get_content() for one in letters]
    return [text for text in texts if about in text]


async def put_back(desk: Desk) -> None:
    async with Agent(desk.web, desk.account("lead")) as lead:
        seq = (await lead.get(PREFERENCES))["seq"]
        (await lead.client.put(PREFERENCES, json={"seen_seq": seq})).raise_for_status()
