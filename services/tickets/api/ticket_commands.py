"""What people do to tickets: submit, move, assign, fill in, comment, and tell everybody who reported it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from services.tickets.api.context import CurrentTickets, IdempotencyKey, actor, command_id, in_utc, visible
from services.tickets.api.html import clean, to_text
from services.tickets.api.ticket_entries import TicketAnswer, act_on_ticket, record, ticket_answer, visible_ticket
from services.tickets.model import ticket as model
from services.tickets.model.draft import Place, TicketBox
from services.tickets.model.links import decide_link, ticket_link
from services.tickets.model.state import Context, Conversation
from services.tickets.model.ticket import Events, News, Submit, type_of
from services.tickets.model.ticket_form import one_per_key
from services.tickets.store.work import Work
from shared import ids
from shared.access import CurrentViewer, Viewer
from shared.contracts.base import Time
from shared.contracts.directory import TicketTypeChanged
from shared.contracts.tickets import TicketHead, TicketState
from shared.errors import Conflict, FieldError, Invalid
from shared.http import Body
from shared.log import Cause

router = APIRouter(prefix="/tickets", tags=["tickets"])

Html = Annotated[str, Field(max_length=400_000)]
Fields = Annotated[
    dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=20_000)] | bool | float | None],
    Field(max_length=100),
]


class SubmitBody(Body):
    """`conversation_id` links it, and says whose it is and of which brand; else name the brand, or none."""

    type_id: str
    title: Annotated[str, Field(max_length=500)] = ""
    fields: Fields = Field(default_factory=dict)
    conversation_id: str | None = None
    brand_id: str | None = None
    due_at: Time | None = None


class UpdateBody(Body):
    """`reply` answers the customers of all linked conversations, of those chosen, or none."""

    html: Html
    reply: Literal["none", "all", "chosen"] = "none"
    conversation_ids: Annotated[tuple[str, ...], Field(max_length=model.CHOSEN_MAX)] = ()


class StateBody(Body):
    """`fields` are entered with it; `update` is posted with it, trackers only."""

    state: TicketState
    fields: Fields | None = None
    update: UpdateBody | None = None


class AssignTicketBody(Body):
    """Both are named; null means nobody."""

    team_id: str | None
    assignee_id: str | None


class FieldsBody(Body):
    """All fields as they are to be. `seen_seq` is the ticket's `seq` that they were read at."""

    title: Annotated[str, Field(max_length=500)]
    fields: Fields
    seen_seq: Annotated[int, Field(ge=1)]


class DueBody(Body):
    due_at: Time | None


class CommentBody(Body):
    html: Html


