"""Renders the main screens of a running desk into docs/screens/: `make up`, then `make screenshots`."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

from playwright.async_api import Browser, async_playwright

from deploy.local.layout import ROOT, Layout
from tests.browser import find_chromium

FOLDER = ROOT / "docs" / "screens"
SUBJECT = "Damaged on arrival"
ColorScheme = Literal["light", "dark"]
THEMES: tuple[ColorScheme, ...] = ("light", "dark")


async def inbox(browser: Browser, desk: dict[str, Any], theme: ColorScheme) -> None:
    """An agent reading a conversation."""
    account = next(one for one in desk["sign_ins"] if one["role"] == "agent")
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme, locale="en-GB")
    page = await context.new_page()
    await page.goto(desk["web"])
    await page.get_by_label("Email").fill(account["email"])
    await page.get_by_label("Password", exact=True).fill(account["password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()
    await page.get_by_role("region", name="Conversations").get_by_text(SUBJECT).first.click()
    await page.get_by_role("region", name="Timeline").get_by_role("article").first.wait_for()
    await page.wait_for_load_state("networkidle")
    await page.mouse.move(1000, 500)
    await page.screenshot(path=FOLDER / f"inbox-{theme}.png", animations="disabled")
    await context.close()


async def main() -> None:
    desk = json.loads(Layout.of().endpoints.read_text())
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable_path, env={**chromium.env}, args=list(chromium.args)
        )
        for theme in THEMES:
            await inbox(browser, desk, theme)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
