"""Programs' ways in: raw mail, custom events, Aircall's webhooks."""

from __future__ import annotations

import hmac
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.ingest.api.parts import IntegrationOnly, The
from services.ingest.handlers.calls import accept_webhook
from services.ingest.handlers.custom import Custom
from services.ingest.handlers.mail import MAIL_TYPE, accept_mail
from services.ingest.handlers.replay import event_of
from services.ingest.model.arrival import Accepted
from shared.errors import DomainError, Invalid, Unauthenticated

router = APIRouter()

_RAW_MAIL = {"requestBody": {"content": {MAIL_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}
_CLOUD_EVENT = {
    "requestBody": {
        "content": {
            "application/cloudevents+json": {"schema": {"type": "object"}},
            "application/json": {"schema": {"type": "object"}},
        }
    }
}


class InputAnswer(BaseModel):
    """`duplicate`: it had been accepted before, and nothing changed. Activity belongs to no conversation: its
    `conversation_id` is empty."""

    input_id: str
    conversation_id: str
    duplicate: bool


class MailAnswer(InputAnswer):
    """The first mailbox's; `inputs` has one for each of our mailboxes that the mail was for."""

    inputs: list[InputAnswer]


class WebhookAnswer(BaseModel):
    status: str
    input_id: str | None = None
    conversation_id: str | None = None
    duplicate: bool = False
    reason: str = ""


def _answer(one: Accepted) -> InputAnswer:
    return InputAnswer(input_id=one.input_id, conversation_id=one.conversation_id, duplicate=one.duplicate)


@router.post("/mail", status_code=202, dependencies=[IntegrationOnly], openapi_extra=_RAW_MAIL)
async def post_mail(request: Request, the: The, rcpt: Annotated[list[str] | None, Query()] = None) -> MailAnswer:
    """A raw mail (RFC 5322). `rcpt` says whom it was for, once for each; else the mail's own headers do."""
    raw = await request.body()
    envelope = {"rcpt": ",".join(rcpt or ())[:4000]}
    try:
        accepted = await accept_mail(the.intake, raw, rcpt or (), envelope)
    except DomainError as error:
        if raw.strip():
            at = the.intake.clock()
            await the.intake.rejected.keep("email", error.code, error.message, raw, MAIL_TYPE, envelope, at)
        raise
    answers = [_answer(one) for one in accepted]
    return MailAnswer(**answers[0].model_dump(), inputs=answers)


@router.post("/events", status_code=202, dependencies=[IntegrationOnly], openapi_extra=_CLOUD_EVENT)
async def post_event(request: Request, the: The) -> InputAnswer:
    """A CloudEvent of `integrations.inbound.v1`, binary (ce-… headers) or structured mode, over HTTP.

    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
    """
    headers = {
        f"ce_{name[3:]}" if name.startswith("ce-") else name: value
        for name, value in request.headers.items()
        if name.startswith("ce-") or name in ("content-type", "traceparent")
    }
    raw = await request.body()
    try:
        received = event_of(raw, headers)
    except Invalid as error:
        if raw.strip():
            kept = {name: value[:1000] for name, value in headers.items()}
            at = the.intake.clock()
            await the.intake.rejected.keep("custom", error.code, error.message, raw, "application/json", kept, at)
        raise
    return _answer(await Custom(the.intake).accept(received))


@router.post("/aircall")
async def post_aircall(request: Request, the: The) -> WebhookAnswer:
    """An Aircall webhook. Its `token` is compared in constant time. Everything authentic gets 200: Aircall switches a
    webhook off that is refused too often, and a kept input can be replayed here."""
    raw = await request.body()
    payload = _webhook(raw)
    expected = the.settings.aircall_token.get_secret_value()
    token = payload.get("token")
    given = token if isinstance(token, str) else ""
    if not expected or not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise Unauthenticated("aircall_token", "The webhook's token is not the one in SWITCHBOARD_AIRCALL_TOKEN.")
    outcome = await accept_webhook(the.intake, payload, raw)
    one = outcome.accepted
    if one is None:
        return WebhookAnswer(status=outcome.status, reason=outcome.reason)
    return WebhookAnswer(
        status=outcome.status,
        input_id=one.input_id,
        conversation_id=one.conversation_id,
        duplicate=one.duplicate,
    )


def _webhook(raw: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(raw)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise Invalid("not_json", "The body is not a JSON object.")
    return payload
