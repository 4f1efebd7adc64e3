"""Header names that are not UTF-8: Kafka takes them (librdkafka sends any bytes), aiokafka cannot read them.

It decodes names while it hands records out. Its error left `getmany` together with the records that other partitions
had already given, which were never handled, and the partition at fault was fetched again for ever, with nothing in a
log. Here such a batch is read again leniently: the name's bytes become `\\xff`-like text, all else stays as it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH_AT, _LENGTH_END = 8, 12
"""A batch begins with its base offset (8 bytes) and how many bytes follow the length (Kafka's record batch format)."""


def accept_any_header_name() -> None:
    """Make every consumer of this process read such records. Calling it again changes nothing."""
    fetcher.MemoryRecords = Records  # type: ignore[attr-defined]


class Records:
    """What a broker sent for one partition: aiokafka's fast parser, and each batch's bytes kept beside it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._fast: Any = MemoryRecords(data)

    def size_in_bytes(self) -> int:
        return len(self._data)

    def has_next(self) -> bool:
        return bool(self._fast.has_next())

    def next_batch(self) -> Any:
        begin, view = self._at, memoryview(self._data)
        length = int.from_bytes(view[begin + _LENGTH_AT : begin + _LENGTH_END], "big")
        self._at = begin + _LENGTH_END + length
        batch = self._fast.next_batch()
        return batch if batch.is_control_batch else _Batch(batch, view[begin : self._at])


class _Batch:
    """aiokafka's batch, except that iterating over it cannot fail over a name."""

    def __init__(self, fast: Any, raw: memoryview) -> None:
        self._fast = fast
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._fast, name)

    def __iter__(self) -> Iterator[Any]:
        given = 0
        try:
            for record in self._fast:
                given += 1
                yield record
        except UnicodeDecodeError:
            for n, record in enumerate(_lenient(self._raw)):
                if n >= given:
                    yield record


def _lenient(raw: memoryview) -> Iterator[Any]:
    batch: Any = _DefaultRecordBatchPy(bytearray(raw))
    batch._maybe_uncompress()
    batch._buffer = _Lenient(batch._buffer)
    return iter(batch)


class _Lenient(bytearray):
    """Bytes whose pieces decode whatever they are. Readable rather than surrogates: a dead letter must be writable."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Lenient(found) if isinstance(at, slice) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace")
