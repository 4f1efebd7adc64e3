"""Rules that wait on a conversation, and rules about time: what begins to wait, what ends that, what is due. Pure.

A rule is asked again of the conversation as it is when its time has come. That it acts once is held by the row: what
waited is taken out, and what has acted noted, in the write that makes the decision.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.routing.model.conversation import Row
from services.routing.model.plan import Chain, Plan
from services.routing.model.wait import WAITS_MAX, Fired, Wait, fired_with
from services.routing.rules.durations import read_duration
from services.routing.rules.evaluate import RuleSet, Timed
from services.routing.rules.facts import Facts
from services.routing.rules.fields import TEXT_LIMIT
from services.routing.rules.names import RESOLVED, name_of, names_of
from services.routing.rules.outward import AnswerWith
from services.routing.rules.schema import Cancels, Rule
from services.routing.sla.hours import OpeningHours
from shared.contracts.beside import Merged
from shared.contracts.common import Actor, ConversationStatus, Message
from shared.contracts.conversations import (
    Closed,
    ConversationEvent,
    CustomerReplied,
    Head,
    Link,
    LinkAdded,
    LinkProgressed,
    LinkRemoved,
    NoteAdded,
    ReplySent,
)
from shared.contracts.linked import TicketUpdated, brief
from shared.contracts.targets import SlaUpdated
from shared.contracts.tickets import TicketHead
from shared.topics import CONVERSATIONS

BY_ITSELF = ("rule", "system")
"""Who acts without a person's doing."""

ALWAYS_CLOSED = OpeningHours()

_OF_A_TICKET = frozenset(one.__name__ for one in (LinkAdded, LinkProgressed, TicketUpdated))
_KINDS = {one.__name__: one for one in CONVERSATIONS.events if issubclass(one, ConversationEvent)}


def since_a_person(row: Row, event: ConversationEvent, chain: Chain) -> Row:
    """`row.chain`: the rules that acted since a person did something. It is what leads to a rule about time."""
    led = (chain or row.chain) if event.by.kind in BY_ITSELF else ()
    return row if led == row.chain else row.model_copy(update={"chain": led})


def led_by(row: Row, event: ConversationEvent, chain: Chain) -> Chain:
    """The rules that led to an event. A target is met by what was done, so what led to that led to it; a warning or a
    breach comes of time."""
    return row.chain if isinstance(event, SlaUpdated) and event.change == "met" else chain


def about_its_ticket(row: Row, event: ConversationEvent, rules: RuleSet) -> Row:
    """What waits because of a ticket asks about it as it is by then, and waits no more once it is unlinked, or, having
    waited from its being resolved, once it is not any more."""
    link: Link | None = getattr(event, "link", None)
    if link is None or not row.waits:
        return row
    waits = tuple(after for one in row.waits if (after := _knowing(one, link, event, rules)) is not None)
    return row if waits == row.waits else row.model_copy(update={"waits": waits})


def _knowing(wait: Wait, link: Link, event: ConversationEvent, rules: RuleSet) -> Wait | None:
    data = json.loads(wait.data) if wait.kind in _OF_A_TICKET else {}
    if not data or data["link"]["id"] != link.id:
        return wait
    if isinstance(event, LinkRemoved) or (link.state != "resolved" and _for_resolved_alone(wait, rules)):
        return None
    now = _lean(event).model_dump(mode="json", include={"link", "ticket"})
    if now.get("ticket") is None:  # an older replica's event says nothing of it
        now["ticket"] = data.get("ticket")
    return wait.model_copy(update={"data": json.dumps({**data, **now})})


def _for_resolved_alone(wait: Wait, rules: RuleSet) -> bool:
    """Not a rule for any state, which is for that of being resolved, too."""
    rule = rules.rule(wait.rule_id)
    wider = set(names_of(RESOLVED)) - {RESOLVED}
    return wait.event == RESOLVED and not (rule and wider & set(rule.when))


def cancelled(row: Row, event: ConversationEvent, rules: RuleSet) -> Row:
    """Without the rules whose waiting this event ends. A rule that was changed meanwhile says now what ends it."""
    if not row.waits:
        return row
    ends, over = _ends(event), event.head.spam or event.head.merged_into is not None
    left = tuple(one for one in row.waits if not (over or ends & set(_cancel_on(one, rules))))
    return row if len(left) == len(row.waits) else row.model_copy(update={"waits": left})


def _cancel_on(wait: Wait, rules: RuleSet) -> tuple[Cancels, ...]:
    rule = rules.rule(wait.rule_id)
    return rule.cancel_on if rule else wait.cancel_on


def _ends(event: ConversationEvent) -> set[Cancels]:
    match event:
        case CustomerReplied() if not (event.quiet or event.message.automatic):
            return {"customer_replied"}
        case ReplySent() if event.by.kind == "agent":
            return {"agent_replied"}
        case Closed() | Merged():
            return {"closed"}
    return set()


