"""A lead says by when refunds are resolved; the back office sees it on the ticket, it stands still while the customer
is to answer, and resolving meets it. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid

from playwright.async_api import expect

from tests.desk import Desk
from tests.e2e.outside import Agent
from tests.tabs import SignedIn

SLOW_MS = 30_000


async def test_a_ticket_has_its_time_stands_still_with_the_customer_and_is_resolved_in_time(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    name, order = f"Refunds {mark}", f"R-{mark}"
    page = await signed_in("lead")

    # a policy for tickets whose order says so; what it wants of conversations is taken out
    await page.goto(f"{desk.web}/settings/sla")
    await page.get_by_role("button", name="Add a policy").click()
    form = page.get_by_role("form", name="New policy")
    await form.get_by_label("Name", exact=True).fill(name)
    await form.get_by_label("First answer", exact=True).fill("")
    await expect(form.get_by_text("No conversation: it has no target for them.")).to_be_visible()
    tickets = form.get_by_role("group", name="Tickets")
    await tickets.get_by_label("Resolution", exact=True).fill("2")
    await expect(tickets.get_by_text("Every ticket of these brands.")).to_be_visible()
    await tickets.get_by_role("button", name="Add a condition").click()
    await tickets.get_by_label("What", exact=True).click()
    await page.get_by_role("option", name="Refund: Order number", exact=True).click()
    await tickets.get_by_label("How", exact=True).click()
    await page.get_by_role("option", name="is", exact=True).click()
    await tickets.get_by_label("With what", exact=True).fill(order)
    await expect(form.get_by_role("list", name="What begins now")).to_contain_text("Resolution: due")
    await form.get_by_role("button", name="Publish").click()
    line = page.get_by_role("list", name="Policies").get_by_role("button").filter(has_text=name)
    await expect(line).to_contain_text("Tickets resolved in 2 h", timeout=SLOW_MS)

    # an agent asks for a refund
    async with Agent(desk.web, desk.account("agent")) as agent:
        fields = {"order": order, "reason": "Wrong item", "action": "Refund in full"}
        body = {"type_id": "refund", "fields": fields, "brand_id": None}
        made = await agent.client.post("/api/tickets/tickets", json=body)
        assert made.status_code == 201, made.text

    # the back office sees by when, in the list, the details and the timeline
    worker = await signed_in("back-office")
    await worker.goto(f"{desk.web}/tickets/open")
    row = worker.get_by_role("region", name="Tickets", exact=True).get_by_role("button").filter(has_text=order)
    await expect(row.get_by_title(re.compile("^Resolution due"))).to_be_visible(timeout=SLOW_MS)
    await row.click()
    details = worker.get_by_role("complementary", name="Details")
    await expect(details.get_by_text("2 h left")).to_be_visible()
    await expect(details.get_by_text(name)).to_be_visible()
    timeline = worker.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text(re.compile("expects the resolution by"))).to_be_visible()

    # it stands still while we wait for the customer: what is left of the promise of its type remains
    ticket = worker.get_by_role("region", name="Ticket #")
    await ticket.get_by_role("button", name="Submitted").click()
    await worker.get_by_role("menuitem", name="Waiting on customer").click()
    await expect(details.get_by_text("Paused, 2 h left")).to_be_visible(timeout=SLOW_MS)
    await expect(row.get_by_title(re.compile("^Resolution due"))).to_have_count(0)
    await expect(row.get_by_title(re.compile("^Due"))).to_be_visible()

    # resolved in time
    await ticket.get_by_role("button", name="Waiting on customer").click()
    await worker.get_by_role("menuitem", name="Resolved").click()
    await expect(timeline.get_by_text(re.compile("noted the resolution, in time"))).to_be_visible(timeout=SLOW_MS)
    await expect(details.get_by_role("button", name="Service level")).to_have_count(0)

    # and the desk is as it was
    async with Agent(desk.web, desk.account("lead")) as lead:
        for one in (await lead.get("/api/routing/sla/policies"))["items"]:
            if mark in one["name"]:
                await lead.client.post(
                    f"/api/routing/sla/policies/{one['id']}/retire",
                    json={},
                    headers={"If-Match": f'"{one["version"]}"'},
                )
