"""What is given to an agent by itself and has to be answered in time, and what happens when it is not. Pure."""

from __future__ import annotations

from datetime import datetime

from services.routing.model.conversation import Row
from services.routing.model.plan import Plan
from services.routing.model.want import Offer, Want
from services.routing.rules.durations import read_duration

NOT_ANSWERED = "NotAnswered"
"""What made routing look, where an agent did not answer in time: no event."""


def given(
    want: Want, agent_id: str, team_id: str | None, known_as: str, decision_id: str, now: datetime
) -> dict[str, object]:
    """What changes in a row when an agent was found; `team_id`: as whose member, None for the one it waited for;
    `known_as`: as whom the directory named them."""
    return {
        "agent_id": agent_id,
        "pending_at": now,
        "pending_decision": decision_id,
        "pending_want": want.model_copy(update={"refused": (*want.refused, known_as)}),
        "want": None,
        "offer": Offer(want=as_offered(want, team_id), agent_id=agent_id) if want.answer_within else None,
    }


def as_offered(want: Want, team_id: str | None) -> Want:
    """What others are asked when this one does not answer; of the team that has it by then."""
    changes: dict[str, object] = {"instead_of": None, "late": False, "ready": True, "rule": None}
    if team_id is not None and team_id != want.queue:
        changes |= {"queue": team_id, "overflow_team": None, "overflow_at": None}
    return want.model_copy(update=changes)


def unanswered(row: Row, at: datetime) -> bool:
    """Whether its agent had the time to answer, and nobody is asked for it otherwise."""
    offer = row.offer
    return offer is not None and offer.due_at is not None and offer.due_at <= at and row.open and row.want is None


def ask_others(row: Row, offer: Offer, *, decision_id: str, now: datetime) -> tuple[Row, Plan]:
    """It is offered to others. Who had it is asked last from now on, and keeps it if there is nobody else."""
    want = offer.want.model_copy(
        update={
            "decision_id": decision_id,
            "instead_of": offer.agent_id,
            "late": True,
            "since": now,
            "last": (*(one for one in offer.want.last if one != offer.agent_id), offer.agent_id),
        }
    )
    waiting = offer.model_copy(update={"due_at": None})
    return row.model_copy(update={"want": want, "offer": waiting}), Plan(decision_id, (), want, (), want.chain)


def kept(row: Row, want: Want, now: datetime) -> Row:
    """Nobody else can take it: it stays, and others are asked again after as long. That is told once."""
    if row.offer is None or want.answer_within is None:
        return row.model_copy(update={"want": None})
    due_at = now + read_duration(want.answer_within)
    offer = row.offer.model_copy(update={"due_at": due_at, "stays": True})
    first = min(due_at, row.due_at) if row.due_at else due_at
    return row.model_copy(update={"want": None, "offer": offer, "due_at": first})
