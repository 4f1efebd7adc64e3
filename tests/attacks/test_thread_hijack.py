"""Row 1: nobody posts into a conversation that is not theirs, by stolen ids, forged ids or forged verdicts.

CVE-2026-47123 (forged From with stolen References). The decision's own table: tests/unit/ingest/test_threading.py; why
it is as it is: docs/decisions/007-who-sent-a-mail.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from deploy.local.ports import MAIL_SERVER
from tests.attacks.letters import delivered, letter, messages, said, word
from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, until

DOMAIN = "customer.example"


@dataclass(frozen=True)
class Victim:
    """Somebody's conversation: who writes, their Message-ID, and the Message-ID of our reply, which only they got."""

    conversation_id: str
    address: str
    own_id: str
    reply_id: str


@pytest_asyncio.fixture(scope="module")
async def agent(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("lead")) as one:
        yield one


@pytest_asyncio.fixture(scope="module")
async def victim(desk: Desk, agent: Agent) -> Victim:
    mark = word("victim")
    address = f"{mark}@{DOMAIN}"
    conversation_id, message = await delivered(desk, agent, letter(mark, address, said("pass", DOMAIN)), mark)
    await agent.post(f"/api/tickets/conversations/{conversation_id}/reply", html="<p>Here you are.</p>")
    (reply,) = await until(lambda: Sink(desk.smtp_sink_http).to(address, mark))
    return Victim(conversation_id, address, message["message_id"], "".join(str(reply["Message-ID"]).split()))


def quoting(*ids: str) -> tuple[tuple[str, str], ...]:
    return (("In-Reply-To", ids[-1]), ("References", " ".join(ids)))


def other_hex(message_id: str, at: int) -> str:
    """The id with one hexadecimal digit changed."""
    return message_id[:at] + ("0" if message_id[at] != "0" else "1") + message_id[at + 1 :]


FORGED_VERDICTS: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "none at all": ((), "unproven"),
    "of a server that is not ours": ((said("pass", DOMAIN, "mx.evil.example"),), "unproven"),
    "of a server whose name begins as ours": ((said("pass", DOMAIN, f"{MAIL_SERVER}.evil.example"),), "unproven"),
    "below the true one": ((said("fail", DOMAIN), said("pass", DOMAIN)), "failed"),
    "below a true one without policy": ((said("none", DOMAIN), said("pass", DOMAIN)), "unproven"),
    "in a comment": (
        (("Authentication-Results", f"{MAIL_SERVER}; spf=pass (; dmarc=pass header.from={DOMAIN}); dmarc=none"),),
        "unproven",
    ),
    "in a comment in a comment": (
        (
            (
                "Authentication-Results",
                f"{MAIL_SERVER}; spf=pass ((a); dmarc=pass header.from={DOMAIN} (b)); dmarc=none",
            ),
        ),
        "unproven",
    ),
    "in quotes": (
        (
            (
                "Authentication-Results",
                f'{MAIL_SERVER}; spf=pass smtp.mailfrom="; dmarc=pass header.from={DOMAIN}"@evil.example; dmarc=fail',
            ),
        ),
        "failed",
    ),
    "in quotes that never end": (
        (("Authentication-Results", f'{MAIL_SERVER}; spf=pass smtp.mailfrom="; dmarc=pass header.from={DOMAIN}'),),
        "unproven",
    ),
    "for another domain": ((said("pass", "evil.example"),), "unproven"),
    "for a domain that begins as theirs": ((said("pass", f"{DOMAIN}.evil.example"),), "unproven"),
    "in a field of another name": ((("X-Authentication-Results", said("pass", DOMAIN)[1]),), "unproven"),
    "in the sealed chain of others": ((("ARC-Authentication-Results", f"i=1; {said('pass', DOMAIN)[1]}"),), "unproven"),
}


@pytest.mark.parametrize("case", FORGED_VERDICTS, ids=str)
async def test_a_forged_from_with_stolen_references_stays_apart(
    desk: Desk, agent: Agent, victim: Victim, case: str
) -> None:
    """The From is the customer's, the References are known, and no server of ours says that it is them."""
    verdicts, why = FORGED_VERDICTS[case]
    mark = word("hijack")
    raw = letter(mark, victim.address, *verdicts, *quoting(victim.own_id))
    conversation_id, message = await delivered(desk, agent, raw, mark)
    assert conversation_id != victim.conversation_id
    assert (message["joined"], message["apart"]) == ("new", why)


