"""Row 5: machines that answer machines. Whatever comes from a machine is marked, and a rule that answers leaves it
alone (RFC 3834, RFC 2919, RFC 3464). A person is answered once in an hour, by nothing that says what is known of them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.attacks.letters import BOX, delivered, found, letter, messages, post, said, word
from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, until

MACHINES: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {
    "Auto-Submitted": ((("Auto-Submitted", "auto-replied"),), "eve@evil.example", "auto_reply"),
    "Auto-Submitted with words": ((("Auto-Submitted", 'Auto-Generated; x="no"'),), "eve@evil.example", "auto_reply"),
    "List-Id": ((("List-Id", "<list.evil.example>"),), "eve@evil.example", "mailing_list"),
    "Precedence bulk": ((("Precedence", "bulk"),), "eve@evil.example", "bulk"),
    "Precedence auto_reply": ((("Precedence", "auto_reply"),), "eve@evil.example", "auto_reply"),
    "the null path in the envelope": ((), "", "auto_reply"),
    "the null path in the mail": ((("Return-Path", "<>"),), "eve@evil.example", "auto_reply"),
    "an old mark": ((("X-Autorespond", "x"),), "eve@evil.example", "auto_reply"),
    "no mark but its subject": ((("Subject", "Out of office: {mark}"),), "eve@evil.example", "auto_reply"),
}
"""By what tells: fields, the envelope's sender, and what the message is marked as."""


@pytest_asyncio.fixture(scope="module")
async def agent(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("admin")) as one:
        yield one


async def outgoing(desk: Desk) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=desk.smtp_sink_http, timeout=20) as client:
        return list((await client.get("/messages")).json())


async def nothing_was_sent(desk: Desk, agent: Agent, conversation_id: str, *words: str) -> None:
    """No delivery of the conversation, once its newest event passed every service, and no mail that says `words`."""
    mark = word("after")
    raw = letter(mark, f"{mark}@customer.example", said("pass", "customer.example"))
    later, _ = await delivered(desk, agent, raw, mark)
    await agent.post(f"/api/tickets/conversations/{later}/reply", html="<p>Sent behind it.</p>")
    await until(lambda: Sink(desk.smtp_sink_http).to(f"{mark}@customer.example", mark))
    listed = await agent.get("/api/notifications/deliveries", conversation_id=conversation_id)
    assert [one for one in listed["items"] if one.get("channel", "email") == "email"] == []
    everything = json.dumps(await outgoing(desk))
    assert [one for one in words if one in everything] == []


async def test_mail_of_machines_is_marked_and_answered_by_nobody(desk: Desk, agent: Agent) -> None:
    async def one(case: str) -> tuple[str, str, str]:
        fields, envelope, kind = MACHINES[case]
        mark = word("machine")
        filled = [(name, value.replace("{mark}", mark)) for name, value in fields]
        raw = letter(mark, f"{mark}@machine.example", *filled)
        conversation_id, message = await delivered(desk, agent, raw, mark, sender=envelope)
        assert message["automatic"] == kind, case
        return conversation_id, mark, case

    seen = await asyncio.gather(*(one(case) for case in MACHINES))
    await nothing_was_sent(desk, agent, seen[0][0], *(mark for _, mark, _ in seen))


@pytest.mark.parametrize("sender", [BOX, "Support <SUPPORT@PaleoHacks.example>"])
async def test_a_mailbox_that_writes_to_itself_is_a_loop(desk: Desk, agent: Agent, sender: str) -> None:
    mark = word("self")
    raw = letter(mark, sender, ("Message-ID", f"<{mark}@evil.example>"))
    conversation_id, message = await delivered(desk, agent, raw, mark, sender=BOX)
    assert message["automatic"] == "loop"
    await nothing_was_sent(desk, agent, conversation_id, mark)


