"""`manifest.json` of a back-up: what is in it, with counts and checksums. Written last, so that without it none is
whole."""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.backup.errors import BackupError
from deploy.backup.files import Content, measure
from deploy.local.progress import Progress

NAME = "manifest.json"


class Stored(BaseModel):
    """A file and what must be in it; `options` and `indexes` as MongoDB lists them, for a collection."""

    model_config = ConfigDict(extra="forbid")

    file: str
    documents: int
    size_bytes: int
    sha256: str
    options: dict[str, Any] = {}
    indexes: list[dict[str, Any]] = []

    @classmethod
    def of(cls, file: str, content: Content, **more: Any) -> Stored:
        return cls(file=file, documents=content.documents, size_bytes=content.size_bytes, sha256=content.sha256, **more)

    @property
    def content(self) -> Content:
        return Content(self.documents, self.size_bytes, self.sha256)


class Manifest(BaseModel):
    """`taken_at`: shortly before the moment that the databases show. `secret` tells one SWITCHBOARD_SECRET from another
    and not what it is. `databases` by service and collection, `records` by Kafka topic."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    taken_at: datetime
    secret: str
    databases: dict[str, dict[str, Stored]] = {}
    records: dict[str, Stored] = {}

    def write(self, folder: Path) -> None:
        partial = folder / f"{NAME}.new"
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(self.model_dump_json(indent=1) + "\n")
            out.flush()
            os.fsync(out.fileno())
        partial.rename(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises BackupError where there is no whole back-up that this version can read."""
        try:
            return cls.model_validate_json((folder / NAME).read_bytes())
        except FileNotFoundError:
            raise BackupError(f"{folder} is no whole back-up: it has no {NAME}, which is written last.") from None
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise BackupError(f"{folder / NAME} cannot be read by this version ({where}).") from error

    @property
    def stored(self) -> list[Stored]:
        return [one for part in (*self.databases.values(), self.records) for one in part.values()]


def fingerprint(secret: str) -> str:
    return hmac.new(secret.encode(), b"switchboard back-up", hashlib.sha256).hexdigest()[:16]


def verify(folder: Path, progress: Progress) -> Manifest:
    """Read everything; raises BackupError at the first file that is not as it was written."""
    manifest = Manifest.read(folder)
    with progress.step(f"Verifying {folder}") as step:
        for one in manifest.stored:
            step.detail(one.file)
            if measure(folder / one.file) != one.content:
                raise BackupError(f"{folder / one.file} is not as it was written: its checksum differs.")
        step.detail(f"{len(manifest.stored)} files, {sum(one.documents for one in manifest.stored):,} documents")
    return manifest
