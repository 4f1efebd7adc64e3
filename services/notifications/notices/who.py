"""Who may see a notice: the same as what it is about, as the agent's scope is now."""

from __future__ import annotations

from shared.access import Access, Viewer
from shared.contracts.notices import Notice
from shared.errors import Unauthenticated
from shared.mongo import Document
from shared.scope import Standing

ANY_GENERATION = 2**53
"""No token is looked at here, so none can be too old."""


def viewer_of(access: Access, agent_id: str) -> Viewer | None:
    """What an agent may see now; None when they are not with us."""
    try:
        return access.viewer(agent_id, generation=ANY_GENERATION)
    except Unauthenticated:
        return None


def sees(viewer: Viewer, notice: Notice) -> bool:
    if notice.conversation_id is None:
        return viewer.may("tickets.read") and (not notice.brand_id or viewer.sees_brand(notice.brand_id))
    standing = Standing(notice.brand_id, notice.channel, notice.team_id, notice.assignee_id, notice.created_by)
    return viewer.may("conversations.read") and viewer.sees(standing)


def visible(viewer: Viewer) -> Document:
    """The same as a filter over an agent's notices."""
    parts: list[Document] = []
    if viewer.may("conversations.read"):
        parts.append({"conversation_id": {"$ne": None}, **viewer.scope.query()})
    if viewer.may("tickets.read"):
        brands = {"brand_id": {"$in": [*sorted(viewer.brand_ids), ""]}} if viewer.brand_ids else {}
        parts.append({"conversation_id": None, **brands})
    return {"$or": parts} if parts else {"_id": None}
