"""Spam on real MongoDB: learnt from what people mark, put away with its reasons, taken back, and never twice."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from services.routing.api.decisions import _view
from services.routing.store.spam import SpamBooks
from shared import clock
from shared.contracts.common import Handle
from shared.contracts.conversations import ConversationEvent, ReplySent, SpamMarked, SpamUnmarked
from shared.contracts.directory import BrandChanged, SpamSettings
from shared.contracts.routing import Decided
from tests.integration.routing.conftest import Replica
from tests.integration.routing.world import add_email_rule, add_rule, decided, received
from tests.unit.routing.examples import AGENT, condition, message, started

PILLS = "Cheap pills from our casino pharmacy, buy your discount pills today without prescription"
ORDER = "Where is my order? The parcel has not come yet and I would like my refund, thank you"


@pytest_asyncio.fixture(autouse=True)
async def now(replica: Replica) -> None:
    """MongoDB forgets by its own clock what the test's clock would make old."""
    replica.clock.at = clock.now()


def wrote(n: str, text: str, *, address: str = "", brand: str = "paleo-hacks", **on_message: Any) -> ConversationEvent:
    """A conversation begins with this."""
    handle = Handle(kind="email", value=address or f"{n}@customer.example")
    said = message(entry_id=f"e-{n}", text=f"{text} {n}", subject="", sender=handle, **on_message)
    event: ConversationEvent = started(id=f"c-{n}", brand_id=brand, handle=handle)
    return event.model_copy(update={"message": said})


def did(kind: type[ConversationEvent], of: ConversationEvent, seq: int = 2, **own: Any) -> ConversationEvent:
    """An agent did it afterwards."""
    head = of.head.model_copy(update={"seq": seq, "spam": kind is SpamMarked})
    if kind is ReplySent:
        head, own = head.model_copy(update={"first_reply_at": of.at}), {"message": message(direction="out")}
    return kind.model_validate({"conversation_id": head.id, "seq": seq, "at": of.at, "by": AGENT, "head": head, **own})


async def happened(replica: Replica, *events: ConversationEvent) -> None:
    await replica.handlers.on_conversation_events([received(one) for one in events])


async def taught(replica: Replica, many: int = 40, brand: str = "paleo-hacks") -> None:
    for n in range(many):
        spam, ham = wrote(f"{brand}-s{n}", PILLS, brand=brand), wrote(f"{brand}-h{n}", ORDER, brand=brand)
        await happened(replica, spam, ham, did(SpamMarked, spam), did(ReplySent, ham))


async def marked(replica: Replica, conversation_id: str) -> list[str]:
    """Why it was put into Spam, each time."""
    found = await decided(replica.store.database, conversation_id)
    said = [Decided.model_validate(one) for one in found]
    return [action.reason for one in said for action in one.actions if action.kind == "mark_spam"]


async def test_what_agents_mark_is_known_again_and_says_why(replicas: list[Replica]) -> None:
    replica, other = replicas
    await add_email_rule(replica.store)
    await taught(replica)
    await happened(other, wrote("new", "Discount pills, cheap: our casino pharmacy"), wrote("fine", ORDER))
    (reason,) = await marked(other, "c-new")
    assert reason.startswith("Spam score 0.9")
    assert "It reads like what was marked as spam here:" in reason
    assert await marked(other, "c-fine") == []
    # Nobody is wanted for what goes to Spam; whoever asks is told, and the score was there for rules.
    (found,) = await other.store.decisions.of("c-new", 10)
    assert found.decided is not None
    assert [one.kind for one in found.decided.actions] == ["mark_spam"]
    view = await _view(found, other.store.rules)
    assert view.spam is not None
    assert view.spam.score >= 0.9
    assert all(one in reason for one in view.spam.reasons)
    # The other brand has learnt nothing from it.
    await happened(other, wrote("elsewhere", PILLS, brand="earth-echo"))
    assert await marked(other, "c-elsewhere") == []


