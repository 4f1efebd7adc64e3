"""What agents do to a conversation without writing: assign, snooze, close, tag, and the like.

A command that asks for what is so already makes no event and is no error: a double click is harmless.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.tickets.model.evolve import Unfolding
from services.tickets.model.state import SYSTEM, Context, Conversation, Desk
from shared.contracts.conversations import (
    Assigned,
    Closed,
    ConversationEvent,
    Head,
    PriorityChanged,
    Reopened,
    Snoozed,
    SpamMarked,
    SpamUnmarked,
    Tagged,
    TopicChanged,
    Woken,
)
from shared.errors import Conflict, FieldError, Forbidden, Invalid

SNOOZE_MAX = timedelta(days=730)
TAG_CHARS = 50
TAGS_MAX = 50

Events = Sequence[ConversationEvent]


def _one(state: Conversation, kind: type[ConversationEvent], context: Context, **fields: Any) -> Events:
    unfolding = Unfolding(state)
    unfolding.add(kind, context, **fields)
    return unfolding.events


def decide_assign(
    state: Conversation,
    context: Context,
    desk: Desk,
    *,
    team_id: str | None,
    assignee_id: str | None,
    may_assign_others: bool,
) -> Events:
    """Agents may take what nobody has and hand over their own; leads may assign anything (AG2)."""
    head = state.head
    if (team_id, assignee_id) == (head.team_id, head.assignee_id):
        return []
    me = context.by.id
    if not may_assign_others and head.assignee_id != me:
        if head.assignee_id is not None:
            raise Forbidden("assigned_to_other", "Somebody else has this conversation. A team lead can reassign it.")
        if assignee_id != me:
            raise Forbidden(
                "may_only_take", "You may take this conversation yourself. A team lead can assign it to others."
            )
    if team_id is not None and team_id not in desk.teams:
        raise Invalid("unknown_team", "There is no such team.", (FieldError("body.team_id", "is not a team"),))
    if assignee_id is not None and assignee_id != head.assignee_id:
        _check_assignee(head, desk, assignee_id)
    return _one(
        state,
        Assigned,
        context,
        team_id=team_id,
        assignee_id=assignee_id,
        previous_team_id=head.team_id,
        previous_assignee_id=head.assignee_id,
    )


def _check_assignee(head: Head, desk: Desk, assignee_id: str) -> None:
    agent = desk.active(assignee_id)
    if agent is None:
        raise Invalid(
            "unknown_agent", "There is no such active agent.", (FieldError("body.assignee_id", "is not an agent"),)
        )
    if agent.brand_ids and head.brand_id not in agent.brand_ids:
        raise Invalid(
            "agent_outside_brand",
            f"{agent.name} does not work for this brand.",
            (FieldError("body.assignee_id", "does not see this brand"),),
        )


def check_snooze(head: Head, until: datetime, now: datetime) -> None:
    """Raises Conflict or Invalid when a conversation can't sleep until then."""
    if head.status == "closed":
        raise Conflict("closed", "This conversation is closed. Reopen it to snooze it.")
    check_snooze_time(until, now)


def check_snooze_time(until: datetime, now: datetime, path: str = "body.until") -> None:
    """Raises Invalid, naming `path`, when no conversation can sleep until then."""
    if not now < until <= now + SNOOZE_MAX:
        raise Invalid(
            "bad_snooze_time",
            "Snooze until a time that is still to come, within two years.",
            (FieldError(path, "is not within the next two years"),),
        )


def decide_snooze(state: Conversation, context: Context, *, until: datetime) -> Events:
    check_snooze(state.head, until, context.now)
    if state.head.snoozed_until == until:
        return []
    return _one(state, Snoozed, context, until=until)


def decide_wake(state: Conversation, context: Context) -> Events:
    return _one(state, Woken, context, reason="agent") if state.head.status == "snoozed" else []


def decide_due(state: Conversation, context: Context) -> Events:
    """The snooze's time came. It may have been ended or moved meanwhile: then nothing happens."""
    until = state.head.snoozed_until
    if state.head.status != "snoozed" or until is None or until > context.now:
        return []
    return _one(state, Woken, context.as_(SYSTEM), reason="time")


def decide_close(state: Conversation, context: Context) -> Events:
    return [] if state.head.status == "closed" else _one(state, Closed, context)


def decide_reopen(state: Conversation, context: Context) -> Events:
    if state.head.status == "snoozed":
        raise Conflict("snoozed", "This conversation is snoozed, not closed. Wake it instead.")
    return _one(state, Reopened, context) if state.head.status == "closed" else []


def decide_tags(state: Conversation, context: Context, *, add: Sequence[str], remove: Sequence[str]) -> Events:
    """Tags are compared in lower case; those there already, or not there, are passed over."""
    tags = state.head.tags
    removed = tuple(tag for tag in dict.fromkeys(map(_plain_tag, remove)) if tag in tags)
    added = tuple(tag for tag in check_tags(add) if tag not in tags)
    if len(tags) + len(added) - len(removed) > TAGS_MAX:
        raise Invalid("too_many_tags", f"A conversation has at most {TAGS_MAX} tags.")
    if not added and not removed:
        return []
    return _one(state, Tagged, context, added=added, removed=removed)


def _plain_tag(tag: str) -> str:
    return " ".join(unicodedata.normalize("NFC", tag).split()).lower()


def check_tags(tags: Iterable[str], path: str = "body.add") -> list[str]:
    """As they are kept. Raises Invalid, naming the place beneath `path`, for what cannot be a tag."""
    clean: dict[str, None] = {}
    for index, tag in enumerate(tags):
        plain = _plain_tag(tag)
        if not plain or len(plain) > TAG_CHARS or any(unicodedata.category(one).startswith("C") for one in plain):
            raise Invalid(
                "bad_tag",
                f"A tag is 1 to {TAG_CHARS} visible characters.",
                (FieldError(f"{path}.{index}", f"is not 1 to {TAG_CHARS} visible characters"),),
            )
        clean[plain] = None
    return list(clean)


def decide_topic(state: Conversation, context: Context, desk: Desk, *, topic: str | None) -> Events:
    """One of the brand's topics, or none."""
    if topic == state.head.topic:
        return []
    brand = desk.brands.get(state.head.brand_id)
    if topic is not None and (brand is None or topic not in brand.topics):
        raise Invalid(
            "unknown_topic", "Choose one of the brand's topics.", (FieldError("body.topic", "is not the brand's"),)
        )
    return _one(state, TopicChanged, context, topic=topic)


def decide_priority(state: Conversation, context: Context, *, priority: bool) -> Events:
    return [] if priority == state.head.priority else _one(state, PriorityChanged, context, priority=priority)


def decide_spam(state: Conversation, context: Context, *, spam: bool) -> Events:
    if spam == state.head.spam:
        return []
    return _one(state, SpamMarked, context) if spam else _one(state, SpamUnmarked, context)
