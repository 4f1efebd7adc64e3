"""Batches with header names of any bytes, as librdkafka may send them."""

from __future__ import annotations

import gzip
import struct

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from shared.records import Records

NAME = "ZQXJ"
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def batch(names: list[str], codec: int = 0, base_offset: int = 0) -> bytes:
    """A record for each name of a header."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )
    for n, name in enumerate(names):
        builder.append(n, 1_700_000_000_000, b"k%d" % n, b"v%d" % n, [("ce_id", b"%d" % n), (name, b"here")])
    built = bytearray(builder.build())
    struct.pack_into(">q", built, 0, base_offset)
    return bytes(built)


def spoil(built: bytes, name: bytes = b"\xff\xfe\xc3(") -> bytes:
    """The batch with the bytes of NAME changed, and its checksum right again."""
    changed = bytearray(built.replace(NAME.encode(), name))
    struct.pack_into(">I", changed, 17, calc_crc32c(bytes(changed[21:])))
    return bytes(changed)


def read(data: bytes) -> list[tuple[int, bytes, dict[str, bytes]]]:
    records, found = Records(data), []
    assert records.size_in_bytes() == len(data)
    while records.has_next():
        one = records.next_batch()
        assert one.validate_crc()
        found += [(record.offset, record.value, dict(record.headers)) for record in one]
    return found


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_well_formed_batches_are_read_as_before(codec: int) -> None:
    data = batch(["a", "bé"], codec) + batch(["c"], codec, base_offset=2)
    assert read(data) == [
        (0, b"v0", {"ce_id": b"0", "a": b"here"}),
        (1, b"v1", {"ce_id": b"1", "bé": b"here"}),
        (2, b"v0", {"ce_id": b"0", "c": b"here"}),
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_name_that_is_not_utf8_is_given_as_text_and_no_record_is_lost_or_repeated(place: int) -> None:
    names = ["a", "b", "c"]
    names[place] = NAME
    found = read(spoil(batch(names)) + batch(["d"], base_offset=3))
    assert [(offset, value) for offset, value, _ in found] == [(n, b"v%d" % n) for n in range(3)] + [(3, b"v0")]
    assert found[place][2] == {"ce_id": b"%d" % place, r"\xff\xfe\xc3(": b"here"}


def test_names_are_told_apart_and_can_be_written_again() -> None:
    ((_, _, headers),) = read(spoil(batch([NAME])))
    assert all(name.encode() for name in headers)


def test_compressed_batches_too() -> None:
    """As aiokafka's builder takes only text, the records are compressed here after a name was spoilt."""
    plain = spoil(batch([NAME, "b"]))
    header, body = bytearray(plain[:61]), gzip.compress(plain[61:])
    header[22] |= CODECS["gzip"]
    struct.pack_into(">i", header, 8, len(header) + len(body) - 12)
    packed = bytearray(header + body)
    struct.pack_into(">I", packed, 17, calc_crc32c(bytes(packed[21:])))
    assert [(offset, value) for offset, value, _ in read(bytes(packed))] == [(0, b"v0"), (1, b"v1")]
