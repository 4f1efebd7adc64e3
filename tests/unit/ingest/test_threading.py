"""Which conversation a mail belongs to: the table, and what must hold for any mail."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.model.arrival import Known, Thread
from services.ingest.model.threading import Letter, join, root_conversation
from shared.ids import derived
from shared.signing import MessageRef, Signer

SIGNER = Signer("a secret of at least thirty-two characters")
OURS = MessageRef(str(UUID(int=1)), str(UUID(int=2)))
SIGNED = SIGNER.message_id(OURS, "paleo.example")
OTHER_BRAND = SIGNER.message_id(OURS, "bright.example")
FORGED = SIGNED.replace(".0", ".1", 1)

FIRST = Letter(
    account="support@paleo.example",
    brand_id="paleo",
    domains=frozenset({"paleo.example"}),
    sender="ann@x.example",
    others=frozenset(),
    message_id="<a1@x>",
    in_reply_to=None,
    references=(),
    content_hash="h1",
    dmarc="pass",
)
ROOT = root_conversation(FIRST)
REPLY = replace(FIRST, message_id="<a2@x>", in_reply_to="<a1@x>", references=("<a1@x>",), content_hash="h2")


SIDE_REF = MessageRef(str(UUID(int=1)), str(UUID(int=3)), str(UUID(int=9)))
SIDE_SIGNED = SIGNER.message_id(SIDE_REF, "paleo.example")


def thread(conversation_id: str, *addresses: str, account: str = FIRST.account, brand: str = "paleo") -> Thread:
    return Thread(conversation_id, account, brand, frozenset(addresses))


def known(*rows: tuple[str, Thread]) -> Known:
    messages: dict[str, tuple[str, ...]] = {}
    for message_id, one in rows:
        messages[message_id] = (*messages.get(message_id, ()), one.conversation_id)
    return Known(messages, {one.conversation_id: one for _, one in rows})


ANNS = thread(ROOT, "ann@x.example", "cc@x.example")
INDEX = known(("<a1@x>", ANNS))
SIDE = thread("side", "ann@x.example", account="sales@paleo.example")
FOREIGN = thread("foreign", "ann@x.example", account="support@bright.example", brand="bright")

CASES = {
    "a first mail is new": (FIRST, Known(), ROOT, "new"),
    "our signed id joins": (replace(REPLY, in_reply_to=SIGNED), Known(), OURS.conversation_id, "signed_reference"),
    "our signed id joins from References": (
        replace(REPLY, in_reply_to="<x@y>", references=("<z@y>", SIGNED)),
        Known(),
        OURS.conversation_id,
        "signed_reference",
    ),
    "our signed id joins from a second address": (
        replace(REPLY, sender="ann@work.example", in_reply_to=SIGNED),
        INDEX,
        OURS.conversation_id,
        "signed_reference",
    ),
    "the signed id of another brand's mail does not": (
        replace(FIRST, in_reply_to=OTHER_BRAND),
        Known(),
        derived("email", FIRST.account, OTHER_BRAND),
        "new",
    ),
    "a signed id with a changed conversation does not": (
        replace(FIRST, in_reply_to=FORGED),
        Known(),
        derived("email", FIRST.account, FORGED),
        "new",
    ),
    "a From that fails DMARC joins nothing, signed or not": (
        replace(FIRST, in_reply_to=SIGNED, dmarc="fail"),
        Known(),
        derived("email", FIRST.account, SIGNED),
        "new",
    ),
    "who takes part joins by the index": (REPLY, INDEX, ROOT, "known_reference"),
    "who was in cc joins by the index": (replace(REPLY, sender="cc@x.example"), INDEX, ROOT, "known_reference"),
    "taking part without a pass is not enough": (replace(REPLY, dmarc="none"), INDEX, None, "new"),
    "nor where nobody checks": (replace(REPLY, dmarc="unknown"), INDEX, None, "new"),
    "our signed id joins where nobody checks": (
        replace(REPLY, in_reply_to=SIGNED, dmarc="unknown"),
        Known(),
        OURS.conversation_id,
        "signed_reference",
    ),
    "a stranger with a stolen reference is apart": (replace(REPLY, sender="eve@evil.example"), INDEX, None, "new"),
    "a stranger with a stolen Message-ID as own is apart": (
        replace(FIRST, sender="eve@evil.example", content_hash="h3"),
        INDEX,
        None,
        "new",
    ),
    "an address of ours takes part nowhere": (replace(REPLY, sender=""), INDEX, None, "new"),
    "a stranger with a later mail of the thread as root is apart": (
        replace(REPLY, sender="eve@evil.example", in_reply_to=None, references=("<a9@x>",)),
        known(("<a9@x>", ANNS)),
        None,
        "new",
    ),
    "the answer that came before its question waits for it": (
        FIRST,
        Known({}, {ROOT: thread(ROOT, "ann@x.example")}),
        ROOT,
        "thread_root",
    ),
    "the other mailbox's conversation of the brand is joined when this one has none": (
        REPLY,
        known(("<a1@x>", SIDE)),
        "side",
        "known_reference",
    ),
    "this mailbox's conversation comes first": (
        REPLY,
        known(("<a1@x>", SIDE), ("<a1@x>", ANNS)),
        ROOT,
        "known_reference",
    ),
    "another brand's conversation is never joined": (REPLY, known(("<a1@x>", FOREIGN)), ROOT, "new"),
    "without any id the bytes are the root": (
        replace(FIRST, message_id=None),
        Known(),
        derived("email", FIRST.account, "sha256:h1"),
        "new",
    ),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_table(case: str) -> None:
    letter, index, wanted, reason = CASES[case]
    joined = join(letter, index, SIGNER.read_message_id)
    assert joined.reason == reason
    if wanted is None:
        assert joined.conversation_id not in index.threads
    else:
        assert joined.conversation_id == wanted


WHY = {
    "a stranger": (replace(REPLY, sender="eve@evil.example"), INDEX, "stranger"),
    "an address of ours": (replace(REPLY, sender=""), INDEX, "stranger"),
    "nobody checks": (replace(REPLY, dmarc="unknown"), INDEX, "unchecked"),
    "no proof": (replace(REPLY, dmarc="none"), INDEX, "unproven"),
    "failed": (replace(REPLY, dmarc="fail"), INDEX, "failed"),
    "failed with a true signature": (replace(REPLY, in_reply_to=SIGNED, dmarc="fail"), Known(), "failed"),
    "a forged signature": (replace(REPLY, in_reply_to=FORGED, references=()), Known(), "forged"),
    "it joined": (REPLY, INDEX, None),
    "it quotes what we do not know": (replace(REPLY, in_reply_to="<z@z>", references=("<z@z>",)), INDEX, None),
    "it quotes nothing": (FIRST, Known(), None),
    "another brand's": (REPLY, known(("<a1@x>", FOREIGN)), None),
    "a stolen id as its own": (replace(FIRST, sender="eve@evil.example", content_hash="h3"), INDEX, "stranger"),
}


@pytest.mark.parametrize("case", WHY, ids=str)
def test_the_message_says_why_it_is_apart(case: str) -> None:
    letter, index, why = WHY[case]
    assert join(letter, index, SIGNER.read_message_id).apart == why


message_ids = st.sampled_from(["<a1@x>", "<a2@x>", "<a3@x>", "<b1@y>", FORGED, OTHER_BRAND])
senders = st.sampled_from(["ann@x.example", "eve@evil.example", "cc@x.example", ""])
letters = st.builds(
    Letter,
    account=st.sampled_from(["support@paleo.example", "sales@paleo.example"]),
    brand_id=st.just("paleo"),
    domains=st.just(frozenset({"paleo.example"})),
    sender=senders,
    others=st.frozensets(st.sampled_from(["cc@x.example", "ann@x.example"]), max_size=2),
    message_id=st.none() | message_ids,
    in_reply_to=st.none() | message_ids,
    references=st.lists(message_ids, max_size=3, unique=True).map(tuple),
    content_hash=st.uuids().map(str),
    dmarc=st.sampled_from(["pass", "fail", "none", "unknown"]),
)


@given(st.lists(letters, max_size=12))
def test_nobody_joins_a_conversation_they_have_no_part_in(arrivals: list[Letter]) -> None:
    """Without a signed reference, whoever is put into a conversation that exists was named in it before."""
    threads: dict[str, Thread] = {}
    messages: dict[str, tuple[str, ...]] = {}
    for letter in arrivals:
        joined = join(letter, Known(messages, threads), SIGNER.read_message_id)
        before = threads.get(joined.conversation_id)
        if before is not None:
            assert letter.sender in before.addresses
            assert letter.dmarc == "pass"
            assert joined.reason in ("known_reference", "thread_root")
        threads[joined.conversation_id] = joined.thread
        if letter.message_id:
            messages[letter.message_id] = (*messages.get(letter.message_id, ()), joined.conversation_id)


@given(letters)
def test_the_same_mail_is_always_put_into_the_same_conversation(letter: Letter) -> None:
    assert join(letter, INDEX, SIGNER.read_message_id) == join(letter, INDEX, SIGNER.read_message_id)


WAREHOUSE = replace(REPLY, sender="dock@warehouse.example", others=frozenset(), in_reply_to=SIDE_SIGNED, references=())


def test_an_answer_to_a_side_mail_joins_the_side_conversation_alone() -> None:
    joined = join(WAREHOUSE, INDEX, SIGNER.read_message_id)
    assert (joined.conversation_id, joined.side_id) == (SIDE_REF.conversation_id, SIDE_REF.side_id)
    assert joined.reason == "signed_reference"
    assert joined.thread.conversation_id == SIDE_REF.side_id, "its sender takes no part in the customer's thread"


def test_whoever_wrote_in_a_side_conversation_comes_back_into_it_without_our_reference() -> None:
    first = join(WAREHOUSE, Known(), SIGNER.read_message_id)
    index = known(("<w1@warehouse>", first.thread))
    again = join(replace(WAREHOUSE, in_reply_to="<w1@warehouse>", message_id="<w2@x>"), index, SIGNER.read_message_id)
    assert (again.conversation_id, again.side_id) == (SIDE_REF.conversation_id, SIDE_REF.side_id)


def test_who_takes_part_beside_takes_no_part_in_the_customers_thread() -> None:
    """The warehouse quotes a mail of the customer's, which somebody may have shown it."""
    first = join(WAREHOUSE, INDEX, SIGNER.read_message_id)
    index = known(("<a1@x>", ANNS), ("<w1@warehouse>", first.thread))
    joined = join(replace(WAREHOUSE, in_reply_to="<a1@x>"), index, SIGNER.read_message_id)
    assert joined.conversation_id not in (ANNS.conversation_id, SIDE_REF.conversation_id)
    assert (joined.reason, joined.side_id) == ("new", "")


def test_a_forged_side_reference_joins_nothing() -> None:
    forged = replace(WAREHOUSE, in_reply_to=SIDE_SIGNED.replace(".0", ".1", 1))
    joined = join(forged, INDEX, SIGNER.read_message_id)
    assert (joined.reason, joined.apart, joined.side_id) == ("new", "forged", "")
