"""Who is told of what, where, and when: pure, table by table."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.notices import words
from services.notifications.notices.model import DEFAULTS, KINDS, Preferences, QuietHours, Ways, ways_for
from services.notifications.notices.reasons import EXCERPT_CHARS, tellings
from services.notifications.notices.who import sees, visible
from shared.access import Viewer
from shared.contracts import conversations as c
from shared.contracts import tickets as t
from shared.contracts.automation import AlertRaised
from shared.contracts.base import Event
from shared.contracts.common import Actor, Call
from shared.contracts.notices import Notice
from shared.scope import Scope
from tests.unit.notifications.examples import AT, CONVERSATION, CUSTOMER, ENTRY, MAYA, head, message

LENA = Actor(kind="agent", id="lena", name="Lena Brandt")
RULE = Actor(kind="rule", id="vip", name="VIP first")
BUYER = Actor(kind="customer", name=CUSTOMER.name)
TEAMS = {"email": ("maya", "jonas"), "phone": ("leo",)}
MISSED = Call(call_id="1", direction="inbound", state="ended", number="+13105550100")
LINK = c.Link(kind="ticket", id="t1", title="#12 Refund", seq=3, state="resolved")


def told(event: Event, event_id: str = "event-1") -> dict[str, str]:
    """agent → kind"""
    found = _tellings(event, event_id)
    assert len({one.notice.id for one in found}) == len(found)
    return {one.agent_id: one.notice.kind for one in found}


def _tellings(event: Event, event_id: str = "event-1") -> Any:
    by_address = {"leo@desk.example": "leo"}
    return tellings(
        event_id, event, lambda team: TEAMS.get(team, ()), agent_of=by_address.get, leads=lambda _: ["lena"]
    )


def conversation(kind: type[c.ConversationEvent], **fields: Any) -> c.ConversationEvent:
    common: dict[str, Any] = {"conversation_id": CONVERSATION, "seq": 3, "at": AT, "by": MAYA, "head": head()}
    return kind(**(common | fields))


def note(**fields: Any) -> c.ConversationEvent:
    return conversation(c.NoteAdded, **({"entry_id": ENTRY, "text": "look", "html": "<p>look</p>"} | fields))


def assigned(to: str | None, before: str | None = None, **fields: Any) -> c.ConversationEvent:
    teams = {"team_id": None, "previous_team_id": None}
    return conversation(c.Assigned, assignee_id=to, previous_assignee_id=before, **teams, **fields)


def replied(**fields: Any) -> c.ConversationEvent:
    said = fields.pop("message", message(direction="in", author=BUYER, text="still nothing"))
    return conversation(c.CustomerReplied, message=said, by=BUYER, **fields)


def call(step: str, of: Call, **fields: Any) -> c.ConversationEvent:
    return conversation(c.CallUpdated, step=step, call=of, by=BUYER, **fields)


def progressed(**fields: Any) -> c.ConversationEvent:
    return conversation(c.LinkProgressed, **({"link": LINK} | fields))


def ticket(kind: type[t.TicketEvent], by: Actor = LENA, **fields: Any) -> t.TicketEvent:
    place = {"assignee_id": "nora", "created_by": "maya"} | fields.pop("place", {})
    times = dict.fromkeys(("created_at", "updated_at", "state_since"), AT)
    now = t.TicketHead(
        id="t1", seq=3, number=12, kind="back_office", type_id="refund", title="Refund", state="resolved",
        brand_id="paleo-hacks", **times, **place,
    )  # fmt: skip
    return kind(ticket_id="t1", seq=3, at=AT, by=by, head=now, **fields)


def handed(to: str | None, before: str | None = None, **fields: Any) -> t.TicketEvent:
    teams = {"team_id": None, "previous_team_id": None}
    return ticket(t.TicketAssigned, assignee_id=to, previous_assignee_id=before, **teams, **fields)


def alert(**fields: Any) -> c.ConversationEvent:
    return conversation(AlertRaised, alert_id="a1", text="Nobody has answered", by=RULE, **fields)


MINE = head(assignee_id="maya")
LENAS = head(assignee_id="lena")
FOLLOWED = MINE.model_copy(update={"followers": ("leo", "maya")})
NAMED = '<p><span data-type="mention" data-id="jonas">@Jonas</span></p>'

CASES: list[tuple[str, Event, dict[str, str]]] = [
    ("a mention", note(mentions=("lena",)), {"lena": "mention"}),
    ("not of oneself", note(mentions=("maya", "lena")), {"lena": "mention"}),
    ("a team", note(mentions=("maya", "jonas"), teams=("email",)), {"jonas": "team_mention"}),
    ("by name and by team", note(mentions=("jonas",), teams=("email",), html=NAMED), {"jonas": "mention"}),
    ("a plain note", note(head=LENAS), {}),
    ("history brought in", note(mentions=("lena",), imported=True), {}),
    ("assigned", assigned("lena"), {"lena": "assigned"}),
    ("by a rule", assigned("maya", by=RULE), {"maya": "assigned"}),
    ("taken oneself", assigned("maya"), {}),
    ("still theirs", assigned("lena", "lena"), {}),
    ("nobody's", assigned(None, "lena"), {}),
    ("a reply on one's own", replied(head=MINE), {"maya": "reply"}),
    ("on what one began", replied(head=head(created_by="maya")), {"maya": "reply"}),
    ("of another by now", replied(head=head(created_by="maya", assignee_id="lena")), {"lena": "reply"}),
    ("on nobody's", replied(), {}),
    ("on what one follows", replied(head=FOLLOWED), {"maya": "reply", "leo": "reply"}),
    ("of a blocked sender", replied(head=MINE, quiet=True), {}),
    ("in spam", replied(head=head(assignee_id="maya", spam=True)), {}),
    ("out of office", replied(head=MINE, message=message(direction="in", author=BUYER, automatic="auto_reply")), {}),
    ("a missed call", call("ended", MISSED, head=MINE), {"maya": "call_missed"}),
    ("with a voicemail", call("voicemail", MISSED, head=MINE), {"maya": "call_missed"}),
    ("a comment on it later", call("commented", MISSED, head=MINE), {}),
    ("an answered one", call("ended", MISSED.model_copy(update={"answered_at": AT}), head=MINE), {}),
    ("one of ours", call("ended", MISSED.model_copy(update={"direction": "outbound"}), head=MINE), {}),
    ("still ringing", call("ringing", MISSED.model_copy(update={"state": "ringing"}), head=MINE), {}),
    ("on one's own line", call("ended", MISSED.model_copy(update={"agent_email": "LEO@desk.example".lower()})),
     {"leo": "call_missed"}),
    ("that begins it", conversation(c.ConversationStarted, call=MISSED, by=BUYER, head=MINE), {"maya": "call_missed"}),
    ("a linked ticket", progressed(head=LENAS), {"lena": "ticket"}),
    ("moved by oneself", progressed(head=MINE), {}),
    ("another page", progressed(head=LENAS, link=LINK.model_copy(update={"kind": "url"})), {}),
    ("a closed conversation", conversation(c.Closed, head=LENAS), {}),
    ("an alert", alert(to=("assignee", "followers"), agent_ids=("nora",), head=FOLLOWED),
     {"nora": "alert", "maya": "alert", "leo": "alert"}),
    ("an alert for a team", alert(team_ids=("email",)), dict.fromkeys(("maya", "jonas"), "alert")),
    ("an alert for leads", alert(to=("leads", "assignee")), {"lena": "alert"}),
    ("a ticket handed over", handed("nora"), {"nora": "assigned"}),
    ("taken oneself", handed("lena"), {}),
    ("handed to nobody", handed(None, "nora"), {}),
    ("submitted for someone", ticket(t.TicketSubmitted), {"nora": "assigned"}),
    ("a ticket's state", ticket(t.TicketStateChanged, state="resolved", previous_state="in_progress"),
     {"nora": "ticket", "maya": "ticket"}),
    ("a comment by one of the two", ticket(t.TicketCommented, by=MAYA, entry_id=ENTRY, text="x", html="x"),
     {"nora": "ticket"}),
    ("both the same", ticket(t.TicketCommented, entry_id=ENTRY, text="x", html="x", place={"assignee_id": "maya"}),
     {"maya": "ticket"}),
    ("its due time", ticket(t.TicketDueChanged, due_at=None), {}),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), [pytest.param(one, who, id=name) for name, one, who in CASES])
def test_whom_an_event_concerns_is_told(event: Event, expected: dict[str, str]) -> None:
    assert told(event) == expected


def test_the_same_event_makes_the_same_notices_and_another_one_others() -> None:
    first, again = _tellings(note(mentions=("lena",))), _tellings(note(mentions=("lena",)))
    other = _tellings(note(mentions=("lena",)), "event-2")
    assert [one.notice.id for one in first] == [one.notice.id for one in again]
    assert first[0].notice.id != other[0].notice.id


def test_a_tickets_change_is_told_once_to_who_has_ticket_and_conversation() -> None:
    """The ticket's own event and that on the linked conversation are the same news."""
    states = {"state": "resolved", "previous_state": "in_progress"}
    changed = ticket(t.TicketStateChanged, by=RULE, place={"assignee_id": "lena"}, **states)
    ids = {one.notice.id for one in _tellings(changed, "e1") if one.agent_id == "lena"}
    assert {one.notice.id for one in _tellings(progressed(head=LENAS), "e2")} == ids


