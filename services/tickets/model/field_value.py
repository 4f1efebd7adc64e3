"""One value of a typed field, of a ticket's form or of an attribute: as it is kept, or what is wrong with it."""

from __future__ import annotations

import unicodedata
from datetime import date

from shared.contracts.directory import AttributeChanged, FieldDefinition
from shared.contracts.tickets import FieldValue

TEXT_CHARS = 500
LONG_TEXT_CHARS = 20_000
SHOWN_CHARS = 80


def field_value(definition: FieldDefinition | AttributeChanged, value: FieldValue) -> FieldValue:
    """The value as it is kept. Raises ValueError with what to do."""
    match definition.type:
        case "yes_no":
            if not isinstance(value, bool):
                raise ValueError(f"{definition.label}: say yes or no")
            return value
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
                raise ValueError(f"{definition.label} is not a number")
            return value
    if not isinstance(value, str):
        raise ValueError(f"{definition.label} is not a text")
    text = clean_text(value)
    match definition.type:
        case "choice":
            if text not in definition.options:
                raise ValueError(f"{definition.label}: choose one of {', '.join(definition.options)}")
        case "date":
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                raise ValueError(f"{definition.label} is not a date, such as 2026-03-31") from None
        case "url":
            if not text.lower().startswith(("https://", "http://")) or " " in text:
                raise ValueError(f"{definition.label} is not a web address, such as https://example.org")
    most = LONG_TEXT_CHARS if definition.type == "long_text" else TEXT_CHARS
    if len(text) > most:
        raise ValueError(f"{definition.label} is longer than {most} characters")
    return text


def value_words(value: FieldValue | None) -> str:
    """A value within a sentence, a long one as far as a few words say it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)[:SHOWN_CHARS]


def clean_text(text: str) -> str:
    """NFC, without control and format characters but for line ends."""
    plain = unicodedata.normalize("NFC", text).strip()
    return "".join(one for one in plain if one == "\n" or not unicodedata.category(one).startswith("C"))
