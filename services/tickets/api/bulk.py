"""One action on many conversations at once: begun and looked at here, carried out by `services/tickets/bulk.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi import Query as QueryParam
from pydantic import BaseModel, Field

from services.tickets.api.changes import Tags
from services.tickets.api.context import CurrentTickets, IdempotencyKey, Tickets, command_id, in_utc
from services.tickets.api.narrowing import Narrowed
from services.tickets.model.changes import check_snooze_time, check_tags
from services.tickets.store.bulk import RUNNING_MAX, Item
from services.tickets.store.inboxes import find_ids
from shared import ids
from shared.access import CurrentViewer, Viewer
from shared.contracts.base import Time
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.http import Body
from shared.mongo import Document

router = APIRouter(prefix="/bulk", tags=["bulk"])

MOST = 10_000
"""Conversations of one action."""
FAILURES_TOLD = 200
"""With the job itself; the rest by GET …/results."""

Ids = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(max_length=2 * MOST)]
JobId = Annotated[str, Path(max_length=100)]
Outcome = Literal["changed", "unchanged", "failed"]


class Plain(Body):
    kind: Literal["close", "reopen", "wake"]


class Snooze(Body):
    kind: Literal["snooze"]
    until: Time


class ChangeTags(Body):
    kind: Literal["tags"]
    add: Tags = ()
    remove: Tags = ()


class Assign(Body):
    """What is not named stays as it is; null means nobody."""

    kind: Literal["assign"]
    team_id: str | None = None
    assignee_id: str | None = None


class Priority(Body):
    kind: Literal["priority"]
    priority: bool


class Spam(Body):
    kind: Literal["spam"]
    spam: bool


Action = Annotated[Plain | Snooze | ChangeTags | Assign | Priority | Spam, Field(discriminator="kind")]


class BulkBody(Body):
    """Either `ids`, or all of a list by its `filter`, but for `without_ids`."""

    action: Action
    ids: Ids | None = None
    filter: Narrowed | None = None
    without_ids: Ids = ()


class Failure(BaseModel):
    """`code` and `message` as the single action would have answered."""

    conversation_id: str
    code: str
    message: str


class Job(BaseModel):
    """`done` of `total` have been looked at. `failures`: the first 200. `can_undo`: finished, and something changed."""

    id: str
    action: dict[str, Any]
    state: Literal["running", "finished"]
    total: int
    done: int
    changed: int
    unchanged: int
    failed: int
    failures: list[Failure]
    can_undo: bool
    undo_of: str | None
    created_at: datetime
    finished_at: datetime | None


class Jobs(BaseModel):
    """Latest first."""

    items: list[Job]


class ItemResult(BaseModel):
    n: int
    conversation_id: str
    outcome: Outcome
    code: str = ""
    message: str = ""


class Results(BaseModel):
    """In the order that the conversations were given in; `next_after` asks for what follows, once it is done."""

    items: list[ItemResult]
    next_after: int | None


@router.post("", status_code=202)
async def begin(
    body: BulkBody, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> Job:
    """Do the same to many conversations: each as if by itself, with the agent's own permissions, and what became of
    each is kept. At most 10,000."""
    viewer.need("conversations.edit")
    action = _action(body, tickets)
    items = [Item(id_) for id_ in await _chosen(body, viewer, tickets)]
    if not items:
        raise Invalid("nothing_chosen", "There is no conversation to do this to.", (FieldError("body", "is empty"),))
    return await _begin(tickets, viewer, idempotency_key, action, items)


@router.get("")
async def latest(viewer: CurrentViewer, tickets: CurrentTickets) -> Jobs:
    """The viewer's last ten."""
    viewer.need("conversations.edit")
    rows = await tickets.store.bulk.latest(viewer.agent_id, 10)
    return Jobs(items=[job_of(row, []) for row in rows])


@router.get("/{job_id}")
async def job(job_id: JobId, viewer: CurrentViewer, tickets: CurrentTickets) -> Job:
    """How far it is, and what failed why."""
    viewer.need("conversations.edit")
    row = await _own(job_id, viewer, tickets)
    return job_of(row, await _failures(tickets, row))


@router.get("/{job_id}/results")
async def results(
    job_id: JobId,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    outcome: Outcome | None = None,
    after: Annotated[int, QueryParam(ge=0, le=MOST)] = 0,
    limit: Annotated[int, QueryParam(ge=1, le=1000)] = 200,
) -> Results:
    """What became of each conversation so far."""
    viewer.need("conversations.edit")
    await _own(job_id, viewer, tickets)
    found = await tickets.store.bulk.results(job_id, outcome=outcome, after=after, limit=limit)
    items = [ItemResult.model_validate({k: v for k, v in one.items() if k != "undo"}) for one in found]
    return Results(items=items, next_after=items[-1].n + 1 if len(items) == limit else None)


