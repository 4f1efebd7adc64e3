"""What the rules that matched do to a conversation. Pure: time, ids and people are passed in.

What they want for an agent is left open: the desk is asked, and `decision` makes both into one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.routing.model.conversation import Row, is_open
from services.routing.model.move import arrived, moving, resting
from services.routing.model.outward import outward, plain_facts
from services.routing.model.taking import settled, still_waits, unassign
from services.routing.model.want import Want
from services.routing.model.wanting import IsMember, WhyGone, awaits, has_its_agent, nobody_is_gone, want_for
from services.routing.rules.durations import read_duration
from services.routing.rules.facts import Facts
from services.routing.rules.schema import (
    Assign,
    AssignTo,
    Attribute,
    Close,
    Follow,
    MakePriority,
    Note,
    Reopen,
    Rule,
    RuleAction,
    Snooze,
    Spam,
    Tags,
    TakeFrom,
    Topic,
    Untag,
    UseSla,
)
from shared.contracts.base import Time, Value
from shared.contracts.common import RuleRef
from shared.contracts.conversations import ConversationEvent, ConversationStarted, CustomerReplied, Head, LoopStopped
from shared.contracts.routing import (
    Action,
    AddFollower,
    AddTags,
    ApplySla,
    AssignTeam,
    BlockSender,
    MarkSpam,
    RemoveTags,
    SetAttribute,
    SetPriority,
    SetState,
    SetTopic,
    WriteNote,
)
from shared.ids import derived

CHAIN_MAX = 20
"""Rules that may act one after the other because of each other."""

WAITS_NO_MORE = "A rule took it from the agent for whom it waited"

Chain = tuple[str, ...]
"""The ids of the rules that led to an event, the first one first."""


class Later(Value):
    """A rule that matched and waits until `due_at`."""

    rule: RuleRef
    due_at: Time


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules said: actions as tickets knows them, and the agent still to be found. `chain`: the rules that led
    here and those of this plan. `cut`: rules that did not act, as the chain would have no end. `waits`: rules that
    matched and act later, if they still match then. `crowded`: those that would have waited had there been room.
    `gone`: why those can never have it whom a rule named, or whom tickets did not accept; without a full stop."""

    decision_id: str
    actions: tuple[Action, ...]
    want: Want | None
    matched: tuple[RuleRef, ...]
    chain: Chain = ()
    cut: tuple[RuleRef, ...] = ()
    waits: tuple[Later, ...] = ()
    crowded: tuple[RuleRef, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Nothing is done, and nothing is to be told."""
        return not (self.actions or self.want or self.cut or self.waits or self.crowded or self.gone)


def for_nobody(decision_id: str, chain: Chain, why: str) -> Plan:
    """That nobody is wanted any more, and why: a sentence."""
    return Plan(decision_id, (), None, (), chain, gone=(why.removesuffix("."),))


def is_trigger(event: ConversationEvent) -> bool:
    """History brought in is not acted on, nor what is no trigger whenever it happens."""
    return not event.imported and may_trigger(event)


def may_trigger(event: ConversationEvent) -> bool:
    """Not what a blocked sender writes, nor that a chain of rules was cut."""
    if isinstance(event, ConversationStarted | CustomerReplied) and event.quiet:
        return False
    return not isinstance(event, LoopStopped)


Chosen = list[tuple[RuleAction, RuleRef]]
Assigning = list[tuple[Assign | AssignTo | TakeFrom, RuleRef]]


def plan(
    row: Row,
    event: ConversationEvent,
    matched: Sequence[Rule],
    *,
    decision_id: str,
    correlation_id: str,
    is_member: IsMember,
    now: datetime,
    chain: Chain = (),
    waited: bool = False,
    facts: Facts | None = None,
    spam: str | None = None,
    why_gone: WhyGone = nobody_is_gone,
) -> tuple[Row, Plan]:
    """What the matched rules do to this conversation, and the row that wants it. A later rule overrides an
    earlier one; tags add up; what is so already is left out. `is_member(agent, team)`: an agent of the
    wanted team keeps the conversation.

    `chain` led to the event. A rule of it does not act again: that is reported when it would have done something.
    `waited`: these rules have waited, and act now. `facts`: what is known besides the event, for values taken from it.
    `spam`: why the conversation goes to Spam though no rule says so. Whom `why_gone(agent, brand)` says to be gone is
    not wanted: the rule before has its way.
    """
    facts = facts or plain_facts(event)
    fit = [rule for rule in matched if rule.id not in chain and len(chain) < CHAIN_MAX]
    may = [rule for rule in fit if waited or rule.after is None]
    refs = tuple(_ref(rule) for rule in may)
    made = Plan(
        decision_id,
        (),
        None,
        refs,
        (*chain, *(ref.id for ref in refs)),
        _cut(row, facts, event, matched, chain, why_gone),
        tuple(_later(rule, event) for rule in fit if rule.after and not waited),
    )
    chosen = _chosen(may, refs)
    actions = _actions(event, chosen, decision_id, outward(may, refs, decision_id, facts))
    if spam is not None and not event.head.spam and not any(isinstance(one, MarkSpam) for one in actions):
        # First, as a rule's own mark comes before what goes outward: spam gets no automatic reply.
        actions.insert(0, MarkSpam(reason=spam))
    in_hand = is_open(event.head) and not any(puts_away(one) for one in actions)
    assigning, gone = _still_here(_assigning(chosen, in_hand=in_hand), event.head.brand_id, why_gone)
    giving, taking = settled(assigning)
    # What is on its way to another team or agent is not taken from them: the rule looked at those who have it.
    head = resting(row.moves, event.head)
    taken = unassign(head, taking) if taking else None
    if taking is not None:
        actions += [taken] if taken else []
        if row.want is not None and not still_waits(row.want, head, taking[0]):
            row = row.model_copy(update={"want": None})
            gone = gone if taken or gone or giving else (WAITS_NO_MORE,)
        elif row.pending_want and event.head.assignee_id and not head.assignee_id and taking[0] != "team":
            row = _leaving(row, row.pending_want, event.head.assignee_id)
    if giving is None:
        row, made = _on_its_way(row, replace(made, actions=tuple(actions)))
        nobody = row.want is None and arrived(row.moves, event.head).assignee_id is None
        return row, replace(made, gone=gone if nobody else ())
    action, ref = giving
    if awaits(row, action):
        return _on_its_way(row, replace(made, actions=tuple(actions)))
    if isinstance(action, Assign) and action.team_id != head.team_id:
        actions.append(AssignTeam(team_id=action.team_id, rule=ref))
    want, taken_from = None, event.head.assignee_id if taken is not None else None
    if not has_its_agent(row, action, is_member, taken_from):
        want = want_for(
            row,
            head,
            action,
            ref,
            facts,
            actions,
            decision_id=decision_id,
            correlation_id=correlation_id,
            now=now,
            chain=made.chain,
            taken_from=taken_from,
        )
    made = replace(made, actions=tuple(actions), want=want, gone=gone if want else ())
    return _on_its_way(row.model_copy(update={"want": want}), made)


def _on_its_way(row: Row, made: Plan) -> tuple[Row, Plan]:
    moves = moving(row.moves, made.decision_id, made.actions)
    return (row if moves == row.moves else row.model_copy(update={"moves": moves})), made


def _leaving(row: Row, want: Want, agent_id: str) -> Row:
    """It goes from an agent, from whom a rule takes it, to another already. Should tickets not accept that one, it is
    taken all the same."""
    last = (*(one for one in want.last if one != agent_id), agent_id)
    return row.model_copy(update={"pending_want": want.model_copy(update={"last": last})})


def _ref(rule: Rule) -> RuleRef:
    return RuleRef(id=rule.id, name=rule.name, version=rule.version)


def _later(rule: Rule, event: ConversationEvent) -> Later:
    return Later(rule=_ref(rule), due_at=event.at + read_duration(rule.after))


def _chosen(rules: Iterable[Rule], refs: Iterable[RuleRef]) -> Chosen:
    return [(action, ref) for rule, ref in zip(rules, refs, strict=True) for action in rule.then]


def _assigning(chosen: Chosen, *, in_hand: bool) -> Assigning:
    """What is closed, asleep or spam is given to nobody, but may be taken away."""
    kinds = Assign | AssignTo | TakeFrom if in_hand else TakeFrom
    return [(action, ref) for action, ref in chosen if isinstance(action, kinds)]


def _still_here(assigning: Assigning, brand_id: str, why_gone: WhyGone) -> tuple[Assigning, tuple[str, ...]]:
    """Up to the last one that can be done, and why those after it can not."""
    gone = list[str]()
    while assigning and isinstance(action := assigning[-1][0], AssignTo):
        if (reason := why_gone(action.agent_id, brand_id)) is None:
            break
        gone.insert(0, reason)
        assigning = assigning[:-1]
    return assigning, tuple(dict.fromkeys(gone))


def _cut(
    row: Row, facts: Facts, event: ConversationEvent, matched: Sequence[Rule], chain: Chain, why_gone: WhyGone
) -> tuple[RuleRef, ...]:
    """Those that would have done something again; an action that changes nothing needs no report."""
    again = [rule for rule in matched if rule.id in chain or len(chain) >= CHAIN_MAX]
    refs = [_ref(rule) for rule in again]
    both = zip(again, refs, strict=True)
    return tuple(ref for rule, ref in both if _would_act(row, facts, event, rule, ref, why_gone))


def _would_act(row: Row, facts: Facts, event: ConversationEvent, rule: Rule, ref: RuleRef, why_gone: WhyGone) -> bool:
    actions = _actions(event, _chosen([rule], [ref]), "", outward([rule], [ref], "", facts))
    # To block once more changes nothing, and what is known of the contact may be older than the first time.
    if any(not isinstance(one, BlockSender) for one in actions):
        return True
    asked = _assigning(_chosen([rule], [ref]), in_hand=is_open(event.head))
    assigning, _ = _still_here(asked, event.head.brand_id, why_gone)
    giving, taking = settled(assigning)
    if taking is not None and unassign(event.head, taking):
        return True
    return giving is not None and not _stands(row, event.head, giving[0])


def _stands(row: Row, head: Head, action: Assign | AssignTo) -> bool:
    """Whether it is where the action would put it; that it waits there is enough."""
    if isinstance(action, AssignTo):
        return head.assignee_id == action.agent_id or awaits(row, action)
    return head.team_id == action.team_id


def _actions(event: ConversationEvent, chosen: Chosen, decision_id: str, beyond: Iterable[Action]) -> list[Action]:
    """All but assignments, as tickets knows them; what puts the conversation away comes last."""
    return [
        *_labels(event.head, chosen),
        *_tags(event.head, chosen),
        *_attributes(event.head, chosen),
        *_followers(event.head, chosen),
        *_notes(chosen, decision_id),
        *beyond,
        *_state(event, chosen),
    ]


def _labels(head: Head, chosen: Chosen) -> list[Action]:
    actions = list[Action]()
    for action, ref in {action.kind: (action, ref) for action, ref in chosen}.values():
        if isinstance(action, MakePriority) and action.priority != head.priority:
            actions.append(SetPriority(priority=action.priority, rule=ref))
        elif isinstance(action, Topic) and action.topic != head.topic:
            actions.append(SetTopic(topic=action.topic, rule=ref))
        elif isinstance(action, Spam) and not head.spam:
            actions.append(MarkSpam(reason=action.reason, rule=ref))
        elif isinstance(action, UseSla) and action.policy_id != head.sla_policy_id:
            actions.append(ApplySla(policy_id=action.policy_id, rule=ref))
    return actions


def _tags(head: Head, chosen: Chosen) -> list[Action]:
    """As if done one after the other: a tag that one rule adds and the next removes is not touched."""
    before, there, by = set(head.tags), set(head.tags), dict[str, RuleRef]()
    for action, ref in chosen:
        if isinstance(action, Tags | Untag):
            for tag in (one.lower() for one in action.tags):
                if (tag in there) is isinstance(action, Untag):
                    there.symmetric_difference_update({tag})
                    by[tag] = ref
    actions = list[Action]()
    for ref in dict.fromkeys(by.values()):
        mine = [tag for tag, who in by.items() if who == ref]
        if added := tuple(tag for tag in mine if tag in there - before):
            actions.append(AddTags(tags=added, rule=ref))
        if removed := tuple(tag for tag in mine if tag in before - there):
            actions.append(RemoveTags(tags=removed, rule=ref))
    return actions


def _attributes(head: Head, chosen: Chosen) -> list[Action]:
    now = {one.id: one.value for one in head.attributes}
    last = {action.attribute_id: (action, ref) for action, ref in chosen if isinstance(action, Attribute)}
    return [
        SetAttribute(attribute_id=id_, value=action.value, rule=ref)
        for id_, (action, ref) in last.items()
        if now.get(id_) != action.value
    ]


def _followers(head: Head, chosen: Chosen) -> list[Action]:
    asked = [(id_, ref) for action, ref in chosen if isinstance(action, Follow) for id_ in action.agent_ids]
    first = {id_: ref for id_, ref in reversed(asked) if id_ not in head.followers}
    return [AddFollower(agent_id=id_, rule=ref) for id_, ref in reversed(first.items())]


def _notes(chosen: Chosen, decision_id: str) -> list[Action]:
    return [
        WriteNote(id=derived("rule note", decision_id, ref.id, str(ref.version), str(n)), text=action.text, rule=ref)
        for n, (action, ref) in enumerate(chosen)
        if isinstance(action, Note)
    ]


def _state(event: ConversationEvent, chosen: Chosen) -> list[Action]:
    moving = [(action, ref) for action, ref in chosen if isinstance(action, Close | Reopen | Snooze)]
    if not moving:
        return []
    action, ref = moving[-1]
    status = event.head.status
    match action:
        case Close() if status != "closed":
            return [SetState(state="closed", rule=ref)]
        case Reopen() if status != "open":
            return [SetState(state="open", rule=ref)]
        case Snooze() if status == "open":
            return [SetState(state="snoozed", until=event.at + read_duration(action.length), rule=ref)]
    return []


def puts_away(action: Action) -> bool:
    """Closed or spam: nobody is wanted for it."""
    return isinstance(action, MarkSpam) or (isinstance(action, SetState) and action.state == "closed")
