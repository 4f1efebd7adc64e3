"""Languages by their tags (BCP 47): who speaks whose, and what people call them."""

from __future__ import annotations

from collections.abc import Iterable

_NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fil": "Filipino",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""In English, as all sentences of the timeline are; any other language is called by its tag."""


def within(tag: str, wider: str) -> bool:
    """Basic filtering (RFC 4647 §3.3.1): `pt` takes in `pt` and `pt-BR`, whatever their case, but not `ptx`."""
    tag, wider = tag.casefold(), wider.casefold()
    return tag == wider or tag.startswith(f"{wider}-")


def speaks(spoken: Iterable[str], wanted: str) -> bool:
    """Who speaks `pt` is asked for `pt-BR`, and the other way round; who speaks `pt-PT` is not asked for `pt-BR`."""
    return any(within(wanted, one) or within(one, wanted) for one in spoken)


def name_of_language(tag: str) -> str:
    """ "German" for `de`, "Portuguese (pt-BR)" for `pt-BR`."""
    name = _NAMES.get(tag.partition("-")[0].casefold())
    if name is None:
        return tag
    return f"{name} ({tag})" if "-" in tag else name
