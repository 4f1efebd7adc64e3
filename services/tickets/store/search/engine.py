"""One index on disk (tantivy): documents in, ids of conversations out. Knows nothing of MongoDB, and does not wait.

tantivy gives the interpreter's lock back while it works, so that its calls run in threads. One writer at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Query

from services.tickets.model.search.clauses import Begins, Between, Clause, Either, Every, Has, Phrase, Without
from services.tickets.store.search.document import SearchDocument

VERSION = 2
"""Of what a document holds: an index of another one is built anew."""
HEAP_BYTES = 40_000_000
"""What is collected before it becomes a part of the index by itself; at least 15 MB."""
TEXTS = ("text", "subject")
TERMS = ("labels", "senders", "recipients", "codes", "numbers", "ids")
_ORDERS = (-(2**63), 2**63 - 1)


def schema() -> tantivy.Schema:
    """Words come folded and joined by spaces, terms as they are."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic", stored=True)
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in TERMS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("order", "started", "active"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


@dataclass(frozen=True, slots=True)
class Hit:
    id: str
    order: int


class Engine:
    """An index in a folder that is there. Opening one that is broken raises ValueError."""

    def __init__(self, folder: Path) -> None:
        self._schema = schema()
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._index.config_reader("manual")
        self._writer: Any = None

    # ── writing, by one thread at a time ─────────────────────────────────────────────────────────
    def put(self, documents: Iterable[SearchDocument], *, fresh: bool = False) -> None:
        """Each in place of what there was of it; `fresh`: there was nothing. Found after `commit`."""
        writer = self._open_writer()
        for one in documents:
            if not fresh:
                writer.delete_documents_by_term("id", one.id)
            writer.add_document(_document(one))

    def commit(self) -> None:
        if self._writer is not None:
            self._writer.commit()
            self._index.reload()

    def close(self) -> None:
        """What was not committed is not kept. Ends the merging of parts as well."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.rollback()
            writer.wait_merging_threads()

    def _open_writer(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        return self._writer

    # ── asking ───────────────────────────────────────────────────────────────────────────────────
    @property
    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def search(self, clause: Clause, limit: int, *, up_to: int | None = None) -> tuple[list[Hit], int]:
        """The newest `limit`, of those whose order is not above `up_to`, and how many there are with `clause`."""
        searcher = self._index.searcher()
        asked = self._query(clause)
        if up_to is None:
            result = searcher.search(asked, limit=limit, count=True, order_by_field="order")
            total = int(getattr(result, "count", 0) or 0)
        else:
            below = self._between("order", None, up_to + 1)
            bounded = Query.boolean_query([(Occur.Must, asked), (Occur.Must, below)])
            result = searcher.search(bounded, limit=limit, count=False, order_by_field="order")
            total = -1
        hits = [Hit(str(searcher.doc(address).get_first("id")), int(order)) for order, address in result.hits]
        return hits, total

    def _query(self, clause: Clause) -> Query:
        match clause:
            case Has(name, value):
                return Query.term_query(self._schema, name, value, index_option="basic")
            case Begins(name, value):
                return Query.fuzzy_term_query(self._schema, name, value, distance=0, prefix=True)
            case Phrase(name, words, prefix):
                listed: list[Any] = list(words)
                make = Query.phrase_prefix_query if prefix else Query.phrase_query
                return make(self._schema, name, listed)
            case Between(name, since, until):
                return self._between(name, since, until)
            case Either(parts):
                return _any([self._query(one) for one in parts])
            case Without(part):
                return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, self._query(part))])
            case Every(parts):
                return self._every(parts)

    def _every(self, parts: Sequence[Clause]) -> Query:
        """What must not be there is said beside what must, so that not everything else is gone through."""
        must = [self._query(one) for one in parts if not isinstance(one, Without)]
        must_not = [self._query(one.part) for one in parts if isinstance(one, Without)]
        if not must:
            must = [Query.all_query()]
        return Query.boolean_query([*((Occur.Must, one) for one in must), *((Occur.MustNot, one) for one in must_not)])

    def _between(self, name: str, since: int | None, until: int | None) -> Query:
        lower, upper = (_ORDERS[0] if since is None else since), (_ORDERS[1] if until is None else until)
        return Query.range_query(self._schema, name, FieldType.Integer, lower, upper, include_upper=False)


def _any(queries: Sequence[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, one) for one in queries])


def _document(one: SearchDocument) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", one.id)
    for name in ("order", "started", "active"):
        document.add_integer(name, getattr(one, name))
    for text in one.text:
        document.add_text("text", text)
    document.add_text("subject", one.subject)
    for name in TERMS:
        for term in getattr(one, name):
            document.add_text(name, term)
    return document
