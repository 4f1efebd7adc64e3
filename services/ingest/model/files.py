"""Names and kinds of files. A name is a label only, never a path: files are found by random ids."""

from __future__ import annotations

import re

from shared.errors import DomainError
from shared.file_labels import last_part, media_type

INLINE_TYPES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))
"""Raster images that a browser shows without running anything. Never SVG, never HTML (CVE-2021-3741)."""

_RUN_SUFFIXES = (
    "exe bat cmd com scr pif msi msp msc vbs vbe jse wsf wsh ps1 psm1 jar lnk hta cpl reg scf inf dll sys apk "
    "app application gadget ade adp chm"
)
_RUN_TYPES = (
    "application/x-msdownload application/x-msdos-program application/x-ms-installer application/java-archive "
    "application/hta application/x-sh application/vnd.microsoft.portable-executable"
)
_FORBIDDEN = re.compile(r"[<>:\"|?*\x00-\x1f\x7f]")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class TooLarge(DomainError):
    status = 413


class WrongType(DomainError):
    status = 415


def safe_name(name: str) -> str:
    """The last path part on one line. Never empty, at most 200 characters, no leading dot."""
    text = " ".join(_FORBIDDEN.sub("_", last_part(name)).split()).strip(". ")
    if len(text) > 200:
        stem, dot, suffix = text.rpartition(".")
        text = f"{stem[: 199 - len(suffix)]}.{suffix}" if dot and len(suffix) <= 20 else text[:200]
    return text or "file"


def safe_type(content_type: str) -> str:
    """The media type without parameters, or `application/octet-stream` when it is not one."""
    return media_type(content_type.split(";", 1)[0].strip().lower())


def check_upload(name: str, content_type: str, size_bytes: int, limit_bytes: int) -> None:
    """Raises TooLarge (413) or WrongType (415) with a sentence."""
    if size_bytes > limit_bytes:
        raise TooLarge(
            "file_too_large", f"The file is larger than {limit_bytes // (1024 * 1024)} MB. Send a link instead."
        )
    suffix = name.rpartition(".")[2].lower()
    if suffix in _RUN_SUFFIXES.split() or safe_type(content_type) in _RUN_TYPES.split():
        raise WrongType(
            "file_type", f"Files that run as programs (.{suffix}) are not accepted. Put it into a ZIP file."
        )


def raster_type(start: bytes) -> str | None:
    """Which kind of image the first bytes say it is, of those that a browser shows without running anything."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)


def shown_inline(content_type: str, start: bytes) -> bool:
    """Whether a browser may show it in place: a raster image whose first bytes say the same."""
    return content_type in INLINE_TYPES and raster_type(start) == content_type