async def test_two_from_fields_are_not_believed_for_the_one_that_passed(
    desk: Desk, agent: Agent, victim: Victim
) -> None:
    for order in ((victim.address, "eve@evil.example"), ("eve@evil.example", victim.address)):
        mark = word("hijack")
        froms = [("From", one) for one in order]
        raw = letter(mark, victim.address, said("pass", "evil.example"), *froms, *quoting(victim.own_id))
        conversation_id, message = await delivered(desk, agent, raw, mark)
        assert conversation_id != victim.conversation_id
        assert message["joined"] == "new"


async def test_a_proven_stranger_with_stolen_ids_stays_apart(desk: Desk, agent: Agent, victim: Victim) -> None:
    """In References, in In-Reply-To, and as the mail's own Message-ID."""
    proof = said("pass", "evil.example")
    for fields in (
        quoting(victim.own_id),
        (("In-Reply-To", victim.own_id),),
        (("References", victim.own_id),),
        (("Message-ID", victim.own_id),),
    ):
        mark = word("hijack")
        conversation_id, message = await delivered(desk, agent, letter(mark, "eve@evil.example", proof, *fields), mark)
        assert conversation_id != victim.conversation_id
        assert (message["joined"], message["apart"]) == ("new", "stranger")


async def test_a_forged_signed_id_opens_nothing(desk: Desk, agent: Agent, victim: Victim) -> None:
    """`<c.{conversation}.{entry}.{hmac}@domain>` with any part changed, in a mail that DMARC passes."""
    real = victim.reply_id
    mac_at = real.rindex("@") - 1
    for fake in (other_hex(real, 5), other_hex(real, 40), other_hex(real, mac_at), real.replace("@", "0@")):
        mark = word("hijack")
        raw = letter(mark, "eve@evil.example", said("pass", "evil.example"), *quoting(fake))
        conversation_id, message = await delivered(desk, agent, raw, mark)
        assert conversation_id != victim.conversation_id
        assert message["joined"] == "new"
        assert message["apart"] in ("forged", None)


async def test_a_signed_id_is_worth_nothing_at_another_brand(desk: Desk, agent: Agent, victim: Victim) -> None:
    """Neither as it is, nor with the other brand's domain written behind it."""
    directory = await agent.get("/api/tickets/directory")
    brand = next(one for one in directory["brands"] if one["brand_id"] == "earth-echo")
    box = brand["addresses"][0]["address"]
    for stolen in (victim.reply_id, f"{victim.reply_id.rpartition('@')[0]}@evil.example>"):
        mark = word("hijack")
        raw = letter(mark, victim.address, said("pass", DOMAIN), *quoting(stolen), to=box)
        conversation_id, message = await delivered(desk, agent, raw, mark, to=box)
        assert conversation_id != victim.conversation_id
        assert message["joined"] == "new"


async def test_a_from_that_fails_joins_nothing_with_a_true_signed_id(desk: Desk, agent: Agent, victim: Victim) -> None:
    mark = word("hijack")
    raw = letter(mark, victim.address, said("fail", DOMAIN), *quoting(victim.own_id, victim.reply_id))
    conversation_id, message = await delivered(desk, agent, raw, mark)
    assert conversation_id != victim.conversation_id
    assert (message["joined"], message["apart"]) == ("new", "failed")


async def test_who_is_proven_or_holds_our_reply_joins_and_speaks_for_themselves(
    desk: Desk, agent: Agent, victim: Victim
) -> None:
    """The customer by their proof; from their second address by the signed id, and then under that address."""
    second = word("second")
    for sender, fields, reason in (
        (victim.address, (said("pass", DOMAIN), *quoting(victim.own_id)), "known_reference"),
        (f"{second}@work.example", quoting(victim.reply_id), "signed_reference"),
    ):
        mark = word("true")
        conversation_id, message = await delivered(desk, agent, letter(mark, sender, *fields), mark)
        assert conversation_id == victim.conversation_id
        assert (message["joined"], message["apart"]) == (reason, None)
        assert message["sender"]["value"] == sender


async def test_nothing_of_the_attacks_is_in_the_conversation(agent: Agent, victim: Victim) -> None:
    for message in await messages(agent, victim.conversation_id):
        assert "hijack" not in message["subject"] + message["text"]
