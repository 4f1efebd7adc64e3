"""From a reply's event to the customer's mail server and back into the log, on real MongoDB and SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from pymongo.uri_parser import parse_uri

from services.notifications.files import Files
from services.notifications.handlers import DeliveryHandlers
from services.notifications.model import Delivery, delivery_id
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from services.notifications.store import Store, delivery_of
from shared import mongo
from shared.contracts.common import Address
from shared.contracts.conversations import ReplySent
from shared.directory import Directory
from shared.errors import Transient
from shared.log import LogRow
from shared.signing import MessageRef, Signer
from tests.integration.notifications.world import SECRET, Desk, FileStore, Mailbox, MovingClock, until
from tests.integration.shared.proxy import proxy
from tests.unit.notifications.examples import AT, CUSTOMER, LABEL, LOGO, MAYA, chat_head, head, message, received

SAM = Address(address="sam@customer.example")


@dataclass
class Part:
    """The parts under test, with the clock that they share."""

    settings: NotificationsSettings
    clock: MovingClock
    store: Store
    directory: Directory
    sender: Sender
    handlers: DeliveryHandlers

    async def row(self, reply: ReplySent) -> Delivery:
        return await self.store.get(delivery_id(reply.conversation_id, reply.message.entry_id))

    async def becomes(self, reply: ReplySent, state: str, *, attempt: int = 1) -> Delivery:
        async def look() -> Delivery | None:
            row = await self.row(reply)
            return row if (row.state, row.attempt) == (state, attempt) else None

        return await until(look)

    async def told(self, reply: ReplySent) -> list[LogRow]:
        return await self.store.log.read(delivery_id(reply.conversation_id, reply.message.entry_id))


def put_together(settings: NotificationsSettings, clock: MovingClock, directory: Directory) -> Part:
    client = mongo.connect(settings)
    store = Store(client, mongo.database(client, settings, "notifications"), clock)
    signer = Signer(SECRET)
    files = Files(settings, signer, clock)
    sender = Sender(settings, store, files, Smtp(settings), directory, clock)
    return Part(
        settings, clock, store, directory, sender, DeliveryHandlers(store, directory, signer, clock, sender.nudge)
    )


@pytest_asyncio.fixture
async def part(settings: NotificationsSettings) -> AsyncIterator[Part]:
    directory = Directory(settings)
    for _, event in Desk().events():
        directory.learn(event)
    made = put_together(settings, MovingClock(), directory)
    await made.store.ensure_indexes(applied_days=60)
    await made.sender.start()
    yield made
    await made.sender.stop()
    await made.store.client.close()


def reply(n: int = 1, **changes: Any) -> ReplySent:
    """The n-th conversation's answer; ids as tickets derives them."""
    conversation_id, entry_id = f"00000000-0000-4000-8000-{n:012d}", f"00000000-0000-4000-9000-{n:012d}"
    about = head(**({"id": conversation_id} | changes.pop("head", {})))
    said = message(entry_id=entry_id, subject="Re: Where is my order?", **changes)
    return ReplySent(conversation_id=conversation_id, seq=2, at=AT, by=MAYA, head=about, message=said)


async def test_a_reply_arrives_with_everything_it_needs(part: Part, mailbox: Mailbox) -> None:
    answer = reply(
        message_id="<c.1@paleohacks.example>",
        in_reply_to="<first@customer.example>",
        references=("<first@customer.example>",),
        cc=(SAM,),
        bcc=(Address(address="boss@desk.example"),),
        html='<p>See <img src="cid:logo@desk"></p>',
        attachments=(LOGO, LABEL),
    )
    await part.handlers.on_conversation_events([received(answer)])
    row = await part.becomes(answer, "sent")
    (recipients, content), (mail,) = mailbox.got[0], mailbox.mails()
    assert recipients == (CUSTOMER.address, SAM.address, "boss@desk.example")
    assert (str(mail["From"]), str(mail["Cc"])) == ("Paleo Hacks <support@paleohacks.example>", SAM.address)
    assert mail["Message-ID"] == "<c.1@paleohacks.example>"
    assert (mail["In-Reply-To"], mail["References"]) == ("<first@customer.example>", "<first@customer.example>")
    kinds = [one.get_content_type() for one in mail.walk() if not one.is_multipart()]
    assert kinds == ["text/plain", "text/html", "image/png", "application/pdf"]
    assert b"boss" not in content
    assert (row.accepted, row.mail) == (recipients, None)
    assert [one.name for one in await part.told(answer)] == ["DeliverySent"]


