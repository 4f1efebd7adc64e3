"""Rules on what happens to a conversation's tickets: which are asked, what they see, and that they end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.routing.model.later import event_of, head_of
from services.routing.rules.compile import Known, check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.names import is_called, kinds_of, name_of
from services.routing.rules.schema import Rule, RuleField
from services.routing.simulate.attempt import Attempt
from services.routing.simulate.compare import Sides
from services.routing.simulate.job import World as Simulated
from services.routing.sla.check import check_policy
from services.routing.sla.schema import PolicyDraft
from shared.contracts.conversations import ConversationEvent, LinkAdded, LinkProgressed, LinkRemoved
from shared.contracts.directory import TicketTypeChanged
from shared.contracts.linked import TEXT_CHARS, TicketUpdated
from shared.errors import Invalid
from tests.unit.routing.examples import KNOWN, changed, condition, drafted, head, rule, started
from tests.unit.routing.linked_tickets import link, linked, moved, ticket, updated
from tests.unit.routing.waiting_rules import IN_2H, NOTE, World, later

FORM = (
    RuleField(id="refund.order", applies_to="ticket", label="Refund: Order", type="text"),
    RuleField(id="refund.amount", applies_to="ticket", label="Refund: Amount", type="number"),
    RuleField(id="refund.paid", applies_to="ticket", label="Refund: Paid", type="yes_no"),
    RuleField(id="refund.since", applies_to="ticket", label="Refund: Since", type="date"),
    RuleField(id="quality.order", applies_to="ticket", label="Quality: Order", type="text"),
)
TYPES = {
    "refund": TicketTypeChanged(type_id="refund", seq=1, name="Refund"),
    "quality": TicketTypeChanged(type_id="quality", seq=1, name="Quality", kind="tracker"),
}
DESK = Known(KNOWN.brands, KNOWN.teams, KNOWN.agents, FORM, ticket_types=TYPES)


def facts(event: ConversationEvent) -> Facts:
    return Facts(event.head, getattr(event, "message", None), event)


def saved(asked: dict[str, Any], **changes: Any) -> Rule:
    conditions = {"all": [asked]}
    kept = {"fields": check(drafted(conditions), DESK)}
    return rule(**{"if": conditions, "when": ["LinkAdded", "LinkProgressed", "TicketAssigned"], **changes}).model_copy(
        update=kept
    )


# ── which rules are asked ────────────────────────────────────────────────────────────────────────
ASKED = [
    (linked(created=True), ["TicketSubmitted", "LinkAdded"]),
    (linked(), ["LinkAdded"]),
    (moved("in_progress"), ["TicketStateChanged", "LinkProgressed"]),
    (moved("resolved"), ["TicketResolved", "TicketStateChanged", "LinkProgressed"]),
    (moved("resolved", kind="tracker"), ["TicketResolved", "TicketStateChanged", "LinkProgressed"]),
    (moved("resolved", previous=None, text="Fixed"), ["LinkProgressed"]),
    (updated("assigned"), ["TicketAssigned"]),
    (updated("commented"), ["TicketCommented"]),
    (updated("edited"), ["TicketFieldsChanged"]),
    (updated("due"), ["TicketDueChanged"]),
    (updated("sla_warned"), ["TicketSlaWarned"]),
    (updated("sla_breached"), ["TicketSlaBreached"]),
]
ALL = ("TicketSubmitted", "LinkAdded", "TicketStateChanged", "TicketResolved", "LinkProgressed", "TicketAssigned",
       "TicketCommented", "TicketFieldsChanged", "TicketDueChanged", "LinkRemoved", "Tagged")  # fmt: skip


@pytest.mark.parametrize(("event", "names"), ASKED, ids=lambda one: one[0] if isinstance(one, list) else "")
def test_a_rule_is_asked_by_the_tickets_own_name_and_by_the_wider_ones(event: Any, names: list[str]) -> None:
    for name in ALL:
        rules = RuleSet([rule(when=[name])])
        assert bool(rules.run(name_of(event), facts(event)).matched) is (name in names), name
        assert rules.is_for(name_of(event)) is (name in names)
        # so do a draft that is tried and one that is simulated
        assert is_called(event, (name,)) is (name in names)
        assert (type(event).__name__ in kinds_of([name])) or name not in names
        tried = Attempt(rule(when=[name])).run("e1", event, facts(event), Simulated())
        assert (tried is not None) is (name in names)
        compared = Sides([], [rule(when=[name])]).compare("e1", event, facts(event), Simulated())
        assert bool(compared and compared.differs) is (name in names)


def test_one_rule_for_a_name_and_its_wider_one_acts_once() -> None:
    rules = RuleSet([rule(when=["TicketResolved", "TicketStateChanged", "LinkProgressed"])])
    assert len(rules.run(name_of(moved("resolved")), facts(moved("resolved"))).matched) == 1


# ── what they see ────────────────────────────────────────────────────────────────────────────────
SEEN: list[tuple[Any, dict[str, Any], bool]] = [
    (linked(), condition("ticket.kind", "is", "ticket"), True),
    (linked(), condition("ticket.type", "is", "refund"), True),
    (linked(), condition("ticket.state", "is", "submitted"), True),
    (linked(), condition("ticket.state", "changed"), False),
    (linked(), condition("ticket.title", "contains", "refund"), True),
    (linked(), condition("ticket.team", "is", "email-support"), True),
    (linked(), condition("ticket.assignee", "is_not", "maya"), False),
    (linked(), condition("ticket.due_at", "within_next", "PT6H"), True),
    (linked(), condition("ticket.due_at", "within_next", "PT4H"), False),
    (linked(), condition("ticket.created_at", "longer_ago", "P2D"), True),
    (linked(), condition("ticket.created_by", "is_not_set"), True),
    (linked(), condition("ticket.comments", "at_least", 1), True),
    (linked(), condition("ticket.last_comment", "contains", "bank"), True),
    (linked(), condition("conversation.tickets", "is", 1), True),
    (moved("waiting_on_customer"), condition("ticket.state", "changed_to", "waiting_on_customer"), True),
    (moved("waiting_on_customer"), condition("ticket.state", "changed_to", "resolved"), False),
    (moved("resolved", previous=None, text="x"), condition("ticket.state", "changed_to", "resolved"), False),
    (moved("resolved"), condition("ticket.assignee", "changed"), False),
    (updated("assigned", parts=("assignee",)), condition("ticket.assignee", "changed_to", "maya"), True),
    (updated("assigned", parts=("team",)), condition("ticket.assignee", "changed_to", "maya"), False),
    (updated("assigned", parts=("team",)), condition("ticket.team", "changed"), True),
    (updated("assigned", parts=("team",)), condition("event.changed", "contains", "ticket.team"), True),
    (updated("due", parts=("due_at",)), condition("ticket.due_at", "changed"), True),
    (updated("edited", fields=("amount",)), condition("ticket_field.refund.amount", "changed"), True),
    (updated("edited", fields=("amount",)), condition("ticket_field.refund.amount", "changed_to", 12.5), True),
    (updated("edited", fields=("amount",)), condition("ticket_field.refund.order", "changed"), False),
    # another type's field of the same name is another field
    (linked(), condition("ticket_field.refund.order", "is", "1001"), True),
    (linked(), condition("ticket_field.quality.order", "is_set"), False),
    # what is not set is neither 0 nor false
    (linked(), condition("ticket_field.refund.amount", "greater", 12), True),
    (linked(ticket=ticket(fields=())), condition("ticket_field.refund.amount", "less", 1), False),
    (linked(ticket=ticket(fields=())), condition("ticket_field.refund.amount", "is_not_set"), True),
    (linked(ticket=ticket(fields=())), condition("ticket_field.refund.paid", "is", False), False),
    # nor is what was entered when the field was another one
    (linked(ticket=ticket(fields=({"id": "amount", "value": "much"},))),
     condition("ticket_field.refund.amount", "greater", 1), False),
    (linked(ticket=ticket(fields=({"id": "amount", "value": True},))),
     condition("ticket_field.refund.amount", "is_set"), False),
    (linked(ticket=ticket(fields=({"id": "since", "value": "long"},))),
     condition("ticket_field.refund.since", "is_set"), False),
    (linked(ticket=ticket(fields=({"id": "since", "value": "2026-04-01"},))),
     condition("ticket_field.refund.since", "longer_ago", "P20D"), True),
    # of another brand's ticket there is what the link says
    (linked(ticket=None), condition("ticket.state", "is", "submitted"), True),
    (linked(ticket=None), condition("ticket.assignee", "is_set"), False),
]  # fmt: skip


@pytest.mark.parametrize(("event", "asked", "held"), SEEN)
def test_what_a_rule_sees_of_the_ticket(event: Any, asked: dict[str, Any], held: bool) -> None:
    name = name_of(event)
    rules = RuleSet([saved(asked, when=[name])])
    outcome = rules.run(name, facts(event))
    (trace,) = rules.explain(name, "paleo-hacks", outcome.looked_at, outcome.seen)
    assert trace.matched is bool(outcome.matched), "the explanation tells another story"
    assert trace.matched is held


HIDDEN = [
    condition("ticket.assignee", "is_not_set"),
    condition("ticket.assignee", "is_not", "maya"),
    condition("ticket.team", "not_in", ["email-support"]),
    condition("ticket.last_comment", "not_contains", "x"),
    condition("ticket_field.refund.order", "is_not_set"),
    condition("ticket_field.refund.order", "is_not", "1"),
]


@pytest.mark.parametrize("asked", HIDDEN, ids=lambda one: f"{one['field']} {one['operator']}")
@pytest.mark.parametrize("event", [linked(ticket=None), changed(LinkRemoved, {"link": link()})])
def test_a_ticket_of_which_nothing_is_known_makes_no_rule_match(event: Any, asked: dict[str, Any]) -> None:
    name, other = name_of(event), condition("conversation.brand", "is", "earth-echo")
    positive = condition(asked["field"], "is_set")
    for asks in (
        {"all": [asked]},
        {"none": [positive]},
        {"none": [asked]},
        {"all": [{"none": [{"any": [positive, other]}]}]},
        {"none": [{"none": [asked]}]},
    ):
        kept = {"fields": check(drafted(asks), DESK)}
        rules = RuleSet([rule(**{"if": asks, "when": [name]}).model_copy(update=kept)])
        outcome = rules.run(name, facts(event))
        (trace,) = rules.explain(name, "paleo-hacks", outcome.looked_at, outcome.seen)
        assert (bool(outcome.matched), trace.matched) == (False, False), asks
    # another reason to match is one all the same, and what the link says is known
    either = {"any": [asked, condition("ticket.state", "is", "submitted")]}
    kept = {"fields": check(drafted(either), DESK)}
    assert RuleSet([rule(**{"if": either, "when": [name]}).model_copy(update=kept)]).run(name, facts(event)).matched


def test_of_an_unlinked_ticket_what_it_was_is_known() -> None:
    event = changed(LinkRemoved, {"link": link(), "ticket": ticket()})
    asked = saved(condition("ticket.assignee", "is", "maya"), when=["LinkRemoved"])
    assert RuleSet([asked]).run("LinkRemoved", facts(event)).matched


@pytest.mark.parametrize("event", [started(), changed(LinkAdded, {"link": {"kind": "url", "id": "u", "title": "t"}})])
def test_an_event_without_a_ticket_has_none_of_its_fields(event: Any) -> None:
    for asked in (condition("ticket.state", "is_set"), condition("ticket_field.refund.order", "is_set")):
        rules = RuleSet([saved(asked, when=[name_of(event)])])
        assert not rules.run(name_of(event), facts(event)).matched


@pytest.mark.parametrize(
    ("asked", "place", "says"),
    [
        (condition("ticket.state", "is", "lost"), "value", "There is no"),
        (condition("ticket.type", "is", "cancel"), "value", "There is no ticket type"),
        (condition("ticket.created_at", "changed"), "operator", "No event says"),
        (condition("ticket_field.refund.colour", "is", "red"), "field", "There is no field"),
        (condition("ticket_field.refund.amount", "greater", "a lot"), "value", "a number"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_place(asked: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(drafted({"all": [asked]}), DESK)
    (error,) = refused.value.fields
    assert (error.path, says in error.message) == (f"if.all[0].{place}", True)


def test_a_rule_about_time_and_a_policy_do_not_ask_about_a_ticket() -> None:
    for field, value in (("ticket.state", "resolved"), ("ticket_field.refund.order", "1")):
        asked = {"all": [condition("conversation.started_at", "longer_ago", "PT1H"), condition(field, "is", value)]}
        with pytest.raises(Invalid, match="There is no event when time passes"):
            check(drafted(asked).model_copy(update={"when": ("TimePassed",)}), DESK)
        policy = PolicyDraft.model_validate({"name": "P", "if": {"all": [asked["all"][1]]}, "close_s": 60})
        with pytest.raises(Invalid, match="not about one event"):
            check_policy(policy, DESK, ())


# ── that they end ────────────────────────────────────────────────────────────────────────────────
def made_by(rule_id: str) -> Any:
    return linked(created=True, decision_id="d1", by={"kind": "rule", "id": rule_id, "name": "A rule"})


def test_a_rule_that_makes_a_ticket_does_not_make_one_of_that() -> None:
    make = [{"kind": "create_ticket", "type_id": "refund"}]
    world = World(rule("r", when=["TicketSubmitted", "ConversationStarted"], then=make), rule("n", when=["LinkAdded"]))
    world.hear(started())
    assert world.by == ["r"]
    world.hear(made_by("r"), chain=("r",))
    assert [one.kind for one in world.actions] == ["create_ticket", "add_tags", "report_loop"]
    assert [one.id for one in world.plans[-1].cut] == ["r"]


WAITING = {"all": [condition("ticket.state", "is", "waiting_on_customer")]}


@pytest.mark.parametrize(
    ("then", "acts"),
    [
        (None, True),
        (moved("resolved"), False),
        (updated("commented", ticket=ticket(state="waiting_on_customer", assignee_id="jonas")), True),
        (changed(LinkRemoved, {"link": link()}), False),
        (changed(LinkRemoved, {"link": link(id="t2")}), True),
        (changed(LinkProgressed, {"link": link(id="t2", state="resolved"), "previous_state": "submitted"}), True),
    ],
)
def test_a_rule_that_waits_asks_about_the_ticket_as_it_is_then(then: Any, acts: bool) -> None:
    world = World(rule("r", when=["TicketStateChanged"], **{"if": WAITING, **IN_2H}))
    world.hear(started())
    world.hear(moved("waiting_on_customer"))
    if then is not None:
        now = link(state="waiting_on_customer", seq=3) if isinstance(then, TicketUpdated) else None
        brought = then.model_copy(update={"link": now} if now else {})
        world.hear(later(brought.model_copy(update={"seq": 3}), minutes=30))
    world.pass_(hours=3)
    assert world.by == (["r"] if acts else [])


@pytest.mark.parametrize(
    ("when", "acts"), [("TicketResolved", []), ("TicketStateChanged", ["r", "r"]), ("LinkProgressed", ["r", "r"])]
)
def test_what_waits_from_being_resolved_ends_when_that_is_over(when: str, acts: list[str]) -> None:
    world = World(rule("r", when=[when], after="PT2H", then=NOTE))
    world.hear(started())
    world.hear(moved("resolved"))
    over = moved("in_progress", "resolved")
    world.hear(later(over.model_copy(update={"seq": 3}), minutes=30))
    world.pass_(hours=3)
    assert world.by == acts


def test_what_waits_from_being_resolved_stays_while_colleagues_talk() -> None:
    world = World(rule("r", when=["TicketResolved"], after="PT2H", then=NOTE))
    world.hear(started())
    world.hear(moved("resolved"))
    said = updated("commented", link=link(state="resolved", seq=4), ticket=ticket(state="resolved"))
    world.hear(later(said.model_copy(update={"seq": 3}), minutes=30))
    world.pass_(hours=3)
    assert world.by == ["r"]


def kept(world: World) -> dict[str, Any]:
    assert world.row is not None
    (wait,) = world.row.waits
    return dict(json.loads(wait.data))


def test_an_event_without_the_ticket_takes_nothing_from_what_is_known() -> None:
    world = World(rule("r", when=["TicketStateChanged"], after="PT2H", then=NOTE))
    world.hear(started())
    world.hear(moved("waiting_on_customer"))
    world.hear(later(updated("commented", ticket=None).model_copy(update={"seq": 3}), minutes=1))
    assert kept(world)["ticket"]["assignee_id"] == "maya"
    assert kept(world)["link"]["seq"] == 3


@pytest.mark.parametrize("field", ["ticket.assignee", "ticket.due_at", "ticket_field.refund.order"])
@pytest.mark.parametrize("operator", ["is_set", "is_not_set"])
def test_what_a_trackers_conversations_do_not_hear_of_matches_no_rule_that_waited(field: str, operator: str) -> None:
    asked = {"all": [condition(field, operator)]}
    fields = {"fields": check(drafted(asked), DESK)}
    draft = rule("r", when=["LinkProgressed"], after="PT2H", then=NOTE, **{"if": asked})
    world = World(draft.model_copy(update=fields))
    world.hear(started())
    of_tracker = ticket(kind="tracker", **({} if operator == "is_set" else {"assignee_id": None, "due_at": None,
                                                                           "fields": ()}))  # fmt: skip
    world.hear(moved("in_progress", kind="tracker", ticket=of_tracker))
    assert world.row is not None
    assert len(world.row.waits) == 1, "it held when it was asked"
    assert kept(world)["ticket"] is None
    world.pass_(hours=3)
    assert world.by == []


TRACKER = condition("ticket.kind", "is", "tracker")
NEVER = [
    ({"all": [condition("ticket_field.quality.order", "is_set")]}, {}, "all[0]", "a tracker"),
    ({"all": [TRACKER, {"none": [condition("ticket.team", "is_set")]}]}, {}, "all[1].none[0]", "a tracker"),
    ({"all": [condition("ticket.type", "in", ["quality"]), condition("ticket.due_at", "is_set")]}, {}, "all[1]",
     "a tracker"),
    ({"any": [condition("ticket.assignee", "is_set"), TRACKER]}, {"when": ("LinkRemoved",)}, "any[0]",
     "an unlinked ticket"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "changes", "place", "of"), NEVER)
def test_a_rule_that_waits_is_refused_what_it_cannot_know_by_then(
    asked: dict[str, Any], changes: dict[str, Any], place: str, of: str
) -> None:
    draft = drafted(asked).model_copy(update={"when": ("TicketStateChanged",), **changes})
    check(draft, DESK)
    with pytest.raises(Invalid) as refused:
        check(draft.model_copy(update={"after": "PT2H"}), DESK)
    (error,) = refused.value.fields
    assert (error.path, error.message.startswith(f"Of {of} a rule that waits")) == (f"if.{place}.field", True)


@pytest.mark.parametrize(
    "asked",
    [
        {"all": [TRACKER, condition("ticket.state", "is", "resolved")]},
        {"any": [TRACKER, condition("ticket.team", "is_set")]},
        {"all": [condition("ticket.type", "in", ["quality", "refund"]), condition("ticket.team", "is_set")]},
        {"all": [condition("ticket_field.refund.order", "is_set")]},
        {"none": [TRACKER, condition("ticket.team", "is_set")]},
    ],
)
def test_a_rule_that_waits_may_ask_what_some_ticket_can_meet(asked: dict[str, Any]) -> None:
    check(drafted(asked).model_copy(update={"when": ("TicketStateChanged",), "after": "PT2H"}), DESK)


def test_long_texts_of_a_ticket_are_kept_by_their_beginning() -> None:
    long = ticket(fields=tuple({"id": f"f{n}", "value": "x" * 20_000} for n in range(50)), last_comment="y" * 20_000)
    world = World(rule("r", when=["TicketStateChanged"], after="PT2H", then=NOTE))
    world.hear(started())
    world.hear(moved("waiting_on_customer", ticket=long))
    assert len(json.dumps(kept(world)["ticket"])) < 50 * (TEXT_CHARS + 100)
    newer = updated("edited", ticket=long).model_copy(update={"seq": 3})
    world.hear(later(newer, minutes=1))
    assert len(json.dumps(kept(world)["ticket"])) < 50 * (TEXT_CHARS + 100)


def test_what_waits_knows_the_newest_of_its_ticket() -> None:
    world = World(rule("r", when=["TicketStateChanged"], after="PT2H", then=NOTE))
    world.hear(started())
    world.hear(moved("waiting_on_customer"))
    newer = updated("assigned", parts=("assignee",), ticket=ticket(assignee_id="jonas"))
    world.hear(later(newer.model_copy(update={"seq": 3}), minutes=1))
    assert world.row is not None
    (wait,) = world.row.waits
    assert json.loads(wait.data)["ticket"]["assignee_id"] == "jonas"
    now = head_of(world.row) or head()
    event = event_of(wait, now, world.now)
    assert isinstance(event, LinkProgressed)
    assert facts(event).ticket == newer.ticket
