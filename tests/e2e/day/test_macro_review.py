"""A lead drafts a macro, somebody else asks for changes and approves; it is scheduled, published, used, staged, rolled
back and retired. In the browser, on the running desk; the customer's view is the mail sink."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, Sink, until
from tests.tabs import SignedIn

SLOW_MS = 60_000
TERMS = "/api/tickets/shared-macros/governance"


@pytest_asyncio.fixture(autouse=True)
async def terms_as_before(desk: Desk) -> AsyncIterator[None]:
    """How many approvals a macro needs is asked for in every other test's desk, too."""
    async with Agent(desk.web, desk.account("admin")) as admin:
        before = await admin.get(TERMS)
        yield
        (await admin.client.put(TERMS, json=before)).raise_for_status()


async def test_a_macro_goes_from_its_author_over_its_approver_to_a_customer_and_back(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    name, address, subject = f"Lid cracked {mark}", f"{mark}@home.example", f"The lid cracked {mark}"
    await write(desk, f"Ines Moreau <{address}>", subject)
    author, approver, agent = await signed_in("lead"), await signed_in("admin"), await signed_in("agent")

    # from now on somebody else has to approve
    await approver.goto(f"{desk.web}/macros")
    await approver.get_by_role("button", name="Approvals…").click()
    dialog = approver.get_by_role("dialog", name="Approvals")
    await dialog.get_by_label("Approvals needed").fill("1")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)

    # the author can't publish it, and is told why; a draft is nobody's to use
    form = await begin_macro(author, desk, name, "A new lid is on its way.")
    await expect(form.get_by_text("A new version needs an approval by others")).to_be_visible()
    await expect(form.get_by_role("button", name="Publish")).to_have_count(0)
    await form.get_by_role("button", name="Save draft").click()
    await expect(standing(author)).to_contain_text("Draft Version 1")
    await act(author, "Submit for review…", "Submit", why="They break every week")
    await expect(standing(author)).to_contain_text("somebody else has to approve it")
    await expect(standing(author).get_by_role("button", name="Approve…")).to_have_count(0)
    await agent.goto(f"{desk.web}/macros")
    macros = agent.get_by_role("region", name="Macros")
    await expect(macros.get_by_text("Refund started")).to_be_visible(timeout=SLOW_MS)
    await expect(macros.get_by_text(name)).to_have_count(0)

    # the approver finds it in the list, reads all of it, and asks for a change
    await approver.reload()
    row = approver.get_by_role("region", name="Macros").get_by_role("button", name=name)
    await expect(row).to_contain_text("In review", timeout=SLOW_MS)
    await row.click()
    await expect(standing(approver)).to_contain_text("They break every week")
    await expect(approver.get_by_label("Version 1", exact=True)).to_contain_text("A new lid is on its way.")
    await more(approver, "Ask for changes…", "Ask for changes", why="Say by when")
    await expect(standing(approver)).to_contain_text("Draft Version 1")

    # changed, approved with a word, and published at a time; then at once after all
    await author.reload()
    await expect(author.get_by_role("group", name="What happened")).to_contain_text("Say by when", timeout=SLOW_MS)
    await rewrite(author, name, " By Friday.")
    await expect(author.get_by_label("From version 1 to 2").locator("ins")).to_have_text(
        "A new lid is on its way. By Friday."
    )
    await act(author, "Submit for review…", "Submit")
    await approver.reload()
    await act(approver, "Approve…", "Approve", why="Good")
    await expect(standing(approver)).to_contain_text("Approved by")
    await standing(approver).get_by_role("button", name="Publish…").click()
    dialog = approver.get_by_role("dialog")
    await dialog.get_by_text("At a time").click()
    await dialog.get_by_label("At what time").fill("2049-05-03T09:00")
    await dialog.get_by_role("button", name="Publish").click()
    await expect(standing(approver)).to_contain_text("From 3 May")
    await act(approver, "Publish…", "Publish")
    await expect(standing(approver)).to_contain_text("It is in force.")

    # an agent answers with it
    await agent.goto(f"{desk.web}/inbox")
    await open_conversation(agent, subject)
    composer = agent.get_by_role("region", name="Conversation with Ines Moreau")
    box = composer.get_by_role("textbox", name="Reply")
    await box.click()
    await agent.keyboard.type(f"/{mark}")
    offered = agent.get_by_role("listbox", name="Macros").get_by_role("option")
    await expect(offered).to_have_text([re.compile(name)], timeout=SLOW_MS)
    await agent.keyboard.press("Enter")
    await expect(box).to_contain_text("A new lid is on its way. By Friday.")
    await composer.get_by_role("button", name="Send", exact=True).click()
    [letter] = await until(lambda: Sink(desk.smtp_sink_http).to(address, ""))
    assert "By Friday." in letter.get_body(("plain",)).get_content()

    # the next version for a part of the conversations; it is no better, and all is as it was
    await author.reload()
    await rewrite(author, name, " Sorry!")
    await act(author, "Submit for review…", "Submit")
    await approver.reload()
    await act(approver, "Approve…", "Approve")
    await standing(approver).get_by_role("button", name="Publish…").click()
    dialog = approver.get_by_role("dialog")
    await dialog.get_by_text("A part").click()
    await dialog.get_by_role("button", name="Publish").click()
    await expect(standing(approver)).to_contain_text(
        "Version 3 is in force for 10 % of the conversations, version 2 for the others."
    )
    await expect(row).to_contain_text("For 10 %")
    versions = approver.get_by_role("list", name="Versions")
    await versions.get_by_role("button", name="Version 2").click()
    await expect(versions.get_by_role("button", name="Version 2")).to_contain_text("For the others")
    await standing(approver).get_by_role("button", name="Change for whom…").click()
    dialog = approver.get_by_role("dialog")
    await dialog.get_by_text("Everybody").click()
    await dialog.get_by_role("button", name="Change").click()
    await expect(standing(approver)).to_contain_text("It is in force.")
    await approver.get_by_role("button", name="Roll back to it…").click()
    await approver.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    await expect(standing(approver)).to_contain_text("Version 4")
    await expect(standing(approver)).to_contain_text("It is in force.")
    await expect(approver.get_by_role("group", name="What happened")).to_contain_text("went back to what an earlier")
    async with Agent(desk.web, desk.account("agent")) as using:
        kept = [one["macro"] for one in (await using.get("/api/tickets/macros"))["items"]]
        [now] = [one for one in kept if one["name"] == name]
        assert (now["version"], "Sorry!" in now["html"], "By Friday." in now["html"]) == (4, False, True)

    # retired, it is nobody's any more; and there, should it be missed
    await more(approver, "Retire…", "Retire", why="Lids hold now")
    await expect(row).to_have_count(0)
    await approver.get_by_role("button", name="Show retired macros").click()
    await approver.get_by_role("list", name="Retired macros").get_by_role("button", name=name).click()
    await expect(standing(approver)).to_contain_text("Lids hold now")
    await expect(approver.get_by_role("button", name="Edit", exact=True)).to_have_count(0)


