"""Everything is lost and comes back from a back-up, by the commands of docs/runbooks/restore.md.

Uses the session's desk up and leaves it as it was: on the same ports, with all that was in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.layout import ROOT
from deploy.local.ports import MAIL_SERVER
from tests.desk import Desk
from tests.e2e import pictures
from tests.e2e.faults import SERVICES, Faults, all_ready
from tests.e2e.ledger import Ledger, whole_timeline
from tests.e2e.outside import Agent, Sink, Topics, mail, send_mail, until
from tests.e2e.senders import Accepted, answer_all, call, chat, integrate, write_mails

pytestmark = [
    pytest.mark.skipif("SWITCHBOARD_ENDPOINTS" in os.environ, reason="would delete the data of a desk in use"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to start a process as it was started"),
]

PALEO = "support@paleohacks.example"
LABEL = b"%PDF-1.4 a label " * 30_000


async def command(desk: Desk, *arguments: str | Path) -> str:
    """`python -m …` as make runs it, for the desk's folder; what it said."""
    env = {**os.environ, "SWITCHBOARD_LOCAL": str(Path(desk.smtp_sink_maildir).parent)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *map(str, arguments)),
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def settled(desk: Desk) -> None:
    """Every event has been applied where it is read, and every mail of ours has an outcome."""

    async def look() -> bool:
        return pictures.unread(await pictures.documents(desk)) == 0

    await until(look, 60)


async def without_lag(desk: Desk) -> None:
    async def look() -> bool:
        return await Ledger(desk).lag() == 0

    await until(look, 60)


async def written(desk: Desk, subject: str, *, reply_to: EmailMessage | None = None, **more: Any) -> EmailMessage:
    """A customer's mail, accepted."""
    one = mail(to=PALEO, subject=subject, text=f"About {subject}", sender=more.pop("sender", "ann@restore.example"))
    if reply_to is not None:
        one["In-Reply-To"] = one["References"] = str(reply_to["Message-ID"])
        one["Authentication-Results"] = f"{MAIL_SERVER}; dmarc=pass header.from=restore.example"
    if content := more.pop("attachment", None):
        one.add_attachment(content, maintype="application", subtype="pdf", filename="label.pdf")
    await send_mail(desk.smtp, one)
    return one


async def conversation(agent: Agent, subject: str, *, events: int = 1) -> dict[str, Any]:
    """The head of the conversation with this subject, once it has so many events."""

    async def look() -> dict[str, Any] | None:
        head = await agent.find(subject)
        return head if head and head["seq"] >= events else None

    found: dict[str, Any] = await until(look)
    return found


async def fetched(agent: Agent, conversation_id: str) -> list[str]:
    """SHA-256 of the files of a conversation, as a browser gets them."""
    found = []
    for entry in await agent.timeline(conversation_id):
        for file in (entry["data"].get("message") or {}).get("attachments", []):
            async with httpx.AsyncClient(timeout=20) as client:
                answer = await client.get(file["url"])
            assert answer.status_code == 200, answer.text
            found.append(hashlib.sha256(answer.content).hexdigest())
    return found


async def a_busy_hour(desk: Desk) -> Accepted:
    """All channels, with answers; settled."""
    said, told = Accepted(), asyncio.Event()
    answering = asyncio.create_task(answer_all(desk, said, told))
    async with asyncio.TaskGroup() as group:
        for n in range(3):
            group.create_task(write_mails(desk, said, random.Random(n), count=2, pause_s=0.3))
            group.create_task(chat(desk, said, random.Random(n), count=2, pause_s=0.3))
        group.create_task(call(desk, said, random.Random(1), pause_s=0.1))
        group.create_task(integrate(desk, said, random.Random(1), count=2, pause_s=0.3))

    async def answered() -> bool:
        return len(said.replies) >= 6

    await until(answered)
    told.set()
    await answering
    await settled(desk)
    return said


async def post(desk: Desk, id_: str, body: dict[str, Any]) -> None:
    """A record of an integrator."""
    kind = "switchboard.integrations.MessagePosted.v1"
    await Topics(desk.kafka, desk.prefix).publish(
        "integrations.inbound.v1", type=kind, source="/bridge", id=id_, body=body
    )


