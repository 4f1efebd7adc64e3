"""The line goes away while an agent works: it is said, what is done waits, and is done once when the line is back."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

import httpx
from playwright.async_api import Browser, Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, Sink, until
from tests.e2e.plug import Plug
from tests.tabs import SignedIn

WITHIN_MS = 30_000


async def test_what_is_done_offline_is_done_once_the_line_is_back(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    address, subject = f"{mark}@home.example", f"Offline {mark}"
    await write(desk, f"Nils Berg <{address}>", subject)
    page = await signed_in("agent")
    await open_conversation(page, subject)
    conversation = page.get_by_role("region", name="Conversation with Nils Berg")
    await expect(conversation.get_by_role("textbox", name="Reply")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_visible(timeout=WITHIN_MS)

    await reply(page, "It is on its way.")
    await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("It is on its way.")
    await expect(conversation.get_by_role("textbox", name="Reply")).to_have_text("")
    await note(page, "Tell the depot.")
    await conversation.get_by_role("button", name="Set priority").click()
    await take(page)
    details = page.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Add Root cause").click()
    await page.get_by_role("option", name="Carrier").click()
    await expect(details.get_by_role("button", name="Edit Root cause: Carrier")).to_be_visible()
    await expect(details.get_by_role("list", name="Not saved yet")).to_contain_text("Root cause waits")
    await conversation.get_by_role("button", name="Close", exact=True).click()
    await expect(conversation.get_by_role("button", name="Reopen")).to_be_visible()
    await expect(page.get_by_text("6 changes wait here")).to_be_visible()

    await page.context.set_offline(False)
    await expect(page.get_by_role("status").filter(has_text="wait")).to_have_count(0, timeout=WITHIN_MS)
    done = await events(desk, subject, "ReplySent")  # it is held for its undo, and so comes last
    counted = Counter(one["type"] for one in done)
    for kind in ("ReplySent", "NoteAdded", "PriorityChanged", "AttributesChanged", "Closed"):
        assert counted[kind] == 1, counted
    await expect(details.get_by_role("button", name="Edit Root cause: Carrier")).to_be_visible()
    assert len(await until(lambda: Sink(desk.smtp_sink_http).to(address, subject))) == 1


async def test_nothing_is_lost_or_sent_twice_when_answers_are_lost_and_the_tab_is_closed(
    desk: Desk, browser: Browser
) -> None:
    mark = uuid.uuid4().hex[:8]
    address, subject = f"{mark}@home.example", f"Unplugged {mark}"
    await write(desk, f"Olga Lund <{address}>", subject)
    async with Plug(desk.web) as plug:
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=plug.url)
        page = await context.new_page()
        await sign_in(page, desk)
        await open_conversation(page, subject)
        await expect(page.get_by_role("textbox", name="Reply")).to_be_visible()
        # the server does it, and the answer never comes
        plug.mute()
        await note(page, "Heard, and not answered.")
        await events(desk, subject, "NoteAdded")
        plug.pull()
        await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("Heard, and", timeout=WITHIN_MS)
        await reply(page, "Said while unplugged.")
        await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("Said while")
        await page.close()
        plug.push()

        page = await context.new_page()
        await page.goto("/inbox/mine")
        done = await events(desk, subject, "ReplySent")
        assert Counter(one["type"] for one in done)["NoteAdded"] == 1
        assert len(await until(lambda: Sink(desk.smtp_sink_http).to(address, subject))) == 1
        assert await page.evaluate("Object.keys(localStorage).filter((name) => name.includes('waiting'))") == []
        await context.close()


async def test_what_is_done_to_a_ticket_offline_is_done_once_though_the_tab_is_closed(
    desk: Desk, signed_in: SignedIn
) -> None:
    async with Agent(desk.web, desk.account("lead")) as lead:
        made = await lead.post("/api/tickets/tickets", type_id="tracker", title=f"Offline {uuid.uuid4().hex[:8]}")
        id_ = made["head"]["id"]
        page = await signed_in("back-office")
        await page.goto(f"{desk.web}/tickets/open/{id_}")
        ticket = page.get_by_role("region", name="Ticket #")
        await expect(ticket.get_by_role("button", name="Start", exact=True)).to_be_visible()
        box = ticket.get_by_role("textbox", name="Comment")
        await box.fill("Seen at")
        await expect(ticket.get_by_text("Draft saved")).to_be_visible(timeout=WITHIN_MS)
        await page.context.set_offline(True)
        await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_visible(timeout=WITHIN_MS)

        await ticket.get_by_role("button", name="Start", exact=True).click()
        await expect(ticket.get_by_role("button", name="In progress")).to_be_visible()
        await expect(page.get_by_text("sent when the connection is back")).to_be_visible()
        await ticket.get_by_role("button", name="Take it").click()
        await expect(ticket.get_by_title("Assigned to")).to_be_visible()
        await expect(page.get_by_text("2 changes wait here")).to_be_visible()
        # what is said stands among what happened; what is written after it is the draft
        await box.fill("Seen at two shops.")
        await ticket.get_by_role("button", name="Comment", exact=True).click()
        waits = ticket.get_by_role("article", name="Not sent yet")
        await expect(waits).to_contain_text("Seen at two shops.")
        await expect(box).to_have_value("")
        await box.fill("And at a third")
        await expect(page.get_by_text("3 changes wait here")).to_be_visible()

        # the tab is closed; the next one sends it
        context = page.context
        await page.close()
        await context.set_offline(False)
        page = await context.new_page()
        await page.goto(f"{desk.web}/tickets/open/{id_}")
        ticket = page.get_by_role("region", name="Ticket #")
        await expect(ticket.get_by_role("textbox", name="Comment")).to_have_value("And at a third")

        async def done() -> bool:
            head = await lead.get(f"/api/tickets/tickets/{id_}")
            return head["state"] == "in_progress" and head["assignee_id"] == desk.account("back-office")["agent_id"]

        await until(done)
        await expect(ticket.get_by_role("button", name="In progress")).to_be_visible()
        await expect(page.get_by_role("status").filter(has_text="wait")).to_have_count(0, timeout=WITHIN_MS)
        items = (await lead.get(f"/api/tickets/tickets/{id_}/timeline"))["items"]
        happened = Counter(one["type"] for one in items)
        assert (happened["TicketStateChanged"], happened["TicketAssigned"], happened["TicketCommented"]) == (1, 1, 1)
        assert items[-1]["data"]["text"] == "Seen at two shops."
        await expect(ticket.get_by_role("article")).to_have_count(1)
        await expect(ticket.get_by_role("article")).to_contain_text("Seen at two shops.")

        # the draft behind it goes on from there, and a colleague sees what was said
        async with Agent(desk.web, desk.account("back-office")) as worker:

            async def kept() -> bool:
                drafts = (await worker.get(f"/api/tickets/tickets/{id_}/drafts"))["items"]
                return drafts["comment"]["text"] == "And at a third"

            await until(kept)
        await expect(ticket.get_by_text("This draft was")).to_have_count(0)
        other = await signed_in("lead")
        await other.goto(f"{desk.web}/tickets/open/{id_}")
        said = other.get_by_role("region", name="Ticket #").get_by_role("article")
        await expect(said).to_have_count(1)
        await expect(said).to_contain_text("Seen at two shops.")


async def test_what_is_entered_of_a_contact_offline_is_saved_once_and_over_nobody(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    subject = f"Who {mark}"
    await write(desk, f"Tor Lie <{mark}@home.example>", subject)
    page = await signed_in("agent")
    await open_conversation(page, subject)
    details = page.get_by_role("complementary", name="Details")
    await expect(details.get_by_role("button", name="Add Location")).to_be_visible()
    async with Agent(desk.web, desk.account("lead")) as lead:
        id_ = (await found(lead, subject))["contact_id"]
        path = f"/api/tickets/contacts/{id_}"
        before = (await lead.get(path))["contact"]["seq"]
        await page.context.set_offline(True)
        await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_visible(timeout=WITHIN_MS)

        unsaved = details.get_by_role("list", name="Not saved yet")
        await enter(details, "Add Language", "Language", "nb")
        await enter(details, "Edit Language", "Language", "nn")
        await enter(details, "Add email", "Secondary", f"{mark}@work.example")
        await enter(details, "Add Location", "Location", "Oslo")
        await expect(details.get_by_role("button", name="Edit Location: Oslo")).to_be_visible()
        await expect(details.get_by_role("button", name=f"Edit Secondary: {mark}@work.example")).to_be_visible()
        await expect(unsaved.get_by_text("waits for the connection")).to_have_count(4)
        await expect(page.get_by_text("4 changes wait here")).to_be_visible()
        # a colleague is faster with one of them
        told = await lead.client.patch(path, json={"location": "Bergen", "seen_seq": before})
        assert told.status_code == 200, told.text

        await page.context.set_offline(False)
        refused = unsaved.get_by_role("alert")
        await expect(refused).to_contain_text("changed the location to Bergen", timeout=WITHIN_MS)
        await expect(refused).to_contain_text("Oslo")
        await expect(unsaved.get_by_role("listitem")).to_have_count(0)  # the alert alone is left
        await expect(details.get_by_role("button", name="Edit Location: Bergen")).to_be_visible()

        known = (await lead.get(path))["contact"]
        assert (known["language"], known["location"]) == ("nn", "Bergen")
        assert known["emails"] == [f"{mark}@home.example", f"{mark}@work.example"]
        changed = [one["values"] for one in (await lead.get(f"{path}/timeline"))["items"] if one["seq"] > before]
        assert Counter(name for values in changed for name in values) == {"language": 2, "emails": 1, "location": 1}

        await unsaved.get_by_role("button", name="Save anyway").click()
        await expect(details.get_by_role("button", name="Edit Location: Oslo")).to_be_visible()
        await expect(unsaved).to_have_count(0)

        async def saved() -> bool:
            return (await lead.get(path))["contact"]["location"] == "Oslo"

        await until(saved)


async def test_a_note_about_somebody_offline_is_added_once_by_the_page_that_opens_next(
    desk: Desk, browser: Browser
) -> None:
    mark = uuid.uuid4().hex[:8]
    async with Agent(desk.web, desk.account("lead")) as lead:
        await write(desk, f"Tor {mark} <{mark}@home.example>", f"Who {mark}")
        id_ = (await found(lead, f"Who {mark}"))["contact_id"]
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=desk.web)
        page = await context.new_page()
        await sign_in(page, desk)
        await page.goto(f"/contacts/all/{id_}")
        box = page.get_by_role("textbox", name="Note about this person")
        await box.fill(f"Likes tea {mark}.")
        await context.set_offline(True)
        await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_visible(timeout=WITHIN_MS)
        await page.get_by_role("button", name="Add note").click()
        waits = page.get_by_role("list", name="Not sent yet")
        await expect(waits).to_contain_text(f"Likes tea {mark}.")
        await expect(box).to_have_value("")
        await page.close()

        await context.set_offline(False)
        page = await context.new_page()
        await page.goto(f"/contacts/all/{id_}")
        activity = page.get_by_role("list", name="Activity")
        await expect(activity.get_by_text(f"Likes tea {mark}.")).to_have_count(1, timeout=WITHIN_MS)
        await expect(page.get_by_role("list", name="Not sent yet")).to_have_count(0)
        await expect(page.get_by_role("textbox", name="Note about this person")).to_have_value("")
        items = (await lead.get(f"/api/tickets/contacts/{id_}/timeline"))["items"]
        assert [one["data"]["text"] for one in items if one["type"] == "ContactNoted"] == [f"Likes tea {mark}."]


async def test_a_customer_who_wrote_meanwhile_is_read_before_the_waiting_reply_goes(
    desk: Desk, signed_in: SignedIn
) -> None:
    name = f"Per {uuid.uuid4().hex[:8]}"
    await say(desk, name, "Where is it?")
    page = await signed_in("agent")
    await open_conversation(page, name)
    await expect(page.get_by_role("textbox", name="Reply")).to_be_visible()
    await page.context.set_offline(True)
    await reply(page, "We send another.")
    await say(desk, name, "It came!")
    async with Agent(desk.web, desk.account("agent")) as agent:
        head = await found(agent, name)
        await until(lambda: has(agent, head["id"], "CustomerReplied", 1))

        await page.context.set_offline(False)
        unsent = page.get_by_role("list", name="Not sent yet")
        await expect(unsent.get_by_role("alert")).to_contain_text("wasn’t sent", timeout=WITHIN_MS)
        assert not await has(agent, head["id"], "ReplySent", 1)
        await unsent.get_by_role("button", name="Edit it").click()
        await expect(page.get_by_role("textbox", name="Reply")).to_have_text("We send another.")
        await expect(unsent).to_have_count(0)


async def say(desk: Desk, name: str, text: str) -> None:
    """Somebody writes on a channel of the desk's own, always in the same conversation."""
    event = {"channel": "whatsapp", "brand": "earth-echo", "thread": name, "sender": {"id": name, "name": name}}
    headers = {
        "Authorization": f"Bearer {desk.integration_token}",
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": uuid.uuid4().hex,
        "ce-source": "/test",
        "ce-type": "switchboard.integrations.MessagePosted.v1",
    }
    async with httpx.AsyncClient(timeout=20) as client:
        posted = await client.post(f"{desk.ingest}/events", json={**event, "text": text}, headers=headers)
        assert posted.status_code < 300, posted.text


