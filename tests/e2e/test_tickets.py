"""Another team must act: an agent asks, the back office works on it, the conversation shows it; and one issue that many
customers report. In the browser, on the running desk."""

from __future__ import annotations

import uuid

from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.outside import Sink, mail, send_mail, until
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"


async def test_a_refund_is_asked_for_worked_on_and_told_to_the_customer(desk: Desk, signed_in: SignedIn) -> None:
    order, subject = uuid.uuid4().hex[:8], f"Wrong pan {uuid.uuid4().hex[:6]}"
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text=f"Order #{order} brought the wrong pan."))
    agent = await signed_in("agent")
    await open_conversation(agent, subject)

    # the agent asks for it from the Links panel; what is missing is said at its field
    links = agent.get_by_role("complementary", name="Details")
    await links.get_by_role("button", name="New ticket or link").click()
    await agent.get_by_role("menuitem", name="Refund").click()
    form = agent.get_by_role("dialog", name="New ticket")
    await form.get_by_label("Order number").fill(order)
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_text("Reason is needed", exact=True)).to_be_visible()
    await choose(form, "Reason", "Wrong item")
    await choose(form, "Action", "Refund in full")
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_be_hidden()
    await expect(links.get_by_role("button", name=f"Refund {order}").first).to_contain_text("Submitted")

    # the same again: the one that exists is offered
    await links.get_by_role("button", name="New ticket or link").click()
    await agent.get_by_role("menuitem", name="Refund").click()
    await form.get_by_label("Order number").fill(f"#{order}")
    await choose(form, "Reason", "Wrong item")
    await choose(form, "Action", "Refund in full")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_role("button", name="Link this one")).to_be_visible()
    await agent.keyboard.press("Escape")

    # the back office begins at the tickets, and moves it
    worker = await signed_in("back-office")
    await worker.get_by_role("navigation", name="Ticket views").get_by_role("button", name="Refund").click()
    await worker.get_by_role("region", name="Tickets", exact=True).get_by_text(f"Refund {order}").click()
    ticket = worker.get_by_role("region", name="Ticket #")
    for before, after in (("Submitted", "In progress"), ("In progress", "Waiting on customer")):
        await ticket.get_by_role("button", name=before).click()
        await worker.get_by_role("menuitem", name=after).click()
        await expect(ticket.get_by_role("button", name=after)).to_be_visible()
    await ticket.get_by_role("textbox", name="Comment").fill("The bank has it.")
    await ticket.get_by_role("button", name="Comment").click()
    told = ticket.get_by_role("region", name="Timeline")
    await expect(told.get_by_text("The bank has it.")).to_be_visible()
    await ticket.get_by_role("button", name="Waiting on customer").click()
    await worker.get_by_role("menuitem", name="Resolved").click()

    # the conversation shows it by itself, and the customer is told
    timeline = agent.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("to Resolved")).to_be_visible(timeout=60_000)
    await expect(links.get_by_role("button", name=f"Refund {order}").first).to_contain_text("Resolved")
    letters = await until(lambda: Sink(desk.smtp_sink_http).to("ann@customer.example", subject))
    words = letters[0].get_body(("plain",))
    assert words
    assert "your refund is done" in words.get_content()
    assert "The bank has it" not in letters[0].as_string()


async def test_one_issue_of_many_customers_is_told_to_all_and_answers_those_chosen(
    desk: Desk, signed_in: SignedIn
) -> None:
    title = f"Checkout fails {uuid.uuid4().hex[:6]}"
    subjects = [f"Cannot pay {n} {uuid.uuid4().hex[:6]}" for n in range(2)]
    for n, subject in enumerate(subjects):
        sender = f"customer{n}@customer.example"
        await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text="It says error 7.", sender=sender))
    agent = await signed_in("agent")
    links = agent.get_by_role("complementary", name="Details")

    await open_conversation(agent, subjects[0])
    await links.get_by_role("button", name="New ticket or link").click()
    await agent.get_by_role("menuitem", name="Link a tracker…").click()
    await links.get_by_role("button", name="New tracker").click()
    form = agent.get_by_role("dialog", name="New ticket")
    await form.get_by_label("Title").fill(title)
    await form.get_by_role("button", name="Submit").click()
    await expect(links.get_by_role("button", name=title).first).to_be_visible()

    await open_conversation(agent, subjects[1])
    await links.get_by_role("button", name="New ticket or link").click()
    await agent.get_by_role("menuitem", name="Link a tracker…").click()
    await links.get_by_role("textbox", name="Find a tracker").fill(title)
    await links.get_by_role("option", name=title).click()
    await links.get_by_role("button", name=title).first.click()

    # two reports; one update resolves it, both conversations show it, one customer is answered
    details = agent.get_by_role("complementary", name="Details")
    await expect(details.get_by_role("button", name="Reports (2)")).to_be_visible()
    ticket = agent.get_by_role("region", name="Ticket #")
    await ticket.get_by_role("button", name="Submitted").click()
    await agent.get_by_role("menuitem", name="Resolved").click()
    resolve = agent.get_by_role("dialog", name="Resolve #")
    await resolve.get_by_label("Update").fill("Paying works again.")
    await resolve.get_by_label("Choose who is answered").check()
    await resolve.get_by_label(subjects[1]).check()
    await resolve.get_by_role("button", name="Resolve").click()
    await expect(ticket.get_by_role("button", name="Resolved")).to_be_visible()

    sink = Sink(desk.smtp_sink_http)
    assert await until(lambda: sink.to("customer1@customer.example", subjects[1]))
    for subject in subjects:
        await agent.get_by_role("navigation", name="Desk").get_by_role("button", name="Inbox").click()
        await open_conversation(agent, subject)
        timeline = agent.get_by_role("region", name="Timeline")
        await expect(timeline.get_by_text("“Paying works again.”")).to_be_visible(timeout=60_000)
    assert await sink.to("customer0@customer.example", subjects[0]) == []


async def choose(form: Locator, label: str, option: str) -> None:
    await form.get_by_label(label).first.click()
    await form.page.get_by_role("option", name=option).click()


async def open_conversation(page: Page, subject: str) -> None:
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()
    await page.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=60_000)
