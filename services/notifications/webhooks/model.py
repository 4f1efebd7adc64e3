"""What a webhook endpoint is, what one delivery to it is, and how an attempt changes both. Pure.

Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from services.notifications.model import RETRY_AFTER_S, pause
from shared.contracts.base import Time, Value
from shared.contracts.common import Actor

STRUGGLING = 3
"""So many failures without a success between them are the endpoint's, not one event's."""
LONGEST_PAUSE_S = 300
LONGEST_RETRY_AFTER_S = 24 * 3600
SAID_LENGTH = 500
PING_TYPE = "switchboard.notifications.Ping.v1"


class Key(Value):
    """What a secret is made from, with the desk's own. `until` None: the current one; else the former, until then."""

    salt: str
    until: Time | None = None


class Health(Value):
    """How calls to an endpoint went lately. `failures` since the last success, `failing_since` when the first of
    them was, `paused_until` while nothing is sent, `next_at` when its rate allows the next call."""

    failures: int = 0
    failing_since: Time | None = None
    paused_until: Time | None = None
    next_at: Time | None = None
    last_status: int | None = None
    last_at: Time | None = None

    @property
    def struggling(self) -> bool:
        return self.failures >= STRUGGLING


class Endpoint(Value):
    """Somebody's receiver. `brand_ids` empty: all brands. `reply_channels` are the custom channels whose customers
    are answered through it. `told` counts the events that told of its switching off."""

    id: str
    seq: int = 1
    name: str
    url: str
    event_types: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    reply_channels: tuple[str, ...] = ()
    per_second: float = 50.0
    keys: tuple[Key, ...]
    state: Literal["active", "disabled", "deleted"] = "active"
    reason: str = ""
    told: int = 0
    health: Health = Health()
    created_by: str = ""
    created_at: Time
    updated_at: Time


State = Literal["queued", "sent", "dead"]


class Asked(Value):
    """The rule that named the endpoint, as the conversation is told of it when the call is not made."""

    custom_id: str
    conversation_id: str
    by: Actor
    decision_id: str | None = None
    correlation_id: str
    traceparent: str = ""


class Call(Value):
    """One event on its way to one endpoint. `place` is its place in its lane (the endpoint's queue of one
    conversation). `attempt` counts all calls, `tries` those since it was last queued. `delivery_id` names the
    delivery that it carries out when it is an agent's reply, `asked` the rule that alone named the endpoint. `said` is
    how the answer began."""

    id: str
    seq: int = 1
    endpoint_id: str
    lane: str
    place: int
    event_id: str
    event_type: str
    subject: str = ""
    delivery_id: str | None = None
    asked: Asked | None = None
    state: State = "queued"
    attempt: int = 0
    tries: int = 0
    retry_at: Time | None = None
    status: int | None = None
    said: str = ""
    reason: str = ""
    took_ms: int | None = None
    created_at: Time
    updated_at: Time


class Verdict(Value):
    """What an attempt came to. `gone`: the receiver wants no more (410). `wait_s`: how long it asked us to wait."""

    ok: bool
    gone: bool = False
    final: bool = False
    wait_s: float = 0.0
    status: int | None = None
    said: str = ""
    reason: str = ""
    took_ms: int | None = None


def judge(status: int, said: str, *, wait_s: float | None) -> Verdict:
    """An answer, by its status: 2xx is taken, 410 ends the endpoint, all else is tried again."""
    if 200 <= status <= 299:
        return Verdict(ok=True, status=status, said=said)
    reason = f"It answered {status}."
    if 300 <= status <= 399:
        reason = f"It answered {status}, a redirect; give the endpoint its new address."
    heed = wait_s if wait_s is not None and status in (429, 502, 503, 504) else 0.0
    return Verdict(
        ok=False,
        gone=status == 410,
        final=status == 410,
        wait_s=min(max(heed, 0.0), LONGEST_RETRY_AFTER_S),
        status=status,
        said=said,
        reason=reason,
    )


def attempted(call: Call, verdict: Verdict, *, now: datetime, chance: float) -> Call:
    """The call after an attempt: sent, queued for another one, or dead. `chance` in [0, 1) spreads the retries."""
    again = not verdict.ok and not verdict.final and call.tries < len(RETRY_AFTER_S)
    retry_at = now + max(pause(call.tries, chance), timedelta(seconds=verdict.wait_s)) if again else None
    state: State = "sent" if verdict.ok else "queued" if again else "dead"
    return call.model_copy(
        update={
            "seq": call.seq + 1,
            "state": state,
            "attempt": call.attempt + 1,
            "tries": call.tries + 1,
            "retry_at": retry_at,
            "status": verdict.status,
            "said": verdict.said[:SAID_LENGTH],
            "reason": verdict.reason,
            "took_ms": verdict.took_ms,
            "updated_at": now,
        }
    )


def abandoned(call: Call, reason: str, *, now: datetime) -> Call:
    """Dead without another attempt, because its endpoint is switched off or gone."""
    return call.model_copy(
        update={"seq": call.seq + 1, "state": "dead", "retry_at": None, "reason": reason, "updated_at": now}
    )


def requeued(call: Call, place: int, *, now: datetime) -> Call:
    """On its way once more, at the end of its lane, with the same id."""
    return call.model_copy(
        update={"seq": call.seq + 1, "state": "queued", "place": place, "tries": 0, "retry_at": None, "updated_at": now}
    )


def health_after(health: Health, verdict: Verdict, *, now: datetime) -> Health:
    """One success and it is well again. From the third failure in a row it is left alone for 1 s, 2 s, 4 s … 5 min
    between calls, so that a receiver that is down is asked now and then and not once for every conversation."""
    if verdict.ok:
        return Health(next_at=health.next_at, last_status=verdict.status, last_at=now)
    failures = health.failures + 1
    alone_s = min(2.0 ** min(failures - STRUGGLING, 20), LONGEST_PAUSE_S) if failures >= STRUGGLING else 0.0
    wait_s = max(alone_s, verdict.wait_s)
    paused_until = now + timedelta(seconds=wait_s) if wait_s else health.paused_until
    return Health(
        failures=failures,
        failing_since=health.failing_since or now,
        paused_until=max(filter(None, (paused_until, health.paused_until)), default=None),
        next_at=health.next_at,
        last_status=verdict.status,
        last_at=now,
    )


def why_switch_off(health: Health, verdict: Verdict, *, after_days: float, now: datetime) -> str | None:
    """A sentence when the endpoint is to be switched off after this attempt."""
    if verdict.gone:
        return "It answered 410 Gone: it wants no more events."
    since = health.failing_since
    if since is not None and now - since >= timedelta(days=after_days):
        return f"No call succeeded since {since:%Y-%m-%d %H:%M} UTC. The last one: {verdict.reason}"
    return None


def rotated(keys: tuple[Key, ...], salt: str, *, overlap: timedelta, now: datetime) -> tuple[Key, ...]:
    """A new current key; the one before signs too until the overlap ends. Older ones end at once."""
    before = [one.model_copy(update={"until": now + overlap}) for one in keys if one.until is None]
    return (Key(salt=salt), *(one for one in before if overlap > timedelta()))


def signing(keys: tuple[Key, ...], *, now: datetime) -> tuple[Key, ...]:
    """Those that sign now, the current one first."""
    return tuple(one for one in keys if one.until is None or one.until > now)
