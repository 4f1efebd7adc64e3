"""Phone numbers as people write them, in E.164 (ITU-T), by Google's libphonenumber."""

from __future__ import annotations

import phonenumbers

NUMBER_CHARS = 60


def e164(text: str, region: str) -> str | None:
    """The number that somebody wrote, in any notation; None when it is none. `region` (ISO 3166, such as "US") is where
    a number without a country code is taken to be."""
    text = text.strip()
    if not text or len(text) > NUMBER_CHARS:
        return None
    text = f"+{text[2:]}" if text.startswith("00") else text
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def region_of(line: str) -> str:
    """Where one of our own lines (E.164) is; "US" when that is not known."""
    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(line, None))
    except phonenumbers.NumberParseException:
        found = None
    return str(found) if found else "US"
