"""What a value of a typed field is in a sentence."""

from __future__ import annotations

import pytest

from services.tickets.model.field_value import SHOWN_CHARS, value_words
from shared.contracts.tickets import FieldValue


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        ("", "nothing"),
        ("Carrier", "Carrier"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (2.5, "2.5"),
        ("a" * 500, "a" * SHOWN_CHARS),
    ],
)
def test_a_value_is_said(value: FieldValue | None, words: str) -> None:
    assert value_words(value) == words