@router.post("", status_code=201)
async def submit(
    body: SubmitBody, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> TicketAnswer:
    """A new ticket. 409 `ticket_exists` when its type allows only one, with that one as `existing`."""
    viewer.need("tickets.write")
    input_id = command_id(viewer, idempotency_key)
    ticket_id = ids.derived("ticket", input_id)
    type_ = type_of(tickets.desk(), body.type_id)
    if body.brand_id is not None and not (body.brand_id in tickets.desk().brands and viewer.sees_brand(body.brand_id)):
        wrong = FieldError("body.brand_id", "is not a brand of yours")
        raise Invalid("unknown_brand", "Choose a brand that you work for.", (wrong,))

    async def work_on(work: Work) -> None:
        if await work.already_applied([input_id]):
            return
        state = await _conversation(work, viewer, body.conversation_id)
        context = Context(work.now, actor(viewer))
        events = list(model.decide_submit(await _command(work, body, ticket_id, state), type_, context))
        head = events[-1].head
        await _claim(work, type_, head, viewer)
        if state is not None:
            events += model.decide_linked(head, context, conversation_id=state.head.id)
            work.tickets.link(ticket_id, state.head.id, work.now)
            head = events[-1].head
            linked = decide_link(state, context, ticket_link(head), head, created=True)
            work.record(Cause(input_id, input_id), linked)
        work.record_ticket(Cause(input_id, input_id), events)
        written = Place("ticket", "conversation", state.head.id) if state is not None else Place("new-ticket")
        await tickets.store.drafts.empty(viewer.agent_id, written, work.session)
        await work.save([input_id])

    await tickets.store.change(work_on)
    return await ticket_answer(tickets, viewer, ticket_id, input_id)


async def _conversation(work: Work, viewer: Viewer, conversation_id: str | None) -> Conversation | None:
    if conversation_id is None:
        return None
    viewer.need("conversations.edit")
    await work.load([conversation_id])
    return visible(work.conversation(conversation_id), viewer)


async def _command(work: Work, body: SubmitBody, ticket_id: str, state: Conversation | None) -> Submit:
    return Submit(
        ticket_id=ticket_id,
        number=await work.tickets.next_number(),
        brand_id=state.head.brand_id if state else body.brand_id,
        title=body.title,
        fields=body.fields,
        contact_id=state.head.contact_id if state else None,
        contact_name=state.head.contact_name if state else "",
        due_at=in_utc(body.due_at) if body.due_at else None,
    )


async def _claim(work: Work, type_: TicketTypeChanged, head: TicketHead, viewer: Viewer) -> None:
    """Take the type's key for this ticket; refuse when another one has it, and offer that one (TK3)."""
    key = one_per_key(type_, head.brand_id, head.fields)
    if key is not None:
        there = await work.tickets.of_key(key)
        if there is not None and there.id != head.id:
            labels = [one.label for one in type_.fields if one.id in type_.one_per]
            raise Conflict(
                "ticket_exists",
                f"{type_.name} ticket #{there.number} is for the same {', '.join(labels)}. Use that one.",
                about={"existing": there.model_dump(mode="json")} if _shows(there, viewer) else {},
            )
    work.tickets.key(head.id, key)


def _shows(head: TicketHead, viewer: Viewer) -> bool:
    return head.brand_id is None or viewer.sees_brand(head.brand_id)


@router.post("/{ticket_id}/state")
async def state(
    ticket_id: str,
    body: StateBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> TicketAnswer:
    """Move it to another state, with what its form needs for that, and with an update for those who reported it."""
    viewer.need("tickets.write")
    input_id = command_id(viewer, idempotency_key)

    def decide(head: TicketHead, context: Context) -> Events:
        type_ = type_of(tickets.desk(), head.type_id)
        events = list(model.decide_state(head, type_, context, state=body.state, fields=body.fields))
        if body.update is not None:
            after = events[-1].head if events else head
            events += model.decide_update(after, context, _news_of(viewer, body.update, input_id))
        return events

    sends: TicketBox | None = "resolve" if body.state == "resolved" else None
    return await act_on_ticket(tickets, viewer, ticket_id, input_id, decide, sends=sends)


@router.post("/{ticket_id}/updates")
async def update(
    ticket_id: str,
    body: UpdateBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> TicketAnswer:
    """Tell every linked conversation what is new about a tracker (TK5)."""
    viewer.need("tickets.write")
    input_id = command_id(viewer, idempotency_key)
    news = _news_of(viewer, body, input_id)
    return await act_on_ticket(
        tickets,
        viewer,
        ticket_id,
        input_id,
        lambda head, context: model.decide_update(head, context, news),
        sends="update",
    )


def _news_of(viewer: Viewer, body: UpdateBody, input_id: str) -> News:
    if body.reply != "none":
        viewer.need("conversations.reply")
    html = clean(body.html)
    return News(ids.derived("entry", input_id), to_text(html), html, body.reply, body.conversation_ids)


@router.post("/{ticket_id}/assign")
async def assign(
    ticket_id: str,
    body: AssignTicketBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> TicketAnswer:
    viewer.need("tickets.write")
    desk = tickets.desk()
    return await act_on_ticket(
        tickets,
        viewer,
        ticket_id,
        command_id(viewer, idempotency_key),
        lambda head, context: model.decide_assign(
            head, context, desk, team_id=body.team_id, assignee_id=body.assignee_id
        ),
    )


@router.post("/{ticket_id}/due")
async def due(
    ticket_id: str,
    body: DueBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> TicketAnswer:
    viewer.need("tickets.write")
    due_at = in_utc(body.due_at) if body.due_at else None
    return await act_on_ticket(
        tickets,
        viewer,
        ticket_id,
        command_id(viewer, idempotency_key),
        lambda head, context: model.decide_due(head, context, due_at=due_at),
    )


@router.post("/{ticket_id}/comments")
async def comment(
    ticket_id: str,
    body: CommentBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> TicketAnswer:
    """Say something to colleagues; it never leaves to a customer."""
    viewer.need("tickets.write")
    input_id = command_id(viewer, idempotency_key)
    html = clean(body.html)
    said = {"entry_id": ids.derived("entry", input_id), "text": to_text(html), "html": html}
    return await act_on_ticket(
        tickets,
        viewer,
        ticket_id,
        input_id,
        lambda head, context: model.decide_comment(head, context, **said),
        sends="comment",
    )


@router.put("/{ticket_id}/fields")
async def fields(
    ticket_id: str,
    body: FieldsBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> TicketAnswer:
    """Fill in the form anew. 409 `changed_meanwhile`, with the ticket as it is, when the form was filled in otherwise
    since it was read; what else happened to the ticket does not matter to it."""
    viewer.need("tickets.write")
    input_id = command_id(viewer, idempotency_key)

    async def work_on(work: Work) -> None:
        head = visible_ticket(await work.tickets.load(ticket_id), viewer)
        if await work.already_applied([input_id]):
            return
        if other := await work.filled_in_since(ticket_id, body.seen_seq):
            who = other.by.name or "Somebody"
            raise Conflict(
                "changed_meanwhile",
                f"{who} changed this form while you were writing. Look at it again, then save.",
                about={"existing": head.model_dump(mode="json")},
            )
        type_ = type_of(tickets.desk(), head.type_id)
        context = Context(work.now, actor(viewer))
        events = model.decide_fields(head, type_, context, title=body.title, fields=body.fields)
        if events:
            await _claim(work, type_, events[-1].head, viewer)
        record(work, tickets, input_id, head, events)
        await tickets.store.drafts.empty(viewer.agent_id, Place("form", "ticket", ticket_id), work.session)
        await work.save([input_id])

    await tickets.store.change(work_on)
    return await ticket_answer(tickets, viewer, ticket_id, input_id)
