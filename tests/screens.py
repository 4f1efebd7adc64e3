"""The desk's main screens and dialogs: one line each, looked at by the accessibility tests and `make screenshots`.

`show` is given a page on which somebody is signed in, at any width, and leaves the screen on it. Whoever adds a page
adds its line to SCREENS.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent

Show = Callable[[Page], Awaitable[None]]
SUBJECT = "Damaged on arrival"
PERSON = "margaret.holloway@example.com"
FROM_RIGHT = "שאלה על ההזמנה"
"""What somebody asks about who writes from right to left."""
PATIENCE_MS = 90_000  # a busy machine is not a fault
OPEN_DIALOG = "[role=dialog]:visible"
ROWS = "[aria-label=Conversations] [data-row]"


@dataclass(frozen=True)
class Screen:
    """`name`: of its picture too. `role`: whose demo account sees it; "" for nobody signed in."""

    name: str
    show: Show
    role: str = "agent"
    picture: bool = False


async def go(page: Page, path: str) -> None:
    """As a link of the desk's own leads there: a page that is loaded stays loaded."""
    if page.url == "about:blank":
        await page.goto(path)
        return
    dialogs = page.locator(OPEN_DIALOG)
    while before := await dialogs.count():
        # To the topmost, which alone it closes: a page that has just been resized may have dropped the focus.
        await dialogs.last.press("Escape")
        await expect(dialogs).not_to_have_count(before)
    await page.evaluate("(path) => history.pushState({}, '', path)", path)


def at(path: str, ready: str) -> Show:
    """An address, and what is there (a selector) when it can be looked at."""

    async def show(page: Page) -> None:
        await go(page, path)
        await page.locator(ready).first.wait_for()

    return show


def loaded(path: str, ready: str) -> Show:
    """For a page that has gone on by itself, under the address that it began at."""

    async def show(page: Page) -> None:
        await page.goto(path)
        await page.locator(ready).first.wait_for()

    return show


def settings(path: str, ready: str, name: str, *, role: str = "admin", picture: bool = False) -> Screen:
    return Screen(name, at(f"/settings/{path}", ready), role, picture)


def then(before: Show, *keys: str, ready: str = OPEN_DIALOG) -> Show:
    """The same, after some keys."""

    async def show(page: Page) -> None:
        await before(page)
        for key in keys:
            await page.keyboard.press(key)
        await page.locator(ready).first.wait_for()

    return show


def clicked(before: Show, button: str, *, item: str = "", ready: str = OPEN_DIALOG) -> Show:
    """The same, after a button (by the beginning of its name), and perhaps an item of the menu that it opens."""

    async def show(page: Page) -> None:
        await before(page)
        await page.locator(f"button[aria-label^='{button}'], button:has-text('{button}')").first.click()
        if item:
            await page.get_by_role("menuitem", name=item).click()
        await page.locator(ready).first.wait_for()

    return show


async def conversation(page: Page) -> None:
    await found(page, SUBJECT)


async def from_right(page: Page) -> None:
    """A conversation in Hebrew, among the others."""
    await found(page, FROM_RIGHT)


async def found(page: Page, words: str) -> None:
    """The conversation in which that was written, however many have come since; beside the list, as cards."""
    await go(page, f"/inbox/all?status=all&find={words}")
    await page.locator("[data-hit]").first.click()
    await page.get_by_role("region", name="Timeline").wait_for()
    await go(page, f"{page.url.split('?')[0]}?status=all")
    await read(page)
    as_cards = page.get_by_role("button", name="Show as cards")
    if await as_cards.is_visible():
        await as_cards.click()


async def read(page: Page) -> None:
    await page.get_by_role("region", name="Timeline").get_by_role("article").first.wait_for()
    await page.get_by_role("textbox", name=re.compile("^(Reply|Note)$")).wait_for()


async def table(page: Page) -> None:
    """Where there is room for one."""
    await go(page, "/inbox/all?status=all")
    as_table = page.get_by_role("button", name="Show as a table")
    await page.locator(ROWS).first.wait_for()
    if await as_table.count():
        await as_table.click()
        await page.get_by_role("table", name="Conversations").locator("[data-row]").first.wait_for()


