"""An admin sets the desk up: a brand whose mail then arrives, an attribute, a ticket type with its form, away reasons,
a webhook; two admins at once; who may not; who changed what. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until
from tests.tabs import SignedIn

SLOW_MS = 20_000
NOBODY = "https://hooks.invalid/desk"
"""RFC 6761 §6.4: no such host, now or ever."""


async def test_an_admin_adds_a_brand_and_mail_to_it_arrives(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name, address, subject = f"Tea {mark}", f"hello@{mark}.example", f"Oolong {mark}"
    page = await signed_in("admin")
    await page.keyboard.type("g,")
    # what is wrong is said at its field, and nothing is lost
    form = await begin_brand(page, name)
    await form.get_by_label("Mailbox 1", exact=True).fill("support@paleohacks.example")
    await form.get_by_label("Website").fill("tea")
    await form.get_by_role("button", name="Add brand").click()
    await expect(form.get_by_text("support@paleohacks.example belongs to Paleo Hacks.")).to_be_visible()
    await expect(form.get_by_text("Is not a web address")).to_be_visible()
    await form.get_by_label("Mailbox 1", exact=True).fill(address)
    await form.get_by_label("Website").fill(f"https://{mark}.example")
    await form.get_by_label("Topics").fill("Brewing")
    await page.keyboard.press("Enter")
    await form.get_by_role("button", name="Add brand").click()
    await expect(page.get_by_role("list", name="Brands").get_by_text(name)).to_be_visible()

    async with Agent(desk.web, desk.account("admin")) as admin:
        assert await arrived(desk, admin, address, subject)

    # it is retired with what that means, and brought back
    await page.get_by_role("list", name="Brands").get_by_text(name).click()
    await page.get_by_role("button", name="Retire…").click()
    dialog = page.get_by_role("dialog", name=f"Retire “{name}”?")
    await expect(dialog.get_by_text(f"Mail to {address} is refused.")).to_be_visible()
    await dialog.get_by_role("button", name="Retire").click()
    line = page.get_by_role("list", name="Brands").get_by_role("listitem").filter(has_text=name)
    await expect(line).to_contain_text("Retired")

    # and all of that is in the list of changes
    await section(page, "Changes")
    changes = page.get_by_role("list", name="Changes").get_by_role("listitem").filter(has_text=name)
    await expect(changes).to_have_count(2)
    await expect(changes.first).to_contain_text("Active")
    await expect(changes.first).to_contain_text(f"changed by {desk.account('admin')['name']}")


async def test_an_admin_adds_an_attribute_and_a_ticket_type_with_a_form(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    page = await signed_in("admin")
    await settings(page, "Attributes")
    form = await begin_choice(page, f"Taste {mark}")
    await form.get_by_role("button", name="Add attribute").click()
    await expect(form.get_by_text("Needs 1 to 200 different options.")).to_be_visible()
    mine = await offer(page, form, ("Sweet", "Sour"), mark)
    await expect(mine).to_contain_text("Sweet, Sour")

    await section(page, "Ticket types")
    form = await begin_ticket_type(page, f"Recall {mark}", "Quality")
    await form.get_by_label("Due after").fill("48")
    for label, when in (("Batch", "Needed to submit"), ("Result", "Needed to resolve")):
        await add_field(page, form, label, when)
    await choose(page, form, "Only one ticket per", "Batch")
    await page.keyboard.press("Escape")
    await form.get_by_label("Message when Resolved").fill("Your batch was checked.")
    line = await add_ticket_type(page, form, mark)
    await expect(line).to_contain_text("2 fields · Quality · One per Batch · Due in 48 h")

    # the form asks for it
    await page.get_by_role("navigation", name="Desk").get_by_role("button", name="Tickets").click()
    await page.get_by_role("button", name="New ticket").click()
    dialog = page.get_by_role("dialog", name="New ticket")
    await dialog.get_by_role("group", name="Type").get_by_role("button", name=f"Recall {mark}").click()
    await expect(dialog.get_by_label("Batch")).to_be_visible()
    await page.keyboard.press("Escape")
    async with Agent(desk.web, desk.account("admin")) as admin:
        await retire(admin, mark)


async def test_a_tag_is_renamed_wherever_it_is(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    async with Agent(desk.web, desk.account("admin")) as admin:
        (row, *_) = (await admin.get("/api/tickets/conversations?limit=1"))["items"]
        path = f"/api/tickets/conversations/{row['head']['id']}/tags"
        assert (await admin.client.post(path, json={"add": [f"old-{mark}"]})).status_code == 200
        page = await signed_in("admin")
        await settings(page, "Topics & tags")
        tags = page.get_by_role("list", name="Tags in use")
        await tags.get_by_text(f"old-{mark}").click()
        dialog = page.get_by_role("dialog", name=f"old-{mark}")
        await dialog.get_by_label("Name").fill(f"New {mark}")
        await dialog.get_by_role("button", name="Rename").click()
        await expect(tags.get_by_text(f"new {mark}")).to_be_visible(timeout=SLOW_MS)
        await expect(tags.get_by_text(f"old-{mark}")).to_have_count(0)

        # it goes only after a second word
        await tags.get_by_text(f"new {mark}").click()
        dialog = page.get_by_role("dialog", name=f"new {mark}")
        await dialog.get_by_role("button", name="Take away…").click()
        await expect(dialog.get_by_text("This can’t be taken back")).to_be_visible()
        await dialog.get_by_role("button", name="Take it away everywhere").click()
        await expect(tags.get_by_text(f"new {mark}")).to_have_count(0, timeout=SLOW_MS)
        there = await admin.get(f"/api/tickets/conversations/{row['head']['id']}")
        assert not [tag for tag in there["head"]["tags"] if mark in tag]


async def test_two_admins_at_once_do_not_overwrite_each_other_and_others_may_not(
    desk: Desk, signed_in: SignedIn
) -> None:
    page, other, agent = await signed_in("admin"), await signed_in("admin"), await signed_in("agent")
    for one in (page, other):
        await settings(one, "Away reasons")
        await expect(one.get_by_label("Reason 1", exact=True)).to_have_value("Break/Lunch")
    await add_reason(page, "Stock count")
    await expect(page.get_by_text("Saved the away reasons")).to_be_visible()
    await add_reason(other, "School run")
    await expect(other.get_by_text("Somebody else changed this")).to_be_visible()
    await other.get_by_role("button", name="Show theirs").click()
    await expect(other.get_by_label("Reason 5", exact=True)).to_have_value("Stock count")

    # agents are offered it, and may change nothing
    await agent.reload()
    await agent.get_by_role("navigation", name="Desk").get_by_role("button", name=desk.account("agent")["name"]).click()
    await expect(agent.get_by_role("menuitem", name="Stock count")).to_be_visible(timeout=SLOW_MS)
    await agent.keyboard.press("Escape")
    await agent.goto(f"{desk.web}/settings/brands")
    await expect(agent.get_by_text("Your role may not change “Brands”.")).to_be_visible()
    await expect(agent.get_by_role("link", name="Brands")).to_be_hidden()

    await other.get_by_role("button", name="Remove Stock count").click()
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_text("Saved the away reasons")).to_be_visible()


async def test_an_admin_registers_a_webhook_tries_it_and_deletes_it(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    page = await signed_in("admin")
    await settings(page, "Webhooks")
    await page.get_by_role("button", name="Add a webhook").click()
    form = page.get_by_role("form", name="New webhook")
    await form.get_by_label("Name", exact=True).fill(f"Orders {mark}")
    await form.get_by_label("Address").fill("https://169.254.169.254/latest")
    await choose(page, form, "Events", "Closed")
    await page.keyboard.press("Escape")
    await form.get_by_role("button", name="Add webhook").click()
    await expect(form.get_by_text("We do not call this address")).to_be_visible()
    await form.get_by_label("Address").fill(NOBODY)
    await form.get_by_role("button", name="Add webhook").click()
    secret = page.get_by_role("region", name="Signing secret")
    await expect(secret.get_by_text("whsec_")).to_be_visible()
    await secret.get_by_role("button", name="I have kept it").click()
    await expect(page.get_by_text("whsec_")).to_be_hidden()

    await page.get_by_role("button", name="Send a test event").click()
    calls = page.get_by_role("list", name="Deliveries").get_by_role("listitem")
    await expect(calls.first).to_contain_text(re.compile(r"Waiting after (1 try|[2-9] tries)"), timeout=60_000)

    # switched off, what waits is on the dead list; switched on, it is sent again
    await page.get_by_role("button", name="Switch off…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    await expect(page.get_by_text(f"Off. Switched off by {desk.account('admin')['name']}.")).to_be_visible()
    await page.get_by_text("Dead (1)").click()
    await page.get_by_role("button", name="Switch on").click()
    await calls.first.get_by_role("button", name="Send again").click()
    await expect(page.get_by_text("Waiting (1)")).to_be_visible(timeout=SLOW_MS)

    await page.get_by_role("button", name="Delete…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="Webhooks")).to_be_visible()
    await expect(page.get_by_text(f"Orders {mark}", exact=True)).to_be_hidden()


async def add_reason(page: Page, reason: str) -> None:
    await page.get_by_role("button", name="Add a reason").click()
    await page.get_by_label("Reason 5", exact=True).fill(reason)
    await page.get_by_role("button", name="Save").click()


async def begin_brand(page: Page, name: str) -> Locator:
    """In the settings: the form of a new one."""
    await section(page, "Brands")
    await page.get_by_role("button", name="Add a brand").click()
    form = page.get_by_role("form", name="New brand")
    await form.get_by_label("Name", exact=True).fill(name)
    return form


async def arrived(desk: Desk, admin: Agent, address: str, subject: str) -> dict[str, Any]:
    """The conversation of a mail to a new brand's address."""

    async def taken() -> bool:
        try:
            await send_mail(desk.smtp, mail(to=address, subject=subject, text="Which one is it?"))
        except OSError:  # ingest hears of the new brand a moment later
            return False
        return True

    await until(taken)
    head: dict[str, Any] = await until(lambda: admin.find(subject))
    return head