def test_a_call_that_is_told_of_twice_is_one_notice() -> None:
    ended, voicemail = call("ended", MISSED, head=MINE), call("voicemail", MISSED, head=MINE)
    assert _tellings(ended, "e1")[0].notice.id == _tellings(voicemail, "e2")[0].notice.id


def test_an_excerpt_is_one_short_line() -> None:
    said = _tellings(note(mentions=("lena",), text="a\n\n b " + "word " * 500))[0].notice.excerpt
    assert said.startswith("a b word")
    assert len(said) <= EXCERPT_CHARS
    assert said.endswith("…")


# ── where ────────────────────────────────────────────────────────────────────────────────────────
NIGHT = QuietHours(start=time(22), end=time(7), time_zone="America/Denver")
NOON = QuietHours(start=time(12), end=time(13, 30), time_zone="Asia/Kathmandu")


def test_every_kind_has_a_default() -> None:
    assert set(DEFAULTS) == set(KINDS)


@pytest.mark.parametrize(
    ("age", "again", "expected"),
    [
        (timedelta(), False, (True, True, True)),
        (timedelta(minutes=16), False, (True, False, True)),
        (timedelta(days=1, minutes=1), False, (True, False, False)),
        (timedelta(days=15), False, (False, False, False)),
        (timedelta(), True, (True, False, False)),
    ],
)
def test_what_comes_late_disturbs_nobody(age: timedelta, again: bool, expected: tuple[bool, ...]) -> None:
    ways = ways_for(Preferences(), "mention", at=AT, now=AT + age, again=again)
    assert (ways.in_app, ways.desktop, ways.email) == expected