async def contact(page: Page) -> None:
    await go(page, "/contacts/all")
    await page.get_by_role("searchbox", name="Find contacts").fill(PERSON)
    await page.get_by_role("region", name="Contacts", exact=True).get_by_text(PERSON, exact=True).click()
    await page.get_by_role("list", name="Activity").get_by_role("listitem").first.wait_for()


async def ticket(page: Page) -> None:
    await go(page, "/tickets/open")
    await page.locator("[aria-label=Tickets] li button").first.click()
    await page.locator("section[aria-label^='Ticket #']").wait_for()


async def ticket_form(page: Page) -> None:
    await TICKETS(page)
    views = page.get_by_role("button", name="Views", exact=True)
    if await views.is_visible():
        await views.click()
    await page.get_by_role("button", name="New ticket", exact=True).click()
    await page.get_by_role("dialog", name="New ticket").wait_for()


async def note(page: Page) -> None:
    await conversation(page)
    await page.get_by_role("tab", name="Note").click()
    await page.get_by_role("textbox", name="Note").wait_for()


async def beside(page: Page) -> None:
    """The details, beside the conversation or in their drawer."""
    await conversation(page)
    drawer = page.get_by_role("button", name="Details", exact=True)
    if await drawer.count() and await drawer.first.is_visible():
        await drawer.first.click()
    await page.get_by_role("complementary", name="Details").wait_for()


LIST = at("/inbox/all?status=all", ROWS)
CONTACTS = at("/contacts/all", "[aria-label=Contacts] li")
TICKETS = at("/tickets/open", "[aria-label=Tickets] li")
DASHBOARD = at("/dashboard", "[aria-label='All together']")