async def test_a_reply_without_an_id_gets_the_signed_one(part: Part, mailbox: Mailbox) -> None:
    answer = reply()
    await part.handlers.on_conversation_events([received(answer)])
    await part.becomes(answer, "sent")
    ref = Signer(SECRET).read_message_id(str(mailbox.mails()[0]["Message-ID"]))
    assert ref == MessageRef(answer.conversation_id, answer.message.entry_id)


async def test_the_same_event_twice_makes_one_mail(part: Part, mailbox: Mailbox) -> None:
    answer, other = reply(1), reply(2)
    await part.handlers.on_conversation_events([received(answer), received(answer)])
    await part.becomes(answer, "sent")
    await part.handlers.on_conversation_events([received(answer), received(other, "event-2")])
    await part.becomes(other, "sent")
    assert len(mailbox.got) == 2
    assert len(await part.told(answer)) == 1
    # Even when the input is forgotten, as it is after two months, the row still knows it.
    await part.store.log.applied.delete_many({})
    await part.handlers.on_conversation_events([received(answer)])
    assert (await part.row(answer)).state == "sent"


async def test_after_a_restore_what_may_have_been_sent_waits_for_a_person(part: Part, mailbox: Mailbox) -> None:
    await part.store.database.get_collection("restored").insert_one({"_id": "restored", "at": AT, "hold": True})
    before, after = reply(1), reply(2).model_copy(update={"at": AT + timedelta(milliseconds=1)})
    await part.handlers.on_conversation_events([received(before), received(after, "event-2")])
    await part.becomes(after, "sent")
    held = await part.becomes(before, "failed")
    assert (held.held, held.mail is not None, len(mailbox.got)) == (True, True, 1)
    assert held.reason.endswith("it may have been sent before. Retry sends it.")
    assert [one.name for one in await part.told(before)] == ["DeliveryFailed"]
    await part.store.retry(held.id, now=part.clock(), command_id=None)
    part.sender.nudge()
    await part.becomes(before, "sent", attempt=2)
    assert len(mailbox.got) == 2


async def test_a_chat_answer_is_sent_by_its_event(part: Part, mailbox: Mailbox) -> None:
    answer = reply(head=chat_head().model_dump())
    await part.handlers.on_conversation_events([received(answer)])
    await part.becomes(answer, "sent")
    assert ([one.name for one in await part.told(answer)], mailbox.got) == (["DeliverySent"], [])


async def test_a_busy_server_is_tried_again_with_the_same_mail(part: Part, mailbox: Mailbox) -> None:
    answer = reply()
    mailbox.refuse_data = "451 4.3.0 try later"
    await part.handlers.on_conversation_events([received(answer)])
    row = await part.becomes(answer, "queued")
    assert row.reason == f"{CUSTOMER.address}: The mail server refused it: 451 4.3.0 try later"
    assert row.due_at is not None
    assert 4.9 <= (row.due_at - row.updated_at).total_seconds() <= 6.1
    mailbox.refuse_data = ""
    part.clock.forward(7)
    await part.becomes(answer, "sent", attempt=2)
    assert [one.name for one in await part.told(answer)] == ["DeliveryFailed", "DeliverySent"]
    assert [one.seq for one in await part.told(answer)] == [1, 2]


async def test_a_refused_mail_is_final_at_once(part: Part, mailbox: Mailbox) -> None:
    answer = reply()
    mailbox.refuse_data = "554 5.7.1 we do not want this"
    await part.handlers.on_conversation_events([received(answer)])
    row = await part.becomes(answer, "failed")
    assert "554 5.7.1 we do not want this" in row.reason
    assert row.due_at is None
    (told,) = await part.told(answer)
    assert '"final":true' in told.value


async def test_only_those_who_have_not_got_it_are_tried_again(part: Part, mailbox: Mailbox) -> None:
    answer = reply(cc=(SAM, Address(address="gone@customer.example")))
    mailbox.refuse_rcpt = {SAM.address: "450 greylisted", "gone@customer.example": "550 no such user"}
    await part.handlers.on_conversation_events([received(answer)])
    row = await part.becomes(answer, "queued")
    assert (row.accepted, row.pending) == ((CUSTOMER.address,), (SAM.address,))
    mailbox.refuse_rcpt = {}
    part.clock.forward(7)
    row = await part.becomes(answer, "failed", attempt=2)
    assert [recipients for recipients, _ in mailbox.got] == [(CUSTOMER.address,), (SAM.address,)]
    assert row.reason == (
        "gone@customer.example: The mail server refused the address: 550 no such user The other recipients have it."
    )


