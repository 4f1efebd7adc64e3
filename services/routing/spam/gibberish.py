"""Text that is no language: keys hit at random, the same few letters again and again, alphabets mixed within words."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

PAIRS_LEAST = 10
"""Pairs of letters that a text must have before anything is said of it."""
RARE = 0.2
SHORT_CHARS = 300
VARIETY = 0.4
LOOKED_AT_CHARS = 2_000

_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"(?<![\w/@.])[a-z]+(?![\w/@]|\.\w)")
"""All in Latin letters, and no part of an address."""

_RARE_AFTER = {
    "b": "cdfhkmpqvwx", "c": "bdfgmnpvwx", "d": "qx", "f": "bchkmpqvwx", "g": "cfjmpqvwxz", "h": "cdfhpqx",
    "i": "hi", "j": "bghjpqtwxy", "k": "dfgmqxz", "l": "qwx", "m": "cjqvwxz", "n": "x", "p": "cdkmqwxz",
    "q": "abcdefghijklmnopqrstvwxyz", "r": "x", "s": "x", "t": "qx", "u": "qy", "v": "bcfhjmpqwxyz",
    "w": "bdfgjmpqtvwxz", "x": "bdfghjklmnoqrsuvwxyz", "y": "hqxy", "z": "fhqvx",
}  # fmt: skip
"""After each letter those that follow it in fewer than 1 of 4,000 pairs, in word lists of ten European languages each
(English, Danish, Dutch, French, German, Italian, Polish, Portuguese, Spanish, Swedish), accents left out."""
_PAIRS = frozenset(first + second for first, seconds in _RARE_AFTER.items() for second in seconds)


def is_gibberish(text: str) -> bool:
    """Only of what is written in Latin letters; links and what has digits (order numbers) do not count."""
    words = _WORD.findall(_plain(text[:LOOKED_AT_CHARS]))
    pairs = [first + second for word in words for first, second in pairwise(word)]
    if len(pairs) < PAIRS_LEAST:
        return False
    if sum(pair in _PAIRS for pair in pairs) >= RARE * len(pairs):
        return True
    return len(text) <= SHORT_CHARS and _variety("".join(words)) < VARIETY


def mixes_alphabets(text: str) -> bool:
    """Words of both Latin and Cyrillic or Greek letters, which look alike, three or more of them."""
    mixed = 0
    for word in _LETTERS.findall(text):
        if not word.isascii() and len(word) > 2:
            mixed += len({script for letter in word if (script := _script(letter))}) > 1
    return mixed >= 3


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in ("LATIN", "CYRILLIC", "GREEK") else ""


def _plain(text: str) -> str:
    """In small letters without accents."""
    text = text.lower()
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def _variety(letters: str) -> float:
    """How many of its runs of three letters are different ones."""
    runs = [letters[n : n + 3] for n in range(len(letters) - 2)]
    return len(set(runs)) / len(runs) if len(runs) >= PAIRS_LEAST else 1.0