async def begin_macro(page: Page, desk: Desk, name: str, text: str) -> Locator:
    """The form of a new one."""
    await page.goto(f"{desk.web}/macros/new")
    form = page.get_by_role("form", name="New macro")
    await form.get_by_label("Name", exact=True).fill(name, timeout=SLOW_MS)
    await form.get_by_role("textbox", name="Text").click()
    await page.keyboard.type(text)
    return form


def standing(page: Page) -> Locator:
    return page.get_by_role("region", name="Where it stands")


async def act(page: Page, button: str, confirm: str, *, why: str = "") -> None:
    """The likeliest act, by its button."""
    await standing(page).get_by_role("button", name=button).click(timeout=SLOW_MS)
    await confirmed(page, confirm, why)


async def more(page: Page, item: str, confirm: str, *, why: str = "") -> None:
    """One of the others, by its menu and the keyboard."""
    await standing(page).get_by_role("button", name="More").press("Enter")
    await page.get_by_role("menuitem", name=item).press("Enter")
    await confirmed(page, confirm, why)


async def confirmed(page: Page, confirm: str, why: str) -> None:
    dialog = page.get_by_role("dialog")
    if why:
        await dialog.get_by_role("textbox", name=re.compile("Why|Comment")).fill(why)
    await dialog.get_by_role("button", name=confirm, exact=True).click()
    await expect(dialog).to_have_count(0)


async def rewrite(page: Page, name: str, words: str) -> None:
    """The next version, a draft: words put behind those that are there."""
    await page.get_by_role("button", name="Edit", exact=True).click(timeout=SLOW_MS)
    form = page.get_by_role("form", name=name)
    await form.get_by_role("textbox", name="Text").press("Control+End")
    await page.keyboard.type(words)
    await form.get_by_role("button", name="Save draft").click()
    await expect(standing(page)).to_contain_text("Draft Version")
