"""Agents' browsers: a WebSocket that comes back after every break and resumes, and the web app's own fetching.

What a browser has of its brand's conversations is what came live and what it fetched: at its first coming, and after
every `resync`.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.chaos.checker.screens import Seen
from tests.chaos.people import Never, Person

TOKEN_S = 120.0
PAUSE_S = (0.1, 1.0)


class Browser:
    """One agent's tab. `notifications` are the addresses of the replicas, `brand_id` the agent's only brand."""

    def __init__(self, person: Person, notifications: list[str], brand_id: str) -> None:
        self.seen = Seen()
        self.connected = False
        self._person = person
        self._urls = [one.replace("http://", "ws://") + "/live" for one in notifications]
        self._brand_id = brand_id
        self._last_id: str | None = None
        self._turn = random.randrange(len(notifications))
        self._fetching: set[asyncio.Task[None]] = set()
        self._first = True

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._turn += 1
            try:
                await self._visit(self._urls[self._turn % len(self._urls)])
            except (OSError, WebSocketException, TimeoutError):
                self.seen.counts["broken"] += 1
            self.connected = False
            await asyncio.sleep(random.uniform(*PAUSE_S))

    @property
    def up_to_date(self) -> bool:
        return self.connected and not self._fetching

    async def _visit(self, url: str) -> None:
        token = await self._person.token()
        async with connect(url, open_timeout=10, ping_interval=5, ping_timeout=10, close_timeout=1) as socket:
            await socket.send(json.dumps({"type": "hello", "token": token, "last_id": self._last_id}))
            self.seen.counts["visits"] += 1
            token_at = time.monotonic()
            async for text in socket:
                self._take(json.loads(text))
                if time.monotonic() - token_at > TOKEN_S:
                    token_at = time.monotonic()
                    await socket.send(json.dumps({"type": "token", "token": await self._person.token()}))

    def _take(self, frame: dict[str, Any]) -> None:
        self._last_id = frame.get("id", self._last_id)
        match frame["type"]:
            case "ready":
                self.connected = True
                self.seen.counts["resumed"] += frame["resumed"]
                if self._first:
                    self._first = False
                    self.seen.since = time.time()
                    self._fetch()
            case "resync":
                self.seen.resync(time.time())
                self._fetch()
            case "event":
                self._event(frame["event"], frame["head"])

    def _event(self, event: dict[str, Any], head: dict[str, Any]) -> None:
        key, seq = event["conversation_id"], event["seq"]
        if head["brand_id"] != self._brand_id:
            self.seen.others.append(f"{key} of {head['brand_id']}")
        self.seen.came(key, seq)

    def _fetch(self) -> None:
        task = asyncio.create_task(self._fetch_all())
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)

    async def _fetch_all(self) -> None:
        """As the web app does: the list anew, and the timelines from the last whole place on."""
        cursor: str | None = None
        while True:
            query = {"inbox": f"brand:{self._brand_id}", "status": "all", "sort": "newest", "limit": 100}
            page = await self._get("/conversations", query | ({"cursor": cursor} if cursor else {}))
            for one in page["items"]:
                await self._fetch_timeline(one["head"]["id"], one["head"]["seq"])
            cursor = page["next_cursor"]
            if not cursor:
                return

    async def _fetch_timeline(self, key: str, seq: int) -> None:
        have = self.seen.have[key]
        whole = 0
        while whole + 1 in have:
            whole += 1
        while whole < seq:
            page = await self._get(f"/conversations/{key}/timeline", {"after_seq": whole, "limit": 200})
            have.update(one["seq"] for one in page["items"])
            whole = page["items"][-1]["seq"]
            if not page["has_more"]:
                return

    async def _get(self, path: str, query: dict[str, Any]) -> Any:
        try:
            return await self._person.insist("GET", path, params=query)
        except Never as error:
            raise RuntimeError(f"a browser was refused: {error}") from error
