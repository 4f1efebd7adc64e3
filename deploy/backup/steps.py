"""The steps of a back-up and of a restore, in their order. Each is one command of `python -m deploy.backup`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pymongo.errors import PyMongoError

from deploy.backup import databases, records
from deploy.backup.agree import Agreement
from deploy.backup.errors import BackupError
from deploy.backup.manifest import Manifest, fingerprint, verify
from deploy.backup.parts import SERVICES
from deploy.local.progress import Progress
from shared import clock, mongo, redis
from shared.kafka import KafkaError
from shared.mongo import Client
from shared.republish import republish
from shared.settings import Settings

REDIS_BATCH = 1000


@asynccontextmanager
async def _client(settings: Settings) -> AsyncIterator[Client]:
    client = mongo.connect(settings)
    try:
        yield client
    except PyMongoError as error:
        raise BackupError(f"MongoDB: {str(error)[:300]}") from error
    except KafkaError as error:
        raise BackupError(f"Kafka: {type(error).__name__} {str(error)[:300]}") from error
    finally:
        await client.close()


async def back_up(settings: Settings, services: tuple[str, ...], to: Path, progress: Progress) -> Manifest:
    """Write a back-up into a new folder; the services may run. Without its manifest it is none."""
    _make_folder(to)
    async with _client(settings) as client:
        since = await records.places(settings)
        taken_at, found = await databases.dump(client, settings, services, to, progress)
        told = await records.dump(settings, since, to, progress)
    secret = fingerprint(settings.secret.get_secret_value())
    manifest = Manifest(taken_at=taken_at, secret=secret, databases=found, records=told)
    manifest.write(to)
    return manifest


def _make_folder(to: Path) -> None:
    """For this user only: it will hold what customers wrote."""
    if to.exists() and any(to.iterdir()):
        raise BackupError(f"{to} is not empty; name a new folder.")
    to.mkdir(parents=True, exist_ok=True, mode=0o700)


@dataclass(frozen=True)
class Terms:
    """`replace`: drop what is there. `any_secret`: though the back-up was made under another one. `send_waiting`:
    nothing has run since the back-up, so mails that waited then were not sent since."""

    replace: bool = False
    any_secret: bool = False
    send_waiting: bool = False


async def load(settings: Settings, folder: Path, services: tuple[str, ...], progress: Progress, terms: Terms) -> None:
    """The databases of these services as they were at the back-up. Nothing is changed before all was looked at."""
    manifest = Manifest.read(folder)
    if manifest.secret != fingerprint(settings.secret.get_secret_value()) and not terms.any_secret:
        raise BackupError(
            "The back-up was made under another SWITCHBOARD_SECRET. Without it nobody can sign in, and what customers "
            "answer does not find its conversation. Set the one of then; --any-secret goes on all the same."
        )
    if missing := [one for one in services if one not in manifest.databases]:
        raise BackupError(f"{folder} has no database of {', '.join(missing)}.")
    async with _client(settings) as client:
        await _nobody_runs(settings)
        used = await databases.used(client, settings, services)
        if used and not terms.replace:
            raise BackupError(f"These databases are not empty: {', '.join(used)}. --replace drops them.")
        verify(folder, progress)
        now = clock.now()
        for service in services:
            with progress.step(f"Loading {settings.database(service)}") as step:
                await databases.load(client, settings, service, manifest, folder, now, step)
                hold = not terms.send_waiting
                await databases.mark(client, settings, service, manifest.taken_at, now, hold=hold)


async def finish(
    settings: Settings, folder: Path | None, services: tuple[str, ...], progress: Progress, *, replace: bool
) -> None:
    """Everything that is drawn from the databases: routing's view, Redis, the Kafka topics. Services may start after.

    `folder`: the back-up whose Kafka records are written back.
    """
    async with _client(settings) as client:
        await _nobody_runs(settings)
        await _topics_empty(settings, replace=replace)
        with progress.step("Letting routing forget what tickets does not know") as step:
            step.detail(f"{await Agreement(client, settings).reach():,} conversations")
        as_of = await _loaded_as_of(client, settings)
    await clear_redis(settings, progress)
    await records.make_anew(settings, progress)
    if folder:
        await records.load(settings, Manifest.read(folder).records, folder, progress)
    for service in services:
        await _tell(settings, service, as_of.get(service), progress)


async def restore(settings: Settings, folder: Path, progress: Progress, terms: Terms) -> None:
    """A whole back-up, into fresh servers or, with `replace`, in the place of what is there."""
    await _nobody_runs(settings)
    await _topics_empty(settings, replace=terms.replace)
    await load(settings, folder, SERVICES, progress, terms)
    await finish(settings, folder, SERVICES, progress, replace=terms.replace)


async def _nobody_runs(settings: Settings) -> None:
    try:
        running = await records.members(settings)
    except KafkaError as error:
        raise BackupError(f"Kafka does not answer: {type(error).__name__}.") from error
    if running:
        raise BackupError(f"Services are running; stop them first. These groups have members: {', '.join(running)}.")


async def _topics_empty(settings: Settings, *, replace: bool) -> None:
    if not replace and (used := await records.used(settings)):
        raise BackupError(f"These Kafka topics are not empty: {', '.join(used)}. --replace makes them anew.")


async def _loaded_as_of(client: Client, settings: Settings) -> dict[str, datetime]:
    found = {}
    for service in SERVICES:
        row = await mongo.database(client, settings, service).get_collection("restored").find_one()
        if row is not None:
            found[service] = row["taken_at"]
    return found


async def clear_redis(settings: Settings, progress: Progress) -> None:
    """Nothing in Redis is durable; what is left from before would be taken for newer than the databases."""
    client = redis.connect(settings)
    cleared = 0
    try:
        with progress.step("Clearing Redis") as step:
            batch: list[str] = []
            async for name in client.scan_iter(match=redis.key(settings, "*"), count=REDIS_BATCH):
                batch.append(name)
                if len(batch) == REDIS_BATCH:
                    cleared += await client.unlink(*batch)
                    batch = []
            if batch:
                cleared += await client.unlink(*batch)
            step.detail(f"{cleared:,} keys")
    finally:
        await client.aclose()


async def _tell(settings: Settings, service: str, as_of: datetime | None, progress: Progress) -> None:
    with progress.step(f"Telling Kafka what {service}'s log says") as step:
        counts = await republish(
            settings, service, as_of=as_of, say=lambda name, through, of: step.detail(f"{name} {through:,} of {of:,}")
        )
        step.detail(f"{counts.total():,} events")
