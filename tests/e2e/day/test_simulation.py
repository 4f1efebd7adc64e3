"""An admin tries a draft of a rule on all that was: progress, how many would differ, examples with their reasons.

In the browser, on the running desk.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from functools import partial
from typing import Any

from playwright.async_api import Route, expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import write
from tests.e2e.day.test_rules import SLOW_MS, add_tag, ask_subject, begin_rule
from tests.e2e.outside import Agent, until
from tests.tabs import SignedIn

SENT = 3


async def test_a_draft_is_simulated_over_what_was(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    name, tag = f"Missing lids {mark}", f"lid-{mark}"
    subjects = [f"No lid in the box {mark} {n}" for n in range(SENT)]
    async with Agent(desk.web, desk.account("admin")) as admin:
        for n, subject in enumerate(subjects):
            await write(desk, f"Ada Moor <{mark}-{n}@home.example>", subject)
            await until(partial(with_team, admin, subject))

        page = await signed_in("admin")
        await page.goto(f"{desk.web}/settings/rules")
        form = await begin_rule(page, name, "Conversation started")
        await ask_subject(page, form, mark)
        await add_tag(page, form, tag)
        await page.get_by_role("button", name="Simulate…").click()
        dialog = page.get_by_role("dialog", name="Simulate")
        await dialog.get_by_label("The newest conversations").click()
        await page.get_by_role("option", name="1,000", exact=True).click()

        # how far it is, until it is through
        look = asyncio.Event()

        async def later(route: Route) -> None:
            await look.wait()
            await route.continue_()

        await page.route("**/api/routing/rules/simulations/*", later)
        await dialog.get_by_role("button", name="Simulate", exact=True).click()
        await expect(dialog.get_by_role("progressbar", name="Simulated")).to_be_attached()
        await expect(dialog.get_by_text("Finding the conversations…")).to_be_visible()
        await expect(dialog.get_by_role("button", name="Cancel")).to_be_visible()
        look.set()

        # what came of it
        summed = dialog.get_by_role("status").filter(has_text="would have gone otherwise")
        await expect(summed).to_contain_text(re.compile(rf"^{SENT} of \d\d+ conversations"), timeout=SLOW_MS)
        counts = dialog.get_by_role("row").filter(has_text=name).get_by_role("cell")
        await expect(counts).to_have_text(["0", f"{SENT}+{SENT}"])
        examples = (
            dialog.get_by_role("list", name="Examples").get_by_role("listitem").filter(has=page.get_by_role("link"))
        )
        await expect(examples).to_have_count(SENT)
        example = examples.filter(has_text=subjects[0])
        await expect(example.get_by_role("definition")).to_have_text(
            [re.compile("assign Email Support"), re.compile(tag)]
        )
        await expect(example.get_by_text(f"Subject contains “{mark}”")).to_be_hidden()
        await example.get_by_role("button", name="Why?").click()
        await expect(example.get_by_text(f"Subject contains “{mark}”")).to_be_visible()

        # the conversation of an example, beside what is being written
        async with page.context.expect_page() as opened:
            await example.get_by_role("link", name=subjects[0]).click()
        other = await opened.value
        await expect(other.get_by_role("region", name="Conversation with Ada Moor")).to_be_visible(timeout=SLOW_MS)
        await other.close()
        await expect(examples).to_have_count(SENT)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("form", name="New rule").get_by_label("Name", exact=True)).to_have_value(name)

        # and nothing was done
        for subject in subjects:
            assert tag not in (await with_team(admin, subject) or {})["tags"]
        assert name not in {one["name"] for one in (await admin.get("/api/routing/rules"))["items"]}


async def with_team(admin: Agent, subject: str) -> dict[str, Any] | None:
    """The conversation, once routing has given it to a team."""
    head = await admin.find(subject)
    return head if head and head["team_id"] else None
