"""Bytes to readable text: charsets as they really come, and the characters that must not reach a screen."""

from __future__ import annotations

import codecs
import re

_BETTER = {
    # WHATWG Encoding: what senders mean by a label is the superset that their system wrote.
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "big5": "cp950",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "utf8mb4": "utf-8",
    "utf8mb3": "utf-8",
    "unicode": "utf-16",
}
_REFUSED = frozenset(
    # UTF-7 hides markup from filters; the others are not charsets of mail, or take quadratic time.
    (
        "utf-7",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "unicode-1-1-utf-7",
        "mbcs",
        "oem",
    )
)
_EIGHT_BIT = frozenset(("cp1252", "iso8859-15", "latin-1"))

# C0 and C1 controls, direction marks and overrides, invisible operators, tags, soft hyphen, BOM, line and
# paragraph separators, lone surrogates, noncharacters. ZWJ and ZWNJ stay: emoji and Persian need them.
_UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff\U000e0000-\U000e0fff"
)
_UNSEEN_ANYWHERE = re.compile(f"[{_UNSEEN}\\u2028\\u2029]")
_UNSEEN_IN_TEXT = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202d\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_ASCII_TEXT = {**dict.fromkeys((*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F)), 0x0C: "\n", 0x0D: "\n"}
"""The same for a text that is ASCII, as most are: `str.translate` takes a fifth of the expressions' time."""
_BREAKS = re.compile("\r\n?|\u2028|\u2029|\x0c|\x85")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})""", re.IGNORECASE)


def codec_of(charset: str) -> str | None:
    """The Python codec to use for a MIME charset label; None when unknown, refused or not a text encoding."""
    label = charset.strip().strip("\"'").lower()
    if not label or len(label) > 40 or not label.isascii():
        return None
    label = _BETTER.get(label.replace(" ", ""), label)
    if label in _REFUSED:
        return None
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in _REFUSED or info.name.replace("-", "_") in _REFUSED:
        return None
    return info.name


def decoded(raw: bytes, charset: str = "") -> str:
    """Text of `raw`, never raising. UTF-8 wins over a label that any bytes would satisfy; cp1252 is the last resort."""
    codec = codec_of(charset)
    if codec is None or codec in _EIGHT_BIT:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            codec = codec or "cp1252"
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        pass
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252" if codec == "utf-8" else codec, "replace")


def meta_charset(html: bytes) -> str:
    """The charset that an HTML part declares for itself in its first kilobyte, or ""."""
    found = _META.search(html[:1024])
    return found.group(1).decode("ascii", "replace") if found else ""


def clean_line(text: str, limit: int = 500) -> str:
    """One line for a name or subject: no controls, no direction overrides, no invisible characters."""
    line = " ".join(text[: limit * 4].split())
    if not (line.isascii() and line.isprintable()):
        line = " ".join(_UNSEEN_ANYWHERE.sub("", line).split())
    return line[:limit].rstrip()


def clean_text(text: str) -> str:
    """A body: line ends are \\n; controls, overrides and what JSON cannot carry are gone."""
    if text.isascii():
        return text.replace("\r\n", "\n").translate(_ASCII_TEXT)
    return _UNSEEN_IN_TEXT.sub("", _BREAKS.sub("\n", text)).replace("\xa0", " ")


def cut(text: str, limit_bytes: int) -> str:
    """At most `limit_bytes` of UTF-8, whole characters."""
    if len(text) * 4 <= limit_bytes:
        return text
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= limit_bytes else raw[:limit_bytes].decode("utf-8", "ignore")
