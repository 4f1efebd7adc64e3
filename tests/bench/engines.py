"""`python -m tests.bench.engines [MESSAGES]`: MongoDB's text index beside tantivy, on the same messages and questions.

Both find the newest twenty conversations' messages that have all the words; the bare engines, nothing of ours between.
What `docs/decisions/015-search.md` was decided by.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import tantivy
from pymongo import DESCENDING, TEXT, MongoClient
from pymongo.errors import ExecutionTimeout

from tests.bench import million, running, spoken
from tests.bench.pages import percentile
from tests.bench.search import KINDS
from tests.servers import Servers, start_servers

ASKED = (
    "a frequent word",
    "a usual word",
    "a rare word",
    "two frequent words",
    "three words",
    "a phrase",
    "an order number",
)
OF_EACH = 15
SLOWEST_MS = 10_000
LIMIT = 20


def messages(count: int) -> Iterator[dict[str, Any]]:
    written = spoken.texts()
    for n in range(count):
        text = f"{written[n * 7919 % len(written)]} {spoken.order_number(n)}"
        yield {"_id": n, "at": million.NOW + timedelta(seconds=n), "text": text}


def questions(kind: str) -> list[str]:
    chance = random.Random(kind)
    return [KINDS[kind](chance).strip() for _ in range(OF_EACH)]


def mongo(servers: Servers, count: int) -> Iterator[tuple[str, list[float]]]:
    prefix = running.new_prefix()
    try:
        with MongoClient[dict[str, Any]](servers.mongo) as client:
            rows = client[f"{prefix}engines"].messages
            began, made = time.monotonic(), messages(count)
            while batch := list(islice(made, 10_000)):
                rows.insert_many(batch, ordered=False)
            inserted = time.monotonic()
            rows.create_index([("text", TEXT)], default_language="none")
            size = rows.database.command("collStats", "messages")["indexSizes"]["text_text"]
            print(
                f"MongoDB: rows in {inserted - began:.0f} s, text index in {time.monotonic() - inserted:.0f} s, ",
                end="",
            )
            print(f"{size / 1e6:,.0f} MB")

            def ask(question: str) -> None:
                words = question if question.startswith('"') else " ".join(f'"{one}"' for one in question.split())
                found = rows.find({"$text": {"$search": words}}).sort("at", DESCENDING).limit(LIMIT)
                list(found.max_time_ms(SLOWEST_MS))

            for kind in ASKED:
                yield kind, [_timed(ask, one) for one in questions(kind)]
    finally:
        running.drop(servers, prefix)


def beside(count: int) -> Iterator[tuple[str, list[float]]]:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("n", stored=True, indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="default")
    schema = builder.build()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        index = tantivy.Index(schema, path=folder)
        writer = index.writer(heap_size=40_000_000, num_threads=1)
        for row in messages(count):
            document = tantivy.Document()
            document.add_integer("n", row["_id"])
            document.add_text("text", row["text"])
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        size = sum(one.stat().st_size for one in Path(folder).iterdir())
        print(f"tantivy: index in {time.monotonic() - began:.0f} s, {size / 1e6:,.0f} MB")
        searcher = index.searcher()

        def ask(question: str) -> None:
            asked = index.parse_query(question, ["text"], conjunction_by_default=True)
            found = searcher.search(asked, limit=LIMIT, order_by_field="n")
            for _, address in found.hits:
                searcher.doc(address)

        for kind in ASKED:
            yield kind, [_timed(ask, one) for one in questions(kind)]


def _timed(ask: Callable[[str], None], question: str) -> float:
    """Milliseconds, of the second of two; one that takes longer than SLOWEST_MS took so long."""
    ms = 0.0
    for _ in range(2):
        began = time.perf_counter()
        try:
            ask(question)
        except ExecutionTimeout:
            return float(SLOWEST_MS)
        ms = (time.perf_counter() - began) * 1000
    return ms


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with ExitStack() as stack:
        servers = start_servers(stack)
        for found in (beside(count), mongo(servers, count)):
            for kind, ms in found:
                print(f"  {kind:22} p50 {percentile(ms, 50):9.1f}   p95 {percentile(ms, 95):9.1f} ms", flush=True)


if __name__ == "__main__":
    main()
