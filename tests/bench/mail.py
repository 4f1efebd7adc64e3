"""Mails parsed per second, sanitised and with the new text split off, beside the standard library's parser alone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from services.ingest.channels.email.parse import parse
from tests.bench.load import WORDS

SECONDS = 1.5


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


def bare(raw: bytes) -> None:
    """The standard library alone: the tree, decoded bodies, the headers that a desk needs."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    for name in ("From", "To", "Subject", "Message-ID", "References", "Date"):
        str(message[name])
    for part in message.walk():
        if not part.is_multipart():
            part.get_content()


def rate(work: Callable[[bytes], object], corpus: list[bytes]) -> float:
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        for raw in corpus:
            work(raw)
        count += len(corpus)
    return count / (time.perf_counter() - began)


def run(*, repetitions: int) -> tuple[list[float], list[float]]:
    """(reference, measured) in turns."""
    corpus = mails()
    pairs = [(rate(bare, corpus), rate(parse, corpus)) for _ in range(repetitions)]
    for floor, ours in pairs:
        print(f"  {floor:8.0f}/s bare   {ours:8.0f}/s ingest   ratio {ours / floor:.2f}", flush=True)
    return [one for one, _ in pairs], [one for _, one in pairs]
