"""The parsing process: reads one mail, answers with one `ParsedMail`, and again. Started and ended by `pool`.

Frames on stdin and stdout, lengths as 8 bytes big-endian. In: length, raw mail. Out: length, JSON, then each file's
bytes (their lengths stand in the JSON). JSON rather than pickle: what comes out of here is not believed.
"""

from __future__ import annotations

import json
import resource
import signal
import struct
import sys
from typing import BinaryIO

from services.ingest.channels.email.parse import parse

LENGTH = struct.Struct(">Q")


def main(memory_bytes: int, cpu_s: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not break the frames
    while True:
        raw = _read(stdin)
        if raw is None:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_s, hard))
        for piece in _answer(raw):
            stdout.write(piece)
        stdout.flush()


def _answer(raw: bytes) -> list[bytes]:
    try:
        head, blobs = parse(raw).packed()
    except (MemoryError, RecursionError) as error:
        head, blobs = _failed(f"{type(error).__name__}: too large or too deeply nested"), []
    except Exception as error:  # the mail is kept whatever is wrong with it, and with us
        head, blobs = _failed(f"{type(error).__name__}: {error}"[:300]), []
    return [LENGTH.pack(len(head)), head, *blobs]


def _failed(why: str) -> bytes:
    return json.dumps({"failed": why}).encode("ascii")


def _read(stdin: BinaryIO) -> bytes | None:
    head = stdin.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    raw = stdin.read(size)
    return raw if len(raw) == size else None


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
