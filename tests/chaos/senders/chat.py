"""Visitors who write in the messenger: a session, messages with the client's own ids, some of them twice."""

from __future__ import annotations

import uuid

from tests.chaos.senders.world import World, insist, judged

AGAIN = 0.05


async def visit(world: World, number: int) -> None:
    """One visitor's session."""
    chance = world.chance(f"chat-{number}")
    brand = world.brand(chance)
    session = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    token = ""

    async def enter(attempt: int) -> None:
        nonlocal token
        url = world.ingest[attempt % len(world.ingest)]
        answer = judged(await world.http.post(f"{url}/messenger/sessions", json={"brand_id": brand.id}))
        token = answer.json()["token"]

    if not await insist(world, "session", enter):
        return
    for n in range(chance.randrange(3, 10)):
        mark = f"{world.seed}-c{number}-{n}"
        body = {"client_id": mark, "session_id": session, "text": f"Hi there, mark:{mark}. Can you help?"}
        again = chance.random() < AGAIN
        await world.pace.turn()

        async def send(attempt: int, body: dict[str, str] = body) -> None:
            url = world.ingest[attempt % len(world.ingest)]
            headers = {"Authorization": f"Bearer {token}"}
            judged(await world.http.post(f"{url}/messenger/messages", json=body, headers=headers))

        if await insist(world, "chat", send):
            world.journal.write("message", channel="chat", mark=mark, thread=session)
            world.pace.accepted()
            if again:
                await insist(world, "chat again", send)
