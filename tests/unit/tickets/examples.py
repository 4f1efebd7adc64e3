"""Inputs and states for the tests of tickets' decisions: small, valid, and told apart by their arguments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.tickets.model.contact import Sighting, decide_sighting
from services.tickets.model.inbound import decide_message
from services.tickets.model.state import SYSTEM, Context, Conversation, Desk, desk_of
from shared import ids
from shared.contracts.common import Actor, Address, AutomaticKind, Call, CallStep, Handle, Message, Spam
from shared.contracts.contacts import Contact
from shared.contracts.directory import AgentChanged, BrandChanged, TeamChanged
from shared.contracts.ingest import CallProgressed, MessageReceived

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONVERSATION = ids.derived("conversation", "one")
ADA = Handle(kind="email", value="ada@example.org", name="Ada Byron")
MAYA = Actor(kind="agent", id="maya", name="Maya")
LEO = Actor(kind="agent", id="leo", name="Leo")


def minute(n: float) -> datetime:
    return START + timedelta(minutes=n)


def desk() -> Desk:
    agents = {
        id_: AgentChanged(agent_id=id_, seq=1, name=id_.title(), email=f"{id_}@switchboard.example", role_id="agent")
        for id_ in ("maya", "leo", "priya")
    }
    agents["gone"] = agents["leo"].model_copy(update={"agent_id": "gone", "active": False})
    agents["other-brand"] = agents["leo"].model_copy(update={"agent_id": "other-brand", "brand_ids": ("earth-echo",)})
    brand = BrandChanged(
        brand_id="paleo-hacks",
        seq=1,
        name="Paleo Hacks",
        color="#b91c1c",
        addresses=(Address(address="support@paleohacks.example"),),
        topics=("Shipping", "Billing"),
    )
    teams = {id_: TeamChanged(team_id=id_, seq=1, name=id_) for id_ in ("email", "phone")}
    return desk_of(agents, teams, {brand.brand_id: brand})


DESK = desk()


def context(n: float = 0, by: Actor = MAYA) -> Context:
    return Context(minute(n), by)


def contact(handle: Handle = ADA) -> Contact:
    [created] = decide_sighting(None, Sighting(handle, "paleo-hacks"), START, ids.derived("contact", handle.value))
    return created.contact


def mail(
    n: float = 0,
    text: str = "Where is my order?",
    *,
    sender: Handle = ADA,
    automatic: AutomaticKind | None = None,
    spam: float = 0.0,
    cc: tuple[Address, ...] = (),
    references: tuple[str, ...] = (),
    reply_to: Address | None = None,
) -> MessageReceived:
    """A mail that came at minute `n`."""
    return MessageReceived(
        input_id=ids.derived("mail", str(n), text),
        conversation_id=CONVERSATION,
        brand_id="paleo-hacks",
        channel="email",
        account="support@paleohacks.example",
        sender=sender,
        message=Message(
            entry_id=ids.derived("entry", str(n), text),
            direction="in",
            author=Actor(kind="customer", name=sender.name),
            sender=sender,
            subject="My order",
            text=text,
            to=(Address(address="support@paleohacks.example"),),
            cc=cc,
            reply_to=reply_to,
            message_id=f"<{n}@example.org>",
            references=references,
            automatic=automatic,
            spam=Spam(score=spam, reasons=("It sells pills.",) if spam else ()),
            received_at=minute(n),
        ),
    )


def started(n: float = 0) -> Conversation:
    """One mail, unanswered."""
    outcome = decide_message(None, mail(n), context(n, SYSTEM), contact(), DESK)
    assert outcome.state is not None
    return outcome.state


def call_step(step: CallStep, n: float, **known: object) -> CallProgressed:
    """One webhook of an inbound call from +15551234."""
    states = {"created": "created", "ringing": "ringing", "answered": "answered", "transferred": "answered"}
    call = Call.model_validate(
        {
            "call_id": "77",
            "direction": "inbound",
            "state": states.get(step, "ended"),
            "number": "+15551234567",
            "started_at": minute(0),
            **known,
        }
    )
    return CallProgressed(
        input_id=ids.derived("call", step, str(n)),
        conversation_id=CONVERSATION,
        brand_id="paleo-hacks",
        account="+13105550104",
        caller=Handle(kind="phone", value="+15551234567"),
        step=step,
        call=call,
        at=minute(n),
    )


def message_id(conversation_id: str, entry_id: str, domain: str) -> str:
    """Stands for the signer."""
    return f"<{conversation_id[:8]}.{entry_id[:8]}@{domain}>"
