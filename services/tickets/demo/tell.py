"""Turns a story into steps: each an input or a command with its own time, decided like any other."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.tickets.demo.filing import Filing, answer_id
from services.tickets.demo.people import NOT_SWALLOWED, PRODUCTS
from services.tickets.demo.story import Filed, Story
from services.tickets.demo.voices import Voices
from services.tickets.handlers import apply
from services.tickets.model import changes
from services.tickets.model.commands import (
    AddNote,
    Compose,
    MessageIds,
    Reply,
    decide_compose,
    decide_note,
    decide_reply,
)
from services.tickets.model.contact import Sighting, decide_sighting, handle_key
from services.tickets.model.state import Context, Desk, whole_ms
from services.tickets.model.ticket import type_of
from services.tickets.model.ticket_news import words_of
from services.tickets.store.work import Work
from shared import ids
from shared.contracts.base import Event
from shared.contracts.common import Actor, Address, Handle
from shared.contracts.conversations import ConversationEvent
from shared.contracts.deliveries import DeliverySent
from shared.contracts.tickets import FieldValue, TicketState
from shared.log import Cause

Step = Callable[[Work, Desk], Awaitable[None]]

WRITERS = ("maya", "jonas", "priya")
TEAM = Actor(kind="rule", id="demo-teams", name="Team by channel")


@dataclass
class Told:
    """A story with its blanks filled, ready to be written."""

    conversation_id: str
    handles: list[str]
    steps: list[Step] = field(default_factory=list)


class Telling:
    """`now` is when the demo is written: what would come later has not happened yet."""

    def __init__(self, desk: Desk, message_ids: MessageIds, now: datetime) -> None:
        self._desk = desk
        self._message_ids = message_ids
        self._now = now

    def tell(
        self, n: int, story: Story, brand_id: str, person: tuple[str, str], began: datetime, chance: random.Random
    ) -> Told:
        id_ = ids.derived("demo", "conversation", str(n))
        voices = Voices(n, story, self._desk.brands[brand_id], person, chance)
        told = Told(id_, [handle_key(voices.handle.kind, voices.handle.value)])
        agent_id = "leo" if story.channel == "phone" else chance.choice(WRITERS)
        agent = self._desk.agents[agent_id]
        by = Actor(kind="agent", id=agent_id, name=agent.name)
        products = [p for p in PRODUCTS[brand_id] if not (story.swallowed and p in NOT_SWALLOWED)]
        blanks = {
            "first": person[0].split()[0],
            "name": person[0],
            "order": f"#{chance.randrange(40_000, 99_999)}",
            "product": chance.choice(products),
            "agent": agent.name.split()[0],
            "tracking": f"1Z{chance.randrange(10**8, 10**9)}{chance.randrange(10**7, 10**8)}",
            "amount": f"{chance.choice((19, 24, 34, 47, 59, 79, 119))}.{chance.choice(('00', '90', '95', '99'))}",
            "brand": self._desk.brands[brand_id].name,
        }
        at = began.replace(microsecond=0)
        script = _Script(self, told, by, blanks, voices)
        for number, turn in enumerate(story.turns):
            if number:
                at = whole_ms(at + timedelta(minutes=chance.uniform(*_pause(story, turn))))
            if at > self._now - timedelta(minutes=2):
                return told
            script.turn(number, turn, at)
            if number == 0:
                script.arrive(at + timedelta(seconds=2), chance)
            if story.files and number == 1:
                script.file(story.files, at + timedelta(minutes=1))
        script.finish(script.follow(at, self._now), self._now, chance)
        return told


def _pause(story: Story, turn: str) -> tuple[float, float]:
    """Minutes between two turns: chats go on at once, mails take their time."""
    if story.channel == "chat":
        return 0.3, 4
    return (0.2, 2) if turn[0] == "~" else (20, 300) if turn[0] in "#>" else (60, 1300)


class _Script:
    """The steps of one conversation, in order, each with ids of its own."""

    def __init__(self, telling: Telling, told: Told, by: Actor, blanks: dict[str, str], voices: Voices) -> None:
        self._telling = telling
        self._told = told
        self._by = by
        self._blanks = blanks
        self._voices = voices
        self._story = voices.story
        self._filing: Filing | None = None

    def _id(self) -> str:
        return ids.derived("demo", self._told.conversation_id, str(len(self._told.steps)))

    def turn(self, number: int, turn: str, at: datetime) -> None:
        kind = turn[0]
        text = turn[1:].format(**self._blanks)
        if self._story.channel == "phone" and kind not in "#":
            for event, when in self._voices.call(turn, at, self._told.conversation_id, self._by.name):
                self._hear(event, when)
        elif kind in "<~":
            subject = self._story.subject.format(**self._blanks)
            heard = self._voices.message(self._told.conversation_id, self._id(), subject, text, at, number, kind == "~")
            self._hear(heard, at)
        elif kind == ">" and number == 0:
            self._compose(text, at)
        elif kind == ">":
            self._reply(text, at)
        else:
            self._note(text, at)

    def arrive(self, at: datetime, chance: random.Random) -> None:
        """What happens to a new conversation: its team, mostly an agent, tags, topic."""
        story, brand_topics = self._story, self._voices.brand.topics
        if story.spam:
            self._do(lambda state, c, _: changes.decide_spam(state, c, spam=True), at, self._by)
            return
        team = "phone-support" if story.channel == "phone" else "email-support"
        taken = len(story.turns) > 1 or chance.random() < 0.4
        agent_id = self._by.id if taken else None

        def assign(state: object, context: Context, desk: Desk) -> object:
            return changes.decide_assign(
                state,  # type: ignore[arg-type]
                context,
                desk,
                team_id=team,
                assignee_id=agent_id,
                may_assign_others=True,
            )

        self._do(assign, at, TEAM)
        if story.tags:
            self._do(lambda state, c, _: changes.decide_tags(state, c, add=story.tags, remove=()), at, TEAM)
        if story.topic in brand_topics:
            self._do(lambda state, c, desk: changes.decide_topic(state, c, desk, topic=story.topic), at, self._by)
        if story.priority:
            self._do(lambda state, c, _: changes.decide_priority(state, c, priority=True), at, TEAM)

    def file(self, filed: Filed, at: datetime) -> None:
        """The first answer makes a ticket."""
        about = "tracker" if filed.shared else self._told.conversation_id
        self._filing = filing = Filing(
            ids.derived("demo", "ticket", about, filed.title if filed.shared else ""),
            self._told.conversation_id,
            filed.type_id,
            filed.title.format(**self._blanks),
            self._filled(filed.fields),
            self._filled(filed.outcome or {}),
        )
        id_, context = self._id(), Context(at, self._by, imported=True)
        self._told.steps.append(lambda work, desk: filing.file(work, desk, id_, context))

    def _filled(self, fields: dict[str, FieldValue]) -> dict[str, FieldValue]:
        return {id_: one.format(**self._blanks) if isinstance(one, str) else one for id_, one in fields.items()}

    def follow(self, at: datetime, now: datetime) -> datetime:
        """How far the ticket comes, and when that was. By its own chance, so that the rest is as it is without."""
        filed, filing = self._story.files, self._filing
        if filed is None or filing is None or filed.shared:
            return at
        chance = random.Random(filing.ticket_id)  # noqa: S311
        ways: list[TicketState] = ["in_progress"]
        if chance.random() < 0.3:
            ways.append("waiting_on_customer")
        elif filed.outcome is not None:
            ways.append("resolved")
        for to in ways:
            when = whole_ms(at + timedelta(hours=chance.uniform(1, 30)))
            if when > now - timedelta(minutes=2):
                return at
            at = when
            self._move(filing, to, at)
        return at

    def _move(self, filing: Filing, to: TicketState, at: datetime) -> None:
        id_, context = self._id(), Context(at, self._by, imported=True)
        message_ids = self._telling._message_ids
        self._told.steps.append(lambda work, desk: filing.move(work, desk, id_, context, to, message_ids))
        type_ = type_of(self._telling._desk, filing.type_id)
        if words_of(type_, to).message:
            self._delivered(answer_id(id_), at)

    def finish(self, at: datetime, now: datetime, chance: random.Random) -> None:
        """How it stands in the end; most of what ended long ago is closed."""
        end = self._story.end or ("closed" if now - at > timedelta(days=4) and chance.random() < 0.7 else "open")
        at = whole_ms(min(at + timedelta(minutes=chance.uniform(1, 40)), now - timedelta(minutes=1)))
        if self._story.spam or end == "open":
            return
        if end == "closed":
            self._do(lambda state, c, _: changes.decide_close(state, c), at, self._by)
            return
        until = (now + timedelta(days=chance.randrange(1, 5))).replace(minute=0, second=0, microsecond=0)
        self._do(lambda state, c, _: changes.decide_snooze(state, c, until=until), at, self._by)

    # ── steps ────────────────────────────────────────────────────────────────────────────────────
    def _hear(self, event: Event, at: datetime) -> None:
        received = self._voices.received(event, self._id(), at)

        async def step(work: Work, desk: Desk) -> None:
            apply(work, received, desk, at=at, imported=True)

        self._told.steps.append(step)

    def _do(self, decide: Callable[..., object], at: datetime, by: Actor) -> None:
        id_, context = self._id(), Context(at, by, imported=True)

        async def step(work: Work, desk: Desk) -> None:
            state = work.conversation(self._told.conversation_id)
            events: list[ConversationEvent] = list(decide(state, context, desk))  # type: ignore[call-overload]
            work.record(Cause(id_, id_), events)

        self._told.steps.append(step)

    def _reply(self, text: str, at: datetime) -> None:
        entry_id = ids.derived("entry", self._id())
        command = Reply(entry_id=entry_id, text=text, html=self._voices.html(text))
        ids_of = self._telling._message_ids
        self._do(lambda state, context, desk: decide_reply(state, command, context, desk, ids_of), at, self._by)
        self._delivered(entry_id, at)

    def _delivered(self, entry_id: str, at: datetime) -> None:
        when = at + timedelta(seconds=2)
        sent = DeliverySent(
            delivery_id=entry_id,
            conversation_id=self._told.conversation_id,
            entry_id=entry_id,
            seq=1,
            at=when,
        )
        self._hear(sent, when)

    def _note(self, text: str, at: datetime) -> None:
        mentions: tuple[str, ...] = ()
        if text.startswith("@"):
            name, _, text = text.partition(" ")
            mentions = (name[1:],)
            text = f"@{self._telling._desk.agents[name[1:]].name} {text}"
        command = AddNote(ids.derived("entry", self._id()), text, self._voices.html(text), mentions)
        self._do(lambda state, context, desk: decide_note(state, command, context, desk), at, self._by)

    def _compose(self, text: str, at: datetime) -> None:
        id_, handle, brand = self._id(), self._voices.handle, self._voices.brand
        command = Compose(
            conversation_id=self._told.conversation_id,
            entry_id=ids.derived("entry", id_),
            brand_id=brand.brand_id,
            subject=self._story.subject.format(**self._blanks),
            text=text,
            html=self._voices.html(text),
            to=(Address(address=handle.value, name=handle.name),),
        )
        context = Context(at, self._by, imported=True)

        async def step(work: Work, desk: Desk) -> None:
            cause = Cause(id_, id_)
            known = work.contact(handle_key(handle.kind, handle.value))
            seen = Sighting(Handle(kind=handle.kind, value=handle.value, name=handle.name), brand.brand_id)
            met = decide_sighting(known, seen, at, ids.derived("contact", id_))
            contact = met[-1].contact if met else known
            work.record_contact(cause, met)
            if contact is not None:
                message_ids = self._telling._message_ids
                work.record(cause, decide_compose(command, context, contact, desk, message_ids))

        self._told.steps.append(step)
        self._delivered(command.entry_id, at)