def begin(
    row: Row,
    event: ConversationEvent,
    matched: Sequence[Rule],
    made: Plan,
    *,
    event_id: str,
    status_before: ConversationStatus | None,
    correlation_id: str,
    chain: Chain,
) -> tuple[Row, Plan]:
    """The rules of the plan that wait, waiting. Of more than `WAITS_MAX` on one conversation the newest do not, which
    the plan says then."""
    if not made.waits:
        return row, made
    room = max(0, WAITS_MAX - len(row.waits))
    crowded = tuple(one.rule for one in made.waits[room:])
    made = replace(made, waits=made.waits[:room], crowded=crowded)
    by_id = {rule.id: rule for rule in matched}
    waits = tuple(
        Wait(
            rule_id=one.rule.id,
            event_id=event_id,
            event=name_of(event),
            kind=type(event).__name__,
            data=_lean(event).model_dump_json(exclude={"head"}),
            since=event.at,
            due_at=one.due_at,
            cancel_on=by_id[one.rule.id].cancel_on,
            status_before=status_before,
            correlation_id=correlation_id,
            chain=chain,
        )
        for one in made.waits
    )
    return row.model_copy(update={"waits": (*row.waits, *waits)}), made


def _lean(event: ConversationEvent) -> ConversationEvent:
    """Without what rules do not look at, and without what they would not know any more by then: of what colleagues do
    to a tracker or to an unlinked ticket, the conversation does not hear."""
    ticket: TicketHead | None = getattr(event, "ticket", None)
    if ticket is not None:
        hears = ticket.kind != "tracker" and not isinstance(event, LinkRemoved)
        return event.model_copy(update={"ticket": brief(ticket) if hears else None})
    if isinstance(event, NoteAdded):
        return event.model_copy(update={"html": ""})
    name = "mail" if getattr(event, "mail", None) is not None else "message"
    message: Message | None = getattr(event, name, None)
    if message is None:
        return event
    texts = {"text": message.text[:TEXT_LIMIT], "quoted_text": message.quoted_text[:TEXT_LIMIT]}
    lean = message.model_copy(update={**texts, "html": None, "quoted_html": None, "signature_text": ""})
    return event.model_copy(update={name: lean})


def head_of(row: Row) -> Head | None:
    """None of a conversation that no event was seen of since heads are kept."""
    return Head.model_validate(json.loads(row.head), extra="ignore") if row.head else None


def event_of(wait: Wait, head: Head, at: datetime) -> ConversationEvent:
    """What was waited from, as of now: rules ask about the message of then and the conversation of `at`."""
    kept = {**json.loads(wait.data), "at": at.isoformat(), "seq": head.seq, "head": head.model_dump(mode="json")}
    return _KINDS[wait.kind].read(json.dumps(kept))


def time_passed(head: Head, at: datetime) -> ConversationEvent:
    """What rules about time are asked at: nothing happened."""
    return ConversationEvent(conversation_id=head.id, seq=head.seq, at=at, by=Actor(kind="system"), head=head)


def due_at(wait: Wait, rules: RuleSet) -> datetime:
    """Counted from the same event however often the rule is changed."""
    rule = rules.rule(wait.rule_id)
    return wait.since + read_duration(rule.after) if rule and rule.after else wait.due_at


def due_waits(row: Row, rules: RuleSet, at: datetime) -> tuple[Row, list[Wait]]:
    """Those whose time has come, the first one first, and the row without them."""
    due = sorted((one for one in row.waits if due_at(one, rules) <= at), key=lambda one: due_at(one, rules))
    left = tuple(one for one in row.waits if one not in due)
    return row.model_copy(update={"waits": left}), due


def acts(row: Row, timed: Timed) -> bool:
    """Whether a rule about time is to act: it holds, and has not acted on these moments yet."""
    return bool(timed.outcome.matched) and Fired(rule_id=timed.rule.id, moments=timed.moments) not in row.fired


def answers(rule: Rule) -> bool:
    """Whether it writes to the customer."""
    return any(isinstance(one, AnswerWith) for one in rule.then)


def happened_since(row: Row, at: datetime) -> bool:
    """Whether the customer, an agent or the state did something after that."""
    did = (row.moments.customer_at, row.moments.agent_at, row.moments.state_at)
    return any(one is not None and one > at for one in did)


def has_acted(row: Row, timed: Timed) -> Row:
    fired = Fired(rule_id=timed.rule.id, moments=timed.moments)
    return row.model_copy(update={"fired": fired_with(row.fired, fired)})


def scheduled(
    row: Row, rules: RuleSet, facts: Facts | None, hours: OpeningHours = ALWAYS_CLOSED, *, asking: int = 0
) -> Row:
    """With the time when something is to be asked next. `facts` are those of `time_passed` now; None: no rule about
    time is asked. `asking`: the number of the last one that these rules come after."""
    times = [due_at(one, rules) for one in row.waits]
    times += [row.offer.due_at] if row.offer and row.offer.due_at else []
    now = facts.at if facts else None
    if facts is not None and now is not None:
        for timed in rules.timed(facts, hours.turn_after(now) if rules.ask_hours else None):
            times += [now] if acts(row, timed) else [at for at in timed.turns if at > now]
    due = min(times, default=None)
    due = due.replace(microsecond=due.microsecond // 1000 * 1000) if due else None
    told = {"due_at": due, "asked": asking}
    return row if (due, asking) == (row.due_at, row.asked) else row.model_copy(update=told)
