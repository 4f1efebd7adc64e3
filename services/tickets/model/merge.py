"""Two contacts are one person: one is kept and stands for the other; and back again, for a while.

The duplicate keeps its id, its past and its conversations; its handles, and what the kept one did not know, go over.
Both as they were are kept beside (`Merge`), so that what was learnt by the merge, and only that, is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.tickets.model.contact import handle_key
from services.tickets.model.profile import Step
from services.tickets.model.profile_fields import values_of
from shared.contracts.contacts import (
    AttributeValue,
    Contact,
    ContactEvent,
    ContactsMerged,
    ContactsUnmerged,
    Money,
)
from shared.errors import Conflict, Invalid

UNDO_FOR = timedelta(days=30)
MERGED_MAX = 50
_HANDLES = {"emails": "email", "phones": "phone", "visitor_ids": "visitor", "external_ids": "external"}
_LISTS = (*_HANDLES, "brand_ids")
_FILLED = ("name", "language", "time_zone", "location", "last_purchase_at", "blocked")
"""Taken from the duplicate where the kept one has none."""
_SINGLE = (*_FILLED, "kind", "lifetime_revenue")


@dataclass(frozen=True, slots=True)
class Merge:
    """Both contacts right before they became one."""

    kept: Contact
    merged: Contact
    at: datetime


def decide_merge(kept: Contact, merged: Contact, step: Step) -> list[ContactEvent]:
    """`merged` becomes part of `kept`; told on both. Raises Invalid or Conflict."""
    if kept.id == merged.id:
        raise Invalid("same_contact", "Choose two different contacts.")
    for one in (kept, merged):
        if one.merged_into is not None:
            raise Conflict("merged", f"{one.name or 'One of them'} was merged into another contact already.")
    whole = absorbed(kept, merged)
    if len(whole.merged_ids) > MERGED_MAX:
        raise Conflict("too_many_merged", f"A contact stands for at most {MERGED_MAX} others.")
    empty: dict[str, Any] = {**dict.fromkeys(_HANDLES, ()), "merged_ids": (), "merged_into": kept.id, "blocked": None}
    return _told(ContactsMerged, _next(kept, whole, step), _next(merged, merged.model_copy(update=empty), step), step)


def absorbed(kept: Contact, merged: Contact) -> Contact:
    """`kept` with all that is known of both; where they differ, what it said itself."""
    changes: dict[str, Any] = {name: _joined(getattr(kept, name), getattr(merged, name)) for name in _LISTS}
    changes |= {name: getattr(kept, name) or getattr(merged, name) for name in _FILLED}
    changes["kind"] = "user" if "user" in (kept.kind, merged.kind) else "lead"
    changes["lifetime_revenue"] = _sum(kept.lifetime_revenue, merged.lifetime_revenue)
    times = [one.last_purchase_at for one in (kept, merged) if one.last_purchase_at is not None]
    changes["last_purchase_at"] = max(times, default=None)
    changes["attributes"] = _attributes({**values_of(merged.attributes), **values_of(kept.attributes)})
    changes["merged_ids"] = (*kept.merged_ids, merged.id, *merged.merged_ids)
    return kept.model_copy(update=changes)


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _sum(first: Money | None, second: Money | None) -> Money | None:
    """Two currencies do not add up: the kept one's stays, the other stands on the duplicate."""
    if first is None or second is None or first.currency != second.currency:
        return first or second
    return first.model_copy(update={"minor": first.minor + second.minor})


def decide_unmerge(
    kept: Contact, merged: Contact, before: Merge, taken: Mapping[str, Contact], step: Step
) -> list[ContactEvent]:
    """Two again: what the merge brought goes back, what came since stays with `kept`. Raises Conflict.

    `taken`: who has the duplicate's handles now; one that went to a third contact meanwhile stays there.
    """
    if step.now - before.at > UNDO_FOR:
        raise Conflict("too_late", f"Contacts can be taken apart for {UNDO_FOR.days} days after they were merged.")
    if merged.merged_into != kept.id or kept.merged_into is not None:
        raise Conflict("merged_again", "It was merged once more since. Undo the later one first.")
    back: dict[str, Any] = {name: _still_theirs(before.merged, name, kept, taken) for name in _HANDLES}
    restored = before.merged.model_copy(update={**back, "seq": merged.seq})
    return _told(ContactsUnmerged, _next(kept, _without(kept, before), step), _next(merged, restored, step), step)


def _still_theirs(was: Contact, name: str, kept: Contact, taken: Mapping[str, Contact]) -> tuple[str, ...]:
    owners = ((one, taken.get(handle_key(_HANDLES[name], one))) for one in getattr(was, name))
    return tuple(one for one, owner in owners if owner is None or owner.id == kept.id)


def _without(kept: Contact, before: Merge) -> Contact:
    """`kept` less what it has from the merge alone."""
    after = absorbed(before.kept, before.merged)
    changes: dict[str, Any] = {}
    for name in _LISTS:
        brought = set(getattr(before.merged, name)) - set(getattr(before.kept, name))
        changes[name] = tuple(one for one in getattr(kept, name) if one not in brought)
    for name in _SINGLE:
        if getattr(kept, name) == getattr(after, name):
            changes[name] = getattr(before.kept, name)
    now, then, own = (values_of(one.attributes) for one in (kept, after, before.kept))
    mine = {id_: own.get(id_) if value == then.get(id_) else value for id_, value in now.items()}
    changes["attributes"] = _attributes({id_: value for id_, value in mine.items() if value is not None})
    gone = {before.merged.id, *before.merged.merged_ids}
    changes["merged_ids"] = tuple(one for one in kept.merged_ids if one not in gone)
    return kept.model_copy(update=changes)


def _attributes(values: Mapping[str, Any]) -> tuple[AttributeValue, ...]:
    return tuple(AttributeValue(id=id_, value=values[id_]) for id_ in sorted(values))


def _next(before: Contact, after: Contact, step: Step) -> Contact:
    return after.model_copy(update={"seq": before.seq + 1, "updated_at": step.now})


def _told(
    kind: type[ContactsMerged] | type[ContactsUnmerged], kept: Contact, merged: Contact, step: Step
) -> list[ContactEvent]:
    def told(one: Contact) -> ContactEvent:
        return kind(
            contact_id=one.id,
            seq=one.seq,
            at=step.now,
            by=step.by,
            contact=one,
            kept_id=kept.id,
            merged_id=merged.id,
        )

    # Whoever gives handles up is told first: no reader sees a handle at two people.
    both: Iterable[Contact] = (merged, kept) if kind is ContactsMerged else (kept, merged)
    return [told(one) for one in both]
