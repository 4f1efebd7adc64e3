"""Fan-out, replay, slow readers, expiry and changed rights, without a network."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.live.frames import Entry
from services.notifications.live.hub import CROWDED, EXPIRED, RESYNC, SLOW, Hub, Socket
from services.notifications.live.protocol import expiry_of
from services.notifications.live.replay import Replay, id_of, place_of
from shared.access import Viewer
from shared.errors import Unauthenticated
from shared.scope import Scope, Standing
from shared.signing import Signer, Visitor
from tests.unit.notifications.examples import AT


def viewer(agent_id: str = "maya", *brands: str, role_id: str = "agent") -> Viewer:
    read = frozenset({"conversations.read"})
    return Viewer(agent_id, agent_id, f"{agent_id}@desk.example", role_id, read, frozenset(brands), frozenset())


def hub(queue: int = 10, per_person: int = 3, limit_bytes: int = 100_000) -> Hub:
    return Hub(Replay(limit_bytes), queue=queue, per_person=per_person)


def joined(to: Hub, who: Viewer | Visitor, last_id: str | None = None) -> Socket:
    socket = Socket(who=who, expires_at=1000.0, wake=lambda: None)
    to.join(socket, last_id)
    return socket


def said(socket: Socket) -> list[dict[str, Any]]:
    frames = [json.loads(frame) for frame in socket.frames]
    socket.frames.clear()
    return frames


def note(n: int, brand_id: str = "paleo-hacks") -> Entry:
    return Entry(of="conversation:1", seq=n, standing=Standing(brand_id, "email"), agents=f'{{"type":"event","n":{n}}}')


def chat(n: int, visitor_id: str = "visitor-1") -> Entry:
    frame = f'{{"type":"message","n":{n}}}'
    return Entry("conversation:2", n, Standing("paleo-hacks", "chat"), visitor_id, f'{{"type":"event","n":{n}}}', frame)


def test_ready_comes_first_and_says_where_we_are() -> None:
    desk = hub()
    desk.publish((5, 0), note(1))
    assert said(joined(desk, viewer())) == [{"type": "ready", "id": "5-0", "resumed": False}]


def test_each_agent_gets_what_their_brands_allow_once() -> None:
    desk = hub()
    everything, two, other = (
        joined(desk, viewer("a")),
        joined(desk, viewer("b", "paleo-hacks", "earth-echo")),
        joined(desk, viewer("c", "earth-echo")),
    )
    visitor = joined(desk, Visitor("visitor-1", "paleo-hacks"))
    for one in (everything, two, other, visitor):
        said(one)
    desk.publish((1, 0), note(1))
    desk.publish((2, 0), Entry(of="agent:a", seq=1, agents='{"type":"availability"}'))
    assert [frame["type"] for frame in said(everything)] == ["event", "availability"]
    assert [frame["type"] for frame in said(two)] == ["event", "availability"]
    assert [frame["type"] for frame in said(other)] == ["availability"]
    assert said(visitor) == []


def told(n: int, of: str = "notice:") -> Entry:
    frame = f'{{"type":"notice","n":{n}}}'
    return Entry(of=f"{of}{n}", seq=1, standing=Standing("paleo-hacks", "email"), agents=frame, to="maya")


def test_what_one_is_told_is_for_them_alone_live_and_after_a_gap() -> None:
    desk = hub()
    desk.publish((1, 0), note(1))
    mine, same, other = joined(desk, viewer("maya")), joined(desk, viewer("maya")), joined(desk, viewer("leo"))
    visitor = joined(desk, Visitor("visitor-1", "paleo-hacks"))
    for one in (mine, same, other, visitor):
        said(one)
    desk.publish((2, 0), told(1))
    assert [frame["type"] for one in (mine, same) for frame in said(one)] == ["notice", "notice"]
    assert said(other) + said(visitor) == []
    assert [frame["type"] for frame in said(joined(desk, viewer("maya"), "1-0"))] == ["ready", "notice"]
    assert [frame["type"] for frame in said(joined(desk, viewer("leo"), "1-0"))] == ["ready"]


def test_what_one_may_not_see_any_more_one_is_not_told() -> None:
    desk = hub()
    desk.publish((1, 0), note(1))
    elsewhere = joined(desk, viewer("maya", "earth-echo"))
    said(elsewhere)
    desk.publish((2, 0), told(1))
    desk.publish((3, 0), told(2, "ticket-notice:"))
    assert said(elsewhere) == []
    assert [frame["type"] for frame in said(joined(desk, viewer("maya", "earth-echo"), "1-0"))] == ["ready"]


def test_a_visitor_gets_only_their_own_chat() -> None:
    desk = hub()
    mine, theirs = joined(desk, Visitor("visitor-1", "paleo-hacks")), joined(desk, Visitor("visitor-2", "paleo-hacks"))
    elsewhere = joined(desk, Visitor("visitor-1", "earth-echo"))
    for one in (mine, theirs, elsewhere):
        said(one)
    desk.publish((1, 0), chat(1))
    assert said(mine) == [{"type": "message", "id": "1-0", "n": 1}]
    assert said(theirs) == said(elsewhere) == []


def test_what_was_missed_is_replayed_after_a_gap() -> None:
    desk = hub()
    for n in range(1, 4):
        desk.publish((n, 0), note(n))
    desk.publish((4, 0), note(4, "earth-echo"))
    ready, *missed = said(joined(desk, viewer("a", "paleo-hacks"), last_id="1-0"))
    assert (ready["resumed"], ready["id"]) == (True, "1-0")
    assert [frame["n"] for frame in missed] == [2, 3]
    assert said(joined(desk, viewer("b"), last_id="4-0")) == [{"type": "ready", "id": "4-0", "resumed": True}]


@pytest.mark.parametrize("last_id", ["1-0", "99-0", "nonsense", "-", "1-0-0", "٣-0"])
def test_a_place_that_is_not_kept_means_fetch_anew(last_id: str) -> None:
    desk = hub(limit_bytes=700)
    for n in range(1, 9):
        desk.publish((n, 0), note(n))
    assert [frame["type"] for frame in said(joined(desk, viewer(), last_id=last_id))] == ["ready", "resync"]


def test_too_much_missed_means_fetch_anew() -> None:
    desk = hub(queue=10)
    for n in range(1, 9):
        desk.publish((n, 0), note(n))
    assert [frame["type"] for frame in said(joined(desk, viewer(), last_id="1-0"))] == ["ready", "resync"]


def test_a_broken_stream_makes_everybody_fetch_anew() -> None:
    desk = hub()
    desk.publish((1, 0), note(1))
    agent, visitor = joined(desk, viewer()), joined(desk, Visitor("visitor-1", "paleo-hacks"))
    desk.resync((9, 0))
    assert agent.frames[-1] == visitor.frames[-1] == RESYNC
    assert said(joined(desk, viewer(), last_id="1-0"))[-1] == {"type": "resync"}


def test_a_slow_reader_is_dropped_and_the_others_go_on() -> None:
    desk = hub(queue=3)
    slow, quick = joined(desk, viewer("slow")), joined(desk, viewer("quick"))
    for n in range(1, 6):
        desk.publish((n, 0), note(n))
        said(quick)
    assert (slow.close_code, quick.close_code, desk.count) == (SLOW, None, 1)
    assert len(slow.frames) == 3


def test_one_person_has_so_many_sockets_and_no_more() -> None:
    desk = hub(per_person=2)
    codes = [joined(desk, viewer()).close_code for _ in range(3)]
    assert codes == [None, None, CROWDED]
    assert joined(desk, viewer("other")).close_code is None


def test_an_old_token_ends_the_socket_and_a_new_one_keeps_it() -> None:
    desk = hub()
    kept, ended = joined(desk, viewer("a")), joined(desk, viewer("b"))
    assert desk.renew(kept, viewer("a"), expires_at=5000.0)
    assert not desk.renew(kept, viewer("b"), expires_at=9000.0)
    desk.close_expired(2000.0)
    assert (kept.close_code, ended.close_code) == (None, EXPIRED)


def test_a_change_in_the_directory_counts_at_once() -> None:
    desk = hub()
    socket, gone = joined(desk, viewer("a", "paleo-hacks")), joined(desk, viewer("b", "paleo-hacks"))
    said(socket)

    def now(before: Viewer) -> Viewer:
        if before.agent_id == "b":
            raise Unauthenticated("unknown_agent", "gone")
        return viewer(before.agent_id, "earth-echo")

    desk.look_again(desk.agents_with_role("agent"), now)
    desk.publish((1, 0), note(1))
    desk.publish((2, 0), note(2, "earth-echo"))
    assert [frame["n"] for frame in said(socket)] == [2]
    assert gone.close_code == EXPIRED


@given(
    standing=st.builds(
        Standing,
        st.sampled_from(["x", "y"]),
        st.sampled_from(["", "email", "phone"]),
        *[st.sampled_from([None, "a", "b"])] * 3,
    ),
    scope=st.builds(
        Scope,
        st.just("a"),
        st.frozensets(st.sampled_from(["x", "y"])),
        st.frozensets(st.sampled_from(["email", "phone"])),
        st.none() | st.frozensets(st.sampled_from(["a", "b"])),
    ),
)
def test_live_replayed_and_read_by_http_are_the_same(standing: Standing, scope: Scope) -> None:
    """Whoever may read it by HTTP gets the frame, at once and when they come back; nobody else does."""
    desk = hub()
    desk.publish((1, 0), note(1))
    who = Viewer("a", "a", "", "agent", frozenset({"conversations.read"}), scope.brands, frozenset(), scope)
    live = joined(desk, who)
    said(live)
    desk.publish((2, 0), Entry("conversation:9", 1, standing, agents='{"type":"event","n":9}'))
    expected = [9] if scope.sees(standing) else []
    assert [one["n"] for one in said(live)] == expected
    back = said(joined(desk, who, "1-0"))
    assert [one["n"] for one in back if one["type"] == "event"] == expected


def test_leaving_leaves_nothing_behind() -> None:
    desk = hub()
    sockets = [joined(desk, viewer("a", "x", "y")), joined(desk, viewer("a")), joined(desk, Visitor("v", "x"))]
    for socket in sockets:
        desk.leave(socket)
        desk.leave(socket)
    desk.publish((1, 0), note(1, "x"))
    assert desk.count == 0
    assert not desk._agents
    assert not desk._visitors


@given(kept=st.integers(1, 40), seen=st.integers(0, 45), total=st.integers(0, 40))
def test_replay_gives_exactly_what_came_after_or_admits_it_cannot(kept: int, seen: int, total: int) -> None:
    replay = Replay(limit_bytes=kept * (300 + len(note(10).agents)))
    for n in range(1, total + 1):
        replay.add((n, 0), note(n))
    missed = replay.since((seen, 0))
    if missed is not None:
        assert [entry.seq for _, entry in missed] == list(range(seen + 1, total + 1))
    else:
        assert seen > total or seen < total - kept + 1


def test_a_stream_id_reads_back() -> None:
    assert place_of(id_of((1690000000000, 12))) == (1690000000000, 12)


def test_the_expiry_of_a_token_is_read_from_it() -> None:
    token = Signer("s" * 32).visitor_token(Visitor("v", "b"), AT)
    assert expiry_of(token) == AT.timestamp()
    for bad in ("", "a.b.c", "a"):
        with pytest.raises(Unauthenticated):
            expiry_of(bad)
