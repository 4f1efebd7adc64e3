"""What texts are searched by: folded words, codes and numbers. Pure, and the same for a text and for a question.

A word is found without its accents and in any case. Scripts that are written without spaces are taken sign by sign, so
that any part of a sentence is found. `SB-10234` is found as it stands, in parts, and without its hyphen; a phone number
in any notation, by the beginning of its international form or by its last digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from services.tickets.model.contact_words import fold

WORD_CHARS = 64
CODE_CHARS = 40
NUMBER_DIGITS = range(7, 16)
"""E.164 allows fifteen; shorter ones are found as words."""

_SIGNS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u00ad\u200b-\u200d"
_ASCII = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_ANY = re.compile(f"[{_SIGNS}]|(?:(?![{_SIGNS}])\\w)(?:(?![{_SIGNS}])[\\w{_MARKS}])*")
# Bounded, and from a word's beginning alone: a blob of a million letters is passed over once.
_CODE = re.compile(r"(?<!\w)\w{1,40}(?:[-/._:]\w{1,40}(?!\w))+")
_NUMBER = re.compile(r"(?<![\w+])(?:\+|\(|00)?\(?\d[\d\s().\-/\u2010-\u2015]{4,26}\d(?!\w)")


@dataclass(frozen=True, slots=True)
class Word:
    """`text[start:end]`, folded."""

    folded: str
    start: int
    end: int


def spans(text: str) -> Iterator[Word]:
    """The words of a text and where each stands."""
    for found in (_ASCII if text.isascii() else _ANY).finditer(text):
        if folded := _folded(found.group()):
            yield Word(folded, found.start(), found.end())


def words(text: str) -> list[str]:
    if text.isascii():  # most are: a tenth of the time
        return [one[:WORD_CHARS] for one in _ASCII.findall(text.lower())]
    return [one.folded for one in spans(text)]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()[:WORD_CHARS]
    return fold(word).replace(" ", "")[:WORD_CHARS]


def code_spans(text: str) -> Iterator[Word]:
    """What people join by signs and write with others or none: `SB-10234`, `2026/0815`. It has a digit."""
    if not _DIGIT.search(text):
        return
    for found in _CODE.finditer(text):
        joined = joined_code(found.group())
        if joined:
            yield Word(joined, found.start(), found.end())


def joined_code(text: str) -> str:
    """Without the signs between; "" when it is no code."""
    joined = "".join(words(text))
    return joined if len(joined) <= CODE_CHARS and any(one.isdigit() for one in joined) else ""


def number_spans(text: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Phone numbers in a text: the terms each is found by, and where it stands."""
    if not _DIGIT.search(text):
        return
    for found in _NUMBER.finditer(text):
        terms = number_terms(found.group())
        if terms:
            yield terms, found.start(), found.end()


def number_terms(text: str) -> tuple[str, ...]:
    """What a number is kept by: all its digits, and these backwards; with `+` when it is international."""
    digits = digits_of(text)
    if len(digits) not in NUMBER_DIGITS:
        return ()
    abroad = _abroad(text)
    return (f"+{abroad}", backwards(abroad)) if abroad else (digits, backwards(digits))


def number_question(text: str) -> tuple[str, ...]:
    """The beginnings of which one must be among a number's terms, when somebody asks for it so."""
    abroad = _abroad(text)
    if not abroad:
        home = digits_of(text).lstrip("0")
        return (backwards(home),) if len(home) >= 4 else ()
    found = [f"+{abroad}"]
    try:
        home = str(phonenumbers.parse(f"+{abroad}", None).national_number)
        found += [backwards(home)] if len(home) >= NUMBER_DIGITS.start else []
    except phonenumbers.NumberParseException:
        pass  # not all of it is typed yet: its beginning is looked for
    return tuple(found)


def _abroad(text: str) -> str:
    """The digits of a number with a country code; "" of any other. The zero in `+44 (0)20` is not dialled."""
    text = text.strip().lstrip("(")
    if text.startswith("+"):
        return digits_of(text.replace("(0)", ""))
    return digits_of(text[2:].replace("(0)", "")) if text.startswith("00") else ""


def digits_of(text: str) -> str:
    if text.isascii():
        return "".join(filter(str.isdigit, text))
    return "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())


def backwards(digits: str) -> str:
    """Before it a sign, as beginnings and ends are looked for in one field."""
    return f"~{digits[::-1]}"
