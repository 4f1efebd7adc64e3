"""A conversation as routing knows it: followed by the heads in its events. Pure: time and ids are passed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from services.routing.assignment import Held
from services.routing.model.move import Moves, arrived, by_people, still_moving
from services.routing.model.wait import Fired, Wait
from services.routing.model.want import Offer, Want, turn_at, without_holder
from services.routing.rules.durations import read_duration
from services.routing.rules.facts import UNKNOWN, Moments
from services.routing.rules.names import name_of
from shared.contracts.automation import ActionRefused
from shared.contracts.base import Id, Time, Value
from shared.contracts.common import ConversationStatus
from shared.contracts.conversations import (
    Assigned,
    CallUpdated,
    ConversationEvent,
    ConversationStarted,
    Head,
    ReplySent,
)
from shared.contracts.routing import Trigger
from shared.scope import Standing

PENDING = timedelta(minutes=5)
"""How long our choice of an agent stands against a head that does not show it yet."""


class Row(Value):
    """A conversation as routing knows it. `seq` is this row's version, `head_seq` the conversation's,
    `decided_seq` our last decision's. `moves`: what we decided of its team and agent and its head does not show yet.
    `agent_id` holds it: as the head says, or as we decided and `pending_at` says when, as somebody was wanted
    (`pending_want`: whom to ask when tickets does not accept them); `offer`: they were given it by itself and are to
    answer it. `channel`, `team_id` and `created_by` say who may look. `open`: it counts as its agent's load. `last` is
    the last event seen.

    `head` is the conversation's as JSON, for what is asked of it later ("" until an event came), `moments` what it does
    not say. `waits` are rules that wait, `fired` those about time that have acted, `chain` the rules that acted since a
    person did something. `due_at`: when a rule is to be asked next, as the rules of the asking `asked` said."""

    id: Id
    seq: int = 0
    head_seq: int = 0
    decided_seq: int = 0
    brand_id: str
    channel: str = ""
    team_id: str | None = None
    created_by: str | None = None
    status: ConversationStatus = "open"
    open: bool = True
    agent_id: str | None = None
    assigned_seq: int = 0
    moves: Moves = ()
    pending_at: Time | None = None
    pending_decision: str | None = None
    pending_want: Want | None = None
    offer: Offer | None = None
    want: Want | None = None
    last: Trigger
    head: str = ""
    moments: Moments = UNKNOWN
    waits: tuple[Wait, ...] = ()
    fired: tuple[Fired, ...] = ()
    chain: tuple[Id, ...] = ()
    due_at: Time | None = None
    asked: int = 0


def follow(row: Row | None, event_id: str, event: ConversationEvent) -> Row:
    """The row after an event. An event that is not newer than the row changes nothing."""
    head = event.head
    if row is not None and event.seq <= row.head_seq:
        return row
    last = Trigger(event_id=event_id, event=name_of(event), seq=event.seq)
    before = row or Row(id=head.id, brand_id=head.brand_id, last=last)
    changes = {"head_seq": event.seq, "last": last, "status": head.status, "open": is_open(head)}
    where = {name: getattr(head, name) for name in ("brand_id", "channel", "team_id", "created_by")}
    moves = still_moving(before.moves, event, people=by_people(event, before.assigned_seq))
    want = _want(before, event, moves)
    held = _holder(before, event, moves) if want is None or want.instead_of is None else _nobody(event)
    # Of history, and of what a blocked sender began, nothing is asked later.
    live = bool(before.head) or not (event.imported or getattr(event, "quiet", False))
    now = {"head": head.model_dump_json() if live else "", "moments": _moments(before, event)}
    after = before.model_copy(update=changes | where | held | now | {"moves": moves, "want": want})
    offer = _offer(after, event)
    return after if offer is after.offer else after.model_copy(update={"offer": offer})


def _offer(row: Row, event: ConversationEvent) -> Offer | None:
    """Over once it is answered, put away, or somebody else's or another team's. It runs from when the conversation
    shows its agent."""
    offer, head = row.offer, event.head
    if offer is None or not row.open or row.agent_id != offer.agent_id or answers(event):
        return None
    if offer.due_at is not None and not offer.want.one_agent and head.team_id != offer.want.queue:
        return None
    if isinstance(event, Assigned) and event.by.kind == "agent":
        return None
    if offer.due_at is None and head.assignee_id == offer.agent_id:
        return offer.model_copy(update={"due_at": event.at + read_duration(offer.want.answer_within)})
    return offer


def answers(event: ConversationEvent) -> bool:
    """Whether an agent answered the customer: with a reply, or by taking the call."""
    if isinstance(event, CallUpdated):
        return event.step == "answered"
    return isinstance(event, ReplySent) and event.by.kind == "agent"


class Said(Protocol):
    """Of a message, what tells whose it is."""

    @property
    def direction(self) -> str: ...
    @property
    def automatic(self) -> str | None: ...


def moments_after(before: Moments, *, at: datetime, by: str, message: Said | None, moved: bool) -> Moments:
    """When the customer, an agent and the state last did something, after an event. What an automatic mail says is
    nobody's reply. `by`: which kind of actor; `moved`: its status is another than before, or it began."""
    changes = dict[str, object]()
    if message is not None and not message.automatic:
        if message.direction == "in":
            changes["customer_at"] = at
        elif by == "agent":
            changes["agent_at"] = at
    if moved:
        changes["state_at"] = at
    return before.model_copy(update=changes) if changes else before


