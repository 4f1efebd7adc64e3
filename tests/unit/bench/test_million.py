"""The conversations of the benchmarks are what tickets itself would write."""

from __future__ import annotations

from bson import decode, encode
from bson.codec_options import CodecOptions

from services.tickets.store.documents import conversation_document, read_conversation
from tests.bench.million import Document, documents, one_list


def _stored(document: Document) -> Document:
    """As it comes back from MongoDB."""
    found: Document = decode(encode(document), CodecOptions(tz_aware=True))
    return found


def test_generated_conversations_are_those_that_tickets_writes() -> None:
    for document in (*documents(300), *one_list(300, "a-brand", "0123abcd")):
        stored = _stored(document)
        assert _stored(conversation_document(read_conversation(stored))) == stored


def test_the_same_seed_gives_the_same_conversations() -> None:
    assert list(documents(20)) == list(documents(20))
    assert list(documents(20)) != list(documents(20, seed=8))