SCREENS = (
    Screen("sign-in", loaded("/sign-in", "form"), role="", picture=True),
    Screen(
        "forgotten", clicked(loaded("/sign-in", "form"), "Forgot your password?", ready="text=Send the link"), role=""
    ),
    Screen("list", LIST),
    Screen("inbox", conversation, picture=True),
    Screen("right-to-left", from_right, picture=True),
    Screen("note", note, picture=True),
    Screen("details", beside),
    Screen("edit-apps", clicked(beside, "Edit apps", ready="[aria-label='Edit apps']")),
    Screen("new-ticket", clicked(beside, "New ticket or link", item="Refund"), picture=True),
    Screen("snooze", then(conversation, "Escape", "s", ready="[role=menu]:visible"), picture=True),
    Screen("merge", clicked(conversation, "More actions", item="Merge with another"), role="lead", picture=True),
    Screen("assign", then(conversation, "Escape", "a")),
    Screen("search", at("/inbox/mine?find=refund", "mark"), picture=True),
    Screen("table", table, picture=True),
    Screen("new-conversation", then(LIST, "c", ready="[role=dialog] [contenteditable]"), picture=True),
    Screen("palette", then(LIST, "Control+k"), picture=True),
    Screen("help", then(LIST, "?"), picture=True),
    Screen("notices", clicked(LIST, "Notices"), picture=True),
    Screen("tickets", TICKETS),
    Screen("ticket", ticket, picture=True),
    Screen("ticket-form", ticket_form),
    Screen("contacts", CONTACTS),
    Screen("contact", contact, picture=True),
    Screen("macros", at("/macros", "[aria-label=Macros] li")),
    Screen("macro", at("/macros/new", "form[aria-label='New macro'] input")),
    Screen("macro-text", at("/macros/refund-started", "dl[aria-label='Refund started']"), picture=True),
    Screen("macro-form", at("/macros/refund-started", "form[aria-label='Refund started'] input"), role="lead"),
    Screen("macro-versions", at("/macros/refund-started/versions", "[aria-label=Versions] li"), role="lead"),
    Screen("macro-approvals", clicked(at("/macros", "[aria-label=Macros] li"), "Approvals"), role="admin"),
    Screen("dashboard", DASHBOARD, role="lead", picture=True),
    Screen("status-history", clicked(DASHBOARD, "Away", ready="[role=dialog] li"), role="lead"),
    settings("account", "[aria-label=Sessions] li", "account", picture=True),
    settings("notifications", "form[aria-label=Notifications] table", "notifications", picture=True),
    settings("agents", "ul[aria-label=Agents] li", "agents", picture=True),
    settings("agents/maya", "form[aria-label='Maya Okafor'] input", "agent", picture=True),
    settings("agents/new", "form input", "invitation"),
    settings("roles", "ul[aria-label=Roles] li", "roles"),
    settings("roles/agent", "form[aria-label=Agent] input", "role", picture=True),
    settings("teams", "ul[aria-label=Teams] li", "teams"),
    settings("teams/email-support", "form[aria-label='Email Support'] input", "team"),
    settings("brands", "ul[aria-label=Brands] li", "brands"),
    settings("brands/paleo-hacks", "form[aria-label='Paleo Hacks'] input", "brand", picture=True),
    settings("topics", "ul[aria-label='Topics by brand'] li", "topics"),
    settings("attributes", "ul[aria-label='Of contacts'] li", "attributes"),
    settings("attributes/new", "form input", "attribute"),
    settings("ticket-types", "ul[aria-label='Ticket types'] li", "ticket-types"),
    settings("ticket-types/refund", "form[aria-label=Refund] input", "ticket-type", picture=True),
    settings("away-reasons", "form[aria-label='Away reasons'] input", "away-reasons"),
    settings("rules", "ul[aria-label=Rules] li", "rules", picture=True),
    settings("rules/demo-vip", "[aria-label='Tried on recent conversations'] li", "rule", picture=True),
    settings("rules/new", "form[aria-label='New rule'] input", "new-rule"),
    settings("rules/demo-vip/versions", "[aria-label=Versions] li", "rule-versions"),
    Screen(
        "simulation",
        clicked(at("/settings/rules/demo-vip", "form[aria-label='VIP first'] input"), "Simulate"),
        role="admin",
    ),
    settings("sla", "ul[aria-label=Policies] li", "policies"),
    settings("sla/demo-priority/versions", "[aria-label=Versions] li", "policy-versions"),
    settings("sla/demo-priority", "[aria-label='What begins now'] li", "policy", picture=True),
    settings("calendars/demo-office", "[aria-label^='Holidays'] li", "calendar"),
    settings("webhooks", "section[aria-label=Webhooks] h1", "webhooks"),
    settings("webhooks/new", "form input", "webhook"),
    settings("changes", "section[aria-label=Changes] h1", "changes"),
)


async def tell_somebody(desk: Desk) -> None:
    """The demo is history, of which nobody is told: give two of its tickets to an agent. Once."""
    who = desk.account("agent")
    async with Agent(desk.web, who) as agent, Agent(desk.web, desk.account("lead")) as lead:
        if (await agent.get("/api/notifications/notices"))["items"]:
            return
        heads = (await lead.get("/api/tickets/tickets"))["items"]
        for head in [one for one in heads if one["assignee_id"] != who["agent_id"]][:2]:
            mine = {"team_id": head["team_id"], "assignee_id": who["agent_id"]}
            await lead.post(f"/api/tickets/tickets/{head['id']}/assign", **mine)


async def look_at(browser: Browser, desk: Desk, role: str, seats: dict[str, Page]) -> Page:
    """A page of the role's first demo account, signed in once; kept in `seats`."""
    if role not in seats:
        context = await browser.new_context(base_url=desk.web, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        seats[role] = await context.new_page()
        if role:
            await sign_in(seats[role], desk.account(role))
    return seats[role]


async def sign_in(page: Page, account: dict[str, Any]) -> None:
    await page.goto("/")
    await page.get_by_label("Email").fill(account["email"])
    await page.get_by_label("Password", exact=True).fill(account["password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("navigation", name="Desk").wait_for()
