"""What customers did in a product: whose it is, what the profile learns of it, and whether a conversation hears of it.

The product's server vouches for its own users. So an address or a number that nobody has becomes theirs, and one that
another user of the same product has stays with that one: no handle ever moves (promise 9). Nobody becomes the product's
user by a telephone number, which families share, as nobody does in the messenger. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.tickets.model.contact import external_value, handle_key, updated
from services.tickets.model.evolve import Unfolding
from services.tickets.model.profile_fields import HANDLES_MAX
from services.tickets.model.state import CUSTOMER, Context, Conversation, Outcome
from services.tickets.model.talks import ALL, Facts, Talks, day_of
from shared.contracts.acted import CustomerActed
from shared.contracts.activity import ActivityRecorded
from shared.contracts.contacts import Contact, ContactCreated, ContactEvent

NEWS_FOR = timedelta(days=1)
"""What was longer ago when it is heard is history: it is kept, and no rule acts on it."""
TOLD_EVERY = timedelta(hours=1)
TOLD_MAX, TOLD_ALL = 10, 30
"""So often within `TOLD_EVERY` a conversation hears that its customer did one thing, and anything: each time is an
event of it, and a product that reports every click must not bury what was written."""


@dataclass(frozen=True, slots=True)
class KnownUser:
    """Whom we know by what the product said; some of them may be the same contact."""

    by_external: Contact | None = None
    by_email: Contact | None = None
    by_phone: Contact | None = None


def keys_of(said: ActivityRecorded) -> dict[str, str]:
    """The handle keys by which contacts are looked up, by the kind of handle."""
    external = external_value(said.brand_id, said.external_id)
    values = {"external": external if said.external_id else "", "email": said.email, "phone": said.phone}
    return {kind: handle_key(kind, value) for kind, value in values.items() if value}


def decide_user(known: KnownUser, said: ActivityRecorded, now: datetime, new_id: str) -> list[ContactEvent]:
    """A new contact, or what the known one learns; usually nothing. Whose it is, `owner_of` says afterwards."""
    person = owner_of(known, said)
    if person is not None:
        return updated(person, _learnt(person, known, said), now)
    empty = Contact(id=new_id, seq=1, created_at=now, updated_at=now)
    contact = empty.model_copy(update=_learnt(empty, known, said))
    return [ContactCreated(contact_id=new_id, seq=1, at=now, contact=contact)]


def owner_of(known: KnownUser, said: ActivityRecorded) -> Contact | None:
    """By the product's own id, else by an address of somebody who is no other user of it; by a number only where the
    product says no id."""
    by_phone = None if said.external_id else known.by_phone
    return known.by_external or _free(known.by_email, said) or by_phone


def _free(contact: Contact | None, said: ActivityRecorded) -> Contact | None:
    if contact is None or not said.external_id:
        return contact
    prefix = external_value(said.brand_id, "")
    return None if any(one.startswith(prefix) for one in contact.external_ids) else contact


def _learnt(person: Contact, known: KnownUser, said: ActivityRecorded) -> dict[str, object]:
    changes: dict[str, object] = {}
    external = external_value(said.brand_id, said.external_id)
    for name, value, owner in (
        ("external_ids", external if said.external_id else "", known.by_external),
        ("emails", said.email, known.by_email),
        ("phones", said.phone, known.by_phone),
    ):
        has: tuple[str, ...] = getattr(person, name)
        if value and owner is None and value not in has and len(has) < HANDLES_MAX:
            changes[name] = (*has, value)
    if said.person and not person.name:
        changes["name"] = said.person
    if said.brand_id not in person.brand_ids:
        changes["brand_ids"] = (*person.brand_ids, said.brand_id)
    if "external_ids" in changes and person.kind != "user":
        changes["kind"] = "user"  # not by an address alone: to who is known as a user, automatic replies say more
    return changes


def facts_of(said: ActivityRecorded) -> Facts:
    """The day on which they did it last, for segments."""
    found = Talks(did={said.activity.name: day_of(said.activity.at)})
    return {ALL: found, said.brand_id: found}


@dataclass(frozen=True, slots=True)
class Told:
    """That a conversation heard of something, and when."""

    conversation_id: str
    name: str
    at: datetime


def is_news(said: ActivityRecorded, now: datetime) -> bool:
    return now - said.activity.at <= NEWS_FOR


def still_told(told: Iterable[Told], now: datetime) -> tuple[Told, ...]:
    """What counts towards TOLD_MAX now: not what a clock that was far ahead has told."""
    return tuple(one for one in told if abs(now - one.at) < TOLD_EVERY)


def decide_told(state: Conversation | None, said: ActivityRecorded, context: Context, told: Iterable[Told]) -> Outcome:
    """The customer's newest conversation that is not closed hears of it. The outcome says why none does."""
    if not is_news(said, context.now):
        return Outcome(ignored=("too_old",))
    if state is None or state.head.status == "closed" or state.head.spam:
        return Outcome(ignored=("no_conversation",))
    heard = [one.name for one in told if one.conversation_id == state.head.id]
    if len(heard) >= TOLD_ALL or heard.count(said.activity.name) >= TOLD_MAX:
        return Outcome(ignored=("told_enough",))
    work = Unfolding(state)
    work.add(CustomerActed, context.as_(CUSTOMER), activity=said.activity)
    return work.outcome()