def test_what_is_wanted_nowhere_is_not_told() -> None:
    never = Preferences(ways={"mention": Ways(in_app=False, desktop=False, email=False)})
    assert not ways_for(never, "mention", at=AT, now=AT, again=False).any
    assert ways_for(never, "reply", at=AT, now=AT, again=False).any


@pytest.mark.parametrize(
    ("quiet", "local", "until"),
    [
        (NIGHT, "2026-03-04 21:59", None),
        (NIGHT, "2026-03-04 22:00", "2026-03-05 07:00"),
        (NIGHT, "2026-03-05 06:59", "2026-03-05 07:00"),
        (NIGHT, "2026-03-05 07:00", None),
        (NOON, "2026-03-04 12:00", "2026-03-04 13:30"),
        (NOON, "2026-03-04 13:30", None),
        (QuietHours(start=time(23), end=time(2, 30), time_zone="America/Denver"), "2026-03-08 01:30",
         "2026-03-08 03:30"),  # there is no 2:30 that night
    ],
)  # fmt: skip
def test_quiet_hours_are_of_the_agents_own_clock(quiet: QuietHours, local: str, until: str | None) -> None:
    zone = ZoneInfo(quiet.time_zone)
    ends = quiet.until(datetime.fromisoformat(local).replace(tzinfo=zone))
    assert (ends.astimezone(zone).strftime("%Y-%m-%d %H:%M") if ends else None) == until


@given(
    start=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    end=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["UTC", "America/Denver", "Asia/Kathmandu", "Pacific/Auckland", "Europe/Berlin"]),
    now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)
def test_quiet_always_ends_within_a_day_and_mail_never_leaves_in_it(
    start: time, end: time, zone: str, now: datetime
) -> None:
    if start == end:
        return
    quiet = QuietHours(start=start, end=end, time_zone=zone)
    until = quiet.until(now)
    if until is None:
        return
    assert now - timedelta(hours=1) <= until <= now + timedelta(hours=26)
    assert ways_for(Preferences(quiet=quiet), "mention", at=now, now=now, again=False).desktop is False
    assert Preferences(quiet=quiet, email_after_minutes=0).mail_due(now, now) == until


