"""The words that a contact is found by, and what somebody means who looks for one. Pure.

A name is found without its accents and in any case, an address by its beginning, its local part or "@domain", a number
in any notation: by the beginning of its E.164 form, or by its last digits, however it is written at home.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from shared.contracts.contacts import Contact

TERMS_MAX = 60
TERM_CHARS = 100
WORDS_MAX = 6
_SINGLE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"[+\d\s().\-/\u2010-\u2015]+")
LAST = "\uffff"
"""After every name: who has none, and after them who has neither address nor number."""
BACKWARDS, ALIKE = "~", "="
"""Before a number's digits in reverse, and before a local part without its dots."""


def fold(text: str) -> str:
    """In lower case, without accents and format characters, digits as 0 to 9, single-spaced."""
    if text.isascii() and text.isprintable():  # most are: a tenth of the time
        return " ".join(text.lower().split())
    taken_apart = unicodedata.normalize("NFKD", text)  # first: "🄐" is no capital before it is "(A)"
    plain = unicodedata.normalize("NFKD", taken_apart.casefold())
    kept = (one for one in plain if unicodedata.category(one) not in ("Mn", "Cf", "Cc"))
    return " ".join(_arabic_digits("".join(kept)).translate(_SINGLE).split())


def name_key(contact: Contact) -> str:
    """What a list is sorted by: the name, and after all names what is shown instead of one."""
    return (fold(contact.name) or LAST + next(iter((*contact.emails, *contact.phones)), LAST))[:TERM_CHARS]


def alike(address: str) -> str:
    """What an address has in common with its owner's others: `Ada.Lovelace+shop@x` → `=adalovelace`."""
    local = address.partition("@")[0].partition("+")[0]
    return ALIKE + re.sub(r"[._-]", "", fold(local))


def backwards(number: str) -> str:
    return BACKWARDS + "".join(reversed([one for one in number if one.isdigit()]))


def terms(contact: Contact) -> tuple[str, ...]:
    """Each is looked for by its beginning."""
    found = _WORD.findall(fold(contact.name))
    for address in contact.emails:
        local, _, domain = address.partition("@")
        found += [fold(address), *_WORD.findall(fold(local)), f"@{domain}", alike(address)]
    for number in contact.phones:
        found += [number, backwards(number)]
    found += [word for one in contact.external_ids for word in _WORD.findall(fold(one.partition(":")[2]))]
    return tuple(one[:TERM_CHARS] for one in list(dict.fromkeys(filter(None, found)))[:TERMS_MAX])


def prefixes(text: str) -> tuple[tuple[str, ...], ...]:
    """What a search means: of each group one beginning of a term must be there. Nothing to look for: ()."""
    text = _arabic_digits(text).strip()
    if digits := _number(text):
        return (digits,)
    words = [word for part in fold(text).split() for word in _parts(part)]
    return tuple((word[:TERM_CHARS],) for word in words[:WORDS_MAX])


def _parts(word: str) -> Iterable[str]:
    """An address is one thing to look for, other words are split as names are."""
    return [word] if "@" in word and word != "@" else _WORD.findall(word)


def _number(text: str) -> tuple[str, ...]:
    digits = "".join(one for one in text if one.isdigit())
    if len(digits) < 4 or not _NUMBER.fullmatch(text):
        return ()
    if text.startswith(("+", "00")):
        abroad = re.sub(r"\(0\)", "", text)
        return ("+" + "".join(one for one in abroad if one.isdigit()).removeprefix("00" if text[0] == "0" else ""),)
    home = digits.lstrip("0")
    return (backwards(home), digits) if len(home) >= 4 else (digits,)


def _arabic_digits(text: str) -> str:
    """١٢٣ and １２３ are 123."""
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
