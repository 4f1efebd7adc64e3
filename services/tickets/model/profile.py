"""What colleagues do to a contact: make one, edit the profile, note something, block and unblock the sender.

An edit says which fields become what. It is refused when one of them was changed by somebody else meanwhile; what they
changed besides is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.tickets.model.contact import handle_keys
from services.tickets.model.field_value import clean_text, value_words
from services.tickets.model.profile_fields import Around, Edit, checked, values_of
from shared.contracts.common import Actor
from shared.contracts.contacts import (
    Block,
    Contact,
    ContactBlocked,
    ContactCreated,
    ContactEvent,
    ContactNoted,
    ContactUnblocked,
    ContactUpdated,
)
from shared.errors import Conflict, FieldError, Invalid

REASON_CHARS, NOTE_CHARS = 200, 5_000
_LABELS = {
    "name": "the name",
    "emails": "the email addresses",
    "phones": "the phone numbers",
    "kind": "lead or user",
    "language": "the language",
    "time_zone": "the time zone",
    "location": "the location",
    "lifetime_revenue": "the lifetime revenue",
    "last_purchase_at": "the last purchase",
}


@dataclass(frozen=True, slots=True)
class Step:
    """When and by whom."""

    now: datetime
    by: Actor


def decide_new(edit: Edit, brand_id: str, around: Around, step: Step, new_id: str) -> list[ContactEvent]:
    """A person entered by hand."""
    empty = Contact(id=new_id, seq=1, brand_ids=(brand_id,), created_at=step.now, updated_at=step.now)
    contact = empty.model_copy(update=checked(empty, edit, around))
    if not (contact.name or handle_keys(contact)):
        wrong = FieldError("body.name", "is needed, or an email address or a phone number")
        raise Invalid("nobody", "Enter a name, an email address or a phone number.", (wrong,))
    return [ContactCreated(contact_id=new_id, seq=1, at=step.now, by=step.by, contact=contact)]


def decide_edit(known: Contact, edit: Edit, around: Around, step: Step) -> list[ContactEvent]:
    """The edit, as far as it changes anything. Raises Conflict with what somebody else changed, Invalid."""
    _check_kept(known)
    changes = checked(known, edit, around)
    named = [*edit.fields, *(f"attributes.{id_}" for id_ in edit.attributes)]
    changed = _changed(known, changes)
    lost = [one for one in named if one in around.changed_since and one in changed]
    if lost:
        raise _overtaken(known, lost, around)
    if not changed:
        return []
    after = _next(known, step, **changes)
    return [ContactUpdated(contact_id=known.id, seq=after.seq, at=step.now, by=step.by, changed=changed, contact=after)]


def decide_note(known: Contact, text: str, step: Step, note_id: str) -> list[ContactEvent]:
    _check_kept(known)
    text = clean_text(text)
    if not text or len(text) > NOTE_CHARS:
        wrong = FieldError("body.text", f"is 1 to {NOTE_CHARS} characters")
        raise Invalid("bad_note", f"A note has 1 to {NOTE_CHARS} characters.", (wrong,))
    after = _next(known, step)
    return [
        ContactNoted(
            contact_id=known.id, seq=after.seq, at=step.now, by=step.by, contact=after, note_id=note_id, text=text
        )
    ]


def decide_block(known: Contact, reason: str, step: Step) -> list[ContactEvent]:
    """What they write from now on goes to Spam; what is there stays where it is."""
    _check_kept(known)
    reason = clean_text(reason)
    if not reason or len(reason) > REASON_CHARS:
        wrong = FieldError("body.reason", f"is 1 to {REASON_CHARS} characters")
        raise Invalid("no_reason", "Say why, so that a colleague can judge it later.", (wrong,))
    if known.blocked is not None:
        return []
    by = (step.by.id or "") if step.by.kind == "agent" else ""
    after = _next(known, step, blocked=Block(reason=reason, at=step.now, by=by))
    return [ContactBlocked(contact_id=known.id, seq=after.seq, at=step.now, by=step.by, contact=after, reason=reason)]


def decide_unblock(known: Contact, step: Step) -> list[ContactEvent]:
    """What they write later arrives again; what went to Spam stays there."""
    _check_kept(known)
    if known.blocked is None:
        return []
    after = _next(known, step, blocked=None)
    return [ContactUnblocked(contact_id=known.id, seq=after.seq, at=step.now, by=step.by, contact=after)]


def _next(known: Contact, step: Step, **changes: object) -> Contact:
    return known.model_copy(update={**changes, "seq": known.seq + 1, "updated_at": step.now})


def _check_kept(known: Contact) -> None:
    if known.merged_into is not None:
        raise Conflict("merged", "This contact was merged into another one. Change that one.")


def _changed(known: Contact, changes: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that differ, an attribute as `attributes.<id>`."""
    found = {name for name, value in changes.items() if name != "attributes" and value != getattr(known, name)}
    if "attributes" in changes:
        before, after = values_of(known.attributes), values_of(changes["attributes"])
        ids = before.keys() | after.keys()
        found |= {f"attributes.{id_}" for id_ in ids if before.get(id_) != after.get(id_)}
    return tuple(sorted(found))


def _overtaken(known: Contact, lost: Sequence[str], around: Around) -> Conflict:
    def words(name: str) -> str:
        id_ = name.removeprefix("attributes.")
        attribute = around.attributes.get(id_) if name != id_ else None
        return attribute.label if attribute else _LABELS.get(name, name)

    def told(name: str) -> str:
        who = around.changed_since[name] or "Somebody"
        return f"{who} changed {words(name)}{_now(known, name)} while you were editing"

    fields = tuple(FieldError(f"body.{one}", told(one)) for one in lost)
    now = {one: _value(known, one) for one in lost}
    return Conflict("changed_meanwhile", f"{told(lost[0])}. Save again to replace it.", fields, {"now": now})


def _value(known: Contact, name: str) -> Any:
    """A field's value as JSON has it."""
    id_ = name.removeprefix("attributes.")
    if id_ != name:
        return values_of(known.attributes).get(id_)
    return known.model_dump(mode="json", include={name})[name]


def _now(known: Contact, name: str) -> str:
    """What a field is now, as far as a few words say it."""
    value = _value(known, name)
    if isinstance(value, list):
        value = ", ".join(value)
    return f" to {value_words(value)}" if isinstance(value, str | int | float) else ""
