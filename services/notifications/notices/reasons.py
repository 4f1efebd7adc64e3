"""Who is to be told of an event, and what (NT2). Pure: whether they may see it is asked of their scope.

Nobody is told of what they did themselves, nor twice of one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.contracts.automation import AlertRaised
from shared.contracts.base import Event
from shared.contracts.common import Actor, Call
from shared.contracts.conversations import (
    Assigned,
    CallUpdated,
    ConversationEvent,
    ConversationStarted,
    CustomerReplied,
    Head,
    LinkProgressed,
    NoteAdded,
)
from shared.contracts.notices import Notice, NoticeKind
from shared.contracts.tickets import (
    TicketAssigned,
    TicketCommented,
    TicketEvent,
    TicketHead,
    TicketState,
    TicketStateChanged,
    TicketSubmitted,
    UpdatePosted,
)
from shared.ids import derived

EXCERPT_CHARS = 160
TITLE_CHARS = 200

STATE_WORDS: dict[TicketState, str] = {
    "submitted": "Submitted",
    "in_progress": "In progress",
    "waiting_on_customer": "Waiting on customer",
    "resolved": "Resolved",
}

Members = Callable[[str], Iterable[str]]
"""A team's id → its members' ids."""
Leads = Callable[[str | None], Iterable[str]]
"""A team's id → those of it who may assign others' conversations; of none: everybody who may."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One agent to be told. `of` is what makes it one thing: told of it once, whichever event says so first."""

    agent_id: str
    of: tuple[str, ...]
    notice: Notice


def tellings(
    event_id: str,
    event: Event,
    members: Members,
    *,
    agent_of: Callable[[str], str | None],
    leads: Leads = lambda _: (),
) -> list[Telling]:
    """Everybody who is to be told of this event. `agent_of` finds an agent by the address that the phone system has."""
    match event:
        case AlertRaised() if not event.imported:
            about = ("alert", event.alert_id)
            return [_telling(event, one, "alert", about, event.text) for one in _alerted(event, members, leads)]
        case ConversationEvent() if not event.imported:
            return _of_conversation(event_id, event, members, agent_of)
        case TicketEvent():
            return _of_ticket(event)
    return []


def _of_conversation(
    event_id: str, event: ConversationEvent, members: Members, agent_of: Callable[[str], str | None]
) -> list[Telling]:
    head, of = event.head, (event_id,)
    match event:
        case NoteAdded():
            in_teams = {agent_id for team_id in event.teams for agent_id in members(team_id)}
            kinds = {one: _mention_kind(event, one, in_teams) for one in event.mentions if not _did(event.by, one)}
            return [_telling(event, one, kind, of, event.text) for one, kind in kinds.items()]
        case Assigned() if event.assignee_id and event.assignee_id != event.previous_assignee_id:
            return _only(event, event.assignee_id, "assigned", of, head.preview)
        case CustomerReplied() if not (event.quiet or head.spam or event.message.automatic):
            said = event.message.text or head.preview
            return [_telling(event, one, "reply", of, said) for one in _concerned(head)]
        case LinkProgressed() if event.link.kind in ("ticket", "tracker"):
            about = ("ticket", event.link.id, str(event.link.seq))
            state = STATE_WORDS[event.link.state] if event.link.state else ""
            said = f"{event.link.title}: {event.text or state}"
            return _only(event, _whose(head), "ticket", about, said, ticket_id=event.link.id)
        case CallUpdated() if event.step in ("ended", "voicemail") and _missed(event.call):
            return _missed_call(event, event.call, agent_of)
        case ConversationStarted() if event.call and _missed(event.call):
            return _missed_call(event, event.call, agent_of)
    return []


def _of_ticket(event: TicketEvent) -> list[Telling]:
    head, of = event.head, ("ticket", event.ticket_id, str(event.seq))
    told: list[tuple[str | None, NoticeKind, str]] = []
    both = (head.assignee_id, head.created_by)
    match event:
        case TicketSubmitted():
            told = [(head.assignee_id, "assigned", "")]
        case TicketAssigned() if event.assignee_id != event.previous_assignee_id:
            told = [(event.assignee_id, "assigned", "")]
        case TicketStateChanged():
            told = [(one, "ticket", STATE_WORDS[event.state]) for one in both]
        case TicketCommented() | UpdatePosted():
            told = [(one, "ticket", event.text) for one in both]
    agents = {agent_id: (kind, said) for agent_id, kind, said in told if agent_id and not _did(event.by, agent_id)}
    return [_ticket_telling(event, head, one, kind, of, said) for one, (kind, said) in agents.items()]


