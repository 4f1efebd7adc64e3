"""The directory: the newest of each wins, whatever order changes come in, and it answers what callers ask."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest

from shared.contracts.base import Event
from shared.contracts.common import Address, Channel
from shared.contracts.directory import (
    AgentChanged,
    BrandChanged,
    Capacities,
    RoleChanged,
    SigningKeyChanged,
    TeamChanged,
)
from shared.directory import Directory
from shared.settings import Settings


@pytest.fixture
def directory(settings: Settings) -> Directory:
    return Directory(settings)


def agent(seq: int, agent_id: str = "maya", **changes: Any) -> AgentChanged:
    return AgentChanged(
        agent_id=agent_id, seq=seq, **{"name": f"{seq}", "email": "m@x.example", "role_id": "agent"} | changes
    )


def brand(brand_id: str, *addresses: str, lines: tuple[str, ...] = ()) -> BrandChanged:
    found = tuple(Address(address=one) for one in addresses)
    return BrandChanged(brand_id=brand_id, seq=1, name=brand_id, color="#000000", addresses=found, lines=lines)


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_the_newest_wins_in_any_order_and_only_news_are_told(directory: Directory, order: tuple[int, ...]) -> None:
    told: list[Event] = []
    directory.on_change(told.append)
    for seq in order:
        directory.learn(agent(seq))
    assert directory.agents["maya"].seq == 3
    assert [one.seq for one in told if isinstance(one, AgentChanged)] == [
        seq for n, seq in enumerate(order) if seq >= max(order[: n + 1])
    ]


def test_every_kind_is_kept_by_its_id(directory: Directory) -> None:
    directory.learn(TeamChanged(team_id="t", seq=1, name="T"))
    directory.learn(RoleChanged(role_id="r", seq=1, name="R", permissions=("conversations.read",)))
    directory.learn(SigningKeyChanged(key_id="k", seq=2, jwk={"kty": "OKP"}))
    directory.learn(SigningKeyChanged(key_id="k", seq=1, jwk={"kty": "old"}))
    assert (directory.teams["t"].name, directory.roles["r"].name, directory.keys["k"].jwk) == ("T", "R", {"kty": "OKP"})


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("support@a.example", "a"),
        ("SUPPORT@A.example", "a"),
        ("support+order-5@a.example", "a"),
        ("hello@b.example", "b"),
        ("plus+one@b.example", "b"),
        ("other@a.example", None),
        ("support@b.example", None),
        ("", None),
    ],
)
def test_a_brand_is_found_by_its_mailboxes(directory: Directory, address: str, found: str | None) -> None:
    directory.learn(brand("a", "support@a.example"))
    directory.learn(brand("b", "hello@b.example", "plus+one@b.example"))
    got = directory.brand_of_address(address)
    assert (got.brand_id if got else None) == found


def test_a_brand_is_found_by_its_lines(directory: Directory) -> None:
    directory.learn(brand("a", lines=("+13105550101",)))
    got = directory.brand_of_line("+13105550101")
    assert got is not None
    assert got.brand_id == "a"
    assert directory.brand_of_line("+13105550102") is None


def test_members_are_the_active_ones_in_order(directory: Directory) -> None:
    directory.learn(agent(1, "zoe", team_ids=("t",)))
    directory.learn(agent(1, "ann", team_ids=("t", "u")))
    directory.learn(agent(1, "gone", team_ids=("t",), active=False))
    directory.learn(agent(1, "bob", team_ids=("u",)))
    assert [one.agent_id for one in directory.members("t")] == ["ann", "zoe"]
    assert directory.members("nobody") == []


def test_an_agents_room_has_a_field_for_every_channel() -> None:
    """A map would not do: a reader of today must be able to pass over a channel that comes later."""
    assert set(Capacities.model_fields) == set(get_args(Channel))
    able = agent(1, capacities={"chat": 3})
    assert AgentChanged.read(able.model_dump_json().replace('"custom"', '"sms"')).capacities == Capacities(chat=3)
