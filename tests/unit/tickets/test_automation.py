"""What rules do by themselves: who is answered automatically and who never, tickets that may exist once, and that what
was not done is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.tickets.demo.ticket_types import TICKET_TYPES
from services.tickets.model.automation import AT_MOST_EVERY, Aids, Pen, decide_webhook_refused, key_of
from services.tickets.model.decisions import decide_decision
from services.tickets.model.inbound import decide_message
from services.tickets.model.profile import Step, decide_unblock
from services.tickets.model.state import SYSTEM, Conversation, Desk
from shared.contracts.automation import ActionRefused, AlertRaised, CustomEventEmitted
from shared.contracts.common import Actor, Handle, RuleRef
from shared.contracts.contacts import Block, Contact
from shared.contracts.conversations import ConversationEvent, LinkAdded, ReplySent, SpamMarked
from shared.contracts.deliveries import WebhookRefused
from shared.contracts.directory import MacroChanged, MacroText
from shared.contracts.governance import Rollout
from shared.contracts.routing import (
    BlockSender,
    CallWebhook,
    CreateTicket,
    Decided,
    EmitEvent,
    LinkTracker,
    MarkSpam,
    NotifyAgents,
    SendMacro,
    Trigger,
)
from shared.contracts.tickets import TicketField, TicketHead, TicketLinked, TicketSubmitted
from shared.governance.stages import place_of
from tests.unit.tickets.examples import ADA, CONVERSATION, DESK, MAYA, contact, context, mail, minute, started
from tests.unit.tickets.test_ticket import submitted

RULE = RuleRef(id="slow", name="Nobody answered", version=2)
MACROS = {
    "plain": MacroChanged(macro_id="plain", seq=1, name="We are on it", html="<p>Thank you. {{brand.name}}</p>"),
    "named": MacroChanged(macro_id="named", seq=1, name="By name", html="<p>Hello {{contact.first_name}}</p>"),
    "kind": MacroChanged(macro_id="kind", seq=1, name="Kind", html="<p>Hello {{contact.first_name | there}}</p>"),
    "signed": MacroChanged(macro_id="signed", seq=1, name="Signed", html="<p>Yours, {{agent.name}}</p>"),
    "gone": MacroChanged(macro_id="gone", seq=2, name="Gone", html="<p>x</p>", active=False),
    "mine": MacroChanged(macro_id="mine", seq=2, name="Mine", html="<p>x</p>", personal=True),
    "other": MacroChanged(macro_id="other", seq=2, name="Other", html="<p>x</p>", brand_ids=("earth-echo",)),
}
DESK_WITH = replace(DESK, macros=MACROS, ticket_types={one.type_id: one for one in TICKET_TYPES})
PEN = Pen(lambda *_: "<signed@paleohacks.example>", lambda html: html.replace("<p>", "").replace("</p>", ""))
FIELDS = tuple(
    TicketField(id=id_, value=value)
    for id_, value in (("order", "1001"), ("reason", "Wrong item"), ("action", "Refund in full"))
)
REFUND = CreateTicket(id="t9", type_id="refund", fields=FIELDS, rule=RULE)


def aids(who: Contact | None = None, **known: Any) -> Aids:
    who = who or contact()
    return Aids(pen=PEN, people={who.id: who}, numbers={"t9": 7}, **known)


def done(
    *actions: object, state: Conversation | None = None, by: Aids | None = None, at: float = 2, desk: Desk = DESK_WITH
) -> list[ConversationEvent]:
    heard = Decided.model_validate(
        {
            "decision_id": "d1",
            "conversation_id": CONVERSATION,
            "seq": 1,
            "at": minute(1),
            "trigger": Trigger(event_id="e", event="TimePassed", seq=1),
            "actions": actions,
        }
    )
    outcome = decide_decision(state or started(), heard, context(at, SYSTEM), desk, by or aids())
    return list(outcome.events)


def macro(name: str = "plain", **fields: Any) -> SendMacro:
    return SendMacro(id="e9", macro_id=name, rule=RULE, **fields)


def refused(events: list[ConversationEvent]) -> str:
    (told,) = events
    assert isinstance(told, ActionRefused)
    assert told.reason.endswith(".")
    assert told.by == Actor(kind="rule", id="slow", name="Nobody answered")
    return told.code


# ── automatic replies ────────────────────────────────────────────────────────────────────────────
def test_a_macro_is_sent_to_the_sender_alone_and_nobodys_waiting_ends() -> None:
    (sent,) = done(macro())
    assert isinstance(sent, ReplySent)
    assert (sent.message.automatic, sent.message.text) == ("auto_reply", "Thank you. Paleo Hacks")
    assert [one.address for one in sent.message.to] == [ADA.value]
    assert sent.message.cc == ()
    assert (sent.message.entry_id, sent.by.id, sent.decision_id) == ("e9", "slow", "d1")
    before = started().head
    assert (sent.head.waiting_since, sent.head.first_reply_at) == (before.waiting_since, None)
    assert sent.head.participants == before.participants


def test_who_is_not_known_as_a_user_hears_nothing_about_themselves() -> None:
    assert refused(done(macro("named"))) == "missing_variables"
    (sent,) = done(macro("kind"))
    assert isinstance(sent, ReplySent)
    assert sent.message.text == "Hello there"
    user = contact().model_copy(update={"kind": "user"})
    (sent,) = done(macro("named"), by=aids(user))
    assert isinstance(sent, ReplySent)
    assert sent.message.text == "Hello Ada"


def test_the_customer_is_blocked_by_the_rule_once_and_gets_no_reply_after_it() -> None:
    by = aids()
    block = BlockSender(reason="Threats", rule=RULE)
    assert refused(done(block, block, macro(), by=by)) == "blocked"
    (blocked,) = by.blocked
    assert blocked.by == Actor(kind="rule", id="slow", name="Nobody answered")
    assert blocked.contact.blocked is not None
    assert (blocked.contact.blocked.reason, blocked.contact.blocked.by) == ("Threats", "")
    [free] = decide_unblock(blocked.contact, Step(minute(3), MAYA))
    assert free.contact.blocked is None


def test_nobody_is_blocked_who_is_not_known() -> None:
    by = Aids()
    assert refused(done(BlockSender(reason="Threats", rule=RULE), by=by)) == "unknown_contact"
    assert by.blocked == []


@pytest.mark.parametrize("name", ["gone", "mine", "nowhere", "other", "signed"])
def test_a_macro_that_cannot_be_sent_is_named_on_the_timeline(name: str) -> None:
    assert refused(done(macro(name))) in ("unknown_macro", "other_brand", "missing_variables")


@pytest.mark.parametrize(
    ("rollout", "said"),
    [
        (Rollout(brand_ids=("paleo-hacks",)), "New"),
        (Rollout(percentage=place_of("plain", CONVERSATION) + 1), "New"),
        (Rollout(percentage=place_of("plain", CONVERSATION)), "Old"),
        (Rollout(team_ids=("vip",)), "Old"),
    ],
)
def test_while_a_macro_is_rolled_out_a_rule_answers_with_the_conversations_own_version(
    rollout: Rollout, said: str
) -> None:
    staged = MACROS["plain"].model_copy(
        update={
            "html": "<p>New</p>",
            "rollout": rollout,
            "before": MacroText(version=1, name="We are on it", html="<p>Old</p>"),
        }
    )
    (sent,) = done(macro(), desk=replace(DESK_WITH, macros={"plain": staged}))
    assert isinstance(sent, ReplySent)
    assert sent.message.text == said


def test_a_macro_that_is_rolled_out_to_others_only_is_not_sent_and_that_is_said() -> None:
    staged = MACROS["plain"].model_copy(update={"rollout": Rollout(brand_ids=("earth-echo",))})
    assert refused(done(macro(), desk=replace(DESK_WITH, macros={"plain": staged}))) == "not_rolled_out"


def test_no_second_one_within_the_hour_whichever_conversation_or_rule() -> None:
    known = aids()
    assert isinstance(done(macro(), by=known)[0], ReplySent)
    assert known.replied == {"email:ada@example.org"}
    assert refused(done(macro(), by=known, at=30)) == "answered_lately"
    lately = {"email:ada@example.org": minute(2) - AT_MOST_EVERY + timedelta(seconds=1)}
    assert refused(done(macro(), by=aids(answered=lately))) == "answered_lately"
    past = {"email:ada@example.org": minute(2) - AT_MOST_EVERY}
    assert isinstance(done(macro(), by=aids(answered=past))[0], ReplySent)


def test_machines_spam_the_blocked_and_ourselves_are_never_answered() -> None:
    assert refused(done(macro(to_automatic=True))) == "automatic_mail"
    blocked = contact().model_copy(update={"blocked": Block(reason="", at=minute(0))})
    assert refused(done(macro(), by=aids(blocked))) == "blocked"
    ours = Handle(kind="email", value="support@paleohacks.example")
    loop = decide_message(None, mail(sender=ours), context(0, SYSTEM), contact(ours), DESK).state
    assert refused(done(macro(), state=loop, by=aids(contact(ours)))) == "own_address"
    spam = started()
    spam = replace(spam, head=spam.head.model_copy(update={"spam": True}))
    assert refused(done(macro(), state=spam)) == "is_spam"
    phone = replace(spam, head=spam.head.model_copy(update={"spam": False, "channel": "phone"}))
    assert refused(done(macro(), state=phone)) == "channel_cannot_reply"


def test_what_a_decision_marks_as_spam_is_not_answered_by_it() -> None:
    marked, *rest = done(MarkSpam(reason="Spam score 0.97."), macro())
    assert isinstance(marked, SpamMarked)
    assert refused(rest) == "is_spam"


# ── tickets ──────────────────────────────────────────────────────────────────────────────────────
def test_a_ticket_is_made_and_linked_with_what_is_known() -> None:
    known = aids()
    (linked,) = done(REFUND, by=known)
    assert isinstance(linked, LinkAdded)
    assert (linked.link.id, linked.link.number, linked.link.title) == ("t9", 7, "Refund 1001")
    assert [type(one) for one in known.made] == [TicketSubmitted, TicketLinked]
    head = known.made[-1].head
    assert (head.contact_id, head.brand_id, head.team_id) == (contact().id, "paleo-hacks", "billing")
    assert known.linked == [("t9", CONVERSATION)]
    assert known.keys["t9"] == key_of(REFUND, started().head, context(2, SYSTEM), DESK_WITH)


def test_where_only_one_may_be_that_one_is_linked() -> None:
    there = submitted()
    key = key_of(REFUND, started().head, context(2, SYSTEM), DESK_WITH)
    assert key is not None
    known = aids(there={key: there})
    (linked,) = done(REFUND, by=known)
    assert isinstance(linked, LinkAdded)
    assert linked.link.id == there.id
    assert [type(one) for one in known.made] == [TicketLinked]


def test_two_rules_of_one_batch_make_one_ticket() -> None:
    known = aids()
    done(REFUND, by=known)
    other = replace(started(), head=started().head.model_copy(update={"id": "c2"}))
    (linked,) = done(REFUND.model_copy(update={"id": "t10"}), state=other, by=known)
    assert isinstance(linked, LinkAdded)
    assert linked.link.id == "t9"
    assert [one.seq for one in known.made] == [1, 2, 3]


def test_a_form_that_is_not_right_makes_none_and_says_so() -> None:
    known = aids()
    assert refused(done(REFUND.model_copy(update={"fields": FIELDS[:1]}), by=known)) == "bad_fields"
    assert refused(done(REFUND.model_copy(update={"type_id": "gone"}), by=known)) == "unknown_ticket_type"
    assert known.made == []


def test_a_tracker_counts_one_more_report_and_none_twice() -> None:
    tracker = _tracker()
    known = aids(trackers={tracker.id: tracker})
    action = LinkTracker(tracker_id=tracker.id, rule=RULE)
    (linked,) = done(action, by=known)
    assert isinstance(linked, LinkAdded)
    assert known.made[-1].head.report_count == tracker.report_count + 1
    state = replace(started(), head=linked.head)
    assert refused(done(action, state=state, by=known)) == "linked_already"
    assert refused(done(action)) == "unknown_tracker"
    foreign = {tracker.id: tracker.model_copy(update={"brand_id": "earth-echo"})}
    assert refused(done(action, by=aids(trackers=foreign))) == "other_brand"


def _tracker() -> TicketHead:
    return submitted("tracker", {}, title="Late parcels")


# ── colleagues and other systems ─────────────────────────────────────────────────────────────────
def test_alerts_and_events_of_a_rules_own_are_facts_on_the_timeline_and_no_activity() -> None:
    alert = NotifyAgents(id="a1", text="Look", to=("assignee", "leads"), rule=RULE)
    event = EmitEvent(id="x1", name="order.late", attributes=(TicketField(id="order", value="1001"),), rule=RULE)
    raised, emitted = done(alert, event)
    assert isinstance(raised, AlertRaised)
    assert isinstance(emitted, CustomEventEmitted)
    assert (raised.alert_id, raised.text, raised.to) == ("a1", "Look", ("assignee", "leads"))
    assert (emitted.custom_id, emitted.name) == ("x1", "order.late")
    assert emitted.head.last_activity_at == started().head.last_activity_at


def test_a_webhooks_call_is_the_same_event_for_one_endpoint_alone() -> None:
    values = (TicketField(id="order", value="1001"),)
    (called,) = done(CallWebhook(id="x1", endpoint_id="hook", name="order.late", attributes=values, rule=RULE))
    assert isinstance(called, CustomEventEmitted)
    assert (called.custom_id, called.name, called.attributes, called.endpoint_id) == (
        "x1",
        "order.late",
        values,
        "hook",
    )
    assert (called.by.id, called.decision_id) == ("slow", "d1")
    assert called.head.last_activity_at == started().head.last_activity_at


def test_a_webhook_that_was_not_called_is_said_where_the_rule_acted() -> None:
    heard = WebhookRefused(
        custom_id="x1",
        conversation_id=CONVERSATION,
        seq=1,
        at=minute(2),
        by=Actor(kind="rule", id="slow", name="Nobody answered"),
        decision_id="d1",
        code="unknown_webhook",
        reason="The webhook is not there any more.",
    )
    outcome = decide_webhook_refused(started(), heard, context(3, SYSTEM))
    assert refused(list(outcome.events)) == "unknown_webhook"
    (told,) = outcome.events
    assert isinstance(told, ActionRefused)
    assert (told.action, told.decision_id) == ("call_webhook", "d1")
    assert told.head.last_activity_at == started().head.last_activity_at
    assert decide_webhook_refused(None, heard, context(3, SYSTEM)).ignored == ("unknown_conversation",)
