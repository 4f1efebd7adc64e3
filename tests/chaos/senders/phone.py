"""Aircall's webhooks: each told until it is heard, many twice, and some steps of a call in the wrong order.

https://developer.aircall.io/api-references/#webhooks: `data` is the whole call as it stands at that step.
"""

from __future__ import annotations

import random
from typing import Any

from tests.chaos.senders.world import World, insist, judged

AGAIN = 0.15
MUDDLED = 0.3
NOW = 1_777_888_800
"""Unix seconds; the same in every run, as a webhook's id is made from all that it says."""


async def call(world: World, number: int) -> None:
    """One inbound call, answered or missed."""
    chance = world.chance(f"phone-{number}")
    brand = world.brand(chance)
    call_id = int(f"{abs(hash_of(world.seed)) % 10**6}{number:08}")
    told = steps(chance, call_id, brand.line, answered=chance.random() < 0.7)
    if chance.random() < MUDDLED:
        chance.shuffle(told)
    for step, payload in told:
        payload["token"] = world.aircall_token
        again = chance.random() < AGAIN
        await world.pace.turn()

        async def send(attempt: int, payload: dict[str, Any] = payload) -> None:
            url = world.ingest[attempt % len(world.ingest)]
            judged(await world.http.post(f"{url}/aircall", json=payload))

        if await insist(world, "webhook", send):
            world.journal.write("call", call=str(call_id), step=step, told=_facts(payload["data"]))
            world.pace.accepted()
            if again:
                await insist(world, "webhook again", send)


def steps(chance: random.Random, call_id: int, line: str, *, answered: bool) -> list[tuple[str, dict[str, Any]]]:
    """(the step, its webhook) in the order in which they happen."""
    data: dict[str, Any] = {
        "id": call_id,
        "direction": "inbound",
        "status": "initial",
        "started_at": NOW,
        "raw_digits": f"+1415555{chance.randrange(10_000):04}",
        "number": {"id": 1, "name": "The line", "digits": line, "country": "US"},
    }
    changes: list[tuple[str, dict[str, Any]]] = [("created", {}), ("ringing_on_agent", {"status": "initial"})]
    if answered:
        changes.append(("answered", {"status": "answered", "answered_at": NOW + 5}))
    changes.append(("ended", {"status": "done", "ended_at": NOW + 60, "duration": 55}))
    if answered and chance.random() < 0.5:
        changes.append(("tagged", {"tags": [{"id": 1, "name": f"tag-{call_id}"}]}))
    told = []
    for n, (step, change) in enumerate(changes):
        data = {**data, **change}
        told.append((step, {"resource": "call", "event": f"call.{step}", "timestamp": NOW + n, "data": data}))
    return told


def _facts(data: dict[str, Any]) -> dict[str, Any]:
    """What must be known of the call once this was heard, in the desk's own words."""
    found: dict[str, Any] = {}
    if "answered_at" in data:
        found["answered"] = True
    if "ended_at" in data:
        found["ended"] = True
    if "tags" in data:
        found["tag"] = data["tags"][0]["name"]
    return found


def hash_of(text: str) -> int:
    return random.Random(text).getrandbits(32)
