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
    """Every inbox that shows it, whatever its status. Spam shows in Spam and nowhere else."""
    if head.spam:
        return ["spam"]
    found = ["all", f"brand:{head.brand_id}"]
    if head.team_id is not None:
        found.append(f"team:{head.team_id}")
    found.append("unassigned" if head.assignee_id is None else f"agent:{head.assignee_id}")
    if head.created_by is not None:
        found.append(f"created:{head.created_by}")
    found.extend(f"mention:{agent_id}" for agent_id in head.mentioned)
    return found


def conversation_document(state: Conversation) -> Document:
    document = state.head.model_dump()
    document["_id"] = document.pop("id")
    document["boxes"] = boxes(state.head)
    document["customer_seq"] = state.customer_seq
    document["deliveries"] = [
        {"entry_id": entry_id, "state": one.state, "bounced": one.bounced} for entry_id, one in state.deliveries.items()
    ]
    return document


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
