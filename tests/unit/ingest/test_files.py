"""Names and kinds of files from strangers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.model.files import TooLarge, WrongType, check_upload, safe_name, safe_type, shown_inline

NAMES = {
    "a.pdf": "a.pdf",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "..／..／x.txt": "x.txt",
    "photo\u202egnp.exe": "photognp.exe",
    "a\x00b\n.txt": "ab.txt",
    ".htaccess": "htaccess",
    "": "file",
    "///": "file",
    "a\u200b.txt": "a.txt",
    'a"b<c>.txt': "a_b_c_.txt",
    f"{'x' * 500}.pdf": f"{'x' * 196}.pdf",
}


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_names(name: str) -> None:
    assert safe_name(name) == NAMES[name]


@given(st.text(max_size=400))
def test_any_name_becomes_a_plain_label(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 200
    assert not set(safe) & set('/\\<>:"|?*\x00\n\u202e')
    assert not safe.startswith(".")
    assert unicodedata.normalize("NFKC", safe) == safe or safe_name(safe)
    safe.encode()


def test_what_runs_is_refused_whatever_its_name_pretends() -> None:
    for name in ("a.exe", "a.pdf.EXE", "x.js.vbs"):
        with pytest.raises(WrongType):
            check_upload(name, "application/pdf", 1, 10)
    with pytest.raises(WrongType):
        check_upload("a", "application/x-msdownload", 1, 10)
    with pytest.raises(TooLarge):
        check_upload("a.pdf", "application/pdf", 11, 10)
    check_upload("a.pdf", "application/pdf", 10, 10)


def test_only_raster_images_that_are_what_they_say_are_shown_in_place() -> None:
    assert shown_inline("image/png", b"\x89PNG\r\n\x1a\n....")
    assert shown_inline("image/webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ")
    assert not shown_inline("image/png", b"<html>")
    assert not shown_inline("image/svg+xml", b"<svg>")
    assert not shown_inline("text/html", b"<html>")


def test_types_are_types() -> None:
    assert safe_type("Text/HTML; charset=x") == "text/html"
    assert safe_type("x\r\nSet-Cookie: a") == "application/octet-stream"
