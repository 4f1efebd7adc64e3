"""Back-office tickets and trackers: what may be done to one, and the ticket after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.tickets.model.state import Context, Desk
from services.tickets.model.text import PREVIEW_CHARS, shorten
from services.tickets.model.ticket_form import Entered, Moment, check_form, retired, values
from shared.contracts import tickets as t
from shared.contracts.directory import TicketTypeChanged
from shared.contracts.tickets import TicketEvent, TicketHead, TicketState
from shared.errors import Conflict, FieldError, Invalid

TITLE_CHARS = 200
CHOSEN_MAX = 500
DUE_MAX = timedelta(days=730)

Events = Sequence[TicketEvent]


@dataclass(frozen=True, slots=True)
class Submit:
    """A new ticket. `title` "" takes the type's name and which one; the contact is whom it is about, when known."""

    ticket_id: str
    number: int
    brand_id: str | None
    title: str
    fields: Entered
    contact_id: str | None = None
    contact_name: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What is told to everybody who reported something, and whose customers are answered with it."""

    entry_id: str
    text: str
    html: str
    reply: str = "none"
    conversation_ids: tuple[str, ...] = ()


def type_of(desk: Desk, type_id: str) -> TicketTypeChanged:
    """Raises Invalid for one that is not there any more."""
    found = desk.ticket_types.get(type_id)
    if found is None:
        raise Invalid(
            "unknown_ticket_type", "There is no such ticket type.", (FieldError("body.type_id", "is not a type"),)
        )
    return found


def decide_submit(command: Submit, type_: TicketTypeChanged, context: Context) -> Events:
    """Raises Invalid when the type is retired or the form is not right."""
    if not type_.active:
        raise Invalid(
            "retired_ticket_type",
            f"{type_.name} tickets are not made any more. Choose another type.",
            (FieldError("body.type_id", "is retired"),),
        )
    fields = check_form(type_, command.fields, "to_submit")
    head = TicketHead(
        id=command.ticket_id,
        seq=1,
        number=command.number,
        kind=type_.kind,
        type_id=type_.type_id,
        brand_id=command.brand_id,
        title=_title(command.title) or _usual_title(type_, fields),
        state="submitted",
        fields=fields,
        contact_id=command.contact_id,
        contact_name=command.contact_name,
        team_id=type_.team_id,
        created_by=context.by.id or None,
        created_at=context.now,
        updated_at=context.now,
        state_since=context.now,
        due_at=_due(command.due_at, context) if command.due_at else _due_by(type_, context.now),
    )
    return [t.TicketSubmitted(ticket_id=head.id, seq=1, at=context.now, by=context.by, head=head)]


def _usual_title(type_: TicketTypeChanged, fields: tuple[t.TicketField, ...]) -> str:
    """What it is, and which one: "Refund 1001"."""
    which = values(fields).get(type_.one_per[0]) if type_.one_per else None
    return _title(f"{type_.name} {which}" if which else type_.name)


def _title(text: str) -> str:
    return shorten(text, TITLE_CHARS)


def _due_by(type_: TicketTypeChanged, now: datetime) -> datetime | None:
    return now + timedelta(hours=type_.due_hours) if type_.due_hours else None


def _due(due_at: datetime, context: Context) -> datetime:
    if not context.now - timedelta(days=1) < due_at <= context.now + DUE_MAX:
        raise Invalid(
            "bad_due_time",
            "Choose a due time within the next two years.",
            (FieldError("body.due_at", "is not within the next two years"),),
        )
    return due_at


def decide_state(
    head: TicketHead, type_: TicketTypeChanged, context: Context, *, state: TicketState, fields: Entered | None = None
) -> Events:
    """Move it. `fields` are entered with it, such as how it turned out; all that resolving needs must be there. What
    its type asks for no more stays as it is."""
    left = retired(type_, head.fields)
    known = {id_: value for id_, value in values(head.fields).items() if id_ not in values(left)}
    moment: Moment = "to_resolve" if state == "resolved" else "to_submit"
    checked = check_form(type_, {**known, **(fields or {})}, moment) + left
    events: list[TicketEvent] = []
    if values(checked) != values(head.fields):
        events += _fields_changed(head, head.title, checked, context)
        head = events[-1].head
    if state != head.state:
        events += one_event(head, t.TicketStateChanged, context, state=state, previous_state=head.state)
    return events


def decide_fields(
    head: TicketHead, type_: TicketTypeChanged, context: Context, *, title: str, fields: Entered
) -> Events:
    """`fields` are all that the form has; what its type asks for no more stays as it is."""
    moment: Moment = "to_resolve" if head.state == "resolved" else "to_submit"
    checked = check_form(type_, fields, moment) + retired(type_, head.fields)
    title = _title(title) or head.title
    if values(checked) == values(head.fields) and title == head.title:
        return []
    return _fields_changed(head, title, checked, context)


def _fields_changed(head: TicketHead, title: str, fields: tuple[t.TicketField, ...], context: Context) -> Events:
    before, after = values(head.fields), values(fields)
    changed = sorted(id_ for id_ in {*before, *after} if before.get(id_) != after.get(id_))
    return one_event(head, t.TicketFieldsChanged, context, title=title, fields=fields, changed=tuple(changed))


def decide_assign(
    head: TicketHead, context: Context, desk: Desk, *, team_id: str | None, assignee_id: str | None
) -> Events:
    if (team_id, assignee_id) == (head.team_id, head.assignee_id):
        return []
    if team_id is not None and team_id not in desk.teams:
        raise Invalid("unknown_team", "There is no such team.", (FieldError("body.team_id", "is not a team"),))
    if assignee_id is not None and assignee_id != head.assignee_id:
        agent = desk.active(assignee_id)
        if agent is None or (agent.brand_ids and head.brand_id not in (None, *agent.brand_ids)):
            raise Invalid(
                "unknown_agent",
                "There is no such active colleague who works for this brand.",
                (FieldError("body.assignee_id", "is not a colleague who works for this brand"),),
            )
    previous = {"previous_team_id": head.team_id, "previous_assignee_id": head.assignee_id}
    return one_event(head, t.TicketAssigned, context, team_id=team_id, assignee_id=assignee_id, **previous)


def decide_due(head: TicketHead, context: Context, *, due_at: datetime | None) -> Events:
    if due_at == head.due_at:
        return []
    return one_event(head, t.TicketDueChanged, context, due_at=_due(due_at, context) if due_at else None)


def decide_comment(head: TicketHead, context: Context, *, entry_id: str, text: str, html: str) -> Events:
    if not text.strip():
        raise Invalid("empty_comment", "Write something.", (FieldError("body.html", "is empty"),))
    return one_event(head, t.TicketCommented, context, entry_id=entry_id, text=text, html=html)


def decide_linked(head: TicketHead, context: Context, *, conversation_id: str) -> Events:
    return one_event(head, t.TicketLinked, context, conversation_id=conversation_id)


def decide_unlinked(head: TicketHead, context: Context, *, conversation_id: str) -> Events:
    return one_event(head, t.TicketUnlinked, context, conversation_id=conversation_id)


def decide_update(head: TicketHead, context: Context, news: News) -> Events:
    """News for the linked conversations. Only a tracker has them: one customer's ticket is answered in its
    conversation."""
    if head.kind != "tracker":
        raise Conflict("not_a_tracker", "Updates are posted on trackers. Answer in the ticket's conversation instead.")
    if not news.text.strip():
        raise Invalid("empty_update", "Write what is new.", (FieldError("body.html", "is empty"),))
    if news.reply == "chosen" and not 0 < len(news.conversation_ids) <= CHOSEN_MAX:
        raise Invalid(
            "nobody_chosen",
            f"Choose 1 to {CHOSEN_MAX} conversations to answer.",
            (FieldError("body.conversation_ids", "names nobody, or too many"),),
        )
    chosen = news.conversation_ids if news.reply == "chosen" else ()
    fields = {"entry_id": news.entry_id, "text": news.text, "html": news.html, "reply": news.reply}
    return one_event(head, t.UpdatePosted, context, conversation_ids=chosen, **fields)


# ── what follows from an event ───────────────────────────────────────────────────────────────────
def one_event(head: TicketHead, kind: type[TicketEvent], context: Context, **fields: Any) -> Events:
    """The event, with the ticket after it."""
    event = kind(ticket_id=head.id, seq=head.seq + 1, at=context.now, by=context.by, head=head, **fields)
    return [event.model_copy(update={"head": evolve_ticket(head, event)})]


def evolve_ticket(head: TicketHead | None, event: TicketEvent) -> TicketHead:
    """The ticket after `event`, told from the event's own fields; the first one brings its head along."""
    if isinstance(event, t.TicketSubmitted):
        return event.head
    if head is None:
        raise ValueError(f"{type(event).__name__} before TicketSubmitted")
    changes = _CHANGES[type(event)](head, event)
    # What only time did brings no ticket to the top of the list.
    updated_at = head.updated_at if isinstance(event, t.TicketSlaUpdated) else event.at
    return head.model_copy(update={**changes, "seq": event.seq, "updated_at": updated_at})


