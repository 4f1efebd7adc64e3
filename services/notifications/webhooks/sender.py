"""Sends what waits for the endpoints: an endpoint is leased, its due lanes are called side by side, results recorded.

One process at a time sends to an endpoint, so its order, rate and pauses are exact; an endpoint that hangs holds one
of our places and its own connections, and nothing of the others'. A crash between the receiver's 2xx and the record
calls again, with the same id and bytes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from standardwebhooks.webhooks import Webhook

from services.notifications.leased import Leased, Place, Terms
from services.notifications.mail import one_line
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.events import GONE, OFF
from services.notifications.webhooks.model import (
    Call,
    Endpoint,
    Health,
    Verdict,
    attempted,
    health_after,
    judge,
    signing,
    why_switch_off,
)
from services.notifications.webhooks.store.calls import Calls, Due
from services.notifications.webhooks.store.endpoints import Endpoints, endpoint_of
from services.notifications.webhooks.store.history import History
from services.notifications.webhooks.turn import Turn
from shared import metrics
from shared.clock import Clock
from shared.logs import get_logger
from shared.mongo import Document
from shared.outside_http import Answer, Blocked, NoAnswer, OutsideHttp
from shared.signing import Signer

log = get_logger(__name__)

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
AGENT = "Switchboard-Webhooks/1"
LEASES_PER_CALL = 3
RENEWED_AT = 2 / 3
"""A lease is drawn out while its holder works, as soon as less than this part of it is left: a record that takes its
time must not let another process call again."""
NEEDED_PER_CALL = 1.5
"""A call is begun only while so many times its longest duration is left of the turn."""


class WebhookSender(Leased):
    """A part. `secret` gives an endpoint's secret for the salt of one of its keys."""

    def __init__(
        self,
        settings: NotificationsSettings,
        endpoints: Endpoints,
        calls: Calls,
        history: History,
        http: OutsideHttp,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._calls = calls
        self._history = history
        self._http = http
        self._signer = signer
        self._clock = clock
        terms = Terms(
            lease_s=LEASES_PER_CALL * settings.webhook_s,
            lasts_s=NEEDED_PER_CALL * settings.webhook_s,
            places=settings.webhook_endpoints_at_once,
            drain_s=settings.drain_s,
        )
        super().__init__(endpoints.rows, self._serve, terms, name="webhooks", clock=clock)
        metrics.expect(metrics.webhook_attempts, ["sent", "retry", "dead"])

    async def _serve(self, row: Document, _: Place) -> None:
        """All that is due for one endpoint, for as long as a lease lasts; then others have their turn. The place is
        held to the end."""
        now_held: Document | None = row
        while now_held is not None:
            endpoint = endpoint_of(now_held)
            if endpoint.state == "active":
                turn = Turn(self, now_held, until=row["lease_until"])
                health, due_at = await turn.run()
                now_held = turn.row
            else:
                health, due_at = endpoint.health, await self._clear(endpoint)
            if await self._release(now_held, health, due_at):
                return
            now_held = await self.held(now_held)

    async def _release(self, row: Document, health: Health, due_at: datetime | None) -> bool:
        released = await self.keep(
            lambda: self._endpoints.release(row, due_at=due_at, health=health), endpoint=row["_id"]
        )
        if released and due_at is not None and due_at <= self._clock():
            self.nudge()
        return released

    async def _clear(self, endpoint: Endpoint) -> datetime | None:
        """Nothing waits for an endpoint that is off; rules' calls are told to their conversations. When it comes due
        again: never, unless we stop in between."""
        deleted = endpoint.state == "deleted"
        reason = "The webhook endpoint was deleted." if deleted else "The webhook endpoint is switched off."
        why = GONE if deleted else OFF
        while await self.keep(
            lambda: self._calls.abandon(endpoint.id, reason, why, self._clock()), endpoint=endpoint.id
        ):
            if self.stopping:
                return self._clock()
        if deleted:
            await self._history.purge(endpoint.id)
            await self._endpoints.remove(endpoint.id)
        return None

    # ── calls ────────────────────────────────────────────────────────────────────────────────────
    async def call(self, endpoint: Endpoint, due: Due) -> tuple[Call, Call, Verdict]:
        """Make one call: (before, after, how it went). Nothing is recorded yet."""
        verdict = await self._offer(endpoint, due.call, due.body)
        after = attempted(due.call, verdict, now=self._clock(), chance=random.random())  # noqa: S311
        return due.call, after, verdict

    async def record(self, endpoint: Endpoint, made: Sequence[tuple[Call, Call]]) -> None:
        recorded = await self.keep(lambda: self._calls.record(made), endpoint=endpoint.id)
        for before, after in made:
            if before.id not in recorded:
                continue
            result = after.state if after.state != "queued" else "retry"
            metrics.webhook_attempts.labels(result).inc()
            log.info(
                "webhook attempted",
                endpoint_id=endpoint.id,
                call_id=after.id,
                attempt=after.attempt,
                result=result,
                status=after.status,
            )

    async def _offer(self, endpoint: Endpoint, call: Call, body: bytes | None) -> Verdict:
        if body is None:
            return Verdict(ok=False, final=True, reason="The event is no longer kept.")
        started = time.monotonic()
        try:
            answer = await self._http.post(endpoint.url, body, self._headers(endpoint, call, body))
        except Blocked as error:
            verdict = Verdict(ok=False, reason=str(error))
        except NoAnswer as error:
            verdict = Verdict(ok=False, reason=str(error))
        except Exception:
            # A mistake of ours about one call must not end the turn: the others' results would be lost with it.
            log.exception("a webhook call failed in a way that was not foreseen", endpoint_id=endpoint.id)
            verdict = Verdict(ok=False, reason="The call could not be made.")
        else:
            verdict = judge(answer.status, _text(answer.body), wait_s=_wait_s(answer, self._clock()))
        return verdict.model_copy(update={"took_ms": round((time.monotonic() - started) * 1000)})

    def _headers(self, endpoint: Endpoint, call: Call, body: bytes) -> dict[str, str]:
        """Standard Webhooks: one signature for each secret that is valid now, the current one's first."""
        now = self._clock()
        text = body.decode()
        signatures = [
            Webhook(self._signer.webhook_secret(endpoint.id, key.salt)).sign(call.event_id, now, text)
            for key in signing(endpoint.keys, now=now)
        ]
        return {
            "Content-Type": CONTENT_TYPE,
            "User-Agent": AGENT,
            "Accept": "*/*",
            "webhook-id": call.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    # ── what a turn asks of its sender ───────────────────────────────────────────────────────────
    def may_go_on(self, until: datetime) -> bool:
        needed = timedelta(seconds=NEEDED_PER_CALL * self._settings.webhook_s)
        return not self.stopping and until - self._clock() >= needed

    async def held(self, row: Document) -> Document | None:
        """The endpoint's row as it is now; None when somebody else has the lease."""
        now, lease = self._clock(), timedelta(seconds=self._terms.lease_s)
        until = now + lease if row["lease_until"] - now < lease * RENEWED_AT else None
        return await self.keep(lambda: self._endpoints.held(row, until=until), endpoint=row["_id"])

    async def due(self, endpoint: Endpoint, limit: int, besides: frozenset[str]) -> list[Due]:
        now = self._clock()
        return await self.keep(
            lambda: self._calls.due(endpoint.id, now, limit=limit, besides=besides), endpoint=endpoint.id
        )

    async def next_due(self, endpoint: Endpoint) -> datetime | None:
        return await self.keep(lambda: self._calls.next_due(endpoint.id), endpoint=endpoint.id)

    async def switch_off(self, endpoint: Endpoint, why: str) -> None:
        """The endpoint does not work: nothing more is sent, and an event tells of it."""

        def off(one: Endpoint) -> Endpoint:
            return (
                one.model_copy(update={"state": "disabled", "reason": why, "updated_at": now})
                if one.state == "active"
                else one
            )

        now = self._clock()
        await self.keep(lambda: self._endpoints.change(endpoint.id, off), endpoint=endpoint.id)
        await self._endpoints.nudge([endpoint.id], now)
        log.warning("webhook endpoint switched off", endpoint_id=endpoint.id, reason=why)

    def after(self, health: Health, verdict: Verdict) -> tuple[Health, str | None]:
        """The health after a call, and why to switch the endpoint off, if so."""
        now = self._clock()
        health = health_after(health, verdict, now=now)
        return health, why_switch_off(health, verdict, after_days=self._settings.webhook_disable_after_days, now=now)

    @property
    def clock(self) -> Callable[[], datetime]:
        return self._clock

    @property
    def side_by_side(self) -> int:
        return self._settings.webhook_calls_per_endpoint


def _text(body: bytes) -> str:
    """How a stranger's answer begins, as one short line."""
    return one_line(body[:2000].decode("utf-8", "replace"))


def _wait_s(answer: Answer, now: datetime) -> float | None:
    """Retry-After (RFC 9110 §10.2.3): seconds, or a date."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit() and len(given) <= 9:
        return float(given)
    try:
        at = parsedate_to_datetime(given)
        return (at - now).total_seconds() if at.tzinfo else None
    except (ValueError, TypeError, OverflowError):
        return None
