"""How conversations and contacts lie in MongoDB, and back.

A conversation's document is its head (`_id` for `id`), plus `boxes`: the inboxes it is in, so that one
multikey index per sort serves them all; and what only the next decision needs.
"""

from __future__ import annotations

from services.tickets.model.contact import handle_keys
from services.tickets.model.state import Conversation, Delivery
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.mongo import Document


def boxes(head: Head) -> list[str]:
    """Every list that shows it, whatever its status. Spam shows in Spam and in no other inbox."""
    found = [f"visitor:{head.handle.value}"] if head.handle.kind == "visitor" else []
    if head.spam:
        return [*found, "spam"]
    found += ["all", f"brand:{head.brand_id}"]
    if head.team_id is not None:
        found.append(f"team:{head.team_id}")
    found.append("unassigned" if head.assignee_id is None else f"agent:{head.assignee_id}")
    if head.created_by is not None:
        found.append(f"created:{head.created_by}")
    found += [f"mention:{agent_id}" for agent_id in head.mentioned]
    return found + [f"tag:{tag}" for tag in head.tags]


def conversation_document(state: Conversation) -> Document:
    document = state.head.model_dump()
    document["_id"] = document.pop("id")
    document["boxes"] = boxes(state.head)
    document["customer_seq"] = state.customer_seq
    document["deliveries"] = _deliveries(state)
    return document


def _deliveries(state: Conversation) -> list[Document]:
    return [
        {"entry_id": entry_id, "state": one.state, "bounced": one.bounced} for entry_id, one in state.deliveries.items()
    ]


_BOX_FIELDS = frozenset({"spam", "brand_id", "team_id", "assignee_id", "created_by", "mentioned", "tags"})
"""What `boxes` looks at."""

_HEAD_FIELDS = tuple(name for name in Head.model_fields if name != "id")


def conversation_changes(before: Conversation, after: Conversation) -> Document:
    """Fields of the document that differ, for `$set`: about eight of forty when a customer goes on writing."""
    old, new = before.head.__dict__, after.head.__dict__
    changed = {name for name in _HEAD_FIELDS if old[name] is not new[name] and old[name] != new[name]}
    fields: Document = after.head.model_dump(include=changed)
    if not changed.isdisjoint(_BOX_FIELDS):
        fields["boxes"] = boxes(after.head)
    if before.customer_seq != after.customer_seq:
        fields["customer_seq"] = after.customer_seq
    if before.deliveries is not after.deliveries:
        fields["deliveries"] = _deliveries(after)
    return fields


def read_conversation(document: Document) -> Conversation:
    fields = dict(document)
    fields["id"] = fields.pop("_id")
    fields.pop("boxes", None)
    customer_seq = fields.pop("customer_seq", 0)
    deliveries = fields.pop("deliveries", ())
    return Conversation(
        Head.model_validate(fields),
        customer_seq,
        {one["entry_id"]: Delivery(one["state"], tuple(one["bounced"])) for one in deliveries},
    )


def contact_document(contact: Contact) -> Document:
    document = contact.model_dump()
    document["_id"] = document.pop("id")
    document["handles"] = handle_keys(contact)
    return document


def read_contact(document: Document) -> Contact:
    fields = dict(document)
    fields["id"] = fields.pop("_id")
    fields.pop("handles", None)
    return Contact.model_validate(fields)
