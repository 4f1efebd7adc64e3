"""What a person does with webhook endpoints, each with who may: the routes' own functions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.events import ping_body
from services.notifications.webhooks.model import PING_TYPE, Call, Endpoint, Key, State, rotated
from services.notifications.webhooks.sender import WebhookSender
from services.notifications.webhooks.shapes import ChangeEndpoint, EndpointRow, NewEndpoint
from services.notifications.webhooks.store.calls import AT_ONCE, Calls, Intent
from services.notifications.webhooks.store.endpoints import Endpoints, not_found
from services.notifications.webhooks.store.history import History
from shared.access import Viewer
from shared.clock import Clock
from shared.directory import Directory
from shared.errors import Conflict, FieldError, Forbidden, Invalid
from shared.ids import derived, random_id
from shared.log import Cause
from shared.outside_addresses import check_url
from shared.signing import Signer

REPLAYED_AT_ONCE = 10_000
"""Calls that one request replays at most."""


class Webhooks:
    """`sender` may run elsewhere: then its timers find what is due a little later."""

    def __init__(
        self,
        settings: NotificationsSettings,
        endpoints: Endpoints,
        calls: Calls,
        history: History,
        sender: WebhookSender,
        directory: Directory,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._calls = calls
        self.history = history
        self._sender = sender
        self._directory = directory
        self._signer = signer
        self._clock = clock

    # ── endpoints ────────────────────────────────────────────────────────────────────────────────
    async def all(self, viewer: Viewer) -> list[Endpoint]:
        viewer.need("operations.manage")
        return [one for one in await self._endpoints.all() if _sees(viewer, one)]

    async def get(self, viewer: Viewer, endpoint_id: str) -> Endpoint:
        viewer.need("operations.manage")
        found = await self._endpoints.get(endpoint_id)
        if not _sees(viewer, found):
            raise not_found(endpoint_id)
        return found

    def secret(self, endpoint: Endpoint) -> str:
        """The current one."""
        return self._signer.webhook_secret(endpoint.id, endpoint.keys[0].salt)

    async def create(self, viewer: Viewer, body: NewEndpoint, idempotency_key: str | None) -> Endpoint:
        viewer.need("operations.manage")
        now = self._clock()
        key = derived("webhook-endpoint", viewer.agent_id, idempotency_key) if idempotency_key else random_id()
        endpoint = Endpoint(
            id=key,
            **body.model_dump(exclude={"url"}),
            url=self._url(body.url),
            keys=(Key(salt=secrets.token_hex(16)),),
            created_by=viewer.agent_id,
            created_at=now,
            updated_at=now,
        )
        self._check(viewer, endpoint)
        return await self._endpoints.create(endpoint, limit=self._settings.webhook_endpoints)

    async def change(self, viewer: Viewer, endpoint_id: str, body: ChangeEndpoint) -> Endpoint:
        await self.get(viewer, endpoint_id)
        fields = body.model_dump(exclude_none=True, exclude={"seen_updated_at"})
        if body.url is not None:
            fields["url"] = self._url(body.url)

        def decide(before: Endpoint) -> Endpoint:
            if body.seen_updated_at is not None and body.seen_updated_at != before.updated_at:
                raise _changed(before)
            after = before.model_copy(update={**fields, "updated_at": self._clock()})
            self._check(viewer, after)
            return after

        return await self._endpoints.change(endpoint_id, decide, well_again=body.url is not None)

    async def rotate(self, viewer: Viewer, endpoint_id: str, overlap: timedelta) -> Endpoint:
        await self.get(viewer, endpoint_id)
        now, salt = self._clock(), secrets.token_hex(16)

        def decide(before: Endpoint) -> Endpoint:
            keys = rotated(before.keys, salt, overlap=overlap, now=now)
            return before.model_copy(update={"keys": keys, "updated_at": now})

        return await self._endpoints.change(endpoint_id, decide)

    async def disable(self, viewer: Viewer, endpoint_id: str) -> Endpoint:
        await self.get(viewer, endpoint_id)
        return await self._set(endpoint_id, "disabled", f"Switched off by {viewer.name}.")

    async def enable(self, viewer: Viewer, endpoint_id: str) -> Endpoint:
        await self.get(viewer, endpoint_id)
        return await self._set(endpoint_id, "active", "")

    async def delete(self, viewer: Viewer, endpoint_id: str) -> None:
        await self.get(viewer, endpoint_id)
        await self._set(endpoint_id, "deleted", f"Deleted by {viewer.name}.")

    async def _set(self, endpoint_id: str, state: str, reason: str) -> Endpoint:
        now = self._clock()

        def decide(before: Endpoint) -> Endpoint:
            if before.state == state:
                return before
            return before.model_copy(update={"state": state, "reason": reason, "updated_at": now})

        after = await self._endpoints.change(endpoint_id, decide, well_again=state == "active")
        await self._wake(endpoint_id)
        return after

    # ── what is sent ─────────────────────────────────────────────────────────────────────────────
    async def ping(self, viewer: Viewer, endpoint_id: str) -> Call:
        endpoint = await self._active(viewer, endpoint_id)
        now, event_id = self._clock(), random_id()
        call = Call(
            id=derived("webhook", endpoint.id, event_id),
            endpoint_id=endpoint.id,
            lane=derived("lane", endpoint.id, "ping"),
            place=0,
            event_id=event_id,
            event_type=PING_TYPE,
            subject=endpoint.id,
            created_at=now,
            updated_at=now,
        )
        await self._calls.accept([Intent(Cause(event_id, event_id), ping_body(event_id, endpoint, now), (call,))])
        await self._wake(endpoint.id)
        return call

    async def call(self, viewer: Viewer, endpoint_id: str, call_id: str) -> tuple[Call, str | None]:
        """A call and what it says."""
        endpoint = await self.get(viewer, endpoint_id)
        found = await self.history.get(endpoint.id, call_id)
        body = await self.history.body(found)
        return found, body.decode() if body is not None else None

    async def replay_one(self, viewer: Viewer, endpoint_id: str, call_id: str) -> int:
        endpoint = await self._active(viewer, endpoint_id)
        found = await self.history.get(endpoint.id, call_id)
        return await self._requeue(endpoint.id, [found.id])

    async def replay(
        self, viewer: Viewer, endpoint_id: str, since: datetime | None, *, sent_too: bool
    ) -> tuple[int, bool]:
        """How many, and whether there are more than one request replays."""
        endpoint = await self._active(viewer, endpoint_id)
        states: list[State] = ["dead", "sent"] if sent_too else ["dead"]
        ids = await self.history.over(endpoint.id, states, since, limit=REPLAYED_AT_ONCE + 1)
        replayed = 0
        for start in range(0, min(len(ids), REPLAYED_AT_ONCE), AT_ONCE):
            replayed += await self._requeue(endpoint.id, ids[start : min(start + AT_ONCE, REPLAYED_AT_ONCE)])
        return replayed, len(ids) > REPLAYED_AT_ONCE

    async def resend(self, call_id: str) -> None:
        """The call of an answer, once more; who may was asked for the delivery that it carries."""
        found = await self.history.by_id(call_id)
        endpoint = await self._endpoints.get(found.endpoint_id)
        if endpoint.state != "active":
            raise _off(endpoint)
        await self._requeue(endpoint.id, [found.id])

    async def _requeue(self, endpoint_id: str, ids: Sequence[str]) -> int:
        replayed = await self._calls.requeue(ids, self._clock())
        await self._wake(endpoint_id)
        return replayed

    async def _wake(self, endpoint_id: str) -> None:
        await self._endpoints.nudge([endpoint_id], self._clock())
        self._sender.nudge()

    # ── checks ───────────────────────────────────────────────────────────────────────────────────
    async def _active(self, viewer: Viewer, endpoint_id: str) -> Endpoint:
        endpoint = await self.get(viewer, endpoint_id)
        if endpoint.state != "active":
            raise _off(endpoint)
        return endpoint

    def _url(self, url: str) -> str:
        return check_url(url, allowed=self._settings.outside_networks)

    def _check(self, viewer: Viewer, endpoint: Endpoint) -> None:
        if unknown := [one for one in endpoint.brand_ids if one not in self._directory.brands]:
            field = FieldError("body.brand_ids", f"There is no brand {unknown[0]!r}.")
            raise Invalid("unknown_brand", "An endpoint can only be for brands that there are.", (field,))
        if not _sees(viewer, endpoint):
            raise Forbidden("not_your_brands", "Name brands in brand_ids that you may see, and no others.")


def _sees(viewer: Viewer, endpoint: Endpoint) -> bool:
    """Who is limited to some brands has to do with endpoints that get nothing but theirs. An endpoint gets every
    channel and team: who is limited to some of those has to do with none."""
    if not viewer.scope.by_brand_alone:
        return False
    return not viewer.brand_ids or (bool(endpoint.brand_ids) and viewer.brand_ids.issuperset(endpoint.brand_ids))


def _changed(there: Endpoint) -> Conflict:
    words = "Somebody else changed this meanwhile. Look at what it is now, then change it again."
    return Conflict("changed_meanwhile", words, about={"existing": EndpointRow.of(there).model_dump(mode="json")})


def _off(endpoint: Endpoint) -> Conflict:
    return Conflict("endpoint_disabled", f"The endpoint is switched off: {endpoint.reason} Enable it first.")
