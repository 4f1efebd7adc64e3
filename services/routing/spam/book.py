"""What is kept about spam, as a batch of events changes it: filters, senders, and the messages that may yet be learnt.

Pure: it is filled with what a batch touches, told of each event in order, and says what to save.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.routing.spam.bayes import Filter, Slots, slots_of
from services.routing.spam.score import Known, score
from services.routing.spam.senders import Sender
from services.routing.spam.words import fingerprint, tokens
from shared.contracts.common import Handle, Message, Spam
from shared.contracts.conversations import Head
from shared.contracts.directory import SpamSettings

LEARNT_OF_ONE = 5
"""Messages of one conversation that are learnt: the first ones."""
HAM_FIRST = 200
HAM_FOR_SPAM = 2
"""Answered conversations are learnt until there are so many, and so many for each that was marked: more would say
nothing new, and every one is a write."""

Kind = Literal["spam", "ham"]
SenderKey = tuple[str, str]
"""Brand, and handle (`handle_of`)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it may be learnt: its words as slots of the filter. `print` is None for a text that is too short.
    `learnt`: as what the filter has it."""

    entry_id: str
    conversation_id: str
    brand_id: str
    slots: Slots
    print: str | None
    spam: Spam
    at: datetime
    learnt: Kind | None = None


def handle_of(handle: Handle) -> str:
    return f"{handle.kind}:{handle.value}"


def print_of(brand_id: str, message: Message) -> str | None:
    """The same text at the same brand."""
    plain = fingerprint(message)
    return None if plain is None else f"{brand_id}:{plain}"


class Book:
    """`letters`: of the conversations that people marked or answered. `repeated`: conversations by print, lately.
    What is changed stands in `changed_…`."""

    def __init__(
        self,
        filters: Mapping[str, Filter],
        senders: Mapping[SenderKey, Sender],
        letters: Sequence[Letter],
        repeated: Mapping[str, frozenset[str]],
    ) -> None:
        self._filters = dict(filters)
        self._senders = dict(senders)
        self._repeated = {one: set(conversations) for one, conversations in repeated.items()}
        self._letters: dict[str, list[Letter]] = {}
        for one in sorted(letters, key=lambda one: one.at):
            self._letters.setdefault(one.conversation_id, []).append(one)
        self.changed_filters: dict[str, Filter] = {}
        self.changed_senders: dict[SenderKey, Sender] = {}
        self.changed_letters: dict[str, Letter] = {}

    # ── what happens ─────────────────────────────────────────────────────────────────────────────
    def arrived(self, head: Head, message: Message, settings: SpamSettings, at: datetime) -> Spam:
        """The message's score, from all that was known before it."""
        sender = self._sender(head.brand_id, message.sender or head.handle)
        mark = print_of(head.brand_id, message)
        others = self._repeated.setdefault(mark, set()) if mark else set()
        known = Known(settings, sender, self._filter(head.brand_id), len(others - {head.id}))
        words = tokens(message)
        found = score(message, words, known)
        others.add(head.id)
        slots = slots_of(words)
        self._keep(Letter(message.entry_id, head.id, head.brand_id, slots, mark, found, at))
        return found

    def marked(self, head: Head, *, spam: bool) -> None:
        """A person put it into Spam, or took it out."""
        sender = self._sender(head.brand_id, head.handle)
        taken_back = any(one.learnt == "spam" for one in self._letters.get(head.id, ()))
        if spam:
            self._put_sender(head, replace(sender, marked=sender.marked + 1, cleared=False))
        else:
            marked = max(0, sender.marked - taken_back)
            self._put_sender(head, replace(sender, marked=marked, cleared=True))
        self._learn(head, "spam" if spam else "ham")

    def answered(self, head: Head) -> None:
        """An agent has written to the customer, which nobody does to spam."""
        sender = self._sender(head.brand_id, head.handle)
        if not sender.answered:
            self._put_sender(head, replace(sender, answered=True))
        trained = self._filter(head.brand_id)
        if trained.ham < HAM_FIRST + HAM_FOR_SPAM * trained.spam:
            self._learn(head, "ham")

    # ── what is kept ─────────────────────────────────────────────────────────────────────────────
    def _learn(self, head: Head, kind: Kind) -> None:
        trained = self._filter(head.brand_id)
        for letter in self._letters.get(head.id, [])[:LEARNT_OF_ONE]:
            if letter.learnt == kind:
                continue
            if letter.learnt is not None:
                trained = trained.learn(letter.slots, spam=letter.learnt == "spam", times=-1)
            trained = trained.learn(letter.slots, spam=kind == "spam")
            self._keep(replace(letter, learnt=kind))
        if trained is not self._filter(head.brand_id):
            self._filters[head.brand_id] = self.changed_filters[head.brand_id] = trained

    def _filter(self, brand_id: str) -> Filter:
        return self._filters.setdefault(brand_id, Filter())

    def _sender(self, brand_id: str, handle: Handle) -> Sender:
        return self._senders.get((brand_id, handle_of(handle)), Sender())

    def _put_sender(self, head: Head, sender: Sender) -> None:
        key = (head.brand_id, handle_of(head.handle))
        self._senders[key] = self.changed_senders[key] = sender

    def _keep(self, letter: Letter) -> None:
        mine = self._letters.setdefault(letter.conversation_id, [])
        places = [n for n, one in enumerate(mine) if one.entry_id == letter.entry_id]
        if places:
            mine[places[0]] = letter
        else:
            mine.append(letter)
        self.changed_letters[letter.entry_id] = letter
