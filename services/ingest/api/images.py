"""Images of the web by a signed link, so that no agent's browser asks a stranger's server for anything.

tickets signs the links, for those images alone that stand in a message which its agent may read.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.ingest.api.files import SEALED
from services.ingest.api.parts import The
from shared.errors import Forbidden
from shared.outside_addresses import URL_LENGTH

router = APIRouter()


@router.get("/images", response_class=Response)
async def image(
    the: The,
    url: Annotated[str, Query(max_length=URL_LENGTH)],
    exp: Annotated[int, Query(ge=0, le=2**40)],
    sig: Annotated[str, Query(max_length=200)],
) -> Response:
    """The image as it is there now, PNG, JPEG, GIF or WebP; 404, 413 or 415 for anything else."""
    if not the.intake.signer.image_allowed(url, exp, sig, the.intake.clock()):
        raise Forbidden("link_expired", "This link has expired or is not valid. Ask for the message's images again.")
    found = await the.images.fetch(url)
    return Response(
        found.data,
        media_type=found.content_type,
        headers={
            "Content-Disposition": "inline",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": SEALED,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "private, max-age=3600",
            "Referrer-Policy": "no-referrer",
        },
    )
