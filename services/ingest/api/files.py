"""Files in and out: uploads of agents and visitors, and downloads by signed, expiring links (CH6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, UploadFile
from fastapi.responses import StreamingResponse

from services.ingest.api.parts import Parts, The
from services.ingest.handlers.intake import labelled
from services.ingest.model.files import check_upload, safe_name, shown_inline
from services.ingest.model.mail import ParsedFile
from services.ingest.store.files import Owner
from shared.access import CurrentViewer
from shared.contracts.common import Attachment
from shared.errors import Forbidden, NotFound

router = APIRouter()

# Nothing in a file may run, load or be framed as if it were ours, whatever it claims to be.
SEALED = "default-src 'none'; sandbox; frame-ancestors 'none'"


async def keep_upload(the: Parts, file: UploadFile, owner: Owner, owner_id: str) -> Attachment:
    """Raises TooLarge (413) or WrongType (415)."""
    name = safe_name(file.filename or "file")
    limit = the.settings.upload_limit_bytes
    check_upload(name, file.content_type or "", file.size or 0, limit)
    data = await file.read(limit + 1)
    check_upload(name, file.content_type or "", len(data), limit)
    sha256 = await the.intake.store.blobs.put(data)
    file_id = the.intake.signer.upload_id(owner_id) if owner == "agent" else ""
    stored = labelled(ParsedFile(name, file.content_type or "", data), sha256, file_id)
    await the.intake.files.add([stored], owner, owner_id, the.intake.clock())
    return stored.attachment


@router.post("/attachments", status_code=201)
async def upload(file: UploadFile, the: The, viewer: CurrentViewer) -> Attachment:
    """An agent's file, to be named in a reply or note."""
    viewer.need("conversations.reply")
    return await keep_upload(the, file, "agent", viewer.agent_id)


@router.get("/attachments/{file_id}", response_class=StreamingResponse)
async def download(
    file_id: str, the: The, exp: Annotated[int, Query(ge=0, le=2**40)], sig: Annotated[str, Query(max_length=200)]
) -> StreamingResponse:
    """The bytes, for who holds a signed link. Raster images may be shown in place; all else is downloaded."""
    if not the.intake.signer.file_allowed(file_id, exp, sig, the.intake.clock()):
        raise Forbidden("link_expired", "This link has expired or is not valid. Reload the conversation for a new one.")
    row = await the.intake.files.find(file_id)
    if row is None:
        raise NotFound("unknown_file", "There is no such file any more.")
    stream = the.intake.store.blobs.stream(row.sha256)
    start = await anext(stream, b"")
    one = row.attachment
    inline = shown_inline(one.content_type, start)
    disposition = "inline" if inline else "attachment"

    async def content() -> AsyncIterator[bytes]:
        yield start
        async for chunk in stream:
            yield chunk

    return StreamingResponse(
        content(),
        media_type=one.content_type if inline else "application/octet-stream",
        headers={
            "Content-Length": str(one.size_bytes),
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(one.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": SEALED,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "private, max-age=3600, immutable",
            "Referrer-Policy": "no-referrer",
        },
    )
