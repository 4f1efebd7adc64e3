"""Puts ingest together: the only place that reads the settings and knows every part."""

from __future__ import annotations

from typing import get_args

from services.ingest.api import activity, files, images, inputs, messenger, rejected
from services.ingest.api.parts import Parts
from services.ingest.channels.email.pool import ParserPool
from services.ingest.handlers.custom import Custom
from services.ingest.handlers.images import OUTCOMES, Images
from services.ingest.handlers.intake import Intake
from services.ingest.model.mail import MAX_RAW_BYTES
from services.ingest.settings import IngestSettings
from services.ingest.smtp import SmtpListener
from services.ingest.store import Rejected, Store, Visitors
from services.ingest.store.limits import Limits
from shared import clock, metrics, mongo, redis
from shared.access import Access
from shared.consume import Consumer
from shared.contracts.common import Channel
from shared.directory import Directory, DirectoryCopy
from shared.http import http_app
from shared.outside_http import OutsideHttp
from shared.relay import Relay
from shared.service import Part, Service
from shared.signing import Signer
from shared.watch import Watch

ABOUT = "Everything that arrives: mail, the messenger, calls and custom channels, each as one event."


def build_app(settings: IngestSettings | None = None) -> Service:
    settings = settings or IngestSettings()  # from the environment
    metrics.expect(metrics.inputs, get_args(Channel), ("accepted", "duplicate", "rejected"))
    metrics.expect(metrics.images, OUTCOMES)
    metrics.expect(metrics.refused, ["email"], ["recipient", "directory", "load", "connections", "away", "error"])
    metrics.expect(metrics.refused, ["chat"], ["rate"])
    client = mongo.connect(settings)
    database = mongo.database(client, settings, "ingest")
    memory = redis.connect(settings)
    store = Store(client, database, clock.now)
    intake = Intake(
        store=store,
        rejected=Rejected(database, store.blobs),
        visitors=Visitors(database),
        parser=ParserPool(
            workers=settings.parser_workers,
            timeout_s=settings.parser_timeout_s,
            memory_bytes=settings.parser_memory_bytes,
        ),
        directory=Directory(settings, DirectoryCopy(database)),
        signer=Signer(settings.secret.get_secret_value()),
        clock=clock.now,
        trusted_authserv_id=settings.trusted_authserv_id,
        trusted_mail_networks=settings.trusted_mail_networks,
    )
    outside = OutsideHttp(
        allowed=settings.outside_networks,
        total_s=settings.image_s,
        body_bytes=settings.image_limit_bytes,
        connections=settings.images_at_once,
        ca_file=settings.outside_ca_file,
    )
    remote = Images(outside, total_s=settings.image_s, limit_bytes=settings.image_limit_bytes)
    http = http_app(
        service="ingest",
        title="Switchboard ingest",
        about=ABOUT,
        settings=settings,
        larger={
            "/mail": MAX_RAW_BYTES,
            "/events": 16 * 1024 * 1024,
            "/activity": 16 * 1024 * 1024,
            "/attachments": settings.upload_limit_bytes + 64 * 1024,
        },
    )
    http.state.access = Access(intake.directory, clock.now)
    http.state.parts = Parts(intake, Limits(memory, settings), remote, settings)
    for part in (inputs, activity, messenger, files, images, rejected):
        http.include_router(part.router)
    return Service(
        name="ingest",
        settings=settings,
        http=http,
        parts=_parts(settings, intake, client, database),
        prepare=(store.ensure_indexes, intake.rejected.ensure_indexes),
        checks=(store.reachable,),
        closing=(client.close, memory.aclose, outside.close),
    )


def _parts(settings: IngestSettings, intake: Intake, client: mongo.Client, database: mongo.Database) -> list[Part]:
    """The relay starts before the listeners and stops after them, so that what they accept leaves at once. The
    consumer is not needed for readiness: while Kafka is away, mail is accepted without."""
    parts: list[Part] = [intake.directory, intake.parser]
    if "relay" in settings.roles:
        parts.append(Relay(settings, service="ingest", database=database, client=client))
        parts.append(Watch(settings, service="ingest", database=database))
    if "http" in settings.roles:
        parts.append(SmtpListener(settings, intake))
    if "consume" in settings.roles:
        custom = Custom(intake).on_batch
        parts.append(Consumer(settings, group="ingest.integrations", handle=custom, needed=False))
    return parts