def _alerted(event: AlertRaised, members: Members, leads: Leads) -> list[str]:
    """Each once."""
    head, told = event.head, [*event.agent_ids]
    for team_id in event.team_ids:
        told += members(team_id)
    if "assignee" in event.to and head.assignee_id:
        told.append(head.assignee_id)
    if "followers" in event.to:
        told += head.followers
    if "team" in event.to and head.team_id:
        told += members(head.team_id)
    if "leads" in event.to:
        told += leads(head.team_id)
    return list(dict.fromkeys(told))


def _only(
    event: ConversationEvent, agent_id: str | None, kind: NoticeKind, of: tuple[str, ...], said: str, **more: str
) -> list[Telling]:
    return [_telling(event, agent_id, kind, of, said, **more)] if agent_id and not _did(event.by, agent_id) else []


def _whose(head: Head) -> str | None:
    """Whose conversation it is: its assignee's; while it has none, that of who began it."""
    return head.assignee_id or head.created_by


def _concerned(head: Head) -> list[str]:
    """Whose it is and who follows it, each once."""
    followers: tuple[str, ...] = head.followers
    return [one for one in dict.fromkeys((_whose(head), *followers)) if one]


def _missed_call(event: ConversationEvent, call: Call, agent_of: Callable[[str], str | None]) -> list[Telling]:
    """Its assignee, or whom it rang, when it was one agent's own line."""
    whose = event.head.assignee_id or (agent_of(call.agent_email) if call.agent_email else None)
    said = "Left a voicemail" if call.voicemail_url else ""
    return _only(event, whose, "call_missed", ("call", event.conversation_id, call.call_id), said)


def _missed(call: Call) -> bool:
    return call.direction == "inbound" and call.state == "ended" and call.answered_at is None


def _mention_kind(event: NoteAdded, agent_id: str, in_teams: set[str]) -> NoticeKind:
    """By name when the note names them, however many of their teams it names too."""
    return "team_mention" if agent_id in in_teams and f'data-id="{agent_id}"' not in event.html else "mention"


def _did(by: Actor, agent_id: str) -> bool:
    return by.kind == "agent" and by.id == agent_id


def notice_id(of: tuple[str, ...], agent_id: str) -> str:
    return derived("notice", agent_id, *of)


def _telling(
    event: ConversationEvent,
    agent_id: str,
    kind: NoticeKind,
    of: tuple[str, ...],
    said: str,
    ticket_id: str | None = None,
) -> Telling:
    head = event.head
    notice = Notice(
        id=notice_id(of, agent_id),
        kind=kind,
        at=event.at,
        by=event.by,
        conversation_id=event.conversation_id,
        ticket_id=ticket_id,
        title=head.subject[:TITLE_CHARS],
        contact_name=(head.contact_name or head.handle.value)[:TITLE_CHARS],
        excerpt=_excerpt(said),
        brand_id=head.brand_id,
        channel=head.channel,
        team_id=head.team_id,
        assignee_id=head.assignee_id,
        created_by=head.created_by,
    )
    return Telling(agent_id, of, notice)


def _ticket_telling(
    event: TicketEvent, head: TicketHead, agent_id: str, kind: NoticeKind, of: tuple[str, ...], said: str
) -> Telling:
    notice = Notice(
        id=notice_id(of, agent_id),
        kind=kind,
        at=event.at,
        by=event.by,
        ticket_id=event.ticket_id,
        title=f"#{head.number} {head.title}"[:TITLE_CHARS],
        contact_name=head.contact_name[:TITLE_CHARS],
        excerpt=_excerpt(said),
        brand_id=head.brand_id or "",
    )
    return Telling(agent_id, of, notice)


def _excerpt(text: str) -> str:
    words = " ".join(text[: 4 * EXCERPT_CHARS].split())
    return words if len(words) <= EXCERPT_CHARS else words[: EXCERPT_CHARS - 1] + "…"
