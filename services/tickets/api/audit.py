"""Who changed the configuration of the desk, when and how."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets
from shared.access import CurrentViewer
from shared.contracts.audit import ConfigurationChanged
from shared.errors import FieldError, Invalid

router = APIRouter(tags=["audit"])

Text = Annotated[str | None, Query(max_length=200)]


class AuditPage(BaseModel):
    """Newest first; `next_cursor` None on the last page."""

    items: list[ConfigurationChanged]
    next_cursor: str | None


@router.get("/audit")
async def audit(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    kind: Text = None,
    entity_id: Text = None,
    agent_id: Text = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> AuditPage:
    """All of it, or of one kind (`brand`, `team`, `role`, `agent`, `ticket_type`, `attribute`, `settings`; `macro`,
    `rule`, `sla_policy`, `calendar`), one entry, one agent's."""
    viewer.need_everywhere("directory.manage")
    before = _read_cursor(cursor) if cursor else None
    found = await tickets.store.directory.audit.page(
        kind=kind, entity_id=entity_id, by=agent_id, before=before, limit=limit + 1
    )
    last = found[limit - 1] if len(found) > limit else None
    return AuditPage(items=found[:limit], next_cursor=_cursor_of(last) if last else None)


def _cursor_of(last: ConfigurationChanged) -> str:
    return base64.urlsafe_b64encode(f"{last.at.isoformat()} {last.act_id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    """(at, id) of the last one seen."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, act_id = text.partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), act_id
    except (ValueError, OverflowError) as error:
        field = FieldError("query.cursor", "use `next_cursor` of the page before, or leave it out")
        raise Invalid("bad_cursor", "This cursor was not made by us.", (field,)) from error
