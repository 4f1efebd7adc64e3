"""Who is asked first: fair, never over capacity in all or by channel, nobody who is away or does not suit."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.assignment import (
    Board,
    Candidate,
    Held,
    Need,
    Queue,
    order,
    places,
    reason_for,
    suits,
    waiting_reason,
)
from services.routing.assignment.languages import name_of_language, speaks
from services.routing.rules.schema import Strategy


def candidate(id_: str, **more: Any) -> Candidate:
    values: dict[str, Any] = {"name": id_.title(), "online": True, "capacity": 10}
    return Candidate(id_, **values | more)


def queue(*candidates: Candidate) -> Queue:
    return Queue("email-support", "Email Support", candidates)


def need(strategy: Strategy = "round_robin", **more: Any) -> Need:
    return Need(**{"brand_id": "b", "channel": "email", "strategy": strategy, **more})


def give_out(one: Queue, count: int, asked: Need, board: Board | None = None) -> list[str | None]:
    board = board or Board()
    given: list[str | None] = []
    for _ in range(count):
        preferred = order(one, asked, board)
        given.append(preferred[0].agent_id if preferred else None)
        if preferred:
            board.take(one.name, preferred[0].agent_id, asked.channel)
    return given


# ── turns and shares ─────────────────────────────────────────────────────────────────────────────
def test_round_robin_takes_turns() -> None:
    one = queue(candidate("a"), candidate("b"), candidate("c"))
    assert give_out(one, 6, need()) == ["a", "b", "c", "a", "b", "c"]


def test_who_comes_back_gets_the_next_one_and_not_a_pile() -> None:
    board = Board()
    give_out(queue(candidate("a"), candidate("b"), candidate("c", online=False)), 4, need(), board)
    back = queue(candidate("a"), candidate("b"), candidate("c"))
    assert give_out(back, 4, need(), board) == ["c", "a", "b", "c"]


def test_balanced_fills_by_share_of_capacity() -> None:
    one = queue(candidate("a", capacity=2), candidate("b", capacity=4))
    assert Counter(give_out(one, 6, need("balanced"))) == {"a": 2, "b": 4}
    board = Board(loads={"a": 1, "b": 1})
    assert give_out(one, 1, need("balanced"), board) == ["b"]


def test_balanced_goes_by_the_scarcer_share_of_the_two() -> None:
    one = queue(candidate("a", capacities={"chat": 2}), candidate("b"))
    board = Board(loads={"a": 1, "b": 3}, channels={Held("a", "chat"): 1})
    assert give_out(one, 1, need("balanced", channel="chat"), board) == ["b"], "half of a's chats are taken"
    assert give_out(one, 1, need("balanced"), board) == ["a"]


def test_away_other_brands_and_full_are_passed_over() -> None:
    one = queue(
        candidate("away", online=False),
        candidate("other", brand_ids=frozenset({"x"})),
        candidate("none", capacity=0),
        candidate("a"),
    )
    assert give_out(one, 11, need()) == ["a"] * 10 + [None]


def test_a_channel_has_its_own_room_within_the_whole() -> None:
    one = queue(candidate("a", capacity=3, capacities={"chat": 2, "phone": 0, "email": 9}))
    board = Board()
    assert give_out(one, 3, need(channel="chat"), board) == ["a", "a", None]
    assert give_out(one, 1, need(channel="phone"), board) == [None]
    assert give_out(one, 2, need(channel="email"), board) == ["a", None], "three in all, whatever a channel may have"


# ── skills and languages ─────────────────────────────────────────────────────────────────────────
def test_all_skills_are_needed_however_they_are_written() -> None:
    able = candidate("a", skills=("Refunds", "billing", "other"))
    assert suits(able, need(skills=("refunds", "Billing")))
    assert not suits(able, need(skills=("refunds", "legal")))
    assert suits(candidate("b"), need())


@pytest.mark.parametrize(
    ("spoken", "wanted", "suited"),
    [
        ("pt", "pt-BR", True),
        ("pt-BR", "pt", True),
        ("pt-BR", "PT-br", True),
        ("pt-PT", "pt-BR", False),
        ("zh-Hant", "zh-Hant-TW", True),
        ("zh-Hans", "zh-Hant-TW", False),
        ("de", "den", False),
        ("en", "de", False),
    ],
)
def test_languages_match_by_basic_filtering(spoken: str, wanted: str, suited: bool) -> None:
    """RFC 4647 §3.3.1, with either of the two as the wider one."""
    assert speaks(["fi", spoken], wanted) is suited
    assert suits(candidate("a", languages=(spoken,)), need(language=wanted)) is suited


def test_who_has_no_language_that_is_known_goes_to_anybody() -> None:
    assert suits(candidate("a"), need(language=""))
    assert not suits(candidate("a"), need(language="de"))
    assert (name_of_language("de"), name_of_language("pt-BR"), name_of_language("tlh")) == (
        "German",
        "Portuguese (pt-BR)",
        "tlh",
    )


# ── who is preferred besides ─────────────────────────────────────────────────────────────────────
def test_who_answered_the_customer_last_goes_first_while_they_can() -> None:
    one = queue(candidate("a"), candidate("b"), candidate("c", capacity=1, skills=("refunds",)))
    assert give_out(one, 3, need(first="c")) == ["c", "a", "b"], "c has no more room"
    assert give_out(one, 1, need(first="b", skills=("refunds",))) == ["c"], "b does not suit"
    away = queue(candidate("a"), candidate("b", online=False))
    assert give_out(away, 1, need(first="b")) == ["a"]


def test_who_did_not_answer_in_time_comes_last_the_latest_at_the_end() -> None:
    one = queue(candidate("a"), candidate("b"), candidate("c"))
    asked = need(last=("b", "a"), first="a")
    assert [each.agent_id for each in order(one, asked, Board(turns={"email-support": {"c": 9}}))] == ["c", "b", "a"]


def test_who_has_it_and_must_not_keep_it_is_not_asked() -> None:
    one = queue(candidate("a"), candidate("b"))
    assert [each.agent_id for each in order(one, need(not_by="a"), Board())] == ["b"]


def test_a_place_held_from_an_attempt_that_was_cut_off_is_no_reason_to_pass_its_agent_over() -> None:
    one = queue(candidate("a", capacity=1))
    board = Board(loads={"a": 1}, channels={Held("a", "email"): 1}, held={"c1": Held("a", "email")})
    assert order(one, need(), board) == []
    board.release("c1")
    assert [each.agent_id for each in order(one, need(), board)] == ["a"]
    board.release("c1")
    assert board.loads == {"a": 0}


def test_places_count_those_who_could_take_one() -> None:
    one = queue(
        candidate("a", capacity=2, skills=("refunds",)),
        candidate("b", online=False),
        candidate("c", capacities={"email": 3}),
    )
    assert places(one, need(), Board(loads={"a": 1})) == 4
    assert places(one, need(skills=("refunds",)), Board()) == 2
    assert places(one, need(skills=("refunds",), not_by="a"), Board()) == 0


# ── reasons ──────────────────────────────────────────────────────────────────────────────────────
REFUNDS = {"skills": ("refunds",)}


def test_the_reason_says_how_they_were_chosen_and_who_was_left_out_for_what() -> None:
    a, b = candidate("a", **REFUNDS), candidate("b")
    one = queue(a, b, candidate("c"), candidate("d", online=False), candidate("e", brand_ids=frozenset({"x"})))
    assert reason_for(one, need(), a, 0) == "Round robin among 3 online in Email Support"
    assert reason_for(one, need("balanced"), a, 3) == "Least busy (3 open) among 3 online in Email Support"
    assert reason_for(one, need(**REFUNDS), a, 0) == (
        "Round robin among 1 online in Email Support; 2 online lack the skill refunds"
    )
    assert reason_for(one, need(first="a"), a, 0) == "A answered this customer last"
    assert reason_for(one, need(last=("a",)), a, 0) == "A had it before, and nobody else in Email Support has room"


def full(*agents: str, channel: str = "") -> Board:
    if channel:
        return Board(channels={Held(one, channel): 10 for one in agents})
    return Board(loads=dict.fromkeys(agents, 10))


def waits(one: Queue, asked: Need, board: Board | None = None) -> str:
    return waiting_reason(one, asked, board or Board())


def test_the_reason_why_nobody_yet_names_what_keeps_people_out() -> None:
    a, b, c = candidate("a", **REFUNDS), candidate("b", languages=("de",)), candidate("c")
    team = "Email Support"
    assert waits(queue(), need()) == f"{team} has no members"
    assert waits(queue(candidate("a", online=False)), need()) == f"Nobody in {team} is online"
    assert waits(queue(a, b), need(), full("a", "b")) == f"Nobody has room among 2 online in {team}"
    assert waits(queue(b, c), need(**REFUNDS)) == f"Nobody online in {team} has the skill refunds"
    assert waits(queue(b, c), need(skills=("a", "b"))) == f"Nobody online in {team} has the skills a and b"
    assert waits(queue(a, c), need(language="de")) == f"Nobody online in {team} speaks German"
    assert waits(queue(a, b, c), need(**REFUNDS), full("a")) == (
        f"Nobody has room among 1 online in {team}; 2 online lack the skill refunds"
    )
    assert waits(queue(a, b, c), need(**REFUNDS, language="de")) == (
        f"Nobody online in {team} can take it: 1 online does not speak German, 2 lack the skill refunds"
    )
    foreign = queue(candidate("a", brand_ids=frozenset({"x"})))
    assert waits(foreign, need()) == f"Nobody online in {team} works on this brand"
    assert waits(queue(a, b), need(not_by="a"), full("b")) == f"Nobody else has room among 1 online in {team}"
    assert waits(queue(a), need(not_by="a")) == f"Nobody else in {team} is online"


def test_the_reason_names_the_channel_that_is_full_or_not_taken() -> None:
    one = queue(candidate("a", capacities={"phone": 1}), candidate("b", capacities={"phone": 1, "chat": 0}))
    board = full("a", "b", channel="phone")
    assert waits(one, need(channel="phone"), board) == "Nobody has room for calls among 2 online in Email Support"
    assert waits(queue(one.candidates[1]), need(channel="chat")) == "Nobody online in Email Support takes chats"


def test_one_agent_who_was_named_has_sentences_of_their_own() -> None:
    def named(**more: Any) -> Queue:
        return Queue("a", "Ann", (candidate("a", **more),), one_agent=True)

    assert waits(named(online=False), need()) == "Ann is not online"
    assert waits(named(), need(), full("a")) == "Ann has no room"
    assert waits(named(capacities={"email": 0}), need()) == "Ann takes no emails"
    assert reason_for(named(), need(), named().candidates[0], 0) == "Ann is online"


# ── whatever comes ───────────────────────────────────────────────────────────────────────────────
agents = st.lists(
    st.builds(
        lambda online, capacity, chat, brands, skills, languages: {
            "online": online,
            "capacity": capacity,
            "capacities": {} if chat is None else {"chat": chat},
            "brand_ids": frozenset(brands),
            "skills": skills,
            "languages": languages,
        },
        st.booleans(),
        st.integers(0, 5),
        st.none() | st.integers(0, 5),
        st.sampled_from([(), ("b",), ("other",)]),
        st.sampled_from([(), ("refunds",), ("refunds", "legal")]),
        st.sampled_from([(), ("de",), ("pt", "en")]),
    ),
    min_size=1,
    max_size=6,
)
needs = st.builds(
    lambda strategy, channel, skills, language, first, last: need(
        strategy, channel=channel, skills=skills, language=language, first=first, last=last
    ),
    st.sampled_from(["round_robin", "balanced"]),
    st.sampled_from(["email", "chat"]),
    st.sampled_from([(), ("refunds",), ("legal", "refunds")]),
    st.sampled_from(["", "de", "pt-BR"]),
    st.none() | st.sampled_from(["a0", "a1"]),
    st.sampled_from([(), ("a0",), ("a1", "a0")]),
)


@given(agents, st.lists(needs, max_size=40))
def test_nobody_goes_over_capacity_or_gets_what_does_not_suit_and_no_place_stays_empty(
    people: list[dict[str, Any]], asked: list[Need]
) -> None:
    one = queue(*(candidate(f"a{n}", **each) for n, each in enumerate(people)))
    by_id = {each.agent_id: each for each in one.candidates}
    board, given_out = Board(), Counter[str]()
    chats = Counter[str]()
    for each in asked:
        free = {
            id_
            for id_, able in by_id.items()
            if suits(able, each)
            and given_out[id_] < able.capacity
            and (each.channel != "chat" or chats[id_] < able.capacities.get("chat", able.capacity))
        }
        preferred = order(one, each, board)
        assert {found.agent_id for found in preferred} == free
        assert places(one, each, board) >= len(free)
        if not preferred:
            assert waiting_reason(one, each, board)
            continue
        chosen = preferred[0]
        assert reason_for(one, each, chosen, given_out[chosen.agent_id])
        board.take(one.name, chosen.agent_id, each.channel)
        given_out[chosen.agent_id] += 1
        chats[chosen.agent_id] += each.channel == "chat"
        assert chosen.online
        assert chosen.serves(each.brand_id)
        assert {word.casefold() for word in each.skills} <= {word.casefold() for word in chosen.skills}
        assert not each.language or speaks(chosen.languages, each.language)
        assert given_out[chosen.agent_id] <= chosen.capacity
        assert chats[chosen.agent_id] <= chosen.places("chat")


@given(st.integers(1, 6), st.integers(0, 60))
def test_round_robin_is_fair_to_within_one(people: int, count: int) -> None:
    shares = Counter(give_out(queue(*(candidate(f"a{n}", capacity=100) for n in range(people))), count, need()))
    counts = [shares.get(f"a{n}", 0) for n in range(people)]
    assert max(counts) - min(counts) <= 1
