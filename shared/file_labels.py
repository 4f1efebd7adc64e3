"""What a file may be called and said to be, whoever says it: a label, never a path. Pure."""

from __future__ import annotations

import re
import unicodedata

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}")
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def last_part(name: str) -> str:
    """NFKC first, then what hides or turns other characters out, then the last path part (CVE-2026-28289: checks came
    before NFKC, and a fullwidth slash became a slash after them)."""
    text = unicodedata.normalize("NFKC", name[:1000])
    text = "".join(one for one in text if unicodedata.category(one) not in _HIDDEN)
    return re.split(r"[\\/]", text)[-1]


def media_type(kind: str) -> str:
    """`kind` when it is a media type in lower case without parameters, else `application/octet-stream`."""
    return kind if _TYPE.fullmatch(kind) else "application/octet-stream"
