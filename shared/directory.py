"""The directory as every replica knows it: agents, teams, roles, brands and signing keys.

Reads `tickets.directory.v1` whole at start and follows it, without a consumer group.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared import kafka
from shared.cloudevents import Unknown, decode
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, BrandChanged, RoleChanged, SigningKeyChanged, TeamChanged
from shared.errors import InvalidMessage
from shared.kafka import KafkaError, RawRecord
from shared.logs import get_logger
from shared.settings import Settings
from shared.topics import DIRECTORY, PARTITIONS

log = get_logger(__name__)


class Directory:
    """A part. Its dictionaries are by id and always current; callers only read them."""

    def __init__(self, settings: Settings) -> None:
        self.name = "directory"
        self.agents: dict[str, AgentChanged] = {}
        self.teams: dict[str, TeamChanged] = {}
        self.roles: dict[str, RoleChanged] = {}
        self.brands: dict[str, BrandChanged] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, SigningKeyChanged] = {}
        self._settings = settings
        self._callbacks: list[Callable[[Event], None]] = []
        self._whole = False
        self._task: asyncio.Task[None] | None = None

    def brand_of_address(self, address: str) -> BrandChanged | None:
        """The brand whose mailbox this is; `name+anything@` counts as `name@` (RFC 5233)."""
        local, _, domain = address.lower().partition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        for brand in self.brands.values():
            if any(one.address in (address.lower(), plain) for one in brand.addresses):
                return brand
        return None

    def brand_of_line(self, number: str) -> BrandChanged | None:
        """The brand whose phone line (E.164) this is."""
        return next((brand for brand in self.brands.values() if number in brand.lines), None)

    def members(self, team_id: str) -> list[AgentChanged]:
        """Active agents of a team, by id."""
        found = [agent for agent in self.agents.values() if agent.active and team_id in agent.team_ids]
        return sorted(found, key=lambda agent: agent.agent_id)

    @property
    def whole(self) -> bool:
        """Whether all that was on the topic when we began is known."""
        return self._whole

    def on_change(self, callback: Callable[[Event], None]) -> None:
        self._callbacks.append(callback)

    def learn(self, event: Event) -> None:
        """Take in one change; one that is older than what we know is passed over, and nobody is told."""
        match event:
            case AgentChanged():
                new = _newest(self.agents, event.agent_id, event)
            case TeamChanged():
                new = _newest(self.teams, event.team_id, event)
            case RoleChanged():
                new = _newest(self.roles, event.role_id, event)
            case BrandChanged():
                new = _newest(self.brands, event.brand_id, event)
            case SigningKeyChanged():
                new = _newest(self._keys, event.key_id, event)
                self.keys[event.key_id] = self._keys[event.key_id].jwk
            case _:
                return
        if new:
            for callback in self._callbacks:
                callback(event)

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name=self.name)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def alive(self) -> bool:
        return self._task is None or not self._task.done()

    async def ready(self) -> str | None:
        return None if self._whole else "the directory is not read yet"

    async def _follow(self) -> None:
        while True:
            consumer = kafka.reader(self._settings)
            try:
                await consumer.start()
                await self._read(consumer)
            except KafkaError as error:
                log.warning("directory waits", error=type(error).__name__)
                await asyncio.sleep(1)
            finally:
                with contextlib.suppress(Exception):
                    await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        name = kafka.topic_name(self._settings, DIRECTORY.name)
        partitions = [TopicPartition(name, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while True:
            batches = await consumer.getmany(timeout_ms=100 if not self._whole else 1000)
            for records in batches.values():
                for raw in records:
                    self._take(raw)
            if not self._whole:
                positions = [await consumer.position(one) >= ends[one] for one in partitions]
                self._whole = all(positions)

    def _take(self, raw: RawRecord) -> None:
        try:
            understood = decode(kafka.as_record(raw, self._settings), DIRECTORY)
        except InvalidMessage as error:
            # Nobody but tickets may write here; a record that cannot be read must not stop sign-in for all.
            log.error("directory record unreadable", offset=raw.offset, error=str(error))
            return
        if not isinstance(understood, Unknown):
            self.learn(understood.data)


def _newest(known: dict[str, Any], key: str, event: Any) -> bool:
    before = known.get(key)
    if before is not None and before.seq > event.seq:
        return False
    known[key] = event
    return True
