"""An admin writes a rule with groups, sees it at work, finds out why, changes it, compares its versions and switches it
off; another rule calls one of two webhooks, one is about what the back office does to a ticket, and one goes by the
clock. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from deploy.local.ports import OUTSIDE
from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, until
from tests.integration.notifications.receiver import Receiver
from tests.tabs import SignedIn

SLOW_MS = 20_000
HOOKS = "/api/notifications/webhooks"
EMITTED = "switchboard.tickets.CustomEventEmitted.v1"


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver(host=OUTSIDE)
    await made.start()
    yield made
    await made.stop()


async def begin_rule(page: Page, name: str, when: str) -> Locator:
    """Among the rules: the form of a new one."""
    await page.get_by_role("button", name="Add a rule").click(timeout=SLOW_MS)
    form = page.get_by_role("form", name="New rule")
    await form.get_by_label("Name", exact=True).fill(name)
    await form.get_by_label("Any of these happens").click()
    await page.get_by_role("option", name=when, exact=True).click()
    await page.keyboard.press("Escape")
    return form


async def ask_subject(page: Page, form: Locator, words: str) -> None:
    """As its first condition: what the subject contains."""
    await form.get_by_role("button", name="Add a condition").click()
    await ask(page, form.get_by_role("group", name="Condition 1", exact=True), "Subject", "contains", words)


async def add_tag(page: Page, form: Locator, tag: str) -> None:
    """As an action."""
    await form.get_by_role("button", name="Add an action").click()
    await page.get_by_role("menuitem", name="Add tags").click()
    await form.get_by_label("Tags", exact=True).fill(tag)
    await page.keyboard.press("Enter")


async def ask(page: Page, condition: Locator, what: str, how: str, value: str) -> None:
    """Fill in one condition."""
    await pick(page, condition, "What", what)
    await pick(page, condition, "How", how)
    await condition.get_by_label("With what", exact=True).fill(value)


async def pick(page: Page, condition: Locator, where: str, choice: str) -> None:
    await condition.get_by_label(where, exact=True).click()
    await page.get_by_role("option", name=choice, exact=True).click()


async def test_a_rule_is_written_works_and_explains_itself(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name, subject, tag = f"Broken jars {mark}", f"A jar broke {mark}", f"jar-{mark}"
    page = await signed_in("admin")

    # when, if with a group, then
    await page.goto(f"{desk.web}/settings/rules")
    rules = page.get_by_role("list", name="Rules", exact=True)
    await expect(rules.get_by_text("VIP first")).to_be_visible(timeout=SLOW_MS)
    form = await begin_rule(page, name, "Conversation started")
    await ask_subject(page, form, mark)
    await form.get_by_role("button", name="Add a group").click()
    group = form.get_by_role("group", name="Group 2", exact=True)
    first = group.get_by_role("group", name="Condition 2.1", exact=True)
    await ask(page, first, "Subject", "matches the pattern", "jar(")
    await group.get_by_role("button", name="Add a condition").click()
    second = group.get_by_role("group", name="Condition 2.2")
    # by typing, over the field that is there already; Enter takes what is found first
    await second.get_by_label("What", exact=True).click()
    await page.keyboard.type("message te")
    await page.keyboard.press("Enter")
    await expect(second.get_by_label("What", exact=True)).to_have_value("Message text")
    await expect(second.get_by_label("How", exact=True)).to_have_value("contains")
    await second.get_by_label("With what", exact=True).fill("broken glass")
    await add_tag(page, form, tag)
    words = form.get_by_role("status", name="In words")
    await expect(words).to_contain_text(
        f"When a conversation starts, if Subject contains “{mark}” and (Subject matches the pattern “jar(” or "
        f"Message text contains “broken glass”), then add the tag “{tag}”."
    )

    # what is wrong is said at its place; going away by mistake loses nothing
    publish = form.get_by_role("button", name="Publish", exact=True)
    await publish.click()
    await expect(publish).to_be_enabled()
    await expect(first.get_by_text(re.compile("This pattern can't be read"))).to_be_visible()
    await page.get_by_role("button", name="All rules").click()
    await page.get_by_role("button", name="Go on writing").click()
    await first.get_by_label("With what", exact=True).fill(r"\bjar\b")
    await expect(first.get_by_text(re.compile("This pattern can't be read"))).to_have_count(0)
    await form.get_by_role("button", name="Publish", exact=True).click()
    await expect(rules.get_by_role("listitem", name=name)).to_be_visible(timeout=SLOW_MS)

    # a mail that matches is tagged, and "Why?" shows what the rule saw and leads to its version
    await write(desk, f"Ada Moor <{mark}@home.example>", subject)
    await page.goto(f"{desk.web}/inbox/all")
    await page.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=SLOW_MS)
    line = page.get_by_role("paragraph").filter(has_text=f"added tag “{tag}”")
    await line.get_by_role("button", name="Why?").click(timeout=SLOW_MS)
    why = page.get_by_role("dialog")
    mine = why.get_by_role("listitem").filter(has_text=name)
    await expect(mine.get_by_text("message text contains “broken glass”")).to_be_visible()
    await mine.get_by_role("link", name="version 1").click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=SLOW_MS)
    await expect(page.get_by_label("Version 1", exact=True)).to_contain_text(f"Add the tag “{tag}”")

    # tried on what happened lately while it is changed
    await page.get_by_role("button", name="Edit", exact=True).click()
    form = page.get_by_role("form", name=name)
    tried = form.get_by_role("region", name="Tried on recent conversations")
    await tried.get_by_role("button", name=re.compile(subject)).click(timeout=SLOW_MS)
    await expect(tried.get_by_text(f"Subject contains “{mark}”")).to_be_visible()

    # changed: two versions, and what became of the first
    await form.get_by_role("button", name="Add an action").click()
    await page.get_by_role("menuitem", name="Set the priority").click()
    await form.get_by_role("button", name="Publish", exact=True).click()
    await page.get_by_role("button", name=f"More for {name}").click()
    await page.get_by_role("menuitem", name="Versions").click()
    changes = page.get_by_label("From version 1 to 2")
    await expect(changes.locator("ins")).to_have_text("Mark it as priority")
    await expect(page.get_by_role("list", name="Versions").get_by_role("listitem")).to_have_count(2)

    # switched off, and back: retired
    await page.get_by_role("button", name="All rules").click()
    row = rules.get_by_role("listitem", name=name)
    await row.get_by_label(f"{name} is in use").press("Space")
    await expect(page.get_by_text(f"“{name}” is switched off")).to_be_visible()
    await expect(row.get_by_label(f"{name} is in use")).not_to_be_checked()
    async with Agent(desk.web, desk.account("admin")) as admin:
        kept = [one for one in (await admin.get("/api/routing/rules"))["items"] if one["name"] == name]
        assert [(one["version"], one["enabled"]) for one in kept] == [(3, False)]
    await row.get_by_role("button", name=f"More for {name}").click()
    await page.get_by_role("menuitem", name="Retire").click()
    await expect(row).to_have_count(0)


async def test_a_rule_calls_one_of_two_webhooks_once(desk: Desk, signed_in: SignedIn, receiver: Receiver) -> None:
    mark = uuid.uuid4().hex[:8]
    name, wanted, other = f"Late {mark}", f"Warehouse {mark}", f"Everybody else {mark}"
    async with Agent(desk.web, desk.account("admin")) as admin:
        warehouse = await admin.post(HOOKS, name=wanted, url=receiver.url)
        everybody = await admin.post(HOOKS, name=other, url=f"{receiver.url}/all", event_types=[EMITTED])

        await until(lambda: offered(admin, everybody["id"]))

        # the rule names the webhook, not its address
        page = await signed_in("admin")
        await page.goto(f"{desk.web}/settings/rules")
        form = await begin_rule(page, name, "Conversation started")
        await ask_subject(page, form, mark)
        await form.get_by_role("button", name="Add an action").click()
        await page.get_by_role("menuitem", name="Call a webhook").click()
        await form.get_by_label("Webhook", exact=True).first.click()
        await expect(page.get_by_role("option", name=other)).to_be_visible()
        await page.get_by_role("option", name=wanted).click()
        await form.get_by_label("Name of the event").fill("order.late")
        words = form.get_by_role("status", name="In words")
        await expect(words).to_contain_text(f"then call the webhook {wanted} with order.late")
        await form.get_by_role("button", name="Publish", exact=True).click()
        rules = page.get_by_role("list", name="Rules", exact=True)
        await expect(rules.get_by_role("listitem", name=name)).to_be_visible(timeout=SLOW_MS)

        # one signed call of that one, and the conversation says so
        subject = f"Where is it {mark}"
        await write(desk, f"Ada Moor <{mark}@home.example>", subject)
        await until(lambda: calls(admin, warehouse["id"], "sent"))
        await page.goto(f"{desk.web}/inbox/all")
        await open_conversation(page, subject)
        line = page.get_by_role("paragraph").filter(has_text="asked for a call of a webhook: order.late")
        await expect(line).to_be_visible(timeout=SLOW_MS)
        (got,) = receiver.got
        got.verify(warehouse["secret"])
        assert (got.path, got.event["type"], got.event["data"]["name"]) == ("/hook", EMITTED, "order.late")
        assert got.event["data"]["head"]["subject"] == subject
        assert await calls(admin, everybody["id"]) == []

        # deleted: the rule and the next conversation say so
        assert (await admin.client.delete(f"{HOOKS}/{warehouse['id']}")).status_code == 204
        await write(desk, f"Ada Moor <{mark}@home.example>", f"Again {subject}")
        await page.reload()
        await open_conversation(page, f"Again {subject}")
        refused = page.get_by_role("paragraph").filter(has_text="called no webhook: The webhook is not there any more.")
        await expect(refused).to_be_visible(timeout=SLOW_MS)
        await until(lambda: gone(admin, warehouse["id"]))
        await page.goto(f"{desk.web}/settings/rules")
        row = rules.get_by_role("listitem", name=name)
        await expect(row).to_contain_text("call a webhook that was deleted", timeout=SLOW_MS)
        assert len(receiver.got) == 1
        await row.get_by_role("button", name=f"More for {name}").click()
        await page.get_by_role("menuitem", name="Retire").click()
        await expect(row).to_have_count(0)
        await admin.client.delete(f"{HOOKS}/{everybody['id']}")


async def offered(admin: Agent, endpoint_id: str) -> bool:
    return any(one["id"] == endpoint_id for one in await admin.get("/api/routing/rules/webhooks"))


async def gone(admin: Agent, endpoint_id: str) -> bool:
    return not await offered(admin, endpoint_id)


async def calls(admin: Agent, endpoint_id: str, state: str | None = None) -> list[dict[str, Any]]:
    found = await admin.get(f"{HOOKS}/{endpoint_id}/deliveries", **({"state": state} if state else {}))
    return list(found["items"])


async def test_a_ticket_that_waits_for_the_customer_tags_its_conversation(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name, subject, tag = f"Waits for the customer {mark}", f"Wrong pan {mark}", f"waits-{mark}"
    page = await signed_in("admin")

    # when, by a human name; if, over the ticket's own typed fields
    await page.goto(f"{desk.web}/settings/rules")
    form = await begin_rule(page, name, "Ticket’s state changed")
    await form.get_by_role("button", name="Add a condition").click()
    first = form.get_by_role("group", name="Condition 1", exact=True)
    await pick(page, first, "What", "Ticket state")
    await pick(page, first, "How", "has just changed to")
    await pick(page, first, "With what", "Waiting on customer")
    await form.get_by_role("button", name="Add a condition").click()
    second = form.get_by_role("group", name="Condition 2", exact=True)
    await ask(page, second, "Refund: Order number", "is", mark)
    await add_tag(page, form, tag)
    await expect(form.get_by_role("status", name="In words")).to_contain_text(
        "When the state of its ticket changes, if Ticket state has just changed to Waiting on customer and "
        f"Refund: Order number is “{mark}”, then add the tag “{tag}”."
    )
    await form.get_by_role("button", name="Publish", exact=True).click()
    rules = page.get_by_role("list", name="Rules", exact=True)
    await expect(rules.get_by_role("listitem", name=name)).to_be_visible(timeout=SLOW_MS)

    # the back office moves the ticket of a conversation, which is tagged
    await write(desk, f"Ada Moor <{mark}@home.example>", subject)
    await page.goto(f"{desk.web}/inbox/all")
    await page.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=SLOW_MS)
    async with Agent(desk.web, desk.account("admin")) as admin:
        found = await admin.find(subject)
        assert found
        form_of = {"order": mark, "reason": "Wrong item", "action": "Refund in full"}
        tickets = "/api/tickets/tickets"
        made = await admin.post(tickets, type_id="refund", fields=form_of, conversation_id=found["id"])
        for state in ("in_progress", "waiting_on_customer"):
            await admin.post(f"{tickets}/{made['head']['id']}/state", state=state)
    line = page.get_by_role("paragraph").filter(has_text=f"added tag “{tag}”")
    await line.get_by_role("button", name="Why?").click(timeout=SLOW_MS)
    why = page.get_by_role("dialog")
    await expect(why.get_by_text("The state of its ticket changed.")).to_be_visible()
    await expect(why.get_by_text("ticket state changed to “waiting_on_customer”")).to_be_visible()


async def test_a_rule_by_the_clock_says_when_it_is_next_and_acts_as_it_strikes(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name, subject, tag = f"Sweep {mark}", f"Still open {mark}", f"swept-{mark}"
    await write(desk, f"Kay Lund <{mark}@home.example>", subject)
    page = await signed_in("admin")
    await page.goto(f"{desk.web}/settings/rules")
    form = await begin_rule(page, name, "At a time of the clock")
    await ask_subject(page, form, mark)
    await add_tag(page, form, tag)
    await pick(page, form, "By the clocks of", "UTC")
    await form.get_by_label("Days", exact=True).click()
    for day in ("Saturday", "Sunday"):
        await page.get_by_role("option", name=day, exact=True).click()
    await page.keyboard.press("Escape")
    strikes = datetime.now(UTC) + timedelta(seconds=80)
    times = form.get_by_label("Times", exact=True)
    await times.fill("25:00")
    await page.keyboard.press("Enter")
    publish = form.get_by_role("button", name="Publish", exact=True)
    await publish.click()
    await expect(publish).to_be_enabled()
    await expect(times).to_have_attribute("aria-invalid", "true")
    await times.press("Backspace")
    await times.fill(f"{strikes:%H:%M}")
    await page.keyboard.press("Enter")
    words = form.get_by_role("status", name="In words")
    await expect(words).to_contain_text(re.compile("^Every day at .* by the clocks of UTC, for open conversations, if"))
    await expect(form.get_by_role("list", name="Next times").locator("time")).to_have_count(3)
    await publish.click()
    rules = page.get_by_role("list", name="Rules", exact=True)
    await expect(rules.get_by_role("listitem", name=name)).to_be_visible(timeout=SLOW_MS)

    await page.goto(f"{desk.web}/inbox/all")
    await page.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=SLOW_MS)
    line = page.get_by_role("paragraph").filter(has_text=f"added tag “{tag}”")
    await line.get_by_role("button", name="Why?").click(timeout=5 * SLOW_MS)
    why = page.get_by_role("dialog")
    await expect(why.get_by_text("A time of the clock that the rule names had come.")).to_be_visible()
    await expect(why.get_by_role("listitem").filter(has_text=name).get_by_text(f"It was “{subject}”")).to_be_visible()
