"""Gathers all evidence, and tells when there is nothing more to wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chaos.checker.evidence import Evidence
from tests.chaos.checker.stores import SERVICES, Stores
from tests.chaos.checker.topics import Topics
from tests.chaos.journal import Line, read


class Reader:
    """One desk, seen from outside."""

    def __init__(self, kafka: str, mongo: str, prefix: str, services: Sequence[str] = SERVICES) -> None:
        self._topics = Topics(kafka, prefix)
        self._stores = Stores(mongo, prefix)
        self._services = services
        self._journal: dict[str, list[Line]] = {}

    async def close(self) -> None:
        await self._stores.close()

    # ── is it over? ──────────────────────────────────────────────────────────────────────────────
    async def settled(self) -> bool:
        """Every log is told, and every group has read everything."""
        return not await self._stores.untold(self._services) and not await self.lag()

    async def lag(self) -> dict[str, int]:
        found = await self._topics.lag()
        return {group: count for group, count in found.items() if group.split(".")[0] in self._services}

    async def lag_or_none(self) -> dict[str, int] | None:
        """None while the servers do not say."""
        try:
            return await self.lag()
        except Exception:
            return None

    async def to_be_sent(self) -> int:
        """Mails and webhook calls that have not left yet."""
        return await self._stores.queued_deliveries() + await self._stores.waiting_calls()

    async def open_conversations(self) -> list[dict[str, Any]]:
        return await self._stores.open_conversations()

    async def asleep(self) -> int:
        return await self._stores.asleep()

    async def state(self) -> str:
        return f"lag {await self.lag_or_none()}, {await self.to_be_sent()} to be sent"

    # ── all there is ─────────────────────────────────────────────────────────────────────────────
    async def evidence(self, journal: Path) -> Evidence:
        """Everything, once all has settled."""
        lines: dict[str, list[Line]] = defaultdict(list)
        for one in read(journal):
            lines[one["kind"]].append(one)
        self._journal = lines
        topics, poison, maybe = await self._topics.published()
        dead = await self._topics.dead()
        told = {(one["topic"], one["partition"], one["offset"]) for one in lines["poison"]}
        poison |= dict.fromkeys(maybe & (told | {one.place for one in dead}), 0)
        return Evidence(
            journal=lines,
            logs={one: await self._stores.log(one) for one in self._services},
            topics=topics,
            poison=poison,
            dead=dead,
            readers=await self._read_here(),
            applied={one: await self._stores.applied(one) for one in self._services},
            deliveries=await self._stores.deliveries(),
            rejected=await self._stores.rejected(),
        )

    async def _read_here(self) -> dict[str, list[str]]:
        readers = await self._topics.readers()
        return {
            topic: [one for one in groups if one.split(".")[0] in self._services] for topic, groups in readers.items()
        }

    def journal_lines(self, kind: str) -> list[Any]:
        return self._journal.get(kind, [])
