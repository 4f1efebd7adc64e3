"""The messenger's HTTP: sessions, messages and files of visitors."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response, UploadFile
from pydantic import BaseModel, Field, StringConstraints

from services.ingest.api.files import keep_upload
from services.ingest.api.parts import CurrentVisitor, Parts, The
from services.ingest.channels.email.headers import address_of
from services.ingest.channels.email.words import clean_line
from services.ingest.handlers.chat import accept_message, brand_of, open_session
from services.ingest.model.visitor import Identity
from shared.contracts.common import Attachment
from shared.contracts.directory import BrandChanged, MessengerLook
from shared.http import Body
from shared.proxies import caller

router = APIRouter(prefix="/messenger")

Short = Annotated[str, StringConstraints(max_length=300)]


class BrandCard(BaseModel):
    """What a site's visitors may know of a brand."""

    id: str
    name: str
    color: str
    messenger: MessengerLook


class User(Body):
    """A signed-in user of the site. `token` proves who it is (channels/identity.py), and then nothing else here counts;
    without it the rest is what somebody says of themselves."""

    token: Annotated[str, StringConstraints(max_length=4000)] = ""
    id: Short = ""
    name: Short = ""
    email: Short = ""


class OpenSession(Body):
    brand_id: Short
    visitor_token: Annotated[str, StringConstraints(max_length=4000)] = ""
    user: User | None = None


class SessionAnswer(BaseModel):
    token: str
    visitor_id: str
    brand: BrandCard


class PostMessage(Body):
    """`client_id` is the client's own id of the message: sent again, it changes nothing."""

    client_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    session_id: UUID
    text: Annotated[str, StringConstraints(max_length=20_000)] = ""
    attachments: Annotated[tuple[Short, ...], Field(max_length=10)] = ()


class MessageAnswer(BaseModel):
    input_id: str
    conversation_id: str
    entry_id: str


def _card(brand: BrandChanged) -> BrandCard:
    return BrandCard(id=brand.brand_id, name=brand.name, color=brand.color, messenger=brand.messenger)


async def _limited(the: Parts, request: Request, who: str) -> None:
    if who:
        await the.limits.count("visitor", who, the.settings.chat_per_minute)
    await the.limits.count("address", caller(request), the.settings.chat_address_per_minute)


@router.get("/config")
async def config(brand: Short, the: The, response: Response) -> dict[str, Any]:
    """A brand's look. Readable from any site, as the script tag stands on sites that we do not know."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=60"
    return {"brand": _card(await brand_of(the.intake, brand)).model_dump()}


@router.post("/sessions")
async def sessions(body: OpenSession, request: Request, the: The) -> SessionAnswer:
    """Open or go on with a visitor's session."""
    await _limited(the, request, "")
    user = body.user or User()
    claimed = Identity(clean_line(user.name, 200), address_of(user.email), clean_line(user.id, 200))
    opened = await open_session(
        the.intake, body.brand_id, body.visitor_token, claimed, user.token, days=the.settings.visitor_days
    )
    return SessionAnswer(token=opened.token, visitor_id=opened.visitor_id, brand=_card(opened.brand))


@router.post("/messages", status_code=202)
async def messages(body: PostMessage, request: Request, the: The, who: CurrentVisitor) -> MessageAnswer:
    """A visitor writes. The conversation is the session."""
    await _limited(the, request, who.visitor_id)
    one = await accept_message(
        the.intake,
        who,
        client_id=body.client_id,
        session_id=str(body.session_id),
        text=body.text,
        file_ids=tuple(dict.fromkeys(body.attachments)),
    )
    return MessageAnswer(input_id=one.input_id, conversation_id=one.conversation_id, entry_id=one.entry_id)


@router.post("/attachments", status_code=201)
async def attachments(file: UploadFile, request: Request, the: The, who: CurrentVisitor) -> Attachment:
    """A visitor's file, to be named in their next message."""
    await _limited(the, request, who.visitor_id)
    return await keep_upload(the, file, "visitor", who.visitor_id)
