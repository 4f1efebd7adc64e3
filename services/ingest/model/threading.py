"""Which conversation a mail belongs to, and why (CH3).

What the rules hold off:
- A stranger who quotes somebody's Message-ID in References, or takes it as their own Message-ID, does not take part
  in that thread, so the index does not let them in, and the thread's derived id is refused too: they get a
  conversation of their own.
- A signed Message-ID of ours joins whoever quotes it: only those whom we wrote to, or who were shown our mail, can
  know one, and a customer may well answer from a second address. What it does not do is speak for anybody: the
  message stands under the address in its own From, and that address only becomes a participant, never a proof.
- Taking part is believed only of a sender whose DMARC passed, as a mail server of ours says it (RFC 8601,
  `trusted_authserv_id`). Where nobody checks, or the sender's domain has no policy, a forged From cannot be told from
  a true one, so the mail begins a conversation of its own and says why. A From that fails joins nothing at all, signed
  reference or not.
- A signed reference counts only in a mail to the brand that made it (its domain), so that a mail to two brands
  becomes a conversation in each, and a reply never crosses from one brand into another's conversation.
- A mail that answers one of a side conversation (CV8) joins that alone. Its thread has an id of its own, so whoever
  writes there takes no part in the customer's, and the reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.ingest.model.arrival import Known, Thread
from shared import ids
from shared.contracts.common import ApartReason, JoinReason
from shared.signing import MessageRef, looks_signed

Dmarc = Literal["pass", "fail", "none", "unknown"]
ReadSigned = Callable[[str], MessageRef | None]


@dataclass(frozen=True, slots=True)
class Letter:
    """What threading looks at. `sender` is "" when it is unknown or an address of ours: such a sender takes part
    nowhere. `dmarc` is "unknown" when no server of ours checks it, "none" when it checked and found no policy.
    `domains` are the receiving brand's, `others` who else was written to, both in lower case."""

    account: str
    brand_id: str
    domains: frozenset[str]
    sender: str
    others: frozenset[str]
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    content_hash: str
    dmarc: Dmarc = "unknown"


@dataclass(frozen=True, slots=True)
class Joined:
    """`apart` is why it did not join what it quotes; None when it joined, or quotes nothing that we know. `side_id`: it
    belongs to this side conversation there."""

    conversation_id: str
    reason: JoinReason
    thread: Thread
    apart: ApartReason | None = None
    side_id: str = ""


def quoted_ids(letter: Letter) -> tuple[str, ...]:
    """What the mail answers, nearest first: In-Reply-To, then References from the last to the first."""
    order = ([letter.in_reply_to] if letter.in_reply_to else []) + list(reversed(letter.references))
    return tuple(dict.fromkeys(order))


def thread_root(letter: Letter) -> str:
    """The id that all mails of a thread share: the first reference, else what it answers, else its own; a mail
    without any is a thread by its bytes."""
    quoted = letter.references[0] if letter.references else letter.in_reply_to
    return quoted or letter.message_id or f"sha256:{letter.content_hash}"


def root_conversation(letter: Letter) -> str:
    """The conversation id that follows from the thread's root, in this mailbox."""
    return ids.derived("email", letter.account, thread_root(letter))


def join(letter: Letter, known: Known, read_signed: ReadSigned) -> Joined:
    """Decide. `known` holds the index for `quoted_ids`, the own Message-ID and `root_conversation`."""
    quoted = quoted_ids(letter)
    if letter.dmarc != "fail":
        signed = _signed(letter, quoted, read_signed)
        if signed is not None:
            return _joined_signed(letter, known, signed)
        for message_id in quoted:
            for conversation_id in _by_account(letter, known, message_id):
                thread = known.threads.get(conversation_id)
                if thread is not None and _takes_part(letter, thread):
                    return _joined(letter, known, conversation_id, "known_reference", side_of=thread.side_of)
    why = _apart(letter, known, quoted)
    by_root = root_conversation(letter)
    thread = known.threads.get(by_root)
    if thread is None and not _somebody_elses(letter, known):
        return _joined(letter, known, by_root, "new", why)
    if _takes_part(letter, thread):
        return _joined(letter, known, by_root, "thread_root")
    apart = ids.derived("email", letter.account, "apart", letter.message_id or "", letter.content_hash)
    return _joined(letter, known, apart, "new", why or _unbelieved(letter, [thread] if thread else []))


def _apart(letter: Letter, known: Known, quoted: Sequence[str]) -> ApartReason | None:
    """Why it is not in the conversation of what it quotes."""
    threads = [known.threads[one] for quote in quoted for one in _by_account(letter, known, quote)]
    if threads:
        return _unbelieved(letter, threads)
    ours = any(looks_signed(one) and one.rpartition("@")[2].rstrip(">").lower() in letter.domains for one in quoted)
    return ("failed" if letter.dmarc == "fail" else "forged") if ours else None


def _unbelieved(letter: Letter, threads: Sequence[Thread]) -> ApartReason:
    if letter.dmarc == "fail":
        return "failed"
    if not any(letter.sender and letter.sender in one.addresses for one in threads):
        return "stranger"
    return "unchecked" if letter.dmarc == "unknown" else "unproven"


def _signed(letter: Letter, quoted: Sequence[str], read_signed: ReadSigned) -> MessageRef | None:
    # Our own Message-ID comes last: a mail that carries one is our own mail coming back.
    for message_id in (*quoted, *((letter.message_id,) if letter.message_id else ())):
        ref = read_signed(message_id)
        if ref is not None and message_id.rpartition("@")[2].rstrip(">").lower() in letter.domains:
            return ref
    return None


def _joined_signed(letter: Letter, known: Known, ref: MessageRef) -> Joined:
    if ref.side_id:
        return _joined(letter, known, ref.side_id, "signed_reference", side_of=ref.conversation_id)
    return _joined(letter, known, ref.conversation_id, "signed_reference")


def _by_account(letter: Letter, known: Known, message_id: str) -> list[str]:
    """Conversations that hold that Message-ID in this brand, those of this mailbox first."""
    found = [known.threads[one] for one in known.messages.get(message_id, ()) if one in known.threads]
    own_brand = [thread for thread in found if thread.brand_id == letter.brand_id]
    return [one.conversation_id for one in sorted(own_brand, key=lambda one: one.account != letter.account)]


def _takes_part(letter: Letter, thread: Thread | None) -> bool:
    return thread is not None and letter.dmarc == "pass" and bool(letter.sender) and letter.sender in thread.addresses


def _somebody_elses(letter: Letter, known: Known) -> bool:
    """Whether the root id is a mail that is known in this mailbox in a conversation where the sender has no part."""
    return any(
        known.threads[one].account == letter.account
        for one in known.messages.get(thread_root(letter), ())
        if one in known.threads
    )


def _joined(
    letter: Letter,
    known: Known,
    thread_id: str,
    reason: JoinReason,
    apart: ApartReason | None = None,
    *,
    side_of: str = "",
) -> Joined:
    before = known.threads.get(thread_id)
    addresses = (before.addresses if before else frozenset()) | letter.others
    if letter.sender:
        addresses |= {letter.sender}
    account, brand_id = (before.account, before.brand_id) if before else (letter.account, letter.brand_id)
    thread = Thread(thread_id, account, brand_id, addresses, side_of)
    return Joined(side_of or thread_id, reason, thread, apart, thread_id if side_of else "")