def due_by(head: TicketHead) -> datetime | None:
    """What comes first: the time that it was promised by, or its service level's."""
    times = [at for at in (head.due_at, head.sla.due_at if head.sla else None) if at is not None]
    return min(times, default=None)


def _moved(head: TicketHead, event: t.TicketStateChanged) -> dict[str, Any]:
    spent_s = max(0.0, (event.at - head.state_since).total_seconds())
    spent = {one.state: one.seconds for one in head.time_in}
    spent[head.state] = spent.get(head.state, 0.0) + spent_s
    return {
        "state": event.state,
        "state_since": event.at,
        "time_in": tuple(t.TimeIn(state=state, seconds=seconds) for state, seconds in spent.items()),
        "resolved_at": event.at if event.state == "resolved" else None,
    }


def _sla(_: TicketHead, event: t.TicketSlaUpdated) -> dict[str, Any]:
    stands = event.change not in ("met", "ended")
    return {"sla": event.target if stands else None, "sla_seq": event.sla_seq}


def _commented(head: TicketHead, event: t.TicketCommented) -> dict[str, Any]:
    return {"comment_count": head.comment_count + 1, "last_comment": shorten(event.text, PREVIEW_CHARS)}


_CHANGES: dict[type[TicketEvent], Callable[[TicketHead, Any], dict[str, Any]]] = {
    t.TicketStateChanged: _moved,
    t.TicketAssigned: lambda _, event: {"team_id": event.team_id, "assignee_id": event.assignee_id},
    t.TicketFieldsChanged: lambda _, event: {"title": event.title, "fields": event.fields},
    t.TicketDueChanged: lambda _, event: {"due_at": event.due_at},
    t.TicketCommented: _commented,
    t.TicketLinked: lambda head, _: {"report_count": head.report_count + 1},
    t.TicketUnlinked: lambda head, _: {"report_count": head.report_count - 1},
    t.UpdatePosted: lambda _, event: {"last_comment": shorten(event.text, PREVIEW_CHARS)},
    t.TicketSlaUpdated: _sla,
}
