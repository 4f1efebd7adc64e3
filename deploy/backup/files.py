"""Documents in files: BSON one after another, gzipped, as `mongodump --gzip` writes a collection and `bsondump` reads.

Streamed both ways, so that memory does not grow with a collection.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from deploy.backup.errors import BackupError

LEVEL = 4
"""Twice as quick as gzip's usual 6, for a twentieth more bytes."""
_LENGTH = 4
_SMALLEST = 5


@dataclass(frozen=True)
class Content:
    """What is in a file: how many documents, how many bytes before gzip, and their SHA-256."""

    documents: int
    size_bytes: int
    sha256: str


class Writer:
    """Writes a file that only this user can read. `content` is right once it is closed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._documents = 0
        self._bytes = 0
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._raw: IO[bytes] = os.fdopen(descriptor, "wb")
        self._out = gzip.GzipFile("", "wb", LEVEL, self._raw, mtime=0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._out.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()

    def add(self, batch: bytes) -> None:
        """Whole BSON documents, one after another."""
        self._documents += sum(1 for _ in _split(batch))
        self._bytes += len(batch)
        self._hash.update(batch)
        self._out.write(batch)

    @property
    def documents(self) -> int:
        return self._documents

    @property
    def content(self) -> Content:
        return Content(self._documents, self._bytes, self._hash.hexdigest())


def _split(batch: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(batch):
        length = int.from_bytes(batch[at : at + _LENGTH], "little")
        yield at, at + length
        at += length


def read(file: Path) -> Iterator[bytes]:
    """The documents of a file. Raises BackupError where it is cut off or is no such file."""
    try:
        with gzip.open(file, "rb") as source:
            while head := source.read(_LENGTH):
                length = int.from_bytes(head, "little")
                if len(head) < _LENGTH or length < _SMALLEST:
                    raise BackupError(f"{file} is damaged: no document begins where one should.")
                rest = source.read(length - _LENGTH)
                if len(rest) < length - _LENGTH:
                    raise BackupError(f"{file} is damaged: it ends in the middle of a document.")
                yield head + rest
    except (OSError, EOFError) as error:
        raise BackupError(f"{file} cannot be read: {error}") from error


def measure(file: Path) -> Content:
    """What a file really has."""
    documents, size, digest = 0, 0, hashlib.sha256()
    for document in read(file):
        documents += 1
        size += len(document)
        digest.update(document)
    return Content(documents, size, digest.hexdigest())