def test_a_mail_waits_as_long_as_one_likes_and_longer_when_it_is_quiet() -> None:
    now = datetime(2026, 3, 5, 5, tzinfo=UTC)  # 22:00 in Denver
    assert Preferences(email_after_minutes=30).mail_due(now, now) == now + timedelta(minutes=30)
    late = Preferences(quiet=NIGHT, email_after_minutes=30).mail_due(now - timedelta(hours=9), now)
    assert late == datetime(2026, 3, 5, 14, tzinfo=UTC)
    assert date(2026, 3, 5) == late.date()


# ── who may see it ───────────────────────────────────────────────────────────────────────────────
def viewer(*, may: tuple[str, ...] = ("conversations.read",), **scope: Any) -> Viewer:
    limits = {name: frozenset(ids) for name, ids in scope.items()}
    brands = limits.get("brands", frozenset())
    return Viewer("lena", "Lena", "lena@x.example", "r", frozenset(may), brands, frozenset(), Scope("lena", **limits))


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (viewer(), True),
        (viewer(may=()), False),
        (viewer(may=("tickets.read",)), False),
        (viewer(brands=("paleo-hacks",)), True),
        (viewer(brands=("earth-echo",)), False),
        (viewer(channels=("phone",)), False),
        (viewer(teams=("email",)), False),
    ],
)
def test_only_who_may_see_the_conversation_is_told(who: Viewer, expected: bool) -> None:
    notice = _tellings(note(mentions=("lena",)))[0].notice
    assert sees(who, notice) is expected
    assert (visible(who) != {"_id": None}) is bool(who.permissions)


def test_of_a_ticket_only_who_may_see_tickets_of_its_brand() -> None:
    notice = _tellings(handed("nora"))[0].notice
    assert sees(viewer(may=("tickets.read",)), notice)
    assert sees(viewer(may=("tickets.read",), channels=("phone",), teams=("x",)), notice)
    assert not sees(viewer(may=("tickets.read",), brands=("earth-echo",)), notice)
    assert not sees(viewer(), notice)


# ── the mail ─────────────────────────────────────────────────────────────────────────────────────
def notices(count: int = 1, **fields: Any) -> list[Notice]:
    made = {"kind": "mention", "at": AT, "by": LENA, "conversation_id": "c1", "title": "Where is <it>?"} | fields
    return [Notice(id=f"n{n}", **({"excerpt": "SECRET"} | made)) for n in range(count)]


def test_a_mail_says_who_did_what_where_and_nothing_that_was_written() -> None:
    one = notices()
    said = words.text(one, name="Maya", public_url="https://desk.example/")
    assert words.subject(one) == "Lena Brandt mentioned you: Where is <it>?"
    assert "- Lena Brandt mentioned you\n  https://desk.example/inbox/mine/c1" in said
    page = words.html(one, name="<b>", public_url="https://desk.example")
    assert "Where is &lt;it&gt;?" in page
    assert "&lt;b&gt;" in page
    assert "SECRET" not in said + page
    assert "https://desk.example/settings/notifications" in said


def test_one_mail_for_many_says_how_many_more_there_are() -> None:
    many = notices(words.SHOWN + 7)
    assert words.subject(many) == f"{words.SHOWN + 7} things that you have not seen yet"
    assert "And 7 more" in words.text(many, name="M", public_url="https://d.example")
    assert words.text(many, name="M", public_url="https://d.example").count("mentioned you") == words.SHOWN


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "assigned", "by": RULE}, "Rule VIP first assigned a conversation to you"),
        ({"kind": "assigned", "conversation_id": None, "ticket_id": "t1"}, "Lena Brandt assigned a ticket to you"),
        ({"kind": "reply", "contact_name": "Ann"}, "Ann replied"),
        ({"kind": "team_mention"}, "Lena Brandt mentioned your team"),
        ({"kind": "ticket", "by": Actor(kind="system")}, "Switchboard updated a ticket"),
        ({"kind": "alert", "by": RULE}, "Rule VIP first asks you to have a look"),
        ({"kind": "call_missed", "contact_name": "+13105550100"}, "+13105550100 called and was not answered"),
    ],
)
def test_each_kind_has_its_sentence(fields: dict[str, Any], said: str) -> None:
    assert words.sentence(notices(**fields)[0]) == said
