"""Customers who write mail: threads, answers to what the desk sent, the same mail twice, connections that break.

A plain SMTP client (RFC 5321): after a 4xx, a timeout or a broken connection the same bytes go to another server.
Between a customer and the desk stands a mail server, as on the internet: it says in front whether the sender is proven
(RFC 8601). Who is not joins no conversation by References alone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from tests.chaos.senders.world import Never, Refused, World, insist

ANSWER_S = 20.0
AGAIN = 0.05
HANG_UP = 0.02
UNPROVEN = 0.1
"""Customers whose domain says nothing of who may send for it."""
MAIL_SERVER = "mx.switchboard.example"
DOMAIN = "customer.example"
"""Where all who write mail have their addresses, and nobody else."""


async def thread(world: World, number: int) -> None:
    """One customer's mails about one thing."""
    chance = world.chance(f"mail-{number}")
    brand, customer = world.brand(chance), f"c{world.seed}-{number}@{DOMAIN}"
    proven = chance.random() >= UNPROVEN
    belongs = {"thread": f"{world.seed}-m{number}"} if proven else {}
    earlier: list[str] = []
    for n in range(chance.choice((1, 1, 2, 3, 4))):
        mail = _mail(chance, customer, brand.mailbox, f"{world.seed}-m{number}-{n}", earlier, proven=proven)
        mail["Subject"] = f"Order {number}"
        earlier.append(mail["Message-ID"])
        await post(world, chance, mail, f"{world.seed}-m{number}-{n}", belongs)


async def answer(world: World, number: int, message_id: str, customer: str, mailbox: str) -> None:
    """A customer answers a mail that the desk sent."""
    chance = world.chance(f"answer-{number}")
    mark = f"{world.seed}-r{number}"
    mail = _mail(chance, customer, mailbox, mark, [message_id], proven=chance.random() >= UNPROVEN)
    mail["Subject"] = "Re: Order"
    await post(world, chance, mail, mark, {"answers": message_id})


async def post(world: World, chance: random.Random, mail: EmailMessage, mark: str, belongs: dict[str, Any]) -> None:
    """Until it is taken. `belongs`: what the journal says of the conversation in which it must be."""
    raw, again, hangs_up = mail.as_bytes(), chance.random() < AGAIN, chance.random() < HANG_UP
    letter = Letter(parseaddr(mail["From"])[1], mail["To"], raw)
    await world.pace.turn()
    if hangs_up:
        await _hang_up(world, letter)

    async def send(attempt: int) -> None:
        await deliver(world.smtp[attempt % len(world.smtp)], letter)

    if await insist(world, "mail", send):
        world.journal.write("message", channel="mail", mark=mark, **belongs)
        world.pace.accepted()
        if again:
            await insist(world, "mail again", send)


@dataclass(frozen=True)
class Letter:
    sender: str
    recipient: str
    raw: bytes


def _mail(chance: random.Random, sender: str, to: str, mark: str, earlier: list[str], *, proven: bool) -> EmailMessage:
    """As the mail server in front passes it on; without a Subject."""
    message = EmailMessage()
    verdict = "pass" if proven else "none"
    message["Authentication-Results"] = f"{MAIL_SERVER}; dmarc={verdict} header.from={sender.rpartition('@')[2]}"
    message["From"] = f"Customer <{sender}>"
    message["To"] = to
    message["Date"] = "Mon, 04 May 2026 09:00:00 +0200"
    message["Message-ID"] = f"<{mark}@{DOMAIN}>"
    if earlier:
        message["In-Reply-To"] = earlier[-1]
        message["References"] = " ".join(earlier)
    message.set_content(f"Hello! mark:{mark}.\n\n{'Words and words. ' * chance.randrange(40)}")
    return message


async def is_known(server: tuple[str, int], address: str) -> bool:
    """Whether a server takes mail for an address, without giving it one."""
    try:
        async with _envelope(server, "MAIL FROM:<>", address) as (_, writer):
            writer.write(b"QUIT\r\n")
    except (Refused, Never):
        return False
    return True


async def deliver(server: tuple[str, int], letter: Letter, *, hang_up: bool = False) -> None:
    """Give a mail to a server. Raises Refused, Never, OSError, EOFError, TimeoutError. `hang_up`: break off before
    the answer to the mail."""
    sender = f"MAIL FROM:<{letter.sender}> SIZE={len(letter.raw)}"
    async with _envelope(server, sender, letter.recipient) as (reader, writer):
        writer.write(b"DATA\r\n")
        await _expect(reader, b"354")
        body = letter.raw.replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..")
        writer.write(body + b"\r\n.\r\n")
        if hang_up:
            await writer.drain()
            return
        await _expect(reader, b"250")
        writer.write(b"QUIT\r\n")


@asynccontextmanager
async def _envelope(
    server: tuple[str, int], sender: str, recipient: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which the server has taken sender and recipient; all of it has ANSWER_S."""
    async with asyncio.timeout(ANSWER_S):
        reader, writer = await asyncio.open_connection(*server)
        try:
            await _expect(reader, b"220")
            for command in (f"EHLO {DOMAIN}", sender, f"RCPT TO:<{recipient}>"):
                writer.write(f"{command}\r\n".encode())
                await _expect(reader, b"250")
            yield reader, writer
        finally:
            writer.close()


async def _hang_up(world: World, letter: Letter) -> None:
    try:
        await deliver(world.smtp[0], letter, hang_up=True)
    except (Refused, Never, OSError, EOFError, TimeoutError):
        return


async def _expect(reader: asyncio.StreamReader, wanted: bytes) -> None:
    while True:
        line = await reader.readline()
        if not line:
            raise EOFError("the server hung up")
        if line[3:4] != b"-":
            break
    if line.startswith(b"5"):
        raise Never(line.decode(errors="replace").strip())
    if not line.startswith(wanted):
        raise Refused(line.decode(errors="replace").strip())
