"""The bare find gives the same rows as the inbox does, so that comparing their times is fair."""

from __future__ import annotations

import random

import pytest

from shared.contracts.directory import AgentChanged
from tests.bench import million
from tests.bench.pages import ALL_SEEING, INBOXES, NARROW, NARROW_BRANDS, WIDE, every_case
from tests.integration.tickets.conftest import Running

CASES = 50


@pytest.fixture
async def desk(running: Running) -> Running:
    await running.keep(list(million.documents(2000)))
    for agent_id, brands in ((ALL_SEEING, ()), (NARROW, NARROW_BRANDS)):
        email = f"{agent_id}@desk.example"
        agent = AgentChanged(agent_id=agent_id, seq=1, name="A", email=email, role_id="agent", brand_ids=brands)
        await running.store.directory.put(agent)
    await running.learn()
    return running


async def test_a_list_is_the_same_with_and_without_the_service(desk: Running) -> None:
    collection = desk.store.conversations
    cases = [*every_case(ALL_SEEING, tuple(INBOXES)), *every_case(NARROW, WIDE)]
    for case in random.Random(1).sample(cases, CASES):
        async with desk.browser(case.agent_id) as browser:
            page = (await browser.get(case.path)).json()
            rows = await case.bare(collection)
            assert [one["head"]["id"] for one in page["items"]] == [row["_id"] for row in rows], case
            if page["next_cursor"]:
                after = case.after(page["next_cursor"], rows[-1])
                page = (await browser.get(after.path)).json()
                rows = await after.bare(collection)
                assert [one["head"]["id"] for one in page["items"]] == [row["_id"] for row in rows], after
