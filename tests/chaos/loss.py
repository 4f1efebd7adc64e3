"""A desk that is dumped while everybody works on it, then lost whole, and restored: the commands are those of
docs/runbooks/restore.md, the customers, agents, browsers and receivers are the gate's."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.chaos.agents import Agents
from tests.chaos.browsers import Browser
from tests.chaos.checker import restored, screens
from tests.chaos.checker.collect import Reader
from tests.chaos.checker.evidence import Evidence
from tests.chaos.gate import ACCOUNTS, READY_WITHIN_S, Gate
from tests.chaos.journal import read
from tests.chaos.people import Person
from tests.chaos.senders import custom, poison
from tests.chaos.senders.crowd import Crowd
from tests.chaos.senders.world import WATCHED, Pace

SHARE = 0.4
"""Of the gate's customers."""
POISON = 0.13
"""So many that each Kafka topic has some."""
COMMANDS = 40
"""Of agents, before and again after."""
MEANWHILE = Pace(700, 25.0)
"""Customers who write before and while it is dumped, and go on until a desk takes it."""
BEFORE_S, UNREAD_S, UNKNOWN_S = 6.0, 2.0, 2.0
"""How long they write before ingest dies, then until the dump at least, and until all is lost once a mail has left."""
QUEUED = 6
"""Mails that wait when it is dumped, of which one leaves before all is lost."""
LIKE_WITHIN_S = 30.0
UNREAD = [n for n in range(len(poison.TYPES) * len(poison.KINDS)) if poison.choice(n)[0] == custom.TOPIC]
"""The numbers of poison records of each kind for the integrators' topic."""
KINDS = ("message", "call", "action", "mail", "hook")


