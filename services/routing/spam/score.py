"""All that speaks for and against a message put together: a score from 0 to 1, and its reasons in words.

Each sign adds its weight to the odds (their logarithm), from what is likely of any message on. No single sign is
enough for the usual threshold but a list, and what people marked here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.routing.spam.bayes import Filter
from services.routing.spam.gibberish import is_gibberish, mixes_alphabets
from services.routing.spam.links import Link, links_of
from services.routing.spam.senders import Sender, listed
from services.routing.spam.words import text_of
from shared.contracts.common import Message, Spam
from shared.contracts.directory import SpamSettings

PRIOR = -3.0
"""About 5 in 100, before anything is known."""
BLOCKED, CLEAN = 1.0, 0.0
SURE = 0.9995
"""Where the filter's own word ends: the odds of more are no better known."""
WORDS_SHOWN = 5

FILTER_MOST, FILTER_FIRST = 6.0, 1.5
MARKED_ONCE, MARKED_OFTEN = 2.5, 4.0
FORGED, NAMED_OTHERWISE, DECEIVING, HIDING = 2.5, 2.0, 2.0, 1.5
GIBBERISH, MIXED, REPEATED, OFTEN_REPEATED = 2.5, 2.0, 1.5, 3.0
BULK, MANY_LINKS, BARE_LINK = 1.2, 1.0, 0.8
LINKS_MANY = 15
TEXT_LITTLE = 40
REPEATED_LEAST, REPEATED_OFTEN = 3, 10

Signs = Iterator[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known where the message came in. `repeated`: in how many other conversations of the brand the same text
    came lately."""

    settings: SpamSettings = field(default_factory=SpamSettings)
    sender: Sender = field(default_factory=Sender)
    filter: Filter = field(default_factory=Filter)
    repeated: int = 0


def score(message: Message, words: Sequence[str], known: Known) -> Spam:
    """`words` are the message's `tokens`. Lists come first, then whether people know the sender, then the signs.
    Who was answered before is never spam; whoever forges their address (DMARC, RFC 7489) is not them."""
    address = message.sender.value if message.sender else ""
    theirs = message.dmarc != "fail"
    if theirs and (entry := listed(address, known.settings.allowed)):
        return Spam(score=CLEAN, reasons=(f"{entry} is on the list of allowed senders.",))
    if entry := listed(address, known.settings.blocked):
        return Spam(score=BLOCKED, reasons=(f"{entry} is on the list of blocked senders.",))
    if theirs and known.sender.answered:
        return Spam(score=CLEAN, reasons=("An agent has answered this sender before.",))
    if theirs and known.sender.cleared:
        return Spam(score=CLEAN, reasons=("Somebody took a conversation of this sender out of Spam.",))
    found = sorted(_signs(message, words, known), key=lambda one: -one[0])
    odds = PRIOR + sum(weight for weight, _ in found)
    return Spam(score=round(1 / (1 + math.exp(-odds)), 3), reasons=tuple(words for _, words in found if words))


def _signs(message: Message, words: Sequence[str], known: Known) -> Signs:
    yield from _of_sender(message, known.sender)
    yield from _of_text(message, known.repeated)
    yield from _of_links(message, links_of(message))
    yield from _of_filter(words, known.filter)


def _of_sender(message: Message, sender: Sender) -> Signs:
    if sender.marked:
        many = f"{sender.marked} conversations" if sender.marked > 1 else "A conversation"
        yield MARKED_OFTEN if sender.marked > 1 else MARKED_ONCE, f"{many} of this sender went to Spam by hand."
    if message.dmarc == "fail":
        yield FORGED, "The sender's domain says that this mail is not from there (DMARC)."
    if message.sender and _names_another(message.sender.name, message.sender.value):
        yield NAMED_OTHERWISE, "The sender's name is another address than the mail comes from."
    if message.automatic in ("bulk", "mailing_list"):
        yield BULK, "It was sent to many at once (List-Unsubscribe or Precedence)."


def _names_another(name: str, address: str) -> bool:
    named = next((word.strip("<>()\"',").lower() for word in name.split() if "@" in word), "")
    return "@" in address and "." in named and named.rpartition("@")[2] != address.lower().rpartition("@")[2]


def _of_text(message: Message, repeated: int) -> Signs:
    text = text_of(message)
    if is_gibberish(text):
        yield GIBBERISH, "The text is no language."
    if mixes_alphabets(f"{message.subject} {text}"):
        yield MIXED, "Words mix letters of several alphabets that look alike."
    if repeated >= REPEATED_LEAST:
        weight = OFTEN_REPEATED if repeated >= REPEATED_OFTEN else REPEATED
        yield weight, f"The same text came in {repeated} other conversations lately."


def _of_links(message: Message, links: tuple[Link, ...]) -> Signs:
    deceiving = next((one for one in links if one.deceives), None)
    if deceiving:
        yield DECEIVING, f'A link that reads "{deceiving.shown}" leads to {deceiving.host}.'
    hiding = next((one for one in links if one.hides), None)
    if hiding:
        yield HIDING, f"A link hides where it leads: {hiding.host}."
    if len(links) >= LINKS_MANY:
        yield MANY_LINKS, f"It has {len(links)} links or more." if len(links) >= 200 else f"It has {len(links)} links."
    elif links and len(message.text.strip()) < TEXT_LITTLE:
        yield BARE_LINK, "It is little but a link."


def _of_filter(all_words: Sequence[str], trained: Filter) -> Signs:
    """The more was marked, the more its word counts."""
    if not trained.trained:
        return
    probability, words = trained.judge(all_words)
    bounded = min(SURE, max(1 - SURE, probability))
    most = min(FILTER_MOST, FILTER_FIRST + math.log2(min(trained.spam, trained.ham)))
    weight = max(-most, min(most, math.log(bounded / (1 - bounded))))
    shown = ", ".join(word.partition(":")[2] or word for word in words[:WORDS_SHOWN])
    yield weight, f"It reads like what was marked as spam here: {shown}." if weight > 1 and shown else ""
