"""Mail that no person wrote to us: bounces, auto-replies, lists, and our own mail coming back (CH4).

RFC 3834 (Auto-Submitted), RFC 3464 (delivery status), RFC 8098 (disposition), RFC 2919 (List-Id).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.ingest.channels.email.headers import message_ids, raw_value, text_of
from services.ingest.channels.email.tree import Part
from services.ingest.channels.email.words import clean_line, decoded
from services.ingest.model.mail import DeliveryStatus, FailedRecipient

if TYPE_CHECKING:
    from shared.contracts.common import AutomaticKind

_MAX_RECIPIENTS = 50
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|bounces?)(?:[+@=-]|$)")
_AWAY = re.compile(
    r"^\W{0,3}(?:auto(?:matic|mated)?[ -]?(?:reply|response)|out of (?:the )?office|automatische antwort|abwesenheit|"
    r"réponse automatique|respuesta automática|resposta automática|risposta automatica|automatisch antwoord|"
    r"autosvar|autoreply|away from my mail|автоответ|自动回复|自動返信)",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"^\W{0,3}(?:undeliver(?:able|ed)|delivery status notification|mail delivery (?:failed|failure|system)|"
    r"returned mail|failure notice|delivery failure|unzustellbar)",
    re.IGNORECASE,
)
_ORIGINAL_ID = re.compile(rb"^Message-ID:\s*(<[^<>\s]{1,998}>)", re.IGNORECASE | re.MULTILINE)


def automatic_kind(message: Part, sender: str, status: DeliveryStatus | None) -> AutomaticKind | None:
    """Which kind of automatic mail this is, or None when a person may have written it."""
    subject = text_of(message, "Subject", 200)
    if status is not None:
        failed = any(one.action in ("failed", "delayed") for one in status.recipients)
        return "bounce" if failed or not status.recipients else "delivery_report"
    if _report_type(message) == "disposition-notification":
        return "delivery_report"
    empty_path = raw_value(message, "Return-Path").replace(" ", "") == "<>"
    if _DAEMON.match(sender) and (empty_path or _FAILED.match(subject)):
        return "bounce"
    if _FAILED.match(subject) and raw_value(message, "X-Failed-Recipients"):
        return "bounce"
    return _marked(message, subject, empty_path)


def _marked(message: Part, subject: str, empty_path: bool) -> AutomaticKind | None:
    submitted = raw_value(message, "Auto-Submitted").split(";")[0].strip().lower()
    precedence = raw_value(message, "Precedence").strip().lower()
    if (
        submitted not in ("", "no")
        or precedence in ("auto_reply", "auto-reply")
        or raw_value(message, "X-Autoreply").strip().lower() not in ("", "no")
        or raw_value(message, "X-Autorespond")
        or empty_path
        or _AWAY.match(subject)
    ):
        return "auto_reply"
    if raw_value(message, "List-Id") or raw_value(message, "List-Post") or precedence == "list":
        return "mailing_list"
    if precedence in ("bulk", "junk") or raw_value(message, "List-Unsubscribe"):
        return "bulk"
    return None


def _report_type(message: Part) -> str:
    if message.get_content_type() != "multipart/report":
        return ""
    found = re.search(r"report-type\s*=\s*\"?([\w-]+)", raw_value(message, "Content-Type"), re.IGNORECASE)
    return found.group(1).lower() if found else ""


def delivery_status(message: Part) -> DeliveryStatus | None:
    """The machine-readable part of a DSN (RFC 3464), and the Message-ID of the mail that it returns."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Part)][:10]
    recipients: list[FailedRecipient] = []
    is_status, original = False, None
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            is_status = True
            recipients.extend(_recipients(part))
        elif kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
            original = original or _returned_id(part)
    return DeliveryStatus(original, tuple(recipients[:_MAX_RECIPIENTS])) if is_status else None


def _recipients(part: Part) -> list[FailedRecipient]:
    groups = part.get_payload()
    if not isinstance(groups, list):
        return []
    found: list[FailedRecipient] = []
    for group in groups[: _MAX_RECIPIENTS + 1]:
        if not isinstance(group, Part):
            continue
        final = raw_value(group, "Final-Recipient") or raw_value(group, "Original-Recipient")
        if final:
            found.append(
                FailedRecipient(
                    address=clean_line(final.split(";", 1)[-1], 320).strip("<> ").lower(),
                    action=raw_value(group, "Action").strip().lower()[:20],
                    status=clean_line(raw_value(group, "Status").split(" ")[0], 20),
                    diagnostic=clean_line(raw_value(group, "Diagnostic-Code").split(";", 1)[-1], 500),
                )
            )
    return found


def _returned_id(part: Part) -> str | None:
    payload = part.get_payload()
    if isinstance(payload, list):
        ids = message_ids(payload[0], "Message-ID") if payload and isinstance(payload[0], Part) else ()
        return ids[0] if ids else None
    raw = part.get_payload(decode=True)
    hit = _ORIGINAL_ID.search(raw) if isinstance(raw, bytes) else None
    return decoded(hit.group(1)) if hit else None
