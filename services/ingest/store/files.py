"""Attachments: random ids that name content (`blobs`), with the label, kind and owner of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.ingest.model.arrival import StoredFile
from shared.contracts.common import Attachment
from shared.mongo import Database, Document

Owner = Literal["input", "agent", "visitor"]


@dataclass(frozen=True, slots=True)
class FileRow:
    attachment: Attachment
    sha256: str


class Files:
    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("files")

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes([IndexModel([("sha256", ASCENDING)])])

    async def add(
        self,
        files: Sequence[StoredFile],
        owner: Owner,
        owner_id: str,
        at: datetime,
        session: AsyncClientSession | None = None,
    ) -> None:
        if files:
            await self._rows.insert_many([_row(one, owner, owner_id, at) for one in files], session=session)

    async def find(self, file_id: str) -> FileRow | None:
        row = await self._rows.find_one({"_id": file_id})
        return None if row is None else _read(row)

    async def owned(self, file_ids: Sequence[str], owner: Owner, owner_id: str) -> list[StoredFile]:
        """Those of the files that this owner uploaded, in the order asked for."""
        found = self._rows.find({"_id": {"$in": list(file_ids)}, "owner": owner, "owner_id": owner_id})
        rows = {row["_id"]: _read(row) async for row in found}
        return [StoredFile(one, rows[one].sha256, rows[one].attachment) for one in file_ids if one in rows]


def _row(file: StoredFile, owner: Owner, owner_id: str, at: datetime) -> Document:
    label: dict[str, Any] = file.attachment.model_dump(exclude={"id"})
    return {"_id": file.id, "sha256": file.sha256, "owner": owner, "owner_id": owner_id, "at": at, **label}


def _read(row: Document) -> FileRow:
    fields = ("name", "content_type", "size_bytes", "inline", "content_id")
    return FileRow(Attachment(id=row["_id"], **{name: row[name] for name in fields}), row["sha256"])