async def test_a_server_that_is_away_is_waited_for(part: Part, mailbox: Mailbox) -> None:
    answer = reply()
    mailbox.stop()
    await part.handlers.on_conversation_events([received(answer)])
    assert "is away" in (await part.becomes(answer, "queued")).reason
    mailbox.start()
    part.clock.forward(7)
    await part.becomes(answer, "sent", attempt=2)


async def test_a_server_that_hangs_for_one_holds_up_nobody_else(part: Part, mailbox: Mailbox) -> None:
    stuck, other = reply(1, to=(SAM,)), reply(2)
    mailbox.hang = {SAM.address}
    await part.handlers.on_conversation_events([received(stuck)])

    async def hangs() -> bool:
        return mailbox.attempts == 1

    await until(hangs)
    await part.handlers.on_conversation_events([received(other, "event-2")])
    await part.becomes(other, "sent")
    assert (await part.row(stuck)).attempt == 0
    assert "did not answer within 2 s" in (await part.becomes(stuck, "queued")).reason


async def test_a_crash_after_sending_sends_the_same_mail_again(part: Part, mailbox: Mailbox) -> None:
    answer = reply(attachments=(LABEL,))
    await part.sender.stop()
    dying = put_together(part.settings, part.clock, part.directory)

    async def die(*_: object) -> bool:
        raise RuntimeError("killed between the send and the record")

    dying.store.record = die  # type: ignore[method-assign]
    await dying.sender.start()
    await dying.handlers.on_conversation_events([received(answer)])

    async def sent() -> bool:
        return len(mailbox.got) == 1

    await until(sent)
    await dying.sender.stop()
    again = put_together(part.settings, part.clock, part.directory)
    await again.sender.start()
    assert (await again.row(answer)).attempt == 0
    part.clock.forward(20)
    await part.becomes(answer, "sent")
    assert mailbox.got[0] == mailbox.got[1]
    await again.sender.stop()


async def test_a_stop_waits_for_the_server_and_begins_nothing_more(part: Part, mailbox: Mailbox) -> None:
    """Two are with a server that takes its time, the others are claimed and wait for a place."""
    await part.sender.stop()
    few_places = part.settings.model_copy(update={"sends_at_once": 2, "send_s": 20.0})
    leaving = put_together(few_places, part.clock, part.directory)
    slow, waiting = [reply(n, to=(SAM,)) for n in (1, 2)], [reply(n) for n in range(3, 9)]
    mailbox.hang = {SAM.address}
    await leaving.handlers.on_conversation_events([received(one, f"event-{n}") for n, one in enumerate(slow)])
    await leaving.sender.start()

    async def held_back() -> bool:
        return mailbox.attempts == 2

    await until(held_back)
    await leaving.handlers.on_conversation_events([received(one, f"later-{n}") for n, one in enumerate(waiting)])

    async def claimed() -> bool:
        return await leaving.store.deliveries.count_documents({"lease_by": {"$exists": True}}) > 2

    await until(claimed)
    stopping = asyncio.create_task(leaving.sender.stop())

    async def given_back() -> bool:
        return await leaving.store.deliveries.count_documents({"lease_by": {"$exists": True}}) == 2

    await until(given_back)
    assert not stopping.done()
    mailbox.released.set()
    await stopping
    for one in slow:
        await leaving.becomes(one, "sent")
    assert (mailbox.attempts, len(mailbox.got)) == (2, 2)
    again = put_together(part.settings, part.clock, part.directory)
    await again.sender.start()
    for one in waiting:
        await again.becomes(one, "sent")  # at once: nobody has to wait for the leases of who left
    await again.sender.stop()
    assert len(mailbox.got) == 8


async def test_what_was_fetched_when_the_stop_comes_is_left_to_others(part: Part, mailbox: Mailbox) -> None:
    await part.sender.stop()
    leaving = put_together(part.settings, part.clock, part.directory)
    fetching, go_on = asyncio.Event(), asyncio.Event()

    async def fetch(_: object) -> dict[str, bytes]:
        fetching.set()
        await go_on.wait()
        return {LABEL.id: b"%PDF-"}

    leaving.sender._files.fetch = fetch  # type: ignore[assignment, method-assign]
    answer = reply(attachments=(LABEL,))
    await leaving.handlers.on_conversation_events([received(answer)])
    await leaving.sender.start()
    await fetching.wait()
    leaving.sender.take_no_more()
    go_on.set()
    await leaving.sender.stop()
    assert mailbox.attempts == 0
    row = await leaving.store.deliveries.find_one({})
    assert row
    assert "lease_by" not in row
    assert delivery_of(row).attempt == 0


