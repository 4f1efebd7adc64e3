"""What the demo's desk knows of its customers: attributes, segments, profiles, and a few who are there twice."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from services.tickets.demo.people import PEOPLE
from services.tickets.model.contact import handle_key
from services.tickets.model.profile import Step, decide_edit, decide_new, decide_note
from services.tickets.model.profile_fields import Around, Edit
from services.tickets.model.state import Desk, whole_ms
from services.tickets.store import Store
from services.tickets.store.work import Work
from shared import ids
from shared.contracts.common import Actor
from shared.contracts.contacts import Contact, Money
from shared.contracts.directory import AttributeChanged, Condition, SegmentChanged
from shared.log import Cause

SEED = 20240301
BY = Actor(kind="integration", id="shop", name="Shop import")
MAYA = Actor(kind="agent", id="maya", name="Maya Okafor")

ATTRIBUTES = (
    AttributeChanged(
        attribute_id="loyalty",
        seq=1,
        applies_to="contact",
        label="Loyalty",
        type="choice",
        options=("Bronze", "Silver", "Gold"),
    ),
    AttributeChanged(attribute_id="vip", seq=1, applies_to="contact", label="VIP", type="yes_no"),
    AttributeChanged(attribute_id="birthday", seq=1, applies_to="contact", label="Birthday", type="date"),
    AttributeChanged(
        attribute_id="allergies",
        seq=1,
        applies_to="contact",
        label="Allergies",
        help="As the customer said it",
        brand_ids=("bright-naturals", "earth-echo", "physiotru"),
    ),
    AttributeChanged(attribute_id="order", seq=1, applies_to="conversation", label="Order number"),
    AttributeChanged(
        attribute_id="cause",
        seq=1,
        applies_to="conversation",
        label="Root cause",
        type="choice",
        options=("Carrier", "Warehouse", "Website", "Product", "Customer"),
    ),
    AttributeChanged(attribute_id="call-back", seq=1, applies_to="conversation", label="Call back on", type="date"),
)

SEGMENTS = (
    SegmentChanged(
        segment_id="recent-buyers",
        seq=1,
        name="Bought in the last 30 days",
        conditions=(Condition(field="last_purchase_at", operator="within_days", value=30),),
    ),
    SegmentChanged(
        segment_id="gold",
        seq=1,
        name="Gold or over $500",
        match="any",
        conditions=(
            Condition(field="attribute", attribute_id="loyalty", operator="is", value="Gold"),
            Condition(field="lifetime_revenue", operator="greater", value=500),
        ),
    ),
    SegmentChanged(
        segment_id="no-phone",
        seq=1,
        name="Users without a phone",
        conditions=(
            Condition(field="kind", operator="is", value="user"),
            Condition(field="phone", operator="is_empty"),
        ),
    ),
    SegmentChanged(
        segment_id="came-back",
        seq=1,
        name="Came back, not settled",
        conditions=(
            Condition(field="conversations", operator="greater", value=1),
            Condition(field="unclosed_conversations", operator="greater", value=0),
        ),
    ),
)

_AT_HOME: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # ending of the address: language, time zone, places
    "ie": ("en-IE", "Europe/Dublin", ("Galway, Ireland",)),
    "mx": ("es-MX", "America/Mexico_City", ("Guadalajara, Mexico",)),
    "il": ("he", "Asia/Jerusalem", ("Haifa, Israel",)),
    "de": ("de", "Europe/Berlin", ("Bad Waldsee, Germany",)),
    "jp": ("ja", "Asia/Tokyo", ("Kyoto, Japan",)),
    "ae": ("ar", "Asia/Dubai", ("Sharjah, United Arab Emirates",)),
    "pl": ("pl", "Europe/Warsaw", ("Łódź, Poland", "Kraków, Poland")),
    "no": ("nb", "Europe/Oslo", ("Bergen, Norway",)),
    "in": ("en-IN", "Asia/Kolkata", ("Pune, India",)),
    "fr": ("fr", "Europe/Paris", ("Lyon, France",)),
    "br": ("pt-BR", "America/Sao_Paulo", ("Curitiba, Brazil",)),
    "kr": ("ko", "Asia/Seoul", ("Busan, South Korea",)),
    "gr": ("el", "Europe/Athens", ("Patras, Greece",)),
    "uk": ("en-GB", "Europe/London", ("Bath, United Kingdom",)),
    "ca": ("fr-CA", "America/Toronto", ("Gatineau, Canada",)),
    "dk": ("da", "Europe/Copenhagen", ("Aarhus, Denmark",)),
    "co": ("es-CO", "America/Bogota", ("Medellín, Colombia",)),
}
_STATES = (
    ("Boise, Idaho", "America/Boise"),
    ("Tulsa, Oklahoma", "America/Chicago"),
    ("Asheville, North Carolina", "America/New_York"),
    ("Sacramento, California", "America/Los_Angeles"),
    ("Tempe, Arizona", "America/Phoenix"),
)
_TWICE = (
    ("Margaret Holloway", "mholloway.home@example.net", "+12085550143"),
    ("Deshawn Carter", "deshawn.carter@example.org", ""),
)
"""Who wrote from another address too, and is there twice."""


def profile(n: int, address: str, chance: random.Random) -> Edit:
    """What a shop would know of somebody; of every fourth it knows nothing."""
    language, zone, places = _AT_HOME.get(address.rpartition(".")[2], ("en-US", "", ()))
    place, state_zone = (chance.choice(places), zone) if places else chance.choice(_STATES)
    fields: dict[str, Any] = {"language": language, "time_zone": zone or state_zone, "location": place}
    attributes: dict[str, Any] = {}
    if n % 4:
        spent = chance.randrange(1_900, 90_000)
        fields |= {"kind": "user", "lifetime_revenue": Money(currency="USD", minor=spent)}
        attributes["loyalty"] = "Gold" if spent > 60_000 else "Silver" if spent > 25_000 else "Bronze"
        attributes |= {"vip": True} if spent > 80_000 else {}
    if n % 3 == 0:
        fields["phones"] = (f"+1208555{chance.randrange(1_000, 9_999)}",)
    if n % 5 == 0:
        year, month, day = chance.randrange(1950, 1999), chance.randrange(1, 13), chance.randrange(1, 28)
        attributes["birthday"] = f"{year}-{month:02}-{day:02}"
    return Edit(fields, attributes)


async def write_profiles(store: Store, desk: Desk) -> str:
    """In one transaction, once: a second run finds its mark and changes nothing."""
    mark = ids.derived("demo", "profiles")

    async def decide(work: Work) -> int:
        if await work.already_applied([mark]):
            return 0
        twice = {address: ids.derived("demo", "contact", address) for _, address, _ in _TWICE}
        await work.load_people(list(twice.values()), [handle_key("email", address) for _, address in PEOPLE])
        around = Around(desk, {one.attribute_id: one for one in ATTRIBUTES})
        written = 0
        for n, (_, address) in enumerate(PEOPLE):
            known = work.contact(handle_key("email", address))
            if known is not None and not known.location:
                _fill(work, known, n, address, around)
                written += 1
        for n, (name, address, phone) in enumerate(_TWICE):
            edit = Edit({"name": name, "emails": (address,), **({"phones": (phone,)} if phone else {})})
            contact_id = twice[address]
            if work.exactly(contact_id) is not None:
                continue
            step = Step(work.now - timedelta(days=3, hours=n), BY)
            brand_id = sorted(desk.brands)[n]
            work.record_contact(Cause(contact_id, mark), decide_new(edit, brand_id, around, step, contact_id))
        await work.save([mark])
        return written

    return f"{await store.change(decide)} profiles written"


def _fill(work: Work, known: Contact, n: int, address: str, around: Around) -> None:
    chance = random.Random(SEED + n)  # noqa: S311
    edit, cause = profile(n, address, chance), Cause(ids.derived("demo", "profile", address), address)
    if "lifetime_revenue" in edit.fields:
        bought = whole_ms(work.now - timedelta(days=chance.randrange(1, 200), minutes=chance.randrange(1_440)))
        edit = Edit({**edit.fields, "last_purchase_at": bought}, edit.attributes)
    events = decide_edit(known, edit, around, Step(whole_ms(work.now - timedelta(hours=2)), BY))
    work.record_contact(cause, events)
    if n % 8 == 0 and events:
        step = Step(whole_ms(work.now - timedelta(hours=1)), MAYA)
        words = "Prefers to be called by first name. Asked not to be phoned before ten."
        note = decide_note(events[-1].contact, words, step, ids.derived("demo", "note", address))
        work.record_contact(Cause(ids.derived("demo", "noted", address), address), note)
