"""Telephoning: a customer is called from the conversation and with "Phone call", attempts are noted, refusals are said,
and an agent's status is the same here and in Aircall. In the browser, on the running desk and its stand-in."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from tests.desk import Desk
from tests.e2e.outside import mail, send_mail, until
from tests.tabs import SignedIn

ADDRESS = "support@paleohacks.example"
SLOW_MS = 20_000


class Aircall:
    """The stand-in, as the tests and a person in Aircall's own app see it."""

    def __init__(self, desk: Desk) -> None:
        self._url = f"{desk.aircall}/standin"

    async def _state(self) -> Any:
        async with httpx.AsyncClient(timeout=20) as client:
            return (await client.get(self._url)).json()

    async def user(self, email: str) -> dict[str, Any]:
        return next(one for one in (await self._state())["users"] if one["email"] == email)

    async def called(self, number: str) -> list[dict[str, Any]]:
        return [one for one in (await self._state())["started"] if one["to"] == number]

    async def choose(self, email: str, status: str, substatus: str = "") -> None:
        body = {"availability_status": status, "substatus": substatus}
        async with httpx.AsyncClient(timeout=20) as client:
            (await client.put(f"{self._url}/users/{email}", json=body)).raise_for_status()

    async def answer_next(self, status: int, **headers: str) -> None:
        async with httpx.AsyncClient(timeout=20) as client:
            body = {"status": status, "headers": headers}
            (await client.post(f"{self._url}/answers", json=body)).raise_for_status()

    async def shows(self, email: str, availability: str, substatus: str) -> None:
        async def look() -> bool:
            user = await self.user(email)
            return (user["availability_status"], user["substatus"]) == (availability, substatus)

        assert await until(look)


async def test_a_customer_is_called_and_two_attempts_are_noted(desk: Desk, signed_in: SignedIn) -> None:
    aircall, subject, number = Aircall(desk), f"Please ring me {uuid.uuid4().hex[:6]}", a_number()
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text="By phone, if you can."))
    page = await signed_in("agent")
    await go(page, "Online")
    await aircall.shows(account(desk)["email"], "available", "always_opened")
    await open_conversation(page, subject)

    # one click; what is wrong with a number is said at its field
    await page.get_by_role("button", name="Call", exact=True).click()
    choices = page.get_by_role("dialog")
    await choices.get_by_label("Number").fill("12")
    await choices.get_by_role("button", name="Call", exact=True).click()
    await expect(choices.get_by_text("This is no phone number")).to_be_visible()
    await choices.get_by_label("Number").fill(f"({number[2:5]}) {number[5:8]}-{number[8:]}")
    await choices.get_by_role("button", name="Call", exact=True).click()
    await expect(choices).to_be_hidden()

    # Aircall is asked once, and the call itself comes back into this conversation
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_text("asked for a call to +1")).to_be_visible()
    await expect(timeline.get_by_text("had Aircall call +1")).to_be_visible(timeout=SLOW_MS)
    card = timeline.get_by_role("article", name="Phone call")
    await expect(card.get_by_text("Outgoing call")).to_be_visible(timeout=SLOW_MS)
    await expect(card.get_by_text("No answer")).to_be_visible(timeout=SLOW_MS)
    assert [(one["email"], one["line"]) for one in await aircall.called(number)] == [
        (account(desk)["email"], "+13105550104")
    ]

    # an attempt needs its outcome and a note
    calls = details_card(page)
    await expect(calls.get_by_text("Attempt 1 of 2")).to_be_visible()
    await calls.get_by_role("button", name="Save attempt 1").click()
    await expect(calls.get_by_text("Choose how it went.")).to_be_visible()
    await expect(calls.get_by_text("Say what happened.")).to_be_visible()
    await calls.get_by_role("radio", name="No answer").check()
    await calls.get_by_label("Note").fill("Rang for a minute.")
    await calls.get_by_role("button", name="Save attempt 1").click()
    await expect(calls.get_by_text("Attempt 2 of 2")).to_be_visible()
    await expect(timeline.get_by_text("noted call attempt 1: no answer — “Rang for a minute.”")).to_be_visible()
    await calls.get_by_role("radio", name="Left a voicemail").check()
    await calls.get_by_label("Note").fill("Asked them to call back.")
    await calls.get_by_role("button", name="Save attempt 2").click()
    await expect(calls.get_by_text("Both attempts are made and nobody answered.")).to_be_visible()
    await expect(calls.get_by_role("button", name="Save attempt")).to_be_hidden()


