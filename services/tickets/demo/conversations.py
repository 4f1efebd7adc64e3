"""Writes the demo's conversations through the same decisions and the same save as everything else.

They are imported: shown with their own times, and acted on by nobody. Ids are derived, so that a second
run finds them there and changes nothing.
"""

from __future__ import annotations

import random
from datetime import timedelta

from services.tickets.demo.people import PEOPLE
from services.tickets.demo.profiles import write_profiles
from services.tickets.demo.stories_orders import STORIES as ORDERS
from services.tickets.demo.stories_products import STORIES as PRODUCTS_STORIES
from services.tickets.demo.stories_voices import STORIES as VOICES
from services.tickets.demo.story import Story
from services.tickets.demo.tell import Telling, Told
from services.tickets.model.state import Desk, desk_of
from services.tickets.store import Store
from services.tickets.store.work import Work
from shared import ids
from shared.contracts.directory import AgentChanged, BrandChanged, TeamChanged, TicketTypeChanged
from shared.signing import MessageRef, Signer

COUNT = 200
SEED = 20240229
DAYS = 14
AT_A_TIME = 20


def plan(chance: random.Random) -> list[tuple[Story, str, tuple[str, str], float]]:
    """(story, brand, person, age in days), oldest first. Every story comes up before any comes again."""
    stories = [*ORDERS, *PRODUCTS_STORIES, *VOICES]
    deck: list[int] = []
    turns = [chance.randrange(7) for _ in stories]
    found = []
    for n in range(COUNT):
        deck = deck or chance.sample(range(len(stories)), len(stories))
        number = deck.pop()
        story = stories[number]
        # The same story comes from another brand and another person the next time.
        turns[number] += 1
        brand_id = story.brands[turns[number] % len(story.brands)]
        person = _person(story, number * 13 + turns[number] * 7)
        # More of them are recent: half are from the last three days.
        age = DAYS * chance.random() ** 2.2 + 0.01
        found.append((n, story, brand_id, person, age))
    found.sort(key=lambda one: -one[4])
    return [one[1:] for one in found]


def _person(story: Story, place: int) -> tuple[str, str]:
    if not story.who:
        return PEOPLE[place % len(PEOPLE)]
    known = dict(PEOPLE)
    return story.who, known.get(story.who, f"{story.who.split()[-1].lower()}@promotions.example")


async def write_conversations(store: Store, secret: str) -> str:
    """The directory must be there. Twenty conversations make one transaction."""
    desk = await _desk(store)
    signer = Signer(secret)
    chance = random.Random(SEED)  # noqa: S311
    now = store.clock()

    def message_ids(conversation_id: str, entry_id: str, domain: str) -> str:
        return signer.message_id(MessageRef(conversation_id, entry_id), domain)

    telling = Telling(desk, message_ids, now)
    told = [
        telling.tell(n, story, brand_id, person, now - timedelta(days=age), random.Random(SEED + n))  # noqa: S311
        for n, (story, brand_id, person, age) in enumerate(plan(chance))
    ]
    written = 0
    for start in range(0, len(told), AT_A_TIME):
        written += await _write(store, desk, told[start : start + AT_A_TIME])
    await _mark_read(store, told)
    await write_profiles(store, desk)
    return f"{written} conversations written, {len(told) - written} were there"


async def _desk(store: Store) -> Desk:
    found = store.directory
    agents = {one.agent_id: one for one in await found.all_of(AgentChanged)}
    teams = {one.team_id: one for one in await found.all_of(TeamChanged)}
    brands = {one.brand_id: one for one in await found.all_of(BrandChanged)}
    types = {one.type_id: one for one in await found.all_of(TicketTypeChanged)}
    return desk_of(agents, teams, brands, ticket_types=types)


async def _write(store: Store, desk: Desk, told: list[Told]) -> int:
    async def decide(work: Work) -> int:
        inputs = {one.conversation_id: ids.derived("demo", one.conversation_id) for one in told}
        known = await work.already_applied(list(inputs.values()))
        fresh = [one for one in told if inputs[one.conversation_id] not in known]
        await work.load([one.conversation_id for one in fresh], [key for one in fresh for key in one.handles])
        for one in fresh:
            for step in one.steps:
                await step(work, desk)
        await work.save([inputs[one.conversation_id] for one in fresh])
        return len(fresh)

    return await store.change(decide)


async def _mark_read(store: Store, told: list[Told]) -> None:
    """Agents have read what is older than a day; the rest is still in bold."""
    old = store.clock() - timedelta(days=1)
    agents = [agent.agent_id for agent in await store.directory.all_of(AgentChanged)]
    found = store.conversations.find(
        {"_id": {"$in": [one.conversation_id for one in told]}, "last_activity_at": {"$lt": old}}, {"seq": 1}
    )
    seqs = {row["_id"]: row["seq"] for row in await found.to_list(None)}
    await store.mark_all_read(agents, seqs)
