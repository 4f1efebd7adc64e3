"""Who looks at a conversation: told to those who look at it too, to nobody else, and over by itself."""

# ruff: noqa: F811 (fixtures of another file)
from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from deploy.local.ports import HOST
from services.notifications.live.viewers import HERE_S, TYPING_S, Person, Viewers, ViewersReader, person_of
from services.notifications.live.viewers_api import routes
from shared import clock
from shared.access import Access
from shared.signing import Signer
from tests.integration.notifications.test_live import Replica, desk, replica  # noqa: F401 (fixtures)
from tests.integration.notifications.world import SECRET, until

CONVERSATION = "c-1"


def passed(agent_id: str, *, lasts_s: float = 60, conversation_id: str = CONVERSATION) -> str:
    return Signer(SECRET).viewing_pass(agent_id, conversation_id, clock.now() + timedelta(seconds=lasts_s))


def add_route(replica: Replica, viewers: Viewers) -> None:
    replica.http.state.access = Access(replica.directory, clock.now)
    replica.http.include_router(routes(viewers, Signer(SECRET), clock.now))


async def look(replica: Replica, agent_id: str, **body: Any) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{replica.port}") as client:
        return await client.post(
            f"/conversations/{CONVERSATION}/viewers",
            json={"viewing_pass": passed(agent_id), **body},
            headers={"Authorization": f"Bearer {replica.desk.token(agent_id)}"},
        )


async def told(socket: Any) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 20))
        if frame["type"] == "viewers":
            return frame


async def test_those_who_look_at_it_see_each_other_and_who_writes(replica: Replica) -> None:
    viewers = Viewers(replica.settings, replica.cache, clock.now)
    reader = ViewersReader(viewers, replica.hub)
    add_route(replica, viewers)
    await reader.start()
    try:
        maya, other = await replica.agent("maya"), await replica.agent("admin")

        async def listens() -> bool:
            [(_, readers)] = await replica.cache.pubsub_numsub(viewers.channel)
            return bool(readers == 1 and replica.hub.count == 2)

        await until(listens)
        assert (await look(replica, "maya")).json() == {"people": [{"agent_id": "maya", "typing": False}]}
        assert (await told(maya))["people"] == [{"agent_id": "maya", "typing": False}]
        await look(replica, "admin", typing=True)
        both = [{"agent_id": "admin", "typing": True}, {"agent_id": "maya", "typing": False}]
        assert await told(maya) == {"type": "viewers", "conversation_id": CONVERSATION, "people": both}
        assert (await told(other))["people"] == both
        assert (await look(replica, "admin", here=False)).json()["people"] == both[1:]
        assert (await told(maya))["people"] == both[1:]
    finally:
        await reader.stop()


@pytest.mark.parametrize("whose", ["another's", "another conversation's", "an old one"])
async def test_without_a_pass_of_ones_own_one_is_not_shown_there(replica: Replica, whose: str) -> None:
    viewers = Viewers(replica.settings, replica.cache, clock.now)
    add_route(replica, viewers)
    wrong = {
        "another's": passed("admin"),
        "another conversation's": passed("maya", conversation_id="c-2"),
        "an old one": passed("maya", lasts_s=-1),
    }[whose]
    refused = await look(replica, "maya", viewing_pass=wrong)
    assert (refused.status_code, refused.json()["code"]) == (403, "bad_pass")
    assert await viewers.people(CONVERSATION) == []


async def test_who_says_nothing_more_is_gone(replica: Replica) -> None:
    viewers = Viewers(replica.settings, replica.cache, clock.now)
    await viewers.seen(CONVERSATION, "maya", typing=True)
    later = Viewers(replica.settings, replica.cache, lambda: clock.now() + timedelta(seconds=TYPING_S + 1))
    gone = Viewers(replica.settings, replica.cache, lambda: clock.now() + timedelta(seconds=HERE_S + 1))
    assert await viewers.people(CONVERSATION) == [Person("maya", typing=True)]
    assert await later.people(CONVERSATION) == [Person("maya", typing=False)]
    assert await gone.people(CONVERSATION) == []
    assert person_of("maya", "10.5|0", 10.0) == Person("maya", typing=False)