async def test_why_there_is_no_call_is_said(desk: Desk, signed_in: SignedIn) -> None:
    aircall, subject, number = Aircall(desk), f"Ring me {uuid.uuid4().hex[:6]}", a_number()
    await send_mail(desk.smtp, mail(to=ADDRESS, subject=subject, text="By phone, if you can."))
    page = await signed_in("agent")
    await open_conversation(page, subject)
    for status, headers, said in (
        (405, {}, "You are not available in Aircall, or on a call."),
        (429, {"Retry-After": "20"}, "Aircall takes no more requests for 20 s."),
    ):
        await aircall.answer_next(status, **headers)
        await page.get_by_role("button", name="Call", exact=True).click()
        choices = page.get_by_role("dialog")
        await choices.get_by_label("Number").fill(number)
        await choices.get_by_role("button", name="Call", exact=True).click()
        await expect(page.get_by_role("region", name="Timeline").get_by_text(said)).to_be_visible(timeout=SLOW_MS)
        await expect(details_card(page).get_by_text(said)).to_be_visible()
        await expect(choices).to_be_hidden()
    assert await aircall.called(number) == []


async def test_a_conversation_begins_with_a_phone_call(desk: Desk, signed_in: SignedIn) -> None:
    aircall, number, name = Aircall(desk), a_number(), f"Bo {uuid.uuid4().hex[:6]}"
    page = await signed_in("agent")
    await go(page, "Online")
    await aircall.shows(account(desk)["email"], "available", "always_opened")
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="New", exact=True).click()
    await page.get_by_role("menuitem", name="Dial a number").click()
    form = page.get_by_role("dialog", name="Phone call")
    await form.get_by_role("button", name="Call").click()
    await expect(form.get_by_text("Type the number to call.")).to_be_visible()
    await form.get_by_label("Number").fill(number)
    await form.get_by_label("Name (if you know it)").fill(name)
    await form.get_by_role("button", name="Call").click()
    await expect(form).to_be_hidden()
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline.get_by_role("article", name="Phone call")).to_be_visible(timeout=SLOW_MS)
    assert len(await aircall.called(number)) == 1


async def test_a_status_goes_to_aircall_and_comes_from_it(desk: Desk, signed_in: SignedIn) -> None:
    aircall, email = Aircall(desk), account(desk)["email"]
    page = await signed_in("agent")
    await go(page, "Break/Lunch")
    await aircall.shows(email, "unavailable", "out_for_lunch")
    await aircall.choose(email, "available")
    await expect(avatar(page, "Online")).to_be_visible(timeout=SLOW_MS)
    await aircall.choose(email, "unavailable", "in_training")
    await expect(avatar(page, "Away: Coaching")).to_be_visible(timeout=SLOW_MS)
    # and it rests there: what came from Aircall is not sent back
    await aircall.shows(email, "unavailable", "in_training")
    await go(page, "Online")
    await aircall.shows(email, "available", "always_opened")
    await expect(avatar(page, "Online")).to_be_visible()


def a_number() -> str:
    return f"+1415{2_000_000 + uuid.uuid4().int % 8_000_000}"


def account(desk: Desk) -> dict[str, Any]:
    return desk.account("agent")


def avatar(page: Page, status: str) -> Locator:
    """One's own, which says who one is and how one stands."""
    return page.get_by_role("navigation", name="Desk").get_by_role("button", name=re.compile(f", {status}"))


def details_card(page: Page) -> Locator:
    details = page.get_by_role("complementary", name="Details")
    return details.locator("section", has=page.get_by_role("button", name="Calls", exact=True))


async def go(page: Page, status: str) -> None:
    await avatar(page, "(Online|Away|Offline)").click()
    await page.get_by_role("menuitem", name=status, exact=True).click()
    await page.keyboard.press("Escape")


async def open_conversation(page: Page, subject: str) -> None:
    await page.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()
    await page.get_by_role("region", name="Conversations").get_by_text(subject).click(timeout=SLOW_MS)
