"""The dashboard, the whole task: a lead sees who has what and what is late, live, and gives it to somebody else.

An agent goes away, hides where they are, and gets a clear no. In the browser, on the running desk.
"""

from __future__ import annotations

import re
import uuid

import httpx
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.outside import mail, send_mail, until
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"


def tile(page: Page, name: str) -> Locator:
    return page.get_by_label("All together").locator("div", has_text=name).locator("dd")


async def number(of: Locator) -> int:
    return int((await of.inner_text()).replace(",", ""))


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


async def choose(page: Page, *names: str) -> None:
    for name in names:
        await page.get_by_role("navigation", name="Desk").get_by_role("button").last.click()
        await page.get_by_role("menu").get_by_text(name, exact=True).click()


def name_of(desk: Desk, role: str) -> str:
    return str(desk.account(role)["name"])


async def test_a_lead_sees_the_desk_live_and_reassigns(desk: Desk, signed_in: SignedIn) -> None:
    agent, lead = await signed_in("agent"), await signed_in("lead")
    maya = name_of(desk, "agent")
    await choose(agent, "Online")
    await lead.get_by_role("button", name="Dashboard").click()
    await expect(lead.get_by_role("heading", name="Dashboard")).to_be_visible()

    # a mail comes in: the figures move by themselves
    await expect(tile(lead, "New today")).to_be_visible()
    before = await number(tile(lead, "New today"))
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=f"Dashboard {uuid.uuid4().hex[:6]}", text="Hello?"))

    async def rose() -> bool:
        return await number(tile(lead, "New today")) > before

    await until(rose)

    # an agent goes away, and comes back: it is seen at once, and how long it was is kept
    await choose(agent, "Break/Lunch")
    await expect(row(lead, maya).get_by_text("Away: Break/Lunch")).to_be_visible()
    await row(lead, maya).get_by_role("button").click()
    history = lead.get_by_role("dialog", name=f"{maya}, the last seven days")
    await expect(history.get_by_text("Break/Lunch").first).to_be_visible()
    await lead.keyboard.press("Escape")
    await choose(agent, "Online")
    await expect(row(lead, maya).get_by_text("Online")).to_be_visible()

    # what of each channel they have
    await expect(row(lead, maya).get_by_role("list", name="Load by channel")).to_contain_text(re.compile(r"Email: \d"))

    # a number opens the list that it counts
    async def some() -> bool:
        return await number(tile(lead, "Unassigned")) > 0

    await until(some)
    await tile(lead, "Unassigned").get_by_role("link").click()
    await expect(lead).to_have_url(re.compile("assignee=none"))
    await expect(lead.get_by_role("region", name="Conversations").locator("[data-row]").first).to_be_visible()
    await lead.go_back()

    # two of those who wait longest go to somebody else, and back
    late = lead.get_by_role("region", name="Waiting longest")
    leo = "Leo"
    others = late.get_by_role("listitem").filter(has_not_text=leo)
    await expect(others.nth(1)).to_be_visible()
    ids = (await others.evaluate_all("rows => rows.map((row) => row.dataset.id)"))[:2]
    for id_ in ids:
        await late.locator(f"[data-id='{id_}']").get_by_role("checkbox").check()
    await lead.get_by_role("button", name="Assign 2…").click()
    await (
        lead.get_by_label("Assign to")
        .get_by_role("combobox")
        .or_(lead.get_by_placeholder("Assign to…"))
        .first.fill(leo)
    )
    await lead.get_by_role("option").filter(has_text=leo).click()
    for id_ in ids:
        await expect(late.locator(f"[data-id='{id_}']").get_by_text(leo)).to_be_visible()
    await lead.get_by_role("button", name="Undo").click()
    for id_ in ids:
        await expect(late.locator(f"[data-id='{id_}']").get_by_text(leo)).to_be_hidden()


async def test_an_agent_is_told_no_and_hides_where_they_are(desk: Desk, signed_in: SignedIn) -> None:
    agent, lead = await signed_in("agent"), await signed_in("lead")
    maya = name_of(desk, "agent")
    await expect(agent.get_by_role("button", name="Macros")).to_be_visible()
    await expect(agent.get_by_role("button", name="Dashboard", exact=True)).to_be_hidden()
    await agent.goto(f"{desk.web}/dashboard")
    await expect(
        agent.get_by_text("Your role may not see the dashboard. An admin can change your role.")
    ).to_be_visible()

    # by HTTP too: neither to look, nor to hand on what somebody else has
    account = desk.account("agent")
    async with httpx.AsyncClient(base_url=desk.web, timeout=20) as client:
        body = {"email": account["email"], "password": account["password"]}
        token = (await client.post("/api/tickets/session", json=body)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert (await client.get("/api/tickets/dashboard")).status_code == 403
        page = (await client.get("/api/tickets/conversations", params={"inbox": "all", "limit": 100})).json()
        others = [one["head"] for one in page["items"] if one["head"]["assignee_id"] not in (None, account["agent_id"])]
        taken = await client.post(
            f"/api/tickets/conversations/{others[0]['id']}/assign",
            json={"team_id": others[0]["team_id"], "assignee_id": account["agent_id"]},
        )
        assert (taken.status_code, taken.json()["code"]) == (403, "assigned_to_other")

    # where the agent is, the lead sees until it is hidden
    await lead.goto(f"{desk.web}/dashboard")
    there = row(lead, maya).get_by_role("rowheader").locator("small")
    await expect(there).to_be_visible()
    async with agent.expect_response(lambda one: one.request.method == "PUT" and one.url.endswith("/place")):
        await choose(agent, "Hide location")
    await lead.reload()
    await expect(row(lead, maya).get_by_role("rowheader")).to_be_visible()
    await expect(there).to_be_hidden()
    async with agent.expect_response(lambda one: one.request.method == "PUT" and one.url.endswith("/place")):
        await choose(agent, "Hide location")
