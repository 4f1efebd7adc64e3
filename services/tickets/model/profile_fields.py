"""The fields of a profile: what was entered, checked field by field, as it is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from services.tickets.model.contact import handle_key
from services.tickets.model.field_value import clean_text, field_value
from services.tickets.model.phone import e164, region_of
from services.tickets.model.state import Desk
from shared.contracts.contacts import AttributeValue, Contact, Money
from shared.contracts.directory import AttributeChanged
from shared.contracts.tickets import FieldValue
from shared.errors import Conflict, FieldError, Invalid

HANDLES_MAX = 20
NAME_CHARS, PLACE_CHARS = 200, 200
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # the shape of BCP 47


@dataclass(frozen=True, slots=True)
class Edit:
    """Fields of a contact as they are to be; what is not named stays. An attribute that is None is emptied."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, FieldValue | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """What a profile is checked against.

    `taken`: who has which handle; `hidden`: ids of those among them whom the editor may not see. `changed_since`: by
    field, who changed it after the editor read it.
    """

    desk: Desk
    attributes: Mapping[str, AttributeChanged]
    taken: Mapping[str, Contact] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    changed_since: Mapping[str, str] = field(default_factory=dict)


def handles_wanted(edit: Edit, region: str) -> list[str]:
    """The handle keys that an edit asks for, to look up who has them."""
    emails = [handle_key("email", str(one).strip().lower()) for one in edit.fields.get("emails", ())]
    numbers = [e164(str(one), region) for one in edit.fields.get("phones", ())]
    return [*emails, *(handle_key("phone", one) for one in numbers if one)]


def region_for(contact_brands: Collection[str], desk: Desk) -> str:
    """Where a number without a country code is: where the brand's own line is."""
    lines = (line for brand in desk.brands.values() if brand.brand_id in contact_brands for line in brand.lines)
    return region_of(next(lines, ""))


def values_of(attributes: Sequence[AttributeValue]) -> dict[str, FieldValue]:
    return {one.id: one.value for one in attributes}


class _Wrong:
    """Collects what is wrong, so that all of it is told at once."""

    def __init__(self) -> None:
        self.fields: list[FieldError] = []
        self.taken = False
        self.other: Contact | None = None

    def at(self, path: str, message: str) -> None:
        self.fields.append(FieldError(f"body.{path}", message))


def checked(known: Contact, edit: Edit, around: Around) -> dict[str, Any]:
    """The edit's fields as they are kept. Raises Invalid or Conflict that names every field that is wrong."""
    wrong = _Wrong()
    changes = {name: _field(name, value, known, around, wrong) for name, value in edit.fields.items()}
    if edit.attributes:
        changes["attributes"] = _attributes(known, edit.attributes, around, wrong)
    if wrong.taken:
        about = {"existing": {"id": wrong.other.id, "name": wrong.other.name}} if wrong.other else {}
        told = f"{wrong.fields[0].message}. If they are one person, merge the two."
        raise Conflict("handle_taken", told, tuple(wrong.fields), about)
    if wrong.fields:
        first = wrong.fields[0]
        raise Invalid("bad_profile", f"{first.message[:1].upper()}{first.message[1:]}.", tuple(wrong.fields))
    return changes


def _field(name: str, value: Any, known: Contact, around: Around, wrong: _Wrong) -> Any:
    match name:
        case "emails" | "phones":
            return _handles(name, value, known, around, wrong)
        case "name" | "location":
            return _text(name, value, NAME_CHARS if name == "name" else PLACE_CHARS, wrong)
        case "language":
            if value and not _LANGUAGE.fullmatch(value):
                wrong.at(name, "is not a language tag, such as en, de or pt-BR")
        case "time_zone":
            if value and not _is_zone(value):
                wrong.at(name, "is not a time zone, such as America/Denver")
        case "lifetime_revenue":
            return _money(value, wrong)
    return value


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # what it raises for no key, a folder's name, and one that is not there
        return False
    return True


