"""Row 3: mails made to keep the desk busy or to fill its memory. Each is refused by its size, or accepted: then an
agent sees it, with the original where it could not be read whole, and other mail goes on.

The parser alone under the same and more: tests/unit/ingest/test_bombs.py.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.attacks.letters import BOX, delivered, letter, post, word
from tests.desk import Desk
from tests.e2e.outside import Agent

MIB = 1024 * 1024
LIMIT = 40 * MIB
PARTS = ("Content-Type", "multipart/mixed; boundary=b")
PEAK_BYTES = 1536 * MIB
"""Of ingest and its parsers together: two of them may have 512 MiB each, and four of the largest mails are in hand."""


def nested(depth: int) -> str:
    return "".join(f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n" for n in range(depth))


def encoded(data: bytes, kind: str) -> str:
    return f"--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(data).decode()}"


BOMBS: dict[str, tuple[tuple[tuple[str, str], ...], str, bool]] = {
    "30 deep": ((("Content-Type", "multipart/mixed; boundary=b0"),), nested(30), True),
    "500 deep": ((("Content-Type", "multipart/mixed; boundary=b0"),), nested(500), True),
    "forwards in forwards": (
        (("Content-Type", "message/rfc822"),),
        "Content-Type: message/rfc822\r\n\r\n" * 300,
        True,
    ),
    "300 parts": ((PARTS,), "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 300, True),
    "100,000 parts": ((PARTS,), "--b\r\n\r\n\r\n" * 100_000, True),
    "50,000 fields": (tuple(("X", "y") for _ in range(50_000)), "", True),
    "20,000 addresses": ((("Cc", "a@b.example, " * 20_000),), "", False),
    "addresses in brackets": ((("Cc", "(" * 200_000),), "", False),
    "encoded words": ((("X-Y", "a"), ("Cc", "=?utf-8?b?YQ==?= " * 12_000)), "", False),
    "continuations of a name": (
        (("Content-Type", "text/plain;" + "".join(f" name*{n}=a;" for n in range(18_000))),),
        "",
        False,
    ),
    "an endless field": ((("X-Y", "a" * 2 * MIB),), "", False),
    "an endless line": ((), "a" * 4 * MIB, False),
    "a million lines": ((), "\r\n" * MIB, False),
    "zeros that were compressed": (
        (PARTS,),
        encoded(gzip.compress(bytes(100 * MIB), 6), "application/gzip") + "\r\n--b--",
        False,
    ),
    "a charset that inflates": ((("Content-Type", "text/plain; charset=zlib_codec"),), "x\x01" * 1000, False),
}
"""By what they do: fields, the body, and whether the desk must say that something is not shown."""


@pytest_asyncio.fixture(scope="module")
async def agent(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("lead")) as one:
        yield one


def ingest_pid(desk: Desk) -> int:
    """The process that listens on the SMTP port (proc(5)); it is this desk's own."""
    port = int(desk.smtp.rpartition(":")[2])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(one) == f"socket:[{inode}]" for one in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:
            continue
    raise AssertionError("nobody listens on the SMTP port")


def resident_bytes(pid: int) -> int:
    """Of the process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    pids = [pid, *map(int, children.read_text().split() if children.exists() else [])]
    total = 0
    for one in pids:
        status = Path(f"/proc/{one}/status")
        if status.exists():
            line = next((row for row in status.read_text().splitlines() if row.startswith("VmHWM")), "VmHWM: 0")
            total += int(line.split()[1]) * 1024
    return total


async def an_ordinary_mail_is_shown(desk: Desk, agent: Agent) -> None:
    mark = word("ordinary")
    _, message = await delivered(desk, agent, letter(mark, f"{mark}@customer.example"), mark)
    assert message["text"].strip() == mark


@pytest.mark.parametrize("bomb", BOMBS, ids=str)
async def test_a_bomb_is_accepted_shown_and_hinders_nobody(desk: Desk, agent: Agent, bomb: str) -> None:
    fields, body, told = BOMBS[bomb]
    mark = word("bomb")
    raw = letter(mark, f"{mark}@evil.example", ("Subject", mark), *fields, body=body or mark)
    _, message = await delivered(desk, agent, raw, mark)
    if told:
        (original,) = [one for one in message["attachments"] if one["name"] == "original.eml"]
        async with httpx.AsyncClient(timeout=20) as browser:
            assert (await browser.get(original["url"])).content == raw
    assert len(message["to"]) + len(message["cc"]) <= 400
    assert len(message["attachments"]) <= 203
    await an_ordinary_mail_is_shown(desk, agent)


async def test_larger_than_the_limit_is_refused_before_and_after_it_was_sent(desk: Desk, agent: Agent) -> None:
    host, port = desk.smtp.split(":")

    def declared() -> int:
        with smtplib.SMTP(host, int(port), timeout=120) as smtp:
            smtp.ehlo("attacker.example")
            assert int(smtp.esmtp_features["size"]) == LIMIT
            return smtp.mail("eve@evil.example", [f"SIZE={LIMIT + 1}"])[0]

    assert await asyncio.to_thread(declared) == 552
    mark = word("large")
    code, _ = await post(desk, letter(mark, "eve@evil.example", body="x" * 70 + "\r\n") + b"x" * LIMIT)
    assert code == 552
    await an_ordinary_mail_is_shown(desk, agent)


async def test_memory_stays_bounded(desk: Desk, agent: Agent) -> None:
    """Four large mails at once, each of empty lines: the most objects for their bytes."""
    marks = [word("large") for _ in range(4)]
    raws = [letter(one, "eve@evil.example", body="\r\n" * (2 * MIB)) for one in marks]
    answers = await asyncio.gather(*(post(desk, raw, to=BOX) for raw in raws))
    assert {code for code, _ in answers} <= {250, 421, 451}
    assert resident_bytes(ingest_pid(desk)) < PEAK_BYTES
    await an_ordinary_mail_is_shown(desk, agent)
