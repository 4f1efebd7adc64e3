"""Everybody at once at a running desk: programs that post, mail servers that deliver, browsers that listen.

Each goes on without a pause until it is cancelled, mail servers until `over`: a mail in hand has its answer first, as
no thread can be cancelled. `Crowd` counts what the desk took and said.
"""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count as numbers
from typing import NoReturn

import httpx

from services.tickets.demo.directory import accounts
from tests.bench import running, screen
from tests.bench.browsers import Browser, open_all
from tests.bench.mail import mails
from tests.bench.sockets import visitor_tokens

POSTING = 8
MAILING = 4
"""As many as wait for a parser's worker, with the two that ingest has by itself."""
A_CONNECTION = 10
"""So many mails, then a new one, as mail servers do."""
MAILBOX = "support@paleohacks.example"
AGENTS, VISITORS = 20, 2_000
LOOK_S = 1.0
ANSWER_S = 240.0


@dataclass
class Crowd:
    """`parts`: the services by name. `frames`: of all agents' browsers together."""

    parts: Mapping[str, running.Running]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    posts: int = 0
    mails: int = 0
    frames: int = 0

    async def post(self) -> None:
        """Events of other systems, over HTTP."""
        number = numbers()
        async with httpx.AsyncClient(base_url=self.parts["ingest"].url, timeout=ANSWER_S) as program:

            async def without_a_pause() -> NoReturn:
                while True:
                    (await program.post("/events", **screen.event(next(number)))).raise_for_status()
                    self.posts += 1

            await asyncio.gather(*(without_a_pause() for _ in range(POSTING)))

    async def mail(self) -> None:
        """Answers with quotes, HTML and files, over SMTP, each of them a new one."""
        texts, number = mails(), numbers()

        async def without_a_pause() -> None:
            while not self.over.is_set():
                fresh = [texts[n % len(texts)].replace(b"Message-ID: <", b"Message-ID: <%d." % n, 1) for n in taken()]
                self.mails += await asyncio.to_thread(deliver, self.parts["ingest"].smtp_port, fresh)

        def taken() -> list[int]:
            return [next(number) for _ in range(A_CONNECTION)]

        await asyncio.gather(*(without_a_pause() for _ in range(MAILING)))

    async def listen(self, there: asyncio.Event) -> None:
        """Browsers of agents, who are told of everything, and of visitors; `there` once all are. Who is sent away
        for being slow comes back, as a browser does."""
        tokens = await self._agents()
        port = self.parts["notifications"].port
        visitors = await open_all(port, "/live/messenger", visitor_tokens(VISITORS), lambda _n, _text: None)
        agents = await open_all(port, "/live", tokens, self._heard)
        there.set()
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                gone = [n for n, one in enumerate(agents) if one.closed]
                for n, again in zip(gone, await self._again(port, [tokens[n] for n in gone]), strict=True):
                    agents[n] = again
        finally:
            for one in (*visitors, *agents):
                one.close()

    async def _again(self, port: int, tokens: list[str]) -> Sequence[Browser]:
        return await open_all(port, "/live", tokens, self._heard)

    def _heard(self, _number: int, _text: bytes) -> None:
        self.frames += 1

    async def _agents(self) -> list[str]:
        """Their tokens, by signing in."""
        async with httpx.AsyncClient(base_url=self.parts["tickets"].url, timeout=ANSWER_S) as browser:
            found = []
            for agent in accounts()[:AGENTS]:
                who = {"email": agent["email"], "password": agent["password"]}
                found.append((await browser.post("/session", json=who)).raise_for_status().json()["access_token"])
        return [found[n % len(found)] for n in range(AGENTS)]


def deliver(port: int, letters: Sequence[bytes]) -> int:
    """By one connection; how many were taken. Who hears 4yz keeps a mail for later, which is another one here."""
    taken = 0
    with suppress(smtplib.SMTPServerDisconnected), smtplib.SMTP("127.0.0.1", port, timeout=ANSWER_S) as server:
        for letter in letters:
            try:
                server.sendmail("customer@example.org", [MAILBOX], letter)
                taken += 1
            except smtplib.SMTPResponseException as refused:
                if refused.smtp_code >= 500:
                    raise
    return taken
