"""A warehouse is asked beside a conversation and answers into it, never to the customer; a lead merges a duplicate and
takes it apart again. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid
from email.message import EmailMessage
from typing import Any

from playwright.async_api import Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, mail, send_mail, until
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"
SLOW_MS = 20_000


async def test_a_warehouse_is_asked_beside_the_conversation_and_answers_into_it(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    customer, dock = f"ann.{mark}@customer.example", f"dock.{mark}@warehouse.example"
    subject, asked, told = f"Where is it {mark}", f"Parcel of {mark}", f"It left on Friday {mark}"
    await write(desk, f"Ann {mark} <{customer}>", subject)
    page = await signed_in("agent")
    await open_conversation(page, subject)

    # the customer is refused as a recipient, at once and with the reason
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="New side conversation").click()
    side = page.get_by_role("region", name="Side conversation")
    await expect(side.get_by_text("Hidden from the customer")).to_be_visible()
    await side.get_by_label("To", exact=True).fill(customer)
    await page.keyboard.press("Enter")
    await side.get_by_label("Subject").fill(asked)
    await side.get_by_role("textbox", name="Side message").fill("When did it leave you?")
    await side.get_by_role("button", name="Send").click()
    await expect(side.get_by_role("alert").get_by_text("is the customer")).to_be_visible(timeout=SLOW_MS)

    # the warehouse gets the mail, with nothing of the customer's in it
    await side.get_by_role("button", name=re.compile(f"Remove.*{re.escape(customer)}")).click()
    await side.get_by_label("To", exact=True).fill(dock)
    await page.keyboard.press("Enter")
    await side.get_by_role("button", name="Send").click()
    await expect(side.get_by_role("article")).to_have_count(1, timeout=SLOW_MS)
    sink = Sink(desk.smtp_sink_http)
    sent = (await until(lambda: sink.to(dock, asked)))[0]
    for hidden in (subject, customer):
        assert hidden not in sent.as_string()

    # its answer comes back into the side conversation, live
    await send_mail(desk.smtp, answer_to(sent, dock, told))
    await expect(side.get_by_text(told)).to_be_visible(timeout=SLOW_MS)
    await side.get_by_role("button", name="Back to the customer").click()
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_role("button", name=re.compile("answered"))).to_be_visible()

    # the customer is answered, and has seen nothing of it
    async with Agent(desk.web, desk.account("admin")) as admin:
        head = await found(admin, subject)
        assert head["sides"][0]["last_from"] == "them"
        await admin.post(f"/api/tickets/conversations/{head['id']}/reply", html="<p>It is on its way.</p>")
    letters = await until(lambda: sink.to(customer, subject))
    assert len(letters) == 1
    for hidden in (told, asked, dock, sent["Message-ID"]):
        assert hidden not in letters[0].as_string()


async def test_a_duplicate_is_merged_both_links_work_and_it_is_undone(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    who = f"Bo {mark} <{mark}@customer.example>"
    first, again, chosen = f"Lid broke {mark}", f"Lid again {mark}", f"Broken lid {mark}"
    for subject in (first, again):
        await write(desk, who, subject)
    async with Agent(desk.web, desk.account("admin")) as admin:
        # What routing does after a merge would stand in the way of taking it back.
        for subject in (first, again):
            await until(lambda subject=subject: admin.assigned(subject))
    page = await signed_in("lead")
    await open_conversation(page, again)
    await expect(page.get_by_role("heading", name=f"Bo {mark}", level=1)).to_be_visible()
    link = page.url

    # the customer's other one is offered; both are seen, the subject is chosen
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Merge with another…").click()
    dialog = page.get_by_role("dialog", name="Merge conversations")
    await dialog.get_by_role("button", name=re.compile(first)).click(timeout=SLOW_MS)
    await expect(dialog.get_by_label("Subject from now on")).to_have_value(first)
    await dialog.get_by_label("Subject from now on").fill(chosen)
    await dialog.get_by_role("button", name="Merge", exact=True).click()
    await expect(dialog).to_be_hidden(timeout=SLOW_MS)

    # one history, by time; the old link leads there
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text(words_of(first))).to_be_visible(timeout=SLOW_MS)
    await expect(timeline.get_by_text(words_of(again))).to_be_visible()
    kept = page.url
    assert kept != link
    await page.goto(link)
    await expect(page).to_have_url(kept, timeout=SLOW_MS)
    await expect(page.get_by_text(chosen).first).to_be_visible()
    conversations = page.get_by_role("region", name="Conversations")
    await expect(conversations.get_by_text(again)).to_have_count(0)

    # taken apart again, as nobody has done anything since
    await timeline.get_by_role("button", name="Undo the merge").click()
    await expect(timeline.get_by_text(words_of(again))).to_have_count(0, timeout=SLOW_MS)
    await expect(conversations.get_by_text(again)).to_be_visible(timeout=SLOW_MS)
    async with Agent(desk.web, desk.account("admin")) as admin:
        heads = [await found(admin, one) for one in (first, again)]
    assert [one["merged_into"] for one in heads] == [None, None]


async def test_an_agent_follows_and_is_not_offered_to_merge(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    subject = f"Follow me {mark}"
    await write(desk, f"Cy {mark} <{mark}@customer.example>", subject)
    page = await signed_in("agent")
    await open_conversation(page, subject)
    await page.get_by_role("button", name="More actions").click()
    await expect(page.get_by_role("menuitem", name="Merge with another…")).to_have_count(0)
    await page.get_by_role("menuitem", name="Follow", exact=True).click()
    await expect(page.get_by_text("You follow this conversation")).to_be_visible(timeout=SLOW_MS)
    await page.get_by_role("button", name="More actions").click()
    await expect(page.get_by_role("menuitem", name="Stop following")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="Followed by you").click()
    await expect(page.get_by_role("region", name="Conversations").get_by_text(subject)).to_be_visible()


# ── the parts ────────────────────────────────────────────────────────────────────────────────────
def answer_to(sent: EmailMessage, sender: str, text: str) -> EmailMessage:
    reply = mail(to=ADDRESS, subject=f"Re: {sent['Subject']}", text=text, sender=f"Dock <{sender}>")
    reply["In-Reply-To"] = sent["Message-ID"]
    reply["References"] = sent["Message-ID"]
    return reply


def words_of(subject: str) -> str:
    """Told apart from the subject, wherever both are shown."""
    return f"About {subject[::-1]}"


async def write(desk: Desk, sender: str, subject: str) -> None:
    """A mail, and wait until it is a conversation."""
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text=words_of(subject), sender=sender))
    async with Agent(desk.web, desk.account("admin")) as admin:
        await until(lambda: admin.find(subject))


async def found(admin: Agent, subject: str) -> dict[str, Any]:
    head: dict[str, Any] = await until(lambda: admin.find(subject))
    return head


async def open_conversation(page: Page, subject: str) -> None:
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()
    await page.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=SLOW_MS)
