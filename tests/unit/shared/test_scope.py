"""Who sees which conversation: the table, and that no limit can widen what somebody sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.directory import AgentChanged, RoleChanged
from shared.scope import Scope, Standing, scope_of, works_with

AGENT = AgentChanged(agent_id="maya", seq=1, name="M", email="m@x.example", role_id="r", team_ids=("mail",))
BRANDS, CHANNELS, IDS = (
    st.frozensets(st.sampled_from(["a", "b"])),
    st.frozensets(st.sampled_from(["email", "phone"])),
    st.sampled_from([None, "maya", "mail", "phones"]),
)
SCOPES = st.builds(Scope, st.just("maya"), BRANDS, CHANNELS, st.none() | st.frozensets(st.sampled_from(["mail"])))
STANDINGS = st.builds(Standing, st.sampled_from(["a", "b"]), st.sampled_from(["", "email", "phone"]), IDS, IDS, IDS)


def role(**limits: object) -> RoleChanged:
    return RoleChanged.model_validate({"role_id": "r", "seq": 1, "name": "R", "permissions": (), **limits})


@pytest.mark.parametrize(
    ("brands", "limits", "standing", "seen"),
    [
        ((), {}, Standing("a", "email"), True),
        (("a",), {}, Standing("a", "email"), True),
        (("a",), {}, Standing("b", "email"), False),
        ((), {"channels": ["phone"]}, Standing("a", "phone"), True),
        ((), {"channels": ["phone"]}, Standing("a", "email"), False),
        ((), {"channels": ["phone"]}, Standing("a"), False),
        ((), {"own_teams_only": True}, Standing("a", "email", "mail"), True),
        ((), {"own_teams_only": True}, Standing("a", "email", "phones"), False),
        ((), {"own_teams_only": True}, Standing("a", "email", None), False),
        ((), {"own_teams_only": True}, Standing("a", "email", "phones", "maya"), True),
        ((), {"channels": ["phone"]}, Standing("a", "email", None, None, "maya"), True),
        (("a",), {"own_teams_only": True}, Standing("b", "email", "mail", "maya", "maya"), False),
        ((), {"own_teams_only": True, "channels": ["phone"]}, Standing("a", "email", "mail"), False),
    ],
)
def test_a_conversation_is_seen(
    brands: tuple[str, ...], limits: dict[str, object], standing: Standing, seen: bool
) -> None:
    agent = AGENT.model_copy(update={"brand_ids": brands})
    assert scope_of(agent, role(**limits)).sees(standing) is seen


def test_an_agent_without_a_role_is_limited_by_brand_all_the_same() -> None:
    assert not scope_of(AGENT.model_copy(update={"brand_ids": ("a",)}), None).sees(Standing("b"))


@given(SCOPES, STANDINGS)
def test_the_filter_says_the_same(scope: Scope, standing: Standing) -> None:
    """On a MongoDB too: tests/integration/tickets/test_inboxes.py."""
    assert matches(scope.query(), standing) is scope.sees(standing)


@given(SCOPES, STANDINGS)
def test_another_brand_is_never_seen_and_a_whole_scope_hides_nothing(scope: Scope, standing: Standing) -> None:
    if scope.brands and standing.brand_id not in scope.brands:
        assert not scope.sees(standing)
    if scope.whole:
        assert scope.sees(standing)
        assert scope.query() == {}


def matches(query: dict[str, object], standing: Standing) -> bool:
    """MongoDB's meaning of what `query` uses: equality, $in and one $or."""

    def holds(field: str, wanted: object) -> bool:
        if field == "$or":
            assert isinstance(wanted, list)
            return any(matches(one, standing) for one in wanted)
        value = getattr(standing, field)
        return value in wanted["$in"] if isinstance(wanted, dict) else value == wanted

    return all(holds(field, wanted) for field, wanted in query.items())


@pytest.mark.parametrize(
    ("mine", "teams", "theirs", "their_teams", "together"),
    [
        ((), None, (), (), True),
        (("a",), None, (), (), True),
        (("a",), None, ("a", "b"), (), True),
        (("a",), None, ("b",), (), False),
        ((), frozenset({"mail"}), (), ("mail", "phones"), True),
        ((), frozenset({"mail"}), (), ("phones",), False),
        ((), frozenset({"mail"}), (), (), False),
        (("a",), frozenset({"mail"}), ("b",), ("mail",), False),
    ],
)
def test_who_works_on_the_same_part_of_the_desk(
    mine: tuple[str, ...],
    teams: frozenset[str] | None,
    theirs: tuple[str, ...],
    their_teams: tuple[str, ...],
    together: bool,
) -> None:
    scope = Scope("lead", frozenset(mine), teams=teams)
    one = AGENT.model_copy(update={"brand_ids": theirs, "team_ids": their_teams})
    assert works_with(scope, one) is together
    assert works_with(scope, one.model_copy(update={"agent_id": "lead"}))
