"""An agent writes: on two devices, with macros, emojis and images, and takes back what was sent a second ago. In the
browser, on the running desk; the customer's view is the mail sink."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from email.message import EmailMessage

import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, Sink, until
from tests.tabs import SignedIn

SLOW_MS = 60_000
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest_asyncio.fixture(autouse=True)
async def longest_undo(desk: Desk) -> AsyncIterator[None]:
    """What is tried while a reply can be taken back has all the time that there is."""
    async with AsyncExitStack() as stack:
        agents = [await stack.enter_async_context(Agent(desk.web, desk.account(role))) for role in ("agent", "lead")]
        before = [await agent.get("/api/tickets/preferences") for agent in agents]
        for agent in agents:
            (await agent.client.put("/api/tickets/preferences", json={"undo_send_s": 10})).raise_for_status()
        yield
        for agent, kept in zip(agents, before, strict=True):
            (await agent.client.put("/api/tickets/preferences", json=kept)).raise_for_status()


async def test_a_macro_an_emoji_an_image_and_send_and_close_taken_back_once(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    address, subject = f"{mark}@home.example", f"Refund please {mark}"
    await write(desk, f"Ines Moreau <{address}>", subject)
    page = await signed_in("agent")
    await open_conversation(page, subject)
    composer = page.get_by_role("region", name="Conversation with Ines Moreau")
    box = composer.get_by_role("textbox", name="Reply")

    # the macro's variables are filled, what is missing is shown and asked about
    await box.click()
    await page.keyboard.type("/ask")
    await expect(page.get_by_role("listbox", name="Macros").get_by_role("option")).to_have_text([re.compile("Ask for")])
    await page.keyboard.press("Enter")
    await expect(box).to_contain_text("Hi Ines,")
    await expect(box).to_contain_text("{{contact.phone}}")
    does = composer.get_by_role("list", name="When sent")
    await expect(does.get_by_role("listitem")).to_have_text(["Snooze 24 hours"])
    await composer.get_by_role("button", name="Send", exact=True).click()
    await expect(composer.get_by_text("isn’t filled in")).to_be_visible()
    await does.get_by_role("button", name="Don’t: Snooze 24 hours").click()
    await box.press("Control+a")
    await page.keyboard.press("Delete")

    await page.keyboard.type("/refund")
    await page.keyboard.press("Enter")
    await expect(box).to_contain_text("I have started your refund.")
    await expect(does.get_by_role("listitem")).to_have_text(["Topic Returns & refunds", "Tag refund"])
    await box.press("Control+End")
    await page.keyboard.type(" :tada")
    await expect(page.get_by_role("listbox", name="Emoji").get_by_role("option").first).to_be_visible(timeout=SLOW_MS)
    await page.keyboard.press("Enter")
    await composer.get_by_label("Files to attach").set_input_files(
        {"name": "terms.txt", "mimeType": "text/plain", "buffer": b"Thirty days."}
    )
    await expect(composer.get_by_role("list", name="Attachments")).to_contain_text("terms.txt")
    await paste_image(box)
    await expect(box.locator("img[data-cid]")).to_have_count(1)

    # sent and taken back: the customer saw nothing, the letter is as it was
    await send_and_close(composer)
    messages = page.get_by_label("Messages")
    await expect(messages.get_by_text("Sending and closing")).to_be_visible()
    await expect(box).to_have_text("")
    await messages.get_by_role("button", name="Undo").click()
    await expect(box).to_contain_text("I have started your refund.")
    await expect(box.locator("img[data-cid]")).to_have_count(1)
    await expect(composer.get_by_role("list", name="Attachments")).to_contain_text("terms.txt")
    await expect(does.get_by_role("listitem")).to_have_count(2)
    assert await sent_to(desk, address) == []

    # sent for good, though the window is closed at once
    await send_and_close(composer)
    await expect(box).to_have_text("")
    await page.context.close()
    [letter] = await until(lambda: sent_to(desk, address))
    types = [part.get_content_type() for part in letter.walk()]
    assert "image/png" in types
    assert "terms.txt" in str(letter)
    assert "refund" in letter.get_body(("plain",)).get_content()
    async with Agent(desk.web, desk.account("admin")) as admin:
        head = await admin.find(subject)
        assert head is not None
        assert (head["status"], head["topic"], head["tags"]) == ("closed", "Returns & refunds", ["refund"])
        said = [one["type"] for one in await admin.timeline(head["id"])]
        assert said.count("ReplySent") == 1


async def test_a_draft_goes_on_on_another_device_and_neither_overwrites_it(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    subject = f"Draft {mark}"
    await write(desk, f"Oto {mark} <{mark}@home.example>", subject)
    desk_page = await signed_in("agent")
    await open_conversation(desk_page, subject)
    at_desk = desk_page.get_by_role("textbox", name="Reply")
    await at_desk.fill("Begun at the desk")
    await expect(desk_page.get_by_text("Draft saved")).to_be_visible()
    await desk_page.reload()
    await expect(at_desk).to_have_text("Begun at the desk", timeout=SLOW_MS)

    phone = await signed_in("agent")
    await open_conversation(phone, subject)
    at_phone = phone.get_by_role("textbox", name="Reply")
    await expect(at_phone).to_have_text("Begun at the desk")
    await at_phone.fill("Gone on with on the phone")
    await expect(phone.get_by_text("Draft saved")).to_be_visible()

    await at_desk.fill("Written on at the desk")
    told = desk_page.get_by_role("alert").filter(has_text="changed in another window or on another device")
    await expect(told).to_be_visible(timeout=SLOW_MS)
    await told.get_by_role("button", name="Use the other one").click()
    await expect(at_desk).to_have_text("Gone on with on the phone")
    await at_desk.fill("Written on at the desk")
    await expect(desk_page.get_by_text("Draft saved")).to_be_visible()

    # sent on one, the other that still writes is told so
    await at_phone.fill("Too late")
    told = phone.get_by_role("alert").filter(has_text="changed in another window")
    await told.get_by_role("button", name="Keep this one").click()
    await expect(phone.get_by_text("Draft saved")).to_be_visible()
    await phone.get_by_role("button", name="Send", exact=True).click()
    await expect(at_phone).to_have_text("")
    await at_desk.fill("And more at the desk")
    gone = desk_page.get_by_role("alert").filter(has_text="sent or thrown away")
    await gone.get_by_role("button", name="Throw it away").click()
    await expect(at_desk).to_have_text("")
    for page in (desk_page, phone):
        await page.context.close()


async def test_a_note_names_a_team_and_a_conversation_carries_a_file_and_stays_inside(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    address, subject = f"{mark}@home.example", f"Broken lid {mark}"
    await write(desk, f"Pia {mark} <{address}>", subject)
    page = await signed_in("agent")
    await open_conversation(page, subject)
    await page.get_by_role("tab", name="Note").click()
    box = page.get_by_role("textbox", name="Note")
    await box.click()
    await page.keyboard.type("@phone")
    await expect(page.get_by_role("listbox", name="Mention").get_by_role("option").first).to_contain_text("Team")
    await page.keyboard.press("Enter")
    await page.keyboard.type("like #Broken")
    await expect(page.get_by_role("listbox", name="Conversations").get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Enter")
    await page.get_by_label("Files to attach").set_input_files(
        {"name": "lid.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(page.get_by_role("list", name="Attachments")).to_contain_text("lid.png")
    await page.get_by_role("button", name="Add note").click()
    note = page.get_by_role("article", name=re.compile("^Note by"))
    await expect(note).to_contain_text("@Phone Support")
    await expect(note.get_by_role("link", name=re.compile("#"))).to_have_attribute("href", re.compile("/inbox/all/"))
    await expect(note.get_by_role("img", name="lid.png")).to_be_visible()

    async with Agent(desk.web, desk.account("admin")) as admin:
        head = await admin.find(subject)
        assert head is not None
        names = {one["agent_id"]: one for one in (await admin.get("/api/tickets/directory"))["agents"]}
        assert head["mentioned"]
        assert all("phone-support" in names[one]["team_ids"] for one in head["mentioned"])
    assert await sent_to(desk, address) == []
    await page.context.close()


async def test_two_who_open_the_same_see_each_other_and_do_not_answer_past_each_other(
    desk: Desk, signed_in: SignedIn
) -> None:
    mark = uuid.uuid4().hex[:8]
    address, subject = f"{mark}@home.example", f"Both of us {mark}"
    await write(desk, f"Sol {mark} <{address}>", subject)
    agent, lead = await signed_in("agent"), await signed_in("lead")
    names = {role: desk.account(role)["name"] for role in ("agent", "lead")}
    for page in (agent, lead):
        await open_conversation(page, subject)
    await expect(agent.get_by_text(f"{names['lead']} is looking at this too")).to_be_visible()
    await expect(lead.get_by_text(f"{names['agent']} is looking at this too")).to_be_visible()
    await agent.get_by_role("textbox", name="Reply").click()
    await agent.keyboard.type("It is on its way")
    await expect(lead.get_by_text(f"{names['agent']} is replying…")).to_be_visible()

    # both send at the same moment: the second is told, looks, and sends all the same
    await lead.get_by_role("textbox", name="Reply").fill("You have your money back")
    await agent.get_by_role("button", name="Send", exact=True).click()
    await expect(agent.get_by_role("textbox", name="Reply")).to_have_text("")
    await lead.get_by_role("button", name="Send", exact=True).click()
    warned = lead.get_by_role("alert").filter(has_text=names["agent"])
    await expect(warned).to_contain_text(re.compile("is sending a reply at this moment|has answered meanwhile"))
    await expect(lead.get_by_role("region", name="Timeline").get_by_text("It is on its way")).to_be_visible()
    await warned.get_by_role("button", name="Send anyway").click()
    await expect(lead.get_by_role("textbox", name="Reply")).to_have_text("")
    letters = await until(lambda: both_sent(desk, address))
    assert [one.get_body(("plain",)).get_content().splitlines()[0] for one in letters] == [
        "It is on its way",
        "You have your money back",
    ]
    await lead.get_by_role("navigation", name="Desk").get_by_role("button", name="Contacts").click()
    await expect(agent.get_by_text("is looking at this too")).to_be_hidden()
    for page in (agent, lead):
        await page.context.close()


async def test_a_macro_fills_in_a_note_and_does_nothing_else(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    address, subject, only_does = f"{mark}@home.example", f"For the team {mark}", f"Refund tag {mark}"
    await write(desk, f"Ines Moreau <{address}>", subject)
    async with Agent(desk.web, desk.account("agent")) as agent:
        path = f"/api/tickets/macros/only-{mark}"
        macro = {"seen_seq": 0, "name": only_does, "actions": [{"kind": "tag", "value": "refund"}]}
        (await agent.client.put(path, json=macro)).raise_for_status()
        try:
            page = await signed_in("agent")
            await open_conversation(page, subject)
            composer = page.get_by_role("region", name="Conversation with Ines Moreau")
            offered = page.get_by_role("listbox", name="Macros").get_by_role("option")
            await composer.get_by_role("textbox", name="Reply").click()
            await page.keyboard.type("/refund")
            await expect(offered.filter(has_text=only_does)).to_be_visible()
            await page.keyboard.press("Escape")
            await page.keyboard.press("Control+a")
            await page.keyboard.press("Delete")

            # a note is offered those with a text, and takes that alone
            await composer.get_by_role("tab", name="Note").click()
            box = composer.get_by_role("textbox", name="Note")
            await box.click()
            await page.keyboard.type("/refund")
            await expect(offered.first).to_be_visible()
            await expect(offered.filter(has_text=only_does)).to_have_count(0)
            await page.keyboard.press("Enter")
            await expect(box).to_contain_text("I have started your refund.")
            await expect(composer.get_by_role("list", name="When sent")).to_have_count(0)
            await composer.get_by_role("button", name="Add note").click()
            note = page.get_by_role("article", name=re.compile("^Note by"))
            await expect(note).to_contain_text("I have started your refund.")
        finally:
            (await agent.client.delete(path)).raise_for_status()
        head = await agent.find(subject)
        assert head is not None
        assert "refund" not in head["tags"]
        assert head["topic"] != "Returns & refunds"
    assert await sent_to(desk, address) == []


async def test_a_lead_writes_a_macro_and_an_agent_reads_it(signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name = f"Warranty {mark}"
    lead = await signed_in("lead")
    await lead.get_by_role("navigation", name="Desk").get_by_role("button", name="Macros").click()
    await lead.get_by_role("button", name="New macro").click()
    form = lead.get_by_role("form", name="New macro")
    await form.get_by_role("button", name="Publish").click()
    await expect(form.get_by_text("Is what people look for, and needed.")).to_be_visible()
    await form.get_by_label("Name", exact=True).fill(name)
    await form.get_by_role("textbox", name="Text").click()
    await lead.keyboard.type("Hi {{contact.shoe}}")
    await form.get_by_role("button", name="Publish").click()
    await expect(form.get_by_text("which is not a variable")).to_be_visible()
    await form.get_by_role("textbox", name="Text").press("Control+a")
    await lead.keyboard.type("Five years, ")
    await form.get_by_role("button", name="contact.first_name").click()
    await form.get_by_role("button", name="Add an action").click()
    await lead.get_by_role("menuitem", name="Add a tag").click()
    await form.get_by_role("textbox", name="Add a tag").fill("warranty")
    await form.get_by_role("button", name="Publish").click()
    await expect(lead.get_by_label("Messages").get_by_text(f"Saved “{name}”")).to_be_visible()
    macros = lead.get_by_role("region", name="Macros")
    await expect(macros.get_by_text(name)).to_be_visible()

    agent = await signed_in("agent")
    await agent.get_by_role("navigation", name="Desk").get_by_role("button", name="Macros").click()
    await agent.get_by_role("region", name="Macros").get_by_text(name).click()
    shown = agent.get_by_role("region", name=name)
    await expect(shown.get_by_text("a team lead can change it")).to_be_visible()
    await expect(shown.get_by_text("Five years, {{contact.first_name}}")).to_be_visible()
    await expect(shown.get_by_role("button", name="Publish")).to_be_hidden()

    # her own are nobody else's matter; what is written is not lost by a click elsewhere
    own = f"My own {mark}"
    hers = agent.get_by_role("region", name="Macros")
    await agent.get_by_role("button", name="New macro").click()
    form = agent.get_by_role("form", name="New macro")
    await expect(form.get_by_label("Only I use it")).to_be_disabled()
    await form.get_by_label("Name", exact=True).fill(own)
    await form.get_by_role("textbox", name="Text").click()
    await agent.keyboard.type("All the best")
    await hers.get_by_text(name).click()
    await agent.get_by_role("button", name="Go on writing").click()
    await form.get_by_role("button", name="Save", exact=True).click()
    form = agent.get_by_role("form", name=own)
    await form.get_by_role("button", name="Delete…").click()
    await agent.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    await expect(hers.get_by_text(own)).to_have_count(0)

    await lead.get_by_role("form", name=name).get_by_role("button", name="Versions").click()
    await lead.get_by_role("region", name="Where it stands").get_by_role("button", name="More").click()
    await lead.get_by_role("menuitem", name="Retire…").click()
    await lead.get_by_role("dialog").get_by_role("button", name="Retire").click()
    await expect(macros.get_by_text(name)).to_be_hidden()
    for page in (lead, agent):
        await page.context.close()


async def send_and_close(composer: Locator) -> None:
    await composer.get_by_role("button", name="More ways to send").click()
    await composer.page.get_by_role("menuitem", name="Send and close").click()


async def sent_to(desk: Desk, address: str) -> list[EmailMessage]:
    return await Sink(desk.smtp_sink_http).to(address, "")


async def both_sent(desk: Desk, address: str) -> list[EmailMessage]:
    letters = await sent_to(desk, address)
    return letters if len(letters) > 1 else []


async def paste_image(box: Locator) -> None:
    """As the clipboard brings it."""
    await box.evaluate(
        """(box, bytes) => {
            const data = new DataTransfer();
            const raw = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
            data.items.add(new File([raw], "dent.png", { type: "image/png" }));
            box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        base64.b64encode(PNG).decode(),
    )
