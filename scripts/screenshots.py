"""Renders the main screens of a running desk into docs/screens/: `make up`, then `make screenshots`.

What is rendered stands in tests/screens.py; each in both themes at three widths, as WebP that is small enough for a
repository. SWITCHBOARD_SCREENS=agents,brand renders these alone.
"""

from __future__ import annotations

import asyncio
import base64
import os
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright

from deploy.local.layout import ROOT, Layout
from tests.browser import find_chromium
from tests.desk import Desk
from tests.screens import SCREENS, Screen, look_at, tell_somebody

FOLDER = ROOT / "docs" / "screens"
ColorScheme = Literal["light", "dark"]
THEMES: tuple[ColorScheme, ...] = ("light", "dark")
SIZES = ((1440, 900), (1024, 768), (390, 844))
QUALITIES = (80, 60, 40)
MOST_BYTES = 48_000


async def picture(page: Page, name: str) -> str:
    """In the best quality that is small enough; Playwright itself writes no WebP."""
    await page.wait_for_load_state("networkidle")
    await page.mouse.move(700, 500)
    await page.evaluate("document.fonts.ready")
    session = await page.context.new_cdp_session(page)
    for quality in QUALITIES:
        shot = await session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        data = base64.b64decode(shot["data"])
        if len(data) <= MOST_BYTES:
            break
    (FOLDER / f"{name}.webp").write_bytes(data)
    await session.detach()
    return f"{name}.webp"


async def render(browser: Browser, desk: Desk, screen: Screen, seats: dict[str, Page]) -> list[str]:
    """The names of its pictures."""
    made = []
    page = await look_at(browser, desk, screen.role, seats)
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await screen.show(page)
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            made.append(await picture(page, f"{screen.name}-{width}-{theme}"))
    return made


async def main() -> None:
    desk = Desk.read(Layout.of().endpoints)
    wanted = [name for name in os.environ.get("SWITCHBOARD_SCREENS", "").split(",") if name]
    FOLDER.mkdir(parents=True, exist_ok=True)
    await tell_somebody(desk)
    chromium = find_chromium()
    seats: dict[str, Page] = {}
    made: set[str] = set()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable_path, env={**chromium.env}, args=list(chromium.args)
        )
        for screen in SCREENS:
            if screen.name in wanted or (screen.picture and not wanted):
                made.update(await render(browser, desk, screen, seats))
        await browser.close()
    for old in FOLDER.iterdir():
        if not wanted and old.name not in made:
            old.unlink()
    total = sum(one.stat().st_size for one in FOLDER.iterdir())
    print(f"{len(list(FOLDER.iterdir()))} pictures, {total // 1024} KiB, in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    asyncio.run(main())
