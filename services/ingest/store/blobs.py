"""Bytes, stored once by content (GridFS): collection `blobs` names the file of each SHA-256.

Written before the transaction that refers to them, as a transaction may not live long enough for 40 MiB; what no
row refers to after a crash is harmless, and the next input with the same content uses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from bson import ObjectId
from gridfs import AsyncGridFSBucket
from pymongo.errors import DuplicateKeyError

from shared.mongo import Database


class Blobs:
    def __init__(self, database: Database) -> None:
        self._index = database.get_collection("blobs")
        self._bucket = AsyncGridFSBucket(database, bucket_name="blob")

    async def put(self, data: bytes) -> str:
        """Keep the bytes, durable when it returns; their SHA-256 in hex."""
        sha256 = hashlib.sha256(data).hexdigest()
        if await self._index.find_one({"_id": sha256}, projection={"_id": 1}) is not None:
            return sha256
        file_id = ObjectId()
        await self._bucket.upload_from_stream_with_id(file_id, sha256, data)
        try:
            await self._index.insert_one({"_id": sha256, "file_id": file_id, "size_bytes": len(data)})
        except DuplicateKeyError:  # somebody else was quicker with the same content
            await self._bucket.delete(file_id)
        return sha256

    async def get(self, sha256: str) -> bytes:
        return b"".join([chunk async for chunk in self.stream(sha256)])

    async def stream(self, sha256: str) -> AsyncIterator[bytes]:
        """The bytes in chunks; nothing when they are not there."""
        row = await self._index.find_one({"_id": sha256})
        if row is None:
            return
        download = await self._bucket.open_download_stream(row["file_id"])
        while chunk := await download.readchunk():
            yield chunk
