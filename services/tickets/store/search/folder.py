"""Where an index lies on this machine: `<folder>/<n>/`, each of one process at a time, with how far it is.

Several processes may be given the same folder. What a process finds there of an earlier one it goes on with, when it is
of the same desk and version; anything else is thrown away, as it is all in MongoDB.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

PLACES_MAX = 64


@dataclass(frozen=True, slots=True)
class Mark:
    """`index` names the desk's index and the version of its documents. `since`: everything logged before is in it.
    `after`: how far its first scan came, by id; None when that is through."""

    index: str
    since: datetime | None
    after: str | None

    def text(self) -> str:
        since = self.since.isoformat() if self.since else None
        return json.dumps({"index": self.index, "since": since, "after": self.after})

    @classmethod
    def read(cls, text: str) -> Self | None:
        try:
            found: Mapping[str, str | None] = json.loads(text)
            since = found["since"]
            return cls(str(found["index"]), datetime.fromisoformat(since) if since else None, found["after"])
        except (ValueError, KeyError, TypeError):
            return None


class Place:
    """A numbered folder that no other process has, until `leave`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock, self.folder = _claim(folder)

    def data(self, index: str) -> Path:
        return self.folder / index

    def mark(self, index: str) -> Mark | None:
        """How far this index is; None: it is to be made."""
        try:
            return Mark.read((self.folder / f"{index}.json").read_text())
        except FileNotFoundError:
            return None

    def keep(self, mark: Mark) -> None:
        """After the index itself was committed: a crash between the two repeats a little."""
        path = self.folder / f"{mark.index}.json"
        beside = path.with_suffix(".new")
        beside.write_text(mark.text())
        beside.replace(path)

    def clear(self, index: str) -> Path:
        """An empty folder for an index."""
        (self.folder / f"{index}.json").unlink(missing_ok=True)
        shutil.rmtree(self.data(index), ignore_errors=True)
        self.data(index).mkdir(mode=0o700)
        return self.data(index)

    def drop_others(self, index: str) -> None:
        for one in self.folder.iterdir():
            if one.name not in (index, f"{index}.json", "lock"):
                shutil.rmtree(one, ignore_errors=True) if one.is_dir() else one.unlink(missing_ok=True)

    def leave(self) -> None:
        os.close(self._lock)


def _claim(folder: Path) -> tuple[int, Path]:
    for n in range(PLACES_MAX):
        place = folder / str(n)
        place.mkdir(exist_ok=True, mode=0o700)
        lock = os.open(place / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return lock, place
    raise RuntimeError(f"{PLACES_MAX} processes search in {folder} already; give others a folder of their own")
