"""How a conversation changes by merges, side conversations and followers. `evolve` is who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.tickets.model.text import PREVIEW_CHARS, chain, summary
from shared.contracts import beside as b
from shared.contracts.conversations import ConversationEvent, Head, Participants
from shared.contracts.side import Side

Changes = dict[str, Any]


def _merged(_: Head, event: b.Merged) -> Changes:
    return {
        "merged_into": event.into_id,
        "status": "closed",
        "closed_at": event.at,
        "snoozed_until": None,
        "waiting_since": None,
    }


def _unmerged(_: Head, event: b.Unmerged) -> Changes:
    return {"merged_into": None} | {name: getattr(event.back, name) for name in b.Rest.model_fields}


def _combined(head: Head, event: b.MergeReceived | b.MergeReverted) -> Changes:
    changes = {name: getattr(event.after, name) for name in b.Combined.model_fields}
    if (event.after.team_id, event.after.assignee_id) != (head.team_id, head.assignee_id):
        changes["assigned_seq"] = event.seq
    return changes


def _mailed(head: Head, event: b.SideStarted | b.SideReplySent) -> Changes:
    mail = event.mail
    return _beside(head, event, Participants(to=mail.to, cc=mail.cc), "us")


def _heard(head: Head, event: b.SideReplyReceived) -> Changes:
    if event.mail.automatic:
        return _beside(head, event, None, "us")  # nobody has read our mail yet
    changes = _beside(head, event, event.answer_to, "them")
    return changes | {"status": "open", "snoozed_until": None, "closed_at": None}


def _beside(
    head: Head, event: b.SideStarted | b.SideReplySent | b.SideReplyReceived, people: Participants | None, who: str
) -> Changes:
    """The side with one more mail, in its place; one that was not known yet comes last. `people` None: as before."""
    mail = event.mail
    known = next((one for one in head.sides if one.id == event.side_id), None)
    before = known or Side(
        id=event.side_id, subject=mail.subject, started_at=event.at, last_at=event.at, message_count=0
    )
    changes: Changes = {"last_at": event.at, "message_count": before.message_count + 1}
    if people is not None:
        changes |= {
            "to": people.to,
            "cc": people.cc,
            "last_from": who,
            "last_message_id": mail.message_id or before.last_message_id,
            "references": chain(mail.references, mail.message_id) or before.references,
        }
    after = before.model_copy(update=changes)
    sides = tuple(after if one.id == after.id else one for one in head.sides) if known else (*head.sides, after)
    return {
        "sides": sides,
        "preview": summary(mail.text, mail.attachments, PREVIEW_CHARS),
        "preview_from": "side",
    }


BESIDE: dict[type[ConversationEvent], Callable[[Head, Any], Changes]] = {
    b.Merged: _merged,
    b.Unmerged: _unmerged,
    b.MergeReceived: _combined,
    b.MergeReverted: _combined,
    b.SideStarted: _mailed,
    b.SideReplySent: _mailed,
    b.SideReplyReceived: _heard,
    b.Followed: lambda head, event: {"followers": tuple(sorted({*head.followers, event.agent_id}))},
    b.Unfollowed: lambda head, event: {"followers": tuple(one for one in head.followers if one != event.agent_id)},
}
