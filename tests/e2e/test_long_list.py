"""A hundred thousand conversations in one view, scrolled deep by keys and wheel in the browser, on the running desk.

How smoothly is measured by `python -m tests.bench scroll`.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from pymongo import MongoClient

from tests.bench import million
from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until
from tests.tabs import SignedIn

BRAND = "physiotru"
MANY = 100_000
DEEP = 3_000
ROW_PX = 72
AROUND = 16
"""Rows that are in the page besides those in sight and the one that has the focus."""

# The rows in the page with the places at which they lie, of what is scrolled.
SEEN = """async (list, rowPx) => {
  // What was scrolled is drawn by the next frame, so that two looks that agree are of a list that does not move.
  for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
  const { top } = list.getBoundingClientRect();
  const at = (row) => Math.round((row.getBoundingClientRect().top - top + list.scrollTop) / rowPx);
  const rows = [...list.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, at(row)]);
  const busy = list.closest("[aria-busy=true]") !== null;
  return { top: list.scrollTop, height: list.clientHeight, whole: list.scrollHeight, busy, rows };
}"""


@dataclass(frozen=True)
class Seen:
    """`at`: the rows in the page, by the place in the list where they lie. Heights in CSS pixels. `busy`: more of them
    are being loaded."""

    top: float
    height: int
    whole: int
    busy: bool
    at: dict[int, str]

    @property
    def in_sight(self) -> range:
        return range(int(self.top / ROW_PX), int((self.top + self.height - 1) / ROW_PX) + 1)

    @property
    def on_screen(self) -> dict[str, float]:
        """How far below the upper edge each row in sight begins."""
        return {self.at[n]: n * ROW_PX - self.top for n in self.in_sight if n in self.at}


@dataclass
class View:
    """The list on the page. `before`: how many other conversations of the brand stand above the many."""

    page: Page
    ids: list[str]
    before: int

    @property
    def region(self) -> Locator:
        return self.page.get_by_role("region", name="Conversations")

    @property
    def scrolled(self) -> Locator:
        return self.region.locator("div:has(> ul > li [data-row])")

    async def seen(self) -> Seen:
        """What the page has; of the many all at their places, each once, no gap in sight, and no more than needed."""
        await expect(self.scrolled).to_be_visible()
        found: dict[str, Any] = await self.scrolled.evaluate(SEEN, ROW_PX)
        at = {place: id_ for id_, place in found["rows"]}
        assert len(at) == len(set(at.values())) == len(found["rows"])
        assert len(at) <= found["height"] / ROW_PX + AROUND + 3
        for place, id_ in at.items():
            assert place < self.before or id_ == self.ids[place - self.before], place
        return Seen(found["top"], found["height"], found["whole"], found["busy"], at)

    async def at_rest(self) -> Seen:
        """Once nothing moves and nothing is loaded."""
        seen = await self.seen()

        async def rests() -> Seen | None:
            nonlocal seen
            before, seen = seen, await self.seen()
            there = set(seen.in_sight) <= seen.at.keys()
            return seen if there and before == seen and not seen.busy else None

        found: Seen = await until(rests)
        return found

    async def press(self, key: str) -> Seen:
        """A key that scrolls."""
        before = await self.seen()
        await self.page.keyboard.press(key)
        return await self._moved_from(before)

    async def wheel(self, px: int, turns: int = 1) -> Seen:
        before = await self.seen()
        for _ in range(turns):
            await self.page.mouse.wheel(0, px)
        return await self._moved_from(before)

    async def _moved_from(self, before: Seen) -> Seen:
        async def moved() -> bool:
            return (await self.seen()).top != before.top

        await until(moved)
        return await self.at_rest()


async def test_a_hundred_thousand_conversations_are_scrolled_by_keys_and_wheel(
    desk: Desk, signed_in: SignedIn, hundred_thousand: list[str]
) -> None:
    async with Agent(desk.web, desk.account("lead")) as lead:
        wanted = {"brand": BRAND, "status": "all"}
        others = await others_of(lead, hundred_thousand, wanted)
        name = f"All that was {uuid.uuid4().hex[:6]}"
        kept = await lead.post("/api/tickets/views", name=name, filter=wanted, sort="newest")
        try:
            page = await signed_in("lead")
            await scroll(desk, View(page, hundred_thousand, others), kept["id"])
        finally:
            (await lead.client.delete(f"/api/tickets/views/{kept['id']}")).raise_for_status()


async def scroll(desk: Desk, view: View, view_id: str) -> None:
    page = view.page
    asked: list[str] = []
    # The first page is asked for again when the line for news is there.
    page.on("request", lambda one: asked.append(one.url) if "&cursor=" in one.url else None)
    await page.goto(f"{desk.web}/inbox/view:{view_id}")
    await expect(view.region.locator("[data-row]").first).to_be_visible()
    await expect(view.region.get_by_text("1,000+ conversations")).to_be_visible()

    # by keys: one is opened, and the list scrolled on to its end, again and again, from the row that has the focus
    await page.keyboard.press("j")
    opened = view.region.locator("[data-row]").first.get_by_role("button")
    await expect(opened).to_have_attribute("aria-current", "true")
    await opened.focus()
    seen = await view.at_rest()
    for _ in range(8):
        before, seen = seen, await view.press("End")
        assert seen.whole > before.whole
    await view.press("PageUp")
    await view.press("PageDown")

    # by the wheel
    await view.scrolled.hover()
    while seen.in_sight.start < view.before + DEEP:
        before, seen = seen, await view.wheel(600, turns=20)
        assert seen.top > before.top
    assert twice(asked) == []
    seen = await view.wheel(-1_500)

    # somebody writes: what is in sight stays where it is, though the one that is open is far above
    subject = f"Only just {uuid.uuid4().hex[:6]}"
    await send_mail(desk.smtp, mail(to=f"support@{BRAND}.example", subject=subject, text="Is it in stock?"))
    view.before += 1
    moved = await until(lambda: grown(view, seen.whole))
    assert moved.on_screen == seen.on_screen

    # all the way up again, and down to where one was
    seen = await view.press("Home")
    assert seen.top == 0
    await expect(view.region.locator("[data-row]").first).to_contain_text(subject)
    seen = await view.press("End")
    assert seen.in_sight.stop > view.before + DEEP
    assert twice(asked) == []


def twice(asked: list[str]) -> list[str]:
    return [one for one, times in Counter(asked).items() if times > 1]


async def grown(view: View, before: int) -> Seen | None:
    """Once there is one row more."""
    if await view.scrolled.evaluate("(list) => list.scrollHeight") != before + ROW_PX:
        return None
    return await view.at_rest()


async def others_of(agent: Agent, many: list[str], wanted: dict[str, str]) -> int:
    """How many conversations stand above the many."""
    found = 0
    cursor: dict[str, str] = {}
    while True:
        page = await agent.get("/api/tickets/conversations", **wanted, sort="newest", limit=100, **cursor)
        ids = [one["head"]["id"] for one in page["items"]]
        if many[0] in ids:
            return found + ids.index(many[0])
        found, cursor = found + len(ids), {"cursor": page["next_cursor"]}


@pytest_asyncio.fixture
async def hundred_thousand(desk: Desk) -> AsyncIterator[list[str]]:
    """Ids of so many conversations of one brand, the newest first; they are gone in the end."""
    run = uuid.uuid4().hex[:8]
    name = f"{desk.prefix}switchboard_tickets"
    with MongoClient[million.Document](desk.mongo, tz_aware=True) as client:
        try:
            await asyncio.to_thread(million.put, client[name], million.one_list(MANY, BRAND, run))
            yield [million.id_of(run, n) for n in range(MANY)]
        finally:
            mine = {"_id": {"$gte": million.id_of(run, 0), "$lt": million.id_of(run, MANY)}}
            for collection in ("conversations", "standings"):
                await asyncio.to_thread(client[name][collection].delete_many, mine)