async def test_everything_is_lost_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    run = uuid.uuid4().hex[:8]
    said = await a_busy_hour(desk)
    first = await written(desk, f"Label {run}", attachment=LABEL)
    await post(desk, f"poison {run}", {"channel": "nothing else"})
    async with Agent(desk.web, desk.account("lead")) as agent:
        labelled = await conversation(agent, f"Label {run}")
        await agent.post(f"/api/tickets/conversations/{labelled['id']}/note", html="<p>Mind this.</p>")
    await settled(desk)
    Faults(desk).kill("ingest")
    unread = {"channel": "whatsapp", "brand": "earth-echo", "thread": run, "sender": {"id": run}, "text": f"Un {run}"}
    await post(desk, f"unread {run}", unread)

    await nothing_to_tell_by_mail(desk)
    print(await command(desk, "deploy.backup", "dump", tmp_path / "backup"))
    before = await pictures.take(desk)
    assert before.dead_letters
    await command(desk, "deploy.local", "down")
    shutil.rmtree(Path(desk.smtp_sink_maildir).parent / "data")
    print(await command(desk, "deploy.local", "restore", tmp_path / "backup"))

    await all_ready(desk)
    async with Agent(desk.web, desk.account("lead")) as agent:  # and so people can sign in
        await until(lambda: _has_text(desk, f"Un {run}"))
        await settled(desk)
        # Notices follow their conversations while the topics are read again, so all must be read.
        await without_lag(desk)
        after = await pictures.take(desk)
        # The record that had not been read counts among the day's from now on.
        counted = "tickets.daily "
        changed = before.missing_in(after)
        assert [one for one in changed if not one.startswith(counted)] == []
        assert all("|earth-echo|custom|" in one for one in changed)
        assert after.mails == before.mails, "a mail was sent again"
        assert after.dead_letters == before.dead_letters
        extra = after.of("tickets", "conversations").keys() - before.of("tickets", "conversations").keys()
        assert len(extra) == 1, "only the record that had not been read is new"
        assert await pictures.differences(desk, tmp_path) == []
        assert _loads(after) == {one: load for one, load in after.loads.items() if load}
        assert len(said.replies) == len(await _marks(agent, after, said))
        assert await fetched(agent, labelled["id"]) == [hashlib.sha256(LABEL).hexdigest()]

        # Life goes on: a thread of before is joined, and an answer leaves once.
        await written(desk, f"Re: Label {run}", reply_to=first)
        labelled = await conversation(agent, f"Label {run}", events=labelled["seq"] + 2)
        await agent.post(f"/api/tickets/conversations/{labelled['id']}/reply", html="<p>It is on its way.</p>")
        sink = Sink(desk.smtp_sink_http)
        await until(lambda: sink.to("ann@restore.example", f"Label {run}"))
        await settled(desk)
        assert len(await sink.to("ann@restore.example", f"Label {run}")) == 1


async def nothing_to_tell_by_mail(desk: Desk) -> None:
    """Everybody has read what they were told of: a mail about it, between a dump and what it is compared with, would
    be a difference that is none."""
    for one in desk.sign_ins:
        async with Agent(desk.web, one) as agent:
            await agent.post("/api/notifications/notices/read", until=datetime.now(UTC).isoformat())


