"""A conversation's own attributes, as the desk defines them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.tickets.model.evolve import Unfolding
from services.tickets.model.field_value import value_words
from services.tickets.model.profile_fields import values_of, with_attributes
from services.tickets.model.state import Context, Conversation, Desk
from shared.contracts.conversations import AttributesChanged, ConversationEvent
from shared.contracts.tickets import FieldValue
from shared.errors import Conflict, FieldError, Invalid


def decide_attributes(
    state: Conversation,
    context: Context,
    desk: Desk,
    entered: Mapping[str, FieldValue | None],
    seen: Mapping[str, FieldValue | None],
) -> Sequence[ConversationEvent]:
    """Attributes as entered, None empties one; those not named stay. Raises Invalid that names each wrong one.

    `seen`: what their writer saw before. Raises Conflict when one of them is neither that any more, nor as entered.
    """
    head = state.head
    _check_seen(values_of(head.attributes), entered, seen, desk)
    defined = {
        id_: one
        for id_, one in desk.attributes.items()
        if one.applies_to == "conversation" and one.active and (not one.brand_ids or head.brand_id in one.brand_ids)
    }
    wrong: list[FieldError] = []
    wanted = with_attributes(head.attributes, entered, defined, wrong)
    if wrong:
        raise Invalid("bad_attributes", f"{wrong[0].message}.", tuple(wrong))
    before, after = values_of(head.attributes), values_of(wanted)
    changed = tuple(one for one in wanted if before.get(one.id) != one.value)
    cleared = tuple(sorted(before.keys() - after.keys()))
    if not changed and not cleared:
        return []
    unfolding = Unfolding(state)
    unfolding.add(AttributesChanged, context, set=changed, cleared=cleared)
    return unfolding.events


def _check_seen(
    now: Mapping[str, FieldValue],
    entered: Mapping[str, FieldValue | None],
    seen: Mapping[str, FieldValue | None],
    desk: Desk,
) -> None:
    lost = [id_ for id_ in entered if id_ in seen and now.get(id_) not in (seen[id_], entered[id_])]
    if not lost:
        return
    attribute = desk.attributes.get(lost[0])
    label = attribute.label if attribute else lost[0]
    told = f"Somebody changed {label} to {value_words(now.get(lost[0]))} while you were editing"
    fields = tuple(FieldError(f"body.attributes.{id_}", "was changed meanwhile") for id_ in lost)
    raise Conflict("changed_meanwhile", f"{told}. Save again to replace it.", fields)
