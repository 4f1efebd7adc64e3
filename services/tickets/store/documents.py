"""How conversations and contacts lie in MongoDB, and back.

A conversation's document is its head (`_id` for `id`), plus `boxes`: the inboxes it is in, so that one
multikey index per sort serves them all; and what only the next decision needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from services.tickets.model.contact import handle_keys
from services.tickets.model.contact_words import name_key, terms
from services.tickets.model.merge import Merge
from services.tickets.model.money import whole_units
from services.tickets.model.state import Answered, Conversation, Delivery
from services.tickets.store.filters import SPARSE_CHANNELS
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.mongo import Document


def boxes(head: Head) -> list[str]:
    """Every list that shows it, whatever its status. Spam shows in Spam and in no other inbox."""
    found = [f"visitor:{head.handle.value}"] if head.handle.kind == "visitor" else []
    if head.merged_into is not None:
        return found  # the one that it is part of stands for it; the visitor still has their chat
    if head.spam:
        return [*found, "spam"]
    found += ["all", f"brand:{head.brand_id}"]
    if head.team_id is not None:
        found.append(f"team:{head.team_id}")
    found.append("unassigned" if head.assignee_id is None else f"agent:{head.assignee_id}")
    if head.created_by is not None:
        found.append(f"created:{head.created_by}")
    found += [f"mention:{agent_id}" for agent_id in head.mentioned]
    found += [f"following:{agent_id}" for agent_id in head.followers]
    found += [f"tag:{tag}" for tag in head.tags]
    if head.topic is not None:
        found.append(f"topic:{head.topic}")
    found += dict.fromkeys(f"ticket:{link.state}" for link in head.links if link.state is not None)
    if head.channel in SPARSE_CHANNELS:
        found.append(f"channel:{head.channel}")
    return [*found, "priority"] if head.priority else found


def conversation_document(state: Conversation) -> Document:
    document = state.head.model_dump()
    document["_id"] = document.pop("id")
    document["status"] = stored_status(state.head)
    document["boxes"] = boxes(state.head)
    document["customer_seq"] = state.customer_seq
    document["deliveries"] = _deliveries(state)
    document["answered"] = asdict(state.answered) if state.answered else None
    document["people_seq"] = state.people_seq
    return document


MERGED = "merged"
"""As which status a merged conversation lies: no list or count asks for it. To everybody it is closed."""


def stored_status(head: Head) -> str:
    """As what it lies: see MERGED."""
    return head.status if head.merged_into is None else MERGED


def _deliveries(state: Conversation) -> list[Document]:
    return [
        {"entry_id": entry_id, "state": one.state, "bounced": one.bounced} for entry_id, one in state.deliveries.items()
    ]


_BOX_FIELDS = frozenset(
    {
        *(
            "spam",
            "brand_id",
            "team_id",
            "assignee_id",
            "created_by",
            "mentioned",
            "tags",
            "topic",
            "channel",
            "priority",
        ),
        *("merged_into", "followers", "links"),
    }
)
"""What `boxes` looks at."""

_HEAD_FIELDS = tuple(name for name in Head.model_fields if name != "id")


def conversation_changes(before: Conversation, after: Conversation) -> Document:
    """Fields of the document that differ, for `$set`: about eight of forty when a customer goes on writing."""
    old, new = before.head.__dict__, after.head.__dict__
    changed = {name for name in _HEAD_FIELDS if old[name] is not new[name] and old[name] != new[name]}
    fields: Document = after.head.model_dump(include=changed)
    if not changed.isdisjoint(("status", "merged_into")):
        fields["status"] = stored_status(after.head)
    if not changed.isdisjoint(_BOX_FIELDS):
        fields["boxes"] = boxes(after.head)
    if before.customer_seq != after.customer_seq:
        fields["customer_seq"] = after.customer_seq
    if before.deliveries is not after.deliveries:
        fields["deliveries"] = _deliveries(after)
    if before.answered != after.answered:
        fields["answered"] = asdict(after.answered) if after.answered else None
    if before.people_seq != after.people_seq:
        fields["people_seq"] = after.people_seq
    return fields


def read_conversation(document: Document) -> Conversation:
    fields = dict(document)
    fields["id"] = fields.pop("_id")
    fields.pop("boxes", None)
    if fields["status"] == MERGED:
        fields["status"] = "closed"
    customer_seq = fields.pop("customer_seq", 0)
    deliveries = fields.pop("deliveries", ())
    answered = fields.pop("answered", None)
    people_seq = fields.pop("people_seq", None)
    return Conversation(
        Head.model_validate(fields),
        customer_seq,
        {one["entry_id"]: Delivery(one["state"], tuple(one["bounced"])) for one in deliveries},
        Answered(**answered) if answered else None,
        people_seq,
    )


_HEAD_DEFAULTS = {name: field.get_default() for name, field in Head.model_fields.items() if not field.is_required()}


def head_fields(document: Document) -> Document:
    """The head as plain values, ready to be written as JSON; without building the model, which a list of fifty would
    spend most of its time on. What an older version did not write yet has its default."""
    head = {"id": document["_id"]}
    for name in _HEAD_FIELDS:
        head[name] = document[name] if name in document else _HEAD_DEFAULTS[name]
    return head


_CONTACT_EXTRAS = ("handles", "name_key", "terms", "facets", "revenue", "talks", "own_talks", "talked")


def facets(contact: Contact) -> list[str]:
    """Every list of contacts that shows it; a duplicate is shown by the one that stands for it."""
    if contact.merged_into is not None:
        return []
    found = ["all", f"kind:{contact.kind}", *(f"brand:{one}" for one in contact.brand_ids)]
    found += [f"language:{contact.language}"] if contact.language else []
    found += [f"time_zone:{contact.time_zone}"] if contact.time_zone else []
    return [*found, "blocked"] if contact.blocked else found


def contact_document(contact: Contact) -> Document:
    document = contact.model_dump()
    document["_id"] = document.pop("id")
    document["handles"] = handle_keys(contact)
    document["name_key"] = name_key(contact)
    document["terms"] = terms(contact) if contact.merged_into is None else ()
    document["facets"] = facets(contact)
    if contact.lifetime_revenue is not None:
        document["revenue"] = whole_units(contact.lifetime_revenue)
    return document


def read_contact(document: Document) -> Contact:
    fields = dict(document)
    fields["id"] = fields.pop("_id")
    for name in _CONTACT_EXTRAS:
        fields.pop(name, None)
    return Contact.model_validate(fields)


def merge_document(merge: Merge) -> Document:
    """By the duplicate's id."""
    both = {"kept": merge.kept.model_dump(), "merged": merge.merged.model_dump()}
    return {"_id": merge.merged.id, "at": merge.at, **both}


def read_merge(document: Document) -> Merge:
    kept, merged = (Contact.model_validate(document[name]) for name in ("kept", "merged"))
    return Merge(kept, merged, document["at"])


def changed_contacts(
    before: Mapping[str, Contact], after: Mapping[str, Contact], beside: Callable[[str], Document]
) -> list[tuple[int, Document]]:
    """Versions that are replaced, and what by. Whoever gives up a handle first: a handle that moves would otherwise be
    two people's for a moment. `beside`: what lies on a contact's document and is no part of the contact."""
    changed: list[tuple[bool, int, Document]] = []
    for one in after.values():
        old = before.get(one.id)
        if old is None or old.seq != one.seq:
            gives_up = old is not None and not set(handle_keys(old)) <= set(handle_keys(one))
            changed.append((gives_up, old.seq if old else 0, contact_document(one) | beside(one.id)))
    changed.sort(key=lambda change: not change[0])
    return [(seq, document) for _, seq, document in changed]