@dataclass
class Aftermath:
    """What the checker needs. `unlike`: where projections and counts are not as the conversations. `counts`: how often
    there was something for the rows to look at."""

    before: Evidence
    after: Evidence
    gap: restored.Gap
    browsers: list[dict[str, list[str]]]
    unlike: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Loss(Gate):
    """One desk's end, and its return."""

    async def lose_and_restore(self, backup: Path) -> Aftermath:
        """`backup` is the folder that is written and read."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._http.aclose)
            stack.push_async_callback(self._close_reader)
            stack.callback(self.desk.stop)
            await self._start(stack)
            *people, admin = [self._person(name) for name in ACCOUNTS]
            browsers = await self._watch(admin, stack)
            before = await self._before(people, browsers)
            writing = asyncio.create_task(self._customers("meanwhile", MEANWHILE).run())
            stack.callback(writing.cancel)
            gap = await self._dumped_and_lost(people, admin, backup)
            for one in browsers:
                one.seen.have.clear()  # whoever looks again has nothing of before on the screen
            await self._restore(backup)
            async with self._at_work(people, "after", COMMANDS):
                await writing
            await self._all_sent(browsers)
            gap, sent = await self._resend(admin, gap)
            await self._all_sent(browsers)
            self._say("checking")
            after = await self._reader.evidence(self._journal.file)
            watched = [one for one in after.logs["tickets"] if one.brand == WATCHED.id]
            seen = [screens.compared(one.seen, watched) for one in browsers]
            counts = _how_often(after, gap) + Counter(
                {"held and had left": len(gap.left), "held and sent": sent}
                | {"resyncs": sum(one.seen.counts["resyncs"] for one in browsers)}
            )
            return Aftermath(before, after, gap, seen, await self._unlike(admin), counts)

    # ── before ───────────────────────────────────────────────────────────────────────────────────
    async def _before(self, people: list[Person], browsers: Sequence[Browser]) -> Evidence:
        """Some life, with poison on every topic; settled."""
        self._crowd = Crowd(self._world, share=SHARE, poison_share=POISON)
        async with self._at_work(people, "before", COMMANDS):
            await self._crowd.run()
        await self._all_sent(browsers)
        return await self._reader.evidence(self._journal.file)

    def _customers(self, name: str, pace: Pace) -> Crowd:
        """Others, who answer the desk's mails from now on."""
        self._world = replace(self._world, seed=f"{self._run.seed}-{name}", pace=pace)
        self._crowd = Crowd(self._world, share=SHARE, poison_share=0)
        return self._crowd

    @asynccontextmanager
    async def _at_work(self, people: list[Person], name: str, commands: int) -> AsyncIterator[None]:
        """Agents are, on until so many commands were taken."""
        agents = Agents(people, self._journal, f"{self._run.seed}-{name}", self._run.actions_per_second)
        working = asyncio.create_task(agents.run())
        try:
            yield

            async def enough() -> bool:
                return agents.taken >= commands

            await self._until(enough, READY_WITHIN_S, f"{commands} commands are taken")
        finally:
            agents.stop()
            await working
        self._say(f"{name}: {self._world.pace.taken} inputs, {agents.taken} commands")

    # ── the dump, and the loss ───────────────────────────────────────────────────────────────────
    async def _dumped_and_lost(self, people: list[Person], admin: Person, backup: Path) -> restored.Gap:
        """The dump while all work. Of the mails then some wait: at first they are turned away once, at last they are
        not answered. And there are records that nobody has read, as ingest is dead. What the desk does after the dump
        is lost with it."""
        async with self._at_work(people, "meanwhile", 0):
            self._mail.mood.now = "failing"
            await asyncio.sleep(BEFORE_S)
            self._mail.mood.now = "silent"
            for one in self.desk.regular("ingest"):
                self.desk.kill(one.name)
            await self._spoil_unread()
            await asyncio.sleep(UNREAD_S)
            queued = await self._queued(admin)
            dumped_at = time.time()
            self._say((await asyncio.to_thread(self.desk.command, "deploy.backup", "dump", str(backup))).strip())
            await self._one_leaves(queued, time.time())
            await asyncio.sleep(UNKNOWN_S)
        for one in self.desk.regular():
            self.desk.kill(one.name)
        self._mail.mood.now = "well"
        await self._close_reader()
        await asyncio.to_thread(self.desk.servers.lose)
        await asyncio.sleep(0.5)  # whoever was answered has written it down
        self._say("all is lost")
        return restored.Gap(dumped_at, time.time())

    async def _queued(self, admin: Person) -> set[str]:
        """Message-IDs of the mails that wait, once there are some."""
        queued = set[str]()

        async def some() -> bool:
            base = self.desk.urls("notifications")[0]
            told = await admin.insist("GET", "/deliveries", base=base, params={"state": "queued", "limit": 100})
            queued.update(one["message_id"] for one in told["items"])
            return len(told["items"]) >= QUEUED

        await self._until(some, READY_WITHIN_S, f"{QUEUED} mails wait")
        return queued

    async def _one_leaves(self, queued: set[str], since: float) -> None:
        async def left() -> bool:
            lines = read(self._journal.file)
            return any(one["kind"] == "mail" and one["at"] > since and one["message_id"] in queued for one in lines)

        await self._until(left, READY_WITHIN_S, "a mail leaves that the dump has as waiting")

    async def _spoil_unread(self) -> None:
        publisher, world = custom.Publisher(self._world.kafka), replace(self._world, seed=f"{self._run.seed}-unread")
        try:
            for number in UNREAD:
                await poison.poison(world, publisher, number)
        finally:
            await publisher.close()

    async def _restore(self, backup: Path) -> None:
        await asyncio.to_thread(self.desk.servers.start)
        self._say((await asyncio.to_thread(self.desk.command, "deploy.backup", "restore", str(backup))).strip())
        self._reader = Reader(self.desk.servers.kafka.address, self.desk.servers.mongo.address, self.desk.prefix)
        self.desk.start()
        await self._until(self._ready, READY_WITHIN_S, "every service is ready")
        self._say("the desk is back")

    async def _close_reader(self) -> None:
        await self._reader.close()

    # ── after ────────────────────────────────────────────────────────────────────────────────────
    async def _resend(self, admin: Person, gap: restored.Gap) -> tuple[restored.Gap, int]:
        """What the desk held back, somebody looks up: what the customer's server never had is sent, so many."""
        base = self.desk.urls("notifications")[0]
        taken = {one["message_id"] for one in read(self._journal.file) if one["kind"] == "mail"}
        failed = await admin.insist("GET", "/deliveries", base=base, params={"state": "failed", "limit": 100})
        left = [one["entry_id"] for one in failed["items"] if one["message_id"] in taken]
        waiting = [one["id"] for one in failed["items"] if one["message_id"] not in taken]
        for one in waiting:
            await admin.insist("POST", f"/deliveries/{one}/retry", base=base, key=f"retry-{one}")
        return replace(gap, left=frozenset(left)), len(waiting)

    async def _unlike(self, admin: Person) -> list[str]:
        """What is drawn from the conversations, and does not follow them."""
        found: list[str] = []

        async def alike() -> bool:
            told = await admin.insist("GET", "/availability", base=self.desk.urls("routing")[0])
            loads = {one["agent_id"]: one["load"] for one in told["items"]}
            counts = (await admin.insist("GET", "/inboxes"))["counts"]
            found[:] = restored.unlike(await self._reader.open_conversations(), loads, counts)
            return not found

        await self._until(alike, LIKE_WITHIN_S, "loads and counts are as the conversations")
        return found


def _how_often(after: Evidence, gap: restored.Gap) -> Counter[str]:
    lines = [(kind, one["at"]) for kind in KINDS for one in after.lines(kind)]
    return Counter(f"{kind} {gap.when(at)}" for kind, at in lines)
