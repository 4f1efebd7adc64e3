"""An agent answers a customer's mail in the browser, and sees the customer's next one come in by itself."""

from __future__ import annotations

import uuid

from playwright.async_api import Page, expect

from tests.desk import Desk
from tests.e2e.outside import Sink, mail, send_mail, until

ADDRESS = "support@paleohacks.example"


async def test_an_agent_answers_a_mail_and_sees_the_reply_come_in(desk: Desk, page: Page) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await sign_in(page, desk)
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()

    # the mail appears in the list by itself
    subject = f"Two pans instead of one {uuid.uuid4().hex[:6]}"
    first = mail(to=ADDRESS, subject=subject, text="I ordered one pan and two arrived. What shall I do?\n\nAnn")
    await send_mail(desk.smtp, first)
    row = page.get_by_role("region", name="Conversations").get_by_text(subject)
    await row.click(timeout=60_000)

    # it is assigned to an agent of the right team, with the rule that did it and why
    conversation = page.get_by_role("region", name="Conversation with Ann Lee")
    timeline = conversation.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("What shall I do?")).to_be_visible()
    decision = timeline.get_by_role("paragraph").filter(has_text="Messages to Paleo Hacks → Email Support")
    await expect(decision).to_contain_text("assigned Email Support")
    await decision.get_by_role("button", name="Why?").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Messages to Paleo Hacks → Email Support")
    await page.keyboard.press("Escape")

    # the agent answers; the answer leaves by mail
    await conversation.get_by_role("textbox", name="Reply").fill("Keep the second one, Ann. It is on us.")
    await conversation.get_by_role("button", name="Send", exact=True).click()
    await expect(timeline.get_by_text("Keep the second one, Ann.")).to_be_visible()
    sent = (await until(lambda: Sink(desk.smtp_sink_http).to("ann@customer.example", subject)))[0]
    assert sent["In-Reply-To"] == first["Message-ID"]
    await expect(timeline.get_by_text("Sent", exact=True)).to_be_visible()

    # the customer's answer comes in while the agent looks
    second = mail(to=ADDRESS, subject=f"Re: {subject}", text="How kind, thank you!")
    second["In-Reply-To"] = sent["Message-ID"]
    second["References"] = f"{first['Message-ID']} {sent['Message-ID']}"
    await send_mail(desk.smtp, second)
    await expect(timeline.get_by_text("How kind, thank you!")).to_be_visible(timeout=60_000)

    # a note stays inside; closing moves it out of the open ones
    await conversation.get_by_role("tab", name="Note").click()
    await conversation.get_by_role("textbox", name="Note").fill("Tell the depot about the double packing.")
    await conversation.get_by_role("button", name="Add note").click()
    await expect(timeline.get_by_text("Tell the depot about the double packing.")).to_be_visible()
    await conversation.get_by_role("button", name="Close", exact=True).click()
    await expect(conversation.get_by_role("button", name="Reopen")).to_be_visible()
    assert len(await Sink(desk.smtp_sink_http).to("ann@customer.example", subject)) == 1
    assert faults == []


async def test_what_an_agent_may_not_do_is_refused_with_a_sentence(desk: Desk, page: Page) -> None:
    observer = desk.account("observer")
    await sign_in(page, desk, role="observer")
    token = (
        await (
            await page.request.post(
                f"{desk.web}/api/tickets/session", data={"email": observer["email"], "password": observer["password"]}
            )
        ).json()
    )["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    listed = await page.request.get(f"{desk.web}/api/tickets/conversations?inbox=all", headers=headers)
    conversation = (await listed.json())["items"][0]["head"]["id"]
    refused = await page.request.post(
        f"{desk.web}/api/tickets/conversations/{conversation}/reply", headers=headers, data={"html": "<p>hi</p>"}
    )
    assert refused.status == 403
    assert "may not answer customers" in (await refused.json())["detail"]


async def sign_in(page: Page, desk: Desk, role: str = "lead") -> None:
    account = desk.account(role)
    await page.goto(desk.web)
    await page.get_by_label("Email").fill(account["email"])
    await page.get_by_label("Password", exact=True).fill(account["password"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Inboxes")).to_be_visible()