async def test_dumps_of_different_times_agree_again(desk: Desk, tmp_path: Path) -> None:
    """tickets' dump is older than the others: what its people did after it is lost, what customers wrote is not."""
    run, early, late = uuid.uuid4().hex[:8], tmp_path / "early", tmp_path / "late"
    async with Agent(desk.web, desk.account("lead")) as agent:
        first = await written(desk, f"First {run}")
        known = await conversation(agent, f"First {run}")
        await settled(desk)
        await nothing_to_tell_by_mail(desk)
        await command(desk, "deploy.backup", "dump", early, "--service", "tickets")
        path = f"/api/tickets/conversations/{known['id']}"
        await agent.post(f"{path}/note", html="<p>Will be lost.</p>")
        await agent.post(f"{path}/reply", html=f"<p>Answer {run}</p>")
        await agent.post(f"{path}/note", html="<p>Will be lost too.</p>")
        await written(desk, f"Re: First {run}", reply_to=first)
        await written(desk, f"Second {run}", sender="bo@restore.example")
        await conversation(agent, f"Second {run}")
        await settled(desk)
        await command(desk, "deploy.backup", "dump", late, "--service", "ingest,routing,notifications")
        await written(desk, f"Third {run}", sender="cy@restore.example")
        await conversation(agent, f"Third {run}")
        await settled(desk)
    before = await pictures.take(desk)

    faults = Faults(desk)
    await asyncio.to_thread(faults.stop, *SERVICES)
    await command(desk, "deploy.backup", "load", early, "--service", "tickets", "--replace")
    await command(desk, "deploy.backup", "load", late, "--service", "ingest,routing,notifications", "--replace")
    print(await command(desk, "deploy.backup", "finish", "--replace"))
    await faults.mend()

    await all_ready(desk)
    await settled(desk)
    await until(lambda: _agree(desk))
    after = await pictures.take(desk)
    assert after.mails == before.mails, "a mail was sent again"
    assert after.dead_letters == before.dead_letters
    texts = Counter(one for subject in ("First", "Second", "Third") for one in _texts(after, f"{subject} {run}"))
    # Mails carry their quoted subject in the text; each once, the note and the answer not at all.
    assert texts == {
        f"About First {run}": 1,
        f"About Re: First {run}": 1,
        f"About Second {run}": 1,
        f"About Third {run}": 1,
    }
    assert _loads(after) == {one: load for one, load in after.loads.items() if load}
    # The third mail came after ingest's dump: its log does not know it, the Kafka topic, which survived, does.
    (third,) = await pictures.differences(desk, tmp_path)
    assert third.startswith("ingest.messages.v1: ")
    assert third.endswith(" is in no log")
    await written(desk, f"Re: First {run}", reply_to=first)
    await settled(desk)
    await until(lambda: _agree(desk))


async def _agree(desk: Desk) -> bool:
    """routing knows every conversation as tickets does, and no other."""
    now = await pictures.documents(desk)
    heads, rows = now[("tickets", "conversations")], now[("routing", "conversations")]
    return rows.keys() <= heads.keys() and all(
        (rows[id_]["head_seq"], rows[id_]["agent_id"]) == (head["seq"], head["assignee_id"])
        for id_, head in heads.items()
        if id_ in rows
    )


async def _has_text(desk: Desk, text: str) -> bool:
    now = await pictures.documents(desk)
    return any(one["description"] == text for one in now[("tickets", "conversations")].values())


def _loads(picture: pictures.Picture) -> dict[str, int]:
    """How many open conversations each agent has, as tickets says."""
    heads = picture.of("tickets", "conversations").values()
    return dict(
        Counter(
            one["assignee_id"] for one in heads if one["assignee_id"] and one["status"] == "open" and not one["spam"]
        )
    )


def _texts(picture: pictures.Picture, subject: str) -> list[str]:
    """What stands in the timelines of conversations with this subject."""
    heads = picture.of("tickets", "conversations")
    values = [json.loads(one["value"]) for one in picture.of("tickets", "log").values()]
    return [
        text.strip()
        for one in values
        if heads.get(one.get("conversation_id"), {}).get("subject") == subject
        for text in [(one.get("message") or {}).get("text") or one.get("text") or ""]
        if text
    ]


async def _marks(agent: Agent, picture: pictures.Picture, said: Accepted) -> list[str]:
    """The replies of a run that stand in its timelines, as the API tells them."""
    found = []
    for id_, head in picture.of("tickets", "conversations").items():
        if said.run in head["description"]:
            for entry in await whole_timeline(agent, id_):
                text = str((entry.get("message") or {}).get("text", ""))
                found += [mark for mark in said.replies if mark in text]
    return found
