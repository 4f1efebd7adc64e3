"""What a messenger visitor may see: their own conversations with one brand, messages only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets
from services.tickets.api.entries import ChatMessage
from shared.contracts.common import ConversationStatus
from shared.errors import Unauthenticated
from shared.signing import Visitor

router = APIRouter(prefix="/messenger", tags=["messenger"])

CONVERSATIONS_MAX = 20
ENTRIES_MAX = 500

_bearer = HTTPBearer(auto_error=False, scheme_name="visitor", description="The token of ingest's messenger session.")


class VisitorConversation(BaseModel):
    conversation_id: str
    status: ConversationStatus
    messages: list[ChatMessage]


class VisitorConversations(BaseModel):
    """Oldest first; the latest twenty."""

    items: list[VisitorConversation]


async def current_visitor(
    tickets: CurrentTickets, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Visitor:
    if credentials is None:
        raise Unauthenticated("visitor_token", "This chat session has ended; reload the page to start anew.")
    return tickets.signer.read_visitor_token(credentials.credentials, tickets.store.clock())


@router.get("/conversations")
async def own_conversations(
    visitor: Annotated[Visitor, Depends(current_visitor)], tickets: CurrentTickets
) -> VisitorConversations:
    """The visitor's history. By visitor id alone: whoever claims an address sees nobody else's (promise 9)."""
    found = await tickets.store.of_visitor(visitor.visitor_id, visitor.brand_id, CONVERSATIONS_MAX)
    items = []
    for one in found:
        rows = await tickets.store.messages(one.head.id, ENTRIES_MAX)
        messages = [message for message in map(tickets.entries.chat, rows) if message is not None]
        # "Snoozed" is the desk's own business; for the visitor the conversation is open.
        status: ConversationStatus = "closed" if one.head.status == "closed" else "open"
        items.append(VisitorConversation(conversation_id=one.head.id, status=status, messages=messages))
    return VisitorConversations(items=items)
