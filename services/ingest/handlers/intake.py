"""What every way in needs, put together once in `app.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.channels.email.pool import ParserPool
from services.ingest.model.arrival import StoredFile
from services.ingest.model.files import safe_name, safe_type
from services.ingest.model.mail import ParsedFile
from services.ingest.store import Files, Rejected, Store, Visitors
from shared.clock import Clock
from shared.contracts.common import Attachment
from shared.directory import Directory
from shared.ids import random_id
from shared.proxies import Networks
from shared.signing import Signer


@dataclass(frozen=True)
class Intake:
    store: Store
    rejected: Rejected
    visitors: Visitors
    parser: ParserPool
    directory: Directory
    signer: Signer
    clock: Clock
    trusted_authserv_id: str = ""
    trusted_mail_networks: Networks = ()

    @property
    def files(self) -> Files:
        return self.store.files

    async def keep_bytes(self, files: Sequence[ParsedFile]) -> list[str]:
        """Each file's SHA-256 once its bytes are durable."""
        return [await self.store.blobs.put(one.data) for one in files]


def labelled(file: ParsedFile, sha256: str, file_id: str = "") -> StoredFile:
    """A kept file under a random id (a new one, unless given), its name and type made safe."""
    file_id = file_id or random_id()
    attachment = Attachment(
        id=file_id,
        name=safe_name(file.name),
        content_type=safe_type(file.content_type),
        size_bytes=len(file.data),
        inline=file.inline,
        content_id=file.content_id,
    )
    return StoredFile(file_id, sha256, attachment)
