"""An agent arranges the sidebar, saves a list as a view, and works on five hundred conversations at once."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, until
from tests.e2e.test_inbox import sign_in

BRAND, BRAND_NAME = "physiotru", "PhysioTru"
MANY = 500
AT_ONCE = 25
WITHIN_MS = 60_000


async def test_a_sidebar_is_arranged_and_stays_so(desk: Desk, page: Page) -> None:
    wanted = {
        "mine": "Your inbox",
        "mentions": "Mentions",
        "all": "All",
        "created": "Created by you",
        "following": "Followed by you",
    }
    await sign_in(page, desk, role="reviewer")
    sidebar = page.get_by_role("navigation", name="Inboxes")
    more = sidebar.locator("section").filter(has=page.get_by_role("button", name="More", exact=True))
    await expect(more.get_by_role("button", name=re.compile("^All"))).to_be_visible()
    await expect(more.get_by_role("button", name="Unassigned")).to_be_visible()

    await sidebar.get_by_role("button", name="Manage").click()
    await page.get_by_role("menuitem", name="Edit sidebar").click()
    await sidebar.get_by_role("button", name="Pin All", exact=True).click()
    await sidebar.get_by_role("button", name="Unpin Spam").click()
    for _ in range(2):
        await sidebar.get_by_role("button", name="Unpin All", exact=True).press("Alt+ArrowUp")
    await sidebar.get_by_role("button", name="Done").click()
    assert await until(lambda: kept_as(desk, wanted))
    for _ in range(2):
        own = sidebar.locator("ul").first
        await expect(own.get_by_role("button")).to_have_text([re.compile(f"^{name}") for name in wanted.values()])
        await expect(more.get_by_role("button", name="Spam")).to_be_visible()
        await page.reload()


async def kept_as(desk: Desk, own: Iterable[str]) -> bool:
    async with Agent(desk.web, desk.account("reviewer")) as reviewer:
        pinned = (await reviewer.get("/api/tickets/sidebar"))["pinned"]
    return [one for one in pinned if ":" not in one] == [*own]


async def test_a_list_of_one_brand_is_saved_as_a_view(desk: Desk, page: Page) -> None:
    await sign_in(page, desk, role="lead")
    name = f"{BRAND_NAME}, waited longest {uuid.uuid4().hex[:6]}"
    sidebar = page.get_by_role("navigation", name="Inboxes")
    found = page.get_by_role("region", name="Conversations")
    await sidebar.get_by_role("button", name=re.compile("^All")).click()
    await choose(page, found, "Sort: Newest activity", "Waited longest")
    await found.get_by_role("button", name="Filter by brand, team, tag…").click()
    chips = found.get_by_role("region", name="Filters")
    await choose(page, chips, "Brand", BRAND_NAME, role="menuitemcheckbox")
    await expect(chips.get_by_role("button", name=f"Brand: {BRAND_NAME}")).to_be_visible()
    await expect(found.get_by_role("button", name="Status: Open")).to_be_visible()
    await chips.get_by_role("button", name="Save as view…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill(name)
    await dialog.get_by_role("button", name="Save view").click()

    await expect(found.get_by_role("heading", name=name)).to_be_visible()
    await expect(sidebar.get_by_role("button", name=name)).to_have_attribute("aria-current", "page")
    await expect(found.get_by_text(re.compile(r"open conversations? · filtered · waited longest"))).to_be_visible()
    async with Agent(desk.web, desk.account("lead")) as lead:
        view = next(one for one in (await lead.get("/api/tickets/views"))["items"] if one["name"] == name)
        assert view["filter"]["brand"] == BRAND
        assert view["sort"] == "waited_longest"
        listed = await lead.get("/api/tickets/conversations", brand=BRAND, sort="waited_longest", status="open")
        first = listed["items"][0]["head"]
        assert {one["head"]["brand_id"] for one in listed["items"]} == {BRAND}
    await found.locator("[data-row]").first.get_by_role("button").click()
    await expect(page.get_by_role("region", name=f"Conversation with {first['contact_name']}")).to_be_visible()

    # as a table, and there it stays for this view
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name=name).click()
    await found.get_by_role("button", name="Show as a table").click()
    await expect(page.get_by_role("tooltip")).to_have_count(0)
    table = found.get_by_role("table", name="Conversations")
    await expect(table.get_by_role("columnheader", name="Waiting")).to_have_attribute("aria-sort", "ascending")
    await table.get_by_role("button", name="Last activity").click()
    await expect(table.get_by_role("columnheader", name="Last activity")).to_have_attribute("aria-sort", "descending")
    await page.reload()
    await expect(table).to_be_visible()
    await found.get_by_role("button", name="Show as cards").click()

    await found.get_by_role("button", name="This view").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(sidebar.get_by_role("button", name=name)).to_be_hidden()


async def test_five_hundred_are_handed_over_tagged_and_closed_and_those_that_fail_are_named(
    desk: Desk, page: Page, five_hundred: list[str]
) -> None:
    """Three are somebody else's: an agent may not hand those over, and reads which and why."""
    tag = f"recall-{uuid.uuid4().hex[:6]}"
    async with Agent(desk.web, desk.account("lead")) as lead:
        theirs = five_hundred[100:103]
        for one in theirs:
            await lead.post(f"/api/tickets/conversations/{one}/assign", team_id=None, assignee_id="leo")
        names = [(await lead.get(f"/api/tickets/conversations/{one}"))["head"]["contact_name"] for one in theirs]

    await sign_in(page, desk, role="agent")
    await page.goto(f"{desk.web}/inbox/all?brand={BRAND}&channel=custom&sort=started_first")
    found = page.get_by_role("region", name="Conversations")
    rows = found.locator("[data-row]")
    await expect(rows.first).to_be_visible()

    # one by its key, a stretch with shift, then all of the list, beyond what is loaded
    await expect(rows.nth(0).get_by_role("checkbox")).to_be_attached()
    await rows.nth(0).hover()
    await page.keyboard.press("x")
    bar = found.get_by_role("toolbar", name="What to do with those chosen")
    await expect(bar.get_by_text("1 chosen")).to_be_visible()
    await rows.nth(3).click(modifiers=["Shift"])
    await expect(bar.get_by_text("4 chosen")).to_be_visible()
    await page.keyboard.press("Shift+ArrowDown")
    await expect(bar.get_by_text("5 chosen")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(bar).to_be_hidden()
    await page.keyboard.press("Control+a")
    await expect(bar.get_by_text(f"All {MANY} chosen")).to_be_visible()

    await bar.get_by_role("button", name="Assign").click()
    await page.get_by_placeholder("Assign to…").click()
    await page.get_by_role("option", name="Quality", exact=True).click()
    await expect(found.get_by_role("progressbar")).to_be_visible()
    failed = found.get_by_role("alert")
    await expect(failed.get_by_text("3 could not be changed")).to_be_visible(timeout=WITHIN_MS)
    for one in names:
        await expect(failed.get_by_role("button", name=one)).to_be_visible()
    await expect(failed.get_by_text("A team lead can reassign it.").first).to_be_visible()
    done = page.get_by_text(f"Assigned {MANY - 3} conversations. 3 could not be.")
    await expect(done).to_be_visible(timeout=WITHIN_MS)
    await failed.get_by_role("button", name="Dismiss").click()

    await bar.get_by_role("button", name="Tag").click()
    await page.get_by_placeholder("Find or make a tag").fill(tag)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Add tags").click()
    await expect(page.get_by_text(f"Tagged {MANY} conversations.")).to_be_visible(timeout=WITHIN_MS)
    await bar.get_by_role("button", name="Close").click()
    await expect(page.get_by_text(f"Closed {MANY} conversations.")).to_be_visible(timeout=WITHIN_MS)

    # closed by mistake: all of them come back
    await page.get_by_role("status", name="Messages").get_by_role("button", name="Undo").last.click()
    await expect(page.get_by_text(f"Took back {MANY} conversations.")).to_be_visible(timeout=WITHIN_MS)
    await expect(rows.first).to_be_visible()
    async with Agent(desk.web, desk.account("lead")) as lead:
        opened = await lead.get("/api/tickets/conversations", tag=tag, status="open")
        assert opened["total"] == MANY


async def choose(page: Page, within: Locator, button: str, option: str, role: Any = "menuitemradio") -> None:
    await within.get_by_role("button", name=button, exact=True).click()
    await page.get_by_role(role, name=option, exact=True).click()


async def finished(agent: Agent, job_id: str) -> bool:
    return bool((await agent.get(f"/api/tickets/bulk/{job_id}"))["state"] == "finished")


@pytest_asyncio.fixture
async def five_hundred(desk: Desk) -> AsyncIterator[list[str]]:
    """Ids of so many open conversations of one brand on a channel of somebody's own, all Maya's, oldest first.
    Closed again in the end, so that the desk is as it was."""
    wanted = {"brand": BRAND, "channel": "custom", "status": "open"}
    async with Agent(desk.web, desk.account("lead")) as lead:
        before = (
            await lead.post("/api/tickets/bulk", action={"kind": "close"}, filter=wanted)
            if await count(lead, wanted)
            else None
        )
        if before:
            await until(lambda: finished(lead, before["id"]), seconds=60)
        await write_many(desk, uuid.uuid4().hex[:8])
        await until(lambda: reached(lead, wanted), seconds=120)
        # Rules give new ones to whoever is online; once they have, all are one agent's.
        await until(lambda: reached(lead, {**wanted, "team": "email-support"}), seconds=120)
        given = await lead.post("/api/tickets/bulk", action={"kind": "assign", "assignee_id": "maya"}, filter=wanted)
        await until(lambda: finished(lead, given["id"]), seconds=60)
        ids: list[str] = []
        cursor: dict[str, str] = {}
        while len(ids) < MANY:
            listed = await lead.get("/api/tickets/conversations", **wanted, sort="started_first", limit=100, **cursor)
            ids += [one["head"]["id"] for one in listed["items"]]
            cursor = {"cursor": listed["next_cursor"]}
        yield ids
        done = await lead.post("/api/tickets/bulk", action={"kind": "close"}, ids=ids)
        await until(lambda: finished(lead, done["id"]), seconds=60)


async def count(agent: Agent, wanted: dict[str, str]) -> int:
    return int((await agent.get("/api/tickets/conversations", **wanted, limit=1))["total"])


async def reached(agent: Agent, wanted: dict[str, str]) -> bool:
    return await count(agent, wanted) == MANY


async def write_many(desk: Desk, run: str) -> None:
    limit = asyncio.Semaphore(AT_ONCE)
    headers = {"Authorization": f"Bearer {desk.integration_token}", "ce-specversion": "1.0", "ce-source": "/bulk-test"}
    headers["ce-type"] = "switchboard.integrations.MessagePosted.v1"

    async def write(client: httpx.AsyncClient, n: int) -> None:
        sender = {"id": f"{run}-{n}", "name": f"Customer {run} {n:03}"}
        event = {"channel": "whatsapp", "brand": BRAND, "thread": f"{run}-{n}", "sender": sender, "text": "Recalled?"}
        async with limit:
            answer = await client.post("/events", json=event, headers={**headers, "ce-id": f"{run}-{n}"})
            assert answer.status_code < 300, answer.text

    async with httpx.AsyncClient(base_url=desk.ingest, timeout=60) as client:
        await asyncio.gather(*(write(client, n) for n in range(MANY)))
