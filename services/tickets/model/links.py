"""What a conversation is linked to: tickets, trackers, other conversations, web pages (CV9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from services.tickets.model.commands import MessageIds, Reply, decide_reply
from services.tickets.model.evolve import Unfolding
from services.tickets.model.state import Context, Conversation, Desk
from services.tickets.model.text import shorten
from shared.contracts.conversations import ConversationEvent, Head, Link, LinkAdded, LinkProgressed, LinkRemoved
from shared.contracts.linked import TicketChange, TicketPart, TicketUpdated, brief
from shared.contracts.tickets import TicketHead, TicketState
from shared.errors import Conflict, FieldError, Invalid, NotFound

LINKS_MAX = 50
TITLE_CHARS = 200
URL_CHARS = 2_000

Events = Sequence[ConversationEvent]


def ticket_link(ticket: TicketHead) -> Link:
    """A ticket as its conversations show it."""
    return Link(
        kind="tracker" if ticket.kind == "tracker" else "ticket",
        id=ticket.id,
        title=ticket.title,
        type_id=ticket.type_id,
        number=ticket.number,
        seq=ticket.seq,
        state=ticket.state,
    )


def conversation_link(head: Head) -> Link:
    return Link(kind="conversation", id=head.id, title=shorten(head.subject or head.contact_name, TITLE_CHARS))


def page_link(id_: str, url: str, title: str) -> Link:
    """A web page. Raises Invalid for anything but http and https: a link must not run anything."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    plain = len(url) <= URL_CHARS and url.isprintable() and " " not in url
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or not plain:
        wrong = FieldError("body.url", "is not a web address")
        raise Invalid("bad_url", "Enter a whole web address, such as https://example.org/page.", (wrong,))
    return Link(kind="url", id=id_, title=shorten(title, TITLE_CHARS) or parts.hostname, url=url)


def find_link(head: Head, link_id: str) -> Link | None:
    return next((one for one in head.links if one.id == link_id), None)


def decide_link(
    state: Conversation, context: Context, link: Link, ticket: TicketHead | None = None, *, created: bool = False
) -> Events:
    """Linking what is linked already changes nothing. `ticket` is what the link is to, `created`: made for this."""
    if find_link(state.head, link.id):
        return []
    if link.id == state.head.id:
        raise Invalid("linked_to_itself", "A conversation cannot be linked to itself.")
    if len(state.head.links) >= LINKS_MAX:
        raise Conflict("too_many_links", f"A conversation has at most {LINKS_MAX} links. Remove one first.")
    return _one(state, LinkAdded, context, link=link, ticket=_shown(state, ticket), created=created)


def decide_unlink(state: Conversation, context: Context, link_id: str, ticket: TicketHead | None = None) -> Events:
    link = find_link(state.head, link_id)
    if link is None:
        raise NotFound("unknown_link", "This is not linked to the conversation any more.")
    return _one(state, LinkRemoved, context, link=link, ticket=_shown(state, ticket))


def _one(state: Conversation, kind: type[ConversationEvent], context: Context, **fields: Any) -> Events:
    unfolding = Unfolding(state)
    unfolding.add(kind, context, **fields)
    return unfolding.events


def _shown(state: Conversation, ticket: TicketHead | None) -> TicketHead | None:
    """Who follows the conversation may not see another brand's tickets; of one that is linked all the same, the link
    says enough."""
    return brief(ticket) if ticket and ticket.brand_id in (None, state.head.brand_id) else None


def can_be_answered(head: Head) -> bool:
    return head.channel != "phone" and not head.spam


def decide_progress(
    state: Conversation,
    context: Context,
    link: Link,
    desk: Desk,
    message_ids: MessageIds,
    *,
    label: str = "",
    text: str = "",
    answer: Reply | None = None,
    previous_state: TicketState | None = None,
    ticket: TicketHead | None = None,
) -> Events:
    """Show on a conversation what became of its ticket or tracker, and answer its customer when `answer` is given.

    One that was unlinked meanwhile hears nothing; a customer who cannot be answered in writing is not. News that
    was overtaken by later news is told, and leaves the later state.
    """
    before = find_link(state.head, link.id)
    if before is None or (before.seq >= link.seq and not text):
        return []
    if before.seq > link.seq:
        link = before
    unfolding = Unfolding(state)
    if answer is not None and not can_be_answered(state.head):
        answer = None
    entry_id = answer.entry_id if answer else ""
    unfolding.add(
        LinkProgressed,
        context,
        link=link,
        label=label,
        text=text,
        entry_id=entry_id,
        previous_state=previous_state,
        ticket=_shown(state, ticket),
    )
    events = list(unfolding.events)
    if answer is not None:
        events += decide_reply(unfolding.state, answer, context, desk, message_ids)
    return events


def decide_ticket_update(
    state: Conversation,
    context: Context,
    link: Link,
    *,
    change: TicketChange,
    parts: Sequence[TicketPart] = (),
    fields: Sequence[str] = (),
    ticket: TicketHead | None = None,
) -> Events:
    """Show what colleagues did to its ticket. One that was unlinked meanwhile, or linked after it, hears nothing."""
    before = find_link(state.head, link.id)
    if before is None or before.seq >= link.seq:
        return []
    what = {"change": change, "parts": tuple(parts), "fields": tuple(fields)}
    return _one(state, TicketUpdated, context, link=link, ticket=_shown(state, ticket), **what)
