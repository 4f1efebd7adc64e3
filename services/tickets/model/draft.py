"""What an agent wrote in one box of the desk and did not send yet. Every writing raises `rev`, and names the one that
it began from, so that no device writes over what another one wrote unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.contracts.base import Time, Value
from shared.contracts.common import Address, Attachment
from shared.contracts.directory import MacroAction
from shared.errors import Conflict

Thing = Literal["conversation", "ticket", "contact"]
ConversationBox = Literal["reply", "note", "attempt", "ticket"]
"""`attempt`: the note of a call attempt; `ticket`: the form of a new ticket. Each side conversation has one besides
(`side_box`)."""
TicketBox = Literal["comment", "update", "resolve", "form"]
"""`form`: its title and its fields, as far as they are to be others than they are."""
ContactBox = Literal["note"]
OpenBox = Literal["new-conversation", "new-ticket"]
"""Of what is not there yet."""

LETTER_CHARS = 400_000
FILES_MAX = 20
ACTIONS_MAX = 20
"""Of one letter."""

FieldValue = str | bool | float | tuple[str, ...] | None


@dataclass(frozen=True)
class Place:
    """Where an agent writes. `thing` None: about nothing that is there yet, and `id` is empty."""

    box: str
    thing: Thing | None = None
    id: str = ""


def side_box(side_id: str | None) -> str:
    """None: the first mail of a new one."""
    return f"side:{side_id or 'new'}"


class Recipients(Value):
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()


class Draft(Value):
    """`rev` 0: nothing was ever written. A letter's words are `html`, those of a plain box `text`, and `fields` is what
    else its form holds. `recipients` None: whom the conversation says. Images in `html` stand there by their content id
    (`cid:`), and are among `attachments`. `actions` are those of the macros that it was written with. `updated_at`
    None: never."""

    rev: int = 0
    html: str = ""
    text: str = ""
    recipients: Recipients | None = None
    attachments: tuple[Attachment, ...] = ()
    actions: tuple[MacroAction, ...] = ()
    fields: dict[str, FieldValue] = Field(default_factory=dict)
    updated_at: Time | None = None

    @property
    def empty(self) -> bool:
        return not any(getattr(self, name) for name in _WRITTEN)


_WRITTEN = ("html", "text", "recipients", "attachments", "actions", "fields")


def decide_draft(known: Draft, wanted: Draft, now: datetime) -> Draft:
    """The draft after a writing that began from `wanted.rev`; `known` itself when it says the same already.

    Raises Conflict `draft_changed`, about the draft that is there, when it was written or sent from elsewhere since.
    """
    if _same(known, wanted) and known.rev in (wanted.rev, wanted.rev + 1):
        return known
    if known.rev and known.rev != wanted.rev:
        what = "sent or thrown away" if known.empty else "changed"
        raise Conflict(
            "draft_changed",
            f"This draft was {what} in another window or on another device. Choose which one to keep.",
            about={"existing": known.model_dump(mode="json")},
        )
    return wanted.model_copy(update={"rev": wanted.rev + 1, "updated_at": now})


def emptied(known: Draft, now: datetime) -> Draft:
    """After it was sent. A device that still writes on what it had is told so."""
    return known if known.empty else Draft(rev=known.rev + 1, updated_at=now)


def moved(known: Draft, there: Draft) -> Draft:
    """What stands at `there`'s place once `known`'s thing is part of the other one: behind what is being written there.
    `there` itself when nothing is here, or when both are not one draft: a form has one value for each field, and no
    draft is longer than one that can be written. Its revision is one that nobody saw there with something else in
    it."""
    if there.rev and known.empty:
        return there
    rev = max(known.rev, there.rev + 1)
    if there.empty:
        return known.model_copy(update={"rev": rev})
    both = _joined(there, known).model_copy(update={"rev": rev})
    return there if known.fields or not _fits(both) else both


def put_back(known: Draft, letter: Draft, now: datetime) -> Draft:
    """A letter that was not sent after all becomes the draft again, before what was written since."""
    beside = {"rev": known.rev + 1, "text": known.text, "fields": known.fields, "updated_at": now}
    return _joined(letter, known).model_copy(update=beside)


def _joined(one: Draft, other: Draft) -> Draft:
    """One after the other; for whom the first says."""
    ids = {file.id for file in one.attachments}
    return one.model_copy(
        update={
            "html": one.html + other.html,
            "text": "\n\n".join(filter(None, (one.text, other.text))),
            "recipients": one.recipients or other.recipients,
            "attachments": (*one.attachments, *(file for file in other.attachments if file.id not in ids)),
            "actions": tuple(dict.fromkeys((*one.actions, *other.actions))),
            "updated_at": max(filter(None, (one.updated_at, other.updated_at)), default=None),
        }
    )


def _fits(draft: Draft) -> bool:
    chars = max(len(draft.html), len(draft.text))
    return chars <= LETTER_CHARS and len(draft.attachments) <= FILES_MAX and len(draft.actions) <= ACTIONS_MAX


def _same(one: Draft, other: Draft) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _WRITTEN)
