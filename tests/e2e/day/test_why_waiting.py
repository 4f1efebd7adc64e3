"""What cannot be given to anybody says why beside the conversation, and "Why?" on any conversation lists all that rules
looked at. In the browser, on the running desk."""

from __future__ import annotations

import re
import uuid

from playwright.async_api import expect

from tests.desk import Desk
from tests.e2e.day.test_contacts import open_conversation, write
from tests.e2e.outside import Agent, until
from tests.tabs import SignedIn

SLOW_MS = 60_000


async def test_what_waits_says_why_and_any_conversation_explains_itself(desk: Desk, signed_in: SignedIn) -> None:
    mark = uuid.uuid4().hex[:8]
    team_id, subject = f"nobody-{mark}", f"Who answers me {mark}"
    rule = {
        "name": f"To nobody {mark}",
        "when": ["ConversationStarted"],
        "if": {"all": [{"field": "conversation.subject", "operator": "contains", "value": mark}]},
        "then": [{"kind": "assign", "team_id": team_id}],
    }
    async with Agent(desk.web, desk.account("admin")) as admin:
        made = await admin.client.put(f"/api/tickets/teams/{team_id}", json={"name": f"Nobody {mark}"})
        made.raise_for_status()

        async def published() -> bool:
            answer = await admin.client.post("/api/routing/rules", params={"publish": True}, json=rule)
            return answer.status_code == 201

        await until(published)
        await write(desk, f"Ada Moor <{mark}@home.example>", subject)

    # why nobody has it, and what led there
    page = await signed_in("lead")
    await open_conversation(page, subject)
    details = page.get_by_role("complementary", name="Details")
    line = details.get_by_role("paragraph").filter(has_text="Waits since")
    await expect(line).to_contain_text(f"Nobody {mark} has no members", timeout=SLOW_MS)
    row = page.get_by_role("region", name="Conversations").get_by_role("button").filter(has_text=subject)
    on_its_row = row.get_by_role("img", name=re.compile(f"^Waits since .*: Nobody {mark} has no members"))
    await expect(on_its_row).to_be_visible(timeout=SLOW_MS)
    await line.get_by_role("button", name="Why?").click()
    why = page.get_by_role("dialog", name="Why?", exact=True)
    await expect(why.get_by_role("listitem").filter(has_text=f"To nobody {mark}")).to_contain_text("version 1")
    await page.keyboard.press("Escape")

    # all that rules looked at, from the menu
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Why?").click()
    dialog = page.get_by_role("dialog", name="Why is this conversation where it is?")
    first = dialog.get_by_role("list", name="Decisions").get_by_role("button").last
    await expect(first).to_contain_text("The conversation began.")
    await expect(first).to_contain_text(f"Nobody {mark} has no members.")
    await first.click()
    await expect(dialog.get_by_text(f"“{mark}”").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)

    # and by typing; who takes it ends the waiting
    await details.get_by_role("button", name="Take it").click()
    await expect(line).to_have_count(0)
    await expect(on_its_row).to_have_count(0)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("what rules did")
    palette = page.get_by_role("dialog", name="Do or go anywhere")
    await expect(palette.get_by_role("button")).to_have_text([re.compile("What rules did here")])
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("The conversation began.")).to_be_visible()
