"""Dead letters: the record's original bytes, with the reason in headers, on `<topic>.<group>.dlq`.

`shared.redrive` sends them back.
"""

from __future__ import annotations

from datetime import datetime

from aiokafka import AIOKafkaProducer

from shared import kafka
from shared.cloudevents import Record
from shared.settings import Settings
from shared.topics import BY_NAME

PREFIX = "dlq_"


def headers_of(record: Record, *, group: str, reason: str, error: str, at: datetime) -> list[tuple[str, bytes]]:
    """The record's own headers (a null value as empty bytes, named in `dlq_null_headers`) and why it is here."""
    nulls = [name for name, value in record.headers if value is None]
    own = [(name, value or b"") for name, value in record.headers if not name.startswith(PREFIX)]
    why = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "group": group,
        "reason": reason,
        "error": error[:500],
        "at": at.isoformat(),
        "null_headers": ",".join(nulls),
    }
    return [*own, *((f"{PREFIX}{name}", text.encode()) for name, text in why.items())]


class Allowance:
    """How many dead letters a consumer may still make: `per_minute` at once, refilled evenly. `now_s` is monotonic."""

    def __init__(self, per_minute: int, now_s: float) -> None:
        self._per_minute = per_minute
        self._left = float(per_minute)
        self._at = now_s

    def spend(self, now_s: float) -> bool:
        """Take one; False when there is none left."""
        self._left = min(self._per_minute, self._left + (now_s - self._at) * self._per_minute / 60)
        self._at = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


class DeadLetters:
    """Puts records aside; returns only when the broker has them."""

    def __init__(self, settings: Settings, group: str) -> None:
        self._settings = settings
        self._group = group
        self._producer: AIOKafkaProducer | None = None

    async def put(self, record: Record, *, reason: str, error: str, at: datetime) -> None:
        """Raises KafkaError when the broker is away: the caller keeps the record and tries again."""
        if self._producer is None:
            producer = kafka.idempotent_producer(self._settings)
            await producer.start()
            self._producer = producer
        try:
            await self._producer.send_and_wait(
                kafka.topic_name(self._settings, BY_NAME[record.topic].dead_letters(self._group)),
                value=record.value,
                key=record.key,
                headers=headers_of(record, group=self._group, reason=reason, error=error, at=at),
            )
        except kafka.KafkaError:
            await self.close()  # a producer that failed keeps failing (OutOfOrderSequenceNumber); make a new one
            raise

    async def close(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()
