"""Two conversations become one, and two again (CV7).

The one that is merged keeps its id and its past; whatever comes for it later goes to the kept one, whose timeline shows
both. Undoing brings back what the merge changed, as long as nobody has done anything in the kept one since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.tickets.model.changes import TAGS_MAX
from services.tickets.model.evolve import Unfolding
from services.tickets.model.links import LINKS_MAX
from services.tickets.model.state import Context, Conversation
from services.tickets.model.text import SUBJECT_CHARS, shorten
from shared.contracts.beside import Combined, Merged, MergeReceived, MergeReverted, Rest, Unmerged
from shared.contracts.conversations import ConversationEvent, Head
from shared.errors import Conflict, FieldError, Invalid

MERGED_MAX = 20
"""Conversations that are part of one; more is no conversation any more, and each is read to show it."""
TITLE_CHARS = 200

Events = Sequence[ConversationEvent]


def title_of(head: Head) -> str:
    return shorten(head.subject or head.contact_name, TITLE_CHARS)


def decide_merge(
    merged: Conversation, kept: Conversation, context: Context, *, subject: str | None, merged_is_later: bool
) -> tuple[Events, Events]:
    """What happens to either. `subject` None: that of the kept one. `merged_is_later`: its customer wrote last, so an
    answer goes to whom it would have gone there."""
    _check(merged.head, kept.head, subject)
    gone, stays = Unfolding(merged), Unfolding(kept)
    gone.add(Merged, context, into_id=kept.head.id, title=title_of(kept.head), before=rest_of(merged.head))
    before = combined_of(kept.head)
    stays.add(
        MergeReceived,
        context,
        from_id=merged.head.id,
        title=title_of(merged.head),
        before=before,
        after=_together(kept.head.id, before, merged.head, subject, merged_is_later),
    )
    return gone.events, stays.events


def decide_unmerge(
    merged: Conversation, kept: Conversation, context: Context, how: Merged, brought: MergeReceived | None
) -> tuple[Events, Events]:
    """`how` it was merged; `brought` is what that did to the kept one, None when it was touched since."""
    if brought is None:
        raise Conflict(
            "touched_since", "Something has happened in the conversation since it was merged, so it stays as it is."
        )
    gone, stays = Unfolding(merged), Unfolding(kept)
    gone.add(Unmerged, context, into_id=kept.head.id, back=how.before)
    stays.add(MergeReverted, context, from_id=merged.head.id, after=brought.before)
    return gone.events, stays.events


def _check(merged: Head, kept: Head, subject: str | None) -> None:
    if merged.merged_into is not None:
        raise Conflict("already_merged", "This conversation is part of another one already.")
    if merged.id == kept.id or kept.id in merged.merged_ids:
        raise Invalid(
            "merged_into_itself",
            "Choose another conversation to merge this one into.",
            (FieldError("body.into_id", "is this conversation"),),
        )
    if merged.brand_id != kept.brand_id:
        raise _wrong("other_brand", "Only conversations of one brand can be merged.", "is another brand's")
    if merged.spam or kept.spam:
        raise Conflict("is_spam", "One of them is marked as spam. Take the mark off to merge them.")
    if merged.channel != kept.channel and merged.channel != "phone":
        raise _wrong(
            "other_channel",
            "Answers go out on the kept one's channel, where this customer would not get them. "
            "Only a phone call can be merged into another channel.",
            "is on another channel",
        )
    if kept.channel in ("chat", "custom") and merged.channel != "phone" and merged.handle.value != kept.handle.value:
        raise _wrong(
            "other_customer", "Answers reach only one of the two customers, so these cannot be merged.", "is another's"
        )
    if len(kept.merged_ids) + len(merged.merged_ids) + 1 > MERGED_MAX:
        raise Conflict("too_many_merged", f"At most {MERGED_MAX} conversations can be part of one.")
    if subject is not None and len(subject) > SUBJECT_CHARS:
        wrong = FieldError("body.subject", f"is longer than {SUBJECT_CHARS} characters")
        raise Invalid("subject_too_long", "Choose a shorter subject.", (wrong,))


def _wrong(code: str, message: str, field: str) -> Invalid:
    return Invalid(code, message, (FieldError("body.into_id", field),))


def rest_of(head: Head) -> Rest:
    return Rest(**{name: getattr(head, name) for name in Rest.model_fields})


def combined_of(head: Head) -> Combined:
    return Combined(**{name: getattr(head, name) for name in Combined.model_fields})


def _together(kept_id: str, kept: Combined, merged: Head, subject: str | None, merged_is_later: bool) -> Combined:
    """The kept one's own values first; where it has none, the other's. Lists hold both."""
    first, second = (merged, kept) if merged_is_later else (kept, merged)
    wakes = merged.status == "open" and kept.status != "open"
    waits = [one for one in (kept.waiting_since, merged.waiting_since) if one is not None]
    nobody = kept.team_id is None and kept.assignee_id is None
    sleeps = kept.status == "closed" and merged.status == "snoozed"
    status = "open" if wakes else "snoozed" if sleeps else kept.status
    known_attributes = {one.id for one in kept.attributes}
    known_links = {kept_id, *(one.id for one in kept.links)}
    answered = merged.channel == "email" and merged_is_later
    return Combined(
        subject=kept.subject if subject is None else " ".join(subject.split()),
        status=status,
        snoozed_until=(merged if sleeps else kept).snoozed_until if status == "snoozed" else None,
        closed_at=kept.closed_at if status == "closed" else None,
        waiting_since=min(waits) if waits and status != "closed" else None,
        first_reply_at=_first(kept.first_reply_at, merged.first_reply_at),
        priority=kept.priority or merged.priority,
        team_id=merged.team_id if nobody else kept.team_id,
        assignee_id=merged.assignee_id if nobody else kept.assignee_id,
        topic=kept.topic or merged.topic,
        tags=tuple(dict.fromkeys((*kept.tags, *merged.tags)))[:TAGS_MAX],
        attributes=tuple(
            sorted(
                (*kept.attributes, *(one for one in merged.attributes if one.id not in known_attributes)),
                key=lambda one: one.id,
            )
        ),
        links=(*kept.links, *(one for one in merged.links if one.id not in known_links))[:LINKS_MAX],
        mentioned=tuple(dict.fromkeys((*kept.mentioned, *merged.mentioned))),
        participants=merged.participants if answered else kept.participants,
        last_message_id=merged.last_message_id if answered else kept.last_message_id,
        references=merged.references if answered else kept.references,
        preview=first.preview or second.preview,
        preview_from=first.preview_from if first.preview else second.preview_from,
        message_count=kept.message_count + merged.message_count,
        call=kept.call or merged.call,
        sides=(*kept.sides, *merged.sides),
        merged_ids=(*kept.merged_ids, merged.id, *merged.merged_ids),
    )


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def taken_links(kept: Combined, after: Combined) -> list[str]:
    """Tickets and trackers that the kept one has by the merge alone."""
    known = {one.id for one in kept.links}
    return [one.id for one in after.links if one.id not in known and one.kind in ("ticket", "tracker")]
