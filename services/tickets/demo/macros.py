"""A few texts that the demo desk answers with."""

from __future__ import annotations

from services.tickets.model.shared_macro import MacroDraft
from services.tickets.store import Store
from shared.contracts.directory import MacroAction

_HELLO = "<p>Hi {{contact.first_name | there}},</p>"
_BYE = "<p>{{agent.first_name}}<br>{{brand.name}}</p>"


def _macro(macro_id: str, name: str, text: str, *actions: tuple[str, str]) -> tuple[str, MacroDraft]:
    made = tuple(MacroAction.model_validate({"kind": kind, "value": value}) for kind, value in actions)
    return macro_id, MacroDraft(name=name, html=f"{_HELLO}{text}{_BYE}", actions=made)


MACROS = (
    _macro(
        "order-on-its-way",
        "Order on its way",
        "<p>Good news: your order has left our warehouse and should be with you within three to five days.</p>",
        ("topic", "Order status"),
        ("tag", "shipping"),
    ),
    _macro(
        "refund-started",
        "Refund started",
        "<p>I have started your refund. It reaches the card you paid with within five to ten days.</p>",
        ("topic", "Returns & refunds"),
        ("tag", "refund"),
    ),
    _macro(
        "ask-for-a-call",
        "Ask for a call",
        "<p>This is easier to sort out on the phone. May I call you on {{contact.phone}}, and when suits you?</p>",
        ("snooze", "24"),
    ),
    _macro(
        "thanks-and-close",
        "Thanks, all settled",
        "<p>Thank you for letting us know. I am glad that it is settled; write any time.</p>",
        ("close", ""),
    ),
)


async def write_macros(store: Store) -> None:
    """In force at once; one that is there stays as somebody made it since."""
    for macro_id, draft in MACROS:
        await store.macros.create(macro_id, draft, by="", now=store.clock(), publish=True)
