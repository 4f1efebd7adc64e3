"""What is written in any box of the desk is there after a reload and on another device, is sent from there, and is gone
on the first. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import write
from tests.e2e.outside import Agent, until
from tests.e2e.test_tickets import choose
from tests.tabs import SignedIn

SLOW_MS = 60_000


@dataclass(frozen=True)
class Things:
    """Ids of what is written about."""

    conversation: str
    contact: str
    tracker: str


@dataclass(frozen=True)
class Box:
    """`path`: where it is on the desk; `kept`: about what its draft is, and its name. `opens`: what it takes to come to
    it there; gives where it stands. `field`, `sends`: the names of the words' box and of the button. `also`: what is
    entered beside the words, and `shows` that it is there. `once`: there is no such box after it was sent."""

    path: Callable[[Things], str]
    kept: Callable[[Things], tuple[str, str]]
    opens: Callable[[Page], Awaitable[Locator]]
    field: str
    sends: str
    also: Callable[[Page, Locator], Awaitable[None]] | None = None
    shows: Callable[[Locator], Awaitable[None]] | None = None
    once: bool = False


async def at_ticket(page: Page) -> Locator:
    return page.get_by_role("region", name="Ticket #")


async def at_contact(page: Page) -> Locator:
    return page.get_by_role("region", name="Contact Ida")


async def beside(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Details")


async def update(page: Page) -> Locator:
    await page.get_by_text("Update for reports", exact=True).click(timeout=SLOW_MS)
    return page.get_by_role("region", name="Ticket #")


async def resolve(page: Page) -> Locator:
    await page.get_by_role("region", name="Ticket #").get_by_role("button", name="Submitted").click(timeout=SLOW_MS)
    await page.get_by_role("menuitem", name="Resolved").click()
    return page.get_by_role("dialog", name="Resolve #")


async def side(page: Page) -> Locator:
    await page.get_by_role("button", name="More actions").click(timeout=SLOW_MS)
    await page.get_by_role("menuitem", name="New side conversation").click()
    return page.get_by_role("region", name="Side conversation")


async def new_ticket(page: Page) -> Locator:
    details = page.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="New ticket or link").click(timeout=SLOW_MS)
    await page.get_by_role("menuitem", name="Fulfillment").click()
    return page.get_by_role("dialog", name="New ticket")


async def new_conversation(page: Page) -> Locator:
    await page.get_by_role("button", name="New", exact=True).click(timeout=SLOW_MS)
    await page.get_by_role("menuitem", name="New conversation").click()
    return page.get_by_role("dialog", name="New conversation")


async def name_people(page: Page, box: Locator) -> None:
    await box.get_by_label("To", exact=True).fill("dock@warehouse.example")
    await page.keyboard.press("Enter")
    await box.get_by_label("Subject").fill("About a parcel")


async def people_are_named(box: Locator) -> None:
    await expect(box.get_by_text("dock@warehouse.example")).to_be_visible()
    await expect(box.get_by_label("Subject")).to_have_value("About a parcel")


async def fill_in_order(_: Page, box: Locator) -> None:
    await box.get_by_label("Order number").fill(uuid.uuid4().hex[:8])
    await choose(box, "Issue", "Lost")


async def order_is_there(box: Locator) -> None:
    await expect(box.get_by_label("Order number")).to_have_value(re.compile("^[0-9a-f]{8}$"))


async def choose_outcome(_: Page, box: Locator) -> None:
    await box.get_by_role("radio", name="No answer").check()


async def outcome_is_chosen(box: Locator) -> None:
    await expect(box.get_by_role("radio", name="No answer")).to_be_checked()


def conversation(things: Things) -> str:
    return f"inbox/all/{things.conversation}"


def tracker(things: Things) -> str:
    return f"tickets/open/{things.tracker}"


def of_conversation(box: str) -> Callable[[Things], tuple[str, str]]:
    return lambda things: (f"conversations/{things.conversation}/", box)


def of_tracker(box: str) -> Callable[[Things], tuple[str, str]]:
    return lambda things: (f"tickets/{things.tracker}/", box)


BOXES = {
    "a comment": Box(tracker, of_tracker("comment"), at_ticket, "Comment", "Comment"),
    "an update": Box(tracker, of_tracker("update"), update, "Update", "Post update"),
    "a resolution": Box(tracker, of_tracker("resolve"), resolve, "Update", "Resolve", once=True),
    "a ticket for a conversation": Box(
        conversation, of_conversation("ticket"), new_ticket, "Title", "Submit", fill_in_order, order_is_there
    ),
    "a call attempt": Box(
        conversation,
        of_conversation("attempt"),
        beside,
        "Note",
        "Save attempt 2",
        choose_outcome,
        outcome_is_chosen,
        once=True,
    ),
    "a side mail": Box(
        conversation, of_conversation("side:new"), side, "Side message", "Send", name_people, people_are_named
    ),
    "a note about somebody": Box(
        lambda things: f"contacts/all/{things.contact}",
        lambda things: (f"contacts/{things.contact}/", "note"),
        at_contact,
        "Note about this person",
        "Add note",
    ),
    "a new conversation": Box(
        lambda _: "inbox/all",
        lambda _: ("", "new-conversation"),
        new_conversation,
        "Message",
        "Send",
        name_people,
        people_are_named,
    ),
}


async def begin(desk: Desk) -> Things:
    """A conversation in which one call was attempted, whose it is, and a tracker."""
    mark = uuid.uuid4().hex[:8]
    await write(desk, f"Ida {mark} <{mark}@home.example>", f"Drafts {mark}")
    async with Agent(desk.web, desk.account("lead")) as lead:
        head = await lead.find(f"Drafts {mark}")
        assert head is not None
        attempt = {"attempt": 1, "outcome": "no_answer", "note": "Rang."}
        await lead.post(f"/api/tickets/conversations/{head['id']}/call-attempts", **attempt)
        made = await lead.post("/api/tickets/tickets", type_id="tracker", title=f"Slow shop {mark}")
    return Things(head["id"], head["contact_id"], made["head"]["id"])


async def holds(field: Locator, words: str) -> None:
    """A box of plain words, or of a letter."""
    await expect(field).to_be_visible(timeout=SLOW_MS)
    if await field.evaluate("node => node.isContentEditable"):
        await expect(field).to_have_text(words)
    else:
        await expect(field).to_have_value(words)


@pytest.mark.parametrize("what", BOXES)
async def test_what_is_written_is_on_every_device_until_it_is_sent(desk: Desk, signed_in: SignedIn, what: str) -> None:
    box, words = BOXES[what], f"Written once {uuid.uuid4().hex[:8]}"
    things = await begin(desk)
    where = f"{desk.web}/{box.path(things)}"

    async def opened(page: Page) -> tuple[Locator, Locator]:
        await page.goto(where)
        there = await box.opens(page)
        return there, there.get_by_role("textbox", name=box.field, exact=True)

    first = await signed_in("lead")
    there, field = await opened(first)
    await field.fill(words, timeout=SLOW_MS)
    if box.also:
        await box.also(first, there)
    await expect(there.get_by_text("Draft saved")).to_be_visible()

    second = await signed_in("lead")
    for page in (first, second):
        there, field = await opened(page)
        await holds(field, words)
        if box.shows:
            await box.shows(there)
    await there.get_by_role("button", name=box.sends, exact=True).click()

    about, name = box.kept(things)
    async with Agent(desk.web, desk.account("lead")) as lead:

        async def is_empty() -> bool:
            draft = (await lead.get(f"/api/tickets/{about}drafts"))["items"][name]
            return not (draft["text"] or draft["html"] or draft["fields"])

        await until(is_empty)
    await expect(second.get_by_text(words).first).to_be_visible(timeout=SLOW_MS)
    if box.once:
        await first.goto(where)
        await expect(first.get_by_text(words).first).to_be_visible(timeout=SLOW_MS)
    else:
        await holds((await opened(first))[1], "")


async def test_a_tickets_own_form_goes_on_elsewhere_and_is_not_saved_over_what_others_wrote(
    desk: Desk, signed_in: SignedIn
) -> None:
    things, mark = await begin(desk), uuid.uuid4().hex[:8]
    path = f"/api/tickets/tickets/{things.tracker}"

    async def opened(page: Page) -> Locator:
        await page.goto(f"{desk.web}/{tracker(things)}")
        return page.get_by_role("region", name="Ticket #").get_by_role("region", name="Tracker")

    first = await signed_in("lead")
    form = await opened(first)
    await form.get_by_role("button", name="Edit").click(timeout=SLOW_MS)
    await expect(form.get_by_label("Title")).to_have_css("unicode-bidi", "plaintext")  # in the direction of its words
    await form.get_by_label("Title").fill(f"Mine {mark}")
    await expect(form.get_by_text("Draft saved")).to_be_visible()
    await expect(first.get_by_role("heading", name="Slow shop")).to_be_visible()

    second = await signed_in("lead")
    for page in (first, second):
        form = await opened(page)
        await expect(form.get_by_label("Title")).to_have_value(f"Mine {mark}", timeout=SLOW_MS)

    async with Agent(desk.web, desk.account("agent")) as other:
        seen = (await other.get(path))["seq"]
        theirs = {"title": f"Theirs {mark}", "fields": {}, "seen_seq": seen}
        (await other.client.put(f"{path}/fields", json=theirs)).raise_for_status()
    clash = form.get_by_role("alert").filter(has_text="Somebody else changed this")
    await expect(clash).to_contain_text(f"Theirs {mark}", timeout=SLOW_MS)
    await clash.get_by_role("button", name="Save mine over it").click()
    await expect(form.get_by_role("button", name="Edit")).to_be_visible()

    form = await opened(first)
    await expect(form.get_by_role("button", name="Edit")).to_be_visible(timeout=SLOW_MS)
    await expect(first.get_by_role("heading", name=f"Mine {mark}")).to_be_visible()
    async with Agent(desk.web, desk.account("lead")) as lead:
        assert (await lead.get(f"{path}/drafts"))["items"]["form"]["fields"] == {}
