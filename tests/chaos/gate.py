"""One run of the gate: a desk on its own servers, customers, agents and browsers on it, faults all the while, and the
checker at the end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import counts, http, ports
from tests.chaos.agents import Agents
from tests.chaos.browsers import Browser
from tests.chaos.checker import screens
from tests.chaos.checker.collect import Reader
from tests.chaos.checker.evidence import Evidence
from tests.chaos.desk import AIRCALL_TOKEN, REPLICAS, Desk
from tests.chaos.downstream import MailServer, Receiver
from tests.chaos.faults import Faults
from tests.chaos.journal import Journal
from tests.chaos.people import Person
from tests.chaos.plan import Measure, faults
from tests.chaos.senders.crowd import Crowd
from tests.chaos.senders.mail import is_known
from tests.chaos.senders.world import BRANDS, WATCHED, Pace, World
from tests.chaos.servers import Servers

READY_WITHIN_S = 120.0
SETTLED_WITHIN_S = 300.0
SENT_WITHIN_S = 480.0
"""A mail or call that failed twice comes back after five minutes."""
ACCOUNTS = ("lead", "maya", "jonas", "priya", "admin")
DOMAIN, PASSWORD = "switchboard.example", "switchboard-demo"
BROWSERS = 3


@dataclass(frozen=True)
class Run:
    """What is asked for. `watched_share`: how much of it belongs to the brand that is followed event by event."""

    seed: str
    inputs: int
    measure: Measure
    actions_per_second: float = 4.0
    send_s: int = 10
    webhook_s: int = 5
    replicas: int = REPLICAS

    @property
    def watched_share(self) -> float:
        return min(0.2, max(0.02, 400 / self.inputs))

    def settings(self) -> dict[str, str]:
        """What the services are told. A sending that died is done again after its lease, four times `send_s`; one that
        is to leave comes to its end in the time for leaving."""
        return {
            "SWITCHBOARD_SEND_S": str(self.send_s),
            "SWITCHBOARD_WEBHOOK_S": str(self.webhook_s),
            "SWITCHBOARD_DRAIN_S": "15",
        }


@dataclass
class Outcome:
    """What the checker needs, and what a person wants to know."""

    evidence: Evidence
    settled_s: float
    browsers: list[dict[str, list[str]]]
    counts: dict[str, Any] = field(default_factory=dict)


class Gate:
    """`say` prints what happens, for who waits."""

    def __init__(self, run: Run, servers: Servers, folder: Path, say: Callable[[str], None], prefix: str = "") -> None:
        self._run = run
        self._say = say
        self._folder = folder
        self._journal = Journal(folder / f"{prefix}journal.jsonl")
        self._http = http.client()
        smtp_out, self._hook_port = ports.choose(2)
        self._smtp_out_port = smtp_out
        settings = {**run.settings(), "SWITCHBOARD_SMTP_OUT": f"smtp://127.0.0.1:{smtp_out}"}
        self.desk = Desk(servers, prefix=prefix, replicas=run.replicas, settings=settings)
        self._reader = Reader(servers.kafka.address, servers.mongo.address, prefix)
        self._world = World(
            seed=run.seed,
            journal=self._journal,
            pace=Pace(run.inputs, run.inputs / run.measure.lasts_s),
            ingest=self.desk.urls("ingest"),
            smtp=self.desk.smtp(),
            kafka=servers.kafka.address,
            prefix=prefix,
            aircall_token=AIRCALL_TOKEN,
            watched_share=run.watched_share,
            http=self._http,
        )
        self._crowd = Crowd(self._world)
        self._mail = MailServer(self._journal, run.seed, lambda *mail: self._crowd.write_back(*mail))
        self._hooks = Receiver(self._journal, run.seed)

    async def run(self) -> Outcome:
        """All of it; the desk is stopped at the end, the servers are left to the caller."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._http.aclose)
            stack.push_async_callback(self._reader.close)
            stack.callback(self.desk.stop)
            await self._start(stack)
            people = [self._person(name) for name in ACCOUNTS]
            browsers = await self._watch(people[-1], stack)
            agents = Agents(people[:-1], self._journal, self._run.seed, self._run.actions_per_second)
            moods = {"mail": self._mail.mood, "hooks": self._hooks.mood}
            breaks = Faults(self.desk, moods, self._journal)
            played_s, settled_s = await self._play(agents, breaks)
            await self._all_sent(browsers)
            self._say("checking")
            evidence = await self._reader.evidence(self._journal.file)
            watched = [one for one in evidence.logs["tickets"] if one.brand == WATCHED.id]
            seen = [screens.compared(one.seen, watched) for one in browsers]
            counts = self._counts(agents, breaks, browsers, played_s)
        return Outcome(evidence, settled_s, seen, counts)

    # ── before ───────────────────────────────────────────────────────────────────────────────────
    async def _start(self, stack: AsyncExitStack) -> None:
        await self._mail.start(self._smtp_out_port)
        stack.push_async_callback(self._mail.stop)
        await self._hooks.start(self._hook_port)
        stack.push_async_callback(self._hooks.stop)
        await asyncio.to_thread(self.desk.make_topics)
        self.desk.start()
        await self._until(self._ready, READY_WITHIN_S, "every service is ready")
        await asyncio.to_thread(self.desk.fill_in)
        # Nobody gives out an address before the desk has it; until then it is refused for good, as it should be.
        await self._until(self._known, READY_WITHIN_S, "every ingest takes mail for every brand")
        self._say("the desk is ready")

    async def _watch(self, admin: Person, stack: AsyncExitStack) -> list[Browser]:
        """A webhook endpoint for the watched brand, and agents who work for it alone, with a browser each."""
        notifications = self.desk.urls("notifications")
        base = notifications[0]
        kinds = await admin.insist("GET", "/webhooks/event-types", base=base)
        wanted = {
            "name": "The gate",
            "url": f"http://127.0.0.1:{self._hook_port}/hook",
            "event_types": [
                one for one in kinds["items"] if one.startswith("switchboard.tickets.") and "Contact" not in one
            ],
            "brand_ids": [WATCHED.id],
            "per_second": 500,
        }
        made = await admin.insist("POST", "/webhooks", base=base, key=f"gate-{self._run.seed}", json=wanted)
        self._hooks.secret = made["secret"]
        browsers = []
        for number in range(BROWSERS):
            person = await self._watcher(admin, number)
            browser = Browser(person, notifications, WATCHED.id)
            browsers.append(browser)
            task = asyncio.create_task(browser.run())
            stack.callback(task.cancel)
        return browsers

    async def _watcher(self, admin: Person, number: int) -> Person:
        name = f"watcher-{number}"
        body = {
            "name": name,
            "email": f"{name}@{DOMAIN}",
            "role_id": "agent",
            "brand_ids": [WATCHED.id],
            "capacity": 0,
            "password": PASSWORD,
        }
        await admin.insist("PUT", f"/agents/{name}", json=body)
        return self._person(name)

    def _person(self, name: str) -> Person:
        return Person(self._http, self.desk.urls("tickets"), f"{name}@{DOMAIN}", PASSWORD)

    # ── meanwhile, and after ─────────────────────────────────────────────────────────────────────
    async def _play(self, agents: Agents, breaks: Faults) -> tuple[float, float]:
        """How many seconds it took; and those from the last fault until every service was ready or, if that is more,
        from when neither faults nor customers were left until nothing waited, agents for their answers included."""
        began = time.monotonic()
        working = asyncio.create_task(agents.run())
        telling = asyncio.create_task(self._tell(agents))
        async with asyncio.TaskGroup() as group:
            breaking = group.create_task(self._break(breaks))
            group.create_task(self._crowd.run())
        agents.stop()
        breaks.mend()
        calm = time.monotonic()
        self._say("all is sent, and nothing is broken any more")
        await working
        await self._until(self._settled, SETTLED_WITHIN_S, "lag is zero and every service is ready")
        settled_s = time.monotonic() - calm
        telling.cancel()
        self._say(f"every service was ready {breaking.result():.1f} s, nothing waits {settled_s:.1f} s after the last")
        return calm - began, max(breaking.result(), settled_s)

    async def _break(self, breaks: Faults) -> float:
        """All faults; seconds from when the last is mended until every service is ready, whoever still writes."""
        await breaks.run(faults(self._run.seed, self._run.measure))
        breaks.mend()
        mended = time.monotonic()
        await self._until(self._ready, SETTLED_WITHIN_S, "every service is ready after the last fault")
        return time.monotonic() - mended

    async def _tell(self, agents: Agents) -> None:
        while True:
            await asyncio.sleep(15)
            pace, lag = self._world.pace, await self._reader.lag_or_none()
            self._say(f"{pace.taken} of {pace.inputs} inputs, {agents.taken} actions, lag {lag}")

    async def _all_sent(self, browsers: Sequence[Browser]) -> None:
        async def sent() -> bool:
            # What wakes while the checker reads would be in a log that is read later, and on no topic that was read.
            waiting = await self._reader.to_be_sent() + await self._reader.asleep()
            fetching = [one for one in browsers if not one.up_to_date]
            return waiting == 0 and not fetching and await self._settled()

        await self._until(sent, SENT_WITHIN_S, "every reply and webhook has left, and every browser is up to date")
        await asyncio.sleep(3)  # the last frames on their way to the browsers

    async def _ready(self) -> bool:
        return not await self.desk.not_ready()

    async def _known(self) -> bool:
        boxes = [one.mailbox for one in (*BRANDS, WATCHED)]
        known = [await is_known(server, box) for server in self.desk.smtp() for box in boxes]
        return all(known)

    async def _settled(self) -> bool:
        return await self._reader.settled() and await self._ready()

    async def _until(self, check: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
        """Poll; what is not so in time is said, and the checker finds what it means."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if await check():
                    return
            except Exception as error:  # a server that has just come back
                self._say(f"{what}? {error!r}")
            await asyncio.sleep(0.5)
        self._say(f"not so in {seconds:.0f} s: {what}; {await self.desk.not_ready()} {await self._reader.state()}")

    def _counts(self, agents: Agents, breaks: Faults, browsers: Sequence[Browser], played_s: float) -> dict[str, Any]:
        seen = sum((browser.seen.counts for browser in browsers), Counter[str]())
        lines = self._reader.journal_lines
        return {
            "inputs": self._world.pace.taken,
            "actions": agents.taken,
            "poison": counts.poison(lines("poison")),
            "mails out": self._mail.taken,
            "webhooks": self._hooks.taken,
            "bad signatures": self._hooks.bad_signatures,
            "seconds": round(played_s),
            "faults": counts.faults(lines("fault")),
            "spoilt": counts.spoilt(lines("spoilt")),
            "browsers": dict(seen),
            "retries": dict(self._world.tries),
            "refused": self._world.refused[:5],
            "agents refused": counts.kinds(agents.refused),
            "left late": breaks.late_leavers,
        }
