"""The gate's own servers: Kafka, Redis and a replica set of three, to be killed, restarted and deposed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from redis.asyncio import Redis as RedisClient

from deploy.local.layout import Layout
from deploy.local.packages import server_packages
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.servers import Kafka, Mongo, MongoMember, Redis, Server
from tests.chaos import ports

MEMBERS = 3
READY_WITHIN_S = 300.0
PATIENCE_S = 5.0


class Servers:
    """One of each in `folder`; ends with this process however it ends."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        packages = server_packages(Layout.of(), progress)
        self.processes = Processes(folder / "run", folder / "logs", die_with_parent=True)
        port, controller, redis, *mongo = ports.choose(3 + MEMBERS)
        data = folder / "data"
        self.kafka = Kafka(self.processes, packages, data / "kafka", port, controller)
        self.redis = Redis(self.processes, packages, data / "redis", redis)
        self.mongo = Mongo(self.processes, packages, data, mongo)

    def start(self) -> None:
        for server in (self.kafka, self.mongo, self.redis):
            server.spawn()
        for server in (self.kafka, self.mongo, self.redis):
            server.wait_ready(READY_WITHIN_S)

    def stop(self) -> None:
        self.processes.stop_in_order(self.processes.all())

    def env(self) -> dict[str, str]:
        """The addresses as services take them."""
        return {
            "SWITCHBOARD_KAFKA": self.kafka.address,
            "SWITCHBOARD_MONGO": self.mongo.address,
            "SWITCHBOARD_REDIS": self.redis.address,
        }

    # ── what goes wrong with them ────────────────────────────────────────────────────────────────
    def lose(self) -> None:
        """As when the machine burns down: all killed, and nothing is left of what they kept. `start` makes new ones,
        which are empty, at the same addresses."""
        for server in (self.kafka, self.redis, *self.mongo.members):
            server.kill()
            shutil.rmtree(server.data)

    async def restart_kafka(self, *, crash: bool, down_s: float) -> None:
        await self._restart(self.kafka, crash, down_s)

    async def restart_primary(self, *, crash: bool, down_s: float) -> str:
        """Whoever is primary goes and comes back as a secondary; its name."""
        member = await self._primary()
        await self._restart(member, crash, down_s)
        return member.name

    async def step_down(self) -> None:
        await asyncio.to_thread(self.mongo.step_down)

    async def flush_redis(self) -> None:
        async with RedisClient.from_url(self.redis.address) as client:
            await client.flushall()

    async def restart_redis(self, *, crash: bool, down_s: float) -> None:
        await self._restart(self.redis, crash, down_s)

    async def _restart(self, server: Server, crash: bool, down_s: float) -> None:
        """In good order it gets `PATIENCE_S`; a lone KRaft node waits for a controller that has gone, itself."""
        if process := server.process:
            if not crash:
                await asyncio.to_thread(self.processes.stop, [process], PATIENCE_S)
            self.processes.kill(process)
        await asyncio.sleep(down_s)
        server.spawn()
        await asyncio.to_thread(server.wait_ready, READY_WITHIN_S)

    async def _primary(self) -> MongoMember:
        while True:
            found = await asyncio.to_thread(lambda: self.mongo.primary)
            if found is not None:
                return found
            await asyncio.sleep(0.2)
