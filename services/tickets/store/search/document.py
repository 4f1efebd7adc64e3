"""What a conversation is found by: one document of the index for each. Pure.

`labels` are whole terms: the inboxes it is in, and what scope and operators ask of it. They are as the head is, so they
are written anew when it changes; who sees it is asked of the head itself once more before anything is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from services.tickets.model.contact_words import fold
from services.tickets.model.search.clauses import Clause, Either, Every, Has, Without
from services.tickets.model.search.words import code_spans, number_spans, number_terms, words
from services.tickets.store.documents import boxes
from services.tickets.store.filters import NOBODY, Filters
from shared.contracts.beside import SideReplyReceived, SideReplySent, SideStarted
from shared.contracts.contacts import Contact
from shared.contracts.conversations import (
    CallUpdated,
    ConversationStarted,
    CustomerReplied,
    Head,
    LinkProgressed,
    NoteAdded,
    ReplySent,
)
from shared.scope import Scope

SAYING = (
    *(ConversationStarted, CustomerReplied, ReplySent, NoteAdded, CallUpdated, LinkProgressed),
    *(SideStarted, SideReplySent, SideReplyReceived),
)
"""Events with words in them."""
TEXT_CHARS = 400_000
"""Of one conversation; of a longer one the latest are found."""
TERMS_MAX = 500
"""Of each kind."""
_ORDER_BITS = 21


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of a timeline with words in it. `kind`: message, note, call, news or side; `by` names who said it."""

    kind: str
    entry_id: str
    seq: int
    at: str
    direction: str
    by: str
    text: str
    subject: str = ""
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """`text` and `subject` are words in their order, a string for each entry; times in milliseconds since 1970."""

    id: str
    order: int
    started: int
    active: int
    labels: tuple[str, ...]
    text: tuple[str, ...]
    subject: str
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    codes: tuple[str, ...]
    numbers: tuple[str, ...]
    ids: tuple[str, ...]


def said_in(name: str, value: str) -> Said | None:
    """What an event of the log says; None: nothing. `value` is its JSON."""
    event: dict[str, Any] = from_json(value)
    by = event["by"]["name"]
    about = {"seq": event["seq"], "at": event["at"]}
    if message := event.get("message"):
        return _message(message, by, about)
    if mail := event.get("mail"):
        return replace(_message(mail, by, about), kind="side")
    if name == "NoteAdded":
        return Said("note", event["entry_id"], direction="", by=by, text=event["text"], **about)
    if call := event.get("call"):
        text = "\n".join((call["number"], call["line_name"], call["agent_name"], *call["comments"], *call["tags"]))
        return Said("call", call["call_id"], direction="", by=by, text=text.strip(), **about)
    if name == "LinkProgressed" and event.get("text"):
        return Said("news", event.get("entry_id", ""), direction="", by=by, text=event["text"], **about)
    return None


def _message(message: dict[str, Any], by: str, about: dict[str, Any]) -> Said:
    sender = message.get("sender") or {}
    named = [(one["address"], one["name"]) for part in ("to", "cc", "bcc") for one in message[part]]
    return Said(
        "message",
        message["entry_id"],
        direction=message["direction"],
        by=by or sender.get("name") or sender.get("value", ""),
        text="\n".join(filter(None, (message["text"], message["signature_text"]))),
        subject=message["subject"],
        senders=tuple(person_terms([sender["value"]], sender["name"])) if sender else (),
        recipients=tuple(term for address, name in named for term in person_terms([address], name)),
        files=tuple(one["name"] for one in message["attachments"]),
        **about,
    )


def person_terms(handles: Iterable[str], name: str) -> Iterable[str]:
    """What somebody is found by as a sender or a recipient."""
    for handle in handles:
        yield from _handle_terms(handle)
    yield from words(name)


@lru_cache(maxsize=4_096)
def _handle_terms(handle: str) -> tuple[str, ...]:
    """Kept, as everybody writes to the same few mailboxes and comes again in each message."""
    if "@" not in handle:
        return number_terms(handle) or tuple(words(handle))
    address = fold(handle)
    return (address, "@" + address.partition("@")[2], *words(address.partition("@")[0]))


def document_of(head: Head, said: Sequence[Said], contact: Contact | None) -> SearchDocument:
    """`said` in the timeline's order."""
    customer = _customer(head, contact)
    texts = [one.text for one in _latest(said)]
    about = [*customer.names, *customer.handles, head.topic or ""]
    about += [link.title for link in head.links] + [name for one in said for name in one.files]
    searched = [head.subject, *texts, *about]
    numbers = [term for text in searched for terms, _, _ in number_spans(text) for term in terms]
    own_numbers = [term for one in customer.handles for term in number_terms(one)]
    senders = [term for one in said if one.direction == "in" for term in one.senders]
    started, active = milliseconds(head.started_at), milliseconds(head.last_activity_at)
    return SearchDocument(
        id=head.id,
        order=order_of(active, head.id),
        started=started,
        active=active,
        labels=labels_of(head, said),
        text=tuple(" ".join(words(text)) for text in searched if text),
        subject=" ".join(
            word for text in dict.fromkeys((head.subject, *(one.subject for one in said))) for word in words(text)
        ),
        senders=_some((*person_terms(customer.handles, " ".join(customer.names)), *senders)),
        recipients=_some(term for one in said for term in one.recipients),
        codes=_some(code.folded for text in searched for code in code_spans(text)),
        numbers=_some((*own_numbers, *numbers)),
        ids=_ids(head, said, contact),
    )