async def begin_choice(page: Page, name: str) -> Locator:
    """Among the attributes: the form of a new one of contacts, a choice without options."""
    await page.get_by_role("button", name="Add an attribute").click()
    form = page.get_by_role("form", name="New attribute")
    await form.get_by_label("Name", exact=True).fill(name)
    await choose(page, form, "Holds", "Choice")
    return form


async def offer(page: Page, form: Locator, options: Sequence[str], name: str) -> Locator:
    """Options of a choice, which is kept with them; its line in the list."""
    for option in options:
        await form.get_by_label("Options").fill(option)
        await page.keyboard.press("Enter")
    await form.get_by_role("button", name="Add attribute").click()
    return page.get_by_role("list", name="Of contacts").get_by_role("listitem").filter(has_text=name)


async def begin_ticket_type(page: Page, name: str, team: str) -> Locator:
    """Among the ticket types: the form of a new one."""
    await page.get_by_role("button", name="Add a ticket type").click()
    form = page.get_by_role("form", name="New ticket type")
    await form.get_by_label("Name", exact=True).fill(name)
    await choose(page, form, "Team", team)
    return form


async def add_field(page: Page, form: Locator, label: str, when: str) -> None:
    await form.get_by_role("button", name="Add a field").click()
    await form.get_by_label("Field", exact=True).last.fill(label)
    await choose(page, form.get_by_role("group", name=label), "When", when)