async def sign_in(page: Page, desk: Desk) -> None:
    account = desk.account("agent")
    await page.goto("/")
    await page.get_by_label("Email").fill(account["email"])
    await page.get_by_label("Password", exact=True).fill(account["password"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Desk")).to_be_visible()


async def reply(page: Page, text: str) -> None:
    await page.get_by_role("tab", name="Reply").click()
    await page.get_by_role("textbox", name="Reply").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


async def note(page: Page, text: str) -> None:
    await page.get_by_role("tab", name="Note").click()
    await page.get_by_role("textbox", name="Note").fill(text)
    await page.get_by_role("button", name="Add note").click()


async def enter(details: Locator, opens: str, field: str, words: str) -> None:
    """Into a field of a contact."""
    await details.get_by_role("button", name=opens).click()
    await details.get_by_label(field, exact=True).fill(words)
    await details.get_by_label(field, exact=True).press("Enter")


async def take(page: Page) -> None:
    """A tag."""
    await page.get_by_role("complementary", name="Details").get_by_role("button", name="Add tag").click()
    await expect(page.get_by_role("textbox", name="Tag", exact=True)).to_be_focused()
    await page.keyboard.type("offline")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")


async def found(agent: Agent, subject: str) -> dict[str, Any]:
    async def look() -> Any:
        listed = await agent.get("/api/tickets/conversations", inbox="all", status="all")
        return next(
            (
                one["head"]
                for one in listed["items"]
                if subject in (one["head"]["subject"], one["head"]["contact_name"])
            ),
            None,
        )

    head: dict[str, Any] = await until(look)
    return head


async def timeline(agent: Agent, id_: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await agent.get(f"/api/tickets/conversations/{id_}/timeline"))["items"]
    return items


async def has(agent: Agent, id_: str, kind: str, count: int) -> bool:
    return sum(one["type"] == kind for one in await timeline(agent, id_)) >= count


async def events(desk: Desk, subject: str, last: str) -> list[dict[str, Any]]:
    """Everything that happened to the conversation, once `last` has."""
    async with Agent(desk.web, desk.account("agent")) as agent:
        head = await found(agent, subject)
        await until(lambda: has(agent, head["id"], last, 1))
        return await timeline(agent, head["id"])
