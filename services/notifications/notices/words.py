"""What a mail of notices says: who did what in which conversation, with where to read it. Pure.

Nothing that was written in a conversation is in it: a mail leaves the desk, and nobody can take it back or erase it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from shared.contracts.common import Actor
from shared.contracts.notices import Notice

SHOWN = 50
"""Notices in one mail; how many more there are is said."""


def subject(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return f"{sentence(notices[0])}: {about(notices[0])}"
    return f"{len(notices)} things that you have not seen yet"


def sentence(notice: Notice) -> str:
    """Who did what: Lena Brandt mentioned you."""
    who = _who(notice.by)
    match notice.kind:
        case "mention":
            return f"{who} mentioned you"
        case "team_mention":
            return f"{who} mentioned your team"
        case "assigned":
            what = "conversation" if notice.conversation_id else "ticket"
            return f"{who} assigned a {what} to you"
        case "reply":
            return f"{notice.contact_name or 'The customer'} replied"
        case "ticket":
            return f"{who} updated a ticket"
        case "call_missed":
            return f"{notice.contact_name or 'Somebody'} called and was not answered"
        case "alert":
            return f"{who} asks you to have a look"


def about(notice: Notice) -> str:
    """What it is about: the subject, else the customer."""
    return notice.title or notice.contact_name or "a conversation"


def link(notice: Notice, public_url: str) -> str:
    base = public_url.rstrip("/")
    if notice.conversation_id:
        return f"{base}/inbox/mine/{quote(notice.conversation_id, safe='')}"
    return f"{base}/tickets/open/{quote(notice.ticket_id or '', safe='')}"


def text(notices: Sequence[Notice], *, name: str, public_url: str) -> str:
    lines = [f"Hello {name},", "", "this happened while you were away:", ""]
    for place, group in _grouped(notices[-SHOWN:]):
        lines += [about(group[0]), *(f"- {sentence(one)}" for one in group), f"  {link(place, public_url)}", ""]
    if len(notices) > SHOWN:
        lines += [f"And {len(notices) - SHOWN} more: {public_url}", ""]
    lines += [f"When and where you are told: {settings(public_url)}"]
    return "\n".join(lines)


def html(notices: Sequence[Notice], *, name: str, public_url: str) -> str:
    parts = [f"<p>Hello {escape(name)},</p><p>this happened while you were away:</p>"]
    for place, group in _grouped(notices[-SHOWN:]):
        said = "".join(f"<li>{escape(sentence(one))}</li>" for one in group)
        address = escape(link(place, public_url), quote=True)
        parts.append(f'<p><a href="{address}"><b>{escape(about(group[0]))}</b></a></p><ul>{said}</ul>')
    if len(notices) > SHOWN:
        parts.append(f'<p>And <a href="{escape(public_url, quote=True)}">{len(notices) - SHOWN} more</a>.</p>')
    parts.append(f'<p><a href="{escape(settings(public_url), quote=True)}">When and where you are told</a></p>')
    return "".join(parts)


def settings(public_url: str) -> str:
    return f"{public_url.rstrip('/')}/settings/notifications"


def _grouped(notices: Sequence[Notice]) -> list[tuple[Notice, list[Notice]]]:
    """By conversation or ticket, the one that something happened in last first."""
    groups: dict[str, list[Notice]] = {}
    for one in notices:
        groups.setdefault(one.conversation_id or one.ticket_id or one.id, []).append(one)
    found = [(group[-1], group) for group in groups.values()]
    return sorted(found, key=lambda each: each[0].at, reverse=True)


def _who(by: Actor) -> str:
    if by.name:
        return f"Rule {by.name}" if by.kind == "rule" else by.name
    return {"customer": "The customer", "rule": "A rule", "agent": "A colleague"}.get(by.kind, "Switchboard")