async def test_what_left_before_an_outage_longer_than_its_lease_does_not_leave_again(
    part: Part, mailbox: Mailbox
) -> None:
    """One has the server's "250" and cannot write it down; the other finds a lease that is over."""
    await part.sender.stop()
    (host, port) = parse_uri(part.settings.mongo.get_secret_value())["nodelist"][0]
    async with proxy(host, port) as line:
        address = SecretStr(f"mongodb://127.0.0.1:{line.port}/?directConnection=true")
        through = part.settings.model_copy(update={"mongo": address})
        one, other = [put_together(through, part.clock, part.directory) for _ in range(2)]
        answer, told = reply(to=(SAM,)), asyncio.Event()
        mailbox.hang = {SAM.address}
        await one.handlers.on_conversation_events([received(answer)])
        await one.sender.start()
        assert await asyncio.to_thread(mailbox.holding.wait, 20)
        await other.sender.start()
        record = one.store.record

        async def late(*about: Any) -> bool:
            if not told.is_set():
                raise Transient("it waits for its next try when MongoDB is back")
            return await record(*about)

        one.store.record = late  # type: ignore[method-assign]
        line.cut()
        mailbox.released.set()

        async def noticed() -> bool:
            return not other.sender.timers._trust.holds(part.clock())

        await until(noticed, within_s=40)
        part.clock.forward(4 * part.settings.send_s)
        line.mend()

        async def back() -> bool:
            return not other.sender.timers._trust._away

        await until(back, within_s=40)
        told.set()
        await one.becomes(answer, "sent")
        await one.sender.stop()
        await other.sender.stop()
        await one.store.client.close()
        await other.store.client.close()
    assert mailbox.attempts == 1


async def test_two_senders_send_each_mail_once(part: Part, mailbox: Mailbox) -> None:
    other = put_together(part.settings, part.clock, part.directory)
    await other.sender.start()
    answers = [reply(n) for n in range(60)]
    await part.handlers.on_conversation_events([received(one, f"event-{n}") for n, one in enumerate(answers)])
    for one in answers:
        await part.becomes(one, "sent")
    await other.sender.stop()
    assert len(mailbox.got) == 60


@pytest.mark.parametrize(
    ("status", "gone", "state", "reason"),
    [
        (503, False, "queued", "cannot be read just now"),
        (200, True, "failed", "is no longer there"),
    ],
)
async def test_a_mail_never_leaves_without_its_files(
    part: Part, mailbox: Mailbox, file_store: FileStore, status: int, gone: bool, state: str, reason: str
) -> None:
    answer = reply(attachments=(LABEL,))
    file_store.status = status
    if gone:
        file_store.files.clear()
    await part.handlers.on_conversation_events([received(answer)])
    assert reason in (await part.becomes(answer, state)).reason
    assert mailbox.got == []


async def test_an_address_that_is_none_is_named_and_the_rest_is_sent(part: Part, mailbox: Mailbox) -> None:
    bad = "sam@customer.example>\r\nRCPT TO:<all@customer.example"
    answer = reply(cc=(Address(address=bad),))
    await part.handlers.on_conversation_events([received(answer)])
    row = await part.becomes(answer, "failed")
    assert [one.reason for one in row.refused] == ["That is not a mail address."]
    assert [recipients for recipients, _ in mailbox.got] == [(CUSTOMER.address,)]


async def test_foreign_letters_in_an_address_arrive(part: Part, mailbox: Mailbox) -> None:
    answer = reply(to=(Address(address="jörg@straße.example", name="Jörg Müller"),))
    await part.handlers.on_conversation_events([received(answer)])
    await part.becomes(answer, "sent")
    assert mailbox.got[0][0] == ("jörg@xn--strae-oqa.example",)


async def test_a_brand_without_an_address_is_waited_for(part: Part, mailbox: Mailbox) -> None:
    part.directory._whole = True
    answer = reply(head={"brand_id": "earth-echo"})
    await part.handlers.on_conversation_events([received(answer)])
    assert "has no address to write from" in (await part.becomes(answer, "queued")).reason
    brand = part.directory.brands["earth-echo"]
    here = brand.model_copy(update={"seq": 2, "addresses": (Address(address="hello@earthecho.example"),)})
    part.directory.learn(here)
    part.clock.forward(7)
    await part.becomes(answer, "sent", attempt=2)
    assert str(mailbox.mails()[0]["From"]) == "Earth Echo <hello@earthecho.example>"


async def test_a_row_reads_back_as_it_was_written(part: Part) -> None:
    await part.sender.stop()
    answer = reply(attachments=(LABEL,), cc=(SAM,))
    await part.handlers.on_conversation_events([received(answer)])
    row = await part.store.deliveries.find_one({})
    assert row
    assert await part.row(answer) == delivery_of(row | {"lease_until": AT, "lease_by": "x"})
