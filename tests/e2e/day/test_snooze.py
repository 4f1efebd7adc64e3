"""A conversation sleeps until the brand's morning, and wakes on time or when the customer writes.

In the browser, on the running desk; the agent sits on the other side of the world.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation
from tests.e2e.outside import Agent, Sink, mail, send_mail, until
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"
BRAND, AGENT = ZoneInfo("America/Los_Angeles"), "Asia/Manila"


async def test_snoozed_until_the_brands_morning_and_awake_on_time_or_at_a_reply(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    sender, subject = f"Noa Berg <{mark}@home.example>", f"Not before tomorrow {mark}"
    letter = mail(to=ADDRESS, subject=subject, text="Write to me tomorrow.", sender=sender)
    await send_mail(desk.smtp, letter)
    page = await signed_in("lead", AGENT)
    await open_conversation(page, subject)
    open_one = page.get_by_role("region", name="Conversation with Noa Berg")
    timeline = page.get_by_role("region", name="Timeline")

    # answered, and put away: nine o'clock is the brand's, and the menu says so
    began = datetime.now(BRAND)
    await open_one.get_by_role("textbox", name="Reply").fill("Until tomorrow, then.")
    await open_one.get_by_role("button", name="More ways to send").click()
    await expect(page.get_by_text("mornings: 9:00 in Los Angeles")).to_be_visible()
    await page.get_by_role("menuitem", name=re.compile("^Tomorrow")).click()
    await expect(timeline.get_by_text("snoozed until")).to_be_visible(timeout=60_000)
    async with Agent(desk.web, desk.account("lead")) as lead:

        async def asleep() -> datetime | None:
            head = await lead.find(subject)
            return datetime.fromisoformat(head["snoozed_until"]) if head and head["snoozed_until"] else None

        sleeps = (await until(asleep)).astimezone(BRAND)
        assert (sleeps.hour, sleeps.minute) == (9, 0)
        days = {one.date() + timedelta(days=1) for one in (began, datetime.now(BRAND))}  # midnight may have passed
        assert sleeps.date() in days

        # the customer writes: it is there again at once
        answer = mail(to=ADDRESS, subject=f"Re: {subject}", text="It is urgent after all.", sender=sender)
        [ours] = await until(lambda: Sink(desk.smtp_sink_http).to(f"{mark}@home.example", subject))
        answer["In-Reply-To"] = ours["Message-ID"]
        await send_mail(desk.smtp, answer)
        await expect(timeline.get_by_text("It is urgent after all.")).to_be_visible()
        slept = await until(lambda: awake(lead, subject))

        # asleep again for a moment: it wakes by itself
        until_ = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        await lead.post(f"/api/tickets/conversations/{slept['id']}/snooze", until=until_)
        await expect(timeline.get_by_text("woke it: the snooze is over")).to_be_visible(timeout=60_000)
        await until(lambda: awake(lead, subject))


async def awake(lead: Agent, subject: str) -> dict[str, Any] | None:
    head = await lead.find(subject)
    return head if head and head["status"] == "open" and head["snoozed_until"] is None else None
