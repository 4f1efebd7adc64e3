"""Where a browser says that its agent looks at a conversation. The pass is tickets' word that they may see it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.notifications.live.viewers import Viewers
from shared.access import CurrentViewer
from shared.clock import Clock
from shared.errors import Forbidden
from shared.http import Body
from shared.signing import Signer

ConversationId = Annotated[str, Path(max_length=200)]


class ViewerBody(Body):
    """`here` false: they look at something else now."""

    viewing_pass: Annotated[str, Field(max_length=100)]
    here: bool = True
    typing: bool = False


class ViewerItem(BaseModel):
    agent_id: str
    typing: bool


class ViewersAnswer(BaseModel):
    """Everybody who looks at it, oneself too."""

    people: list[ViewerItem]


def routes(viewers: Viewers, signer: Signer, clock: Clock) -> APIRouter:
    router = APIRouter(tags=["viewers"])

    @router.post("/conversations/{conversation_id}/viewers")
    async def look(conversation_id: ConversationId, body: ViewerBody, viewer: CurrentViewer) -> ViewersAnswer:
        """Say so every 15 s, and when one begins to write; the others hear of it by the frame `viewers`."""
        viewer.need("conversations.read")
        if not signer.may_view(body.viewing_pass, viewer.agent_id, conversation_id, clock()):
            raise Forbidden("bad_pass", "Ask tickets for a new viewing pass of this conversation.")
        if body.here:
            await viewers.seen(conversation_id, viewer.agent_id, typing=body.typing)
        else:
            await viewers.left(conversation_id, viewer.agent_id)
        people = await viewers.people(conversation_id)
        return ViewersAnswer(people=[ViewerItem(agent_id=one.agent_id, typing=one.typing) for one in people])

    return router
