"""What an agent asks of other teams, and writes to customers first: each kind of ticket asked for once and linked the
second time, a subscription that is saved, a letter with copies. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.async_api import Page, expect

from tests.desk import Desk
from tests.e2e.outside import Sink, mail, send_mail, until
from tests.e2e.test_tickets import choose, open_conversation
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"

KINDS = {
    "Quality": (("SKU", "Lot"), ("Issue", "Packaging")),
    "Fulfillment": (("Order number",), ("Issue", "Lost")),
    "Subscription cancel": (("Subscription",), ("Reason", "Too expensive")),
}
"""By the type's name: the fields that make two of them the same, and one that does not."""


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_thing_is_asked_for_once_and_linked_again(desk: Desk, signed_in: SignedIn, kind: str) -> None:
    mark = uuid.uuid4().hex[:8]
    subjects = [f"{kind} {n} {mark}" for n in (1, 2)]
    for n, subject in enumerate(subjects):
        sender = f"Customer {n} <{mark}.{n}@home.example>"
        await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text="Can you help?", sender=sender))
    agent = await signed_in("agent")
    details = agent.get_by_role("complementary", name="Details")
    linked = details.get_by_role("button", name=re.compile(rf"#\d+ {kind} "))

    await open_conversation(agent, subjects[0])
    await ask_for(agent, kind, mark)
    await agent.get_by_role("dialog", name="New ticket").get_by_role("button", name="Submit").click()
    await expect(linked.first).to_contain_text("Submitted")
    number = re.search(r"#\d+", await linked.first.inner_text())

    # another customer with the same: there is one already
    await open_conversation(agent, subjects[1])
    await expect(linked).to_have_count(0)
    await ask_for(agent, kind, mark)
    form = agent.get_by_role("dialog", name="New ticket")
    await form.get_by_role("button", name="Submit").click()
    await form.get_by_role("button", name="Link this one").click()
    await expect(form).to_be_hidden()
    await expect(linked.first).to_contain_text("Submitted")
    assert number is None or number.group() in await linked.first.inner_text()


async def test_a_subscription_is_saved_and_its_ticket_says_so(desk: Desk, signed_in: SignedIn) -> None:
    kind, mark = "Subscription cancel", uuid.uuid4().hex[:8]
    subject = f"Please cancel {mark}"
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text="It is too much for me."))
    agent = await signed_in("agent")
    await open_conversation(agent, subject)
    await ask_for(agent, kind, mark)
    await agent.get_by_role("dialog", name="New ticket").get_by_role("button", name="Submit").click()
    links = agent.get_by_role("complementary", name="Details")
    await expect(links.get_by_role("button", name=f"{kind} {mark}").first).to_contain_text("Submitted")

    # it stands among the conversations whose ticket nobody has begun, whatever its own status
    conversations = agent.get_by_role("region", name="Conversations", exact=True)
    row = conversations.get_by_text(subject)

    async def listed(before: str, state: str) -> None:
        await conversations.get_by_role("button", name=f"Status: {before}").click()
        await agent.get_by_role("menuitemradio", name=state, exact=True).click()
        await expect(conversations.get_by_role("button", name=f"Status: {state}")).to_be_visible()

    await listed("Open", "In progress")
    await expect(row).to_have_count(0)
    await listed("In progress", "Submitted")
    await expect(row).to_be_visible()

    # it cannot be resolved without saying how it ended
    worker = await signed_in("back-office")
    await worker.get_by_role("navigation", name="Ticket views").get_by_role("button", name=kind).click()
    await worker.get_by_role("region", name="Tickets", exact=True).get_by_text(f"{kind} {mark}").click()
    ticket = worker.get_by_role("region", name="Ticket #")
    await ticket.get_by_role("button", name="Submitted").click()
    await worker.get_by_role("menuitem", name="Resolved").click()
    resolve = worker.get_by_role("dialog", name="Resolve #")
    await resolve.get_by_role("button", name="Resolve").click()
    await expect(resolve.get_by_text("Outcome is needed", exact=True)).to_be_visible()
    await choose(resolve, "Outcome", "saved")
    await resolve.get_by_role("button", name="Resolve").click()
    await expect(ticket.get_by_role("button", name="Resolved")).to_be_visible()
    await expect(links.get_by_role("button", name=f"{kind} {mark}").first).to_contain_text("Resolved", timeout=60_000)
    await expect(row).to_have_count(0)
    await listed("Submitted", "Resolved")
    await expect(row).to_be_visible()
    await listed("Resolved", "Any status")
    await expect(row).to_be_visible()


