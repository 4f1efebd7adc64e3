"""What a demo story asks the back office for: its ticket, and how far that has come."""

from __future__ import annotations

from dataclasses import dataclass

from services.tickets.model.commands import MessageIds, Reply
from services.tickets.model.links import decide_link, decide_progress, ticket_link
from services.tickets.model.state import Context, Conversation, Desk
from services.tickets.model.ticket import Submit, decide_assign, decide_linked, decide_state, decide_submit, type_of
from services.tickets.model.ticket_form import one_per_key
from services.tickets.model.ticket_news import words_of
from services.tickets.store.work import Work
from shared.contracts.directory import TicketTypeChanged
from shared.contracts.tickets import FieldValue, TicketEvent, TicketState
from shared.ids import derived
from shared.log import Cause


@dataclass(frozen=True, slots=True)
class Filing:
    """A ticket about a conversation; its blanks are filled. `outcome`: what its form needs to be resolved."""

    ticket_id: str
    conversation_id: str
    type_id: str
    title: str
    fields: dict[str, FieldValue]
    outcome: dict[str, FieldValue]

    async def file(self, work: Work, desk: Desk, id_: str, context: Context) -> None:
        """Submit it, or link to the one that is there."""
        state, type_ = self._conversation(work), type_of(desk, self.type_id)
        head, events = await work.tickets.load(self.ticket_id), list[TicketEvent]()
        created = head is None
        if head is None:
            number = await work.tickets.next_number()
            events += decide_submit(self._command(number, type_, state), type_, context)
            head = events[-1].head
            work.tickets.key(head.id, one_per_key(type_, head.brand_id, head.fields))
        events += decide_linked(head, context, conversation_id=state.head.id)
        head = events[-1].head
        work.tickets.link(head.id, state.head.id, context.now)
        work.record_ticket(Cause(id_, id_), events)
        work.record(Cause(id_, id_), decide_link(state, context, ticket_link(head), head, created=created))

    def _command(self, number: int, type_: TicketTypeChanged, state: Conversation) -> Submit:
        shared = type_.kind == "tracker"
        return Submit(
            ticket_id=self.ticket_id,
            number=number,
            brand_id=None if shared else state.head.brand_id,
            title=self.title,
            fields=self.fields,
            contact_id=None if shared else state.head.contact_id,
            contact_name="" if shared else state.head.contact_name,
        )

    async def move(
        self, work: Work, desk: Desk, id_: str, context: Context, to: TicketState, message_ids: MessageIds
    ) -> None:
        """Somebody takes it and moves it; the customer reads what its type says about that."""
        head, type_ = await work.tickets.load(self.ticket_id), type_of(desk, self.type_id)
        if head is None:
            raise LookupError("it is moved before it is filed")
        before = head.state
        events = list(decide_assign(head, context, desk, team_id=head.team_id, assignee_id=context.by.id))
        head = events[-1].head if events else head
        entered = self.outcome if to == "resolved" else None
        events += decide_state(head, type_, context, state=to, fields=entered)
        work.record_ticket(Cause(id_, id_), events)
        head, words = events[-1].head, words_of(type_, to)
        answer = Reply(answer_id(id_), words.message, f"<p>{words.message}</p>") if words.message else None
        told = decide_progress(
            self._conversation(work),
            context,
            ticket_link(head),
            desk,
            message_ids,
            label=words.label,
            answer=answer,
            previous_state=before,
            ticket=head,
        )
        work.record(Cause(id_, id_), told)

    def _conversation(self, work: Work) -> Conversation:
        state = work.conversation(self.conversation_id)
        if state is None:
            raise LookupError("it is about a conversation that has not begun")
        return state


def answer_id(id_: str) -> str:
    """Of what the customer is told with a step."""
    return derived("entry", id_)
