"""What a product says of something that a customer did, as people write it in a rule."""

from __future__ import annotations

from shared.contracts.activity import Activity, ActivityValue


def attribute_words(activity: Activity) -> tuple[str, ...]:
    """`amount=49.5`, `plan=yearly`, `trial=yes`: attributes are the product's own, so no field can be made of each."""
    return tuple(f"{one.name}={_written(one.value)}" for one in activity.attributes)


def _written(value: ActivityValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.15g}" if isinstance(value, float) else value