@router.post("/{job_id}/undo", status_code=202)
async def undo(
    job_id: JobId, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> Job:
    """Take back what it changed, conversation by conversation; what somebody changed since may refuse."""
    viewer.need("conversations.edit")
    row = await _own(job_id, viewer, tickets)
    if "finished_at" not in row:
        raise Conflict("still_running", "This is still being done. Take it back when it is finished.")
    if row.get("undone_by"):
        raise Conflict("undone", "This was taken back already.")
    changed = await tickets.store.bulk.results(job_id, outcome="changed", after=0, limit=MOST)
    items = [Item(one["conversation_id"], one["undo"]) for one in changed if one.get("undo")]
    if not items:
        raise Conflict("nothing_to_undo", "It changed nothing that could be taken back.")
    return await _begin(tickets, viewer, idempotency_key, {"kind": "undo"}, items, undo_of=job_id)


async def _begin(
    tickets: Tickets,
    viewer: Viewer,
    key: str | None,
    action: dict[str, Any],
    items: list[Item],
    undo_of: str | None = None,
) -> Job:
    if await tickets.store.bulk.running(viewer.agent_id) >= RUNNING_MAX:
        raise Conflict("too_many_running", f"{RUNNING_MAX} of yours are still being done. Wait for one of them.")
    wanted = {
        "_id": ids.derived("bulk", command_id(viewer, key)),
        "agent_id": viewer.agent_id,
        "agent_name": viewer.name,
        "action": action,
        "undo_of": undo_of,
        "created_at": in_utc(tickets.store.clock()),
    }
    row = await tickets.store.bulk.begin(wanted, items)
    return job_of(row, await _failures(tickets, row))


def _action(body: BulkBody, tickets: Tickets) -> dict[str, Any]:
    """As the job keeps it. What no conversation could take is refused now rather than ten thousand times."""
    action: dict[str, Any] = body.action.model_dump(exclude_unset=True)
    match body.action:
        case Snooze(until=until):
            action["until"] = in_utc(until)
            check_snooze_time(action["until"], tickets.store.clock(), "body.action.until")
        case ChangeTags(add=add, remove=remove):
            check_tags(add, "body.action.add")
            action |= {"add": list(add), "remove": list(remove)}
            if not add and not remove:
                raise Invalid(
                    "no_tags", "Name a tag to add or to remove.", (FieldError("body.action.add", "is empty"),)
                )
        case Assign():
            _check_assignment(action, tickets)
    return action


def _check_assignment(action: dict[str, Any], tickets: Tickets) -> None:
    if not {"team_id", "assignee_id"} & action.keys():
        field = FieldError("body.action.assignee_id", "is missing")
        raise Invalid("no_assignee", "Say who should have them: an agent, a team, or nobody.", (field,))
    desk = tickets.desk()
    if (team := action.get("team_id")) is not None and team not in desk.teams:
        field = FieldError("body.action.team_id", "is not a team")
        raise Invalid("unknown_team", "There is no such team.", (field,))
    if (agent := action.get("assignee_id")) is not None and desk.active(agent) is None:
        field = FieldError("body.action.assignee_id", "is not an agent")
        raise Invalid("unknown_agent", "There is no such active agent.", (field,))


async def _chosen(body: BulkBody, viewer: Viewer, tickets: Tickets) -> list[str]:
    if (body.ids is None) == (body.filter is None):
        field = FieldError("body.ids", "give either ids or a filter")
        raise Invalid("choose_one_way", "Name the conversations by their ids, or a list by its filter.", (field,))
    without = set(body.without_ids)
    if body.filter is None:
        chosen = [id_ for id_ in dict.fromkeys(body.ids or ()) if id_ not in without]
    else:
        query = body.filter.query(viewer)
        found = await find_ids(tickets.store.lists, query, MOST + 1 + len(without))
        chosen = [id_ for id_ in found if id_ not in without]
    if len(chosen) > MOST:
        field = FieldError("body.ids" if body.filter is None else "body.filter", f"is more than {MOST:,}")
        raise Invalid(
            "too_many", f"At most {MOST:,} conversations can be changed at once. Narrow the list down.", (field,)
        )
    return chosen


async def _own(job_id: str, viewer: Viewer, tickets: Tickets) -> Document:
    row = await tickets.store.bulk.job(job_id, viewer.agent_id)
    if row is None:
        raise NotFound("unknown_job", "There is no such action of yours, or it was more than thirty days ago.")
    return row


async def _failures(tickets: Tickets, row: Document) -> list[Failure]:
    if not row["failed"]:
        return []
    found = await tickets.store.bulk.results(row["_id"], outcome="failed", after=0, limit=FAILURES_TOLD)
    return [Failure(**{name: one[name] for name in ("conversation_id", "code", "message")}) for one in found]


def job_of(row: Document, failures: list[Failure]) -> Job:
    finished = row.get("finished_at")
    return Job(
        id=row["_id"],
        action=row["action"],
        state="finished" if finished else "running",
        done=row["changed"] + row["unchanged"] + row["failed"],
        failures=failures,
        can_undo=finished is not None and row["changed"] > 0 and not row.get("undone_by"),
        undo_of=row["undo_of"],
        finished_at=finished,
        **{name: row[name] for name in ("total", "changed", "unchanged", "failed", "created_at")},
    )