def _text(name: str, value: str, most: int, wrong: _Wrong) -> str:
    text = " ".join(clean_text(value).split())
    if len(text) > most:
        wrong.at(name, f"is longer than {most} characters")
    return text


def _money(value: Money | None, wrong: _Wrong) -> Money | None:
    if value is not None and not re.fullmatch(r"[A-Z]{3}", value.currency):
        wrong.at("lifetime_revenue.currency", "is not a currency, such as USD")
    if value is not None and abs(value.minor) > 10**15:
        wrong.at("lifetime_revenue.minor", "is too large")
    return value


def _handles(name: str, values: Sequence[str], known: Contact, around: Around, wrong: _Wrong) -> tuple[str, ...]:
    kind = "email" if name == "emails" else "phone"
    region = region_for(known.brand_ids, around.desk)
    before: tuple[str, ...] = getattr(known, name)
    found: dict[str, None] = {}
    for index, entered in enumerate(values):
        path = f"{name}.{index}"
        if entered in before:  # however it came in, it is theirs
            value = entered
        elif kind == "email":
            value = _address(entered, path, around, wrong)
        else:
            value = _number(entered, region, path, wrong)
        other = around.taken.get(handle_key(kind, value)) if value else None
        if value and other is not None and other.id != known.id:
            seen = other.id not in around.hidden
            wrong.at(path, f"{value} belongs to {(other.name if seen else '') or 'another contact'}")
            wrong.taken, wrong.other = True, other if seen else wrong.other
        elif value:
            found[value] = None
    if len(found) > max(HANDLES_MAX, len(before)):
        wrong.at(name, f"are more than {HANDLES_MAX}")
    return tuple(found)


def _address(entered: str, path: str, around: Around, wrong: _Wrong) -> str:
    value = entered.strip().lower()
    if len(value) > 320 or not _ADDRESS.fullmatch(value):
        wrong.at(path, f"{value[:60] or 'nothing'} is not an email address, such as ada@example.org")
        return ""
    if around.desk.is_ours(value):
        wrong.at(path, f"{value} is one of our own mailboxes")
        return ""
    return value


def _number(entered: str, region: str, path: str, wrong: _Wrong) -> str:
    value = e164(entered, region)
    if value is None:
        wrong.at(path, f"{entered.strip()[:60] or 'nothing'} is not a phone number; write it as +1 310 555 0100")
        return ""
    return value


def _attributes(
    known: Contact, entered: Mapping[str, FieldValue | None], around: Around, wrong: _Wrong
) -> tuple[AttributeValue, ...]:
    defined = {
        id_: one
        for id_, one in around.attributes.items()
        if one.applies_to == "contact" and one.active and (not one.brand_ids or set(one.brand_ids) & {*known.brand_ids})
    }
    errors: list[FieldError] = []
    after = with_attributes(known.attributes, entered, defined, errors)
    wrong.fields += errors
    return after


def with_attributes(
    known: Sequence[AttributeValue],
    entered: Mapping[str, FieldValue | None],
    defined: Mapping[str, AttributeChanged],
    wrong: list[FieldError],
) -> tuple[AttributeValue, ...]:
    """Attributes after an edit, by id; what is wrong is added to `wrong`. Those not named stay as they are."""
    after = values_of(known)
    for id_, value in entered.items():
        path, attribute = f"body.attributes.{id_}", defined.get(id_)
        if attribute is None:
            wrong.append(FieldError(path, f"{id_[:50]} is not an attribute here"))
        elif value is None or (isinstance(value, str) and not value.strip()):
            if attribute.required and id_ in after:
                wrong.append(FieldError(path, f"{attribute.label} is needed"))
            after.pop(id_, None)
        else:
            try:
                after[id_] = field_value(attribute, value)
            except ValueError as error:
                wrong.append(FieldError(path, str(error)))
    return tuple(AttributeValue(id=id_, value=after[id_]) for id_ in sorted(after))
