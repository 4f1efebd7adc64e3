"""The seats in Redis, and the ones in memory that simulations are run on: the same answers to whatever is asked."""

from __future__ import annotations

import random

import pytest

from services.routing.assignment import Held
from services.routing.store.seats import Asked, Place
from tests.integration.routing.conftest import Replica
from tests.unit.routing.desk_in_memory import Seats

AGENTS = ("ann", "bob:b", "cat")
QUEUES = ("mail", "phone")
CHANNELS = ("email", "chat", "")


@pytest.mark.parametrize("seed", [1, 2])
async def test_redis_answers_as_the_simulations_take_it_to(replica: Replica, seed: int) -> None:
    dice, real, plain = random.Random(seed), replica.seats, Seats()
    channels = [Held(agent, channel) for agent in AGENTS for channel in CHANNELS]
    conversations = [f"c{n}" for n in range(20)]
    kinds = {one: dice.choice(CHANNELS) for one in conversations}
    await real.ensure_built()
    for _ in range(150):
        id_ = dice.choice(conversations)
        if dice.random() < 0.7:
            people = dice.sample(AGENTS, dice.randint(1, 3))
            places = tuple(Place(one, dice.choice(QUEUES), dice.randint(0, 4), dice.randint(0, 3)) for one in people)
            asked = [Asked(id_, kinds[id_], places)]
            assert (await real.reserve(asked))[1] == (await plain.reserve(asked))[1]
        else:
            held = {id_: dice.choice([None, Held(dice.choice(AGENTS), kinds[id_])])}
            await real.settle(held)
            await plain.settle(held)
    one = await real.board(AGENTS, QUEUES, channels, conversations)
    other = await plain.board(AGENTS, QUEUES, channels, conversations)
    assert (one.loads, one.channels, one.held) == (other.loads, other.channels, other.held)
    for queue in QUEUES:
        turns, theirs = one.turns[queue], other.turns[queue]
        assert sorted(turns, key=turns.__getitem__) == sorted(theirs, key=theirs.__getitem__)
