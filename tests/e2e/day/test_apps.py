"""An admin registers the shop's own card and page; an agent sees both beside a conversation, told whom it is about. In
the browser, on the running desk; a stand-in plays the shop's server."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.day.test_settings import choose, section, settings
from tests.e2e.outside import Agent
from tests.stranger import Stranger, answered
from tests.tabs import SignedIn

PAGE = b"""<!doctype html><p id="who">Waiting</p><script>
addEventListener("message", ({data}) => {
  if (data.type !== "switchboard.context") return;
  const claims = JSON.parse(atob(data.token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  document.getElementById("who").textContent = "Orders of " + claims.customer.emails[0];
});
</script>"""
SLOW_MS = 60_000


@pytest_asyncio.fixture
async def shop(desk: Desk) -> AsyncIterator[Stranger]:
    card = {"text": "Gold since 2021", "fields": [{"label": "Last order", "value": "#1042"}]}
    answers: dict[str, bytes | str] = {
        "/card": answered(json.dumps(card).encode(), "application/json"),
        "/page": answered(PAGE, "text/html"),
    }
    async with Stranger(answers) as stranger:
        yield stranger
        async with Agent(desk.web, desk.account("admin")) as admin:
            for app in (await admin.get("/api/tickets/directory"))["apps"]:
                if stranger.url in app["url"]:
                    path = f"/api/tickets/apps/{app.pop('app_id')}"
                    app.pop("seq")
                    assert (await admin.client.put(path, json={**app, "active": False})).status_code == 200


async def test_an_agent_sees_what_the_shop_knows(desk: Desk, signed_in: SignedIn, shop: Stranger) -> None:
    mark = uuid.uuid4().hex[:8]
    card, page_name = f"Card {mark}", f"Page {mark}"
    await write(desk, f"Olu {mark} <{mark}@home.example>", f"Order {mark}")
    admin = await signed_in("admin")
    await add(admin, card, f"{shop.url}/card", None)
    await add(admin, page_name, f"{shop.url}/page", "A page of theirs, in a frame")
    await section(admin, "Changes")
    changes = admin.get_by_role("list", name="Changes").get_by_role("listitem").filter(has_text=f"App: {card}")
    await expect(changes).to_have_count(1)

    page = await signed_in("agent")
    await open_conversation(page, f"Order {mark}")
    details = page.get_by_role("complementary", name="Details")
    await expect(details.get_by_role("button", name=card)).to_be_visible(timeout=SLOW_MS)
    await expect(details.get_by_text("Gold since 2021")).to_be_visible(timeout=SLOW_MS)
    await expect(details.get_by_text("#1042")).to_be_visible()
    frame = details.frame_locator(f'iframe[title="{page_name}"]')
    await expect(frame.get_by_text(f"Orders of {mark}@home.example")).to_be_visible(timeout=SLOW_MS)

    # their server is down: said, and asked again
    shop.answers["/card"] = answered(b"", "text/plain", status="503 Down")
    await page.reload()
    await expect(details.get_by_text("It answered with HTTP 503.")).to_be_visible(timeout=SLOW_MS)
    shop.answers["/card"] = answered(b'{"text": "Back again"}', "application/json")
    await details.get_by_role("button", name="Try again").click()
    await expect(details.get_by_text("Back again")).to_be_visible()


async def add(page: Page, name: str, url: str, kind: str | None) -> None:
    await settings(page, "Apps")
    await page.get_by_role("button", name="Add an app").click()
    form = page.get_by_role("form", name="New app")
    await form.get_by_label("Name", exact=True).fill(name)
    if kind:
        await choose(page, form, "Shows", kind)
    await form.get_by_label("Address").fill("http://10.0.0.1/")
    await form.get_by_role("button", name="Add app").click()
    await expect(form.get_by_text("is not an address of the public internet")).to_be_visible()
    await form.get_by_label("Address").fill(url)
    await form.get_by_role("button", name="Add app").click()
    secret = page.get_by_role("region", name="Signing secret")
    await expect(secret).to_be_visible()
    await secret.get_by_role("button", name="I have kept it").click()
    await expect(secret).to_have_count(0)