async def add_ticket_type(page: Page, form: Locator, name: str) -> Locator:
    """Keep what is in the form; its line in the list."""
    await form.get_by_role("button", name="Add ticket type").click()
    return page.get_by_role("list", name="Ticket types").get_by_role("listitem").filter(has_text=name)


async def retire(admin: Agent, mark: str) -> None:
    """Take attributes and ticket types with that in their name out of the other tests' way."""
    known = await admin.get("/api/tickets/directory")
    for kind, id_ in (("attributes", "attribute_id"), ("ticket_types", "type_id")):
        for one in known[kind]:
            if mark in one.get("label", one.get("name", "")):
                path = f"/api/tickets/{kind.replace('_', '-')}/{one.pop(id_)}"
                one.pop("seq")
                assert (await admin.client.put(path, json={**one, "active": False})).status_code == 200


async def settings(page: Page, name: str) -> None:
    await page.get_by_role("navigation", name="Desk").get_by_role("button", name="Settings").click()
    await section(page, name)


async def section(page: Page, name: str) -> None:
    await page.get_by_role("navigation", name="Settings").get_by_role("link", name=name).click()
    await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


async def choose(page: Page, form: Locator, label: str, option: str) -> None:
    await form.get_by_label(label, exact=True).first.click()
    await page.get_by_role("option", name=option, exact=True).click()
