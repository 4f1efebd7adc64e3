"""Every screen, in both themes: axe-core finds nothing serious, and nothing runs over the edge of a narrow screen.

https://github.com/dequelabs/axe-core/blob/develop/doc/API.md; what stands in its way is `serious` or `critical`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from deploy.local.layout import ROOT
from tests.desk import Desk
from tests.screens import SCREENS, Screen, conversation, from_right, look_at, tell_somebody

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
WIDE, NARROW = (1440, 900), (320, 640)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

# What is still fading in has not its own colours yet.
RUN = """async (grave) => {
  const passing = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(passing.map((each) => each.finished));
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter((each) => grave.includes(each.impact))
    .flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 160)} — ${node.failureSummary}`));
}"""

# What has a scroller of its own may be wider than the screen, and what ends in "…" says so; what is only cut off can't
# be reached.
TOO_WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  const ends = (each) => {
    const { overflowX, textOverflow } = getComputedStyle(each);
    return textOverflow === "ellipsis" || (/auto|scroll/.test(overflowX) && each.scrollWidth > each.clientWidth);
  };
  const isEnded = (each) => each !== null && (ends(each) || isEnded(each.parentElement));
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((each) => each.getBoundingClientRect().right > wide + 1 && each.getBoundingClientRect().width > 1)
    .filter((each) => !isEnded(each.parentElement) && each.closest(".sb-sr") === null)
    .map((each) => each.outerHTML.slice(0, 160));
}"""

# Beside another pane, what runs over its own edge lies under that one's, or over it.
OVER_ITS_PANE = """() => [...document.querySelectorAll("[data-pane]")].flatMap((pane) => {
  const { left, right } = pane.getBoundingClientRect();
  const ends = (each) => {
    const { overflowX, textOverflow } = getComputedStyle(each);
    return textOverflow === "ellipsis" || (/auto|scroll/.test(overflowX) && each.scrollWidth > each.clientWidth);
  };
  const isEnded = (each) => each !== pane && (ends(each) || isEnded(each.parentElement));
  return [...pane.querySelectorAll("*")]
    .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((each) => each.closest(".sb-sr, [role=separator]") === null && !isEnded(each.parentElement))
    .filter((each) => {
      const is = each.getBoundingClientRect();
      return is.width > 1 && (is.right > right + 1 || is.left < left - 1);
    })
    .map((each) => `${pane.dataset.pane}: ${each.outerHTML.slice(0, 160)}`);
})"""
BESIDE_EACH_OTHER = (900, 1024, 1200)

Seats = dict[str, Page]


@pytest_asyncio.fixture(scope="module")
async def seats(browser: Browser, desk: Desk) -> AsyncIterator[Seats]:
    """One signed-in page for each role."""
    await tell_somebody(desk)
    taken: Seats = {}
    yield taken
    for page in taken.values():
        await page.context.close()


async def look(browser: Browser, desk: Desk, seats: Seats, screen: Screen, size: tuple[int, int]) -> Page:
    page = await look_at(browser, desk, screen.role, seats)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await screen.show(page)
    return page


async def graves(page: Page) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    found: list[Any] = await page.evaluate(RUN, list(GRAVE))
    return found


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: one.name)
async def test_axe_finds_nothing_serious(browser: Browser, desk: Desk, seats: Seats, screen: Screen) -> None:
    page = await look(browser, desk, seats, screen, WIDE)
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
        assert await graves(page) == [], theme


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: one.name)
async def test_nothing_runs_over_the_edge_at_320_px(browser: Browser, desk: Desk, seats: Seats, screen: Screen) -> None:
    page = await look(browser, desk, seats, screen, NARROW)
    assert await page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: one.name)
async def test_no_pane_runs_into_another_at_any_width(
    browser: Browser, desk: Desk, seats: Seats, screen: Screen
) -> None:
    page = await look(browser, desk, seats, screen, (BESIDE_EACH_OTHER[0], 720))
    for width in BESIDE_EACH_OTHER:
        await page.set_viewport_size({"width": width, "height": 720})
        assert await page.evaluate(TOO_WIDE) == [], width
        assert await page.evaluate(OVER_ITS_PANE) == [], width


DIRECTIONS = "(all) => all.map((each) => getComputedStyle(each).direction)"


async def test_what_is_written_from_right_to_left_reads_so(browser: Browser, desk: Desk, seats: Seats) -> None:
    page = await look_at(browser, desk, "agent", seats)
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await from_right(page)
    open_one = page.locator("[aria-current]").filter(has=page.locator("[dir=auto]"))
    assert await open_one.locator("[dir=auto]").nth(1).evaluate("(it) => getComputedStyle(it).direction") == "rtl"
    said = page.get_by_role("region", name="Timeline").locator("article [dir=auto]")
    assert set(await said.evaluate_all(DIRECTIONS)) == {"rtl"}


@pytest.mark.parametrize("width", BESIDE_EACH_OTHER)
async def test_a_conversations_name_and_subject_can_both_be_read(
    browser: Browser, desk: Desk, seats: Seats, width: int
) -> None:
    page = await look_at(browser, desk, "agent", seats)
    await page.set_viewport_size({"width": width, "height": WIDE[1]})
    await conversation(page)
    title = page.locator("[data-pane=conversation] header h1")
    for words in (title, title.locator("+ span")):
        assert await words.evaluate("(it) => it.clientWidth >= it.scrollWidth"), await words.text_content()


async def test_on_a_phone_a_messages_menu_is_inside_its_bubble(browser: Browser, desk: Desk, seats: Seats) -> None:
    page = await look_at(browser, desk, "agent", seats)
    await page.set_viewport_size({"width": 390, "height": 844})
    await conversation(page)
    menu = page.get_by_role("button", name="About this message").first
    inside = """(it) => {
      const [menu, bubble] = [it, it.parentElement.parentElement].map((each) => each.getBoundingClientRect());
      return menu.left >= bubble.left && menu.right <= bubble.right + 1 && menu.top >= bubble.top - 1;
    }"""
    assert await menu.evaluate(inside)


@pytest.mark.parametrize("width", [1024, 390])
async def test_what_is_opened_from_the_details_drawer_lies_above_it(
    browser: Browser, desk: Desk, seats: Seats, width: int
) -> None:
    page = await look_at(browser, desk, "agent", seats)
    await page.set_viewport_size({"width": width, "height": 844})
    await next(one for one in SCREENS if one.name == "new-ticket").show(page)
    form = page.get_by_role("dialog", name="New ticket")
    # Playwright clicks nothing that lies under something else.
    await form.get_by_role("button", name="Cancel").click()
    await expect(form).to_be_hidden()
    # One key leaves one thing: first the form, then the drawer under it.
    drawer = page.get_by_role("dialog", name="Details")
    await drawer.get_by_role("button", name="New ticket or link").click()
    await page.get_by_role("menuitem", name="Refund").click()
    await expect(form.locator(":focus")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(form).to_be_hidden()
    await expect(drawer).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
