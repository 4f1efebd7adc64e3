"""What a client says about an uploaded file is made plain before others see it."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.files import plain_label
from shared.contracts.common import Attachment

PICTURE = Attachment(id="f1", name="a b.png", content_type="image/png", size_bytes=7, inline=True, content_id="a@b")


def test_a_label_as_ingest_gave_it_stays_as_it_is() -> None:
    assert plain_label(PICTURE) == PICTURE


def test_a_label_of_a_clients_own_is_one_plain_line() -> None:
    name, kind = "../\u202egnp.exe\r\nBcc: x@evil.example", "text/html\r\nX: 1"
    wild = {"name": name, "content_type": kind, "content_id": "a\r\nb", "size_bytes": -1}
    said = plain_label(PICTURE.model_copy(update=wild))
    assert (said.name, said.content_type) == ("gnp.exeBcc: x@evil.example", "application/octet-stream")
    assert (said.content_id, said.size_bytes) == (None, 0)


@given(st.text(), st.text(), st.none() | st.text())
def test_any_label_becomes_plain(name: str, kind: str, content_id: str | None) -> None:
    said = plain_label(Attachment(id="f1", name=name, content_type=kind, size_bytes=1, content_id=content_id))
    for text in (said.name, said.content_type, said.content_id or ""):
        assert not {unicodedata.category(one) for one in text} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert 0 < len(said.name) <= 200
    assert not set(said.name) & set("/\\")
    assert plain_label(said) == said
