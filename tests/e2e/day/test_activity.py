"""A customer does something in the product: the rule on it acts and says why, it stands beside the conversation and on
the contact's page, and a segment finds who did it. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import httpx
from playwright.async_api import expect

from shared import clock
from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.day.test_rules import ask
from tests.tabs import SignedIn

SLOW_MS = 60_000


async def post(desk: Desk, *events: dict[str, Any]) -> None:
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await client.post(
            f"{desk.ingest}/activity",
            json={"source": "/shop", "events": list(events)},
            headers={"Authorization": f"Bearer {desk.integration_token}"},
        )
    assert answer.status_code == 202, answer.text


def did(address: str, name: str, *, minutes_ago: int = 0, **said: Any) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "brand": "paleo-hacks",
        "user": {"email": address},
        "name": name,
        "at": (clock.now() - timedelta(minutes=minutes_ago)).isoformat(),
        "attributes": [{"name": key, "value": value} for key, value in said.items()],
    }


async def test_what_a_customer_did_is_shown_acted_on_and_counted(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    subject, address, tag, failed = f"I cannot pay {mark}", f"{mark}@home.example", f"stuck-{mark}", f"Failed {mark}"
    page = await signed_in("admin")

    # a rule on it, in words
    await page.goto(f"{desk.web}/settings/rules")
    await page.get_by_role("button", name="Add a rule").click(timeout=SLOW_MS)
    form = page.get_by_role("form", name="New rule")
    await form.get_by_label("Name", exact=True).fill(f"Stuck {mark}")
    await form.get_by_label("Any of these happens").click()
    await page.get_by_role("option", name="Something the customer did in the product", exact=True).click()
    await page.keyboard.press("Escape")
    await form.get_by_role("button", name="Add a condition").click()
    await ask(page, form.get_by_role("group", name="Condition 1", exact=True), "What they did", "is", failed)
    await form.get_by_role("button", name="Add an action").click()
    await page.get_by_role("menuitem", name="Add tags").click()
    await form.get_by_label("Tags", exact=True).fill(tag)
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("status", name="In words")).to_contain_text(
        f"When the customer does something in the product, if What they did is “{failed}”, then add the tag “{tag}”."
    )
    await form.get_by_role("button", name="Publish", exact=True).click()
    rules = page.get_by_role("list", name="Rules", exact=True)
    await expect(rules.get_by_role("listitem", name=f"Stuck {mark}")).to_be_visible(timeout=SLOW_MS)

    # nothing is known yet; then it happens, while one looks
    await write(desk, f"Ada Moor <{address}>", subject)
    await page.goto(f"{desk.web}/inbox/all")
    await open_conversation(page, subject)
    details = page.get_by_role("complementary", name="Details")
    await expect(details.get_by_text("Nothing is known of what they did")).to_be_visible(timeout=SLOW_MS)
    await post(desk, did(address, failed, amount=49.5, plan="yearly"), did(address, "Logged in", minutes_ago=3))
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text(f"did “{failed}” in the product (amount 49.5, plan yearly)")).to_be_visible(
        timeout=SLOW_MS
    )
    activity = details.get_by_role("list", name="What they did in the product")
    await expect(activity.get_by_role("listitem")).to_have_count(2, timeout=SLOW_MS)
    await expect(activity.get_by_role("listitem").first).to_contain_text(failed)
    await expect(activity.get_by_role("listitem").first).to_contain_text("amount 49.5 · plan yearly")
    await expect(details.get_by_text("Last seen")).to_be_visible()

    # the rule acted, and says why
    line = page.get_by_role("paragraph").filter(has_text=f"added tag “{tag}”")
    await line.get_by_role("button", name="Why?").click(timeout=SLOW_MS)
    why = page.get_by_role("dialog")
    await expect(why.get_by_text("The customer did something in the product.")).to_be_visible()
    await expect(why.get_by_text(failed).first).to_be_visible()
    await page.keyboard.press("Escape")

    # on the contact's page, ten times as much: the newest first, the rest on request
    await post(desk, *(did(address, f"Step {n}", minutes_ago=10 + n) for n in range(20)))
    await details.get_by_role("button", name="Open contact").click()
    activity = page.get_by_role("list", name="What they did in the product")
    await expect(activity.get_by_role("listitem").first).to_contain_text(failed, timeout=SLOW_MS)
    await page.get_by_role("button", name="Show all").click(timeout=SLOW_MS)
    await expect(activity.get_by_role("listitem")).to_have_count(22, timeout=SLOW_MS)

    # a segment of who did it
    segments = page.get_by_role("navigation", name="Segments")
    await segments.get_by_role("button", name="New segment").click()
    dialog = page.get_by_role("dialog", name="New segment")
    await dialog.get_by_label("Name", exact=True).fill(f"Stuck {mark}")
    await dialog.get_by_role("combobox", name="What").click()
    await page.get_by_role("option", name="Did in the product").click()
    await dialog.get_by_label("What they did").fill(failed)
    await dialog.get_by_role("textbox", name="Value").fill("7")
    await expect(dialog.get_by_text(re.compile(r"^1 contact"))).to_be_visible(timeout=SLOW_MS)
    await dialog.get_by_role("combobox", name="How").click()
    await page.get_by_role("option", name="never").click()
    await expect(dialog.get_by_text(re.compile(r"^1 contact\b"))).to_be_hidden(timeout=SLOW_MS)
    await page.keyboard.press("Escape")
