"""An agent arranges the apps beside conversations: by mouse, by finger, by keyboard, the same on another device."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, until
from tests.tabs import SignedIn


@pytest_asyncio.fixture(autouse=True)
async def as_it_was(desk: Desk) -> AsyncIterator[None]:
    yield
    async with Agent(desk.web, desk.account("agent")) as agent:
        headers = {"Authorization": f"Bearer {agent.token}"}
        await agent.client.put("/api/tickets/preferences/panel", json={}, headers=headers)


async def test_apps_are_pinned_and_ordered_the_same_on_every_device(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    subject = f"Beside {mark}"
    await write(desk, f"Pia {mark} <{mark}@home.example>", subject)
    page = await signed_in("agent")
    details = await opened(page, subject)
    await expect(cards(details).first).to_have_text("Attributes")
    await details.get_by_role("button", name="Edit apps").click()
    edit = details.get_by_role("region", name="Edit apps")
    lines = edit.get_by_role("list", name="Apps").get_by_role("listitem")

    # by mouse: Links above Attributes
    await drag(page, edit.get_by_role("button", name="Move Links"), edit.get_by_role("button", name="Move Attributes"))
    await expect(lines.first).to_contain_text("Links")
    # by keys: Times two up
    times = edit.get_by_role("button", name="Move Times")
    for place in ("8 of 9", "7 of 9"):
        await times.press("ArrowUp")
        await expect(edit.get_by_text(f"Times: {place}")).to_be_attached()
    await expect(times).to_be_focused()
    # by finger: Lead data to the top
    await swipe(page, edit.get_by_role("button", name="Move Lead data"), edit.get_by_role("button", name="Move Links"))
    await expect(lines.first).to_contain_text("Lead data")
    await edit.get_by_role("button", name="Unpin Attributes").click()
    await edit.get_by_role("button", name="Done").click()
    await expect(details.get_by_role("button", name="Edit apps")).to_be_focused()
    arranged = ["Lead data", "Links", "Recent conversations", "Times", "In the product", "Side conversations"]
    await expect(cards(details)).to_have_text(arranged)

    async with Agent(desk.web, desk.account("agent")) as agent:

        async def kept() -> bool:
            there = await agent.get("/api/tickets/preferences/panel")
            return bool(there["pinned"][:1] == ["lead"] and "attributes" in there["unpinned"])

        await until(kept)
    other = await opened(await signed_in("agent"), subject)
    await expect(cards(other)).to_have_text(arranged)
    await other.get_by_role("button", name="More apps (1)").click()
    await expect(cards(other)).to_have_text([*arranged, "Attributes"])


async def opened(page: Page, subject: str) -> Locator:
    """The panel beside a conversation."""
    await open_conversation(page, subject)
    details = page.get_by_role("complementary", name="Details")
    await expect(details.get_by_role("button", name="Lead data")).to_be_visible()
    return details


def cards(details: Locator) -> Locator:
    return details.locator("section > button[aria-expanded]")


async def middle(one: Locator) -> tuple[float, float]:
    box = await one.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, what: Locator, onto: Locator) -> None:
    await page.mouse.move(*await middle(what))
    await page.mouse.down()
    await page.mouse.move(*await middle(onto), steps=12)
    await page.mouse.up()


async def swipe(page: Page, what: Locator, onto: Locator) -> None:
    """As a finger does: Chromium's own touches, which become pointers."""
    session = await page.context.new_cdp_session(page)
    (x, y), (_, end) = await middle(what), await middle(onto)
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 13):
        point = {"x": x, "y": y + (end - y) * step / 12}
        await session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