async def test_our_own_reply_that_comes_back_and_bounces_of_it_cause_nothing(desk: Desk, agent: Agent) -> None:
    mark = word("customer")
    address = f"{mark}@customer.example"
    raw = letter(mark, address, said("pass", "customer.example"))
    conversation_id, _ = await delivered(desk, agent, raw, mark)
    await agent.post(f"/api/tickets/conversations/{conversation_id}/reply", html="<p>Here you are.</p>")
    (reply,) = await until(lambda: Sink(desk.smtp_sink_http).to(address, mark))
    our_id = "".join(str(reply["Message-ID"]).split())

    back = word("back")
    code, _ = await post(desk, letter(back, BOX, ("Message-ID", our_id)), sender=BOX)
    assert code == 250
    _, message = await found(agent, back)
    assert message["automatic"] == "loop"

    code, _ = await post(desk, bounce(address, our_id, word("bounce")), sender="")
    assert code == 250

    async def told() -> bool:
        items = await agent.timeline(conversation_id)
        return "5.1.1" in json.dumps(items)

    await until(told)
    assert [one["direction"] for one in await messages(agent, conversation_id)].count("out") == 1
    assert len(await Sink(desk.smtp_sink_http).to(address, mark)) == 1
    assert not [one for one in await outgoing(desk) if back in json.dumps(one)]


def bounce(recipient: str, message_id: str, mark: str) -> bytes:
    """A delivery status notification (RFC 3464)."""
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.machine.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\nx\r\n--b--"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return letter(mark, "mailer-daemon@machine.example", ("Content-Type", kind), ("MIME-Version", "1.0"), body=body)


@dataclass(frozen=True)
class Answering:
    """A rule in force, before all others, that answers every mail whose text has `word` with a macro."""

    word: str


Answerer = Callable[[str], Awaitable[Answering]]


@pytest_asyncio.fixture(scope="module")
async def answering(agent: Agent) -> AsyncIterator[Answerer]:
    """Makes rules that answer with this HTML; they are retired at the end."""
    made: list[tuple[str, str]] = []

    async def create(path: str, body: dict[str, Any], *, unheard: str = "") -> str:
        """Again while what the body names at `unheard` has not come to the service."""

        async def asked() -> Any:
            answer = await agent.client.post(path, json=body, params={"publish": True})
            if answer.status_code == 422 and unheard:
                [error] = answer.json()["errors"]
                assert error["path"].endswith(unheard), answer.text
                return None
            assert answer.status_code in (200, 201), answer.text
            return answer.json()["id"]

        made.append((path, id_ := str(await until(asked))))
        return id_

    async def make(html: str) -> Answering:
        mark = word("please")
        macro = await create("/api/tickets/shared-macros", {"name": mark, "html": html})
        about = {"field": "message.text", "operator": "contains", "value": mark}
        when = ["ConversationStarted", "CustomerReplied"]
        does = [{"kind": "send_macro", "macro_id": macro}]
        rule = {"name": mark, "when": when, "if": {"all": [about]}, "then": does}
        first = await create("/api/routing/rules", rule, unheard="macro_id")
        others = [one["id"] for one in (await agent.get("/api/routing/rules"))["items"] if one["id"] != first]
        ordered = await agent.client.put("/api/routing/rules/order", json={"ids": [first, *others]})
        assert ordered.status_code == 200, ordered.text
        return Answering(mark)

    yield make
    for path, id_ in reversed(made):
        retired = await agent.client.post(f"{path}/{id_}/retire", json={}, headers={"If-Match": '"1"'})
        assert retired.status_code == 200, retired.text


async def refused_by(agent: Agent, conversation_id: str) -> str:
    """Why the rule did not answer, as the timeline says."""

    async def why() -> str:
        items = await agent.timeline(conversation_id)
        return next((one["data"]["code"] for one in items if one["type"] == "ActionRefused"), "")

    return str(await until(why))


