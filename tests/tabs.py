"""One Chromium for the test session, and a fresh profile for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests.browser import find_chromium
from tests.desk import Desk


class SignedIn(Protocol):
    """Signs in by role, in a browser whose clock is that of a time zone."""

    async def __call__(self, role: str, time_zone: str = "UTC") -> Page: ...


expect.set_options(timeout=20_000)  # a busy machine is not a fault


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the session."""
    chromium = find_chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=chromium.executable_path, env={**chromium.env}, args=list(chromium.args)
        )
        yield running
        await running.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser profile of the test's own: no cookies, nothing stored."""
    fresh = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield fresh
    await fresh.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """One tab in that profile."""
    return await context.new_page()


@pytest.fixture
async def signed_in(desk: Desk, browser: Browser) -> AsyncIterator[SignedIn]:
    """`await signed_in("agent")`: the desk as the first demo account of a role sees it, in a profile of its own.

    All are closed when the test ends: a page that stays open holds one of its agent's places for live updates.
    """
    contexts = []

    async def sign_in(role: str, time_zone: str = "UTC") -> Page:
        size: ViewportSize = {"width": 1440, "height": 900}
        contexts.append(await browser.new_context(viewport=size, locale="en-GB", timezone_id=time_zone))
        page, account = await contexts[-1].new_page(), desk.account(role)
        await page.goto(desk.web)
        await page.get_by_label("Email").fill(account["email"])
        await page.get_by_label("Password", exact=True).fill(account["password"])
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("navigation", name="Desk")).to_be_visible()
        return page

    yield sign_in
    for one in contexts:
        await one.close()
