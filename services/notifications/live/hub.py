"""Who listens in this process, indexed by what they may get, and the fan-out to them. No I/O, one event loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from services.notifications.live.frames import Entry, agent_may_see, visitor_may_see, with_id
from services.notifications.live.replay import Place, Replay, id_of, place_of
from shared import metrics
from shared.access import Viewer
from shared.errors import Unauthenticated
from shared.signing import Visitor

EXPIRED = 4401
SLOW = 4408
CROWDED = 4429

REASONS = {EXPIRED: "expired", SLOW: "slow", CROWDED: "crowded"}
AUDIENCES = ("agents", "visitors")
ALL_BRANDS = ""
RESYNC = '{"type":"resync"}'


@dataclass(eq=False, slots=True)
class Socket:
    """One open WebSocket as the hub sees it. `wake` tells its writer that frames wait or that it must close.

    `who` was authenticated until `expires_at` (seconds since the epoch). `frames` wait, the oldest first: a list, as an
    empty deque holds 600 bytes, and nearly all of them are empty.
    """

    who: Viewer | Visitor
    expires_at: float
    wake: Callable[[], None]
    frames: list[str] = field(default_factory=list)
    close_code: int | None = None

    @property
    def audience(self) -> str:
        return "agents" if isinstance(self.who, Viewer) else "visitors"


class Hub:
    """Every method runs to its end without waiting, so that a socket misses nothing between replay and live."""

    def __init__(self, replay: Replay, *, queue: int, per_person: int) -> None:
        self.replay = replay
        self._queue = queue
        self._per_person = per_person
        self._agents: dict[str, set[Socket]] = {}
        self._visitors: dict[tuple[str, str], set[Socket]] = {}
        self._by_brand: dict[str, set[Socket]] = defaultdict(set)
        self.count = 0
        for one in (metrics.live_sockets, metrics.live_frames):
            metrics.expect(one, AUDIENCES)
        metrics.expect(metrics.live_resyncs, ["gap", "stream"])
        metrics.expect(metrics.live_closed, list(REASONS.values()))

    # ── coming and going ─────────────────────────────────────────────────────────────────────────
    def join(self, socket: Socket, last_id: str | None) -> None:
        """Let it listen from now on, `ready` first, then what it missed since `last_id` or a resync.

        `ready` names the place that the client has seen everything up to, so that it may come back with it
        even when the connection breaks before the missed frames have arrived.
        """
        mine = self._of_person(socket.who)
        if len(mine) >= self._per_person:
            self.close(socket, CROWDED)
            return
        missed = self._missed(socket, last_id) if last_id else None
        place = last_id if missed else id_of(self.replay.current)
        resumed = "true" if missed is not None else "false"
        socket.frames.append(f'{{"type":"ready","id":"{place}","resumed":{resumed}}}')
        if last_id and missed is None:
            metrics.live_resyncs.labels("gap").inc()
            socket.frames.append(RESYNC)
        socket.frames.extend(missed or ())
        mine.add(socket)
        self._index(socket)
        self.count += 1
        metrics.live_sockets.labels(socket.audience).inc()
        socket.wake()

    def leave(self, socket: Socket) -> None:
        mine = self._of_person(socket.who)
        listened = socket in mine
        mine.discard(socket)
        if not mine:
            self._forget_person(socket.who)
        if not listened:
            return
        self._unindex(socket)
        self.count -= 1
        metrics.live_sockets.labels(socket.audience).dec()

    def renew(self, socket: Socket, who: Viewer | Visitor, expires_at: float) -> bool:
        """A new token for the same person; False when it is somebody else's."""
        if _person(who) != _person(socket.who):
            return False
        self._unindex(socket)
        socket.who, socket.expires_at = who, expires_at
        self._index(socket)
        return True

    def close(self, socket: Socket, code: int) -> None:
        """Let it listen no more; its writer closes it with `code`."""
        if socket.close_code is None:
            socket.close_code = code
            metrics.live_closed.labels(REASONS[code]).inc()
        self.leave(socket)
        socket.wake()

    # ── what happens ─────────────────────────────────────────────────────────────────────────────
    def publish(self, place: Place, entry: Entry) -> None:
        """Keep it for replay and queue it for everybody here who may see it; each frame is built once."""
        self.replay.add(place, entry)
        entry_id = id_of(place)
        if entry.agents:
            self._send(self._agents_for(entry), with_id(entry.agents, entry_id), "agents")
        if entry.visitors and entry.standing:
            listeners = self._visitors.get((entry.standing.brand_id, entry.visitor_id), ())
            self._send(list(listeners), with_id(entry.visitors, entry_id), "visitors")

    def tell(self, agents: Iterable[str], frame: str) -> None:
        """A frame that is of this moment alone: nobody gets it later."""
        for agent_id in agents:
            self._send(list(self._agents.get(agent_id, ())), frame, "agents")

    def resync(self, at: Place) -> None:
        """The stream was broken off: nobody can know what they missed, so everybody fetches anew."""
        self.replay.begin(at)
        metrics.live_resyncs.labels("stream").inc()
        for socket in list(self._everybody()):
            self._send((socket,), RESYNC, socket.audience)

    def look_again(self, agents: Iterable[str], again: Callable[[Viewer], Viewer]) -> None:
        """The directory changed: what these agents may see is asked anew, and whoever may not stay goes."""
        for agent_id in agents:
            for socket in list(self._agents.get(agent_id, ())):
                try:
                    if isinstance(socket.who, Viewer):
                        self.renew(socket, again(socket.who), socket.expires_at)
                except Unauthenticated:
                    self.close(socket, EXPIRED)

    def agents_with_role(self, role_id: str) -> list[str]:
        found = (next(iter(sockets)).who for sockets in self._agents.values() if sockets)
        return [who.agent_id for who in found if isinstance(who, Viewer) and who.role_id == role_id]

    def close_expired(self, now_s: float) -> None:
        for socket in [one for one in self._everybody() if one.expires_at <= now_s]:
            self.close(socket, EXPIRED)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────
    def _send(self, sockets: Iterable[Socket], frame: str, audience: str) -> None:
        sent = 0
        for socket in sockets:
            if len(socket.frames) >= self._queue:
                self.close(socket, SLOW)
                continue
            socket.frames.append(frame)
            socket.wake()
            sent += 1
        metrics.live_frames.labels(audience).inc(sent)

    def _agents_for(self, entry: Entry) -> list[Socket]:
        if entry.to:
            return [one for one in self._agents.get(entry.to, ()) if _may_see(one.who, entry)]
        if entry.standing is None:
            everyone = (one for sockets in self._agents.values() for one in sockets)
            return [one for one in everyone if _may_see(one.who, entry)]
        near = (*self._by_brand.get(ALL_BRANDS, ()), *self._by_brand.get(entry.standing.brand_id, ()))
        return [one for one in near if isinstance(one.who, Viewer) and one.who.sees(entry.standing)]

    def _missed(self, socket: Socket, last_id: str) -> list[str] | None:
        """What this person may see of what came since; None when it is not known whole, or is too much."""
        place = place_of(last_id)
        entries = self.replay.since(place) if place is not None else None
        if entries is None:
            return None
        # Half the queue, so that what happens meanwhile does not make it a slow reader at once.
        most = self._queue // 2
        frames = list(islice(_frames_for(socket.who, entries), most + 1))
        return frames if len(frames) <= most else None

    def _everybody(self) -> Iterator[Socket]:
        for sockets in self._agents.values():
            yield from sockets
        for sockets in self._visitors.values():
            yield from sockets

    def _of_person(self, who: Viewer | Visitor) -> set[Socket]:
        if isinstance(who, Viewer):
            return self._agents.setdefault(who.agent_id, set())
        return self._visitors.setdefault((who.brand_id, who.visitor_id), set())

    def _forget_person(self, who: Viewer | Visitor) -> None:
        if isinstance(who, Viewer):
            self._agents.pop(who.agent_id, None)
        else:
            self._visitors.pop((who.brand_id, who.visitor_id), None)

    def _index(self, socket: Socket) -> None:
        if isinstance(socket.who, Viewer) and socket.who.may("conversations.read"):
            for brand_id in socket.who.brand_ids or (ALL_BRANDS,):
                self._by_brand[brand_id].add(socket)

    def _unindex(self, socket: Socket) -> None:
        if isinstance(socket.who, Viewer):
            for brand_id in socket.who.brand_ids or (ALL_BRANDS,):
                self._by_brand[brand_id].discard(socket)


def _person(who: Viewer | Visitor) -> tuple[str, ...]:
    return (who.agent_id,) if isinstance(who, Viewer) else (who.brand_id, who.visitor_id)


def _may_see(who: Viewer | Visitor, entry: Entry) -> bool:
    return agent_may_see(who, entry) if isinstance(who, Viewer) else visitor_may_see(who, entry)


def _frames_for(who: Viewer | Visitor, entries: Iterable[tuple[Place, Entry]]) -> Iterator[str]:
    for place, entry in entries:
        if _may_see(who, entry):
            yield with_id(entry.agents if isinstance(who, Viewer) else entry.visitors, id_of(place))