async def test_a_rule_that_answers_leaves_machines_alone(desk: Desk, agent: Agent, answering: Answerer) -> None:
    rule = await answering("<p>We have your mail.</p>")

    async def one(case: str) -> tuple[str, str]:
        fields, envelope, _ = MACHINES[case]
        mark = word("machine")
        filled = [(name, value.replace("{mark}", mark)) for name, value in fields]
        raw = letter(mark, f"{mark}@machine.example", *filled, body=f"{mark} {rule.word}")
        conversation_id, _ = await delivered(desk, agent, raw, mark, sender=envelope)
        assert await refused_by(agent, conversation_id) == "automatic_mail", case
        return conversation_id, f"{mark}@machine.example"

    seen = await asyncio.gather(*(one(case) for case in MACHINES))
    await nothing_was_sent(desk, agent, seen[0][0], *(address for _, address in seen))
    mark = word("self")
    conversation_id, _ = await delivered(desk, agent, letter(mark, BOX, body=f"{mark} {rule.word}"), mark, sender=BOX)
    assert await refused_by(agent, conversation_id) == "automatic_mail"


async def test_a_sender_is_answered_once_in_an_hour_and_marked_so(
    desk: Desk, agent: Agent, answering: Answerer
) -> None:
    rule, mark = await answering("<p>We have your mail, {{brand.name}}.</p>"), word("twice")
    address = f"{mark}@customer.example"
    for n in range(2):
        subject = f"{mark}x{n}"
        raw = letter(subject, address, said("pass", "customer.example"), body=f"{subject} {rule.word}")
        conversation_id, _ = await delivered(desk, agent, raw, subject)
        if n == 0:
            (answer,) = await until(lambda: Sink(desk.smtp_sink_http).to(address, mark))
            assert answer["Auto-Submitted"] == "auto-replied"
    assert await refused_by(agent, conversation_id) == "answered_lately"
    await nothing_was_sent(desk, agent, conversation_id)
    assert len(await Sink(desk.smtp_sink_http).to(address, mark)) == 1


async def test_nobody_is_told_what_is_known_of_who_they_say_they_are(
    desk: Desk, agent: Agent, answering: Answerer
) -> None:
    """A From is easily forged: whom it names would be sent what somebody else wrote, and their own name with it."""
    for html in ("<p>Hello {{contact.name}}</p>", "<p>About {{conversation.subject}}: soon.</p>"):
        rule, mark = await answering(html), word("victim")
        raw = letter(mark, f"Vic {mark} <{mark}@customer.example>", body=f"{mark} {rule.word}")
        conversation_id, _ = await delivered(desk, agent, raw, mark)
        assert await refused_by(agent, conversation_id) == "missing_variables"
        await nothing_was_sent(desk, agent, conversation_id, f"{mark}@customer.example")


async def test_no_rule_sends_anything_else(agent: Agent) -> None:
    """Not by any kind of action that other desks have, and nothing to an address that the rule names."""
    rule = {"name": "answers", "when": ["ConversationStarted"], "enabled": False}
    for kind in ("reply", "auto_reply", "send_mail", "send_email", "macro", "apply_macro", "forward"):
        answer = await agent.client.post("/api/routing/rules", json={**rule, "then": [{"kind": kind}]})
        assert answer.status_code == 422, (kind, answer.text)
    for action in ({"kind": "notify", "text": "x"}, {"kind": "send_macro", "macro_id": "m"}):
        surplus = {**action, "to": ["victim@customer.example"]}
        answer = await agent.client.post("/api/routing/rules", json={**rule, "then": [surplus]})
        assert answer.status_code == 422, answer.text
        assert ".to" in str([one["path"] for one in answer.json()["errors"]])


async def test_who_is_not_known_hears_nothing_of_what_they_wrote(desk: Desk) -> None:
    """Refusals over SMTP and bounces are the classic echo: ours say what is wrong, and send no mail to the From."""
    mark = word("echo")
    code, words = await post(desk, letter(mark, "victim@customer.example"), to=f"{mark}@nobody.example")
    assert code == 550
    assert mark not in words
    code, words = await post(desk, letter(mark, f"{mark}@customer.example", body=f"{mark} " * 100), to=BOX)
    assert code == 250
    assert mark not in words
    assert not [one for one in await outgoing(desk) if mark in json.dumps(one)]
