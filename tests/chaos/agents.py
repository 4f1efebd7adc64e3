"""Agents at work over HTTP: they reply, note, tag, assign, snooze and close, and repeat what was not answered.

Each command has an Idempotency-Key; the same key again, on purpose or after a timeout, must give the same answer.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.chaos.journal import Journal
from tests.chaos.people import Never, Person, Refused

ACTIONS = {"reply": 45, "note": 15, "tag": 15, "assign": 8, "snooze": 7, "close": 10}
AGAIN = 0.1
OTHERS = 0.3
SNOOZE_S = (2, 15)
COLLEAGUES = ("maya", "jonas", "priya", "lead")


class Agents:
    """`per_second`: how many commands all of them give together."""

    def __init__(self, people: list[Person], journal: Journal, seed: str, per_second: float) -> None:
        self._people = people
        self._journal = journal
        self._seed = seed
        self._pause_s = len(people) / per_second
        self._numbers = itertools.count()
        self._ended = asyncio.Event()
        self.refused: list[str] = []
        self.taken = 0

    async def run(self) -> None:
        """Until `stop`, and what is in hand after it."""
        async with asyncio.TaskGroup() as group:
            for person in self._people:
                group.create_task(self._work(person))

    def stop(self) -> None:
        self._ended.set()

    async def _work(self, person: Person) -> None:
        heads: list[dict[str, Any]] = []
        while not self._ended.is_set():
            number = next(self._numbers)
            chance = random.Random(f"{self._seed}/agent-{number}")
            if not heads:
                heads = await self._look(person, chance)
            if heads:
                await self._act(person, heads.pop(chance.randrange(len(heads))), number, chance)
            try:
                await asyncio.wait_for(self._ended.wait(), chance.uniform(0, 2 * self._pause_s))
            except TimeoutError:
                continue

    async def _look(self, person: Person, chance: random.Random) -> list[dict[str, Any]]:
        """Some open conversations."""
        query = {"inbox": "all", "status": "open", "sort": chance.choice(("newest", "oldest")), "limit": 60}
        try:
            answer = await person.once("GET", "/conversations", params=query)
        except (Refused, Never, httpx.HTTPError):
            return []
        heads = [one["head"] for one in answer["items"]]
        # Mail leaves the desk; what is said in chats and on custom channels does not, so it is tried less.
        return [one for one in heads if one["channel"] == "email" or chance.random() < OTHERS]

    async def _act(self, person: Person, head: dict[str, Any], number: int, chance: random.Random) -> None:
        (action,) = chance.choices(list(ACTIONS), list(ACTIONS.values()))
        mark, key = f"{self._seed}-a{number}", f"key-{self._seed}-{number}"
        path, body = _command(action, head, mark, chance)
        path = f"/conversations/{head['id']}/{path}"
        try:
            answer = await person.insist("POST", path, key=key, json=body)
            again = await person.insist("POST", path, key=key, json=body) if chance.random() < AGAIN else answer
        except Never as error:
            # Others work on the same conversations: one may be closed, or somebody else's, by now.
            self.refused.append(f"{action}: {error}")
            return
        self.taken += 1
        first, second = ([one["id"] for one in said["events"]] for said in (answer, again))
        self._journal.write("action", action=action, mark=mark, conversation=head["id"], events=first)
        if first != second:
            self._journal.write("answer", mark=mark, first=first, again=second)


def _command(action: str, head: dict[str, Any], mark: str, chance: random.Random) -> tuple[str, dict[str, Any]]:
    """The end of the path, and the body."""
    text = f"<p>Written by hand, mark:{mark}.</p>"
    match action:
        case "reply":
            return "reply", {"html": text}
        case "note":
            return "note", {"html": text}
        case "tag":
            return "tags", {"add": [f"mark:{mark}"]}
        case "assign":
            return "assign", {"team_id": "email-support", "assignee_id": chance.choice(COLLEAGUES)}
        case "snooze":
            until = datetime.now(UTC) + timedelta(seconds=chance.randint(*SNOOZE_S))
            return "snooze", {"until": until.isoformat()}
    return "close", {}
