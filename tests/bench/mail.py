"""Mails parsed per second, sanitised and with the new text split off, beside the standard library's parser alone.

Two corpora, a row each: answers that are made here, and SpamAssassin's public mails, which the row `spam` fetches; two
references, of which the quicker one holds the bound.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage

from deploy.local.errors import LaunchError
from deploy.local.layout import Layout
from services.ingest.channels.email.parse import parse
from tests.bench import spam
from tests.bench.load import WORDS
from tests.bench.reference.mail import lenient, usual
from tests.bench.row import Row, row_of

SECONDS = 1.5
REAL = 400
"""So many of the 6,000 real ones: a turn goes through all of them."""
REFERENCES: Mapping[str, Callable[[bytes], object]] = {"usual": usual, "lenient": lenient}


def mails(count: int = 200, seed: int = 7) -> list[bytes]:
    """Answers as people send them: text and HTML, three levels of quotes, a signature, sometimes a file."""
    chance = random.Random(seed)
    found = []
    for n in range(count):
        text = " ".join(chance.choices(WORDS, k=chance.randint(30, 250)))
        quoted = "\n".join(f"{'> ' * (1 + k % 3)}{' '.join(chance.choices(WORDS, k=12))}" for k in range(25))
        mail = EmailMessage()
        mail["From"] = f"Jürgen Müller {n} <customer{n}@example.org>"
        mail["To"] = "support@paleohacks.example"
        mail["Subject"] = f"Re: Größe und Lieferung {n} – {text[:40]}"
        mail["Message-ID"] = f"<{n}@example.org>"
        mail["References"] = " ".join(f"<{n}.{k}@example.org>" for k in range(6))
        mail["Date"] = "Mon, 04 May 2026 09:00:00 +0200"
        mail.set_content(f"{text}\n\n-- \nJürgen Müller\n\nOn Mon, 4 May 2026 at 09:00, Support wrote:\n{quoted}\n")
        html = f"<p>{text}</p><blockquote>{quoted.replace(chr(10), '<br>')}</blockquote><img src='https://x.example/a.png'>"
        mail.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
        if n % 5 == 0:
            mail.add_attachment(chance.randbytes(30_000), maintype="image", subtype="jpeg", filename=f"pan {n}.jpg")
        found.append(mail.as_bytes())
    return found


def rate(work: Callable[[bytes], object], corpus: list[bytes]) -> float:
    """By the CPU's time and not the clock's: one thread works, and others may use the machine too."""
    count, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for raw in corpus:
            work(raw)
        count += len(corpus)
    return count / (time.process_time() - began)


def run(*, repetitions: int) -> list[Row]:
    """A row for each corpus that is there."""
    real = real_mails()
    if not real:
        return [_row("made here alone, no real ones", mails(), repetitions)]
    return [_row("made here", mails(), repetitions), _row("SpamAssassin's", real, repetitions)]


def real_mails(count: int = REAL, seed: int = 7) -> list[bytes]:
    """Some of SpamAssassin's, fetched when they are not there; none where nothing can be fetched."""
    try:
        archive = spam.fetched(Layout.of())
    except (LaunchError, OSError, subprocess.SubprocessError) as error:
        print(f"  no real mails: {error}", flush=True)
        return []
    return random.Random(seed).sample([raw for _, raw in spam.raws(archive)], count)


def both_read(raw: bytes) -> bool:
    """Of real mails the usual policy raises on a few; a floor that fell over would stand too low."""
    try:
        for reference in REFERENCES.values():
            reference(raw)
    except (LookupError, ValueError, TypeError, AttributeError):
        return False
    return True


def _row(name: str, found: Sequence[bytes], repetitions: int) -> Row:
    """The references and ours, in turns; the bounds are of the reference that was quicker in each turn."""
    corpus = [raw for raw in found if both_read(raw)]
    floors: dict[str, list[float]] = {one: [] for one in REFERENCES}
    ours: list[float] = []
    for _ in range(repetitions):
        for one, reference in REFERENCES.items():
            floors[one].append(rate(reference, corpus))
        ours.append(rate(parse, corpus))
        told = "   ".join(f"{rates[-1]:6.0f}/s {one} {ours[-1] / rates[-1]:.2f}" for one, rates in floors.items())
        print(f"  {name}: {ours[-1]:6.0f}/s ingest   {told}", flush=True)
    harder = [max(rates) for rates in zip(*floors.values(), strict=True)]
    beside = {f"{one}_policy": statistics.median(rates) for one, rates in floors.items()}
    beside |= {"mails": len(corpus), "left_out": len(found) - len(corpus)}
    return row_of(f"mails parsed, {name}", harder, ours, first=0.3, then=0.6, beside=beside)
