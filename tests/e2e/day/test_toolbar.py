"""The tools under a text: pinned and ordered as the agent likes, and all of them there on a phone.

In the browser, on the running desk.
"""

from __future__ import annotations

import uuid

import pytest
from playwright.async_api import Locator, ViewportSize, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, until
from tests.tabs import SignedIn

FEW = {"Attach files", "Emoji", "Macros (/)", "More tools"}
ALL = FEW | {"Bold", "Italic", "Link", "Bullet list", "Ordered list", "Blockquote", "Code", "Edit toolbar"}
PUT = {"Reply": "Send", "Note": "Add note"}
WITH_ROOM: ViewportSize = {"width": 1800, "height": 900}
"""For all tools that are pinned: in less, those of the text's looks are behind "…"."""

# By name, whether a finger meets the whole button: in the middle and near each edge nothing else is met there.
MET = """(buttons) => Object.fromEntries(buttons.filter((each) => each.checkVisibility()).map((each) => {
  const { left, right, top, bottom } = each.getBoundingClientRect();
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const points = [[x, y], [left + 3, y], [right - 3, y], [x, top + 3], [x, bottom - 3]];
  const name = each.getAttribute("aria-label") ?? each.textContent.trim();
  return [name, points.every(([x, y]) => each.contains(document.elementFromPoint(x, y)))];
}))"""


async def test_tools_are_pinned_and_ordered_the_same_on_every_device(desk: Desk, signed_in: SignedIn) -> None:
    subject = f"Tools {uuid.uuid4().hex[:8]}"
    await write(desk, f"Ida <{uuid.uuid4().hex[:8]}@home.example>", subject)
    page, other = await signed_in("agent"), await signed_in("agent")
    for one in (page, other):
        await one.set_viewport_size(WITH_ROOM)
    try:
        await open_conversation(page, subject)
        composer = page.get_by_role("region", name="Conversation with Ida")
        await composer.get_by_role("button", name="More tools").click()
        await composer.get_by_role("button", name="Edit toolbar").click()
        edit = page.get_by_role("dialog", name="Edit toolbar")
        await edit.get_by_role("button", name="Move Emoji").press("ArrowUp")
        await edit.get_by_role("button", name="Unpin Code").click()
        await edit.get_by_role("button", name="Done").click()
        await expect(composer.get_by_role("button", name="Code", exact=True)).to_be_visible()
        await composer.get_by_role("button", name="More tools").click()
        await expect(composer.get_by_role("button", name="Blockquote", exact=True)).to_be_visible()
        await expect(composer.get_by_role("button", name="Code", exact=True)).to_have_count(0)
        async with Agent(desk.web, desk.account("agent")) as agent:

            async def kept() -> bool:
                pinned = (await agent.get("/api/tickets/preferences/toolbar"))["pinned"]
                return bool(pinned[:2] == ["emoji", "attach"] and "code" not in pinned)

            await until(kept)

        await open_conversation(other, subject)
        there = other.get_by_role("region", name="Conversation with Ida")
        await expect(there.get_by_role("button", name="Blockquote", exact=True)).to_be_visible()
        await expect(there.get_by_role("button", name="Code", exact=True)).to_have_count(0)
        emoji, attach = (there.get_by_role("button", name=name, exact=True) for name in ("Emoji", "Attach files"))
        left, right = await emoji.bounding_box(), await attach.bounding_box()
        assert left
        assert right
        assert left["x"] < right["x"]
    finally:
        async with Agent(desk.web, desk.account("agent")) as agent:
            assert (await agent.client.put("/api/tickets/preferences/toolbar", json={})).status_code == 204


@pytest.mark.parametrize("width", [390, 320])
async def test_every_tool_is_there_on_a_phone(desk: Desk, signed_in: SignedIn, width: int) -> None:
    mark = uuid.uuid4().hex[:8]
    await write(desk, f"Ida <{mark}@home.example>", f"On a phone {mark}")
    page = await signed_in("agent")
    await open_conversation(page, f"On a phone {mark}")
    await page.set_viewport_size({"width": width, "height": 700})
    composer = page.get_by_role("region", name="Conversation with Ida")
    for mode, put in PUT.items():
        await composer.get_by_role("tab", name=mode).click()
        await composer.get_by_role("textbox", name=mode).fill("It is on its way.")
        # as narrow as it gets: with all that is said beside the tools
        await expect(composer.get_by_text("Draft saved")).to_be_visible()
        few = await met(composer)
        assert {name for name, whole in few.items() if not whole} == set()
        assert FEW | {put} <= few.keys()
        await composer.get_by_role("button", name="More tools").click()
        await expect(composer.get_by_role("button", name="Edit toolbar")).to_be_visible()
        every = await met(composer)
        assert {name for name, whole in every.items() if not whole} == set()
        assert ALL | {put} <= every.keys()


async def met(composer: Locator) -> dict[str, bool]:
    """The buttons in the box, by name, and whether each is met."""
    box = composer.locator("div:has(> [role=tablist])")
    found: dict[str, bool] = await box.get_by_role("button").evaluate_all(MET)
    return found