async def test_the_same_batch_again_changes_nothing(replica: Replica) -> None:
    await taught(replica, 3)
    before = await replica.store.spam.filter("paleo-hacks")
    assert (before.spam, before.ham) == (3, 3)
    await taught(replica, 3)
    assert await replica.store.spam.filter("paleo-hacks") == before


async def test_taking_it_out_undoes_what_was_learnt_and_trusts_the_sender(replica: Replica) -> None:
    await taught(replica, 3)
    taken = wrote("paleo-hacks-s0", PILLS)
    await happened(replica, did(SpamUnmarked, taken, 3))
    after = await replica.store.spam.filter("paleo-hacks")
    assert (after.spam, after.ham) == (2, 4)
    again = wrote("again", PILLS, address="paleo-hacks-s0@customer.example", automatic="bulk")
    await happened(replica, again)
    assert await replica.store.spam.scores(["e-again"]) != {}
    assert (await replica.store.spam.scores(["e-again"]))["e-again"].score == 0


async def test_who_was_answered_is_never_spam_and_who_forges_them_may_be(replica: Replica) -> None:
    await taught(replica)
    friend = "paleo-hacks-h0@customer.example"
    await happened(replica, wrote("friend", PILLS, address=friend))
    assert await marked(replica, "c-friend") == []
    assert (await replica.store.spam.scores(["e-friend"]))["e-friend"].score == 0
    await happened(replica, wrote("forged", PILLS, address=friend, dmarc="fail"))
    assert len(await marked(replica, "c-forged")) == 1


@pytest.mark.parametrize(
    ("spam", "goes"),
    [
        (SpamSettings(blocked=("customer.example",)), True),
        (SpamSettings(blocked=("customer.example",), enabled=False), False),
        (SpamSettings(blocked=("customer.example",), allowed=("x@customer.example",)), False),
        (SpamSettings(blocked=("other.example",)), False),
    ],
)
async def test_a_brand_has_its_own_settings(replica: Replica, spam: SpamSettings, goes: bool) -> None:
    brand = BrandChanged(brand_id="paleo-hacks", seq=2, name="Paleo", color="#112233", spam=spam)
    replica.directory.learn(brand)
    await happened(replica, wrote("x", ORDER))
    listed = ["Spam score 1.00. customer.example is on the list of blocked senders."]
    assert await marked(replica, "c-x") == (listed if goes else [])


async def test_rules_see_the_score(replica: Replica) -> None:
    asked = {"all": [condition("message.spam_score", "greater", 0.2)]}
    await add_rule(replica.store, "odd", **{"if": asked}, then=[{"kind": "add_tags", "tags": ["odd"]}])
    await happened(replica, wrote("odd", ORDER, dmarc="fail"), wrote("fine", ORDER))
    tags = [one["actions"] for one in await decided(replica.store.database)]
    assert len(tags) == 1
    (found,) = await replica.store.decisions.of("c-odd", 10)
    assert found.spam is not None
    assert found.spam.reasons == ("The sender's domain says that this mail is not from there (DMARC).",)
    assert found.seen["message.spam_score"] == found.spam.score


async def test_what_is_kept_has_no_words(replica: Replica) -> None:
    await taught(replica, 1)
    for name in ("spam_letters", "spam_filters", "spam_senders"):
        rows = [str(row) async for row in replica.store.database.get_collection(name).find({})]
        assert rows
        assert not any(word in row for row in rows for word in ("pills", "casino", "order", "customer.example"))


async def test_two_replicas_teach_one_filter(replicas: list[Replica]) -> None:
    """Each with conversations of its own, one after the other's: neither forgets what the other has learnt."""
    for n in range(4):
        event = wrote(f"s{n}", PILLS)
        await happened(replicas[n % 2], event, did(SpamMarked, event))
    for one in replicas:
        assert (await one.store.spam.filter("paleo-hacks")).spam == 4
    fresh = SpamBooks(replicas[0].store.database)
    assert (await fresh.filter("paleo-hacks")).spam == 4
