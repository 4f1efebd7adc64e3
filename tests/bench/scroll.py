"""A list of 100,000 conversations scrolled from its top to its end in a browser, beside a list that is only text.

Ours: the built inbox on running services, which asks for the pages as it comes to them. Both are scrolled by the same
step in each frame, more than what is in sight, so that every frame shows other rows.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, async_playwright
from pymongo import MongoClient

from deploy.local.ports import HOST, any_free
from services.tickets.demo.directory import accounts
from tests.bench import million, running, screen
from tests.bench.pages import percentile
from tests.bench.row import Row, alone, row_of
from tests.browser import find_chromium
from tests.servers import Servers

COUNT = 100_000
BRAND, RUN = "earth-echo", "0123abcd"
ROW_PX, STEP_PX = 72, 1_440
LATE_MS = 50.0
PATIENCE_MS = 120_000
SERVICES = ("tickets", "routing", "notifications")
OURS = "[aria-label=Conversations] div:has(> ul > li [data-row])"

# Milliseconds between one frame and the next, until the end is in sight.
SCROLL = """async ([selector, step, whole]) => {
  const list = document.querySelector(selector);
  const frame = () => new Promise(requestAnimationFrame);
  const taken = [];
  let before = await frame();
  while (list.scrollTop + list.clientHeight < whole) {
    list.scrollTop += step;
    const at = await frame();
    taken.push(at - before);
    before = at;
  }
  return taken;
}"""
STATIC = """(count) => {
  const list = document.body.appendChild(document.createElement("main"));
  const rows = Array.from({ length: count }, (_, n) => `<p>Customer ${n}<br>Number ${n}<br>Where is my order?</p>`);
  list.innerHTML = rows.join("");
}"""
STYLE = """<!doctype html><style>
  body { margin: 0; font: 13px sans-serif }
  main { height: 800px; width: 344px; overflow: auto; contain: strict }
  p { height: 71px; margin: 0; border-bottom: 1px solid #ccc; overflow: hidden }
</style>"""


@dataclass(frozen=True)
class Scrolled:
    """`kept_bytes`: what the page's scripts hold more of when they have come to the end."""

    frames_ms: list[float]
    kept_bytes: int = 0

    @property
    def p99_ms(self) -> float:
        return percentile(self.frames_ms, 99)

    @property
    def late_per_thousand(self) -> float:
        return 1000 * sum(one > LATE_MS for one in self.frames_ms) / len(self.frames_ms)


async def run(servers: Servers, *, repetitions: int) -> list[Row]:
    """Text and the inbox, in turns, each in a window of its own."""
    prefix, (port,) = running.new_prefix(), any_free(1)
    url = f"http://{HOST}:{port}"
    await screen.prepare(servers, prefix)
    with MongoClient[million.Document](servers.mongo) as client:
        made = million.one_list(COUNT, BRAND, RUN)
        await asyncio.to_thread(million.put, client[f"{prefix}switchboard_tickets"], made)
    try:
        with ExitStack() as stack:
            env = {"SWITCHBOARD_PUBLIC_URL": url}
            parts = {name: stack.enter_context(running.service(name, servers, prefix, env)) for name in SERVICES}
            stack.enter_context(running.inbox(port, {name: one.url for name, one in parts.items()}))
            found = await _in_turns(url, repetitions)
    finally:
        running.drop(servers, prefix)
    text, ours = [one for one, _ in found], [one for _, one in found]
    beside = {
        "kept_bytes_per_row": [one.kept_bytes / COUNT for one in ours],
        "late_per_thousand": {"text": [one.late_per_thousand for one in text]},
    }
    p99 = [one.p99_ms for one in text], [one.p99_ms for one in ours]
    late = [one.late_per_thousand for one in ours]
    return [
        row_of("frame p99, 100,000 rows scrolled", *p99, unit="ms", first=3.0, then=1.5, at_most=True, beside=beside),
        alone("frames over 50 ms of 1,000, the same", late, unit="frames", first=20, then=2, at_most=True),
    ]


async def _in_turns(url: str, repetitions: int) -> list[tuple[Scrolled, Scrolled]]:
    found = []
    chromium = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable_path, env={**chromium.env}, args=list(chromium.args)
        )
        for _ in range(repetitions):
            text, ours = await _text(browser), await _inbox(browser, url)
            found.append((text, ours))
            print(
                f"  text p99 {text.p99_ms:5.1f} ms, {text.late_per_thousand:4.1f} of 1,000 late   "
                f"inbox p99 {ours.p99_ms:5.1f} ms, {ours.late_per_thousand:4.1f} late, "
                f"{ours.kept_bytes / COUNT:,.0f} bytes a row",
                flush=True,
            )
        await browser.close()
    return found


async def _text(browser: Browser) -> Scrolled:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.set_content(STYLE)
    await page.evaluate(STATIC, COUNT)
    frames = await page.evaluate(SCROLL, ["main", STEP_PX, COUNT * ROW_PX])
    await context.close()
    return Scrolled(frames)


async def _inbox(browser: Browser, url: str) -> Scrolled:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=url)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    account = next(one for one in accounts() if one["role"] == "admin")
    await page.goto("/")
    await page.get_by_label("Email").fill(account["email"])
    await page.get_by_label("Password", exact=True).fill(account["password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("navigation", name="Desk").wait_for()
    await page.goto(f"/inbox/all?status=closed&brand={BRAND}")
    await page.locator(OURS).wait_for()
    before = await _held_bytes(page)
    frames = await page.evaluate(SCROLL, [OURS, STEP_PX, COUNT * ROW_PX])
    found = Scrolled(frames, await _held_bytes(page) - before)
    await context.close()
    return found


async def _held_bytes(page: Page) -> int:
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    held: dict[str, Any] = await session.send("Runtime.getHeapUsage")
    await session.detach()
    return int(held["usedSize"])
