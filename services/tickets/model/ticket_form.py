"""A ticket's form: what was entered, checked field by field, and the key that only one ticket may have."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Literal

from services.tickets.model.field_value import field_value
from shared.contracts.directory import FieldDefinition, TicketTypeChanged
from shared.contracts.tickets import FieldValue, TicketField
from shared.errors import FieldError, Invalid

Moment = Literal["to_submit", "to_resolve"]
Entered = Mapping[str, FieldValue | None]


def check_form(type_: TicketTypeChanged, entered: Entered, moment: Moment) -> tuple[TicketField, ...]:
    """The fields in the form's order; what is empty is left out.

    Raises Invalid that names every field that is wrong, unknown, or missing at this moment.
    """
    known = {one.id for one in type_.fields}
    wrong = [
        FieldError(f"body.fields.{id_}", f"{id_[:50]} is not a field of this ticket type")
        for id_ in entered
        if id_ not in known
    ]
    fields: list[TicketField] = []
    for definition in type_.fields:
        value = entered.get(definition.id)
        if value is None or (isinstance(value, str) and not value.strip()):
            if is_needed(definition, moment):
                wrong.append(FieldError(f"body.fields.{definition.id}", f"{definition.label} is needed"))
            continue
        try:
            fields.append(TicketField(id=definition.id, value=field_value(definition, value)))
        except ValueError as error:
            wrong.append(FieldError(f"body.fields.{definition.id}", str(error)))
    if wrong:
        raise Invalid("bad_fields", _sentence(wrong), tuple(wrong))
    return tuple(fields)


def retired(type_: TicketTypeChanged, fields: tuple[TicketField, ...]) -> tuple[TicketField, ...]:
    """Those of a ticket's fields that its type has lost since they were filled in: no form shows them."""
    asked = {one.id for one in type_.fields}
    return tuple(one for one in fields if one.id not in asked)


def is_needed(definition: FieldDefinition, moment: Moment) -> bool:
    """What is needed to submit is needed to resolve as well."""
    return definition.needed == "to_submit" or definition.needed == moment


def _sentence(wrong: list[FieldError]) -> str:
    more = {0: "", 1: " One more field needs a look."}.get(
        len(wrong) - 1, f" {len(wrong) - 1} more fields need a look."
    )
    return f"{wrong[0].message}.{more}"


def values(fields: tuple[TicketField, ...]) -> dict[str, FieldValue]:
    return {one.id: one.value for one in fields}


def one_per_key(type_: TicketTypeChanged, brand_id: str | None, fields: tuple[TicketField, ...]) -> str | None:
    """What only one ticket may have (TK3); None when the type has no such rule.

    Compared as people mean it: "#1001 " and "1001" are one order, "abc" and "ABC" one lot.
    """
    if not type_.one_per:
        return None
    entered = values(fields)
    parts = [_same(str(entered.get(id_, ""))) for id_ in type_.one_per]
    return json.dumps([type_.type_id, brand_id, *parts], ensure_ascii=False)


def _same(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().removeprefix("#").split())