def _moments(row: Row, event: ConversationEvent) -> Moments:
    moved = event.head.status != row.status or isinstance(event, ConversationStarted)
    message: Said | None = getattr(event, "message", None)
    return moments_after(row.moments, at=event.at, by=event.by.kind, message=message, moved=moved)


def standing(row: Row) -> Standing:
    """Where it stands, for who may look at its decisions."""
    return Standing(row.brand_id, row.channel, row.team_id, row.agent_id, row.created_by)


def is_open(head: Head) -> bool:
    return head.status == "open" and not head.spam


def _holder(row: Row, event: ConversationEvent, moves: Moves) -> dict[str, object]:
    head = event.head
    pending = {"pending_at": None, "pending_decision": None, "pending_want": None}
    as_head: dict[str, object] = {"agent_id": head.assignee_id, "assigned_seq": head.assigned_seq}
    if not any(one.decision_id == row.pending_decision for one in moves):
        return as_head | pending
    ours = event.decision_id == row.pending_decision
    if row.pending_at is not None and (ours or event.at - row.pending_at < PENDING):
        return {"assigned_seq": head.assigned_seq}
    # Too long on its way to hold a place; tickets, which was away, may still say what becomes of it.
    return as_head | {"pending_at": None}


def _nobody(event: ConversationEvent) -> dict[str, object]:
    """It counts to nobody while it waits for somebody instead of who is away."""
    pending = ("pending_at", "pending_decision", "pending_want")
    return {"agent_id": None, **dict.fromkeys(pending), "assigned_seq": event.head.assigned_seq}


def is_refused(row: Row, event: ConversationEvent) -> bool:
    """Whether tickets did not accept the agent whom we chose."""
    of_ours = row.pending_decision is not None and event.decision_id == row.pending_decision
    return of_ours and isinstance(event, ActionRefused) and event.action == "assign_agent"


def given_back(event: ConversationEvent) -> bool:
    """Whether tickets took it from an agent who left the desk, as nobody decided that."""
    by_itself = event.by.kind == "system" and event.decision_id is None
    return isinstance(event, Assigned) and event.head.assignee_id is None and by_itself


def lacks_its_team(want: Want, event: ConversationEvent) -> bool:
    """Whether tickets did not accept the team whose members are wanted."""
    of_it = event.decision_id == want.decision_id and not want.ready
    return of_it and isinstance(event, ActionRefused) and event.action == "assign_team"


def _want(row: Row, event: ConversationEvent, moves: Moves) -> Want | None:
    want, head = row.want, event.head
    if want is None or head.status == "closed" or head.spam or lacks_its_team(want, event):
        return None
    want = want.model_copy(update={"turn_at": turn_at(want.since, priority=head.priority)})
    if want.instead_of is not None:  # who is away has it until then, and nobody else
        if given_back(event) and head.team_id == want.queue:
            return without_holder(want)
        stays = head.assignee_id == want.instead_of and head.team_id == want.queue
        return want if stays and not isinstance(event, Assigned | ReplySent) else None
    if not _comes_to_it(row, want, event, moves):
        return None
    here = want.one_agent or head.team_id == want.queue
    return want.model_copy(update={"ready": here and (want.taken_from is None or head.assignee_id is None)})


def _comes_to_it(row: Row, want: Want, event: ConversationEvent, moves: Moves) -> bool:
    """Whether what it waits for is so, or on its way: its team, and from whom a rule took it that they have it no more.
    Where people were quicker, tickets drops what was on its way. Whom a rule named may have it by now."""
    then = arrived(moves, event.head)
    over = then.assignee_id == want.queue if want.one_agent else then.team_id != want.queue
    if over:
        return False
    if want.taken_from is not None:
        return then.assignee_id is None
    # Nobody has it, or still somebody whom it leaves when somebody else is found.
    return then.assignee_id in (None, row.agent_id) or not by_people(event, row.assigned_seq)


def holder(row: Row) -> str | None:
    """The agent whose load it counts to."""
    return row.agent_id if row.open else None


def held(row: Row) -> Held | None:
    """Whose load it counts to, and as what."""
    agent_id = holder(row)
    return Held(agent_id, row.channel) if agent_id else None


def frees(before: Row | None, after: Row) -> bool:
    """Whether something that waits may get an agent now: a place came free, or this one began to wait."""
    freed = before is not None and holder(before) is not None and holder(before) != holder(after)
    return freed or (after.open and after.want is not None and after.want.ready)
