"""The gate's mail server: when it says a sender was last known to live, and who is told of its mails."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from deploy.local.ports import HOST, any_free
from tests.chaos.downstream import MailServer
from tests.chaos.journal import Journal, read

MAIL = b"From: Support <support@brand.example>\r\nMessage-ID: <1@brand.example>\r\n\r\nYes\r\n.\r\n"


async def test_a_mail_began_when_its_sender_still_waited_for_an_answer(tmp_path: Path) -> None:
    """Once DATA is asked for, the rest may lie in our socket for a while, and its sender be killed meanwhile."""
    heard: list[tuple[str, str, str]] = []
    journal = Journal(tmp_path / "journal.jsonl")
    server = MailServer(journal, "1", lambda *told: heard.append(told))
    [port] = any_free(1)
    await server.start(port)
    reader, writer = await asyncio.open_connection(HOST, port)
    await reader.readline()
    for command in (
        "HELO one.desk.example",
        "MAIL FROM:<support@brand.example>",
        "RCPT TO:<ann@customer.example>",
        "DATA",
    ):
        writer.write(f"{command}\r\n".encode())
        assert (await reader.readline())[:1] in b"23"
    asked_for = time.time()
    writer.write(MAIL)
    assert (await reader.readline()).startswith(b"250")
    writer.close()
    await server.stop()
    journal.close()
    [line] = read(journal.file)
    assert line["sender"] == "one.desk.example"
    assert line["began"] <= asked_for <= line["at"]
    assert heard == [("<1@brand.example>", "ann@customer.example", "support@brand.example")]
