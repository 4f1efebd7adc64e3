"""The messenger on the demo shop, by hand: a visitor writes, an agent answers, both see it live."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.async_api import FrameLocator, Page, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, until


def panel(page: Page) -> FrameLocator:
    return page.frame_locator("switchboard-messenger iframe")


async def open_messenger(page: Page) -> FrameLocator:
    """Open it by its launcher, as a visitor does."""
    await page.get_by_role("button", name="Chat").click()
    frame = panel(page)
    await frame.get_by_label("Write a message…").wait_for()
    return frame


async def write(page: Page, text: str) -> None:
    """Write and see it taken."""
    frame = panel(page)
    await frame.get_by_label("Write a message…").fill(text)
    await frame.get_by_role("button", name="Send").click()
    await expect(frame.get_by_text(text)).to_be_visible()
    await expect(frame.get_by_text("· Sent")).to_be_visible()


async def find_chat(agent: Agent, text: str) -> dict[str, Any]:
    """The head of the conversation that began with this text."""

    async def look() -> dict[str, Any] | None:
        listed = await agent.get("/api/tickets/conversations", inbox="all", status="all", sort="newest", limit=50)
        heads = [one["head"] for one in listed["items"] if one["head"]["channel"] == "chat"]
        for head in heads:
            events = await agent.timeline(head["id"])
            if any(text in str(event["data"].get("message") or "") for event in events):
                return dict(head)
        return None

    found: dict[str, Any] = await until(look)
    return found


async def test_visitor_and_agent_see_each_other_live_and_history_survives_a_reload(desk: Desk, page: Page) -> None:
    question, answer = (f"Is it back? {uuid.uuid4().hex[:8]}", f"Since today. {uuid.uuid4().hex[:8]}")
    await page.goto(desk.shop)
    frame = await open_messenger(page)
    await write(page, question)

    async with Agent(desk.web, desk.account("lead")) as agent:
        head = await find_chat(agent, question)
        assert head["brand_id"] == "paleo-hacks"
        reply = f"/api/tickets/conversations/{head['id']}/reply"
        await agent.post(reply, html=f"<p><strong>{answer}</strong></p>")
        await expect(frame.get_by_text(answer)).to_be_visible()

        await page.reload()
        later = f"And free to ship. {uuid.uuid4().hex[:8]}"
        await agent.post(reply, html=f"<p>{later}</p>")
        await expect(page.get_by_role("button", name="Chat (1)")).to_be_visible()
        frame = await open_messenger(page)
        for text in (question, answer, later):
            await expect(frame.get_by_text(text)).to_have_count(1)


async def test_closed_conversation_is_followed_by_a_new_one(desk: Desk, page: Page) -> None:
    first, second = (f"One {uuid.uuid4().hex[:8]}", f"Two {uuid.uuid4().hex[:8]}")
    await page.goto(f"{desk.shop}/?brand=earth-echo")
    frame = await open_messenger(page)
    await write(page, first)
    async with Agent(desk.web, desk.account("lead")) as agent:
        before = await find_chat(agent, first)
        await agent.post(f"/api/tickets/conversations/{before['id']}/close")
        await expect(frame.get_by_text("This conversation was closed.")).to_be_visible()
        await write(page, second)
        after = await find_chat(agent, second)
    assert after["id"] != before["id"]
    assert after["brand_id"] == "earth-echo"


async def test_message_written_offline_arrives_once_when_the_network_is_back(desk: Desk, page: Page) -> None:
    text = f"From the train {uuid.uuid4().hex[:8]}"
    await page.goto(desk.shop)
    frame = await open_messenger(page)
    await expect(frame.get_by_role("heading", name="Paleo Hacks")).to_be_visible()
    await page.context.set_offline(True)
    await frame.get_by_label("Write a message…").fill(text)
    await page.keyboard.press("Enter")
    await expect(frame.get_by_text("Will be sent when you are back online")).to_be_visible()
    await page.context.set_offline(False)
    await expect(frame.get_by_text("· Sent")).to_be_visible()
    async with Agent(desk.web, desk.account("lead")) as agent:
        head = await find_chat(agent, text)
        events = await agent.timeline(head["id"])
    assert sum(text in str(event["data"].get("message") or "") for event in events) == 1


async def test_page_keeps_its_globals_and_its_focus(desk: Desk, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(desk.shop)
    frame = await open_messenger(page)
    await expect(frame.get_by_label("Write a message…")).to_be_focused()
    await page.keyboard.press("Escape")
    launcher = page.get_by_role("button", name="Chat")
    await expect(launcher).to_be_focused()
    await expect(launcher).to_have_attribute("aria-expanded", "false")
    assert await page.evaluate("Object.keys(Switchboard)") == ["open", "close", "shutdown"]
    await page.evaluate("Switchboard.shutdown()")
    await expect(page.locator("switchboard-messenger")).to_have_count(0)
    assert await page.evaluate("[typeof Switchboard, localStorage.length]") == ["undefined", 0]
    assert errors == []


async def test_unknown_brand_draws_nothing_and_says_why(desk: Desk, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(desk.shop)
    await page.get_by_role("button", name="Chat").wait_for()
    await page.evaluate(
        """([src]) => { Switchboard.shutdown(); const tag = document.createElement("script");
        tag.src = src; tag.dataset.brand = "nobody"; document.body.append(tag) }""",
        [f"{desk.messenger}/messenger.js"],
    )

    async def told() -> bool:
        return any('no brand "nobody"' in text for text in said)

    await until(told)
    await expect(page.locator("switchboard-messenger")).to_have_count(0)
