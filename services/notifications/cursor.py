"""The cursor of lists that are sorted by creation, newest first: where a page ended, opaque to its reader."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from shared.errors import FieldError, Invalid


def cursor_of(created_at: datetime, row_id: str) -> str:
    return base64.urlsafe_b64encode(f"{created_at.isoformat()} {row_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """(created at, id) of the last row seen. Raises Invalid for what we did not make."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, row_id = text.partition(" ")
        created_at = datetime.fromisoformat(at)
        if created_at.tzinfo is None:
            raise ValueError("no zone")
        return created_at.astimezone(UTC), row_id
    except (ValueError, OverflowError) as error:
        hint = FieldError("query.cursor", "Use `next_cursor` of the page before, or leave it out.")
        raise Invalid("bad_cursor", "This cursor was not made by us.", (hint,)) from error