async def test_a_ticket_is_made_taken_worked_on_and_resolved_mostly_by_keys(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    worker = await signed_in("back-office")
    keys = worker.keyboard
    tickets = worker.get_by_role("region", name="Tickets", exact=True)
    # The page is there before it is known what its reader may do, and with that its keys.
    views = worker.get_by_role("navigation", name="Ticket views")
    await expect(views.get_by_role("button", name="New ticket")).to_be_visible()

    # what is needed is chosen first, then the hand is in the first field
    await keys.press("i")
    form = worker.get_by_role("dialog", name="New ticket")
    await form.get_by_role("group", name="Type").get_by_role("button", name="Adverse event").click()
    await expect(form.get_by_label("SKU")).to_be_focused()
    await keys.type(f"BN-{mark}")
    await form.get_by_label("Title").fill(f"Rash {mark}")
    await form.get_by_label("Symptoms").fill("A rash on both arms, gone after a day.")
    await form.get_by_label("Since", exact=True).fill("3 May 2026")
    await form.get_by_role("radiogroup", name="Saw a doctor").get_by_text("Yes").click()
    await keys.press("Control+Enter")
    await expect(form).to_be_hidden()
    await worker.get_by_role("button", name="Open", exact=True).click()

    # what it is about is read at once; it is taken and begun
    ticket = worker.get_by_role("region", name="Ticket #")
    about = ticket.get_by_role("region", name="Adverse event")
    await expect(about).to_contain_text("3 May 2026")
    await expect(about).to_contain_text("Saw a doctorYes")
    await expect(about).to_contain_text("Reported to the authority onNeeded to resolve")
    await keys.press("a")
    await expect(ticket.get_by_title("Assigned to")).to_be_visible()
    await keys.press("e")
    await expect(ticket.get_by_role("button", name="In progress")).to_be_visible()

    # a word is mended, another time is promised
    await about.get_by_role("button", name="Edit").click()
    await about.get_by_label("Lot").fill("L2407")
    await about.get_by_role("button", name="Save").click()
    await expect(about.get_by_role("button", name="Edit")).to_be_visible()
    await expect(about).to_contain_text("LotL2407")
    details = worker.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Due:").click()
    await worker.get_by_role("menuitem", name="In a month").click()
    await expect(ticket.get_by_role("region", name="Timeline").get_by_text("set it due")).to_be_visible()

    # it stands among those in progress, and among no others
    async def listed(state: str) -> None:
        await tickets.get_by_role("button", name="State:").click()
        await worker.get_by_role("menuitem", name=re.compile(f"^{state}")).click()
        await expect(tickets.get_by_role("button", name=f"State: {state}")).to_be_visible()

    await worker.get_by_role("navigation", name="Ticket views").get_by_role("button", name="Adverse event").click()
    row = tickets.get_by_role("button").filter(has_text=mark)
    await listed("Waiting on customer")
    await expect(row).to_have_count(0)
    await listed("In progress")
    await row.click()

    # it is resolved when what that needs is said
    await expect(ticket.get_by_role("button", name="Resolve", exact=True)).to_be_visible()
    await keys.press("e")
    resolve = worker.get_by_role("dialog", name="Resolve #")
    await resolve.get_by_role("button", name="Resolve").click()
    await expect(resolve.get_by_text("Reported to the authority on is needed", exact=True)).to_be_visible()
    await resolve.get_by_label("Reported to the authority on").fill("2026-05-04")
    await keys.press("Control+Enter")
    await expect(resolve).to_be_hidden()
    await expect(ticket.get_by_role("button", name="Reopen")).to_be_visible()
    await listed("Resolved")
    await expect(row).to_contain_text("Resolved")


async def test_a_letter_to_a_customer_with_copies_then_a_note_and_done(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    to, cc, bcc = (f"{name}.{mark}@home.example" for name in ("ann", "cleo", "ben"))
    subject = f"Your order is late {mark}"
    page = await signed_in("agent")
    await page.get_by_role("button", name="New", exact=True).click()
    await page.get_by_role("menuitem", name="New conversation").click()
    letter = page.get_by_role("dialog", name="New conversation")
    await letter.get_by_label("From").click()
    await page.get_by_role("option", name=re.compile("^Paleo Hacks")).click()
    for label, address in (("To", to), ("Cc", cc), ("Bcc", bcc)):
        if label != "To":
            await letter.get_by_role("button", name=label, exact=True).click()
        await letter.get_by_label(label, exact=True).fill(address)
        await page.keyboard.press("Enter")
    await letter.get_by_label("Subject").fill(subject)
    await letter.get_by_role("textbox", name="Message").fill("It left our warehouse only today.")
    await letter.get_by_role("button", name="Send").click()

    # the conversation is open, and everybody has the letter; of the hidden copy nobody is told
    await expect(letter).to_be_hidden()
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("It left our warehouse only today.")).to_be_visible()
    sink = Sink(desk.smtp_sink_http)
    for address in (to, cc, bcc):
        [copy] = await until(lambda address=address: sink.to(address, subject))
        assert (to in copy["To"], cc in copy["Cc"], bcc in copy.as_string()) == (True, True, False)

    # a note for colleagues, and done
    open_one = page.get_by_role("region", name="Conversation with")
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await open_one.get_by_role("textbox", name="Note").fill("Told before anybody asked.")
    await open_one.get_by_role("button", name="Add note").click()
    await expect(timeline.get_by_text("Told before anybody asked.")).to_be_visible()
    await open_one.get_by_role("button", name="Close", exact=True).click()
    await expect(open_one.get_by_role("button", name="Reopen")).to_be_visible()
    assert len(await sink.to(to, subject)) == 1


async def ask_for(agent: Page, kind: str, mark: str) -> None:
    """The form of a new ticket of this kind, filled in for the conversation that is open."""
    same, (choice, chosen) = KINDS[kind]
    details = agent.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="New ticket or link").click()
    await agent.get_by_role("menuitem", name=kind).click()
    form = agent.get_by_role("dialog", name="New ticket")
    for label in same:
        await form.get_by_label(label).fill(mark)
    await choose(form, choice, chosen)