@dataclass(frozen=True, slots=True)
class _Customer:
    names: tuple[str, ...]
    handles: tuple[str, ...]


def _customer(head: Head, contact: Contact | None) -> _Customer:
    if contact is None:
        return _Customer((head.contact_name,), (head.handle.value,))
    external = (one.partition(":")[2] for one in contact.external_ids)
    handles = dict.fromkeys((head.handle.value, *contact.emails, *contact.phones, *external))
    return _Customer(tuple(dict.fromkeys((head.contact_name, contact.name))), tuple(handles))


def _latest(said: Sequence[Said]) -> list[Said]:
    """As many of the latest as TEXT_CHARS hold."""
    kept: list[Said] = []
    left = TEXT_CHARS
    for one in reversed(said):
        if left <= 0:
            break
        left -= len(one.text)
        kept.append(one)
    return kept


def _ids(head: Head, said: Sequence[Said], contact: Contact | None) -> tuple[str, ...]:
    found = [head.id, *head.merged_ids, head.contact_id, *(contact.merged_ids if contact else ())]
    for link in head.links:
        found += [link.id, *([str(link.number)] if link.number else [])]
    found += [head.call.call_id] if head.call else []
    found += [head.last_message_id.strip("<>")] if head.last_message_id else []
    return _some((*(one.lower() for one in found), *(one.entry_id for one in said)))


def _some(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple(list(dict.fromkeys(filter(None, terms)))[:TERMS_MAX])


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def order_of(active: int, id_: str) -> int:
    """Newest activity first, and those of one moment by a part of a hash, so that an order by one number is enough."""
    part = int.from_bytes(hashlib.blake2b(id_.encode(), digest_size=4).digest(), "big") >> (32 - _ORDER_BITS)
    return (active << _ORDER_BITS) | part


# ── labels, and what asks for them ───────────────────────────────────────────────────────────────
def labels_of(head: Head, said: Sequence[Said] = ()) -> tuple[str, ...]:
    found = [*boxes(head), f"status:{head.status}", f"in-brand:{head.brand_id}", f"in-channel:{head.channel}"]
    if head.team_id is not None:
        found += [f"in-team:{head.team_id}", "has:team"]
    if head.assignee_id is not None:
        found += [f"assignee:{head.assignee_id}", "has:assignee"]
    if head.created_by is not None:
        found.append(f"creator:{head.created_by}")
    found += [f"tagged:{fold(tag)}" for tag in head.tags]
    found += ["has:attachment"] if any(one.files for one in said) else []
    found += ["has:note"] if any(one.kind == "note" for one in said) else []
    found += ["has:link"] if head.links else []
    return tuple(dict.fromkeys(found))


def scope_clause(scope: Scope) -> Clause:
    """The same as `Scope.sees`."""
    limits: list[Clause] = [_any_of("in-brand", scope.brands)] if scope.brands else []
    if not scope.by_brand_alone:
        place: list[Clause] = [_any_of("in-channel", scope.channels)] if scope.channels else []
        place += [_any_of("in-team", scope.teams)] if scope.teams is not None else []
        own = (Has("labels", f"assignee:{scope.agent_id}"), Has("labels", f"creator:{scope.agent_id}"))
        limits.append(Either((Every(tuple(place)), *own)))
    return Every(tuple(limits))


def inbox_clause(box: str, filters: Filters) -> Clause:
    """What is in an inbox and passes a view's filters, whatever its status."""
    spam = () if box == "spam" else (Has("labels", "all"),)
    wanted: list[Clause] = [*spam, Has("labels", box)]
    for kind, value in (
        ("in-brand", filters.brand_id),
        ("in-channel", filters.channel),
        ("topic", filters.topic),
        ("ticket", filters.ticket),
    ):
        wanted += [Has("labels", f"{kind}:{value}")] if value is not None else []
    for kind, value, has in (("in-team", filters.team_id, "team"), ("assignee", filters.assignee_id, "assignee")):
        if value is not None:
            none = Without(Has("labels", f"has:{has}"))
            wanted.append(none if value == NOBODY else Has("labels", f"{kind}:{value}"))
    wanted += [Has("labels", f"tag:{tag}") for tag in filters.tags]
    if filters.priority is not None:
        wanted.append(Has("labels", "priority") if filters.priority else Without(Has("labels", "priority")))
    return Every(tuple(dict.fromkeys(wanted)))


def _any_of(kind: str, ids: Iterable[str]) -> Clause:
    return Either(tuple(Has("labels", f"{kind}:{one}") for one in sorted(ids)))
